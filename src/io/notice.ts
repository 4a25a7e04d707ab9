/**
 * Notices about those who are turned away: each kind is told at most once a minute, with how many more there were, so
 * that whoever knocks all night does not fill a screen.
 */
import { limits } from '../core/limits.ts';

/** `plain`: without encryption, in a room that has it. `tls`: the reverse. `open`: as if this room were not private. */
export type Turned = 'plain' | 'tls' | 'open' | 'key';

export class Notices {
  readonly #everyMs: number;
  readonly #told = new Map<Turned, { at: number; untold: number }>();

  constructor(everyMs: number = limits.turnedAwayMs) {
    this.#everyMs = everyMs;
  }

  /**
   * One more was turned away, at `now` (ms).
   * @returns how many there have been since it was told last, this one included; undefined when it is not told now
   */
  note(kind: Turned, now: number): number | undefined {
    const last = this.#told.get(kind);
    if (last !== undefined && now - last.at < this.#everyMs) {
      last.untold++;
      return undefined;
    }
    this.#told.set(kind, { at: now, untold: 0 });
    return (last?.untold ?? 0) + 1;
  }
}
