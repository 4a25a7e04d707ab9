/**
 * A scenario from a seed: who joins, who says what, and what befalls them. Afterwards everything is healed, and the
 * room has a computed time to converge.
 */
import { Random } from '../../src/core/random.ts';
import { coordinatorOf } from '../../src/core/view.ts';
import { accused, always, disorder, healed, usurper } from './check.ts';
import { World, type Core, type Host, type Network } from './world.ts';

/** What may befall a room, by the words of the plan. */
export type Fault = 'kill' | 'double-kill' | 'leave' | 'pause' | 'stall' | 'reset' | 'cut' | 'join' | 'burst';

export interface Outcome {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly plan: readonly string[];
  readonly digest: string;
  /** Virtual time that passed, ms. */
  readonly virtualMs: number;
  /** How long the room took to be one again after everything was healed, to within 500 ms. */
  readonly convergedMs: number;
}

/** How long a healed room may take to be one again: the longest wait of each step there is, and some to spare, ms. */
const convergeMs = 40_000;

const kinds: readonly (readonly Fault[])[] = [
  ['kill', 'double-kill', 'join', 'burst', 'leave'],
  ['leave', 'join', 'burst'],
  ['pause', 'kill', 'burst', 'join'],
  ['reset', 'kill', 'burst', 'stall'],
  ['cut', 'burst'],
  ['kill', 'double-kill', 'leave', 'pause', 'stall', 'reset', 'cut', 'join', 'burst'],
];

/** Faults that leave every living process running and its links whole: nobody may be accused, nothing re-ordered. */
const harmless = new Set<Fault>(['join', 'burst', 'leave', 'kill', 'double-kill']);

export function play(core: Core, seed: number, trace?: (text: string) => void): Outcome {
  const random = new Random(seed, 0xace);
  const network: Network = {
    latency: random.pick([
      [0.05, 0.5],
      [0.1, 5],
      [1, 30],
    ] as const),
    pieces: random.pick([1, 1, 4, 4, 0]),
    window: random.pick([1 << 20, 1 << 16, 2000]),
  };
  const world = new World(core, seed, network);
  world.trace = trace;
  const repertoire = random.pick(kinds);
  const plan: string[] = [];
  const faults = new Set<string>();
  world.watch = (host) => {
    for (const fault of usurper([host])) faults.add(fault);
  };
  let names = 0;
  let lines = 0;
  const inRoom = (): Host[] =>
    world.hosts.filter((host) => host.state?.entered === true && host.state.leaving === null);
  const join = (): void => {
    const members = inRoom();
    const through = members.length === 0 ? [] : [random.pick(members).address, random.pick(members).address];
    world.start(`p${++names}`, through);
  };
  const say = (): void => {
    const host = random.pick(world.hosts.filter(({ state }) => state?.leaving === null && state.entered).concat([]));
    if (host !== undefined) world.say(host, `${host.name} says ${++lines}`);
  };
  const coordinator = (): Host | undefined => {
    const view = inRoom().find(({ paused }) => !paused)?.state?.log.view;
    const id = view && coordinatorOf(view)?.id;
    return world.hosts.find(({ state }) => state !== undefined && state.self.id === id);
  };
  const successor = (of: Host): Host | undefined => {
    const view = of.state?.log.view;
    const id = view && coordinatorOf(view, new Set([of.state?.self.id ?? '']))?.id;
    return world.hosts.find(({ state }) => state !== undefined && state.self.id === id);
  };
  const most = (share: number): Host[] => inRoom().filter(() => random.chance(share));

  join();
  for (let time = 20 + random.below(50), left = 2 + random.below(6); left > 0; left--) {
    world.at(time, join);
    time += random.below(200);
  }
  const start = 1000;
  const end = start + 2000 + random.below(6000);
  for (let left = random.below(60); left > 0; left--) world.at(random.below(end), say);

  const befall = (fault: Fault): void => {
    const victim = random.chance(0.6) ? coordinator() : random.pick(inRoom());
    if (victim === undefined || !victim.alive) return;
    plan.push(`${world.now.toFixed(0)} ${fault} ${victim.name}`);
    trace?.(plan.at(-1) as string);
    // A line in the very moment, before and after it.
    say();
    switch (fault) {
      case 'double-kill': {
        const second = successor(victim);
        if (inRoom().length > 2 && second !== undefined) world.kill(second);
        if (inRoom().length > 1) world.kill(victim);
        break;
      }
      case 'kill':
        if (inRoom().length > 1) world.kill(victim);
        break;
      case 'leave':
        if (inRoom().length > 1) world.feed(victim, { kind: 'leave' });
        break;
      case 'pause':
      case 'stall': {
        const forMs = fault === 'stall' ? 20 + random.below(600) : 500 + random.below(6000);
        world.pause(victim);
        if (random.chance(0.3)) victim.skew += random.below(1e7) - 5e6;
        world.at(world.now + forMs, () => world.resume(victim));
        break;
      }
      case 'reset': {
        const other = random.pick(inRoom());
        if (other !== victim) world.reset(victim, other);
        break;
      }
      case 'cut': {
        const side = new Set(most(0.5));
        for (const one of world.hosts) {
          for (const other of world.hosts) if (side.has(one) !== side.has(other)) world.cut(one, other);
        }
        world.at(world.now + 200 + random.below(4000), () => world.healAll());
        break;
      }
      case 'join':
        join();
        break;
      case 'burst':
        for (let left = 1 + random.below(80); left > 0; left--) say();
        break;
    }
    say();
  };
  for (let left = 1 + random.below(6); left > 0; left--) {
    const fault = random.pick(repertoire);
    world.at(start + random.below(end - start), () => befall(fault));
  }

  world.runUntil(end);
  world.healAll();
  for (const host of world.hosts) world.resume(host);
  // Looked at now and then; once it is one room again, it must stay so.
  const unwell = (): boolean => healed.some((check) => check(world.hosts).length > 0);
  while (world.now < end + convergeMs && unwell()) world.runUntil(world.now + 500);
  const convergedMs = world.now - end;
  world.runUntil(world.now + 1500);

  for (const check of [...always, ...healed]) for (const fault of check(world.hosts)) faults.add(fault);
  if (repertoire.every((fault) => harmless.has(fault))) {
    for (const check of [accused, disorder]) for (const fault of check(world.hosts)) faults.add(fault);
  }
  return { seed, faults: [...faults], plan, digest: world.digest(), virtualMs: world.now, convergedMs };
}
