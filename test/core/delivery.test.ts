import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverOf, extend, hashOf, type Range } from '../../src/core/cover.ts';
import { Delivery } from '../../src/core/delivery.ts';
import type { ChatEntry, Offer } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { parseClient } from '../../src/core/message.ts';
import { concat, framesIn, line } from './table.ts';
import { toyCrypto } from './toy.ts';

const self = 'me';
const room = 'aaaaaaaaaa';

/** What goes out, in short: `2` is one's own line 2, `bob 3` a held one. */
function taken(delivery: Delivery, bytesMax = Infinity): string[] {
  return framesIn(concat(delivery.take(bytesMax, room, 0))).map((frame) => {
    expect(frame.sender).toBe(self);
    const message = parseClient(frame);
    if (message.kind === 'offer') return String(message.offer.n);
    if (message.kind === 'held' && message.entry.kind === 'chat') return `${message.entry.author} ${message.entry.n}`;
    throw new Error(`unexpected ${message.kind}`);
  });
}

function saying(...texts: string[]): Delivery {
  const delivery = new Delivery(self, toyCrypto(1));
  for (const text of texts) delivery.say(text, 0);
  return delivery;
}

/** What the room has of an own line: what was said. */
const echo = (n: number, text: string): ReturnType<typeof line> => line(self, n, n + 10, { text });
const none: readonly Offer[] = [];

describe('an own line', () => {
  it('is numbered from 1', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    expect([delivery.say('a', 0).n, delivery.say('b', 0).n, delivery.say('c', 0).n]).toEqual([1, 2, 3]);
    expect(delivery.pending).toBe(3);
  });

  it('goes out once on a link', () => {
    const delivery = saying('a', 'b');
    expect(delivery.waiting).toBe(true);
    expect(taken(delivery)).toEqual(['1', '2']);
    expect(delivery.waiting).toBe(false);
    expect(taken(delivery)).toEqual([]);
    delivery.say('c', 0);
    expect(taken(delivery)).toEqual(['3']);
  });

  it('is kept until its echo comes', () => {
    const delivery = saying('a', 'b', 'c');
    taken(delivery);
    expect(delivery.apply(echo(1, 'a'))).toEqual({ show: true, acknowledged: true, again: none });
    expect(delivery.pending).toBe(2);
    expect(delivery.rewind()).toBe(2);
    expect(taken(delivery)).toEqual(['2', '3']);
    delivery.apply(echo(2, 'b'));
    delivery.apply(echo(3, 'c'));
    expect(delivery.pending).toBe(0);
    expect(delivery.rewind()).toBe(0);
    expect(taken(delivery)).toEqual([]);
  });

  it('goes out again on a new link under its number, before what was said since', () => {
    const delivery = saying('a', 'b');
    taken(delivery);
    delivery.say('c', 0);
    expect(delivery.rewind()).toBe(2); // the third had not gone out
    expect(taken(delivery)).toEqual(['1', '2', '3']);
  });

  it('goes out in parts of about the bytes asked for', () => {
    const delivery = saying('x'.repeat(1000), 'y'.repeat(1000), 'z'.repeat(1000));
    expect(taken(delivery, 1500)).toEqual(['1', '2']);
    expect(delivery.waiting).toBe(true);
    expect(taken(delivery, 1)).toEqual(['3']);
    expect(taken(delivery, 0)).toEqual([]);
  });

  it('is acknowledged by a snapshot that covers it', () => {
    const delivery = saying('a', 'b', 'c');
    expect(delivery.passed(2)).toEqual([]);
    expect(delivery.pending).toBe(1);
    expect(delivery.passed(3)).toEqual([]);
    expect(delivery.pending).toBe(0);
    expect(delivery.say('d', 0).n).toBe(4);
  });

  it.each([
    ['that was passed over', echo(2, 'b'), { show: true, acknowledged: true }, ['3 c', '4 a']],
    ['in whose place something else stands', echo(1, 'x'), { show: true, acknowledged: false }, ['2 b', '3 c', '4 a']],
    [
      'that is said to have been typed at another time',
      line(self, 1, 11, { text: 'a', time: 1 }),
      {},
      ['2 b', '3 c', '4 a'],
    ],
    ['that is said to be an act', line(self, 1, 11, { text: 'a', what: 'act' }), {}, ['2 b', '3 c', '4 a']],
    ['behind which somebody else went on', echo(9, 'x'), { acknowledged: false }, ['10 a', '11 b', '12 c']],
  ])('%s is said again, behind all the rest', (_, entry, what, expected) => {
    const delivery = saying('a', 'b', 'c');
    taken(delivery);
    expect(delivery.apply(entry)).toMatchObject(what);
    expect(delivery.unacknowledged.map(({ n, text }) => `${n} ${text}`)).toEqual(expected);
    const before = expected.length - (entry.text === 'b' ? 1 : entry.n === 9 ? 3 : 1);
    expect(taken(delivery)).toEqual(expected.slice(before).map((one) => one.split(' ')[0]));
    delivery.rewind();
    expect(taken(delivery)).toEqual(expected.map((one) => one.split(' ')[0]));
    expect(delivery.say('d', 0).n).toBe(delivery.said);
  });

  it('that a snapshot leaves behind is said again', () => {
    const delivery = saying('a', 'b');
    taken(delivery);
    expect(delivery.passed(7)).toMatchObject([
      { n: 8, text: 'a' },
      { n: 9, text: 'b' },
    ]);
    expect(taken(delivery)).toEqual(['8', '9']);
  });

  it('is signed anew from where it is said again', () => {
    const delivery = saying('a', 'b');
    taken(delivery, 1);
    delivery.apply(echo(1, 'x'));
    const [b, a] = framesIn(concat(delivery.take(Infinity, room, 1000))).map(parseClient);
    expect([b, a]).toMatchObject([{ offer: { n: 2 } }, { offer: { n: 3, text: 'a', cover: { from: 2 } } }]);
  });

  it('is acknowledged once', () => {
    const delivery = saying('a');
    delivery.apply(echo(1, 'a'));
    expect(delivery.apply(echo(1, 'a'))).toEqual({ show: false, acknowledged: false, again: none });
  });

  it('that is acknowledged before it went out does not go out', () => {
    const delivery = saying('a', 'b', 'c');
    delivery.passed(2);
    expect(taken(delivery)).toEqual(['3']);
  });
});

describe('a line of another', () => {
  it('is shown once, in the order of its numbers', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    const shows = [1, 2, 2, 1, 2, 4, 3, 4, 5].map((n) => delivery.apply(line('bob', n, n)).show);
    expect(shows).toEqual([true, true, false, false, false, true, false, false, true]);
  });

  it('has numbers of its own', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    const shown = [line('bob', 5, 1), line('cat', 1, 2), line('__proto__', 1, 3), line('bob', 4, 4)].map(
      (entry) => delivery.apply(entry).show,
    );
    expect(shown).toEqual([true, true, true, false]);
  });

  it('acknowledges nothing of ours', () => {
    const delivery = saying('a');
    expect(delivery.apply(line('bob', 9, 1))).toEqual({ show: true, acknowledged: false, again: none });
    expect(delivery.pending).toBe(1);
  });

  it('of any number of authors is remembered within a bound', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    for (let at = 0; at <= limits.authorsMax; at++) delivery.apply(line(`p${at}`, 5, at));
    expect(delivery.apply(line('p1', 5, 0)).show).toBe(false);
    expect(delivery.apply(line('p0', 5, 0)).show).toBe(true); // the first of all is forgotten
  });
});

describe('what a rebase cut off', () => {
  it('goes out before our own, in its order', () => {
    const delivery = saying('a');
    delivery.hold([line('bob', 3, 5), line('cat', 1, 6), line('bob', 4, 7)]);
    delivery.rewind();
    expect(taken(delivery)).toEqual(['bob 3', 'cat 1', 'bob 4', '1']);
  });

  it('goes out again until it stands in the room', () => {
    const delivery = saying('a');
    delivery.hold([line('bob', 3, 5), line('cat', 1, 6)]);
    taken(delivery);
    delivery.apply(line('cat', 1, 9));
    delivery.rewind();
    expect(taken(delivery)).toEqual(['bob 3', '1']);
    delivery.apply(line('bob', 3, 10));
    delivery.rewind();
    expect(taken(delivery)).toEqual(['1']);
  });

  it('stays when a line of another number or author comes', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    delivery.hold([line('bob', 3, 5)]);
    delivery.apply(line('bob', 2, 9));
    delivery.apply(line('cat', 3, 10));
    delivery.rewind();
    expect(taken(delivery)).toEqual(['bob 3']);
  });

  it('stands before what was held already: it is older', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    delivery.hold([line('bob', 7, 9)]);
    delivery.hold([line('bob', 5, 5), line('bob', 6, 6)]);
    delivery.rewind();
    expect(taken(delivery)).toEqual(['bob 5', 'bob 6', 'bob 7']);
  });

  it('is held within a bound: what was held stays, and of the rest the first', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    const numbered = (author: string, count: number): ChatEntry[] =>
      Array.from({ length: count }, (_, at) => line(author, at + 1, at + 1));
    expect(delivery.hold(numbered('bob', 9))).toBe(0);
    expect(delivery.hold(numbered('cat', limits.heldMax))).toBe(9);
    expect(delivery.hold(numbered('dan', 5))).toBe(5);
    // What is held already takes no more room when it comes again.
    expect(delivery.hold(numbered('bob', 10))).toBe(1);
    const { held } = delivery;
    expect(held).toHaveLength(limits.heldMax);
    expect(held.filter(({ author }) => author === 'bob')).toHaveLength(9);
    expect(held.at(-1)).toMatchObject({ author: 'cat', n: limits.heldMax - 9 });
  });

  it('is held within a bound, however few lines that is', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    const text = 'x'.repeat(limits.lineBytesMax);
    const fits = limits.heldCharsMax / text.length;
    const lines = Array.from({ length: fits + 3 }, (_, at) => line('bob', at + 1, at + 1, { text }));
    expect(delivery.hold(lines)).toBe(3);
    expect(delivery.held).toHaveLength(fits);
  });

  it('makes room for all that this person said', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    const lines = Array.from({ length: limits.heldMax + 1 }, (_, at) => line('bob', at + 1, at + 1));
    expect(delivery.hold(lines, false)).toBe(0);
    expect(delivery.held).toHaveLength(lines.length);
  });

  it('does not shift what has gone out when a part of it is done', () => {
    const delivery = new Delivery(self, toyCrypto(1));
    delivery.hold([line('bob', 1, 1), line('bob', 2, 2), line('bob', 3, 3)]);
    expect(taken(delivery, 1)).toEqual(['bob 1']);
    delivery.apply(line('bob', 1, 9));
    expect(taken(delivery)).toEqual(['bob 2', 'bob 3']);
  });
});

describe('takeAll', () => {
  it('gives a coordinator what has not gone out, once', () => {
    const delivery = saying('a', 'b');
    delivery.hold([line('bob', 1, 1)]);
    taken(delivery, 1); // bob's line
    const { held, own } = delivery.takeAll(room, 0);
    expect(held).toEqual([]);
    expect(own.map(({ offer }) => offer.n)).toEqual([1, 2]);
    expect(delivery.takeAll(room, 0)).toEqual({ held: [], own: [] });
    expect(delivery.rewind()).toBe(2);
    expect(delivery.takeAll(room, 0).held).toEqual([line('bob', 1, 1)]);
  });
});

describe('a signature', () => {
  const crypto = toyCrypto(1);

  /** What goes out at that time, as one offer each. */
  function sent(delivery: Delivery, ms: number, bytesMax = Infinity): Offer[] {
    return framesIn(concat(delivery.take(bytesMax, room, ms))).flatMap((frame) => {
      const message = parseClient(frame);
      return message.kind === 'offer' ? [message.offer] : [];
    });
  }
  /** In short: `3 from 1`, with `seal` or `act` behind the number. */
  const summary = (offers: readonly Offer[]): string[] =>
    offers.map(({ n, what, cover }) => [n, what, cover && `from ${cover.from}`].filter(Boolean).join(' '));
  const out = (delivery: Delivery, ms: number, bytesMax?: number): string[] => summary(sent(delivery, ms, bytesMax));

  /** Whether all that went out is covered, and truly. */
  function isTrue(offers: readonly Offer[]): boolean {
    let range: Range | undefined;
    let last = 0;
    return offers.every((offer) => {
      const step = extend(range, last, { kind: 'chat', epoch: 1, seq: 1, author: self, ...offer });
      ({ range } = step);
      last = offer.n;
      if (step.covered === undefined) return step.left.length === 0;
      const { from, n, signature, range: covered } = step.covered;
      return crypto.verify(crypto.key, coverOf(room, self, from, n, hashOf(crypto, self, covered)), signature);
    });
  }

  function counted(): { delivery: Delivery; signatures: () => number } {
    let count = 0;
    const sign = (bytes: Uint8Array): string => {
      count++;
      return crypto.sign(bytes);
    };
    return { delivery: new Delivery(self, { ...crypto, sign }), signatures: () => count };
  }

  function say(delivery: Delivery, count: number): void {
    for (let left = count; left > 0; left--) delivery.say('x', 0);
  }

  it('is on a line that is said now and then', () => {
    const delivery = saying('a');
    expect(out(delivery, 0)).toEqual(['1 from 1']);
    expect(delivery.sealAt).toBe(Infinity);
    say(delivery, 1);
    expect(out(delivery, limits.coverMs)).toEqual(['2 from 2']);
  });

  it('is on the last of those that go out together', () => {
    const delivery = saying('a', 'b', 'c');
    expect(out(delivery, 0)).toEqual(['1', '2', '3 from 1']);
  });

  it('is on the last of all when they go out in parts', () => {
    const delivery = saying('a', 'b', 'c');
    expect(out(delivery, 0, 1)).toEqual(['1']);
    expect(delivery.sealAt).toBe(Infinity); // more is on its way
    expect(out(delivery, 500, 1)).toEqual(['2']);
    expect(out(delivery, 500, 1)).toEqual(['3 from 1']);
  });

  it('comes 100 ms after the one before, in a burst, as a seal', () => {
    const delivery = saying('a');
    const all = sent(delivery, 1000);
    say(delivery, 2);
    all.push(...sent(delivery, 1001));
    say(delivery, 1);
    all.push(...sent(delivery, 1099));
    expect(summary(all)).toEqual(['1 from 1', '2', '3', '4']);
    expect(delivery.sealAt).toBe(1000 + limits.coverMs);
    delivery.seal(7);
    expect(delivery.sealAt).toBe(Infinity); // it only has to go out
    all.push(...sent(delivery, 1100));
    expect(summary(all).at(-1)).toBe('5 seal from 2');
    expect(isTrue(all)).toBe(true);
    delivery.seal(8);
    expect([delivery.waiting, delivery.sealAt]).toEqual([false, Infinity]);
  });

  it('is on a line that comes in time for it, and no seal is needed', () => {
    const delivery = saying('a');
    out(delivery, 1000);
    say(delivery, 1);
    expect(out(delivery, 1050)).toEqual(['2']);
    say(delivery, 1);
    expect(out(delivery, 1100)).toEqual(['3 from 2']);
    expect(delivery.sealAt).toBe(Infinity);
  });

  it('covers so many lines and no more', () => {
    const most = limits.coverLinesMax;
    const { delivery, signatures } = counted();
    say(delivery, 2 * most + 10);
    const all = sent(delivery, 0);
    const covers = summary(all).filter((one) => one.includes('from'));
    expect(covers).toEqual([`${most} from 1`, `${2 * most} from ${most + 1}`]);
    delivery.seal(0);
    all.push(...sent(delivery, limits.coverMs));
    expect(summary(all).at(-1)).toBe(`${2 * most + 11} seal from ${2 * most + 1}`);
    expect([isTrue(all), signatures()]).toEqual([true, 3]);
  });

  it('is made once: what is offered again is what it was, byte for byte', () => {
    const { delivery, signatures } = counted();
    say(delivery, 3);
    const first = delivery.take(Infinity, room, 0);
    say(delivery, 2);
    first.push(...delivery.take(Infinity, room, 10));
    delivery.seal(0);
    first.push(...delivery.take(Infinity, room, 100));
    expect(first).toHaveLength(6);
    for (const ms of [100, 5000]) {
      delivery.rewind();
      expect(delivery.take(Infinity, room, ms)).toEqual(first);
    }
    // The new coordinator is this peer itself.
    delivery.rewind();
    const own = delivery.takeAll(room, 9000).own.map(({ body }) => encodeFrame(self, 'CHAT', body));
    expect(own).toEqual(first);
    expect(signatures()).toBe(2);
  });

  it('goes on, after a failover, from what had gone out before it', () => {
    const delivery = saying('a');
    const first = sent(delivery, 0);
    say(delivery, 1);
    first.push(...sent(delivery, 10));
    delivery.rewind();
    say(delivery, 1);
    const again = sent(delivery, 200);
    expect(summary(again)).toEqual(['1 from 1', '2', '3 from 2']);
    expect(again.slice(0, 2)).toEqual(first);
    expect(isTrue(again)).toBe(true);
  });

  it('is an act’s alone', () => {
    const delivery = saying('a');
    const all = sent(delivery, 0);
    say(delivery, 1);
    all.push(...sent(delivery, 10));
    delivery.act('op', 0, room);
    say(delivery, 2);
    all.push(...sent(delivery, 20));
    expect(summary(all)).toEqual(['1 from 1', '2', '3 seal from 2', '4 act from 4', '5', '6']);
    delivery.act('op', 0, room);
    say(delivery, 1);
    delivery.act('op', 0, room);
    delivery.act('op', 0, room);
    all.push(...sent(delivery, 30));
    expect(summary(all).slice(6)).toEqual([
      '7 seal from 5',
      '8 act from 8',
      '9',
      '10 seal from 9',
      '11 act from 11',
      '12 act from 12',
    ]);
    expect(isTrue(all)).toBe(true);
  });

  it('that seals is no line: nobody waits for it, nor is it kept', () => {
    const delivery = saying('a');
    out(delivery, 0);
    say(delivery, 1);
    out(delivery, 10);
    delivery.seal(0);
    expect([delivery.pending, delivery.said, delivery.latest, delivery.settled]).toEqual([2, 3, 2, false]);
    expect(delivery.unacknowledged.map(({ n }) => n)).toEqual([1, 2]);
    out(delivery, 100);
    for (const { n, text, time } of delivery.unacknowledged) {
      expect(delivery.apply(line(self, n, n + 10, { text, time }))).toEqual({
        show: true,
        acknowledged: true,
        again: none,
      });
    }
    expect([delivery.pending, delivery.settled]).toEqual([0, false]);
    delivery.apply(line(self, 3, 13, { what: 'seal', text: '' }));
    expect([delivery.pending, delivery.settled]).toEqual([0, true]);
  });

  it('is true, whenever what goes out', () => {
    const event = fc.oneof(
      fc.constantFrom('say', 'say', 'act', 'rewind', 'wait'),
      fc.integer({ min: 1, max: 2000 }).map((bytes) => ({ bytes })),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const { delivery, signatures } = counted();
        const all = new Map<number, Offer>();
        let ms = 0;
        const take = (bytesMax: number): void => {
          for (const offer of sent(delivery, ms, bytesMax)) {
            if (all.has(offer.n)) expect(offer).toEqual(all.get(offer.n));
            all.set(offer.n, offer);
          }
        };
        for (const one of events) {
          if (ms >= delivery.sealAt) delivery.seal(ms);
          if (one === 'say') delivery.say(`line ${ms}`, ms);
          else if (one === 'act') delivery.act('op', ms, room);
          else if (one === 'rewind') delivery.rewind();
          else if (one === 'wait') ms += 60;
          else take(one.bytes);
        }
        take(Infinity);
        delivery.seal(ms);
        take(Infinity);
        const offers = [...all.values()].toSorted((a, b) => a.n - b.n);
        expect(isTrue(offers)).toBe(true);
        expect(offers.at(-1)?.cover === undefined).toBe(offers.length === 0);
        expect(signatures()).toBe(offers.filter(({ cover }) => cover !== undefined).length);
        for (const { n, what, cover } of offers) if (what === 'act') expect(cover?.from).toBe(n);
      }),
      { numRuns: 200 },
    );
  });
});

describe('whatever happens to the links', () => {
  it('every own line reaches the room once, in order', () => {
    const event = fc.constantFrom('say', 'send', 'sequence', 'echo', 'break');
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const delivery = new Delivery(self, toyCrypto(1));
        /** What the coordinator has taken, what is on its way to it, and how many echoes have come back. */
        const sequenced: number[] = [];
        let way: number[] = [];
        let echoed = 0;
        let said = 0;
        const world = {
          say: () => (said = delivery.say('x', 0).n),
          send: () => way.push(...taken(delivery, 1).map(Number)),
          sequence: () => {
            const n = way.shift();
            // As a coordinator does: a double is passed over, a gap would be a breach.
            expect((n ?? 0) <= sequenced.length + 1).toBe(true);
            if (n === sequenced.length + 1) sequenced.push(n);
          },
          echo: () => {
            if (echoed < sequenced.length) expect(delivery.apply(echo(++echoed, 'x')).show).toBe(true);
          },
          break: () => {
            way = [];
            delivery.rewind();
          },
        };
        for (const one of events) world[one]();
        world.break();
        for (let round = 0; round < said; round++) {
          world.send();
          world.sequence();
        }
        for (let round = 0; round < said; round++) {
          world.send();
          world.sequence();
          world.echo();
        }
        expect(sequenced).toEqual(Array.from({ length: said }, (_, at) => at + 1));
        expect(delivery.pending).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
