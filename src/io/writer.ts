/**
 * The writer of a journal: does what it is given in order, all that was given in one turn in one write.
 *
 * A file appears under its name only when its first bytes are safe, and older ones are removed only after that. Nothing
 * is ever overwritten: the one thing that is cut off is the end of the last file where it was not written whole. The
 * first failure is told and ends the writing; what was written stays good.
 */
import { rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode, openFile, reason, syncFolder } from './disk.ts';
import { fileName } from './folders.ts';
import { encodeRecord, fileStart } from './record.ts';

/** The longest single write, in bytes. */
const writeBytesMax = 1 << 20;
/** What is written is synced this often, ms: the most that a power cut costs. */
const syncMs = 1000;

export interface WriterEvents {
  /** Nothing is kept from now on. Told once. */
  failed(message: string): void;
}

type Work =
  | { readonly kind: 'keep'; readonly record: Uint8Array }
  | { readonly kind: 'roll'; readonly number: number; readonly record: Uint8Array }
  | { readonly kind: 'forget'; readonly upTo: number }
  | { readonly kind: 'sync'; readonly done: () => void };

/** A file on the disk. It has the number it was asked for by; that of its name is higher when that was taken. */
interface Kept {
  readonly number: number;
  readonly path: string;
}

/** The last file that was read, if it may be appended to, and up to where it is whole. */
interface Last {
  readonly path: string;
  readonly wholeBytes: number;
  readonly torn: boolean;
}

export class Writer {
  readonly #folder: string;
  readonly #events: WriterEvents;
  /** The files of the journal, in order, and the highest number in the name of any. */
  #files: Kept[] = [];
  #highest = 0;
  #last: Last | undefined;
  #current: FileHandle | undefined;
  #forgotten = 0;

  #work: Work[] = [];
  #waitingBytes = 0;
  #working: Promise<void> | undefined;
  #unsynced = false;
  /** The name of the current file is not synced yet. */
  #unnamed = false;
  #syncing: NodeJS.Timeout | undefined;
  /** Failed, or closed: nothing is taken any more. */
  #over = false;

  constructor(folder: string, events: WriterEvents) {
    this.#folder = folder;
    this.#events = events;
  }

  get waitingBytes(): number {
    return this.#waitingBytes;
  }

  /** Goes on after these files, and in the last of them if that is given. */
  follow(files: readonly Kept[], last: Last | undefined): void {
    this.#files = [...files];
    this.#highest = files.at(-1)?.number ?? 0;
    this.#last = last;
  }

  roll(number: number, bytes: Uint8Array): void {
    if (!this.#over) this.#give({ kind: 'roll', number, record: encodeRecord(bytes) });
  }

  keep(bytes: Uint8Array): void {
    if (!this.#over) this.#give({ kind: 'keep', record: encodeRecord(bytes) });
  }

  forget(upTo: number): void {
    if (!this.#over) this.#give({ kind: 'forget', upTo });
  }

  /** Resolves when all that was given is written and synced, or is given up. */
  async flushed(): Promise<void> {
    if (this.#over) return this.#working;
    await new Promise<void>((resolve) => this.#give({ kind: 'sync', done: resolve }));
  }

  async close(): Promise<void> {
    const flushed = this.flushed();
    this.#over = true;
    await flushed;
    await this.#working;
    clearTimeout(this.#syncing);
    await this.#current?.close().catch(() => {});
  }

  #give(work: Work): void {
    if ('record' in work) this.#waitingBytes += work.record.length;
    this.#work.push(work);
    // After this turn: what is given until then is one write.
    this.#working ??= new Promise<void>((resolve) => void setImmediate(resolve)).then(() => this.#run());
  }

  async #run(): Promise<void> {
    while (this.#work.length > 0) {
      const work = this.#work;
      this.#work = [];
      try {
        for (let at = 0; at < work.length;) at = await this.#do(work, at);
      } catch (error) {
        await this.#fail(reason(error));
        for (const one of [...work, ...this.#work]) if (one.kind === 'sync') one.done();
        this.#work = [];
      }
    }
    this.#working = undefined;
  }

  /** Does what stands at a place, and as much of what follows as goes in one write. @returns where to go on */
  async #do(work: readonly Work[], at: number): Promise<number> {
    const one = work[at] as Work;
    switch (one.kind) {
      case 'keep': {
        const records = batch(work, at);
        const bytes = Buffer.concat(records);
        await this.#append(bytes);
        this.#waitingBytes -= bytes.length;
        return at + records.length;
      }
      case 'roll':
        await this.#resume();
        await this.#begin(one.number, one.record);
        this.#waitingBytes -= one.record.length;
        await this.#remove();
        break;
      case 'forget':
        this.#forgotten = Math.max(this.#forgotten, one.upTo);
        await this.#remove();
        break;
      case 'sync':
        await this.#sync();
        one.done();
        break;
    }
    return at + 1;
  }

  async #append(records: Uint8Array): Promise<void> {
    const file = await this.#resume();
    if (file === undefined) return this.#begin(this.#highest + 1, records);
    this.#syncSoon();
    await writeAll(file, records);
  }

  #syncSoon(): void {
    this.#unsynced = true;
    this.#syncing ??= setTimeout(() => this.#give({ kind: 'sync', done: () => {} }), syncMs).unref();
  }

  /** The current file. That is the one that was read last, without its torn end, until another is begun. */
  async #resume(): Promise<FileHandle | undefined> {
    if (this.#last === undefined) return this.#current;
    const { path, wholeBytes, torn } = this.#last;
    this.#last = undefined;
    this.#current = await openFile(path, 'append');
    this.#unsynced = torn;
    if (torn) await this.#current.truncate(wholeBytes);
    return this.#current;
  }

  async #begin(number: number, records: Uint8Array): Promise<void> {
    await this.#sync();
    const unnamed = join(this.#folder, 'new');
    const before = this.#current;
    this.#current = await openFile(unnamed, 'create');
    await before?.close();
    await writeAll(this.#current, fileStart);
    await writeAll(this.#current, records);
    // A kill takes nothing that is written. A power cut may: so older files stay until this one is synced.
    const free = await this.#reserve(Math.max(number, this.#highest + 1));
    const path = join(this.#folder, fileName(free));
    await rename(unnamed, path);
    this.#unnamed = true;
    this.#syncSoon();
    this.#highest = free;
    this.#files.push({ number, path });
  }

  /** Makes an empty file of the first name that is free, so that what is renamed to it replaces nothing else. */
  async #reserve(number: number): Promise<number> {
    for (let free = number; ; free++) {
      try {
        const file = await openFile(join(this.#folder, fileName(free)), 'create');
        await file.close();
        return free;
      } catch (error) {
        if (errorCode(error) !== 'EEXIST') throw error;
      }
    }
  }

  /** Removes what was forgotten, but never the last file: nothing newer is safe. */
  async #remove(): Promise<void> {
    const old = this.#files.slice(0, -1).filter(({ number }) => number <= this.#forgotten);
    if (old.length === 0) return;
    await this.#sync();
    // One that cannot be removed (on Windows somebody may look at it) harms nobody.
    for (const { path } of old) await unlink(path).catch(() => {});
    this.#files = this.#files.filter((file) => !old.includes(file));
  }

  async #sync(): Promise<void> {
    clearTimeout(this.#syncing);
    this.#syncing = undefined;
    if (!this.#unsynced) return;
    this.#unsynced = false;
    await this.#current?.datasync();
    if (!this.#unnamed) return;
    this.#unnamed = false;
    await syncFolder(this.#folder);
  }

  async #fail(why: string): Promise<void> {
    this.#over = true;
    this.#waitingBytes = 0;
    clearTimeout(this.#syncing);
    // On a full disk, what was to be a new file only takes up room.
    await rm(join(this.#folder, 'new'), { force: true }).catch(() => {});
    this.#events.failed(`the room is no longer kept in ${this.#folder}: ${why}`);
  }
}

/** The records from a place on that go in one write: at least one. */
function batch(work: readonly Work[], at: number): Uint8Array[] {
  const records: Uint8Array[] = [];
  let bytes = 0;
  for (let next = at; next < work.length; next++) {
    const one = work[next] as Work;
    if (one.kind !== 'keep' || (bytes > 0 && bytes + one.record.length > writeBytesMax)) break;
    records.push(one.record);
    bytes += one.record.length;
  }
  return records;
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesWritten } = await file.write(bytes, at, Math.min(bytes.length - at, writeBytesMax));
    at += bytesWritten;
  }
}
