/** A member wants another name: what the coordinator makes of it, and how long the member goes on asking. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../src/core/entry.ts';
import { vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import type { Effect, LinkId } from '../../src/core/step.ts';
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
  welcome,
  type Solo,
} from './solo.ts';
import { emptySnapshot } from '../../src/core/log.ts';
import { whoIs } from './toy.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'];
const names = ({ state }: Solo): string[] => state.log.view.members.map(({ name }) => name);

describe('whoever coordinates', () => {
  /** Ann coordinates; bob is there over link 1, cat over link 2. */
  function three(): Solo {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    solo.pass(0);
    return solo;
  }
  /** Time passes, and bob is there all the while. */
  function later(solo: Solo, ms: number): void {
    for (let passed = 0; passed < ms; passed += 500) {
      solo.pass(500);
      solo.hear(1, clientSays.pong(bob, 1));
    }
  }
  const asks = (solo: Solo, name: string, vouch = whoIs(bob, name).vouch): Effect[] =>
    solo.hear(1, clientSays.name(bob, name, vouch));

  it('gives a name that is free, in its place, and tells everybody', () => {
    const solo = three();
    const before = solo.state.log.view.members[1];
    const effects = asks(solo, 'rob');
    expect(events(effects, 'renamed')).toEqual([
      { kind: 'renamed', id: bob, name: 'rob', former: 'bob', own: false, taken: false, history: false },
    ]);
    const { vouch } = whoIs(bob, 'rob');
    expect(solo.state.log.view.members[1]).toEqual({ ...before, name: 'rob', vouch });
    const told = `output:{"epoch":1,"seq":4,"time":${1_000_000 + solo.ms},"renamed":"${bob}","name":"rob","vouch":"${vouch}"}`;
    const sent = solo.pass(0);
    for (const link of [1, 2]) expect(said(sent, link)).toEqual([told]);
  });

  it.each([
    ['taken', 'cat', '{"name":"cat","code":"name-taken","free":"cat2"}'],
    ['taken, to the eye', 'ＣＡＴ', '{"name":"ＣＡＴ","code":"name-taken","free":"ＣＡＴ2"}'],
    ['its own', 'ann', '{"name":"ann","code":"name-taken","free":"ann2"}'],
    ['none', 'b ob', '{"name":"b ob","code":"name-invalid"}'],
  ])('does not give one that is %s, and keeps the link', (_, name, told) => {
    const solo = three();
    const effects = asks(solo, name);
    expect(said(effects, 1)).toEqual([`denied:${told}`]);
    expect(closed(effects)).toEqual([]);
    expect(names(solo)).toEqual(['ann', 'bob', 'cat']);
  });

  it('holds the name of who dropped out, for that one', () => {
    const solo = three();
    solo.feed({ kind: 'closed', link: 2 });
    solo.feed({ kind: 'failed', link: -1, refused: true, message: '' });
    expect(names(solo)).toEqual(['ann', 'bob']);
    expect(said(asks(solo, 'cat'), 1)).toEqual([expect.stringContaining('"name-taken"')]);
    later(solo, limits.nameHeldMs);
    asks(solo, 'cat');
    expect(names(solo)).toEqual(['ann', 'cat']);
  });

  it('hangs up on one who has not signed the name', () => {
    const solo = three();
    const effects = asks(solo, 'rob', whoIs(cat, 'rob').vouch);
    expect(closed(effects)).toEqual([1]);
    expect(events(effects, 'warning')).toMatchObject([{ code: 'proof' }]);
    expect(names(solo)).toEqual(['ann', 'bob', 'cat']);
  });

  it('is asked no more often than everybody likes to hear of it', () => {
    const solo = three();
    for (let time = 0; time < limits.asksMax; time++) asks(solo, `rob${time}`);
    expect(said(asks(solo, 'late'), 1)).toEqual(['denied:{"name":"late","code":"too-soon"}']);
    later(solo, limits.nameAskMs);
    asks(solo, 'later');
    expect(names(solo)).toEqual(['ann', 'later']);
  });

  it('says nothing to one who has the name: the entry is under way', () => {
    const solo = three();
    asks(solo, 'rob');
    expect(said(asks(solo, 'rob'), 1)).toEqual([]);
    expect(solo.state.log.last).toBe(4);
  });

  it('takes a name itself, by the same rules', () => {
    const solo = three();
    solo.feed({ kind: 'nick', name: 'cat' });
    expect(events(solo.pass(0), 'denied')).toEqual([{ kind: 'denied', name: 'cat', code: 'name-taken', free: 'cat2' }]);
    solo.feed({ kind: 'nick', name: 'anna' });
    expect(events(solo.pass(0), 'renamed')).toMatchObject([{ name: 'anna', former: 'ann', own: true }]);
    expect(solo.state.self.name).toBe('anna');
    expect(solo.state.wish).toBe(null);
  });

  it('lets in again whom it knows by another name than that one says', () => {
    const solo = three();
    asks(solo, 'rob');
    solo.hear(2, clientSays.name(cat, 'bob', whoIs(cat, 'bob').vouch));
    // Bob has not heard of it, and cat has the name now.
    const { lineage } = solo.state.log;
    const effects = solo.admit(3, bob, { room: solo.state.room, lineage, last: 3 });
    expect(said(effects, 3)[2]).toMatch(/^welcome:/u);
    expect(names(solo)).toEqual(['ann', 'rob', 'bob']);
  });
});

describe('a member', () => {
  const wanted = (name: string, { state }: Solo): string =>
    `name:{"name":"${name}","vouch":"${vouchFor(state.crypto, name)}"}`;
  const renamed = (solo: Solo, seq: number, name: string): Entry => ({
    kind: 'renamed',
    epoch: 1,
    seq,
    time: 0,
    id: solo.id,
    name,
    vouch: vouchFor(solo.state.crypto, name),
  });
  function again(solo: Solo, link: LinkId, keep: number, last: number): string[] {
    solo.feed({ kind: 'closed', link: link + 1 });
    solo.feed({ kind: 'opened', link, channel: '' });
    solo.hear(link, greeting, welcome({ room, keep, last }));
    return said(solo.pass(0), link);
  }

  it('asks, and is called so when the room says it', () => {
    const solo = guest();
    solo.feed({ kind: 'nick', name: 'rob' });
    expect(said(solo.pass(0), -1)).toEqual([wanted('rob', solo)]);
    expect(solo.state.self.name).toBe('ann');
    const effects = solo.hear(-1, entry(renamed(solo, 3, 'rob')));
    expect(events(effects, 'renamed')).toMatchObject([{ name: 'rob', former: 'ann', own: true, taken: false }]);
    expect([solo.state.self.name, solo.state.wish]).toEqual(['rob', null]);
    expect(said(solo.pass(0), -1)).toEqual([]);
  });

  it('asks again on the next link, until it is answered', () => {
    const solo = guest();
    solo.feed({ kind: 'nick', name: 'rob' });
    solo.pass(0);
    expect(again(solo, -2, 2, 2)).toEqual([wanted('rob', solo)]);
    const effects = solo.hear(-2, serverSays.denied({ name: 'rob', code: 'name-taken', free: 'rob2' }));
    expect(events(effects, 'denied')).toEqual([{ kind: 'denied', name: 'rob', code: 'name-taken', free: 'rob2' }]);
    // The same may be free by now.
    solo.feed({ kind: 'nick', name: 'rob' });
    expect(said(solo.pass(0), -2)).toEqual([wanted('rob', solo)]);
  });

  it('asks again for what it was given, when the room has it no more', () => {
    const solo = guest();
    solo.feed({ kind: 'nick', name: 'rob' });
    solo.pass(0);
    solo.hear(-1, entry(renamed(solo, 3, 'rob')));
    expect(again(solo, -2, 2, 2)).toEqual([wanted('rob', solo)]);
    expect(solo.state.self.name).toBe('ann');
    solo.hear(-2, entry(renamed(solo, 3, 'rob')));
    expect([solo.state.self.name, solo.state.wish]).toEqual(['rob', null]);
  });

  it('may change its mind before it is answered', () => {
    const solo = guest();
    for (const name of ['rob', 'bert', 'ann']) solo.feed({ kind: 'nick', name });
    expect(said(solo.pass(0), -1)).toEqual([]);
    solo.feed({ kind: 'nick', name: 'rob' });
    solo.pass(0);
    // It is ann still; but the other name is on its way.
    solo.feed({ kind: 'nick', name: 'ann' });
    expect(said(solo.pass(0), -1)).toEqual([]);
    solo.hear(-1, entry(renamed(solo, 3, 'rob')));
    expect(said(solo.pass(0), -1)).toEqual([wanted('ann', solo)]);
    solo.hear(-1, entry(renamed(solo, 4, 'ann')));
    solo.pass(0);
    expect([solo.state.self.name, solo.state.wish]).toEqual(['ann', null]);
  });

  it('that comes in under the name it asked for is not told that it was taken', () => {
    const solo = guest();
    solo.hear(-1, entry(renamed(solo, 3, 'rob')));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'opened', link: -2, channel: '' });
    solo.hear(-2, greeting, welcome({ room, keep: 0, last: 2 }));
    const begin: Entry = { kind: 'peers', epoch: 2, seq: 1, time: 0, count: 1, members: [host], lost: [] };
    const joined: Entry = { kind: 'joined', epoch: 2, seq: 2, time: 0, member: solo.member(2) };
    const effects = solo.hear(-2, snapshot(emptySnapshot), entry(begin), entry(joined));
    expect(solo.state.self.name).toBe('rob');
    expect(events(effects, 'renamed')).toEqual([]);
  });

  it('shows what was said under the name that its author had then', () => {
    const solo = guest();
    const line = (seq: number): Entry => ({
      kind: 'chat',
      epoch: 1,
      seq,
      author: host.id,
      n: seq,
      time: 0,
      apart: false,
      text: 'hi',
    });
    const other: Entry = { kind: 'renamed', epoch: 1, seq: 4, time: 0, id: host.id, name: 'harry', vouch: host.vouch };
    const effects = solo.hear(-1, entry(line(3)), entry(other), entry(line(5)));
    expect(events(effects, 'line').map(({ line: { name } }) => name)).toEqual(['hal', 'harry']);
  });
});
