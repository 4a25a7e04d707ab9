/**
 * Witnesses: who those are whom an export (proof.ts) names, and which signatures are theirs.
 *
 * Whoever wrote the file says who they are: what is believed is the key, to which the id and the signed name must belong.
 */
import { isSigned, type Line, type Range, type Signature } from './cover.ts';
import type { Crypto, PersonKey } from './crypto.ts';
import { idOf, isVouched } from './identity.ts';
import { limits } from './limits.ts';
import { nameKey } from './name.ts';
import type { Testimony } from './testimony.ts';
import type { PeerId, Person } from './view.ts';
import { fingerprint } from './words.ts';

/** Who said something, by the key that it is signed with. */
export interface Witness {
  readonly name: string;
  readonly key: PersonKey;
  /** What others can compare (words.ts). */
  readonly fingerprint: string;
  /** How many lines stand in that name, and how many of them are proven. */
  readonly lines: number;
  readonly signed: number;
  /** Whether the name was signed with that key, too. */
  readonly vouched: boolean;
}

/** Who somebody is said to be. */
interface Known extends Person {
  /** Undefined where nothing is said. */
  readonly vouched: boolean | undefined;
  /** False where the id is not that of the keys. */
  readonly real: boolean;
}

/** What is wrong with one: the id is not that of the keys, the name is not signed, or another key has had it (`other`). */
export interface Doubt {
  readonly kind: 'id' | 'vouch' | 'keys';
  readonly other?: string;
}

/** Those of one export. Owned by its reader and changed in place. */
export class Witnesses {
  /** Null before that is known. */
  room: string | null = null;
  readonly #crypto: Crypto;
  readonly #people = new Map<PeerId, Known>();
  readonly #keys = new Map<string, { readonly key: PersonKey; readonly name: string }>();
  #guesses = 0;

  constructor(crypto: Crypto) {
    this.#crypto = crypto;
  }

  /** How many people and names are kept, whichever is more. */
  get size(): number {
    return Math.max(this.#people.size, this.#keys.size);
  }

  get(id: PeerId): Known | undefined {
    return this.#people.get(id);
  }

  called(id: PeerId): string {
    return this.#people.get(id)?.name ?? id;
  }

  /** @returns what is wrong with that */
  meet({ id, name, key, box, vouch }: Extract<Testimony, { kind: 'person' }>): readonly Doubt[] {
    const real = idOf(this.#crypto, key, box) === id;
    if (!real) {
      if (!this.#people.has(id)) this.#people.set(id, { name, key, box, vouched: undefined, real });
      return [{ kind: 'id' }];
    }
    const doubts: Doubt[] = [];
    const vouched = vouch === undefined ? undefined : isVouched(this.#crypto, { key, box, name, vouch });
    if (vouched === false) doubts.push({ kind: 'vouch' });
    this.#people.set(id, { name, key, box, vouched, real });
    const called = nameKey(name);
    const other = this.#keys.get(called);
    if (other === undefined) this.#keys.set(called, { key, name });
    else if (other.key !== key) doubts.push({ kind: 'keys', other: other.name });
    return doubts;
  }

  /** Whether that is the author's signature over these lines. */
  isTrue(signature: Signature, range: Omit<Range, 'from'>): boolean {
    const person = this.#people.get(signature.author);
    if (person?.real !== true || this.room === null) return false;
    return isSigned(this.#crypto, person.key, this.room, signature, range);
  }

  /** The same where it is only tried, which is done so many times and no more. */
  guess(signature: Signature, range: Omit<Range, 'from'>): boolean {
    if (this.#guesses >= limits.exportTriesMax) return false;
    this.#guesses++;
    return this.isTrue(signature, range);
  }

  /** Whose signature, if not that author's, a line carries. */
  whose(id: PeerId, line: Line, signature: string): PeerId | undefined {
    const { n } = line;
    for (const [author] of this.#people) {
      if (this.#guesses >= limits.exportTriesMax) return undefined;
      if (author !== id && this.guess({ author, from: n, n, signature }, { base: '', lines: [line] })) return author;
    }
    return undefined;
  }

  /** Those in whose name something stands, by their keys. */
  told(authors: ReadonlyMap<PeerId, Pick<Witness, 'lines' | 'signed'>>): Witness[] {
    const all = new Map<PersonKey, { -readonly [Field in keyof Witness]: Witness[Field] }>();
    for (const [id, { lines, signed }] of authors) {
      const person = this.#people.get(id);
      if (person === undefined || lines === 0) continue;
      const { key, name, vouched, real } = person;
      const known = all.get(key);
      if (known === undefined) {
        const made = { name, key, fingerprint: fingerprint(this.#crypto, key), lines, signed };
        all.set(key, { ...made, vouched: vouched === true && real });
      } else {
        known.lines += lines;
        known.signed += signed;
        known.vouched &&= vouched === true && real;
      }
    }
    return [...all.values()];
  }
}
