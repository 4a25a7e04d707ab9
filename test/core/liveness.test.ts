import { describe, expect, it } from 'vitest';
import { silentAt, sleptFor, verifyMs } from '../../src/core/liveness.ts';

describe('silentAt', () => {
  it.each([
    [0, 1000, 1000],
    [750.5, 1000, 1750.5],
    [5, 100, 105],
  ])('heard of at %d with %d ms of grace: %d', (heard, silenceMs, expected) => {
    expect(silentAt(heard, silenceMs)).toBe(expected);
  });
});

describe('sleptFor', () => {
  it.each([
    ['an early alarm', 1000, 900, 0],
    ['an alarm in time', 1000, 1000, 0],
    ['an alarm that is a little late', 1000, 1250, 0],
    ['an alarm that is late', 1000, 1251, 251],
    ['a night', 1000, 30_001_000, 30_000_000],
    ['no alarm at all', Infinity, 30_001_000, 0],
  ])('%s', (_, due, now, expected) => {
    expect(sleptFor(due, now, 1000)).toBe(expected);
  });

  it('depends on how much silence is allowed', () => {
    expect(sleptFor(0, 26, 100)).toBe(26);
    expect(sleptFor(0, 26, 104)).toBe(0);
  });
});

describe('verifyMs', () => {
  it.each([
    [100, 200],
    [1000, 200],
    [2000, 400],
    [10_000, 2000],
  ])('of a silence of %d ms is %d ms', (silenceMs, expected) => {
    expect(verifyMs(silenceMs)).toBe(expected);
  });
});
