/**
 * A link: one socket between two peers, either end, TLS or plain. It carries bytes and tells when it is full, drained or
 * closed; what the bytes mean is the core's affair.
 */
import type { Socket } from 'node:net';

/** A closed link whose other side does not take its last bytes is cut after this, ms. */
const lingerMs = 1000;

export interface LinkEvents {
  bytes(bytes: Uint8Array): void;
  drained(): void;
  /** The other side is gone. Not told after `close`. */
  closed(): void;
}

/** The other side's address as it is written, '' when it is gone already. IPv4 that IPv6 wraps is written as such. */
export function hostOf(socket: Socket): string {
  return (socket.remoteAddress ?? '').replace(/^::ffff:(?=\d+\.)/, '');
}

export class Link {
  readonly #socket: Socket;
  #open = true;

  constructor(socket: Socket, events: LinkEvents) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes) => {
      // The server has ended it before us when what comes are not words: nobody is asked what they mean.
      if (this.#open && !socket.writableEnded) events.bytes(bytes);
    });
    socket.on('drain', () => {
      if (this.#open) events.drained();
    });
    const closed = (): void => {
      if (!this.#open) return;
      this.#open = false;
      events.closed();
    };
    socket.on('end', closed);
    socket.on('close', closed);
    socket.on('error', () => {
      // 'close' follows; why a link broke makes no difference to the room.
    });
  }

  /** The other side's address, '' when it is gone already. */
  get host(): string {
    return hostOf(this.#socket);
  }

  /** Writes without copying. @returns false when the socket is full: `drained` follows */
  write(bytes: Uint8Array): boolean {
    return this.#socket.writable ? this.#socket.write(bytes) : true;
  }

  /** Stops reading, so that the other side comes to a halt, or goes on. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends what is under way, then closes. @returns a promise for the end of the socket */
  close(): Promise<void> {
    this.#open = false;
    const socket = this.#socket;
    if (socket.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      socket.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      socket.end();
      // Bytes that still come are read and dropped, or the close would turn into a reset that loses our last words.
      socket.resume();
    });
  }
}
