/**
 * The gate: who may begin a handshake. Whoever only connects, or says half of a hello, costs nearly nothing: it takes a
 * place among the silent, and pays nothing. Once it has shown a tag of this room's it takes a handshake, which costs us
 * a millisecond: each address has a bucket of them that fills again with time, and all have one together; whoever fails
 * pays more. When those of all run short, an address that has just had one waits, so that one that comes now and then
 * gets in however many others push.
 *
 * Addresses of this room's members are known. Nothing that strangers do keeps them out: they have places of their own,
 * and some of the handshakes are kept for them. For in an open room everybody has the tag, and survivors that cannot
 * reach each other part. A known address counts for itself; of others, all of a network count as one.
 *
 * It knows addresses, times and counts, and no sockets: it says who goes, and `cut` does it.
 */
import { limits } from '../core/limits.ts';
import { Crowd } from './crowd.ts';

const bounds = {
  silentMax: limits.silentMax,
  handshakesMax: limits.handshakesMax,
  addressLinksMax: limits.addressLinksMax,
  addressHandshakesPerS: limits.addressHandshakesPerS,
  addressHandshakesBurst: limits.addressHandshakesBurst,
  addressRestMs: limits.addressRestMs,
  failedHandshakes: limits.failedHandshakes,
  handshakesPerS: limits.handshakesPerS,
  handshakesBurst: limits.handshakesBurst,
  handshakesReserved: limits.handshakesReserved,
  bucketsMax: limits.bucketsMax,
};
export type GateBounds = { readonly [Bound in keyof typeof bounds]: number };

/** So many handshakes at a time, ms. Less than none after failures: then it takes longer until there is one. */
export interface Bucket {
  readonly tokens: number;
  readonly at: number;
}

/** A bucket later on: it has filled up at the rate, and holds no more than a burst. */
export function refill({ tokens, at }: Bucket, now: number, perS: number, burst: number): Bucket {
  return { tokens: Math.min(burst, tokens + (Math.max(0, now - at) * perS) / 1000), at: Math.max(at, now) };
}

/** The part of an address that stands for who has it: an IPv6 customer is given 2^64 of them. */
export function networkOf(host: string): string {
  if (!host.includes(':')) return host;
  const [front = '', back] = host.replace(/%.*$/, '').split('::');
  const groups = front === '' ? [] : front.split(':');
  const rest = back === undefined || back === '' ? [] : back.split(':');
  while (groups.length + rest.length < 8) groups.push('0');
  return [...groups, ...rest].slice(0, 4).join(':');
}

/** One connection, from its first packet to its end. */
export interface Visit {
  /** It has shown a tag of this room's, at `now` (ms). @returns whether it may begin its handshake */
  begins(now: number): boolean;
  /** The handshake is done: from now on it is a link. */
  opened(): void;
  /** It has tried another key, or said what is none: it pays for it when it goes. */
  guessed(): void;
  /** It is closed, at `now` (ms). May be said twice. */
  left(now: number): void;
}

interface Inside {
  /** Whoever it counts with. */
  readonly from: string;
  readonly known: boolean;
  readonly cut: () => void;
}

/** Not through yet: those who have not said all of a hello, and those in the middle of a handshake. */
interface Waiting {
  readonly silent: Crowd<Inside>;
  readonly shaking: Crowd<Inside>;
}

const nobody = (): Waiting => ({ silent: new Crowd(), shaking: new Crowd() });

export class Gate {
  readonly #bounds: GateBounds;
  /** Owned and changed in place; the one that was used longest ago comes first, and is forgotten first. */
  readonly #buckets = new Map<string, Bucket>();
  #together: Bucket;
  readonly #known = nobody();
  readonly #strangers = nobody();
  readonly #links = new Map<string, number>();

  constructor(given: Partial<GateBounds> = {}) {
    this.#bounds = { ...bounds, ...given };
    const { handshakesBurst, handshakesReserved } = this.#bounds;
    this.#together = { tokens: handshakesBurst + handshakesReserved, at: 0 };
  }

  /**
   * Somebody has connected, at `now` (ms). `known`: a member of the room has this address. `cut` is called when it must
   * make room for another.
   * @returns undefined when there is no handshake for it: whatever it says would be read in vain
   */
  enter(host: string, known: boolean, now: number, cut: () => void): Visit | undefined {
    const inside = { from: known ? host : networkOf(host), known, cut };
    return this.#may(inside, now) ? this.#visit(inside) : undefined;
  }

  #visit(inside: Inside): Visit {
    const { from, known } = inside;
    const { silent, shaking } = known ? this.#known : this.#strangers;
    let stage: 'silent' | 'shaking' | 'open' | 'gone' = 'silent';
    let begun = false;
    let guessed = false;
    admit(silent, inside, this.#bounds.silentMax);
    return {
      begins: (now) => {
        if (stage !== 'silent' || !silent.delete(from, inside) || !this.#take(inside, now)) return false;
        stage = 'shaking';
        begun = true;
        admit(shaking, inside, this.#bounds.handshakesMax);
        return true;
      },
      opened: () => {
        if (stage !== 'shaking' || !shaking.delete(from, inside)) return;
        stage = 'open';
        count(this.#links, from, 1);
      },
      guessed: () => {
        guessed = true;
      },
      left: (now) => {
        if (stage === 'gone') return;
        if (stage === 'open') count(this.#links, from, -1);
        else (stage === 'silent' ? silent : shaking).delete(from, inside);
        // Whoever only went away, or was beaten by another address of the same peer, has guessed nothing.
        if (guessed && stage !== 'open') this.#charge(from, now, this.#bounds.failedHandshakes - (begun ? 1 : 0));
        stage = 'gone';
      },
    };
  }

  /** Takes one handshake of the address and one of all, if there are both. */
  #take(inside: Inside, now: number): boolean {
    if (!this.#may(inside, now)) return false;
    this.#together = { ...this.#together, tokens: this.#together.tokens - 1 };
    this.#charge(inside.from, now, 1);
    return true;
  }

  /** Whether there is a handshake for it now. */
  #may({ from, known }: Inside, now: number): boolean {
    const { handshakesPerS, handshakesBurst, handshakesReserved, addressLinksMax, addressRestMs } = this.#bounds;
    const { shaking } = known ? this.#known : this.#strangers;
    if (shaking.count(from) + (this.#links.get(from) ?? 0) >= addressLinksMax) return false;
    this.#together = refill(this.#together, now, handshakesPerS, handshakesBurst + handshakesReserved);
    const left = this.#together.tokens - (known ? 0 : handshakesReserved);
    if (left < 1 || this.#bucket(from, now).tokens < 1) return false;
    const last = this.#buckets.get(from)?.at ?? -Infinity;
    return known || left >= handshakesBurst / 2 || now - last >= addressRestMs;
  }

  #bucket(from: string, now: number): Bucket {
    const { addressHandshakesPerS, addressHandshakesBurst } = this.#bounds;
    const full = { tokens: addressHandshakesBurst, at: now };
    return refill(this.#buckets.get(from) ?? full, now, addressHandshakesPerS, addressHandshakesBurst);
  }

  #charge(from: string, now: number, tokens: number): void {
    const bucket = this.#bucket(from, now);
    this.#buckets.delete(from);
    this.#buckets.set(from, { ...bucket, tokens: bucket.tokens - tokens });
    const [longestAgo] = this.#buckets.keys();
    if (this.#buckets.size > this.#bounds.bucketsMax && longestAgo !== undefined) this.#buckets.delete(longestAgo);
  }
}

/** Lets one in, and another go when there are so many already. */
function admit(crowd: Crowd<Inside>, inside: Inside, max: number): void {
  if (crowd.size >= max) crowd.shift()?.cut();
  crowd.add(inside.from, inside);
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}
