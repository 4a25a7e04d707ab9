/** A siege: how long lines take in a room whose coordinator is beset by strangers. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { budgetCell, flawCell, type Budget } from './budget.ts';
import { end, start } from './child.ts';
import { hasOrigins, origin } from './origin.ts';
import type { Peer } from './peer.ts';
import type { Plan } from './plan.ts';
import { digits, table, type Progress } from './report.ts';
import { Room } from './room.ts';
import { failed } from './rows.ts';
import { program } from './servers/groupchat.ts';
import { summarize } from './stats.ts';
import { sleep } from './time.ts';

/** A line comes this often, from another member each time, ms. */
const lineMs = 50;
/** The last lines may take so long, ms; what has not come by then is lost. */
const lastMs = 5000;
/** The siege has begun in earnest after this, ms. */
const settleMs = 3000;

/** What an attacker has done. */
export interface Damage {
  /** Connections that are open now. */
  readonly held: number;
  /** Connections that were opened. */
  readonly opened: number;
  /** Handshakes with a wrong key, and how many of them have been refused. */
  readonly tried: number;
  readonly refused: number;
  readonly seconds: number;
}

interface Scene {
  readonly name: string;
  /** Whence the attacker comes; undefined in peace. */
  readonly from?: string;
  readonly budget: Budget;
}

const scenes: readonly Scene[] = [
  { name: 'in peace', budget: {} },
  { name: 'besieged from another address', from: origin(65), budget: { p99: 50 } },
  { name: 'besieged from the address of the members', from: '127.0.0.1', budget: {} },
];

const besieging = fileURLToPath(import.meta.resolve('./servers/besieging.js'));

/** The times from saying lines to each of their arrivals, ms, and how many never arrived. */
async function talk({ peers }: Room, tag: string, seconds: number): Promise<{ took: number[]; lost: number }> {
  const took: number[] = [];
  const lines = (seconds * 1000) / lineMs;
  const began = performance.now();
  for (let line = 0; line < lines; line++) {
    const text = `${tag} ${line}`;
    const said = performance.now();
    (peers[line % peers.length] as Peer).say(text);
    for (const peer of peers) void peer.prints(text).then((at) => took.push(at - said));
    await sleep(Math.max(0, began + (line + 1) * lineMs - performance.now()));
  }
  const until = performance.now() + lastMs;
  const expected = lines * peers.length;
  while (took.length < expected && performance.now() < until) await sleep(lineMs);
  return { took, lost: expected - took.length };
}

async function rowOf(room: Room, scene: Scene, plan: Plan['siege'], progress: Progress): Promise<string[]> {
  const { name, from, budget } = scene;
  const port = room.peers[0]?.address.split(':')[1] ?? '';
  const counts = [plan.connections, plan.attemptsPerSecond].map(String);
  const attacker =
    from === undefined
      ? undefined
      : start([process.execPath, besieging, port, from, ...counts], ['ignore', 'ignore', 'inherit', 'ipc']);
  try {
    await sleep(settleMs);
    const { took, lost } = await talk(room, name, plan.seconds);
    let damage = '';
    if (attacker !== undefined) {
      const answer = once(attacker, 'message') as Promise<[Damage]>;
      attacker.send('how far?');
      const [{ held, opened, tried, refused, seconds }] = await answer;
      damage = `${held} held; each second ${digits(opened / seconds)} opened, ${digits(tried / seconds)} keys tried (${digits((100 * refused) / tried)}% refused)`;
    }
    const summary = summarize(took);
    const cells = [summary.median, summary.p99, summary.max].map(digits);
    progress(`${name}  ${cells.join('  ')}  ${lost} lost  ${damage}`);
    return [name, ...cells, budgetCell(budget, summary, lost > 0), flawCell(lost), damage];
  } finally {
    if (attacker !== undefined) await end(attacker, 'SIGKILL');
  }
}

export async function measureSiege(plan: Plan['siege'], progress: Progress): Promise<string> {
  const title = '## Siege';
  if (!existsSync(program)) return `${title}\n\ngroupchat is not built: no ${program}`;
  if (!hasOrigins) return `${title}\n\nonly Linux has an address for everybody in 127/8`;
  const room = new Room();
  const rows: string[][] = [];
  try {
    await room.fill(plan.members);
    for (const scene of scenes) {
      rows.push(await rowOf(room, scene, plan, progress).catch((error: unknown) => [scene.name, failed(error)]));
    }
  } catch (error) {
    return `${title}\n\n${failed(error)}`;
  } finally {
    await room.close();
  }
  return [
    title,
    `A room of ${plan.members} processes; a line every ${lineMs} ms for ${plan.seconds} s, from another of them each time; ` +
      'from the write to its standard input until each of them has printed it. Another process, of the lowest priority, ' +
      `besets the coordinator: it keeps ${digits(plan.connections)} connections open, silent ones and ones with junk, ` +
      `dials each again a second after it was closed, and tries ${plan.attemptsPerSecond} wrong keys a second.`,
    table(['lines to everybody', 'p50, ms', 'p99, ms', 'max, ms', 'budget, ms', 'lost', 'the attacker'], rows),
  ].join('\n\n');
}
