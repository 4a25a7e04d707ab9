/** Numbers that should rise one by one: what is missing, what was moved, what comes twice. */
import { describe, expect, it } from 'vitest';
import { Runs, type Order } from '../../src/core/runs.ts';

function order(numbers: readonly number[], last?: number, first?: number): Order {
  const runs = new Runs();
  if (first !== undefined) runs.begin(first - 1);
  numbers.forEach((n, at) => runs.add(n, at + 1));
  return runs.end(last);
}

const brief = ({ gaps, moved, doubled }: Order): string[] => [
  ...gaps.map(({ from, to, after, before }) => `missing ${from}-${to} between ${after} and ${before}`),
  ...moved.map(({ from, to, place }) => `moved ${from}-${to} at ${place}`),
  ...doubled.map(({ from, to, place }) => `doubled ${from}-${to} at ${place}`),
];

describe('numbers', () => {
  it.each<[number[], string[]]>([
    [[], []],
    [[7, 8, 9], []],
    [[1, 2, 4, 5], ['missing 3-3 between 2 and 3']],
    [[1, 3, 2, 4], ['moved 2-2 at 3']],
    [[1, 2, 5, 3, 4, 6], ['moved 5-5 at 3']],
    [[1, 2, 3, 2, 4], ['doubled 2-2 at 4']],
    [[1, 2, 3, 2, 3, 4], ['doubled 2-3 at 4']],
    [[2, 3, 1, 4], ['moved 1-1 at 3']],
    [[1, 2, 9, 3, 4, 5], ['moved 9-9 at 3']],
  ])('%j', (numbers, told) => expect(brief(order(numbers))).toEqual(told));

  it('may have a beginning and an end that they are to have', () => {
    expect(brief(order([3, 4], 6, 1))).toEqual(['missing 1-2 between 0 and 1', 'missing 5-6 between 2 and Infinity']);
    expect(brief(order([1, 2], 2, 1))).toEqual([]);
    expect(brief(order([], 0, 1))).toEqual([]);
  });

  it('go on as if one that is another’s had never been there', () => {
    const runs = new Runs();
    [1, 2, 5, 3, 4].forEach((n, at) => runs.add(n, at + 1));
    runs.forget(5, 3);
    expect(brief(runs.end())).toEqual([]);
  });
});
