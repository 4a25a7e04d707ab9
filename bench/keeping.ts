/** What keeping a room on disk costs its coordinator, at full speed. */
import { Crowd } from './crowd.ts';
import { flatOut } from './load.ts';
import type { Plan } from './plan.ts';
import { digits, table, type Progress } from './report.ts';
import { Server } from './server.ts';
import { groupchat } from './servers/groupchat.ts';
import type { System } from './servers/system.ts';
import { summarize } from './stats.ts';

/** Said before, and not counted, ms. */
const warmupMs = 300;

interface Run {
  readonly perSecond: number;
  /** The processor time of the coordinator for one line, us. */
  readonly lineUs: number;
  readonly memoryMiB: number;
}

const forgetful: System = {
  ...groupchat,
  name: 'not kept (`--no-history`)',
  command(port, folder) {
    const command = groupchat.command(port, folder);
    return command && [...command, '--no-history'];
  },
};
const keeping: System = { ...groupchat, name: 'kept on disk' };

async function run(system: System, ms: number): Promise<Run> {
  const server = await Server.start(system);
  if (server === undefined) throw new Error('groupchat is not built');
  try {
    const crowd = await Crowd.gather(server, 1);
    try {
      await flatOut(crowd, warmupMs);
      const before = server.processorMs;
      const { lines, tookMs } = await flatOut(crowd, ms);
      const lineUs = ((server.processorMs - before) * 1000) / lines;
      return { perSecond: (lines * 1000) / tookMs, lineUs, memoryMiB: server.residentMiB };
    } finally {
      crowd.close();
    }
  } finally {
    await server.stop();
  }
}

export async function measureKeeping({ runs, ms }: Plan['scale'], progress: Progress): Promise<string> {
  const results = new Map<System, Run[]>([
    [forgetful, []],
    [keeping, []],
  ]);
  for (let round = 0; round < runs; round++) {
    for (const [system, all] of results) {
      const one = await run(system, ms);
      all.push(one);
      progress(`${system.name}  ${digits(one.perSecond)} lines/s  ${digits(one.lineUs)} us`);
    }
  }
  const median = (system: System, key: keyof Run): number =>
    summarize((results.get(system) ?? []).map((one) => one[key])).median;
  const row = (system: System): string[] => [
    system.name,
    ...(['perSecond', 'lineUs', 'memoryMiB'] as const).map((key) => digits(median(system, key))),
    digits(median(system, 'perSecond') / median(forgetful, 'perSecond')),
  ];
  return [
    `What keeping costs: one sender, flat out, to the coordinator and one more; texts of 100 bytes; medians of ${runs} ` +
      `runs of ${ms / 1000} s, in turn. The processor time is the coordinator's, of all its threads.`,
    table(
      ['fan-in', 'lines/s', 'processor time of a line, us', 'memory, MiB', 'of not kept'],
      [...results.keys()].map(row),
    ),
  ].join('\n\n');
}
