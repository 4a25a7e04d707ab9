/**
 * The cryptography that the core asks for, by Node's own hand and at once: nothing here waits.
 *
 * Whatever travels has one spelling. Base64url lets the last character of a text vary without a change of its bytes, and
 * a curve lets some points be written twice: a second spelling of a key would be a second person with the same secret.
 * So bytes that come from outside are taken only as we would write them.
 *
 * Points of low order are refused. OpenSSL takes them for Ed25519 keys, under which one signature fits every text (RFC
 * 8032 leaves it open); as X25519 keys they make a secret of zeros, which everybody knows (RFC 7748, 6.1).
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hash,
  hkdfSync,
  randomBytes,
  verify,
  type KeyObject,
} from 'node:crypto';
import type { BoxKey, Crypto, PersonKey } from '../core/crypto.ts';
import { limits } from '../core/limits.ts';
import type { Identity } from './identity.ts';

const [keyBytes, signatureBytes, nonceBytes, tagBytes] = [32, 64, 12, 16] as const;
const cipher = 'chacha20-poly1305';
/** Bound to every secret: a key made for this is good for nothing else. */
const sealLabel = 'groupchat seal 1';

/** The y of all Ed25519 points whose order is 8 or less, each for both its signs. */
const lowOrder = new Set([
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

/** Of a hash that is to be slow: some milliseconds. */
const rounds = 1 << 10;

const sha256 = (bytes: Uint8Array): string => hash('sha256', bytes, 'base64url');

/** For one person's process: the box is made here, and ends with it. */
export function createCrypto(identity: Identity): Crypto {
  const { privateKey, publicKey } = generateKeyPairSync('x25519');
  const { x: box = '' } = publicKey.export({ format: 'jwk' });
  const verifiers = new Recent((key) => verifier(key));
  const secrets = new Recent((other) => sharedSecret(privateKey, box, other));

  return {
    key: identity.key,
    box,
    hash: sha256,
    stretch: (first, next) => {
      let last = first;
      for (let round = 0; round < rounds; round++) last = sha256(next(last));
      return last;
    },
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    sign: (bytes) => identity.sign(bytes),
    verify: (key, bytes, signature) => {
      try {
        const mark = bytesOf(signature, signatureBytes);
        const person = mark && verifiers.get(key);
        return mark !== undefined && person !== undefined && verify(null, bytes, person, mark);
      } catch {
        return false;
      }
    },
    seal: (other, plain, about) => {
      const secret = secrets.get(other);
      // Nobody can be written to there; and what another peer calls its box must not end this one.
      if (secret === undefined) return '';
      const nonce = randomBytes(nonceBytes);
      const sealing = createCipheriv(cipher, secret, nonce, { authTagLength: tagBytes });
      sealing.setAAD(binding(box, other, about), { plaintextLength: plain.length });
      const text = [sealing.update(plain), sealing.final()];
      return Buffer.concat([nonce, ...text, sealing.getAuthTag()]).toString('base64url');
    },
    open: (other, sealed, about) => {
      const bytes = bytesOf(sealed);
      if (bytes === undefined || bytes.length < nonceBytes + tagBytes) return undefined;
      const secret = secrets.get(other);
      if (secret === undefined) return undefined;
      const text = bytes.subarray(nonceBytes, -tagBytes);
      const opening = createDecipheriv(cipher, secret, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
      opening.setAAD(binding(other, box, about), { plaintextLength: text.length });
      opening.setAuthTag(bytes.subarray(-tagBytes));
      try {
        return new Uint8Array(Buffer.concat([opening.update(text), opening.final()]));
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * The bytes of a text as it travels, undefined unless it is just what we would write for them.
 * @param count how many they must be
 */
export function bytesOf(text: string, count?: number): Buffer | undefined {
  if (typeof text !== 'string') return undefined;
  // Before anything is made of it: what should be a key may be a megabyte.
  if (count !== undefined && text.length !== Math.ceil((count * 4) / 3)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : undefined;
}

function verifier(key: PersonKey): KeyObject | undefined {
  const bytes = bytesOf(key, keyBytes);
  if (bytes === undefined) return undefined;
  // The top bit is the sign of x.
  bytes[31] = (bytes[31] as number) & 0x7f;
  return isReduced(bytes) && !lowOrder.has(bytes.toString('hex')) ? imported('Ed25519', key) : undefined;
}

/** What both ends, and nobody else, can work out from one's own box and the other's. */
function sharedSecret(own: KeyObject, box: BoxKey, other: BoxKey): Buffer | undefined {
  const bytes = bytesOf(other, keyBytes);
  // X25519 itself would overlook the top bit.
  if (bytes === undefined || !isReduced(bytes)) return undefined;
  try {
    const secret = diffieHellman({ privateKey: own, publicKey: imported('X25519', other) });
    // OpenSSL refuses it too, but does not promise to.
    if (secret.every((byte) => byte === 0)) return undefined;
    const about = sealLabel + [box, other].toSorted().join('');
    return Buffer.from(hkdfSync('sha256', secret, '', about, keyBytes));
  } catch {
    return undefined;
  }
}

/** As JWK: as DER it takes OpenSSL eight times as long, 80 us. */
function imported(crv: 'Ed25519' | 'X25519', x: string): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv, x }, format: 'jwk' });
}

/** Whether a number (the lowest byte first) is below 2^255 - 19: the field has no others. */
function isReduced(bytes: Uint8Array): boolean {
  if (bytes[31] !== 0x7f || (bytes[0] as number) < 0xed) return (bytes[31] as number) <= 0x7f;
  return bytes.subarray(1, 31).some((byte) => byte !== 0xff);
}

/** Who seals, to whom, and about what: a text that is sent back to its sender is not the other's. */
function binding(from: BoxKey, to: BoxKey, about: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(from + to, 'latin1'), about]);
}

/** What was made of the keys that were in use last; undefined for those that are none. */
class Recent<Value> {
  readonly #known = new Map<string, Value | undefined>();
  readonly #make: (key: string) => Value | undefined;

  constructor(make: (key: string) => Value | undefined) {
    this.#make = make;
  }

  get(key: string): Value | undefined {
    // What has not the length of a key would be kept in all its length.
    if (typeof key !== 'string' || key.length !== limits.keyChars) return undefined;
    const value = this.#known.has(key) ? this.#known.get(key) : this.#make(key);
    this.#known.delete(key);
    this.#known.set(key, value);
    if (this.#known.size > limits.keysMax) this.#known.delete(this.#known.keys().next().value as string);
    return value;
  }
}
