/**
 * Settling: what becomes of all that did not fit, when an export (proof.ts) has been read to its end.
 *
 * What is missing in one place may stand in another, or in another's name: each signature that could not be checked is
 * tried on the lines that could be meant. Then each line that waited is proven, or it is known why it is not; and last it
 * is told which numbers are missing, moved or doubled.
 */
import { sign, type Author } from './author.ts';
import type { Signature } from './cover.ts';
import { assert } from './errors.ts';
import type { FaultKind, Faults, Heard } from './fault.ts';
import type { Gap, Runs, Stray } from './runs.ts';
import type { PeerId } from './view.ts';
import type { Witnesses } from './witness.ts';

/** All that was read. */
interface Reading {
  readonly witnesses: Witnesses;
  readonly faults: Faults;
  readonly authors: ReadonlyMap<PeerId, Author>;
  /** Lines that wait for the end, and signatures that do. */
  readonly loose: readonly Heard[];
  readonly covers: readonly Signature[];
  /** The numbers of the room's entries. */
  readonly seqs: Runs;
  /** The lines of the file that could not be read. */
  readonly damaged: readonly number[];
  /** The last entry of the room; undefined where the file was not read so far. */
  readonly to: number | undefined;
}

/** Tells all that is wrong and was not told yet. */
export function settle(reading: Reading): void {
  order(reading, match(reading));
}

/** Each line that waits is its author's, or not proven. @returns numbers that were found in another's name */
function match(reading: Reading): Map<PeerId, Set<number>> {
  const { witnesses, faults, authors, covers } = reading;
  const loose = [...reading.loose, ...Array.from(authors.values(), ({ open }) => open).flat()];
  const waiting = new Set(loose);
  const own = new Map<string, Heard[]>();
  const byNumber = new Map<number, Heard[]>();
  for (const heard of loose) {
    put(own, `${heard.author} ${heard.line.n}`, heard, choicesMax);
    put(byNumber, heard.line.n, heard, choicesMax);
  }
  const elsewhere = new Map<PeerId, Set<number>>();
  const failed = new Map<Heard, Signature>();
  const verdicts = new Map<Signature, 'changed' | 'unproven'>();
  for (const cover of covers) {
    const { from, n, author: id } = cover;
    const numbers = Array.from({ length: n - from + 1 }, (_, at) => from + at);
    const mine = numbers.map((at) => own.get(`${id} ${at}`) ?? []);
    const choices = mine.map((some, at) => [...some, ...(byNumber.get(from + at) ?? [])]);
    const chosen = puzzle(witnesses, cover, choices);
    for (const heard of chosen ?? []) {
      waiting.delete(heard);
      if (heard.author !== id) elsewhere.set(id, (elsewhere.get(id) ?? new Set()).add(heard.line.n));
      restore(reading, heard, id);
    }
    if (chosen !== undefined) continue;
    verdicts.set(cover, mine.some((some) => some.length === 0) ? 'unproven' : 'changed');
    for (const heard of mine.flat()) failed.set(heard, cover);
  }
  const together = new Map<Signature, Heard[]>();
  const others = new Map<PeerId, Heard[]>();
  for (const heard of waiting) {
    const cover = failed.get(heard);
    if (cover === undefined) put(others, heard.author, heard);
    else put(together, cover, heard);
  }
  for (const [cover, lines] of together) faults.reject(verdicts.get(cover) ?? 'unproven', inOrder(lines));
  for (const [id, lines] of others) rest(reading, id, inOrder(lines));
  return elsewhere;
}

/** The lines that a signature is over, of each number one: those that come first, or another in place of one of them. */
function puzzle(witnesses: Witnesses, cover: Signature, choices: readonly (readonly Heard[])[]): Heard[] | undefined {
  if (choices.some((some) => some.length === 0)) return undefined;
  const first = choices.map((some) => some[0] as Heard);
  const isTrue = (lines: readonly Heard[]): boolean =>
    witnesses.guess(cover, { base: '', lines: lines.map(({ line }) => line) });
  if (isTrue(first)) return first;
  for (const [at, some] of choices.entries()) {
    for (const heard of some.slice(1)) {
      const lines = first.with(at, heard);
      if (heard !== first[at] && isTrue(lines)) return lines;
    }
  }
  return undefined;
}

/** Whoever has said something, or signed something that waits, is known. */
function authorIn({ authors }: Reading, id: PeerId): Author {
  const author = authors.get(id);
  assert(author !== undefined, `${id} has said something`);
  return author;
}

/** A line that waited is proven to be that author's. */
function restore(reading: Reading, heard: Heard, id: PeerId): void {
  const { witnesses, faults } = reading;
  const { author: other, place, line } = heard;
  const author = authorIn(reading, id);
  sign(author, [heard]);
  if (other === id) return;
  const before = authorIn(reading, other);
  before.runs.forget(line.n, place);
  if (heard.shown) [before.lines, author.lines] = [before.lines - 1, author.lines + 1];
  faults.withdraw('name', place);
  faults.addOf('attributed', other, place, line.n, { other: witnesses.called(id) });
}

/** An author's lines that no signature covers. Of those that come again that is said, and enough. */
function rest(reading: Reading, id: PeerId, lines: readonly Heard[]): void {
  const { faults, to } = reading;
  const { signedTo, open, runs } = authorIn(reading, id);
  const { doubled } = runs.end();
  const last = new Set(open);
  const once = lines.filter(({ place }) => !doubled.some((one) => one.place <= place && one.until >= place));
  const mayCome = (heard: Heard): boolean => last.has(heard) || heard.line.n > signedTo;
  for (const run of stretches(once.filter((heard) => !mayCome(heard)))) faults.reject('unsigned', run);
  // What was not read may have signed them.
  if (to !== undefined) for (const run of stretches(once.filter(mayCome))) faults.reject('open', run);
}

/** What is missing, moved or doubled: by each author's numbers, and by those of the room where these do not say it. */
function order(reading: Reading, elsewhere: ReadonlyMap<PeerId, ReadonlySet<number>>): void {
  const { witnesses, faults, authors, seqs, damaged } = reading;
  const told: Stray[] = [];
  const missing: Gap[] = [];
  for (const [id, { runs }] of authors) {
    const { gaps, moved, doubled } = runs.end(undefined, elsewhere.get(id));
    const name = witnesses.called(id);
    const say = (kind: FaultKind, strays: readonly Stray[]): void => {
      for (const { from, to, place, until } of strays) faults.add({ kind, place, until, id, name, from, to });
      told.push(...strays);
    };
    say('moved', moved);
    say('doubled', doubled);
    for (const gap of gaps) {
      missing.push(gap);
      if (isDamaged(damaged, gap)) continue;
      faults.add({ kind: 'missing', place: gap.after, until: gap.after, id, name, from: gap.from, to: gap.to });
    }
  }
  const { gaps, moved, doubled } = seqs.end(reading.to);
  for (const gap of gaps) {
    const known = missing.filter(({ after, before }) => after <= gap.after && before >= gap.before);
    const explained = known.reduce((sum, { from, to }) => sum + to - from + 1, 0);
    if (explained >= gap.to - gap.from + 1 || isDamaged(damaged, gap)) continue;
    faults.add({ kind: 'missing', place: gap.after, until: gap.after, from: gap.from, to: gap.to });
  }
  for (const [kind, strays] of [
    ['moved', moved],
    ['doubled', doubled],
  ] as const) {
    for (const { from, to, place, until, home } of strays) {
      const [start, end] = [Math.min(place, home), Math.max(until, home + 1)];
      if (told.some((stray) => stray.place <= end && stray.until >= start)) continue;
      faults.add({ kind, place, until, from, to });
    }
  }
}

/** Whether what is missing there may be what could not be read. */
function isDamaged(damaged: readonly number[], { from, to, after, before }: Gap): boolean {
  return damaged.filter((place) => place > after && place < before).length >= to - from + 1;
}

/** More that could stand in one place are not tried. */
const choicesMax = 8;

function put<Key>(into: Map<Key, Heard[]>, key: Key, heard: Heard, most = Infinity): void {
  const some = into.get(key);
  if (some === undefined) into.set(key, [heard]);
  else if (some.length < most) some.push(heard);
}

function inOrder(lines: readonly Heard[]): Heard[] {
  return lines.toSorted((a, b) => a.line.n - b.line.n);
}

/** Lines in stretches of numbers that follow each other. */
function stretches(lines: readonly Heard[]): Heard[][] {
  const parts: Heard[][] = [];
  for (const heard of lines) {
    const last = parts.at(-1);
    if (last?.at(-1)?.line.n === heard.line.n - 1) last.push(heard);
    else parts.push([heard]);
  }
  return parts;
}
