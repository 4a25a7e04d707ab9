/**
 * Seeded randomness: the core draws its backoffs and ids from here, so that a run can be replayed from its seed.
 * Not for keys. The generator is sfc32 (Chris Doty-Humphrey, PractRand), seeded through splitmix32.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param seed integers, of which the low 32 bits count; three carry all the state there is */
  constructor(...seed: readonly number[]) {
    let mixing = 0;
    const next = (word: number): number => {
      mixing = (mixing + word + 0x9e3779b9) >>> 0;
      let mixed = mixing;
      mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
      mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
      return (mixed ^ (mixed >>> 16)) >>> 0;
    };
    [this.#a, this.#b, this.#c] = [next(seed[0] ?? 0), next(seed[1] ?? 0), next(seed[2] ?? 0)];
    for (let warm = 0; warm < 12; warm++) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) >>> 0;
    this.#counter = (this.#counter + 1) >>> 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) >>> 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) >>> 0;
    this.#c = (this.#c + sum) >>> 0;
    return sum;
  }

  /** A number in [0, 1). */
  unit(): number {
    return this.#next() / 2 ** 32;
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.unit() * below);
  }

  /** True with the probability given. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** One of a list that is not empty. */
  pick<Item>(items: readonly Item[]): Item {
    return items[this.below(items.length)] as Item;
  }

  /** Ten characters of 0-9 and a-z without the ones that look alike (i l o u): 50 bits. */
  id(): string {
    let id = '';
    for (let at = 0; at < 10; at++) id += '0123456789abcdefghjkmnpqrstvwxyz'[this.below(32)];
    return id;
  }
}
