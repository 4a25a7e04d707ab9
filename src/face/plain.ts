/**
 * The slate of a terminal that cannot move its cursor (TERM=dumb): lines are appended, nothing is ever drawn again,
 * and there is no prompt. The terminal itself echoes and edits what is typed.
 */
import { limits } from '../core/limits.ts';
import { lines } from './lines.ts';
import { rowsOf } from './rows.ts';
import type { Slate, SlateOptions } from './slate.ts';

/** A line that may still change waits so long before it is printed, ms: here none can be changed afterwards. */
const heldMs = 300;

export class Plain implements Slate {
  label = '';
  #held: { text: string; readonly hang: number } | null = null;
  /** Runs while a line is held. */
  #holding: NodeJS.Timeout | undefined;
  readonly #options: SlateOptions;
  #closed = false;

  constructor(options: SlateOptions) {
    this.#options = options;
    void this.#read();
  }

  get holding(): boolean {
    return this.#held !== null;
  }

  print(line: string, hang?: number): void {
    this.settle();
    const { output } = this.#options;
    output.write(`${hang === undefined ? line : rowsOf(line, hang, output.columns).join('\n')}\n`);
  }

  hold(line: string, hang: number): void {
    this.settle();
    this.#held = { text: line, hang };
    this.#holding = setTimeout(() => this.settle(), heldMs).unref();
  }

  revise(line: string): void {
    if (this.#held !== null) this.#held.text = line;
  }

  settle(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    clearTimeout(this.#holding);
    this.print(held.text, held.hang);
  }

  /** What was printed stays. */
  clear(): boolean {
    return false;
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
