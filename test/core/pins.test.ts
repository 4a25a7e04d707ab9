/** Whom a name is believed to be, against a plain account of it. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { nameKey } from '../../src/core/name.ts';
import { Pins, type Pin } from '../../src/core/pins.ts';

const [K, L, M] = ['K', 'L', 'M'].map((letter) => letter.repeat(limits.keyChars)) as [string, string, string];
const pin = (name: string, key: string, since: number, met: number, accepted?: number): Pin =>
  accepted === undefined ? { name, key, since, met } : { name, key, since, met, accepted };

describe('a meeting', () => {
  it('is new, known, renamed or changed', () => {
    const pins = new Pins();
    expect(pins.meet('ann', K, 10)).toEqual({ kind: 'new' });
    expect(pins.meet('Ann', K, 20)).toEqual({ kind: 'known' });
    expect(pins.meet('anna', K, 30)).toEqual({ kind: 'renamed', former: 'Ann' });
    expect(pins.meet('anna', K, 40)).toEqual({ kind: 'known' });
    // Her former name is hers still.
    expect(pins.meet('ANN', L, 50)).toEqual({ kind: 'changed', former: K, since: 10 });
    expect(pins.meet('bob', L, 60)).toEqual({ kind: 'new' });
    expect(pins.meet('anna', L, 70)).toEqual({ kind: 'changed', former: K, since: 30 });
    expect(pins.meet('ann', K, 80)).toEqual({ kind: 'known' });
    expect(pins.meet('annie', K, 90)).toEqual({ kind: 'renamed', former: 'ann' });
    expect(pins.entries()).toEqual([
      pin('anna', K, 30, 40),
      pin('bob', L, 60, 60),
      pin('ann', K, 10, 80),
      pin('annie', K, 90, 90),
    ]);
  });

  it('says changed each time, until that is accepted', () => {
    const pins = new Pins();
    pins.meet('ann', K, 10);
    const changed = { kind: 'changed', former: K, since: 10 };
    for (const wall of [20, 30, 40]) expect(pins.meet('ann', L, wall)).toEqual(changed);
    expect(new Pins(pins.entries()).meet('ann', L, 50)).toEqual(changed);
    pins.accept('ann', L, 60);
    expect(pins.meet('ann', L, 70)).toEqual({ kind: 'known' });
    expect(pins.meet('ann', K, 80)).toEqual({ kind: 'changed', former: L, since: 60 });
    // Whose only name it was is somebody new under another one.
    expect(pins.meet('kay', K, 90)).toEqual({ kind: 'new' });
  });

  it('tells an earlier name of one who has lost the latest', () => {
    const pins = new Pins();
    for (const [at, name] of ['a', 'b', 'c'].entries()) pins.meet(name, K, at);
    pins.accept('c', L, 10);
    expect(pins.meet('d', K, 11)).toEqual({ kind: 'renamed', former: 'b' });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])('takes %s for a name like any other', (name) => {
    const pins = new Pins();
    expect(pins.meet(name, K, 1)).toEqual({ kind: 'new' });
    expect(pins.meet(name, K, 2)).toEqual({ kind: 'known' });
    expect(pins.meet(name, L, 3)).toEqual({ kind: 'changed', former: K, since: 1 });
    expect(new Pins(JSON.parse(JSON.stringify(pins.entries()))).entries()).toEqual([pin(name, K, 1, 2)]);
    // eslint-disable-next-line no-prototype-builtins -- just that is asked
    expect(Object.prototype.hasOwnProperty('name')).toBe(false);
  });

  it('takes no harm from a clock that is set back', () => {
    const pins = new Pins();
    pins.meet('ann', K, 100);
    pins.meet('bob', L, 100);
    pins.meet('ann', K, 50);
    expect(pins.entries()).toEqual([pin('bob', L, 100, 100), pin('ann', K, 100, 100)]);
  });
});

describe('pins', () => {
  it('say whose a name is, since when, and when that was said', () => {
    const pins = new Pins();
    expect(pins.of('ann')).toBeUndefined();
    pins.meet('Ann', K, 10);
    pins.accept('ann', K, 20);
    expect(pins.of('ANN')).toEqual(pin('ann', K, 10, 20, 20));
    pins.accept('ann', L, 30);
    expect(pins.of('ann')).toEqual(pin('ann', L, 30, 30, 30));
  });

  it('keep what was accepted, however many come', () => {
    const pins = new Pins();
    pins.meet('bob', K, 0);
    pins.accept('ann', K, 1);
    for (let at = 0; at < limits.pinsMax; at++) pins.meet(`name${at}`, L, 2 + at);
    expect(pins.entries()).toHaveLength(limits.pinsMax);
    expect([pins.of('ann')?.key, pins.of('bob'), pins.of('name0')]).toEqual([K, undefined, undefined]);
    for (let at = 0; at < limits.pinsMax; at++) pins.accept(`name${at}`, L, 2 * limits.pinsMax + at);
    // Of those only the oldest can go.
    expect([pins.entries().length, pins.of('ann')]).toEqual([limits.pinsMax, undefined]);
  });

  it('are so many, and the one that was not met for longest goes', () => {
    const pins = new Pins();
    for (let at = 0; at < limits.pinsMax; at++) pins.meet(`name${at}`, `key${at}`, at);
    pins.meet('name0', 'key0', limits.pinsMax);
    expect(pins.meet('ann', K, limits.pinsMax)).toEqual({ kind: 'new' });
    expect(pins.entries()).toHaveLength(limits.pinsMax);
    expect(pins.meet('name0', 'another', limits.pinsMax).kind).toBe('changed');
    expect(pins.meet('name2', 'another', limits.pinsMax).kind).toBe('changed');
    expect(pins.meet('name1', 'another', limits.pinsMax)).toEqual({ kind: 'new' });
    expect(new Pins([...pins.entries(), ...new Pins([pin('old', K, 0, 0)]).entries()]).entries()).toHaveLength(
      limits.pinsMax,
    );
  });

  it.each([
    ['the same key: first and last seen', [pin('ann', K, 10, 30), pin('Ann', K, 5, 20)], pin('ann', K, 5, 30)],
    ['two keys: who was there first', [pin('ann', K, 10, 30), pin('ann', L, 20, 40)], pin('ann', K, 10, 30)],
    ['an accepted one', [pin('ann', K, 10, 30), pin('ann', L, 20, 20, 20)], pin('ann', L, 20, 20, 20)],
    ['accepted before', [pin('ann', L, 5, 30, 5), pin('ann', K, 10, 40)], pin('ann', L, 5, 30, 5)],
    ['both accepted: the later', [pin('ann', L, 5, 30, 5), pin('ann', K, 1, 20, 10)], pin('ann', K, 1, 20, 10)],
    ['one key, accepted once', [pin('ann', L, 5, 30), pin('ann', L, 10, 20, 10)], pin('ann', L, 5, 30, 10)],
    ['one key, accepted twice', [pin('ann', L, 5, 30, 7), pin('ann', L, 10, 20, 10)], pin('ann', L, 5, 30, 10)],
  ])('of two processes are joined: %s', (_, both, expected) => {
    expect(new Pins(both).entries()).toEqual([expected]);
    expect(new Pins(both.toReversed()).entries()).toEqual([expected]);
  });

  const name = fc.constantFrom('ann', 'ANN', 'bob', 'cid', '__proto__');
  const key = fc.constantFrom(K, L, M);
  const step = fc.record({ name, key, accept: fc.boolean() });

  it('say what a plain account of it says', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, restart) => {
        let pins = new Pins();
        const account: Pin[] = [];
        for (const [wall, one] of steps.entries()) {
          if (wall === restart) pins = new Pins(JSON.parse(JSON.stringify(pins.entries())));
          const at = account.findIndex((known) => nameKey(known.name) === nameKey(one.name));
          const known = account[at];
          if (one.accept) {
            pins.accept(one.name, one.key, wall);
            if (known !== undefined) account.splice(at, 1);
            account.push(pin(one.name, one.key, known?.key === one.key ? known.since : wall, wall, wall));
            continue;
          }
          const found = pins.meet(one.name, one.key, wall);
          if (known !== undefined && known.key !== one.key) {
            expect(found).toEqual({ kind: 'changed', former: known.key, since: known.since });
            continue;
          }
          const former = account.findLast((other) => other.key === one.key)?.name;
          if (known !== undefined) expect(found).toEqual({ kind: 'known' });
          else expect(found).toEqual(former === undefined ? { kind: 'new' } : { kind: 'renamed', former });
          if (known !== undefined) account.splice(at, 1);
          account.push(pin(one.name, one.key, known?.since ?? wall, wall, known?.accepted));
        }
        expect(pins.entries()).toEqual(account);
      }),
    );
  });
});
