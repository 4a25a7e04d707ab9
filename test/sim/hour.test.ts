/**
 * An hour of virtual time in which nothing happens but what happens on busy machines and bad radio links: one ping in
 * twenty is never answered, event loops stall for 300 ms. Nobody may be accused of anything.
 */
import { expect, it } from 'vitest';
import { step } from '../../src/core/machine.ts';
import { Random } from '../../src/core/random.ts';
import { createState } from '../../src/core/setup.ts';
import type { Effect } from '../../src/core/step.ts';
import { World, type Core } from './world.ts';

const hourMs = 3_600_000;
const ping = new TextEncoder().encode('          SYSTEM    4         ping');

/** A core some of whose pings are lost. */
function lossy(random: Random): Core {
  const isPing = ({ length }: Uint8Array): boolean => length === ping.length;
  const lost = (effect: Effect): boolean => effect.kind === 'send' && isPing(effect.bytes) && random.chance(0.05);
  return { createState, step: (...given) => step(...given).filter((effect) => !lost(effect)) };
}

it('puts nobody out of the room in an hour of lost pings and stalls', () => {
  const random = new Random(1);
  const world = new World(lossy(random), 1, { latency: [1, 30], pieces: 1, window: 1 << 16 });
  const hosts = [world.start('p1', [])];
  for (let at = 2; at <= 6; at++) {
    world.runUntil(world.now + 200);
    hosts.push(world.start(`p${at}`, [random.pick(hosts).address]));
  }
  world.runUntil(world.now + 500);
  const members = hosts.map(({ state }) => state?.self.id);
  for (const { events } of hosts) events.length = 0;
  for (let time = world.now; time < hourMs; time += 500 + random.below(2000)) {
    const victim = random.pick(hosts);
    world.at(time, () => world.pause(victim));
    world.at(time + 300, () => world.resume(victim));
    world.at(time, () => world.say(random.pick(hosts), `at ${time}`));
  }
  world.runUntil(hourMs);
  // Three pings lost in a row, and a stall: the coordinator is dialled afresh, and greets. That is no accusation.
  const told = hosts.flatMap(({ name, events }) =>
    events.flatMap((event) =>
      event.kind === 'healed' && event.healing.gone.length === 0 && event.healing.coordinator.id === members[0]
        ? []
        : [`${name} ${event.kind}`],
    ),
  );
  expect(told.filter((one) => !/ (?:line|acknowledged|receipt|looking)$/.test(one))).toEqual([]);
  for (const { state } of hosts) expect(state?.log.view.members.map(({ id }) => id)).toEqual(members);
});
