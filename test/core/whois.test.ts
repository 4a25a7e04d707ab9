/** Who is found under a name: here, away, and when it is not clear who is meant. */
import { describe, expect, it } from 'vitest';
import type { Crypto } from '../../src/core/crypto.ts';
import { idOf, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { Pins } from '../../src/core/pins.ts';
import { emptyView, personOf, type Member } from '../../src/core/view.ts';
import { theOne, whois, type Sources } from '../../src/core/whois.ts';
import { fingerprint } from '../../src/core/words.ts';
import { keyOf, toyCrypto } from './toy.ts';

let seed = 100;
function member(person: string, name: string, crypto: Crypto = toyCrypto(++seed, keyOf(person))): Member {
  const { key, box } = crypto;
  return { id: idOf(crypto, key, box), name, key, box, vouch: vouchFor(crypto, name), addresses: [], joined: 1 };
}

const crypto = toyCrypto(1, keyOf('alice'));
const alice = member('alice', 'alice', crypto);
const [bob, eve, old] = [member('bob', 'bob'), member('eve', 'Bob'), member('bob', 'bob')];

/** A room with those here, and those who were in it. */
function room(here: readonly Member[], were: readonly Member[] = [], pins = new Pins()): Sources {
  const people = new Map([...were, ...here].map((one) => [one.id, personOf(one)]));
  return { crypto, view: { ...emptyView, members: here }, people, pins };
}

const short = (name: string, sources: Sources): unknown[] =>
  whois(name, sources).map(({ key, id, member: here }) => [key.replace(/_+$/, ''), id, here !== undefined]);

const code = (name: string, sources: Sources): string => {
  try {
    return theOne(name, sources).id ?? '';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('whois', () => {
  it('tells what is known of somebody who is here', () => {
    const pins = new Pins();
    pins.meet('rob', bob.key, 10);
    pins.meet('bob', bob.key, 20);
    expect(whois('BOB', room([alice, bob], [], pins))).toEqual([
      {
        name: 'bob',
        key: bob.key,
        fingerprint: fingerprint(crypto, bob.key),
        id: bob.id,
        own: false,
        member: bob,
        vouched: true,
        pin: { name: 'bob', key: bob.key, since: 20, met: 20 },
        others: ['rob'],
      },
    ]);
  });

  it('finds who is here, whose the name is, and who had it, in that order', () => {
    const pins = new Pins();
    pins.meet('bob', keyOf('first'), 10);
    const found = room([alice, eve], [bob], pins);
    expect(short('bob', found)).toEqual([
      ['eve', eve.id, true],
      ['first', undefined, false],
      ['bob', bob.id, false],
    ]);
    expect(new Set(whois('bob', found).map(({ pin }) => pin?.key))).toEqual(new Set([keyOf('first')]));
  });

  it('finds the process that is here, or the last one, for a name, an old id, and a pin', () => {
    const pins = new Pins();
    pins.meet('bob', bob.key, 10);
    for (const name of ['bob', old.id, bob.id]) {
      expect(short(name, room([alice, bob], [old], pins))).toEqual([['bob', bob.id, true]]);
      expect(short(name, room([alice], [old, bob], pins))).toEqual([['bob', bob.id, false]]);
    }
  });

  it('knows the person here, and who is not what it says', () => {
    const forged = { ...eve, vouch: bob.vouch };
    const found = room([alice, forged]);
    expect(whois('alice', found)).toMatchObject([{ own: true, pin: undefined, vouched: true }]);
    expect(whois('bob', found)).toMatchObject([{ own: false, vouched: false }]);
  });

  it('shows no more than fit on a screen, and who is here first', () => {
    const crowd = Array.from({ length: 20 }, (_, at) => member(`p${at}`, 'bob'));
    const found = whois('bob', room([alice, bob], crowd));
    expect(found).toHaveLength(limits.namesakesMax);
    expect(found[0]?.member).toBe(bob);
    expect(found[1]?.id).toBe(crowd.at(-1)?.id);
  });
});

describe('the one who is meant', () => {
  const pinned = new Pins();
  pinned.meet('bob', bob.key, 10);

  it.each<[string, string, Sources, string]>([
    ['the only one', 'bob', room([alice, bob]), bob.id],
    ['one who is away', 'bob', room([alice], [bob]), bob.id],
    ['who is here, though the name is another’s', 'bob', room([alice, eve], [bob], pinned), eve.id],
    ['one of two who are away', 'bob', room([alice], [eve, bob]), 'ambiguous-name'],
    ['... by the id', eve.id, room([alice], [eve, bob]), eve.id],
    ['one of two who are here', 'bob', room([alice, bob, eve]), 'ambiguous-name'],
    ['... by the id', bob.id, room([alice, bob, eve]), bob.id],
    ['nobody', 'carol', room([alice, bob]), 'unknown-name'],
    ['nobody, by an odd name', '__proto__', room([alice, bob]), 'unknown-name'],
    ['one who has another’s id for a name', bob.id, room([alice, bob, member('mallory', bob.id)]), 'ambiguous-name'],
  ])('%s', (_, name, sources, expected) => expect(code(name, sources)).toBe(expected));
});
