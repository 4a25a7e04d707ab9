/** The terminal is given back as it was, however the process ends. */
import { expect, it } from 'vitest';
import { marks } from '../../src/face/keyboard.ts';
import { at, dist, freePort } from '../plays/stage.ts';
import { stage } from './stage.ts';
import { Tty } from './tty.ts';

/** Tells its id, and how the terminal is left; and stays, so that nothing of that is lost with it. */
const shell = `sh -c 'echo "pid $$"; exec "$@"' sh "$@"; echo "code $?"; stty -a; echo end; read x`;

async function expectGivenBack(tty: Tty): Promise<void> {
  await tty.until(({ lines }) => lines.at(-1) === 'end');
  expect(tty.lines.join(' ')).toMatch(/ icanon .* echo /u);
  for (const mode of [1004, 2004]) {
    const [on, off] = [tty.written.lastIndexOf(`\u001b[?${mode}h`), tty.written.lastIndexOf(`\u001b[?${mode}l`)];
    expect(on).toBeGreaterThan(0);
    expect(off).toBeGreaterThan(on);
  }
}

it.each([
  ['an exception that nobody catches', { fails: true }, 1, {}],
  ['a promise that nobody awaits', { rejects: true }, 1, {}],
  ['an end without a goodbye', { exits: true }, 7, {}],
  ['an end without a goodbye, read aloud', { exits: true }, 7, { READER: '1' }],
])('after %s', async (_, set, code, env) => {
  const made = await stage({ shell, enter: false, env });
  // The face has begun.
  await made.set({});
  made.tty.type('typing');
  await made.tty.until(({ cursor }) => /(?:› |^)typing$/u.test(cursor.row));
  void made.set(set);
  await expectGivenBack(made.tty);
  expect(made.tty.lines).toContain(`code ${code}`);
});

it.each([
  ['SIGINT', []],
  ['SIGTERM', []],
  ['SIGHUP', []],
  ['SIGTERM', ['--screen-reader']],
])('after %s %s', async (signal, options) => {
  const program = [process.execPath, `${dist}/cli.js`, '--name', 'bob', '--listen', at(await freePort()), ...options];
  const tty = new Tty('sh', ['-c', shell, 'sh', ...program], { columns: 100 });
  await tty.until(({ written }) => written.includes(marks(true)));
  tty.type('typing');
  await tty.until(({ cursor }) => /^(?:bob› )?typing$/u.test(cursor.row));
  const pid = tty.lines.map((line) => /pid (\d+)$/u.exec(line)?.[1]).find((one) => one !== undefined);
  process.kill(Number(pid), signal);
  await expectGivenBack(tty);
  expect(tty.lines).toContain('code 0');
});

it.each([[[]], [['--screen-reader']]])('after its shell was killed, it goes too: %j', async (options) => {
  const program = [process.execPath, `${dist}/cli.js`, '--name', 'bob', '--listen', at(await freePort()), ...options];
  const tty = new Tty('sh', ['-c', `${shell}; :`, 'sh', ...program], { columns: 100 });
  await tty.until(({ lines }) => lines.some((line) => line.endsWith('you started the room')));
  const pid = Number(tty.lines.map((line) => /pid (\d+)$/u.exec(line)?.[1]).find((one) => one !== undefined));
  // The shell leads the session: the terminal hangs up, and whoever is in its foreground hears of it.
  tty.close();
  await tty.exit;
  const lives = (): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };
  await expect.poll(lives, { timeout: 30_000 }).toBe(false);
});
