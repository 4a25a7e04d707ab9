/** Lines that were entered, as Up and Down bring them back. Pure but for where it stands. */
import { limits } from '../core/limits.ts';

export class Recall {
  /** The oldest first, none twice. */
  #lines: string[];
  /** Which of them is back; behind the last one stands what was typed when the first was brought back. */
  #at: number;
  #draft = '';

  /** @param lines the oldest first */
  constructor(lines: readonly string[]) {
    this.#lines = [...lines];
    this.#at = lines.length;
  }

  enter(line: string): void {
    if (line.trim() !== '') {
      this.#lines = [...this.#lines.filter((one) => one !== line), line].slice(-limits.keptLinesMax);
    }
    this.#at = this.#lines.length;
  }

  /** @param line what is typed */
  older(line: string): string | undefined {
    if (this.#at === 0) return undefined;
    if (this.#at === this.#lines.length) this.#draft = line;
    return this.#lines[--this.#at];
  }

  newer(): string | undefined {
    if (this.#at === this.#lines.length) return undefined;
    return this.#lines[++this.#at] ?? this.#draft;
  }
}
