/** The line that stands where the day changes, on a terminal. */
import { expect, it } from 'vitest';
import { dayName } from '../../src/face/time.ts';
import { carol, lineOf, stage } from './stage.ts';

const midday = (year: number, month: number, day: number): number => new Date(year, month - 1, day, 12).getTime();

it.each([
  [midday(2026, 11, 21), midday(2026, 11, 22), false, 'Saturday 21 November'],
  [midday(2026, 11, 21), midday(2026, 11, 22), true, 'Sat 21 Nov'],
  [midday(2025, 12, 31), midday(2026, 1, 1), false, 'Wednesday 31 December 2025'],
  [midday(2025, 12, 31), midday(2026, 1, 1), true, 'Wed 31 Dec 2025'],
])('a day is called by its name, and its year where it is another one (%d)', (ms, now, short, name) => {
  expect(dayName(ms, now, short)).toBe(name);
});

it.each([
  ['with colours', 60, {}, 'Saturday 3 January', 'Monday 5 January'],
  ['without', 60, { NO_COLOR: '1' }, 'Saturday 3 January', 'Monday 5 January'],
  ['where there is little room', 20, {}, 'Sat 3 Jan', 'Mon 5 Jan'],
])('stands once between what is of two days: %s', async (_, columns, env, saturday, monday) => {
  const { tty, set, say, tell } = await stage({ columns, env, enter: false });
  await set({ phase: 'joined' });
  await say('friday');
  await set({ now: Date.UTC(2026, 0, 3, 0, 1) });
  await say('early', 'still early');
  await set({ now: Date.UTC(2026, 0, 5, 9) });
  await tell({ kind: 'joined', member: carol, history: false });
  await say('now');
  await tty.until(({ lines }) => lines.includes('09:00 alice  now'));
  expect(tty.lines.slice(0, -1)).toEqual([
    '14:02 alice  friday',
    '── new ──',
    `── ${saturday} ──`,
    '00:01 alice  early',
    '00:01 alice  still early',
    `── ${monday} ──`,
    '09:00 * carol joined',
    '09:00 alice  now',
  ]);
});

it('stands in history too, and where what is said now follows it', async () => {
  const { tty, tell, say } = await stage({ enter: false });
  for (const [day, text] of [
    [30, 'one'],
    [30, 'two'],
    [31, 'three'],
  ] as const) {
    await tell({ kind: 'line', line: lineOf(text, { history: true, time: Date.UTC(2025, 11, day, 9, 5) }) });
  }
  await say('now');
  await tty.until(({ lines }) => lines.includes('14:02 alice  now'));
  expect(tty.lines.slice(0, -1)).toEqual([
    '── Tuesday 30 December 2025 ──',
    '09:05 alice  one',
    '09:05 alice  two',
    '── Wednesday 31 December 2025 ──',
    '09:05 alice  three',
    '── Friday 2 January ──',
    '14:02 alice  now',
  ]);
});
