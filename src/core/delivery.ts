/**
 * Delivery: every line once, and none lost.
 *
 * An own line is kept until its echo stands in the log, and is offered again, in order and under the same number, on
 * each new link. The same holds for lines of others that a rebase cut off from our log: the room may lack them, so
 * they are offered too (as `held`), before our own. A line is shown when it is the next of its author; what has been
 * shown is known by one number per author, because an author's lines stand in the log in the order of their numbers.
 *
 * Where the room has something else under one of our numbers, somebody made it up who coordinated, or while we were away.
 * What was to stand there is said again, behind all the rest: nobody's word can be put in the way of ours.
 *
 * An own line is signed when it goes out for the first time (cover.ts): the last of those that go out together, if the
 * signature before is old enough; a seal follows for others. What has gone out is never changed.
 *
 * Owned by its peer and changed in place.
 */
import { coverOf, hashOf, isLong } from './cover.ts';
import type { Crypto } from './crypto.ts';
import { assert } from './errors.ts';
import { encodeOffer, entryFrame, rising, type ChatEntry, type Offer } from './entry.ts';
import { encodeFrame } from './frame.ts';
import { limits } from './limits.ts';
import { clientSays } from './message.ts';
import type { PeerId } from './view.ts';

const nothing = { acknowledged: false, again: [] } as const;

function isSame(offer: Offer, { n, time, what, text }: ChatEntry): boolean {
  return offer.n === n && offer.time === time && offer.what === what && offer.text === text;
}

interface Pending {
  offer: Offer;
  /** The body of the offer as it travels; null before it has gone out. */
  body: Uint8Array | null;
}

/** An own line that goes out, or has gone out. */
interface Outgoing {
  readonly offer: Offer;
  readonly body: Uint8Array;
}

export class Delivery {
  readonly #self: PeerId;
  readonly #crypto: Crypto;
  /** Own lines without an echo, oldest first. */
  #pending: Pending[] = [];
  /** Lines that a rebase cut off, oldest first; those of them that the room has by now are passed over. */
  #held: ChatEntry[] = [];
  /** Of each author, the numbers that the room may lack, and how many of them it has taken. */
  readonly #lacked = new Map<PeerId, { readonly ns: number[]; taken: number }>();
  #lackedCount = 0;
  /** How many of held, and of pending, have gone out on this link. */
  #heldSent = 0;
  #pendingSent = 0;
  #n = 0;
  #latest = 0;
  /** What has gone out without a signature: from which number on, and the hash of it. */
  #open: { readonly from: number; readonly hash: string; readonly chars: number } | null = null;
  /** When this peer last signed (ms). */
  #signedAt = -Infinity;
  /** How many of pending are seals. */
  #seals = 0;
  /** In which room the last act was said. */
  #room = '';
  #shown = new Map<PeerId, number>();

  constructor(self: PeerId, crypto: Crypto) {
    this.#self = self;
    this.#crypto = crypto;
  }

  /** The highest number that was given here, to a line or a seal. */
  get said(): number {
    return this.#n;
  }

  /** The number of the latest line. */
  get latest(): number {
    return this.#latest;
  }

  /** Own lines that are not acknowledged. */
  get pending(): number {
    return this.#pending.length - this.#seals;
  }

  /** Own acts that are not acknowledged. */
  get acts(): readonly Offer[] {
    return this.#pending.map(({ offer }) => offer).filter(({ what }) => what === 'act');
  }

  /** True when nothing of what was said here, signatures included, waits for its echo. */
  get settled(): boolean {
    return this.#pending.length === 0;
  }

  /** When what has gone out without a signature is to be sealed (ms); Infinity when nothing has. */
  get sealAt(): number {
    // What waits to go out will be signed then.
    const waits = this.#open === null || this.#pending.at(-1)?.body === null;
    return waits ? Infinity : this.#signedAt + limits.coverMs;
  }

  /** True when lines are held that a rebase cut off. */
  get holds(): boolean {
    return this.#lackedCount > 0;
  }

  /** True when something waits to go out on this link. */
  get waiting(): boolean {
    this.#passOver();
    return this.#heldSent < this.#held.length || this.#pendingSent < this.#pending.length;
  }

  /** Takes an own line, or a seal. */
  say(text: string, time: number, what?: 'seal'): Offer {
    const offer = { n: ++this.#n, time, apart: false, ...(what === undefined ? {} : { what }), text };
    this.#pending.push({ offer, body: null });
    if (what === undefined) this.#latest = offer.n;
    else this.#seals++;
    return offer;
  }

  /** Takes an own act. It is signed at once, alone: so it stands for itself for ever, and outlasts this process. */
  act(text: string, time: number, room: string): Offer {
    const last = this.#pending.at(-1);
    const bare = last?.body === null ? last.offer.what === undefined : this.#open !== null;
    if (bare) this.say('', time, 'seal');
    this.#room = room;
    const n = ++this.#n;
    const line = { n, time, what: 'act', text } as const;
    const hash = hashOf(this.#crypto, this.#self, { base: '', lines: [line] });
    const cover = { from: n, signature: this.#crypto.sign(coverOf(room, this.#self, n, n, hash)) };
    const offer = { ...line, apart: false, cover };
    this.#pending.push({ offer, body: null });
    return offer;
  }

  /** Signs what has gone out without a signature. */
  seal(time: number): void {
    if (this.#open !== null) this.say('', time, 'seal');
  }

  /**
   * Takes over the lines that a rebase cut off. What is held already stays: whoever cuts this peer off again and again
   * pushes nothing out with what he makes up.
   * @param bounded whether there may be too many; what its own person said, a peer holds in any case
   * @returns how many were too many
   */
  hold(lines: readonly ChatEntry[], bounded = true): number {
    const keyOf = ({ author, n }: ChatEntry): string => `${author} ${n}`;
    const { held } = this;
    const keys = new Set(held.map(keyOf));
    let count = held.length;
    let chars = held.reduce((sum, { text }) => sum + text.length, 0);
    let dropped = 0;
    // What the log held was taken before what is held still: an author's lines must go out in their order.
    const all = new Map<string, ChatEntry>();
    for (const line of lines) {
      const key = keyOf(line);
      if (!keys.has(key)) {
        if (bounded && (count >= limits.heldMax || chars >= limits.heldCharsMax)) {
          dropped++;
          continue;
        }
        count++;
        chars += line.text.length;
      }
      all.set(key, line);
    }
    for (const line of held) if (!all.has(keyOf(line))) all.set(keyOf(line), line);
    this.#lacked.clear();
    for (const { author, n } of all.values()) {
      const known = this.#lacked.get(author);
      if (known === undefined) this.#lacked.set(author, { ns: [n], taken: 0 });
      else known.ns.push(n);
    }
    for (const { ns } of this.#lacked.values()) ns.sort((a, b) => a - b);
    this.#held = rising(
      [...all.values()],
      ({ author }) => author,
      ({ n }) => n,
    );
    this.#heldSent = 0;
    this.#lackedCount = this.#held.length;
    return dropped;
  }

  /** The lines of others, or of earlier processes, that the room may lack. */
  get held(): ChatEntry[] {
    return this.#held.filter((line) => this.#isLacked(line));
  }

  /** Own lines without an echo. */
  get unacknowledged(): Offer[] {
    return this.#pending.map(({ offer }) => offer).filter(({ what }) => what !== 'seal');
  }

  /** What a log shows already, when this process begins with it. */
  seen(authors: ReadonlyMap<PeerId, number>): void {
    for (const [author, n] of authors) this.#remember(author, n);
  }

  #isLacked({ author, n }: ChatEntry): boolean {
    const known = this.#lacked.get(author);
    return known !== undefined && n >= (known.ns[known.taken] ?? Infinity);
  }

  #passOver(): void {
    while (this.#heldSent < this.#held.length && !this.#isLacked(this.#held[this.#heldSent] as ChatEntry)) {
      this.#heldSent++;
    }
  }

  /** Somebody is gone, so what is held of it counts from now on. */
  offerAgain(): void {
    this.#heldSent = 0;
  }

  /**
   * A new link: everything that the room may lack goes out again.
   * @returns how many own lines had gone out on an earlier link
   */
  rewind(): number {
    const again = this.#pendingSent;
    this.#heldSent = 0;
    this.#pendingSent = 0;
    return again;
  }

  /** The frames to send next on a link to a coordinator, up to about `bytesMax`. */
  take(bytesMax: number, room: string, ms: number): Uint8Array[] {
    const frames: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < bytesMax && this.waiting) {
      const held = this.#held[this.#heldSent];
      let frame: Uint8Array;
      if (held !== undefined) {
        frame = clientSays.held(this.#self, entryFrame(held));
        this.#heldSent++;
      } else {
        frame = encodeFrame(this.#self, 'CHAT', this.#goOut(room, ms).body);
      }
      frames.push(frame);
      bytes += frame.length;
    }
    return frames;
  }

  /** What this peer sequences itself when it coordinates: the lines held from elsewhere, then its own. */
  takeAll(room: string, ms: number): { readonly held: readonly ChatEntry[]; readonly own: readonly Outgoing[] } {
    const held = this.#held.slice(this.#heldSent).filter((line) => this.#isLacked(line));
    this.#heldSent = this.#held.length;
    const own: Outgoing[] = [];
    while (this.#pendingSent < this.#pending.length) own.push(this.#goOut(room, ms));
    return { held, own };
  }

  /** The next of what was said here goes out; for the first time with a signature, if it is due. */
  #goOut(room: string, ms: number): Outgoing {
    const pending = this.#pending[this.#pendingSent++] as Pending;
    pending.body ??= this.#sign(pending, room, ms);
    return { offer: pending.offer, body: pending.body };
  }

  #sign(pending: Pending, room: string, ms: number): Uint8Array {
    const { offer } = pending;
    const { n, what } = offer;
    if (offer.cover !== undefined) {
      this.#signedAt = ms;
      return encodeOffer(offer);
    }
    const from = this.#open?.from ?? n;
    const hash = hashOf(this.#crypto, this.#self, { base: this.#open?.hash ?? '', lines: [offer] });
    const next = this.#pending[this.#pendingSent];
    // The last of those that go out together is signed, unless it was a moment ago.
    const rests = next === undefined && ms - this.#signedAt >= limits.coverMs;
    const chars = (this.#open?.chars ?? 0) + offer.text.length;
    const due = what !== undefined || rests || isLong(n - from + 1, chars);
    this.#open = due ? null : { from, hash, chars };
    if (!due) return encodeOffer(offer);
    this.#signedAt = ms;
    pending.offer = {
      ...offer,
      cover: { from, signature: this.#crypto.sign(coverOf(room, this.#self, from, n, hash)) },
    };
    return encodeOffer(pending.offer);
  }

  /**
   * A line stands in the log.
   * @returns whether it is to be shown, whether it is an own line that waited for its echo, and what is said again
   */
  apply(entry: ChatEntry): { show: boolean; acknowledged: boolean; again: readonly Offer[] } {
    const { author, n } = entry;
    const show = n > (this.#shown.get(author) ?? 0);
    if (show) this.#remember(author, n);
    if (this.#lackedCount > 0) this.#take(author, n);
    return { show, ...(author === this.#self ? this.#answered(entry) : nothing) };
  }

  /** What the room has under one of our numbers: what we said, or what somebody else made up. */
  #answered(entry: ChatEntry): { acknowledged: boolean; again: readonly Offer[] } {
    const lines = this.#done(entry.n);
    const acknowledged = lines.some((offer) => isSame(offer, entry));
    return { acknowledged, again: this.#sayAgain(entry.n, acknowledged ? lines.slice(0, -1) : lines) };
  }

  /** The room has come to number `n` of ours. @returns what has not come in goes out again, behind all the rest */
  #sayAgain(n: number, lines: readonly Offer[]): readonly Offer[] {
    // The chain of what was signed last has a link in it that is not ours.
    if (n > this.#n || lines.length > 0) this.#open = null;
    this.#n = Math.max(this.#n, n);
    return lines.flatMap(({ text, time, what }) => {
      if (what === 'seal') return [];
      return [what === 'act' ? this.act(text, time, this.#room) : this.say(text, time)];
    });
  }

  /** The room has our lines up to `n`, as far as one who has not seen them can tell. @returns what is said again */
  passed(n: number): readonly Offer[] {
    const lines = this.#done(n);
    return n > this.#n ? this.#sayAgain(n, lines) : [];
  }

  #remember(author: PeerId, n: number): void {
    const shown = this.#shown;
    // When there are many authors, those who say nothing are forgotten first.
    if (shown.size > limits.authorsMax / 2) shown.delete(author);
    shown.set(author, n);
    if (shown.size > limits.authorsMax) shown.delete(shown.keys().next().value as PeerId);
  }

  /** Takes own lines up to `n` from those that wait. */
  #done(n: number): readonly Offer[] {
    const lines: Offer[] = [];
    while ((this.#pending[0]?.offer.n ?? Infinity) <= n) {
      const { offer } = this.#pending.shift() as Pending;
      if (offer.what === 'seal') this.#seals--;
      lines.push(offer);
    }
    this.#pendingSent = Math.max(0, this.#pendingSent - lines.length);
    assert(this.#pendingSent <= this.#pending.length, 'no more lines are sent than there are');
    return lines;
  }

  /** Lets go of what is held of these authors up to these numbers: it stands in the room. */
  release(authors: ReadonlyMap<PeerId, number>): void {
    for (const author of this.#lacked.keys()) this.#take(author, authors.get(author) ?? 0);
  }

  /** The room has an author's lines up to `n`. */
  #take(author: PeerId, n: number): void {
    const known = this.#lacked.get(author);
    if (known === undefined) return;
    while ((known.ns[known.taken] ?? Infinity) <= n) {
      known.taken++;
      this.#lackedCount--;
    }
    if (known.taken === known.ns.length) this.#lacked.delete(author);
    if (this.#lackedCount > 0) return;
    this.#held = [];
    this.#heldSent = 0;
  }
}
