import { describe, expect, it } from 'vitest';
import { Gate, networkOf, refill, type Visit } from '../../src/io/gate.ts';

describe('a bucket', () => {
  it.each([
    ['stays as it is', 5, 100, 100, 5],
    ['fills with time', 5, 100, 150, 10],
    ['holds no more than a burst', 5, 100, 100_000, 40],
    ['pays what it owes first', -5, 100, 200, 5],
    ['takes nothing from a clock that goes back', 5, 100, 0, 5],
  ])('%s', (_, tokens, at, now, expected) => {
    expect(refill({ tokens, at }, now, 100, 40)).toEqual({ tokens: expected, at: Math.max(at, now) });
  });
});

describe('the network of an address', () => {
  it.each([
    ['10.0.0.5', '10.0.0.5'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('%s is %s', (host, network) => {
    expect(networkOf(host)).toBe(network);
  });
});

/** Plenty of everything but what a test is about. */
const plenty = {
  handshakesMax: 1000,
  addressHandshakesMax: 1000,
  addressLinksMax: 1000,
  addressHandshakesPerS: 100,
  addressHandshakesBurst: 1000,
  handshakesPerS: 1000,
  handshakesBurst: 10_000,
};
const nobody = (): void => {};

/** How many get in of so many that try, one after the other. Those who get in leave at once, as a link or not. */
function through(
  gate: Gate,
  tries: number,
  now: number,
  host: string | ((at: number) => string),
  links = true,
): number {
  let inside = 0;
  for (let at = 0; at < tries; at++) {
    const visit = gate.enter(typeof host === 'string' ? host : host(at), now, nobody);
    if (visit === undefined) continue;
    inside++;
    if (links) visit.opened();
    else visit.guessed();
    visit.left(now);
  }
  return inside;
}

function enter(gate: Gate, host: string, cut = nobody): Visit {
  const visit = gate.enter(host, 0, cut);
  if (visit === undefined) throw new Error(`${host} is not let in`);
  return visit;
}

describe('the gate', () => {
  it('lets an address begin a burst at once, and then so many a second', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 40 });
    expect(through(gate, 100, 0, 'a')).toBe(40);
    expect(through(gate, 100, 500, 'a')).toBe(40);
    expect(through(gate, 100, 600, 'a')).toBe(10);
    expect(through(gate, 100, 600, 'b')).toBe(40);
  });

  it('takes four for one that fails', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 40 });
    expect(through(gate, 100, 0, 'a', false)).toBe(10);
    expect(through(gate, 1, 10, 'a', false)).toBe(1); // the one that has come, and three on credit
    expect(through(gate, 100, 30, 'a')).toBe(0);
    expect(through(gate, 100, 50, 'a')).toBe(1);
  });

  it('lets all together begin so many', () => {
    const gate = new Gate({ ...plenty, handshakesPerS: 400, handshakesBurst: 1200 });
    expect(through(gate, 5000, 0, (at) => `host${at}`)).toBe(1200);
    expect(through(gate, 5000, 1000, (at) => `host${at}`)).toBe(400);
  });

  it('has no part of one network pay for another, but all of one IPv6 network', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 10 });
    expect(through(gate, 100, 0, (at) => `2001:db8:1:2::${at}`)).toBe(10);
    expect(through(gate, 100, 0, (at) => `2001:db8:1:${at}::1`)).toBe(99); // the third of them has begun ten
  });

  it('bounds those of one address that are not through, and makes room when they are or have gone', () => {
    const gate = new Gate({ ...plenty, addressHandshakesMax: 2 });
    const [first, second] = [enter(gate, 'a'), enter(gate, 'a')];
    expect(gate.enter('a', 0, nobody)).toBeUndefined();
    enter(gate, 'b');
    first.opened();
    enter(gate, 'a');
    expect(gate.enter('a', 0, nobody)).toBeUndefined();
    second.left(0);
    second.left(0);
    enter(gate, 'a');
    expect(gate.enter('a', 0, nobody)).toBeUndefined();
  });

  it('bounds the links of one address, those that may become one included', () => {
    const gate = new Gate({ ...plenty, addressLinksMax: 2 });
    const first = enter(gate, 'a');
    first.opened();
    first.opened();
    enter(gate, 'a');
    expect(gate.enter('a', 0, nobody)).toBeUndefined();
    first.left(0);
    first.left(0);
    enter(gate, 'a');
    expect(gate.enter('a', 0, nobody)).toBeUndefined();
  });

  it('cuts the oldest that is silent when there are too many, and one that speaks only when all do', () => {
    const gate = new Gate({ ...plenty, handshakesMax: 3 });
    const cut: string[] = [];
    const come = (name: string): Visit => enter(gate, name, () => cut.push(name));
    const [speaks, , c] = [come('speaks'), come('b'), come('c')];
    speaks.spoke();
    const d = come('d');
    expect(cut).toEqual(['b']);
    c.opened();
    const e = come('e');
    expect(cut).toEqual(['b']);
    for (const visit of [d, e]) visit.spoke();
    come('f').spoke();
    expect(cut).toEqual(['b', 'speaks']);
    speaks.opened(); // too late
    expect(cut).toEqual(['b', 'speaks']);
  });

  it('does not count one as a link that was cut before', () => {
    const gate = new Gate({ ...plenty, handshakesMax: 1, addressLinksMax: 2 });
    const first = enter(gate, 'a');
    enter(gate, 'b');
    first.opened();
    first.left(0);
    enter(gate, 'a').opened();
    enter(gate, 'a');
  });

  it('forgets the address that was here longest ago when there are too many', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 2, bucketsMax: 2 });
    for (const host of ['a', 'b']) expect(through(gate, 5, 0, host)).toBe(2);
    expect(through(gate, 1, 10, 'a')).toBe(1);
    expect(through(gate, 5, 10, 'c')).toBe(2);
    expect(through(gate, 5, 10, 'a')).toBe(0); // still known
    expect(through(gate, 5, 10, 'b')).toBe(2); // known no more
  });
});
