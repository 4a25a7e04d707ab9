/** Colours by theme, and the terminal read aloud. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alice, bob, carol, ownLine, stage, withoutMarks } from './stage.ts';

const colour = /\u001b\[[\d;]*m/u;

describe('/theme', () => {
  it('changes the colours at once, and for the next run', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const env = { DESK: join(folder, 'bob') };
    const { tty, say } = await stage({ env });
    await say('in the dark');
    await tty.until(({ lines }) => lines.includes('14:02 alice  in the dark'));
    const dark = /(\u001b\[\d+m)alice/u.exec(tty.written)?.[1];
    tty.type('/theme light\r');
    await tty.until(({ lines }) => lines.includes('14:02 * the colours are: light'));
    const before = tty.written.length;
    await say('in the light');
    await tty.until(({ lines }) => lines.includes('14:02 alice  in the light'));
    const light = /(\u001b\[\d+m)alice/u.exec(tty.written.slice(before))?.[1];
    expect(['34', '35', '31', '32', '36']).toContain(light?.slice(2, -1));
    expect([dark, light]).not.toContain(undefined);
    tty.type('/theme none\r');
    await tty.until(({ lines }) => lines.includes('14:02 * the colours are: none'));
    tty.type('/quit\r');
    await tty.exit;
    const next = await stage({ env });
    await next.say('hello');
    await next.tty.until(({ lines }) => lines.includes('14:02 alice  hello'));
    expect(next.tty.written).not.toMatch(colour);
    next.tty.type('/theme pink\r');
    await next.tty.until(({ lines }) => lines.includes('14:02 * type /theme dark, /theme light or /theme none'));
  });

  it('says so where there are no colours, and keeps what is wished', async () => {
    const { tty } = await stage({ columns: 100, env: { NO_COLOR: '1' } });
    tty.type('/theme light\r');
    const told = '14:02 * no colours: this terminal has none, or NO_COLOR is set';
    await tty.until(({ lines }) => lines.includes(told));
    expect(tty.written).not.toMatch(colour);
  });
});

it('for a screen reader lines are appended in words, and nothing is ever drawn', async () => {
  const { tty, tell, say, set, sent, untilSent } = await stage({
    columns: 100,
    enter: false,
    env: { READER: '1', FORCE_COLOR: '1' },
  });
  await set({ phase: 'joined', access: { kind: 'private', key: 'A'.repeat(43) } });
  await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
  await say('hello');
  tty.type('hi alice\n');
  await untilSent(1);
  await tell({ kind: 'line', line: ownLine('hi alice', { n: 1 }) });
  await tell({ kind: 'receipt', n: 1, have: 1, of: 1, lacking: [] });
  await tell({ kind: 'joined', member: carol, history: false });
  await set({ now: Date.UTC(2026, 0, 3, 8) });
  await say('good morning');
  await tty.until(({ lines }) => lines.includes('alice says: good morning'));
  tty.type('/clear\n');
  await tty.until(({ lines }) => lines.includes('nothing can be cleared here: lines are only appended'));
  tty.type('/theme dark\n');
  await tty.until(({ lines }) => lines.includes('no colours: lines are only appended here'));
  tty.type('/invite\n/quit\n');
  expect(await tty.exit).toBe(0);
  expect(sent).toEqual(['hi alice']);
  expect(tty.lines.slice(0, 7)).toEqual([
    'you are in the room with alice; alice coordinates',
    'this room is private: /invite shows how others join',
    'alice says: hello',
    'hi alice',
    'carol joined',
    'Saturday 3 January',
    'alice says: good morning',
  ]);
  expect(withoutMarks(tty)).not.toMatch(/[\u001b\u2500-\u259f›→✓]/u);
});
