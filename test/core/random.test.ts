import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.ts';

const draw = (random: Random, count: number): number[] => Array.from({ length: count }, () => random.unit());

describe('Random', () => {
  it('gives the same sequence for the same seed', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { maxLength: 4 }), (seed) => {
        expect(draw(new Random(...seed), 20)).toEqual(draw(new Random(...seed), 20));
      }),
      { numRuns: 50 },
    );
  });

  it('gives this sequence: runs that were written down stay what they were', () => {
    const random = new Random(1, 2, 3);
    expect(Array.from({ length: 4 }, () => random.below(2 ** 32))).toMatchInlineSnapshot(`
      [
        1031952511,
        3067888662,
        2796584007,
        2878863555,
      ]
    `);
    expect(random.id()).toMatchInlineSnapshot(`"4dfxg96vrd"`);
  });

  it.each([0, 1, 2])('gives another sequence when word %i of the seed is another', (word) => {
    const seeds = Array.from({ length: 300 }, (_, at) => [9, 9, 9].map((one, place) => (place === word ? at : one)));
    const firsts = seeds.map((seed) => new Random(...seed).below(2 ** 32));
    expect(new Set(firsts).size).toBe(300);
  });

  it('counts the low 32 bits of a seed', () => {
    expect(new Random(2 ** 32 + 5).unit()).toBe(new Random(5).unit());
    expect(new Random(-1).unit()).toBe(new Random(2 ** 32 - 1).unit());
  });

  it('draws units evenly from [0, 1)', () => {
    const counts = new Uint32Array(16);
    const units = draw(new Random(7), 32_000);
    expect(units.every((unit) => unit >= 0 && unit < 1)).toBe(true);
    for (const unit of units) {
      counts[Math.floor(unit * 16)] = (counts[Math.floor(unit * 16)] ?? 0) + 1;
    }
    // 2000 expected in each, with a standard deviation of 43.
    for (const count of counts) expect(Math.abs(count - 2000)).toBeLessThan(200);
  });

  it('draws one number independently of the one before', () => {
    const units = draw(new Random(11), 20_000);
    const products = units.slice(1).map((unit, at) => (unit - 0.5) * ((units[at] as number) - 0.5));
    const mean = products.reduce((sum, product) => sum + product, 0) / products.length;
    expect(Math.abs(mean)).toBeLessThan(0.003); // five standard deviations
  });

  it('draws every integer below, and no other', () => {
    const random = new Random(3);
    const drawn = Array.from({ length: 600 }, () => random.below(6));
    expect(new Set(drawn)).toEqual(new Set([0, 1, 2, 3, 4, 5]));
    expect(random.below(1)).toBe(0);
  });

  it.each([
    [0, 0, 0],
    [1, 1000, 1000],
    [0.25, 200, 300],
  ])('has a chance of %d', (probability, least, most) => {
    const random = new Random(5);
    const hits = Array.from({ length: 1000 }, () => random.chance(probability)).filter(Boolean).length;
    expect(hits).toBeGreaterThanOrEqual(least);
    expect(hits).toBeLessThanOrEqual(most);
  });

  it('picks every item of a list', () => {
    const random = new Random(6);
    expect(new Set(Array.from({ length: 100 }, () => random.pick(['a', 'b', 'c'])))).toEqual(new Set(['a', 'b', 'c']));
  });

  it('makes ids of ten characters that cannot be mistaken for each other', () => {
    const random = new Random(8);
    const ids = Array.from({ length: 2000 }, () => random.id());
    for (const id of ids) expect(id).toMatch(/^[0-9a-hjkmnp-tv-z]{10}$/);
    expect(new Set(ids).size).toBe(2000);
    expect(new Set(ids.join('')).size).toBe(32);
  });
});
