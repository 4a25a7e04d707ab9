/** Memory: what a server has in RAM, alone and with many idle members. */
import { Crowd } from './crowd.ts';
import type { Plan } from './plan.ts';
import { digits, table, type Progress } from './report.ts';
import { rowsOf } from './rows.ts';
import type { Server } from './server.ts';
import { groupchat } from './servers/groupchat.ts';
import { nats } from './servers/nats.ts';
import { sleep } from './time.ts';

async function cells(server: Server, { members, settleMs }: Plan['memory']): Promise<string[]> {
  await sleep(settleMs);
  const alone = server.residentMiB;
  const crowd = await Crowd.gather(server, members - 1);
  try {
    await sleep(settleMs);
    await crowd.moved(); // Throws if somebody has been lost.
    const together = server.residentMiB;
    return [digits(alone), digits(together), digits(((together - alone) * 1024) / members)];
  } finally {
    crowd.close();
  }
}

export async function measureMemory(plan: Plan['memory'], progress: Progress): Promise<string> {
  const rows = await rowsOf([groupchat, nats], progress, (server) => cells(server, plan));
  return [
    '## Memory',
    `Resident memory (VmRSS) of the server, alone and with ${plan.members} idle members, ` +
      `each time after ${plan.settleMs / 1000} s.`,
    table(['system', 'alone, MiB', `with ${plan.members}, MiB`, 'each member, KiB'], rows),
  ].join('\n\n');
}
