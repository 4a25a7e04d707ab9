import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import { closed, entry, events, founder, guest, raw, said, Solo, somebody } from './solo.ts';
import { bytesOf } from './table.ts';

describe('the greeting, byte for byte', () => {
  it('of a coordinator', () => {
    const solo = founder();
    const effects = solo.accept(1);
    expect(raw(effects, 1)).toBe(
      `          SYSTEM    9         connected          SYSTEM    32        challenge:${solo.state.links.get(1)?.challenge}`,
    );
    expect(closed(effects)).toEqual([]);
  });

  it('of a member: it sends the dialler to the coordinator, and closes if that one does not hang up', () => {
    const solo = guest();
    const effects = solo.accept(1);
    expect(raw(effects, 1)).toBe('          SYSTEM    25        coordinator:10.0.0.7:6000');
    expect(closed(effects)).toEqual([]);
    expect(closed(solo.pass(limits.sentAwayMs + 250))).toEqual([1]);
  });

  it('of one who looks for a room itself', () => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: ['10.0.0.7:6000'] });
    const effects = solo.accept(1);
    expect(raw(effects, 1)).toBe('          SYSTEM    11        electing:20');
    expect(closed(effects)).toEqual([1]);
  });

  it('of one who has lost its coordinator: it names no corpse', () => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    expect(said(solo.accept(1), 1)).toEqual(['electing:20']);
  });

  it('of one who has been elected and awaits the others', () => {
    const solo = guest();
    const cat = somebody('cat0000000', 'cat', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: cat }));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: 'refuses' });
    expect(solo.state.phase.kind).toBe('regrouping');
    expect(said(solo.accept(1), 1)).toEqual(['connected', expect.stringMatching(/^challenge:[\w-]{22}$/)]);
  });

  it('of a coordinator on its way out: it names the successor', () => {
    const solo = founder();
    solo.admit(1, 'bob0000000');
    solo.feed({ kind: 'leave' });
    const effects = solo.accept(2);
    expect(said(effects, 2)).toEqual(['coordinator:bob.lan:6000']);
    expect(closed(effects)).toEqual([2]);
  });
});

describe('a stranger', () => {
  it('who says nothing is cut after 3 s and told why, without a word on the screen', () => {
    const solo = founder();
    solo.accept(1);
    expect(closed(solo.pass(limits.strangerMs - 1))).toEqual([]);
    const effects = solo.pass(1 + solo.state.options.pingMs);
    expect(closed(effects)).toEqual([1]);
    expect(said(effects, 1)).toEqual(['refused:{"code":"silent","message":"no auth came in time"}']);
    expect(events(effects, 'warning')).toEqual([]);
    expect(solo.state.links.size).toBe(0);
  });

  it('is cut all the same when it says only a part of a frame, again and again', () => {
    const solo = founder();
    solo.accept(1);
    const effects = Array.from({ length: 14 }, () => [...solo.pass(250), ...solo.hear(1, bytesOf('b'))]).flat();
    expect(closed(effects)).toEqual([1]);
  });

  it('who has come in is no stranger any more', () => {
    const solo = founder();
    solo.admit(1, 'bob0000000');
    const effects = Array.from({ length: 20 }, () => [
      ...solo.pass(250),
      ...solo.hear(1, clientSays.pong('bob0000000', 0)),
    ]).flat();
    expect(closed(effects)).toEqual([]);
  });

  it.each([
    ['a line', '1 0 - - hi', 'CHAT', 'word'],
    ['a pong', 'pong:0', 'SYSTEM', 'word'],
    ['goodbye', 'leave', 'SYSTEM', 'word'],
    ['what a server says', 'connected', 'SYSTEM', 'word'],
    ['half a JSON', 'auth:{"version":1', 'SYSTEM', 'body'],
  ])('who says %s first is cut', (_, body, type, code) => {
    const solo = founder();
    solo.accept(1);
    const header = `bob0000000${type.padEnd(10)}${String(body.length).padEnd(10)}`;
    const effects = solo.hear(1, bytesOf(header + body));
    expect(closed(effects)).toEqual([1]);
    expect(said(effects, 1)[0]).toContain(`{"code":"${code}"`);
  });

  it.each(['', 'bob', 'bob000000'])('whose id "%s" has not ten characters is cut', (id) => {
    const effects = founder().admit(1, id);
    expect(closed(effects)).toEqual([1]);
    expect(said(effects, 1)[2]).toContain('{"code":"sender"');
  });

  it.each([
    ['a stranger', limits.strangerBodyBytesMax, (solo: Solo) => solo.accept(1)],
    ['a member', limits.memberBodyBytesMax, (solo: Solo) => solo.admit(1, 'bob0000000')],
  ])('%s may promise so much in one frame, and no more', (_, bodyBytesMax, enter) => {
    const promise = (bytes: number): Uint8Array => bytesOf(`bob0000000SYSTEM    ${String(bytes).padEnd(10)}`);
    for (const [bytes, answer] of [
      [bodyBytesMax, []],
      [bodyBytesMax + 1, [expect.stringContaining('{"code":"length"')]],
    ] as const) {
      const solo = founder();
      enter(solo);
      expect(said(solo.hear(1, promise(bytes)), 1)).toEqual(answer);
    }
  });
});

describe('many strangers', () => {
  const crowd = (solo: Solo, from: number, to: number): number[] => {
    const gone: number[] = [];
    for (let link = from; link <= to; link++) gone.push(...closed(solo.accept(link)));
    return gone;
  };

  it('may stand at the door up to a number, then the oldest goes', () => {
    const solo = founder();
    expect(crowd(solo, 1, limits.strangersMax)).toEqual([]);
    expect(crowd(solo, limits.strangersMax + 1, limits.strangersMax + 3)).toEqual([1, 2, 3]);
    expect(solo.state.links.size).toBe(limits.strangersMax);
  });

  it('do not bar the door: the youngest still comes in', () => {
    const solo = founder();
    crowd(solo, 1, 1000);
    const effects = solo.introduce(1000, 'bob0000000');
    expect(said(effects, 1000)[0]).toMatch(/^welcome:/);
  });

  it('push no member out', () => {
    const solo = founder();
    solo.admit(1, 'bob0000000');
    expect(crowd(solo, 2, limits.strangersMax + 1)).toEqual([]);
    expect(crowd(solo, limits.strangersMax + 2, limits.strangersMax + 2)).toEqual([2]);
  });

  it('are no more at a member, which sends each on at once', () => {
    const solo = guest();
    for (let link = 1; link <= limits.strangersMax; link++) expect(closed(solo.accept(link))).toEqual([]);
    expect(closed(solo.accept(1000))).toEqual([1]);
    expect(closed(solo.hear(-1, serverSays.ping()))).toEqual([]);
  });
});
