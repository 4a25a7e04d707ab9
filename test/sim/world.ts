/**
 * A world for the core: processes on a virtual clock, and links that behave as TCP does. Bytes arrive in order, in any
 * chunking, or not at all; a full pipe pushes back; the kernel of a paused process still accepts; a killed process
 * takes a random part of what it had sent with it; a cut holds everything back until it is healed.
 *
 * Everything follows from one seed. The world knows nothing of the rules: it is given a core, and checkers read what
 * its peers showed.
 */
import type { Hash } from 'node:crypto';
import { Random } from '../../src/core/random.ts';
import { toyCrypto } from '../core/toy.ts';
import { replay, type Restored } from '../../src/core/journal.ts';
import { limits } from '../../src/core/limits.ts';
import { Log } from '../../src/core/log.ts';
import { memberOf } from '../../src/core/view.ts';
import { lawOf } from '../../src/core/rules.ts';
import type { createState } from '../../src/core/setup.ts';
import type { Options } from '../../src/core/state.ts';
import type { step } from '../../src/core/machine.ts';
import type { Effect, Event, Input, LinkId } from '../../src/core/step.ts';
import { Heap, Task } from './heap.ts';
import { closing, End, Host } from './host.ts';
import { split, type Network } from './network.ts';

/** What is under test: the real core, or one with a rule taken out. */
export interface Core {
  readonly createState: typeof createState;
  readonly step: typeof step;
}

const usual: Options = { pingMs: 250, silenceMs: 1000, backoffMs: 50, history: 1000, keep: 1000 };

/** A world that does so much without time passing would never end. */
const turnsMax = 100_000;

export class World {
  now = 0;
  readonly random: Random;
  readonly hosts: Host[] = [];
  readonly #core: Core;
  readonly #network: Network;
  readonly #queue = new Heap();
  /** What stands before a cut. */
  #held: Task[] = [];
  /** Pipes that a step has filled: the next thing that its host is told. */
  readonly #fulls: Input[] = [];
  readonly #unload = (end: End): void => this.#deliver(end);
  readonly #ring = (host: Host): void => this.feed(host, { kind: 'alarm' });
  /** Called after every step that changed a host's role or its view. */
  watch: (host: Host) => void = () => {};
  /** Told what happens, for the eye. */
  trace?: (text: string) => void;
  /** Takes in everything that happens, for a fingerprint of it; it costs as much as all the rest. */
  hash?: Hash;

  constructor(core: Core, seed: number, network: Network) {
    this.#core = core;
    this.random = new Random(seed, 0x51);
    this.#network = network;
  }

  /** Does something at a time, ms. */
  at(time: number, run: () => void): void {
    this.#queue.put(new Task(run), Math.max(time, this.now));
  }

  /** Runs everything that is due up to a time. */
  runUntil(time: number): void {
    let turns = 0;
    for (let task = this.#queue.first; task !== undefined && task.at <= time; task = this.#queue.first) {
      // What a cut or a pause held back comes late, in the order of the times at which it was due.
      turns = task.at > this.now ? 0 : turns + 1;
      if (turns > turnsMax) throw new Error(`spinning: ${turnsMax} turns at ${this.now} ms`);
      if (task.at > this.now) this.now = task.at;
      this.#queue.drop(task);
      task.run();
    }
    this.now = time;
  }

  // --- Processes ---

  start(name: string, join: readonly string[], { options = usual, addressed = true } = {}): Host {
    const host = new Host(name, `10.0.0.${this.hosts.length + 1}:6000`, addressed, join, this.#ring);
    this.hosts.push(host);
    this.#begin(host, options);
    return host;
  }

  /** Another process in the place of one that has ended, with the disk that it left. */
  again(host: Host): void {
    const { room } = host.disk;
    const { options } = host;
    const log = new Log(
      options.history,
      options.keep,
      lawOf(toyCrypto(0), () => room),
    );
    const files = host.disk.read();
    const restored = room === '' ? undefined : replay(files, room, log);
    // What has rotted is told, and nothing else.
    if (!files.some(({ pieces }) => pieces.includes(null))) host.damage.push(...(restored?.warnings ?? []));
    if (restored === undefined) host.disk.clear();
    // Whoever has nothing left is a newcomer, and told what is kept.
    if (restored === undefined || restored.log.last === 0) host.since = Infinity;
    host.forget(restored);
    this.#note(host, `started again with ${restored?.log.last ?? 0} entries`);
    this.#begin(host, options, restored);
  }

  #begin(host: Host, options: Options, restored?: Restored): void {
    const seed = [this.random.below(2 ** 32), this.random.below(2 ** 32)];
    const addresses = host.addressed ? [host.address] : [];
    const wall = Math.round(1e12 + this.now + host.skew);
    const { name } = host;
    const recalled = restored && { room: restored, aliveAt: wall };
    host.options = options;
    host.ended = undefined;
    const crypto = toyCrypto(this.random.below(2 ** 32), host.key);
    host.state = this.#core.createState({ name, addresses, options, seed, crypto, keeps: true, restored: recalled });
    // It is started again by the same command.
    this.feed(host, { kind: 'start', join: host.join, alone: true });
  }

  say(host: Host, text: string): void {
    host.said.push(text);
    host.saidAt.set(text, this.now);
    this.feed(host, { kind: 'say', text });
  }

  /** Tells one person something. */
  tell(host: Host, to: Host, text: string): void {
    host.told.set(text, to);
    this.feed(host, { kind: 'tell', to: to.key, name: to.name, text });
  }

  /** Something about the rules of the room (rules.ts). */
  act(host: Host, text: string): void {
    this.#note(host, text);
    this.feed(host, { kind: 'say', text, what: 'act' });
  }

  nick(host: Host, name: string): void {
    this.#note(host, `wants to be ${name}`);
    this.feed(host, { kind: 'nick', name });
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
    this.#free(host);
  }

  /** Stops reading, and nothing else; or goes on. */
  deafen(host: Host, deaf: boolean): void {
    host.deaf = deaf;
    if (!deaf) this.#free(host);
  }

  /** Breaks every link between two processes, both ways. */
  reset(one: Host, other: Host): void {
    for (const end of one.ends.values()) {
      if (end.other?.host !== other) continue;
      for (const side of [end, end.other]) {
        this.#loseTail(side);
        this.#hangUp(side);
      }
    }
  }

  cut(one: Host, other: Host): void {
    one.cut.add(other);
  }

  healAll(): void {
    for (const host of this.hosts) host.cut.clear();
    const held = this.#held;
    this.#held = [];
    for (const task of held) this.#queue.put(task, task.at);
  }

  /** What came while a process was paused is due. */
  #free(host: Host): void {
    const { inbox } = host;
    host.inbox = [];
    for (const task of inbox) this.#queue.put(task, task.at);
  }

  #gone(host: Host): void {
    host.state = undefined;
    this.#queue.drop(host.alarm);
    host.paused = false;
    host.deaf = false;
    this.#free(host);
    for (const end of host.ends.values()) {
      if (end.closed) continue;
      if (host.ended === 'killed') this.#loseTail(end);
      end.closed = true;
      this.#schedule(end, closing);
    }
    host.ends.clear();
  }

  // --- The core's door ---

  feed(host: Host, input: Input): void {
    if (host.paused) {
      const task = new Task(() => this.feed(host, input));
      task.at = this.now;
      host.inbox.push(task);
      return;
    }
    const { state } = host;
    if (state === undefined) return;
    if (input.kind === 'leave') host.leaves = true;
    for (let next: Input | undefined = input; next !== undefined; next = this.#fulls.shift()) {
      if (this.hash !== undefined) this.#record(this.hash, host, next);
      const effects = this.#core.step(state, next, { ms: this.now, wall: Math.round(1e12 + this.now + host.skew) });
      for (const effect of effects) this.#carryOut(host, effect);
      if (state.phase !== host.phase || state.log.view !== host.view) {
        host.phase = state.phase;
        host.changedAt = this.now;
        host.view = state.log.view;
        this.watch(host);
      }
    }
    this.#arm(host, state.due);
  }

  /** An alarm that stands already as it should is left where it is: most steps change nothing about it. */
  #arm({ alarm }: Host, due: number): void {
    if (due === Infinity) this.#queue.drop(alarm);
    else if (alarm.place < 0 || alarm.at !== due) this.#queue.put(alarm, Math.max(due, this.now));
  }

  #carryOut(host: Host, effect: Effect): void {
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
          this.#fulls.push({ kind: 'full', link: effect.link });
        }
        return;
      }
      case 'roll':
      case 'keep':
      case 'forget':
        return host.disk.carryOut(effect);
      case 'rekey':
        return; // links are not encrypted here
      case 'pause':
      case 'resume': {
        const end = host.ends.get(effect.link);
        if (end === undefined) return;
        end.resting = effect.kind === 'pause';
        if (!end.resting && end.waiting !== undefined) this.#queue.put(end.waiting, this.now);
        if (!end.resting) end.waiting = undefined;
        return;
      }
      case 'close': {
        const end = host.ends.get(effect.link);
        host.ends.delete(effect.link);
        if (end === undefined || end.closed) return;
        end.closed = true;
        this.#schedule(end, closing);
      }
    }
  }

  #tell(host: Host, event: Event): void {
    this.hash?.update(`${host.name} ${JSON.stringify(event)}\n`);
    if (this.trace !== undefined) this.#note(host, JSON.stringify(event));
    host.events.push(event);
    host.eventsAt.push(this.now);
    if (event.kind === 'line') {
      const { line } = event;
      const reign = host.state?.log.lineage.findLast(({ epoch }) => epoch === line.position.epoch);
      host.screen.push(line);
      host.reigns.push(reign?.coordinator ?? '');
      host.texts.add(line.text);
    } else if (event.kind === 'unsigned') {
      // Whoever was cut off, killed or stopped could not seal what he had said a moment before.
      if (this.#wasBeside(host, event.id) || event.why === 'forged') host.slanders.push(event);
    } else if (event.kind === 'private') {
      const { own, text } = event.message;
      if (own) return;
      host.heard.push(event.message);
      host.reached.add(text);
    } else if (event.kind === 'missed' && event.trimmed > 0) host.since = this.now;
    else if (event.kind === 'entered') host.since = Math.min(host.since, this.now);
    else if (event.kind === 'gone' || event.kind === 'refused') {
      host.ended ??= event.kind === 'gone' ? 'left' : 'refused';
      this.at(this.now, () => this.#gone(host));
    }
  }

  /** Whether somebody has been in the room with it since it began to wait: whoever is cut off can send no signature. */
  #wasBeside({ state, changedAt }: Host, id: string): boolean {
    const inside = state?.phase.kind === 'joined' || state?.phase.kind === 'coordinating';
    return inside && changedAt <= this.now - limits.uncoveredMs && memberOf(state.log.view, id) !== undefined;
  }

  // --- Links ---

  #latency(): number {
    const [least, most] = this.#network.latency;
    return least + this.random.unit() * (most - least);
  }

  #dial(host: Host, link: LinkId, addresses: readonly string[]): void {
    const target = this.hosts.find(({ address }) => addresses.includes(address));
    // An end that is closed stands for a dial that was given up.
    const mine = new End(host, link, this.#unload);
    host.ends.set(link, mine);
    const over = (from: Host, to: Host, run: () => void): void => {
      const task = new Task(() => (from.cut.has(to) ? this.#held.push(task) : run()));
      this.#queue.put(task, this.now + this.#latency());
    };
    if (target === undefined) return;
    over(host, target, () => {
      if (!target.alive) {
        return over(target, host, () => {
          if (mine.closed || !host.ends.delete(link)) return;
          this.feed(host, { kind: 'failed', link, refused: true, message: 'refuses' });
        });
      }
      const theirs = new End(target, ++target.accepted, this.#unload);
      mine.other = theirs;
      theirs.other = mine;
      target.ends.set(theirs.link, theirs);
      const channel = `${host.name} ${link} ${target.name} ${theirs.link}`;
      this.feed(target, { kind: 'accepted', link: theirs.link, host: host.address.replace(/:.*/, ''), channel });
      mine.channel = channel;
      over(target, host, () => this.#opened(mine));
      if (mine.closed) this.#schedule(mine, closing);
    });
  }

  /** Whoever has dialled is told so once, before anything else of that link. */
  #opened(end: End): void {
    const { host, link, channel, closed } = end;
    end.channel = '';
    if (channel !== '' && !closed) this.feed(host, { kind: 'opened', link, channel });
  }

  /** Puts bytes on their way, in pieces. */
  #send(end: End, bytes: Uint8Array): void {
    split(bytes, this.#network.pieces, this.random, (piece) => this.#schedule(end, piece));
    end.inFlight += bytes.length;
  }

  #schedule(end: End, piece: Uint8Array): void {
    end.load(piece, this.now + this.#latency());
    if (end.moving) return;
    end.moving = true;
    this.#queue.put(end.train, end.nextAt);
  }

  /** The train of an end is there: all that arrives at its time is taken, piece by piece. */
  #deliver(end: End): void {
    const { train } = end;
    const { at } = train;
    while (end.nextAt <= at) {
      const { other } = end;
      if (other !== undefined && end.host.cut.has(other.host)) {
        this.#held.push(train);
        return;
      }
      // A paused process takes nothing: the pipe stays full.
      if (other !== undefined && (other.host.paused || other.host.deaf)) {
        other.host.inbox.push(train);
        return;
      }
      if (other?.resting === true && !other.closed) {
        other.waiting = train;
        return;
      }
      const piece = end.shift();
      if (piece === closing) this.#hangUp(other);
      else this.#take(end, piece);
    }
    end.moving = end.size > 0;
    if (end.moving) this.#queue.put(train, end.nextAt);
  }

  #take(end: End, bytes: Uint8Array): void {
    const { other } = end;
    end.inFlight -= bytes.length;
    if (other !== undefined) this.#opened(other);
    if (other?.closed === false) this.feed(other.host, { kind: 'bytes', link: other.link, bytes });
    if (end.full && end.inFlight <= this.#network.window / 2) {
      end.full = false;
      if (!end.closed) this.feed(end.host, { kind: 'drained', link: end.link });
    }
  }

  /** The other side has closed, or the link is broken. */
  #hangUp(end: End | undefined): void {
    if (end === undefined || end.closed) return;
    end.closed = true;
    end.host.ends.delete(end.link);
    this.feed(end.host, { kind: 'closed', link: end.link });
  }

  /** A crash, or a reset: a random part of what is under way never arrives. */
  #loseTail(end: End): void {
    end.lose(this.random.below(end.size + 1));
  }

  // --- For the eye and the fingerprint ---

  #record(hash: Hash, host: Host, input: Input): void {
    hash.update(`${this.now} ${host.name} ${input.kind} `);
    if (input.kind === 'bytes') hash.update(input.bytes);
  }

  #note(host: Host, text: string): void {
    this.trace?.(`${this.now.toFixed(2).padStart(9)} ${host.name} ${text}`);
  }
}
