/** Fan-out: how many deliveries a second, from one sender to many receivers. */
import { Crowd } from './crowd.ts';
import { flatOut, windowLines } from './load.ts';
import type { Plan } from './plan.ts';
import { digits, table, type Progress } from './report.ts';
import { absent, failed } from './rows.ts';
import { Server } from './server.ts';
import type { System } from './servers/system.ts';
import { summarize } from './stats.ts';

/** What comes before a run to warm up the server's code and the connections, ms. */
const warmupMs = 300;

interface Run {
  readonly perSecond: number;
  /** The processor time for one delivery, us: the server's, and the generator's. */
  readonly serverUs: number;
  readonly generatorUs: number;
}

/** The runs of one system, or why there are none. */
type Result = Run[] | string;

async function run(server: Server, receivers: number, ms: number): Promise<Run> {
  const crowd = await Crowd.gather(server, receivers);
  try {
    await flatOut(crowd, warmupMs);
    const serverMs = server.processorMs;
    const generator = process.cpuUsage();
    const { lines, tookMs } = await flatOut(crowd, ms);
    const deliveries = lines * receivers;
    const { user, system } = process.cpuUsage(generator);
    return {
      perSecond: (deliveries * 1000) / tookMs,
      serverUs: ((server.processorMs - serverMs) * 1000) / deliveries,
      generatorUs: (user + system) / deliveries,
    };
  } finally {
    crowd.close();
  }
}

/** Each system in turn, and then all of them again: what disturbs the machine for a while disturbs them alike. */
async function runAll(
  systems: readonly System[],
  receivers: number,
  { runs, ms }: Plan['fanout'],
  progress: Progress,
): Promise<Map<string, Result>> {
  const servers: Server[] = [];
  const results = new Map<string, Result>();
  try {
    for (const system of systems) {
      try {
        const server = await Server.start(system);
        results.set(system.name, server === undefined ? absent : []);
        if (server !== undefined) servers.push(server);
      } catch (error) {
        results.set(system.name, failed(error));
      }
    }
    for (let round = 0; round < runs; round++) {
      for (const server of servers) {
        const { name } = server.system;
        const result = results.get(name);
        if (!Array.isArray(result)) continue;
        try {
          const one = await run(server, receivers, ms);
          progress(`1 to ${receivers}  ${name}  ${digits(one.perSecond)} deliveries/s`);
          result.push(one);
        } catch (error) {
          results.set(name, failed(error));
        }
      }
    }
  } finally {
    for (const server of servers) await server.stop();
  }
  return results;
}

/** The table of one size of crowd. */
function tableOf(receivers: number, results: ReadonlyMap<string, Result>): string {
  const rates = (name: string): number[] => {
    const result = results.get(name);
    return Array.isArray(result) ? result.map(({ perSecond }) => perSecond) : [];
  };
  const ratio = (name: string, to: string): string =>
    digits(summarize(rates(name)).median / summarize(rates(to)).median);
  const rows = [...results].map(([name, result]) => {
    if (!Array.isArray(result)) return [name, result];
    const { least, median, max } = summarize(rates(name));
    const cost = (key: 'serverUs' | 'generatorUs'): string => digits(summarize(result.map((one) => one[key])).median);
    return [
      name,
      digits(median),
      `${digits(least)} to ${digits(max)}`,
      ratio(name, 'copier'),
      cost('serverUs'),
      cost('generatorUs'),
    ];
  });
  const head = [`1 to ${receivers}`, 'deliveries/s', 'least to most', 'of copier', 'server, us', 'generator, us'];
  const ratios = ['groupchat --plain', 'NATS'].map((to) => `groupchat / ${to}: ${ratio('groupchat', to)}`);
  return `${table(head, rows)}\n\n${ratios.join('; ')}`;
}

export async function measureFanout(
  systems: readonly System[],
  plan: Plan['fanout'],
  progress: Progress,
): Promise<string> {
  const tables: string[] = [];
  for (const receivers of plan.receivers)
    tables.push(tableOf(receivers, await runAll(systems, receivers, plan, progress)));
  return [
    '## Fan-out',
    `One sender, flat out, with at most ${windowLines} lines under way; texts of 100 bytes. The same generator, one ` +
      'process, holds all the sockets and counts each line at each receiver. ' +
      `Medians of ${plan.runs} runs of ${plan.ms / 1000} s, interleaved; beside it the processor time for one delivery: ` +
      'of the server (all its threads), and of the generator.',
    ...tables,
    systems.map(({ name, note }) => `- ${name}: ${note}`).join('\n'),
  ].join('\n\n');
}
