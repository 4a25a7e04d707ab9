import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Crowd } from '../../src/io/crowd.ts';

/** One after the other of those who go. */
function rest(crowd: Crowd<string>): string[] {
  const gone: string[] = [];
  for (let one = crowd.shift(); one !== undefined; one = crowd.shift()) gone.push(one);
  return gone;
}

describe('a crowd', () => {
  it.each<[what: string, came: string, go: string]>([
    ['nobody', '', ''],
    ['the oldest, where each comes alone', 'a1 b1 c1', 'a1 b1 c1'],
    ['the oldest of those who are most', 'a1 b1 b2 c1 b3', 'b1 b2 a1 c1 b3'],
    ['those first who have been many for longest', 'a1 b1 b2 a2', 'b1 a1 b2 a2'],
  ])('lets go %s', (_, came, go) => {
    const crowd = new Crowd<string>();
    for (const one of came.split(' ').filter(Boolean)) crowd.add(one.charAt(0), one);
    expect(rest(crowd).join(' ')).toBe(go);
    expect(crowd.size).toBe(0);
  });

  it('counts as a list of them would, whoever comes and goes', () => {
    const move = fc.record({ comes: fc.boolean(), from: fc.constantFrom('a', 'b', 'c'), at: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(move, { maxLength: 60 }), (moves) => {
        const crowd = new Crowd<string>();
        let list: string[] = [];
        for (const { comes, from, at } of moves) {
          const one = `${from}${at}`;
          const here = list.includes(one);
          if (comes && !here) crowd.add(from, one);
          else if (!comes) expect(crowd.delete(from, one)).toBe(here);
          list = list.filter((other) => other !== one || comes);
          if (comes && !here) list.push(one);
        }
        const count = (from: string): number => list.filter((one) => one.startsWith(from)).length;
        expect(crowd.size).toBe(list.length);
        for (const from of ['a', 'b', 'c']) expect(crowd.count(from)).toBe(count(from));
        const gone = rest(crowd);
        expect(gone.toSorted()).toEqual(list.toSorted());
        if (gone[0] !== undefined) {
          expect(count(gone[0].charAt(0))).toBe(Math.max(...['a', 'b', 'c'].map(count)));
          expect(gone[0]).toBe(list.find((one) => one.startsWith(gone[0]?.charAt(0) ?? '')));
        }
      }),
    );
  });
});
