/**
 * A world for the core: processes on a virtual clock, and links that behave as TCP does. Bytes arrive in order, in any
 * chunking, or not at all; a full pipe pushes back; the kernel of a paused process still accepts; a killed process
 * takes a random part of what it had sent with it; a cut holds everything back until it is healed.
 *
 * Everything follows from one seed. The world knows nothing of the rules: it is given a core, and checkers read what
 * its peers showed.
 */
import { createHash, type Hash } from 'node:crypto';
import { Random } from '../../src/core/random.ts';
import type { createState, State } from '../../src/core/state.ts';
import type { step } from '../../src/core/machine.ts';
import type { Effect, Event, Input, LinkId, Line } from '../../src/core/step.ts';
import { Disk } from './disk.ts';
import { Heap } from './heap.ts';

/** What is under test: the real core, or one with a rule taken out. */
export interface Core {
  readonly createState: typeof createState;
  readonly step: typeof step;
}

/** One direction's end of a connection. */
interface End {
  readonly host: Host;
  readonly link: LinkId;
  /** Undefined while the other side has not accepted. */
  readonly other: () => End | undefined;
  /** Bytes sent and not yet taken by the other side. */
  inFlight: number;
  full: boolean;
  /** This side has closed: nothing reaches it any more. */
  closed: boolean;
  /** This side does not read: what would reach it, in order; null while it reads. */
  unread: (() => void)[] | null;
  /** Nothing sent later may overtake what was sent before. */
  lastArrival: number;
  /** What is on its way from here, in order; a crash cuts off a tail of it. */
  way: { at: number; bytes: Uint8Array | 'closed'; lost: boolean }[];
}

/** A line as a screen showed it. */
export interface Shown extends Line {
  /** The coordinator of the reign that it stands in. */
  readonly coordinator: string;
}

/** One process on one machine. */
export class Host {
  readonly name: string;
  readonly address: string;
  state: State | undefined;
  /** How it ended: killed, left, or never got in. */
  ended: 'killed' | 'left' | 'refused' | undefined;
  paused = false;
  readonly inbox: (() => void)[] = [];
  readonly ends = new Map<LinkId, End>();
  readonly screen: Shown[] = [];
  readonly events: Event[] = [];
  readonly said: string[] = [];
  /** What it keeps, and what a process that is started after it finds. */
  disk = new Disk();
  accepted = 0;
  alarm = 0;
  /** How far the time of day is off, ms. */
  skew = 0;

  constructor(name: string, address: string) {
    this.name = name;
    this.address = address;
  }

  get alive(): boolean {
    return this.state !== undefined;
  }
}

export interface Network {
  /** Latency of one way, ms: uniform between these. */
  readonly latency: readonly [number, number];
  /** Into how many pieces bytes may fall; 0: single bytes. */
  readonly pieces: number;
  /** How many bytes fit into a pipe. */
  readonly window: number;
}

/** A world that does so much without time passing would never end. */
const turnsMax = 100_000;

export class World {
  now = 0;
  readonly random: Random;
  readonly hosts: Host[] = [];
  readonly #core: Core;
  readonly #network: Network;
  readonly #queue = new Heap<() => void>();
  readonly #cuts = new Set<string>();
  readonly #held: (() => void)[] = [];
  readonly #hash: Hash = createHash('sha256');
  /** Called after every step. */
  watch: (host: Host) => void = () => {};
  /** Told what happens, for the eye. */
  trace: ((text: string) => void) | undefined;

  constructor(core: Core, seed: number, network: Network) {
    this.#core = core;
    this.random = new Random(seed, 0x51);
    this.#network = network;
  }

  /** Does something at a time, ms. */
  at(time: number, run: () => void): void {
    this.#queue.put(Math.max(time, this.now), run);
  }

  /** Runs everything that is due up to a time. */
  runUntil(time: number): void {
    let turns = 0;
    while (this.#queue.nextAt <= time) {
      turns = this.#queue.nextAt > this.now ? 0 : turns + 1;
      if (turns > turnsMax) throw new Error(`spinning: ${turnsMax} turns at ${this.now} ms`);
      this.now = Math.max(this.now, this.#queue.nextAt);
      this.#queue.take()?.();
    }
    this.now = time;
  }

  /** A fingerprint of everything that has happened. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  // --- Processes ---

  start(
    name: string,
    join: readonly string[],
    options = { pingMs: 250, silenceMs: 1000, backoffMs: 50, history: 1000, keep: 1000 },
  ): Host {
    const host = new Host(name, `10.0.0.${this.hosts.length + 1}:6000`);
    const seed = [this.random.below(2 ** 32), this.random.below(2 ** 32)];
    host.state = this.#core.createState({ name, addresses: [host.address], options, seed });
    this.hosts.push(host);
    this.feed(host, { kind: 'start', join });
    return host;
  }

  say(host: Host, text: string): void {
    host.said.push(text);
    this.feed(host, { kind: 'say', text });
  }

  kill(host: Host): void {
    this.#note(host, 'killed');
    host.ended = 'killed';
    this.#gone(host);
  }

  /** Stops a process; its kernel goes on. */
  pause(host: Host): void {
    this.#note(host, 'paused');
    host.paused = true;
  }

  resume(host: Host): void {
    if (!host.paused) return;
    this.#note(host, 'resumed');
    host.paused = false;
    for (const run of host.inbox.splice(0)) run();
  }

  /** Breaks every link between two processes, both ways. */
  reset(one: Host, other: Host): void {
    for (const end of one.ends.values()) {
      if (end.other()?.host !== other) continue;
      for (const side of [end, end.other()]) {
        if (side === undefined) continue;
        this.#loseTail(side);
        this.#arrive(side, 'closed');
      }
    }
  }

  cut(one: Host, other: Host): void {
    this.#cuts.add(`${one.name}>${other.name}`);
  }

  healAll(): void {
    this.#cuts.clear();
    for (const run of this.#held.splice(0)) run();
  }

  #isCut(from: Host, to: Host): boolean {
    return this.#cuts.has(`${from.name}>${to.name}`);
  }

  #gone(host: Host): void {
    host.state = undefined;
    host.inbox.length = 0;
    host.paused = false;
    for (const end of host.ends.values()) {
      if (end.closed) continue;
      if (host.ended === 'killed') this.#loseTail(end);
      end.closed = true;
      this.#send(end, 'closed');
    }
    host.ends.clear();
  }

  // --- The core's door ---

  feed(host: Host, input: Input): void {
    if (host.paused) {
      host.inbox.push(() => this.feed(host, input));
      return;
    }
    const inputs: Input[] = [input];
    for (let next = inputs.shift(); next !== undefined; next = inputs.shift()) {
      const { state } = host;
      if (state === undefined) return;
      this.#record(host, next);
      const effects = this.#core.step(state, next, { ms: this.now, wall: Math.round(1e12 + this.now + host.skew) });
      for (const effect of effects) this.#carryOut(host, effect, inputs);
      this.watch(host);
    }
    this.#arm(host);
  }

  #arm(host: Host): void {
    const due = host.state?.due ?? Infinity;
    const alarm = ++host.alarm;
    if (due === Infinity) return;
    this.at(due, () => {
      if (host.alarm === alarm) this.feed(host, { kind: 'alarm' });
    });
  }

  #carryOut(host: Host, effect: Effect, inputs: Input[]): void {
    switch (effect.kind) {
      case 'tell':
        return this.#tell(host, effect.event);
      case 'dial':
        return this.#dial(host, effect.link, effect.addresses);
      case 'send': {
        const end = host.ends.get(effect.link);
        if (end === undefined || end.closed) return;
        this.#send(end, effect.bytes);
        if (end.inFlight > this.#network.window && !end.full) {
          end.full = true;
          inputs.push({ kind: 'full', link: effect.link });
        }
        return;
      }
      case 'roll':
      case 'keep':
      case 'forget':
        return host.disk.carryOut(effect);
      case 'pause': {
        const end = host.ends.get(effect.link);
        if (end !== undefined) end.unread ??= [];
        return;
      }
      case 'resume': {
        const end = host.ends.get(effect.link);
        const unread = end?.unread ?? [];
        if (end !== undefined) end.unread = null;
        for (const run of unread) this.at(this.now, run);
        return;
      }
      case 'close': {
        const end = host.ends.get(effect.link);
        host.ends.delete(effect.link);
        if (end === undefined || end.closed) return;
        end.closed = true;
        this.#send(end, 'closed');
      }
    }
  }

  #tell(host: Host, event: Event): void {
    this.#hash.update(`${host.name} ${JSON.stringify(event)}\n`);
    this.#note(host, JSON.stringify(event));
    host.events.push(event);
    if (event.kind === 'line') {
      const { line } = event;
      const reign = host.state?.log.lineage.find(({ epoch }) => epoch === line.position.epoch);
      host.screen.push({ ...line, coordinator: reign?.coordinator ?? '' });
    } else if (event.kind === 'gone' || event.kind === 'refused') {
      host.ended = event.kind === 'gone' ? 'left' : 'refused';
      this.at(this.now, () => this.#gone(host));
    }
  }

  // --- Links ---

  #latency(): number {
    const [least, most] = this.#network.latency;
    return least + this.random.unit() * (most - least);
  }

  #dial(host: Host, link: LinkId, addresses: readonly string[]): void {
    const target = this.hosts.find(({ address }) => addresses.includes(address));
    // An end that is closed stands for a dial that was given up.
    const ends: End[] = [];
    const end = (at: Host, id: LinkId, index: number): End => ({
      host: at,
      link: id,
      other: () => ends[1 - index],
      inFlight: 0,
      full: false,
      closed: false,
      unread: null,
      lastArrival: 0,
      way: [],
    });
    ends.push(end(host, link, 0));
    const [mine] = ends as [End];
    host.ends.set(link, mine);
    const over = (from: Host, to: Host, run: () => void): void => {
      this.at(this.now + this.#latency(), () => (this.#isCut(from, to) ? this.#held.push(() => run()) : run()));
    };
    if (target === undefined) return;
    over(host, target, () => {
      if (!target.alive) {
        return over(target, host, () => {
          if (mine.closed || !host.ends.delete(link)) return;
          this.feed(host, { kind: 'failed', link, refused: true, message: 'refuses' });
        });
      }
      const theirs = end(target, ++target.accepted, 1);
      ends.push(theirs);
      target.ends.set(theirs.link, theirs);
      this.feed(target, { kind: 'accepted', link: theirs.link, host: host.address.replace(/:.*/, '') });
      over(target, host, () => {
        if (!mine.closed) this.feed(host, { kind: 'opened', link });
      });
      if (mine.closed) this.#send(mine, 'closed');
    });
  }

  /** Puts bytes on their way, in pieces. */
  #send(end: End, bytes: Uint8Array | 'closed'): void {
    if (bytes === 'closed') return this.#schedule(end, 'closed');
    const { pieces } = this.#network;
    // Single bytes for short frames; long ones would only take long.
    const count = pieces === 0 ? Math.min(bytes.length, 80) : 1 + this.random.below(pieces);
    const size = Math.max(1, Math.ceil(bytes.length / count));
    // Copied, as a socket would: what the core does with its buffers afterwards must not matter.
    for (let at = 0; at < bytes.length; at += size) this.#schedule(end, bytes.slice(at, at + size));
    end.inFlight += bytes.length;
  }

  #schedule(end: End, bytes: Uint8Array | 'closed'): void {
    const at = Math.max(end.lastArrival, this.now + this.#latency());
    end.lastArrival = at;
    const parcel = { at, bytes, lost: false };
    end.way.push(parcel);
    const deliver = (): void => {
      const other = end.other();
      if (other !== undefined && this.#isCut(end.host, other.host)) {
        this.#held.push(deliver);
        return;
      }
      // A paused process takes nothing: the pipe stays full.
      if (other?.host.paused === true) {
        other.host.inbox.push(deliver);
        return;
      }
      if (other !== undefined && !other.closed && other.unread !== null) {
        other.unread.push(deliver);
        return;
      }
      // First in, first out, whatever held this one back: TCP keeps order.
      const head = end.way.shift();
      if (head !== undefined && !head.lost) this.#take(end, head.bytes);
    };
    this.at(at, deliver);
  }

  #take(end: End, bytes: Uint8Array | 'closed'): void {
    const other = end.other();
    if (bytes === 'closed') return this.#arrive(other, 'closed');
    end.inFlight -= bytes.length;
    if (other?.closed === false) this.feed(other.host, { kind: 'bytes', link: other.link, bytes });
    if (end.full && end.inFlight <= this.#network.window / 2) {
      end.full = false;
      if (!end.closed) this.feed(end.host, { kind: 'drained', link: end.link });
    }
  }

  #arrive(end: End | undefined, _closed: 'closed'): void {
    if (end === undefined || end.closed) return;
    end.closed = true;
    end.host.ends.delete(end.link);
    this.feed(end.host, { kind: 'closed', link: end.link });
  }

  /** A crash, or a reset: a random part of what is under way never arrives. */
  #loseTail(end: End): void {
    const kept = this.random.below(end.way.length + 1);
    for (const parcel of end.way.slice(kept)) parcel.lost = true;
  }

  // --- For the eye and the fingerprint ---

  #record(host: Host, input: Input): void {
    this.#hash.update(`${this.now} ${host.name} ${input.kind} `);
    if (input.kind === 'bytes') this.#hash.update(input.bytes);
  }

  #note(host: Host, text: string): void {
    this.trace?.(`${this.now.toFixed(2).padStart(9)} ${host.name} ${text}`);
  }
}
