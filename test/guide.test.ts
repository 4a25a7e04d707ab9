/** What the guide and the README tell people to type is there to be typed. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { commandNames, helpLines } from '../src/core/command.ts';
import { parse, program } from '../src/program.ts';
import { at, chat, dist, freePort } from './plays/stage.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const isThere = (path: string): boolean => existsSync(new URL(`../${path}`, import.meta.url));
const tree = program(() => {});
const every = [tree, ...tree.commands];
const known = {
  words: tree.commands.map((command) => command.name()),
  // And what stands for any of them, where the slash is explained.
  commands: [...commandNames, 'x'],
  options: [
    ...every.flatMap(({ options }) => options.flatMap(({ long }) => long ?? [])),
    '--help',
    '--version',
    // Of commands in the room.
    ...Array.from(
      helpLines(null)
        .join('\n')
        .matchAll(/--[a-z-]+/gu),
      ([option]) => option,
    ),
  ],
};

const all = (text: string, pattern: RegExp): string[] => Array.from(text.matchAll(pattern), ([, found = '']) => found);
/** Blocks of code and what stands between backticks, but for what is typed to other programs than this one. */
const codeIn = (text: string): string =>
  all(text, /(^```[^]*?^```$|`[^`\n]+`)/gmu)
    .join('\n')
    .replaceAll(/\b(?:npm (?!ci &&)|rsync|cp|chmod).*/gu, '');
/** The lines for a shell. */
const linesOf = (text: string): string[] => all(text, /^```sh\n([^]*?)\n```$/gmu).flatMap((block) => block.split('\n'));

describe.each(['README.md', 'docs/guide.md'])('%s', (path) => {
  const text = read(path);
  const code = codeIn(text);

  it.each([
    ['words', /\bgroupchat ([a-z]+)/gu],
    ['commands', /(?<![\w./$:<>~-])\/([a-z]+)(?![\w/])/gu],
    ['options', /(?<![\w-])(--[a-z][a-z-]*)/gu],
  ] as const)('has no %s that the program does not know', (kind, pattern) => {
    const told = all(code, pattern);
    expect(told.length).toBeGreaterThan(0);
    expect(told.filter((one) => !known[kind].includes(one))).toEqual([]);
  });

  it('leads to files that are there', () => {
    const links = all(text, /\]\(([^)#]+)[^)]*\)/gu).filter((link) => !link.includes('://'));
    const linked = links.map((link) => join(path, '..', link));
    expect(linked.filter((file) => !isThere(file))).toEqual([]);
  });
});

it('docs/guide.md names every command of the room', () => {
  const code = codeIn(read('docs/guide.md'));
  expect(commandNames.filter((name) => !code.includes(`/${name}`))).toEqual([]);
});

it('docs/guide.md leads to its own headings', () => {
  const guide = read('docs/guide.md');
  const headings = all(guide, /^## (.*)$/gmu).map((title) => title.toLowerCase().replaceAll(/[^\w ]/gu, ''));
  const linked = [...new Set(all(guide, /\]\(#([^)]+)\)/gu))];
  expect(linked).toEqual(headings.map((title) => title.replaceAll(' ', '-')));
});

it('README.md says how the tests are run where each commit is checked', () => {
  const [start = '', check = ''] = linesOf(read('README.md'));
  expect(start).toMatch(/^npm ci && npx groupchat --name alice\b/u);
  expect(read('.ci/run').split('\n')).toContain(check.replace(/ *#.*/u, ''));
});

const lines = [...new Set(['README.md', 'docs/guide.md'].flatMap((path) => linesOf(read(path))))].filter((line) =>
  /\bgroupchat\b/u.test(line),
);

/** A folder with programs of these names, as lines of shell, and nothing else. */
function folderOf(programs: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, script] of Object.entries({ npx: 'exec "$@"', npm: ':', ...programs })) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

describe('the command line takes', () => {
  it.each(lines)('%s', (line) => {
    const folder = folderOf({ groupchat: 'printf "%s\\n" "$@" > given', tail: ':', pass: ':' });
    execFileSync('/bin/sh', ['-ec', line], { cwd: folder, env: { PATH: folder } });
    const given = readFileSync(join(folder, 'given'), 'utf8').split('\n');
    expect(parse(given.filter((argument) => argument !== ''))).toMatchObject({ warnings: [] });
  });
});

describe('leads into the room:', () => {
  // Whoever is asked for a key sits at a terminal: test/cli.test.ts.
  const joining = lines.filter((line) => /groupchat --name \w+.* --join (?!'gc:)/u.test(line));
  expect(joining.length).toBeGreaterThan(4);

  it.each(joining)('%s', async (line) => {
    const isPrivate = /key/iu.test(line);
    const port = await freePort();
    const alice = chat('alice', port, ...(isPrivate ? ['--private'] : []));
    await alice.shows(/^\* you started the room/u);
    const invite = isPrivate ? await alice.complains(/gc:/u) : '';
    const [, key = ''] = /#([\w-]+)/u.exec(invite) ?? [];
    const folder = folderOf({
      groupchat: `exec '${process.execPath}' '${dist}/cli.js' "$@"`,
      tail: 'echo something new',
      pass: `echo '${key}'`,
    });
    writeFileSync(join(folder, 'room.key'), key, { mode: 0o600 });
    const here = line
      .replaceAll(/\b(?:10\.0\.0\.\d|100\.64\.0\.5)(?::6000)?/gu, at(port))
      .replace('0.0.0.0:6001', '127.0.0.1:0');
    const env = {
      ...process.env,
      PATH: `${folder}:${process.env['PATH']}`,
      GROUPCHAT_LISTEN: '127.0.0.1:0',
      GROUPCHAT_DATA_DIR: join(folder, 'data'),
    };
    // Its input has an end, so that it leaves as soon as it is in. A group of its own can be ended as one.
    const shell = spawn('/bin/sh', ['-ec', here], {
      cwd: folder,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    onTestFinished(() => {
      if (shell.exitCode === null) process.kill(-(shell.pid as number), 'SIGKILL');
    });
    let complaints = '';
    shell.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    const end = await once(shell, 'close');
    expect(end, complaints).toEqual([0, null]);
    await alice.shows(/^\* (?:bob|log) left$/u);
    if (line.startsWith('tail')) expect(alice.screen).toContain('log: something new');
  });
});
