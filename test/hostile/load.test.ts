/**
 * Too much of something: connections that say nothing, or half of something, frames that promise more than they may,
 * JSON that is deep, and whatever else costs memory or work. Whoever sends it is cut off, or slowed, and the others in
 * the room notice nothing. What it costs is held against what the limits allow, in bytes and never in time.
 */
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { concat, encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays } from '../../src/core/message.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { at, chat, freePort, freePorts, type Actor } from '../plays/stage.ts';
import { Intruder } from './intruder.ts';
import { enter, Liar } from './liar.ts';

const mebibyte = 1 << 20;
/** What a process of Node takes and gives back by itself as it works, bytes. */
const unsteady = 48 * mebibyte;

interface Room {
  readonly alice: Actor;
  readonly bob: Actor;
  /** Where alice, who coordinates, and bob listen. */
  readonly port: number;
  readonly other: number;
}

async function room(...options: readonly string[]): Promise<Room> {
  const [port, other] = (await freePorts(2)) as [number, number];
  const alice = chat('alice', port, ...options);
  await alice.shows(/^\* you started the room$/u);
  const plain = options.filter((option) => option === '--plain');
  const bob = chat('bob', other, '--join', at(port), ...plain);
  await alice.shows(/^\* bob joined$/u);
  return { alice, bob, port, other };
}

/** What somebody says comes to everybody, both ways. */
async function goesOn({ alice, bob }: Room, text = 'still here'): Promise<void> {
  alice.type(text);
  await bob.shows(new RegExp(`^alice: ${text}$`, 'u'));
  bob.type(text);
  await alice.shows(new RegExp(`^bob: ${text}$`, 'u'));
}

/** How much memory a process has, bytes; 0 where the system does not tell. */
function memory({ pid }: Actor): number {
  if (process.platform !== 'linux') return 0;
  return Number(/VmRSS:\s+(\d+) kB/u.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024;
}

/** A bare connection, from another address of this machine where there are any. */
async function knock(port: number, from = '127.0.0.1'): Promise<{ socket: Socket; gone: Promise<unknown> }> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: process.platform === 'linux' ? from : '127.0.0.1' });
  onTestFinished(() => void socket.destroy());
  socket.on('error', () => {}).resume();
  const gone = new Promise((resolve) => void socket.once('close', resolve));
  await Promise.race([once(socket, 'connect'), gone]).catch(() => {});
  return { socket, gone };
}

/** Connects and hangs up, from a hundred addresses all the time, a hundred at once. @returns what ends it */
function flood(port: number): () => Promise<void> {
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const waves = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const from = (index: number): string => `127.0.1.${index + 1}`;
      const crowd = await Promise.all(Array.from({ length: 100 }, (_, index) => knock(port, from(index))));
      for (const { socket } of crowd) socket.resetAndDestroy();
    }
  };
  const done = waves();
  return () => {
    over.abort();
    return done;
  };
}

const header = (id: string, type: string, length: string): string =>
  id.padEnd(10) + type.padEnd(10) + length.padEnd(10);

describe('connections', () => {
  it('half-open and slow-loris: many that never end their greeting keep nobody out', async () => {
    const here = await room();
    const before = memory(here.alice);
    const hello = Buffer.from([0x16, 3, 1, 0x40, 0]);
    // More than are let begin in all, from as many addresses as one could have in a room.
    const crowd = await Promise.all(
      Array.from({ length: 320 }, async (_, index) => {
        const one = await knock(here.port, `127.0.0.${2 + (index % 6)}`);
        if (index % 3 > 0) one.socket.write(hello.subarray(0, index % 3 === 1 ? 1 : 5));
        return one;
      }),
    );
    await goesOn(here);
    const carol = chat('carol', await freePort(), '--join', at(here.port));
    await carol.shows(/^\* you are in the room with alice and bob/u);
    // A byte now and then does not help: the handshake has an end.
    for (const { socket } of crowd) if (!socket.destroyed) socket.write('\0');
    await Promise.all(crowd.map(({ gone }) => gone));
    expect(memory(here.alice) - before).toBeLessThan(unsteady);
    await goesOn(here, 'they have gone');
  });

  it('connection flood: thousands that come and go leave the room as it was', async () => {
    const here = await room();
    const before = memory(here.alice);
    for (let wave = 0; wave < 20; wave++) {
      const crowd = await Promise.all(Array.from({ length: 100 }, () => knock(here.port, '127.0.0.2')));
      for (const { socket } of crowd) socket.resetAndDestroy();
    }
    await goesOn(here);
    expect(memory(here.alice) - before).toBeLessThan(unsteady);
  });

  it.runIf(process.platform === 'linux')(
    'connection flood from many addresses: newcomers get in, and the room stays one when its coordinator dies',
    async () => {
      const here = await room();
      const carol = chat('carol', await freePort(), '--join', at(here.port));
      await carol.shows(/^\* you are in the room/u);
      const end = flood(here.port);
      const dave = chat('dave', await freePort(), '--join', at(here.port));
      await dave.shows(/^\* you are in the room with alice, bob and carol/u);
      await end();
      const over = flood(here.other);
      here.alice.signal('SIGKILL');
      for (const one of [here.bob, carol, dave]) {
        const healed = await one.shows(/healed in/u);
        expect(healed).toMatch(/^\* alice is gone \(process ended\); (bob|you) coordinate/u);
      }
      await over();
    },
  );

  it('memory bomb: strangers that begin what they may and never end it hold no more than the limits allow', async () => {
    const here = await room('--plain');
    const body = Buffer.alloc(limits.strangerBodyBytesMax - 1, 'a');
    const frame = Buffer.concat([Buffer.from(header('x', 'SYSTEM', String(body.length + 1))), body]);
    const waves = async (count: number): Promise<number> => {
      for (let wave = 0; wave < count; wave++) {
        const crowd = await Promise.all(Array.from({ length: 100 }, () => knock(here.port)));
        await Promise.all(crowd.map(({ socket }) => new Promise((resolve) => void socket.write(frame, resolve))));
      }
      return count * 100 * frame.length;
    };
    // By then as many wait as may, and the process has taken what it needs for them.
    const most = limits.strangersMax * limits.strangerBodyBytesMax;
    expect(await waves(20)).toBeGreaterThan(7 * most);
    const before = memory(here.alice);
    const sent = await waves(20);
    await goesOn(here);
    expect(memory(here.alice) - before).toBeLessThan(sent / 2);
  });
});

describe('a frame bomb', () => {
  it('of a stranger is judged by its header', async () => {
    const here = await room();
    const bombs: readonly [what: string, bytes: (id: string) => string, code: string][] = [
      ['a header that promises a megabyte', (id) => header(id, 'SYSTEM', '1048576'), 'length'],
      ['a header that promises more than there is', (id) => header(id, 'SYSTEM', '9999999999'), 'length'],
      ['many small frames', (id) => `${header(id, 'SYSTEM', '5')}leave`.repeat(10_000), 'word'],
    ];
    for (const [what, bytes, code] of bombs) {
      const one = await Intruder.dial(at(here.port));
      await one.hears('connected');
      one.says(bytes(one.id));
      expect(await one.gone, what).toContain(`refused:{"code":"${code}"`);
    }
    await goesOn(here);
  });

  it('of a member: a megabyte is refused, and many small frames take no memory and nobody’s time', async () => {
    const here = await room();
    const before = memory(here.alice);
    const one = await Intruder.enter(at(here.port), 'mallory');
    const small = concat(Array.from({ length: 1000 }, () => clientSays.pong(one.id, 0)));
    const poured = one.pours(Array.from({ length: 150 }, () => small));
    await goesOn(here, 'between them');
    expect(await poured).toBe(150 * small.length);
    one.says(clientSays.leave(one.id));
    await here.alice.shows(/^\* mallory left$/u);
    expect(memory(here.alice) - before).toBeLessThan(unsteady);
    const two = await Intruder.enter(at(here.port), 'mallory2');
    two.says(header(two.id, 'SYSTEM', '1048576'));
    expect(await two.gone).toContain('refused:{"code":"length"');
    await goesOn(here, 'and after them');
  });
});

const deep = (bytes: number): string => '['.repeat(bytes / 2) + ']'.repeat(bytes / 2);

describe('JSON', () => {
  it('of a stranger: deep, long, or with __proto__ or constructor in it, it is a breach', async () => {
    const port = await freePort();
    const alice = chat('alice', port, '--plain');
    await alice.shows(/^\* you started the room$/u);
    const bombs: Record<string, (auth: string) => string> = {
      'deep JSON': () => deep(limits.strangerBodyBytesMax - 100),
      'deep JSON that does not end': () => '{"a":'.repeat(6000),
      'deep JSON in a field': (auth) => auth.replace('"lineage":[]', `"lineage":${deep(30_000)}`),
      '__proto__ as a key': (auth) => auth.replace('{', '{"__proto__":{"admin":true},'),
      'constructor as a key': (auth) => auth.replace('{', '{"constructor":{"prototype":{"admin":true}},'),
      '__proto__ that gives what is missing': (auth) => `{"version":3,"__proto__":${auth}}`,
      'a key twice': (auth) => auth.replace('"addresses":[]', '"addresses":[],"addresses":["x"]'),
      'a number beyond all': (auth) => auth.replace('"last":0', '"last":1e999'),
      'a long list': (auth) => auth.replace('"addresses":[]', `"addresses":[${'"a:1",'.repeat(5000)}"a:1"]`),
    };
    for (const [what, spoil] of Object.entries(bombs)) {
      const one = await Intruder.dial(at(port), Keyring.plain());
      const spoilt = spoil(JSON.stringify(await one.auth('mallory')));
      one.says(encodeFrame(one.id, 'SYSTEM', `auth:${spoilt}`));
      expect(await one.gone, what).toContain('refused:{"code":"body"');
    }
    const one = await Intruder.enter(at(port), 'mallory', Keyring.plain());
    one.says(encodeFrame(one.id, 'SYSTEM', 'tell:__proto__ AAAA'), clientSays.leave(one.id));
    await alice.shows(/^\* mallory left$/u);
    expect(alice.screen).toEqual(['* you started the room', '* mallory joined', '* mallory left']);
  });

  it('of a coordinator: deep, long, or with __proto__ in it, it is a breach, and the member goes on', async () => {
    const bombs = [
      `refused:${deep(limits.bodyBytesMax - 100)}`,
      `seen:${'{"a":'.repeat(200_000)}`,
      'seen:{"__proto__":{"seq":1},"have":1,"of":1,"lack":[]}',
      'output:{"epoch":1,"seq":3,"time":1,"left":"__proto__","why":"left"}',
    ];
    const liar = await Liar.start();
    const bob = await enter(liar, 'bob');
    for (const [index, bomb] of bombs.entries()) {
      liar.sends('bob', encodeFrame('', 'SYSTEM', bomb));
      await liar.back('bob', index + 1);
    }
    await bob.complains(/broke the protocol \(body\)/u);
    liar.says('go on');
    await bob.shows(/^mallory: go on$/u);
    bob.finish();
    expect(await bob.ended).toBe(0);
  });

  it('__proto__ is an id like any other: of nobody', async () => {
    const liar = await Liar.start();
    const bob = await enter(liar, 'bob');
    liar.tells('bob', '__proto__', liar.letter(await liar.member('bob'), 'from nobody'));
    liar.sends('bob', encodeFrame('', 'SYSTEM', 'seen:{"seq":1,"have":0,"of":1,"lack":["__proto__"]}'));
    const [line] = liar.signed('__proto__', ['said by nobody']);
    liar.puts('__proto__', line as NonNullable<typeof line>);
    await bob.shows(/WARNING/u);
    liar.says('that is all');
    await bob.shows(/^mallory: that is all$/u);
    expect(bob.screen.slice(1)).toEqual([
      '?__proto__: said by nobody',
      expect.stringMatching(/^\* WARNING: "said by nobody" in the name of \?__proto__: there is no signature/u),
      'mallory: that is all',
    ]);
    expect(bob.complaints.join('\n')).not.toContain('broke');
  });
});
