import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, yields, type Part } from '../../src/core/election.ts';
import { limits } from '../../src/core/limits.ts';
import { Random } from '../../src/core/random.ts';
import { ann, bob, cat, member } from './table.ts';

describe('backoff', () => {
  it('lies in 0 to its range, which doubles with each attempt up to 5 s', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat(60), fc.constantFrom(0, 1, 50, 400, 5000), (seed, attempt, backoffMs) => {
        const wait = backoff(new Random(seed), attempt, backoffMs);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(backoffMs * 2 ** attempt, limits.backoffMsMax));
      }),
    );
  });

  it.each([
    [0, 50],
    [1, 100],
    [3, 400],
    [7, 5000],
    [100, 5000],
  ])('is spread over the whole range at attempt %i', (attempt, range) => {
    const random = new Random(1, 2, 3);
    const waits = Array.from({ length: 2000 }, () => backoff(random, attempt, 50));
    expect(Math.min(...waits)).toBeLessThan(range * 0.02);
    expect(Math.max(...waits)).toBeGreaterThan(range * 0.98);
    expect(waits.reduce((sum, wait) => sum + wait, 0) / waits.length / range).toBeCloseTo(0.5, 1);
  });

  it('is the same for the same seed, and another for another', () => {
    const waits = (seed: number): number[] => {
      const random = new Random(seed);
      return [0, 1, 2].map((attempt) => backoff(random, attempt, 50));
    };
    expect(waits(7)).toEqual(waits(7));
    expect(waits(7)).not.toEqual(waits(8));
  });

  it('is none when none is wanted', () => {
    expect(backoff(new Random(1), 9, 0)).toBe(0);
  });
});

const part = (coordinator: string, ...members: string[]): Part => ({ coordinator, members });

describe('yields', () => {
  const common = { epoch: 1, count: 3, members: [ann, bob, cat] };

  it.each([
    ['to the part with more of the last common view', part('ann', 'ann'), part('bob', 'bob', 'cat'), true],
    [
      'not to one that only has more newcomers',
      part('ann', 'ann', 'bob'),
      part('cat', 'cat', 'dan', 'eve', 'fay'),
      false,
    ],
    ['not to one that counts somebody twice', part('ann', 'ann', 'bob'), part('cat', 'cat', 'cat', 'cat'), false],
    ['to the one whose coordinator joined earlier', part('bob', 'bob'), part('ann', 'ann'), true],
    ['not to one whose coordinator joined later', part('bob', 'bob'), part('cat', 'cat'), false],
    ['to one with a coordinator of the common view', part('aaa', 'cat'), part('bob', 'bob'), true],
    ['to the lower id, when neither was in the common view', part('eve', 'eve'), part('dan', 'dan'), true],
    ['not to the higher id', part('dan', 'dan'), part('eve', 'eve'), false],
  ])('%s', (_, mine, theirs, expected) => {
    expect(yields(mine, theirs, common)).toBe(expected);
    expect(yields(theirs, mine, common)).toBe(!expected);
  });

  const ids = ['ann', 'bob', 'cat', 'dan', 'eve', 'fay'];
  const view = fc
    .shuffledSubarray(ids)
    .map((some) => ({ epoch: 1, count: 6, members: some.map((id, at) => member(id, at + 1)) }));
  const parts = (count: number): fc.Arbitrary<Part[]> =>
    fc
      .tuple(
        fc.shuffledSubarray(ids, { minLength: count, maxLength: count }),
        fc.array(fc.subarray(ids), { minLength: count, maxLength: count }),
      )
      .map(([coordinators, members]) => coordinators.map((id, at) => part(id, id, ...(members[at] ?? []))));

  it('is said by exactly one of two', () => {
    fc.assert(
      fc.property(parts(2), view, ([mine, theirs], shared) => {
        const [a, b] = [mine as Part, theirs as Part];
        expect(yields(a, b, shared)).toBe(!yields(b, a, shared));
      }),
      { numRuns: 1000 },
    );
  });

  it('goes in no circle, so of many parts one goes on', () => {
    fc.assert(
      fc.property(parts(3), view, (all, shared) => {
        const [a, b, c] = all as [Part, Part, Part];
        if (yields(a, b, shared) && yields(b, c, shared)) expect(yields(a, c, shared)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
