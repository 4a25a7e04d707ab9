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
  silentMax: 1000,
  handshakesMax: 1000,
  addressLinksMax: 1000,
  addressHandshakesPerS: 100,
  addressHandshakesBurst: 1000,
  handshakesPerS: 1000,
  handshakesBurst: 10_000,
};
const nobody = (): void => {};

/** How many may begin of so many that try, one after the other. Those who do leave at once, as a link or not. */
function through(
  gate: Gate,
  tries: number,
  now: number,
  host: string | ((at: number) => string),
  { links = true, known = false } = {},
): number {
  let inside = 0;
  for (let at = 0; at < tries; at++) {
    const visit = gate.enter(typeof host === 'string' ? host : host(at), known, now, nobody);
    if (visit === undefined) continue;
    if (visit.begins(now)) {
      inside++;
      if (links) visit.opened();
      else visit.guessed();
    }
    visit.left(now);
  }
  return inside;
}

function enter(gate: Gate, host: string, cut = nobody, known = false): Visit {
  const visit = gate.enter(host, known, 0, cut);
  if (visit === undefined) throw new Error(`${host} is not let in`);
  return visit;
}

function begin(gate: Gate, host: string, cut = nobody, known = false): Visit {
  const visit = enter(gate, host, cut, known);
  if (!visit.begins(0)) throw new Error(`${host} may not begin`);
  return visit;
}

/** Comes under a name, and says so when it is cut. */
function crowd(gate: Gate, known = false): { cut: string[]; come: (name: string, host?: string) => Visit } {
  const cut: string[] = [];
  return { cut, come: (name, host = name) => enter(gate, host, () => cut.push(name), known) };
}

describe('the gate', () => {
  it('lets an address begin a burst at once, and then so many a second', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 40 });
    expect(through(gate, 100, 0, 'a')).toBe(40);
    expect(through(gate, 100, 500, 'a')).toBe(40);
    expect(through(gate, 100, 600, 'a')).toBe(10);
    expect(through(gate, 100, 600, 'b')).toBe(40);
  });

  it('takes nothing of who only connects, however often', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 2, handshakesBurst: 2, handshakesReserved: 0 });
    for (let at = 0; at < 5000; at++) enter(gate, 'a').left(0);
    expect(through(gate, 5, 0, 'a')).toBe(2);
  });

  it('takes four for one that fails', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 40 });
    expect(through(gate, 100, 0, 'a', { links: false })).toBe(10);
    expect(through(gate, 1, 10, 'a', { links: false })).toBe(1); // the one that has come, and three on credit
    expect(through(gate, 100, 30, 'a')).toBe(0);
    expect(through(gate, 100, 50, 'a')).toBe(1);
  });

  it('takes four for one that never came to its handshake, and turns its address away when none is left', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 4 });
    const visit = enter(gate, 'a');
    visit.guessed();
    visit.left(0);
    visit.left(0);
    expect(gate.enter('a', false, 0, nobody)).toBeUndefined();
    expect(gate.enter('a', false, 10, nobody)).toBeDefined();
  });

  it('lets all together begin so many', () => {
    const gate = new Gate({ ...plenty, handshakesPerS: 400, handshakesBurst: 1200 });
    expect(through(gate, 5000, 0, (at) => `host${at}`)).toBe(1200);
    expect(through(gate, 5000, 1000, (at) => `host${at + 5000}`)).toBe(400);
  });

  it('keeps so many for those it knows, whoever else pushes', () => {
    const gate = new Gate({ ...plenty, handshakesPerS: 0, handshakesBurst: 1200, handshakesReserved: 1000 });
    expect(through(gate, 5000, 0, (at) => `host${at}`)).toBe(1200);
    expect(through(gate, 5000, 0, (at) => `member${at}`, { known: true })).toBe(1000);
  });

  it('serves one that comes now and then, however hard three hundred addresses push', () => {
    const gate = new Gate({ ...plenty, handshakesPerS: 400, handshakesBurst: 1200 });
    const served: number[] = [];
    for (let now = 0; now < 20_000; now += 10) {
      for (let at = 0; at < 60; at++) through(gate, 1, now, `pushes${(now * 6 + at) % 300}`);
      if (now % 1000 === 990) served.push(through(gate, 1, now, `newcomer`));
    }
    expect(served).toEqual(served.map(() => 1));
  });

  it('has no part of one network pay for another, but all of one IPv6 network', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 10 });
    expect(through(gate, 100, 0, (at) => `2001:db8:1:2::${at}`)).toBe(10);
    expect(through(gate, 100, 0, (at) => `2001:db8:1:${at}::1`)).toBe(99); // the third of them has begun ten
  });

  it('has a known address pay for itself, not for the rest of its network', () => {
    const gate = new Gate({ ...plenty, addressHandshakesBurst: 10 });
    expect(through(gate, 100, 0, '2001:db8:1:2::66')).toBe(10);
    expect(through(gate, 100, 0, '2001:db8:1:2::1', { known: true })).toBe(10);
  });

  it('bounds the links of one address, those that may become one included', () => {
    const gate = new Gate({ ...plenty, addressLinksMax: 2 });
    const first = begin(gate, 'a');
    first.opened();
    first.opened();
    begin(gate, 'a');
    expect(gate.enter('a', false, 0, nobody)).toBeUndefined();
    first.left(0);
    first.left(0);
    begin(gate, 'a');
    expect(gate.enter('a', false, 0, nobody)).toBeUndefined();
  });

  it('cuts the oldest that is silent when there are too many, and nobody who has begun', () => {
    const gate = new Gate({ ...plenty, silentMax: 2 });
    const { cut, come } = crowd(gate);
    const [begins, b] = [come('begins'), come('b')];
    begins.begins(0);
    come('c');
    expect(cut).toEqual([]);
    come('d');
    expect(cut).toEqual(['b']);
    expect(b.begins(0)).toBe(false); // too late
    begins.opened();
    come('e');
    expect(cut).toEqual(['b', 'c']);
  });

  it('cuts one of the address that has most of them: who is one makes no room for who is many', () => {
    const gate = new Gate({ ...plenty, silentMax: 4 });
    const { cut, come } = crowd(gate);
    come('newcomer');
    for (const name of ['a1', 'a2', 'a3', 'a4']) come(name, 'a');
    expect(cut).toEqual(['a1']);
    come('b1', 'b');
    come('b2', 'b');
    expect(cut).toEqual(['a1', 'a2', 'a3']);
  });

  it('cuts likewise those who begin and do not come to an end', () => {
    const gate = new Gate({ ...plenty, handshakesMax: 2 });
    const { cut, come } = crowd(gate);
    const [first, ...others] = [come('a1', 'a'), come('a2', 'a'), come('b')];
    first.begins(0);
    for (const visit of others) visit.begins(0);
    expect(cut).toEqual(['a1']);
    first.opened(); // too late
    first.left(0);
    come('c').begins(0);
    expect(cut).toEqual(['a1', 'a2']);
  });

  it('has strangers cut nobody it knows', () => {
    const gate = new Gate({ ...plenty, silentMax: 2, handshakesMax: 1 });
    const [members, strangers] = [crowd(gate, true), crowd(gate)];
    members.come('m1').begins(0);
    members.come('m2');
    for (const at of [1, 2, 3, 4]) strangers.come(`s${at}`).begins(0);
    for (const at of [1, 2, 3]) strangers.come(`t${at}`);
    expect(members.cut).toEqual([]);
    expect(strangers.cut).toEqual(['s1', 's2', 's3', 't1']);
  });

  it('does not count one as a link that was cut before', () => {
    const gate = new Gate({ ...plenty, handshakesMax: 1, addressLinksMax: 2 });
    const first = begin(gate, 'a');
    begin(gate, 'b');
    first.opened();
    first.left(0);
    begin(gate, 'a').opened();
    begin(gate, 'a');
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
