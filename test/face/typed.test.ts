/** What Tab finds, and what Up brings back in another run. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { pathsFrom } from '../../src/face/paths.ts';
import { alice, bob, carol, stage } from './stage.ts';

const up = '\u001b[A';
const down = '\u001b[B';
let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
});

describe('Tab', () => {
  it.each([
    ['a name after @', 'thanks @ali', 'bob› thanks @alice'],
    ['a name after a command about people', '/kick al', 'bob› /kick alice'],
    ['a command', '/wh0\u007fois', 'bob› /whois'],
    ['in the middle of a line', `hi ali there${'\u001b[D'.repeat(6)}`, 'bob› hi alice  there'],
  ])('completes %s', async (_, typed, shown) => {
    const { tty } = await stage({ columns: 100 });
    tty.type(typed);
    tty.type('\t');
    await tty.until(({ lines }) => lines.at(-1) === shown);
  });

  it('completes paths behind /export, and shows a choice', async () => {
    mkdirSync(join(folder, 'my notes'));
    for (const name of ['room.txt', 'room.jsonl', 'room.sh', '.hidden.txt', 'bad\u001b[2J.txt']) {
      writeFileSync(join(folder, 'my notes', name), '');
    }
    const { tty } = await stage({ columns: 200, shell: `cd '${folder}' && exec "$@"` });
    tty.type('/export my\t');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› /export my notes/');
    tty.type('\t');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› /export my notes/room.');
    tty.type('\t');
    await tty.until(({ lines }) => lines.includes('notes/room.jsonl  notes/room.txt'));
    tty.type(`\u0015/export --signed ${folder}/my\t`);
    await tty.until(({ lines }) => lines.at(-1) === `bob› /export --signed ${folder}/my notes/`);
    expect(pathsFrom('/nowhere/x')).toEqual([]);
  });

  it('shows no more than a page of what it finds', async () => {
    const { tty, set } = await stage({ columns: 60 });
    const crowd = Array.from({ length: 300 }, (_, at) => ({ ...carol, name: `guest${at}` }));
    await set({ members: [alice, bob, ...crowd] });
    tty.type('hi guest\t');
    await tty.until(({ rows }) => rows.some((row) => row.includes('… and 240 more')));
    expect(tty.rows.length).toBeLessThan(20);
  });
});

describe('what was typed', () => {
  it('is drawn in as many columns as every terminal counts, where pictures are joined', async () => {
    const { tty, sent, untilSent } = await stage({ env: { DESK: join(folder, 'bob') } });
    tty.type('👩\u200d💻 and 👁\ufe0f\u200d🗨 क\u094d\u200dष');
    await tty.until(({ cursor }) => cursor.row.includes('👩‿💻 and'));
    // Some draw the pair in two columns, and the row would be drawn over those above.
    expect(tty.written).not.toMatch(/\p{Extended_Pictographic}\ufe0f?\u200d/u);
    tty.type('\r');
    await untilSent(1);
    tty.type(`${up}\r`);
    await untilSent(2);
    expect(sent).toEqual(Array(2).fill('👩\u200d💻 and 👁\ufe0f\u200d🗨 क\u094d\u200dष'));
  });

  it('comes back with Up in the next run, but for what is private', async () => {
    const env = { DESK: join(folder, 'bob') };
    const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
    const first = await stage({ env, columns: 100 });
    await first.set({ known: [{ name: 'alice', key: 'K'.repeat(43), own: false }] });
    const typed = [
      'hello all',
      '/who',
      '/msg alice secret',
      '/r secret',
      '/mgs alice secret',
      '/msg alice',
      'in private',
      '/room',
      `the door: gc://10.0.0.5:6000/#${key}`,
      `just ${key}`,
      'bye',
    ];
    first.tty.type(typed.map((line) => `${line}\r`).join(''));
    await first.untilSent(6);
    // In the same run, all of it does.
    first.tty.type(`${up}${up}`);
    await first.tty.until(({ lines }) => lines.at(-1) === `bob› just ${key}`);
    first.tty.type('\u0015/quit\r');
    await first.tty.exit;
    expect(readFileSync(join(folder, 'bob', 'typed'), 'utf8')).toBe('hello all\n/who\nbye\n/quit\n');
    const { tty } = await stage({ env });
    tty.type(up.repeat(4));
    await tty.until(({ lines }) => lines.at(-1) === 'bob› hello all');
    tty.type(down);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› /who');
  });

  it('is not kept with --no-history', async () => {
    const env = { DESK: join(folder, 'bob'), LINES: 'none' };
    const { tty, untilSent } = await stage({ env });
    tty.type('hello all\r');
    await untilSent(1);
    tty.type('/quit\r');
    await tty.exit;
    expect(() => readFileSync(join(folder, 'bob', 'typed'))).toThrow('ENOENT');
  });
});
