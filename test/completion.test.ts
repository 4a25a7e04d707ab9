/** groupchat completion: what shells make of it. Real shells, those of them that are installed. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { program } from '../src/program.ts';
import { Tty } from './face/tty.ts';
import { dist } from './plays/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'room.jsonl'), '');

function completion(shell: string) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${dist}/cli.js`, 'completion', shell], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const isInstalled = (shell: string): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

/** What bash offers for the last of the words. */
function offered(...words: readonly string[]): string[] {
  const line = `${completion('bash').stdout}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _groupchat; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', line, 'bash', 'groupchat', ...words], {
    encoding: 'utf8',
    cwd: folder,
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

describe.runIf(isInstalled('bash'))('in bash', () => {
  it.each<[string[], string[]]>([
    [[''], ['send', 'tail', 'who', 'verify', 'config', 'doctor', 'completion']],
    [['se'], ['send']],
    [['--name', 'send', 'ta'], ['tail']],
    [['--ke'], ['--key-file', '--keep']],
    [['send', '--w'], ['--wait']],
    [
      ['send', '--wait', ''],
      ['sequenced', 'all'],
    ],
    [['--join', 'h', 'send', '--wait', 'a'], ['all']],
    [
      ['tail', '--s'],
      ['--since', '--silence', '--screen-reader'],
    ],
    [['tail', '--name', 'b', '--js'], ['--json']],
    [['send', '--js'], []],
    [['--name', ''], []],
    [['verify', 'ro'], ['room.jsonl']],
    [['--key-file', 'ro'], ['room.jsonl']],
    [['--data-dir', 'ro'], []],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
  ])('%j is completed to %j', (words, expected) => {
    const found = offered(...words);
    // Behind nothing come all options, too.
    expect(words.at(-1) === '' ? found.filter((word) => !word.startsWith('-')) : found).toEqual(expected);
  });

  it('completes what is typed', async () => {
    const script = join(folder, 'completion.bash');
    writeFileSync(script, `${completion('bash').stdout}\nPS1='ready> '\n`);
    const tty = new Tty('bash', ['--noprofile', '--rcfile', script, '-i'], { columns: 100 });
    await tty.until(({ lines }) => lines.at(-1) === 'ready>');
    tty.type('groupchat se\t--wa\tal\t');
    await tty.until(({ lines }) => lines.at(-1)?.trim() === 'ready> groupchat send --wait all');
    // Ctrl+U; Ctrl+C would throw away what is typed behind it.
    tty.type('\u0015exit 0\r');
    expect(await tty.exit).toBe(0);
  });
});

describe.each(['bash', 'zsh', 'fish'])('of %s', (shell) => {
  it('has every command and every option', () => {
    const { status, stdout, stderr } = completion(shell);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const root = program(() => {});
    for (const command of [root, ...root.commands]) {
      if (command !== root) expect(stdout).toContain(command.name());
      for (const { long } of command.options) {
        expect(stdout).toContain(shell === 'fish' ? `-l ${long?.slice(2)}` : long);
      }
    }
  });

  it.runIf(isInstalled(shell))('is read by it without a complaint', () => {
    const { status, stderr } = spawnSync(shell, ['-n'], { encoding: 'utf8', input: completion(shell).stdout });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('of another shell is wrong usage', () => {
  expect(completion('csh')).toMatchObject({ status: 2, stdout: '' });
  expect(completion('csh').stderr).toMatch(/^groupchat: .* Allowed choices are bash, zsh, fish\.\n$/u);
});
