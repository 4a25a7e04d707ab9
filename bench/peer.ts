/** A peer as a person would run it without a terminal: it says what it reads, and prints what the room says. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { end, ended, start } from './child.ts';
import { temporaryFolder } from './folder.ts';
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
  readonly #waiters = new Map<string, ((at: number) => void)[]>();
  readonly #log: { readonly at: number; readonly line: string }[] = [];
  readonly #child: ChildProcess;
  /** It has ended, and all that it printed has been read. */
  readonly #closed: Promise<unknown>;
  #coordinates = false;
  #rest = '';

  /** Starts the program: it listens at the address, and takes the rest of the arguments; some are for Node. `env`: variables. */
  constructor(
    name: string,
    address: string,
    more: readonly string[],
    node: readonly string[] = [],
    env: NodeJS.ProcessEnv = {},
  ) {
    this.name = name;
    this.address = address;
    const command = [process.execPath, ...node, program, '--no-config', '--name', name, '--listen', address] as const;
    this.#child = start([...command, ...more], ['pipe', 'pipe', 'ignore'], env);
    this.#closed = once(this.#child, 'close');
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.#print(chunk));
  }

  /** Starts a peer that founds a room, or joins through the address. */
  static async start(join: string | undefined): Promise<Peer> {
    const name = `p${++peers}`;
    // Not where the person who measures keeps rooms.
    const own = ['--data-dir', temporaryFolder()];
    const address = `127.0.0.1:${await freePort()}`;
    return new Peer(name, address, join === undefined ? own : [...own, '--join', join]);
  }

  get pid(): number {
    return this.#child.pid as number;
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
    if (at !== undefined) return Promise.resolve(at);
    return new Promise((resolve) => {
      const waiters = this.#waiters.get(text);
      if (waiters === undefined) this.#waiters.set(text, [resolve]);
      else waiters.push(resolve);
    });
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

  /** Ends it. Then all is read that it ever printed. */
  async kill(): Promise<void> {
    await end(this.#child, 'SIGKILL');
    await this.#closed;
  }

  /** Everything that it printed, each line after its time from the given one on, ms: to find out what went wrong. */
  story(since: number): string {
    const lines = this.#log.map(({ at, line }) => `${(at - since).toFixed(0).padStart(7)}  ${line}`);
    return [`--- ${this.name}`, ...lines].join('\n');
  }

  #print(chunk: string): void {
    const at = performance.now();
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.#log.push({ at, line });
      const text = line.replace(author, '');
      if (text === line) this.#hearOfCoordinator(line);
      else this.#take(text, at);
    }
  }

  #hearOfCoordinator(line: string): void {
    if (/you coordinate|you started the room|you are the first to be back/.test(line)) this.#coordinates = true;
    else if (line.includes(' coordinates')) this.#coordinates = false;
  }

  #take(text: string, at: number): void {
    this.#screen.push(text);
    if (this.#printed.has(text)) return;
    this.#printed.set(text, at);
    for (const waiter of this.#waiters.get(text) ?? []) waiter(at);
    this.#waiters.delete(text);
  }
}
