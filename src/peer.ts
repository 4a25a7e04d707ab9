/**
 * A peer: one running participant of the room.
 *
 * It is the turntable between the core, which decides, and the hands, which touch the world: it feeds inputs to the
 * core one at a time, carries out the effects, holds the one alarm, and is the only emitter.
 */
import { randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { EventEmitter } from 'eventemitter3';
import { isDialable, parseAddress } from './core/address.ts';
import { ChatError } from './core/errors.ts';
import { limits, settings } from './core/limits.ts';
import { lineFault } from './core/line.ts';
import { step } from './core/machine.ts';
import { checkName } from './core/name.ts';
import { createState, type Options, type State } from './core/state.ts';
import type { Effect, Event, Healing, Input, LinkId } from './core/step.ts';
import { coordinatorOf, withoutMember, type Member } from './core/view.ts';
import { dial, type Dial } from './io/client.ts';
import { isOwn, reachable } from './io/interfaces.ts';
import { Link } from './io/link.ts';
import { Server } from './io/server.ts';

/** How a peer takes part. Times are in ms. */
export interface PeerOptions {
  /** What it is called in the room: 1 to 32 characters that show, without spaces and colons. */
  readonly name: string;
  /** Where its server listens, `host:port`. Default: all interfaces, at the first free port from 6000 on. */
  readonly listen?: string;
  /** Members to join through, tried in turn; any will do. Without one the peer founds a room. */
  readonly join?: readonly string[];
  /** What others are told to dial, instead of the addresses of the interfaces. */
  readonly advertise?: readonly string[];
  /** How often the coordinator pings. At least 20, default 250. */
  readonly pingMs?: number;
  /** How long a silent peer is taken for alive. At least 100 and twice `pingMs`, default 1000. */
  readonly silenceMs?: number;
  /** The most that a survivor waits, at random, before it dials the elected. At least 0, default 50. */
  readonly backoffMs?: number;
  /** How many entries of the room's log a newcomer is given. At least 0, default 1000. */
  readonly history?: number;
}

/** One event for each kind of `Event`, with the event as its argument. */
export type PeerEvents = { [Kind in Event['kind']]: [event: Extract<Event, { kind: Kind }>] };

export class Peer extends EventEmitter<PeerEvents> {
  readonly #options: PeerOptions;
  readonly #settings: Options;
  readonly #server: Server;
  readonly #links = new Map<LinkId, Link>();
  readonly #dials = new Map<LinkId, Dial>();
  readonly #closing = new Set<Promise<void>>();
  readonly #inputs: Input[] = [];
  #state: State | undefined;
  #running = false;
  #accepted: LinkId = 0;
  #said = 0;
  #alarm: NodeJS.Timeout | undefined;
  #alarmAt = Infinity;
  #soon: NodeJS.Immediate | undefined;
  #lastHealing: Healing | undefined;

  /** @throws ChatError `usage` or `name-invalid` for options that make no sense */
  constructor(options: PeerOptions) {
    super();
    this.#options = options;
    this.#settings = checkOptions(options);
    this.#server = new Server((socket) => this.#accept(socket));
  }

  /**
   * Listens, then founds a room or joins one. Resolves when this peer is in the room.
   * @throws ChatError `listen`, `usage`, `unreachable`, or why the room refused
   */
  async start(): Promise<void> {
    const { listen, join = [], advertise } = this.#options;
    const bound = await this.#server.listen(listen === undefined ? undefined : parseAddress(listen));
    try {
      for (const address of join) {
        if (!(await isOwn(address, bound))) continue;
        throw new ChatError(
          'usage',
          `${address} is this peer's own address: give --join the address of another member`,
        );
      }
      const addresses = advertise ?? reachable(bound);
      const seed = [...randomFillSync(new Uint32Array(3))];
      this.#state = createState({ name: this.#options.name, addresses, options: this.#settings, seed });
      await this.#enter(join);
    } catch (error) {
      await this.#stop();
      throw error;
    }
  }

  #enter(join: readonly string[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.once('entered', () => resolve());
      this.once('refused', ({ code, message, free }) => reject(new ChatError(code, message, free)));
      this.once('gone', () => reject(new ChatError('left', 'left before the room was entered')));
      this.#feed({ kind: 'start', join });
    });
  }

  /**
   * Says a line. It is kept, and offered again after a failover, until it stands in the room ('acknowledged').
   * @returns its number: `(id, n)` names it for ever
   * @throws ChatError `line-empty`, `line-long`, `line-control`, `pending-full` or `left`
   */
  send(text: string): number {
    const fault = lineFault(text);
    if (fault !== undefined) throw fault;
    const state = this.#state;
    if (state === undefined || state.phase.kind === 'idle' || state.phase.kind === 'left' || state.leaving !== null) {
      throw new ChatError('left', 'this peer is not in a room');
    }
    if (state.delivery.pending >= limits.pendingMax) {
      throw new ChatError('pending-full', `${limits.pendingMax} lines wait to be acknowledged already`);
    }
    this.#feed({ kind: 'say', text });
    return ++this.#said;
  }

  /** Resolves when nothing said here waits for its acknowledgement, or this peer is gone. */
  async flushed(): Promise<void> {
    while ((this.pending > 0 || this.#inputs.length > 0) && this.phase !== 'left' && this.phase !== 'idle') {
      await new Promise<void>((resolve) => {
        const kinds = ['acknowledged', 'healed', 'gone'] as const;
        const done = (): void => {
          for (const kind of kinds) this.off(kind, done);
          resolve();
        };
        for (const kind of kinds) this.on(kind, done);
      });
    }
  }

  /**
   * Leaves: what was said is acknowledged first, for at most 5 s; a coordinator hands over.
   * @returns how many own lines were not acknowledged
   */
  async leave(): Promise<number> {
    const state = this.#state;
    if (state !== undefined && state.phase.kind !== 'left') {
      await new Promise((resolve) => {
        this.once('gone', resolve);
        this.#feed({ kind: 'leave' });
      });
    }
    await this.#stop();
    return this.pending;
  }

  // --- What a face may ask ---

  /** The id of this process in the room. */
  get id(): string {
    return this.#state?.self.id ?? '';
  }

  get name(): string {
    return this.#state?.self.name ?? this.#options.name;
  }

  /** The room's id, '' before it is entered. */
  get room(): string {
    return this.#state?.room ?? '';
  }

  /** Earliest-joined first. */
  get members(): readonly Member[] {
    return this.#state?.log.view.members ?? [];
  }

  get coordinator(): Member | undefined {
    return this.#state && coordinatorOf(this.#state.log.view);
  }

  /** Who coordinates next. */
  get successor(): Member | undefined {
    const { coordinator } = this;
    return coordinator && this.#state && coordinatorOf(withoutMember(this.#state.log.view, coordinator.id));
  }

  /** Where others can join through this peer. */
  get addresses(): readonly string[] {
    return this.#state?.self.addresses ?? [];
  }

  /** Own lines that are not acknowledged. */
  get pending(): number {
    return this.#state?.delivery.pending ?? 0;
  }

  get phase(): State['phase']['kind'] {
    return this.#state?.phase.kind ?? 'idle';
  }

  get lastHealing(): Healing | undefined {
    return this.#lastHealing;
  }

  // --- The turntable ---

  /** Inputs are taken one at a time: a listener that sends while an event is told waits for its turn. */
  #feed(input: Input): void {
    this.#inputs.push(input);
    if (this.#running || this.#state === undefined) return;
    this.#running = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        const effects = step(this.#state, next, { ms: performance.now(), wall: Date.now() });
        for (const effect of effects) this.#carryOut(effect);
      }
      this.#arm(this.#state.due);
    } finally {
      this.#running = false;
    }
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        if (this.#links.get(effect.link)?.write(effect.bytes) === false) {
          this.#inputs.push({ kind: 'full', link: effect.link });
        }
        return;
      case 'tell':
        return this.#tell(effect.event);
      case 'dial':
        return this.#dial(effect.link, effect.addresses);
      case 'close':
        return this.#close(effect.link);
      case 'pause':
        return this.#links.get(effect.link)?.pause();
      case 'resume':
        return this.#links.get(effect.link)?.resume();
    }
  }

  #tell(event: Event): void {
    if (event.kind === 'healed') this.#lastHealing = event.healing;
    try {
      (this.emit as (kind: string, event: Event) => boolean).call(this, event.kind, event);
    } catch (error) {
      // A listener's fault is the program's, not the room's: it ends the process unless the program says otherwise.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #accept(socket: ConstructorParameters<typeof Link>[0]): void {
    const link = ++this.#accepted;
    this.#open(link, socket);
    this.#feed({ kind: 'accepted', link, host: this.#links.get(link)?.host ?? '' });
  }

  #dial(link: LinkId, addresses: readonly string[]): void {
    const attempt = dial(addresses);
    this.#dials.set(link, attempt);
    void attempt.done.then((dialled) => {
      this.#dials.delete(link);
      if ('refused' in dialled) return this.#feed({ kind: 'failed', link, ...dialled });
      this.#open(link, dialled.socket);
      return this.#feed({ kind: 'opened', link });
    });
  }

  #open(id: LinkId, socket: ConstructorParameters<typeof Link>[0]): void {
    const link = new Link(socket, {
      bytes: (bytes) => this.#feed({ kind: 'bytes', link: id, bytes }),
      drained: () => this.#feed({ kind: 'drained', link: id }),
      closed: () => {
        this.#links.delete(id);
        this.#feed({ kind: 'closed', link: id });
      },
    });
    this.#links.set(id, link);
  }

  #close(id: LinkId): void {
    this.#dials.get(id)?.cancel();
    this.#dials.delete(id);
    const closing = this.#links.get(id)?.close();
    this.#links.delete(id);
    if (closing === undefined) return;
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  /** One alarm. It may ring early, when the core's deadline has moved on; then it is only set again. */
  #arm(due: number): void {
    if (due <= performance.now()) {
      this.#soon ??= setImmediate(() => {
        this.#soon = undefined;
        this.#feed({ kind: 'alarm' });
      });
      return;
    }
    if (due >= this.#alarmAt) return;
    clearTimeout(this.#alarm);
    this.#alarmAt = due;
    // A timer of Node may ring up to 1 ms early; rounding up spares a second one.
    this.#alarm = setTimeout(() => this.#ring(), Math.min(Math.ceil(due - performance.now()) + 1, 2 ** 31 - 1));
  }

  #ring(): void {
    this.#alarmAt = Infinity;
    if (this.#state === undefined) return;
    if (this.#state.due <= performance.now()) this.#feed({ kind: 'alarm' });
    else this.#arm(this.#state.due);
  }

  /** Lets the last bytes go out, then lets go of everything. */
  async #stop(): Promise<void> {
    clearTimeout(this.#alarm);
    this.#alarmAt = -Infinity; // nothing is armed any more
    if (this.#soon !== undefined) clearImmediate(this.#soon);
    this.#server.close();
    for (const id of [...this.#dials.keys(), ...this.#links.keys()]) this.#close(id);
    await Promise.all(this.#closing);
  }
}

/** @throws ChatError `usage` or `name-invalid` */
function checkOptions(options: PeerOptions): Options {
  checkName(options.name);
  const { listen, join = [], advertise = [] } = options;
  if (listen !== undefined && parseAddress(listen) === undefined) {
    throw new ChatError('usage', `--listen ${listen} is not an address: write host:port, as in 0.0.0.0:6000`);
  }
  for (const address of join) {
    if (isDialable(address) || isDialable(`${address}:1`)) continue;
    throw new ChatError('usage', `--join ${address} is not an address: write host:port, as in 10.0.0.5:6000`);
  }
  if (options.advertise?.length === 0) {
    throw new ChatError('usage', 'advertise names at least one address, or is left out');
  }
  for (const address of advertise) {
    if (isDialable(address)) continue;
    throw new ChatError('usage', `--advertise ${address} is not an address: write host:port, as in 10.0.0.5:6000`);
  }
  const setting = (key: keyof Options): number => {
    const value = options[key] ?? settings[key].default;
    if (Number.isFinite(value) && value >= settings[key].least) return value;
    throw new ChatError('usage', `${key} is at least ${settings[key].least}, not ${value}`);
  };
  const pingMs = setting('pingMs');
  const silenceMs = setting('silenceMs');
  if (silenceMs < 2 * pingMs) throw new ChatError('usage', `silenceMs is at least twice pingMs (${2 * pingMs})`);
  return { pingMs, silenceMs, backoffMs: setting('backoffMs'), history: setting('history') };
}
