/** A slate on which nothing is ever drawn again: lines are only appended, and there is no prompt. */
import type { Slate } from './slate.ts';

/** A line that may still change waits so long before it is printed, ms: here none can be changed afterwards. */
const heldMs = 300;

export abstract class Appended implements Slate {
  /** Nobody sees it here. */
  label = '';
  #held: { text: string; readonly hang: number } | null = null;
  /** Runs while a line is held. */
  #holding: NodeJS.Timeout | undefined;

  abstract print(line: string, hang?: number): void;
  abstract close(): void;

  get holding(): boolean {
    return this.#held !== null;
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
}
