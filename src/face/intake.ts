/**
 * What comes into the typed line many characters at once: pasted, or typed faster than it was sent.
 *
 * What is pasted is one message, whatever its lines: `↵` stands for the end of each, and nothing is sent before Enter. Of
 * more than a few lines it is asked first whether they are meant for the room at all; until that is answered, whoever has
 * an intake hands it every key. What the line has no room for is refused in a word.
 */
import { limits } from '../core/limits.ts';
import { breakMark } from './screen.ts';

/** Pasted lines above which it is asked what they are for. */
const pastedLinesMax = 5;

export interface IntakeOptions {
  /** What is typed so far. */
  readonly typed: () => string;
  /** Puts a text in where the cursor is. */
  readonly insert: (run: string) => void;
  /** Something is asked from now on. */
  readonly ask: (question: string) => void;
  /** Enters what is typed, with that text where the cursor is: the answer was yes. */
  readonly enter: (run: string) => void;
  readonly tell: (text: string) => void;
}

export class Intake {
  readonly #options: IntakeOptions;
  /** Pasted, and it is asked what is to become of it. */
  #asked: { readonly run: string; readonly lines: number } | null = null;
  /** It has been told that the line is full. */
  #full = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** What is asked now, if anything. */
  get question(): string | undefined {
    return this.#asked === null
      ? undefined
      : `${this.#asked.lines} lines pasted: o sends them as one message, c cancels`;
  }

  /** Text from the keyboard. */
  type(text: string): void {
    const run = text.replaceAll('\t', '    ');
    if (this.#asked === null) return this.#put(run);
    const [first = ''] = run;
    this.answer(first);
    // Whoever types ahead has answered.
    if (this.#asked === null) this.#put(run.slice(first.length));
  }

  /** @param bytes how long all of it is, in UTF-8 */
  paste(text: string, bytes: number): void {
    const { typed, insert, ask, tell } = this.#options;
    const clean = text
      .replaceAll(/\r\n?|[\u2028\u2029]/gu, '\n')
      .replaceAll('\t', '    ')
      .replaceAll(/(?!\n)\p{Cc}/gu, '')
      // The end of the last line is no line.
      .replaceAll(/^\n+|(?<!\n)\n+$/gu, '');
    const all = bytes + Buffer.byteLength(typed());
    if (all > limits.lineBytesMax) {
      return tell(
        `what was pasted was not put in: the line would have ${all.toLocaleString('en')} bytes, and has at most ${limits.lineBytesMax.toLocaleString('en')}`,
      );
    }
    if (this.#asked !== null) return tell('what was pasted now was not put in: answer first');
    const run = clean.replaceAll('\n', breakMark);
    const lines = clean.split('\n').length;
    if (lines <= pastedLinesMax) return insert(run);
    this.#asked = { run, lines };
    ask(this.question as string);
  }

  /** A key, while something is asked. */
  answer(token: string): void {
    const asked = this.#asked;
    if (asked === null) return;
    if (/^o$/iu.test(token)) {
      this.#asked = null;
      this.#options.enter(asked.run);
    } else if (/^(?:c|\u0003|\u0004|\u001b)$/iu.test(token)) {
      this.#asked = null;
      this.#options.tell(`${asked.lines} lines were not sent`);
    } else if (/^[\ryn]$/iu.test(token)) {
      // Enter is no answer, it may have been on its way; nor is what answers other questions.
      this.#options.tell(this.question as string);
    }
  }

  /** Puts in what the line has room for: beyond that it can only be refused, and drawing it takes longer each time. */
  #put(run: string): void {
    const { typed, insert, tell } = this.#options;
    const before = typed();
    if (before === '') this.#full = false;
    if (Buffer.byteLength(before) + Buffer.byteLength(run) <= limits.typedBytesMax) return insert(run);
    if (!this.#full) tell(`a line has at most ${limits.lineBytesMax} bytes: no more was put in`);
    this.#full = true;
  }
}

/** What is meant by a typed line, in which each `↵` stands for the end of a line. */
export function messageOf(typed: string): string {
  return typed.replaceAll(breakMark, '\n');
}
