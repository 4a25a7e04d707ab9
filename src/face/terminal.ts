/**
 * The face on a terminal: the room scrolls by above the line that is being typed.
 *
 *     14:02 alice  hello
 *     14:02 bob  hi alice
 *     14:03 * carol joined
 *     bob› what I am typi
 *
 * The prompt says where a line goes: while the room is being looked for, lines wait, and it says how many; and when
 * one's last line has scrolled up before everybody had it, it says how many have. Colour only helps to tell people
 * apart; their names say it without. Ordinary scrollback, never the alternate screen.
 */
import type { ReadStream, WriteStream } from 'node:tty';
import { commandFault, completions, helpLines, parseCommand } from '../core/command.ts';
import { ChatError } from '../core/errors.ts';
import type { Event } from '../core/step.ts';
import { statusLines, whoLines } from './answers.ts';
import { exportTo, find } from './archive.ts';
import { conduct } from './conduct.ts';
import { eventKinds, type Face, type FacePeer, type Outcome } from './face.ts';
import { moderate } from './moderation.ts';
import { colourOf, Page } from './page.ts';
import { answerAbout } from './people.ts';
import { Plain } from './plain.ts';
import { Correspondence } from './private.ts';
import { Prompt, type Slate, type SlateOptions } from './prompt.ts';
import { qrRows } from './qr.ts';
import { complete, mark, seenLine } from './receipt.ts';
import { clean } from './screen.ts';
import { invitation, inviteOf, narrator, refusal, waitingFor, words } from './text.ts';

/** What one's last line waits for is said in the prompt after this time, ms: sooner, it would only flicker. */
const waitingMs = 300;
/** It moves no cursor. */
const bell = '\u0007';

/** In these phases lines go out, or will go out no more. In all others the room is being looked for. */
const settled: ReadonlySet<FacePeer['phase']> = new Set(['joined', 'coordinating', 'farewell', 'handing', 'left']);

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
  readonly done: Promise<Outcome>;
  readonly #peer: FacePeer;
  readonly #slate: Slate;
  readonly #page: Page;
  readonly #output: WriteStream;
  readonly #dumb: boolean;
  readonly #clock: () => number;
  #finish: (outcome: Outcome) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly #narrate = narrator();
  readonly #letters: Correspondence;
  #entered = false;
  /** The room was kept from an earlier run. */
  #restored = false;
  #leaving = false;
  /** Entered before the room could take them: before it was joined, or while too many others wait. */
  #unsaid: string[] = [];
  /** Runs while a line is on its way. */
  #waiting: NodeJS.Timeout | null = null;
  #late = false;
  /** The number of the line that was said last. */
  #said: number | undefined;
  /** Runs while one's last line may be on its way to somebody. */
  #spreading: NodeJS.Timeout | null = null;
  #slow = false;

  constructor({ peer, input, output, env = process.env, clock = Date.now }: TerminalOptions) {
    this.#peer = peer;
    this.#letters = new Correspondence(peer);
    this.#clock = clock;
    this.#output = output;
    const dumb = env['TERM'] === 'dumb';
    this.#dumb = dumb;
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
      settled: () => this.#relabel(),
    };
    output.on('error', () => this.leave());
    this.#slate = dumb ? new Plain(options) : new Prompt(options);
    this.#page = new Page({ slate: this.#slate, colours: output.getColorDepth(env) > 1, dumb, clock });
    this.#relabel();
    for (const kind of eventKinds) peer.on(kind, (event) => this.#hear(event));
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    const waiting = waitingFor(this.#peer, this.#unsaid.length);
    if (waiting !== '') this.#note(`leaving; ${waiting} waiting to be received (Ctrl+C leaves at once)`);
    this.close();
    void this.#goodbye();
  }

  async #goodbye(): Promise<void> {
    try {
      const unsent = (await this.#peer.leave()) + this.#unsaid.length;
      const { untold } = this.#peer;
      this.#note(words({ kind: 'gone', unsent, untold }, this.#peer) ?? '');
      this.#finish({ unsent: unsent + untold, refused: 0 });
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
        this.#show(event);
        break;
      case 'acknowledged':
        if (this.#peer.pending === 0) this.#settled();
        this.#saySoon();
        break;
      case 'private':
        if (!event.message.own && this.#peer.ignores(event.message.key)) break;
        this.#letters.hear(event.message);
        this.#page.letter(event.message);
        if (!event.message.own) this.#output.write(bell);
        break;
      case 'private-heard':
        if (!this.#page.heard(event)) this.#tell(event);
        break;
      case 'entered':
        this.#entered = true;
        this.#tell(event);
        this.#invite(event.members.length === 1 && !this.#restored);
        this.#saySoon();
        break;
      case 'joined':
      case 'left':
      case 'ruled':
      case 'renamed':
      case 'topic':
      case 'away':
      case 'handed-over':
        if (!event.history) this.#tell(event);
        break;
      case 'receipt':
        this.#page.receipt(event);
        break;
      case 'restored':
        this.#restored = true;
        this.#tell(event);
        break;
      case 'missed':
        this.#page.missed(event);
        break;
      case 'refused':
        // Before entering, whoever began this peer hears of it too, and says it.
        if (!this.#entered) break;
        this.#leaving = true;
        this.#fail(new ChatError(event.code, refusal(event, this.#peer.name), event.free));
        break;
      case 'gone':
        this.leave();
        break;
      default:
        this.#tell(event);
    }
    this.#relabel();
  }

  #tell(event: Event): void {
    const told = this.#narrate(event, this.#peer);
    if (told !== undefined) this.#note(told);
  }

  /** Whoever founds a private room needs its key to let others in; whoever joins has it already. */
  #invite(founded: boolean): void {
    const [command = '', ...more] = invitation(this.#peer, founded);
    this.#page.copyable(command);
    for (const line of more) this.#note(line);
    if (founded) void this.#qr();
  }

  /** A private room's invite for a camera, where it can be drawn. */
  async #qr(): Promise<void> {
    const invite = inviteOf(this.#peer);
    if (invite === undefined || this.#dumb) return;
    const rows = await qrRows(invite);
    if (this.#leaving) return;
    const [width, height] = [rows[0]?.length ?? 0, rows.length];
    const { columns, rows: lines } = this.#output;
    // With the typed line below it.
    if (width > columns || height >= lines) {
      return this.#note(
        `its QR code takes ${height} rows of ${width} columns, and here are ${lines} of ${columns}: make this larger, and type /invite`,
      );
    }
    // Light on dark, whatever the colours of the terminal are: turned round, not every camera knows it.
    this.#page.draw(rows.map((row) => this.#page.style(['whiteBright', 'bgBlack'], row)));
  }

  #note(told: string): void {
    this.#page.note(told);
  }

  #show({ line }: Extract<Event, { kind: 'line' }>): void {
    if (this.#peer.ignores(line.id)) return this.#page.passOver();
    const { receipt, members } = this.#peer;
    const { mine } = this.#page;
    this.#page.line(line, receipt, members.length === 1);
    if (this.#page.mine === mine) return;
    if (this.#spreading !== null) clearTimeout(this.#spreading);
    this.#slow = false;
    this.#spreading = setTimeout(() => {
      this.#slow = true;
      this.#relabel();
    }, waitingMs).unref();
  }

  #relabel(): void {
    this.#slate.label = this.#label();
  }

  #label(): string {
    const { name, id, pending, phase, access, absences } = this.#peer;
    const waiting = pending + this.#unsaid.length;
    const looking = !settled.has(phase);
    const states = [
      looking ? 'looking for the room' : '',
      waiting > 0 && (looking || this.#late) ? `${waiting} waiting` : '',
    ];
    const told = states.filter((one) => one !== '').join(', ') || this.#reach();
    // Nobody is to forget it.
    const away = absences.has(id) ? 'away' : '';
    const state = [access.kind === 'plain' ? 'not encrypted' : '', away, told].filter((one) => one !== '').join(', ');
    const shown = this.#page.style(['bold', colourOf(name)], clean(name));
    return `${shown}${state === '' ? '' : this.#page.style('dim', ` (${state})`)}› `;
  }

  /** Who has one's last line, when it cannot be seen beside the line itself. */
  #reach(): string {
    const { receipt } = this.#peer;
    if (!this.#slow || this.#slate.holding || receipt === undefined || receipt.n !== this.#page.mine) return '';
    return complete(receipt) ? '' : mark(receipt);
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
      case 'msg':
        return this.#whisper(command.to, command.text);
      case 'r':
        return this.#whisper(undefined, command.text);
      case 'quit':
        return this.leave();
      case 'who':
        return this.#page.answer(whoLines(this.#peer));
      case 'status':
        return this.#page.answer(statusLines(this.#peer));
      case 'invite': {
        const [entrance = '', ...more] = invitation(this.#peer, true);
        this.#page.draw([entrance]);
        this.#page.answer(more);
        return void this.#qr();
      }
      case 'seen':
        return this.#page.answer([seenLine(this.#peer, this.#said)]);
      case 'history':
      case 'search':
        return this.#page.found(find(this.#peer, command, this.#clock()));
      case 'kick':
      case 'ban':
      case 'unban':
      case 'op':
      case 'deop':
      case 'rekey':
      case 'ignore':
      case 'unignore':
        return this.#do(() => moderate(this.#peer, command));
      case 'nick':
      case 'topic':
      case 'away':
      case 'back':
      case 'handover':
        return this.#do(() => conduct(this.#peer, command));
      case 'whois':
      case 'verify':
      case 'accept':
        return this.#tellOf(command);
      case 'export':
        return void this.#export(command);
      case 'help':
        return this.#page.answer(helpLines(command.about));
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
        this.#said = this.#peer.send(text);
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
    this.#relabel();
  }

  #whisper(to: string | undefined, text: string): void {
    const fault = this.#letters.tell(to, text);
    if (fault !== undefined) this.#note(`that was not sent: ${fault.message}`);
  }

  #overdue(): void {
    this.#late = true;
    this.#relabel();
  }

  #settled(): void {
    if (this.#waiting !== null) clearTimeout(this.#waiting);
    this.#waiting = null;
    this.#late = false;
  }

  #do(deed: () => string): void {
    try {
      const told = deed();
      if (told !== '') this.#note(told);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      this.#note(`that was not done: ${clean(error.message)}`);
    }
  }

  #tellOf(command: Parameters<typeof answerAbout>[1]): void {
    try {
      this.#page.answer(answerAbout(this.#peer, command));
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      this.#note(clean(error.message));
    }
  }

  async #export(command: Parameters<typeof exportTo>[1]): Promise<void> {
    try {
      this.#note(await exportTo(this.#peer, command, this.#clock()));
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      this.#note(`nothing was exported: ${error.message}`);
    }
  }
}
