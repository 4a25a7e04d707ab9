/** Signatures, sealed texts, and what is refused of them: other spellings, points that are no keys, and junk. */
import {
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  verify as plainVerify,
  type KeyObject,
} from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { bytesOf, createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');
const plainKey = (crv: 'Ed25519' | 'X25519', x: string): KeyObject =>
  createPublicKey({ key: { kty: 'OKP', crv, x }, format: 'jwk' });

const [ann, bob, eve] = ['ann', 'bob', 'eve'].map(() => createCrypto(Identity.temporary())) as [
  ReturnType<typeof createCrypto>,
  ReturnType<typeof createCrypto>,
  ReturnType<typeof createCrypto>,
];
const text = bytes('a line');
const about = bytes('room 1');

/** The texts that decode to the same bytes, and are not what anybody would write. */
function otherSpellings(one: string): string[] {
  const same = Buffer.from(one, 'base64url');
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const ends = Array.from(letters, (letter) => one.slice(0, -1) + letter);
  return [
    ...ends,
    `${one}=`,
    `${one} `,
    ` ${one}`,
    `${one}\n`,
    `${one.slice(0, 9)}\n${one.slice(9)}`,
    `${one}.`,
  ].filter((other) => other !== one && Buffer.from(other, 'base64url').equals(same));
}

describe('a hash', () => {
  it('is SHA-256', () => {
    // FIPS 180-4, the example of one block.
    expect(ann.hash(bytes('abc'))).toBe(base64url('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'));
    expect(ann.hash(text)).toBe(createHash('sha256').update(text).digest('base64url'));
  });
});

describe('random bytes', () => {
  it('are as many as were asked for, and others each time', () => {
    for (const count of [1, 16, 32]) expect(bytesOf(ann.random(count), count)).toHaveLength(count);
    expect(ann.random(32)).not.toBe(ann.random(32));
  });
});

describe('a signature', () => {
  it('is that of one person, over those bytes', () => {
    const mark = ann.sign(text);
    expect(mark).toHaveLength(86);
    expect(ann.key).toHaveLength(limits.keyChars);
    expect(bob.verify(ann.key, text, mark)).toBe(true);
    expect(bob.verify(bob.key, text, mark)).toBe(false);
    expect(bob.verify(ann.key, bytes('another'), mark)).toBe(false);
  });

  it('is as RFC 8032 has it (7.1, test 2)', () => {
    const key = base64url('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c');
    const mark = base64url(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
    expect(ann.verify(key, Uint8Array.of(0x72), mark)).toBe(true);
  });

  it('has one spelling, and so has its key', () => {
    const mark = ann.sign(text);
    expect(otherSpellings(mark).length).toBeGreaterThan(15);
    for (const other of otherSpellings(mark)) expect([other, bob.verify(ann.key, text, other)]).toEqual([other, false]);
    for (const other of otherSpellings(ann.key)) expect([other, bob.verify(other, text, mark)]).toEqual([other, false]);
    const plus = Array.from({ length: 64 }, (_, at) => ann.sign(Uint8Array.of(at))).findIndex((one) =>
      /[-_]/.test(one),
    );
    const usual = ann.sign(Uint8Array.of(plus)).replaceAll('-', '+').replaceAll('_', '/');
    expect(bob.verify(ann.key, Uint8Array.of(plus), usual)).toBe(false);
  });

  it('cannot be made another one by adding the order of the group', () => {
    const mark = Buffer.from(ann.sign(text), 'base64url');
    const order = 2n ** 252n + 27742317777372353535851937790883648493n;
    let scalar = order + BigInt(`0x${Buffer.from(mark.subarray(32).toReversed()).toString('hex')}`);
    for (let at = 32; at < 64; at++, scalar >>= 8n) mark[at] = Number(scalar & 0xffn);
    expect(bob.verify(ann.key, text, mark.toString('base64url'))).toBe(false);
  });

  /** Ed25519 keys of order 1, 2, 4 and 8, with either sign, and in a spelling beyond the field. */
  const low = [
    '00'.repeat(32),
    `${'00'.repeat(31)}80`,
    `01${'00'.repeat(31)}`,
    `ec${'ff'.repeat(30)}7f`,
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    `ee${'ff'.repeat(30)}7f`,
    `ed${'ff'.repeat(30)}7f`,
  ].map(base64url);
  /** One signature for all of them: R is nothing, and S is 0. */
  const anybodys = base64url(`01${'00'.repeat(63)}`);

  it.each(low)('is nobody’s under a point of low order: %s', (key) => {
    const lines = Array.from({ length: 200 }, (_, at) => bytes(`line ${at}`));
    // OpenSSL takes it: without a check anybody could sign for such a key.
    const fits = lines.filter((one) => plainVerify(null, one, plainKey('Ed25519', key), bytesOf(anybodys)!));
    expect(fits.length).toBeGreaterThan(0);
    for (const one of fits) expect(ann.verify(key, one, anybodys)).toBe(false);
  });

  it('is false for any junk, and nothing is thrown', () => {
    const junk = fc.oneof(
      fc.string(),
      fc.base64String(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }).map((raw) => Buffer.from(raw).toString('base64url')),
      fc.uint8Array({ minLength: 64, maxLength: 64 }).map((raw) => Buffer.from(raw).toString('base64url')),
      fc.constantFrom(ann.key, ann.sign(text), 'A'.repeat(1 << 20), '__proto__'),
      fc.anything().map((thing) => thing as string),
    );
    fc.assert(
      fc.property(junk, fc.uint8Array(), junk, (key, line, mark) => {
        expect(ann.verify(key, line, mark)).toBe(false);
        expect(ann.open(key, mark, line)).toBeUndefined();
      }),
    );
  });

  it('is found right however many keys were met', () => {
    const mark = ann.sign(text);
    expect(bob.verify(ann.key, text, mark)).toBe(true);
    for (let at = 0; at <= limits.keysMax; at++) {
      const key = Buffer.alloc(32);
      key.writeUInt32LE(at, 8);
      bob.verify(key.toString('base64url'), text, 'A'.repeat(86));
    }
    expect(bob.verify(ann.key, text, mark)).toBe(true);
    expect(bob.verify(ann.key, about, mark)).toBe(false);
  });
});

describe('a sealed text', () => {
  it('is opened by the one to whom it was sealed, as what it was sealed about', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.uint8Array(), (plain, matter) => {
        const sealed = ann.seal(bob.box, plain, matter);
        expect(bob.open(ann.box, sealed, matter)).toEqual(plain);
        expect(sealed).not.toBe(ann.seal(bob.box, plain, matter));
      }),
    );
    expect(bob.open(ann.box, ann.seal(bob.box, text, about), bytes('room 2'))).toBeUndefined();
  });

  it('is opened by nobody else, and comes from nobody else', () => {
    const sealed = ann.seal(bob.box, text, about);
    expect(eve.open(ann.box, sealed, about)).toBeUndefined();
    expect(eve.open(bob.box, sealed, about)).toBeUndefined();
    expect(bob.open(eve.box, sealed, about)).toBeUndefined();
  });

  it('cannot be sent back to its sender as if the other had sealed it', () => {
    const sealed = ann.seal(bob.box, text, about);
    expect(ann.open(bob.box, sealed, about)).toBeUndefined();
  });

  it('is lost with the process that it was for', () => {
    const identity = Identity.temporary();
    const [before, after] = [createCrypto(identity), createCrypto(identity)];
    expect(after.key).toBe(before.key);
    expect(after.box).not.toBe(before.box);
    expect(after.open(ann.box, ann.seal(before.box, text, about), about)).toBeUndefined();
  });

  it('is refused when one bit of it is another, when it is cut, and in another spelling', () => {
    const sealed = ann.seal(bob.box, text, about);
    const raw = Buffer.from(sealed, 'base64url');
    for (let bit = 0; bit < raw.length * 8; bit++) {
      const changed = Buffer.from(raw);
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
      expect([bit, bob.open(ann.box, changed.toString('base64url'), about)]).toEqual([bit, undefined]);
    }
    for (let length = 0; length < raw.length; length++) {
      expect(bob.open(ann.box, raw.subarray(0, length).toString('base64url'), about)).toBeUndefined();
    }
    expect(otherSpellings(sealed).length).toBeGreaterThan(3);
    for (const other of otherSpellings(sealed)) expect(bob.open(ann.box, other, about)).toBeUndefined();
    expect(bob.open(ann.box, sealed, about)).toEqual(text);
  });

  it.each(
    [
      '00'.repeat(32),
      `01${'00'.repeat(31)}`,
      'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
      '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
      `ec${'ff'.repeat(30)}7f`,
      `ed${'ff'.repeat(30)}7f`,
      `ee${'ff'.repeat(30)}7f`,
    ].map(base64url),
  )('is not made for a point of low order, nor taken from one: %s', (box) => {
    expect(ann.seal(box, text, about)).toBe('');
    expect(ann.open(box, eve.seal(ann.box, text, about), about)).toBeUndefined();
  });

  it('is not made for a second spelling of a box', () => {
    const raw = Buffer.from(bob.box, 'base64url');
    raw[31] = (raw[31] as number) | 0x80;
    const twin = raw.toString('base64url');
    const { privateKey } = generateKeyPairSync('x25519');
    const secret = (box: string): Buffer => diffieHellman({ privateKey, publicKey: plainKey('X25519', box) });
    // They are the same to X25519.
    expect(secret(twin)).toEqual(secret(bob.box));
    for (const other of [twin, ...otherSpellings(bob.box), '', 'junk', 'A'.repeat(1 << 20)]) {
      expect(ann.seal(other, text, about)).toBe('');
    }
  });
});
