/** `app | groupchat` to `groupchat tail --json | consumer`: whether each line is there, once and in order, and how late. */
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { textBytes } from './codecs/codec.ts';
import { end, hasEnded, start } from './child.ts';
import { flawCell } from './budget.ts';
import { temporaryFolder } from './folder.ts';
import type { Plan } from './plan.ts';
import { freePort, opened } from './port.ts';
import { processorMs, residentMiB } from './process.ts';
import { digits, table, type Progress } from './report.ts';
import { failed } from './rows.ts';
import { program } from './servers/groupchat.ts';
import { summarize } from './stats.ts';
import { sleep, within } from './time.ts';

/** How long the last lines may take to come, or the room to be entered, ms: a busy machine is slow, but loses nothing. */
const lastMs = 60_000;

/** What is read of `tail --json`, as a consumer would: each line parsed. */
class Consumer {
  /** How late each line was read, ms. */
  readonly late: number[] = [];
  /** Lines that are not the next one: lost, doubled or out of order. */
  flaws = 0;
  readAt = 0;
  readonly entered: Promise<void>;
  #next = 0;
  #wanted = Infinity;
  #done: () => void = () => {};

  constructor(child: ChildProcess) {
    this.entered = new Promise((resolve) => {
      createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const { kind, text = '' } = JSON.parse(line) as { kind: string; text?: string };
        if (kind === 'room') resolve();
        else if (kind === 'line') this.#take(text);
      });
    });
  }

  /** Resolves when the last of so many lines has come. */
  has(lines: number): Promise<void> {
    this.#wanted = lines;
    return new Promise((resolve) => {
      this.#done = resolve;
      this.#look();
    });
  }

  #take(text: string): void {
    const [index, at] = text.split(' ').map(Number) as [number, number];
    this.readAt = performance.now();
    this.late.push(this.readAt - at);
    if (index !== this.#next) this.flaws++;
    this.#next = index + 1;
    this.#look();
  }

  #look(): void {
    if (this.#next >= this.#wanted) this.#done();
  }
}

/** Says lines at a pace, whatever comes back. @returns when the first was said */
async function pace(app: ChildProcess, { linesPerSecond, seconds }: Plan['tail']): Promise<number> {
  const lines = linesPerSecond * seconds;
  const began = performance.now();
  for (let said = 0; said < lines;) {
    const now = performance.now();
    const due = Math.min(lines, Math.floor(((now - began) / 1000) * linesPerSecond) + 1);
    let text = '';
    for (; said < due; said++) text += `${`${said} ${now.toFixed(3)} `.padEnd(textBytes, 'x')}\n`;
    app.stdin?.write(text);
    await sleep(1);
  }
  return began;
}

async function run(plan: Plan['tail']): Promise<string[]> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const command = (...args: readonly string[]) =>
    [process.execPath, program, ...args, '--data-dir', temporaryFolder()] as const;
  const app = start(command('--name', 'app', '--listen', address), ['pipe', 'ignore', 'ignore']);
  const tails: ChildProcess[] = [];
  try {
    if (!(await opened(port, () => hasEnded(app)))) throw new Error('groupchat does not listen');
    const tail = start(command('tail', '--json', '--name', 'log', '--join', address), ['ignore', 'pipe', 'ignore']);
    tails.push(tail);
    const consumer = new Consumer(tail);
    await within(lastMs, () => 'to enter the room', consumer.entered);
    const pids = [app, tail].map(({ pid = 0 }) => pid);
    const before = pids.map(processorMs);
    const lines = plan.linesPerSecond * plan.seconds;
    const began = await pace(app, plan);
    const had = (): string => `to read the last of ${lines} lines, with ${consumer.late.length} read`;
    await within(lastMs, had, consumer.has(lines));
    const { median, p99, max } = summarize(consumer.late);
    return [
      digits((lines * 1000) / (consumer.readAt - began)),
      flawCell(consumer.flaws + Math.abs(lines - consumer.late.length)),
      digits(median),
      digits(p99),
      digits(max),
      ...pids.map((pid, index) => digits(((processorMs(pid) - (before[index] ?? 0)) * 1000) / lines)),
      digits(residentMiB(pids[1] ?? 0)),
    ];
  } finally {
    await Promise.all([...tails, app].map((child) => end(child, 'SIGTERM')));
  }
}

export async function measureTail(plan: Plan['tail'], progress: Progress): Promise<string> {
  const title = '## Tail';
  if (!existsSync(program)) return `${title}\n\ngroupchat is not built: no ${program}`;
  const { linesPerSecond, seconds } = plan;
  const cells = await run(plan).catch((error: unknown) => [failed(error)]);
  progress(cells.join('  '));
  return [
    title,
    `\`app | groupchat\`, which coordinates, and \`groupchat tail --json | consumer\`: ${digits(linesPerSecond)} lines/s ` +
      `for ${seconds} s, texts of ${textBytes} bytes. Late: from writing a line to the app's pipe to having parsed it, by ` +
      'the one clock of the generator, which is the consumer too. Beside it the processor time of a line, all threads, and ' +
      'the memory of tail.',
    table(
      [
        '',
        'lines/s read',
        'lost, doubled, out of order',
        'late p50, ms',
        'p99',
        'max',
        'app, us',
        'tail, us',
        'memory, MiB',
      ],
      [[`${digits(linesPerSecond)} lines/s`, ...cells]],
    ),
  ].join('\n\n');
}
