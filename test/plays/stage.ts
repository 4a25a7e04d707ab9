/**
 * The stage: real processes of the command line on 127.0.0.1, and what their screens show.
 *
 * Nothing here sleeps or polls. A wait is settled by the output that it waits for, or by the end of the process, which
 * fails it. The only clock is the timeout of the test; then, as after every failure, all screens are printed.
 * Whoever is still on the stage when a test ends is killed, by the handle that started it.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, vi } from 'vitest';
import { diallerAt } from './dialler.ts';

/** Where the program was built to. */
export const dist = process.env['GROUPCHAT_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url));

/** Longer than any play takes on a busy machine, and the only limit there is. */
vi.setConfig({ testTimeout: 30_000 });

export const at = (port: number): string => `127.0.0.1:${port}`;

/** What a process ended with: its exit code, or the signal that killed it. */
export type End = number | NodeJS.Signals;

const onStage = new Set<Actor>();

let folder: string | undefined;

/** Where those who are on stage keep their rooms. The next test has another. */
function dataDir(): string {
  return (folder ??= mkdtempSync(join(tmpdir(), 'groupchat-')));
}

/** What an actor has kept on disk, as text. */
export async function kept(name: string): Promise<string> {
  const files = await readdir(join(dataDir(), name), { recursive: true }).catch(() => []);
  const logs = files.filter((file) => file.endsWith('.log'));
  const texts = await Promise.all(logs.map((file) => readFile(join(dataDir(), name, file), 'utf8').catch(() => '')));
  return texts.join('');
}

function sweep(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
}

/** A process, its screen (stdout) and its complaints (stderr), line by line. */
export class Actor {
  readonly name: string;
  readonly screen: string[] = [];
  readonly complaints: string[] = [];
  readonly ended: Promise<End>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waits = new Set<() => void>();
  #end: End | undefined;

  /** Starts a program (`node`) with the arguments. `stage`: variables; by default it finds nobody on the network. */
  constructor(
    name: string,
    args: readonly string[],
    stage: NodeJS.ProcessEnv = { GROUPCHAT_NO_DISCOVERY: '1' },
    program: string = process.execPath,
  ) {
    this.name = name;
    // What the person who runs the tests has set for a groupchat of their own is none of ours.
    const given = Object.entries(process.env).filter(([key]) => !key.startsWith('GROUPCHAT_'));
    const env = { ...Object.fromEntries(given), GROUPCHAT_DATA_DIR: dataDir(), GROUPCHAT_NO_CONFIG: '1', ...stage };
    const child = spawn(program, args, { env });
    this.#child = child;
    onStage.add(this);
    child.stdin.on('error', () => {}); // whoever is dead does not read
    this.#gather(child.stdout, this.screen);
    this.#gather(child.stderr, this.complaints);
    this.ended = new Promise((resolve) => {
      // 'close', not 'exit': all that it wrote has been read.
      child.once('close', (code, signal) => {
        this.#end = code ?? (signal as NodeJS.Signals);
        resolve(this.#end);
        this.#look();
      });
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  get over(): boolean {
    return this.#end !== undefined;
  }

  /** Types whole lines. */
  type(...lines: readonly string[]): void {
    this.#child.stdin.write(lines.map((line) => `${line}\n`).join(''));
  }

  /** Ends the input: to the program, a goodbye. */
  finish(): void {
    this.#child.stdin.end();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when `seen` finds what it looks for. It is asked again whenever a line has come. */
  until<Found>(what: string, seen: () => Found): Promise<NonNullable<Found>> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = seen();
        const done = found !== undefined && found !== null && found !== false;
        if (!done && this.#end === undefined) return;
        this.#waits.delete(look);
        if (done) resolve(found);
        else reject(new Error(`${this.name} ended (${this.#end}) before it had ${what}:\n${this.describe()}`));
      };
      this.#waits.add(look);
      look();
    });
  }

  /** Resolves with the first line of the screen that matches. */
  shows(pattern: RegExp): Promise<string> {
    return this.until(`shown ${pattern}`, () => this.screen.find((line) => pattern.test(line)));
  }

  /** Resolves with the first complaint that matches. */
  complains(pattern: RegExp): Promise<string> {
    return this.until(`complained ${pattern}`, () => this.complaints.find((line) => pattern.test(line)));
  }

  describe(): string {
    const state = this.#end === undefined ? 'on stage' : `ended with ${this.#end}`;
    return [`--- ${this.name}, ${state}`, ...this.screen, ...this.complaints.map((line) => `! ${line}`)].join('\n');
  }

  #gather(stream: NodeJS.ReadableStream, into: string[]): void {
    let rest = '';
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() as string;
      into.push(...lines);
      this.#look();
    });
    stream.on('end', () => {
      if (rest !== '') into.push(rest);
    });
  }

  #look(): void {
    for (const look of this.#waits) look();
  }
}

/** The name of the actor whose own end of a connection has this port, where the system tells. */
export function actorAt(port: number): string | undefined {
  const names = new Map(Array.from(onStage, ({ pid, name }) => [pid, name]));
  return names.get(diallerAt(port, names.keys()) ?? 0);
}

/** A process of the command line that listens at the port. */
export function chat(name: string, port: number, ...more: readonly string[]): Actor {
  return new Actor(name, [`${dist}/cli.js`, '--name', name, '--listen', at(port), ...more]);
}

/**
 * The next port that is tried. Ports that the system gives (port 0) would be given again as soon as they are free, to
 * the other end of any connection; those below 32768 are given by nobody. Test files that run side by side begin apart.
 */
let next = 10_000 + Math.floor(Math.random() * 20_000);

/** Ports of 127.0.0.1 that nobody listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = next++;
    if (await isFree(port)) ports.push(port);
  }
  return ports;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
  } catch {
    return false;
  }
  await once(server.close(), 'close');
  return true;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port as number;
}

function killAll(): void {
  for (const actor of onStage) if (!actor.over) actor.signal('SIGKILL');
}

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') {
    process.stderr.write(`\n${task.name}\n${Array.from(onStage, (actor) => actor.describe()).join('\n')}\n`);
  }
  killAll();
  await Promise.all(Array.from(onStage, (actor) => actor.ended));
  onStage.clear();
  sweep();
});

// A run that is cut short leaves nobody behind.
process.once('exit', () => {
  killAll();
  sweep();
});
