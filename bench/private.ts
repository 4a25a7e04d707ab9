/** Joining as a person does, through any member: a room with a key, one without, and one in plain. */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Peer } from '../src/index.ts';
import { budgetCell, type Budget } from './budget.ts';
import { Crew } from './crew.ts';
import type { Plan } from './plan.ts';
import { freePort } from './port.ts';
import { digits, table, type Progress } from './report.ts';
import { failed } from './rows.ts';
import { summarize } from './stats.ts';
import { sleep } from './time.ts';

/** Between one join and the next: one address may begin a hundred handshakes a second, ms. */
const betweenMs = 20;

/** Who may enter a room: of what the options say, this is what differs. */
interface Entrance {
  readonly key?: string;
  readonly plain?: boolean;
}

interface Kind {
  readonly name: string;
  readonly budget: Budget;
  readonly entrance: Entrance;
}

const kinds: readonly Kind[] = [
  { name: 'private', budget: { p99: 150 }, entrance: { key: randomBytes(32).toString('base64url') } },
  { name: 'open', budget: {}, entrance: {} },
  { name: 'plain', budget: {}, entrance: { plain: true } },
];

/** A room of peers that have a process each. */
class Members {
  readonly #crews: Crew[] = [];
  readonly addresses: string[] = [];
  readonly #entrance: Entrance;
  #newcomers = 0;

  constructor(entrance: Entrance) {
    this.#entrance = entrance;
  }

  async fill(members: number): Promise<void> {
    while (this.addresses.length < members) {
      const crew = new Crew('127.0.0.1');
      this.#crews.push(crew);
      const address = `127.0.0.1:${await freePort()}`;
      const name = `p${this.addresses.length + 1}`;
      const join = this.addresses.slice(0, 1);
      await crew.order({ kind: 'enter', name, listen: address, advertise: address, join, ...this.#entrance });
      this.addresses.push(address);
    }
  }

  /** One joins through the next member in turn, and leaves again. @returns how long it took to enter, ms */
  async join(): Promise<number> {
    const number = this.#newcomers++;
    const through = this.addresses[number % this.addresses.length] as string;
    const listen = '127.0.0.1:0';
    const peer = new Peer({ name: `n${number + 1}`, listen, join: [through], ...this.#entrance });
    const began = performance.now();
    await peer.start();
    const took = performance.now() - began;
    await peer.leave();
    return took;
  }

  async close(): Promise<void> {
    await Promise.all(this.#crews.map((crew) => crew.close()));
  }
}

async function rows({ members, joins }: Plan['private'], progress: Progress): Promise<string[][]> {
  const rooms = kinds.map((kind) => ({ kind, room: new Members(kind.entrance), took: [] as number[] }));
  try {
    for (const { room } of rooms) await room.fill(members);
    // The first of each warms up, and is not counted.
    for (let round = 0; round <= joins; round++) {
      for (const { room, took } of rooms) {
        const one = await room.join();
        if (round > 0) took.push(one);
        await sleep(betweenMs);
      }
    }
  } finally {
    await Promise.all(rooms.map(({ room }) => room.close()));
  }
  return rooms.map(({ kind: { name, budget }, took }) => {
    const summary = summarize(took);
    const row = [name, ...[summary.median, summary.p99, summary.max].map(digits), budgetCell(budget, summary, false)];
    progress(row.join('  '));
    return row;
  });
}

export async function measurePrivate(plan: Plan['private'], progress: Progress): Promise<string> {
  const title = '## Private';
  try {
    const cells = await rows(plan, progress);
    return [
      title,
      `${plan.joins} joins into each of three rooms of ${plan.members} processes, in turn, through one member after the other: ` +
        'so most are sent on to the coordinator, and shake hands twice. From the call that starts a peer (in a process that ' +
        'runs already; it listens first) until it is in the room; each leaves again.',
      table(['a newcomer joins a room that is', 'p50, ms', 'p99, ms', 'max, ms', 'budget, ms'], cells),
    ].join('\n\n');
  } catch (error) {
    return `${title}\n\n${failed(error)}`;
  }
}
