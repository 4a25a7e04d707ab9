/** groupchat tail: what it prints, from where, and how it ends. Real processes, on 127.0.0.1. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { faults } from './schema.ts';
import { Actor, at, chat, dist, freePort } from './plays/stage.ts';

const cli = `${dist}/cli.js`;

/** A room of one, called alice. */
async function room(...more: readonly string[]) {
  const port = await freePort();
  const alice = chat('alice', port, ...more);
  await alice.shows(/^\* you started the room$/u);
  return { port, alice };
}

const tail = (port: number, name: string, ...more: readonly string[]): Actor =>
  new Actor(name, [cli, 'tail', '--name', name, '--join', at(port), ...more]);

interface Told {
  readonly kind: string;
  readonly position?: string;
  readonly text?: string;
  readonly [more: string]: unknown;
}

/** The objects on a screen, each as it is documented; what a process that was killed did not finish is none. */
function objects(actor: Actor): Told[] {
  const found = actor.screen.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line) as Told);
  const last = found.at(-1);
  if (last !== undefined) expect(faults(last)).toEqual([]);
  return found;
}

const lines = (actor: Actor): Told[] => objects(actor).filter(({ kind }) => kind === 'line');
const texts = (actor: Actor): unknown[] => lines(actor).map(({ text }) => text);
const said = (actor: Actor, name: string): string[] =>
  actor.screen.filter((line) => line.startsWith(`${name}: `)).map((line) => line.slice(name.length + 2));
const tells = (actor: Actor, kind: string): Promise<Told> =>
  actor.until(`told ${kind}`, () => objects(actor).find((one) => one.kind === kind));

describe('groupchat tail', () => {
  it('prints the room as it goes, and nothing of what was before', async () => {
    const { port, alice } = await room();
    alice.type('before');
    await alice.shows(/^alice: before$/u);
    const log = tail(port, 'log');
    await log.shows(/^\* you are in the room with alice; alice coordinates$/u);
    log.type('nobody reads this');
    log.finish();
    alice.type('after');
    await log.shows(/^alice: after$/u);
    const bob = chat('bob', await freePort(), '--join', at(port));
    await log.shows(/^\* bob joined$/u);
    bob.finish();
    await log.shows(/^\* bob left$/u);
    log.signal('SIGTERM');
    expect(await log.ended).toBe(0);
    await alice.shows(/^\* log left$/u);
    expect(log.screen).toEqual([
      '* you are in the room with alice; alice coordinates',
      'alice: after',
      '* bob joined',
      '* bob left',
    ]);
    expect(log.complaints).toEqual([]);
  });

  it('tells it as objects', async () => {
    const { port, alice } = await room();
    const log = tail(port, 'log', '--json');
    const here = await tells(log, 'room');
    expect(here).toMatchObject({ v: 1, name: 'log', position: '1.2', members: [{ name: 'alice' }, { name: 'log' }] });
    alice.type('ä\t\u200d👍', '/msg log psst');
    const line = await tells(log, 'line');
    expect(line).toMatchObject({ v: 1, name: 'alice', n: 1, position: '1.3', text: 'ä\t\u200d👍', apart: false });
    expect(line['id']).toBe(here['coordinator']);
    expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/u);
    expect(log.screen.find((one) => one.includes('ä'))).toContain('\\u200d');
    expect(await tells(log, 'private')).toMatchObject({ name: 'alice', text: 'psst', n: 1 });
    await alice.shows(/^\* log has your private message$/u);
    log.signal('SIGINT');
    expect(await log.ended).toBe(0);
  });

  it('takes the next name where its own is taken', async () => {
    const { port, alice } = await room();
    const first = tail(port, 'log');
    await alice.shows(/^\* log joined$/u);
    const second = tail(port, 'log');
    expect(await second.complains(/taken/u)).toBe('groupchat: the name log is taken in this room: here you are log2');
    await alice.shows(/^\* log2 joined$/u);
    for (const one of [first, second]) one.signal('SIGTERM');
    expect(await Promise.all([first.ended, second.ended])).toEqual([0, 0]);
  });

  it('ends when its reader has gone', async () => {
    const { port, alice } = await room();
    const program = `"$0" "$1" tail --name log --join ${at(port)} | head -1; echo "ended with \${PIPESTATUS[0]}"`;
    const shell = new Actor('shell', ['-e', shellOf(program)]);
    await shell.shows(/^\* you are in the room/u);
    alice.type('one');
    expect(await shell.ended).toBe(0);
    expect(shell.screen).toEqual(['* you are in the room with alice; alice coordinates', 'ended with 0']);
    await alice.shows(/^\* log left$/u);
  });

  it('lets go of a reader that does not read, and says how to go on', async () => {
    const { port, alice } = await room();
    const args = [cli, 'tail', '--json', '--name', 'log', '--join', at(port), '--no-history'];
    // Nothing reads its output.
    const log = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    onTestFinished(() => void log.kill('SIGKILL'));
    let complaints = '';
    log.stderr.setEncoding('utf8').on('data', (text: string) => (complaints += text));
    await alice.shows(/^\* log joined$/u);
    // More than what waits at most (64 MiB), and what the kernel holds.
    const line = 'x'.repeat(16_000);
    for (let count = 0; count < 4500; count++) alice.type(line);
    const [code] = (await once(log, 'exit')) as [number];
    expect(code).toBe(1);
    expect(complaints).toBe(
      'groupchat: the output is not being read: leaving; --since goes on behind the last position that was read\n',
    );
    await alice.shows(/^\* log left$/u);
  });

  it('founds no room and never coordinates', async () => {
    const nobody = await freePort();
    for (const args of [
      ['tail', '--name', 'log'],
      ['tail', '--name', 'log', '--join', at(nobody)],
    ]) {
      const { status, stdout, stderr } = run(args);
      expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
      expect(stderr).toMatch(/^groupchat: nobody could be reached: .*\n$/u);
    }
    const { port, alice } = await room();
    const log = tail(port, 'log', '--json');
    await tells(log, 'room');
    alice.signal('SIGKILL');
    await tells(log, 'looking');
    const again = chat('alice', port);
    await again.shows(/^\* log joined$|^\* you are in the room with log/u);
    again.type('here again');
    await log.until('heard of alice', () => texts(log).includes('here again'));
    await again.until('coordinated', () => again.screen.some((line) => /you (coordinate|are the first)/u.test(line)));
    log.signal('SIGTERM');
    expect(await log.ended).toBe(0);
  });

  it('finds the room that another process of the same person has open, and leaves it its private messages', async () => {
    const { port, alice } = await room();
    const log = new Actor('alice2', [cli, 'tail', '--json', '--name', 'alice']);
    expect(await tells(log, 'room')).toMatchObject({ name: 'alice2' });
    const bob = chat('bob', await freePort(), '--join', at(port));
    await bob.shows(/^\* you are in the room/u);
    bob.type('/msg alice psst');
    // Nothing that is under way takes longer than three lines, each said when the one before has come.
    for (const text of ['one', 'two', 'three']) {
      bob.type(text);
      await log.until(text, () => texts(log).includes(text));
    }
    log.signal('SIGTERM');
    expect(await log.ended).toBe(0);
    await alice.shows(/^\* bob to you: psst$/u);
    expect(objects(log).map(({ kind }) => kind)).not.toContain('private');
  });
});

describe('groupchat tail --since', () => {
  it('goes on behind a position', async () => {
    const { port, alice } = await room();
    const first = tail(port, 'log', '--json');
    await tells(first, 'room');
    alice.type('one', 'two', 'three');
    const all = await first.until('three lines', () => (lines(first).length === 3 ? lines(first) : undefined));
    first.signal('SIGTERM');
    expect(await first.ended).toBe(0);
    alice.type('four');
    await alice.shows(/^alice: four$/u);
    const expected = ['two', 'three', 'four'];
    // Also one that has never been in the room, and keeps nothing.
    for (const [name, more] of [
      ['log', []],
      ['other', ['--no-history']],
    ] as const) {
      const second = tail(port, name, '--json', '--since', all[0]?.position as string, ...more);
      await tells(second, 'room');
      expect(texts(second)).toEqual(expected);
      expected.push(`to ${name}`);
      alice.type(`to ${name}`);
      await second.until('the next', () => texts(second).includes(`to ${name}`));
      expect(objects(second).map(({ kind }) => kind)).not.toContain('gap');
      second.signal('SIGTERM');
      expect(await second.ended).toBe(0);
    }
    const plain = tail(port, 'plain', '--since', '0.0');
    await plain.shows(/^alice: to other$/u);
    expect(said(plain, 'alice')).toEqual(['one', 'two', 'three', 'four', 'to log', 'to other']);
  });

  it('says that what is behind it is no longer kept', async () => {
    const { port, alice } = await room('--history', '2');
    alice.type('one', 'two', 'three');
    await alice.shows(/^alice: three$/u);
    const log = tail(port, 'log', '--json', '--since', '1.1');
    await tells(log, 'room');
    expect(objects(log)[0]).toMatchObject({ kind: 'gap', why: 'trimmed', since: '1.1' });
    expect(texts(log)).toEqual(['two', 'three']);
  });

  it('says that it is not in this room', async () => {
    const { port, alice } = await room();
    alice.type('one');
    await alice.shows(/^alice: one$/u);
    for (const since of ['1.1000', '7.1']) {
      const log = tail(port, 'log', '--json', '--since', since);
      await tells(log, 'room');
      expect(objects(log)[0]).toMatchObject({ kind: 'gap', why: 'elsewhere', since });
      log.signal('SIGTERM');
      await log.ended;
    }
  });

  it.each(['', '3', '1.x', '-1.2', '1.2.3'])('takes a position only: %j', (since) => {
    const { status, stderr } = run(['tail', '--name', 'log', `--since=${since}`]);
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^groupchat: option '--since <position>' argument '.*' is invalid: it takes a position.*\n$/u,
    );
  });

  it('has each line once for a bot that is killed and started again while others write', async () => {
    const { port, alice } = await room();
    const bob = chat('bob', await freePort(), '--join', at(port));
    await bob.shows(/^\* you are in the room/u);
    const logged: Told[] = [];
    let position: string | undefined;
    let count = 0;
    const write = (number: number): void => {
      for (const actor of [alice, bob]) actor.type(...Array.from({ length: number }, () => `line ${++count}`));
    };
    for (let round = 0; round < 6; round++) {
      const bot = tail(port, 'bot', '--json', ...(position === undefined ? [] : ['--since', position]));
      await tells(bot, 'room');
      write(150);
      await bot.until('a part', () => lines(bot).length >= 20 + round * 40);
      // One that leaves has all on its disk that it was shown; one that is killed soon has perhaps nothing there.
      bot.signal(round % 3 === 1 ? 'SIGTERM' : 'SIGKILL');
      await bot.ended;
      for (const told of objects(bot)) {
        if (told.kind === 'line') logged.push(told);
        position = told.position ?? position;
      }
      write(20);
    }
    write(1);
    const bot = tail(port, 'bot', '--json', '--since', position as string);
    await bot.until('the last', () => new Set([...logged.map(({ text }) => text), ...texts(bot)]).size === count);
    logged.push(...lines(bot));
    const shown = alice.screen.filter((line) => /^(alice|bob): /u.test(line));
    expect(logged.map(({ name, text }) => `${String(name)}: ${String(text)}`)).toEqual(shown);
    expect(shown).toHaveLength(count);
  });
});

function run(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', input: '' });
  return { status, stdout, stderr };
}

/** A program that runs a line of bash, with node and the command line as its arguments. */
function shellOf(line: string): string {
  const args = JSON.stringify(['-c', line, process.execPath, cli]);
  return `require('node:child_process').spawn('bash', ${args}, { stdio: 'inherit' }).on('exit', (code) => process.exit(code))`;
}
