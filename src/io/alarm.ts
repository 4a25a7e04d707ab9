/**
 * The one alarm. It is set anew after each step, and most often to a later time: so a timer is let run when the time has
 * moved on, and when it rings early it is only set again.
 */
import { performance } from 'node:perf_hooks';

/** The longest that a timer of Node can wait, ms: above that it rings at once. */
const waitMs = 2 ** 31 - 1;

export class Alarm {
  readonly #rings: () => void;
  #due = Infinity;
  #timer: NodeJS.Timeout | undefined;
  /** When that rings (ms). */
  #timerAt = Infinity;
  #soon: NodeJS.Immediate | undefined;
  #stopped = false;

  constructor(rings: () => void) {
    this.#rings = rings;
  }

  /** @param due when it is to ring, ms of `performance.now`; what is due already rings after this turn of the event loop */
  set(due: number): void {
    if (this.#stopped) return;
    this.#due = due;
    if (due <= performance.now()) {
      this.#soon ??= setImmediate(() => {
        this.#soon = undefined;
        this.#rings();
      });
      return;
    }
    if (due >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = due;
    // A timer of Node may ring up to 1 ms early; rounding up spares a second one.
    this.#timer = setTimeout(() => this.#ring(), Math.min(Math.ceil(due - performance.now()) + 1, waitMs));
  }

  #ring(): void {
    this.#timerAt = Infinity;
    if (this.#due <= performance.now()) this.#rings();
    else this.set(this.#due);
  }

  /** It does not ring any more, whatever it is set to. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    if (this.#soon !== undefined) clearImmediate(this.#soon);
  }
}
