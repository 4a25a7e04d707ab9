/**
 * Proof: what an export of a room that anybody may have written (testimony.ts) proves.
 *
 * A signature is over a range of its author's lines, so it tells that one of them is not what was signed, and not which.
 * Records are taken one by one. What stands as it was written is settled at once: a range is checked when its signature
 * comes, and forgotten. Only what does not fit waits for the end (settling.ts): lines whose range has a hole, and those
 * that leap or come again, for what is missing here may stand elsewhere, or in another's name. So memory is bounded, and
 * one fault is told once, as what it is, rather than by all that follows from it.
 *
 * Nobody has signed what was said in what order among several authors, nor where a history ends: seqs tell of
 * carelessness, not of malice.
 */
import type { Line, Signature } from './cover.ts';
import type { Crypto } from './crypto.ts';
import { createAuthor, sign, type Author } from './author.ts';
import { Faults, type Fault, type Heard } from './fault.ts';
import { limits } from './limits.ts';
import { Runs } from './runs.ts';
import { settle } from './settling.ts';
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
  readonly #covers: Signature[] = [];
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
    const made = createAuthor();
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
      return sign(author, [heard]);
    }
    if (how === 'again') return this.#keep(heard);
    author.open.push(heard);
    this.#waitingBytes += line.text.length;
    if (author.open.length > limits.coverLinesMax) this.#leave(author, author.open.splice(0, 1));
    if (cover !== undefined) this.#cover(author, { author: id, n, ...cover });
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
    return how;
  }

  /** A signature over the lines from `from` on comes with the last of them. */
  #cover(author: Author, cover: Signature): void {
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
      if (complete && this.#witnesses.isTrue(cover, range)) sign(author, all);
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

  /** The file ends here. @returns what it proves */
  end(): Verdict {
    const { room } = this.#witnesses;
    if (room === null && !this.#over) this.#begin('the file is empty', 1);
    if (room !== null) {
      settle({
        witnesses: this.#witnesses,
        faults: this.#faults,
        authors: this.#authors,
        loose: this.#loose,
        covers: this.#covers,
        seqs: this.#seqs,
        damaged: this.#damaged,
        to: this.#over ? undefined : this.#to,
      });
    }
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
}
