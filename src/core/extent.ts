/**
 * How far logs go: where two of them part, and which is further. It takes no entries, only through which reigns each has
 * come.
 */
import type { PeerId } from './view.ts';

/** One coordinator's reign: which it was, whose, and the first seq given in it. */
export interface Reign {
  readonly epoch: number;
  readonly coordinator: PeerId;
  readonly first: number;
}

/** How far a log goes, and through which reigns: enough to find where two logs part. */
export interface Extent {
  /** Oldest first; at least the latest ones. */
  readonly lineage: readonly Reign[];
  /** The seq of the first entry still held; `last + 1` when there is none. */
  readonly first: number;
  /** The seq of the last entry, 0 for an empty log. */
  readonly last: number;
}

/**
 * The last seq up to which two logs are the same, and after which both can go on; 0 when there is none. One reign has
 * one coordinator, and TCP keeps order, so logs that both have a reign are equal in it as far as both go (the log
 * matching property of Raft). A log that has been trimmed beyond that place can neither be cut back to it nor continued.
 */
export function commonSeq(mine: Extent, theirs: Extent): number {
  for (let at = mine.lineage.length - 1; at >= 0; at--) {
    const reign = mine.lineage[at] as Reign;
    const twin = theirs.lineage.findIndex(
      (other) => other.epoch === reign.epoch && other.coordinator === reign.coordinator && other.first === reign.first,
    );
    if (twin === -1) continue;
    const end = (extent: Extent, index: number): number => (extent.lineage[index + 1]?.first ?? extent.last + 1) - 1;
    const common = Math.min(end(mine, at), end(theirs, twin));
    return common + 1 < Math.max(mine.first, theirs.first) ? 0 : common;
  }
  return 0;
}

/** Which of two logs is further: the one of the later reign, then the longer one. Positive when `a` is. */
export function compareExtents(a: Extent, b: Extent): number {
  const [mine, theirs] = [a.lineage.at(-1), b.lineage.at(-1)];
  if (mine === undefined || theirs === undefined) return a.lineage.length - b.lineage.length;
  if (mine.epoch !== theirs.epoch) return mine.epoch - theirs.epoch;
  // Two reigns of one number are two rooms' halves: any rule that all share will do.
  if (mine.coordinator !== theirs.coordinator) return mine.coordinator < theirs.coordinator ? 1 : -1;
  return a.last - b.last;
}
