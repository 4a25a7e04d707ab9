import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Delivery } from '../../src/core/delivery.ts';
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

const echo = (n: number): ReturnType<typeof line> => line(self, n, n + 10);

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
    expect(delivery.apply(echo(1))).toEqual({ show: true, acknowledged: true });
    expect(delivery.pending).toBe(2);
    expect(delivery.rewind()).toBe(2);
    expect(taken(delivery)).toEqual(['2', '3']);
    delivery.apply(echo(2));
    delivery.apply(echo(3));
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

  it('is acknowledged by the echo of a later one, and by a snapshot that covers it', () => {
    const delivery = saying('a', 'b', 'c');
    expect(delivery.apply(echo(2))).toEqual({ show: true, acknowledged: true });
    expect(delivery.pending).toBe(1);
    expect(delivery.settle(2)).toBe(0);
    expect(delivery.settle(3)).toBe(1);
    expect(delivery.pending).toBe(0);
    expect(delivery.say('d', 0).n).toBe(4);
  });

  it('is acknowledged once', () => {
    const delivery = saying('a');
    delivery.apply(echo(1));
    expect(delivery.apply(echo(1))).toEqual({ show: false, acknowledged: false });
  });

  it('that is acknowledged before it went out does not go out', () => {
    const delivery = saying('a', 'b', 'c');
    delivery.settle(2);
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
    expect(delivery.apply(line('bob', 9, 1))).toEqual({ show: true, acknowledged: false });
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

describe('whatever happens to the links', () => {
  it('every own line reaches the room once, in order', () => {
    const event = fc.constantFrom('say', 'send', 'sequence', 'echo', 'break');
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        const delivery = new Delivery(self, toyCrypto(1));
        /** What the coordinator has taken, what is on its way to it, and how many echoes have come back. */
        const room: number[] = [];
        let way: number[] = [];
        let echoed = 0;
        let said = 0;
        const world = {
          say: () => (said = delivery.say('x', 0).n),
          send: () => way.push(...taken(delivery, 1).map(Number)),
          sequence: () => {
            const n = way.shift();
            // As a coordinator does: a double is passed over, a gap would be a breach.
            expect((n ?? 0) <= room.length + 1).toBe(true);
            if (n === room.length + 1) room.push(n);
          },
          echo: () => {
            if (echoed < room.length) expect(delivery.apply(echo(++echoed)).show).toBe(true);
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
        expect(room).toEqual(Array.from({ length: said }, (_, at) => at + 1));
        expect(delivery.pending).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
