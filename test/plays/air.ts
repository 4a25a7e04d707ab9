/** A network of its own for those who are to find each other: a UDP port of the loopback. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';
import { Beacons } from '../../src/io/beacon.ts';
import { Actor, at, dist, freePort } from './stage.ts';

export type Air = Readonly<
  Record<'GROUPCHAT_INTERFACE' | 'GROUPCHAT_DISCOVERY_PORT' | 'GROUPCHAT_NO_DISCOVERY', string>
>;

const loopback = '127.0.0.1';

/** A UDP port that nobody has; below 32768, where the system gives none to others. */
async function freeAir(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const socket = createSocket('udp4');
    const free = once(socket, 'listening').then(
      () => true,
      () => false,
    );
    socket.bind(port);
    const found = await free;
    socket.close();
    if (found) return port;
  }
}

/** Variables of those who hear each other and nobody else. */
export async function air(): Promise<Air> {
  // An empty variable counts as none.
  return {
    GROUPCHAT_INTERFACE: loopback,
    GROUPCHAT_DISCOVERY_PORT: String(await freeAir()),
    GROUPCHAT_NO_DISCOVERY: '',
  };
}

/** A process that finds others by itself, at a port of its own. */
export async function comes(name: string, on: Air, ...more: readonly string[]): Promise<Actor> {
  return new Actor(name, [`${dist}/cli.js`, '--name', name, '--listen', at(await freePort()), ...more], { ...on });
}

/** Something that speaks on that network: what it is given it sends to all. */
export async function speaker(on: Air): Promise<(bytes: Uint8Array) => void> {
  const beacons = new Beacons(Number(on.GROUPCHAT_DISCOVERY_PORT), [loopback], { heard() {}, failed() {} });
  onTestFinished(() => beacons.close());
  await beacons.open();
  return (bytes) => beacons.send(() => bytes);
}

interface Side {
  readonly port: number;
  readonly ear: Socket;
  readonly mouth: Socket;
}

async function sideOf(on: Air): Promise<Side> {
  const port = Number(on.GROUPCHAT_DISCOVERY_PORT);
  const [ear, mouth] = [createSocket({ type: 'udp4', reuseAddr: true }), createSocket('udp4')];
  onTestFinished(() => {
    ear.close();
    mouth.close();
  });
  await Promise.all([once(ear.bind(port, '0.0.0.0'), 'listening'), once(mouth.bind(0, loopback), 'listening')]);
  mouth.setBroadcast(true);
  return { port, ear, mouth };
}

/** From now on whoever is on one of two networks hears those on the other. */
export async function bridge(one: Air, other: Air): Promise<void> {
  const [here, there] = await Promise.all([sideOf(one), sideOf(other)]);
  const mine = new Set([here, there].map(({ mouth }) => mouth.address().port));
  for (const [from, to] of [
    [here, there],
    [there, here],
  ] as const) {
    from.ear.on('message', (bytes, { port }) => {
      if (!mine.has(port)) to.mouth.send(bytes, to.port, '127.255.255.255');
    });
  }
}
