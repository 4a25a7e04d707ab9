/**
 * A crowd: those who wait, by where they come from. When there are too many, one of those goes who come from where most
 * do, the oldest of them: whoever is many makes room for whoever is one. Owned and changed in place; nothing here takes
 * longer when there are more.
 */
export class Crowd<One> {
  /** The oldest first. */
  readonly #from = new Map<string, Set<One>>();
  /** At place n are those of whom there are n + 1, and first who has had so many for longest. */
  readonly #having: Set<string>[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  count(from: string): number {
    return this.#from.get(from)?.size ?? 0;
  }

  add(from: string, one: One): void {
    const ones = this.#from.get(from) ?? new Set();
    this.#from.set(from, ones.add(one));
    this.#size++;
    this.#move(from, ones.size - 1, ones.size);
  }

  /** @returns false when it was not here */
  delete(from: string, one: One): boolean {
    const ones = this.#from.get(from);
    if (ones?.delete(one) !== true) return false;
    if (ones.size === 0) this.#from.delete(from);
    this.#size--;
    this.#move(from, ones.size + 1, ones.size);
    return true;
  }

  /** Takes out who goes first. */
  shift(): One | undefined {
    const [from = ''] = this.#having.at(-1) ?? [];
    const [oldest] = this.#from.get(from) ?? [];
    if (oldest !== undefined) this.delete(from, oldest);
    return oldest;
  }

  #move(from: string, before: number, now: number): void {
    this.#having[before - 1]?.delete(from);
    if (now > 0) (this.#having[now - 1] ??= new Set()).add(from);
    while (this.#having.at(-1)?.size === 0) this.#having.pop();
  }
}
