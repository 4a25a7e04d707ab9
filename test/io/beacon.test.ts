/** Datagrams to all of a network: on the loopback, with real sockets. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { NetworkInterfaceInfo } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { Beacons, broadcastOf, isIn, isTunnel, networksOf } from '../../src/io/beacon.ts';
import { closeAll, later } from './net.ts';

afterEach(closeAll);

/** A UDP port that nobody has at this moment. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4').bind(0);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** What one has heard, as `text from host`, and waits for it. */
async function listening(port: number, chosen: readonly string[] = ['127.0.0.1']) {
  const heard: string[] = [];
  const failures: string[] = [];
  let look = (): void => {};
  const beacons = new Beacons(port, chosen, {
    heard: (bytes, host) => {
      heard.push(`${Buffer.from(bytes).toString()} from ${host}`);
      look();
    },
    failed: (message) => failures.push(message),
  });
  later(() => beacons.close());
  await beacons.open();
  const until = (text: string) =>
    new Promise<void>((resolve) => {
      look = () => heard.includes(text) && resolve();
      look();
    });
  return { beacons, heard, failures, until };
}

const text = (words: string) => () => Buffer.from(words);

describe('beacons', () => {
  it('are heard by all of one port, oneself among them', async () => {
    const port = await freePort();
    const [one, two, three] = [await listening(port), await listening(port), await listening(port, ['lo', 'lo0'])];
    one.beacons.send(text('hello'));
    await Promise.all([one, two, three].map(({ until }) => until('hello from 127.0.0.1')));
    two.beacons.send((host) => Buffer.from(`I am ${host}`));
    await three.until('I am 127.0.0.1 from 127.0.0.1');
  });

  it('are heard by nobody at another port, and by nobody who has closed', async () => {
    const port = await freePort();
    const [one, other, gone] = [await listening(port), await listening(await freePort()), await listening(port)];
    gone.beacons.close();
    one.beacons.send(text('hello'));
    await one.until('hello from 127.0.0.1');
    // What is said later is heard later.
    other.beacons.send(text('done'));
    await other.until('done from 127.0.0.1');
    expect([...other.heard, ...gone.heard].filter((line) => line.startsWith('hello'))).toEqual([]);
    gone.beacons.send(text('from the dead'));
  });

  it('go to the networks that are wanted', async () => {
    const { beacons, until, heard } = await listening(await freePort());
    beacons.send(text('nobody'), () => false);
    beacons.send(text('all'), ({ host }) => host === '127.0.0.1');
    await until('all from 127.0.0.1');
    expect(heard).not.toContain('nobody from 127.0.0.1');
  });

  it('tell once that the port is taken, and can still be sent', async () => {
    const taken = createSocket('udp4').bind(0, '0.0.0.0');
    await once(taken, 'listening');
    later(() => taken.close());
    const { port } = taken.address();
    const { beacons, failures } = await listening(port);
    expect(failures).toEqual([expect.stringMatching(/^UDP port \d+ is taken by another program.*--discovery-port/u)]);
    const heard = once(taken, 'message');
    beacons.send(text('hello'));
    expect(String((await heard)[0])).toBe('hello');
    expect(failures).toHaveLength(1);
  });

  it('can be closed before they are open', async () => {
    const beacons = new Beacons(await freePort(), [], { heard() {}, failed: (message) => expect.fail(message) });
    const opened = beacons.open();
    beacons.close();
    await opened;
    expect(beacons.networks).toEqual([]);
  });
});

const info = (address: string, netmask: string, family: 'IPv4' | 'IPv6' = 'IPv4'): NetworkInterfaceInfo => ({
  address,
  netmask,
  family,
  mac: '',
  internal: false,
  cidr: null,
  scopeid: 0,
});
const table = {
  lo: [info('127.0.0.1', '255.0.0.0')],
  eth0: [info('10.0.0.5', '255.255.255.0'), info('fe80::5', 'ffff::', 'IPv6'), info('192.168.1.5', '255.255.254.0')],
  tun0: [info('10.8.0.2', '255.255.255.255')],
};

describe('networks', () => {
  it('are all of IPv4, or those that are chosen by name or address', () => {
    const hosts = (chosen?: readonly string[]) => networksOf(chosen, table).map(({ host }) => host);
    expect(hosts()).toEqual(['127.0.0.1', '10.0.0.5', '192.168.1.5', '10.8.0.2']);
    expect(hosts(['eth0'])).toEqual(['10.0.0.5', '192.168.1.5']);
    expect(hosts(['192.168.1.5', 'tun0'])).toEqual(['192.168.1.5', '10.8.0.2']);
    expect(hosts(['wlan0'])).toEqual([]);
  });

  it('have an address for all, unless they have one for one only', () => {
    expect(networksOf([], table).map(broadcastOf)).toEqual([
      '127.255.255.255',
      '10.0.0.255',
      '192.168.1.255',
      undefined,
    ]);
  });

  it.each([
    ['10.0.0.77', true, false],
    ['10.0.1.77', false, false],
    ['192.168.0.9', false, true],
    ['192.168.2.9', false, false],
    ['::1', false, false],
  ])('%s is in them or not', (host, first, second) => {
    const [, wire, air, tunnel] = networksOf([], table);
    expect([isIn(host, wire!), isIn(host, air!)]).toEqual([first, second]);
    // Whoever is at the other end of a tunnel has any address.
    expect(isIn(host, tunnel!)).toBe(true);
  });

  it('are tunnels by their names', () => {
    const names = ['tun0', 'utun3', 'wg0', 'tailscale0', 'ppp0', 'eth0', 'wlan0', 'en0', 'lo', 'br-1'];
    expect(names.filter(isTunnel)).toEqual(['tun0', 'utun3', 'wg0', 'tailscale0', 'ppp0']);
  });
});
