/** How much a member may say: who signs as one does is never slowed by its signatures, and who does nothing else is. */
import { describe, expect, it } from 'vitest';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import { encodeOffer, entryFrame, type ChatEntry } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays } from '../../src/core/message.ts';
import { fullQuota, isFlood, rateOf, spend } from '../../src/core/quota.ts';
import type { Effect } from '../../src/core/step.ts';
import { personOf } from '../../src/core/view.ts';
import { closed, founder, somebody, type Solo } from './solo.ts';
import { line } from './table.ts';
import { keyOf, toyCrypto } from './toy.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'] as const;
const rate = rateOf();

/** Says so much in each step of so many milliseconds, for ten seconds. @returns for how long it had to rest in all, ms */
function rests(stepMs: number, lines: number, bytes: number, covers: (step: number) => number): number {
  const quota = fullQuota(rate, 0);
  let rested = 0;
  for (let step = 1; step * stepMs <= 10_000; step++) {
    const now = step * stepMs;
    quota.covers -= covers(step);
    rested += Math.max(0, spend(quota, rate, lines, bytes, now) - now);
    expect(isFlood(quota, now)).toBe(false);
  }
  return rested;
}

describe('whoever signs as one does', () => {
  it.each([
    ['20,000 short lines a second', 200, 200 * 64],
    ['as many lines as there may be', limits.memberLinesPerS / 100, (limits.memberLinesPerS / 100) * 64],
    ['as much text as there may be', 11, limits.memberBytesPerS / 100],
  ])('says %s', (_, lines, bytes) => {
    const each = Math.max(lines / limits.coverLinesMax, bytes / limits.coverCharsMax);
    // Every 100 ms, and where a range is full: as a program does whose lines come in bursts of all lengths.
    expect(rests(10, lines, bytes, (step) => each + (step % 10 === 0 ? 1 : 0))).toBe(0);
  });
});

describe('whoever signs much more', () => {
  it('may do so for a while, then rests until it has done what it may', () => {
    const quota = fullQuota(rate, 0);
    quota.covers -= 2 * limits.memberCoversPerS;
    expect(spend(quota, rate, 1, 1, 0)).toBe(0);
    quota.covers -= limits.memberCoversPerS / 2;
    expect(spend(quota, rate, 1, 1, 0)).toBe(500);
    expect(spend(quota, rate, 1, 1, 500)).toBe(500);
  });

  it('is never let go for that: it may bring what many others have said', () => {
    const quota = fullQuota(rate, 0);
    for (let now = 0; now < 3 * limits.floodMs; now += 1000) {
      quota.covers -= 2 * limits.memberCoversPerS;
      spend(quota, rate, 1, 1, now);
      expect(isFlood(quota, now)).toBe(false);
    }
  });
});

describe('a signature that a member brings', () => {
  const count = 2 * limits.memberCoversPerS + 100;
  /** Each with a signature of its own. */
  const seals = (author: string, room: string): ChatEntry[] =>
    Array.from({ length: count }, (_, at) => {
      const crypto = toyCrypto(1, keyOf(author));
      const one = line(author, at + 2, at + 1, { what: 'seal', text: '' });
      const hash = hashOf(crypto, author, { base: '', lines: [one] });
      return { ...one, cover: { from: one.n, signature: crypto.sign(coverOf(room, author, one.n, one.n, hash)) } };
    });
  const offered = (lines: readonly ChatEntry[]): Uint8Array[] =>
    lines.map((one) => encodeFrame(one.author, 'CHAT', encodeOffer(one)));
  const held = (lines: readonly ChatEntry[]): Uint8Array[] =>
    lines.map((one) =>
      clientSays.held(bob, entryFrame({ ...one, apart: true, by: personOf(somebody(one.author, 'cat', 9)) })),
    );
  const paused = (effects: readonly Effect[]): boolean => effects.some(({ kind }) => kind === 'pause');
  function coordinator(): Solo {
    const solo = founder();
    solo.admit(1, bob);
    solo.pass(0);
    return solo;
  }

  it.each([
    ['as its own', (room: string) => offered(seals(bob, room))],
    ['as what it held of another', (room: string) => held(seals(cat, room))],
  ])('counts %s', (_, framesOf) => {
    const solo = coordinator();
    const frames = framesOf(solo.state.room as string);
    const few = solo.hear(1, ...frames.slice(0, 2 * limits.memberCoversPerS));
    const more = solo.hear(1, ...frames.slice(2 * limits.memberCoversPerS));
    expect([paused(few), paused(more), closed([...few, ...more])]).toEqual([false, true, []]);
    expect(solo.pass(1000)).toContainEqual({ kind: 'resume', link: 1 });
  });

  it('counts once', () => {
    const solo = coordinator();
    const few = seals(cat, solo.state.room as string).slice(0, limits.memberCoversPerS);
    // Gathered already, and then in the log.
    const first = [...solo.hear(1, ...held(few)), ...solo.hear(1, ...held(few)), ...solo.hear(1, ...held(few))];
    expect(solo.state.log.authors.has(cat)).toBe(false);
    // What follows a line that has not come waits for it.
    for (let at = 0; at < 6; at++) {
      solo.pass(limits.gatherMs / 5);
      solo.hear(1, clientSays.pong(bob, 0));
    }
    expect(solo.state.log.authors.get(cat)).toBe(few.length + 1);
    const then = [...solo.hear(1, ...held(few)), ...solo.hear(1, ...held(few)), ...solo.hear(1, ...held(few))];
    expect([paused(first), paused(then)]).toEqual([false, false]);
  });
});
