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

/** A file with it, and what is to stand behind it. */
function scriptOf(shell: string, more = ''): string {
  const script = join(folder, `completion.${shell}`);
  writeFileSync(script, `${completion(shell).stdout}\n${more}\n`);
  return script;
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
    const script = scriptOf('bash', "PS1='ready> '");
    const tty = new Tty('bash', ['--noprofile', '--rcfile', script, '-i'], { columns: 100 });
    await tty.until(({ lines }) => lines.at(-1) === 'ready>');
    tty.type('groupchat se\t--wa\tal\t');
    await tty.until(({ lines }) => lines.at(-1)?.trim() === 'ready> groupchat send --wait all');
    // Ctrl+U; Ctrl+C would throw away what is typed behind it.
    tty.type('\u0015exit 0\r');
    expect(await tty.exit).toBe(0);
  });
});

describe.runIf(isInstalled('fish'))('in fish', () => {
  it.each<[string, string[]]>([
    ['se', ['send']],
    ['send --wa', ['--wait']],
    ['send --wait ', ['all', 'sequenced']],
    ['tail --js', ['--json']],
    ['send --js', []],
    ['verify ro', ['room.jsonl']],
    ['--key-file ro', ['room.jsonl']],
    ['completion ', ['bash', 'fish', 'zsh']],
  ])('%j is completed to %j', (typed, expected) => {
    const { stdout, stderr } = spawnSync(
      'fish',
      ['--no-config', '-c', `source ${scriptOf('fish')}; complete -C ${JSON.stringify(`groupchat ${typed}`)}`],
      { encoding: 'utf8', cwd: folder },
    );
    expect(stderr).toBe('');
    // Behind a tab stands what it does.
    expect(stdout.split('\n').flatMap((line) => line.split('\t')[0] || [])).toEqual(expected);
  });
});

describe.runIf(isInstalled('zsh'))('in zsh', () => {
  it('completes what is typed', async () => {
    const script = scriptOf('zsh');
    const tty = new Tty('zsh', ['-f', '-i'], { columns: 100, env: { PS1: 'ready> ' } });
    await tty.until(({ lines }) => lines.at(-1) === 'ready>');
    tty.type(`autoload -Uz compinit && compinit -D -u && source ${script} && cd ${folder} && clear && PS1='go> '\r`);
    await tty.until(({ lines }) => lines.at(-1) === 'go>');
    tty.type('groupchat se\t--wa\tal\t');
    await tty.until(({ lines }) => lines.at(-1)?.trim() === 'go> groupchat send --wait all');
    tty.type('\u0015groupchat verify --js\tro\t');
    await tty.until(({ lines }) => lines.at(-1)?.trim() === 'go> groupchat verify --json room.jsonl');
    tty.type('\u0015groupchat completion fi\t');
    await tty.until(({ lines }) => lines.at(-1)?.trim() === 'go> groupchat completion fish');
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
    const { status, stderr } = spawnSync(shell, ['-n', scriptOf(shell)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});

it('of another shell is wrong usage', () => {
  expect(completion('csh')).toMatchObject({ status: 2, stdout: '' });
  expect(completion('csh').stderr).toMatch(/^groupchat: say which shell: groupchat completion bash, zsh or fish\n$/u);
});
