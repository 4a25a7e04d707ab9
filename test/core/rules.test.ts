import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import type { Crypto } from '../../src/core/crypto.ts';
import { entryFrame, type ChatEntry, type Entry } from '../../src/core/entry.ts';
import { Decoder } from '../../src/core/frame.ts';
import { idOf, roomOf, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { Log, type Snapshot } from '../../src/core/log.ts';
import { parseServer, serverSays } from '../../src/core/message.ts';
import {
  emptyCharter,
  isChartered,
  lawOf,
  parseAct,
  rulesOf,
  timeFor,
  upheld,
  type Act,
  type Charter,
} from '../../src/core/rules.ts';
import type { Member } from '../../src/core/view.ts';
import { keyOf, toyCrypto } from './toy.ts';

/** `ann` has founded the room. */
const names = ['ann', 'bob', 'cat', 'dan', 'eve'] as const;
type Name = (typeof names)[number];
const people = Object.fromEntries(names.map((name, seed) => [name, toyCrypto(seed, keyOf(name))])) as Record<
  Name,
  Crypto
>;
const { ann } = people;
const founder = { key: ann.key, box: ann.box };
const room = roomOf(ann, ann.key, ann.box);
const law = lawOf(toyCrypto(99), () => room);
const begun: Charter = { founder, acts: [] };

function actBy(name: Name, n: number, text: string, where = room, time = 1000 + n): Act {
  const crypto = people[name];
  const { key, box } = crypto;
  const author = idOf(crypto, key, box);
  const hash = hashOf(crypto, author, { base: '', lines: [{ n, time, what: 'act', text }] });
  return { author, key, box, n, time, text, signature: crypto.sign(coverOf(where, author, n, n, hash)) };
}

/** `op bob` as it travels; a key is written as one digit. */
function textOf(told: string): string {
  const [verb = '', about = ''] = told.split(' ');
  return `${verb} ${verb === 'key' ? `${about.repeat(42)}A` : keyOf(about)}`;
}

/** Acts one after the other, as `ann op bob`; what counts, and what holds then. */
function after(told: readonly string[], charter = begun): { readonly charter: Charter; readonly counted: boolean[] } {
  let now = charter;
  const counted = told.map((one, index) => {
    const [name = '', ...rest] = one.split(' ');
    const judged = law.judge(now, actBy(name as Name, index + 1, textOf(rest.join(' '))));
    now = judged ?? now;
    return judged !== undefined;
  });
  return { charter: now, counted };
}

/** What holds, in words. */
function inWords(charter: Charter): string {
  const { ops, bans, key } = rulesOf(charter);
  const called = (one: string): string => one.replace(/_+$/u, '');
  const banned = Array.from(bans, ([one, by]) => `${called(one)} by ${called(by)}`);
  const parts = [
    ops.size === 0 ? '' : `ops ${[...ops].map(called).toSorted().join()}`,
    banned.length === 0 ? '' : `banned ${banned.toSorted().join()}`,
    key === undefined ? '' : `key ${key[0]}`,
  ];
  return parts.filter((part) => part !== '').join('; ');
}

describe('who may what', () => {
  it.each<[acts: string[], last: boolean, holds: string]>([
    [['ann op bob'], true, 'ops bob'],
    [['bob op bob'], false, ''],
    [['ann op bob', 'bob op cat'], false, 'ops bob'],
    [['ann op bob', 'ann deop bob'], true, ''],
    [['ann op bob', 'ann op cat', 'bob deop cat'], false, 'ops bob,cat'],
    [['ann kick bob'], true, ''],
    [['bob kick cat'], false, ''],
    [['ann op bob', 'bob kick cat'], true, 'ops bob'],
    [['ann op bob', 'bob kick ann'], false, 'ops bob'],
    [['ann op bob', 'bob ban ann'], false, 'ops bob'],
    [['ann op bob', 'ann op cat', 'bob kick cat'], false, 'ops bob,cat'],
    [['ann op bob', 'ann op cat', 'bob ban cat'], false, 'ops bob,cat'],
    [['ann op bob', 'ann kick bob'], true, 'ops bob'],
    [['ann op bob', 'bob ban cat'], true, 'ops bob; banned cat by bob'],
    [['ann op bob', 'bob ban cat', 'bob unban cat'], true, 'ops bob'],
    [['ann ban cat', 'cat unban cat'], false, 'banned cat by ann'],
    [['ann op bob', 'ann ban cat', 'bob unban cat'], true, 'ops bob'],
    [['ann key 7'], true, 'key 7'],
    [['bob key 7'], false, ''],
    [['ann op bob', 'ann key 7', 'bob key 8'], true, 'ops bob; key 8'],
    // Whoever is banned is no op any more, and does not become one again by being let in.
    [['ann op bob', 'ann ban bob', 'bob unban bob'], false, 'banned bob by ann'],
    [['ann op bob', 'ann ban bob', 'ann unban bob'], true, ''],
    [['ann ban bob', 'ann op bob'], true, 'ops bob'],
    // An act counts where it stands, whatever becomes of its author.
    [['ann op bob', 'bob ban cat', 'ann deop bob'], true, 'banned cat by bob'],
    [['ann op bob', 'bob ban cat', 'ann deop bob', 'bob ban dan'], false, 'banned cat by bob'],
    [['ann op bob', 'bob ban cat', 'ann deop bob', 'bob unban cat'], false, 'banned cat by bob'],
    [['ann op bob', 'ann op bob'], true, 'ops bob'],
    [['ann op ann'], false, ''],
    [['ann kick ann'], false, ''],
  ])('%s', (acts, last, holds) => {
    const { charter, counted } = after(acts);
    expect(counted.at(-1)).toBe(last);
    expect(inWords(charter)).toBe(holds);
  });

  it.each([
    '',
    'op',
    'op bob',
    `op  ${keyOf('bob')}`,
    `OP ${keyOf('bob')}`,
    `op ${keyOf('bob')} `,
    `mute ${keyOf('bob')}`,
    `key ${'A'.repeat(42)}B`,
  ])('means nothing: "%s"', (text) => {
    expect(parseAct(text)).toBe(undefined);
    expect(law.judge(begun, actBy('ann', 1, text))).toBe(undefined);
  });

  it('is nobody where the founder is not known', () => {
    expect(law.judge(emptyCharter, actBy('ann', 1, textOf('op bob')))).toBe(undefined);
  });
});

describe('an act that is not what it says', () => {
  const act = actBy('ann', 5, textOf('ban eve'));
  const eve = actBy('eve', 5, textOf('ban bob'));
  it.each<[what: string, act: Act]>([
    ['the text is another', { ...act, text: textOf('ban bob') }],
    ['the time is another', { ...act, time: 1 }],
    ['the number is another', { ...act, n: 6 }],
    ['nobody has signed it', { ...act, signature: '0'.repeat(86) }],
    ['it was done in another room', actBy('ann', 5, textOf('ban eve'), '0123456789')],
    ["it has the founder's key, and another's id", { ...act, author: eve.author }],
    ["it has the founder's keys, and another's signature", { ...act, signature: eve.signature }],
    ["another's, under the founder's key", { ...eve, key: ann.key }],
    ["another's, under the founder's keys and id", { ...eve, key: ann.key, box: ann.box, author: act.author }],
  ])('%s', (_, forged) => {
    expect(law.judge(begun, act)).toBeDefined();
    expect(law.judge(begun, forged)).toBe(undefined);
  });

  it('does not count again, or behind a later one about the same', () => {
    const banned = law.judge(begun, act) as Charter;
    const unbanned = actBy('ann', 4, textOf('unban eve'));
    expect(law.judge(begun, unbanned)).toBeDefined();
    expect(law.judge(banned, act)).toBe(undefined);
    expect(law.judge(banned, unbanned)).toBe(undefined);
    // What was undone is not done again by whoever has kept it.
    const forgiven = law.judge(banned, actBy('ann', 9, textOf('unban eve'))) as Charter;
    expect(law.judge(forgiven, act)).toBe(undefined);
    const deposed = after(['ann op eve', 'ann deop eve']).charter;
    expect(law.judge(deposed, actBy('ann', 1, textOf('op eve')))).toBe(undefined);
    expect(law.judge(deposed, actBy('ann', 3, textOf('op eve')))).toBeDefined();
  });

  it('holds from then on where it says what is so already', () => {
    const twice = after(['ann ban eve', 'ann op bob', 'ann ban eve']).charter;
    expect(law.judge(twice, actBy('bob', 2, textOf('unban eve')))).toBe(undefined);
    expect(inWords(law.judge(twice, actBy('bob', 4, textOf('unban eve'))) as Charter)).toBe('ops bob');
  });

  it('by an op is never later than all that the founder can do', () => {
    const { charter } = after(['ann op bob', 'bob unban eve']);
    const at = (name: Name, time: number, n: number): Charter | undefined =>
      law.judge(charter, actBy(name, n, textOf('ban eve'), room, time));
    expect(at('bob', limits.opTimeMax + 1, 5)).toBe(undefined);
    expect(at('bob', limits.opTimeMax, 5)).toBeDefined();
    expect(at('ann', limits.opTimeMax + 1, 5)).toBeDefined();
    expect(timeFor(charter, people.bob.key, textOf('ban eve'), limits.timeMax)).toBe(limits.opTimeMax);
  });

  it('of one moment is the founder’s', () => {
    const { charter } = after(['ann op bob', 'bob ban eve']);
    const at = (name: Name, text: string): Charter | undefined => law.judge(charter, actBy(name, 2, textOf(text)));
    expect(at('ann', 'unban eve')).toBeDefined();
    expect(at('bob', 'unban eve')).toBe(undefined);
  });
});

describe('what is kept of them', () => {
  it('is what the rules follow from', () => {
    const kept = (...acts: string[]): string[] =>
      after(acts).charter.acts.map(({ text }) => text.split(' ')[0] as string);
    // The last about each, also where it only undid.
    expect(kept('ann op bob', 'ann deop bob', 'ann kick cat', 'ann key 1', 'ann key 2')).toEqual(['deop', 'key']);
    // The ban stands because bob was an op then; and he is none now.
    expect(kept('ann op bob', 'bob ban cat', 'ann deop bob')).toEqual(['op', 'ban', 'deop']);
    expect(kept('ann op bob', 'bob ban cat', 'ann deop bob', 'ann unban cat')).toEqual(['deop', 'unban']);
  });

  it('stands for itself: whoever is given it comes to the same', () => {
    const one = fc.tuple(
      fc.constantFrom('ann', 'ann', 'ann', 'bob', 'bob', 'cat'),
      fc.constantFrom('op', 'op', 'deop', 'kick', 'ban', 'unban'),
      fc.constantFrom('bob', 'cat', 'dan', 'eve'),
    );
    fc.assert(
      fc.property(fc.array(one, { maxLength: 25 }), (acts) => {
        const { charter } = after(acts.map((parts) => parts.join(' ')));
        expect(isChartered(law, charter)).toBe(true);
        let again: Charter = begun;
        for (const act of charter.acts) again = law.judge(again, act) as Charter;
        expect(again).toEqual(charter);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves an op so much and no more, and the founder always room', () => {
    const ban = (name: Name, n: number): Act => actBy(name, n, `ban ${keyOf(`${name}${n}`)}`);
    let charter = after(['ann op bob', 'ann op cat', 'ann op dan', 'ann op eve']).charter;
    for (const name of ['bob', 'cat', 'dan', 'eve'] as const) {
      for (let n = 10; n < 10 + limits.opActsMax; n++) charter = law.judge(charter, ban(name, n)) ?? charter;
      expect(law.judge(charter, ban(name, 1000))).toBe(undefined);
    }
    expect(charter.acts).toHaveLength(limits.actsMax);
    for (const [at, text] of ['deop eve', 'ban eve', 'key 3'].entries()) {
      charter = law.judge(charter, actBy('ann', 2000 + at, textOf(text))) as Charter;
      expect(isChartered(law, charter)).toBe(true);
    }
    expect(rulesOf(charter).bans.has(people.eve.key)).toBe(true);
    expect(rulesOf(charter).ops.has(people.eve.key)).toBe(false);
  });

  it('is at most so much: what comes then does not count, until something is taken back', () => {
    const ban = (n: number): Act => actBy('ann', n, `ban ${keyOf(`n${n}`)}`);
    let charter: Charter = { founder, acts: Array.from({ length: limits.actsMax }, (_, index) => ban(index + 1)) };
    const next = limits.actsMax + 1;
    expect(law.judge(charter, ban(next))).toBe(undefined);
    charter = law.judge(charter, actBy('ann', next, `unban ${keyOf('n7')}`)) as Charter;
    expect(charter.acts).toHaveLength(limits.actsMax);
    // That somebody was let in again is forgotten first.
    charter = law.judge(charter, ban(next + 1)) as Charter;
    expect(charter.acts.filter(({ text }) => text.startsWith('ban '))).toHaveLength(limits.actsMax);
    expect(isChartered(law, charter)).toBe(true);
  });
});

describe('when an act is done', () => {
  const { charter } = after(['ann op bob', 'bob ban eve', 'ann key 1']);
  it.each([
    ['now', 'ban dan', 'ann', 5000, 5000],
    ['after what it undoes, though the clock is behind', 'unban eve', 'bob', 3, 1003],
    ['by the founder at that moment', 'unban eve', 'ann', 3, 1002],
    ['by the founder after what it did itself', 'key 2', 'ann', 3, 1004],
    ['by another than the founder after that', 'key 2', 'bob', 3, 1004],
    ['whatever it says', 'sing', 'ann', 3, 3],
  ] as const)('is %s', (_, told, name, wall, expected) => {
    expect(timeFor(charter, people[name].key, textOf(told), wall)).toBe(expected);
  });

  it('is after those of the same person that are under way', () => {
    const underWay = [{ time: 5000 }, { time: 5001 }];
    expect(timeFor(charter, people.ann.key, textOf('deop bob'), 5000, underWay)).toBe(5002);
  });
});

describe('what was seen to hold', () => {
  const seen = after(['ann op bob', 'bob ban cat', 'ann key 2']).charter;
  it.each([
    ['by leaving out all', [], 'ops bob; banned cat by bob; key 2'],
    ['by going back to an older key', ['ann key 1'], 'ops bob; banned cat by bob; key 2'],
    ['by leaving out who was made op', ['ann key 2'], 'ops bob; banned cat by bob; key 2'],
  ])('is not undone %s', (_, acts, expected) => {
    const given = after(acts).charter;
    expect(inWords(upheld(law, given, seen))).toBe(expected);
  });

  it('is not undone by a log that names no founder', () => {
    expect(upheld(law, emptyCharter, seen)).toEqual(seen);
    expect(upheld(law, seen, emptyCharter)).toBe(seen);
  });

  it('gives way to what came later', () => {
    const later = ['ann op bob', 'bob ban cat', 'ann key 2', 'ann deop bob', 'ann unban cat', 'ann key 3'];
    const given = after(later).charter;
    expect(upheld(law, given, seen)).toEqual(given);
  });

  it('in one room is nothing in another', () => {
    const other = lawOf(toyCrypto(99), () => roomOf(people.bob, people.bob.key, people.bob.box));
    const given = { founder: { key: people.bob.key, box: people.bob.box }, acts: [] };
    expect(upheld(other, given, seen)).toBe(given);
  });
});

// --- In a log ---

const memberOf = (name: Name, joined: number): Member => {
  const { key, box } = people[name];
  const id = idOf(ann, key, box);
  return { id, name, addresses: [`10.0.0.${joined}:6000`], joined, key, box, vouch: vouchFor(people[name], name) };
};
const members = names.map((name, index) => memberOf(name, index + 1));

function put(log: Log, entry: Entry): void {
  log.append(entry, entryFrame(entry));
}

/** A room of all five. */
function roomOfAll(keep = 1000): Log {
  const log = new Log(keep, keep, law);
  const place = { epoch: 1, time: 1 };
  put(log, { kind: 'peers', ...place, seq: 1, count: 1, members: members.slice(0, 1), lost: [] });
  for (const member of members.slice(1)) put(log, { kind: 'joined', ...place, seq: log.last + 1, member });
  return log;
}

function entryOf(log: Log, { author, n, time, text, signature }: Act, more: Partial<ChatEntry> = {}): ChatEntry {
  const cover = { from: n, signature };
  return {
    kind: 'chat',
    epoch: 1,
    seq: log.last + 1,
    author,
    n,
    time,
    apart: false,
    what: 'act',
    cover,
    text,
    ...more,
  };
}

/** Acts, as `ann op bob`; an author's numbers follow each other. */
function does(log: Log, ...told: readonly string[]): void {
  for (const one of told) {
    const [name = '', ...rest] = one.split(' ');
    const n = (log.authors.get(idOf(ann, people[name as Name].key, people[name as Name].box)) ?? 0) + 1;
    put(log, entryOf(log, actBy(name as Name, n, textOf(rest.join(' ')))));
  }
}

/** As many lines as fill a segment. */
function fill(log: Log): void {
  const author = (members[4] as Member).id;
  for (let left = 5; left > 0; left--) {
    const n = (log.authors.get(author) ?? 0) + 1;
    const text = 'x'.repeat(limits.lineBytesMax);
    put(log, { kind: 'chat', epoch: 1, seq: log.last + 1, author, n, time: 1, apart: false, text });
  }
}

/** A snapshot as it comes out at the other end. */
function sent(snapshot: Snapshot): Snapshot {
  const decoder = new Decoder();
  decoder.push(serverSays.snapshot(snapshot, ann));
  const message = parseServer(decoder.next() as NonNullable<ReturnType<Decoder['next']>>);
  if (message.kind !== 'snapshot') throw new Error('not a snapshot');
  return message.snapshot;
}

describe('a log', () => {
  it('comes to the rules by itself', () => {
    const log = roomOfAll();
    does(log, 'ann op bob', 'bob ban eve', 'eve unban eve', 'dan key 1', 'bob key 2');
    expect(inWords(log.charter)).toBe('ops bob; banned eve by bob; key 2');
  });

  it('does not take what a coordinator makes up, or puts in the name of another', () => {
    const log = roomOfAll();
    const act = actBy('ann', 1, textOf('op eve'));
    put(log, entryOf(log, { ...act, signature: '0'.repeat(86) }));
    put(log, entryOf(log, actBy('eve', 1, textOf('op eve')), { author: act.author, n: 2 }));
    const { cover: _, ...unsigned } = entryOf(log, actBy('ann', 3, textOf('op eve')));
    put(log, unsigned);
    // Signed with others, it cannot be checked for ever.
    put(log, entryOf(log, actBy('ann', 4, textOf('op eve')), { cover: { from: 3, signature: act.signature } }));
    expect(inWords(log.charter)).toBe('');
  });

  it('knows an author who is not here by what stands with the act', () => {
    const log = roomOfAll();
    put(log, { kind: 'left', epoch: 1, seq: log.last + 1, time: 1, id: (members[0] as Member).id, why: 'left' });
    put(log, entryOf(log, actBy('ann', 1, textOf('op bob'))));
    expect(inWords(log.charter)).toBe('');
    const by = { name: 'ann', ...founder };
    put(log, entryOf(log, actBy('ann', 2, textOf('op bob')), { apart: true, by }));
    expect(inWords(log.charter)).toBe('ops bob');
  });

  it('gives them to one who comes when the acts are trimmed', () => {
    const log = roomOfAll(1);
    does(log, 'ann op bob', 'bob ban eve');
    // More than the slack of a slow member.
    for (let bytes = 0; bytes <= limits.slackBytesMax + limits.segmentBytes; bytes += 5 * limits.lineBytesMax)
      fill(log);
    expect(log.first).toBeGreaterThan(10);
    const snapshot = sent(log.start(true).snapshot);
    expect(isChartered(law, snapshot)).toBe(true);
    const theirs = new Log(1000, 1000, law);
    theirs.restore(snapshot);
    expect(theirs.charter).toEqual(log.charter);
    does(theirs, 'bob unban eve');
    expect(inWords(theirs.charter)).toBe('ops bob');
  });

  it('falls back to what held there', () => {
    const log = roomOfAll();
    does(log, 'ann op bob', 'bob ban eve');
    const { last, charter } = log;
    fill(log);
    does(log, 'ann unban eve', 'ann deop bob');
    expect(inWords(log.charter)).toBe('');
    log.truncate(last);
    expect(log.charter).toEqual(charter);
    log.truncate(last - 1);
    expect(inWords(log.charter)).toBe('ops bob');
  });

  it('has no founder when it was begun anew by somebody else', () => {
    const log = new Log(1000, 1000, law);
    put(log, { kind: 'peers', epoch: 1, seq: 1, time: 1, count: 2, members: members.slice(1, 2), lost: [] });
    does(log, 'bob op bob');
    expect(log.charter).toEqual(emptyCharter);
    expect(isChartered(law, sent(log.start(true).snapshot))).toBe(true);
  });
});

describe('a snapshot', () => {
  const log = roomOfAll();
  does(log, 'ann op bob', 'bob ban eve');
  const snapshot = log.start(true).snapshot;
  const [op, ban] = log.charter.acts as [Act, Act];
  it.each<[what: string, charter: Charter]>([
    ['has another founder', { founder: { key: people.eve.key, box: people.eve.box }, acts: [] }],
    ["has the founder's key, and another process", { founder: { key: ann.key, box: people.eve.box }, acts: [] }],
    ['has no founder, and acts', { founder: null, acts: [op] }],
    ['has an act that is forged', { founder, acts: [{ ...op, text: textOf('op eve') }] }],
    ['has an act by one who may not', { founder, acts: [ban] }],
    ['has them in another order', { founder, acts: [ban, op] }],
    ['has one twice', { founder, acts: [op, ban, ban] }],
    ['has one that makes no difference', { founder, acts: [op, ban, actBy('ann', 9, textOf('kick cat'))] }],
  ])('that %s is not believed', (_, charter) => {
    expect(isChartered(law, sent(snapshot))).toBe(true);
    expect(isChartered(law, sent({ ...snapshot, ...charter }))).toBe(false);
  });

  it('has room for as many acts as there may be', () => {
    const acts = Array.from({ length: limits.actsMax }, (_, index) =>
      actBy('ann', limits.countMax - index, textOf('ban eve')),
    );
    const bytes = (given: Snapshot): number => serverSays.snapshot(given, ann).length;
    const more = bytes({ ...snapshot, acts }) - bytes(snapshot);
    const { key, box } = people.ann;
    const note = {
      author: idOf(ann, key, box),
      key,
      box,
      n: limits.countMax,
      time: limits.timeMax,
      signature: '0'.repeat(86),
    };
    const short = (limits.notesBytesMax - 240 * limits.notesMax) / limits.notesMax / 2;
    const long = limits.notesBytesMax / (240 + 2 * limits.noteBytesMax);
    const full = [
      Array.from({ length: limits.notesMax }, () => ({ ...note, text: `topic ${'"'.repeat(short)}` })),
      Array.from({ length: long }, () => ({ ...note, text: `topic ${'"'.repeat(limits.noteBytesMax)}` })),
    ];
    const notes = Math.max(...full.map((some) => bytes({ ...snapshot, notes: some }) - bytes(snapshot)));
    expect(notes).toBeLessThanOrEqual(limits.notesBytesMax);
    const authors = new Map(
      Array.from({ length: limits.authorsMax + limits.membersMax }, (_, n) => [
        `${n}`.padStart(10, '0'),
        limits.countMax,
      ]),
    );
    const lines = { from: limits.countMax, base: '0'.repeat(43), lines: [] };
    const ranges = new Map(Array.from({ length: limits.rangesMax }, (_, n) => [`${n}`.padStart(10, '0'), lines]));
    expect(more + notes + bytes({ ...snapshot, authors, ranges }) + limits.viewBytesMax).toBeLessThan(
      limits.bodyBytesMax,
    );
  });
});
