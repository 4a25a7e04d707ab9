/** Peers that find each other: real processes on the loopback, each play with a UDP port of its own. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { encodeBeacon, type Beacon } from '../../src/core/beacon.ts';
import { limits } from '../../src/core/limits.ts';
import { Tty } from '../face/tty.ts';
import { air, bridge, comes, speaker, type Air } from './air.ts';
import { Actor, at, dist, freePort } from './stage.ts';

const founded = /^\* you started the room$/u;
const entered = /^\* you are in the room with /u;

/** A process that has founded a room, though others are there. */
async function founds(name: string, on: Air, ...more: readonly string[]): Promise<Actor> {
  const actor = await comes(name, on, '--new', ...more);
  await actor.shows(founded);
  return actor;
}

/** Alice founds a room, and bob finds it. */
async function two(on: Air): Promise<[alice: Actor, bob: Actor]> {
  const alice = await comes('alice', on);
  await alice.shows(founded);
  const bob = await comes('bob', on);
  await bob.shows(entered);
  return [alice, bob];
}

/** They leave, as one does. */
async function end(...actors: readonly Actor[]): Promise<void> {
  for (const actor of actors) actor.finish();
  expect(await Promise.all(actors.map(({ ended }) => ended))).toEqual(actors.map(() => 0));
}

async function says(actor: Actor, text: string, ...to: readonly Actor[]): Promise<void> {
  actor.type(text);
  await Promise.all([actor, ...to].map((one) => one.shows(new RegExp(`: ${text}$`, 'u'))));
}

/** A file with a key of a room, which goes when the test ends. */
function keyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'room.key');
  writeFileSync(file, randomBytes(32).toString('base64url'), { mode: 0o600 });
  return file;
}

describe('groupchat alone', () => {
  it('founds a room where there is none, and enters the one that there is', async () => {
    const lan = await air();
    const alice = await comes('alice', lan);
    await alice.shows(founded);
    const bob = await comes('bob', lan);
    expect(await bob.shows(entered)).toBe('* you are in the room with alice; alice coordinates');
    const carol = await comes('carol', lan);
    await carol.shows(/^\* you are in the room with alice and bob; alice coordinates$/u);
    await says(carol, 'found you', alice, bob);
    // What is found is told of by nobody as trouble.
    for (const { complaints } of [alice, bob, carol]) expect(complaints.join()).not.toMatch(/network|beacon/u);
  });

  it('is one room when several begin at the same moment', async () => {
    const lan = await air();
    const names = ['ann', 'ben', 'cat', 'dan', 'eva'];
    const actors = await Promise.all(names.map((name) => comes(name, lan)));
    await Promise.all(actors.map((actor) => actor.shows(/^\* you (started|are in) the room/u)));
    const [first = actors[0] as Actor] = actors;
    await Promise.all(actors.slice(1).map((actor) => says(actor, `I am ${actor.name}`, first)));
    expect(actors.filter((actor) => actor.screen.some((line) => founded.test(line)))).toHaveLength(1);
  });

  it('is one room for several who come into it at the same moment', async () => {
    const lan = await air();
    const alice = await comes('alice', lan);
    await alice.shows(founded);
    // Whoever is in first gives the room another mark, while the others still look.
    const actors = await Promise.all(['bob', 'carol', 'dave', 'erin'].map((name) => comes(name, lan)));
    await Promise.all(actors.map((actor) => actor.shows(entered)));
    await Promise.all(actors.map((actor) => says(actor, `I am ${actor.name}`, alice)));
  });

  it('founds a room of its own with --new, and the two stay apart', async () => {
    const lan = await air();
    const alice = await founds('alice', lan);
    const bob = await founds('bob', lan);
    const carol = await comes('carol', lan, '--join', at(Number(/:(\d+)$/u.exec(bob.complaints[0] ?? '')?.[1])));
    await carol.shows(/^\* you are in the room with bob/u);
    await says(carol, 'only here', bob);
    await says(alice, 'only there');
    // Whoever comes last has seen that all is as it was.
    const dave = await comes('dave', lan);
    expect(await dave.ended).toBe(5);
    expect(alice.screen).toEqual(['* you started the room', 'alice: only there']);
    expect(bob.screen).not.toContain('alice: only there');
  });

  it('is found by nobody with --no-discovery, and finds nobody', async () => {
    const lan = await air();
    await founds('alice', lan, '--no-discovery');
    const bob = await comes('bob', lan);
    await bob.shows(founded);
    const carol = await comes('carol', lan, '--no-discovery');
    await carol.shows(founded);
  });

  it('finds no rooms in plain, unless it is in plain itself', async () => {
    const lan = await air();
    await founds('alice', lan, '--plain');
    const bob = await comes('bob', lan);
    await bob.shows(founded);
    const carol = await comes('carol', lan, '--plain');
    await carol.shows(/^\* you are in the room with alice/u);
  });

  it('goes on by itself where a beacon leads to nobody', async () => {
    const lan = await air();
    const speak = await speaker(lan);
    const beacon = fake({ port: await freePort() });
    const alice = await comes('alice', lan);
    const saying = setInterval(() => speak(beacon), 20);
    onTestFinished(() => clearInterval(saying));
    await alice.complains(/a room was heard at 127\.0\.0\.1:\d+, and nobody lets us in there/u);
    await alice.shows(founded);
  });

  it('says when its port is taken, and founds a room all the same', async () => {
    const lan = await air();
    const taken = createSocket('udp4').bind(Number(lan.GROUPCHAT_DISCOVERY_PORT), '0.0.0.0');
    onTestFinished(() => void taken.close());
    await once(taken, 'listening');
    const alice = await comes('alice', lan);
    await alice.shows(founded);
    const told = alice.complaints.filter((line) => line.includes('UDP port'));
    expect(told).toEqual([
      expect.stringMatching(/is taken by another program.*--discovery-port, or --join by address/u),
    ]);
  });
});

describe('several rooms', () => {
  it('are told of where nobody can be asked, with what to type, and 5', async () => {
    const lan = await air();
    await founds('alice', lan);
    await founds('bob', lan);
    const carol = await comes('carol', lan);
    expect(await carol.ended).toBe(5);
    expect(carol.screen).toEqual([]);
    expect(carol.complaints.filter((line) => line !== '')).toEqual([
      expect.stringMatching(
        /^groupchat: there are 2 rooms on this network: choose one with --join 127\.0\.0\.1:\d+ or --join 127\.0\.0\.1:\d+, or start another with --new$/u,
      ),
    ]);
  });

  it('are asked about at a terminal', async () => {
    const lan = await air();
    const rooms = [await founds('alice', lan), await founds('bob', lan)];
    const args = [`${dist}/cli.js`, '--name', 'carol', '--listen', at(await freePort())];
    const tty = new Tty(process.execPath, args, { columns: 100, env: lan });
    await tty.until(({ lines }) => lines.at(-1) === 'Which one?');
    const [title, first = '', second = '', none] = tty.lines;
    expect([title, none]).toEqual(['There are 2 rooms on this network:', '  0  none of these, but a room of your own']);
    expect([first, second]).toEqual([
      expect.stringMatching(/^ {2}1 {2}127\.0\.0\.1:\d+ {2}\(1 peer heard\)$/u),
      expect.stringMatching(/^ {2}2 {2}127\.0\.0\.1:\d+ {2}\(1 peer heard\)$/u),
    ]);
    tty.type('3\r');
    await tty.until(({ lines }) => lines.includes('type a number from 0 to 2'));
    tty.type('2\r');
    const [, place = ''] = /(127\S+)/u.exec(second) ?? [];
    const meant = rooms.find(({ complaints }) => complaints[0]?.endsWith(place)) as Actor;
    await meant.shows(/^\* carol joined$/u);
    await tty.until(({ lines }) => lines.at(-1) === 'carol›');
    tty.type('\u0003');
    expect(await tty.exit).toBe(0);
  });

  it.each([
    ['0\r', /you started the room/u, 0],
    ['\u0003', /Which one\?/u, 130],
  ])('none of them: %j', async (keys, shown, code) => {
    const lan = await air();
    await founds('alice', lan);
    await founds('bob', lan);
    const args = [`${dist}/cli.js`, '--name', 'carol', '--listen', at(await freePort())];
    const tty = new Tty(process.execPath, args, { columns: 100, env: lan });
    await tty.until(({ lines }) => lines.at(-1) === 'Which one?');
    tty.type(keys);
    await tty.until(({ lines }) => lines.some((line) => shown.test(line)));
    if (code === 0) {
      await tty.until(({ lines }) => lines.at(-1) === 'carol›');
      tty.type('\u0003');
    }
    expect(await tty.exit).toBe(code);
  });
});

describe('a private room', () => {
  it('is found by who has its key, and by nobody else', async () => {
    const lan = await air();
    const file = keyFile();
    const alice = await comes('alice', lan, '--key-file', file);
    await alice.shows(founded);
    const bob = await comes('bob', lan, '--key-file', file);
    await bob.shows(/^\* you are in the room with alice/u);
    const carol = await comes('carol', lan);
    await carol.shows(founded);
    await carol.complains(/a private room is on this network: if it is yours, ask a member for the invite/u);
    const dave = await comes('dave', lan, '--key-file', keyFile());
    await dave.shows(founded);
  });

  it('is never given up for an open one', async () => {
    const lan = await air();
    await founds('alice', lan);
    const bob = await comes('bob', lan, '--private');
    await bob.shows(founded);
    const carol = await comes('carol', lan, '--key-file', keyFile());
    await carol.shows(founded);
    // Whoever was in one last is led into no other, either.
    bob.finish();
    expect(await bob.ended).toBe(0);
    const again = await comes('bob', lan);
    await again.shows(/^\* you are the first to be back$/u);
  });
});

describe('a room that was kept', () => {
  it('is one again when all come back at once, each at another address', async () => {
    const lan = await air();
    const [alice, bob] = await two(lan);
    await says(bob, 'before', alice);
    await end(alice, bob);
    const [again, too] = await Promise.all([comes('alice', lan), comes('bob', lan)]);
    await Promise.all([again, too].map((one) => one.shows(/^\* (you are the first to be back|you are in the room)/u)));
    await says(again, 'after', too);
    await says(too, 'after that', again);
  });

  it('is found at another address by one who comes back alone, beside another room', async () => {
    const lan = await air();
    const [alice, bob] = await two(lan);
    await says(bob, 'before', alice);
    await end(alice, bob);
    const again = await comes('alice', lan);
    await again.shows(/^\* you are the first to be back$/u);
    await founds('eve', lan);
    const too = await comes('bob', lan);
    await too.shows(/^\* you are in the room with alice/u);
    await says(too, 'after', again);
  });

  it('is gone on with beside the room of others, which is told', async () => {
    const lan = await air();
    const alice = await comes('alice', lan);
    await alice.shows(founded);
    alice.type('mine');
    await alice.shows(/^alice: mine$/u);
    alice.finish();
    await alice.ended;
    await founds('eve', lan);
    const again = await comes('alice', lan);
    await again.shows(/^\* you are the first to be back$/u);
    await again.complains(/another room is on this network: groupchat --join 127\.0\.0\.1:\d+ enters it/u);
  });

  it('is left for the room that is there, when nobody ever came or said anything', async () => {
    const lan = await air();
    const alice = await comes('alice', lan);
    await alice.shows(founded);
    alice.finish();
    await alice.ended;
    await founds('eve', lan);
    const again = await comes('alice', lan);
    await again.shows(/^\* you are in the room with eve/u);
    again.finish();
    await again.ended;
    // And gone back to by its tag, though another was open later.
    const third = await comes('alice', lan);
    await third.shows(/^\* you are in the room with eve/u);
  });
});

describe('a last room that is stale', () => {
  it('is left for the one that is now where its members were', async () => {
    const nothing: Air = { ...(await air()), GROUPCHAT_NO_DISCOVERY: '1' };
    const port = await freePort();
    const alice = await comes('alice', nothing, '--listen', at(port));
    await alice.shows(founded);
    const bob = await comes('bob', nothing, '--join', at(port));
    await bob.shows(entered);
    for (const actor of [bob, alice]) {
      actor.finish();
      expect(await actor.ended).toBe(0);
    }
    const eve = await comes('eve', nothing, '--listen', at(port), '--new');
    await eve.shows(founded);
    // What a script says is not for whoever has the address now.
    const script = new Actor('bob', [`${dist}/cli.js`, 'send', '--name', 'bob', 'a secret'], { ...nothing });
    expect(await script.ended).toBe(4);
    await script.complains(/where the room was that you were in last is another one now/u);
    const again = await comes('bob', nothing);
    await again.shows(/^\* you are in the room with eve/u);
    await again.complains(/this is another room than the one that you were in last/u);
    expect(eve.screen.join()).not.toContain('a secret');
  });
});

describe('two parts of a room', () => {
  it('meet when they hear of each other', async () => {
    const [one, other] = [await air(), await air()];
    const [alice, bob] = await two(one);
    await end(alice, bob);
    // Each is alone, at an address that the other cannot know.
    const [again, too] = [await comes('alice', one), await comes('bob', other)];
    await Promise.all([again, too].map((actor) => actor.shows(/^\* you are the first to be back$/u)));
    await says(again, 'alone here');
    await says(too, 'alone there');
    await bridge(one, other);
    await Promise.all([again.shows(/^bob.*: alone there$/u), too.shows(/^alice.*: alone here$/u)]);
    await says(again, 'together', too);
  });
});

const fake = (more: Partial<Beacon> = {}): Uint8Array =>
  encodeBeacon({
    kind: 'open',
    does: 'here',
    port: 6000,
    nextMs: 2000,
    token: randomBytes(8).toString('hex'),
    mark: randomBytes(8).toString('hex'),
    ...more,
  });

describe('what is wrong on the network', () => {
  it('is told once for each kind, and touches no room', async () => {
    const lan = await air();
    const [alice, bob] = await two(lan);
    const speak = await speaker(lan);
    const version = fake();
    version[5] = limits.wireVersion + 1;
    for (let time = 0; time < 3; time++)
      for (const bytes of [randomBytes(40), randomBytes(1400), version, fake()]) speak(bytes);
    for (const actor of [alice, bob]) {
      await actor.complains(/127\.0\.0\.1 runs another version of groupchat/u);
      await actor.complains(/what 127\.0\.0\.1 sends to the port of discovery is no beacon/u);
    }
    for (let time = 0; time < 10_000; time++) {
      speak(fake());
      // As fast as it goes, and others have their turn.
      if (time % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    for (const actor of [alice, bob]) await actor.complains(/so many beacons come/u);
    for (let line = 0; line < 20; line++) await says(line % 2 === 0 ? alice : bob, `line ${line}`, alice, bob);
    for (const { complaints } of [alice, bob]) {
      expect(complaints.filter((line) => /beacon|version/u.test(line))).toHaveLength(3);
    }
  });
});

describe('addresses', () => {
  it('are shown by /peers, with whether they can be reached, and told by /add', async () => {
    const lan = await air();
    const alice = await comes('alice', lan);
    await alice.shows(founded);
    alice.type('/peers');
    await alice.shows(/^\* no addresses of others are known: \/add host:port/u);
    const bob = await comes('bob', lan);
    await bob.shows(entered);
    const nobody = at(await freePort());
    bob.type(`/add ${nobody}`);
    await bob.shows(
      new RegExp(`^\\* ${nobody} refuses: nobody listens there; alice coordinates, so type /add there`, 'u'),
    );
    alice.type(`/add ${nobody}`);
    await alice.shows(
      new RegExp(`^\\* ${nobody} refuses: nobody listens there; it is tried again and again, for a day$`, 'u'),
    );
    bob.type('/peers');
    await bob.shows(/^\* 2 other places known, 1 reachable:$/u);
    await bob.shows(/^\* {3}127\.0\.0\.1:\d+ {2}\(alice, member, on this machine\) {2}reachable$/u);
    await bob.shows(new RegExp(`^\\* {3}${nobody} {2}\\(added, on this machine\\) {2}refuses: nobody`, 'u'));
    bob.type('/add nowhere at all', '/add x:y', '/add 127.0.0.1:0');
    await bob.complains(/\/add and the address of a member/u);
    await bob.complains(/nothing was added: x:y is not an address: write host:port/u);
    await bob.complains(/nothing was added: 127\.0\.0\.1:0 is not an address/u);
  });

  it('that are added bring two parts of a room together where nothing is heard', async () => {
    const [one, other] = [await air(), await air()];
    const [alice, bob] = await two(one);
    await end(alice, bob);
    const [again, too] = [await comes('alice', one), await comes('bob', other)];
    await Promise.all([again, too].map((actor) => actor.shows(/^\* you are the first to be back$/u)));
    again.type('/status');
    const [, place = ''] = /(127\.0\.0\.1:\d+)/u.exec(await again.shows(/^\* join by/u)) ?? [];
    too.type(`/add ${place}`);
    await too.shows(new RegExp(`^\\* ${place} answers, and is tried from now on$`, 'u'));
    await too.shows(/^\* (the room is one again|alice joined)/u);
    await says(again, 'together', too);
  });

  it('of another room are told as that', async () => {
    const lan = await air();
    const alice = await founds('alice', lan);
    const bob = await founds('bob', lan);
    const [, place = ''] = /(127\.0\.0\.1:\d+)$/u.exec(alice.complaints[0] ?? '') ?? [];
    bob.type(`/add ${place}`);
    await bob.complains(new RegExp(`${place} is in another room than this one: .*groupchat --join ${place}$`, 'u'));
  });
});

describe('an interface', () => {
  it('that is not there is refused, with those that are', () => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [`${dist}/cli.js`, '--name', 'bob', '--interface', 'eth77'],
      {
        env: { ...process.env, GROUPCHAT_NO_DISCOVERY: '' },
        encoding: 'utf8',
        input: '',
      },
    );
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^groupchat: there is no interface eth77 here: --interface takes one of .*127\.0\.0\.1.*\n$/u,
    );
  });
});
