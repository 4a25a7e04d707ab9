/** A process on a machine, as the world sees it, and its ends of links with what is on its way from them. */
import type { State } from '../../src/core/state.ts';
import type { Event, LinkId, Line } from '../../src/core/step.ts';
import { Task } from './heap.ts';

/** One process on one machine. */
export class Host {
  readonly name: string;
  readonly address: string;
  state: State | undefined;
  /** How it ended: killed, left, or never got in. */
  ended: 'killed' | 'left' | 'refused' | undefined;
  paused = false;
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
  readonly said: string[] = [];
  accepted = 0;
  readonly alarm: Task;
  /** How far the time of day is off, ms. */
  skew = 0;
  /** Its role and its view after the last step. */
  phase: State['phase'] | undefined;
  view: State['log']['view'] | undefined;

  constructor(name: string, address: string, ring: (host: Host) => void) {
    this.name = name;
    this.address = address;
    this.alarm = new Task(() => ring(this));
  }

  get alive(): boolean {
    return this.state !== undefined;
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
  /** Undefined while the other side has not accepted. */
  other: End | undefined;
  /** Bytes sent and not yet taken by the other side. */
  inFlight = 0;
  full = false;
  /** This side has closed: nothing reaches it any more. */
  closed = false;
  readonly train: Task;
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
