/** Private messages between real processes: only the receiver shows them, once, whoever coordinates and whoever restarts. */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Peer } from '../../src/peer.ts';
import { at, chat, freePorts, kept, type Actor } from './stage.ts';

/** Carol founds, so she coordinates; alice and bob join her, and all see each other. */
async function trio(): Promise<{ carol: Actor; alice: Actor; bob: Actor; again: (name: string) => Promise<Actor> }> {
  const ports = (await freePorts(3)) as [number, number, number];
  const enter = async (name: string, index: number, ...more: string[]): Promise<Actor> => {
    const actor = chat(name, ports[index] as number, ...more);
    await actor.shows(/^\* you /u);
    return actor;
  };
  const carol = await enter('carol', 0);
  const to = ['--join', at(ports[0])];
  const alice = await enter('alice', 1, ...to);
  const bob = await enter('bob', 2, ...to);
  await Promise.all([alice, carol].map((one) => one.shows(/^\* bob joined/u)));
  const again = (name: string): Promise<Actor> => enter(name, name === 'bob' ? 2 : 1);
  return { carol, alice, bob, again };
}

/** How often a screen shows a text. */
const times = ({ screen }: Actor, text: string): number => screen.filter((line) => line.includes(text)).length;

async function leave(...actors: readonly Actor[]): Promise<unknown[]> {
  for (const actor of actors) actor.signal('SIGINT');
  return Promise.all(actors.map((actor) => actor.ended));
}

/** Looks until it is so: no one tells when a file has grown. */
async function onDisk({ name }: Actor, text: string): Promise<void> {
  while (!(await kept(name)).includes(text)) await setImmediate();
}

describe('a private message', () => {
  it('is shown by its receiver, and by nobody else', async () => {
    const { carol, alice, bob } = await trio();
    alice.type('/msg bob the key is under the mat');
    await bob.shows(/^\* alice to you: the key is under the mat$/u);
    await alice.shows(/^\* to bob: the key is under the mat$/u);
    await alice.shows(/^\* bob has your private message$/u);
    bob.type('/r thanks', '/msg carol can you read that?');
    await alice.shows(/^\* bob to you: thanks$/u);
    await carol.shows(/^\* bob to you: can you read that\?$/u);
    carol.type('/r read what?');
    await bob.shows(/^\* carol to you: read what\?$/u);
    alice.type('/msg dave are you there?', '/w bob oops', 'the end');
    await alice.complains(/line 2 was not sent: nobody here is known as dave/u);
    await alice.complains(/there is no command \/w; did you mean \/msg\?/u);
    await Promise.all([alice, bob, carol].map((one) => one.shows(/^alice: the end$/u)));
    expect(await leave(bob, carol, alice)).toEqual([0, 0, 1]);
    expect(carol.screen.join('\n')).not.toMatch(/under the mat|thanks|oops/u);
    expect(await kept('carol')).not.toMatch(/under the mat|thanks/u);
    expect([times(bob, 'under the mat'), times(alice, 'thanks')]).toEqual([1, 1]);
  });

  it('arrives, though the coordinator is killed as it is told', async () => {
    const { carol, alice, bob } = await trio();
    carol.signal('SIGSTOP'); // what comes to her from now on goes no further
    alice.type('/msg bob one', '/msg bob two');
    await alice.shows(/^\* to bob: two$/u);
    carol.signal('SIGKILL');
    await alice.shows(/^\* bob has your private message$/u);
    await bob.shows(/^\* alice to you: two$/u);
    expect(bob.screen.filter((line) => line.includes('alice to you'))).toEqual([
      '* alice to you: one',
      '* alice to you: two',
    ]);
    expect(await leave(alice, bob)).toEqual([0, 0]);
    expect([times(bob, 'to you: one'), times(bob, 'to you: two')]).toEqual([1, 1]);
  });

  it('waits for whoever is away, and says so when it was not received', async () => {
    const { carol, alice, bob, again } = await trio();
    alice.type('/msg bob before');
    await bob.shows(/^\* alice to you: before$/u);
    await onDisk(bob, 'shown:');
    bob.signal('SIGKILL');
    await bob.ended;
    await alice.shows(/^\* bob is gone/u);
    alice.type('/msg bob while you were away');
    await alice.shows(/^\* to bob \(not here\): while you were away$/u);
    await onDisk(alice, 'while you were away');
    // Alice goes, too, and the message stays with her.
    expect(await leave(alice)).toEqual([3]);
    expect(alice.complaints.join('\n')).toMatch(/1 private message of yours has not been received/u);
    const bobAgain = await again('bob');
    const aliceAgain = await again('alice');
    await bobAgain.shows(/^\* alice to you: while you were away$/u);
    await aliceAgain.shows(/^\* bob has your private message$/u);
    expect(await leave(carol, bobAgain, aliceAgain)).toEqual([0, 0, 0]);
    expect(times(bobAgain, 'before') + times(carol, 'while you')).toBe(0);
    expect(times(bobAgain, 'while you were away')).toBe(1);
  });

  it('reaches the coordinator sealed, and leaves it as it came', async () => {
    const [port] = await freePorts(1);
    const tap = await tapOf(port as number);
    // Without encryption of the links: what the coordinator gets is what is on the wire.
    const start = async (name: string, listen: string, more: object): Promise<Peer> => {
      const peer = new Peer({ name, plain: true, listen, ...more });
      await peer.start();
      onTestFinished(async () => void (await peer.leave()));
      return peer;
    };
    const carol = await start('carol', at(port as number), { advertise: [tap.address] });
    const alice = await start('alice', '127.0.0.1:0', { join: [tap.address] });
    const bob = await start('bob', '127.0.0.1:0', { join: [tap.address] });
    const secret = 'the key is under the mat';
    const read = once(bob as never, 'private');
    const heard = once(alice as never, 'private-heard');
    await told(alice, 'bob', secret);
    const [[event]] = await Promise.all([read, heard]);
    expect(event).toMatchObject({ message: { name: 'alice', text: secret, own: false } });
    const bytes = tap.bytes();
    expect(bytes).not.toContain(secret);
    expect(bytes).not.toContain(Buffer.from(secret).toString('base64url').slice(4, -4));
    const letters = (word: string): string[] =>
      [...bytes.matchAll(new RegExp(`${word}:\\S+ (\\S{40,})`, 'gu'))].map(([, sealed = '']) => sealed);
    const [sealed = ''] = letters('tell');
    // One from alice to bob, and one back, that it is heard; each leaves as it came.
    expect(letters('tell')).toHaveLength(2);
    expect(letters('told').map((one) => one.slice(0, 60))).toContain(sealed.slice(0, 60));
    expect(carol.members.map(({ name }) => name)).toEqual(['carol', 'alice', 'bob']);
  });
});

/** Tells somebody something as soon as that one is here. */
async function told(peer: Peer, to: string, text: string): Promise<void> {
  while (!peer.members.some(({ name }) => name === to)) await once(peer as never, 'joined');
  peer.tell(to, text);
}

/** What stands before a port and writes down what goes through, either way. */
async function tapOf(port: number): Promise<{ readonly address: string; readonly bytes: () => string }> {
  const chunks: Buffer[] = [];
  const server = createServer((dialler) => {
    const target = connect({ host: '127.0.0.1', port });
    for (const [from, to] of [
      [dialler, target],
      [target, dialler],
    ] as const) {
      from.on('data', (chunk: Buffer) => chunks.push(chunk));
      from.on('error', () => to.destroy());
      from.pipe(to);
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return { address: at((server.address() as AddressInfo).port), bytes: () => Buffer.concat(chunks).toString('latin1') };
}
