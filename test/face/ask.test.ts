/** The question for a key, seen on a terminal: nothing of what is typed is ever shown. */
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Tty } from './tty.ts';

const dist = process.env['GROUPCHAT_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url));
const asker = fileURLToPath(new URL('asker.js', import.meta.url));
const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const shownKey = `key ${Array.from(key).toReversed().join('')}`;
const question = 'What is the key of the room, or its whole invite? (nothing is shown)';

async function ask(): Promise<Tty> {
  const shell = '"$@"; echo "code $?"; stty -a; echo end; read x';
  const tty = new Tty('sh', ['-c', shell, 'sh', process.execPath, asker, dist], { columns: 100 });
  await tty.until(({ lines }) => lines.at(-1) === question);
  return tty;
}

/** How the terminal was left. */
const given = /(?<= )icanon .* echo /u;

describe('a key', () => {
  it.each([
    ['typed', [...key.split(''), '\r']],
    ['pasted', [`${key}\r`]],
    ['pasted with its line end apart', [key, '\n']],
    ['pasted as an invite in quotes', [`'gc://10.0.0.5:6000/#${key}'\r`]],
    ['typed again after Ctrl+U', ['oops', '\u0015', key, '\r']],
    ['mended with Backspace', [`${key}xy`, '\u007f', '\b', '\r']],
    [
      'with keys between that mean nothing here',
      [`${key.slice(0, 9)}\u001b[D\u001bOA\u001b[3~\t\u001a${key.slice(9)}\r`],
    ],
  ])('%s, is taken and not shown', async (_, keys) => {
    const tty = await ask();
    const before = tty.written.length;
    for (const one of keys) tty.type(one);
    await tty.until(({ lines }) => lines.includes(shownKey));
    // The line end, and then what the program itself says.
    expect(tty.written.slice(before).replace(/\u001b\[[\d;?]*[a-z]/giu, '')).toMatch(/^\r\nkey /u);
    expect(tty.lines.slice(0, 2)).toEqual([question, shownKey]);
    tty.type('hello\r');
    await tty.until(({ lines }) => lines.includes('end'));
    expect(tty.lines).toContain('line olleh');
    expect(tty.lines).toContain('code 0');
    expect(tty.lines.join(' ')).toMatch(given);
  });

  it('that is wrong is asked for again, with what is wrong, and without it', async () => {
    const tty = await ask();
    tty.type(`${key.slice(1)}\r`);
    await tty.until(({ lines }) => lines.length === 3 && lines.at(-1) === question);
    expect(tty.lines[1]).toBe('a key has 43 characters, not 42: copy the whole of it');
    tty.type('gc://10.0.0.5:6000/\r');
    await tty.until(({ lines }) => lines.length === 5 && lines.at(-1) === question);
    expect(tty.lines[3]).toBe('there is no key in that invite: it stands behind the #');
    tty.type(`${'x'.repeat(5000)}\r`);
    await tty.until(({ lines }) => lines.length === 7 && lines.at(-1) === question);
    tty.type(`${key}\r`);
    await tty.until(({ lines }) => lines.includes(shownKey));
    expect(tty.written).not.toContain(key.slice(1, 20));
    expect(tty.written).not.toContain('xx');
    tty.type('\r');
    await tty.until(({ lines }) => lines.includes('end'));
  });

  it('leaves to the room what was typed ahead', async () => {
    const tty = await ask();
    tty.type(`${key}\rhello\r`);
    await tty.until(({ lines }) => lines.includes('end'));
    expect(tty.lines).toContain('line olleh');
  });
});

describe('whoever goes away', () => {
  it.each(['\u0003', '\u0004', `${key}\u0003`, `${key}\u0004`])('by %j gets the terminal back', async (keys) => {
    const tty = await ask();
    tty.type(keys);
    await tty.until(({ lines }) => lines.includes('end'));
    const how = keys.endsWith('\u0003') ? 'interrupted' : 'went away';
    expect(tty.lines.slice(0, 3)).toEqual([question, how, 'code 2']);
    expect(tty.lines.join(' ')).toMatch(given);
  });

  it.each(['INT', 'TERM', 'HUP'])('by SIG%s gets the terminal back', async (signal) => {
    const tty = new Tty(
      'sh',
      ['-c', '"$@"; stty -a; echo end; read x', 'sh', process.execPath, '-e', signalled(signal)],
      {
        columns: 100,
      },
    );
    await tty.until(({ lines }) => lines.includes('end'));
    expect(tty.lines[0]?.startsWith(question)).toBe(true);
    expect(tty.lines.join(' ')).toMatch(given);
  });
});

/** A program that asks, and sends itself the signal. */
function signalled(signal: string): string {
  return `import('${dist}/face/ask.js').then(({ askKey }) => {
    void askKey(process.stdin, process.stdout).then(() => process.exit(2));
    if (!process.stdin.isRaw) throw new Error('what is typed is shown');
    process.kill(process.pid, 'SIG${signal}');
  })`;
}
