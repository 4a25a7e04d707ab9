/** Who is out of reach, and when it is told. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import type { Effect, Event } from '../../src/core/step.ts';
import { entry, events, founder, greeting, guest, host, somebody, type Solo } from './solo.ts';
import { another } from './toy.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'] as const;

type Told = Extract<Event, { kind: 'unreachable' }>;
const names = (told: readonly Told[]): string[] =>
  told.map(({ members, alone }) => members.map(({ name }) => name).join() + (alone ? ' alone' : ''));

/** A link closes, and the one who was there does, or does not, answer a call. */
function gone(solo: Solo, link: number, dialled: number, refused: boolean): Told[] {
  solo.feed({ kind: 'closed', link });
  const effects = solo.feed({ kind: 'failed', link: dialled, refused, message: '' });
  return [...events(effects, 'unreachable'), ...events(solo.pass(900), 'unreachable')];
}

describe('who is out of reach', () => {
  it('is told together, a while after, and again when they are back', () => {
    const solo = founder();
    const here = new Map<number, string>();
    const enter = (link: number, id: string, name: string): void => {
      solo.admit(link, id, { name });
      here.set(link, id);
    };
    /** Time passes, and those who are here say that they live. */
    const pass = (ms: number): Told[] => {
      const told: Told[] = [];
      for (let left = ms; left > 0; left -= 200) {
        for (const [link, id] of here) solo.hear(link, clientSays.pong(id, 1));
        told.push(...events(solo.pass(200), 'unreachable'));
      }
      return told;
    };
    enter(1, bob, 'bob');
    enter(2, cat, 'cat');
    enter(3, 'dan0000000', 'dan');
    here.delete(1);
    solo.feed({ kind: 'closed', link: 1 });
    solo.feed({ kind: 'failed', link: -1, refused: false, message: '' });
    const began = solo.ms;
    expect(pass(limits.patience * 1000 - 400)).toEqual([]);
    const told = pass(400);
    expect(names(told)).toEqual(['bob']);
    expect(told[0]?.since).toBe(1_000_000 + began);
    enter(9, bob, 'bob');
    expect(names(pass(limits.patience * 1000 + 200))).toEqual(['']);
  });

  it('is not told to be back when nobody calls any more', () => {
    const solo = founder();
    solo.admit(1, bob, { name: 'bob' });
    solo.feed({ kind: 'closed', link: 1 });
    const told: Told[] = [];
    // A day, in steps that are no sleep.
    for (let left = limits.lostMs + 60_000; left > 0; left -= 500) told.push(...events(solo.pass(500), 'unreachable'));
    expect(solo.state.lost.size).toBe(0);
    expect(names(told)).toEqual(['bob alone']);
    // Of those who are lost later it is told as ever.
    solo.admit(7, cat, { name: 'cat' });
    solo.feed({ kind: 'closed', link: 7 });
    for (let left = 10_000; left > 0; left -= 500) told.push(...events(solo.pass(500), 'unreachable'));
    expect(names(told)).toEqual(['bob alone', 'cat alone']);
  });

  it('is nobody who cannot be dialled: nobody tries', () => {
    const solo = founder();
    solo.admit(1, bob, { addresses: [] });
    solo.feed({ kind: 'closed', link: 1 });
    expect(events(solo.pass(30_000), 'unreachable')).toEqual([]);
    expect([...solo.state.lost.keys()]).toEqual([bob]);
  });

  it('is nobody whose process has ended, unless one is alone', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    expect(names(gone(solo, 1, -1, true))).toEqual([]);
    solo.hear(2, clientSays.pong(cat, 1));
    expect(names(events(solo.pass(200), 'unreachable'))).toEqual([]);
    solo.feed({ kind: 'closed', link: 2 });
    const calls = solo.pass(0).flatMap((effect) => (effect.kind === 'dial' ? [effect.link] : []));
    solo.feed({ kind: 'failed', link: Math.min(...calls, -2), refused: true, message: '' });
    expect(names(events(solo.pass(3000), 'unreachable')).at(-1)).toMatch(/alone$/);
  });

  it('is nobody who went before this peer came, nor who said goodbye', () => {
    const solo = guest();
    const eve = somebody('eve0000000', 'eve', 3);
    const told = [
      ...solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: eve })),
      ...solo.hear(-1, entry({ kind: 'left', epoch: 1, seq: 4, time: 0, id: eve.id, why: 'left' })),
      ...solo.pass(900),
    ];
    expect(events(told, 'unreachable')).toEqual([]);
    expect(solo.state.lost.size).toBe(0);
    const lost = solo.hear(-1, entry({ kind: 'left', epoch: 1, seq: 5, time: 0, id: host.id, why: 'silent' }));
    expect(events(lost, 'unreachable')).toEqual([]);
    expect([...solo.state.lost.keys()]).toEqual([host.id]);
  });

  it('is not found again by somebody who says that he is at the same place', () => {
    const solo = guest();
    const eve = somebody('eve0000000', 'eve', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: eve }));
    solo.hear(-1, entry({ kind: 'left', epoch: 1, seq: 4, time: 0, id: eve.id, why: 'ended' }));
    expect(solo.state.lost.size).toBe(1);
    solo.hear(
      -1,
      entry({
        kind: 'joined',
        epoch: 1,
        seq: 5,
        time: 0,
        member: somebody('fay0000000', 'fay', 4, [...eve.addresses]),
      }),
    );
    expect([...solo.state.lost.keys()]).toEqual([eve.id]);
  });

  it('is found again in another process of that person, wherever it is', () => {
    const solo = guest();
    const eve = somebody('eve0000000', 'eve', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: eve }));
    solo.hear(-1, entry({ kind: 'left', epoch: 1, seq: 4, time: 0, id: eve.id, why: 'ended' }));
    const fay = somebody('fay0000000', 'fay', 4);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 5, time: 0, member: fay }));
    expect([...solo.state.lost.keys()]).toEqual([eve.id]);
    const back = { ...another(eve.id, 'eva'), name: 'eva', addresses: ['elsewhere:6000'], joined: 5 };
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 6, time: 0, member: back }));
    expect(solo.state.lost.size).toBe(0);
  });
});

describe('another room, where somebody was who is lost', () => {
  /** How often bob is called in so many ms, when each of his calls ends so. */
  function calls(ms: number, ends: (solo: Solo, link: number) => readonly Effect[]): number {
    const solo = founder();
    solo.admit(1, bob);
    let waiting = solo.feed({ kind: 'closed', link: 1 });
    let count = 0;
    const take = (effects: readonly Effect[]): void => {
      for (const effect of effects) {
        if (effect.kind !== 'dial') continue;
        count++;
        take(ends(solo, effect.link));
      }
    };
    for (const until = solo.ms + ms; solo.ms < until; waiting = solo.pass(100)) take(waiting);
    return count;
  }
  const hour = 3_600_000;

  it.each<[string, (solo: Solo, link: number) => readonly Effect[]]>([
    [
      'has another key',
      (solo, link) => solo.feed({ kind: 'failed', link, refused: true, message: '', otherKey: true }),
    ],
    [
      'says that it is another one',
      (solo, link) => {
        solo.feed({ kind: 'opened', link, channel: '' });
        const refused = serverSays.refused({ code: 'other-room', message: '', room: 'b'.repeat(10) });
        return [...solo.hear(link, greeting), ...solo.hear(link, refused)];
      },
    ],
  ])('is called ever more rarely when it %s', (_, ends) => {
    expect(calls(60_000, ends)).toBeLessThan(10);
    expect(calls(hour, ends)).toBeLessThan(20);
    // Every ten minutes: whoever listens there may be gone.
    expect(calls(2 * hour, ends) - calls(hour, ends)).toBe(6);
  });

  it('is no reason to call the lost less often where nobody listens', () => {
    const ends = (solo: Solo, link: number): Effect[] =>
      solo.feed({ kind: 'failed', link, refused: true, message: '' });
    expect(calls(60_000, ends)).toBeGreaterThan(100);
  });
});
