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

  const day = 86_400_000;
  /** As many as may be, who were all met at one time. */
  const crowd = (wall: number): Pins =>
    new Pins(Array.from({ length: limits.pinsMax }, (_, at) => pin(`name${at}`, `key${at}`, wall, wall)));

  it('keep a friend, however many come: of strangers, those who are too many are not kept', () => {
    const pins = new Pins();
    pins.meet('bob', K, 0);
    for (let at = 1; at < limits.pinsMax; at++) expect(pins.meet(`name${at}`, `key${at}`, at)).toEqual({ kind: 'new' });
    for (let at = 0; at < 50; at++) expect(pins.meet(`more${at}`, L, limits.pinsMax)).toEqual({ kind: 'unpinned' });
    expect(pins.entries()).toHaveLength(limits.pinsMax);
    expect(pins.meet('bob', M, limits.pinsMax)).toEqual({ kind: 'changed', former: K, since: 0 });
    expect(pins.of('more0')).toBeUndefined();
    // One who is known is known under a new name, too.
    expect(pins.meet('bobby', K, limits.pinsMax)).toEqual({ kind: 'renamed', former: 'bob' });
    expect(pins.of('bobby')).toBeUndefined();
    expect(pins.meet('bob', K, limits.pinsMax)).toEqual({ kind: 'known' });
  });

  it('make room by time: for one met on one day only, and not for a month since', () => {
    const pins = new Pins();
    pins.meet('bob', K, 0);
    pins.meet('bob', K, day);
    pins.accept('cid', L, 0);
    for (let at = 2; at < limits.pinsMax; at++) pins.meet(`name${at}`, `key${at}`, day + (at === 2 ? 0 : 1));
    expect(pins.meet('ann', M, day + limits.pinMs - 1)).toEqual({ kind: 'unpinned' });
    expect(pins.meet('ann', M, day + limits.pinMs)).toEqual({ kind: 'new' });
    expect(pins.meet('eve', M, day + limits.pinMs)).toEqual({ kind: 'renamed', former: 'ann' });
    expect([pins.of('name2'), pins.of('eve')]).toEqual([undefined, undefined]);
    for (let at = 0; at < limits.pinsMax; at++) pins.meet(`more${at}`, `other${at}`, day + limits.pinMs + 1);
    // All strangers have gone, and of those who came as many are kept as there is room for.
    expect(pins.of('name3')).toBeUndefined();
    expect([pins.of('bob')?.key, pins.of('cid')?.key, pins.of('ann')?.key]).toEqual([K, L, M]);
    expect([pins.of('more9996')?.key, pins.of('more9997')]).toEqual(['other9996', undefined]);
  });

  it('take whom the person here accepts, for the one that is known least', () => {
    const pins = crowd(10);
    pins.meet('name7', 'key7', 10 + day);
    pins.accept('ann', K, 10 + day);
    expect(pins.entries()).toHaveLength(limits.pinsMax);
    expect([pins.of('ann')?.key, pins.of('name7')?.key, pins.of('name0')?.key]).toEqual([K, 'key7', 'key0']);
    const friends = new Pins(
      crowd(10)
        .entries()
        .map((one, at) => ({ ...one, since: at, accepted: 20 })),
    );
    friends.accept('ann', K, 30);
    // Of those who were all accepted the one that is known for the shortest time makes room.
    expect(friends.entries()).toHaveLength(limits.pinsMax);
    expect([friends.of('ann')?.key, friends.of('name9998')?.key, friends.of('name9999')]).toEqual([
      K,
      'key9998',
      undefined,
    ]);
  });

  it('of two processes that are too many together: those known best, and then for longest, are kept', () => {
    const friends = [pin('old', K, 5, 5), pin('seen', L, 20, 20 + day), pin('ann', M, 40, 40, 40)];
    for (const both of [
      [...crowd(10).entries(), ...friends],
      [...friends, ...crowd(10).entries()],
    ]) {
      const pins = new Pins(both);
      expect(pins.entries()).toHaveLength(limits.pinsMax);
      expect(friends.map(({ name }) => pins.of(name)?.name)).toEqual(['old', 'seen', 'ann']);
    }
    const late = new Pins([...crowd(10).entries(), pin('late', K, 11, 11)]);
    expect([late.entries().length, late.of('late')]).toEqual([limits.pinsMax, undefined]);
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
