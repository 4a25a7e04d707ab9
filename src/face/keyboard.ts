/**
 * Keys, as readline is to have them.
 *
 * A terminal sends what is typed and what is pasted alike, in chunks of any size. Given a chunk of several characters,
 * readline on Node 20 appends each to the end of the line wherever the cursor is; given them one by one, it redraws
 * the whole line for each, which takes seconds for a pasted page and stalls the room. So chunks are taken apart here:
 * a run of text goes in at once, the end of a line is told apart, and all else, keys and their escape sequences, goes
 * to readline one character at a time, which is what it was made for.
 *
 * A terminal that was asked to (`marks`) puts brackets around what is pasted, and says when it gains and loses the focus.
 * Only then is it known what was pasted and what was typed.
 */
import { EventEmitter } from 'node:events';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';
import { limits } from '../core/limits.ts';

export interface KeyboardOptions {
  /** Several characters at once: pasted, or typed faster than they were sent. */
  readonly text: (run: string) => void;
  /** The end of a line: Enter, or the end of a pasted line. */
  readonly enter: () => void;
  /** A key, or a piece of one: `press` gives it to readline, as often as it is called. */
  readonly key: (token: string, press: () => void) => void;
  /** What was pasted, of which no more than the beginning is held; `bytes`: how long all of it is, in UTF-8. */
  readonly paste: (text: string, bytes: number) => void;
  /** The terminal has the focus from now on, or has it no more. */
  readonly focus: (has: boolean) => void;
}

/** Asks the terminal to mark what is pasted (xterm's mode 2004), and to tell of its focus (1004); or no longer to. */
export function marks(on: boolean): string {
  return on ? '\u001b[?2004h\u001b[?1004h' : '\u001b[?1004l\u001b[?2004l';
}

const pasteBegin = '\u001b[200~';
const pasteEnd = '\u001b[201~';
const focusIn = '\u001b[I';
const focusOut = '\u001b[O';
/** Held of what is pasted, in UTF-16 code units: more than a line may have, so that what is too long shows. */
const pasteCharsMax = limits.typedBytesMax + 1;

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
  /** The beginning of a bracket, at the end of a chunk. */
  #begun = '';
  /** What is being pasted. */
  #pasted: { text: string; bytes: number } | null = null;
  #released = false;

  constructor(terminal: ReadStream, options: KeyboardOptions) {
    super();
    this.#terminal = terminal;
    this.#options = options;
    terminal.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onEnd);
  }

  /** As readline takes it: of a stream it uses these methods and no other. */
  get stream(): NodeJS.ReadableStream {
    return this as unknown as NodeJS.ReadableStream;
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

  /** Lets go of the terminal at once; only its failing is still heard, since unheard it would end the process. */
  release(): void {
    this.#released = true;
    this.#terminal.off('data', this.#onData).off('end', this.#onEnd);
  }

  #take(chunk: string): void {
    let rest = this.#begun + chunk;
    this.#begun = '';
    while (rest !== '' && !this.#released) {
      const mark = this.#pasted === null ? pasteBegin : pasteEnd;
      const at = rest.indexOf(mark);
      // Where the other bracket never comes, Ctrl+C is a key.
      if (this.#pasted !== null && at === -1 && chunk === '\u0003') this.#pasted = null;
      const until = at === -1 ? rest.length - begunOf(mark, rest) : at;
      if (this.#pasted === null) this.#typed(rest.slice(0, until));
      else this.#add(this.#pasted, rest.slice(0, until));
      if (at === -1) {
        this.#begun = rest.slice(until);
        return;
      }
      this.#turn();
      rest = rest.slice(at + mark.length);
    }
  }

  /** A bracket has been read. */
  #turn(): void {
    const pasted = this.#pasted;
    this.#pasted = pasted === null ? { text: '', bytes: 0 } : null;
    if (pasted !== null) this.#options.paste(pasted.text, pasted.bytes);
  }

  #add(pasted: { text: string; bytes: number }, text: string): void {
    pasted.bytes += Buffer.byteLength(text);
    pasted.text += text.slice(0, pasteCharsMax - pasted.text.length);
  }

  #typed(chunk: string): void {
    // A tab inside of text was pasted; one that comes last was typed, to complete what came with it.
    const [, begin = '', tabs = ''] = /^(.*?)(\t*)$/su.exec(chunk) ?? [];
    for (const [token] of [...begin.matchAll(tokens), ...tabs.matchAll(tokens)]) {
      if (this.#released) return;
      const single = token.length === ((token.codePointAt(0) as number) > 0xffff ? 2 : 1);
      if (token === focusIn || token === focusOut) this.#options.focus(token === focusIn);
      else if (/^[\r\n]/u.test(token)) this.#options.enter();
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

/** How many characters at the end of a text begin a bracket, if as many as no key has alone (ESC, or ESC and a key). */
function begunOf(mark: string, text: string): number {
  // Within what is pasted there are no keys.
  const least = mark === pasteEnd ? 1 : 3;
  for (let length = mark.length - 1; length >= least; length--) if (text.endsWith(mark.slice(0, length))) return length;
  return 0;
}
