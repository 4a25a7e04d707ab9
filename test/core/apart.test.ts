/** Lines that another part of the room said: in their order, each once, and in nobody's name but the author's. */
import { describe, expect, it } from 'vitest';
import { entryFrame, type ChatEntry, type Entry } from '../../src/core/entry.ts';
import { limits } from '../../src/core/limits.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { personOf } from '../../src/core/view.ts';
import { clientSays } from '../../src/core/message.ts';
import { entry as bytesOf, founder, greeting, guest, host, room, said, somebody, welcome, type Solo } from './solo.ts';
import { line } from './table.ts';

const [bob, cat, dan, eve] = ['bob0000000', 'cat0000000', 'dan0000000', 'eve0000000'] as const;

/** What bob knows of dan, of whom nobody else does. */
const daniel = personOf(somebody(dan, 'dan', 1));

const offer = (id: string, n: number, text: string): Uint8Array => encodeFrame(id, 'CHAT', `${n} 0 - - ${text}`);
/** `from` holds the line of `author` that stood at 2.seq. */
const held = (from: string, author: string, n: number, seq: number, change: Partial<ChatEntry> = {}): Uint8Array =>
  clientSays.held(from, entryFrame(line(author, n, seq, { epoch: 2, text: `${author} ${n}`, ...change })));

/** The lines of the room, in their order. */
const lines = (solo: Solo): string[] => {
  const all = [...solo.state.log.entries(1)];
  return all.flatMap((entry) => (entry.kind === 'chat' ? [`${entry.author} ${entry.n}`] : []));
};

describe('lines said apart', () => {
  it('come in together when it is quiet, in the order in which they stood, marked and with a name', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.hear(1, held(bob, dan, 1, 5), held(bob, eve, 1, 6), held(bob, dan, 2, 9, { by: daniel }));
    solo.pass(limits.gatherQuietMs - 1);
    solo.admit(2, cat, { name: 'cat' });
    solo.hear(2, held(cat, eve, 1, 6), held(cat, eve, 2, 8), held(cat, dan, 2, 9));
    expect(lines(solo)).toEqual([]);
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo)).toEqual([`${dan} 1`, `${eve} 1`, `${eve} 2`, `${dan} 2`]);
    expect([...solo.state.log.entries(1)].at(-1)).toMatchObject({ apart: true, by: daniel, text: `${dan} 2` });
  });

  it('keep the order of their author, wherever they stood', () => {
    const solo = founder();
    solo.admit(1, bob);
    // Its line 2 stood in an older reign: it was said apart before.
    solo.hear(1, held(bob, dan, 2, 4, { epoch: 1 }), held(bob, dan, 1, 5), held(bob, eve, 1, 3));
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo)).toEqual([`${dan} 1`, `${eve} 1`, `${dan} 2`]);
  });

  it('that follow one which has not come wait for it, but not for ever', () => {
    const solo = founder({ silenceMs: 60_000 });
    solo.admit(1, bob);
    solo.hear(1, held(bob, dan, 1, 6), held(bob, dan, 3, 7), held(bob, eve, 1, 8), held(bob, dan, 4, 9));
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo)).toEqual([`${dan} 1`, `${eve} 1`]);
    solo.admit(2, cat, { name: 'cat' });
    solo.hear(2, held(cat, dan, 1, 3), held(cat, dan, 2, 4));
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo).slice(2)).toEqual([2, 3, 4].map((n) => `${dan} ${n}`));
    solo.hear(2, held(cat, dan, 9, 20));
    solo.pass(limits.gatherMs);
    expect(lines(solo).at(-1)).toBe(`${dan} 9`);
  });

  it('that follow one which has not come wait longer while somebody is lost, who may bring it', () => {
    const solo = founder({ silenceMs: 60_000 });
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat', addresses: ['cat.lan:6000'] });
    solo.feed({ kind: 'closed', link: 2 });
    solo.feed({ kind: 'failed', link: -1, refused: true, message: '' });
    solo.hear(1, held(bob, dan, 2, 7), held(bob, eve, 1, 8));
    solo.pass(10 * limits.gatherMs);
    expect(lines(solo)).toEqual([`${eve} 1`]);
    solo.admit(3, cat, { name: 'cat', addresses: ['cat.lan:6000'] });
    solo.hear(3, held(cat, dan, 1, 3));
    solo.pass(limits.gatherMs);
    expect(lines(solo)).toEqual([`${eve} 1`, `${dan} 1`, `${dan} 2`]);
  });

  it('are not taken of somebody present, but from itself', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.admit(2, cat, { name: 'cat' });
    solo.hear(1, held(bob, cat, 1, 5, { text: 'I am a fool' }));
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo)).toEqual([]);
    solo.hear(2, offer(cat, 1, 'I am not'));
    expect(lines(solo)).toEqual([`${cat} 1`]);
    solo.hear(1, held(bob, cat, 2, 6));
    solo.hear(2, clientSays.leave(cat));
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo)).toEqual([`${cat} 1`]);
    // When it has gone, those who hold what it said offer that again.
    solo.hear(1, held(bob, cat, 2, 6));
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo)).toEqual([`${cat} 1`, `${cat} 2`]);
  });

  it('come before what their author says now', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.hear(1, held(bob, bob, 1, 5), held(bob, bob, 2, 6), offer(bob, 3, 'now'), offer(bob, 3, 'now'));
    expect(lines(solo)).toEqual([]);
    solo.pass(limits.gatherQuietMs);
    expect(lines(solo)).toEqual([1, 2, 3].map((n) => `${bob} ${n}`));
  });

  it.each([
    ['so far ahead that the author would be silent for ever', held(bob, dan, limits.lineLeapMax + 1, 5)],
    ['that its author, who is here, has never said', 'own'],
    ['and a gap after new ones', Buffer.concat([offer(bob, 2, 'two'), offer(bob, 4, 'four')])],
  ])('%s are a breach', (_, bytes) => {
    const solo = founder();
    solo.admit(1, bob);
    solo.hear(1, held(bob, bob, 1, 5));
    const effects = solo.hear(1, bytes === 'own' ? held(bob, solo.id, 1, 5) : (bytes as Uint8Array));
    expect(said(effects, 1)[0]).toContain('refused:{"code":"order"');
  });

  it('and no change of the view', () => {
    const solo = founder();
    solo.admit(1, bob);
    const entry = { kind: 'left', epoch: 2, seq: 5, time: 0, id: solo.id, why: 'ended' } as const;
    const effects = solo.hear(1, clientSays.held(bob, entryFrame(entry)));
    expect(said(effects, 1)[0]).toContain('refused:{"code":"body"');
  });

  it('are so many and no more: whoever holds others offers them again', () => {
    const solo = founder();
    solo.admit(1, bob);
    const text = 'x'.repeat(limits.lineBytesMax);
    const count = limits.gatherBytesMax / limits.lineBytesMax;
    const each = limits.coverLinesMax;
    const authors = Array.from({ length: count / each + 1 }, (_, at) => `dan${at}000000`);
    for (const author of authors) for (let n = 1; n <= each; n++) solo.hear(1, held(bob, author, n, n, { text }));
    expect(authors.map((author) => solo.state.log.authors.get(author))).toEqual(authors.map(() => undefined));
    solo.pass(limits.gatherQuietMs);
    const taken = authors.map((author) => solo.state.log.authors.get(author) ?? 0);
    expect(taken).toEqual(authors.map((_, at) => (at < count / each ? each : 0)));
  });

  it('that nobody signed are so many, and none that does not show', () => {
    const solo = founder();
    solo.admit(1, bob);
    const most = limits.coverLinesMax;
    const cover = { from: 1, signature: 's'.repeat(86) };
    solo.hear(1, held(bob, dan, most, 5), held(bob, dan, most + 1, 6));
    solo.hear(1, held(bob, 'eve0000000', 2, 7, { what: 'seal', cover, text: '' }));
    solo.pass(limits.gapMs);
    expect(solo.state.log.authors.get(dan)).toBe(most);
    expect(solo.state.log.authors.get('eve0000000')).toBe(undefined);
  });

  it('are of so many whom nobody has met, and no more', () => {
    const solo = founder();
    solo.admit(1, bob);
    const authors = Array.from({ length: limits.hearsayMax + 5 }, (_, at) => `x${String(at).padStart(9, '0')}`);
    for (const author of authors) solo.hear(1, held(bob, author, 1, 5));
    solo.pass(limits.gatherQuietMs);
    expect(authors.filter((author) => solo.state.log.authors.has(author))).toHaveLength(limits.hearsayMax);
    // Of one who was here there may always be some.
    solo.admit(2, dan, { name: 'dan' });
    solo.hear(2, clientSays.leave(dan));
    solo.hear(1, held(bob, dan, 1, 5));
    solo.pass(limits.gatherQuietMs);
    expect(solo.state.log.authors.get(dan)).toBe(1);
  });

  it('are offered again by those who hold them when their author is gone', () => {
    const solo = guest();
    const fay = somebody('fay0000000', 'fay', 3, []);
    solo.hear(-1, bytesOf(line(fay.id, 1, 3, { text: 'lost?' })));
    solo.feed({ kind: 'closed', link: -1 });
    const begin: Entry = { kind: 'peers', epoch: 2, seq: 3, time: 0, count: 3, members: [host, fay], lost: [] };
    solo.hear(-2, greeting, welcome({ room, keep: 2, last: 3 }), bytesOf(begin));
    const lost = [expect.stringContaining('lost?')];
    expect(said(solo.pass(0), -2)).toEqual(lost);
    solo.hear(-2, bytesOf({ kind: 'joined', epoch: 2, seq: 4, time: 0, member: somebody('xat0000000', 'xat', 4) }));
    expect(said(solo.pass(0), -2)).toEqual([]);
    solo.hear(-2, bytesOf({ kind: 'left', epoch: 2, seq: 5, time: 0, id: fay.id, why: 'ended' }));
    expect(said(solo.pass(0), -2)).toEqual(lost);
    solo.hear(-2, bytesOf(line(fay.id, 1, 6, { epoch: 2, text: 'lost?', apart: true })));
    solo.hear(-2, bytesOf({ kind: 'left', epoch: 2, seq: 7, time: 0, id: 'xat0000000', why: 'ended' }));
    expect(said(solo.pass(0), -2)).toEqual([]);
  });
});
