/**
 * The shelf: the rooms that a person keeps on this machine, of which one is open at a time. It brings the core's wishes
 * to the store of the room that they are about, which takes a moment to open; what was read back, to the core.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatError } from '../core/errors.ts';
import { Player, type Restored } from '../core/journal.ts';
import { limits } from '../core/limits.ts';
import type { Log } from '../core/log.ts';
import type { Effect } from '../core/step.ts';
import { reason } from './disk.ts';
import { savedRooms } from './folders.ts';
import { keepRoomKey, loadRoomKey } from './roomkey.ts';
import { Store } from './store.ts';

export interface Recalled {
  readonly room: Restored;
  /** When the room was last in use, ms since 1970. */
  readonly aliveAt: number;
  /** One line for each thing that is not as it should be. */
  readonly warnings: readonly string[];
}

type Wish = Extract<Effect, { kind: 'roll' | 'keep' | 'forget' }>;

/** So much may wait for the disk, in bytes: as much as a room may hold. */
const waitingBytesMax = 1 << 26;

/** A room that is being opened, and what is to be done then. */
interface Opening {
  readonly room: string;
  readonly wishes: Wish[];
  readonly done: Promise<void>;
}

export class Shelf {
  readonly #folder: string;
  readonly #failed: (message: string) => void;
  #open: { readonly room: string; readonly store: Store } | undefined;
  #opening: Opening | undefined;
  #broken = false;
  #inUse = false;
  /** How often what was kept of a room was put aside. */
  #asides = 0;

  /**
   * @param folder that of the person's profile
   * @param failed told once, when nothing can be kept any more
   */
  constructor(folder: string, failed: (message: string) => void) {
    this.#folder = folder;
    this.#failed = (message) => {
      if (this.#broken) return;
      this.#broken = true;
      failed(message);
    };
  }

  /** Another process has open what was to be recalled. */
  get inUse(): boolean {
    return this.#inUse;
  }

  /** The ids of the rooms that are kept, the latest used first. */
  async rooms(): Promise<string[]> {
    const names = await savedRooms(this.#folder);
    return names.filter((name) => /^[0-9a-z]{10}$/.test(name));
  }

  /**
   * Opens a room, and reads what is kept of it into a log that is empty.
   * @returns undefined when there is nothing to go on from, or another process has it open
   */
  async recall(room: string, log: Log): Promise<Recalled | undefined> {
    try {
      await this.close();
      const store = await Store.open(join(this.#folder, room), { failed: this.#failed });
      this.#open = { room, store };
      const player = new Player(room, log);
      const { aliveAt, warnings } = await store.load(({ number, pieces }) => player.file(number, pieces));
      const restored = player.end();
      return restored && { room: restored, aliveAt, warnings: [...warnings, ...restored.warnings] };
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  /** Does what the core wishes; returns at once. */
  carryOut(wish: Wish): void {
    if (this.#broken) return;
    const current = this.#opening?.room ?? this.#open?.room;
    if (wish.kind === 'roll' && (wish.aside || wish.room !== current)) this.#opening = this.#begin(wish.room);
    if (this.#opening !== undefined) this.#opening.wishes.push(wish);
    else if (this.#open !== undefined) give(this.#open.store, wish);
    if ((this.#open?.store.waitingBytes ?? 0) > waitingBytesMax) this.#failed('the disk is too slow for this room');
  }

  /** Writes what waits, and lets go of the room. */
  async close(): Promise<void> {
    while (this.#opening !== undefined) await this.#opening.done;
    const open = this.#open;
    this.#open = undefined;
    await open?.store.close();
  }

  #begin(room: string): Opening {
    const before = this.#opening?.done;
    const wishes: Wish[] = [];
    const open = async (): Promise<void> => {
      await before;
      try {
        await this.#open?.store.close();
        this.#open = undefined;
        const store = await this.#fresh(join(this.#folder, room));
        this.#open = { room, store };
        for (const wish of wishes) give(store, wish);
      } catch (error) {
        this.#fail(error);
      }
      if (this.#opening?.wishes === wishes) this.#opening = undefined;
    };
    return { room, wishes, done: open() };
  }

  /** The store of a room of which nothing is kept in its folder: what is there is not what is kept now, and is put aside. */
  async #fresh(folder: string): Promise<Store> {
    const store = await Store.open(folder, { failed: this.#failed });
    const { files } = await store.load();
    if (files.length === 0) return store;
    await store.close();
    // Whoever coordinates can have it begun anew as often as he likes: that must not fill the disk.
    if (++this.#asides > limits.asidesMax)
      throw new ChatError(
        'store',
        `the history of this room was begun anew ${limits.asidesMax} times: it is not kept any more`,
      );
    const aside = `${folder}~${Date.now()}`;
    await rename(folder, aside);
    // Its key still opens the room.
    const key = await loadRoomKey(aside);
    if (key !== undefined) await keepRoomKey(folder, key);
    return Store.open(folder, { failed: this.#failed });
  }

  #fail(error: unknown): void {
    this.#inUse ||= error instanceof ChatError && error.code === 'in-use';
    this.#failed(error instanceof ChatError ? error.message : `the room cannot be kept: ${reason(error)}`);
  }
}

function give(store: Store, wish: Wish): void {
  switch (wish.kind) {
    case 'roll':
      return store.roll(wish.number, wish.bytes);
    case 'keep':
      return store.keep(wish.bytes);
    case 'forget':
      return store.forget(wish.number);
  }
}
