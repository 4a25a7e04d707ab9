/**
 * The client: dials the addresses of one peer in turn, quickly staggered, and hands over the first socket that opens
 * (the habit of RFC 8305, with a shorter stagger: the room is near). Where links are encrypted, a socket is open when
 * the other side has shown that it has the key: one that only connects holds up nobody.
 */
import { connect, type Socket } from 'node:net';
import { parseAddress } from '../core/address.ts';
import type { Keyring } from './keyring.ts';
import { begin, hungUp, noStrangers, otherKey, unencrypted } from './secure.ts';

/** Between one address and the next, ms. */
const staggerMs = 50;
/** After a refusal, the other addresses have this long to answer before the refusal stands, ms. */
const graceMs = 50;

interface Failure {
  readonly refused: boolean;
  /** Somebody took it, and hung up before a byte: the gate of one that is beset does so, and a kernel whose process dies. */
  readonly hungUp?: boolean;
  /** There is a private room with another key. */
  readonly otherKey?: boolean;
  /** Whoever is there does not encrypt. */
  readonly plain?: boolean;
  readonly message: string;
}

/** Whoever says so is in a room that we have not the key of. */
const barred: ReadonlySet<string> = new Set([otherKey, noStrangers]);

export type Dialled =
  /** `channel` is '' without encryption. */
  | { readonly socket: Socket; readonly channel: string }
  /**
   * `refused`: a machine answered that nobody listens there, or one that we have no business with. `hungUp`: somebody
   * may live there. Otherwise nothing is known. The message completes "10.0.0.5:6000 …".
   */
  | Failure;

export interface Dial {
  readonly done: Promise<Dialled>;
  /** Gives up; `done` never settles then. */
  cancel(): void;
}

/** Dials until one address opens, all have failed, or it is cancelled: the deadline is the caller's. */
export function dial(addresses: readonly string[], keyring: Keyring): Dial {
  const sockets = new Set<Socket>();
  const timers = new Set<NodeJS.Timeout>();
  let settled = false;
  const stop = (): void => {
    settled = true;
    for (const timer of timers) clearTimeout(timer);
    for (const socket of sockets) socket.destroy();
  };
  const done = new Promise<Dialled>((resolve) => {
    const waiting = [...addresses];
    /** Connected, and in the middle of a handshake. */
    const shaking = new Set<Socket>();
    let known: Failure = { refused: false, message: 'has no address' };
    const finish = (result: Dialled): void => {
      if (settled) return;
      stop();
      resolve(result);
    };
    const later = (ms: number, then: () => void): void => {
      timers.add(setTimeout(then, ms));
    };
    const fail = (socket: Socket, failure: Failure): void => {
      sockets.delete(socket);
      shaking.delete(socket);
      if (settled) return;
      known = worse(known, failure);
      if (waiting.length > 0) return next();
      if (sockets.size === 0) return finish(known);
      if (known.refused || known.hungUp === true) later(graceMs, stand);
    };
    // One that has connected has answered in time: its handshake is awaited.
    const stand = (): void => {
      if (shaking.size === 0) finish(known);
    };
    const next = (): void => {
      const text = waiting.shift();
      const address = text === undefined ? undefined : parseAddress(text);
      if (settled || address === undefined) return;
      const socket = connect({ host: address.host, port: address.port, noDelay: true });
      sockets.add(socket);
      const failed = (error: NodeJS.ErrnoException): void => fail(socket, failureOf(error));
      socket.once('error', failed);
      socket.once('connect', () => {
        if (settled) return;
        // Whoever takes it over listens for itself; until then an error must find somebody.
        socket.off('error', failed).on('error', () => {});
        const open = (opened: Socket, channel: string): void => {
          // One that was beaten, or given up, in the moment before.
          if (settled) return void opened.destroy();
          sockets.delete(socket);
          finish({ socket: opened, channel });
        };
        if (keyring.kind === 'plain') return open(socket, '');
        shaking.add(socket);
        return begin(socket, keyring, {
          done: (link) => open(link.socket, link.channel),
          failed: (message) => fail(socket, strangerOf(message)),
        });
      });
      if (waiting.length > 0) later(staggerMs, next);
    };
    next();
    if (addresses.length === 0) finish(known);
  });
  return { done, cancel: stop };
}

/** Why one that was dialled did not become a link. */
function strangerOf(message: string): Failure {
  if (message === hungUp) return { refused: false, hungUp: true, message };
  if (message === unencrypted) return { refused: true, plain: true, message };
  return { refused: true, otherKey: barred.has(message), message };
}

const words: Record<string, string> = {
  ECONNREFUSED: 'refuses: nobody listens there',
  ECONNRESET: hungUp,
  ENOTFOUND: 'is not a known name',
  EAI_AGAIN: 'cannot be looked up: no name server answers',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ETIMEDOUT: 'does not answer',
};

function failureOf(error: NodeJS.ErrnoException): Failure {
  return {
    refused: error.code === 'ECONNREFUSED',
    ...(error.code === 'ECONNRESET' ? { hungUp: true } : {}),
    message: words[error.code ?? ''] ?? `failed (${error.code ?? error.message})`,
  };
}

/** Folds one more failure into what is known: a refusal outweighs not knowing, and that somebody listens outweighs both. */
function worse(known: Failure, failure: Failure): Failure {
  const weight = (one: Failure): number => (one.hungUp === true ? 2 : one.refused ? 1 : 0);
  return weight(known) > weight(failure) ? known : failure;
}
