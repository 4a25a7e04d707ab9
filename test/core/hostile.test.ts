/** Programs that lie: a room that is well goes on, whatever it is told. */
import { describe, expect, it } from 'vitest';
import { entryFrame } from '../../src/core/entry.ts';
import { emptySnapshot } from '../../src/core/log.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import {
  authOf,
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
import { bytesOf, frameOf, line } from './table.ts';
import { another, keyOf, signatureOf, toyCrypto, whoIs } from './toy.ts';

const [bob, cat, eve] = ['bob0000000', 'cat0000000', 'eve0000000'] as const;

describe('a coordinator whose room is well', () => {
  /** ann coordinates bob and cat; eve was there, and said goodbye; dan's process was killed. */
  function well(): Solo {
    const solo = founder();
    for (const [link, id, name] of [
      [1, eve, 'eve'],
      [2, 'dan0000000', 'dan'],
      [3, bob, 'bob'],
      [4, cat, 'cat'],
    ] as const) {
      solo.admit(link, id, { name });
    }
    solo.hear(1, clientSays.leave(eve));
    solo.feed({ kind: 'closed', link: 2 });
    solo.feed({ kind: 'failed', link: -1, refused: true, message: '' });
    return solo;
  }

  it.each([
    ['itself', [eve]],
    ['those who are here', [eve, bob, cat]],
    ['one who said goodbye, and one whose process has ended', [eve, 'dan0000000']],
    ['many of whom nobody has heard', Array.from({ length: 500 }, (_, at) => `x${String(at).padStart(9, '0')}`)],
  ])('does not go over to one who says that it leads %s', (_, coordinates) => {
    const solo = well();
    const { lineage } = solo.state.log;
    const before = solo.state.log.last;
    // From the beginning of the log, when nobody was there yet who is here now.
    const auth = { name: 'eve2', room: solo.state.room, lineage, last: 1, coordinates };
    const effects = solo.admit(9, '0000000000', auth);
    expect(said(effects, 9)[2]).toContain('refused:{"code":"stay"');
    expect(solo.state.phase.kind).toBe('coordinating');
    expect(solo.state.log.last).toBe(before);
  });

  it('does not go over to what answers at the place of one who was lost', () => {
    const solo = well();
    const calls = solo.pass(600).flatMap((effect) => (effect.kind === 'dial' ? [effect.link] : []));
    const [link = 0] = calls;
    expect(said(solo.hear(link, greeting), link)[0]).toMatch(/^auth:/);
    const stay = { code: 'stay', message: '', coordinates: ['dan0000000', eve, '0000000000'] } as const;
    expect(closed(solo.hear(link, serverSays.refused(stay)))).toEqual([link]);
    expect(solo.state.phase.kind).toBe('coordinating');
  });

  it('is renamed by nobody', () => {
    const solo = well();
    const [link = 0] = solo.pass(600).flatMap((effect) => (effect.kind === 'dial' ? [effect.link] : []));
    solo.hear(link, greeting);
    const taken = { code: 'name-taken', message: '', free: 'idiot' } as const;
    expect(events(solo.hear(link, serverSays.refused(taken)), 'renamed')).toEqual([]);
    expect(solo.state.self.name).toBe('ann');
  });

  it('lets nobody in in the place of somebody who waits with it', () => {
    const solo = guest();
    const dan = somebody('dan0000000', 'dan', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: dan }));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    const mine = { room, lineage: solo.state.log.lineage, last: 3 };
    const { id, ...keys } = another(dan.id, 'dan');
    solo.admit(1, id, { name: 'dan', ...keys, ...mine });
    solo.admit(2, dan.id, { name: 'dan', ...mine });
    solo.pass(400);
    expect(solo.state.log.view.members.map(({ id }) => id)).toEqual([solo.id, dan.id]);
  });

  it('falls back for no log but one that goes on where its own ends', () => {
    const solo = guest();
    solo.hear(-1, entry(line(host.id, 1, 3, { text: 'precious' })));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    const lineage = [...solo.state.log.lineage, { epoch: 500_000, coordinator: 'zz', first: 2 }];
    const effects = solo.admit(1, host.id, { name: 'hal', room, lineage, last: 2 ** 40 });
    expect([...said(effects, 1), ...said(solo.pass(400), 1)].filter((body) => body.startsWith('fetch'))).toEqual([]);
    expect([...solo.state.log.entries(3)][0]).toMatchObject({ text: 'precious', apart: false });
  });
});

describe('a member of a room', () => {
  it('follows nobody into another one', () => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting);
    const effects = solo.hear(-2, welcome({ room: 'bbbbbbbbbb', keep: 0, last: 1 }));
    expect(events(effects, 'warning')).toMatchObject([{ code: 'body' }]);
    expect(solo.state.room).toBe(room);
  });

  it.each([
    ['a snapshot that nobody announced', snapshot(emptySnapshot)],
    [
      'numbers that leap to their end',
      entry({ kind: 'peers', epoch: 2 ** 48, seq: 3, time: 0, count: 2, members: [host], lost: [] }),
    ],
    [
      'a count that leaps',
      entry({ kind: 'peers', epoch: 2, seq: 3, time: 0, count: 2 ** 47, members: [host], lost: [] }),
    ],
    [
      'a place that leaps',
      entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: somebody('xat0000000', 'xat', 2 ** 47) }),
    ],
  ])('takes no %s', (_, bytes) => {
    const solo = guest();
    expect(closed(solo.hear(-1, bytes))).toEqual([-1]);
    expect(solo.state.log.last).toBe(2);
  });

  it('that is given an empty room and left there looks for its own', () => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting, welcome({ room, keep: 0, last: 9 }));
    solo.hear(-2, snapshot(emptySnapshot));
    const effects = [...solo.feed({ kind: 'closed', link: -2 }), ...solo.pass(20_000)];
    expect(events(effects, 'refused')).toEqual([]);
    expect(effects).toContainEqual({ kind: 'dial', link: expect.any(Number) as number, addresses: host.addresses });
  });
});
