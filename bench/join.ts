/** Joining: from the call that connects to having one's own arrival in the log, and so all that came before it. */
import { Crowd } from './crowd.ts';
import { sayAtOnce } from './load.ts';
import type { Plan } from './plan.ts';
import { digits, table, type Progress } from './report.ts';
import { rowsOf } from './rows.ts';
import type { Server } from './server.ts';
import { copier } from './servers/copier.ts';
import { groupchat } from './servers/groupchat.ts';
import { summarize } from './stats.ts';

/** One after the other joins and goes again. */
async function cells(server: Server, { members, historyLines, joins }: Plan['join']): Promise<string[]> {
  // The coordinator and the sender are members too.
  const crowd = await Crowd.gather(server, members - 2);
  try {
    await sayAtOnce(crowd, historyLines);
    const took: number[] = [];
    while (took.length < joins) {
      const newcomer = await crowd.add();
      took.push((newcomer.enteredAt ?? NaN) - newcomer.dialledAt);
      crowd.remove(newcomer);
    }
    const { median, p99, max } = summarize(took);
    return [digits(median), digits(p99), digits(max)];
  } finally {
    crowd.close();
  }
}

export async function measureJoin(plan: Plan['join'], progress: Progress): Promise<string> {
  const rows = await rowsOf([groupchat, copier], progress, (server) => cells(server, plan));
  return [
    '## Join',
    `${plan.joins} joins one after the other into a room of ${plan.members} with ${plan.historyLines} lines of history; ` +
      'each leaves again, and its coming and going is history for the next. ' +
      'For the copier: to connect, say something, and get it back.',
    table(['system', 'p50, ms', 'p99, ms', 'max, ms'], rows),
  ].join('\n\n');
}
