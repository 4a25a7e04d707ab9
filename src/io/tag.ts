/**
 * The tag of a room: by it those who know a room find it in beacons, and nobody else learns more of it than that
 * somebody is there.
 *
 * It follows from the room's key, or of a room without one from its id, which only those know who were in it. `mark`
 * tells the parts of rooms apart, and says nothing of two marks of one room. `proof` is an HMAC over the beacon and the
 * address that it was sent from: repeated from elsewhere it is false.
 */
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { markBytes, proofBytes, provenBytes } from '../core/beacon.ts';

export class Tag {
  readonly #key: Buffer;

  private constructor(secret: Buffer) {
    this.#key = Buffer.from(hkdfSync('sha256', secret, '', 'groupchat beacon 1', 32));
  }

  /** @param secret of a private room its key (32 bytes as base64url), of any other its id */
  static of(kind: 'open' | 'private' | 'plain', secret: string): Tag {
    if (kind === 'private') return new Tag(Buffer.from(secret, 'base64url'));
    return new Tag(createHash('sha256').update(`groupchat beacon ${kind} ${secret}`).digest());
  }

  /** Of the part of the room that is so: hexadecimal digits. */
  mark(...part: readonly (string | number)[]): string {
    return this.#hmac(`mark ${part.join(' ')}`)
      .subarray(0, markBytes)
      .toString('hex');
  }

  /** Fills in the proof of a beacon that is sent from this address. */
  prove(beacon: Uint8Array, host: string): Uint8Array {
    const proven = Uint8Array.from(beacon);
    proven.set(this.#proof(beacon, host), provenBytes);
    return proven;
  }

  /** Whether a beacon that came from this address is of one who knows the room. */
  knows(beacon: Uint8Array, host: string): boolean {
    const proof = beacon.subarray(provenBytes);
    return proof.length === proofBytes && timingSafeEqual(proof, this.#proof(beacon, host));
  }

  #proof(beacon: Uint8Array, host: string): Buffer {
    return this.#hmac(beacon.subarray(0, provenBytes), ` ${host}`).subarray(0, proofBytes);
  }

  #hmac(...parts: readonly (string | Uint8Array)[]): Buffer {
    const hmac = createHmac('sha256', this.#key);
    for (const part of parts) hmac.update(part);
    return hmac.digest();
  }
}
