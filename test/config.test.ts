/** The config file, the environment and the command line: which of them counts, and what is said about faults. Real processes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chat, dist, freePort } from './plays/stage.ts';

const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';

let folder = '';
let file = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  mkdirSync(join(folder, 'groupchat'));
  file = join(folder, 'groupchat', 'config');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs it to its end, with the config folder of the test and no other variables than these. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('GROUPCHAT_'));
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${dist}/cli.js`, ...args], {
    env: { ...Object.fromEntries(others), XDG_CONFIG_HOME: folder, ...env },
    encoding: 'utf8',
    input: '',
  });
  return { status, stdout, stderr };
}

interface Shown {
  readonly key: string;
  readonly value: unknown;
  readonly from: string;
  readonly place: string | null;
}

/** What `groupchat config` shows of one setting. */
function shown(name: string, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = run([...args, 'config', '--json'], env);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const { v, settings } = JSON.parse(stdout) as { v: number; settings: Shown[] };
  expect(v).toBe(1);
  const { value, from, place } = settings.find((one) => one.key === name) as Shown;
  return [value, from, place];
}

describe('a setting', () => {
  it('comes from a default, the file, the environment and the command line: the last of these counts', () => {
    expect(shown('ping')).toEqual([250, 'default', null]);
    writeFileSync(file, '# mine\n\nping = 100\n');
    expect(shown('ping')).toEqual([100, 'file', `${file}:3`]);
    const env = { GROUPCHAT_PING: '200' };
    expect(shown('ping', [], env)).toEqual([200, 'environment', 'GROUPCHAT_PING']);
    expect(shown('ping', ['--ping', '300'], env)).toEqual([300, 'option', '--ping']);
    expect(shown('ping', [], { GROUPCHAT_PING: '' })).toEqual([100, 'file', `${file}:3`]);
  });

  it('that is a list is replaced as a whole', () => {
    writeFileSync(file, 'join = a\njoin = b:1, gc://c/\n');
    expect(shown('join')).toEqual([['a:6000', 'b:1', 'gc://c/'], 'file', `${file}:1, ${file}:2`]);
    expect(shown('join', [], { GROUPCHAT_JOIN: 'd,e' })[0]).toEqual(['d:6000', 'e:6000']);
    expect(shown('join', ['--join', 'f', '-j', 'g'], { GROUPCHAT_JOIN: 'd' })[0]).toEqual(['f:6000', 'g:6000']);
  });

  it('that is a switch may be put back', () => {
    writeFileSync(file, 'private = true\nno-history = true\n');
    expect(shown('private')).toEqual([true, 'file', `${file}:1`]);
    expect(shown('no-history')).toEqual([true, 'file', `${file}:2`]);
    const env = { GROUPCHAT_PRIVATE: 'no', GROUPCHAT_NO_HISTORY: '0' };
    expect(shown('private', [], env)).toEqual([false, 'environment', 'GROUPCHAT_PRIVATE']);
    expect(shown('history', [], env)).toEqual([1000, 'environment', 'GROUPCHAT_NO_HISTORY']);
    expect(shown('history', ['--history', '5'])).toEqual([5, 'option', '--history']);
    // What one place has set, another that only switches nothing off does not touch.
    writeFileSync(file, 'history = 7\n');
    expect(shown('history', [], { GROUPCHAT_NO_HISTORY: 'false' })).toEqual([7, 'file', `${file}:1`]);
  });

  it('that is a path is found from the file', () => {
    writeFileSync(file, 'data-dir = rooms\nkey-file = ~/keys/room\n');
    expect(shown('data-dir')[0]).toBe(join(folder, 'groupchat', 'rooms'));
    expect(shown('key-file')[0]).toBe(join(homedir(), 'keys', 'room'));
  });

  it('is read from another file, or from none', () => {
    writeFileSync(file, 'name = bob\n');
    const other = join(folder, 'other');
    writeFileSync(other, 'name = carol\n');
    expect(shown('name', ['--config', other])).toEqual(['carol', 'file', `${other}:1`]);
    expect(shown('name', [], { GROUPCHAT_CONFIG: other })[0]).toBe('carol');
    expect(shown('name', ['--no-config'], { GROUPCHAT_CONFIG: other })[0]).toBeNull();
    expect(shown('name', ['--config', file], { GROUPCHAT_CONFIG: other })[0]).toBe('bob');
    expect(shown('name', [], { GROUPCHAT_NO_CONFIG: '1' })[0]).toBeNull();
    expect(shown('name', [], { GROUPCHAT_NO_CONFIG: '0' })[0]).toBe('bob');
  });

  it('that is secret is not shown', () => {
    const { stdout } = run(['config', '--join', `gc://h/#${key}`], { GROUPCHAT_KEY: key });
    expect(stdout).not.toContain(key.slice(0, 8));
    expect(stdout).toContain('join = gc://h/#…  # --join\n');
    expect(stdout).toContain('# key is set, and not shown  # GROUPCHAT_KEY\n');
  });

  it('is shown as a file that says the same', () => {
    writeFileSync(file, `name = bob\njoin = a\njoin = b\ndata-dir = "/a # b"\nno-history = true\n`);
    const settings = (text: string): string => text.replaceAll(/ {2}#.*|^# \S*\/.*/gmu, '');
    const first = run(['config']);
    expect(first.status).toBe(0);
    expect(first.stdout).toContain(`name = bob  # ${file}:1\n`);
    writeFileSync(file, first.stdout);
    expect(settings(run(['config']).stdout)).toBe(settings(first.stdout));
  });

  it('is shown, whether it is set or not', () => {
    const lines = (...args: readonly string[]) => run(['config', ...args]).stdout.split('\n');
    expect(lines()).toEqual(expect.arrayContaining(['history = 1000  # default', '# no-history is not set']));
    expect(lines('--no-history')).toEqual(
      expect.arrayContaining(['# history is not set', 'no-history = true  # --no-history']),
    );
    expect(shown('no-history')).toEqual([null, 'default', null]);
    expect(shown('history', ['--no-history'])).toEqual([null, 'default', null]);
  });

  it('reaches the room', async () => {
    const config = join(folder, 'alice');
    writeFileSync(config, 'plain = true\n');
    const alice = chat('alice', await freePort(), '--config', config);
    expect(await alice.complains(/nothing is encrypted: /u)).toBe(
      `groupchat: nothing is encrypted: ${config}:1 says plain`,
    );
    await alice.complains(/--plain --join/u);
    alice.finish();
    expect(await alice.ended).toBe(0);
  });
});

describe('one line tells, and nothing begins', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['an unknown key', '\nnmae = bob', ':2: there is no key nmae: did you mean name?'],
    ['a key as an option', '--data-dir = x', ':1: there is no key --data-dir: did you mean data-dir?'],
    [
      'a key that is another the other way round',
      'config = x',
      ':1: there is no key config: the keys are name, listen,',
    ],
    ['a setting twice', 'name = a\nname = b', ':2: name says again what line 1 has said'],
    ['a setting and its opposite', 'history = 1\nno-history = true', ':2: no-history says again what line 1 has said'],
    ['a line that is none', 'bob', ':1: a line is key = value'],
    ['a key', `key = ${key}`, ':1: the key of a room is a secret'],
  ])('%s', (_, text, words) => {
    writeFileSync(file, text);
    // Though the command line has a name: what is wrong in the file is wrong.
    const { status, stdout, stderr } = run(['--name', 'b']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(`groupchat: ${file}${words}`);
    expect(stderr).toMatch(/^groupchat: .*\n$/u);
    expect(stderr).not.toContain(key);
  });

  it.each([
    ['ping = fast', "option '--ping <ms>' value 'fast' from ", 'it takes a whole number of ms, at least 20'],
    ['name = a b', "option '-n, --name <name>' value 'a b' from ", 'a name has no spaces'],
    ['join = a\njoin = h:0', "option '-j, --join <host:port>' value 'h:0' from ", 'host:port'],
    ['plain = perhaps', "option '--plain' value 'perhaps' from ", 'it takes true or false'],
  ])('a value that is wrong, in the words of its option: %s', (text, words, why) => {
    writeFileSync(file, text);
    const { status, stderr } = run(['--ping', '100']);
    expect(status).toBe(2);
    expect(stderr).toContain(`groupchat: ${words}${file}:${text.split('\n').length} is invalid: `);
    expect(stderr).toContain(why);
    expect(stderr).toMatch(/^groupchat: .*\n$/u);
  });

  it('two settings of two places that do not go together', () => {
    writeFileSync(file, 'ping = 600');
    expect(run(['--name', 'b']).stderr).toMatch(/^groupchat: --silence must be at least twice --ping: 1200 ms/u);
  });

  it('bytes that are no text', () => {
    writeFileSync(file, Buffer.from([0xff, 0xfe]));
    const { status, stderr } = run(['--name', 'b']);
    expect(status).toBe(2);
    expect(stderr).toBe(
      `groupchat: the config file ${file} cannot be read: it is not UTF-8 text; --no-config goes without it\n`,
    );
  });

  it('a switch in the environment that is neither on nor off', () => {
    const { status, stderr } = run(['--name', 'b'], { GROUPCHAT_PLAIN: 'maybe' });
    expect(status).toBe(2);
    expect(stderr).toBe(
      "groupchat: option '--plain' value 'maybe' from env 'GROUPCHAT_PLAIN' is invalid: it takes true or false\n",
    );
  });
});

describe('a variable that means nothing', () => {
  it('is told, with the one that was meant, and all goes on', () => {
    const { status, stderr } = run(['config'], { GROUPCHAT_NMAE: 'bob', GROUPCHAT_COLOUR: '1', GROUPCHAT_X: '' });
    expect(status).toBe(0);
    expect(stderr.split('\n').toSorted()).toEqual([
      '',
      'groupchat: GROUPCHAT_COLOUR is set, and means nothing: groupchat --help shows the variables',
      'groupchat: GROUPCHAT_NMAE is set, and means nothing: did you mean GROUPCHAT_NAME?',
    ]);
  });
});
