/** Whoever coordinates hands over, and stays. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { serverSays } from '../../src/core/message.ts';
import type { Entry } from '../../src/core/entry.ts';
import { closed, dialled, entry, events, founder, guest, host, raw, said, type Solo } from './solo.ts';
import { codeOf, member, append, reign } from './table.ts';
import { Log } from '../../src/core/log.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'];
const places = ({ state }: Solo): string[] => state.log.view.members.map(({ name, joined }) => `${name} ${joined}`);

/** Ann coordinates; bob is there over link 1, cat over link 2. */
function three(addresses: readonly string[] = ['bob.lan:6000']): Solo {
  const solo = founder();
  solo.admit(1, bob, { addresses });
  solo.admit(2, cat, { name: 'cat' });
  solo.pass(0);
  return solo;
}

describe('a handover', () => {
  it('gives the successor all there is, then sends everybody there, and goes along', () => {
    const solo = three();
    const effects = [...solo.feed({ kind: 'hand-over' }), ...solo.pass(0)];
    expect(events(effects, 'handed-over')).toMatchObject([{ member: { name: 'ann' }, coordinator: { name: 'bob' } }]);
    expect(places(solo)).toEqual(['bob 2', 'cat 3', 'ann 4']);
    const handed = `output:{"epoch":1,"seq":4,"time":${1_000_000 + solo.ms},"handed":"${solo.id}","joined":4}`;
    expect(said(effects, 1)).toEqual([handed, 'coordinator:bob.lan:6000']);
    expect(said(effects, 2)).toEqual([handed]);
    expect(closed(effects)).toEqual([]);
    // Bob hangs up, for he takes over now.
    const after = [...solo.feed({ kind: 'closed', link: 1 }), ...solo.pass(0)];
    expect(said(after, 2)).toEqual(['coordinator:bob.lan:6000']);
    expect(closed(after)).toEqual([2]);
    expect(dialled(after)).toEqual([['bob.lan:6000']]);
    expect(events(after, 'looking')).toMatchObject([{ why: 'handover', coordinator: { name: 'bob' } }]);
    expect(events(after, 'gone')).toEqual([]);
  });

  it('keeps what is said meanwhile, and takes nothing more', () => {
    const solo = three();
    solo.feed({ kind: 'hand-over' });
    solo.feed({ kind: 'say', text: 'mine' });
    solo.pass(0);
    expect(solo.state.log.last).toBe(4);
    expect(solo.state.delivery.pending).toBe(1);
  });

  it('does not wait for ever for one who does not take over', () => {
    const solo = three();
    solo.feed({ kind: 'hand-over' });
    expect(dialled(solo.pass(limits.handoverMs - 1))).toEqual([]);
    expect(dialled(solo.pass(1))).toEqual([['bob.lan:6000']]);
  });

  it('goes to whoever can be dialled', () => {
    const solo = three([]);
    solo.feed({ kind: 'hand-over' });
    expect(said(solo.pass(0), 2).at(-1)).toBe('coordinator:cat.lan:6000');
    expect(places(solo)).toEqual(['bob 2', 'cat 3', 'ann 4']);
  });

  it('is nothing for one who is alone, and for a member', () => {
    for (const solo of [founder(), guest()]) {
      const before = solo.state.log.last;
      solo.feed({ kind: 'hand-over' });
      solo.pass(0);
      expect(solo.state.log.last).toBe(before);
    }
  });

  it('is told to a member as one thing; it goes where it is sent', () => {
    const solo = guest();
    const handed: Entry = { kind: 'handed', epoch: 1, seq: 3, time: 0, id: host.id, joined: 3 };
    const effects = solo.hear(-1, entry(handed), serverSays.coordinator(['10.0.0.1:6000']));
    expect(events(effects, 'handed-over')).toMatchObject([{ member: { name: 'hal', joined: 3 }, history: false }]);
    expect([...events(effects, 'left'), ...events(effects, 'joined')]).toEqual([]);
    expect(places(solo)).toEqual(['ann 2', 'hal 3']);
    expect(solo.state.phase.kind).toBe('regrouping');
    expect(raw(effects, -1)).toBe('');
  });
});

it.each<[what: string, Partial<Extract<Entry, { kind: 'handed' }>>]>([
  ['one who does not coordinate', { id: 'bob' }],
  ['nobody', { id: 'eve' }],
  ['a place that is given', { joined: 2 }],
  ['a place beyond all bounds', { joined: 2 + limits.epochLeapMax + 1 }],
])('the log takes no handover of %s', (_, given) => {
  const log = new Log(100);
  append(log, reign(1, 1, [member('ann', 1), member('bob', 2)]));
  const handed = (more: object): Entry => {
    return { kind: 'handed', epoch: 1, seq: 2, time: 0, id: 'ann', joined: 3, ...more };
  };
  expect(codeOf(() => append(log, handed(given)))).toBe('order');
  expect(codeOf(() => append(log, handed({})))).toBe(undefined);
});

it('the log takes no handover to nobody', () => {
  const log = new Log(100);
  append(log, reign(1, 1, [member('ann', 1), member('bob', 2, [])]));
  expect(codeOf(() => append(log, { kind: 'handed', epoch: 1, seq: 2, time: 0, id: 'ann', joined: 3 }))).toBe('order');
});
