/**
 * The face on a terminal: the room scrolls by above the line that is being typed.
 *
 *     14:02 alice  hello
 *     14:02 bob  hi alice
 *     14:03 * carol joined
 *     bob› what I am typi
 *
 * The prompt says where a line goes: while the room is being looked for, lines wait, and it says how many. Colour only
 * helps to tell people apart; their names say it without. Ordinary scrollback, never the alternate screen.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import { styleText } from 'node:util';
import { commandFault, completions, helpLines, parseCommand } from '../core/command.ts';
import { ChatError } from '../core/errors.ts';
import { nameKey } from '../core/name.ts';
import type { Event, Line } from '../core/step.ts';
import { eventKinds, type Face, type FacePeer } from './face.ts';
import { Plain } from './plain.ts';
import { Prompt, type Slate, type SlateOptions } from './prompt.ts';
import { clean } from './screen.ts';
import { count, invitation, missedLines, narrator, refusal, statusLines, whoLines, words } from './text.ts';
import { dayOf, timeOf } from './time.ts';

/** A line that is not received within this time is said to be waiting, ms: sooner, the prompt would only flicker. */
const waitingMs = 300;

const palette = [
  'cyan',
  'green',
  'yellow',
  'magenta',
  'cyanBright',
  'greenBright',
  'yellowBright',
  'magentaBright',
  'blueBright',
] as const;
/** In these phases lines go out, or will go out no more. In all others the room is being looked for. */
const settled: ReadonlySet<FacePeer['phase']> = new Set(['joined', 'coordinating', 'farewell', 'handing', 'left']);
type Style = Parameters<typeof styleText>[0];

export interface TerminalOptions {
  readonly peer: FacePeer;
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** NO_COLOR, FORCE_COLOR and TERM count. */
  readonly env?: NodeJS.ProcessEnv;
  /** The time of day, ms since 1970. */
  readonly clock?: () => number;
}

export class Terminal implements Face {
  readonly done: Promise<number>;
  readonly #peer: FacePeer;
  readonly #slate: Slate;
  readonly #colours: boolean;
  readonly #dumb: boolean;
  readonly #clock: () => number;
  #finish: (unsent: number) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly #narrate = narrator();
  #entered = false;
  #leaving = false;
  /** Entered before the room could take them: before it was joined, or while too many others wait. */
  #unsaid: string[] = [];
  /** Runs while a line is on its way. */
  #waiting: NodeJS.Timeout | null = null;
  #late = false;
  /** The day of the last line, as it is written. */
  #day: string;

  constructor({ peer, input, output, env = process.env, clock = Date.now }: TerminalOptions) {
    this.#peer = peer;
    this.#clock = clock;
    this.#day = dayOf(clock());
    this.#dumb = env['TERM'] === 'dumb';
    this.#colours = output.getColorDepth(env) > 1;
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    const options: SlateOptions = {
      input,
      output,
      line: (text) => this.#take(text),
      end: () => this.leave(),
      completions: (before) =>
        completions(
          before,
          peer.members.map(({ name }) => name).filter((name) => clean(name) === name),
        ),
    };
    output.on('error', () => this.leave());
    this.#slate = this.#dumb ? new Plain(options) : new Prompt(options);
    this.#slate.label = this.#label();
    for (const kind of eventKinds) peer.on(kind, (event) => this.#hear(event));
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    const waiting = this.#peer.pending + this.#unsaid.length;
    if (waiting > 0) this.#note(`leaving; ${count(waiting, 'line')} waiting to be received (Ctrl+C leaves at once)`);
    this.close();
    void this.#goodbye();
  }

  async #goodbye(): Promise<void> {
    try {
      const unsent = (await this.#peer.leave()) + this.#unsaid.length;
      this.#note(words({ kind: 'gone', unsent }, this.#peer) ?? '');
      this.#finish(unsent);
    } catch (error) {
      this.#fail(error);
    }
  }

  close(): void {
    this.#slate.close();
  }

  #hear(event: Event): void {
    switch (event.kind) {
      case 'line':
        this.#show(event.line);
        break;
      case 'acknowledged':
        if (this.#peer.pending === 0) this.#settled();
        this.#saySoon();
        break;
      case 'entered':
        this.#entered = true;
        this.#tell(event);
        for (const line of invitation(this.#peer.addresses, this.#peer.coordinator)) this.#note(line);
        this.#saySoon();
        break;
      case 'joined':
      case 'left':
        if (!event.history) this.#tell(event);
        break;
      case 'missed':
        for (const told of missedLines(event)) this.#slate.print(this.#style('dim', `── ${told} ──`));
        break;
      case 'refused':
        // Before entering, whoever began this peer hears of it too, and says it.
        if (this.#entered) this.#fail(new ChatError(event.code, refusal(event, this.#peer.name), event.free));
        break;
      case 'gone':
        this.leave();
        break;
      default:
        this.#tell(event);
    }
    this.#slate.label = this.#label();
  }

  #tell(event: Event): void {
    const told = this.#narrate(event, this.#peer);
    if (told !== undefined) this.#note(told);
  }

  /** Something about the room, or to the person at this end. */
  #note(told: string): void {
    const now = this.#clock();
    this.#dateline(now);
    this.#slate.print(this.#style('dim', this.#dumb ? told : `${timeOf(now)} * ${told}`));
  }

  #show({ name, text, own, history, apart, time }: Line): void {
    // The terminal itself has shown what was typed, and it cannot be taken away.
    if (this.#dumb && own && !history) return;
    // What is said now has the time of this clock; only of the past must the author's be believed.
    const when = history || apart ? time : this.#clock();
    this.#dateline(when);
    const mark = apart ? ' (while apart)' : '';
    const author = this.#style(own ? ['bold', colourOf(name)] : colourOf(name), clean(name));
    if (this.#dumb) this.#slate.print(`${clean(name)}${mark} says: ${clean(text)}`);
    else this.#slate.print(`${this.#style('dim', timeOf(when))} ${author}${this.#style('dim', mark)}  ${clean(text)}`);
  }

  #dateline(time: number): void {
    const day = dayOf(time);
    if (day === this.#day) return;
    this.#day = day;
    this.#slate.print(this.#style('dim', `── ${day} ──`));
  }

  #style(style: Style, text: string): string {
    // Whether the terminal has colours has been asked already: newer Nodes would ask about stdout again.
    return this.#colours && text !== '' ? styleText(style, text, { validateStream: false }) : text;
  }

  #label(): string {
    const { name, pending, phase } = this.#peer;
    const waiting = pending + this.#unsaid.length;
    const looking = !settled.has(phase);
    const states = [
      looking ? 'looking for the room' : '',
      waiting > 0 && (looking || this.#late) ? `${waiting} waiting` : '',
    ];
    const state = states.filter((one) => one !== '').join(', ');
    const shown = this.#style(['bold', colourOf(name)], clean(name));
    return `${shown}${state === '' ? '' : this.#style('dim', ` (${state})`)}› `;
  }

  #take(typed: string): void {
    const command = parseCommand(typed);
    switch (command.kind) {
      case 'nothing':
        return;
      case 'say':
        this.#unsaid.push(command.text);
        this.#saySome();
        break;
      case 'quit':
        return this.leave();
      case 'who':
        return this.#answer(whoLines(this.#peer));
      case 'status':
        return this.#answer(statusLines(this.#peer));
      case 'help':
        return this.#answer(helpLines(command.about));
      default:
        return this.#note(commandFault(command));
    }
  }

  /** A peer that tells an event takes the next line only afterwards. */
  #saySoon(): void {
    if (this.#unsaid.length > 0) queueMicrotask(() => this.#saySome());
  }

  /** Says what was entered, as far as the room takes it. */
  #saySome(): void {
    while (this.#entered && !this.#leaving) {
      const text = this.#unsaid.shift();
      if (text === undefined) break;
      try {
        this.#peer.send(text);
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        if (error.code === 'pending-full') {
          this.#unsaid.unshift(text);
          break;
        }
        this.#note(`that was not said: ${error.message}`);
      }
    }
    if (this.#peer.pending > 0) this.#waiting ??= setTimeout(() => this.#overdue(), waitingMs).unref();
    this.#slate.label = this.#label();
  }

  #overdue(): void {
    this.#late = true;
    this.#slate.label = this.#label();
  }

  #settled(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
    this.#late = false;
  }

  #answer(told: readonly string[]): void {
    for (const line of told) this.#slate.print(line);
  }
}

/** Everybody has the same colour on every screen, since it comes from the name. */
function colourOf(name: string): (typeof palette)[number] {
  let hash = 0;
  for (const character of nameKey(name)) hash = (hash * 31 + (character.codePointAt(0) as number)) % 65_521;
  return palette[hash % palette.length] as (typeof palette)[number];
}
