/** A process on a machine, as the world sees it, and its ends of links with what is on its way from them. */
import type { Restored } from '../../src/core/journal.ts';
import type { Options, State } from '../../src/core/state.ts';
import type { Event, LinkId, Line, PrivateMessage } from '../../src/core/step.ts';
import { Disk } from './disk.ts';
import { Task } from './heap.ts';

/** One process on one machine. */
export class Host {
  readonly name: string;
  readonly address: string;
  /** False: its server cannot be dialled. */
  readonly addressed: boolean;
  /** Where it was told to join. */
  readonly join: readonly string[];
  state: State | undefined;
  /** How it ended: killed, left, or never got in. */
  ended: 'killed' | 'left' | 'refused' | undefined;
  /** It was told to leave. */
  leaves = false;
  paused = false;
  /** It runs, and reads nothing. */
  deaf = false;
  /** What came while it was paused, each with the time at which it came. */
  inbox: Task[] = [];
  readonly ends = new Map<LinkId, End>();
  /** Those that nothing from here reaches. */
  readonly cut = new Set<Host>();
  /** The lines that it showed, in order, and the coordinator of the reign that each stands in. */
  readonly screen: Line[] = [];
  readonly reigns: string[] = [];
  /** What stands on the screen. */
  readonly texts = new Set<string>();
  readonly events: Event[] = [];
  /** When each was told (ms). */
  readonly eventsAt: number[] = [];
  /** What it was told of others' signatures that must not be so: nobody here cheats. */
  readonly slanders: Extract<Event, { kind: 'unsigned' }>[] = [];
  readonly said: string[] = [];
  /** What it has told one person only, by text. */
  readonly told = new Map<string, Host>();
  /** What was told it, as it was shown. */
  readonly heard: PrivateMessage[] = [];
  /** The same, by text, whatever process of it has shown them: who is told so need not tell it again. */
  readonly reached = new Set<string>();
  /** When it said what (ms). */
  readonly saidAt = new Map<string, number>();
  options: Options = { pingMs: 0, silenceMs: 0, backoffMs: 0, history: 0, keep: 0 };
  /** What was said before this it need not have (ms): when it came, or was told that there is a gap. */
  since = Infinity;
  /** What it keeps, and what a process finds that is started after it. */
  readonly disk = new Disk();
  /** What it complained of when it read that back. */
  readonly damage: string[] = [];
  accepted = 0;
  readonly alarm: Task;
  /** Whose process it is, and the next one too. */
  readonly key: string;
  /** How far the time of day is off, ms. */
  skew = 0;
  /** Its role and its view after the last step. */
  phase: State['phase'] | undefined;
  /** When one of them was another (ms). */
  changedAt = 0;
  view: State['log']['view'] | undefined;

  constructor(name: string, address: string, addressed: boolean, join: readonly string[], ring: (host: Host) => void) {
    this.name = name;
    this.address = address;
    this.addressed = addressed;
    this.join = join;
    this.key = `${address.replaceAll(/\D/g, '')}k`.padEnd(43, 'x');
    this.alarm = new Task(() => ring(this));
  }

  get alive(): boolean {
    return this.state !== undefined;
  }

  /**
   * A new process knows what its disk knows. What its predecessor had shown beyond that, it may show again; what that
   * had said and not kept is gone with it.
   */
  forget(restored: Restored | undefined): void {
    const authors = restored?.log.authors ?? new Map<string, number>();
    const keeps = this.screen.map(({ id, n }) => n <= (authors.get(id) ?? 0));
    const screen = this.screen.filter((_, at) => keeps[at] === true);
    const reigns = this.reigns.filter((_, at) => keeps[at] === true);
    this.screen.splice(0, Infinity, ...screen);
    this.reigns.splice(0, Infinity, ...reigns);
    this.texts.clear();
    for (const { text } of screen) this.texts.add(text);
    const held = new Set([...(restored?.held ?? []), ...(restored?.said ?? [])].map(({ text }) => text));
    const said = this.said.filter((text) => this.texts.has(text) || held.has(text));
    this.said.splice(0, Infinity, ...said);
    const { waiting = [], shown = [] } = restored?.letters ?? {};
    const names = new Set(shown.map(({ key, origin, k }) => `${key} ${origin} ${k}`));
    const heard = this.heard.filter(({ key, origin, k }) => names.has(`${key} ${origin} ${k}`));
    this.heard.splice(0, Infinity, ...heard);
    const letters = new Set(waiting.map(({ text }) => text));
    for (const text of this.told.keys()) if (!letters.has(text)) this.told.delete(text);
  }
}

/** On its way in the place of bytes: the link is closed. */
export const closing = new Uint8Array(0);

/**
 * One side of a link. What is on its way from here, in order, is a train of pieces, and one task brings them all: it
 * stands at the time of the first, and is put again for the next.
 */
export class End {
  readonly host: Host;
  readonly link: LinkId;
  /** What only the two ends of the link know, until this side has been told that it is open. */
  channel = '';
  /** Undefined while the other side has not accepted. */
  other: End | undefined;
  /** Bytes sent and not yet taken by the other side. */
  inFlight = 0;
  full = false;
  /** This side has closed: nothing reaches it any more. */
  closed = false;
  readonly train: Task;
  /** This side does not read; the train that waits for it to. */
  resting = false;
  waiting: Task | undefined;
  /** The train is somewhere: in the queue, at a cut, in an inbox, or being unloaded. */
  moving = false;
  /** Nothing sent later may overtake what was sent before. */
  lastArrival = 0;
  #pieces: Uint8Array[] = [];
  #times: number[] = [];
  #first = 0;

  constructor(host: Host, link: LinkId, unload: (end: End) => void) {
    this.host = host;
    this.link = link;
    this.train = new Task(() => unload(this));
  }

  /** When the first piece arrives; Infinity when nothing is on its way. */
  get nextAt(): number {
    return this.#first < this.#times.length ? (this.#times[this.#first] as number) : Infinity;
  }

  /** Puts a piece on its way, to arrive at a time, or when the one before it does. */
  load(piece: Uint8Array, time: number): void {
    if (time > this.lastArrival) this.lastArrival = time;
    this.#pieces.push(piece);
    this.#times.push(this.lastArrival);
  }

  /** The first piece. */
  shift(): Uint8Array {
    const piece = this.#pieces[this.#first++] as Uint8Array;
    if (this.#first === this.#pieces.length) {
      this.#first = 0;
      this.#pieces.length = 0;
      this.#times.length = 0;
    }
    return piece;
  }

  /** How many pieces are on their way. */
  get size(): number {
    return this.#pieces.length - this.#first;
  }

  /** The pieces after the first ones will never arrive. */
  lose(kept: number): void {
    this.#pieces.length = this.#first + kept;
    this.#times.length = this.#first + kept;
  }
}
