/** Each target with some inputs of its own, and the fuzzer itself: it must be able to find something. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean } from '../../src/face/screen.ts';
import { nameFault, nameKey } from '../../src/core/name.ts';
import { Random } from '../../src/core/random.ts';
import { roles } from './core.ts';
import { attempt, named, smallest, targetOf, targets, type Failure } from './fuzz.ts';
import { mutate } from './mutate.ts';
import { record } from './record.ts';
import { must, type Target } from './target.ts';

/** How many inputs of a target: what costs more has fewer. */
const inputs = (share: number): number => (share >= 50 ? 3000 : share * 30);

describe('from a seed', () => {
  it.each(targets.map(({ name, share }) => [name, share] as const))('%s holds', async (name, share) => {
    const failures: Failure[] = [];
    for (let seed = 1; seed <= inputs(share); seed++) {
      const { failure } = await attempt(named(name), seed);
      if (failure !== undefined) failures.push(failure);
    }
    expect(failures.map(({ seed, message }) => `${seed}: ${message}`)).toEqual([]);
  });

  it('comes one input, always the same', async () => {
    const [one, other] = [await attempt(named('server'), 77), await attempt(named('server'), 77)];
    expect(Buffer.from(one.input).equals(Buffer.from(other.input))).toBe(true);
    expect(Buffer.from((await attempt(named('server'), 78)).input).equals(Buffer.from(one.input))).toBe(false);
  });

  it('comes each target, in its share', () => {
    const total = targets.reduce((sum, { share }) => sum + share, 0);
    const counts = new Map<string, number>();
    for (let seed = 1; seed <= total; seed++) {
      const { name } = targetOf(seed);
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    for (const { name, share } of targets) expect(counts.get(name)).toBe(share);
  });
});

describe('the fuzzer', () => {
  it('knows every word, and begins in every role', () => {
    const words = new Set(
      record().frames.map((frame) => /^[a-z]+(?=:|$)/.exec(Buffer.from(frame.subarray(30)).toString('latin1'))?.[0]),
    );
    const all = [
      'auth',
      'challenge',
      'connected',
      'coordinator',
      'electing',
      'fetch',
      'held',
      'output',
      'peers',
      'ping',
      'pong',
      'refused',
      'said',
      'seen',
      'snapshot',
      'through',
      'welcome',
    ];
    expect(all.filter((word) => !words.has(word))).toEqual([]);
    expect(roles()).toEqual([
      ['coordinating', 'coordinating: member member'],
      ['joined', 'joined: coordinator'],
      ['seeking', 'seeking: target'],
      ['looking', 'seeking: target'],
      ['regrouping', 'regrouping: '],
      ['handing', 'handing: member member'],
      ['relaying', 'joined: coordinator relay relay'],
      ['calling', 'coordinating: call member'],
      ['carried', 'joined: coordinator probe'],
      ['leaving', 'farewell: coordinator'],
    ]);
  });

  it('finds what is wrong, and how little of an input it takes', async () => {
    const trap: Target = {
      name: 'trap',
      share: 1,
      make: (random) => mutate(random, Buffer.from('a record:{"number":5}'), Buffer.from('other')),
      check: (input) => must(!Buffer.from(input).includes('__proto__'), 'nobody says that'),
    };
    let found: Failure | undefined;
    let input: Uint8Array = new Uint8Array(0);
    for (let seed = 1; found === undefined && seed < 5000; seed++)
      ({ input, failure: found } = await attempt(trap, seed));
    expect(found?.message).toBe('fuzz: nobody says that');
    expect(Buffer.from(await smallest(trap, input, found?.message ?? '')).toString()).toBe('__proto__');
  });

  it('leaves what it spoils as it was', () => {
    const bytes = Buffer.from('as it was 123 {"a":1,"b":2}');
    for (let seed = 0; seed < 500; seed++) mutate(new Random(seed), bytes, bytes);
    expect(bytes.toString()).toBe('as it was 123 {"a":1,"b":2}');
  });
});

describe('for any text', () => {
  const text = fc.string({ unit: 'binary', maxLength: 60 });
  it('cleaning twice is cleaning once, and a key is its own key', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(clean(clean(one))).toBe(clean(one));
        expect(nameKey(nameKey(one))).toBe(nameKey(one));
        if (nameFault(one) === undefined) expect(clean(one)).toBe(one);
      }),
    );
  });
});
