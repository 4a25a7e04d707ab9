/** Ports of 127.0.0.1. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { sleep } from './time.ts';

/** How often a port is tried until somebody listens, ms. */
const retryMs = 20;

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}

/** Resolves when somebody listens at the port, or `givenUp` says so. @returns whether somebody listens */
export async function opened(port: number, givenUp: () => boolean): Promise<boolean> {
  while (!givenUp()) {
    if (await answers(port)) return true;
    await sleep(retryMs);
  }
  return false;
}
