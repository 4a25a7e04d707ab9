import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { deadline, step } from '../../src/core/machine.ts';
import { clientSays } from '../../src/core/message.ts';
import type { Effect } from '../../src/core/step.ts';
import * as arbitrary from './arbitrary.ts';
import { authOf, closed, dialled, entry, events, founder, guest, host, said, Solo, somebody } from './solo.ts';
import { bytesOf, concat, line } from './table.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'];
const offer = (id: string, n: number, text: string): Uint8Array => encodeFrame(id, 'CHAT', `${n} 0 - - ${text}`);

/** A room of three: bob is on link 1, cat on link 2. */
function three(): Solo {
  const solo = founder();
  solo.admit(1, bob);
  solo.admit(2, cat, { name: 'cat' });
  solo.pass(0);
  return solo;
}

/** The alarm rings, but so much too late. */
function oversleep(solo: Solo, ms: number): Effect[] {
  solo.ms = Math.max(solo.ms, solo.state.due) + ms;
  return solo.feed({ kind: 'alarm' });
}

describe('a founder', () => {
  it('is in its room at once', () => {
    const solo = new Solo('ann');
    const effects = solo.feed({ kind: 'start', join: [] });
    const self = solo.member(1);
    expect(events(effects, 'entered')).toEqual([
      { kind: 'entered', room: expect.stringMatching(/^[0-9a-z]{10}$/), self, members: [self] },
    ]);
    expect(effects).toHaveLength(1);
    expect(solo.state.phase.kind).toBe('coordinating');
    expect(solo.state.log.position).toEqual({ epoch: 1, seq: 1 });
  });

  it('shows its own lines, acknowledged', () => {
    const solo = founder();
    expect(solo.feed({ kind: 'say', text: 'hello' })).toEqual([]);
    expect(solo.state.due).toBe(solo.ms); // writing is put off to an alarm that is due at once
    const effects = solo.pass(0);
    expect(events(effects, 'acknowledged')).toEqual([{ kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 2 } }]);
    expect(events(effects, 'line')).toMatchObject([
      { line: { name: 'ann', text: 'hello', own: true, history: false } },
    ]);
    expect(solo.state.delivery.pending).toBe(0);
  });
});

describe('a breach', () => {
  const junk = bytesOf('GET / HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n');

  it.each([
    ['a frame under another id', offer(cat, 1, 'hi'), 'sender', 'expected the sender bob0000000, got \\"cat0000000\\"'],
    ['a frame without an id', offer('', 1, 'hi'), 'sender', 'expected the sender bob0000000, got \\"\\"'],
    ['a header that is none', junk, 'header', 'a header field is not left-justified printable ASCII'],
    ['an unknown word', encodeFrame(bob, 'SYSTEM', 'hello:1'), 'word', 'unexpected \\"hello\\"'],
    ['a number that is none', encodeFrame(bob, 'SYSTEM', 'pong:x'), 'body', 'pong takes a whole number'],
  ])('of one who sends %s closes that link, and no other', (_, bytes, code, message) => {
    const solo = three();
    const effects = solo.hear(1, bytes);
    expect(closed(effects)).toEqual([1]);
    expect(said(effects, 1)).toEqual([`refused:{"code":"${code}","message":"${message}"}`]);
    expect(events(effects, 'warning')).toMatchObject([{ code }]);
    expect(said(effects, 2)).toEqual([]);
    solo.hear(2, offer(cat, 1, 'still here'));
    expect(said(solo.pass(0), 2)).toEqual(['1 4 1 0 - - still here']);
  });

  it('lets what stood before it count, and nothing behind it', () => {
    const solo = three();
    solo.hear(1, concat([offer(bob, 1, 'before'), encodeFrame(bob, 'SYSTEM', 'hello'), offer(bob, 2, 'behind')]));
    expect(solo.hear(1, offer(bob, 2, 'later'))).toEqual([]);
    expect([...solo.state.log.entries(4)]).toMatchObject([{ text: 'before' }]);
  });

  it('is not what stands behind a goodbye: that does not count either', () => {
    const solo = three();
    const effects = solo.hear(1, concat([clientSays.leave(bob), offer(bob, 1, 'behind'), junk]));
    expect(events(effects, 'warning')).toEqual([]);
    expect([...solo.state.log.entries(4)]).toMatchObject([{ kind: 'left', id: bob }]);
  });

  it('of a member makes it a suspect, who is called and may come back', () => {
    const solo = three();
    const effects = solo.hear(1, junk);
    expect(dialled(effects)).toEqual([['bob.lan:6000']]);
    const { room, log } = solo.state;
    const again = solo.admit(3, bob, { room, lineage: log.lineage, last: log.last });
    expect(said(again, 3).at(-1)).toContain('"keep":3');
    expect(solo.state.log.view.members).toHaveLength(3);
  });

  it('is told once a second at most, and how many there were', () => {
    const solo = founder();
    const breaches = (count: number): Effect[] => {
      const effects: Effect[] = [];
      for (let at = 0; at < count; at++) effects.push(...solo.accept(++link), ...solo.hear(link, junk));
      return effects;
    };
    let link = 0;
    expect(events(breaches(20), 'warning')).toEqual([
      { kind: 'warning', code: 'header', message: 'a header field is not left-justified printable ASCII' },
    ]);
    solo.pass(limits.warningMs - 1);
    expect(events(breaches(1), 'warning')).toEqual([]);
    solo.pass(1);
    expect(events(breaches(3), 'warning')).toMatchObject([{ message: expect.stringContaining('(21 in all') }]);
    expect(solo.state.links.size).toBe(0);
  });

  it('of the coordinator makes a member look for it again', () => {
    const solo = guest();
    const effects = solo.hear(-1, entry(line(host.id, 1, 9)));
    expect(closed(effects)).toEqual([-1]);
    expect(said(effects, -1)).toEqual([]); // only a server says what was wrong
    expect(events(effects, 'warning')).toMatchObject([{ code: 'order' }]);
    expect(dialled(effects)).toEqual([host.addresses]);
  });

  it('is nothing that a link which is gone can commit', () => {
    const solo = three();
    const inputs = [
      { kind: 'bytes', link: 9, bytes: junk },
      { kind: 'closed', link: 9 },
      { kind: 'full', link: 9 },
      { kind: 'drained', link: -9 },
      { kind: 'opened', link: -9, channel: '' },
      { kind: 'failed', link: -9, refused: true, message: '' },
    ] as const;
    for (const input of inputs) expect(solo.feed(input)).toEqual([]);
  });
});

describe('an alarm that rings late', () => {
  it('accuses no member', () => {
    const solo = three();
    const effects = oversleep(solo, 5000);
    expect(events(effects, 'slept')).toEqual([{ kind: 'slept', ms: 5000 }]);
    expect([closed(effects), dialled(effects), events(effects, 'left')]).toEqual([[], [], []]);
    expect(said(effects, 1)).toEqual(['ping']);
    // It counts from now on: who then keeps silent is silent.
    expect(closed(solo.pass(999))).toEqual([]);
    expect(closed(solo.pass(1000))).toEqual(expect.arrayContaining([1, 2]));
  });

  it('in time, it would have', () => {
    const effects = three().pass(1250);
    expect(closed(effects)).toEqual(expect.arrayContaining([1, 2]));
    expect(events(effects, 'slept')).toEqual([]);
  });

  it('accuses no coordinator', () => {
    const solo = guest();
    const effects = oversleep(solo, 5000);
    expect([closed(effects), dialled(effects), events(effects, 'looking')]).toEqual([[], [], []]);
    expect(events(effects, 'slept')).toEqual([{ kind: 'slept', ms: 5000 }]);
    expect(events(solo.pass(999), 'looking')).toEqual([]);
    expect(events(solo.pass(1), 'looking')).toMatchObject([{ why: 'silent' }]);
  });

  it('cuts no stranger who had no chance', () => {
    const solo = founder();
    solo.accept(1);
    expect(closed(oversleep(solo, 60_000))).toEqual([]);
    expect(closed(solo.pass(2000))).toEqual([]);
    expect(closed(solo.pass(2000))).toEqual([1]);
  });

  it('declares no survivor missing', () => {
    const solo = guest();
    const third = somebody(cat, 'cat', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: third }));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    expect(solo.state.phase.kind).toBe('regrouping');
    oversleep(solo, 5000);
    expect(solo.state.phase.kind).toBe('regrouping');
  });

  it('by a little, as in a busy loop, starts no count again', () => {
    const solo = guest();
    solo.pass(999);
    solo.ms += 251; // the silence of 1 s is noticed 250 ms late
    const effects = solo.feed({ kind: 'alarm' });
    expect(events(effects, 'slept')).toEqual([]);
    expect(events(effects, 'looking')).toHaveLength(1);
  });

  it('counts as sleep whatever it is that wakes the process', () => {
    const solo = three();
    solo.ms = solo.state.due + 5000;
    const effects = solo.hear(2, clientSays.pong(cat, 3));
    expect(events(effects, 'slept')).toHaveLength(1);
    expect(closed(solo.pass(0))).toEqual([]);
  });
});

describe('step', () => {
  it('refuses a clock that goes back: that is our own fault', () => {
    const solo = founder();
    expect(() => step(solo.state, { kind: 'alarm' }, { ms: solo.ms - 1, wall: 0 })).toThrow('broken invariant');
  });

  it('does not mind a time of day that jumps', () => {
    const { state, ms } = founder();
    step(state, { kind: 'say', text: 'late' }, { ms, wall: 2_000_000 });
    step(state, { kind: 'say', text: 'early' }, { ms, wall: 1_000_000 });
    const effects = step(state, { kind: 'alarm' }, { ms, wall: 1_000_000 });
    expect(events(effects, 'line').map(({ line: shown }) => shown.time)).toEqual([2_000_000, 1_000_000]);
  });

  it('asks for the alarm that deadline names', () => {
    const solo = three();
    for (let turn = 0; turn < 50; turn++) {
      expect(solo.state.due).toBe(deadline(solo.state));
      solo.ms = Math.max(solo.ms, solo.state.due);
      solo.feed({ kind: 'alarm' });
    }
  });

  it('does the same again with the same seed and the same inputs', () => {
    const run = (): unknown[] => {
      const solo = three();
      return [solo.id, solo.hear(1, offer(bob, 1, 'hi')), solo.feed({ kind: 'closed', link: 2 }), solo.pass(5000)];
    };
    expect(run()).toEqual(run());
  });
});

describe('whatever strangers and members say', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 50 }),
    fc
      .tuple(
        fc.constantFrom(bob, 'dan0000000', 'eve0000000', ''),
        fc.constantFrom('SYSTEM', 'CHAT'),
        fc.nat(9),
        fc.nat(9),
      )
      .chain(([id, type, a, b]) =>
        fc
          .constantFrom(
            'leave',
            `pong:${a}`,
            `${a} ${b} - - hi`,
            'connected',
            `auth:${JSON.stringify(authOf(id, { name: `n${a}` }))}`,
          )
          .map((body) => encodeFrame(id, type as 'CHAT', body)),
      ),
    arbitrary.entry.map((one) => {
      const frame = entry(one);
      return encodeFrame(bob, 'SYSTEM', concat([bytesOf('held:'), frame]));
    }),
    arbitrary.auth.map((auth) => clientSays.auth('dan0000000', { ...auth, room: null, coordinates: null })),
  );

  it('the room goes on: no exception, and one who keeps to the rules is served', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(1, 3, 4, 5), piece, fc.nat(300)), { maxLength: 30 }), (sayings) => {
        const solo = three();
        for (const link of [3, 4, 5]) solo.accept(link);
        let n = 0;
        for (const [link, bytes, ms] of sayings) {
          solo.hear(link, bytes);
          solo.hear(2, offer(cat, ++n, `line ${n}`));
          const echo = said(solo.pass(ms), 2).filter((body) => body.endsWith(` - - line ${n}`));
          expect(echo).toHaveLength(1);
        }
        expect(solo.state.log.view.members[0]?.name).toBe('ann');
      }),
      { numRuns: 150 },
    );
  });
});

describe('a survivor who is called in a regroup', () => {
  it.each([
    ['and refuses, is dead', { refused: true }, 'coordinating'],
    ['and hangs up before a byte, may come yet', { refused: false, hungUp: true }, 'regrouping'],
  ])('%s', (_, failure, phase) => {
    const solo = guest();
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: somebody(cat, 'cat', 3) }));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    expect(dialled(solo.pass(100))).toEqual([['cat.lan:6000']]);
    solo.feed({ kind: 'failed', link: -3, message: '', ...failure });
    expect(solo.state.phase.kind).toBe(phase);
    solo.pass(250);
    expect(solo.state.phase.kind).toBe('coordinating');
  });
});
