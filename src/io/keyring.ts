/**
 * The keyring: how the links of this peer are encrypted, and who may open one.
 *
 * In an open room the key is known to everybody: a link is safe from whoever listens, and from nobody else. In a private
 * room only those who were invited have it. From the room's key come two: one encrypts (the external PSK of TLS 1.3),
 * the other marks.
 *
 * TLS sends the name of a PSK in the clear. A name that lasts would tell everybody who listens which machines share a
 * room, and for how long. A name that changes daily needs clocks that agree, and still ties together the links of a day.
 * So ours is a blinded tag: random bytes and their HMAC. It is new for every link, needs no clock, and only who has the
 * key can tell that two belong together. Whoever repeats a tag that it has seen gains nothing without the PSK.
 */
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';
import { assert } from '../core/errors.ts';

/** Half of a tag is random, half is their HMAC, bytes: two of 2^64 links are alike. */
const halfBytes = 16;
const tagShape = /^[\w-]{43}$/;

/** One key of a room, as links use it. */
export interface RoomKey {
  readonly psk: Buffer;
  readonly tag: Buffer;
}

function derive(key: Buffer): RoomKey {
  const from = (label: string): Buffer => Buffer.from(hkdfSync('sha256', key, '', label, 32));
  return { psk: from('groupchat link psk'), tag: from('groupchat link tag') };
}

/** @param text a room key as it travels: 43 characters of base64url (32 bytes) */
function read(text: string): RoomKey {
  const key = Buffer.from(text, 'base64url');
  assert(key.length === 32 && key.toString('base64url') === text, 'a room key is 32 bytes as base64url');
  return derive(key);
}

/** Everybody's. The number is the version of the wire format that brought encryption. */
const everybodys = derive(createHash('sha256').update('groupchat open room 3').digest());

function marked(random: Buffer, { tag }: RoomKey): Buffer {
  return createHmac('sha256', tag).update(random).digest().subarray(0, halfBytes);
}

export class Keyring {
  readonly kind: 'plain' | 'open' | 'private';
  #current: RoomKey;
  #former: RoomKey | undefined;

  private constructor(kind: Keyring['kind'], current: RoomKey) {
    this.kind = kind;
    this.#current = current;
  }

  /** Links are not encrypted at all. */
  static plain(): Keyring {
    return new Keyring('plain', everybodys);
  }

  static open(): Keyring {
    return new Keyring('open', everybodys);
  }

  /** @param key the room's: 32 bytes as base64url */
  static private(key: string): Keyring {
    return new Keyring('private', read(key));
  }

  /** From now on links are made with this key; those who have only the one before it still get in until `retire`. */
  replace(key: string): void {
    assert(this.kind === 'private', 'only a private room changes its key');
    const next = read(key);
    if (next.psk.equals(this.#current.psk)) return;
    this.#former = this.#current;
    this.#current = next;
  }

  /** Nobody gets in with the key before the current one any more. */
  retire(): void {
    this.#former = undefined;
  }

  /** For one link to another peer: the current key, and a tag that tells only who has it. */
  present(): { readonly identity: string; readonly psk: Buffer } {
    assert(this.kind !== 'plain', 'a plain link has no key');
    const random = randomBytes(halfBytes);
    const identity = Buffer.concat([random, marked(random, this.#current)]).toString('base64url');
    return { identity, psk: this.#current.psk };
  }

  /**
   * Whose tag it is: one of our keys; `open` when it is everybody's and this room is private; `unknown` when it is that
   * of a key which is not here; undefined when it is no tag.
   */
  recognise(identity: string): RoomKey | 'open' | 'unknown' | undefined {
    if (!tagShape.test(identity)) return undefined;
    const tag = Buffer.from(identity, 'base64url');
    const random = tag.subarray(0, halfBytes);
    let found: RoomKey | undefined;
    // All are tried, whichever it is: how long it takes tells nothing.
    for (const key of new Set([this.#current, this.#former ?? this.#current, everybodys])) {
      if (timingSafeEqual(tag.subarray(halfBytes), marked(random, key))) found = key;
    }
    if (found === everybodys && this.kind !== 'open') return 'open';
    return found ?? 'unknown';
  }

  /** What a key is now; undefined for one that has been retired. */
  standing(key: RoomKey): 'current' | 'former' | undefined {
    if (key === this.#current) return 'current';
    return key === this.#former ? 'former' : undefined;
  }
}
