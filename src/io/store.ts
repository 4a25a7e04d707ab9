/**
 * The store: the journal of one room on the disk, in numbered files of opaque bytes. What is kept, when a file begins
 * and which are no longer needed is decided elsewhere. Reading gives back all that is good and never fails; what is
 * damaged, or not ours, is told and left as it is.
 */
import { readdir, rm, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatError } from '../core/errors.ts';
import { makeFolder, openFile, reason } from './disk.ts';
import { fileNumber, usedAt } from './folders.ts';
import { Lock } from './lock.ts';
import { checkFolder } from './owned.ts';
import { decodeFile, type Journal } from './record.ts';
import { Writer, type WriterEvents } from './writer.ts';

/** The longest file that is read: no journal comes near, and it must fit in memory. */
const fileBytesMax = 1 << 30;
/** How often a journal in use is marked so, ms. */
const aliveMs = 10_000;

/** One numbered file of a journal as it was read back. */
export interface SavedFile {
  readonly number: number;
  /** What was kept, in order; null where bytes were damaged and skipped. */
  readonly pieces: readonly (Uint8Array | null)[];
}

export interface Saved {
  readonly files: readonly SavedFile[];
  /** When the journal was last known to be in use, ms since 1970; 0 when there is none. */
  readonly aliveAt: number;
}

export class Store {
  readonly #folder: string;
  readonly #lock: Lock;
  readonly #alive: FileHandle;
  readonly #aliveAt: number;
  readonly #heart: NodeJS.Timeout;
  readonly #writer: Writer;
  #closed: Promise<void> | undefined;

  private constructor(folder: string, events: WriterEvents, lock: Lock, alive: FileHandle, aliveAt: number) {
    this.#folder = folder;
    this.#lock = lock;
    this.#alive = alive;
    this.#aliveAt = aliveAt;
    this.#heart = setInterval(() => void this.#touch(), aliveMs).unref();
    this.#writer = new Writer(folder, events);
  }

  /**
   * Opens (and makes) the folder of one room for this process alone.
   * @throws ChatError `in-use` when another process has it; `store` when it is not this person's alone, or cannot be written
   */
  static async open(folder: string, events: WriterEvents): Promise<Store> {
    let lock: Lock | undefined;
    try {
      await makeFolder(folder);
      // Before anything is written: what a link leads to is not this room's.
      await checkFolder(folder);
      lock = await Lock.take(join(folder, 'lock'));
      const aliveAt = (await usedAt(folder)) ?? 0;
      // A new file whose writer died before it had a name.
      await rm(join(folder, 'new'), { force: true });
      const alive = await openFile(join(folder, 'alive'), 'touch');
      const store = new Store(folder, events, lock, alive, aliveAt);
      await store.#touch();
      return store;
    } catch (error) {
      await lock?.release().catch(() => {});
      if (error instanceof ChatError) throw error;
      throw new ChatError('store', `nothing can be kept in ${folder}: ${reason(error)}`);
    }
  }

  /** What was given and is not written yet, in bytes. */
  get waitingBytes(): number {
    return this.#writer.waitingBytes;
  }

  /**
   * Reads everything; to be called once, before anything is kept. Pieces are views into the files as they were read:
   * who keeps one for long copies it.
   * @param take is given each file as soon as it is read, so that not all of them are in memory at once
   * @returns without `take` the files; also `warnings`, a line for each thing that is not as it should be
   */
  async load(take?: (file: SavedFile) => void): Promise<Saved & { readonly warnings: readonly string[] }> {
    const warnings: string[] = [];
    const files: SavedFile[] = [];
    const give = (file: Ours, isLast: boolean): void => {
      const saved = judge(file, isLast, warnings);
      if (take === undefined) files.push(saved);
      else take(saved);
    };
    const known: Pick<Ours, 'number' | 'path'>[] = [];
    let last: Ours | undefined;
    for (const { number, name, path } of await this.#list(warnings)) {
      const journal = await readJournal(path).catch((error: unknown) => {
        warnings.push(`${name} cannot be read and is left alone: ${reason(error)}`);
      });
      // A name without a byte: its writer died when it had taken the name, and no more.
      if (journal?.bytes === 0) await unlink(path).catch(() => {});
      else if (journal?.kind === 'ours') {
        if (last !== undefined) give(last, false);
        last = { ...journal, number, name, path };
        known.push({ number, path });
      } else if (journal?.kind === 'version')
        warnings.push(`${name} is of another version of groupchat and is left alone`);
      else if (journal) warnings.push(strange(name));
    }
    if (last !== undefined) give(last, true);
    // A damaged file is left as it is, and one without even a first line is not gone on with.
    const goOn = last !== undefined && last.wholeBytes > 0 && !last.pieces.includes(null);
    this.#writer.follow(
      known,
      last !== undefined && goOn ? { ...last, torn: last.wholeBytes < last.bytes } : undefined,
    );
    return { files, aliveAt: this.#aliveAt, warnings };
  }

  /** Begins file `number` with these bytes; what was kept before stays in the earlier files. */
  roll(number: number, bytes: Uint8Array): void {
    this.#writer.roll(number, bytes);
  }

  /** Appends to the current file. */
  keep(bytes: Uint8Array): void {
    this.#writer.keep(bytes);
  }

  /** Files with numbers up to this are no longer needed: they are removed when a newer one is safely on the disk. */
  forget(upTo: number): void {
    this.#writer.forget(upTo);
  }

  /** Resolves when all that was given so far is written and synced, or the keeping has failed. */
  flushed(): Promise<void> {
    return this.#writer.flushed();
  }

  /** Writes what waits, and lets go of the folder. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    clearInterval(this.#heart);
    await this.#writer.close();
    await this.#touch();
    await this.#alive.close().catch(() => {});
    await this.#lock.release().catch(() => {});
  }

  async #touch(): Promise<void> {
    const now = new Date();
    // Worth no complaint: a disk that does not take the time does not take a line either.
    await this.#alive.utimes(now, now).catch(() => {});
  }

  /** The files that have the name of a journal file, in order. */
  async #list(warnings: string[]): Promise<{ number: number; name: string; path: string }[]> {
    const entries = await readdir(this.#folder, { withFileTypes: true }).catch((error: unknown) => {
      warnings.push(`${this.#folder} cannot be read: ${reason(error)}`);
      return [];
    });
    const files = [];
    for (const entry of entries) {
      const { name } = entry;
      // Names with a dot in front are the system's.
      if (/^(alive$|lock$|lock\.|roomkey$|roomkey\.|\.)/.test(name)) continue;
      const number = entry.isFile() ? fileNumber(name) : undefined;
      if (number === undefined) warnings.push(strange(name));
      else files.push({ number, name, path: join(this.#folder, name) });
    }
    return files.toSorted((a, b) => a.number - b.number);
  }
}

const strange = (name: string): string => `${name} is not a file of groupchat's and is left alone`;

interface Ours extends Journal {
  readonly bytes: number;
  readonly number: number;
  readonly name: string;
  readonly path: string;
}

/** Only the last file may end inside of a record as things go: its writer was stopped. In any other that is damage. */
function judge({ number, name, pieces, wholeBytes, bytes }: Ours, isLast: boolean, warnings: string[]): SavedFile {
  const torn = wholeBytes < bytes;
  const found = torn && !isLast && wholeBytes > 0 && pieces.at(-1) !== null ? [...pieces, null] : pieces;
  const damaged = found.filter((piece) => piece === null).length;
  if (damaged > 0) warnings.push(`${name} is damaged: ${damaged === 1 ? 'a part is' : `${damaged} parts are`} lost`);
  if (torn && isLast) warnings.push(`${name} ends in the middle of a record: that one is lost`);
  return { number, pieces: found };
}

/** One file of a journal, as a whole. */
export async function readJournal(path: string): Promise<Journal & { readonly bytes: number }> {
  const handle = await openFile(path, 'read');
  try {
    const { size } = await handle.stat();
    if (size > fileBytesMax) throw new Error(`it has ${size} bytes`);
    const file = await handle.readFile();
    return { ...decodeFile(file), bytes: file.length };
  } finally {
    await handle.close();
  }
}
