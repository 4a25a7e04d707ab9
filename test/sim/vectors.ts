/** The example of docs/protocol.md, section 17: keys from known bytes, and what follows from them. */
import { createPrivateKey, createPublicKey, hkdfSync, createHmac, createHash, sign, type KeyObject } from 'node:crypto';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import type { Crypto } from '../../src/core/crypto.ts';
import { idOf, prove, roomOf, vouchFor } from '../../src/core/identity.ts';

const from = (first: number): Buffer => Buffer.from(Array.from({ length: 32 }, (_, at) => first + at));

/** A secret key of 32 bytes, as PKCS8 wraps it (RFC 8410). */
function secret(kind: 'ed25519' | 'x25519', bytes: Buffer): KeyObject {
  const head = Buffer.from(`302e020100300506032b65${kind === 'ed25519' ? '70' : '6e'}04220420`, 'hex');
  return createPrivateKey({ key: Buffer.concat([head, bytes]), format: 'der', type: 'pkcs8' });
}

const publicOf = (key: KeyObject): string => createPublicKey(key).export({ format: 'jwk' }).x ?? '';

/** Each value under its name, in the order of the document. */
export function vectors(): [name: string, value: string][] {
  const [person, process] = [secret('ed25519', from(0)), secret('x25519', from(32))];
  const [key, box] = [publicOf(person), publicOf(process)];
  const crypto = {
    key,
    box,
    hash: (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url'),
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
  ];
}
