/** When enough was heard, and who founds a room of several who look at once. */
import { describe, expect, it } from 'vitest';
import type { Beacon, Crowd } from '../../src/core/beacon.ts';
import { limits } from '../../src/core/limits.ts';
import { Look, type Wanted } from '../../src/core/look.ts';

/** Heard last at `at`, ms. */
const crowd = (mark: string, own?: string, kind: Crowd['kind'] = 'open', at = 0): Crowd => {
  const sighting = { token: mark, kind, mark, host: '', port: 1, own, at, until: Infinity };
  return { kind, mark, own, sightings: [sighting] };
};
const heard = (mark: string, at: number): Crowd => crowd(mark, undefined, 'open', at);
const look = (wanted: Partial<Wanted> = {}): Look => new Look({ kind: 'open', kept: false, token: '5', ...wanted }, 0);
const seeker = (token: string, kind: Beacon['kind'] = 'open'): Beacon => ({
  kind,
  does: 'seeks',
  port: 0,
  nextMs: 0,
  token,
  mark: '',
});
const marks = (crowds: readonly Crowd[] | undefined): string[] | undefined => crowds?.map(({ mark }) => mark);

describe('a look', () => {
  it('is over at once when a room is heard that is known here, whatever else is', () => {
    expect(marks(look().verdict([crowd('a', 'r'), crowd('b')], 1))).toEqual(['a']);
    expect(marks(look({ kind: undefined }).verdict([crowd('a', 'r', 'private')], 1))).toEqual(['a']);
  });

  it('gives others a moment to be heard, too', () => {
    const one = look();
    expect(one.verdict([], 90)).toBeUndefined();
    expect(one.verdict([crowd('a')], 100)).toBeUndefined();
    expect(one.due).toBe(100 + limits.othersMs);
    expect(one.verdict([crowd('a')], one.due - 1)).toBeUndefined();
    expect(marks(one.verdict([crowd('a')], one.due))).toEqual(['a']);
  });

  it('asks again where two are heard: a room into which somebody has just come has another mark', () => {
    const one = look();
    expect(one.verdict([heard('a', 50)], 50)).toBeUndefined();
    expect(one.verdict([heard('a', 50), heard('b', 290)], 300)).toBeUndefined();
    expect(one.rounds).toBe(1);
    expect(one.due).toBe(300 + limits.othersMs);
    // The first has not heard yet that there is another one; and then it says so, too.
    expect(one.verdict([heard('a', 50), heard('b', 340)], 340)).toBeUndefined();
    expect(marks(one.verdict([heard('b', 350)], one.due))).toEqual(['b']);
  });

  it('knows that there are two when both are heard again, however late', () => {
    const one = look();
    expect(one.verdict([heard('a', 50), heard('b', 60)], 60)).toBeUndefined();
    expect(one.verdict([heard('a', 50), heard('b', 60)], one.due)).toBeUndefined();
    // What the other one has answered was lost.
    expect(one.verdict([heard('a', 350), heard('b', 60)], one.due)).toBeUndefined();
    expect(marks(one.verdict([heard('a', 640), heard('b', 700)], one.due))).toEqual(['a', 'b']);
  });

  it('takes for gone who is not heard however often it asks, unless nobody is', () => {
    const [one, deaf] = [look(), look()];
    for (const each of [one, deaf]) expect(each.verdict([heard('a', 50), heard('b', 60)], 60)).toBeUndefined();
    for (let time = 0; time < limits.looksAgain; time++) {
      expect(one.verdict([heard('a', one.due - 1), heard('b', 60)], one.due)).toBeUndefined();
      expect(deaf.verdict([heard('a', 50), heard('b', 60)], deaf.due)).toBeUndefined();
    }
    expect([one.rounds, deaf.rounds]).toEqual([limits.looksAgain, limits.looksAgain]);
    expect(marks(one.verdict([heard('a', one.due - 1), heard('b', 60)], one.due))).toEqual(['a']);
    expect(marks(deaf.verdict([heard('a', 50), heard('b', 60)], deaf.due))).toEqual(['a', 'b']);
  });

  it('asks on while people come into the room one after the other, and not for ever', () => {
    const one = look();
    let now = 0;
    let found: readonly Crowd[] | undefined;
    for (let come = 0; found === undefined; come++) {
      found = one.verdict([heard(`a${come}`, now), heard(`a${come + 1}`, now)], now);
      now = found === undefined ? one.due : now;
    }
    expect(now).toBeGreaterThanOrEqual(limits.lookMsMax);
    expect(now).toBeLessThan(limits.lookMsMax + limits.othersMs);
    expect(found).toHaveLength(2);
  });

  it('passes over rooms of another kind', () => {
    const one = look();
    const others = [crowd('p', undefined, 'private'), crowd('q', undefined, 'plain')];
    expect(one.verdict(others, limits.lookMs - 1)).toBeUndefined();
    expect(one.verdict(others, limits.lookMs)).toEqual([]);
    expect(marks(look({ kind: 'plain' }).verdict(others, limits.lookMs))).toBeUndefined();
  });

  it('enters no other room when it is for a known one alone', () => {
    const one = look({ kind: undefined });
    expect(one.verdict([crowd('a'), crowd('p', undefined, 'private')], limits.lookMs)).toEqual([]);
  });

  it('takes less time when a room is kept', () => {
    expect(look().due).toBe(limits.lookMs);
    expect(look({ kept: true }).due).toBe(limits.lookKeptMs);
    expect(limits.lookMs).toBeGreaterThan(limits.othersMs + limits.answerMsMax);
    expect(limits.lookKeptMs).toBeGreaterThan(limits.answerMsMax);
  });

  it('waits for the one with the lowest token, who founds the room, and not for ever', () => {
    const one = look();
    one.seeks(seeker('6'), false, 900);
    expect(one.due).toBe(limits.lookMs);
    one.seeks(seeker('4', 'plain'), false, 900);
    expect(one.due).toBe(limits.lookMs);
    one.seeks(seeker('4'), false, 900);
    expect(one.due).toBe(900 + 2 * limits.askMs);
    for (let at = 900; at < 10_000; at += limits.askMs) one.seeks(seeker('4'), false, at);
    expect(one.due).toBe(limits.lookMsMax);
    expect(one.verdict([], limits.lookMsMax)).toEqual([]);
    const secret = look({ kind: undefined });
    secret.seeks(seeker('4', 'private'), true, 900);
    expect(secret.due).toBe(900 + 2 * limits.askMs);
  });
});
