/** Starting: from the start of the process to its prompt, beside what Node itself takes to start. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import pty from '@lydell/node-pty';
import { temporaryFolder } from './folder.ts';
import type { Plan } from './plan.ts';
import { freePort } from './port.ts';
import { digits, table, type Progress } from './report.ts';
import { program } from './servers/groupchat.ts';
import { summarize } from './stats.ts';
import { within } from './time.ts';

const patienceMs = 30_000;
/** What is wanted, ms: to the prompt; and of `--version`, above bare Node. */
const [promptMsMax, versionMsMax] = [300, 80];

/** @returns how long a process takes from its start to its end, ms */
async function toEnd(args: readonly string[]): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  await within(patienceMs, () => `for the end of ${args.join(' ')}`, once(child, 'exit'));
  return performance.now() - began;
}

/** @returns how long it takes until one can type, ms: nobody else is on the network, and no room is kept */
async function toPrompt(discovery: boolean): Promise<number> {
  const lan = { GROUPCHAT_INTERFACE: '127.0.0.1', GROUPCHAT_DISCOVERY_PORT: String(await freePort()) };
  const args = [program, '--name', 'ann', '--listen', '127.0.0.1:0', '--data-dir', temporaryFolder()];
  const began = performance.now();
  const screen = pty.spawn(process.execPath, args, {
    cols: 80,
    rows: 24,
    env: { ...process.env, TERM: 'xterm-256color', GROUPCHAT_NO_DISCOVERY: discovery ? '' : '1', ...lan },
  });
  try {
    let shown = '';
    const prompt = new Promise<number>((resolve) => {
      screen.onData((data) => {
        shown += data;
        if (shown.includes('›')) resolve(performance.now());
      });
    });
    return (await within(patienceMs, () => 'for a prompt', prompt)) - began;
  } finally {
    screen.kill('SIGKILL');
  }
}

export async function measureStart({ runs }: Plan['start'], progress: Progress): Promise<string> {
  const took = { bare: [] as number[], version: [] as number[], alone: [] as number[], found: [] as number[] };
  for (let run = 1; run <= runs; run++) {
    progress(`start, run ${run} of ${runs}`);
    took.bare.push(await toEnd(['-e', '0']));
    took.version.push(await toEnd([program, '--version']));
    took.alone.push(await toPrompt(false));
    took.found.push(await toPrompt(true));
  }
  const node = summarize(took.bare).median;
  const row = (name: string, samples: readonly number[], budgetMs = Infinity): string[] => {
    const { median, p99, max } = summarize(samples);
    const verdict = median <= budgetMs ? 'kept' : '**missed**';
    const budget = budgetMs === Infinity ? 'none' : `median ${digits(budgetMs)}: ${verdict}`;
    return [name, ...[median, p99, max, median / node].map(digits), budget];
  };
  return [
    '## Start',
    `${runs} starts of each, in turn. From the start of the process until it has ended, or until its prompt is on the ` +
      'terminal and one can type; nobody else is on the network, and no room is kept.',
    table(
      ['what starts', 'p50, ms', 'p99, ms', 'max, ms', 'of bare Node', 'budget, ms'],
      [
        row('bare Node, which does nothing', took.bare),
        row('`groupchat --version`', took.version, node + versionMsMax),
        row('`groupchat --no-discovery`, to its prompt', took.alone, promptMsMax),
        row('`groupchat`, to its prompt', took.found, promptMsMax),
      ],
    ),
  ].join('\n\n');
}
