/**
 * Pins: who is known by which name.
 *
 * A name belongs to the key under which it was met first, and stays with it until the person here says otherwise: who
 * comes with the name and another key is told of each time. A person may have several names; each is pinned, so a name
 * that its owner has left is not free for somebody else to be taken for that one.
 *
 * Nobody has a name forgotten by bringing many others. Where there are as many as may be, a stranger is not kept; what
 * makes room is time: a name that was met on one day only, and not for a month since, and that was never accepted. Whom the
 * person here accepts is kept in any case.
 *
 * Changed in place. The pins are in the order in which they were last met.
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

/** Who is met again so much later was met on more than one day, ms. */
const dayMs = 86_400_000;

/** What it means that a key comes under a name. */
export type Meeting =
  /** Neither was ever met. */
  | { readonly kind: 'new' }
  /** The same; but there are so many names already that this one is not kept. */
  | { readonly kind: 'unpinned' }
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
    const all = new Map<string, Pin>();
    for (const pin of Array.from(entries).toSorted((a, b) => a.met - b.met)) {
      const name = nameKey(pin.name);
      const known = all.get(name);
      if (known?.key === pin.key) all.set(name, joined(known, pin));
      else if (known === undefined || overrides(pin, known)) all.set(name, pin);
    }
    const kept = [...all.values()].toSorted(byAcquaintance).slice(0, limits.pinsMax);
    for (const pin of kept.toSorted((a, b) => a.met - b.met)) this.#put(pin);
  }

  /** Somebody with this key is there under this name. @param wall the time of day, ms since 1970 */
  meet(name: string, key: PersonKey, wall: number): Meeting {
    const known = this.#pins.get(nameKey(name));
    if (known !== undefined && known.key !== key) return { kind: 'changed', former: known.key, since: known.since };
    const former = this.#pins.get(this.#names.get(key) ?? '')?.name;
    if (known === undefined && this.#isFull && !this.#outlive(wall)) {
      return former === undefined ? { kind: 'unpinned' } : { kind: 'renamed', former };
    }
    // The clock may have been set back.
    this.#put({ since: wall, ...known, name, key, met: Math.max(known?.met ?? wall, wall) });
    if (known !== undefined) return { kind: 'known' };
    return former === undefined ? { kind: 'new' } : { kind: 'renamed', former };
  }

  /** From now on the name is this key's. @param wall the time of day, ms since 1970 */
  accept(name: string, key: PersonKey, wall: number): void {
    const known = this.of(name);
    if (known === undefined && this.#isFull && !this.#outlive(wall)) {
      this.#forget(this.entries().toSorted(byAcquaintance).at(-1) as Pin);
    }
    const before = known?.key === key ? known : { since: wall, met: wall };
    this.#put({ name, key, since: before.since, met: Math.max(before.met, wall), accepted: wall });
  }

  /** Whose a name is. */
  of(name: string): Pin | undefined {
    return this.#pins.get(nameKey(name));
  }

  /** All of them, to be kept; the one that has not been met for longest is the first. */
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
  }

  /** This person has lost a name, and may have an earlier one. */
  #rename(key: PersonKey, lost: string): void {
    if (this.#names.get(key) !== lost) return;
    let other: string | undefined;
    for (const [name, pin] of this.#pins) if (pin.key === key) other = name;
    if (other === undefined) this.#names.delete(key);
    else this.#names.set(key, other);
  }

  get #isFull(): boolean {
    return this.#pins.size >= limits.pinsMax;
  }

  /** Forgets the one that has not been met for longest, of those that may go. @returns whether there was one */
  #outlive(wall: number): boolean {
    for (const pin of this.#pins.values()) {
      if (wall - pin.met < limits.pinMs) break;
      if (standing(pin) > 0) continue;
      this.#forget(pin);
      return true;
    }
    return false;
  }

  #forget({ name: called, key }: Pin): void {
    const name = nameKey(called);
    this.#pins.delete(name);
    this.#rename(key, name);
  }
}

/** 2: it was accepted; 1: it was met on more than one day; 0: neither. */
function standing({ since, met, accepted }: Pin): number {
  if (accepted !== undefined) return 2;
  return met - since >= dayMs ? 1 : 0;
}

/** Who is known best, and for longest, comes first. */
function byAcquaintance(one: Pin, other: Pin): number {
  return standing(other) - standing(one) || one.since - other.since;
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
