/** What a person finds again at the terminal, on a real disk. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { Desk } from '../../src/io/desk.ts';

let folder = '';
beforeEach(() => {
  const above = mkdtempSync(join(tmpdir(), 'groupchat-'));
  folder = join(above, 'bob');
  onTestFinished(() => rmSync(above, { recursive: true }));
});
const open = (lines = true): Promise<Desk> => Desk.open({ folder, lines });

describe('typed lines', () => {
  it('come back, each once, for this person alone', async () => {
    const desk = await open();
    expect(desk.typed).toEqual([]);
    for (const line of ['one', 'two', 'one', 'three']) desk.keepLine(line);
    await desk.close();
    expect((await open()).typed).toEqual(['two', 'one', 'three']);
    expect(statSync(join(folder, 'typed')).mode & 0o777).toBe(0o600);
  });

  it('of two processes are kept both', async () => {
    const [here, there] = [await open(), await open()];
    here.keepLine('here');
    await here.close();
    there.keepLine('there');
    await there.close();
    expect((await open()).typed).toEqual(['here', 'there']);
  });

  it('are bounded, in number and in bytes', async () => {
    const desk = await open();
    for (let at = 0; at < 600; at++) desk.keepLine(`line ${at}`);
    await desk.close();
    const { typed } = await open();
    expect(typed).toHaveLength(limits.keptLinesMax);
    expect(typed.at(-1)).toBe('line 599');
    for (const letter of 'abcdefghij') desk.keepLine(letter.repeat(16_000));
    await desk.close();
    expect(statSync(join(folder, 'typed')).size).toBeLessThanOrEqual(limits.keptBytesMax);
    expect((await open()).typed.map((line) => line[0]).join('')).toBe('cdefghij');
  });

  it('are not kept where nothing is, and then nothing is read', async () => {
    const before = await open();
    before.keepLine('before');
    await before.close();
    const desk = await open(false);
    expect(desk.typed).toEqual([]);
    desk.keepLine('secret');
    await desk.close();
    expect(readFileSync(join(folder, 'typed'), 'utf8')).toBe('before\n');
    const none = await Desk.open({ folder: undefined, lines: true });
    none.keepLine('x');
    await none.close();
    expect(none.typed).toEqual([]);
  });

  it('with anything that moves a cursor are passed over', async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'typed'), 'good\n\u001b[2Jbad\n\nfine\n', { mode: 0o600 });
    expect((await open()).typed).toEqual(['good', 'fine']);
  });

  it('that others can read or change are not read, nor written', async () => {
    mkdirSync(folder, { mode: 0o700 });
    writeFileSync(join(folder, 'typed'), 'theirs\n');
    chmodSync(join(folder, 'typed'), 0o644);
    const desk = await open();
    desk.keepLine('mine');
    await desk.close();
    expect(desk.typed).toEqual([]);
    expect(readFileSync(join(folder, 'typed'), 'utf8')).toBe('theirs\n');
  });

  it('that cannot be written are told of once', async () => {
    const desk = await open();
    writeFileSync(folder, '');
    const told: string[] = [];
    desk.warn = (message) => told.push(message);
    desk.keepLine('one');
    await desk.close();
    desk.keepLine('two');
    await desk.close();
    expect(told).toEqual([expect.stringMatching(/^what you type is not kept: .*bob is not a folder/u)]);
  });
});

describe('taste', () => {
  it('comes back', async () => {
    const desk = await open(false);
    desk.keepTaste({ theme: 'light' });
    desk.keepTaste({ quiet: true });
    await desk.close();
    expect((await open()).taste).toEqual({ theme: 'light', quiet: true });
    expect(statSync(join(folder, 'terminal.json')).mode & 0o777).toBe(0o600);
  });

  it.each(['', '{', '[]', '{"theme":"pink","bell":7}', 'x'.repeat(10_000)])(
    'that is damaged is as it comes: %s',
    async (text) => {
      mkdirSync(folder, { mode: 0o700 });
      writeFileSync(join(folder, 'terminal.json'), text, { mode: 0o600 });
      const { theme = 'dark', bell = true, quiet = false } = (await open()).taste;
      expect({ theme, bell, quiet }).toEqual({ theme: 'dark', bell: true, quiet: false });
    },
  );
});
