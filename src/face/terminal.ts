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
import { commandFault, completions, parseCommand, pathIn, type Command, type Theme } from '../core/command.ts';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { withoutKeys } from '../core/invite.ts';
import type { Event } from '../core/step.ts';
import type { Desk, Taste } from '../io/desk.ts';
import { Attention, mentions } from './attention.ts';
import { eventKinds, type Face, type FacePeer, type Outcome } from './face.ts';
import { graphemesOf } from './glyphs.ts';
import { Page } from './page.ts';
import { pathsFrom } from './paths.ts';
import { Plain } from './plain.ts';
import { Correspondence, type Partner } from './private.ts';
import { Prompt } from './prompt.ts';
import { qrRows } from './qr.ts';
import { complete, mark } from './receipt.ts';
import { replyTo, type Reply } from './reply.ts';
import { breakMark, clean } from './screen.ts';
import type { Slate, SlateOptions } from './slate.ts';
import { Spoken } from './spoken.ts';
import { invitation, inviteOf, narrator, waitingFor, words } from './text.ts';

/**
 * What one's last line waits for is said in the prompt after this time, ms, and that the coordinator is lost above it:
 * sooner, it would only flicker. Most failovers are over by then, and one line tells of them.
 */
const waitingMs = 300;

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
  /** What was there in earlier runs, and is to be there in later ones. */
  readonly desk?: Desk;
  /** Lines are only ever appended, fit to be read aloud. So it is on a terminal that can do nothing else (TERM=dumb), too. */
  readonly screenReader?: boolean;
}

export class Terminal implements Face {
  readonly done: Promise<Outcome>;
  readonly #peer: FacePeer;
  readonly #slate: Slate;
  readonly #page: Page;
  readonly #output: WriteStream;
  readonly #dumb: boolean;
  readonly #env: NodeJS.ProcessEnv;
  /** The terminal has colours, and they are wanted. */
  readonly #colours: boolean;
  readonly #attention: Attention;
  #taste: Taste;
  /** All that is typed goes to this person. */
  #talk: Partner | undefined;
  /** Whom the line goes to that is being typed, if that is a /msg or an /r: as it is called. */
  #aim: string | undefined;
  /** Whom the /r answers that is being typed: whoever writes meanwhile must not get it. */
  #answering: Partner | undefined;
  /** A conversation was not opened, and nobody can have seen it yet. */
  #astray = false;
  readonly #clock: () => number;
  readonly #desk: Desk | undefined;
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
  /** Runs while the coordinator has been lost for a moment only. */
  #trouble: { readonly told: string; readonly timer: NodeJS.Timeout } | undefined;
  /** The number of the line that was said last. */
  #said: number | undefined;
  /** Runs while one's last line may be on its way to somebody. */
  #spreading: NodeJS.Timeout | null = null;
  #slow = false;

  constructor({
    peer,
    input,
    output,
    env = process.env,
    clock = Date.now,
    desk,
    screenReader = false,
  }: TerminalOptions) {
    this.#peer = peer;
    this.#letters = new Correspondence(peer);
    this.#clock = clock;
    this.#desk = desk;
    this.#output = output;
    this.#env = env;
    this.#taste = desk?.taste ?? {};
    this.#attention = new Attention(clock());
    const lineByLine = env['TERM'] === 'dumb';
    this.#dumb = lineByLine || screenReader;
    this.#colours = !screenReader && output.getColorDepth(env) > 1;
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    const options: SlateOptions = {
      input,
      output,
      line: (text) => this.#take(text),
      end: () => this.leave(),
      completions: (before) => this.#completions(before),
      typed: desk?.typed ?? [],
      tell: (text) => this.#note(text),
      typing: (line) => this.#typing(line),
      focus: (has) => this.#attention.focus(has),
      settled: () => this.#relabel(),
    };
    output.on('error', () => this.leave());
    this.#slate = lineByLine ? new Plain(options) : screenReader ? new Spoken(options) : new Prompt(options);
    this.#page = new Page({
      slate: this.#slate,
      dumb: this.#dumb,
      clock,
      columns: () => output.columns,
    });
    this.#page.theme = this.#theme;
    if (desk !== undefined) desk.warn = (message) => this.#note(clean(message));
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
    clearTimeout(this.#trouble?.timer);
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
        if (!event.message.own) this.#arrive();
        this.#page.letter(event.message);
        // What it says is for the person here alone, and a desktop shows it to whoever passes by.
        if (!event.message.own) this.#call(`${event.message.name} has written to you privately`);
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
        if (!event.history) this.#come(event);
        break;
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
      case 'looking':
        this.#look(event);
        break;
      case 'healed':
        clearTimeout(this.#trouble?.timer);
        this.#trouble = undefined;
        this.#tell(event);
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
        this.#fail(ChatError.of(event));
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

  /** The room is without a coordinator. */
  #look(event: Extract<Event, { kind: 'looking' }>): void {
    const told = this.#narrate(event, this.#peer);
    if (told === undefined) return;
    const timer =
      this.#trouble?.timer ??
      setTimeout(() => {
        this.#note(this.#trouble?.told ?? '');
        this.#trouble = undefined;
      }, waitingMs).unref();
    this.#trouble = { told, timer };
  }

  #come(event: Extract<Event, { kind: 'joined' | 'left' }>): void {
    const told = this.#narrate(event, this.#peer);
    if (told === undefined) return;
    const { member } = event;
    if (event.kind === 'joined') return this.#page.coming({ member, told });
    // Who was put out, who leads now, and that it was oneself, is more than that somebody went.
    if (event.by !== undefined || event.why === 'handover' || member.id === this.#peer.id) return this.#note(told);
    this.#page.coming({ member, why: event.why, told });
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
    const { receipt, members, name } = this.#peer;
    const { mine } = this.#page;
    const isNew = !line.own && !line.history;
    if (isNew) this.#arrive();
    this.#page.line(line, receipt, members.length === 1);
    if (isNew && mentions(line.text, name)) this.#call(`${line.name}: ${line.text}`);
    if (this.#page.mine === mine) return;
    if (this.#spreading !== null) clearTimeout(this.#spreading);
    this.#slow = false;
    this.#spreading = setTimeout(() => {
      this.#slow = true;
      this.#relabel();
    }, waitingMs).unref();
  }

  /** Something has come that is to be read. */
  #arrive(): void {
    if (this.#attention.arrive(this.#clock())) this.#page.unread();
  }

  /** @param told may have words of others */
  #call(told: string): void {
    const { bell = true, quiet = false } = this.#taste;
    if (quiet || this.#leaving) return;
    this.#output.write(this.#attention.call(told, this.#clock(), { sound: bell, env: this.#env }));
  }

  /** Where the line goes that is being typed is said before it can be entered. */
  #typing(line: string): void {
    this.#attention.key(this.#clock());
    const named = /^\/msg\s+([^\s:]+)\S*\s/iu.exec(line)?.[1];
    this.#answering = /^\/r\s/iu.test(line) ? (this.#answering ?? this.#letters.last) : undefined;
    this.#aim = named ?? this.#answering?.name;
    this.#relabel();
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
    const whom = this.#aim ?? this.#talk?.name;
    const target =
      whom === undefined ? '' : ` → ${graphemesOf(clean(whom)).slice(0, limits.nameGraphemesMax).join('')}`;
    const shown = this.#page.style(['bold', this.#page.colourOf(name)], clean(name)) + target;
    return `${shown}${state === '' ? '' : this.#page.style('dim', ` (${state})`)}› `;
  }

  /** Who has one's last line, when it cannot be seen beside the line itself. */
  #reach(): string {
    const { receipt } = this.#peer;
    if (!this.#slow || this.#page.showsMark || receipt === undefined || receipt.n !== this.#page.mine) return '';
    return complete(receipt) ? '' : mark(receipt);
  }

  #completions(before: string): readonly string[] {
    const path = pathIn(before);
    if (path !== undefined) {
      // What stands before the last word is not replaced.
      const kept = path.lastIndexOf(' ') + 1;
      return pathsFrom(path).map((one) => one.slice(kept));
    }
    const names = this.#peer.members.map(({ name }) => name).filter((name) => clean(name) === name);
    return completions(before, names);
  }

  #take(typed: string): void {
    const command = parseCommand(typed);
    if (isPublic(command, typed) && !(command.kind === 'say' && this.#talk !== undefined))
      this.#desk?.keepLine(typed.replaceAll('\n', breakMark));
    switch (command.kind) {
      case 'nothing':
        return;
      case 'say':
        return this.#say(command.text);
      case 'msg':
        return this.#whisper(command.to, command.text);
      case 'r':
        return this.#whisper(this.#answering, command.text);
      case 'talk':
        return this.#talkTo(command.to);
      case 'bell':
      case 'quiet':
        return this.#sound(command.kind, command.on);
      case 'theme':
        return this.#paint(command.theme);
      case 'clear':
        if (!this.#slate.clear()) this.#note('nothing can be cleared here: lines are only appended');
        return;
      case 'quit':
        return this.leave();
      case 'invite': {
        const [entrance = '', ...more] = invitation(this.#peer, true);
        this.#page.draw([entrance]);
        this.#page.answer(more);
        return void this.#qr();
      }
      case 'unknown':
      case 'spaced':
      case 'misused':
        return this.#note(commandFault(command));
      default:
        return this.#reply(replyTo(this.#peer, command, { said: this.#said, now: this.#clock() }));
    }
  }

  #say(text: string): void {
    if (this.#talk !== undefined) return this.#whisper(this.#talk, text);
    if (this.#astray)
      return this.#note('not sent: it was typed before you could see where it goes (Up brings it back)');
    this.#unsaid.push(text);
    this.#saySome();
  }

  /** From now on all goes to one person, or to the room again. */
  #talkTo(whom: string | null): void {
    if (whom === null) {
      this.#note(
        `what you type goes to the room${this.#talk === undefined ? '; /msg and a name opens a conversation with one person' : ''}`,
      );
      this.#talk = undefined;
    } else {
      try {
        this.#talk = this.#letters.partner(whom);
        this.#note(`what you type goes to ${clean(this.#talk.name)} only; /room goes back to the room`);
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        this.#note(clean(error.message));
        // Lines that came with this one were for that person.
        this.#astray = true;
        setImmediate(() => (this.#astray = false));
      }
    }
    this.#relabel();
  }

  get #theme(): Theme {
    return this.#colours ? (this.#taste.theme ?? 'dark') : 'none';
  }

  #prefer(taste: Taste): void {
    this.#taste = { ...this.#taste, ...taste };
    this.#desk?.keepTaste(taste);
  }

  #sound(what: 'bell' | 'quiet', on: boolean | null): void {
    if (on !== null) this.#prefer({ [what]: on });
    const { bell = true, quiet = false } = this.#taste;
    if (quiet) return this.#note('quiet: neither a sound nor a notification (/quiet off ends it)');
    const [sound, other] = bell ? ['a sound', 'off'] : ['no sound', 'on'];
    this.#note(
      `${sound} when your name is said, or somebody writes to you privately; out of sight, a notification (/bell ${other}, /quiet on)`,
    );
  }

  #paint(theme: Theme | null): void {
    if (theme !== null) {
      this.#prefer({ theme });
      this.#page.theme = this.#theme;
    }
    const why = this.#dumb ? 'lines are only appended here' : 'this terminal has none, or NO_COLOR is set';
    this.#note(this.#colours ? `the colours are: ${this.#theme}` : `no colours: ${why}`);
    this.#relabel();
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

  #whisper(to: string | Partner | undefined, text: string): void {
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

  #reply(reply: Reply | Promise<Reply>): void {
    if (reply instanceof Promise) return void reply.then((made) => this.#reply(made));
    switch (reply.kind) {
      case 'lines':
        return this.#page.answer(reply.lines);
      case 'found':
        return this.#page.found(reply.found);
      case 'done':
        if (reply.text !== '') this.#note(reply.text);
        return;
      case 'fault':
        return this.#note(`${reply.undone ? 'that was not done: ' : ''}${clean(reply.message)}`);
    }
  }
}

/**
 * Whether a line may be kept on the disk: nothing private, and no key; nor what is no command by its looks only, since a
 * mistyped `/mgs bob secret` was to be private.
 */
function isPublic({ kind }: Command, typed: string): boolean {
  if (['nothing', 'msg', 'r', 'talk', 'unknown', 'spaced', 'misused'].includes(kind)) return false;
  return withoutKeys(typed) === typed && !/[\w-]{43}/u.test(typed);
}
