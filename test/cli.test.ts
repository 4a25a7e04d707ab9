/** The command line: what is asked, what it answers, and how it ends. Real processes, on 127.0.0.1. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join as pathOf } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { settings } from '../src/core/limits.ts';
import { Tty } from './face/tty.ts';
import { Actor, at, chat, dist, freePort, freePorts } from './plays/stage.ts';

const cli = `${dist}/cli.js`;

/** Keys of two rooms: 32 bytes each. */
const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const other = 'BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';

let folder = '';
// Who somebody is, is kept even where no history is.
beforeEach(() => {
  folder = mkdtempSync(pathOf(tmpdir(), 'groupchat-'));
  process.env['GROUPCHAT_DATA_DIR'] = folder;
});
afterEach(() => {
  delete process.env['GROUPCHAT_DATA_DIR'];
  rmSync(folder, { recursive: true, force: true });
});

/** Runs it to its end, with nothing on its input. */
function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    input: '',
  });
  return { status, stdout, stderr };
}

/** A room of one, called alice. */
async function room() {
  const port = await freePort();
  const alice = chat('alice', port);
  await alice.shows(/^\* you started the room$/u);
  const join = async (name: string, ...more: readonly string[]) => {
    const actor = chat(name, await freePort(), '--join', at(port), ...more);
    await actor.shows(/^\* you are in the room with /u);
    return actor;
  };
  return { port, alice, join };
}

describe('asked', () => {
  it('--version tells that of the package', () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(run(['--version'])).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('is one file, besides what is asked for its version: Node takes its time for each', () => {
    const files = ['cli', 'main'].map((name) => readFileSync(`${dist}/${name}.js`, 'utf8'));
    const imported = files.map((text) =>
      [...text.matchAll(/(?:from |import\()["'](\.[^"']+)/gu)].map(([, path]) => path),
    );
    expect(imported).toEqual([['./version.js', './main.js'], []]);
  });

  it('help is the same as --help, of a command too', () => {
    expect(run(['help'])).toEqual(run(['--help']));
    expect(run(['help', 'send'])).toEqual(run(['send', '--help']));
    expect(run(['help', 'snd']).stderr).toMatch(/no command snd: did you mean groupchat send\?\n$/u);
  });

  it('--help tells every option with its bounds and its variable, examples and exit codes', () => {
    const { status, stdout, stderr } = run(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const help = stdout.replaceAll(/\s+/gu, ' ');
    for (const name of [
      'name',
      'listen',
      'join',
      'advertise',
      'ping',
      'silence',
      'backoff',
      'history',
      'keep',
      'data-dir',
      'key-file',
      'interface',
      'discovery-port',
    ]) {
      expect(help).toContain(`--${name} <`);
      expect(help).toContain(`env: GROUPCHAT_${name.toUpperCase().replace('-', '_')})`);
    }
    for (const { least, default: value } of [settings.pingMs, settings.silenceMs, settings.backoffMs]) {
      expect(help).toContain(`(ms, at least ${least}) (default: ${value},`);
    }
    expect(help).toContain(`(entries, at least 0) (default: ${settings.history.default},`);
    expect(help).toContain(`(entries, at least 0) (default: ${settings.keep.default},`);
    expect(help).toContain('--no-history keep nothing of a room on disk (env: GROUPCHAT_NO_HISTORY)');
    expect(help).toContain('nor be found (env: GROUPCHAT_NO_DISCOVERY)');
    expect(help).toContain('--private only those enter who have the key (env: GROUPCHAT_PRIVATE)');
    for (const name of ['PLAIN', 'NEW', 'CONFIG', 'NO_CONFIG']) expect(help).toContain(`(env: GROUPCHAT_${name})`);
    for (const way of [
      'groupchat --name alice --private',
      "--join 'gc://10.0.0.5:6000/#KEY'",
      "--join 'gc://10.0.0.5:6000/#'",
      '--private --join 10.0.0.5',
      '--key-file room.key',
      'GROUPCHAT_KEY=$(pass room)',
    ]) {
      expect(help).toContain(way);
    }
    expect(help).toContain('groupchat --name bob --listen 0.0.0.0:6001 --join 10.0.0.5:6000');
    for (const code of [0, 1, 2, 3, 4, 5]) expect(stdout).toMatch(new RegExp(`^ {2}${code} {2}`, 'mu'));
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('wrong usage ends with 2 and one line that helps', () => {
  it.each<[string, string[], RegExp, Record<string, string>?]>([
    ['an unknown option', ['--nmae', 'bob'], /unknown option '--nmae'/u],
    ['a misspelt option', ['--jion', 'host'], /unknown option '--jion' \(Did you mean --join\?\)/u],
    [
      'a word that is no command',
      ['--name', 'bob', 'hello'],
      /there is no command hello: groupchat --help shows them/u,
    ],
    [
      'nearly a command, behind options',
      ['--name', 'bob', 'snd', 'hi'],
      /no command snd: did you mean groupchat send\?/u,
    ],
    ['a word too many', ['tail', '--name', 'bob', 'hello'], /too many arguments for 'tail'/u],
    [
      'a misspelt option of a command',
      ['tail', '--sinec', '1.2'],
      /unknown option '--sinec' \(Did you mean --since\?\)/u,
    ],
    ['an option of another command', ['who', '--since=1.2'], /option '--since=1.2' here: groupchat tail has it$/mu],
    [
      'an option of others',
      ['send', '--json', 'x'],
      /'--json' here: groupchat tail, who, verify, config and doctor have it$/mu,
    ],
    ['a command that is none', ['verfy', 'room.jsonl'], /there is no command verfy: did you mean groupchat verify\?/u],
    ['no name and no terminal', [], /a name is needed: --name NAME/u],
    ['an empty name', ['--name', ''], /a name must not be empty/u],
    ['a name with a space', ['--name', 'bob b'], /'bob b' is invalid: a name has no spaces .* do not show$/mu],
    [
      'a port alone to listen on',
      ['--name', 'b', '--listen', '6001'],
      /'6001' is invalid: it takes host:port, for example 0\.0\.0\.0:6001$/mu,
    ],
    ['no address', ['--name', 'b', '--join', 'a b'], /host:port, for example 10\.0\.0\.5:6000/u],
    ['port 0 to join', ['--name', 'b', '--join', 'host:0'], /host:port/u],
    ['a second address that is none', ['--name', 'b', '--join', 'host', '--join', ':1'], /host:port/u],
    ['advertised without a port', ['--name', 'b', '--advertise', '10.0.0.5'], /host:port/u],
    ['a port too high', ['--name', 'b', '--discovery-port', '65536'], /[Ii]t takes a port, from 1 to 65535/u],
    ['too few ms', ['--name', 'b', '--ping', '19'], /'19' is invalid: it takes a whole number of ms, at least 20$/mu],
    ['no number', ['--name', 'b', '--silence', '1s'], /a whole number of ms, at least 100/u],
    ['half a number', ['--name', 'b', '--backoff', '1.5'], /a whole number of ms, at least 0/u],
    ['a number below none', ['--name', 'b', '--history', '-1'], /a whole number of entries, at least 0/u],
    ['too large for a timer', ['--name', 'b', '--silence', '4294967296'], /a whole number of ms/u],
    [
      'a silence of less than two pings',
      ['--name', 'b', '--ping', '600'],
      /--silence must be at least twice --ping: 1200 ms/u,
    ],
    ['a variable', ['--name', 'b'], /GROUPCHAT_PING.*a whole number of ms/u, { GROUPCHAT_PING: 'fast' }],
  ])('%s', (_, args, words, env) => {
    const { status, stdout, stderr } = run(args, env);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^groupchat: .*\n$/u);
  });

  it.each<[string, string[], RegExp, Record<string, string>?]>([
    [
      'a key that is cut short',
      ['--join', `gc://h/#${key.slice(1)}`],
      /'gc:\/\/h\/#…' is invalid.*43 characters, not 42/u,
    ],
    [
      'an invite that is cut short',
      ['--join', 'gc://h:6000'],
      /goes on with \/ behind its addresses: copy the whole of it, as gc:\/\/10.0.0.5:6000\/#…$/mu,
    ],
    ['an invite to nowhere', ['--join', `gc://h:0/#${key}`], /the address of the invite is none: write host:port/u],
    ['a second invite that is none', ['--join', `gc://a,b/#${key},c:1,gc://d/x`], /behind its \/ an invite has #/u],
    ['a key where a name was meant', ['--name', `gc://h/#${key}`], /a name has/u],
    ['a key in an option that there is not', [`--key=${key}`], /unknown option '--key=…'/u],
    ['a key where a file was meant', ['--key-file', key], /--key-file … cannot be read: there is no such file/u],
    ['a key from the input', ['--key-file', '-'], /what comes in is said in the room/u],
    [
      'a wrong key in the variable',
      [],
      /GROUPCHAT_KEY: a key has 43 characters, not 42/u,
      { GROUPCHAT_KEY: key.slice(1) },
    ],
    [
      'two keys',
      ['--join', `gc://h/#${key}`],
      /two different keys, the invite of --join and GROUPCHAT_KEY/u,
      { GROUPCHAT_KEY: other },
    ],
    [
      'two keys in variables',
      [],
      /two different keys, in two invites of --join/u,
      { GROUPCHAT_JOIN: `gc://h/#${key},gc://h/#${other}` },
    ],
    ['private and plain', ['--private', '--plain'], /--private is for a private room, and with --plain nothing is/u],
    ['a key, and plain', ['--plain'], /GROUPCHAT_KEY is for a private room, and with --plain/u, { GROUPCHAT_KEY: key }],
    [
      'no key, and nobody to ask',
      ['--private', '--join', 'h'],
      /--join 'gc:\/\/…\/#KEY'.*--key-file FILE.*GROUPCHAT_KEY.*at a terminal/u,
    ],
    ['an invite without its key', ['--join', 'gc://h/#'], /the room is private: give its whole invite/u],
  ])('of keys, and repeats none: %s', (_, args, words, env) => {
    const { status, stdout, stderr } = run(['--name', 'b', ...args], { GROUPCHAT_DEBUG: '1', ...env });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^groupchat: .*\n$/u);
    expect(stderr).not.toMatch(/[QI]DBAUGBwg/u);
  });

  it('a port that is taken', async () => {
    const { port } = await room();
    const { status, stderr } = run(['--name', 'bob', '--listen', at(port)]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^groupchat: .*taken.*\n$/u);
  });
});

describe('a conversation', () => {
  it('looks the same to all, and ends cleanly with the input', async () => {
    const { alice, join } = await room();
    const bob = await join('bob');
    alice.type('hello');
    await bob.shows(/^alice: hello$/u);
    bob.type('hello yourself', '', '//slash', '/no', 'ä\t👍');
    await alice.shows(/^bob: ä\t👍$/u);
    bob.finish();
    // One of his lines was not said.
    expect(await bob.ended).toBe(1);
    await alice.shows(/^\* bob left$/u);
    alice.finish();
    expect(await alice.ended).toBe(0);
    const said = (actor: Actor) => actor.screen.filter((line) => !line.startsWith('* '));
    expect(said(alice)).toEqual(['alice: hello', 'bob: hello yourself', 'bob: /slash', 'bob: ä\t👍']);
    expect(said(bob)).toEqual(said(alice));
    expect(bob.complaints).toContain(
      'groupchat: line 4 was not said: there is no command /no; /help lists the commands (// at the start says a slash)',
    );
    expect(alice.complaints[0]).toMatch(/^groupchat: others on this machine: {2}groupchat --name NAME --join 127/u);
  });

  it('takes a large file through a pipe, in order, without loss', async () => {
    const { alice, join } = await room();
    const bob = await join('bob');
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index}`);
    bob.type(...lines);
    bob.finish();
    expect(await bob.ended).toBe(0);
    const said = (actor: Actor) => actor.screen.filter((line) => line.startsWith('bob: ')).map((line) => line.slice(5));
    await alice.shows(/^\* bob left$/u);
    expect(said(alice)).toEqual(lines);
    expect(said(bob)).toEqual(lines);
  });

  it('goes on after a line that is too long', async () => {
    const { alice } = await room();
    alice.type('x'.repeat(100_000), 'short');
    await alice.shows(/^alice: short$/u);
    expect(await alice.complains(/line 1 was not said/u)).toMatch(/more than 16384 bytes/u);
    expect(alice.screen).toHaveLength(2);
    alice.type('\u0007');
    await alice.complains(/line 3 was not said: a line has no control characters/u);
    alice.finish();
    expect(await alice.ended).toBe(1);
  });

  it('can be set up by variables, over which options win', async () => {
    const { port, alice } = await room();
    const env = {
      ...process.env,
      GROUPCHAT_NAME: 'nobody',
      GROUPCHAT_LISTEN: at(await freePort()),
      GROUPCHAT_JOIN: `${at(await freePort())}, ${at(port)}`,
      GROUPCHAT_PING: '',
    };
    const bob = spawn(process.execPath, [cli, '--name', 'bob'], { env });
    await alice.shows(/^\* bob joined$/u);
    const code = new Promise((resolve) => bob.once('close', resolve));
    bob.stdin.end('/quit');
    expect(await code).toBe(0);
  });

  it('goes on when the coordinator is killed, and says so', async () => {
    const { alice, join } = await room();
    const bob = await join('bob');
    const carol = await join('carol');
    await bob.shows(/^\* carol joined$/u);
    alice.signal('SIGKILL');
    await alice.ended;
    bob.type('still here?');
    await carol.shows(/^bob: still here\?$/u);
    const healed =
      /^\* alice is gone \(process ended\); (you coordinate|bob coordinates) \(healed in \d+ m?s, nothing lost.*\)$/u;
    expect(await bob.shows(healed)).toContain('you coordinate');
    expect(await carol.shows(healed)).toContain('bob coordinates');
  });
});

describe('the end', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s is a clean goodbye', async (signal) => {
    const { alice, join } = await room();
    const bob = await join('bob');
    bob.signal(signal);
    expect(await bob.ended).toBe(0);
    await alice.shows(/^\* bob left$/u);
  });

  it('/quit too, and what comes after it is not said', async () => {
    const { alice, join } = await room();
    const bob = await join('bob');
    bob.type('bye', '/quit', 'never');
    expect(await bob.ended).toBe(0);
    await alice.shows(/^\* bob left$/u);
    expect(alice.screen.slice(-2)).toEqual(['bob: bye', '* bob left']);
  });

  it('a reader that has seen enough ends it without a fuss', async () => {
    const { port, alice } = await room();
    const args = [cli, '--name', 'bob', '--listen', at(await freePort()), '--join', at(port)];
    const bob = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let complaints = '';
    bob.stderr.on('data', (text: Buffer) => (complaints += String(text)));
    const code = new Promise((resolve) => bob.once('close', resolve));
    await alice.shows(/^\* bob joined$/u);
    bob.stdout.destroy();
    alice.type('one', 'two');
    expect(await code).toBe(0);
    await alice.shows(/^\* bob left$/u);
    expect(complaints).toMatch(/^groupchat: others on this machine.*\ngroupchat: this room is open: .*\n$/u);
  });

  it('is 3 when the reader has seen enough before all is said', async () => {
    const shell = '{ seq 100000 | { "$0" "$1" --name bob --listen "$2" 2> /dev/null; echo $? >&3; } | head -1; } 3>&1';
    const args = ['-c', shell, process.execPath, cli, at(await freePort())];
    expect(spawnSync('sh', args, { encoding: 'utf8' }).stdout).toBe('* you started the room\n3\n');
  });

  it('a second signal does not wait for what is not received', async () => {
    const { alice, join } = await room();
    const bob = await join('bob', '--silence', '100000');
    alice.signal('SIGSTOP');
    bob.type('lost');
    bob.finish();
    await bob.complains(/leaving; 1 line waiting to be received/u);
    bob.signal('SIGINT');
    expect(await bob.ended).toBe(1);
  });

  it('is 3 when some have not received it', async () => {
    const { alice, join } = await room();
    const bob = await join('bob', '--silence', '100000');
    alice.signal('SIGSTOP');
    bob.type('lost');
    bob.finish();
    expect(await bob.ended).toBe(3);
    expect(bob.complaints.at(-1)).toBe('groupchat: you left; the room has not received 1 line of yours');
  });

  it('is 4 when the name is taken', async () => {
    const { port } = await room();
    const { status, stdout, stderr } = run(['--name', 'Alice', '--listen', at(await freePort()), '--join', at(port)]);
    expect({ status, stdout }).toEqual({ status: 4, stdout: '' });
    expect(stderr).toBe('groupchat: the name Alice is taken in this room; Alice2 is free: --name Alice2\n');
  });

  it.each([
    ['only the room encrypts', [], ['--plain'], /^groupchat: that room is encrypted: leave out --plain, /u],
    [
      'only the guest encrypts',
      ['--plain'],
      [],
      /^groupchat: 127\S+ speaks without encryption: it runs with --plain, /u,
    ],
  ] as const)('is 4 where %s', async (_, here, there, message) => {
    const port = await freePort();
    const alice = chat('alice', port, ...here);
    await alice.shows(/^\* you started the room$/u);
    const bob = chat('bob', await freePort(), '--join', at(port), ...there);
    expect(await bob.ended).toBe(4);
    expect(bob.complaints).toEqual([expect.stringMatching(message)]);
  });

  it('is 4 for a key that is offered to an open room, which may be why', async () => {
    const { port } = await room();
    const bob = chat('bob', await freePort(), '--join', `gc://${at(port)}/#${key}`);
    expect(await bob.ended).toBe(4);
    expect(bob.complaints.at(-1)).toMatch(/another key, or none: .* leave the key out if that room is open$/u);
  });

  it('is 5 when nobody can be reached', async () => {
    const [mine, nobody, neither] = await freePorts(3);
    const args = [
      '--name',
      'bob',
      '--listen',
      at(mine as number),
      '--join',
      at(nobody as number),
      '--join',
      at(neither as number),
    ];
    const { status, stdout, stderr } = run(args);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^groupchat: nobody could be reached: .*${nobody}.*${neither}.*\n$`, 'u'));
  });

  it('is 1 for a file with a key that others can read, as for what is kept', () => {
    const file = pathOf(folder, 'room.key');
    writeFileSync(file, key);
    chmodSync(file, 0o644);
    const { status, stderr } = run(['--name', 'b', '--key-file', file]);
    expect(status).toBe(1);
    expect(stderr).toBe(`groupchat: ${file} is open to others: chmod 600 ${file}\n`);
  });

  it('is 1 when the input cannot be read', async () => {
    const listen = at(await freePort());
    const shell = '"$0" "$1" --name bob --listen "$2" 0> /dev/null';
    const { status, stderr } = spawnSync('sh', ['-c', shell, process.execPath, cli, listen], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/groupchat: the input cannot be read: EBADF/u);
    expect(stderr).not.toMatch(/^ {4}at /mu);
  });
});

describe('on a terminal', () => {
  it('asks for a name, and talks', async () => {
    const { port, alice } = await room();
    const tty = new Tty(process.execPath, [cli, '--listen', at(await freePort()), '--join', at(port)], {
      columns: 100,
    });
    await tty.until(({ lines }) => lines.at(-1) === 'What is your name in the room?');
    tty.type('bob b\r');
    await tty.until(({ lines }) => lines.length === 3 && lines.at(-1) === 'What is your name in the room?');
    expect(tty.lines.at(-2)).toMatch(/^a name has no spaces/u);
    tty.type('bob\r');
    await tty.until(
      ({ lines }) => lines.at(-1) === 'bob›' && lines.some((line) => line.includes('you are in the room')),
    );
    tty.type('hello');
    alice.type('hi');
    await tty.until(
      ({ lines }) => /^\d\d:\d\d alice {2}hi$/u.test(lines.at(-2) ?? '') && lines.at(-1) === 'bob› hello',
    );
    tty.type('\r');
    await alice.shows(/^bob: hello$/u);
    await tty.until(({ lines }) => /^\d\d:\d\d bob {2}hello$/u.test(lines.at(-2) ?? '') && lines.at(-1) === 'bob›');
    tty.type('\u0004');
    expect(await tty.exit).toBe(0);
    await alice.shows(/^\* bob left$/u);
    expect(tty.lines.at(-1)).toMatch(/^\d\d:\d\d \* you left$/u);
  });

  it.each([
    ['\u0003', 130, 1],
    ['\u0004', 2, 2],
  ])('no name is an end too: %j', async (keys, code, lines) => {
    const tty = new Tty(process.execPath, [cli], { columns: 100 });
    await tty.until((screen) => screen.lines.at(-1) === 'What is your name in the room?');
    tty.type(keys);
    expect(await tty.exit).toBe(code);
    // Who has pressed Ctrl+C knows that.
    expect(tty.lines).toHaveLength(lines);
  });

  it('has its prompt while rooms are still looked for', async () => {
    const near = ['--interface', '127.0.0.1', '--discovery-port', String(await freePort())];
    const args = [cli, '--name', 'bob', '--no-history', '--listen', at(await freePort()), ...near];
    const tty = new Tty(process.execPath, args, { env: { GROUPCHAT_NO_DISCOVERY: '' } });
    await tty.until(({ lines }) => lines.at(-1) === 'bob (looking for the room)›');
    await tty.until(({ lines }) => lines.some((line) => line.includes('you started the room')));
  });

  it('says in one line why it cannot come in, and gives the terminal back', async () => {
    const { port } = await room();
    const listen = at(await freePort());
    const program = [process.execPath, cli, '--name', 'alice', '--listen', listen, '--join', at(port)];
    const tty = new Tty('sh', ['-c', '"$@"; echo "code $?"; stty -a', 'sh', ...program], { columns: 100 });
    await tty.exit;
    expect(tty.lines.slice(0, 2)).toEqual([
      'groupchat: the name alice is taken in this room; alice2 is free: --name alice2',
      'code 4',
    ]);
    expect(tty.lines.join(' ')).toMatch(/ icanon .* echo /u);
  });

  it('leaves while it is still looking', async () => {
    const { port, alice } = await room();
    alice.signal('SIGSTOP');
    const tty = new Tty(process.execPath, [cli, '--name', 'bob', '--listen', at(await freePort()), '--join', at(port)]);
    await tty.until(({ lines }) => lines.at(-1) === 'bob (looking for the room)›');
    tty.type('\u0003');
    expect(await tty.exit).toBe(0);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])('%s is a clean goodbye, too', async (signal) => {
    const { port, alice } = await room();
    const tty = new Tty(process.execPath, [cli, '--name', 'bob', '--listen', at(await freePort()), '--join', at(port)]);
    await tty.until(({ lines }) => lines.at(-1) === 'bob›');
    tty.signal(signal);
    expect(await tty.exit).toBe(0);
    await alice.shows(/^\* bob left$/u);
  });
});

describe('a key', () => {
  /** Takes links and says nothing, so that whoever joins through it waits. @returns its port */
  async function silence(): Promise<{ port: number; visited: Promise<unknown> }> {
    const port = await freePort();
    const server = createServer((socket) => {
      socket.on('error', () => {});
      onTestFinished(() => void socket.destroy());
    });
    await once(server.listen(port, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    return { port, visited: once(server, 'connection') };
  }

  it.runIf(process.platform === 'linux')('is not in the list of processes', async () => {
    const { port, visited } = await silence();
    const args = [cli, '--name', 'bob', '--listen', at(await freePort()), '--join', `gc://${at(port)}/#${key}`];
    const bob = spawn(process.execPath, args);
    onTestFinished(() => void bob.kill('SIGKILL'));
    await visited;
    const shown = readFileSync(`/proc/${bob.pid}/cmdline`, 'utf8');
    expect(shown.replaceAll('\0', '')).toBe('groupchat');
  });

  it('is not handed on to other programs, nor left in the arguments', async () => {
    const port = await freePort();
    const told = pathOf(folder, 'told.mjs');
    writeFileSync(told, "process.on('exit', () => console.error(JSON.stringify([process.env, process.argv])));");
    const invite = `gc://${at(port)}/#${key}`;
    const listen = at(await freePort());
    const env = { NODE_OPTIONS: `--import=${told}`, GROUPCHAT_KEY: key };
    for (const [args, more] of [
      [['--join', invite], {}],
      [[], { GROUPCHAT_JOIN: invite }],
    ] as const) {
      const { status, stderr } = run(['--name', 'bob', '--listen', listen, ...args], { ...env, ...more });
      expect(status).toBe(5);
      expect(stderr).toContain('"GROUPCHAT_DATA_DIR"');
      expect(stderr).not.toContain(key);
    }
  });

  it('comes from a file, with the whole invite in it', async () => {
    const [port, listen] = await freePorts(2);
    const file = pathOf(folder, 'invite');
    writeFileSync(file, `gc://${at(port as number)}/#${key}\n`, { mode: 0o600 });
    const { status, stderr } = run(['--name', 'bob', '--listen', at(listen as number), '--key-file', file]);
    expect(status).toBe(5);
    expect(stderr).toMatch(new RegExp(`nobody could be reached: .*${port}`, 'u'));
  });

  it.each<[string, (port: number) => string[]]>([
    ['an invite that ends with #', (port) => ['--name', 'bob', '--join', `gc://${at(port)}/#`]],
    ['--private and an address', (port) => ['--name', 'bob', '--private', '--join', at(port)]],
    ['after the name', (port) => ['--private', '--join', at(port)]],
  ])('is asked for at a terminal, and not shown: %s', async (_, args) => {
    const { port, visited } = await silence();
    const listen = at(await freePort());
    const tty = new Tty(process.execPath, [cli, '--listen', listen, ...args(port)], { columns: 100 });
    const last = ({ lines }: Tty) => lines.at(-1) ?? '';
    const asked = (screen: Tty) => last(screen).startsWith('What is the key of the room');
    await tty.until((screen) => last(screen) !== '');
    if (last(tty).startsWith('What is your name')) tty.type('bob\r');
    await tty.until(asked);
    const before = tty.lines.length;
    tty.type('wrong\r');
    await tty.until((screen) => screen.lines.length === before + 2 && asked(screen));
    expect(tty.lines[before]).toBe('a key has 43 characters, not 5: copy the whole of it');
    tty.type(`${key}\r`);
    await visited;
    await tty.until(({ lines }) => lines.at(-1)?.startsWith('bob (looking for the room)›') === true);
    tty.type('\u0003');
    expect(await tty.exit).toBe(0);
    expect(tty.written).not.toContain(key.slice(0, 10));
  });

  it.each<[string, number, RegExp[]]>([
    ['\u0003', 130, []],
    ['\u0004', 2, [/^groupchat: the room is private: give its whole invite/u]],
  ])('that is not given ends it: %j', async (keys, code, told) => {
    const args = ['--name', 'bob', '--join', 'gc://127.0.0.1:9/#'];
    const tty = new Tty(process.execPath, [cli, ...args], { columns: 200 });
    await tty.until(({ lines }) => lines.at(-1)?.startsWith('What is the key of the room') === true);
    tty.type(keys);
    expect(await tty.exit).toBe(code);
    expect(tty.lines.slice(1)).toEqual(told.map((line) => expect.stringMatching(line) as string));
  });
});
