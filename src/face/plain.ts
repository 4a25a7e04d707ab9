/**
 * The slate of a terminal that cannot move its cursor (TERM=dumb): lines are appended, nothing is ever drawn again,
 * and there is no prompt. The terminal itself echoes and edits what is typed.
 */
import { limits } from '../core/limits.ts';
import { lines } from './lines.ts';
import type { Slate, SlateOptions } from './prompt.ts';
import { rowsOf } from './rows.ts';

export class Plain implements Slate {
  label = '';
  readonly holding = false;
  readonly #options: SlateOptions;
  #closed = false;

  constructor(options: SlateOptions) {
    this.#options = options;
    void this.#read();
  }

  print(line: string, hang?: number): void {
    const { output } = this.#options;
    output.write(`${hang === undefined ? line : rowsOf(line, hang, output.columns).join('\n')}\n`);
  }

  hold(line: string, hang: number): void {
    this.print(line, hang);
  }

  /** What is printed here never changes. */
  revise(): void {}

  settle(): void {}

  close(): void {
    this.#closed = true;
    this.#options.input.pause();
  }

  async #read(): Promise<void> {
    try {
      for await (const line of lines(this.#options.input, limits.typedBytesMax)) {
        if (this.#closed) return;
        this.#options.line(line);
      }
    } catch {
      // The terminal has gone (EIO).
    }
    if (!this.#closed) this.#options.end();
  }
}
