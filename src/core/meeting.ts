/**
 * Meetings: who is met in the room, and whether that is who it says.
 *
 * Everybody who comes is held against the pins, once for each process and name: so a member that is there for long, or
 * leaves and comes back over a bad line, is told of no more. First it must be vouched for: of somebody whom a hostile
 * coordinator has put there nothing is learnt, or the true one would be the stranger ever after.
 *
 * The key of the person here is met nowhere, under whatever name, and the name of the person here is nobody else's. That
 * one may well be in a room: who was away, and had to come back as bob2, meets bob.
 *
 * Changed in place.
 */
import type { Crypto } from './crypto.ts';
import { isVouched } from './identity.ts';
import { limits } from './limits.ts';
import { nameKey } from './name.ts';
import type { Meeting, Pins } from './pins.ts';
import type { Member } from './view.ts';

/** What is worth a word when somebody is met. */
export type Notice =
  /** Somebody known, who was called otherwise when last met. */
  | Extract<Meeting, { kind: 'renamed' }>
  /** The name, as it was `known`, has been another key's since then (ms since 1970). */
  | { readonly kind: 'changed'; readonly known: string; readonly since: number }
  /** It has the name of the person here. */
  | { readonly kind: 'namesake' }
  /** It is new, and there is no room for its name: the first of those who are not remembered. */
  | { readonly kind: 'unpinned' }
  /** It has not signed that this is its process and its name: somebody who coordinated has put it there. */
  | { readonly kind: 'forged' };

export interface Met {
  readonly member: Member;
  readonly notice: Notice;
}

export class Meetings {
  readonly pins: Pins;
  /** The name of the person here, as `nameKey`. */
  #own: string;
  #view: readonly Member[] = [];
  readonly #met = new Set<string>();
  #isFullTold = false;
  /** Those who have come and are not met yet. */
  readonly #waiting = new Map<string, Member>();

  /** @param name that of the person here */
  constructor(pins: Pins, name: string) {
    this.pins = pins;
    this.#own = nameKey(name);
  }

  /** The person here is called otherwise from now on. */
  beCalled(name: string): void {
    this.#own = nameKey(name);
  }

  /** Somebody waits to be met. */
  get due(): boolean {
    return this.#waiting.size > 0;
  }

  /** These are in the room. */
  see(members: readonly Member[]): void {
    if (members === this.#view) return;
    const before = new Set(this.#view);
    this.#view = members;
    for (const member of members) if (!before.has(member)) this.greet(member);
  }

  /** That one has come; it may be gone again before it is met. */
  greet(member: Member): void {
    // A process that comes back may have another name. Where nobody vouches for it, the true one may come yet.
    const mark = `${member.id}${member.vouch}${member.name}`;
    if (!this.#met.has(mark)) this.#waiting.set(mark, member);
  }

  /**
   * Meets some of those who wait: each costs the check of a signature.
   * @param wall the time of day, ms since 1970
   */
  meetSome(crypto: Pick<Crypto, 'key' | 'verify'>, wall: number): Met[] {
    const told: Met[] = [];
    let checks = 0;
    for (const [mark, member] of this.#waiting) {
      if (++checks > limits.checksMax) break;
      this.#waiting.delete(mark);
      this.#met.add(mark);
      if (this.#met.size > limits.authorsMax) this.#met.delete(this.#met.values().next().value as string);
      const notice = this.#meet(crypto, member, wall);
      if (notice !== undefined) told.push({ member, notice });
    }
    return told;
  }

  #meet(crypto: Pick<Crypto, 'key' | 'verify'>, member: Member, wall: number): Notice | undefined {
    const { name, key } = member;
    if (!isVouched(crypto, member)) return { kind: 'forged' };
    if (key === crypto.key) return undefined;
    if (this.isOwn(name)) return { kind: 'namesake' };
    const known = this.pins.of(name)?.name ?? name;
    const meeting = this.pins.meet(name, key, wall);
    switch (meeting.kind) {
      case 'renamed':
        return meeting;
      case 'changed':
        return { kind: 'changed', known, since: meeting.since };
      case 'unpinned':
        if (this.#isFullTold) return undefined;
        this.#isFullTold = true;
        return meeting;
      default:
        return undefined;
    }
  }

  /** Whether a name counts as that of the person here. */
  isOwn(name: string): boolean {
    return nameKey(name) === this.#own;
  }
}
