/** Latency: how long a line takes at a steady pace, from saying it to each of its arrivals. */
import { Crowd } from './crowd.ts';
import { paced } from './load.ts';
import type { Plan } from './plan.ts';
import { digits, table, type Progress } from './report.ts';
import { rowsOf } from './rows.ts';
import type { Server } from './server.ts';
import type { System } from './servers/system.ts';
import { summarize } from './stats.ts';

/** Said at the same pace before, and not counted, s. */
const warmupSeconds = 1;

async function cells(server: Server, { receivers, linesPerSecond, seconds }: Plan['latency']): Promise<string[]> {
  const crowd = await Crowd.gather(server, receivers);
  try {
    await paced(crowd, linesPerSecond, warmupSeconds);
    const took = await paced(crowd, linesPerSecond, seconds);
    const { median, p99, max } = summarize(took);
    return [digits(median), digits(p99), digits(max), digits(took.length)];
  } finally {
    crowd.close();
  }
}

export async function measureLatency(
  systems: readonly System[],
  plan: Plan['latency'],
  progress: Progress,
): Promise<string> {
  const rows = await rowsOf(systems, progress, (server) => cells(server, plan));
  return [
    '## Latency',
    `${plan.linesPerSecond} lines/s from one sender to ${plan.receivers} receivers for ${plan.seconds} s; texts of 100 ` +
      'bytes. From the call that says a line to its arrival at each receiver, by the one clock of the generator.',
    table(['system', 'p50, ms', 'p99, ms', 'max, ms', 'deliveries'], rows),
  ].join('\n\n');
}
