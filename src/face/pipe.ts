/**
 * The face when stdin or stdout is no terminal: plain lines in, plain lines out.
 *
 * Out goes every line of the room as `name: text`, one's own when they come back, so that the outputs of all peers are
 * alike, and what happens in the room as `* words`. What concerns only the person at this end goes to `complain`.
 *
 * In comes one line after another, and no faster than the room takes them: `cat bigfile | groupchat` holds some
 * thousand lines at a time, however large the file. The end of the input is a goodbye.
 */
import { setImmediate } from 'node:timers/promises';
import { commandFault, parseCommand } from '../core/command.ts';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import type { Event } from '../core/step.ts';
import { foundLines } from './archive.ts';
import { eventKinds, type Face, type FacePeer, type Outcome } from './face.ts';
import { lines } from './lines.ts';
import { Outlet, type Output } from './outlet.ts';
import { Correspondence, told } from './private.ts';
import { replyTo, type Reply } from './reply.ts';
import { invitation, missedLines, narrator, said, waitingFor, words } from './text.ts';

/** Reading pauses when so many lines wait to be acknowledged, and goes on when half of them do. */
const waitingMax = 1000;
/** ... or so many private messages to people who are here. */
const tellingMax = 100;
/** Reading pauses when so much output waits for its reader, bytes. */
const unreadBytesPause = 1 << 20;
/** After so many lines the rest of the process has its turn. */
const turnLines = 250;

export interface PipeOptions {
  readonly peer: FacePeer;
  readonly input: AsyncIterable<Uint8Array | string>;
  readonly output: Output;
  /** Takes a line for the person at this end. */
  readonly complain: (line: string) => void;
  /** The time of day, ms since 1970. */
  readonly clock?: () => number;
}

export class Pipe implements Face {
  readonly done: Promise<Outcome>;
  readonly #peer: FacePeer;
  readonly #input: PipeOptions['input'];
  readonly #output: Output;
  readonly #outlet: Outlet;
  readonly #complain: PipeOptions['complain'];
  readonly #clock: () => number;
  #finish: (outcome: Outcome) => void = () => {};
  #fail: (error: unknown) => void = () => {};
  readonly #narrate = narrator();
  readonly #letters: Correspondence;
  #entered = false;
  /** The room was kept from an earlier run. */
  #restored = false;
  #leaving = false;
  /** The number of the line that was said last. */
  #said: number | undefined;
  /** Lines of the input that could not be taken as they are. */
  #refused = 0;
  /** Lines that were read when nothing was said any more, since nobody reads the output. */
  #unsaid = 0;
  /** What ended the reading of the input; the goodbye comes first all the same. */
  #failure: Error | null = null;
  /** Nobody reads the output any more. */
  #unread = false;
  /** Lets the reading of the input go on. */
  #goOn: () => void = () => {};

  constructor({ peer, input, output, complain, clock = Date.now }: PipeOptions) {
    this.#peer = peer;
    this.#letters = new Correspondence(peer);
    this.#input = input;
    this.#output = output;
    this.#outlet = new Outlet(output, (why) => this.#lose(why));
    this.#complain = complain;
    this.#clock = clock;
    this.done = new Promise((resolve, reject) => {
      this.#finish = resolve;
      this.#fail = reject;
    });
    for (const kind of eventKinds) peer.on(kind, (event) => this.#hear(event));
    output.on('drain', () => this.#goOn());
  }

  get leaving(): boolean {
    return this.#leaving;
  }

  leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    this.#goOn();
    const waiting = waitingFor(this.#peer);
    if (waiting !== '') this.#complain(`leaving; ${waiting} waiting to be received (a signal ends it at once)`);
    void this.#goodbye();
  }

  close(): void {
    this.#leaving = true;
    this.#goOn();
  }

  async #goodbye(): Promise<void> {
    try {
      const unsent = await this.#peer.leave();
      // What is there of the input has been read by then.
      if (this.#unread) await setImmediate();
      else await this.#outlet.end();
      if (this.#failure !== null) this.#fail(this.#failure);
      else this.#finish({ unsent: unsent + this.#peer.untold + this.#unsaid, refused: this.#refused });
    } catch (error) {
      this.#fail(error);
    }
  }

  #hear(event: Event): void {
    switch (event.kind) {
      case 'line':
        return this.#peer.ignores(event.line.id) ? undefined : this.#outlet.write(said(event.line));
      case 'acknowledged':
        return this.#goOn();
      case 'private':
        if (!event.message.own && this.#peer.ignores(event.message.key)) return;
        this.#letters.hear(event.message);
        return this.#answer([told(event.message)]);
      case 'entered':
        this.#entered = true;
        this.#tell(event);
        // Whoever founds a private room needs its key to let others in; whoever joins has it already.
        this.#invite(event.members.length === 1 && !this.#restored);
        return void this.#read();
      case 'joined':
      case 'left':
      case 'ruled':
      case 'renamed':
      case 'topic':
      case 'away':
      case 'handed-over':
        if (!event.history) this.#tell(event);
        return;
      case 'restored':
        this.#restored = true;
        return this.#tell(event);
      case 'missed':
        return this.#answer(missedLines(event));
      case 'denied':
      case 'warning':
        return this.#complain(words(event, this.#peer) ?? '');
      case 'refused':
        // Before entering, whoever began this peer hears of it too, and says it.
        if (!this.#entered) return;
        this.#leaving = true;
        return this.#fail(ChatError.of(event));
      case 'gone':
        if (event.unsent + event.untold > 0) this.#complain(words(event, this.#peer) ?? '');
        return this.leave();
      default:
        return this.#tell(event);
    }
  }

  #tell(event: Event): void {
    const happened = this.#narrate(event, this.#peer);
    if (happened !== undefined) this.#outlet.write(`* ${happened}`);
    // Whoever is gone is not waited for.
    this.#goOn();
  }

  /** Whoever reads may have seen enough (`| head -1`): that is no failure, unless something was still to be said. */
  #lose(why: 'gone' | 'slow'): void {
    this.#unread = true;
    if (why === 'slow') this.#complain('the output is not being read; leaving');
    this.leave();
  }

  async #read(): Promise<void> {
    let number = 0;
    try {
      for await (const line of lines(this.#input, limits.typedBytesMax, () => undefined)) {
        if (this.#leaving) {
          if (this.#passOver(line ?? '?')) return;
          continue;
        }
        number++;
        if (line === undefined) this.#refuse(`line ${number} was not said: it is not UTF-8`);
        else await this.#take(line, number);
        if (number % turnLines === 0) await setImmediate();
        if (this.#crowded(1)) while (this.#crowded(0.5)) await new Promise<void>((resolve) => (this.#goOn = resolve));
        if (this.#leaving && !this.#unread) return;
      }
    } catch (error) {
      if (this.#leaving) return;
      this.#failure = new Error(`the input cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.leave();
  }

  /** True when more waits than the given part of what may. */
  #crowded(part: number): boolean {
    if (this.#leaving) return false;
    const { pending, telling } = this.#peer;
    if (pending >= waitingMax * part || telling >= tellingMax * part) return true;
    return this.#output.writableLength >= unreadBytesPause * part;
  }

  /**
   * A line that comes after the goodbye. Whoever said /quit, or sent a signal, wants no more of it; but when only the
   * reader has gone, something is left unsaid. @returns true when that is known.
   */
  #passOver(line: string): boolean {
    if (!this.#unread) return true;
    if (!['say', 'msg', 'r'].includes(parseCommand(line).kind)) return false;
    this.#unsaid++;
    return true;
  }

  #take(line: string, number: number): Promise<void> | void {
    const command = parseCommand(line);
    switch (command.kind) {
      case 'nothing':
        return;
      case 'say':
        return this.#say(command.text, number);
      case 'msg':
        return this.#whisper(command.to, command.text, number);
      case 'r':
        return this.#whisper(undefined, command.text, number);
      case 'quit':
        return this.leave();
      case 'invite':
        return this.#invite(true);
      case 'talk':
        return this.#refuse(`line ${number} was not said: ${commandFault({ kind: 'misused', name: 'msg' })}`);
      case 'bell':
      case 'quiet':
      case 'theme':
      case 'clear':
        return this.#refuse(`line ${number} was not said: /${command.kind} is for a terminal`);
      case 'unknown':
      case 'spaced':
      case 'misused':
        return this.#refuse(`line ${number} was not said: ${commandFault(command)}`);
      default:
        return this.#reply(replyTo(this.#peer, command, { said: this.#said, now: this.#clock() }), number);
    }
  }

  #say(text: string, number: number): void {
    try {
      this.#said = this.#peer.send(text);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      // Of a long line only the beginning was kept, so its size is not known.
      const long = `it has more than ${limits.lineBytesMax} bytes: send it in parts`;
      this.#refuse(`line ${number} was not said: ${error.code === 'line-long' ? long : error.message}`);
    }
  }

  #reply(reply: Reply | Promise<Reply>, number: number): Promise<void> | void {
    if (reply instanceof Promise) return reply.then((made) => this.#reply(made, number));
    switch (reply.kind) {
      case 'lines':
        return this.#answer(reply.lines);
      case 'found':
        return this.#answer(foundLines(reply.found));
      case 'done':
        return this.#answer(reply.text === '' ? [] : [reply.text]);
      case 'fault':
        return this.#refuse(`line ${number}${reply.undone ? ' was not done' : ''}: ${reply.message}`);
    }
  }

  #whisper(to: string | undefined, text: string, number: number): void {
    const fault = this.#letters.tell(to, text);
    if (fault !== undefined) this.#refuse(`line ${number} was not sent: ${fault.message}`);
  }

  #refuse(why: string): void {
    this.#refused++;
    this.#complain(why);
  }

  /** Not into the output: whoever keeps what is said in the room need not have its key. */
  #invite(key: boolean): void {
    for (const line of invitation(this.#peer, key)) this.#complain(line);
  }

  #answer(answer: readonly string[]): void {
    for (const line of answer) this.#outlet.write(`* ${line}`);
  }
}
