/** groupchat doctor: what it finds out, what it says to type, and what the room sees of it. Real processes, on 127.0.0.1. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../src/checks/finding.ts';
import { serverSays } from '../src/core/message.ts';
import { knowsDiallers } from './plays/dialler.ts';
import { Proxy } from './plays/proxy.ts';
import { Actor, actorAt, at, chat, dist, freePort, freePorts } from './plays/stage.ts';

const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const other = 'BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';

let folder = '';
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'groupchat-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs it to its end; rooms would be kept in the folder of the test. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('GROUPCHAT_'));
  const own = { GROUPCHAT_DATA_DIR: folder, GROUPCHAT_NO_CONFIG: '1', GROUPCHAT_NO_DISCOVERY: '1' };
  const child = spawn(process.execPath, [`${dist}/cli.js`, 'doctor', ...args], {
    env: { ...Object.fromEntries(others), ...own, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [texts, [status]] = await Promise.all([
    Promise.all([child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray())),
    once(child, 'close') as Promise<[number]>,
  ]);
  const [stdout = '', stderr = ''] = texts.map((chunks) => chunks.join(''));
  return { status, stdout, stderr };
}

/** What it finds, by what was looked at. */
async function findings(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const { status, stdout, stderr } = await run([...args, '--json'], env);
  expect(stderr).toBe('');
  const { v, ok, findings: list } = JSON.parse(stdout) as { v: number; ok: boolean; findings: Finding[] };
  expect({ v, ok }).toEqual({ v: 1, ok: status === 0 });
  expect(ok).toBe(list.every(({ state }) => state !== 'fail'));
  return { status, found: Object.fromEntries(list.map((one) => [one.check, one])) };
}

async function founded(name: string, ...more: readonly string[]) {
  const port = await freePort();
  const actor = chat(name, port, ...more);
  await actor.shows(/^\* you started the room$/u);
  return { actor, port };
}

/** Lines of a screen about the doctor, without the name that it made up. */
const seen = ({ screen }: Actor): string[] =>
  screen.filter((line) => line.includes('doctor-')).map((line) => line.replace(/doctor-[0-9a-f]{4}/u, 'doctor'));

describe('a room that gets through', () => {
  it('is told, and sees one who comes and goes', async () => {
    const { actor: alice, port } = await founded('alice');
    const bob = chat('bob', await freePort(), '--join', at(port));
    await bob.shows(/you are in the room/u);
    const mine = await freePort();
    // Through one who does not coordinate: it sends on.
    const { status, found } = await findings(['--listen', at(mine), '--join', bobs(bob)]);
    expect(status).toBe(0);
    expect(found['port']).toEqual({ check: 'port', state: 'ok', found: `port ${mine} is free` });
    expect(found['room']).toMatchObject({ state: 'ok', found: 'alice coordinates it, and lets this machine in' });
    expect(found['clock']).toMatchObject({ state: 'ok' });
    expect(found['reach']).toMatchObject({
      state: 'ok',
      found: `the room gets through to ${at(mine)}, from this machine itself: of others it tells nothing`,
    });
    for (const actor of [alice, bob]) {
      await actor.shows(/doctor-.* left$/u);
      expect(seen(actor)).toEqual(['* doctor joined', '* doctor left']);
      expect(actor.screen.filter((line) => !line.startsWith('* '))).toEqual([]);
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is found in what is kept of the last one, with its key', async () => {
    const { actor: alice } = await founded('alice', '--private');
    const invite = await alice.complains(/gc:\/\//u);
    const [shown = ''] = /gc:\/\/[^']*/u.exec(invite) ?? [];
    const bob = chat('bob', await freePort(), '--data-dir', folder, '--join', shown);
    await bob.shows(/you are in the room/u);
    bob.finish();
    await bob.ended;
    const kept = () => new Set(readdirSync(folder, { recursive: true, encoding: 'utf8' }));
    const before = kept();
    const mine = await freePort();
    for (const name of [['--name', 'bob'], []]) {
      const { status, found } = await findings([...name, '--listen', at(mine)]);
      expect(status).toBe(0);
      expect(found['reach']).toMatchObject({ state: 'ok' });
    }
    expect(kept()).toEqual(before);
    const twice = () => seen(alice).length === 4;
    await alice.until('seen both of them leave', twice);
    expect(seen(alice)).toEqual(['* doctor joined', '* doctor left', '* doctor joined', '* doctor left']);
    // Nobody else is meant.
    const { found } = await findings(['--name', 'carol', '--listen', at(mine)]);
    expect(found['room']).toMatchObject({ state: 'warn', fix: 'groupchat doctor --join HOST:PORT' });
  });
});

it.runIf(knowsDiallers)(
  'a coordinator that this machine does not reach is told, with who carries it there',
  async () => {
    const port = await freePort();
    const proxy = await Proxy.to(port, ({ remotePort = 0 }) => actorAt(remotePort));
    onTestFinished(() => proxy.close());
    const alice = chat('alice', port, '--advertise', proxy.address);
    await alice.shows(/^\* you started the room$/u);
    const bob = chat('bob', await freePort(), '--join', at(port));
    await bob.shows(/you are in the room/u);
    proxy.hold((who) => who !== 'bob');
    const mine = await freePort();
    const { status, found } = await findings(['--listen', at(mine), '--join', bobs(bob)]);
    expect(status).toBe(0);
    expect(found['room']).toMatchObject({
      state: 'warn',
      found: `alice coordinates it, and is not to be reached from here: ${bobs(bob)} carries this machine there`,
    });
    expect(found['reach']).toMatchObject({ state: 'ok', found: `the room gets through to ${at(mine)}` });
    await bob.shows(/doctor-.* left$/u);
    expect(seen(bob)).toEqual(['* doctor joined', '* doctor left']);
  },
);

it('a room that does not get through is told, and waits for nobody afterwards', async () => {
  const { actor: alice, port } = await founded('alice');
  const [mine = 0, nowhere = 0] = await freePorts(2);
  const { status, found } = await findings(['--listen', at(mine), '--advertise', at(nowhere), '--join', at(port)]);
  expect(status).toBe(1);
  expect(found['reach']).toMatchObject({ state: 'fail', found: `the room does not get through to ${at(nowhere)}` });
  expect(found['reach']?.fix).toMatch(/\S/u);
  await alice.shows(/doctor-.* left$/u);
  expect(seen(alice).at(-1)).toBe('* doctor left');
  expect(alice.screen.some((line) => line.includes('unreachable'))).toBe(false);
});

describe('a port', () => {
  it('that is taken is told with the process that has it', async () => {
    const script = `require('node:net').createServer().listen(0, '127.0.0.1', function () { console.log(this.address().port) })`;
    const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill());
    const [line] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const port = Number(line);
    const { status, found } = await findings(['--listen', at(port)]);
    expect(status).toBe(1);
    expect(found['port']).toMatchObject({ state: 'fail' });
    expect(found['port']?.fix).toMatch(/^--listen 127\.0\.0\.1:\d+$/u);
    if (process.platform !== 'linux') return;
    expect(found['port']?.found).toContain(`port ${port} is taken by process ${child.pid} (${process.execPath} -e `);
  });

  it('that this machine itself has for the room keeps nobody from looking into it', async () => {
    const { actor: alice, port } = await founded('alice');
    const { status, found } = await findings(['--listen', at(port), '--join', at(port)]);
    expect(status).toBe(1);
    expect(found['port']).toMatchObject({ state: 'fail' });
    expect(found['room']).toMatchObject({ state: 'ok' });
    expect(found['reach']).toMatchObject({ state: 'warn', fix: 'mend the port first' });
    await alice.shows(/doctor-.* left$/u);
    expect(seen(alice)).toEqual(['* doctor joined', '* doctor left']);
  });

  it('of no address of this machine is told', async () => {
    const { found } = await findings(['--listen', '192.0.2.77:7000']);
    expect(found['port']).toMatchObject({ state: 'fail', fix: '--listen 0.0.0.0:7000' });
  });

  it('that only this machine reaches is told', async () => {
    const port = await freePort();
    const { status, found } = await findings(['--listen', at(port)]);
    expect(status).toBe(0);
    expect(found['addresses']).toMatchObject({ state: 'warn', fix: `--listen 0.0.0.0:${port}` });
  });

  it('is told at the addresses of the chosen interfaces, as a room is', async () => {
    const port = await freePort();
    const { found } = await findings(['--listen', `0.0.0.0:${port}`, '--interface', '127.0.0.1']);
    expect(found['addresses']?.found).toMatch(new RegExp(`^others are told to dial 127\\.0\\.0\\.1:${port}:`, 'u'));
    const { status, stderr } = await run(['--interface', 'none0']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/there is no interface none0 here: --interface takes one of /u);
  });
});

describe('a room that does not let in', () => {
  const barred = async (port: number, args: readonly string[] = [], env: Readonly<Record<string, string>> = {}) => {
    const { status, found } = await findings(['--listen', at(await freePort()), '--join', at(port), ...args], env);
    expect(status).toBe(1);
    return found;
  };

  it('because nobody is there', async () => {
    const port = await freePort();
    const found = await barred(port);
    expect(found['room']).toMatchObject({
      state: 'fail',
      found: `${at(port)} refuses: nobody listens there`,
      fix: 'groupchat doctor, on that machine',
    });
  });

  it('because the key is another, or missing', async () => {
    const file = join(folder, 'key');
    writeFileSync(file, key, { mode: 0o600 });
    const { port } = await founded('alice', '--key-file', file);
    expect((await barred(port, [], { GROUPCHAT_KEY: other }))['key']).toMatchObject({
      state: 'fail',
      found: `${at(port)} has another key, or none: ask a member for the invite that /invite shows there, or leave the key out if that room is open`,
    });
    expect((await barred(port))['key']).toMatchObject({ state: 'fail' });
    expect((await barred(port, ['--private']))['key']?.found).toMatch(/^the room is private: give its whole invite/u);
    expect((await barred(port, [], { GROUPCHAT_KEY: key.slice(1) }))['key']?.found).toMatch(/43 characters, not 42/u);
  });

  it('because one side encrypts, and the other does not', async () => {
    const { port } = await founded('alice');
    expect((await barred(port, ['--plain']))['encryption']).toMatchObject({ state: 'fail', fix: 'leave out --plain' });
    const { port: plain } = await founded('carol', '--plain');
    expect((await barred(plain))['encryption']).toMatchObject({ state: 'fail', fix: '--plain, as the room has it' });
  });

  it('because it speaks another version', async () => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.write(serverSays.connected());
      socket.write(serverSays.challenge('a'.repeat(22)));
      socket.once('data', () => socket.end(serverSays.refused({ code: 'version', message: 'version 99 here' })));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const found = await barred(port, ['--plain']);
    expect(found['version']).toMatchObject({ state: 'fail' });
    expect(found['version']?.found).toMatch(/another version of groupchat: .*"version 99 here"$/u);
  });

  it('because it is none', async () => {
    const server = createServer((socket) => socket.on('error', () => {}).end('220 mail.example ESMTP\r\n'.repeat(9)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => void server.close());
    const found = await barred((server.address() as AddressInfo).port, ['--plain']);
    expect(found['version']?.found).toMatch(/is no groupchat, or another version of it/u);
  });

  it('because it is this machine itself', async () => {
    const port = await freePort();
    const { found } = await findings(['--listen', at(port), '--join', at(port)]);
    expect(found['room']).toMatchObject({ state: 'fail', found: `${at(port)} is where this machine listens itself` });
  });
});

it('a clock that differs from the room is told', async () => {
  const shift = join(folder, 'shift.mjs');
  writeFileSync(shift, 'const { now } = Date; Date.now = () => now() + 90_000;');
  const port = await freePort();
  const alice = new Actor('alice', ['--import', shift, `${dist}/cli.js`, '--name', 'alice', '--listen', at(port)]);
  await alice.shows(/you started the room/u);
  const { found } = await findings(['--listen', at(await freePort()), '--join', at(port)]);
  expect(found['clock']).toMatchObject({ state: 'warn', found: 'it is 90 s behind that of alice' });
});

describe('a folder', () => {
  it.runIf(process.platform !== 'win32')('that others can read is told, with what to type', async () => {
    chmodSync(folder, 0o755);
    const { status, found } = await findings([]);
    expect(status).toBe(1);
    expect(found['data']).toEqual({
      check: 'data',
      state: 'fail',
      found: `${folder} is open to others`,
      fix: `chmod 700 ${folder}`,
    });
  });

  it('that is not there yet is not made', async () => {
    const data = join(folder, 'a', 'b');
    const { found } = await findings(['--name', 'bob', '--data-dir', data]);
    expect(found['data']).toMatchObject({ state: 'ok' });
    expect(found['data']?.found).toContain(`${data} is made at the first start`);
    expect(existsSync(join(folder, 'a'))).toBe(false);
  });

  it('that is none is told', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { found } = await findings(['--data-dir', file]);
    expect(found['data']).toMatchObject({ state: 'fail', fix: `mv ${file} ${file}.old` });
    expect((await findings(['--data-dir', join(file, 'below')])).found['data']).toMatchObject({ state: 'fail' });
  });
});

describe('a config file', () => {
  it('that is faulty is a finding, and no end', async () => {
    const file = join(folder, 'config');
    writeFileSync(file, 'nmae = bob\n');
    const { status, found } = await findings(['--config', file]);
    expect(status).toBe(1);
    expect(found['config']).toMatchObject({
      state: 'fail',
      found: `${file}:1: there is no key nmae: did you mean name?`,
    });
    expect(found['port']).toBeDefined();
  });

  it.runIf(process.platform !== 'win32')('that others can change is told', async () => {
    const file = join(folder, 'config');
    writeFileSync(file, 'name = bob\n');
    chmodSync(file, 0o666);
    const { found } = await findings(['--config', file]);
    expect(found['config']).toMatchObject({ state: 'warn', fix: `chmod go-w ${file}` });
  });
});

it('tells it in lines, and ends with 1 or 0', async () => {
  const port = await freePort();
  const { status, stdout, stderr } = await run(['--listen', at(port), '--join', at(await freePort())]);
  expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
  expect(stdout).toMatch(/^ok {4}node: Node \d/mu);
  expect(stdout).toMatch(/^FAIL {2}room: .* nobody listens there\n {6}-> groupchat doctor, on that machine$/mu);
  expect(stdout).toMatch(/\n1 thing fails; \d things? to look at\n$/u);
});

it('wrong usage ends with 2', () => {
  const { status, stderr } = spawnSync(process.execPath, [`${dist}/cli.js`, 'doctor', 'me'], { encoding: 'utf8' });
  expect(status).toBe(2);
  expect(stderr).toMatch(/^groupchat: .*too many arguments.*\n$/u);
});

describe('rooms on the network', () => {
  const near = (port: number): string[] => ['--interface', '127.0.0.1', '--discovery-port', String(port)];

  it('are heard, and where', async () => {
    const beacons = String(await freePort());
    const port = await freePort();
    const env = { GROUPCHAT_NO_DISCOVERY: '' };
    const args = [...near(Number(beacons)), '--listen', at(port), '--no-history'];
    const alice = new Actor('alice', [`${dist}/cli.js`, '--name', 'alice', ...args], {});
    await alice.shows(/^\* you started the room$/u);
    const { found } = await findings(near(Number(beacons)), env);
    expect(found['discovery']).toMatchObject({ state: 'ok', found: `a room is heard at ${at(port)}` });
  });

  it('may not be there', async () => {
    const port = await freePort();
    const { found } = await findings(near(port), { GROUPCHAT_NO_DISCOVERY: '' });
    expect(found['discovery']).toMatchObject({ state: 'ok', found: `no room is heard at port ${port} (UDP)` });
  });

  it('are not listened for where that is switched off', async () => {
    const { found } = await findings(['--no-discovery']);
    expect(found['discovery']).toMatchObject({
      state: 'ok',
      found: expect.stringContaining('switched off') as string,
    });
  });
});

/** Where an actor listens. */
function bobs({ complaints }: Actor): string {
  const [, address = ''] = /--join (\S+)/u.exec(complaints.join('\n')) ?? [];
  return address;
}
