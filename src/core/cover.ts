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
import type { Crypto, PersonKey } from './crypto.ts';
import type { ChatEntry, Offer } from './entry.ts';
import { assert } from './errors.ts';
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

/** A signature over an author's lines `from` to `n`. */
export interface Signature {
  readonly author: PeerId;
  readonly from: number;
  readonly n: number;
  readonly signature: string;
}

/** A cover that has come, and what it is said to cover. */
export interface Covered extends Signature {
  readonly range: Range;
}

const encoder = new TextEncoder();
/** Every line of the room is hashed: one place to encode them in, made once, halves what that costs. */
const scratch = new Uint8Array(limits.lineBytesMax + limits.linkBytesMax);

/** The hash of a chain with one line more. */
function link(crypto: Crypto, hash: string, author: PeerId, { n, time, what, text }: Line): string {
  const linked = `${hash} ${author} ${n} ${time} ${what ?? 'line'} ${text}`;
  const { read, written } = encoder.encodeInto(linked, scratch);
  assert(read === linked.length, 'a line is not longer than a line may be');
  return crypto.hash(scratch.subarray(0, written));
}

/** The hash of all lines of a range, and of `more`. */
export function hashOf(crypto: Crypto, author: PeerId, { base, lines }: Omit<Range, 'from'>): string {
  return lines.reduce((hash, line) => link(crypto, hash, author, line), base);
}

/** What a signature over lines of an author is over. */
export function coverOf(room: string, author: PeerId, from: number, n: number, hash: string): Uint8Array {
  return statement('lines', room, author, from, n, hash);
}

/** Whether it was made with that key, over these lines of that room. */
export function isSigned(
  crypto: Crypto,
  key: PersonKey,
  room: string,
  { author, from, n, signature }: Signature,
  range: Omit<Range, 'from'>,
): boolean {
  return crypto.verify(key, coverOf(room, author, from, n, hashOf(crypto, author, range)), signature);
}

/**
 * A range that grows. The ranges of a burst share the array that the latest of them adds to, and each shows as much of it
 * as there was: to copy it with each line would cost as much as to hash the line.
 */
class Growing implements Range {
  readonly from: number;
  readonly base: string;
  /** Of all their texts. */
  readonly chars: number;
  readonly #all: Line[];
  readonly #count: number;

  constructor({ from, base }: Omit<Range, 'lines'>, all: Line[], chars: number) {
    this.from = from;
    this.base = base;
    this.chars = chars;
    this.#all = all;
    this.#count = all.length;
  }

  get lines(): readonly Line[] {
    return this.#all.length === this.#count ? this.#all : this.#all.slice(0, this.#count);
  }

  and(line: Line): Range {
    // Only the latest may add: what an earlier one sees must not change.
    const all = this.#all.length === this.#count ? this.#all : this.#all.slice(0, this.#count);
    all.push(line);
    return new Growing(this, all, this.chars + line.text.length);
  }
}

function withLine(range: Range, line: Line): Range {
  if (range instanceof Growing) return range.and(line);
  return new Growing(range, [...range.lines, line], charsOf(range) + line.text.length);
}

/** How much text a range has, in UTF-16 code units: never more than it has bytes. */
export function charsOf(range: Range): number {
  return range instanceof Growing ? range.chars : range.lines.reduce((sum, { text }) => sum + text.length, 0);
}

/** Whether a range is as long as any may be: whoever signs does so then. */
export function isLong(lines: number, chars: number): boolean {
  return lines >= limits.coverLinesMax || chars >= limits.coverCharsMax;
}

/** What one more line does to its author's range. */
export interface Step {
  /** Undefined when a signature covers all. */
  readonly range: Range | undefined;
  readonly covered: Covered | undefined;
  /** Lines that came before, and that nothing will cover any more. */
  readonly left: readonly Line[];
  /** Of somebody else: they had to make room. */
  readonly ousted?: { readonly author: PeerId; readonly lines: readonly Line[] } | undefined;
}

/** The range of an author with one line more; `last` is its last number before. */
export function extend(before: Range | undefined, last: number, entry: ChatEntry): Step {
  const { author, n, time, what, text, cover } = entry;
  const line: Line = { n, time, what, text };
  // A gap, or more than anybody leaves uncovered: the chain begins anew.
  const goesOn = before !== undefined && n === last + 1 && !isLong(n - before.from, charsOf(before));
  const left = goesOn ? [] : (before?.lines ?? []);
  const range = withLine(goesOn ? before : { from: n, base: '', lines: [] }, line);
  if (cover === undefined) return { range, covered: undefined, left };
  const { from, signature } = cover;
  if (from === range.from) return { range: undefined, covered: { author, from, n, signature, range }, left };
  const at = range.lines.findIndex((one) => one.n === from);
  // What begins where nobody knows proves nothing: or any signature would do, from far enough back.
  if (at === -1) return { range: undefined, covered: undefined, left: [...left, ...range.lines] };
  const part = { from, base: '', lines: range.lines.slice(at) };
  const covered = { author, from, n, signature, range: part };
  return { range: undefined, covered, left: [...left, ...range.lines.slice(0, at)] };
}
