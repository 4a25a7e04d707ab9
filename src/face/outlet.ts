/**
 * Where lines go out, one after another, to a reader that may be slow or gone.
 *
 * All that is written in one turn is one write: in a fast room a write for each line would cost more than the room. What
 * the reader has not taken waits here, and there is a bound to it; whoever falls further behind is told, and gets no more.
 */
import { laidOut, type Screen } from './rows.ts';

/** So much output of one turn is not held back any longer, characters. */
const writtenMax = 1 << 16;
/** A reader that falls further behind is not waited for, bytes. */
const unreadBytesMax = 1 << 26;

export type Output = NodeJS.WritableStream & Screen & { readonly writableLength: number };

export class Outlet {
  readonly #output: Output;
  readonly #whole: boolean;
  readonly #lost: (why: 'gone' | 'slow') => void;
  #written = '';
  #over = false;
  /** More than the bound, where a past was asked for that is larger than it. */
  #allowedBytes = unreadBytesMax;

  /**
   * @param lost told once, when nobody reads any more: the reader has gone, or is too slow
   * @param whole lines are for a program, also where a terminal shows them
   */
  constructor(output: Output, lost: (why: 'gone' | 'slow') => void, whole = false) {
    this.#output = output;
    this.#whole = whole;
    this.#lost = (why) => {
      if (this.#over) return;
      this.#over = true;
      lost(why);
    };
    output.on('error', () => this.#lost('gone'));
  }

  write(line: string): void {
    if (this.#over) return;
    if (this.#written === '') queueMicrotask(() => this.#flush());
    this.#written += `${this.#whole ? line : laidOut(line, this.#output)}\n`;
    if (this.#written.length >= writtenMax) this.#flush();
  }

  /** Writes what is all there at once, and which no reader can take as fast as that. */
  writeAll(lines: Iterable<string>): void {
    this.#allowedBytes = Infinity;
    for (const line of lines) this.write(line);
    this.#flush();
    this.#allowedBytes = unreadBytesMax + this.#output.writableLength;
  }

  /** Resolves when all is written, or nobody reads it. */
  async end(): Promise<void> {
    this.#flush();
    // An empty write is done when all before it are; of one that fails the error is told, too.
    if (!this.#over) await new Promise<void>((resolve) => this.#output.write('', () => resolve()));
  }

  #flush(): void {
    const text = this.#written;
    this.#written = '';
    if (this.#over || text === '') return;
    this.#output.write(text);
    if (this.#output.writableLength > this.#allowedBytes) this.#lost('slow');
  }
}
