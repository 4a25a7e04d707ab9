/**
 * The gate: who may begin a handshake. A handshake costs us a millisecond and the other side nothing, so each address
 * has a bucket of them that fills again with time, and all have one together; whoever fails pays more. Those who are
 * not through yet are counted, in all and for each address, and so are the links that an address holds.
 *
 * It knows addresses, times and counts, and no sockets: it says who goes, and `cut` does it.
 */
import { limits } from '../core/limits.ts';

const bounds = {
  handshakesMax: limits.handshakesMax,
  addressHandshakesMax: limits.addressHandshakesMax,
  addressLinksMax: limits.addressLinksMax,
  addressHandshakesPerS: limits.addressHandshakesPerS,
  addressHandshakesBurst: limits.addressHandshakesBurst,
  failedHandshakes: limits.failedHandshakes,
  handshakesPerS: limits.handshakesPerS,
  handshakesBurst: limits.handshakesBurst,
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
  /** A byte has come. */
  spoke(): void;
  /** The handshake is done: from now on it is a link. */
  opened(): void;
  /** It has tried another key, or said what is none: it pays for it when it goes. */
  guessed(): void;
  /** It is closed, at `now` (ms). May be said twice. */
  left(now: number): void;
}

interface Inside {
  readonly network: string;
  readonly cut: () => void;
}

export class Gate {
  readonly #bounds: GateBounds;
  /** Owned and changed in place; the one that was used longest ago comes first, and is forgotten first. */
  readonly #buckets = new Map<string, Bucket>();
  #together: Bucket;
  /** Not through yet, oldest first: those who have sent nothing, and the others. */
  readonly #silent = new Set<Inside>();
  readonly #speaking = new Set<Inside>();
  /** How many of each address are not through yet, and how many are. */
  readonly #shaking = new Map<string, number>();
  readonly #links = new Map<string, number>();

  constructor(given: Partial<GateBounds> = {}) {
    this.#bounds = { ...bounds, ...given };
    this.#together = { tokens: this.#bounds.handshakesBurst, at: -Infinity };
  }

  /**
   * Somebody has connected, at `now` (ms). `cut` is called when it must make room for another.
   * @returns undefined when it may not begin
   */
  enter(host: string, now: number, cut: () => void): Visit | undefined {
    const { handshakesMax, addressHandshakesMax, addressLinksMax } = this.#bounds;
    const network = networkOf(host);
    const shaking = this.#shaking.get(network) ?? 0;
    if (shaking >= addressHandshakesMax || shaking + (this.#links.get(network) ?? 0) >= addressLinksMax)
      return undefined;
    if (!this.#take(network, now)) return undefined;
    if (this.#silent.size + this.#speaking.size >= handshakesMax) this.#evict();
    return this.#visit({ network, cut });
  }

  #visit(inside: Inside): Visit {
    const { network } = inside;
    let open = false;
    let gone = false;
    let guessed = false;
    this.#silent.add(inside);
    count(this.#shaking, network, 1);
    return {
      spoke: () => {
        if (this.#silent.delete(inside)) this.#speaking.add(inside);
      },
      opened: () => {
        if (gone || open || !this.#through(inside)) return;
        open = true;
        count(this.#links, network, 1);
      },
      guessed: () => {
        guessed = true;
      },
      left: (now) => {
        if (gone) return;
        gone = true;
        if (open) return count(this.#links, network, -1);
        this.#through(inside);
        // Whoever only went away, or was beaten by another address of the same peer, has guessed nothing.
        if (guessed) this.#charge(network, now, this.#bounds.failedHandshakes - 1);
      },
    };
  }

  /** @returns false when it was not waiting any more */
  #through(inside: Inside): boolean {
    if (!this.#silent.delete(inside) && !this.#speaking.delete(inside)) return false;
    count(this.#shaking, inside.network, -1);
    return true;
  }

  #evict(): void {
    // A handshake takes milliseconds: whoever has been at it longest means no good.
    const [oldest] = this.#silent.size > 0 ? this.#silent : this.#speaking;
    if (oldest === undefined) return;
    this.#through(oldest);
    oldest.cut();
  }

  /** Takes one handshake of the address and one of all, if there are both. */
  #take(network: string, now: number): boolean {
    const { handshakesPerS, handshakesBurst } = this.#bounds;
    this.#together = refill(this.#together, now, handshakesPerS, handshakesBurst);
    if (this.#together.tokens < 1 || this.#bucket(network, now).tokens < 1) return false;
    this.#together = { ...this.#together, tokens: this.#together.tokens - 1 };
    this.#charge(network, now, 1);
    return true;
  }

  #bucket(network: string, now: number): Bucket {
    const { addressHandshakesPerS, addressHandshakesBurst } = this.#bounds;
    const full = { tokens: addressHandshakesBurst, at: now };
    return refill(this.#buckets.get(network) ?? full, now, addressHandshakesPerS, addressHandshakesBurst);
  }

  #charge(network: string, now: number, tokens: number): void {
    const bucket = this.#bucket(network, now);
    this.#buckets.delete(network);
    this.#buckets.set(network, { ...bucket, tokens: bucket.tokens - tokens });
    const [longestAgo] = this.#buckets.keys();
    if (this.#buckets.size > this.#bounds.bucketsMax && longestAgo !== undefined) this.#buckets.delete(longestAgo);
  }
}

function count(counts: Map<string, number>, key: string, by: number): void {
  const next = (counts.get(key) ?? 0) + by;
  if (next > 0) counts.set(key, next);
  else counts.delete(key);
}
