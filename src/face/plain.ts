/**
 * The slate of a terminal that is read and written line by line (TERM=dumb), such as a shell within an editor: it echoes
 * and edits by itself what is typed.
 */
import { limits } from '../core/limits.ts';
import { Appended } from './appended.ts';
import { lines } from './lines.ts';
import { rowsOf } from './rows.ts';
import type { SlateOptions } from './slate.ts';

export class Plain extends Appended {
  readonly #options: SlateOptions;
  #closed = false;

  constructor(options: SlateOptions) {
    super();
    this.#options = options;
    void this.#read();
  }

  print(line: string, hang?: number): void {
    this.settle();
    const { output } = this.#options;
    output.write(`${rowsOf(line, hang, output.columns).join('\n')}\n`);
  }

  close(): void {
    this.settle();
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
