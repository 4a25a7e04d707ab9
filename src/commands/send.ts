/**
 * `groupchat send`: says something in the room, or to one person, and ends when it has arrived.
 *
 * Its exit code is the point of it, so nothing is kept for later: what has not arrived when the time is over is not sent
 * by another run, and a script that tries again knows what it does. It comes as a guest, and leaves private messages that
 * wait for the same person to a process that shows them.
 */
import { setTimeout as after } from 'node:timers/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { lineFault } from '../core/line.ts';
import type { Event } from '../core/step.ts';
import { exits } from '../exits.ts';
import { lines } from '../face/lines.ts';
import { clean } from '../face/screen.ts';
import { count, list } from '../face/text.ts';
import type { Peer } from '../peer.ts';
import type { Stage, Task } from '../task.ts';
import { onSignal } from './signals.ts';

interface SendOptions {
  readonly to?: string;
  readonly wait: 'sequenced' | 'all';
  /** Seconds. */
  readonly timeout: number;
}

/** So long a goodbye is said when the time is over, ms. */
const goodbyeMs = 500;
/** Reading pauses when so many lines wait to be received, and goes on when fewer do. */
const waitingMax = 500;
/** ... or so many private messages: under what may wait for one person. */
const untoldMax = 100;
const secondsMax = 86_400;

/** What may mean that something has arrived, or that it never will. */
const news = [
  'acknowledged',
  'receipt',
  'private-heard',
  'healed',
  'missed',
  'left',
  'joined',
  'refused',
  'gone',
] as const satisfies Event['kind'][];

export function addSend(command: Command, run: (task: Task) => void): void {
  command
    .command('send')
    .usage('[--to NAME] [--wait sequenced|all] [--timeout SECONDS] [TEXT...]')
    .description(
      'Says a text, or each line of the input (-), and ends when it has arrived: 0 it has, 3 it has not in time, 4 nobody is called so, 5 no room was reached.',
    )
    .argument('[text...]')
    .option('--to <name>', 'to one person, and nobody else')
    .addOption(
      new Option('--wait <whom>', 'until the room has it (sequenced), or everybody who is there (all)')
        .choices(['sequenced', 'all'])
        .default('sequenced'),
    )
    .option('--timeout <seconds>', 'so long for everything', secondsParser, 10)
    .action((text: string[], options: SendOptions) => run(send(text, options)));
}

function secondsParser(text: string): number {
  const seconds = Number(text);
  if (/^\d+(\.\d+)?$/u.test(text) && seconds > 0 && seconds <= secondsMax) return seconds;
  throw new InvalidArgumentError(`it takes a number of seconds above 0, at most ${secondsMax}`);
}

function send(words: readonly string[], options: SendOptions): Task {
  return async (stage) => {
    const { input, complain, report } = stage;
    const text = words.length === 0 || words.join() === '-' ? undefined : words.join(' ');
    if (words.length === 0 && input.isTTY) {
      complain('what is to be said? groupchat send "hello", or - to type it');
      return exits.usage;
    }
    const fault = text === undefined ? undefined : lineFault(text);
    if (fault !== undefined) return report(fault);
    const peer = await stage.peer({ guest: true, deaf: true, keepHistory: false });
    if (typeof peer === 'number') return peer;
    return new Sending(peer, stage, options).run(text);
  };
}

/** What the room says to type there of somebody whom nobody knows is typed in another way here. */
function forShell(error: unknown, to = ''): unknown {
  if (!(error instanceof ChatError) || error.code !== 'unknown-name') return error;
  return new ChatError(error.code, `nobody here is known as ${to}: groupchat who says who is here`);
}

class Sending {
  readonly #peer: Peer;
  readonly #stage: Stage;
  readonly #options: SendOptions;
  /** The number of the line that was said last. */
  #said: number | undefined;
  /** Lines of the input that could not be said. */
  #faulty = 0;
  /** All that is to be said has been. */
  #isSaid = false;
  #isOver = false;
  /** It was ended from outside, before its time. */
  #isInterrupted = false;
  /** Whom a private message is for, and is not here. */
  #away = false;
  #refused: ChatError | undefined;
  #wake: () => void = () => {};
  readonly #over: Promise<'over'>;

  constructor(peer: Peer, stage: Stage, options: SendOptions) {
    this.#peer = peer;
    this.#stage = stage;
    this.#options = options;
    this.#over = new Promise((resolve) => {
      const end = (): void => {
        this.#isOver = true;
        this.#wake();
        resolve('over');
      };
      setTimeout(end, options.timeout * 1000);
      onSignal(() => {
        this.#isInterrupted = true;
        end();
      });
    });
    for (const kind of news) peer.on(kind, () => this.#wake());
    // Before that, it may be refused one name and be given another; of anything else `start` tells.
    peer.once('entered', () => peer.on('refused', (event) => (this.#refused = ChatError.of(event))));
    peer.on('gone', () => (this.#isOver = true));
  }

  /** @param text undefined for the lines of the input */
  async run(text: string | undefined): Promise<number> {
    const { complain, report } = this.#stage;
    const peer = this.#peer;
    const { name } = peer;
    try {
      if ((await Promise.race([peer.start(), this.#over])) === 'over') {
        complain(`no room was reached ${this.#inTime}`);
        return exits.unreachable;
      }
      if (peer.name !== name) complain(`the name ${name} is taken in this room: this is said as ${peer.name}`);
      if (text === undefined) await Promise.race([this.#read(), this.#over]);
      else this.#say(text);
      this.#isSaid ||= text !== undefined;
      await this.#until(() => this.#has);
      await this.#leave();
      return this.#end();
    } catch (error) {
      const code = report(forShell(error, this.#options.to), peer.name);
      await this.#leave();
      return code;
    }
  }

  /** Says goodbye; but nobody is waited for who does not hear it. */
  async #leave(): Promise<void> {
    const leaving = this.#peer.leave();
    await (this.#has ? leaving : Promise.race([leaving, after(goodbyeMs)]));
  }

  #end(): number {
    const { complain, report } = this.#stage;
    if (this.#refused !== undefined) return report(this.#refused, this.#peer.name);
    if (this.#has) return this.#faulty > 0 ? exits.failed : exits.clean;
    complain(this.#lacking);
    return exits.unreceived;
  }

  async #read(): Promise<void> {
    const { input, complain } = this.#stage;
    let number = 0;
    for await (const line of lines(input, limits.typedBytesMax, () => undefined)) {
      number++;
      if (this.#isOver) return;
      if (line === '') continue;
      const fault = line === undefined ? 'it is not UTF-8' : lineFault(line)?.message;
      if (fault === undefined) this.#say(line as string);
      else {
        this.#faulty++;
        complain(`line ${number} was left out: ${fault}`);
      }
      await this.#until(() => this.#peer.pending < waitingMax && this.#peer.untold < untoldMax);
    }
    this.#isSaid = true;
  }

  /** @throws ChatError when nobody, or not one person, is called as the receiver, or it cannot be said */
  #say(text: string): void {
    const { to } = this.#options;
    if (to === undefined) this.#said = this.#peer.send(text);
    else this.#away = this.#peer.tell(to, text).away;
  }

  get #waiting(): number {
    return this.#peer.pending + this.#peer.untold;
  }

  /** Whether it has arrived. */
  get #has(): boolean {
    const { wait } = this.#options;
    const { receipt } = this.#peer;
    if (!this.#isSaid || this.#waiting > 0) return false;
    if (wait === 'sequenced' || this.#said === undefined) return true;
    // Who is here this peer knows itself, and need not be told by whoever coordinates.
    const others = this.#peer.members.length - 1;
    return receipt !== undefined && receipt.n === this.#said && receipt.have >= Math.max(receipt.of, others);
  }

  get #inTime(): string {
    return this.#isInterrupted ? 'before this was ended' : `in ${count(this.#options.timeout, 'second')}`;
  }

  get #lacking(): string {
    const { pending, untold, receipt } = this.#peer;
    const { to } = this.#options;
    if (to !== undefined) {
      const why = this.#away ? `: ${clean(to)} is not here` : '';
      return `${count(untold, 'private message')} ${untold === 1 ? 'was' : 'were'} not received ${this.#inTime}${why}`;
    }
    if (!this.#isSaid && pending === 0) return `the input did not come to its end ${this.#inTime}`;
    if (pending > 0) return `the room has not received ${count(pending, 'line')} ${this.#inTime}`;
    const names = list(
      (receipt?.lacking ?? []).map(({ name }) => clean(name)),
      receipt === undefined ? 0 : receipt.of - receipt.have,
    );
    return `the room has it, but not everybody ${this.#inTime}${names === '' ? '' : `: ${names} lacks it`}`;
  }

  /** Resolves when that is so, or the time is over, or the room has closed its door. */
  async #until(isSo: () => boolean): Promise<void> {
    while (!isSo() && !this.#isOver && this.#refused === undefined) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
