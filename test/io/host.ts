/** A server of ours on the loopback, what it tells, and ways to come to it. */
import { EventEmitter, once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Address } from '../../src/core/address.ts';
import { formatAddress } from '../../src/core/address.ts';
import { dial, type Dialled } from '../../src/io/client.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { Server, type ServerBounds } from '../../src/io/server.ts';
import { later } from './net.ts';

/** A room key, a different one for each number. */
export const roomKey = (at: number): string => Buffer.alloc(32, at).toString('base64url');
export const privately = (at: number): Keyring => Keyring.private(roomKey(at));

export interface Accepted {
  readonly socket: Socket;
  readonly channel: string;
  readonly former: boolean;
}

export class Host {
  readonly accepted: Accepted[] = [];
  readonly turned: string[] = [];
  address: Address = { host: '127.0.0.1', port: 0 };
  /** Whom it knows. */
  readonly known = new Set<string>();
  readonly #told = new EventEmitter();
  readonly #server: Server;

  constructor(keyring: Keyring, bounds?: ServerBounds) {
    const events = {
      accept: (socket: Socket, channel: string, former: boolean): void => {
        later(() => socket.destroy());
        this.accepted.push({ socket, channel, former });
        this.#told.emit('told');
      },
      turnedAway: (kind: string, count: number): void => {
        this.turned.push(`${kind} ${count}`);
        this.#told.emit('told');
      },
      isKnown: (host: string): boolean => this.known.has(host),
    };
    this.#server = new Server(keyring, events, bounds);
  }

  static async start(keyring: Keyring, bounds?: ServerBounds): Promise<Host> {
    const host = new Host(keyring, bounds);
    host.address = await host.#server.listen(host.address);
    later(() => host.close());
    return host;
  }

  get at(): string {
    return formatAddress(this.address);
  }

  close(): void {
    this.#server.close();
  }

  /** The next that is accepted, or the `at`th from 0. */
  async link(at = 0): Promise<Accepted> {
    for (;;) {
      const found = this.accepted[at];
      if (found !== undefined) return found;
      await once(this.#told, 'told');
    }
  }

  async turnedAway(): Promise<string[]> {
    while (this.turned.length === 0) await once(this.#told, 'told');
    return this.turned;
  }

  /** A bare connection, from another address of this machine where there are any. */
  async knock(from?: string): Promise<Socket> {
    const localAddress = process.platform === 'linux' ? from : undefined;
    const socket = connect({ ...this.address, noDelay: true, ...(localAddress === undefined ? {} : { localAddress }) });
    later(() => socket.destroy());
    socket.on('error', () => {});
    await once(socket, 'connect');
    return socket;
  }
}

export type Opened = Exclude<Dialled, { refused: boolean }>;

/** A dial that must lead to a link. */
export async function opened(at: string, keyring: Keyring): Promise<Opened> {
  const dialled = await dial([at], keyring).done;
  if (!('socket' in dialled)) throw new Error(dialled.message);
  later(() => dialled.socket.destroy());
  return dialled;
}

/** What a person is told of a dial that must not. */
export async function refusal(at: string, keyring: Keyring): Promise<string> {
  const dialled = await dial([at], keyring).done;
  if (!('socket' in dialled)) {
    const { refused, hungUp, message } = dialled;
    return refused || hungUp === true ? message : `unknown: ${message}`;
  }
  dialled.socket.destroy();
  throw new Error('it opened');
}
