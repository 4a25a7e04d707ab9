/**
 * Who comes to the door of a room, and is not who he says: each is refused, is told why, and nobody else notices. What a
 * link itself keeps out (a rogue server, a wrong key, none, that of another room, a replayed handshake) is in
 * test/io/secure.test.ts, and a borrowed sender id in test/plays/door.test.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:tls';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { clientSays } from '../../src/core/message.ts';
import { dial } from '../../src/io/client.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { Server } from '../../src/io/server.ts';
import { formatAddress } from '../../src/core/address.ts';
import { founder, raw } from '../core/solo.ts';
import { certificate } from '../io/certificate.ts';
import { at, chat, freePort, type Actor } from '../plays/stage.ts';
import { listening } from '../plays/stranger.ts';
import { Intruder } from './intruder.ts';

interface Room {
  readonly alice: Actor;
  readonly port: number;
}

async function room(...options: readonly string[]): Promise<Room> {
  const port = await freePort();
  const alice = chat('alice', port, ...options);
  await alice.shows(/^\* you started the room$/u);
  return { alice, port };
}

/** Comes in, or is told why not. `elsewhere`: from a machine of somebody else, with another key. */
async function comes(name: string, port: number, ...options: readonly string[]): Promise<Actor> {
  const actor = chat(name, await freePort(), '--join', at(port), ...options);
  const inside = (): boolean => actor.screen.some((line) => line.startsWith('* you are in the room'));
  await actor.until('come in, or not', () => inside() || actor.over).catch(() => {});
  return actor;
}

function elsewhere(): string {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Passes everything on, either way, over a link of its own. */
async function carry(near: Socket, port: number): Promise<void> {
  const far = await dial([at(port)], Keyring.open()).done;
  if (!('socket' in far)) throw new Error(far.message);
  for (const socket of [near, far.socket]) socket.on('error', () => {});
  near.pipe(far.socket).pipe(near);
}

describe('a rogue server', () => {
  it('with any certificate is nobody to a process that joins by an invite', async () => {
    const server = createServer(certificate);
    const got: string[] = [];
    server.on('secureConnection', (socket) => socket.on('data', (bytes) => got.push(String(bytes))));
    const port = await listening(server);
    const key = Buffer.alloc(32, 1).toString('base64url');
    const bob = chat('bob', await freePort(), '--join', `gc://${at(port)}/#${key}`);
    expect(await bob.ended).toBe(5);
    expect(bob.complaints.join('\n')).toMatch(/is not who it should be|has another key/u);
    expect(got).toEqual([]);
  });
});

describe('a proof', () => {
  it('replayed on another link is worth nothing: it was made for one challenge', async () => {
    const { alice, port } = await room('--plain');
    const first = await Intruder.dial(at(port), Keyring.plain());
    const auth = await first.auth('mallory');
    first.says(clientSays.auth(first.id, auth));
    await first.hears('welcome:');
    const second = await Intruder.dial(at(port), Keyring.plain());
    await second.hears('challenge:');
    second.says(clientSays.auth(first.id, auth));
    expect(await second.gone).toContain('refused:{"code":"proof"');
    await alice.complains(/broke the protocol \(proof\)/u);
  });

  it('passed on by somebody in between is worth nothing: it was made for one link', async () => {
    const { alice, port } = await room();
    const server = new Server(Keyring.open(), {
      // He has the key of an open room, as everybody has, and reads both ways.
      accept: (near) => void carry(near, port),
      turnedAway() {},
      isKnown: () => false,
    });
    const between = await server.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => server.close());
    const bob = chat('bob', await freePort(), '--join', formatAddress(between));
    await alice.complains(/broke the protocol \(proof\)/u);
    expect(await bob.ended).not.toBe(0);
    expect(alice.screen).toEqual(['* you started the room']);
  });

  it('of one’s own key is none for another’s: a person is not put on by saying so', async () => {
    const { alice, port } = await room();
    const bob = await comes('bob', port);
    const spy = await Intruder.enter(at(port), 'mallory');
    const seen = (await spy.hears('"name":"bob"')).match(/\{"id":"[^{}]*"name":"bob"[^{}]*\}/u)?.[0] as string;
    const { id, key, box, vouch } = JSON.parse(seen) as { id: string; key: string; box: string; vouch: string };
    const thief = await Intruder.dial(at(port));
    thief.says(clientSays.auth(id, await thief.auth('bob', { key, box, vouch })));
    expect(await thief.gone).toContain('refused:{"code":"proof"');
    // Nor is the id alone to be had.
    const other = await Intruder.dial(at(port));
    other.says(clientSays.auth(id, await other.auth('bob')));
    expect(await other.gone).toContain('refused:{"code":');
    bob.type('I am still here');
    await alice.shows(/^bob: I am still here$/u);
    expect(alice.screen.filter((line) => line.includes('bob'))).toEqual(['* bob joined', 'bob: I am still here']);
  });
});

describe('name squatting', () => {
  it('look-alikes of a name are refused, and what only resembles it is not', async () => {
    const { alice, port } = await room();
    await comes('bob', port);
    for (const name of ['bob', 'Bob', 'bоb']) {
      const other = await comes(name, port, '--data-dir', elsewhere());
      expect(await other.ended).toBe(4);
      expect(other.complaints.at(-1)).toBe(
        `groupchat: the name ${name} is taken in this room; ${name}2 is free: --name ${name}2`,
      );
    }
    const other = await comes('b0b', port);
    other.type('I am another one');
    await alice.shows(/^b0b: I am another one$/u);
    expect(alice.screen).toEqual(['* you started the room', '* bob joined', '* b0b joined', 'b0b: I am another one']);
  });

  it('a name is held for whoever dropped out, and nobody else is let in under it', async () => {
    const { alice, port } = await room();
    const bob = await comes('bob', port);
    bob.signal('SIGKILL');
    await alice.shows(/^\* bob is gone/u);
    for (const name of ['bob', 'Bob']) {
      const squatter = await comes(name, port, '--data-dir', elsewhere());
      expect(await squatter.ended).toBe(4);
      expect(squatter.complaints.at(-1)).toContain('is taken in this room');
    }
    const again = await comes('bob', port);
    again.type('I am back');
    await alice.shows(/^bob: I am back$/u);
    expect(alice.screen.join('\n')).not.toContain('WARNING');
  });

  it('a name is held for 60 s, and no longer', () => {
    const solo = founder();
    solo.admit(1, 'bob0000000');
    const call = solo.feed({ kind: 'closed', link: 1 }).find((effect) => effect.kind === 'dial');
    solo.feed({ kind: 'failed', link: call?.link ?? 0, refused: true, message: 'refuses' });
    const squats = (link: number): string => raw(solo.admit(link, 'eve0000000', { name: 'bob' }), link);
    expect(squats(2)).toContain('"code":"name-taken"');
    solo.pass(limits.nameHeldMs - 1);
    expect(squats(3)).toContain('"code":"name-taken"');
    solo.pass(1);
    expect(squats(4)).toContain('welcome:');
  });

  it('a name with what does not show, moves, hides or turns text, or imitates, is refused', async () => {
    const { alice, port } = await room();
    const names = {
      escape: 'al\u001b[2Jice',
      'OSC 52': 'a\u001b]52;c;eA==\u0007',
      'a control of one byte': 'a\u009b2J',
      bidi: 'al\u202eice',
      'zero-width': 'ali\u200bce',
      'a newline': 'a\nb',
      'a space and a colon': 'bob: yes',
      'nothing that shows': '\u3164',
      'a Greek letter in a Latin word': 'Steνe',
      'a kilobyte': 'a'.repeat(1024),
    };
    for (const [what, name] of Object.entries(names)) {
      const one = await Intruder.dial(at(port));
      one.says(clientSays.auth(one.id, await one.auth(name)));
      expect(await one.gone, what).toContain('refused:{"code":"name-invalid"');
    }
    expect(alice.screen).toEqual(['* you started the room']);
  });

  it('__proto__ and constructor are names like any other', async () => {
    const { alice, port } = await room();
    for (const name of ['__proto__', 'constructor']) {
      const one = await comes(name, port);
      one.type('hello', '/msg alice for you', '/whois alice');
      await alice.shows(new RegExp(`^${name}: hello$`, 'u'));
      await alice.shows(new RegExp(`^\\* ${name} to you: for you$`, 'u'));
      alice.type(`/msg ${name} and for you`, `/ignore ${name}`, `/whois ${name}`);
      await one.shows(/^\* alice to you: and for you$/u);
      await alice.shows(new RegExp(`^\\* name +${name}$`, 'u'));
      one.finish();
      expect(await one.ended).toBe(0);
      await comes(name, port);
      await alice.until('seen it again', () => alice.screen.filter((line) => line === `* ${name} joined`).length === 2);
    }
    expect(alice.screen.join('\n')).not.toContain('WARNING');
  });
});
