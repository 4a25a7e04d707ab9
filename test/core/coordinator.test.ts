import { describe, expect, it } from 'vitest';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays, type Auth } from '../../src/core/message.ts';
import type { Effect } from '../../src/core/step.ts';
import { closed, dialled, events, founder, guest, room, said, somebody, type Solo } from './solo.ts';
import { another } from './toy.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'];
const offer = (id: string, n: number, text: string): Uint8Array => encodeFrame(id, 'CHAT', `${n} 0 - - ${text}`);
const names = (solo: Solo): string[] => solo.state.log.view.members.map(({ name }) => name);

describe('admission', () => {
  it('says welcome, what stands before the log, and then the log', () => {
    const solo = founder();
    const effects = solo.admit(1, bob);
    expect(said(effects, 1)).toEqual([
      'connected',
      expect.stringMatching(/^challenge:[\w-]{22}$/),
      expect.stringMatching(
        new RegExp(`^welcome:\\{"room":"${solo.state.room}","keep":0,"last":2,"proof":"[\\w-]{86}"\\}$`),
      ),
      'snapshot:{"epoch":0,"seq":0,"count":0,"founder":null,"acts":[],"notes":[],"members":[],"authors":[],"ranges":[],"lineage":[]}',
    ]);
    expect(said(solo.pass(0), 1)).toEqual([
      expect.stringMatching(/^peers:\{"epoch":1,"seq":1,/),
      expect.stringMatching(/^output:\{"epoch":1,"seq":2,.*"joined":\{"id":"bob0000000"/),
    ]);
    expect(solo.state.log.view.members[1]).toEqual(somebody(bob, 'bob', 2));
  });

  it('takes up where a member that comes back stood, on the new link', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.pass(0);
    const lineage = solo.state.log.lineage;
    const effects = solo.admit(2, bob, { room: solo.state.room, lineage, last: 2 });
    expect(closed(effects)).toEqual([1]);
    expect(said(effects, 2)).toHaveLength(3);
    expect(said(effects, 2)[2]).toContain(`welcome:{"room":"${solo.state.room}","keep":2,"last":2,`);
    expect(said(solo.pass(0), 2)).toEqual([]);
    expect(names(solo)).toEqual(['ann', 'bob']);
  });

  it('sends the missing suffix alone', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.hear(1, offer(bob, 1, 'one'), offer(bob, 2, 'two'));
    solo.pass(0);
    solo.admit(2, bob, { room: solo.state.room, lineage: solo.state.log.lineage, last: 3 });
    expect(said(solo.pass(0), 2)).toEqual(['1 4 2 0 - - two']);
  });

  it.each([
    ['127.0.0.1', ['bob.lan:6000']],
    ['', ['bob.lan:6000']],
    ['10.0.0.9', ['bob.lan:6000', '10.0.0.9:6000']],
    ['fe80::9', ['bob.lan:6000', '[fe80::9]:6000']],
    ['bob.lan', ['bob.lan:6000']],
  ])('adds the address that a peer was seen at: "%s"', (host, addresses) => {
    const solo = founder();
    solo.accept(1, host);
    solo.introduce(1, bob);
    expect(solo.state.log.view.members[1]?.addresses).toEqual(addresses);
  });

  it('adds no address to eight, and none to a peer without a server', () => {
    const solo = founder();
    const eight = Array.from({ length: 8 }, (_, at) => `h${at}:6000`);
    for (const [at, addresses] of [eight, []].entries()) {
      solo.accept(at + 1, '10.0.0.9');
      solo.introduce(at + 1, `peer00000${at}`, { name: `p${at}`, addresses });
    }
    expect(solo.state.log.view.members[1]?.addresses).toEqual([...eight.slice(0, 7), '10.0.0.9:6000']);
    expect(solo.state.log.view.members[2]?.addresses).toEqual([]);
  });
});

describe('a refusal', () => {
  it.each([
    [
      'another version',
      bob,
      { version: 4 },
      '{"code":"version","message":"this room speaks version 3, you speak 4: use the same groupchat"}',
    ],
    ['another room', bob, { room }, '{"code":"other-room","message":"this is another room","room":"FOUNDED"}'],
    ['an empty name', bob, { name: '' }, '{"code":"name-invalid","message":"a name must not be empty"}'],
    [
      'a name with a space',
      bob,
      { name: 'b ob', addresses: [] },
      '{"code":"name-invalid","message":"a name has no spaces and no characters that do not show"}',
    ],
    [
      'a name that is taken',
      bob,
      { name: 'cat' },
      '{"code":"name-taken","message":"the name cat is taken; cat2 is free","free":"cat2"}',
    ],
    [
      'a name that looks the same',
      bob,
      { name: 'ＡＮＮ', addresses: [] },
      '{"code":"name-taken","message":"the name ＡＮＮ is taken; ＡＮＮ2 is free","free":"ＡＮＮ2"}',
    ],
  ])('for %s', (_, id, auth, expected) => {
    const solo = founder();
    solo.admit(1, cat, { name: 'cat' });
    const effects = solo.admit(2, id, auth);
    expect(said(effects, 2)).toEqual([
      'connected',
      expect.stringMatching(/^challenge:/),
      `refused:${expected.replace('FOUNDED', solo.state.room as string)}`,
    ]);
    expect(closed(effects)).toEqual([2]);
    expect(events(effects, 'warning')).toEqual([]);
    expect(names(solo)).toEqual(['ann', 'cat']);
  });

  it('for oneself', () => {
    const solo = founder();
    const effects = solo.admit(1, solo.id);
    expect(said(effects, 1)[2]).toBe('refused:{"code":"self","message":"this is your own address"}');
    expect(closed(effects)).toEqual([1]);
  });

  it('names a free name that is really free', () => {
    const solo = founder();
    solo.admit(1, cat, { name: 'ann2' });
    expect(said(solo.admit(2, bob, { name: 'Ann' }), 2)[2]).toContain('"free":"Ann3"');
    expect(said(solo.admit(3, bob, { name: 'Ann3' }), 3)[2]).toMatch(/^welcome:/);
  });

  it('is not for the one whose name it is', () => {
    const solo = founder();
    solo.admit(1, bob);
    expect(said(solo.admit(2, bob), 2)[2]).toMatch(/^welcome:/);
  });

  it('of a version comes before all else: the rest may mean something else there', () => {
    expect(said(founder().admit(1, bob, { version: 9, name: '', room }), 1)[2]).toContain('"version"');
  });

  it('for a full room', () => {
    const solo = founder();
    for (let at = 1; at < limits.membersMax; at++) {
      solo.admit(at, `p${String(at).padStart(9, '0')}`, { name: `p${at}`, addresses: [] });
    }
    expect(names(solo)).toHaveLength(limits.membersMax);
    expect(said(solo.admit(1000, bob), 1000)[2]).toBe(
      'refused:{"code":"room-full","message":"the room has 1000 members"}',
    );
  });
});

describe('a line', () => {
  it('is given a place, and goes to everybody, its author included', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    solo.pass(0);
    solo.hear(1, offer(bob, 1, 'hello'));
    const effects = solo.pass(0);
    expect(said(effects, 1)).toEqual(['1 4 1 0 - - hello']);
    expect(said(effects, 2)).toEqual(['1 4 1 0 - - hello']);
  });

  it('is sent with what comes in the same turn, in one slice', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.pass(0);
    solo.hear(1, offer(bob, 1, 'one'), offer(bob, 2, 'two'));
    solo.feed({ kind: 'say', text: 'three' });
    const sends = solo.pass(0).filter(({ kind }) => kind === 'send');
    expect(sends).toHaveLength(1);
    expect(said(sends, 1).map((body) => body.split(' ').at(-1))).toEqual(['one', 'two', 'three']);
  });

  it('that comes twice is sequenced once', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.hear(1, offer(bob, 1, 'one'), offer(bob, 1, 'one'), offer(bob, 2, 'two'), offer(bob, 1, 'one'));
    expect([...solo.state.log.entries(3)]).toMatchObject([{ n: 1 }, { n: 2 }]);
  });

  it('that leaves a gap is a breach', () => {
    const solo = founder();
    solo.admit(1, bob);
    // What it said before may be known to nobody here.
    solo.hear(1, offer(bob, 5, 'five'));
    const effects = solo.hear(1, offer(bob, 7, 'seven'));
    expect(said(effects, 1)[0]).toMatch(/^refused:\{"code":"order","message":"expected line 6 of bob0000000, got 7"/);
    expect(closed(effects)).toEqual([1]);
    expect(solo.state.log.last).toBe(3);
  });

  it('waits for a link that is full, and costs nobody else time', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    solo.pass(0);
    solo.feed({ kind: 'full', link: 1 });
    for (let n = 1; n <= 3; n++) {
      solo.hear(2, offer(cat, n, `line ${n}`));
      const effects = solo.pass(0);
      expect(said(effects, 2)).toHaveLength(1);
      expect(said(effects, 1)).toEqual([]);
    }
    solo.feed({ kind: 'drained', link: 1 });
    expect(said(solo.pass(0), 1)).toEqual(['1 4 1 0 - - line 1', '1 5 2 0 - - line 2', '1 6 3 0 - - line 3']);
  });
});

describe('a member', () => {
  it('is pinged, and its pong says what it holds', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.pass(0);
    expect(said(solo.pass(250), 1)).toEqual(['ping']);
    expect(closed(solo.hear(1, clientSays.pong(bob, 2)))).toEqual([]);
    expect(said(solo.hear(1, clientSays.pong(bob, 3)), 1)[0]).toContain('"code":"body"');
  });

  it('that says goodbye leaves the view, and is never called', () => {
    const solo = founder();
    solo.admit(1, bob);
    const effects = solo.hear(1, clientSays.leave(bob));
    expect(closed(effects)).toEqual([1]);
    expect(events(effects, 'left')).toMatchObject([{ member: { name: 'bob' }, why: 'left' }]);
    expect(dialled(solo.pass(60_000))).toEqual([]);
  });

  it('may not say auth again', () => {
    const solo = founder();
    solo.admit(1, bob);
    expect(said(solo.introduce(1, bob), 1)[0]).toContain('"code":"word"');
  });

  it('whose link breaks is called at once; refusal is death', () => {
    const solo = founder();
    solo.admit(1, bob);
    const calls = solo.feed({ kind: 'closed', link: 1 });
    expect(dialled(calls)).toEqual([['bob.lan:6000']]);
    expect(names(solo)).toEqual(['ann', 'bob']);
    const effects = solo.feed({ kind: 'failed', link: -1, refused: true, message: 'refuses' });
    expect(events(effects, 'left')).toMatchObject([{ member: { name: 'bob' }, why: 'ended' }]);
  });

  it('whose link breaks and who hangs up before a byte is called again, and silent after 1 s', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.feed({ kind: 'closed', link: 1 });
    const began = solo.ms;
    const effects: Effect[] = [];
    for (let link = -1; solo.ms < began + 1000 - limits.hangUpMs; link--) {
      expect(names(solo)).toEqual(['ann', 'bob']);
      effects.push(...solo.feed({ kind: 'failed', link, refused: false, hungUp: true, message: '' }));
      const calls = solo.pass(limits.hangUpMs);
      expect(dialled(calls)).toEqual([['bob.lan:6000']]);
    }
    effects.push(...solo.pass(500));
    expect(events(effects, 'left')).toMatchObject([{ member: { name: 'bob' }, why: 'silent' }]);
  });

  it('whose process was dying when it hung up is gone when it refuses', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.feed({ kind: 'closed', link: 1 });
    solo.feed({ kind: 'failed', link: -1, refused: false, hungUp: true, message: '' });
    solo.pass(limits.hangUpMs);
    const effects = solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    expect(events(effects, 'left')).toMatchObject([{ member: { name: 'bob' }, why: 'ended' }]);
  });

  it('that nothing is heard of for 1 s is called, and gone when it keeps silent', () => {
    const solo = founder();
    solo.admit(1, bob);
    expect(closed(solo.pass(999))).toEqual([]);
    const effects = solo.pass(2000);
    expect(closed(effects)).toContain(1);
    expect(dialled(effects)[0]).toEqual(['bob.lan:6000']);
    expect(events(effects, 'left')).toMatchObject([{ member: { name: 'bob' }, why: 'silent' }]);
  });
});

describe('a coordinator that leaves', () => {
  it('alone, is gone at once', () => {
    const solo = founder();
    expect(events(solo.feed({ kind: 'leave' }), 'gone')).toEqual([{ kind: 'gone', unsent: 0, untold: 0 }]);
  });

  it('hands everything to the successor first, then sends the others there', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    solo.pass(0);
    solo.feed({ kind: 'say', text: 'bye' });
    solo.pass(0);
    const first = [...solo.feed({ kind: 'leave' }), ...solo.pass(0)];
    expect(said(first, 1).at(-1)).toBe('coordinator:bob.lan:6000');
    expect(said(first, 1).at(-2)).toContain('"why":"handover"');
    expect(said(first, 2).at(-1)).toContain('"why":"handover"');
    expect(closed(first)).toEqual([]);
    const second = [...solo.feed({ kind: 'closed', link: 1 }), ...solo.pass(0)];
    expect(said(second, 2)).toEqual(['coordinator:bob.lan:6000']);
    expect(closed(second)).toEqual([2]);
    expect(events(second, 'gone')).toEqual([{ kind: 'gone', unsent: 0, untold: 0 }]);
  });

  it('is no coordinator of another room, nor is a member', () => {
    const solo = guest();
    expect(said(solo.admit(1, bob), 1)).toEqual(['coordinator:10.0.0.7:6000']);
  });
});

describe('a coordinator that is called by one of those it has lost, at another process', () => {
  const dan = 'dan0000000';
  const { id: next, ...keys } = another(dan, 'dan');

  /** Ann coordinates bob; dan's process has ended, and whoever this is calls again and again. */
  function called(caller: string, whose: Partial<Auth>): string[] {
    const solo = founder();
    solo.admit(1, dan, { name: 'dan' });
    solo.admit(2, bob);
    solo.feed({ kind: 'closed', link: 1 });
    solo.feed({ kind: 'failed', link: -1, refused: true, message: '' });
    const { lineage } = solo.state.log;
    const part = { name: 'dan', room: solo.state.room, lineage, last: 2, coordinates: [caller, dan] };
    return Array.from({ length: limits.staysMax + 1 }, (_, at) => {
      const answer = said(solo.admit(at + 3, caller, { ...part, ...whose }), at + 3).at(-1);
      return /"code":"(.+?)"/.exec(answer ?? '')?.[1] ?? '';
    });
  }

  it('does not stay for ever: both might', () => {
    const stays = Array.from({ length: limits.staysMax }, () => 'stay');
    expect(next < 'ann').toBe(true);
    expect(called(next, keys)).toEqual([...stays, 'yield']);
  });

  it('believes nobody who only says so', () => {
    expect(new Set(called('0000000000', {}))).toEqual(new Set(['stay']));
  });
});
