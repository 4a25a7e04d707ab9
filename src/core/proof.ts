/**
 * Proof: what an export of a room that anybody may have written (testimony.ts) proves.
 *
 * A signature is over a range of its author's lines, so it tells that one of them is not what was signed, and not which.
 * Records are taken one by one. What stands as it was written is settled at once: a range is checked when its signature
 * comes, and forgotten. Only what does not fit waits for the end (lines whose range has a hole, and those that leap or
 * come again), for what is missing here may stand elsewhere, or in another's name. So memory is bounded, and one fault is
 * told once, as what it is, rather than by all that follows from it.
 *
 * Nobody has signed what was said in what order among several authors, nor where a history ends: seqs tell of
 * carelessness, not of malice.
 */
import type { Line, Signature } from './cover.ts';
import type { Crypto } from './crypto.ts';
import { Faults, type Fault, type FaultKind, type Heard } from './fault.ts';
import { limits } from './limits.ts';
import { Runs, type Gap, type Stray } from './runs.ts';
import type { Testimony } from './testimony.ts';
import type { PeerId } from './view.ts';
import { Witnesses, type Witness } from './witness.ts';

export interface Verdict {
  /** Nothing is wrong, and each line is proven. */
  readonly ok: boolean;
  readonly room: string | null;
  /** The first and the last entry of the room. */
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  readonly signed: number;
  /** Acts that are said to have been left out. */
  readonly leftOut: number;
  readonly people: readonly Witness[];
  /** In the order of the file. */
  readonly faults: readonly Fault[];
  /** How many more there are. */
  readonly more: number;
}

type Said = Extract<Testimony, { kind: 'line' | 'seal' }>;

/** A signature that cannot be checked yet. */
interface Cover extends Signature {
  readonly place: number;
}

interface Author {
  readonly runs: Runs;
  /** Where the run of now begins, and its lines that no signature covers yet. */
  first: number;
  open: Heard[];
  /** The hash of those of them that stood before the first entry. */
  base: { readonly from: number; readonly hash: string; readonly next: number } | undefined;
  /** The last number that is said to be left out, and its place. */
  hidden: { readonly n: number; readonly place: number } | undefined;
  last: number;
  /** The last number that a signature covers. */
  signedTo: number;
  lines: number;
  signed: number;
}

/** Reads an export. Owned by its reader and changed in place. */
export class Proof {
  #from = 0;
  #to = 0;
  #begun = false;
  #over = false;
  #place = 0;
  readonly #witnesses: Witnesses;
  readonly #faults: Faults;
  readonly #authors = new Map<PeerId, Author>();
  readonly #seqs = new Runs();
  /** Lines that wait for the end, and signatures that do. */
  readonly #loose: Heard[] = [];
  readonly #covers: Cover[] = [];
  readonly #damaged: number[] = [];
  #leaps = 0;
  #waitingBytes = 0;
  #leftOut = 0;

  constructor(crypto: Crypto) {
    this.#witnesses = new Witnesses(crypto);
    this.#faults = new Faults(this.#witnesses);
  }

  /** The next record of the file, which stands in that line of it (from 1), or why there is none. @returns whether to read on */
  take(record: Testimony | string, place: number): boolean {
    if (this.#over) return false;
    this.#place = place;
    if (this.#witnesses.room === null) return this.#begin(record, place);
    if (typeof record === 'string') this.#damage(record);
    else this.#hear(record);
    if (this.#leaps + this.#damaged.length > limits.exportLeapsMax) this.#stop('too much of it does not fit together');
    if (this.#waitingBytes > limits.exportOpenBytesMax) this.#stop('too much of it waits for a signature');
    if (Math.max(this.#witnesses.size, this.#authors.size) > limits.exportPeopleMax)
      this.#stop('it names too many people');
    return !this.#over;
  }

  #begin(record: Testimony | string, place: number): boolean {
    if (typeof record !== 'string' && record.kind === 'groupchat-export') {
      this.#witnesses.room = record.room;
      this.#from = record.from;
      this.#to = record.to;
      this.#seqs.begin(record.from - 1);
      return true;
    }
    this.#over = true;
    const why = typeof record === 'string' ? record : 'it does not say which room this is';
    this.#faults.unread(place, why);
    return false;
  }

  /** That line of the file, and all behind it, cannot be read. */
  cut(why: string, place: number): void {
    this.#place = place - 1;
    this.#stop(why);
  }

  #stop(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#faults.unread(this.#place + 1, why);
  }

  #damage(why: string): void {
    this.#damaged.push(this.#place);
    this.#faults.add({ kind: 'record', place: this.#place, until: this.#place, why });
  }

  #hear(record: Testimony): void {
    switch (record.kind) {
      case 'groupchat-export':
        return this.#damage('a second beginning');
      case 'person':
        for (const what of this.#witnesses.meet(record))
          this.#faults.add({ place: this.#place, until: this.#place, id: record.id, name: record.name, ...what });
        return;
      case 'open':
        return this.#open(record);
      case 'line':
      case 'seal':
        this.#step(record.seq);
        return this.#said(record);
      case 'left-out': {
        this.#step(record.seq);
        const author = this.#authorOf(record.id);
        this.#leftOut++;
        this.#count(author, record.n);
        author.hidden = { n: record.n, place: this.#place };
        return;
      }
      default:
        return this.#step(record.seq);
    }
  }

  #step(seq: number): void {
    this.#begun = true;
    if (this.#seqs.add(seq, this.#place) !== 'next') this.#leaps++;
  }

  #authorOf(id: PeerId): Author {
    const known = this.#authors.get(id);
    if (known !== undefined) return known;
    const made: Author = {
      runs: new Runs(),
      first: 0,
      open: [],
      base: undefined,
      hidden: undefined,
      last: 0,
      signedTo: 0,
      lines: 0,
      signed: 0,
    };
    this.#authors.set(id, made);
    if (this.#witnesses.get(id) === undefined)
      this.#faults.add({ kind: 'stranger', place: this.#place, until: this.#place, id });
    return made;
  }

  #open({ id, from, n, hash }: Extract<Testimony, { kind: 'open' }>): void {
    if (this.#begun || this.#authors.has(id) || from > n) return this.#damage('it does not belong there');
    const author = this.#authorOf(id);
    author.runs.begin(n);
    author.first = n + 1;
    author.last = n;
    author.base = { from, hash, next: n + 1 };
  }

  // --- Lines ---

  #said(record: Said): void {
    const { n, time, name, cover } = record;
    const what = record.kind === 'seal' ? 'seal' : undefined;
    const line: Line = { n, time, what, text: record.kind === 'seal' ? '' : record.text };
    let id = record.id;
    // What is signed alone stands for itself, so whose it is can be said at once.
    const alone = cover?.from === n && this.#witnesses.isTrue({ author: id, n, ...cover }, { base: '', lines: [line] });
    const truly = cover?.from === n && !alone ? this.#witnesses.whose(id, line, cover.signature) : undefined;
    if (truly !== undefined) {
      const shownAs = this.#witnesses.get(id)?.name ?? name;
      this.#faults.addOf('attributed', id, this.#place, n, { name: shownAs, other: this.#witnesses.called(truly) });
      id = truly;
    } else this.#checkName(id, name, n);
    const heard: Heard = { author: id, line, place: this.#place, shown: what === undefined };
    const author = this.#authorOf(id);
    if (heard.shown) author.lines++;
    const how = this.#count(author, n);
    if (alone || truly !== undefined) {
      if (how !== 'again') this.#leave(author, author.open.splice(0));
      return this.#sign(author, [heard]);
    }
    if (how === 'again') return this.#keep(heard);
    author.open.push(heard);
    this.#waitingBytes += line.text.length;
    if (author.open.length > limits.coverLinesMax) this.#leave(author, author.open.splice(0, 1));
    if (cover !== undefined) this.#cover(author, { author: id, n, place: this.#place, ...cover });
  }

  #checkName(id: PeerId, name: string, n: number): void {
    const person = this.#witnesses.get(id);
    // Whose name is wrong has been told of already.
    if (person === undefined || person.name === name || !person.real || person.vouched === false) return;
    this.#faults.addOf('name', id, this.#place, n, { other: name });
  }

  /** An author's number comes. */
  #count(author: Author, n: number): 'next' | 'again' | 'leap' {
    const how = author.runs.add(n, this.#place);
    if (how !== 'next') this.#leaps++;
    if (how === 'leap' || author.first === 0) {
      for (const heard of author.open.splice(0)) {
        this.#waitingBytes -= heard.line.text.length;
        this.#keep(heard);
      }
      author.first = n;
    }
    author.last = Math.max(author.last, n);
    return how;
  }

  /** A signature over the lines from `from` on comes with the last of them. */
  #cover(author: Author, cover: Cover): void {
    const { from, n } = cover;
    const { base, hidden, open } = author;
    const size = n - from + 1;
    const whole = base !== undefined && base.from === from && open[0]?.line.n === base.next;
    const at = whole ? 0 : open.findIndex(({ line }) => line.n === from);
    const part = at === -1 ? [] : open.slice(at);
    const complete = whole ? part.length === n - base.next + 1 : part.length === size;
    if (size < 1 || size > limits.coverLinesMax || complete) {
      const all = part.length > 0 ? part : open.slice(-1);
      this.#leave(author, open.slice(0, open.length - all.length));
      const range = { base: whole ? base.hash : '', lines: all.map(({ line }) => line) };
      if (complete && this.#witnesses.isTrue(cover, range)) this.#sign(author, all);
      else this.#faults.reject('changed', all);
    } else if (hidden !== undefined && hidden.n >= from && hidden.n < n) {
      this.#faults.addOf('hidden', cover.author, hidden.place, hidden.n);
      this.#faults.reject('unproven', open);
    } else if (from >= author.first) {
      // It is over lines that another one has covered.
      this.#faults.reject('changed', open);
    } else {
      this.#covers.push(cover);
      for (const heard of open) this.#keep(heard);
      this.#leaps++;
    }
    for (const { line } of open.splice(0)) this.#waitingBytes -= line.text.length;
    author.base = undefined;
  }

  /** For the end, where it counts again as waiting. */
  #keep(heard: Heard): void {
    this.#loose.push(heard);
    this.#waitingBytes += heard.line.text.length + 100;
  }

  /** Nothing covers these, and nothing will. */
  #leave(author: Author, lines: readonly Heard[]): void {
    for (const { line } of lines) this.#waitingBytes -= line.text.length;
    author.base = lines.length > 0 ? undefined : author.base;
    this.#faults.reject('unsigned', lines);
  }

  #sign(author: Author, lines: readonly Heard[]): void {
    for (const { shown, line } of lines) {
      if (shown) author.signed++;
      author.signedTo = Math.max(author.signedTo, line.n);
    }
  }

  // --- The end ---

  /** The file ends here. @returns what it proves */
  end(): Verdict {
    const { room } = this.#witnesses;
    if (room === null && !this.#over) this.#begin('the file is empty', 1);
    if (room !== null) this.#order(this.#settle());
    const faults = this.#faults.inOrder();
    const people = this.#witnesses.told(this.#authors);
    let [lines, signed] = [0, 0];
    for (const author of this.#authors.values()) [lines, signed] = [lines + author.lines, signed + author.signed];
    // Two people of one name, one after the other, make no line false.
    const wrong = faults.filter(({ kind }) => kind !== 'keys');
    return {
      ok: wrong.length === 0 && signed === lines,
      room,
      from: this.#from,
      to: this.#to,
      lines,
      signed,
      leftOut: this.#leftOut,
      people,
      faults,
      more: this.#faults.more,
    };
  }

  /** What has waited for the end. @returns numbers that were found in another's name */
  #settle(): Map<PeerId, Set<number>> {
    for (const { open } of this.#authors.values()) this.#loose.push(...open);
    const waiting = new Set(this.#loose);
    const own = new Map<string, Heard[]>();
    const byNumber = new Map<number, Heard[]>();
    for (const heard of this.#loose) {
      gather(own, `${heard.author} ${heard.line.n}`, heard);
      gather(byNumber, heard.line.n, heard);
    }
    const elsewhere = new Map<PeerId, Set<number>>();
    const failed = new Map<Heard, Cover>();
    const verdicts = new Map<Cover, 'changed' | 'unproven'>();
    for (const cover of this.#covers) {
      const { from, n, author: id } = cover;
      const numbers = Array.from({ length: n - from + 1 }, (_, at) => from + at);
      const mine = numbers.map((at) => own.get(`${id} ${at}`) ?? []);
      const choices = mine.map((some, at) => [...some, ...(byNumber.get(from + at) ?? [])]);
      const chosen = this.#puzzle(cover, choices);
      for (const heard of chosen ?? []) {
        waiting.delete(heard);
        if (heard.author !== id) elsewhere.set(id, (elsewhere.get(id) ?? new Set()).add(heard.line.n));
        this.#restore(heard, id);
      }
      if (chosen !== undefined) continue;
      verdicts.set(cover, mine.some((some) => some.length === 0) ? 'unproven' : 'changed');
      for (const heard of mine.flat()) failed.set(heard, cover);
    }
    const together = new Map<Cover, Heard[]>();
    const rest = new Map<PeerId, Heard[]>();
    for (const heard of waiting) {
      const cover = failed.get(heard);
      if (cover === undefined) put(rest, heard.author, heard);
      else put(together, cover, heard);
    }
    for (const [cover, lines] of together) this.#faults.reject(verdicts.get(cover) ?? 'unproven', inOrder(lines));
    for (const [id, lines] of rest) this.#rest(this.#authorOf(id), inOrder(lines));
    return elsewhere;
  }

  /** The lines that a signature is over, of each number one: those that come first, or another in place of one of them. */
  #puzzle(cover: Cover, choices: readonly (readonly Heard[])[]): Heard[] | undefined {
    if (choices.some((some) => some.length === 0)) return undefined;
    const first = choices.map((some) => some[0] as Heard);
    const isTrue = (lines: readonly Heard[]): boolean =>
      this.#witnesses.guess(cover, { base: '', lines: lines.map(({ line }) => line) });
    if (isTrue(first)) return first;
    for (const [at, some] of choices.entries()) {
      for (const heard of some.slice(1)) {
        const lines = first.with(at, heard);
        if (heard !== first[at] && isTrue(lines)) return lines;
      }
    }
    return undefined;
  }

  /** A line that waited is proven to be that author's. */
  #restore(heard: Heard, id: PeerId): void {
    const { author: other, place, line } = heard;
    const author = this.#authorOf(id);
    this.#sign(author, [heard]);
    if (other === id) return;
    const before = this.#authorOf(other);
    before.runs.forget(line.n, place);
    if (heard.shown) [before.lines, author.lines] = [before.lines - 1, author.lines + 1];
    this.#faults.withdraw('name', place);
    this.#faults.addOf('attributed', other, place, line.n, { other: this.#witnesses.called(id) });
  }

  /** An author's lines that no signature covers. Of those that come again that is said, and enough. */
  #rest({ signedTo, open, runs }: Author, lines: readonly Heard[]): void {
    const { doubled } = runs.end();
    const last = new Set(open);
    const once = lines.filter(({ place }) => !doubled.some((one) => one.place <= place && one.until >= place));
    const mayCome = (heard: Heard): boolean => last.has(heard) || heard.line.n > signedTo;
    for (const run of stretches(once.filter((heard) => !mayCome(heard)))) this.#faults.reject('unsigned', run);
    // What was not read may have signed them.
    if (!this.#over) for (const run of stretches(once.filter(mayCome))) this.#faults.reject('open', run);
  }

  /** What is missing, moved or doubled: by each author's numbers, and by those of the room where these do not say it. */
  #order(elsewhere: ReadonlyMap<PeerId, ReadonlySet<number>>): void {
    const told: Stray[] = [];
    const missing: Gap[] = [];
    for (const [id, { runs }] of this.#authors) {
      const { gaps, moved, doubled } = runs.end(undefined, elsewhere.get(id));
      const name = this.#witnesses.called(id);
      const say = (kind: FaultKind, strays: readonly Stray[]): void => {
        for (const { from, to, place, until } of strays) this.#faults.add({ kind, place, until, id, name, from, to });
        told.push(...strays);
      };
      say('moved', moved);
      say('doubled', doubled);
      for (const gap of gaps) {
        missing.push(gap);
        if (this.#isDamaged(gap)) continue;
        this.#faults.add({ kind: 'missing', place: gap.after, until: gap.after, id, name, from: gap.from, to: gap.to });
      }
    }
    const { gaps, moved, doubled } = this.#seqs.end(this.#over ? undefined : this.#to);
    for (const gap of gaps) {
      const known = missing.filter(({ after, before }) => after <= gap.after && before >= gap.before);
      const explained = known.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      if (explained >= gap.to - gap.from + 1 || this.#isDamaged(gap)) continue;
      this.#faults.add({ kind: 'missing', place: gap.after, until: gap.after, from: gap.from, to: gap.to });
    }
    for (const [kind, strays] of [
      ['moved', moved],
      ['doubled', doubled],
    ] as const) {
      for (const { from, to, place, until, home } of strays) {
        const [start, end] = [Math.min(place, home), Math.max(until, home + 1)];
        if (told.some((stray) => stray.place <= end && stray.until >= start)) continue;
        this.#faults.add({ kind, place, until, from, to });
      }
    }
  }

  /** Whether what is missing there may be what could not be read. */
  #isDamaged({ from, to, after, before }: Gap): boolean {
    return this.#damaged.filter((place) => place > after && place < before).length >= to - from + 1;
  }
}

/** More that could stand in one place are not tried. */
const choicesMax = 8;

function gather<Key>(into: Map<Key, Heard[]>, key: Key, heard: Heard): void {
  const some = into.get(key);
  if (some === undefined) into.set(key, [heard]);
  else if (some.length < choicesMax) some.push(heard);
}

function put<Key>(into: Map<Key, Heard[]>, key: Key, heard: Heard): void {
  const some = into.get(key);
  if (some === undefined) into.set(key, [heard]);
  else some.push(heard);
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
