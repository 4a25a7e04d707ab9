/**
 * The face of `groupchat tail`: it shows the room as it goes, and says nothing. Lines as the pipe has them, or objects.
 *
 * The past is shown only from a position on (`since`). What the log holds behind it is written when the room is entered,
 * and from then on each line as it is told. Of each reign it is remembered how far it was written, so what the log held
 * already is not written again when it is told late, as what was missed is.
 *
 * Whoever reads may be slow: what it has not taken waits here up to a bound, and then the feed ends with a word that says
 * from where to go on. It stops for nobody, or the room would take it for dead.
 */
import { ChatError } from '../core/errors.ts';
import type { Position } from '../core/entry.ts';
import type { Gap } from '../core/history.ts';
import type { Event, Line } from '../core/step.ts';
import { eventKinds, type Face, type FacePeer, type Outcome } from './face.ts';
import { eventObject, jsonLine, lineObject, positionText, roomObject, sinceGap } from './json.ts';
import { Outlet, type Output } from './outlet.ts';
import { told } from './private.ts';
import { missedLines, narrator, said, words } from './text.ts';

/** What the feed needs of a peer besides. */
export interface FeedPeer extends FacePeer {
  /** How far the room has come here. */
  readonly position: Position;
  /** The lines behind a position, oldest first, and whether that stands in the room with all that is behind it. */
  after(position: Position): { readonly place: 'held' | Gap; readonly lines: readonly Line[] };
}

/** How the room is written: a line of output for each, or none. */
interface Writing {
  line(line: Line): string;
  entered(event: Extract<Event, { kind: 'entered' }>): string | undefined;
  gap(since: Position, why: Gap): string;
  other(event: Event): readonly string[];
}

export interface FeedOptions {
  readonly peer: FeedPeer;
  readonly output: Output;
  /** Takes a line for the person at this end. */
  readonly complain: (line: string) => void;
  readonly json?: boolean;
  /** Lines behind this position are written first. */
  readonly since?: Position | undefined;
  /** The time of day, ms since 1970. */
  readonly clock?: () => number;
}

export class Feed implements Face {
  readonly done: Promise<Outcome>;
  readonly #peer: FeedPeer;
  readonly #complain: FeedOptions['complain'];
  readonly #since: Position | undefined;
  readonly #outlet: Outlet;
  readonly #writing: Writing;
  #finish: (outcome: Outcome) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  #entered = false;
  #restored = false;
  #leaving = false;
  /** What ended it before its time. */
  #failure: Error | undefined;
  /** Of each epoch, the latest number that was written, or passed over. */
  readonly #far = new Map<number, number>();

  constructor({ peer, output, complain, json = false, since, clock = Date.now }: FeedOptions) {
    this.#peer = peer;
    this.#complain = complain;
    this.#since = since;
    this.#writing = json ? objects(peer, clock) : sentences(peer);
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    this.#outlet = new Outlet(output, (why) => this.#lose(why), json);
    for (const kind of eventKinds) peer.on(kind, (event) => this.#hear(event));
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    void this.#goodbye();
  }

  close(): void {
    this.#leaving = true;
  }

  async #goodbye(): Promise<void> {
    try {
      await this.#peer.leave();
      await this.#outlet.end();
      if (this.#failure === undefined) this.#finish({ unsent: 0, refused: 0 });
      else this.#fail(this.#failure);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Whoever reads may have seen enough (`| head -1`); but one that cannot keep up has missed something. */
  #lose(why: 'gone' | 'slow'): void {
    if (why === 'slow') {
      this.#failure = new Error(
        'the output is not being read: leaving; --since goes on behind the last position that was read',
      );
    }
    this.leave();
  }

  #hear(event: Event): void {
    switch (event.kind) {
      case 'line':
        if (this.#entered && !this.#isOver(event.line.position)) this.#write(this.#writing.line(event.line));
        return;
      case 'restored':
        this.#restored = true;
        return;
      case 'entered':
        this.#entered = true;
        this.#begin();
        return this.#write(this.#writing.entered(event));
      case 'warning':
      case 'met':
      case 'unkept':
        return this.#complain(words(event, this.#peer) ?? '');
      case 'refused':
        // Before entering, whoever began this peer hears of it too, and says it.
        if (!this.#entered) return;
        this.#leaving = true;
        return this.#fail(ChatError.of(event));
      case 'gone':
        return this.leave();
      default:
        return this.#other(event);
    }
  }

  /** What is here already is written, or passed over. */
  #begin(): void {
    const since = this.#since;
    const all = this.#peer.after({ epoch: 0, seq: 0 }).lines;
    if (since === undefined) return this.#pass(all);
    const { place, lines } = this.#peer.after(since);
    if (place !== 'held') this.#write(this.#writing.gap(since, place));
    // The room went another way than the position: what was kept of it knows best which lines are new, and tells them.
    if (place === 'elsewhere' && this.#restored) return;
    this.#pass(all);
    this.#outlet.writeAll(lines.map((line) => this.#writing.line(line)));
  }

  #pass(lines: readonly Line[]): void {
    for (const { position } of lines) this.#far.set(position.epoch, position.seq);
  }

  #isOver({ epoch, seq }: Position): boolean {
    return seq <= (this.#far.get(epoch) ?? 0);
  }

  #other(event: Event): void {
    for (const line of this.#writing.other(event)) this.#write(line);
  }

  #write(line: string | undefined): void {
    if (line !== undefined) this.#outlet.write(line);
  }
}

/** One object a line. */
function objects(peer: FeedPeer, clock: () => number): Writing {
  return {
    line: (line) => jsonLine(lineObject(line)),
    entered: () => jsonLine(roomObject(peer, clock())),
    gap: (since, why) => jsonLine(sinceGap(since, why, clock())),
    other: (event) => {
      const object = eventObject(event, clock());
      return object === undefined ? [] : [jsonLine(object)];
    },
  };
}

/** As the pipe has them. */
function sentences(peer: FeedPeer): Writing {
  const narrate = narrator();
  const mark = (line: string): string => `* ${line}`;
  const narrated = (event: Event): string | undefined => {
    const happened = narrate(event, peer);
    return happened === undefined ? undefined : mark(happened);
  };
  return {
    line: said,
    entered: narrated,
    gap: (since, why) => mark(gapLine(since, why)),
    other: (event) => {
      if ('history' in event && event.history) return [];
      if (event.kind === 'private') return [mark(told(event.message))];
      if (event.kind === 'missed') return event.why === 'restarted' ? [] : missedLines(event).map(mark);
      return [narrated(event) ?? []].flat();
    },
  };
}

function gapLine(since: Position, why: Gap): string {
  const at = positionText(since);
  if (why === 'trimmed') return `lines behind ${at} are no longer kept: these are all that are`;
  return `${at} is not in this room, or parts of it have met since: lines may be missing, or come again`;
}
