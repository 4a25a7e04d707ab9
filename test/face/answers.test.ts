/** What a person is told who asks: how the room stands, who has one's last line, and what is kept of the past. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Range } from '../../src/core/command.ts';
import type { Healing, Line } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import { statusLines, whoLines } from '../../src/face/answers.ts';
import { exportTo, find, foundLines } from '../../src/face/archive.ts';
import { complete, mark, seenLine } from '../../src/face/receipt.ts';
import { sinceOf } from '../../src/face/time.ts';
import { whoIs } from '../core/toy.ts';
import { lineOf } from './stage.ts';

const member = (name: string, joined: number): Member => ({
  id: name,
  name,
  addresses: [`10.0.0.${joined}:6000`],
  joined,
  ...whoIs(name, name),
});
const [alice, bob, carol, dave] = [member('alice', 1), member('bob', 2), member('carol', 3), member('dave', 4)];
const at = { id: 'bob', name: 'bob', coordinator: alice };

describe('answers', () => {
  const standing = {
    ...at,
    members: [alice, bob, carol],
    successor: bob,
    lastHealing: undefined,
    pending: 0,
    untold: 0,
    telling: 0,
    addresses: ['10.0.0.2:6000'],
    receipt: undefined,
    topic: undefined,
    absences: new Map<string, string>(),
    moderation: { founder: undefined, ops: new Set<string>(), banned: [] },
  };

  it('/who', () => {
    expect(whoLines(standing)).toEqual([
      '3 are here, earliest first:',
      '  alice (coordinator)',
      '  bob (you)',
      '  carol',
    ]);
    expect(whoLines({ ...standing, coordinator: bob, members: [bob, carol] })[1]).toBe('  bob (coordinator, you)');
    expect(whoLines({ ...standing, members: [bob] })).toEqual(['only you are here']);
  });

  it('/status', () => {
    expect(statusLines(standing)).toEqual([
      'coordinator    alice, 10.0.0.1:6000',
      'successor      bob (you), 10.0.0.2:6000',
      'members        3: alice, bob and carol',
      'last failover  none so far',
      'not received   nothing: the room has all you said',
      'join by        10.0.0.2:6000',
    ]);
    const lastHealing: Healing = {
      why: 'ended',
      coordinator: alice,
      self: false,
      gone: [{ member: dave, why: 'ended' }],
      tookMs: 43,
      resent: 0,
    };
    expect(statusLines({ ...standing, lastHealing, pending: 2, successor: undefined, addresses: [] })).toEqual([
      'coordinator    alice, 10.0.0.1:6000',
      'successor      nobody',
      'members        3: alice, bob and carol',
      'last failover  dave is gone (process ended); alice coordinates (healed in 43 ms, nothing lost)',
      'not received   2 lines',
      'join by        nobody can reach this peer',
    ]);
    const handover: Healing = { ...lastHealing, why: 'handover', coordinator: bob, self: true, gone: [] };
    expect(statusLines({ ...standing, lastHealing: handover })).toContain(
      'last failover  handed over; you coordinate now',
    );
  });
});

describe('/seen', () => {
  const receipt = (have: number, of: number, lacking: readonly Member[] = []) => ({
    receipt: { kind: 'receipt' as const, n: 7, have, of, lacking },
  });
  const nobody = { receipt: undefined };
  const crowd = Array.from({ length: 64 }, (_, index) => member(`m${index}`, index));

  it.each([
    ['nothing said', nobody, undefined, 'you have not said anything yet'],
    ['nothing known', nobody, 7, 'not known yet'],
    ['known only of the line before', receipt(7, 7), 8, 'not known yet'],
    ['a line of the last run', receipt(7, 7), undefined, 'all 7 others have your last line'],
    ['both', receipt(2, 2), 7, 'both others have your last line'],
    ['all', receipt(7, 7), 7, 'all 7 others have your last line'],
    ['two lack it', receipt(5, 7, [carol, dave]), 7, '5 of 7 have your last line; carol and dave do not yet'],
    ['one lacks it', receipt(1, 2, [carol]), 7, '1 of 2 has your last line; carol does not yet'],
    ['the only other one', receipt(1, 1), 7, 'the other one has your last line'],
    ['alone', receipt(0, 0), 7, 'nobody else is here'],
    [
      'more than are named',
      receipt(10, 100, crowd),
      7,
      '10 of 100 have your last line; m0, m1, m2, m3 and 86 others do not yet',
    ],
    ['nobody is named', receipt(1, 3), 7, '1 of 3 has your last line'],
  ])('%s', (_, standing, said, told) => expect(seenLine(standing, said)).toBe(told));

  it('marks a line', () => {
    expect([receipt(5, 7), receipt(7, 7), receipt(0, 0)].map((one) => mark(one.receipt))).toEqual([
      '✓ 5/7',
      '✓ 7/7',
      '',
    ]);
    expect([receipt(5, 7), receipt(7, 7), receipt(0, 0)].map((one) => complete(one.receipt))).toEqual([
      false,
      true,
      true,
    ]);
  });
});

describe('since when', () => {
  const now = new Date(2026, 10, 20, 14, 30).getTime();
  it.each<[Exclude<Range, { kind: 'latest' }>, Date]>([
    [{ kind: 'ago', ms: 600_000 }, new Date(2026, 10, 20, 14, 20)],
    [{ kind: 'time', hour: 14, minute: 2 }, new Date(2026, 10, 20, 14, 2)],
    [{ kind: 'time', hour: 14, minute: 30 }, new Date(2026, 10, 20, 14, 30)],
    [{ kind: 'time', hour: 14, minute: 31 }, new Date(2026, 10, 19, 14, 31)],
    [{ kind: 'day', year: 2026, month: 3, day: 1 }, new Date(2026, 2, 1)],
  ])('%j', (range, date) => expect(sinceOf(range, now)).toBe(date.getTime()));
});

describe('the past', () => {
  const now = new Date(2026, 10, 20, 14, 30).getTime();
  const then = new Date(2026, 10, 19, 9, 5).getTime();
  const asked: unknown[] = [];
  const past = (lines: readonly Line[], more = 0) => ({
    room: 'r/../\u001b7',
    history: (range: object) => {
      asked.push(range);
      return lines;
    },
    search: (...about: readonly unknown[]) => {
      asked.push(about);
      return { lines, more };
    },
    export: (...about: readonly unknown[]) => {
      asked.push(about);
      return Promise.resolve(lines.length);
    },
  });
  const two = [lineOf('one', { time: then }), lineOf('two\u001b[2J', { time: now, apart: true })];

  it.each([
    [past(two), { kind: 'latest', count: 20 }, { count: 20 }, 'history: the last 2 lines'],
    [past(two.slice(1)), { kind: 'latest', count: 20 }, { count: 20 }, 'history: the last line'],
    [past([]), { kind: 'latest', count: 20 }, { count: 20 }, 'history: nothing yet'],
    [past(two), { kind: 'ago', ms: 60_000 }, { since: now - 60_000 }, 'history: 2 lines since 14:29'],
    [
      past(two),
      { kind: 'day', year: 2026, month: 11, day: 19 },
      { since: new Date(2026, 10, 19).getTime() },
      'history: 2 lines since 2026-11-19 00:00',
    ],
    [past([]), { kind: 'ago', ms: 60_000 }, { since: now - 60_000 }, 'history: nothing since 14:29'],
  ] as const)('%#', (peer, range, asks, heading) => {
    const found = find(peer, { kind: 'history', range }, now);
    expect(asked.pop()).toEqual(asks);
    expect(found.heading).toBe(heading);
  });

  it.each([
    [past(two, 12), 'search: the last 2 lines with "a[x", 12 more before them'],
    [past(two, 1200), 'search: the last 2 lines with "a[x", 1,200 more before them'],
    [past(two), 'search: 2 lines with "a[x"'],
    [past([]), 'search: nothing has "a[x"'],
  ])('%#', (peer, heading) => {
    const found = find(peer, { kind: 'search', text: 'a\u001b[x' }, now);
    expect(asked.pop()).toEqual(['a\u001b[x', 50]);
    expect(found.heading).toBe(heading);
  });

  it('is plain where nothing but lines can be shown', () => {
    expect(foundLines(find(past(two), { kind: 'search', text: 'o' }, now))).toEqual([
      'search: 2 lines with "o"',
      '  2026-11-19 09:05 alice: one',
      '  2026-11-20 14:30 alice (while apart): two[2J',
    ]);
  });

  it.each([
    [null, join(process.cwd(), 'groupchat-r7-2026-11-20.txt')],
    ['notes.txt', join(process.cwd(), 'notes.txt')],
    ['/tmp/x.jsonl', '/tmp/x.jsonl'],
    ['~/x.txt', join(homedir(), 'x.txt')],
  ])('is exported to %j', async (file, path) => {
    const unsigned = { file, signed: false };
    expect(await exportTo(past(two), unsigned, now)).toBe(`2 lines were written to ${path}`);
    expect(asked.pop()).toEqual([path, { signed: false }]);
    expect(await exportTo(past(two.slice(1)), unsigned, now)).toBe(`1 line was written to ${path}`);
  });

  it('is exported with signatures', async () => {
    const path = join(process.cwd(), 'groupchat-r7-2026-11-20.jsonl');
    const done = await exportTo(past(two), { file: null, signed: true }, now);
    expect(done).toBe(`2 lines were written to ${path}: groupchat verify checks it`);
    expect(asked.pop()).toEqual([path, { signed: true }]);
  });
});
