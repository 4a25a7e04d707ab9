import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultPort, type Address } from '../../src/core/address.ts';
import { ChatError } from '../../src/core/errors.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { Server } from '../../src/io/server.ts';
import { dial } from '../../src/io/client.ts';
import { Host, opened, privately, refusal } from './host.ts';
import { closeAll, hasIPv6, later, listening, rest } from './net.ts';

afterEach(closeAll);

async function listen(address: Address | undefined, accept: (socket: Socket) => void = () => {}): Promise<Address> {
  const server = new Server(Keyring.plain(), { accept, turnedAway() {}, isKnown: () => false });
  const bound = await server.listen(address);
  later(() => server.close());
  return bound;
}

/** What a person is told. */
async function fault(address: Address): Promise<unknown> {
  try {
    return await listen(address);
  } catch (error) {
    expect(error).toBeInstanceOf(ChatError);
    const { code, message } = error as ChatError;
    return `${code}: ${message}`;
  }
}

describe('listen at an address', () => {
  it('says where it listens, and accepts whoever dials', async () => {
    const accepted: Socket[] = [];
    const bound = await listen({ host: '127.0.0.1', port: 0 }, (socket) => accepted.push(socket));
    expect(bound.host).toBe('127.0.0.1');
    expect(bound.port).toBeGreaterThan(0);
    const socket = connect(bound);
    await once(socket, 'connect');
    const second = connect(bound);
    await once(second, 'connect');
    for (const one of [socket, second]) {
      one.end();
      await once(one.resume(), 'close');
    }
    expect(accepted).toHaveLength(2);
  });

  it.runIf(hasIPv6)('takes IPv6', async () => {
    expect(await listen({ host: '::1', port: 0 })).toMatchObject({ host: '::1' });
  });

  it('says what to type when the port is taken: the next one that is free', async () => {
    const { port } = await listening();
    for (let next = port + 1; next < port + 4; next++) await listening('127.0.0.1', next).catch(() => {});
    const told = String(await fault({ host: '127.0.0.1', port }));
    const [, free = ''] =
      /^listen: port \d+ is taken: choose another, as in --listen 127\.0\.0\.1:(\d+)$/u.exec(told) ?? [];
    expect(Number(free)).toBeGreaterThan(port + 3);
    expect(await listen({ host: '127.0.0.1', port: Number(free) })).toEqual({ host: '127.0.0.1', port: Number(free) });
  });

  it.runIf(hasIPv6)('writes IPv6 as it must be typed', async () => {
    const { port } = await listening('::1');
    expect(await fault({ host: '::1', port })).toMatch(/--listen \[::1\]:\d+$/u);
  });

  it('offers any port where none of those behind it is free', async () => {
    await listening('127.0.0.1', 65_535).catch(() => {});
    expect(await fault({ host: '127.0.0.1', port: 65_535 })).toBe(
      'listen: port 65535 is taken: choose another, as in --listen 127.0.0.1:0',
    );
  });

  it('says what to type when the address is not of this machine', async () => {
    // An address that is reserved for documentation.
    expect(await fault({ host: '192.0.2.1', port: 6000 })).toBe(
      'listen: 192.0.2.1 is not an address of this machine: try --listen 0.0.0.0:6000',
    );
  });

  it('can be tried again elsewhere', async () => {
    const { port } = await listening();
    const server = new Server(Keyring.plain(), { accept() {}, turnedAway() {}, isKnown: () => false });
    await expect(server.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'listen' });
    later(() => server.close());
    expect(await server.listen({ host: '127.0.0.1', port: 0 })).toMatchObject({ host: '127.0.0.1' });
  });
});

describe('listen without an address', () => {
  /** Takes the first port from 6000 on that is free at a host. */
  async function occupy(host: string): Promise<number> {
    for (let port = defaultPort; ; port++) {
      try {
        await listening(host, port);
        return port;
      } catch {
        // Somebody else has it.
      }
    }
  }

  it('takes a port from 6000 on, on all interfaces', async () => {
    const { host, port } = await listen(undefined);
    expect(['::', '0.0.0.0']).toContain(host);
    expect(port).toBeGreaterThanOrEqual(defaultPort);
    expect(port).toBeLessThanOrEqual(defaultPort + 100);
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    socket.destroy();
  });

  it.each(['127.0.0.1', ...(hasIPv6 ? ['::'] : [])])('goes on to the next when one is taken at %s', async (host) => {
    const taken = await occupy(host);
    const { port } = await listen(undefined);
    expect(port).not.toBe(taken);
    expect(port).toBeGreaterThanOrEqual(defaultPort);
    expect(port).toBeLessThanOrEqual(defaultPort + 100);
  });

  it('gives each of several peers a port of its own', async () => {
    const ports: number[] = [];
    for (let at = 0; at < 4; at++) ports.push((await listen(undefined)).port);
    expect(new Set(ports).size).toBe(4);
    expect(Math.max(...ports)).toBeLessThanOrEqual(defaultPort + 100);
  });
});

/** What one that does not encrypt is told. */
const told = Buffer.from(
  serverSays.refused({
    code: 'encrypted',
    message: 'this room is encrypted: leave out --plain, or use the same version of groupchat',
  }),
).toString('latin1');
const otherKey =
  'has another key, or none: ask a member for the invite that /invite shows there, or leave the key out if that room is open';

describe('a server whose links are encrypted', () => {
  it('tells one that waits to be greeted why it is not', async () => {
    const host = await Host.start(Keyring.open(), { firstByteMs: 10 });
    const dialled = await opened(host.at, Keyring.plain());
    expect(await rest(dialled.socket)).toBe(told);
    expect(await host.turnedAway()).toEqual(['plain 1']);
    expect(host.accepted).toEqual([]);
  });

  it('takes nobody for one that does not encrypt who was stopped when it had dialled, or died then', async () => {
    const host = await Host.start(Keyring.open(), { firstByteMs: 10 });
    const woken = await host.knock();
    const heard = rest(woken);
    woken.once('data', () => woken.end(Buffer.of(0x16, 3, 1)));
    expect(await heard).toBe(told);
    const dead = await host.knock();
    await once(dead, 'readable');
    dead.resetAndDestroy();
    // Whatever came of those two has been heard before this one is let in.
    await opened(host.at, Keyring.open());
    expect(host.turned).toEqual([]);
  });

  it.each([
    ['a peer that speaks first', clientSays.leave('0123456789'), ['plain 1']],
    ['a browser', Buffer.from('GET / HTTP/1.1\r\n\r\n'), []],
    ['a byte', Buffer.from([0]), []],
    ['a megabyte of junk', Buffer.alloc(1 << 20, 0xa5), []],
  ])('tells %s the same, and the person here only what matters', async (_, bytes, turned) => {
    const host = await Host.start(Keyring.open());
    const socket = await host.knock();
    const heard = rest(socket);
    socket.write(bytes);
    expect(await heard).toBe(told);
    expect(host.turned).toEqual(turned);
    expect(host.accepted).toEqual([]);
  });

  it('tells the person here once a minute', async () => {
    const host = await Host.start(privately(1));
    for (const at of [2, 3, 4]) expect(await refusal(host.at, privately(at))).toBe(otherKey);
    expect(host.turned).toEqual(['key 1']);
  });

  it.each([
    ['is silent after half a greeting', 5],
    ['sends nothing that ends', 0x400],
  ])('gives one that %s no longer than a handshake may take', async (_, length) => {
    const host = await Host.start(Keyring.open(), { handshakeMs: 50 });
    const socket = await host.knock();
    const ended = rest(socket);
    socket.write(Buffer.from([0x16, 3, 1, length >> 8, length & 0xff]));
    if (length > 5) drip(socket);
    expect(await ended).toBe('');
    expect(host.accepted).toEqual([]);
  });

  it('stays as it is, whatever comes', async () => {
    const host = await Host.start(privately(1));
    const hello = Buffer.from([0x16, 3, 1, 1, 0, 1, 0, 0, 0xfc, 3, 3]);
    const attacks: ((socket: Socket) => unknown)[] = [
      (socket) => socket.destroy(),
      (socket) => socket.end(),
      (socket) => socket.resetAndDestroy(),
      (socket) => socket.write(hello, () => socket.resetAndDestroy()),
      (socket) => socket.end(hello),
      (socket) => socket.end(Buffer.concat([hello, Buffer.alloc(1 << 20, 0x16)])),
      (socket) => socket.end(Buffer.alloc(1 << 20, 0x16)),
      (socket) => socket.write(Buffer.from([0x16]), () => socket.resetAndDestroy()),
      (socket) => socket.end(Buffer.from([0x16, 3, 1, 0, 0])),
      (socket) => socket.write(Buffer.alloc(1 << 20, 0x20), () => socket.resetAndDestroy()),
    ];
    for (const attack of attacks) {
      const socket = await host.knock();
      const ended = rest(socket);
      attack(socket);
      await ended;
    }
    expect(host.accepted).toEqual([]);
    await opened(host.at, privately(1));
    await host.link();
  });

  it('gives a link all the time there is once it is made', async () => {
    const host = await Host.start(Keyring.open(), { handshakeMs: 100 });
    await opened(host.at, Keyring.open());
    const { socket } = await host.link();
    // One that came later has had its time.
    const last = await host.knock();
    last.write(Buffer.from([0x16]));
    expect(await rest(last)).toBe('');
    expect(socket.destroyed).toBe(false);
  });

  it('lets go of those who are at the door when it closes', async () => {
    const host = await Host.start(Keyring.open());
    const sockets = await Promise.all([host.knock(), host.knock()]);
    // Whoever gets in after them was accepted after them.
    await opened(host.at, Keyring.open());
    const far = await host.link();
    const ended = sockets.map((socket) => rest(socket));
    host.close();
    expect(await Promise.all(ended)).toEqual(['', '']);
    expect(far.socket.destroyed).toBe(false);
  });
});

describe('the gate of a server', () => {
  const hungUp = 'hung up at once';

  it('lets nobody begin who has no handshake left', async () => {
    const host = await Host.start(Keyring.open(), { gate: { addressHandshakesBurst: 2, addressHandshakesPerS: 0 } });
    await opened(host.at, Keyring.open());
    await opened(host.at, Keyring.open());
    expect(await refusal(host.at, Keyring.open())).toBe(hungUp);
  });

  it('has those who fail pay more', async () => {
    const host = await Host.start(privately(1), { gate: { addressHandshakesBurst: 5, addressHandshakesPerS: 0 } });
    expect(await refusal(host.at, privately(2))).toBe(otherKey);
    await opened(host.at, privately(1));
    expect(await refusal(host.at, privately(1))).toBe(hungUp);
  });

  it('counts links until they close, by whichever side', async () => {
    const host = await Host.start(Keyring.open(), { gate: { addressLinksMax: 2 } });
    const first = await opened(host.at, Keyring.open());
    const far = await host.link(0);
    const second = await opened(host.at, Keyring.open());
    expect(await refusal(host.at, Keyring.open())).toBe(hungUp);
    const gone = rest(far.socket);
    first.socket.destroy();
    await gone;
    await opened(host.at, Keyring.open());
    expect(await refusal(host.at, Keyring.open())).toBe(hungUp);
    const ended = rest(second.socket);
    (await host.link(1)).socket.destroy();
    await ended;
    await opened(host.at, Keyring.open());
  });

  it('counts no link as one that failed when it closes', async () => {
    const host = await Host.start(Keyring.open(), { gate: { addressHandshakesBurst: 4, addressHandshakesPerS: 0 } });
    for (let at = 0; at < 4; at++) {
      const { socket } = await opened(host.at, Keyring.open());
      const far = await host.link(at);
      if (at === 0) continue; // one stays
      const gone = rest(far.socket);
      socket.destroy();
      await gone;
    }
    expect(await refusal(host.at, Keyring.open())).toBe(hungUp);
  });

  it('takes nothing of those who only connect', async () => {
    const host = await Host.start(Keyring.open(), { gate: { handshakesBurst: 1, handshakesPerS: 0 } });
    for (let at = 0; at < 20; at++) (await host.knock()).resetAndDestroy();
    await opened(host.at, Keyring.open());
    expect(await refusal(host.at, Keyring.open())).toBe(hungUp);
  });

  it('takes nothing of all for one that has another key', async () => {
    const host = await Host.start(privately(1), { gate: { handshakesBurst: 1, handshakesPerS: 0 } });
    for (let at = 0; at < 5; at++) expect(await refusal(host.at, privately(2))).toBe(otherKey);
    await opened(host.at, privately(1));
  });

  it('lets in whoever has the address of a member, though strangers have taken all', async () => {
    const gate = { handshakesBurst: 1, handshakesPerS: 0, handshakesReserved: 1 };
    const host = await Host.start(Keyring.open(), { gate });
    await opened(host.at, Keyring.open());
    expect(await refusal(host.at, Keyring.open())).toBe(hungUp);
    host.known.add('127.0.0.1');
    await opened(host.at, Keyring.open());
    expect(await refusal(host.at, Keyring.open())).toBe(hungUp);
  });

  it('reads a hello that comes byte by byte', async () => {
    const host = await Host.start(privately(1));
    const { server, port } = await listening();
    const met = once(server, 'connection');
    const dialling = dial([`127.0.0.1:${port}`], privately(1));
    const [near] = (await met) as [Socket];
    const far = await host.knock();
    const [hello] = (await once(near, 'data')) as [Buffer];
    for (const byte of hello) {
      await new Promise((resolve) => void far.write(Buffer.of(byte), resolve));
      await new Promise(setImmediate);
    }
    near.pipe(far).pipe(near);
    const dialled = await dialling.done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    later(() => dialled.socket.destroy());
    expect((await host.link()).channel).toBe(dialled.channel);
  });

  it.runIf(process.platform === 'linux')('cuts one of the address that has most, and no newcomer', async () => {
    const host = await Host.start(Keyring.open(), { gate: { silentMax: 4 } });
    const newcomer = await host.knock();
    const many: Socket[] = [];
    for (let at = 0; at < 3; at++) many.push(await host.knock('127.0.0.2'));
    const ended = rest(many[0] as Socket);
    many.push(await host.knock('127.0.0.2'), await host.knock('127.0.0.3'));
    await ended;
    await opened(host.at, Keyring.open());
    expect(newcomer.destroyed).toBe(false);
  });

  it('is not there where links are plain', async () => {
    const host = await Host.start(Keyring.plain(), { gate: { addressHandshakesBurst: 0, handshakesBurst: 0 } });
    const dialled = await dial([host.at], Keyring.plain()).done;
    expect(dialled).toMatchObject({ channel: '' });
    expect(await host.link()).toMatchObject({ channel: '', former: false });
    if ('socket' in dialled) dialled.socket.destroy();
  });
});

/** Sends a byte, and then another, until it is cut. */
function drip(socket: Socket): void {
  if (socket.destroyed) return;
  socket.write(Buffer.from([1]), () => setTimeout(() => drip(socket), 1));
}
