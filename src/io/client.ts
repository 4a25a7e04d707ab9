/**
 * The client: dials the addresses of one peer in turn, quickly staggered, and hands over the first socket that opens
 * (the habit of RFC 8305, with a shorter stagger: the room is near).
 */
import { connect, type Socket } from 'node:net';
import { parseAddress } from '../core/address.ts';

/** Between one address and the next, ms. */
const staggerMs = 50;
/** After a refusal, the other addresses have this long to answer before the refusal stands, ms. */
const graceMs = 50;

export type Dialled =
  | { readonly socket: Socket }
  /** `refused`: a machine answered that nobody listens there. Otherwise nothing is known. */
  | { readonly refused: boolean; readonly message: string };

export interface Dial {
  readonly done: Promise<Dialled>;
  /** Gives up; `done` never settles then. */
  cancel(): void;
}

/** Dials until one address opens, all have failed, or it is cancelled: the deadline is the caller's. */
export function dial(addresses: readonly string[]): Dial {
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
    let refused = false;
    let message = 'has no address';
    const finish = (result: Dialled): void => {
      if (settled) return;
      stop();
      resolve(result);
    };
    const later = (ms: number, then: () => void): void => {
      timers.add(setTimeout(then, ms));
    };
    const next = (): void => {
      const text = waiting.shift();
      const address = text === undefined ? undefined : parseAddress(text);
      if (settled || address === undefined) return;
      const socket = connect({ host: address.host, port: address.port, noDelay: true });
      sockets.add(socket);
      socket.once('connect', () => {
        if (settled) return;
        sockets.delete(socket);
        // Whoever takes it over listens for itself; until then an error must find somebody.
        socket.removeAllListeners('error').on('error', () => {});
        finish({ socket });
      });
      socket.once('error', (error: NodeJS.ErrnoException) => {
        sockets.delete(socket);
        if (settled) return;
        ({ refused, message } = worse({ refused, message }, error));
        if (waiting.length > 0) return next();
        if (sockets.size === 0) finish({ refused, message });
        else if (refused) later(graceMs, () => finish({ refused, message }));
      });
      if (waiting.length > 0) later(staggerMs, next);
    };
    next();
    if (addresses.length === 0) finish({ refused, message });
  });
  return { done, cancel: stop };
}

const words: Record<string, string> = {
  ECONNREFUSED: 'refuses: nobody listens there',
  ECONNRESET: 'hung up at once',
  ENOTFOUND: 'is not a known name',
  EAI_AGAIN: 'cannot be looked up: no name server answers',
  EHOSTUNREACH: 'cannot be reached from here',
  ENETUNREACH: 'cannot be reached from here',
  ETIMEDOUT: 'does not answer',
};

/** Folds one more failure into what is known: a refusal outweighs not knowing. */
function worse(known: { refused: boolean; message: string }, error: NodeJS.ErrnoException): typeof known {
  // A process that dies while it is dialled resets what its kernel had accepted.
  const refused = error.code === 'ECONNREFUSED' || error.code === 'ECONNRESET';
  if (known.refused && !refused) return known;
  return { refused, message: words[error.code ?? ''] ?? `failed (${error.code ?? error.message})` };
}
