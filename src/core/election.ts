/**
 * Elections without ballots: everyone has the same view, so everyone names the same successor (`coordinatorOf`).
 * What is left to decide: how long to wait before dialling it, and which of two rooms' halves goes on when they meet.
 */
import { limits } from './limits.ts';
import type { Random } from './random.ts';
import { memberOf, type PeerId, type View } from './view.ts';

/** A random wait, uniform in 0 to `backoffMs`, which doubles with each attempt (ms). */
export function backoff(random: Random, attempt: number, backoffMs: number): number {
  return random.unit() * Math.min(backoffMs * 2 ** attempt, limits.backoffMsMax);
}

/** One of two parts of a room that have met. */
export interface Part {
  readonly coordinator: PeerId;
  readonly members: readonly PeerId[];
}

/**
 * Whether `mine` yields to `theirs`: the part with more members of the last common view goes on; then the one with more
 * members (those whose processes were started anew have other ids since); then the one whose coordinator joined
 * earlier; then the lower id. Both sides come to the same answer from the same facts.
 */
export function yields(mine: Part, theirs: Part, common: Pick<View, 'members'>): boolean {
  const known = new Set(common.members.map(({ id }) => id));
  const size = (part: Part): number => new Set(part.members.filter((id) => known.has(id))).size;
  if (size(mine) !== size(theirs)) return size(mine) < size(theirs);
  const count = (part: Part): number => new Set(part.members).size;
  if (count(mine) !== count(theirs)) return count(mine) < count(theirs);
  const joined = (part: Part): number => memberOf(common, part.coordinator)?.joined ?? Infinity;
  if (joined(mine) !== joined(theirs)) return joined(mine) > joined(theirs);
  return mine.coordinator > theirs.coordinator;
}
