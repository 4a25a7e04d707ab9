/**
 * The server: accepts whoever dials this peer. What it says to them is decided at the core's door.
 */
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { defaultPort, formatAddress, type Address } from '../core/address.ts';
import { ChatError } from '../core/errors.ts';

/** How many ports after the default one are tried when it is taken. */
const portsTried = 100;
/** Connections the kernel holds for us: a room of survivors dials its new coordinator within one backoff. */
const backlog = 1024;

export class Server {
  readonly #server: NetServer;

  constructor(accept: (socket: Socket) => void) {
    this.#server = createServer({ noDelay: true }, accept);
  }

  /**
   * Listens at the address, or, without one, on all interfaces at the first free port from 6000 on.
   * @returns where it listens
   * @throws ChatError `listen` with what to type instead
   */
  async listen(address: Address | undefined): Promise<Address> {
    if (address !== undefined) return this.#listen(address);
    for (let port = defaultPort; ; port++) {
      try {
        return await this.#listenEverywhere(port);
      } catch (error) {
        if (errorCode(error) !== 'EADDRINUSE' || port >= defaultPort + portsTried)
          throw friendly(error, { host: '::', port });
      }
    }
  }

  close(): void {
    this.#server.close();
  }

  async #listenEverywhere(port: number): Promise<Address> {
    try {
      return await this.#bind({ host: '::', port });
    } catch (error) {
      // A machine without IPv6.
      if (errorCode(error) !== 'EAFNOSUPPORT' && errorCode(error) !== 'EADDRNOTAVAIL') throw error;
      return this.#bind({ host: '0.0.0.0', port });
    }
  }

  async #listen(address: Address): Promise<Address> {
    try {
      return await this.#bind(address);
    } catch (error) {
      throw friendly(error, address);
    }
  }

  #bind({ host, port }: Address): Promise<Address> {
    return new Promise((resolve, reject) => {
      const server = this.#server;
      const failed = (error: Error): void => {
        server.removeAllListeners('listening');
        reject(error);
      };
      server.once('error', failed);
      server.listen({ host, port, backlog }, () => {
        server.off('error', failed);
        // Too many open files, say: whoever dialled is not served, everybody else is.
        this.#server.on('error', () => {});
        const bound = this.#server.address() as AddressInfo;
        resolve({ host: bound.address, port: bound.port });
      });
    });
  }
}

function errorCode(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

function friendly(error: unknown, address: Address): ChatError {
  const where = formatAddress(address);
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new ChatError(
        'listen',
        `port ${address.port} is taken: choose another, as in --listen ${formatAddress({ ...address, port: address.port < 65_535 ? address.port + 1 : defaultPort })}`,
      );
    case 'EADDRNOTAVAIL':
      return new ChatError(
        'listen',
        `${address.host} is not an address of this machine: try --listen 0.0.0.0:${address.port}`,
      );
    case 'EACCES':
      return new ChatError(
        'listen',
        `port ${address.port} needs special rights: choose one above 1023, as in --listen ${formatAddress({ ...address, port: defaultPort })}`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ChatError('listen', `${address.host} is not a known name: try --listen 0.0.0.0:${address.port}`);
    default:
      return new ChatError('listen', `cannot listen on ${where} (${errorCode(error) ?? String(error)})`);
  }
}
