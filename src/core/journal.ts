/**
 * The journal: what a peer keeps on disk of its room, and how a later process goes on from it.
 *
 * The disk is a reader like any member: a cursor into the log, given slices of it as they come. A file begins with
 * all that holds before its first entry (which room and whose journal, a snapshot, the lines that the room may lack),
 * so it can be read without those before it. What a rebase cuts off is never cut off on disk: a new file begins at the
 * place that is left. Files whose entries the log has let go are let go as well.
 *
 * Read back, the files are played in order: entries are appended, and a snapshot that stands earlier cuts the log back
 * to there. Damage ends what can be appended; lines that come behind it in the last file are not lost, but held, as
 * after any rebase.
 *
 * Private messages are kept beside the room: one's own until they are acknowledged, those that have come only by name.
 *
 * The id of a process is never used again, for its numbers would begin anew: what the last one had said, and the room
 * may lack, is held too.
 */
import * as v from 'valibot';
import {
  decodeEntry,
  decodeOffer,
  encodeOffer,
  entryFrame,
  idSchema,
  nameSchema,
  parseJson,
  saidGoodbye,
  utf8,
} from './entry.ts';
import type { ChatEntry, Offer } from './entry.ts';
import type { Crypto } from './crypto.ts';
import { ProtocolError } from './errors.ts';
import { letterIn, letterText, type Kept, type Name, type Outgoing, type Shown } from './letters.ts';
import { concat, Decoder, encodeFrame, type Frame } from './frame.ts';
import { limits } from './limits.ts';
import { Log, type Cursor, type Snapshot } from './log.ts';
import { clientSays, parseClient, parseServer, roomSchema, serverSays } from './message.ts';
import type { Effect } from './step.ts';
import { memberOf, personOf, type Member, type PeerId, type Person } from './view.ts';

const version = 2;
const headerSchema = v.strictObject({
  version: v.literal(version),
  room: roomSchema,
  id: idSchema,
  name: nameSchema,
  join: v.pipe(v.array(v.string()), v.maxLength(limits.comeBackMax)),
});

/** Whose journal a file belongs to. */
export interface Owner {
  readonly room: string;
  readonly id: PeerId;
  readonly name: string;
  /** The addresses by which it was told to join. */
  readonly join: readonly string[];
}

/** Asked at each turn in which something was said: the addresses are compared only where they may be others. */
function isSame(one: Owner | undefined, { room, id, name, join }: Owner): boolean {
  if (one?.room !== room || one.id !== id || one.name !== name) return false;
  return one.join === join || one.join.join() === join.join();
}

/** What has not reached the room for certain. */
export interface Unsettled {
  /** Lines that a rebase cut off, or that earlier processes of this peer said. */
  readonly held: readonly ChatEntry[];
  /** Lines that this process said. */
  readonly said: readonly Offer[];
  readonly letters: Kept;
}

// --- Writing ---

interface File {
  readonly number: number;
  /** The seq that its snapshot stands for. */
  readonly base: number;
}

/** How far the disk has come. Owned by the peer and changed in place. */
export class Journal {
  readonly #files: File[];
  /** Up to which seq the disk has what the log has. */
  #end: number;
  /** Where the current file goes on; undefined when another must be begun. */
  #cursor: Cursor | undefined;
  /** What the current file has behind its beginning, in bytes. */
  #bytes = 0;
  /** How much it must have there before another one is begun: at least what that one repeats. */
  #full: number = limits.journalBytes;
  #begun = false;
  /** Who keeps it, as its beginning says. */
  #owner: Owner | undefined;
  #aside = false;

  /** @param files those that are there already, which end with this seq */
  constructor(files: readonly File[] = [], end = 0) {
    this.#files = [...files];
    this.#end = end;
  }

  /** The log has been cut back to this seq, or starts over from it. */
  cut(seq: number): void {
    this.#end = Math.min(this.#end, seq);
    this.#cursor = undefined;
  }

  /** The log has nothing in common with what is kept: that is set aside, as it is, and another journal begun. */
  startOver(): void {
    this.#aside = this.#files.length > 0;
    this.#files.length = 0;
    this.#end = 0;
    this.#cursor = undefined;
  }

  /**
   * What brings the disk to where the log is. Nothing is written before this is called for the first time: a peer that
   * does not get into its room leaves the disk as it was. Then a small log is written anew, and the older files go.
   */
  sync(log: Log, owner: Owner, unsettled: () => Unsettled, crypto: Crypto): Effect[] {
    const effects: Effect[] = [];
    const whole = !this.#begun && log.bytes <= limits.journalBytes;
    const slice = this.#cursor && log.read(this.#cursor);
    // Who keeps it stands at its beginning only: another name, and other addresses to join by, begin another file.
    const next =
      !isSame(this.#owner, owner) || this.#cursor === undefined || slice === 'trimmed' || this.#bytes > this.#full;
    const before = this.#files.at(-1)?.number ?? 0;
    if (next) effects.push(this.#begin(log, owner, unsettled(), whole, crypto));
    for (let rest = log.read(this.#cursor as Cursor); typeof rest !== 'string'; rest = log.read(rest.cursor)) {
      this.#cursor = rest.cursor;
      this.#bytes += rest.bytes.length;
      effects.push({ kind: 'keep', bytes: rest.bytes });
    }
    this.#end = log.last;
    if (next && whole) effects.push(...this.#forget(before));
    // A file may go when the one behind it begins before all that is held.
    const spare = this.#files.findLastIndex(({ base }, at) => at > 0 && base < log.first);
    if (spare > 0) effects.push(...this.#forget((this.#files[spare - 1] as File).number));
    return effects;
  }

  /** Keeps a line that was said here until the room has it. What is said before the first file is in its beginning. */
  said(offer: Offer): Effect[] {
    return this.#keep(saidFrame(offer));
  }

  /** Keeps a private message until it is heard. */
  wrote(letter: Outgoing): Effect[] {
    return this.#keep(wroteFrame(letter));
  }

  /** One's own private message has been acknowledged. */
  heard(name: Name): Effect[] {
    return this.#keep(system(`heard:${letterText.name(name)}`));
  }

  /** A private message is shown, and is not to be shown again. */
  shown(shown: Shown): Effect[] {
    return this.#keep(shownFrame(shown));
  }

  #keep(bytes: Uint8Array): Effect[] {
    if (!this.#begun) return [];
    this.#bytes += bytes.length;
    return [{ kind: 'keep', bytes }];
  }

  #begin(log: Log, owner: Owner, { held, said, letters }: Unsettled, whole: boolean, crypto: Crypto): Effect {
    const base = whole ? log.first - 1 : Math.max(log.first - 1, Math.min(this.#end, log.last));
    const frames = [
      system(`journal:${JSON.stringify({ version, ...owner })}`),
      serverSays.snapshot(log.snapshotAt(base) as Snapshot, crypto),
      ...held.map((entry) => clientSays.held('', entryFrame(entry))),
      ...said.map(saidFrame),
      ...letters.waiting.map(wroteFrame),
      ...letters.shown.map(shownFrame),
    ];
    const number = (this.#files.at(-1)?.number ?? 0) + 1;
    this.#files.push({ number, base });
    this.#bytes = 0;
    this.#begun = true;
    this.#owner = owner;
    this.#cursor = log.cursorAfter(base);
    const aside = this.#aside;
    this.#aside = false;
    const bytes = concat(frames);
    this.#full = Math.max(limits.journalBytes, bytes.length);
    return { kind: 'roll', room: owner.room, number, bytes, aside };
  }

  #forget(upTo: number): Effect[] {
    const before = this.#files.length;
    while (this.#files[0] !== undefined && this.#files[0].number <= upTo) this.#files.shift();
    return this.#files.length < before ? [{ kind: 'forget', number: upTo }] : [];
  }
}

const system = (body: string): Uint8Array => encodeFrame('', 'SYSTEM', body);

function saidFrame(offer: Offer): Uint8Array {
  return system(`said:${new TextDecoder().decode(encodeOffer(offer))}`);
}

function wroteFrame(letter: Outgoing): Uint8Array {
  return system(`letter:${letterText.outgoing(letter)}`);
}

function shownFrame(shown: Shown): Uint8Array {
  return system(`shown:${letterText.shown(shown)}`);
}

// --- Reading ---

/** A file as the disk gave it back: pieces as they were kept, null where some are damaged. */
export interface KeptFile {
  readonly number: number;
  readonly pieces: readonly (Uint8Array | null)[];
}

/** What a room was when its journal ended. */
export interface Restored {
  readonly owner: Owner;
  readonly log: Log;
  /** What the room may lack of what was held, and of what the last process said. */
  readonly held: readonly ChatEntry[];
  readonly said: readonly ChatEntry[];
  /** Private messages that nobody has acknowledged, and the names of those that have been shown. */
  readonly letters: Kept;
  readonly people: ReadonlyMap<PeerId, Person>;
  /** Who had been lost without a goodbye. */
  readonly lost: readonly Member[];
  readonly journal: Journal;
  readonly warnings: readonly string[];
}

/**
 * Plays the files of a journal into a log that is empty.
 * @returns undefined when no file says which room this is
 */
export function replay(kept: readonly KeptFile[], room: string, log: Log): Restored | undefined {
  const player = new Player(room, log);
  for (const { number, pieces } of kept) player.file(number, pieces);
  return player.end();
}

/** Plays the files of a journal, one by one and in order, into a log that is empty. */
export class Player {
  readonly #room: string;
  readonly #log: Log;
  #owner: Owner | undefined;
  readonly #files: File[] = [];
  readonly #people = new Map<PeerId, Person>();
  readonly #lost = new Map<PeerId, Member>();
  readonly #warnings: string[] = [];
  #held: ChatEntry[] = [];
  #said = new Map<number, Offer>();
  readonly #waiting = new Map<string, Outgoing>();
  readonly #shown = new Map<string, Shown>();
  #saidBy: PeerId | undefined;
  /** Pieces are whole frames: one decoder does for all of them. */
  #decoder = new Decoder();
  /** Something is missing: what follows cannot be appended, until a snapshot. */
  #broken = false;

  constructor(room: string, log: Log) {
    this.#room = room;
    this.#log = log;
  }

  file(number: number, pieces: readonly (Uint8Array | null)[]): void {
    this.#broken = true;
    let frames = 0;
    for (const piece of pieces) {
      if (piece === null) {
        if (frames > 0) this.#damaged(number);
        this.#broken = true;
        continue;
      }
      try {
        const decoder = this.#decoder;
        decoder.push(piece);
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
          // A file without its beginning says nothing that can be trusted to be of this room.
          if (frames++ === 0 && !this.#begins(number, frame)) return;
          this.#play(number, frame);
        }
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.#damaged(number);
        this.#broken = true;
        this.#decoder = new Decoder();
      }
    }
    if (frames === 0 && pieces.length > 0) this.#damaged(number);
  }

  #damaged(number: number): void {
    const warning = `file ${number} of the kept history is damaged: what can be read of it is used`;
    if (!this.#warnings.includes(warning)) this.#warnings.push(warning);
  }

  #begins(number: number, frame: Frame): boolean {
    const text = utf8(frame.body);
    if (text.startsWith('journal:')) {
      const owner = parseJson('journal', headerSchema, text.slice(8));
      if (owner.room === this.#room) {
        this.#owner = { room: owner.room, id: owner.id, name: owner.name, join: owner.join };
        this.#held = [];
        this.#waiting.clear();
        this.#shown.clear();
        if (owner.id !== this.#saidBy) this.#said = new Map();
        this.#saidBy = owner.id;
        return true;
      }
      this.#warnings.push(`file ${number} of the kept history is of another room: it is left alone`);
      return false;
    }
    this.#damaged(number);
    return false;
  }

  #play(number: number, frame: Frame): void {
    if (frame.type === 'SYSTEM') {
      const text = utf8(frame.body.subarray(0, 9));
      if (text.startsWith('journal:')) return;
      if (text.startsWith('said:')) {
        const offer = decodeOffer(frame.body.subarray(5));
        this.#said.set(offer.n, offer);
        return;
      }
      if (text.startsWith('held:')) {
        const held = parseClient(frame);
        if (held.kind === 'held' && held.entry.kind === 'chat') this.#held.push(held.entry);
        return;
      }
      if (this.#playLetter(text, frame)) return;
      if (text.startsWith('snapshot:')) {
        const message = parseServer(frame);
        if (message.kind === 'snapshot') this.#cutTo(number, message.snapshot);
        return;
      }
    }
    const entry = decodeEntry(frame);
    if (entry === undefined) throw new ProtocolError('word', 'not a part of a journal');
    if (!this.#broken) {
      if (entry.kind !== 'chat') this.#follow(entry);
      this.#log.append(entry, frame);
      return;
    }
    if (entry.kind === 'chat')
      this.#held.push({ ...entry, apart: true, by: this.#people.get(entry.author) ?? entry.by });
  }

  #playLetter(start: string, { body }: Frame): boolean {
    const word = start.slice(0, start.indexOf(':'));
    const rest = (): string => utf8(body.subarray(word.length + 1));
    switch (word) {
      case 'letter': {
        const letter = letterIn.outgoing(rest());
        this.#waiting.set(letterText.name(letter), letter);
        return true;
      }
      case 'heard':
        this.#waiting.delete(letterText.name(letterIn.name(rest())));
        return true;
      case 'shown': {
        const shown = letterIn.shown(rest());
        this.#shown.set(letterText.shown(shown), shown);
        return true;
      }
      default:
        return false;
    }
  }

  /** A file begins: at the end of the log, before it, or where the log does not reach. */
  #cutTo(number: number, snapshot: Snapshot): void {
    const log = this.#log;
    const { seq } = snapshot;
    const known = seq <= log.last && seq >= log.first - 1 && sameReign(log, snapshot);
    if (known) log.truncate(seq);
    else log.restore(snapshot);
    for (const member of snapshot.view.members) this.#people.set(member.id, personOf(member));
    this.#files.push({ number, base: seq });
    this.#broken = false;
  }

  #follow(entry: Exclude<ReturnType<typeof decodeEntry>, undefined | ChatEntry>): void {
    const { view } = this.#log;
    const lose = (id: PeerId): void => {
      const member = memberOf(view, id);
      if (member !== undefined) this.#lost.set(id, member);
      if (this.#lost.size > limits.lostMax) this.#lost.delete(this.#lost.keys().next().value as PeerId);
    };
    if (entry.kind === 'joined') {
      this.#lost.delete(entry.member.id);
      this.#people.set(entry.member.id, personOf(entry.member));
    } else if (entry.kind === 'peers') {
      for (const { id, why } of entry.lost) if (!saidGoodbye(why)) lose(id);
      for (const member of entry.members) this.#people.set(member.id, personOf(member));
    } else if (entry.kind === 'renamed') {
      const member = memberOf(view, entry.id);
      if (member !== undefined) this.#people.set(entry.id, { ...personOf(member), name: entry.name });
    } else if (entry.kind === 'left' && !saidGoodbye(entry.why)) lose(entry.id);
  }

  end(): Restored | undefined {
    const owner = this.#owner;
    const log = this.#log;
    // Even of a room of which nothing else is left it is known which one it is.
    if (owner === undefined) return undefined;
    const lacks = ({ author, n }: { author: PeerId; n: number }): boolean => n > (log.authors.get(author) ?? 0);
    const { id } = owner;
    const by = this.#people.get(id);
    const said = [...this.#said.values()].map((offer): ChatEntry => {
      return {
        kind: 'chat',
        author: id,
        epoch: log.view.epoch + 1,
        seq: log.last + offer.n,
        ...offer,
        apart: true,
        by,
      };
    });
    const unsent = said.filter(lacks).toSorted((a, b) => a.n - b.n);
    const typed = new Set(unsent.map(({ n }) => n));
    const held = this.#held.filter((line) => lacks(line) && !(line.author === id && typed.has(line.n)));
    return {
      owner,
      log,
      held,
      said: unsent,
      letters: { waiting: [...this.#waiting.values()], shown: [...this.#shown.values()] },
      people: this.#people,
      lost: [...this.#lost.values()].filter(({ id: one }) => memberOf(log.view, one) === undefined),
      journal: new Journal(this.#files, log.last),
      warnings: this.#warnings,
    };
  }
}

/** Whether a snapshot stands in the log's own line. */
function sameReign(log: Log, { view, lineage, seq }: Snapshot): boolean {
  if (seq === 0) return true;
  const last = lineage.at(-1);
  const at = log.lineage.find(({ epoch }) => epoch === view.epoch);
  return last !== undefined && at?.first === last.first && at.coordinator === last.coordinator;
}
