/** Who is found under a name: here, away, and when it is not clear who is meant. */
import { describe, expect, it } from 'vitest';
import type { Crypto } from '../../src/core/crypto.ts';
import { idOf, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { Pins } from '../../src/core/pins.ts';
import { emptyView, personOf, type Member } from '../../src/core/view.ts';
import { whois, whom, type Presence, type Sources } from '../../src/core/whois.ts';
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
  return { crypto, view: { ...emptyView, members: here }, people, lost: [], pins, ruled: new Set() };
}

const short = (name: string, sources: Sources): unknown[] =>
  whois(name, sources).map(({ key, id, member: here }) => [key.replace(/_+$/, ''), id, here !== undefined]);

/** The process of whoever is meant; for one who has none, the beginning of the key; or why nobody is. */
const meant = (given: string, sources: Sources, presence?: Presence): string => {
  try {
    const { id, key } = whom(given, sources, presence);
    return id ?? key.slice(0, 8);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

const refusal = (given: string, sources: Sources, presence?: Presence): string => {
  try {
    return whom(given, sources, presence).name;
  } catch (error) {
    return (error as Error).message;
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

  it('takes what every command takes, and shows a person once who is meant by the key', () => {
    const robert = member('bob', 'robert');
    const found = room([alice, robert, eve], [bob]);
    expect(short('bob:eve', found)).toEqual([['eve', eve.id, true]]);
    expect(short(bob.key, found)).toEqual([['bob', robert.id, true]]);
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

describe('who is meant', () => {
  const pinned = new Pins();
  pinned.meet('bob', bob.key, 10);
  const both = room([alice, bob, eve]);
  const lostEve = { ...room([alice]), lost: [eve] };
  const exile = keyOf('exile');

  it.each<[what: string, given: string, sources: Sources, expected: string]>([
    ['a name', 'bob', room([alice, bob]), bob.id],
    ['... letter case aside', 'BOB', room([alice, bob]), bob.id],
    ['... with a colon', 'bob:', room([alice, bob]), bob.id],
    ['... of one who is away', 'bob', room([alice], [bob]), bob.id],
    ['... of one who is lost, and nothing else tells of', 'bob', lostEve, eve.id],
    ['... of one who was in other rooms only', 'bob', room([alice], [], pinned), bob.key.slice(0, 8)],
    ['... of two', 'bob', both, 'ambiguous-name'],
    ['a name, and the beginning of a key', `bob:${eve.key.slice(0, 3)}`, both, eve.id],
    ['... of one who is away', `bob:${bob.key.slice(0, 8)}`, room([alice, eve], [bob]), bob.id],
    ['... of nobody', 'bob:nothing0', both, 'unknown-name'],
    ['... of one who has another name', `bob:${alice.key.slice(0, 8)}`, both, 'unknown-name'],
    ['... and more', `bob:${bob.key.slice(0, 3)}:x`, both, 'unknown-name'],
    ['the beginning of a key alone', bob.key.slice(0, 8), room([alice, member('bobby-tables', 'x')]), 'unknown-name'],
    ['an id', bob.id, both, bob.id],
    ['... of one who is away', eve.id, room([alice], [eve, bob]), eve.id],
    ['... of a process before', old.id, room([alice, bob], [old]), bob.id],
    ['... that is another one’s name', bob.id, room([alice, bob, member('mallory', bob.id)]), 'ambiguous-name'],
    ['a whole key', eve.key, both, eve.id],
    ['... behind any name', `whoever:${eve.key}`, both, eve.id],
    ['... of one who was in other rooms only', bob.key, room([alice], [], pinned), bob.key.slice(0, 8)],
    ['... whom only the rules name', exile, { ...room([alice]), ruled: new Set([exile]) }, exile.slice(0, 8)],
    ['... of nobody', exile, both, 'unknown-name'],
    ['nobody', 'carol', both, 'unknown-name'],
    ['nobody, by an odd name', '__proto__', both, 'unknown-name'],
    ['nothing', '', both, 'unknown-name'],
    ['a place where nobody was met', 'x', { ...room([alice]), lost: [{ ...eve, name: 'x', key: '' }] }, 'unknown-name'],
  ])('%s', (_, given, sources, expected) => expect(meant(given, sources)).toBe(expected));

  const [none, two] = ['unknown-name', 'ambiguous-name'];
  it.each<[what: string, sources: Sources, all: string, only: string]>([
    ['one is here', room([alice, bob]), bob.id, bob.id],
    ['one is away', room([alice], [bob]), bob.id, none],
    ['two are here', both, two, two],
    ['two are away', room([alice], [bob, eve]), two, none],
    ['one is here, and one away', room([alice, eve], [bob]), two, eve.id],
    ['... whose the name is', room([alice, eve], [bob], pinned), two, two],
    ['... whose the name is, from another room', room([alice, eve], [], pinned), two, two],
    ['... and the name is of whoever is here', room([alice, bob], [eve], pinned), two, bob.id],
    ['nobody is', room([alice]), none, none],
  ])('as far as it counts who is here: %s', (_, sources, all, only) => {
    expect(meant('bob', sources)).toBe(all);
    expect(meant('bob', sources, { here: 'only' })).toBe(only);
    expect(meant('bob', sources, { named: true })).toBe(all);
  });

  it('is one who is here by an id or a key, whosever the name is', () => {
    const sources = room([alice, eve], [bob], pinned);
    for (const given of [eve.id, eve.key, `bob:${eve.key.slice(0, 8)}`]) {
      for (const how of [{ here: 'only' }, { named: true }] as const) expect(meant(given, sources, how)).toBe(eve.id);
    }
    expect(meant(bob.key, sources, { here: 'only' })).toBe('unknown-name');
  });

  it('is nobody to compare with of whom only the rules know', () => {
    const sources = { ...room([alice]), ruled: new Set([exile]) };
    for (const how of [{ here: 'only' }, { named: true }] as const)
      expect(meant(exile, sources, how)).toBe('unknown-name');
  });

  it('is asked for in one line, and each answer that it names is one', () => {
    const sources = room([alice, eve], [bob], pinned);
    const told = refusal('bob', sources);
    expect(told).toBe('2 people are or were called bob: say which, Bob:eve_____ (here) or bob:bob_____ (not here)');
    expect(refusal('bob', sources, { here: 'only' })).toBe(told);
    expect([meant('Bob:eve_____', sources), meant('bob:bob_____', sources)]).toEqual([eve.id, bob.id]);
    expect(refusal('alice', room([alice, member('eve', 'alice')]))).toMatch(/alice:alice___ \(you\) or alice:eve/u);
  });

  it('is asked for with as much of the keys as tells them apart', () => {
    const [one, other] = [member('twins-alike-1', 'bob'), member('twins-alike-2', 'bob')];
    const sources = room([alice, one, other]);
    expect(refusal('bob', sources)).toContain('bob:twins-alike-1 (here) or bob:twins-alike-2 (here)');
    expect(meant('bob:twins-alike-2', sources)).toBe(other.id);
  });

  it('is asked for with no more than fit on a line, of whom those who are here come first', () => {
    const crowd = Array.from({ length: 20 }, (_, at) => member(`p${at}`, 'bob'));
    const told = refusal('bob', room([alice, bob], crowd));
    expect(told).toMatch(/^21 people are or were called bob: say which, bob:bob_____ \(here\) or /u);
    expect(told.match(/bob:\S+ \(/gu)).toHaveLength(limits.namesakesMax);
  });

  it('is nobody: that is said in one way, and in a short one', () => {
    const told = 'nobody here is known as carol: /who says who is here';
    expect([refusal('carol', both), refusal('carol', both, { here: 'only' })]).toEqual([told, told]);
    expect(() => whois('carol', both)).toThrow(told);
    expect(refusal('x'.repeat(1000), both).length).toBeLessThan(100);
  });
});
