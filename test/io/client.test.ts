import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { dial, type Dialled } from '../../src/io/client.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { Host, privately } from './host.ts';
import { closeAll, later, listening } from './net.ts';

afterEach(closeAll);

const plain = Keyring.plain();

/** Nobody listens on port 1. */
const refusing = '127.0.0.1:1';
const refusal = { refused: true, message: 'refuses: nobody listens there' };

/** The port that a dial has led to, or what became of it. */
async function outcome(addresses: readonly string[]): Promise<number | Exclude<Dialled, { socket: Socket }>> {
  const dialled = await dial(addresses, plain).done;
  if (!('socket' in dialled)) return dialled;
  later(() => dialled.socket.destroy());
  return dialled.socket.remotePort ?? 0;
}

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('dial', () => {
  it('opens a socket that carries bytes both ways at once', async () => {
    const { server, port } = await listening();
    server.on('connection', (socket: Socket) => socket.pipe(socket));
    const dialled = await dial([`127.0.0.1:${port}`], plain).done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    later(() => dialled.socket.destroy());
    dialled.socket.write('hello');
    expect(String((await once(dialled.socket, 'data'))[0])).toBe('hello');
  });

  it('says that nobody listens', async () => {
    expect(await outcome([refusing])).toEqual(refusal);
  });

  it.each([
    ['all addresses refuse', ['127.0.0.1:1', '127.0.0.1:2', '[::1]:1', '127.0.0.1:3']],
    ['a name stands for several addresses', ['localhost:1']],
  ])('says it when %s', async (_, addresses) => {
    expect(await outcome(addresses)).toEqual(refusal);
  });

  it('knows nothing without an address', async () => {
    expect(await outcome([])).toEqual({ refused: false, message: 'has no address' });
  });

  it('knows nothing of what cannot be reached, and a refusal outweighs that', async () => {
    // Nobody connects to the broadcast address; no packet leaves the machine.
    const nowhere = '255.255.255.255:1';
    expect(await outcome([nowhere])).toMatchObject({ refused: false });
    expect(await outcome([nowhere, refusing])).toEqual(refusal);
    expect(await outcome([refusing, nowhere])).toEqual(refusal);
  });

  it('takes the first of several that opens', async () => {
    const [{ port }, { port: other }] = [await listening(), await listening()];
    expect(await outcome([`127.0.0.1:${port}`, `127.0.0.1:${other}`])).toBe(port);
    expect(await outcome([`127.0.0.1:${other}`, `127.0.0.1:${port}`])).toBe(other);
  });

  it('goes on to the next at once when one refuses', async () => {
    const { port } = await listening();
    expect(await outcome([refusing, '[::1]:1', '127.0.0.1:2', `127.0.0.1:${port}`])).toBe(port);
  });

  it('lets go of everything when one has opened', async () => {
    const before = timers();
    const [{ port }, second] = [await listening(), await listening()];
    let accepted = 0;
    second.server.on('connection', () => accepted++);
    expect(await outcome([`127.0.0.1:${port}`, `127.0.0.1:${second.port}`])).toBe(port);
    expect(timers()).toBe(before); // nothing is left that would dial the second
    expect(accepted).toBe(0);
  });
});

describe('a dial that is cancelled', () => {
  it('never settles, and hangs up', async () => {
    const { server, port } = await listening();
    const accepted = new Map<number, Socket>();
    server.on('connection', (socket: Socket) => accepted.set(socket.resume().remotePort ?? 0, socket));
    const before = timers();
    const cancelled = dial([`127.0.0.1:${port}`, refusing], plain);
    let settled = false;
    void cancelled.done.then(() => (settled = true));
    cancelled.cancel();
    expect(timers()).toBe(before);
    // Whoever dials after it is accepted after it, if it was accepted at all.
    const dialled = await dial([`127.0.0.1:${port}`], plain).done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    later(() => dialled.socket.destroy());
    const { localPort = 0 } = dialled.socket;
    while (!accepted.has(localPort)) await once(server, 'connection');
    accepted.delete(localPort);
    for (const socket of accepted.values()) if (!socket.destroyed) await once(socket, 'close');
    expect(settled).toBe(false);
  });

  it('may be cancelled twice, and when it is done', async () => {
    const { port } = await listening();
    const dialling = dial([`127.0.0.1:${port}`], plain);
    const dialled = await dialling.done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    later(() => dialled.socket.destroy());
    dialling.cancel();
    dialling.cancel();
    expect(dialled.socket.destroyed).toBe(false); // it belongs to whoever was given it
  });
});

describe('a dial that encrypts', () => {
  /** Takes whoever comes, and says nothing. */
  async function silent(): Promise<{ at: string; met: Promise<Socket> }> {
    const { server, port } = await listening();
    const met = once(server, 'connection').then(([socket]) => (socket as Socket).resume());
    return { at: `127.0.0.1:${port}`, met };
  }
  const otherKey =
    'has another key, or none: ask a member for the invite that /invite shows there, or leave the key out if that room is open';

  it('is held up by nobody who only takes it', async () => {
    const [host, { at, met }] = [await Host.start(privately(1)), await silent()];
    const dialled = await dial([at, host.at], privately(1)).done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    later(() => dialled.socket.destroy());
    expect(dialled.socket.remotePort).toBe(host.address.port);
    expect((await host.link()).channel).toBe(dialled.channel);
    const beaten = await met;
    if (!beaten.closed) await once(beaten, 'close');
  });

  it('goes on at once when one has another key', async () => {
    const [other, host] = [await Host.start(privately(2)), await Host.start(privately(1))];
    const dialled = await dial([other.at, host.at], privately(1)).done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    later(() => dialled.socket.destroy());
    expect(dialled.socket.remotePort).toBe(host.address.port);
  });

  it('says so when all have', async () => {
    const hosts = [await Host.start(privately(2)), await Host.start(privately(3))];
    const addresses = hosts.map(({ at }) => at);
    expect(await dial(addresses, privately(1)).done).toEqual({ refused: true, otherKey: true, message: otherKey });
  });

  it('awaits a handshake that has begun, though others refuse', async () => {
    const { server, port } = await listening();
    const host = await Host.start(privately(1));
    const dialling = dial([refusing, `127.0.0.1:${port}`, '127.0.0.1:2'], privately(1));
    const [near] = (await once(server, 'connection')) as [Socket];
    const far = await host.knock();
    // Longer than a refusal needs to stand.
    setTimeout(() => near.pipe(far).pipe(near), 150);
    const dialled = await dialling.done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    later(() => dialled.socket.destroy());
    expect(dialled.socket.remotePort).toBe(port);
  });

  it('says that somebody is there who hung up, though others refuse', async () => {
    const { at, met } = await silent();
    const dialling = dial([refusing, at], privately(1));
    (await met).destroy();
    expect(await dialling.done).toEqual({ refused: false, hungUp: true, message: 'hung up at once' });
  });

  it.each([
    ['closes', (socket: Socket) => void socket.end()],
    ['resets', (socket: Socket) => void socket.resetAndDestroy()],
  ])('knows nothing of one that %s before a byte', async (_, ends) => {
    const { at, met } = await silent();
    const dialling = dial([at], privately(1));
    ends(await met);
    expect(await dialling.done).toEqual({ refused: false, hungUp: true, message: 'hung up at once' });
  });

  it('never settles when it is cancelled in the middle of a handshake, and hangs up', async () => {
    const { at, met } = await silent();
    const before = timers();
    const cancelled = dial([at, refusing], privately(1));
    let settled = false;
    void cancelled.done.then(() => (settled = true));
    const socket = await met;
    await once(socket, 'data');
    cancelled.cancel();
    if (!socket.closed) await once(socket, 'close');
    expect(timers()).toBe(before);
    expect(settled).toBe(false);
  });
});
