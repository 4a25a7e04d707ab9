/**
 * Elections without ballots: everyone has the same view, so everyone names the same successor (`coordinatorOf`).
 * What is left to decide: how long to wait before dialling it, and which of two rooms' halves goes on when they meet.
 */
import { limits } from './limits.ts';
import type { Random } from './random.ts';
import type { PeerId } from './view.ts';

/** A random wait, uniform in 0 to `backoffMs`, which doubles with each attempt (ms). */
export function backoff(random: Random, attempt: number, backoffMs: number): number {
  return random.unit() * Math.min(backoffMs * 2 ** attempt, limits.backoffMsMax);
}

/** One of two parts of a room that have met, as one of them sees it. */
export interface Part {
  readonly coordinator: PeerId;
  /** How many it has of those who were together before the room parted. */
  readonly size: number;
  /** The place in the join order of the earliest of them. */
  readonly joined: number;
}

/**
 * Whether `mine` yields to `theirs`: the part with more of those who were together goes on; then the one with the
 * earliest-joined of them; then the one whose coordinator has the lower id. Both sides come to the same answer.
 */
export function yields(mine: Part, theirs: Part): boolean {
  if (mine.size !== theirs.size) return mine.size < theirs.size;
  if (mine.joined !== theirs.joined) return mine.joined > theirs.joined;
  return mine.coordinator > theirs.coordinator;
}
