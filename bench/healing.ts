/** Healing: how long it takes until all is well after a sleep, a cut or a restart. */
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { budgetCell, flawCell } from './budget.ts';
import { hasOrigins } from './origin.ts';
import type { Plan } from './plan.ts';
import { ProxiedRoom } from './proxied.ts';
import { digits, table, type Progress } from './report.ts';
import { failed } from './rows.ts';
import { program } from './servers/groupchat.ts';
import { summarize } from './stats.ts';
import { sleep } from './time.ts';
import { wounds, type Wound } from './wounds.ts';

/** A wound comes this long after the room is whole, and then at other moments of the coordinator's pinging, ms. */
const settleMs = 200;
const spreadMs = 250;
/** What comes twice comes within this, ms. */
const lateMs = 200;

interface Tally {
  readonly wound: Wound;
  readonly tookMs: number[];
  readonly joinMs: number[];
  lost: number;
  doubled: number;
  readonly breakdowns: string[];
}

/** All the runs of one wound, each in a room of its own. */
async function tally(wound: Wound, { peers, runs }: Plan['healing'], progress: Progress): Promise<Tally> {
  const result: Tally = { wound, tookMs: [], joinMs: [], lost: 0, doubled: 0, breakdowns: [] };
  for (let run = 0; run < runs; run++) {
    const label = `${wound.name}  ${run + 1}`;
    const room = await ProxiedRoom.open(peers);
    await sleep(settleMs + (spreadMs * run) / runs);
    const began = performance.now();
    try {
      const took = await wound.strike(room, run);
      await sleep(lateMs);
      const { lost, doubled } = room.verdict();
      result.tookMs.push(took);
      result.joinMs.push(room.joinMs);
      result.lost += lost;
      result.doubled += doubled;
      progress(`${label}  ${digits(took)} ms`);
      if (lost + doubled > 0) progress(`VIOLATION: ${lost} lost, ${doubled} doubled\n${room.story(began)}`);
      else if (Object.values(wound.budget).some((limit) => took > limit)) progress(`slow\n${room.story(began)}`);
    } catch (error) {
      result.breakdowns.push(failed(error));
      progress(`${label}  VIOLATION: ${failed(error)}\n${room.story(began)}`);
    } finally {
      await room.close();
    }
  }
  return result;
}

function rowsOf({ wound: { name, budget, alike }, tookMs, joinMs, lost, doubled, breakdowns }: Tally): string[][] {
  const cells = (samples: readonly number[]): string[] => {
    const { median, p99, max } = summarize(samples);
    return [median, p99, max].map(digits);
  };
  const row = [
    name,
    String(tookMs.length + breakdowns.length),
    ...cells(tookMs),
    budgetCell(budget, summarize(tookMs), breakdowns.length > 0),
    flawCell(lost + breakdowns.length),
    flawCell(doubled),
  ];
  return alike === 'join'
    ? [row, ['for comparison: a newcomer joins', String(joinMs.length), ...cells(joinMs)]]
    : [row];
}

export async function measureHealing(plan: Plan['healing'], progress: Progress): Promise<string> {
  const title = '## Healing';
  if (!existsSync(program)) return `${title}\n\ngroupchat is not built: no ${program}`;
  if (!hasOrigins) return `${title}\n\nonly Linux has an address for everybody in 127/8`;
  const tallies: Tally[] = [];
  for (const wound of wounds) tallies.push(await tally(wound, plan, progress));
  const head = ['what happens', 'runs', 'median, ms', 'p99, ms', 'max, ms', 'budget, ms', 'lost', 'doubled'];
  const breakdowns = tallies.flatMap(({ wound, breakdowns: all }) => all.map((text) => `- ${wound.name}: ${text}`));
  return [
    title,
    `Rooms of ${plan.peers} processes, a new one for each run; each keeps its room in a folder, and stands behind a TCP ` +
      'proxy on the same machine, which holds the bytes where the network is cut and lets them go when it heals, and knows ' +
      'everybody by the address in 127/8 that he dials from. The time is from when the coordinator ' +
      'wakes, the network heals (of the partial cuts: breaks), or the process is started, until every peer has printed ' +
      'every line: what was said before and meanwhile, and one that the peer concerned says at that very moment. It ' +
      'includes what Node takes to start. Lost, doubled: lines that a peer did not print, or printed more than once, ' +
      'where what a killed process had printed counts for its successor.',
    table(head, tallies.flatMap(rowsOf)),
    ...(breakdowns.length === 0 ? [] : [`**Rooms that broke down:**\n${breakdowns.join('\n')}`]),
  ].join('\n\n');
}
