/**
 * The room as a log: entries, each encoded once as the frame that goes on the wire, in append-only segments.
 *
 * A member is a cursor into these bytes. When its socket takes more, it gets the next slice, as large as it takes: so
 * batching, backpressure, replay for a newcomer and catch-up of a slow member are one mechanism, and memory is bounded
 * by the log's retention, not by the number of slow members.
 *
 * Each segment starts with the snapshot of what was true before its first entry (the view, each author's last number,
 * the lineage). So a segment can be read without those before it: trimming drops whole segments, and a newcomer starts
 * at any of them. Nothing that a slice has shown is ever written again: truncation seals the segment it cuts.
 *
 * What the room is (view, who said how much, who may what) is derived here, entry by entry, and kept nowhere else. The
 * log is owned by its peer and changed in place.
 */
import { assert, ProtocolError } from './errors.ts';
import { extend, type Range, type Step } from './cover.ts';
import { applyToView, decodeEntry, type ChatEntry, type Entry, type PeersEntry, type Position } from './entry.ts';
import type { Extent, Reign } from './extent.ts';
import { Decoder, writeFrame, type Frame } from './frame.ts';
import { nameKey } from './name.ts';
import { limits } from './limits.ts';
import { noted, notesIn } from './notes.ts';
import { actOf, emptyCharter, lawless, type Act, type Charter, type Law } from './rules.ts';
import { coordinatorOf, emptyView, memberOf, withoutMember, type PeerId, type View, type Member } from './view.ts';

/** All that the entries up to `seq` amount to. */
export interface Snapshot extends Charter {
  readonly seq: number;
  readonly view: View;
  /** The topic, and who is away (notes.ts). */
  readonly notes: readonly Act[];
  /** Each author's last number. */
  readonly authors: ReadonlyMap<PeerId, number>;
  /** Of each author, the lines that no signature covers yet. */
  readonly ranges: ReadonlyMap<PeerId, Range>;
  readonly lineage: readonly Reign[];
}

/** A place between two entries, for reading on from. */
export interface Cursor {
  readonly serial: number;
  readonly offset: number;
}

interface Segment {
  readonly serial: number;
  readonly before: Snapshot;
  readonly bytes: Uint8Array;
  used: number;
  /** Where each entry starts in `bytes`. */
  readonly offsets: number[];
  /** How many of the entries are lines to be shown. */
  lines: number;
}

export const emptySnapshot: Snapshot = {
  ...emptyCharter,
  seq: 0,
  view: emptyView,
  notes: [],
  authors: new Map(),
  ranges: new Map(),
  lineage: [],
};

function withReign(lineage: readonly Reign[], entry: PeersEntry): readonly Reign[] {
  const coordinator = coordinatorOf(entry)?.id as PeerId;
  return [...lineage, { epoch: entry.epoch, coordinator, first: entry.seq }].slice(-limits.lineageMax);
}

/** The charter after an entry; `view` is that before it. Whom the log does not know has said who he is, or does nothing. */
function withEntry(charter: Charter, law: Law, view: View, entry: Entry): Charter {
  if (entry.kind === 'peers' && charter.founder === null && entry.seq === 1) {
    const first = coordinatorOf(entry);
    return first === undefined || !law.founds(first)
      ? charter
      : { ...charter, founder: { key: first.key, box: first.box } };
  }
  if (entry.kind !== 'chat' || entry.what !== 'act') return charter;
  const act = actOf(entry, memberOf(view, entry.author) ?? entry.by);
  return (act && law.judge(charter, act)) ?? charter;
}

/** The notes after an entry; `view` is that before it. */
function withNote(notes: readonly Act[], law: Law, view: View, entry: Entry): readonly Act[] {
  if (entry.kind === 'left' || entry.kind === 'peers') return notesIn(applyToView(view, entry), notes);
  if (entry.kind !== 'chat' || entry.what !== 'act') return notes;
  const act = actOf(entry, memberOf(view, entry.author) ?? entry.by);
  return act === undefined ? notes : noted(law, notes, view, act);
}

/** What the room is at a place of its log. */
export interface Standing extends Pick<Snapshot, 'view' | 'notes'> {
  readonly charter: Charter;
}

export function standingOf({ view, founder, acts, notes }: Snapshot): Standing {
  return { view, charter: { founder, acts }, notes };
}

/** What it is after the next entry. */
export function standingAfter({ view, charter, notes }: Standing, law: Law, entry: Entry): Standing {
  return {
    view: applyToView(view, entry),
    charter: withEntry(charter, law, view, entry),
    notes: withNote(notes, law, view, entry),
  };
}

/** Above the limit, the author heard of first who is no longer in the room is forgotten. */
function forgetAuthor(authors: Map<PeerId, number>, view: View): void {
  if (authors.size <= limits.authorsMax) return;
  for (const id of authors.keys()) {
    if (memberOf(view, id) !== undefined) continue;
    authors.delete(id);
    return;
  }
}

/** What a line does to its author's number and range. */
function follow(authors: Map<PeerId, number>, ranges: Map<PeerId, Range>, view: View, entry: ChatEntry): Step {
  const { author, n } = entry;
  const step = extend(ranges.get(author), authors.get(author) ?? 0, entry);
  authors.set(author, n);
  if (step.range === undefined) ranges.delete(author);
  else ranges.set(author, step.range);
  return ranges.size > limits.rangesMax ? { ...step, ousted: forgetRange(ranges, view) } : step;
}

/** Forgets the range that was begun first by somebody who is not in the room: whoever is may still sign. */
function forgetRange(ranges: Map<PeerId, Range>, { members }: View): Step['ousted'] {
  const here = new Set(members.map(({ id }) => id));
  for (const [author, { lines }] of ranges) {
    if (here.has(author)) continue;
    ranges.delete(author);
    return { author, lines };
  }
  return undefined;
}

function outOfOrder({ kind, epoch, seq }: Entry, what: string): never {
  throw new ProtocolError('order', `${kind} at ${epoch}.${seq}: ${what}`);
}

export class Log implements Extent {
  #segments: Segment[];
  #bytes = 0;
  /** How many of the last entries newcomers are given. */
  readonly history: number;
  /** How many of the last entries are held. */
  readonly keep: number;
  /** The seq of the last entry, 0 when there is none. */
  last: number;
  view: View;
  lineage: readonly Reign[];
  /**
   * The highest epoch that this log has ever held. It outlives what a rebase cuts off: a reign's name is given once, or
   * logs that differ would be taken for equal (as Raft's term never goes back).
   */
  epochMax = 0;
  /** What the rules of the room follow from (rules.ts). Another one whenever they change. */
  charter: Charter;
  /** The topic, and who is away (notes.ts). Another list whenever they change. */
  notes: readonly Act[];
  /** How acts are judged. The log itself knows no cryptography. */
  readonly law: Law;
  #authors: Map<PeerId, number>;
  #ranges: Map<PeerId, Range>;

  constructor(history: number, keep = history, law: Law = lawless) {
    this.history = history;
    this.law = law;
    this.charter = emptyCharter;
    this.notes = [];
    this.keep = Math.max(history, keep);
    const before = emptySnapshot;
    this.last = before.seq;
    this.view = before.view;
    this.lineage = before.lineage;
    this.#authors = new Map(before.authors);
    this.#ranges = new Map(before.ranges);
    this.#segments = [
      { serial: 1, before, bytes: new Uint8Array(limits.segmentBytes), used: 0, offsets: [], lines: 0 },
    ];
  }

  get position(): Position {
    return { epoch: this.view.epoch, seq: this.last };
  }

  /** Each author's last number. */
  get authors(): ReadonlyMap<PeerId, number> {
    return this.#authors;
  }

  /** Of each author, the lines that no signature covers yet. */
  get ranges(): ReadonlyMap<PeerId, Range> {
    return this.#ranges;
  }

  /** The seq of the first entry still held; `last + 1` when there is none. */
  get first(): number {
    return (this.#segments[0] as Segment).before.seq + 1;
  }

  /** How many lines are held. */
  get lines(): number {
    return this.#segments.reduce((sum, { lines }) => sum + lines, 0);
  }

  /** The bytes of entries held. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Appends an entry and the frame that it is; `prefix` stands in front of the frame's body.
   * @returns of a line, what it covers
   * @throws ProtocolError `order` when it does not follow from what stands before it; the log is then unchanged
   */
  append(entry: Entry, frame: Frame, prefix = ''): Step | undefined {
    this.#check(entry);
    const bytes = limits.headerBytes + prefix.length + frame.body.length;
    let segment = this.#segments.at(-1) as Segment;
    if (segment.used + bytes > segment.bytes.length) segment = this.#roll(bytes);
    segment.offsets.push(segment.used);
    segment.used += writeFrame(segment.bytes, segment.used, frame, prefix);
    if (entry.kind === 'chat' && entry.what === undefined) segment.lines++;
    this.#bytes += bytes;
    return this.#apply(entry);
  }

  /** What does not follow from the log is a breach by whoever sent it. */
  #check(entry: Entry): void {
    const { view } = this;
    if (entry.seq !== this.last + 1) outOfOrder(entry, `expected seq ${this.last + 1}`);
    if (entry.kind === 'peers') {
      if (entry.epoch <= view.epoch) outOfOrder(entry, `expected an epoch above ${view.epoch}`);
      // What was trimmed may have had any; but nobody leads the numbers to their end.
      const epochMax = this.epochMax + limits.epochLeapMax;
      if (this.last > 0 && entry.epoch > epochMax) outOfOrder(entry, `expected an epoch of at most ${epochMax}`);
      if (coordinatorOf(entry) === undefined) outOfOrder(entry, 'expected a member that can be dialled');
      if (entry.count < (entry.members.at(-1)?.joined ?? 0))
        outOfOrder(entry, 'expected a count that covers every member');
      if (this.last > 0 && entry.count > view.count + limits.epochLeapMax) outOfOrder(entry, 'the count leaps');
      return;
    }
    if (entry.epoch !== view.epoch) outOfOrder(entry, `expected the epoch ${view.epoch}`);
    if (entry.kind === 'chat') {
      const before = this.#authors.get(entry.author) ?? 0;
      if (entry.n <= before) outOfOrder(entry, `expected a number of its author above ${before}`);
      // Of whom the log knows nothing, since what is before it was let go, it may be any; but nobody leads it to its end.
      const known = before > 0 || this.first === 1 || memberOf(view, entry.author) !== undefined;
      const nMax = known ? before + limits.lineLeapMax : limits.countMax / 2;
      if (entry.n > nMax) outOfOrder(entry, 'the number of its author leaps');
    } else if (entry.kind === 'joined') {
      if (entry.member.joined <= view.count)
        outOfOrder(entry, `expected a place in the join order above ${view.count}`);
      if (entry.member.joined > view.count + limits.epochLeapMax)
        outOfOrder(entry, 'the place in the join order leaps');
      if (memberOf(view, entry.member.id) !== undefined) outOfOrder(entry, 'expected somebody new');
      if (view.members.length >= limits.membersMax) outOfOrder(entry, 'the room is full');
    } else if (memberOf(view, entry.id) === undefined) outOfOrder(entry, 'expected a member');
    else if (entry.kind === 'renamed') {
      const alike = ({ id, name }: Member): boolean => id !== entry.id && nameKey(name) === nameKey(entry.name);
      if (view.members.some(alike)) outOfOrder(entry, 'expected a name that nobody has');
    } else if (entry.kind === 'handed') {
      if (coordinatorOf(view)?.id !== entry.id) outOfOrder(entry, 'expected whoever coordinates');
      if (coordinatorOf(withoutMember(view, entry.id)) === undefined) outOfOrder(entry, 'nobody else can be dialled');
      if (entry.joined <= view.count || entry.joined > view.count + limits.epochLeapMax)
        outOfOrder(entry, `expected a place in the join order a little above ${view.count}`);
    }
  }

  #apply(entry: Entry): Step | undefined {
    this.last = entry.seq;
    this.charter = withEntry(this.charter, this.law, this.view, entry);
    this.notes = withNote(this.notes, this.law, this.view, entry);
    if (entry.kind === 'chat') {
      const step = follow(this.#authors, this.#ranges, this.view, entry);
      forgetAuthor(this.#authors, this.view);
      return step;
    }
    this.view = applyToView(this.view, entry);
    if (entry.kind === 'peers') {
      this.epochMax = Math.max(this.epochMax, entry.epoch);
      this.lineage = withReign(this.lineage, entry);
    }
    return undefined;
  }

  #snapshot(): Snapshot {
    const { last: seq, view, lineage, charter, notes } = this;
    return { ...charter, notes, seq, view, authors: new Map(this.#authors), ranges: new Map(this.#ranges), lineage };
  }

  /** Starts a new segment, large enough for an entry of that many bytes, and trims what retention lets go. */
  #roll(bytes = 0): Segment {
    const before = this.#snapshot();
    const serial = (this.#segments.at(-1) as Segment).serial + 1;
    const capacity = Math.max(limits.segmentBytes, bytes);
    const segment: Segment = { serial, before, bytes: new Uint8Array(capacity), used: 0, offsets: [], lines: 0 };
    this.#segments.push(segment);
    while (this.#segments.length > 1) {
      const oldest = this.#segments[0] as Segment;
      const next = this.#segments[1] as Segment;
      const spare = this.last - next.before.seq >= this.keep && this.#bytes - oldest.used >= limits.slackBytesMax;
      if (!spare && this.#bytes <= limits.logBytesMax) break;
      this.#bytes -= oldest.used;
      this.#segments.shift();
    }
    return segment;
  }

  /** Starts over from a snapshot: what is held is dropped, entries after `snapshot.seq` follow. */
  restore(snapshot: Snapshot): void {
    const serial = (this.#segments.at(-1) as Segment).serial + 1;
    this.#bytes = 0;
    const bytes = new Uint8Array(limits.segmentBytes);
    this.#segments = [{ serial, before: snapshot, bytes, used: 0, offsets: [], lines: 0 }];
    this.#become(snapshot);
  }

  #become(snapshot: Snapshot): void {
    this.last = snapshot.seq;
    this.view = snapshot.view;
    this.lineage = snapshot.lineage;
    this.charter = { founder: snapshot.founder, acts: snapshot.acts };
    this.notes = snapshot.notes;
    this.#authors = new Map(snapshot.authors);
    this.#ranges = new Map(snapshot.ranges);
    this.epochMax = Math.max(this.epochMax, snapshot.view.epoch);
  }

  /**
   * Falls back to `seq`: what stands beyond it is no longer the room's.
   * @returns the lines that were dropped, in order
   */
  truncate(seq: number): ChatEntry[] {
    const dropped: ChatEntry[] = [];
    for (const entry of this.entries(seq + 1)) if (entry.kind === 'chat') dropped.push(entry);
    if (seq >= this.last) return dropped;
    if (seq < this.first - 1) {
      this.restore(emptySnapshot);
      return dropped;
    }
    while ((this.#segments.at(-1) as Segment).before.seq > seq) this.#bytes -= (this.#segments.pop() as Segment).used;
    const { serial, before, bytes, used, offsets } = this.#segments.pop() as Segment;
    const kept = seq - before.seq;
    const end = offsets[kept] ?? used;
    // A socket may still hold a slice of what is cut off, so those bytes are never written again.
    const copy = new Uint8Array(Math.max(limits.segmentBytes, end));
    copy.set(bytes.subarray(0, end));
    const cut: Segment = { serial, before, bytes: copy, used: end, offsets: offsets.slice(0, kept), lines: 0 };
    this.#segments.push(cut);
    for (const entry of this.entries(before.seq + 1))
      if (entry.kind === 'chat' && entry.what === undefined) cut.lines++;
    this.#bytes += end - used;
    const snapshot = this.snapshotAt(seq);
    assert(snapshot, 'what is kept is held');
    this.#become(snapshot);
    return dropped;
  }

  /** The entries from `seq` on that are held, decoded. */
  *entries(seq: number): Generator<Entry> {
    for (const frame of this.frames(seq)) {
      const entry = decodeEntry(frame);
      assert(entry, 'the log holds nothing but entries');
      yield entry;
    }
  }

  /** The entries from `seq` on that are held, as frames. */
  *frames(seq: number): Generator<Frame> {
    for (const segment of this.#segments) {
      const skip = Math.max(0, seq - 1 - segment.before.seq);
      if (skip >= segment.offsets.length) continue;
      const decoder = new Decoder();
      decoder.push(segment.bytes.subarray(segment.offsets[skip], segment.used));
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) yield frame;
    }
  }

  /** What the entries up to `seq` amount to; undefined when that is no longer held. */
  snapshotAt(seq: number): Snapshot | undefined {
    const segment = this.#segments.findLast(({ before }) => before.seq <= seq);
    if (segment === undefined) return undefined;
    let { lineage } = segment.before;
    let standing = standingOf(segment.before);
    const authors = new Map(segment.before.authors);
    const ranges = new Map(segment.before.ranges);
    for (const entry of this.entries(segment.before.seq + 1)) {
      if (entry.seq > seq) break;
      standing = standingAfter(standing, this.law, entry);
      if (entry.kind === 'peers') lineage = withReign(lineage, entry);
      if (entry.kind !== 'chat') continue;
      follow(authors, ranges, standing.view, entry);
      forgetAuthor(authors, standing.view);
    }
    const { view, charter, notes } = standing;
    return { ...charter, notes, seq, view, authors, ranges, lineage };
  }

  /** Where a reader stands who holds everything up to `seq`; undefined when what follows is no longer held. */
  cursorAfter(seq: number): Cursor | undefined {
    if (seq > this.last) return undefined;
    for (let at = this.#segments.length - 1; at >= 0; at--) {
      const segment = this.#segments[at] as Segment;
      const skip = seq - segment.before.seq;
      if (skip >= 0) return { serial: segment.serial, offset: segment.offsets[skip] ?? segment.used };
    }
    return undefined;
  }

  /**
   * Where one starts who holds nothing that can be continued: a newcomer before the last `history` entries, one who was
   * in the room before with all that is held.
   */
  start(newcomer: boolean): { snapshot: Snapshot; cursor: Cursor } {
    const seq = newcomer ? Math.max(this.first - 1, this.last - this.history) : this.first - 1;
    const snapshot = this.snapshotAt(seq);
    const cursor = this.cursorAfter(seq);
    assert(snapshot !== undefined && cursor !== undefined, 'what a newcomer is given is held');
    return { snapshot, cursor };
  }

  /**
   * The next slice for a reader, whole entries of one segment, and where the reader stands after it.
   * @returns 'end' when there is none, 'trimmed' when the reader has fallen behind what is held
   */
  read(cursor: Cursor): { bytes: Uint8Array; cursor: Cursor } | 'end' | 'trimmed' {
    let { serial, offset } = cursor;
    for (;;) {
      const at = serial - (this.#segments[0] as Segment).serial;
      const segment = this.#segments[at];
      if (segment === undefined) return 'trimmed';
      if (offset < segment.used) {
        return { bytes: segment.bytes.subarray(offset, segment.used), cursor: { serial, offset: segment.used } };
      }
      if (at === this.#segments.length - 1) return 'end';
      serial++;
      offset = 0;
    }
  }
}
