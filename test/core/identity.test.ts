/** Who somebody is: ids that follow from keys, words for names, and proofs that are good once. */
import { describe, expect, it } from 'vitest';
import { coverOf } from '../../src/core/cover.ts';
import {
  checkIds,
  idOf,
  isProven,
  isVouched,
  prove,
  roomOf,
  statement,
  vouchFor,
  type Proof,
} from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import { codeOf, textOf } from './table.ts';

/** A person, and two of its processes. */
const person = Identity.temporary();
const [one, next] = [createCrypto(person), createCrypto(person)];
const other = createCrypto(Identity.temporary());

describe('an id', () => {
  const id = idOf(one, one.key, one.box);

  it('is ten characters that a header field can hold', () => {
    expect(id).toMatch(/^[\w-]{10}$/);
  });

  it('is the same for whoever reckons it', () => {
    expect(idOf(other, one.key, one.box)).toBe(id);
  });

  it.each([
    ['another process of that person', next.key, next.box],
    ['another person', other.key, one.box],
    ['the keys the wrong way round', one.box, one.key],
  ])('is another for %s', (_, key, box) => {
    expect(idOf(one, key, box)).not.toBe(id);
  });

  it('is that of its keys, or a breach', () => {
    const here = { id, name: 'ann', key: one.key, box: one.box };
    expect(codeOf(() => checkIds(other, []))).toBeUndefined();
    expect(codeOf(() => checkIds(other, [here]))).toBeUndefined();
    for (const change of [{ key: other.key }, { box: next.box }, { id: `${id.slice(1)}0` }]) {
      expect(codeOf(() => checkIds(other, [here, { ...here, ...change }]))).toBe('proof');
    }
    // What it is called is no part of it.
    expect(codeOf(() => checkIds(other, [{ ...here, name: 'bob' }]))).toBeUndefined();
  });
});

describe('a room', () => {
  it('is its founder’s, and has an id that can be said', () => {
    const room = roomOf(one, one.key, one.box);
    expect(room).toMatch(/^[0-9a-hjkmnp-tv-z]{10}$/);
    expect(roomOf(other, one.key, one.box)).toBe(room);
    expect(roomOf(one, next.key, next.box)).not.toBe(room);
    expect(room).not.toBe(idOf(one, one.key, one.box));
  });
});

describe('a vouch', () => {
  const member = { name: 'ann', key: one.key, box: one.box, vouch: vouchFor(one, 'ann') };

  it('is for a name and a process', () => {
    expect(isVouched(other, member)).toBe(true);
  });

  it.each([
    ['another name', { name: 'bob' }],
    ['another process', { box: next.box }],
    ['another person', { key: other.key }],
    ['nothing', { vouch: 'A'.repeat(86) }],
    ['a person that is none', { key: 'A'.repeat(43) }],
  ])('is for no %s', (_, change) => {
    expect(isVouched(other, { ...member, ...change })).toBe(false);
  });
});

describe('a proof', () => {
  const proof: Proof = { end: 'client', challenge: 'c'.repeat(22), channel: 'channel', id: 'ann0000000' };

  it('convinces whoever has asked for it', () => {
    expect(isProven(other, one.key, prove(one, proof), proof)).toBe(true);
  });

  it.each([
    ['the other end', { end: 'server' }],
    ['another challenge', { challenge: 'd'.repeat(22) }],
    ['another link', { channel: 'other' }],
    ['a link that is not encrypted', { channel: '' }],
    ['another id', { id: 'bob0000000' }],
  ] as const)('is good for no more than was asked: not for %s', (_, change) => {
    expect(isProven(other, one.key, prove(one, proof), { ...proof, ...change })).toBe(false);
  });

  it('is nobody else’s', () => {
    expect(isProven(other, one.key, prove(other, proof), proof)).toBe(false);
    expect(isProven(other, one.key, '', proof)).toBe(false);
  });
});

describe('what is signed', () => {
  it('begins with what it is for, and the version', () => {
    expect(textOf(statement('proof', 'a', 1))).toBe(`groupchat proof ${limits.wireVersion}\na\n1`);
  });

  it('means nothing elsewhere', () => {
    const signature = one.sign(statement('member', one.box, 'ann'));
    expect(one.verify(one.key, statement('member', one.box, 'ann'), signature)).toBe(true);
    for (const label of ['proof', 'lines', 'id', 'room']) {
      expect(one.verify(one.key, statement(label, one.box, 'ann'), signature)).toBe(false);
    }
  });

  it('of lines says in which room, whose, and which', () => {
    const all: Parameters<typeof coverOf>[] = [
      ['room', 'ann', 1, 2, 'hash'],
      ['moor', 'ann', 1, 2, 'hash'],
      ['room', 'bob', 1, 2, 'hash'],
      ['room', 'ann', 2, 2, 'hash'],
      ['room', 'ann', 1, 3, 'hash'],
      ['room', 'ann', 1, 2, 'other'],
    ];
    expect(new Set(all.map((parts) => textOf(coverOf(...parts)))).size).toBe(all.length);
  });
});
