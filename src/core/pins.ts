/**
 * Pins: who is known by which name.
 *
 * A name belongs to the key under which it was met first, and stays with it until the person here says otherwise: who
 * comes with the name and another key is told of each time. A person may have several names; each is pinned, so a name
 * that its owner has left is not free for somebody else to be taken for that one.
 *
 * Changed in place. The pins are in the order in which they were met, so the first is the one to go, unless it was
 * accepted.
 */
import type { PersonKey } from './crypto.ts';
import { limits } from './limits.ts';
import { nameKey } from './name.ts';

export interface Pin {
  /** As it was written when it was last met. */
  readonly name: string;
  readonly key: PersonKey;
  /** When this key was first, and last, met under the name, ms since 1970. */
  readonly since: number;
  readonly met: number;
  /** When the person here has said that the name is this key's, ms since 1970. */
  readonly accepted?: number | undefined;
}

/** What it means that a key comes under a name. */
export type Meeting =
  /** Neither was ever met. */
  | { readonly kind: 'new' }
  /** As always. */
  | { readonly kind: 'known' }
  /** Somebody known, who was called otherwise when last met. */
  | { readonly kind: 'renamed'; readonly former: string }
  /** The name was somebody else's: that one's key, and since when it was known. */
  | { readonly kind: 'changed'; readonly former: PersonKey; readonly since: number };

export class Pins {
  /** By `nameKey`. */
  readonly #pins = new Map<string, Pin>();
  /** The name under which a person was last met, as `nameKey`. */
  readonly #names = new Map<PersonKey, string>();

  /** @param entries in any order; those of two processes of one person may be joined so */
  constructor(entries: Iterable<Pin> = []) {
    for (const pin of Array.from(entries).toSorted((a, b) => a.met - b.met)) {
      const known = this.#pins.get(nameKey(pin.name));
      if (known?.key === pin.key) this.#put(joined(known, pin));
      else if (known === undefined || overrides(pin, known)) this.#put(pin);
    }
  }

  /** Somebody with this key is there under this name. @param wall the time of day, ms since 1970 */
  meet(name: string, key: PersonKey, wall: number): Meeting {
    const known = this.#pins.get(nameKey(name));
    if (known !== undefined && known.key !== key) return { kind: 'changed', former: known.key, since: known.since };
    const former = this.#pins.get(this.#names.get(key) ?? '')?.name;
    // The clock may have been set back.
    this.#put({ since: wall, ...known, name, key, met: Math.max(known?.met ?? wall, wall) });
    if (known !== undefined) return { kind: 'known' };
    return former === undefined ? { kind: 'new' } : { kind: 'renamed', former };
  }

  /** From now on the name is this key's. @param wall the time of day, ms since 1970 */
  accept(name: string, key: PersonKey, wall: number): void {
    const known = this.of(name);
    const before = known?.key === key ? known : { since: wall, met: wall };
    this.#put({ name, key, since: before.since, met: Math.max(before.met, wall), accepted: wall });
  }

  /** Whose a name is. */
  of(name: string): Pin | undefined {
    return this.#pins.get(nameKey(name));
  }

  /** All of them, to be kept; the one that was not met for longest is the first. */
  entries(): Pin[] {
    return [...this.#pins.values()];
  }

  #put(pin: Pin): void {
    const name = nameKey(pin.name);
    const before = this.#pins.get(name);
    this.#pins.delete(name);
    this.#pins.set(name, pin);
    this.#names.set(pin.key, name);
    if (before !== undefined && before.key !== pin.key) this.#rename(before.key, name);
    if (this.#pins.size > limits.pinsMax) this.#forget();
  }

  /** This person has lost a name, and may have an earlier one. */
  #rename(key: PersonKey, lost: string): void {
    if (this.#names.get(key) !== lost) return;
    const other = this.entries().findLast((pin) => pin.key === key);
    if (other === undefined) this.#names.delete(key);
    else this.#names.set(key, nameKey(other.name));
  }

  /** Whoever comes under ten thousand names pushes out none that was accepted. */
  #forget(): void {
    let [gone] = this.#pins.keys();
    for (const [name, { accepted }] of this.#pins) {
      if (accepted !== undefined) continue;
      gone = name;
      break;
    }
    const name = gone as string;
    const { key } = this.#pins.get(name) as Pin;
    this.#pins.delete(name);
    // Where it was that person's latest name, earlier ones have gone before, but for those that were accepted.
    if (this.#names.get(key) === name) this.#names.delete(key);
  }
}

/** Which of two pins of one name counts: what was accepted, the latest of that; or else who was there first. */
function overrides(one: Pin, other: Pin): boolean {
  const [mine, others] = [one.accepted ?? -1, other.accepted ?? -1];
  return mine === others ? one.since < other.since : mine > others;
}

/** What two processes know of one name and one key; the second has met it later. */
function joined(one: Pin, other: Pin): Pin {
  const accepted = Math.max(one.accepted ?? -1, other.accepted ?? -1);
  const pin = { ...other, since: Math.min(one.since, other.since) };
  return accepted < 0 ? pin : { ...pin, accepted };
}
