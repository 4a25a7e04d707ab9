/** A client of the load generator: one raw connection, which says lines and counts those that come. */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { Codec, Ear } from './codecs/codec.ts';

export interface ClientEvents {
  /** Bytes have come and are counted, or the socket takes more again. */
  readonly moved: () => void;
  /** The connection is gone, or the server broke off; not told after `close`. */
  readonly lost: (error: Error) => void;
}

const nothing = Buffer.alloc(0);

export class Client implements Ear {
  /** How many lines have come. */
  lines = 0;
  /** Told of each line, where it is set: its text starts at `at`. */
  onLine: ((bytes: Buffer, at: number) => void) | undefined;
  /** When the client got in, by `performance.now()`; undefined before. */
  enteredAt: number | undefined;
  readonly #socket: Socket;
  readonly #codec: Codec;
  #rest: Buffer = nothing;
  #closed = false;

  constructor(port: number, codec: Codec, { moved, lost }: ClientEvents) {
    this.#codec = codec;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    if (codec.opening !== '') this.#socket.write(codec.opening, 'latin1');
    const fail = (error: Error): void => {
      if (!this.#closed) lost(error);
      this.close();
    };
    this.#socket.on('data', (chunk) => {
      try {
        this.#read(chunk);
      } catch (error) {
        return fail(error as Error);
      }
      return moved();
    });
    this.#socket.on('drain', moved);
    this.#socket.on('error', fail);
    this.#socket.on('close', () => fail(new Error('the server closed the connection')));
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const used = this.#codec.read(bytes, this);
    this.#rest = used === bytes.length ? nothing : bytes.subarray(used);
  }

  ready(): void {
    this.enteredAt ??= performance.now();
  }

  line(bytes: Buffer, at: number): void {
    this.lines++;
    this.onLine?.(bytes, at);
  }

  answer(bytes: string): void {
    this.#socket.write(bytes, 'latin1');
  }

  /** Says a line so many times, in one write. */
  say(text: string, times = 1): void {
    let bytes = '';
    for (let time = 0; time < times; time++) bytes += this.#codec.line(text);
    this.#socket.write(bytes, 'latin1');
  }

  /** True while the socket takes no more. */
  get full(): boolean {
    return this.#socket.writableNeedDrain;
  }

  close(): void {
    this.#closed = true;
    this.#socket.destroy();
  }
}
