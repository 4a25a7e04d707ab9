import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { prove } from '../../src/core/identity.ts';
import { emptySnapshot } from '../../src/core/log.ts';
import { serverSays } from '../../src/core/message.ts';
import type { Effect, Input } from '../../src/core/step.ts';
import {
  closed,
  dialled,
  entry,
  events,
  greeting,
  guest,
  host,
  raw,
  room,
  said,
  snapshot,
  Solo,
  welcome,
} from './solo.ts';
import { line } from './table.ts';

const texts = (effects: readonly Effect[]): string[] => events(effects, 'line').map(({ line: { text } }) => text);

/** Somebody took the link, and hung up before a byte. */
const hungUp = (link: number): Input => ({ kind: 'failed', link, refused: false, hungUp: true, message: 'hung up' });

/** One who looks for a room, and has dialled the first address over link -1. */
function newcomer(...join: string[]): Solo {
  const solo = new Solo('ann');
  expect(dialled(solo.feed({ kind: 'start', join }))).toEqual([[join[0]]]);
  solo.feed({ kind: 'opened', link: -1, channel: '' });
  return solo;
}

/** A member whose link has broken, and who has dialled its coordinator again over link -2. */
function cutOff(): Solo {
  const solo = guest();
  const effects = solo.feed({ kind: 'closed', link: -1 });
  expect(events(effects, 'looking')).toEqual([{ kind: 'looking', coordinator: host, why: 'ended', waiting: 0 }]);
  expect(dialled(effects)).toEqual([host.addresses]);
  solo.feed({ kind: 'opened', link: -2, channel: '' });
  return solo;
}

describe('a newcomer', () => {
  it('says nothing before it is greeted, then who it is', () => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: ['a:1'] });
    expect(solo.feed({ kind: 'opened', link: -1, channel: 'theirs' })).toEqual([]);
    expect(solo.hear(-1, serverSays.connected())).toEqual([]);
    const { crypto } = solo.state;
    const { key, box, vouch } = solo.member(1);
    const proof = prove(crypto, { end: 'client', challenge: 'x'.repeat(22), channel: 'theirs', id: solo.id });
    expect(raw(solo.hear(-1, serverSays.challenge('x'.repeat(22))), -1)).toBe(
      `${solo.id}SYSTEM    422       auth:{"version":3,"name":"ann","addresses":["10.0.0.1:6000"],"room":null,` +
        `"key":"${key}","box":"${box}","vouch":"${vouch}","proof":"${proof}",` +
        '"lineage":[],"first":1,"last":0,"coordinates":null}',
    );
  });

  it('is in when its own entry has come; what came with the welcome is history', () => {
    const solo = newcomer('a:1');
    const self = solo.member(2);
    solo.hear(-1, greeting, welcome({ room, keep: 0, last: 3 }));
    const begin = { kind: 'peers', epoch: 1, seq: 1, time: 0, count: 1, members: [host], lost: [] } as const;
    const before = solo.hear(-1, snapshot(emptySnapshot), entry(begin), entry(line(host.id, 1, 2)));
    expect(events(before, 'line')).toMatchObject([{ line: { name: 'hal', history: true, own: false } }]);
    expect(events(before, 'entered')).toEqual([]);
    const after = solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: self }));
    expect(events(after, 'entered')).toEqual([{ kind: 'entered', room, self, members: [host, self] }]);
    expect(events(solo.hear(-1, entry(line(host.id, 2, 4))), 'line')).toMatchObject([{ line: { history: false } }]);
  });

  it('follows where it is sent, so many times and no more', () => {
    const solo = newcomer('a:1');
    const effects = solo.hear(-1, serverSays.coordinator(['b:1', 'b:2']));
    expect(closed(effects)).toEqual([-1]);
    expect(dialled(effects)).toEqual([['b:1', 'b:2']]);
    const rest = Array.from({ length: limits.hopsMax }, (_, at) => solo.hear(-2 - at, serverSays.coordinator(['a:1'])));
    expect(rest.flatMap(dialled)).toHaveLength(limits.hopsMax - 1);
  });

  it('tries the next address when one refuses, keeps silent or does not speak as we do', () => {
    const solo = newcomer('a:1', 'b:1', 'c:1', 'd:1');
    expect(dialled(solo.feed({ kind: 'failed', link: -1, refused: true, message: 'refuses' }))).toEqual([['b:1']]);
    expect(dialled(solo.pass(limits.joinMs))).toEqual([['c:1']]);
    expect(dialled(solo.hear(-3, new Uint8Array(30)))).toEqual([['d:1']]);
    const effects = solo.feed({ kind: 'closed', link: -4 });
    expect(events(effects, 'refused')).toEqual([
      {
        kind: 'refused',
        code: 'unreachable',
        message: 'a:1 refuses; b:1 does not answer; c:1 does not speak as a groupchat does; d:1 closed the link',
      },
    ]);
    expect(solo.state.phase.kind).toBe('idle');
    expect(solo.pass(60_000)).toEqual([]);
  });

  it('dials one again that hangs up before a byte, a few times', () => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: ['a:1', 'b:1'] });
    for (let link = -1; link >= -limits.hangUpsMax; link--) {
      expect(dialled(solo.feed(hungUp(link)))).toEqual([]);
      expect(dialled(solo.pass(400))).toEqual([['a:1']]);
    }
    expect(dialled(solo.feed(hungUp(-1 - limits.hangUpsMax)))).toEqual([['b:1']]);
  });

  it('is told why it was refused, and which name is free', () => {
    const solo = newcomer('a:1', 'b:1');
    solo.hear(-1, greeting);
    const effects = solo.hear(-1, serverSays.refused({ code: 'name-taken', message: 'taken', free: 'ann2' }));
    expect(events(effects, 'refused')).toEqual([
      { kind: 'refused', code: 'name-taken', message: 'the name is taken in this room', free: 'ann2' },
    ]);
    expect(dialled(effects)).toEqual([]);
  });

  it('asks the next when one does not let it in, and tells of the first when none does', () => {
    const solo = newcomer('a:1', 'b:1');
    solo.hear(-1, greeting);
    const first = solo.hear(-1, serverSays.refused({ code: 'banned', message: 'go' }));
    expect(dialled(first)).toEqual([['b:1']]);
    solo.hear(-2, greeting);
    const second = solo.hear(-2, serverSays.refused({ code: 'room-full', message: 'full' }));
    expect(events(second, 'refused')).toMatchObject([{ code: 'banned' }]);
  });

  it('asks again after the time that one who is electing names, and a random one', () => {
    const solo = newcomer('a:1');
    expect(closed(solo.hear(-1, serverSays.electing(300)))).toEqual([-1]);
    expect(dialled(solo.pass(299))).toEqual([]);
    expect(dialled(solo.pass(51))).toEqual([['a:1']]);
  });

  it.each([
    ['a welcome before auth', welcome({ room, keep: 0, last: 0 })],
    ['a fetch before auth', serverSays.fetch(0)],
    ['an entry', entry(line(host.id, 1, 1))],
  ])('hangs up on %s', (_, bytes) => {
    const effects = newcomer('a:1').hear(-1, bytes);
    expect(closed(effects)).toEqual([-1]);
    expect(events(effects, 'refused')).toMatchObject([{ code: 'unreachable' }]);
  });

  it('hangs up on a second greeting', () => {
    const solo = newcomer('a:1');
    expect(closed(solo.hear(-1, serverSays.connected(), serverSays.connected()))).toEqual([-1]);
  });
});

describe('a member', () => {
  it('answers a ping with what it holds', () => {
    expect(said(guest().hear(-1, serverSays.ping()), -1)).toEqual(['pong:2']);
  });

  it('offers a line, and shows it when its echo comes', () => {
    const solo = guest();
    solo.feed({ kind: 'say', text: 'hello' });
    const offered = solo.pass(0);
    expect(said(offered, -1)).toEqual([expect.stringMatching(`^1 ${1_000_000 + solo.ms} - 1\\.[\\w-]{86} hello$`)]);
    expect(events(offered, 'line')).toEqual([]);
    const effects = solo.hear(-1, entry(solo.echo(1, 3)));
    expect(events(effects, 'acknowledged')).toEqual([{ kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 3 } }]);
    expect(events(effects, 'line')).toMatchObject([{ line: { text: 'hello', own: true } }]);
  });

  it('offers many lines in one write, and none while the link is full', () => {
    const solo = guest();
    solo.feed({ kind: 'full', link: -1 });
    for (const text of ['one', 'two', 'three']) solo.feed({ kind: 'say', text });
    expect(solo.pass(0)).toEqual([]);
    solo.feed({ kind: 'drained', link: -1 });
    const effects = solo.pass(0);
    expect(effects).toHaveLength(1);
    expect(said(effects, -1)).toHaveLength(3);
  });

  it('answers no ping of a coordinator that does not read, and the next one when it does', () => {
    const solo = guest();
    solo.feed({ kind: 'full', link: -1 });
    const deaf: Effect[] = [];
    for (let at = 0; at < 8; at++) deaf.push(...solo.hear(-1, serverSays.ping()), ...solo.pass(250));
    expect(said(deaf, -1)).toEqual([]);
    solo.feed({ kind: 'drained', link: -1 });
    expect(said(solo.hear(-1, serverSays.ping()), -1)).toEqual(['pong:2']);
  });

  it('seals a burst 100 ms after the last signature, and no more', () => {
    const solo = guest();
    const burst: Effect[] = [];
    for (const text of ['one', 'two', 'three']) {
      solo.feed({ kind: 'say', text });
      burst.push(...solo.pass(0));
    }
    const covers = (effects: readonly Effect[]): string[] =>
      said(effects, -1).flatMap((body) => (/^\d+ \d+ (\S+ [^. ]*)/.exec(body) ?? []).slice(1));
    expect(covers(burst)).toEqual(['- 1', '- -', '- -']);
    expect(covers(solo.pass(99))).toEqual([]);
    expect(covers(solo.pass(1))).toEqual(['s 2']);
    expect(solo.state.delivery.pending).toBe(3);
    expect(covers(solo.pass(300))).toEqual([]);
  });

  it('does not go before it has signed what it said', () => {
    const solo = guest();
    for (const text of ['one', 'two']) {
      solo.feed({ kind: 'say', text });
      solo.pass(0);
    }
    const effects = [...solo.feed({ kind: 'leave' }), ...solo.pass(0)];
    expect(said(effects, -1)).toEqual([expect.stringMatching(/^3 \d+ s 2\.[\w-]{86} $/)]);
    solo.hear(-1, entry(solo.echo(1, 3)), entry(solo.echo(2, 4)));
    expect(said(solo.pass(0), -1)).toEqual([]);
    const cover = { from: 2, signature: 's'.repeat(86) };
    const time = solo.state.now.wall;
    const seal = line(solo.id, 3, 5, { what: 'seal', cover, text: '', time });
    expect(said(solo.hear(-1, entry(seal)), -1)).toEqual(['leave']);
  });

  it('says goodbye when all it said is acknowledged, and is gone when the link is', () => {
    const solo = guest();
    solo.feed({ kind: 'say', text: 'bye' });
    expect(said([...solo.feed({ kind: 'leave' }), ...solo.pass(0)], -1)).not.toContain('leave');
    expect(said(solo.hear(-1, entry(solo.echo(1, 3))), -1)).toEqual(['leave']);
    expect(events(solo.feed({ kind: 'closed', link: -1 }), 'gone')).toEqual([{ kind: 'gone', unsent: 0, untold: 0 }]);
  });

  it('does not wait for ever with its goodbye', () => {
    const solo = guest();
    solo.feed({ kind: 'say', text: 'bye' });
    solo.feed({ kind: 'leave' });
    const effects = Array.from({ length: 20 }, () => [...solo.pass(500), ...solo.hear(-1, serverSays.ping())]).flat();
    expect(said(effects, -1)).toContain('leave');
    expect(events(effects, 'gone')).toEqual([{ kind: 'gone', unsent: 1, untold: 0 }]);
  });

  it.each([
    ['connected', serverSays.connected()],
    ['electing', serverSays.electing(20)],
    ['a welcome', welcome({ room, keep: 0, last: 0 })],
    ['a fetch', serverSays.fetch(0)],
  ])('takes %s for a breach', (_, bytes) => {
    const effects = guest().hear(-1, bytes);
    expect(closed(effects)).toEqual([-1]);
    expect(events(effects, 'looking')).toHaveLength(1);
  });
});

describe('a member that has lost its coordinator', () => {
  it('comes back to it when only the link broke, and says again what has no echo', () => {
    const solo = guest();
    for (const text of ['one', 'two']) solo.feed({ kind: 'say', text });
    solo.pass(0);
    const one = entry(solo.echo(1, 3));
    solo.hear(-1, one);
    solo.feed({ kind: 'closed', link: -1 });
    const auth = said(solo.hear(-2, greeting), -2)[0];
    expect(auth).toContain(`"room":"${room}","key":"${solo.state.crypto.key}"`);
    expect(auth).toContain(`"lineage":[[1,"${host.id}",1]],"first":1,"last":3,"coordinates":null`);
    const effects = [...solo.hear(-2, welcome({ room, keep: 3, last: 3 })), ...solo.pass(0)];
    expect(said(effects, -2)).toEqual([expect.stringMatching(/^2 \d+ - 1\.[\w-]{86} two$/)]);
    expect(events(effects, 'healed')).toMatchObject([
      { healing: { coordinator: host, self: false, gone: [], resent: 1 } },
    ]);
    expect(texts(solo.hear(-2, entry(line(solo.id, 2, 4, { text: 'two' }))))).toEqual(['two']);
  });

  it('is not kept waiting by one that lets it in, keeps back what it promised, and pings', () => {
    const solo = cutOff();
    solo.hear(-2, greeting, welcome({ room, keep: 2, last: 1000 }));
    const pings = (times: number): Effect[] =>
      Array.from({ length: times }).flatMap(() => [...solo.pass(250), ...solo.hear(-2, serverSays.ping())]);
    expect(closed(pings(3))).toEqual([]);
    // What comes counts, and then it begins anew.
    solo.hear(-2, entry(line(host.id, 1, 3, { text: 'hi' })));
    expect(closed(pings(3))).toEqual([]);
    expect(closed(pings(1))).toEqual([-2]);
    // The room goes on without it.
    solo.pass(3000);
    expect(solo.state.phase.kind).toBe('coordinating');
  });

  it('offers what it alone holds, before its own, and shows it to nobody twice', () => {
    const solo = guest();
    expect(texts(solo.hear(-1, entry(line(host.id, 1, 3, { text: 'lost?' }))))).toEqual(['lost?']);
    solo.feed({ kind: 'say', text: 'mine' });
    solo.pass(0);
    solo.feed({ kind: 'closed', link: -1 });
    const welcomed = solo.hear(-2, greeting, welcome({ room, keep: 2, last: 3 }));
    expect(events(welcomed, 'healed')).toEqual([]); // not before all of the welcome is here
    expect(said(solo.pass(0), -2)).toEqual([]);
    const begin = { kind: 'peers', epoch: 2, seq: 3, time: 0, count: 2, members: [host], lost: [] } as const;
    expect(events(solo.hear(-2, entry(begin)), 'healed')).toHaveLength(1);
    expect(said(solo.pass(0), -2)).toEqual([
      expect.stringMatching(`^held:host000000CHAT .*1 3 1 0 a:hal:${host.key}:${host.box} - lost\\?$`),
      expect.stringMatching(/^1 \d+ - 1\.[\w-]{86} mine$/),
    ]);
    const again = solo.hear(-2, entry(line(host.id, 1, 4, { epoch: 2, text: 'lost?', apart: true })));
    expect(texts(again)).toEqual([]);
  });

  it.each([
    ['refuses', (solo: Solo) => solo.feed({ kind: 'failed', link: -2, refused: true, message: '' }), 'ended'],
    ['keeps silent for 200 ms', (solo: Solo) => solo.pass(200), 'silent'],
  ] as const)('takes over when it %s and it is the next', (_, happens, why) => {
    const solo = cutOff();
    solo.feed({ kind: 'say', text: 'anybody?' });
    const effects = [...happens(solo), ...solo.pass(0)];
    expect(events(effects, 'healed')).toMatchObject([{ healing: { self: true, gone: [{ member: host, why }] } }]);
    expect(texts(effects)).toEqual(['anybody?']);
    expect(solo.state.log.view).toMatchObject({ epoch: 2, members: [{ id: solo.id, joined: 2 }] });
  });

  it('takes none for dead that hangs up before a byte: it may be beset', () => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed(hungUp(-2));
    expect(dialled(solo.pass(50))).toEqual([host.addresses]);
    solo.feed({ kind: 'opened', link: -3, channel: '' });
    expect(said(solo.hear(-3, greeting), -3)[0]).toMatch(/^auth:/);
  });

  it.each([
    ['refuses then', 1, 'ended'],
    ['goes on to hang up', limits.hangUpsMax, 'silent'],
  ] as const)('takes over when one that hung up %s', (_, again, why) => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    for (let at = 0; at < again; at++) {
      solo.feed(hungUp(-2 - at));
      expect(solo.state.phase.kind).toBe('seeking');
      while (dialled(solo.pass(1)).length === 0);
    }
    const last = -2 - again;
    const effects = solo.feed(again > 1 ? hungUp(last) : { kind: 'failed', link: last, refused: true, message: '' });
    expect(events(effects, 'healed')).toMatchObject([{ healing: { self: true, gone: [{ member: host, why }] } }]);
  });

  it('gives it the benefit of 199 ms', () => {
    const solo = cutOff();
    solo.pass(199);
    expect(solo.state.phase.kind).toBe('seeking');
    expect(said(solo.hear(-2, greeting), -2)[0]).toMatch(/^auth:/);
  });

  it('notices a silence of 1 s, and any byte is life', () => {
    const solo = guest();
    expect(events(solo.pass(999), 'looking')).toEqual([]);
    solo.hear(-1, serverSays.ping().subarray(0, 1));
    expect(events(solo.pass(999), 'looking')).toEqual([]);
    const effects = solo.pass(1);
    expect(events(effects, 'looking')).toMatchObject([{ why: 'silent' }]);
    expect(closed(effects)).toEqual([-1]);
  });

  it('goes where it is sent, at once', () => {
    const solo = guest();
    const effects = solo.hear(-1, serverSays.coordinator(['10.0.0.8:6000']));
    expect(events(effects, 'looking')).toMatchObject([{ why: 'handover' }]);
    expect(dialled(effects)).toEqual([['10.0.0.8:6000']]);
  });

  it('tells why it was dropped, and comes back', () => {
    const effects = guest().hear(-1, serverSays.refused({ code: 'slow', message: 'fell too far behind' }));
    const message = 'whoever coordinates let this peer go: this peer fell too far behind';
    expect(events(effects, 'warning')).toEqual([{ kind: 'warning', code: 'refused', message }]);
    expect(dialled(effects)).toEqual([host.addresses]);
  });

  it('takes the free name when its own was taken meanwhile', () => {
    const solo = cutOff();
    const effects = solo.hear(
      -2,
      serverSays.connected(),
      serverSays.refused({ code: 'name-taken', message: '', free: 'ann2' }),
    );
    expect(events(effects, 'renamed')).toMatchObject([{ kind: 'renamed', name: 'ann2', former: 'ann', taken: true }]);
    expect(dialled(solo.pass(50))).toEqual([host.addresses]);
    expect(said(solo.hear(-3, greeting), -3)[0]).toContain('"name":"ann2"');
  });
});
