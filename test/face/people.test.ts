/** What a person reads of who somebody is: asked for, or warned of. Names come from strangers. */
import { describe, expect, it } from 'vitest';
import type { Notice } from '../../src/core/meeting.ts';
import type { Member } from '../../src/core/view.ts';
import type { Acquaintance } from '../../src/core/whois.ts';
import { acceptedLine, verifyLines, whoisLines } from '../../src/face/people.ts';
import { words } from '../../src/face/text.ts';

const member = (name: string, joined: number, addresses = [`10.0.0.${joined}:6000`]): Member => ({
  id: `${name}-id`,
  name,
  key: 'K'.repeat(43),
  box: 'B'.repeat(43),
  vouch: 'V'.repeat(86),
  addresses,
  joined,
});
const [alice, bob] = [member('alice', 1), member('bob', 2)];
const standing = {
  id: bob.id,
  name: 'bob',
  coordinator: alice,
  members: [alice, bob],
  successor: bob,
  lastHealing: undefined,
  pending: 0,
  untold: 0,
  telling: 0,
  topic: undefined,
  absences: new Map<string, string>(),
  moderation: { founder: undefined, ops: new Set<string>(), banned: [] },
  addresses: bob.addresses,
  receipt: undefined,
};
const [then, later] = [new Date(2026, 10, 19, 9, 5).getTime(), new Date(2026, 10, 20, 14, 30).getTime()];
const print = 'fy1n c0s0 5tz4 v26s 7hk8 c86x nvzh bsy8';
const known = { name: 'alice', key: alice.key, since: then, met: later };
const about = (more: Partial<Acquaintance>): Acquaintance => ({
  name: 'alice',
  key: alice.key,
  fingerprint: print,
  id: alice.id,
  own: false,
  member: alice,
  vouched: true,
  pin: known,
  others: [],
  ...more,
});

describe('/whois', () => {
  it('tells of one who is here', () => {
    expect(whoisLines([about({ others: ['al', 'ali\u001bce'] })], standing)).toEqual([
      'name           alice',
      `fingerprint    ${print}`,
      'typed as       alice:KKKKKKKK',
      'known          since 2026-11-19 09:05, under this key; never compared',
      'also called    al and alice',
      'here           yes, 1 of 2 in the join order, coordinates',
      'address        10.0.0.1:6000',
      'id             alice-id',
    ]);
  });

  it('tells of both who have a name', () => {
    const stranger = about({ key: 'L'.repeat(43), member: { ...alice, addresses: [] } });
    const away = about({ member: undefined, id: undefined });
    expect(whoisLines([stranger, away], { ...standing, coordinator: bob })).toEqual([
      'name           alice',
      `fingerprint    ${print}`,
      'typed as       alice:LLLLLLLL',
      'known          NOT the alice you have known since 2026-11-19 09:05: another key',
      'here           yes, 1 of 2 in the join order',
      'address        none: it cannot be dialled',
      'id             alice-id',
      'name           alice',
      `fingerprint    ${print}`,
      'typed as       alice:KKKKKKKK',
      'known          since 2026-11-19 09:05, under this key; never compared',
      'here           no, last met 2026-11-20 14:30',
    ]);
  });

  const row = (label: string, one: Acquaintance): string | undefined =>
    whoisLines([one], standing)
      .find((line) => line.startsWith(label))
      ?.slice(15);

  it.each([
    [
      'accepted',
      { pin: { ...known, accepted: later } },
      'since 2026-11-19 09:05, under this key; accepted 2026-11-20 14:30',
    ],
    ['never met', { pin: undefined }, 'not yet by this name'],
    ['own', { own: true, pin: undefined }, 'your own key'],
    ['forged', { vouched: false }, 'NOT who it says: its signature is false'],
  ])('says how the name stands: %s', (_, more, told) => expect(row('known', about(more))).toBe(told));

  it.each([
    ['you', { name: 'bob', id: bob.id, own: true }, 'bob (you)'],
    ['you elsewhere', { name: 'bob2', own: true }, 'bob2 (you, in another process)'],
    ['a hostile name', { name: 'b\u001b[2Job' }, 'b[2Job'],
  ])('names %s', (_, more, told) => expect(row('name', about(more))).toBe(told));

  it('says that somebody is away who was only in the room', () => {
    expect(row('here', about({ member: undefined, pin: undefined }))).toBe('no');
  });
});

describe('/verify and /accept', () => {
  const six = ['one', 'two', 'three', 'four', 'five', 'six'];

  it('say what to compare, and what to type then', () => {
    const halves = [
      { name: 'alice', own: false, words: six },
      { name: 'bob', own: true, words: six.toReversed() },
    ];
    expect(verifyLines({ name: 'alice', key: alice.key, halves })).toEqual([
      'alice      one two three four five six',
      'bob (you)  six five four three two one',
      "call alice, not in this room: each types /verify and the other's name, and both must see these twelve words",
      'if all agree, type /accept alice:KKKKKKKK; if one does not, that is not alice, or somebody stands between you',
    ]);
    expect(acceptedLine(about({ name: 'ali\u001bce' }))).toBe(`alice is from now on whoever has the key ${print}`);
  });
});

describe('somebody who is met', () => {
  it.each<[Notice, string]>([
    [{ kind: 'renamed', former: 'ro\u001bb' }, 'bob was called rob before: the key is the same'],
    [
      { kind: 'changed', known: 'Bo\u001bb', since: then },
      "WARNING: this is not the Bob you have known since 2026-11-19 09:05: it has another key; /verify bob:KKKKKKKK compares, /accept bob:KKKKKKKK takes the new key as bob's",
    ],
    [
      { kind: 'namesake' },
      'WARNING: bob has your name and another key: it is somebody else, whom others may take for you',
    ],
    [{ kind: 'forged' }, 'WARNING: bob is not who it says: the signature is FALSE, so a coordinator has put it there'],
  ])('%j', (notice, told) => {
    expect(words({ kind: 'met', member: { ...bob, name: 'bo\u001bb' }, notice }, standing)).toBe(told);
  });
});
