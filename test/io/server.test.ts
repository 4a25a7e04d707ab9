import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { defaultPort, type Address } from '../../src/core/address.ts';
import { ChatError } from '../../src/core/errors.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { Server } from '../../src/io/server.ts';
import { closeAll, hasIPv6, later, listening } from './net.ts';

afterEach(closeAll);

async function listen(address: Address | undefined, accept: (socket: Socket) => void = () => {}): Promise<Address> {
  const server = new Server(Keyring.plain(), { accept, turnedAway() {} });
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

  it('says what to type when the port is taken', async () => {
    const { port } = await listening();
    expect(await fault({ host: '127.0.0.1', port })).toBe(
      `listen: port ${port} is taken: choose another, as in --listen 127.0.0.1:${port + 1}`,
    );
  });

  it.runIf(hasIPv6)('writes IPv6 as it must be typed', async () => {
    const { port } = await listening('::1');
    expect(await fault({ host: '::1', port })).toContain(`--listen [::1]:${port + 1}`);
  });

  it('says what to type when the address is not of this machine', async () => {
    // An address that is reserved for documentation.
    expect(await fault({ host: '192.0.2.1', port: 6000 })).toBe(
      'listen: 192.0.2.1 is not an address of this machine: try --listen 0.0.0.0:6000',
    );
  });

  it('can be tried again elsewhere', async () => {
    const { port } = await listening();
    const server = new Server(Keyring.plain(), { accept() {}, turnedAway() {} });
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
