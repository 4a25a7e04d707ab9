/**
 * Covers: by which signature a line is its author's.
 *
 * Signing each line would cost more than all else that is done for it. So an author's lines hang together by a chain of
 * hashes, and a signature over the last hash covers all since the signature before: a range. What an author says now and
 * then is signed at once; in a burst, a signature comes every 100 ms or 256 lines, and one with nothing but itself (a
 * seal) when the burst ends without.
 *
 * A range that nothing covers yet is part of what a log amounts to, so that one who comes in the middle of it can check
 * the rest: a snapshot has the hash of what came before.
 */
import type { Crypto } from './crypto.ts';
import type { ChatEntry, Offer } from './entry.ts';
import { statement } from './identity.ts';
import { limits } from './limits.ts';
import type { PeerId } from './view.ts';

/** What a signature is over, of one line. */
export type Line = Pick<Offer, 'n' | 'time' | 'what' | 'text'>;

/** An author's lines that no signature covers yet. */
export interface Range {
  /** The number of its first line. */
  readonly from: number;
  /** The hash of its lines that are not held any more; '' when all are. */
  readonly base: string;
  /** The others, in order. */
  readonly lines: readonly Line[];
}

/** A cover that has come, and what it is said to cover. */
export interface Covered {
  readonly author: PeerId;
  readonly from: number;
  readonly n: number;
  readonly signature: string;
  /** Undefined when not all of it is known. */
  readonly range: Range | undefined;
}

const encoder = new TextEncoder();

/** The hash of a chain with one line more. */
function link(crypto: Crypto, hash: string, author: PeerId, { n, time, what, text }: Line): string {
  return crypto.hash(encoder.encode(`${hash} ${author} ${n} ${time} ${what ?? 'line'} ${text}`));
}

/** The hash of all lines of a range, and of `more`. */
export function hashOf(crypto: Crypto, author: PeerId, { base, lines }: Omit<Range, 'from'>): string {
  return lines.reduce((hash, line) => link(crypto, hash, author, line), base);
}

/** What a signature over lines of an author is over. */
export function coverOf(room: string, author: PeerId, from: number, n: number, hash: string): Uint8Array {
  return statement('lines', room, author, from, n, hash);
}

/** What one more line does to its author's range. */
export interface Step {
  /** Undefined when a signature covers all. */
  readonly range: Range | undefined;
  readonly covered: Covered | undefined;
  /** Lines that came before, and that nothing will cover any more. */
  readonly left: readonly Line[];
}

/** The range of an author with one line more; `last` is its last number before. */
export function extend(before: Range | undefined, last: number, entry: ChatEntry): Step {
  const { author, n, time, what, text, cover } = entry;
  const line: Line = { n, time, what, text };
  // A gap, or more than anybody leaves uncovered: the chain begins anew.
  const goesOn = before !== undefined && n === last + 1 && n - before.from < limits.coverLinesMax;
  const left = goesOn ? [] : (before?.lines ?? []);
  const range: Range = goesOn ? { ...before, lines: [...before.lines, line] } : { from: n, base: '', lines: [line] };
  if (cover === undefined) return { range, covered: undefined, left };
  const { from, signature } = cover;
  const at = range.lines.findIndex((one) => one.n === from);
  const part = at === -1 ? undefined : { from, base: '', lines: range.lines.slice(at) };
  const whole = from === range.from;
  const rest = whole || part === undefined ? [] : range.lines.slice(0, at);
  const covered = { author, from, n, signature, range: whole ? range : part };
  return { range: undefined, covered, left: [...left, ...rest] };
}
