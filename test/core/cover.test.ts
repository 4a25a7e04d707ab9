/** Which lines a signature covers, and what of them one knows who was not there from the first. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverOf, extend, hashOf, type Line, type Range, type Step } from '../../src/core/cover.ts';
import type { ChatEntry, Cover } from '../../src/core/entry.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot, Log } from '../../src/core/log.ts';
import { parseServer, serverSays } from '../../src/core/message.ts';
import { ann, append, framesIn, line, reign } from './table.ts';
import { keyOf, toyCrypto } from './toy.ts';

const room = 'aaaaaaaaaa';
const crypto = toyCrypto(1, keyOf('ann'));
const signature = 's'.repeat(86);

/** Ann's line `n`, with a cover from that number on, if any. */
const said = (n: number, from?: number): ChatEntry =>
  line('ann', n, n, from === undefined ? {} : { cover: { from, signature } });

/** What becomes of ann's lines, one by one. */
function steps(entries: readonly ChatEntry[], before?: Range, last = (entries[0]?.n ?? 1) - 1): Step[] {
  let [range, highest] = [before, last];
  return entries.map((entry) => {
    const step = extend(range, highest, entry);
    range = step.range;
    highest = entry.n;
    return step;
  });
}

const numbers = (lines: readonly Line[] | undefined): number[] | undefined => lines?.map(({ n }) => n);
const upTo = (to: number, from = 1): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

/** The last step in short: what waits for a signature, what has one, and what will have none. */
function summary(entries: readonly ChatEntry[], before?: Range, last?: number): unknown {
  const step = steps(entries, before, last).at(-1);
  const { covered } = step ?? {};
  return {
    waits: numbers(step?.range?.lines),
    covers: covered === undefined ? undefined : [covered.from, covered.n, numbers(covered.range.lines)],
    left: numbers(step?.left),
  };
}

describe('a range', () => {
  it.each([
    ['a line alone', [said(1)], { waits: [1], covers: undefined, left: [] }],
    ['a line that is signed', [said(1, 1)], { waits: undefined, covers: [1, 1, [1]], left: [] }],
    ['a burst', [said(1), said(2), said(3)], { waits: [1, 2, 3], covers: undefined, left: [] }],
    ['the end of it', [said(1), said(2), said(3, 1)], { waits: undefined, covers: [1, 3, [1, 2, 3]], left: [] }],
    ['what comes after', [said(1), said(2, 1), said(3)], { waits: [3], covers: undefined, left: [] }],
    ['one that begins late', [said(7), said(8, 7)], { waits: undefined, covers: [7, 8, [7, 8]], left: [] }],
    ['a gap', [said(1), said(2), said(4)], { waits: [4], covers: undefined, left: [1, 2] }],
    ['a gap, and a cover', [said(1), said(3, 3)], { waits: undefined, covers: [3, 3, [3]], left: [1] }],
    ['a gap after what is covered', [said(1, 1), said(3, 3)], { waits: undefined, covers: [3, 3, [3]], left: [] }],
    [
      'a cover that begins later',
      [said(1), said(2), said(3, 2)],
      { waits: undefined, covers: [2, 3, [2, 3]], left: [1] },
    ],
    [
      'a cover of the last alone',
      [said(1), said(2), said(3, 3)],
      { waits: undefined, covers: [3, 3, [3]], left: [1, 2] },
    ],
    [
      'a cover that begins earlier',
      [said(1, 1), said(2), said(3, 1)],
      { waits: undefined, covers: undefined, left: [2, 3] },
    ],
    ['a cover over a gap', [said(1), said(3, 1)], { waits: undefined, covers: undefined, left: [1, 3] }],
    ['a cover from beyond', [said(1), said(2, 9)], { waits: undefined, covers: undefined, left: [1, 2] }],
  ])('%s', (_, entries, expected) => {
    expect(summary(entries)).toEqual(expected);
  });

  it('is so long and no longer', () => {
    const most = limits.coverLinesMax;
    const burst = upTo(most - 1).map((n) => said(n));
    expect(summary([...burst, said(most, 1)])).toMatchObject({ covers: [1, most, upTo(most)], left: [] });
    expect(summary([...burst, said(most), said(most + 1)])).toMatchObject({ waits: [most + 1], left: upTo(most) });
    expect(summary([...burst, said(most), said(most + 1, 1)])).toMatchObject({ covers: undefined });
  });

  it('goes on from a hash of what is not held', () => {
    const before: Range = { from: 5, base: 'h'.repeat(43), lines: [] };
    expect(summary([said(7)], before, 6)).toEqual({ waits: [7], covers: undefined, left: [] });
    expect(steps([said(7), said(8, 5)], before, 6).at(-1)?.covered?.range).toMatchObject({
      from: 5,
      base: before.base,
    });
    expect(summary([said(7), said(8, 8)], before, 6)).toEqual({ waits: undefined, covers: [8, 8, [8]], left: [7] });
    // It is known that it began there, but not what it was.
    expect(summary([said(7, 6)], before, 6)).toEqual({ waits: undefined, covers: undefined, left: [7] });
    expect(summary([said(8, 5)], before, 6)).toEqual({ waits: undefined, covers: undefined, left: [8] });
  });

  it('whatever comes: each line waits, is covered, or is left, and never two of it', () => {
    const drawn = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.option(fc.nat(5))), { maxLength: 40 });
    fc.assert(
      fc.property(drawn, (gaps) => {
        let n = 0;
        const entries = gaps.map(([gap, back]) => {
          n += gap === 3 ? 2 : 1;
          return said(n, back === null ? undefined : Math.max(1, n - back));
        });
        const all = steps(entries);
        const told = all.flatMap(({ left, covered }) => [...left, ...(covered?.range.lines ?? [])]);
        const waiting = all.at(-1)?.range?.lines ?? [];
        expect(numbers([...told, ...waiting])?.toSorted((a, b) => a - b)).toEqual(numbers(entries));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a hash', () => {
  const two: Line[] = [
    { n: 1, time: 5, what: undefined, text: 'one' },
    { n: 2, time: 6, what: undefined, text: 'two' },
  ];
  const whole = hashOf(crypto, 'ann', { base: '', lines: two });

  it('of a part goes on to that of the whole', () => {
    const base = hashOf(crypto, 'ann', { base: '', lines: two.slice(0, 1) });
    expect(hashOf(crypto, 'ann', { base, lines: two.slice(1) })).toBe(whole);
  });

  it.each<[string, string, readonly Partial<Line>[]]>([
    ['another author', 'bob', []],
    ['another number', 'ann', [{ n: 3 }]],
    ['another time', 'ann', [{ time: 7 }]],
    ['another text', 'ann', [{ text: 'One' }]],
    ['another kind', 'ann', [{ what: 'act' }]],
    ['another last line', 'ann', [{}, { text: 'Two' }]],
  ])('is another for %s', (_, author, changes) => {
    const lines = two.map((one, at) => ({ ...one, ...changes[at] }));
    expect(hashOf(crypto, author, { base: '', lines })).not.toBe(whole);
  });

  it('is another for another order, and for fewer lines', () => {
    expect(hashOf(crypto, 'ann', { base: '', lines: two.toReversed() })).not.toBe(whole);
    expect(hashOf(crypto, 'ann', { base: '', lines: two.slice(1) })).not.toBe(whole);
  });
});

describe('one who comes in the middle of a burst', () => {
  const count = 10;
  const lines = upTo(count).map((n) => line('ann', n, n + 1));
  const hash = hashOf(crypto, 'ann', { base: '', lines });
  const cover: Cover = { from: 1, signature: crypto.sign(coverOf(room, 'ann', 1, count, hash)) };
  const burst = lines.map((one) => (one.n === count ? { ...one, cover } : one));

  /** Whether the signature is good to one who was given a snapshot after that many lines, and then the rest. */
  function isGood(after: number, rest: readonly ChatEntry[]): boolean | undefined {
    const log = new Log(1000);
    append(log, reign(1, 1, [ann]), ...burst.slice(0, after));
    // As it travels: without the lines.
    const [frame] = framesIn(serverSays.snapshot(log.snapshotAt(after + 1) ?? emptySnapshot, crypto));
    const message = frame && parseServer(frame);
    if (message?.kind !== 'snapshot') throw new Error('expected a snapshot');
    const newcomer = new Log(1000);
    newcomer.restore(message.snapshot);
    let covered: Step['covered'];
    for (const entry of rest)
      covered = newcomer.append(entry, { sender: '', type: 'CHAT', body: new Uint8Array() })?.covered;
    if (covered === undefined) return undefined;
    const { from, n, range } = covered;
    return crypto.verify(crypto.key, coverOf(room, 'ann', from, n, hashOf(crypto, 'ann', range)), covered.signature);
  }

  it.each(upTo(count - 1, 0))('after %i lines, can check the rest', (after) => {
    expect(isGood(after, burst.slice(after))).toBe(true);
  });

  it.each(upTo(count - 1, 0))('after %i lines, is not deceived about the rest', (after) => {
    const forged = burst.slice(after).map((one, at) => (at === 0 ? { ...one, text: 'I am a fool' } : one));
    expect(isGood(after, forged)).toBe(false);
  });

  it('has nothing to wait for when all of it was covered', () => {
    const log = new Log(1000);
    append(log, reign(1, 1, [ann]), ...burst);
    expect(log.ranges.size).toBe(0);
    expect(log.snapshotAt(log.last)?.ranges.size).toBe(0);
    expect(log.snapshotAt(log.last - 1)?.ranges.get('ann')).toMatchObject({ from: 1, base: '' });
  });

  it('is not told of more than so many', () => {
    const log = new Log(1000);
    append(log, reign(1, 1, [ann]));
    for (let at = 0; at <= limits.rangesMax; at++) append(log, line(`p${at}`, 1, at + 2));
    expect(log.ranges.size).toBe(limits.rangesMax);
    expect(log.ranges.has('p0')).toBe(false);
  });

  it('is told of all who are here, whoever else leaves something open', () => {
    const log = new Log(1000);
    append(log, reign(1, 1, [ann]), line('ann', 1, 2));
    for (let at = 1; at <= 2 * limits.rangesMax; at++) append(log, line(`p${at}`, 1, at + 2));
    expect(log.ranges.size).toBe(limits.rangesMax);
    expect(log.ranges.has('ann')).toBe(true);
    expect(log.snapshotAt(log.last)?.ranges.has('ann')).toBe(true);
  });
});
