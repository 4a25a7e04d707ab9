/** The example of docs/protocol.md, section 18: keys from known bytes, and what follows from them. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hkdfSync,
  sign,
  type KeyObject,
} from 'node:crypto';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import type { Crypto } from '../../src/core/crypto.ts';
import { idOf, prove, roomOf, statement, vouchFor } from '../../src/core/identity.ts';
import { encodeContent } from '../../src/core/letters.ts';

const from = (first: number): Buffer => Buffer.from(Array.from({ length: 32 }, (_, at) => first + at));

/** A secret key of 32 bytes, as PKCS8 wraps it (RFC 8410). */
function secret(kind: 'ed25519' | 'x25519', bytes: Buffer): KeyObject {
  const head = Buffer.from(`302e020100300506032b65${kind === 'ed25519' ? '70' : '6e'}04220420`, 'hex');
  return createPrivateKey({ key: Buffer.concat([head, bytes]), format: 'der', type: 'pkcs8' });
}

const publicOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'jwk' }).x ?? '';

/**
 * A process with a box of known bytes, which the program has not: it makes its own at random. So what section 15 says is
 * done here once more, from the document, and docs.test.ts lets the two open what the other one has sealed.
 */
export class Sealer {
  readonly box: string;
  readonly #secret: KeyObject;

  /** @param first the first of the bytes of its secret key */
  constructor(first: number) {
    this.#secret = secret('x25519', from(first));
    this.box = publicOf(this.#secret);
  }

  /** What either of the two seals with, and opens with. */
  keyWith(other: string): Buffer {
    const publicKey = createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: other }, format: 'jwk' });
    const shared = diffieHellman({ privateKey: this.#secret, publicKey });
    const [low, high] = this.box < other ? [this.box, other] : [other, this.box];
    return Buffer.from(hkdfSync('sha256', shared, '', `groupchat seal 1${low}${high}`, 32));
  }

  seal(to: string, plain: Uint8Array, about: Uint8Array, nonce: Uint8Array): string {
    const sealing = createCipheriv('chacha20-poly1305', this.keyWith(to), nonce, { authTagLength: 16 });
    sealing.setAAD(Buffer.concat([Buffer.from(this.box + to), about]), { plaintextLength: plain.length });
    const text = [sealing.update(plain), sealing.final()];
    return Buffer.concat([nonce, ...text, sealing.getAuthTag()]).toString('base64url');
  }

  /** @throws Error for what was not sealed so */
  open(by: string, sealed: string, about: Uint8Array): Buffer {
    const bytes = Buffer.from(sealed, 'base64url');
    const text = bytes.subarray(12, -16);
    const opening = createDecipheriv('chacha20-poly1305', this.keyWith(by), bytes.subarray(0, 12), {
      authTagLength: 16,
    });
    opening.setAAD(Buffer.concat([Buffer.from(by + this.box), about]), { plaintextLength: text.length });
    opening.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([opening.update(text), opening.final()]);
  }
}

/** What section 17 says, done here once more: `docs.test.ts` holds it against the program. */
function beaconOf(room: string, id: string): Buffer {
  const secretOfRoom = createHash('sha256').update(`groupchat beacon open ${room}`).digest();
  const key = Buffer.from(hkdfSync('sha256', secretOfRoom, '', 'groupchat beacon 1', 32));
  const hmac = (bytes: Buffer): Buffer => createHmac('sha256', key).update(bytes).digest();
  const mark = hmac(Buffer.from(`mark 1 1 ${id}`)).subarray(0, 8);
  const head = Buffer.from('6763424e0103000017700014', 'hex');
  const proven = Buffer.concat([head, from(0).subarray(0, 8), mark]);
  return Buffer.concat([proven, hmac(Buffer.concat([proven, Buffer.from(' 10.0.0.5')])).subarray(0, 16)]);
}

/** Each value under its name, in the order of the document. */
export function vectors(): [name: string, value: string][] {
  const [person, process] = [secret('ed25519', from(0)), new Sealer(32)];
  const [key, box] = [publicOf(person), process.box];
  const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url');
  const crypto = {
    key,
    box,
    hash: sha256,
    stretch: (first: string, next: (one: string) => Uint8Array) =>
      Array.from({ length: 1024 }).reduce<string>((last) => sha256(next(last)), first),
    sign: (bytes: Uint8Array) => sign(null, bytes, person).toString('base64url'),
  } as Crypto;
  const id = idOf(crypto, key, box);
  const room = roomOf(crypto, key, box);
  const lines = [
    { n: 1, time: 1_000_000_000_000, what: undefined, text: 'hello?' },
    { n: 2, time: 1_000_000_000_050, what: undefined, text: 'zoë is here' },
  ];
  const hash = hashOf(crypto, id, { base: '', lines });
  const open = createHash('sha256').update('groupchat open room 3').digest();
  const tagKey = Buffer.from(hkdfSync('sha256', open, '', 'groupchat link tag', 32));
  const random = from(0).subarray(0, 16);
  const tag = Buffer.concat([random, createHmac('sha256', tagKey).update(random).digest().subarray(0, 16)]);
  const challenge = 'A'.repeat(22);
  const [theirKey, theirBox] = [publicOf(secret('ed25519', from(64))), new Sealer(96).box];
  const theirId = idOf(crypto, theirKey, theirBox);
  const letter = { origin: id, k: 1, time: 1_000_000_000_000, text: 'the key is under the mat' };
  const content = encodeContent({ kind: 'letter', letter, after: undefined });
  const sealed = process.seal(theirBox, content, statement('private', room, id, theirId), from(0).subarray(0, 12));
  return [
    ['key', key],
    ['box', box],
    ['id', id],
    ['room', room],
    ['vouch', vouchFor(crypto, 'alice')],
    ['proof', prove(crypto, { end: 'client', challenge, channel: '', id })],
    ['hash', hash],
    ['cover', `1.${crypto.sign(coverOf(room, id, 1, 2, hash))}`],
    ['open psk', Buffer.from(hkdfSync('sha256', open, '', 'groupchat link psk', 32)).toString('base64url')],
    ['open tag', tag.toString('base64url')],
    ['their key', theirKey],
    ['their box', theirBox],
    ['their id', theirId],
    ['seal key', process.keyWith(theirBox).toString('base64url')],
    ['sealed', sealed],
    ['beacon', beaconOf(room, id).toString('hex')],
  ];
}
