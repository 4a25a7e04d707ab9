/** A visit to those who are no room, or none that lets anybody in: it ends, and says why. */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serverSays } from '../src/core/message.ts';
import { Keyring } from '../src/io/keyring.ts';
import { visit } from '../src/visit.ts';

/** Whoever dials it is met so. @returns its address */
async function listening(meet: (socket: Socket, address: string) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    onTestFinished(() => void socket.destroy());
    meet(socket, address);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return address;
}

/** Why a visitor stays outside. */
async function outside(...to: readonly string[]): Promise<string> {
  const visitor = { to: to.map((address) => [address]), addresses: [], keyring: Keyring.plain() };
  const never = new Promise<string>(() => {});
  const visited = await visit(visitor, never, { entryMs: 300 });
  return visited.kind === 'outside' ? `${visited.why}: ${visited.message}` : 'inside';
}

/** Writes as long as it is read. */
function pour(socket: Socket, bytes: Uint8Array): void {
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', more);
  more();
}

describe('a visitor', () => {
  it.each<[string, (socket: Socket, address: string) => void, RegExp]>([
    ['silence', () => {}, /^unreachable: \S+ hung up, or does not say/u],
    ['one who hangs up', (socket) => socket.end(), /^unreachable: \S+ hung up/u],
    ['pings without end', (socket) => pour(socket, serverSays.ping()), /^unreachable: \S+ hung up, or does not say/u],
    ['junk without end', (socket) => pour(socket, Buffer.alloc(1 << 16, 'x')), /^version: \S+ is no groupchat/u],
    ['nothing that can be a message', (socket) => socket.write('\0'.repeat(99)), /^version: \S+ is no groupchat/u],
    [
      'one who looks for a room',
      (socket) => socket.end(serverSays.electing(1)),
      /^refused: \S+ lets nobody in: it looks/u,
    ],
    ['a circle', (socket, own) => socket.end(serverSays.coordinator([own])), /^refused: \S+ sends on and on/u],
    [
      'a refusal',
      (socket) => socket.end(serverSays.refused({ code: 'room-full', message: '' })),
      /^refused: \S+ refuses: the room is full/u,
    ],
  ])('does not stay with %s', async (_, meet, words) => expect(await outside(await listening(meet))).toMatch(words));

  it('tells of one who answers, before those who do not', async () => {
    const full = await listening((socket) => socket.end(serverSays.refused({ code: 'room-full', message: '' })));
    const [silent, gone] = [await listening(() => {}), await listening((socket) => socket.end())];
    expect(await outside(silent, gone, full)).toMatch(/^refused: /u);
    expect(await outside(silent, gone)).toMatch(/^unreachable: .*; /u);
  });
});
