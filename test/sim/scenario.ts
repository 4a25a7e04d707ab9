/**
 * A scenario from a seed: who joins, who says what, and what befalls them. Afterwards everything is healed, and the
 * room has a computed time to converge.
 */
import { Random } from '../../src/core/random.ts';
import type { Options } from '../../src/core/state.ts';
import { rulesOf } from '../../src/core/rules.ts';
import { coordinatorOf } from '../../src/core/view.ts';
import { accused, acquainted, always, disorder, healed, namesakes, usurper } from './check.ts';
import type { Host } from './host.ts';
import type { Network } from './network.ts';
import { World, type Core } from './world.ts';

/** What may befall a room, by the words of the plan. */
type Fault =
  | 'kill'
  | 'double-kill'
  | 'leave'
  | 'pause'
  | 'stall'
  | 'reset'
  | 'cut' // in two or three
  | 'sever' // two do not reach each other, or one not the other
  | 'deaf' // reads nothing
  | 'restart' // killed, and started again
  | 'restart-all'
  | 'rot' // the same, with a hole in what was kept
  | 'full' // the disk takes no more
  | 'clock'
  | 'rule' // somebody names an op, or puts somebody out, or tries to
  | 'join'
  | 'burst';

export interface Outcome {
  readonly seed: number;
  readonly faults: readonly string[];
  readonly plan: readonly string[];
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
  ['sever', 'burst', 'join'],
  ['sever', 'kill', 'pause', 'cut', 'burst'],
  ['deaf', 'burst', 'kill', 'stall', 'clock'],
  ['restart', 'burst', 'join', 'full', 'kill'],
  ['restart', 'restart-all', 'rot', 'cut', 'burst'],
  ['rule', 'rule', 'rule', 'join', 'burst'],
  ['rule', 'rule', 'cut', 'kill', 'restart', 'join', 'burst', 'sever'],
  [
    'kill',
    'double-kill',
    'leave',
    'pause',
    'stall',
    'reset',
    'cut',
    'sever',
    'deaf',
    'restart',
    'restart-all',
    'rot',
    'full',
    'clock',
    'rule',
    'join',
    'burst',
  ],
];

/** Faults that leave every living process running and its links whole: nobody may be accused, nothing re-ordered. */
const harmless = new Set<Fault>(['join', 'burst', 'leave', 'kill', 'double-kill', 'full', 'clock']);

/** Networks from a cable to bad radio; bytes that come whole, in pieces, or one by one; pipes wide and narrow. */
function networkFrom(random: Random): Network {
  return {
    latency: random.pick([
      [0.05, 0.5],
      [0.1, 5],
      [1, 30],
    ] as const),
    pieces: random.pick([1, 1, 4, 4, 0]),
    window: random.pick([1 << 20, 1 << 16, 2000]),
  };
}

class Scenario {
  readonly world: World;
  readonly plan: string[] = [];
  /** When the last of those who were killed comes back (ms). */
  until = 0;
  readonly #random: Random;
  readonly #latency: number;
  readonly options: Options;
  #names = 0;
  #lines = 0;

  constructor(world: World, random: Random, network: Network) {
    this.world = world;
    this.options = {
      ...random.pick([
        { pingMs: 250, silenceMs: 1000 },
        { pingMs: 250, silenceMs: 1000 },
        { pingMs: 100, silenceMs: 400 },
        { pingMs: 250, silenceMs: 2500 },
      ]),
      backoffMs: random.pick([50, 50, 0, 500]),
      history: random.pick([1000, 1000, 1000, 3, 0]),
      keep: 1000,
    };
    this.#random = random;
    this.#latency = network.latency[1];
  }

  /** Those who are in the room and mean to stay. */
  get present(): Host[] {
    return this.world.hosts.filter(({ state }) => state?.entered === true && state.leaving === null);
  }

  /** Those of them who can go on when the others are gone. */
  get able(): Host[] {
    return this.present.filter(({ addressed }) => addressed);
  }

  join(): void {
    const { able } = this;
    const random = this.#random;
    // Another room is not what is meant.
    if (this.#names > 0 && able.length === 0) return;
    const pick = (): string => random.pick(able).address;
    // One in ten has the name of somebody before it, and is refused while that one is there.
    const name = `p${this.#names > 0 && random.chance(0.1) ? 1 + random.below(this.#names) : ++this.#names}`;
    const addressed = able.length === 0 || random.chance(0.9);
    this.world.start(name, able.length === 0 ? [] : [pick(), pick()], { options: this.options, addressed });
  }

  /** Lines by anybody. */
  say(count: number): void {
    for (let left = count; left > 0; left--) {
      const { present } = this;
      if (present.length === 0) return;
      const host = this.#random.pick(present);
      this.world.say(host, `${host.name} says ${++this.#lines}`);
    }
  }

  /** Somebody tells somebody something, who may be away by now. */
  whisper(count: number): void {
    for (let left = count; left > 0; left--) {
      const { present } = this;
      if (present.length === 0) return;
      const [host, to] = [this.#random.pick(present), this.#random.pick(this.world.hosts)];
      if (host !== to) this.world.tell(host, to, `${host.address} tells ${to.address} ${++this.#lines}`);
    }
  }

  /** A fault, with lines under way at that very moment, and lines after it. */
  befall(fault: Fault): void {
    const random = this.#random;
    this.say(1 + random.below(6));
    this.world.at(this.world.now + random.unit() * 4 * this.#latency, () => {
      const { present } = this;
      const victim = random.chance(0.6) ? this.#coordinator() : random.pick(present);
      if (victim?.alive !== true) return;
      this.plan.push(`${this.world.now.toFixed(0)} ${fault} ${victim.name}`);
      this.world.trace?.(this.plan.at(-1) as string);
      if (random.chance(0.3)) this.whisper(1 + random.below(4));
      this.#strike(fault, victim);
      this.say(1 + random.below(6));
      if (random.chance(0.3)) this.whisper(1 + random.below(4));
    });
  }

  #strike(fault: Fault, victim: Host): void {
    const { world, present } = this;
    const random = this.#random;
    switch (fault) {
      case 'double-kill': {
        const second = this.#successor(victim);
        if (this.able.length > 2 && second !== undefined) world.kill(second);
        if (this.#spare(victim)) world.kill(victim);
        return;
      }
      case 'kill':
        if (this.#spare(victim)) world.kill(victim);
        return;
      case 'leave':
        if (this.#spare(victim)) world.feed(victim, { kind: 'leave' });
        return;
      case 'restart':
      case 'rot':
        return this.#restart(victim, fault === 'rot');
      case 'restart-all':
        for (const one of this.able) this.#restart(one, false);
        return;
      case 'full':
        return world.feed(victim, { kind: 'unkept', message: 'no space left on the disk' });
      case 'clock':
        victim.skew += random.below(1e9) - 5e8;
        return;
      case 'deaf':
        world.deafen(victim, true);
        world.at(world.now + 100 + random.below(4000), () => world.deafen(victim, false));
        return;
      case 'sever': {
        const other = random.pick(present);
        const ways = random.below(3);
        if (ways !== 1) world.cut(victim, other);
        if (ways !== 2) world.cut(other, victim);
        world.at(world.now + 200 + random.below(8000), () => world.healAll());
        return;
      }
      case 'pause':
      case 'stall':
        world.pause(victim);
        if (random.chance(0.3)) victim.skew += random.below(1e7) - 5e6;
        world.at(world.now + (fault === 'stall' ? 20 + random.below(600) : 500 + random.below(6000)), () =>
          world.resume(victim),
        );
        return;
      case 'reset': {
        const other = random.pick(present);
        if (other !== victim) world.reset(victim, other);
        return;
      }
      case 'cut': {
        const parts = random.chance(0.7) ? 2 : 3;
        const side = new Map(present.map((host) => [host, random.below(parts)]));
        for (const one of world.hosts) {
          for (const other of world.hosts) if ((side.get(one) ?? 0) !== (side.get(other) ?? 0)) world.cut(one, other);
        }
        world.at(world.now + 200 + random.below(6000), () => world.healAll());
        return;
      }
      case 'rule':
        return this.#rule();
      case 'join':
        return this.join();
      case 'burst':
        return this.say(1 + random.below(80));
    }
  }

  /** An act, of which some are by one who may not; there is always somebody left. */
  #rule(): void {
    const { world, present } = this;
    const random = this.#random;
    const founder = present.find((host) => host === world.hosts[0]);
    const by = founder !== undefined && random.chance(0.6) ? founder : random.pick(present);
    for (let left = 1 + random.below(3); left > 0; left--) {
      const verb = random.pick(['op', 'op', 'op', 'deop', 'kick', 'ban', 'ban', 'unban', 'key']);
      const about = random.pick(random.chance(0.8) ? present : world.hosts);
      if ((verb === 'kick' || verb === 'ban') && !this.#spare(about)) continue;
      world.act(by, `${verb} ${verb === 'key' ? `${String(random.below(9)).repeat(42)}A` : about.key}`);
    }
  }

  /** What people do about themselves and the room, at a moment that has nothing to do with what befalls it. */
  behave(random: Random): void {
    const { world, present } = this;
    if (present.length === 0) return;
    const host = random.pick(present);
    const deed = random.pick(['nick', 'nick', 'topic', 'away', 'away', 'back', 'handover', 'handover'] as const);
    this.say(1);
    if (deed === 'handover') {
      // Two parts of a room may have one each.
      const leads = present.filter(({ state }) => state?.phase.kind === 'coordinating');
      if (leads.length > 0) world.feed(random.pick(leads), { kind: 'hand-over' });
      return;
    }
    if (deed !== 'nick') {
      const text = deed === 'back' ? deed : `${deed} ${host.name} says ${random.below(5)}`;
      return world.act(host, text);
    }
    const name = random.chance(0.6) ? `q${random.below(4)}` : `p${1 + random.below(this.#names)}`;
    world.nick(host, name);
  }

  /** Those who are banned are let in again, if there is somebody who may. */
  pardon(): void {
    const founder = this.present.find((host) => host === this.world.hosts[0]);
    if (founder?.state === undefined || this.#random.chance(0.3)) return;
    for (const key of rulesOf(founder.state.log.charter).bans.keys()) this.world.act(founder, `unban ${key}`);
  }

  /** Whether the room goes on without it: somebody else is there who can coordinate. */
  #spare(victim: Host): boolean {
    return this.able.some((host) => host !== victim);
  }

  /** Kills it, and starts it again a moment or a while later. */
  #restart(victim: Host, rot: boolean): void {
    const { world } = this;
    const random = this.#random;
    // One that cannot be dialled has nothing to go on with when it comes first.
    if (!victim.addressed) return;
    world.kill(victim);
    victim.disk.tear(random);
    if (rot) victim.disk.rot(random);
    const back = world.now + random.below(random.chance(0.5) ? 100 : 4000);
    this.until = Math.max(this.until, back);
    world.at(back, () => world.again(victim));
  }

  #holder(id: string | undefined): Host | undefined {
    return this.world.hosts.find(({ state }) => state !== undefined && state.self.id === id);
  }

  #coordinator(): Host | undefined {
    const view = this.present.find(({ paused }) => !paused)?.state?.log.view;
    return this.#holder(view && coordinatorOf(view)?.id);
  }

  #successor({ state }: Host): Host | undefined {
    return this.#holder(state && coordinatorOf(state.log.view, new Set([state.self.id]))?.id);
  }
}

/** Plays a seed against a core; whoever wants to see or to compare it listens. */
export function play(core: Core, seed: number, listen: Pick<World, 'trace' | 'hash'> = {}): Outcome {
  const random = new Random(seed, 0xace);
  const network = networkFrom(random);
  const world = new World(core, seed, network);
  Object.assign(world, listen);
  const scenario = new Scenario(world, random, network);
  const repertoire = random.pick(kinds);
  const faults = new Set<string>();
  world.watch = (host) => {
    for (const check of [usurper, namesakes]) for (const fault of check([host])) faults.add(fault);
  };

  scenario.join();
  for (let time = 20 + random.below(50), left = 2 + random.below(6); left > 0; left--) {
    world.at(time, () => scenario.join());
    time += random.below(200);
  }
  const start = 1000;
  const end = start + 2000 + random.below(6000);
  for (let left = random.below(60); left > 0; left--) world.at(random.below(end), () => scenario.say(1));
  for (let left = 1 + random.below(6); left > 0; left--) {
    const fault = random.pick(repertoire);
    world.at(start + random.below(end - start), () => scenario.befall(fault));
  }

  // From dice of its own: what befalls a room by its seed is what befell it before there was this.
  const manners = new Random(seed, 0xbee);
  if (manners.chance(0.5)) {
    for (let left = 1 + manners.below(10); left > 0; left--)
      world.at(start + manners.below(end - start), () => scenario.behave(manners));
  }

  // The last fault may strike a moment after the end.
  world.runUntil(end + 4 * network.latency[1]);
  world.runUntil(Math.max(world.now, scenario.until));
  world.healAll();
  for (const host of world.hosts) {
    world.resume(host);
    world.deafen(host, false);
  }
  scenario.pardon();
  // Looked at now and then; once it is one room again, it must stay so.
  const ailing = (): string[] => acquainted(world.hosts).flatMap((group) => healed.flatMap((check) => check(group)));
  const unwell = (): boolean => ailing().length > 0;
  const began = world.now;
  while (world.now < began + convergeMs && unwell()) world.runUntil(world.now + 500);
  const convergedMs = world.now - began;
  world.runUntil(world.now + 1500);

  for (const check of always) for (const fault of check(world.hosts)) faults.add(fault);
  for (const fault of ailing()) faults.add(fault);
  // Whoever lets survivors wait at random for half a second has them taken for gone.
  if (repertoire.every((fault) => harmless.has(fault)) && scenario.options.backoffMs <= 50) {
    for (const check of [accused, disorder]) for (const fault of check(world.hosts)) faults.add(fault);
  }
  return {
    seed,
    faults: [...faults],
    plan: scenario.plan,
    virtualMs: world.now,
    convergedMs,
  };
}
