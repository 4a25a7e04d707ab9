/** The topic of a room, and who is away: which of them hold, and that nobody makes one up. */
import { describe, expect, it } from 'vitest';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import { entryFrame, type ChatEntry, type Entry } from '../../src/core/entry.ts';
import { idOf, roomOf, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot, Log } from '../../src/core/log.ts';
import { absencesOf, isNoted, noted, noteFault, parseNote, topicOf } from '../../src/core/notes.ts';
import { lawOf, type Act } from '../../src/core/rules.ts';
import { personOf, type Member, type View } from '../../src/core/view.ts';
import type { Effect } from '../../src/core/step.ts';
import {
  closed,
  entry as frameOf,
  events,
  founder,
  greeting,
  guest,
  host,
  room as aRoom,
  said,
  snapshot,
  Solo,
  welcome,
} from './solo.ts';
import { keyOf, toyCrypto } from './toy.ts';

const cryptoOf = (name: string) => toyCrypto(name.charCodeAt(0) + 7 * name.length, keyOf(name));
const idBy = (name: string): string => {
  const crypto = cryptoOf(name);
  return idOf(crypto, crypto.key, crypto.box);
};
const people = (...names: readonly string[]): Member[] =>
  names.map((name, at) => {
    const crypto = cryptoOf(name);
    const { key, box } = crypto;
    return {
      id: idBy(name),
      name,
      addresses: [`${name}:6000`],
      joined: at + 1,
      key,
      box,
      vouch: vouchFor(crypto, name),
    };
  });
const ann = cryptoOf('ann');
const room = roomOf(ann, ann.key, ann.box);
const law = lawOf(toyCrypto(99), () => room);
let n = 0;

function act(name: string, text: string, where = room): Act {
  const crypto = cryptoOf(name);
  const author = idBy(name);
  n++;
  const hash = hashOf(crypto, author, { base: '', lines: [{ n, time: 5, what: 'act', text }] });
  const { key, box } = crypto;
  return { author, key, box, n, time: 5, text, signature: crypto.sign(coverOf(where, author, n, n, hash)) };
}

const here: View = { epoch: 1, count: 3, members: people('ann', 'bob', 'cat') };
/** Acts one after the other, as `bob away lunch`. */
const after = (...told: readonly string[]): readonly Act[] =>
  told.reduce<readonly Act[]>((notes, one) => {
    const [name = '', ...text] = one.split(' ');
    return noted(law, notes, here, act(name, text.join(' ')));
  }, []);
const inWords = (notes: readonly Act[]): string[] => notes.map(({ text }) => text);

describe('a note', () => {
  it.each([
    ['topic cats', 'topic', 'cats'],
    ['topic  two  spaces ', 'topic', ' two  spaces '],
    ['away', 'away', ''],
    ['away at lunch', 'away', 'at lunch'],
    ['back', 'back', ''],
    [`topic ${'ü'.repeat(200)}`, 'topic', 'ü'.repeat(200)],
  ])('%s', (text, verb, what) => expect(parseNote(text)).toEqual({ verb, text: what }));

  it.each([
    'topic',
    'topic ',
    'topic   ',
    'topic \u202eevil',
    'away a\u2066b',
    'away ',
    'back now',
    'Topic cats',
    'kick cats',
    'topic a\nb',
    'away \u001b[2J',
    'away \u2028',
    'topic \ud800',
    `topic ${'ü'.repeat(201)}`,
  ])('is not %j', (text) => expect(parseNote(text)).toBe(undefined));

  it.each([
    ['x'.repeat(201), 'line-long'],
    ['😀'.repeat(101), 'line-long'],
    ['a\nb', 'line-control'],
    ['x'.repeat(200), undefined],
    ['', undefined],
  ])('cannot be said with %j: %s', (text, code) => expect(noteFault(text)?.code).toBe(code));
});

describe('of notes hold', () => {
  it.each<[string[], string[]]>([
    [['ann topic cats', 'bob topic dogs'], ['topic dogs']],
    [
      ['bob away lunch', 'cat away', 'bob away tea'],
      ['away', 'away tea'],
    ],
    [['bob away lunch', 'cat back', 'bob back'], []],
    [['bob topic cats', 'bob away lunch', 'bob back'], ['topic cats']],
    [['eve away lunch', 'eve topic eve'], ['topic eve']],
    [['bob topic cats', 'bob say what'], ['topic cats']],
  ])('%j: %j', (told, holds) => expect(inWords(after(...told))).toEqual(holds));

  it('none that its author has not signed, for this room', () => {
    const forged = { ...act('bob', 'topic cats'), text: 'topic dogs' };
    const elsewhere = act('bob', 'topic cats', 'another000');
    const notes = after('ann topic ann');
    for (const one of [forged, elsewhere]) expect(noted(law, notes, here, one)).toBe(notes);
  });

  it('so many as may be, and as fit; the topic always', () => {
    const crowd = Array.from({ length: limits.notesMax + 5 }, (_, at) => `p${at}`);
    const view = { ...here, members: people(...crowd) };
    const all = (text: string): readonly Act[] =>
      crowd.reduce(
        (notes, name) => noted(law, notes, view, act(name, text)),
        noted(law, [], view, act('p0', 'topic x')),
      );
    const short = all('away');
    expect(short).toHaveLength(limits.notesMax);
    expect(absencesOf(short).has(idBy('p5'))).toBe(false);
    expect(absencesOf(short).has(idBy('p6'))).toBe(true);
    const long = all(`away ${'x'.repeat(limits.noteBytesMax)}`);
    expect(long).toHaveLength(1 + Math.floor((limits.notesBytesMax - 254) / (250 + 2 * limits.noteBytesMax)));
    for (const notes of [short, long]) {
      expect(topicOf(notes)?.text).toBe('topic x');
      expect(isNoted(law, notes, view)).toBe(true);
    }
  });
});

describe('a snapshot', () => {
  const notes = after('bob topic cats', 'cat away lunch');
  const [topic, away] = notes as [Act, Act];
  it('has the notes that hold, as the log that it stands for', () => {
    const log = new Log(0, 0, law);
    const put = (entry: Entry): unknown => log.append(entry, entryFrame(entry));
    put({ kind: 'peers', epoch: 1, seq: 1, time: 1, count: 3, members: here.members, lost: [] });
    const does = (name: string, text: string): void => {
      const { author, n: number, time, signature } = act(name, text);
      const cover = { from: number, signature };
      const at = { epoch: 1, seq: log.last + 1 };
      const entry: ChatEntry = { kind: 'chat', ...at, author, n: number, time, apart: false, what: 'act', cover, text };
      put(memberOrNot(entry, name));
    };
    const memberOrNot = (entry: ChatEntry, name: string): ChatEntry =>
      here.members.some((one) => one.name === name)
        ? entry
        : { ...entry, apart: true, by: personOf(people(name)[0] as Member) };
    does('bob', 'topic cats');
    does('eve', 'topic of one who is away');
    does('bob', 'away lunch');
    does('cat', 'away');
    expect(inWords(log.notes)).toEqual(['topic of one who is away', 'away lunch', 'away']);
    expect(log.snapshotAt(log.last)?.notes).toEqual(log.notes);
    put({ kind: 'left', epoch: 1, seq: log.last + 1, time: 1, id: idBy('bob'), why: 'left' });
    expect(inWords(log.notes)).toEqual(['topic of one who is away', 'away']);
    put({ kind: 'peers', epoch: 2, seq: log.last + 1, time: 1, count: 3, members: people('ann'), lost: [] });
    expect(inWords(log.notes)).toEqual(['topic of one who is away']);
    log.truncate(5);
    expect(inWords(log.notes)).toEqual(['topic of one who is away', 'away lunch', 'away']);
  });

  it.each<[what: string, given: readonly Act[]]>([
    ['has one that nobody has signed', [{ ...topic, text: 'topic dogs' }]],
    ['has two topics', [topic, act('cat', 'topic dogs')]],
    ['says twice that somebody is away', [away, act('cat', 'away tea')]],
    ['says that somebody is away who is not there', [act('eve', 'away lunch')]],
    ['says that somebody is back', [act('cat', 'back')]],
    ['has what is no note', [act('cat', 'op cat')]],
    ['puts one in the place of another', [{ ...away, key: ann.key, box: ann.box }]],
  ])('that %s is not believed', (_, given) => {
    expect(isNoted(law, notes, here)).toBe(true);
    expect(isNoted(law, given, here)).toBe(false);
  });
});

it('whoever gives a newcomer a note that nobody has said is hung up on', () => {
  const given = (author: string): Effect[] => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: host.addresses });
    solo.feed({ kind: 'opened', link: -1, channel: '' });
    const crypto = toyCrypto(1, host.key);
    const { id, key, box } = host;
    const hash = hashOf(crypto, id, { base: '', lines: [{ n: 1, time: 0, what: 'act', text: 'topic cats' }] });
    const signature = crypto.sign(coverOf(aRoom, id, 1, 1, hash));
    const note = { author, key, box, n: 1, time: 0, text: 'topic cats', signature };
    const view = { epoch: 1, count: 1, members: [host] };
    const lineage = [{ epoch: 1, coordinator: host.id, first: 1 }];
    const joined: Entry = { kind: 'joined', epoch: 1, seq: 3, time: 0, member: solo.member(2) };
    const begin = snapshot({ ...emptySnapshot, seq: 2, view, lineage, notes: [note] });
    return solo.hear(-1, greeting, welcome({ room: aRoom, keep: 0, last: 3 }), begin, frameOf(joined));
  };
  const well = given(host.id);
  expect(closed(well)).toEqual([]);
  expect(events(well, 'entered')).toMatchObject([{ topic: 'cats' }]);
  const ill = given('eve0000000');
  expect(closed(ill)).toEqual([-1]);
  expect(events(ill, 'entered')).toEqual([]);
});

describe('the person is told', () => {
  it('what the room is about from now on, and who is away, once each', () => {
    const solo = founder();
    for (const text of ['topic cats', 'topic cats', 'away', 'away lunch', 'back', 'back'])
      solo.feed({ kind: 'say', text, what: 'act' });
    const effects = solo.pass(0);
    expect(events(effects, 'topic')).toMatchObject([{ text: 'cats', by: 'ann', own: true, history: false }]);
    expect(events(effects, 'away').map(({ text }) => text)).toEqual(['', 'lunch', null]);
  });

  it('when one writes to somebody who is away, and not each time', () => {
    const solo = guest();
    const [hal] = solo.state.log.view.members as [Member];
    const crypto = toyCrypto(1, hal.key);
    const says = (number: number, text: string): Uint8Array => {
      const hash = hashOf(crypto, hal.id, { base: '', lines: [{ n: number, time: 0, what: 'act', text }] });
      const signature = crypto.sign(coverOf(solo.state.room as string, hal.id, number, number, hash));
      const cover = { from: number, signature };
      const at = { epoch: 1, seq: solo.state.log.last + 1, author: hal.id, n: number, time: 0 };
      return frameOf({ kind: 'chat', ...at, apart: false, what: 'act', cover, text });
    };
    const write = (): string[] =>
      events(solo.feed({ kind: 'tell', to: hal.key, name: hal.name, text: 'hi' }), 'away').map(
        ({ name, text }) => `${name} ${text}`,
      );
    expect(write()).toEqual([]);
    solo.hear(-1, says(1, 'away lunch'));
    expect([write(), write()]).toEqual([['hal lunch'], []]);
    solo.hear(-1, says(2, 'away tea'));
    expect([write(), write()]).toEqual([['hal tea'], []]);
    solo.hear(-1, says(3, 'back'));
    expect(write()).toEqual([]);
    expect(said(solo.pass(0), -1).some((body) => body.startsWith('tell:'))).toBe(true);
  });
});
