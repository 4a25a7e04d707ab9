/**
 * An author of an export (proof.ts): its numbers, and its lines that no signature covers yet. Changed in place.
 */
import type { Heard } from './fault.ts';
import { Runs } from './runs.ts';

export interface Author {
  readonly runs: Runs;
  /** Where the run of now begins, and its lines that no signature covers yet. */
  first: number;
  open: Heard[];
  /** The hash of those of them that stood before the first entry. */
  base: { readonly from: number; readonly hash: string; readonly next: number } | undefined;
  /** The last number that is said to be left out, and its place. */
  hidden: { readonly n: number; readonly place: number } | undefined;
  /** The last number that a signature covers. */
  signedTo: number;
  lines: number;
  signed: number;
}

export function createAuthor(): Author {
  return {
    runs: new Runs(),
    first: 0,
    open: [],
    base: undefined,
    hidden: undefined,
    signedTo: 0,
    lines: 0,
    signed: 0,
  };
}

/** A true signature covers these. */
export function sign(author: Author, lines: readonly Heard[]): void {
  for (const { shown, line } of lines) {
    if (shown) author.signed++;
    author.signedTo = Math.max(author.signedTo, line.n);
  }
}
