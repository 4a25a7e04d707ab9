import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoff, yields, type Part } from '../../src/core/election.ts';
import { limits } from '../../src/core/limits.ts';
import { Random } from '../../src/core/random.ts';

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

const part = (coordinator: string, size: number, joined: number): Part => ({ coordinator, size, joined });

describe('yields', () => {
  it.each([
    ['to the part with more of those who were together', part('ann', 1, 1), part('bob', 2, 2), true],
    ['not to one with fewer', part('bob', 2, 2), part('ann', 1, 1), false],
    ['to the one with the earliest-joined', part('bob', 2, 2), part('cat', 2, 1), true],
    ['not to one with a later one', part('cat', 2, 1), part('bob', 2, 2), false],
    ['to the lower id', part('eve', 1, 4), part('dan', 1, 4), true],
    ['not to the higher id', part('dan', 1, 4), part('eve', 1, 4), false],
  ])('%s', (_, mine, theirs, expected) => {
    expect(yields(mine, theirs)).toBe(expected);
    expect(yields(theirs, mine)).toBe(!expected);
  });

  const parts = (count: number): fc.Arbitrary<Part[]> =>
    fc
      .tuple(
        fc.shuffledSubarray(['ann', 'bob', 'cat', 'dan', 'eve'], { minLength: count, maxLength: count }),
        fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: count, maxLength: count }),
      )
      .map(([ids, drawn]) => ids.map((id, at) => part(id, ...(drawn[at] as [number, number]))));

  it('is said by exactly one of two', () => {
    fc.assert(fc.property(parts(2), ([a, b]) => yields(a as Part, b as Part) !== yields(b as Part, a as Part)));
  });

  it('goes in no circle, so of many parts one goes on', () => {
    fc.assert(
      fc.property(parts(3), (all) => {
        const [a, b, c] = all as [Part, Part, Part];
        return !yields(a, b) || !yields(b, c) || yields(a, c);
      }),
    );
  });
});
