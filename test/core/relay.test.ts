/** Whoever cannot reach the coordinator is carried by a member that can: over the wire, and in a small world. */
import { describe, expect, it } from 'vitest';
import { step } from '../../src/core/machine.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import { createState } from '../../src/core/setup.ts';
import type { Host } from '../sim/host.ts';
import { World } from '../sim/world.ts';
import { closed, dialled, guest, raw, said, type Solo } from './solo.ts';
import { textOf } from './table.ts';

const [bob, cat] = ['bob0000000', 'cat0000000'] as const;
const refusal = expect.stringContaining('refused:{"code":"no-way"') as string;

/** A member that was asked by bob, over link 1, to carry it; the coordinator is dialled over link -2. */
function carrier(): Solo {
  const solo = guest();
  solo.accept(1);
  expect(dialled(solo.hear(1, clientSays.through(bob)))).toEqual([['10.0.0.7:6000']]);
  return solo;
}

describe('a member that carries', () => {
  it('passes bytes both ways as they are, from the greeting on', () => {
    const solo = carrier();
    expect(solo.feed({ kind: 'opened', link: -2, channel: '' })).toEqual([]);
    expect(raw(solo.hear(-2, serverSays.connected()), 1)).toBe(textOf(serverSays.connected()));
    expect(raw(solo.hear(1, Uint8Array.of(0, 127, 7)), -2)).toBe(textOf(Uint8Array.of(0, 127, 7)));
    expect(raw(solo.hear(-2, Uint8Array.of(1)), 1)).toBe(textOf(Uint8Array.of(1)));
  });

  it('carries nothing before the greeting', () => {
    const solo = carrier();
    expect(solo.hear(1, clientSays.leave(bob))).toEqual([]);
  });

  it('stops reading from one side while the other is full', () => {
    const solo = carrier();
    solo.hear(-2, serverSays.connected());
    expect(solo.feed({ kind: 'full', link: 1 })).toEqual([{ kind: 'pause', link: -2 }]);
    expect(solo.feed({ kind: 'drained', link: 1 })).toEqual([{ kind: 'resume', link: -2 }]);
  });

  it.each([
    ['refuses', (solo: Solo) => solo.feed({ kind: 'failed', link: -2, refused: true, message: '' })],
    ['hangs up without a word', (solo: Solo) => solo.feed({ kind: 'closed', link: -2 })],
    ['keeps silent', (solo: Solo) => solo.pass(500)],
  ])('says that it does not get there either, when the coordinator %s', (_, happens) => {
    const solo = carrier();
    const effects = happens(solo);
    expect(said(effects, 1)).toEqual([refusal]);
    expect(closed(effects)).toContain(1);
  });

  it.each([
    [1, -2],
    [-2, 1],
  ])('closes the other side when %i is gone', (gone, other) => {
    const solo = carrier();
    solo.hear(-2, serverSays.connected());
    const effects = solo.feed({ kind: 'closed', link: gone });
    expect(closed(effects)).toContain(other);
    expect(said(effects, 1)).toEqual([]);
  });

  it('tells those who wait to ask again when it loses the coordinator itself; others stay', () => {
    const solo = carrier();
    solo.hear(-2, serverSays.connected());
    solo.accept(2);
    solo.hear(2, clientSays.through(cat));
    const effects = solo.feed({ kind: 'closed', link: -1 });
    expect(said(effects, 2)).toEqual(['electing:0']);
    expect(closed(effects)).not.toContain(1);
  });

  it('carries so many and no more', () => {
    const solo = guest();
    for (let link = 1; link <= limits.relaysMax; link++) {
      solo.accept(link, `10.0.0.${link}`);
      expect(said(solo.hear(link, clientSays.through(bob)), link)).toEqual([]);
    }
    solo.accept(99);
    expect(said(solo.hear(99, clientSays.through(bob)), 99)).toEqual([refusal]);
  });

  it('carries a few of one address and no more', () => {
    const solo = guest();
    for (let link = 1; link <= limits.addressRelaysMax; link++) {
      solo.accept(link);
      expect(said(solo.hear(link, clientSays.through(bob)), link)).toEqual([]);
    }
    solo.accept(98);
    expect(said(solo.hear(98, clientSays.through(bob)), 98)).toEqual([refusal]);
    solo.accept(99, '10.0.0.9');
    expect(said(solo.hear(99, clientSays.through(bob)), 99)).toEqual([]);
  });
});

/** Hosts a, b, c, … of one room in which a coordinates; each joins through the one before. */
function room(count: number, seed = 1): { world: World; hosts: Host[] } {
  const world = new World({ createState, step }, seed, { latency: [0.1, 5], pieces: 4, window: 1 << 16 });
  const hosts: Host[] = [];
  for (const name of 'abcdefgh'.slice(0, count)) {
    hosts.push(
      world.start(
        name,
        hosts.slice(-1).map(({ address }) => address),
      ),
    );
    world.runUntil(world.now + 200);
  }
  return { world, hosts };
}

const together = (hosts: readonly Host[]): boolean =>
  new Set(
    hosts.map(({ state }) =>
      state?.log.view.members
        .map(({ name }) => name)
        .toSorted()
        .join(),
    ),
  ).size === 1 && hosts.every(({ state }) => state?.log.view.members.length === hosts.length);

describe.each([1, 2, 3, 4, 5, 6])('a room in which one cannot reach another (%i)', (seed) => {
  it.each([
    [
      'c does not reach a, nor a c',
      [
        ['c', 'a'],
        ['a', 'c'],
      ],
    ],
    ['c does not reach a', [['c', 'a']]],
    ['a does not reach c', [['a', 'c']]],
    [
      'b does not reach a, and would be next',
      [
        ['b', 'a'],
        ['a', 'b'],
      ],
    ],
    [
      'only c reaches a',
      [
        ['b', 'a'],
        ['a', 'b'],
        ['d', 'a'],
        ['a', 'd'],
      ],
    ],
    [
      'a reaches b, b reaches c, c reaches d',
      [
        ['c', 'a'],
        ['a', 'c'],
        ['d', 'a'],
        ['a', 'd'],
        ['d', 'b'],
        ['b', 'd'],
      ],
    ],
  ])('is one again within 3 s of the loss: %s', (_, cuts) => {
    const { world, hosts } = room(4, seed);
    const named = (name: string): Host => hosts.find((host) => host.name === name) as Host;
    for (const [from, to] of cuts) world.cut(named(from as string), named(to as string));
    world.runUntil(world.now + 1000 + 200 + 3000);
    expect(together(hosts)).toBe(true);
    const [a] = hosts as [Host];
    expect(a.state?.phase.kind).toBe('coordinating');
    for (const host of hosts) world.say(host, `${host.name} is here`);
    world.runUntil(world.now + 500);
    for (const { screen } of hosts) {
      expect(screen.map(({ text }) => text).toSorted()).toEqual(hosts.map(({ name }) => `${name} is here`));
    }
    // The straight way opens again, and is taken.
    world.healAll();
    world.runUntil(world.now + 2 * limits.missedMs);
    for (const { state } of hosts)
      expect([...(state?.links.values() ?? [])].map(({ end }) => end.kind)).not.toContain('relay');
    expect(together(hosts)).toBe(true);
  });

  it('lets a newcomer in through any member', () => {
    const { world, hosts } = room(3, seed);
    const [a, b] = hosts as [Host, Host];
    const late = world.start('z', [b.address]);
    for (const [from, to] of [
      [late, a],
      [a, late],
    ] as const)
      world.cut(from, to);
    world.runUntil(world.now + 3000);
    expect(together([...hosts, late])).toBe(true);
  });
});
