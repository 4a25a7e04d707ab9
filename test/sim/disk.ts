/**
 * A disk for the simulator: the journals of one peer, piece by piece as they were kept. A crash may take the last pieces
 * with it that were not safe yet; what rots in between comes back as a hole.
 */
import type { KeptFile } from '../../src/core/journal.ts';
import type { Random } from '../../src/core/random.ts';
import type { Effect } from '../../src/core/step.ts';

type Wish = Extract<Effect, { kind: 'roll' | 'keep' | 'forget' }>;

export class Disk {
  readonly #rooms = new Map<string, Map<number, (Uint8Array | null)[]>>();
  #room = '';

  /** The room that was open last. */
  get room(): string {
    return this.#room;
  }

  carryOut(wish: Wish): void {
    if (wish.kind === 'roll') this.#room = wish.room;
    const files = this.#rooms.get(this.#room) ?? new Map<number, (Uint8Array | null)[]>();
    this.#rooms.set(this.#room, files);
    switch (wish.kind) {
      case 'roll':
        if (wish.aside) files.clear();
        if (files.has(wish.number)) throw new Error(`file ${wish.number} is there already`);
        files.set(wish.number, [wish.bytes.slice()]);
        return;
      case 'keep':
        [...files.values()].at(-1)?.push(wish.bytes.slice());
        return;
      case 'forget':
        for (const number of files.keys()) if (number <= wish.number) files.delete(number);
    }
  }

  read(room = this.#room): KeptFile[] {
    return [...(this.#rooms.get(room) ?? [])].map(([number, pieces]) => ({ number, pieces }));
  }

  /** Nothing is kept here any more. */
  clear(): void {
    this.#rooms.clear();
    this.#room = '';
  }

  /** The last few pieces were not written yet. A file is there whole or not at all, so its first piece stays. */
  tear(random: Random): void {
    const pieces = [...(this.#rooms.get(this.#room)?.values() ?? [])].at(-1);
    if (pieces !== undefined) pieces.length -= Math.min(pieces.length - 1, random.below(3));
  }

  /** Some piece somewhere cannot be read any more. */
  rot(random: Random): void {
    const files = [...(this.#rooms.get(this.#room)?.values() ?? [])];
    const file = random.below(files.length);
    const pieces = files[file] ?? [];
    // Of the last file it takes something of the second half: whoever has next to nothing left, and goes on alone for a
    // while, can give lines a place that others hold the lines before.
    const from = file === files.length - 1 ? Math.ceil(pieces.length / 2) : 0;
    if (pieces.length > from) pieces[from + random.below(pieces.length - from)] = null;
  }
}
