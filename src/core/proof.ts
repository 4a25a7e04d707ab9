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
import { coverOf, hashOf, type Line } from './cover.ts';
import type { Crypto, PersonKey } from './crypto.ts';
import { idOf, isVouched } from './identity.ts';
import { limits } from './limits.ts';
import { nameKey } from './name.ts';
import { Runs, type Gap, type Stray } from './runs.ts';
import type { Testimony } from './testimony.ts';
import type { PeerId, Person } from './view.ts';
import { fingerprint } from './words.ts';

/** What can be wrong. */
export type FaultKind =
  | 'record' // a line of the file is no record, or not one that may stand there: `why`
  | 'changed' // what stands there is not what was signed: a line was edited, or its signature forged
  | 'moved' // it stands elsewhere than its number says
  | 'doubled' // it is there more than once
  | 'missing' // numbers of an author, or entries of the room, are not there
  | 'unproven' // what it was signed together with is missing or damaged
  | 'attributed' // it stands in the name of somebody (`name`) and was said by somebody else (`other`)
  | 'name' // a line is shown under another name (`other`) than its author's
  | 'hidden' // it is said to be an act that was left out, and was signed together with lines
  | 'unsigned' // its author's signature does not cover it, and never will
  | 'open' // the last lines of an author: not signed yet when the file was written
  | 'stranger' // nobody says whose lines these are
  | 'id' // a person's id is not that of its keys
  | 'vouch' // the name was not signed with the person's key
  | 'keys' // two keys under one name; `other`: the name as it was before
  | 'unread'; // the file is not read on from there: `why`

export interface Fault {
  readonly kind: FaultKind;
  /** The first and the last line of the file that it is about; what is missing would stand behind `place`. */
  readonly place: number;
  readonly until: number;
  /** Whose lines it is about. */
  readonly id?: PeerId;
  readonly name?: string;
  /** That one's numbers, or seqs of the room where there is no author. */
  readonly from?: number;
  readonly to?: number;
  readonly other?: string;
  readonly why?: string;
}

/** Who said something, by the key that it is signed with. */
export interface Witness {
  readonly name: string;
  readonly key: PersonKey;
  /** What others can compare (words.ts). */
  readonly fingerprint: string;
  /** How many lines stand in that name, and how many of them are proven. */
  readonly lines: number;
  readonly signed: number;
  /** Whether the name was signed with that key, too. */
  readonly vouched: boolean;
}

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

/** A line that waits for its signature. */
interface Heard {
  readonly author: PeerId;
  readonly line: Line;
  readonly place: number;
  readonly shown: boolean;
}

/** A signature that cannot be checked yet. */
interface Cover {
  readonly author: PeerId;
  readonly from: number;
  readonly n: number;
  readonly signature: string;
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

interface Known extends Person {
  /** Undefined where nothing is said. */
  readonly vouched: boolean | undefined;
  /** False where the id is not that of the keys. */
  readonly real: boolean;
}

/** Reads an export. Owned by its reader and changed in place. */
export class Proof {
  readonly #crypto: Crypto;
  #room: string | null = null;
  #from = 0;
  #to = 0;
  #begun = false;
  #over = false;
  #place = 0;
  readonly #people = new Map<PeerId, Known>();
  readonly #keys = new Map<string, { readonly key: PersonKey; readonly name: string }>();
  readonly #authors = new Map<PeerId, Author>();
  readonly #seqs = new Runs();
  /** Lines that wait for the end, and signatures that do. */
  readonly #loose: Heard[] = [];
  readonly #covers: Cover[] = [];
  readonly #damaged: number[] = [];
  #faults: Fault[] = [];
  #more = 0;
  #leaps = 0;
  #tries = 0;
  #waitingBytes = 0;
  #leftOut = 0;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** The next record of the file, which stands in that line of it (from 1), or why there is none. @returns whether to read on */
  take(record: Testimony | string, place: number): boolean {
    if (this.#over) return false;
    this.#place = place;
    if (this.#room === null) return this.#begin(record, place);
    if (typeof record === 'string') this.#damage(record);
    else this.#hear(record);
    if (this.#leaps + this.#damaged.length > limits.exportLeapsMax) this.#stop('too much of it does not fit together');
    if (this.#waitingBytes > limits.exportOpenBytesMax) this.#stop('too much of it waits for a signature');
    if (Math.max(this.#people.size, this.#authors.size, this.#keys.size) > limits.exportPeopleMax)
      this.#stop('it names too many people');
    return !this.#over;
  }

  #begin(record: Testimony | string, place: number): boolean {
    if (typeof record !== 'string' && record.kind === 'groupchat-export') {
      this.#room = record.room;
      this.#from = record.from;
      this.#to = record.to;
      this.#seqs.begin(record.from - 1);
      return true;
    }
    this.#over = true;
    const why = typeof record === 'string' ? record : 'it does not say which room this is';
    this.#accuse({ kind: 'unread', place, until: place, why });
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
    // However much else there is to tell.
    this.#faults.push({ kind: 'unread', place: this.#place + 1, until: this.#place + 1, why });
  }

  #damage(why: string): void {
    this.#damaged.push(this.#place);
    this.#accuse({ kind: 'record', place: this.#place, until: this.#place, why });
  }

  #hear(record: Testimony): void {
    switch (record.kind) {
      case 'groupchat-export':
        return this.#damage('a second beginning');
      case 'person':
        return this.#meet(record);
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

  // --- Who is who ---

  #meet({ id, name, key, box, vouch }: Extract<Testimony, { kind: 'person' }>): void {
    const place = this.#place;
    const about = { place, until: place, id, name };
    const before = this.#people.get(id);
    const real = idOf(this.#crypto, key, box) === id;
    if (!real) {
      this.#accuse({ kind: 'id', ...about });
      if (before === undefined) this.#people.set(id, { name, key, box, vouched: undefined, real });
      return;
    }
    const vouched = vouch === undefined ? undefined : isVouched(this.#crypto, { key, box, name, vouch });
    if (vouched === false) this.#accuse({ kind: 'vouch', ...about });
    this.#people.set(id, { name, key, box, vouched, real });
    const called = nameKey(name);
    const other = this.#keys.get(called);
    if (other === undefined) this.#keys.set(called, { key, name });
    else if (other.key !== key) this.#accuse({ kind: 'keys', ...about, other: other.name });
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
    if (!this.#people.has(id)) this.#accuse({ kind: 'stranger', place: this.#place, until: this.#place, id });
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
    const alone = cover?.from === n && this.#isTrue(id, n, n, cover.signature, { base: '', lines: [line] });
    const truly = cover?.from === n && !alone ? this.#whose(id, line, cover.signature) : undefined;
    if (truly !== undefined) {
      const shownAs = this.#people.get(id)?.name ?? name;
      this.#accuseOf('attributed', id, this.#place, n, { name: shownAs, other: this.#called(truly) });
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
    const person = this.#people.get(id);
    // Whose name is wrong has been told of already.
    if (person === undefined || person.name === name || !person.real || person.vouched === false) return;
    this.#accuseOf('name', id, this.#place, n, { other: name });
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
    const { from, n, signature } = cover;
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
      if (complete && this.#isTrue(cover.author, from, n, signature, range)) this.#sign(author, all);
      else this.#reject('changed', all);
    } else if (hidden !== undefined && hidden.n >= from && hidden.n < n) {
      this.#accuseOf('hidden', cover.author, hidden.place, hidden.n);
      this.#reject('unproven', open);
    } else if (from >= author.first) {
      // It is over lines that another one has covered.
      this.#reject('changed', open);
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
    this.#reject('unsigned', lines);
  }

  #sign(author: Author, lines: readonly Heard[]): void {
    for (const { shown, line } of lines) {
      if (shown) author.signed++;
      author.signedTo = Math.max(author.signedTo, line.n);
    }
  }

  #isTrue(
    id: PeerId,
    from: number,
    n: number,
    signature: string,
    range: { base: string; lines: readonly Line[] },
  ): boolean {
    const person = this.#people.get(id);
    if (person?.real !== true || this.#room === null) return false;
    const hash = hashOf(this.#crypto, id, range);
    return this.#crypto.verify(person.key, coverOf(this.#room, id, from, n, hash), signature);
  }

  /** Whose signature, if not that author's, a line carries. */
  #whose(id: PeerId, line: Line, signature: string): PeerId | undefined {
    for (const [other] of this.#people) {
      if (other === id) continue;
      if (++this.#tries > limits.exportTriesMax) return undefined;
      if (this.#isTrue(other, line.n, line.n, signature, { base: '', lines: [line] })) return other;
    }
    return undefined;
  }

  // --- What is wrong ---

  #called(id: PeerId): string {
    return this.#people.get(id)?.name ?? id;
  }

  #accuse(fault: Fault): void {
    const last = this.#faults.at(-1);
    const goesOn =
      last?.kind === fault.kind && last.id === fault.id && last.other === fault.other && last.to !== undefined;
    if (goesOn && fault.from === last.to + 1 && fault.place >= last.until) {
      this.#faults.push({ ...(this.#faults.pop() as Fault), until: fault.until, to: fault.to as number });
    } else if (this.#faults.length < limits.exportFaultsMax) this.#faults.push(fault);
    else this.#more++;
  }

  #accuseOf(kind: FaultKind, id: PeerId, place: number, n: number, more: Pick<Fault, 'name' | 'other'> = {}): void {
    this.#accuse({ kind, place, until: place, id, name: this.#called(id), from: n, to: n, ...more });
  }

  /** Lines of one author, in the order of their numbers. Whoever's keys are false has been told of. */
  #reject(kind: 'changed' | 'unproven' | 'unsigned' | 'open', lines: readonly Heard[]): void {
    const shown = lines.filter((heard) => heard.shown);
    const [first, last] = [shown[0] ?? lines[0], shown.at(-1) ?? lines.at(-1)];
    if (first === undefined || last === undefined) return;
    const { author: id } = first;
    const person = this.#people.get(id);
    if (person?.real !== true) return;
    // A seal says nothing that could be believed.
    if (shown.length === 0 && kind !== 'changed') return;
    const [place, until] = [Math.min(first.place, last.place), Math.max(first.place, last.place)];
    this.#accuse({ kind, place, until, id, name: person.name, from: first.line.n, to: last.line.n });
  }

  // --- The end ---

  /** The file ends here. @returns what it proves */
  end(): Verdict {
    if (this.#room === null && !this.#over) this.#begin('the file is empty', 1);
    if (this.#room !== null) this.#order(this.#settle());
    const faults = this.#faults.toSorted((a, b) => a.place - b.place);
    const people = this.#witnesses();
    let [lines, signed] = [0, 0];
    for (const author of this.#authors.values()) [lines, signed] = [lines + author.lines, signed + author.signed];
    // Two people of one name, one after the other, make no line false.
    const wrong = faults.filter(({ kind }) => kind !== 'keys');
    return {
      ok: wrong.length === 0 && signed === lines,
      room: this.#room,
      from: this.#from,
      to: this.#to,
      lines,
      signed,
      leftOut: this.#leftOut,
      people,
      faults,
      more: this.#more,
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
    for (const [cover, lines] of together) this.#reject(verdicts.get(cover) ?? 'unproven', inOrder(lines));
    for (const [id, lines] of rest) this.#rest(this.#authorOf(id), inOrder(lines));
    return elsewhere;
  }

  /** The lines that a signature is over, of each number one: those that come first, or another in place of one of them. */
  #puzzle({ author, from, n, signature }: Cover, choices: readonly (readonly Heard[])[]): Heard[] | undefined {
    if (choices.some((some) => some.length === 0)) return undefined;
    const first = choices.map((some) => some[0] as Heard);
    const isTrue = (lines: readonly Heard[]): boolean => {
      if (++this.#tries > limits.exportTriesMax) return false;
      return this.#isTrue(author, from, n, signature, { base: '', lines: lines.map(({ line }) => line) });
    };
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
    this.#faults = this.#faults.filter((fault) => fault.kind !== 'name' || fault.place !== place);
    this.#accuseOf('attributed', other, place, line.n, { other: this.#called(id) });
  }

  /** An author's lines that no signature covers. Of those that come again that is said, and enough. */
  #rest({ signedTo, open, runs }: Author, lines: readonly Heard[]): void {
    const { doubled } = runs.end();
    const last = new Set(open);
    const once = lines.filter(({ place }) => !doubled.some((one) => one.place <= place && one.until >= place));
    const mayCome = (heard: Heard): boolean => last.has(heard) || heard.line.n > signedTo;
    for (const run of stretches(once.filter((heard) => !mayCome(heard)))) this.#reject('unsigned', run);
    // What was not read may have signed them.
    if (!this.#over) for (const run of stretches(once.filter(mayCome))) this.#reject('open', run);
  }

  /** What is missing, moved or doubled: by each author's numbers, and by those of the room where these do not say it. */
  #order(elsewhere: ReadonlyMap<PeerId, ReadonlySet<number>>): void {
    const told: Stray[] = [];
    const missing: Gap[] = [];
    for (const [id, { runs }] of this.#authors) {
      const { gaps, moved, doubled } = runs.end(undefined, elsewhere.get(id));
      const name = this.#called(id);
      const say = (kind: FaultKind, strays: readonly Stray[]): void => {
        for (const { from, to, place, until } of strays) this.#accuse({ kind, place, until, id, name, from, to });
        told.push(...strays);
      };
      say('moved', moved);
      say('doubled', doubled);
      for (const gap of gaps) {
        missing.push(gap);
        if (this.#isDamaged(gap)) continue;
        this.#accuse({ kind: 'missing', place: gap.after, until: gap.after, id, name, from: gap.from, to: gap.to });
      }
    }
    const { gaps, moved, doubled } = this.#seqs.end(this.#over ? undefined : this.#to);
    for (const gap of gaps) {
      const known = missing.filter(({ after, before }) => after <= gap.after && before >= gap.before);
      const explained = known.reduce((sum, { from, to }) => sum + to - from + 1, 0);
      if (explained >= gap.to - gap.from + 1 || this.#isDamaged(gap)) continue;
      this.#accuse({ kind: 'missing', place: gap.after, until: gap.after, from: gap.from, to: gap.to });
    }
    for (const [kind, strays] of [
      ['moved', moved],
      ['doubled', doubled],
    ] as const) {
      for (const { from, to, place, until, home } of strays) {
        const [start, end] = [Math.min(place, home), Math.max(until, home + 1)];
        if (told.some((stray) => stray.place <= end && stray.until >= start)) continue;
        this.#accuse({ kind, place, until, from, to });
      }
    }
  }

  /** Whether what is missing there may be what could not be read. */
  #isDamaged({ from, to, after, before }: Gap): boolean {
    return this.#damaged.filter((place) => place > after && place < before).length >= to - from + 1;
  }

  #witnesses(): Witness[] {
    const all = new Map<PersonKey, { -readonly [Field in keyof Witness]: Witness[Field] }>();
    for (const [id, { lines, signed }] of this.#authors) {
      const person = this.#people.get(id);
      if (person === undefined || lines === 0) continue;
      const { key, name, vouched, real } = person;
      const known = all.get(key);
      if (known === undefined) {
        const made = { name, key, fingerprint: fingerprint(this.#crypto, key), lines, signed };
        all.set(key, { ...made, vouched: vouched === true && real });
      } else {
        known.lines += lines;
        known.signed += signed;
        known.vouched &&= vouched === true && real;
      }
    }
    return [...all.values()];
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
