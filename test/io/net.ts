/** Sockets on the loopback for the tests of the hands. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';

export const hasIPv6 = Object.values(networkInterfaces()).some((infos) =>
  infos?.some(({ address }) => address === '::1'),
);

/** What a test has opened. */
const open = new Set<{ end(): void }>();

export function later(end: () => void): void {
  open.add({ end });
}

/** Lets go of all that. */
export function closeAll(): void {
  for (const one of open) one.end();
  open.clear();
}

/** A plain server on a port of its own, or on the one given. */
export async function listening(host = '127.0.0.1', port = 0): Promise<{ server: Server; port: number }> {
  const server = createServer();
  server.on('connection', (socket) => {
    later(() => socket.destroy());
    socket.on('error', () => {});
  });
  server.listen({ host, port });
  await once(server, 'listening');
  later(() => server.close());
  return { server, port: (server.address() as AddressInfo).port };
}

/** What comes at a socket until its end, however it ends. */
export function rest(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (bytes) => (text += bytes.toString('latin1')));
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.once('close', () => resolve(text));
  });
}

/** Two ends of one connection: the near one has dialled, the far one was accepted. */
export async function pair(host = '127.0.0.1'): Promise<{ near: Socket; far: Socket }> {
  const { server, port } = await listening(host);
  const near = connect({ host: '127.0.0.1', port });
  later(() => near.destroy());
  near.on('error', () => {});
  const [far] = (await once(server, 'connection')) as [Socket];
  if (near.connecting) await once(near, 'connect');
  return { near, far };
}
