/** Strangers: whoever dials a peer's port, and says what it likes. */
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach } from 'vitest';

const open = new Set<Socket | Server>();

export interface Stranger {
  /** Resolves when this has been said to it. */
  hears(words: string): Promise<string>;
  /** Resolves with all that was said to it, when it has been hung up on. */
  readonly gone: Promise<string>;
  says(bytes: string | Uint8Array): void;
}

/** Dials the port of 127.0.0.1. */
export async function stranger(port: number): Promise<Stranger> {
  const socket = connect(port, '127.0.0.1');
  open.add(socket);
  let heard = '';
  socket.setEncoding('utf8').on('data', (text) => (heard += String(text)));
  socket.on('error', () => {}); // a reset is an end as good as any
  const gone = new Promise<string>((resolve) => void socket.once('close', () => resolve(heard)));
  await once(socket, 'connect');
  return {
    gone,
    says: (bytes) => void socket.write(bytes),
    hears: (words) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (heard.includes(words)) resolve(heard);
        };
        socket.on('data', look);
        void gone.then(() => reject(new Error(`it was told only: ${heard}`)));
        look();
      }),
  };
}

/** Something else than a groupchat, that listens. @returns its port */
export async function listening(server: Server): Promise<number> {
  open.add(server);
  server.on('connection', (socket: Socket) => {
    open.add(socket);
    socket.on('error', () => {});
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** A server that does this with whoever dials it. */
export function serving(serve: (socket: Socket) => void): Promise<number> {
  return listening(createServer(serve));
}

afterEach(() => {
  for (const one of open) {
    if ('destroy' in one) one.destroy();
    else one.close();
  }
  open.clear();
});
