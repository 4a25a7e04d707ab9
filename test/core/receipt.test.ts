/** Who has a line: what is asked with a pong, and what is answered. */
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { clientSays, serverSays, type Seen } from '../../src/core/message.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { closed, entry, events, founder, greeting, guest, host, said, welcome } from './solo.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'] as const;
const offer = (id: string, n: number): Uint8Array => encodeFrame(id, 'CHAT', `${n} 0 - - text`);
const seen = (seq: number, have: number, of: number, ...lack: string[]): string =>
  `seen:${JSON.stringify({ seq, have, of, lack })}`;

describe('a coordinator that is asked', () => {
  it('answers at once, and at its pings when that has changed, until all have it', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    solo.hear(1, offer(bob, 1));
    solo.pass(0);
    const { last } = solo.state.log;
    expect(said(solo.hear(1, clientSays.pong(bob, last, last)), 1)).toEqual([seen(last, 1, 2, cat)]);
    expect(said(solo.hear(1, clientSays.pong(bob, last, last)), 1)).toEqual([]);
    expect(said(solo.pass(250), 1)).toEqual(['ping']);
    solo.hear(2, clientSays.pong(cat, last));
    expect(said(solo.pass(250), 1)).toEqual(['ping', seen(last, 2, 2)]);
    expect(said(solo.pass(250), 1)).toEqual(['ping']);
  });

  it('looks at all members once for each ping, however often one asks', () => {
    const solo = founder();
    solo.admit(1, bob);
    for (let n = 1; n <= 9; n++) solo.hear(1, offer(bob, n));
    solo.pass(250);
    const { last } = solo.state.log;
    const asks = (): string[] =>
      Array.from({ length: 60 }, (_, at) => said(solo.hear(1, clientSays.pong(bob, last, last - (at % 9))), 1)).flat();
    expect(asks()).toEqual([seen(last, 1, 1)]);
    // What was asked for last is answered with the next ping.
    expect(said(solo.pass(250), 1)).toEqual(['ping', seen(last - 5, 1, 1)]);
    expect(said(solo.pass(250), 1)).toEqual(['ping']);
    expect(asks()).toEqual([seen(last, 1, 1)]);
  });

  it('counts those who are here now', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    solo.hear(1, offer(bob, 1));
    const { last } = solo.state.log;
    solo.hear(1, clientSays.pong(bob, last, last));
    solo.hear(2, clientSays.leave(cat));
    expect(said(solo.pass(250), 1)).toContain(seen(last, 1, 1));
  });

  it('names so many who lack it and no more', () => {
    const solo = founder();
    for (let at = 1; at <= limits.lackMax + 10; at++)
      solo.admit(at, `m${String(at).padStart(9, '0')}`, { name: `m${at}` });
    solo.hear(1, offer('m000000001', 1));
    const { last } = solo.state.log;
    const [answer] = said(solo.hear(1, clientSays.pong('m000000001', last, last)), 1);
    const news = JSON.parse((answer as string).slice('seen:'.length)) as Seen;
    expect(news).toMatchObject({ have: 1, of: limits.lackMax + 10 });
    expect(news.lack).toHaveLength(limits.lackMax);
  });

  it.each([
    ['beyond the log', 'pong:99'],
    ['with three numbers', 'pong:1 1 1'],
    ['with two spaces', 'pong:1  1'],
  ])('closes with one whose pong is %s', (_, body) => {
    const solo = founder();
    solo.admit(1, bob);
    expect(closed(solo.hear(1, encodeFrame(bob, 'SYSTEM', body)))).toEqual([1]);
  });

  it('knows of its own lines without being asked', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.feed({ kind: 'say', text: 'mine' });
    solo.pass(0);
    expect(events(solo.pass(250), 'receipt')).toMatchObject([{ n: 1, have: 0, of: 1, lacking: [{ id: bob }] }]);
    solo.hear(1, clientSays.pong(bob, solo.state.log.last));
    expect(events(solo.pass(250), 'receipt')).toMatchObject([{ n: 1, have: 1, of: 1, lacking: [] }]);
    expect(events(solo.pass(500), 'receipt')).toEqual([]);
  });
});

describe('a member that wants to know', () => {
  it('asks with its pongs until all have it', () => {
    const solo = guest();
    solo.feed({ kind: 'say', text: 'mine' });
    solo.hear(-1, entry(solo.echo(1, 3)));
    expect(said(solo.hear(-1, serverSays.ping()), -1)).toEqual(['pong:3 3']);
    const some = solo.hear(-1, serverSays.seen({ seq: 3, have: 0, of: 1, lack: [host.id] }));
    expect(events(some, 'receipt')).toMatchObject([{ n: 1, have: 0, of: 1, lacking: [host] }]);
    expect(events(solo.hear(-1, serverSays.seen({ seq: 3, have: 0, of: 1, lack: [host.id] })), 'receipt')).toEqual([]);
    expect(said(solo.hear(-1, serverSays.ping()), -1)).toEqual(['pong:3 3']);
    const all = solo.hear(-1, serverSays.seen({ seq: 3, have: 1, of: 1, lack: [] }));
    expect(events(all, 'receipt')).toMatchObject([{ have: 1, of: 1, lacking: [] }]);
    expect(said(solo.hear(-1, serverSays.ping()), -1)).toEqual(['pong:3']);
  });

  it('asks the next coordinator too', () => {
    const solo = guest();
    solo.feed({ kind: 'say', text: 'mine' });
    solo.hear(-1, entry(solo.echo(1, 3)));
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting, welcome({ room: 'aaaaaaaaaa', keep: 3, last: 3 }));
    expect(said(solo.hear(-2, serverSays.ping()), -2)).toEqual(['pong:3 3']);
  });

  it('takes no answer for another line', () => {
    const solo = guest();
    expect(events(solo.hear(-1, serverSays.seen({ seq: 2, have: 1, of: 1, lack: [] })), 'receipt')).toEqual([]);
  });
});
