/** Where two logs part, and which of them is further. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commonSeq, compareExtents, type Extent, type Reign } from '../../src/core/extent.ts';

/** `1ann@1 2bob@6 3|9`: ann's reign from seq 1, bob's from 6; the first seq that is held is 3 (1 if none is said), the last 9. */
function extent(text: string): Extent {
  const [reigns = '', last] = text.split('|');
  const held = /(?:^| )(\d+)$/.exec(reigns)?.[1] ?? 1;
  const lineage = [...reigns.matchAll(/(\d+)([a-z]+)@(\d+)/g)].map(([, epoch, coordinator, first]): Reign => ({
    epoch: Number(epoch),
    coordinator: coordinator as string,
    first: Number(first),
  }));
  return { lineage, first: Number(held), last: Number(last) };
}

describe('commonSeq', () => {
  it.each([
    ['both are empty', '|0', '|0', 0],
    ['one is empty', '1ann@1 |9', '|0', 0],
    ['one room is another', '1ann@1 |9', '1bob@1 |9', 0],
    ['they are equal', '1ann@1 |9', '1ann@1 |9', 9],
    ['one is behind', '1ann@1 |9', '1ann@1 |4', 4],
    ['one is a reign behind', '1ann@1 2bob@6 |9', '1ann@1 |5', 5],
    ['one is a reign behind and further in that reign', '1ann@1 2bob@6 |9', '1ann@1 |8', 5],
    ['one is a reign behind and not as far', '1ann@1 2bob@6 |9', '1ann@1 |3', 3],
    ['both went on alone', '1ann@1 2bob@6 |9', '1ann@1 2cat@5 |20', 4],
    ['one coordinator took over at two places', '1ann@1 2bob@6 |9', '1ann@1 2bob@5 |9', 4],
    ['one coordinator took over twice', '1ann@1 2bob@6 |9', '1ann@1 3bob@6 |9', 5],
    ['they parted two reigns ago', '1ann@1 2bob@6 3bob@8 |9', '1ann@1 2cat@4 3cat@6 |9', 3],
    ['the older reigns are forgotten', '7bob@30 8cat@40 |45', '8cat@40 9dan@44 |50', 43],
    ['nothing is left in common', '7bob@30 |35', '9dan@44 |50', 0],
    ['one is trimmed, but not beyond the parting', '1ann@1 2bob@6 6|9', '1ann@1 2cat@6 |20', 5],
    ['one is trimmed beyond the parting', '1ann@1 2bob@6 7|9', '1ann@1 2cat@6 |20', 0],
    ['one is trimmed up to where the other ends', '1ann@1 10|20', '1ann@1 |9', 9],
    ['one is trimmed beyond the end of the other', '1ann@1 11|20', '1ann@1 |9', 0],
    ['one holds nothing, and is at the end', '1ann@1 10|9', '1ann@1 |9', 9],
  ])('%s', (_, mine, theirs, expected) => {
    expect(commonSeq(extent(mine), extent(theirs))).toBe(expected);
    expect(commonSeq(extent(theirs), extent(mine))).toBe(expected);
  });

  it('finds where two logs parted, wherever that was', () => {
    /** The reigns of a log in which the coordinators given take over after so many entries each. */
    const reignsFrom = (seq: number, epoch: number, names: string, steps: readonly number[]): Extent => {
      const lineage: Reign[] = [];
      let last = seq;
      for (const [at, step] of steps.entries()) {
        lineage.push({ epoch: epoch + at + 1, coordinator: names, first: last + 1 });
        last += step;
      }
      return { lineage, first: 1, last };
    };
    const steps = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(steps, share, share, steps, steps, (trunk, mine, theirs, own, other) => {
        const common = reignsFrom(0, 0, 'trunk', trunk);
        const branch = (part: number, names: string, more: readonly number[]): Extent & { parted: number } => {
          const parted = Math.round(part * common.last);
          const kept = common.lineage.filter(({ first }) => first <= parted);
          const rest = reignsFrom(parted, kept.length, names, more);
          return { lineage: [...kept, ...rest.lineage], first: 1, last: rest.last, parted };
        };
        const [a, b] = [branch(mine, 'mine', own), branch(theirs, 'theirs', other)];
        expect(commonSeq(a, b)).toBe(Math.min(a.parted, b.parted));
        expect(commonSeq(b, a)).toBe(Math.min(a.parted, b.parted));
      }),
      { numRuns: 500 },
    );
  });
});

describe('compareExtents', () => {
  it.each([
    ['two empty ones are equal', '|0', '|0', 0],
    ['something is further than nothing', '1ann@1 |1', '|0', 1],
    ['the longer one of a reign is further', '1ann@1 |9', '1ann@1 |8', 1],
    ['equal ones are equal', '1ann@1 2bob@4 |9', '1ann@1 2bob@4 |9', 0],
    ['a later reign is further than a longer log', '1ann@1 3bob@6 |7', '1ann@1 2cat@6 |90', 1],
    ['of two halves the one of the lower id counts', '1ann@1 2bob@6 |7', '1ann@1 2cat@6 |90', 1],
  ])('%s', (_, a, b, expected) => {
    const sign = (one: string, other: string): number => Math.sign(compareExtents(extent(one), extent(other)));
    expect(sign(a, b)).toBe(expected);
    expect(sign(b, a) + expected).toBe(0);
  });
});
