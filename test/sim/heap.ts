/** A queue of things to do, earliest first; those of one time in the order in which they were put. */
export class Heap<Item> {
  readonly #items: { at: number; order: number; item: Item }[] = [];
  #order = 0;

  get nextAt(): number {
    return this.#items[0]?.at ?? Infinity;
  }

  put(at: number, item: Item): void {
    const items = this.#items;
    items.push({ at, order: this.#order++, item });
    for (let child = items.length - 1; child > 0;) {
      const parent = (child - 1) >> 1;
      if (!this.#before(child, parent)) break;
      this.#swap(child, parent);
      child = parent;
    }
  }

  take(): Item | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined) return undefined;
    if (items.length > 0) {
      items[0] = last;
      for (let parent = 0; ;) {
        let least = parent;
        for (const child of [2 * parent + 1, 2 * parent + 2]) {
          if (child < items.length && this.#before(child, least)) least = child;
        }
        if (least === parent) break;
        this.#swap(parent, least);
        parent = least;
      }
    }
    return first.item;
  }

  #before(a: number, b: number): boolean {
    const [one, other] = [this.#items[a], this.#items[b]];
    if (one === undefined || other === undefined) return false;
    return one.at === other.at ? one.order < other.order : one.at < other.at;
  }

  #swap(a: number, b: number): void {
    const items = this.#items;
    const held = items[a];
    const other = items[b];
    if (held === undefined || other === undefined) return;
    items[a] = other;
    items[b] = held;
  }
}
