/** A client of the load generator: one raw connection, which says lines and counts those that come. */
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { begin } from '../src/io/secure.ts';
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
  /** When it dialled. */
  readonly dialledAt = performance.now();
  /** Until it is encrypted, the bare one. */
  #socket: Socket;
  readonly #codec: Codec;
  #rest: Buffer = nothing;
  #closed = false;

  constructor(port: number, codec: Codec, { moved, lost }: ClientEvents) {
    this.#codec = codec;
    const { keyring } = codec;
    const fail = (error: Error): void => {
      if (!this.#closed) lost(error);
      this.close();
    };
    const open = (socket: Socket, channel: string): void => {
      this.#socket = socket;
      const opening = codec.opening(channel);
      if (opening !== '') socket.write(opening, 'latin1');
      socket.on('data', (chunk: Buffer) => {
        try {
          this.#read(chunk);
        } catch (error) {
          return fail(error as Error);
        }
        return moved();
      });
      socket.on('drain', moved);
      socket.on('error', fail);
      socket.on('close', () => fail(new Error('the server closed the connection')));
    };
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const raw = this.#socket;
    if (keyring === undefined) {
      open(raw, '');
      return;
    }
    raw.on('error', fail);
    raw.once('connect', () => {
      begin(raw, keyring, {
        done: (link) => (this.#closed ? link.socket.destroy() : open(link.socket, link.channel)),
        failed: (why) => fail(new Error(`the server ${why}`)),
      });
    });
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

  answer(bytes: string | Uint8Array): void {
    this.#write(bytes);
  }

  /** Says a line so many times, in one write. */
  say(text: string, times = 1): void {
    this.#write(this.#codec.lines(text, times));
  }

  #write(bytes: string | Uint8Array): void {
    if (typeof bytes === 'string') this.#socket.write(bytes, 'latin1');
    else this.#socket.write(bytes);
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
