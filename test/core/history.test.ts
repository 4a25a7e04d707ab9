/** What a log holds, to read, to search and to take away. */
import { describe, expect, it } from 'vitest';
import { after, latest, linesOf, placeOf, search, transcript } from '../../src/core/history.ts';
import { Log } from '../../src/core/log.ts';
import type { Crypto } from '../../src/core/crypto.ts';
import { personOf, type Member } from '../../src/core/view.ts';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import type { Entry } from '../../src/core/entry.ts';
import { idOf, roomOf, vouchFor } from '../../src/core/identity.ts';
import { lawOf } from '../../src/core/rules.ts';
import { keyOf, toyCrypto } from './toy.ts';
import { ann, append, bob, cat, joining, line, reign } from './table.ts';

function log(): Log {
  const one = new Log(1000);
  append(
    one,
    reign(1, 1, [ann]),
    line('ann', 1, 2, { text: 'Hello', time: 1000 }),
    joining(1, 3, bob),
    line('bob', 1, 4, { text: 'hi\u0007 ann\u2028!', time: 2000 }),
    { kind: 'left', epoch: 1, seq: 5, time: 3000, id: 'ann', why: 'handover' },
    reign(2, 6, [bob]),
    line('ann', 2, 7, { epoch: 2, text: 'bye', time: 2500, apart: true, by: personOf(ann) }),
    line('zoe', 4, 8, { epoch: 2, text: 'from afar', time: 2600, apart: true, by: { ...cat, name: 'zoë' } }),
    line('who', 1, 9, { epoch: 2, text: 'who am I?', time: 4000 }),
    joining(2, 10, cat),
  );
  return one;
}

describe('the place of a position', () => {
  it.each([
    [0, 0, 'held'],
    [1, 1, 'held'],
    [1, 5, 'held'],
    [2, 6, 'held'],
    [2, 10, 'held'],
    // Numbers that another reign gave, or that nobody has given yet.
    [1, 6, 'elsewhere'],
    [2, 5, 'elsewhere'],
    [3, 10, 'elsewhere'],
    [2, 11, 'elsewhere'],
  ])('%i.%i in the whole log: %s', (epoch, seq, place) => {
    expect(placeOf(log(), { epoch, seq })).toBe(place);
  });

  it.each([
    [1, 2, 'trimmed'],
    [1, 3, 'held'],
    [1, 4, 'held'],
    [9, 2, 'elsewhere'],
  ])('%i.%i where the first entry held is the fourth: %s', (epoch, seq, place) => {
    const { lineage, last } = log();
    expect(placeOf({ lineage, last, first: 4 }, { epoch, seq })).toBe(place);
  });

  it('in reigns that are forgotten cannot be known to be missing', () => {
    const { lineage, last } = log();
    expect(placeOf({ lineage: lineage.slice(1), last, first: 6 }, { epoch: 1, seq: 3 })).toBe('trimmed');
  });
});

it('a new name holds from where it was given', () => {
  const one = log();
  append(
    one,
    { kind: 'renamed', epoch: 2, seq: 11, time: 5000, id: 'bob', name: 'rob', vouch: bob.vouch },
    line('bob', 2, 12, { epoch: 2, text: 'it is me', time: 6000 }),
  );
  const names = [...linesOf(one, '')].filter(({ id }) => id === 'bob').map(({ name }) => name);
  expect(names).toEqual(['bob', 'rob']);
  expect([...transcript(one, 'text')].slice(-2)).toEqual([
    '1970-01-01T00:00:05Z * bob is called rob now\n',
    '1970-01-01T00:00:06Z rob: it is me\n',
  ]);
  expect(JSON.parse([...transcript(one, 'jsonl')].at(-2) as string)).toEqual({
    kind: 'renamed',
    epoch: 2,
    seq: 11,
    time: 5000,
    id: 'bob',
    name: 'rob',
    former: 'bob',
  });
});

it('what somebody does has a star in front; as JSON, and to be searched, it is as it was said', () => {
  const one = log();
  append(one, line('bob', 2, 11, { epoch: 2, text: '/me waves', time: 6000 }));
  expect([...transcript(one, 'text')].at(-1)).toBe('1970-01-01T00:00:06Z bob: * waves\n');
  expect(JSON.parse([...transcript(one, 'jsonl')].at(-1) as string)).toMatchObject({ kind: 'line', text: '/me waves' });
  expect(search(linesOf(one, ''), 'waves', 5).lines).toMatchObject([{ text: '/me waves' }]);
});

describe('the lines of a log', () => {
  it('have the names that the log gives', () => {
    expect([...linesOf(log(), 'bob')].map(({ name, text, own, apart }) => [name, text, own, apart])).toEqual([
      ['ann', 'Hello', false, false],
      ['bob', 'hi\u0007 ann\u2028!', true, false],
      ['ann', 'bye', false, true],
      ['?zoë', 'from afar', false, true],
      ['who', 'who am I?', false, false],
    ]);
  });

  it('can be had from behind a position', () => {
    const behind = (epoch: number, seq: number): string[] =>
      after(linesOf(log(), ''), { epoch, seq }).map(({ text }) => text);
    expect(behind(0, 0)).toHaveLength(5);
    expect(behind(1, 2)).toEqual(['hi\u0007 ann\u2028!', 'bye', 'from afar', 'who am I?']);
    expect(behind(1, 5)).toEqual(['bye', 'from afar', 'who am I?']);
    expect(behind(2, 8)).toEqual(['who am I?']);
    expect(behind(2, 10)).toEqual([]);
    // Of a reign that this log does not know: what a later one has.
    expect(behind(1, 9)).toEqual(['bye', 'from afar', 'who am I?']);
  });

  it('do not have the name of another for one of whom only others tell', () => {
    const one = log();
    append(one, line('xan', 1, 11, { epoch: 2, apart: true, by: { ...personOf(ann), key: cat.key, name: 'BOB' } }));
    expect([...linesOf(one, '')].at(-1)?.name).toBe(`?${cat.key.slice(0, 9)}`);
  });

  it('are taken from the end, or since a time', () => {
    const texts = (range: Parameters<typeof latest>[1]): string[] =>
      latest(linesOf(log(), ''), range).map(({ text }) => text);
    expect(texts({ count: 2 })).toEqual(['from afar', 'who am I?']);
    expect(texts({ count: 0 })).toEqual([]);
    expect(texts({ since: 2600 })).toEqual(['from afar', 'who am I?']);
    expect(texts({})).toHaveLength(5);
  });

  it('are found by what they say and by who says it, letter case aside', () => {
    const found = (words: string, count = 50): [string[], number] => {
      const { lines, more } = search(linesOf(log(), ''), words, count);
      return [lines.map(({ text }) => text), more];
    };
    expect(found('HELLO')).toEqual([['Hello'], 0]);
    expect(found('zoË')).toEqual([['from afar'], 0]);
    expect(found('a', 1)).toEqual([['who am I?'], 4]);
    expect(found('nothing')).toEqual([[], 0]);
  });
});

describe('a transcript', () => {
  it('is a line for each entry, for people', () => {
    expect([...transcript(log(), 'text')].join('')).toBe(
      [
        '1970-01-01T00:00:00Z * ann coordinates: ann',
        '1970-01-01T00:00:01Z ann: Hello',
        '1970-01-01T00:00:00Z * bob joined',
        '1970-01-01T00:00:02Z bob: hi  ann !',
        '1970-01-01T00:00:03Z * ann left and handed over',
        '1970-01-01T00:00:00Z * bob coordinates: bob',
        '1970-01-01T00:00:02Z ann (while apart): bye',
        '1970-01-01T00:00:02Z ?zoë (while apart): from afar',
        '1970-01-01T00:00:04Z who: who am I?',
        '1970-01-01T00:00:00Z * cat joined',
        '',
      ].join('\n'),
    );
  });

  it('and one for programs', () => {
    const records = [...transcript(log(), 'jsonl')].map((text) => JSON.parse(text) as Record<string, unknown>);
    expect(records[0]).toEqual({
      kind: 'coordinator',
      epoch: 1,
      seq: 1,
      time: 0,
      id: 'ann',
      name: 'ann',
      members: ['ann'],
    });
    const place = { epoch: 1, seq: 2, time: 1000 };
    expect(records[1]).toEqual({ kind: 'line', ...place, id: 'ann', n: 1, name: 'ann', apart: false, text: 'Hello' });
    expect(records[4]).toEqual({ kind: 'left', epoch: 1, seq: 5, time: 3000, id: 'ann', name: 'ann', why: 'handover' });
    expect(records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it('tells what acts have done, in words, and no key; as JSON it has none of them', () => {
    const cryptos = Object.fromEntries(
      ['ann', 'bob', 'eve'].map((name, seed) => [name, toyCrypto(seed, keyOf(name))] as const),
    );
    const who = (name: string, joined: number): Member => {
      const { key, box } = cryptos[name] as Crypto;
      const id = idOf(toyCrypto(99), key, box);
      return {
        id,
        name,
        addresses: [`${name}.lan:6000`],
        joined,
        key,
        box,
        vouch: vouchFor(cryptos[name] as Crypto, name),
      };
    };
    const [boss, ben, eve] = [who('ann', 1), who('bob', 2), who('eve', 3)];
    const room = roomOf(toyCrypto(99), boss.key, boss.box);
    const one = new Log(
      1000,
      1000,
      lawOf(toyCrypto(99), () => room),
    );
    const add = (entry: object): void => append(one, { epoch: 1, seq: one.last + 1, time: 0, ...entry } as Entry);
    let n = 0;
    const does = ({ id, name }: Member, text: string, where = room): void => {
      const crypto = cryptos[name] as Crypto;
      n++;
      const hash = hashOf(crypto, id, { base: '', lines: [{ n, time: n, what: 'act', text }] });
      const cover = { from: n, signature: crypto.sign(coverOf(where, id, n, n, hash)) };
      add({ kind: 'chat', author: id, n, time: n, apart: false, what: 'act', cover, text });
    };
    const secret = 'k'.repeat(42);
    add({ kind: 'peers', count: 3, members: [boss, ben, eve], lost: [] });
    does(ben, 'topic cats');
    does(ben, 'topic cats');
    does(eve, 'away lunch');
    does(eve, 'away lunch');
    does(eve, 'back');
    does(ben, 'away');
    does(boss, 'topic dogs', 'another room');
    does(eve, `kick ${ben.key}`);
    does(boss, `op ${ben.key}`);
    does(ben, `ban ${eve.key}`);
    add({ kind: 'left', id: eve.id, why: 'kicked' });
    does(boss, `unban ${eve.key}`);
    does(ben, `key ${secret}A`);
    does(boss, `deop ${ben.key}`);
    does(boss, `kick ${ben.key}`);
    add({ kind: 'left', id: ben.id, why: 'kicked' });
    expect([...transcript(one, 'text')].map((text) => text.slice('1970-01-01T00:00:00Z '.length, -1))).toEqual([
      '* ann coordinates: ann, bob, eve',
      '* bob changed the topic to: cats',
      '* eve is away: lunch',
      '* eve is back',
      '* bob is away',
      '* ann made bob an op',
      '* bob banned eve',
      '* eve was put out by bob',
      '* ann lifted the ban on eve',
      '* bob changed the key of this room',
      '* ann took the op from bob',
      '* bob was put out by ann',
    ]);
    const records = [...transcript(one, 'jsonl')];
    expect(records).toHaveLength(3);
    expect(records.join('')).not.toContain(secret);
  });

  it('is the same of a log that was given from a place on, from there', () => {
    const whole = log();
    const part = new Log(1000);
    part.restore(whole.snapshotAt(3) as NonNullable<ReturnType<Log['snapshotAt']>>);
    append(part, ...whole.entries(4));
    expect([...transcript(part, 'jsonl')]).toEqual([...transcript(whole, 'jsonl')].slice(3));
  });
});
