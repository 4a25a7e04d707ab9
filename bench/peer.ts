/** A peer as a person would run it without a terminal: it says what it reads, and prints what the room says. */
import type { ChildProcess } from 'node:child_process';
import { performance } from 'node:perf_hooks';
import { end, ended, start } from './child.ts';
import { freePort } from './port.ts';
import { program } from './servers/groupchat.ts';

let peers = 0;

/** What stands before the text of a line: its author, and perhaps a mark. What happens in the room starts with `* `. */
const author = /^(?!\* )[^:]*: /;

export class Peer {
  readonly name: string;
  readonly address: string;
  /** The texts of the lines printed since `take`, in order. */
  #screen: string[] = [];
  /** When each text was printed first, by `performance.now()`. */
  readonly #printed = new Map<string, number>();
  readonly #waiters = new Map<string, (at: number) => void>();
  readonly #child: ChildProcess;
  #coordinates = false;
  #rest = '';

  private constructor(name: string, address: string, child: ChildProcess) {
    this.name = name;
    this.address = address;
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#print(chunk));
  }

  /** Starts a peer that founds a room, or joins through the address. */
  static async start(join: string | undefined): Promise<Peer> {
    const name = `p${++peers}`;
    const address = `127.0.0.1:${await freePort()}`;
    const command = [process.execPath, program, '--name', name, '--listen', address] as const;
    const child = start([...command, ...(join === undefined ? [] : ['--join', join])], ['pipe', 'pipe', 'ignore']);
    return new Peer(name, address, child);
  }

  /** Whether it coordinates, by what it printed last of that. */
  get coordinates(): boolean {
    return this.#coordinates;
  }

  /** Said as soon as it is in the room. */
  say(text: string): void {
    this.#child.stdin?.write(`${text}\n`);
  }

  /** Resolves with when the text was printed first, by `performance.now()`. */
  prints(text: string): Promise<number> {
    const at = this.#printed.get(text);
    return at === undefined ? new Promise((resolve) => this.#waiters.set(text, resolve)) : Promise.resolve(at);
  }

  /** The texts that it has printed since this was last called, in order. */
  take(): readonly string[] {
    const screen = this.#screen;
    this.#screen = [];
    return screen;
  }

  /** Whether it has ever printed the text. */
  hasPrinted(text: string): boolean {
    return this.#printed.has(text);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  ended(): Promise<void> {
    return ended(this.#child);
  }

  kill(): Promise<void> {
    return end(this.#child, 'SIGKILL');
  }

  #print(chunk: string): void {
    const at = performance.now();
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const text = line.replace(author, '');
      if (text === line) this.#hearOfCoordinator(line);
      else this.#take(text, at);
    }
  }

  #hearOfCoordinator(line: string): void {
    if (/you coordinate|you started the room/.test(line)) this.#coordinates = true;
    else if (line.includes(' coordinates')) this.#coordinates = false;
  }

  #take(text: string, at: number): void {
    this.#screen.push(text);
    if (this.#printed.has(text)) return;
    this.#printed.set(text, at);
    this.#waiters.get(text)?.(at);
    this.#waiters.delete(text);
  }
}
