/** Failover: how long a line takes that is said at the very moment when the coordinator goes. */
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { budgetCell, flawCell, type Budget } from './budget.ts';
import type { Peer } from './peer.ts';
import type { Plan } from './plan.ts';
import { digits, table, type Progress } from './report.ts';
import { Room } from './room.ts';
import { failed } from './rows.ts';
import { program } from './servers/groupchat.ts';
import { summarize } from './stats.ts';
import { sleep } from './time.ts';
import { isSound, judge, type Verdict } from './verdict.ts';

interface Fault {
  readonly name: string;
  readonly signal: NodeJS.Signals;
  /** How many of the earliest peers it strikes. */
  readonly victims: number;
  /** What is allowed, ms. */
  readonly budget: Budget;
}

const faults: readonly Fault[] = [
  { name: 'coordinator killed', signal: 'SIGKILL', victims: 1, budget: { median: 100, p99: 250 } },
  { name: 'coordinator and successor killed', signal: 'SIGKILL', victims: 2, budget: { p99: 300 } },
  { name: 'coordinator hung (SIGSTOP)', signal: 'SIGSTOP', victims: 1, budget: { p99: 1500 } },
  { name: 'coordinator leaves (SIGINT)', signal: 'SIGINT', victims: 1, budget: { max: 50 } },
];

/** Faults come this long after the room is whole, and then at other moments of the coordinator's pinging, ms. */
const settleMs = 100;
const spreadMs = 250;

interface Strike extends Verdict {
  /** From the fault until every survivor had printed every line that was said at that moment. */
  readonly tookMs: number;
}

/** Strikes a whole room once, and makes it whole again. @throws Error when it does not heal in time */
async function strike(room: Room, { signal, victims: count }: Fault, tag: string): Promise<Strike> {
  const size = room.peers.length;
  if (room.peers[0]?.coordinates !== true) throw new Error('the earliest peer does not coordinate');
  const victims = room.takeFirst(count);
  const survivors = [...room.peers];
  const speakers = survivors.slice(-2) as [Peer, Peer];
  const texts = speakers.map(({ name }) => `${tag} ${name}`);
  try {
    const began = performance.now();
    for (const victim of victims) victim.signal(signal);
    const heard = await Promise.all(speakers.map((speaker, at) => room.hear(speaker, texts[at] as string)));
    await Promise.all(victims.map((victim) => (signal === 'SIGINT' ? victim.ended() : victim.kill())));
    await room.fill(size);
    const newcomers = room.peers.slice(-count);
    // What they print of the time before they came is no part of this.
    for (const newcomer of newcomers) newcomer.take();
    const screens = survivors.map((survivor) => survivor.take());
    const expected = [...texts, ...newcomers.map(({ name }) => `${name} is here`)];
    return { tookMs: Math.max(...heard) - began, ...judge(screens, expected) };
  } finally {
    await Promise.all(victims.map((victim) => victim.kill()));
  }
}

interface Tally {
  readonly fault: Fault;
  readonly strikes: Strike[];
  readonly breakdowns: string[];
}

/** All the runs of one fault, in some rooms one after the other; a room that breaks down is replaced. */
async function tally(fault: Fault, { peers, runs, rooms }: Plan['failover'], progress: Progress): Promise<Tally> {
  const strikes: Strike[] = [];
  const breakdowns: string[] = [];
  const done = (): number => strikes.length + breakdowns.length;
  while (done() < runs) {
    const room = new Room();
    const last = Math.min(runs, done() + Math.ceil(runs / rooms));
    try {
      await room.fill(peers);
      for (const peer of room.peers) peer.take();
      while (done() < last) {
        await sleep(settleMs + (spreadMs * done()) / runs);
        const one = await strike(room, fault, `run ${done() + 1}`);
        strikes.push(one);
        const sound = isSound(one) ? '' : `  VIOLATION: ${JSON.stringify(one)}`;
        progress(`${fault.name}  ${done()}  ${digits(one.tookMs)} ms${sound}`);
      }
      await sleep(settleMs);
      const late = room.peers.flatMap((peer) => peer.take());
      if (late.length > 0) breakdowns.push(`printed when all was over: ${late.join(', ')}`);
    } catch (error) {
      breakdowns.push(failed(error));
      progress(`${fault.name}  ${done()}  VIOLATION: ${failed(error)}`);
    } finally {
      await room.close();
    }
  }
  return { fault, strikes, breakdowns };
}

function rowOf({ fault: { name, budget }, strikes, breakdowns }: Tally): string[] {
  const summary = summarize(strikes.map(({ tookMs }) => tookMs));
  const sum = (key: keyof Verdict): number => strikes.reduce((total, one) => total + one[key], 0);
  const flaws = [sum('lost') + breakdowns.length, sum('doubled'), sum('disordered')];
  return [
    name,
    String(strikes.length + breakdowns.length),
    ...[summary.median, summary.p99, summary.max].map(digits),
    budgetCell(budget, summary, breakdowns.length > 0),
    ...flaws.map(flawCell),
  ];
}

export async function measureFailover(plan: Plan['failover'], progress: Progress): Promise<string> {
  const title = '## Failover';
  if (!existsSync(program)) return `${title}\n\ngroupchat is not built: no ${program}`;
  const tallies: Tally[] = [];
  for (const fault of faults) tallies.push(await tally(fault, plan, progress));
  const head = ['fault', 'runs', 'median, ms', 'p99, ms', 'max, ms', 'budget, ms', 'lost', 'doubled', 'disordered'];
  const breakdowns = tallies.flatMap(({ fault, breakdowns: all }) => all.map((text) => `- ${fault.name}: ${text}`));
  return [
    title,
    `Rooms of ${plan.peers} processes. At the moment of the fault the two latest survivors each say a line; the time is ` +
      'from the fault until every survivor has printed both. Lost, doubled: lines that a survivor did not print, or ' +
      'printed more than once; disordered: survivors that printed them in another order than others.',
    table(head, tallies.map(rowOf)),
    ...(breakdowns.length === 0 ? [] : [`**Rooms that broke down:**\n${breakdowns.join('\n')}`]),
  ].join('\n\n');
}
