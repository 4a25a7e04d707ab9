/** Lines that are not their author's: whoever reads them is told, once, and nobody else is accused. */
import { describe, expect, it } from 'vitest';
import { watch } from '../../src/core/check.ts';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import { encodeOffer, type ChatEntry } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot } from '../../src/core/log.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import type { Effect, Event } from '../../src/core/step.ts';
import { personOf } from '../../src/core/view.ts';
import {
  closed,
  entry,
  events,
  founder,
  greeting,
  guest,
  host,
  room,
  said,
  snapshot,
  Solo,
  somebody,
  welcome,
} from './solo.ts';
import { line, reign } from './table.ts';
import { keyOf, toyCrypto } from './toy.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'] as const;

type Unsigned = Extract<Event, { kind: 'unsigned' }>;

/** What an author says from a number on; each has a place in the log when it is heard. */
function says(author: string, ...texts: readonly string[]): ChatEntry[] {
  return texts.map((text, at) => line(author, at + 1, 0, { text }));
}

/** The same with a signature on the last, over all; in another room, or by another, if that is asked for. */
function signed(lines: readonly ChatEntry[], { where = room, by = '' } = {}): ChatEntry[] {
  const [first, last] = [lines[0] as ChatEntry, lines.at(-1) as ChatEntry];
  const crypto = toyCrypto(1, keyOf(by === '' ? first.author : by));
  const hash = hashOf(crypto, first.author, { base: '', lines });
  const signature = crypto.sign(coverOf(where, first.author, first.n, last.n, hash));
  return [...lines.slice(0, -1), { ...last, cover: { from: first.n, signature } }];
}

const singly = (lines: readonly ChatEntry[]): ChatEntry[] => lines.flatMap((one) => signed([one]));

/** A member of a room in which hal coordinates, and bob and cat are. */
function member(): Solo {
  const solo = guest();
  solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: somebody(bob, 'bob', 3) }));
  solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 4, time: 0, member: somebody(cat, 'cat', 4) }));
  return solo;
}

/** Lines come, one after the other. */
function hear(solo: Solo, lines: readonly ChatEntry[]): Effect[] {
  return lines.flatMap((one) => solo.hear(-1, entry({ ...one, seq: solo.state.log.last + 1 })));
}

/** Time passes, in which the coordinator says that it is there. */
function live(solo: Solo, ms: number): Effect[] {
  const effects: Effect[] = [];
  for (let left = ms; left > 0; left -= 500) {
    effects.push(...solo.hear(-1, serverSays.ping()), ...solo.pass(Math.min(left, 500)));
  }
  return effects;
}

/** Who is told to have said what: `bob 1-3 (3) "three" forged`. */
const told = (effects: readonly Effect[]): string[] =>
  events(effects, 'unsigned').map(({ name, from, to, lines, text, why }: Unsigned) => {
    return `${name} ${from}-${to} (${lines}) "${text}" ${why}`;
  });

/** What is told of these lines, at once and in the minute that follows. */
const verdict = (lines: readonly ChatEntry[]): string[] => {
  const solo = member();
  const effects = [...hear(solo, lines), ...live(solo, 60_000)];
  expect(closed(effects)).toEqual([]);
  expect(events(effects, 'line')).toHaveLength(lines.filter(({ what }) => what === undefined).length);
  return told(effects);
};

const three = says(bob, 'one', 'two', 'three');
const change = (lines: readonly ChatEntry[], at: number, given: Partial<ChatEntry>): ChatEntry[] =>
  lines.map((one, index) => (index === at ? { ...one, ...given } : one));
const seal = (n: number): ChatEntry => line(bob, n, 0, { what: 'seal', text: '' });

describe('a line', () => {
  it.each([
    ['one by one', singly(three)],
    ['together', signed(three)],
    ['by a seal', signed([...three, seal(4)])],
    ['in two parts', [...signed(three.slice(0, 2)), ...signed(three.slice(2))]],
    ['after others of which this one knows nothing', signed(three.map((one) => ({ ...one, n: one.n + 40 })))],
    ['and said apart', signed(three).map((one) => ({ ...one, apart: true }))],
  ])('that its author has signed is nothing to tell: %s', (_, lines) => {
    expect(verdict(lines)).toEqual([]);
  });

  it.each([
    ['signed by another', signed(three, { by: cat }), ['bob 1-3 (3) "three" forged']],
    ['signed in another room', signed(three, { where: 'b'.repeat(10) }), ['bob 1-3 (3) "three" forged']],
    ['with an edited text', change(singly(three), 1, { text: 'TWO' }), ['bob 2-2 (1) "TWO" forged']],
    ['with an edited time', change(singly(three), 1, { time: 9 }), ['bob 2-2 (1) "two" forged']],
    ['edited within a burst', change(signed(three), 0, { text: 'ONE' }), ['bob 1-3 (3) "three" forged']],
    [
      'in another order than they were said',
      change(change(signed(three), 0, { text: 'two' }), 1, { text: 'one' }),
      ['bob 1-3 (3) "three" forged'],
    ],
    [
      'said by another',
      singly(three)
        .map((one) => ({ ...one, author: cat }))
        .slice(0, 1),
      ['cat 1-1 (1) "one" forged'],
    ],
    [
      'said again under another number',
      change(singly(three), 2, { ...singly(three)[1], n: 3 }),
      ['bob 3-3 (1) "two" missing'],
    ],
    [
      'said again with the number of another in its cover, too',
      [
        ...singly(three),
        {
          ...(singly(three)[1] as ChatEntry),
          n: 4,
          cover: { ...(singly(three)[1]?.cover as NonNullable<ChatEntry['cover']>), from: 4 },
        },
      ],
      ['bob 4-4 (1) "two" forged'],
    ],
    ['with one withheld from a burst', signed(three).filter(({ n }) => n !== 2), ['bob 1-3 (2) "three" missing']],
    ['with the first withheld from a burst', signed(three).slice(1), ['bob 2-3 (2) "three" missing']],
    [
      'with a signature that covers what nobody has',
      [...singly(three), line(bob, 4, 0, { text: 'four', cover: { from: 2, signature: 's'.repeat(86) } })],
      ['bob 4-4 (1) "four" missing'],
    ],
    [
      'sealed by another',
      [...three, ...signed([...three, seal(4)], { by: cat }).slice(3)],
      ['bob 1-3 (3) "three" forged'],
    ],
    ['never signed', three, ['bob 1-3 (3) "three" missing']],
    [
      'signed only from the second on',
      [...three.slice(0, 1), ...signed(three.slice(1))],
      ['bob 1-1 (1) "one" missing'],
    ],
    ['of somebody unknown', signed(says('zoe0000000', 'hi')), ['zoe0000000 1-1 (1) "hi" missing']],
    [
      'in the name of whoever reads it',
      signed(says('ann0000000', 'I am a fool'), { by: bob }),
      ['ann 1-1 (1) "I am a fool" forged'],
    ],
  ])('is told of once: %s', (_, lines, expected) => {
    expect(verdict(lines)).toEqual(expected);
  });

  it('is shown at once, and told of a moment later', () => {
    const solo = member();
    const shown = hear(solo, signed(three, { by: cat }));
    expect([events(shown, 'line').length, told(shown).length]).toEqual([3, 0]);
    expect(told(solo.pass(0))).toHaveLength(1);
  });

  it('that was said before this peer came is checked as well', () => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: ['10.0.0.7:6000'] });
    solo.hear(-1, greeting, welcome({ room, keep: 0, last: 3 }), snapshot(emptySnapshot), entry(reign(1, 1, [host])));
    const history = hear(solo, change(signed(says(host.id, 'one', 'two')), 0, { text: 'ONE' }));
    expect(told([...history, ...solo.pass(0)])).toEqual(['hal 1-2 (2) "two" forged']);
  });
});

describe('a line without a signature', () => {
  it('has the time that a burst takes', () => {
    const solo = member();
    expect(told([...hear(solo, three.slice(0, 1)), ...live(solo, limits.uncoveredMs - 1)])).toEqual([]);
    expect(told(solo.pass(1))).toEqual(['bob 1-1 (1) "one" missing']);
  });

  it('has it again when this process has slept: that accuses nobody', () => {
    const solo = member();
    hear(solo, three);
    live(solo, limits.uncoveredMs - 500);
    solo.ms += 3_600_000;
    const woken = solo.feed({ kind: 'alarm' });
    expect(events(woken, 'slept')).toHaveLength(1);
    expect(told([...woken, ...live(solo, 400)])).toEqual([]);
    // What waited in the socket is the signature.
    expect(told([...hear(solo, signed([...three, seal(4)]).slice(3)), ...live(solo, 60_000)])).toEqual([]);
  });

  it('is told of though this process has slept', () => {
    const solo = member();
    hear(solo, three);
    solo.ms += 3_600_000;
    solo.feed({ kind: 'alarm' });
    expect(told(live(solo, limits.uncoveredMs + 1000))).toEqual(['bob 1-3 (3) "three" missing']);
  });

  it('is told of by itself when others were told of before', () => {
    const solo = member();
    const first = [...hear(solo, three.slice(0, 2)), ...live(solo, 10_000)];
    const then = [...hear(solo, three.slice(2)), ...live(solo, 10_000)];
    expect([others(first), others(then)]).toEqual([['bob 1-2 (2) "two" missing'], ['bob 3-3 (1) "three" missing']]);
    expect(told([...hear(solo, [line(bob, 9, 0)]), ...live(solo, 10_000)])).toEqual([`bob 9-9 (1) "${bob} 9" missing`]);
  });

  it('is told of by 256 when there is no end of them', () => {
    const count = 2 * limits.coverLinesMax + 1;
    const solo = member();
    const endless = says(bob, ...Array.from({ length: count }, (_, at) => String(at + 1)));
    expect(told([...hear(solo, endless), ...live(solo, 60_000)])).toEqual([
      'bob 1-256 (256) "256" missing',
      'bob 257-512 (256) "512" missing',
      'bob 513-513 (1) "513" missing',
    ]);
  });

  it('that comes after others in time does not make them late', () => {
    const solo = member();
    for (let n = 1; n < 60; n += 2) {
      hear(solo, [line(bob, n, 0)]);
      expect(told(live(solo, 500))).toEqual([]);
      const [, end] = signed([line(bob, n, 0), { ...seal(n + 1) }]);
      expect(told(hear(solo, [end as ChatEntry]))).toEqual([]);
    }
  });

  it('is not late for another that is told of already', () => {
    const solo = member();
    hear(solo, three.slice(0, 1));
    live(solo, limits.uncoveredMs - 500);
    const late = three.slice(2);
    expect(told(hear(solo, late))).toEqual(['bob 1-1 (1) "one" missing']);
    expect(told(live(solo, 1000))).toEqual([]);
    expect(told([...hear(solo, signed([...late, seal(4)]).slice(1)), ...live(solo, 10_000)])).toEqual([]);
  });

  it('is one author’s, and no other’s', () => {
    const solo = member();
    const effects = [...hear(solo, [...three.slice(0, 1), ...singly(says(cat, 'hi'))]), ...live(solo, 10_000)];
    expect(told(effects)).toEqual(['bob 1-1 (1) "one" missing']);
  });
});

/** What a crowd of authors whom nobody knows leaves unsigned. */
const crowd = (count: number): ChatEntry[] =>
  Array.from({ length: count }, (_, at) => line(`z${at}`.padEnd(10, 'z'), 1, 0));
/** Of what is told that of one of them. */
const others = (effects: Effect[]): string[] => told(effects).filter((one) => !one.startsWith('z'));

describe('a line among those of a crowd', () => {
  const absent = 'dan0000000';

  it('is told of when there is no more room to wait for its signature', () => {
    const solo = member();
    const effects = hear(solo, [line(absent, 1, 0, { text: 'pay eve' }), ...crowd(2 * limits.rangesMax)]);
    expect(others([...effects, ...live(solo, 60_000)])).toEqual([`${absent} 1-1 (1) "pay eve" missing`]);
    expect(solo.state.uncovered.size).toBeLessThanOrEqual(limits.rangesMax);
  });

  it('is not told of again when there is no more room', () => {
    const solo = member();
    const first = [...hear(solo, [line(absent, 1, 0, { text: 'pay eve' })]), ...live(solo, 10_000)];
    const then = [...hear(solo, crowd(2 * limits.rangesMax)), ...live(solo, 60_000)];
    expect([others(first), others(then)]).toEqual([[`${absent} 1-1 (1) "pay eve" missing`], []]);
  });

  it('has the time that a burst takes when its author is here, and its signature counts', () => {
    const solo = member();
    const all = signed([...three, seal(4)]);
    const effects = hear(solo, all.slice(0, 2));
    for (let round = 0; round < 3; round++)
      effects.push(
        ...hear(
          solo,
          crowd(limits.rangesMax + 10).map((one) => ({ ...one, n: round + 1 })),
        ),
      );
    expect(others([...effects, ...hear(solo, all.slice(2)), ...live(solo, 60_000)])).toEqual([]);
  });

  it('is each told of', () => {
    const solo = member();
    const effects = [...hear(solo, crowd(limits.rangesMax + 10)), ...live(solo, 60_000)];
    expect(new Set(told(effects)).size).toBe(limits.rangesMax + 10);
    expect(told(effects)).toHaveLength(limits.rangesMax + 10);
  });

  it('that came in another part of the room has left nothing to wait for', () => {
    const solo = member();
    hear(solo, crowd(limits.rangesMax));
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting, welcome({ room, keep: 4, last: 4 }));
    const theirs = crowd(limits.rangesMax).map((one) => ({ ...one, author: `y${one.author.slice(1)}` }));
    const effects = theirs.flatMap((one) => solo.hear(-2, entry({ ...one, seq: solo.state.log.last + 1 })));
    expect([told(effects), solo.state.uncovered.size]).toEqual([[], limits.rangesMax]);
  });
});

describe('checking', () => {
  /** Counts what is verified. */
  function counting(solo: Solo): () => number {
    let count = 0;
    const { crypto } = solo.state;
    const verify: typeof crypto.verify = (...given) => {
      count++;
      return crypto.verify(...given);
    };
    Object.assign(solo.state, { crypto: { ...crypto, verify } });
    return () => {
      const before = count;
      count = 0;
      return before;
    };
  }

  it('takes so much of a turn and no more, and forgets nothing', () => {
    const solo = member();
    const spent = counting(solo);
    const count = 10 * limits.checksMax + 3;
    const lines = singly(says(bob, ...Array.from({ length: count }, (_, at) => String(at + 1))));
    hear(solo, change(change(lines, 0, { text: 'x' }), count - 1, { text: 'y' }));
    const turns: number[] = [];
    const effects: Effect[] = [];
    expect(spent()).toBe(0);
    while (solo.state.checks.length > 0) {
      expect(solo.state.due).toBe(solo.ms);
      effects.push(...solo.feed({ kind: 'alarm' }));
      turns.push(spent());
    }
    expect(turns).toEqual([...Array.from({ length: 10 }, () => limits.checksMax), 3]);
    expect(told(effects)).toEqual(['bob 1-1 (1) "x" forged', `bob ${count}-${count} (1) "y" forged`]);
    expect(solo.pass(0)).toEqual([]);
  });

  it('lets nothing by, however much comes in one turn', () => {
    const long = 'x'.repeat(limits.lineBytesMax - 2);
    const count = Math.ceil(limits.checksCharsMax / long.length) + 10;
    const solo = member();
    const lines = singly(says(bob, 'said', ...Array.from({ length: count }, () => long)));
    const effects = hear(solo, change(lines, 0, { text: 'never said' }));
    expect(told(effects)).toEqual(['bob 1-1 (1) "never said" forged']);
    expect(solo.state.checksChars).toBeLessThanOrEqual(limits.checksCharsMax);
    expect(told(solo.pass(0))).toEqual([]);
    expect([solo.state.checks.length, solo.state.checksChars]).toEqual([0, 0]);
  });

  it('lets nothing by, however many come in one turn', () => {
    const solo = member();
    const [one] = signed(says(bob, 'said'));
    const { cover, ...bare } = one as ChatEntry & { cover: NonNullable<ChatEntry['cover']> };
    const range = { from: 1, base: '', lines: [bare] };
    const covered = { author: bob, n: 1, ...cover, range };
    const forged = { ...covered, range: { ...range, lines: [{ ...bare, text: 'never said' }] } };
    for (let at = 0; at <= limits.checksWaitingMax; at++)
      watch(solo.state, bare, { range: undefined, covered: at === 0 ? forged : covered, left: [] });
    expect(told(solo.state.effects)).toEqual(['bob 1-1 (1) "never said" forged']);
    expect(solo.state.checks.length).toBeLessThanOrEqual(limits.checksWaitingMax);
  });

  it('costs nothing where nothing is shown', () => {
    const solo = member();
    const spent = counting(solo);
    hear(solo, signed([line(bob, 1, 0, { what: 'act', text: '-' })]));
    hear(
      solo,
      [2, 3, 4].flatMap((n) => signed([seal(n)], { by: cat })),
    );
    expect([told(solo.pass(0)), spent()]).toEqual([[], 0]);
  });

  it('goes by who somebody was when the line came', () => {
    const solo = member();
    const dan = somebody('dan0000000', 'dan', 5);
    const apart = signed(says(dan.id, 'hi')).map((one) => ({ ...one, apart: true, by: personOf(dan) }));
    hear(solo, apart);
    // So many others have come meanwhile that dan is forgotten.
    solo.state.people.delete(dan.id);
    expect(told(solo.pass(0))).toEqual([]);
  });

  const offer = (one: ChatEntry): Uint8Array => encodeFrame(one.author, 'CHAT', encodeOffer(one));

  it('is done by a coordinator at its door, and again as by everybody', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.pass(0);
    const spent = counting(solo);
    const lines = signed(three, { where: solo.state.room as string });
    expect(closed(solo.hear(1, ...lines.map(offer)))).toEqual([]);
    solo.feed({ kind: 'say', text: 'mine' });
    expect(told(solo.pass(200))).toEqual([]);
    expect(spent()).toBe(2);
  });

  it('lets no false signature into the room', () => {
    const solo = founder();
    solo.admit(1, bob);
    const effects = solo.hear(1, ...signed(three).map(offer));
    expect(said(effects, 1)[0]).toBe(
      'refused:{"code":"proof","message":"the signature on line 3 of bob0000000 is false"}',
    );
    expect(closed(effects)).toEqual([1]);
    expect(solo.state.log.authors.get(bob)).toBe(2);
  });

  it('leaves what a member does not sign to everybody, the coordinator too', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.hear(1, offer(three[0] as ChatEntry));
    const effects: Effect[] = [];
    for (let at = 0; at < 30; at++) effects.push(...solo.hear(1, clientSays.pong(bob, 0)), ...solo.pass(250));
    expect(told(effects)).toEqual(['bob 1-1 (1) "one" missing']);
    expect(closed(effects)).toEqual([]);
  });
});
