import { once } from 'node:events';
import * as fc from 'fast-check';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { readHello } from '../../src/io/hello.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { begin } from '../../src/io/secure.ts';
import { connect as secure } from 'node:tls';
import { privately } from './host.ts';
import { closeAll, later, listening } from './net.ts';

afterEach(closeAll);

/** What somebody says first who begins a handshake. */
async function helloOf(begins: (socket: Socket) => void): Promise<Buffer> {
  const { server, port } = await listening();
  const met = once(server, 'connection');
  const socket = connect({ host: '127.0.0.1', port });
  later(() => socket.destroy());
  socket.once('connect', () => begins(socket));
  const [far] = (await met) as [Socket];
  const [bytes] = (await once(far, 'data')) as [Buffer];
  return bytes;
}

const ours = (keyring: Keyring): Promise<Buffer> =>
  helloOf((socket) => begin(socket, keyring, { done() {}, failed() {} }));

const none = { identity: undefined };

describe('a hello', () => {
  it('shows the tag of its key, and nothing before it is whole', async () => {
    const hello = await ours(privately(1));
    const read = readHello(hello);
    if (read === 'partial') throw new Error('that is all of it');
    expect(privately(1).recognise(read.identity ?? '')).toMatchObject({ psk: expect.any(Buffer) as Buffer });
    expect(privately(2).recognise(read.identity ?? '')).toBe('unknown');
    for (let end = 1; end < hello.length; end++) expect(readHello(hello.subarray(0, end))).toBe('partial');
    expect(readHello(Buffer.concat([hello, Buffer.alloc(100, 0x17)]))).toEqual(read);
    expect(hello.length).toBeLessThan(limits.helloBytesMax / 4);
  });

  it('of a browser shows none', async () => {
    const hello = await helloOf((socket) => secure({ socket, servername: 'example.org' }).on('error', () => {}));
    expect(readHello(hello)).toEqual(none);
  });

  it.each([
    ['nothing', ''],
    ['words', '434f4e4e'],
    ['another record', '17'],
    ['another version', '1604'],
    ['another message', '160301010002'],
    ['a promise of too much', '1603011000'],
    ['a record without a message', '1603010000'],
    ['a message that is cut short', '1603010004010000ff'],
    ['a message without anything', '160301000401000000'],
  ])('is not %s', (_, hex) => {
    expect(readHello(Buffer.from(hex, 'hex'))).toEqual(none);
  });

  it('is read whatever it says, and however it is cut', async () => {
    const hello = await ours(Keyring.open());
    const change = fc.record({ at: fc.nat(hello.length - 1), byte: fc.nat(255) });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(hello.length), (changes, end) => {
        const bytes = Buffer.from(hello.subarray(0, end));
        for (const { at, byte } of changes) if (at < end) bytes[at] = byte;
        const read = readHello(bytes);
        if (read !== 'partial') expect(read.identity?.length ?? 0).toBeLessThan(hello.length);
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void readHello(Buffer.from(bytes))));
  });
});
