/**
 * The dialogue that docs/protocol.md shows: alice founds a room, bob and carol join, a line is said, alice is killed
 * and bob takes over, bob leaves and hands over. Every frame as it travels, one to a row.
 */
import { Decoder, encodeFrame } from '../../src/core/frame.ts';
import { step } from '../../src/core/machine.ts';
import { createState } from '../../src/core/setup.ts';
import type { State } from '../../src/core/state.ts';
import type { Effect, LinkId } from '../../src/core/step.ts';
import type { Host } from './host.ts';
import { World, type Core } from './world.ts';

/** The rows, in order. */
export function dialogue(): string[] {
  const rows: string[] = [];
  const ends = new Map<string, string>();
  const describe = (state: State, effect: Effect): void => {
    const { name } = state.self;
    if (effect.kind === 'dial') {
      const to = whoIs(effect.addresses[0] ?? '');
      rows.push(`${name} dials ${to} at ${effect.addresses.join(',')}`);
      ends.set(`${name} ${effect.link}`, to);
    } else if (effect.kind === 'send') {
      const to = ends.get(`${name} ${effect.link}`) ?? dialler(name, effect.link);
      const decoder = new Decoder();
      decoder.push(effect.bytes);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
        const text = new TextDecoder().decode(encodeFrame(frame.sender, frame.type, frame.body));
        rows.push(`${name.padEnd(5)} > ${to.padEnd(5)} |${text}|`);
      }
    }
  };
  const core: Core = {
    createState,
    step: (state, input, now) => {
      const effects = step(state, input, now);
      for (const effect of effects) describe(state, effect);
      return effects;
    },
  };
  const world = new World(core, 7, { latency: [0.2, 0.3], pieces: 1, window: 1e6 });
  const whoIs = (address: string): string => world.hosts.find((host) => host.address === address)?.name ?? '?';
  const dialler = (name: string, link: LinkId): string => {
    const host = world.hosts.find((one) => one.name === name);
    return host?.ends.get(link)?.other?.host.name ?? '?';
  };
  const passing = (ms: number, title: string): void => {
    world.runUntil(world.now + ms);
    rows.push('', `-- ${title}`);
  };

  rows.push('-- alice has founded a room and said a line; bob joins through her');
  const alice = world.start('alice', []);
  world.say(alice, 'hello?');
  world.runUntil(10);
  const bob = world.start('bob', [alice.address]);
  passing(20, 'carol joins through bob, who sends her to the coordinator');
  const carol: Host = world.start('carol', [bob.address]);
  passing(20, 'bob says a line');
  world.say(bob, 'hi all');
  passing(20, 'a ping');
  passing(200, 'alice is killed while carol says a line');
  world.kill(alice);
  world.say(carol, 'still here?');
  passing(70, 'bob leaves, and hands over to carol');
  world.feed(bob, { kind: 'leave' });
  world.runUntil(world.now + 50);
  return rows;
}
