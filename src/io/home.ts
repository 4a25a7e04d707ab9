/**
 * What a person keeps between runs: who he is, whom he knows, his rooms and their keys, all in a folder of his own. A
 * person without a folder keeps nothing, and is somebody else the next time.
 */
import { join } from 'node:path';
import type { Crypto } from '../core/crypto.ts';
import { ChatError } from '../core/errors.ts';
import { Log } from '../core/log.ts';
import { Pins } from '../core/pins.ts';
import { lawOf } from '../core/rules.ts';
import { createCrypto } from './crypto.ts';
import { profileFolder } from './folders.ts';
import { glimpse, type Glimpse } from './glimpse.ts';
import { Identity } from './identity.ts';
import { checkFolder } from './owned.ts';
import { Known } from './pins.ts';
import { keepRoomKey, loadRoomKey } from './roomkey.ts';
import { Shelf, type Recalled } from './shelf.ts';

export interface HomeOptions {
  /** Where persons have their folders; undefined: nothing is kept. */
  readonly dataDir?: string | undefined;
  readonly name: string;
  /** False: nothing of rooms is kept, only who the person is, and whom he knows. */
  readonly keepHistory?: boolean | undefined;
  /** Entries of a log, as it gives them to newcomers, and as it keeps them. */
  readonly history: number;
  readonly keep: number;
  /** Takes a line for each thing that is not as it should be. */
  readonly warn: (message: string) => void;
  /** Told once, when nothing of rooms can be kept any more. */
  readonly unkept: (message: string) => void;
}

export class Home {
  readonly #options: HomeOptions;
  readonly #folder: string | undefined;
  readonly #shelf: Shelf | undefined;
  #identity = Identity.temporary();
  #known: Known | undefined;
  /** Where nothing is kept. */
  readonly #pins = new Pins();
  #unkept: string | undefined;
  /** The room's key is on the disk. */
  #keyKept: Promise<void> = Promise.resolve();

  constructor(options: HomeOptions) {
    this.#options = options;
    const { dataDir, name, keepHistory = true, unkept } = options;
    this.#folder = dataDir === undefined ? undefined : profileFolder(dataDir, name);
    if (this.#folder === undefined || !keepHistory) return;
    this.#shelf = new Shelf(this.#folder, (message) => {
      this.#unkept = message;
      unkept(message);
    });
  }

  /**
   * From now on it is known who the person is, and whom he knows.
   * @throws ChatError `store` when others can read it, or it is damaged
   */
  async open(): Promise<void> {
    const { dataDir, warn } = this.#options;
    if (dataDir !== undefined) await checkFolder(dataDir);
    if (this.#folder === undefined) return;
    this.#identity = await Identity.load(this.#folder);
    this.#known = await Known.load(this.#folder, warn);
  }

  /** What the person's process signs and seals with. */
  get crypto(): Crypto {
    return createCrypto(this.#identity);
  }

  /** Whom the person knows. `remember` puts on the disk what has changed. */
  get pins(): Pins {
    return this.#known?.pins ?? this.#pins;
  }

  remember(): void {
    this.#known?.keep();
  }

  // --- Rooms ---

  /** Rooms are kept, as far as it is known. */
  get keeps(): boolean {
    return this.#shelf !== undefined && this.#unkept === undefined;
  }

  /** Why nothing of rooms is kept any more. */
  get unkept(): string | undefined {
    return this.#unkept;
  }

  /** Another process has open what was to be recalled. */
  get inUse(): boolean {
    return this.#shelf?.inUse === true;
  }

  /** The ids of the rooms that are kept, the latest used first. */
  async rooms(): Promise<readonly string[]> {
    return (await this.#shelf?.rooms()) ?? [];
  }

  /** The room that was open last, which another process may have open now. @throws ChatError `store` */
  async glimpse(): Promise<Glimpse | undefined> {
    return this.#folder === undefined ? undefined : glimpse(this.#folder);
  }

  /** Opens a room, and reads what is kept of it; undefined: none is open any more. */
  async recall(room: string | undefined): Promise<Recalled | undefined> {
    if (room === undefined) {
      await this.#shelf?.close();
      return undefined;
    }
    const { history, keep, warn } = this.#options;
    const law = lawOf(this.crypto, () => room);
    const recalled = await this.#shelf?.recall(room, new Log(history, keep, law));
    for (const message of recalled?.warnings ?? []) warn(message);
    return recalled;
  }

  /** Does what the core wishes for the room that is open. */
  carryOut(wish: Parameters<Shelf['carryOut']>[0]): void {
    this.#shelf?.carryOut(wish);
  }

  /** That of a private room. @throws ChatError `store` */
  async keyOf(room: string): Promise<string | undefined> {
    return this.#folder === undefined ? undefined : loadRoomKey(join(this.#folder, room));
  }

  /** Whoever comes again needs no invite. */
  keepKey(room: string, key: string): Promise<void> {
    // One after the other: the last one stays.
    this.#keyKept = this.#keyKept.then(() => this.#writeKey(room, key));
    return this.#keyKept;
  }

  async #writeKey(room: string, key: string): Promise<void> {
    if (this.#shelf === undefined || this.#folder === undefined) return;
    try {
      await keepRoomKey(join(this.#folder, room), key);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      this.#options.warn(`the key of this room is not kept: ${error.message}`);
    }
  }

  /** Writes what waits, and lets go of everything. */
  async close(): Promise<void> {
    await Promise.all([this.#shelf?.close(), this.#known?.close(), this.#keyKept]);
  }
}
