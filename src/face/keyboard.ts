/**
 * Keys, as readline is to have them.
 *
 * A terminal sends what is typed and what is pasted alike, in chunks of any size. Given a chunk of several characters,
 * readline on Node 20 appends each to the end of the line wherever the cursor is; given them one by one, it redraws
 * the whole line for each, which takes seconds for a pasted page and stalls the room. So chunks are taken apart here:
 * a run of text goes in at once, the end of a line is told apart, and all else, keys and their escape sequences, goes
 * to readline one character at a time, which is what it was made for.
 */
import { EventEmitter } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';

export interface KeyboardOptions {
  /** Several characters at once: pasted, or typed faster than they were sent. */
  readonly text: (run: string) => void;
  /** The end of a line: Enter, or the end of a pasted line. */
  readonly enter: () => void;
  /** A key, or a piece of one: `press` gives it to readline, as often as it is called. */
  readonly key: (token: string, press: () => void) => void;
}

/** An escape sequence (ECMA-48: CSI with its parameters, SS3, or ESC and a key), an end of line, text, or one control. */
const tokens =
  /\u001b(?:\[[\u0020-\u003f]*[\u0040-\u007e]?|O[\u0020-\u007e]?|[^[O\r\n]?)|\r\n|[\r\n]|[^\u0000-\u0008\u000a-\u001f\u007f-\u009f]+|./gsu;
/** What may yet become an escape sequence. */
const unfinished = /^\u001b(?:\[[\u0020-\u003f]*|O)?$/u;
const visible = /^[^\u0000-\u001f\u007f-\u009f]/u;

/** Stands between a terminal and readline, as its input. */
export class Keyboard extends EventEmitter {
  readonly #terminal: ReadStream;
  readonly #options: KeyboardOptions;
  readonly #decoder = new StringDecoder('utf8');
  readonly #onData = (chunk: Buffer | string) =>
    this.#take(typeof chunk === 'string' ? chunk : this.#decoder.write(chunk));
  /** A terminal that has gone (EIO) has no more keys. */
  readonly #onEnd = () => this.emit('end');
  /** In the middle of an escape sequence. */
  #escaping = false;

  constructor(terminal: ReadStream, options: KeyboardOptions) {
    super();
    this.#terminal = terminal;
    this.#options = options;
    terminal.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onEnd);
  }

  get isRaw(): boolean {
    return this.#terminal.isRaw;
  }

  setRawMode(raw: boolean): this {
    this.#terminal.setRawMode(raw);
    return this;
  }

  pause(): this {
    this.#terminal.pause();
    return this;
  }

  resume(): this {
    this.#terminal.resume();
    return this;
  }

  /** Lets go of the terminal; only its failing is still heard, since unheard it would end the process. */
  release(): void {
    this.#terminal.off('data', this.#onData).off('end', this.#onEnd);
  }

  #take(chunk: string): void {
    // A tab inside of text was pasted; one that comes last was typed, to complete what came with it.
    const [, begin = '', tabs = ''] = /^(.*?)(\t*)$/su.exec(chunk) ?? [];
    for (const [token] of [...begin.matchAll(tokens), ...tabs.matchAll(tokens)]) {
      const single = token.length === ((token.codePointAt(0) as number) > 0xffff ? 2 : 1);
      if (/^[\r\n]/u.test(token)) this.#options.enter();
      else if (this.#escaping) {
        // The rest of a sequence whose beginning came in an earlier chunk: only readline knows where it ends.
        this.#escaping = false;
        this.#options.key('', () => this.#keys(token));
      } else if (!single && visible.test(token.replaceAll('\t', ''))) this.#options.text(token);
      else {
        this.#escaping = unfinished.test(token);
        this.#options.key(token, () => this.#keys(token));
      }
    }
  }

  #keys(token: string): void {
    for (const character of token) this.emit('data', character);
  }
}
