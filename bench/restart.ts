/** Starting again with much that is kept: until there is something to see, until it is in the room, and its memory. */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { end, ended, start } from './child.ts';
import { textBytes } from './codecs/codec.ts';
import { temporaryFolder } from './folder.ts';
import type { Plan } from './plan.ts';
import { freePort } from './port.ts';
import { residentMiB } from './process.ts';
import { digits, table, type Progress } from './report.ts';
import { program } from './servers/groupchat.ts';
import { summarize } from './stats.ts';
import { within } from './time.ts';

/** How long a start, or the making of the folder, may take, ms. */
const patienceMs = 60_000;
/** What is wanted with all that is kept. */
const targets = { enteredMs: 1000, memoryMiB: 150 };

interface Start {
  /** From the spawn until the first byte of output. */
  readonly firstMs: number;
  /** From the spawn until it says that it is in the room. */
  readonly enteredMs: number;
  /** Then. */
  readonly memoryMiB: number;
}

async function command(folder: string): Promise<readonly [string, ...string[]]> {
  const address = `127.0.0.1:${await freePort()}`;
  return [process.execPath, program, '--name', 'keeper', '--listen', address, '--data-dir', folder];
}

/** A folder where so many lines are kept, by a peer that has said them to itself. */
async function keep(lines: number): Promise<string> {
  const folder = temporaryFolder();
  const child = start(await command(folder), ['pipe', 'ignore', 'ignore']);
  for (let line = 0; line < lines; line++) {
    if (child.stdin?.write(`${String(line).padEnd(textBytes, 'x')}\n`) === false) await once(child.stdin, 'drain');
  }
  child.stdin?.end();
  await within(patienceMs, () => `to say ${lines} lines`, once(child, 'exit'));
  if (child.exitCode !== 0) throw new Error(`the peer that said ${lines} lines ended with ${child.exitCode}`);
  return folder;
}

async function run(folder: string): Promise<Start> {
  const arguments_ = await command(folder);
  const began = performance.now();
  const child = start(arguments_, ['pipe', 'pipe', 'ignore']);
  const entered = async (): Promise<Start> => {
    let firstMs = Number.NaN;
    let output = '';
    for await (const chunk of child.stdout ?? []) {
      if (output === '') firstMs = performance.now() - began;
      output += String(chunk);
      if (!/^\* you (?:started the room|are the first to be back)/mu.test(output)) continue;
      return { firstMs, enteredMs: performance.now() - began, memoryMiB: residentMiB(child.pid as number) };
    }
    throw new Error(`it ended with ${child.exitCode}: ${output}`);
  };
  try {
    return await within(patienceMs, () => 'to start', entered());
  } finally {
    await end(child, 'SIGTERM');
    await ended(child);
  }
}

export async function measureRestart({ kept, runs }: Plan['scale'], progress: Progress): Promise<string> {
  const full = await keep(kept);
  const starts = { full: [] as Start[], empty: [] as Start[] };
  while (starts.full.length < runs) {
    starts.full.push(await run(full));
    starts.empty.push(await run(temporaryFolder()));
    const one = starts.full.at(-1) as Start;
    progress(`start  ${digits(one.firstMs)} ms, ${digits(one.enteredMs)} ms, ${digits(one.memoryMiB)} MiB`);
  }
  const row = (name: string, samples: readonly Start[]): string[] => {
    const cell = (key: keyof Start): string => {
      const { median, max } = summarize(samples.map((one) => one[key]));
      return `${digits(median)} (${digits(max)})`;
    };
    return [name, String(samples.length), cell('firstMs'), cell('enteredMs'), cell('memoryMiB')];
  };
  const limit = (key: keyof typeof targets): string => {
    const { max } = summarize(starts.full.map((one) => one[key]));
    return `${targets[key]}: ${max <= targets[key] ? 'kept' : '**missed**'}`;
  };
  return [
    `A peer is started again with ${digits(kept)} kept lines of ${textBytes} bytes, beside one with an empty folder, in ` +
      'turn. From the start of the process; the median, and the most. Memory: VmRSS when it is in the room.',
    table(
      ['kept', 'runs', 'first output, ms', '`you started the room`, ms', 'memory, MiB'],
      [
        row(`${digits(kept)} lines`, starts.full),
        row('nothing', starts.empty),
        [`target, ${digits(kept)} lines`, '', '', limit('enteredMs'), limit('memoryMiB')],
      ],
    ),
  ].join('\n\n');
}
