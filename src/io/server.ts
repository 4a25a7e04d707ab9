/**
 * The server: accepts whoever dials this peer. What it says to them is decided at the core's door.
 *
 * Where links are encrypted, the first byte that comes shows who it is: a client that encrypts speaks first, and one
 * that does not waits to be greeted. Both find out why this ends: the one without encryption is told in the clear, and
 * the one with it meets words where TLS should be. Nobody begins a handshake who has not shown a tag that is ours, and
 * nobody is handed over before it is done.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { defaultPort, formatAddress, type Address } from '../core/address.ts';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { serverSays } from '../core/message.ts';
import { Gate, type GateBounds } from './gate.ts';
import { handshakeByte, noKey, readHello } from './hello.ts';
import type { Keyring } from './keyring.ts';
import { hostOf, Link } from './link.ts';
import { Notices, type Turned } from './notice.ts';
import { answer } from './secure.ts';

/** How many ports after one that is taken are tried. */
const portsTried = 100;
/** Connections the kernel holds for us: a room of survivors dials its new coordinator within one backoff. */
const backlog = limits.silentMax;

const unencrypted = serverSays.refused({
  code: 'encrypted',
  message: 'this room is encrypted: leave out --plain, or use the same version of groupchat',
});
/** How a frame begins. A member of this version never speaks first without encryption; those of others may. */
const frameShape = /^[ -~]{10}(SYSTEM {4}|CHAT {6})/;

export interface ServerEvents {
  /** A link is there. `channel` is '' without encryption; `former`: it was made with the key before the current one. */
  accept(socket: Socket, channel: string, former: boolean): void;
  /** So many of a kind have been turned away since it was told last. Told at most once a minute for each kind. */
  turnedAway(kind: Turned, count: number): void;
  /** Whether a member of the room has this address: strangers are never let in in its place. */
  isKnown(host: string): boolean;
}

/** What a test may choose for itself. */
export interface ServerBounds {
  readonly firstByteMs?: number;
  readonly handshakeMs?: number;
  readonly gate?: Partial<GateBounds>;
}

export class Server {
  readonly #server: NetServer;
  readonly #keyring: Keyring;
  readonly #events: ServerEvents;
  readonly #firstByteMs: number;
  readonly #handshakeMs: number;
  readonly #gate: Gate;
  readonly #notices = new Notices();
  /** Accepted, and not handed over. */
  readonly #visitors = new Set<Socket>();

  constructor(keyring: Keyring, events: ServerEvents, bounds: ServerBounds = {}) {
    this.#keyring = keyring;
    this.#events = events;
    this.#firstByteMs = bounds.firstByteMs ?? limits.firstByteMs;
    this.#handshakeMs = bounds.handshakeMs ?? limits.handshakeMs;
    this.#gate = new Gate(bounds.gate);
    this.#server = createServer({ noDelay: true }, (socket) => {
      // From the first moment: a reset must find somebody.
      socket.on('error', () => {});
      if (keyring.kind === 'plain') this.#acceptPlain(socket);
      else this.#admit(socket);
    });
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
          throw await friendly(error, { host: '::', port });
      }
    }
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#visitors) socket.destroy();
  }

  #acceptPlain(socket: Socket): void {
    this.#events.accept(socket, '', false);
    // Before whoever has just taken it over; and that alone starts no reading.
    socket.prependOnceListener('data', (bytes: Buffer) => {
      if (bytes[0] !== handshakeByte) return;
      // Not cut off: what was said already shows the other side that nobody encrypts here.
      socket.end();
      this.#turnAway('tls');
    });
  }

  #admit(socket: Socket): void {
    const host = hostOf(socket);
    const known = this.#events.isKnown(host);
    const visit = this.#gate.enter(host, known, performance.now(), () => socket.destroy());
    if (visit === undefined) return void socket.destroy();
    this.#visitors.add(socket);
    const late = setTimeout(() => socket.destroy(), this.#handshakeMs);
    let heard: Buffer | undefined;
    // Whoever does not encrypt waits to be greeted. Where this process slept, what was said meanwhile is read first.
    const silent = setTimeout(() => {
      setImmediate(() => {
        if (heard === undefined && !socket.destroyed) this.#refuseSilent(socket);
      });
    }, this.#firstByteMs);
    socket.once('close', () => {
      clearTimeout(late);
      clearTimeout(silent);
      this.#visitors.delete(socket);
      visit.left(performance.now());
    });
    const hear = (bytes: Buffer): void => {
      clearTimeout(silent);
      heard = heard === undefined ? bytes : Buffer.concat([heard, bytes]);
      if (heard[0] !== handshakeByte) {
        visit.guessed();
        return this.#refuse(socket, frameShape.test(heard.toString('latin1', 0, 20)) ? 'plain' : undefined);
      }
      const hello = readHello(heard);
      if (hello === 'partial') return;
      const key = hello.identity === undefined ? undefined : this.#keyring.recognise(hello.identity);
      if (typeof key !== 'object') {
        visit.guessed();
        return this.#refuse(socket, key === 'unknown' ? 'key' : key, noKey);
      }
      if (!visit.begins(performance.now())) return void socket.destroy();
      // TLS takes the socket over and reads it from the start.
      socket.off('data', hear).pause();
      socket.unshift(heard);
      return answer(socket, this.#keyring, {
        done: (link) => {
          clearTimeout(late);
          this.#visitors.delete(socket);
          visit.opened();
          this.#events.accept(link.socket, link.channel, link.former);
        },
        failed: (stranger) => {
          if (stranger === undefined) return;
          visit.guessed();
          this.#turnAway(stranger);
        },
      });
    };
    socket.on('data', hear);
  }

  /** Tells one who does not encrypt, or has another key, why this is the end. */
  #refuse(socket: Socket, kind: Turned | undefined, words: Uint8Array = unencrypted): void {
    socket.removeAllListeners('data'); // it is not asked again what it is
    const link = new Link(socket, { bytes() {}, drained() {}, closed() {} });
    link.write(words);
    void link.close();
    if (kind !== undefined) this.#turnAway(kind);
  }

  /**
   * One that does not encrypt waits to be greeted, and hangs up when it has read that nobody will. A process that was
   * stopped when it had dialled is silent, too: it is told of by nothing, and when it wakes, it speaks as it should have.
   */
  #refuseSilent(socket: Socket): void {
    this.#refuse(socket, undefined);
    let encrypts = false;
    socket.once('data', ([first]: Buffer) => (encrypts = first === handshakeByte));
    socket.once('end', () => {
      if (!encrypts) this.#turnAway('plain');
    });
  }

  #turnAway(kind: Turned): void {
    const count = this.#notices.note(kind, performance.now());
    if (count !== undefined) this.#events.turnedAway(kind, count);
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
      throw await friendly(error, address);
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

/** The address with the first port from its own on that is free there; with 0, which is any, where none of those tried is. */
async function freeFrom({ host, port }: Address): Promise<Address> {
  for (let next = port; next <= Math.min(port + portsTried, 65_535); next++) {
    const probe = createServer();
    try {
      await once(probe.listen({ host, port: next }), 'listening');
      await once(probe.close(), 'close');
      return { host, port: next };
    } catch {
      // Somebody else has it.
    }
  }
  return { host, port: 0 };
}

async function friendly(error: unknown, address: Address): Promise<ChatError> {
  const where = formatAddress(address);
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new ChatError(
        'listen',
        `port ${address.port} is taken: choose another, as in --listen ${formatAddress(await freeFrom({ ...address, port: address.port + 1 }))}`,
      );
    case 'EADDRNOTAVAIL':
      return new ChatError(
        'listen',
        `${address.host} is not an address of this machine: try --listen 0.0.0.0:${address.port}`,
      );
    case 'EACCES':
      return new ChatError(
        'listen',
        `port ${address.port} needs special rights: choose one above 1023, as in --listen ${formatAddress(await freeFrom({ ...address, port: defaultPort }))}`,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ChatError('listen', `${address.host} is not a known name: try --listen 0.0.0.0:${address.port}`);
    default:
      return new ChatError('listen', `cannot listen on ${where} (${errorCode(error) ?? String(error)})`);
  }
}
