/**
 * Looking: what a peer without an address makes of the beacons that it hears, and when it has heard enough.
 *
 * A room that is known here is taken at once. Any other is taken when no more have been heard for a moment, since who is
 * in a hurry would not know that there are two. Where two are heard, it is asked again: a
 * room into which somebody comes just now has another mark, and until all say so it looks like two. When there is none, one is founded; but of several who look at the same
 * time, as a class does that sits down together, only one should: the one with the lowest token. The others wait for it.
 */
import type { Beacon, Crowd, RoomKind } from './beacon.ts';
import { limits } from './limits.ts';

export interface Wanted {
  /** What kind of room may be joined, besides those that are known here; undefined: none. */
  readonly kind: RoomKind | undefined;
  /** A room that is kept is to be gone on with if none is heard. */
  readonly kept: boolean;
  readonly token: string;
}

export class Look {
  readonly #wanted: Wanted;
  readonly #began: number;
  /** When the first room was heard, or it was asked again (ms). */
  #firstAt = Infinity;
  /** When it was asked again, since several rooms were heard (ms), and which marks they had last. */
  readonly #asked: number[] = [];
  #marks = '';
  /** Until when somebody else, who will found a room, is waited for (ms). */
  #waitsUntil = 0;

  constructor(wanted: Wanted, now: number) {
    this.#wanted = wanted;
    this.#began = now;
  }

  /** Somebody else looks, too. `own`: for a room that is known here. */
  seeks({ kind, token }: Beacon, own: boolean, now: number): void {
    // Twice as long as it takes to ask again, and to found.
    const alike = own || kind === this.#wanted.kind;
    if (alike && token < this.#wanted.token) this.#waitsUntil = now + 2 * limits.askMs;
  }

  /**
   * What has come of it by `now` (ms), when these are on the network.
   * @returns the rooms that may be joined, none perhaps; undefined while it is not known
   */
  verdict(crowds: readonly Crowd[], now: number): readonly Crowd[] | undefined {
    const { kind } = this.#wanted;
    const own = crowds.filter((crowd) => crowd.own !== undefined);
    if (own.length > 0) return own;
    const others = crowds.filter((crowd) => crowd.kind === kind);
    if (others.length > 0) this.#firstAt = Math.min(this.#firstAt, now);
    if (now < this.due) return undefined;
    const heardSince = (since: number): readonly Crowd[] =>
      others.filter(({ sightings }) => sightings.some(({ at }) => at >= since));
    // A mark that nobody has said for so long is gone; one answer may be lost, or others have given it.
    const there = heardSince(this.#asked.at(-limits.looksAgain) ?? -Infinity);
    if (there.length === 0) return others;
    const marks = there
      .map(({ mark }) => mark)
      .toSorted()
      .join();
    const again = heardSince(this.#asked.at(-1) ?? Infinity);
    const isSettled = again.length === there.length && marks === this.#marks;
    if (there.length < 2 || isSettled || now >= this.#began + limits.lookMsMax) return there;
    this.#asked.push(now);
    this.#firstAt = now;
    this.#marks = marks;
    return undefined;
  }

  /** How often several rooms were heard: each time it is to be asked at once who is there. */
  get rounds(): number {
    return this.#asked.length;
  }

  /** When it is over if nothing else is heard (ms). */
  get due(): number {
    if (this.#firstAt < Infinity) return this.#firstAt + limits.othersMs;
    // Whoever goes on with a room that is kept founds none.
    if (this.#wanted.kept) return this.#began + limits.lookKeptMs;
    return Math.min(this.#began + limits.lookMsMax, Math.max(this.#began + limits.lookMs, this.#waitsUntil));
  }
}
