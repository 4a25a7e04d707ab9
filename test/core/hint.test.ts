/** What a peer does when it is told where somebody of its room may be: by a beacon, or by the person here. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { deadline } from '../../src/core/machine.ts';
import { serverSays } from '../../src/core/message.ts';
import { placesOf } from '../../src/core/places.ts';
import { dialled, events, founder, greeting, guest, Solo } from './solo.ts';

const there = ['10.0.0.9:6000'];
const heard = (solo: Solo, addresses: readonly string[] = there) => solo.feed({ kind: 'hint', addresses });
const added = (solo: Solo, addresses: readonly string[] = there) => solo.feed({ kind: 'hint', addresses, added: true });

/** The links that were dialled and are there. */
const calls = (solo: Solo): number[] => [...solo.state.links.keys()].filter((link) => link < 0);

describe('a beacon', () => {
  it('is answered by a call of whoever coordinates, one at a time for each address', () => {
    const solo = founder();
    expect(dialled(heard(solo))).toEqual([there]);
    expect(dialled(heard(solo))).toEqual([]);
    solo.feed({ kind: 'failed', link: calls(solo)[0] as number, refused: true, message: '' });
    // It is forgotten: the next beacon is soon enough.
    expect(dialled(solo.pass(60_000))).toEqual([]);
    expect(dialled(heard(solo))).toEqual([there]);
  });

  it('leads to its own address never, and to few at once', () => {
    const solo = founder();
    expect(dialled(heard(solo, ['10.0.0.1:6000']))).toEqual([]);
    for (let at = 0; at < 100; at++) heard(solo, [`10.0.1.${at}:6000`]);
    expect(calls(solo)).toHaveLength(limits.hintsMax);
    // Silence makes room for others.
    solo.pass(10_000);
    expect(dialled(heard(solo))).toEqual([there]);
  });

  it('is followed to who coordinates there, and that one is asked to become one with us', () => {
    const solo = founder();
    heard(solo);
    const effects = solo.hear(calls(solo)[0] as number, serverSays.coordinator(['10.0.0.8:6000']));
    expect(dialled(effects)).toEqual([['10.0.0.8:6000']]);
    const [link = 0] = calls(solo);
    solo.feed({ kind: 'opened', link, channel: '' });
    const said = solo.hear(link, greeting).flatMap((effect) => (effect.kind === 'send' ? [effect.bytes] : []));
    expect(Buffer.concat(said).toString('latin1')).toContain(`"coordinates":["${solo.id}"]`);
  });

  it('tells nobody that the key was changed: there may be anybody', () => {
    const solo = founder();
    solo.state.key = 'k';
    heard(solo);
    const [link = 0] = calls(solo);
    const effects = solo.feed({ kind: 'failed', link, refused: true, message: '', otherKey: true });
    expect(events(effects, 'warning')).toEqual([]);
  });

  it('is nothing to a member: of two that meet, one who coordinates is enough', () => {
    expect(dialled(heard(guest()))).toEqual([]);
  });

  it('is where one who looks for a room looks next', () => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: ['10.0.0.7:6000', '10.0.0.6:6000'] });
    heard(solo);
    heard(solo);
    heard(solo, ['10.0.0.7:6000']);
    const next = (link: number) => dialled(solo.feed({ kind: 'failed', link, refused: true, message: '' }));
    expect([next(-1), next(-2), next(-3)]).toEqual([[there], [['10.0.0.6:6000']], []]);
  });
});

describe('what was heard before the start', () => {
  it('is tried first, and not remembered', () => {
    const solo = new Solo('ann');
    expect(dialled(solo.feed({ kind: 'start', join: [], heard: there }))).toEqual([there]);
    expect(solo.state.joinedBy).toEqual([]);
  });
});

describe('an address that the person adds', () => {
  it('is called at once and again, and remembered', () => {
    const solo = founder();
    expect(dialled(added(solo))).toEqual([there]);
    solo.feed({ kind: 'failed', link: calls(solo)[0] as number, refused: false, message: '' });
    expect(dialled(solo.pass(2 * limits.callMs))).toContainEqual(there);
    expect(solo.state.joinedBy).toEqual(there);
    expect(placesOf(solo.state, ['10.0.0.9:6000', '10.0.0.4:6000'])).toEqual([
      { addresses: there, whence: 'added' },
      { addresses: ['10.0.0.4:6000'], whence: 'beacon' },
    ]);
  });

  it('is not told of as somebody who is missed', () => {
    const solo = founder();
    added(solo);
    expect(events(solo.pass(30_000), 'unreachable')).toEqual([]);
  });

  it('leads to another room: that is told once, with what to type, and it is left alone', () => {
    const solo = founder();
    added(solo);
    const [link = 0] = calls(solo);
    solo.feed({ kind: 'opened', link, channel: '' });
    solo.hear(link, greeting);
    const effects = solo.hear(link, serverSays.refused({ code: 'other-room', message: '', room: 'bbbbbbbbbb' }));
    expect(events(effects, 'warning')).toMatchObject([
      { code: 'discovery', message: expect.stringContaining('groupchat --join 10.0.0.9:6000') as string },
    ]);
    expect(dialled(solo.pass(60_000))).toEqual([]);
    expect(placesOf(solo.state, [])).toEqual([]);
  });

  it.each([
    ['who coordinates', founder],
    ['a member', guest],
  ])('is let go by %s where nobody answers for a day', (_, made) => {
    const solo = made();
    /** As if it had been added so much earlier. */
    const wait = (ms: number): boolean => {
      for (const one of solo.state.lost.values()) one.since -= ms;
      solo.feed({ kind: 'alarm' });
      return placesOf(solo.state, []).some(({ addresses }) => addresses.join() === there.join());
    };
    added(solo);
    expect(wait(limits.lostMs - 1)).toBe(true);
    // Whoever says it again begins anew.
    added(solo);
    expect(wait(limits.lostMs - 1)).toBe(true);
    expect(deadline(solo.state)).toBeLessThanOrEqual(solo.ms + 1);
    expect(wait(1)).toBe(false);
    expect(solo.state.joinedBy).not.toContain('10.0.0.9:6000');
  });

  it('is not let go for a day in which this machine slept', () => {
    const solo = founder();
    added(solo);
    solo.ms += 2 * limits.lostMs;
    solo.feed({ kind: 'alarm' });
    expect(placesOf(solo.state, [])).toHaveLength(1);
    expect(dialled(solo.pass(60_000))).toContainEqual(there);
  });

  it('is one of few, however many are added', () => {
    const solo = founder();
    for (let at = 0; at < 100; at++) added(solo, [`10.0.1.${at}:6000`]);
    expect(solo.state.joinedBy).toHaveLength(limits.comeBackMax);
    expect(solo.state.lost.size).toBe(limits.comeBackMax);
    expect(placesOf(solo.state, []).length).toBe(limits.comeBackMax);
  });

  it('is remembered by a member, too, for when it looks', () => {
    const solo = guest();
    expect(dialled(added(solo))).toEqual([]);
    expect(solo.state.joinedBy).toContain('10.0.0.9:6000');
  });
});

describe('places', () => {
  it('are those of members first, each address once, and not too many', () => {
    const solo = guest();
    const heardOf = Array.from({ length: 100 }, (_, at) => `10.0.1.${at}:6000`);
    const places = placesOf(solo.state, ['10.0.0.7:6000', ...heardOf]);
    expect(places[0]).toEqual({ addresses: ['10.0.0.7:6000'], whence: 'member', name: 'hal' });
    expect(places[1]).toEqual({ addresses: ['10.0.1.0:6000'], whence: 'beacon' });
    expect(places).toHaveLength(limits.placesMax);
  });
});
