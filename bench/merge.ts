/** A large room in halves: how long until all have all lines of both when the network heals, and the same transcript. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { nobody, Proxy } from '../test/plays/proxy.ts';
import { flawCell } from './budget.ts';
import { Crew } from './crew.ts';
import { temporaryFolder } from './folder.ts';
import { origin, originOf } from './origin.ts';
import type { Plan } from './plan.ts';
import { freePort } from './port.ts';
import { digits, table, type Progress } from './report.ts';
import { failed } from './rows.ts';
import { summarize } from './stats.ts';
import { sleep, within } from './time.ts';

/** How long anything may take, ms. */
const patienceMs = 30_000;
/** The transcripts are compared this often until they are equal, ms. */
const compareMs = 50;
/** What is wanted, ms. */
const targetMs = 2000;

interface Merge {
  /** From the heal until all have all lines. */
  readonly linesMs: number;
  /** From the heal until all transcripts were seen to be equal. */
  readonly equalMs: number;
  readonly doubled: number;
}

/** Whether all write the same from the latest beginning on. */
function areEqual(folder: string): boolean {
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file)));
  const shortest = texts.reduce((least, text) => (text.length < least.length ? text : least));
  return texts.every((text) => text.subarray(text.length - shortest.length).equals(shortest));
}

/** Two crews, a half of the room each, behind proxies that know which of the two dials. */
class Halves {
  readonly crews: readonly Crew[] = [new Crew(origin(1)), new Crew(origin(2))];
  readonly #proxies: { readonly proxy: Proxy; readonly side: string }[] = [];
  readonly #folder = temporaryFolder();
  #exports = 0;

  /** The halves come one after the other, so that the coordinator and its successor are in the first. */
  async fill(peers: number): Promise<void> {
    for (let number = 0; number < peers; number++) {
      const crew = this.crews[number < peers / 2 ? 0 : 1] as Crew;
      const port = await freePort();
      const proxy = await Proxy.to(port, originOf);
      this.#proxies.push({ proxy, side: crew.origin });
      const through = this.#proxies[0]?.proxy.address as string;
      await crew.order({
        kind: 'enter',
        name: `p${number + 1}`,
        listen: `127.0.0.1:${port}`,
        advertise: proxy.address,
        join: number === 0 ? [] : [through],
      });
    }
  }

  cut(): void {
    for (const { proxy, side } of this.#proxies) proxy.hold((dialler) => dialler !== side);
  }

  heal(): void {
    for (const { proxy } of this.#proxies) proxy.hold(nobody);
  }

  /** Until all have so many lines. */
  async have(lines: number): Promise<void> {
    const all = Promise.all(this.crews.map((crew) => crew.order({ kind: 'await', lines })));
    await within(patienceMs, () => `until all had ${lines} lines`, all);
  }

  /** Until all transcripts are equal. */
  async agree(): Promise<void> {
    const until = performance.now() + patienceMs;
    while (performance.now() < until) {
      const folder = join(this.#folder, String(++this.#exports));
      mkdirSync(folder);
      for (const crew of this.crews) await crew.order({ kind: 'export', folder });
      if (areEqual(folder)) return;
      await sleep(compareMs);
    }
    throw new Error(`the transcripts in ${this.#folder} are not equal`);
  }

  async close(): Promise<void> {
    await Promise.all(this.crews.map((crew) => crew.close()));
    for (const { proxy } of this.#proxies) proxy.close();
  }
}

async function merge({ peers, lines }: Plan['scale']): Promise<Merge> {
  const room = new Halves();
  try {
    await room.fill(peers);
    room.cut();
    await Promise.all(room.crews.map((crew, side) => crew.order({ kind: 'say', tag: `side ${side}`, lines })));
    // Each half has all of its own, and so has found a coordinator.
    await room.have(lines);
    const began = performance.now();
    room.heal();
    await room.have(2 * lines);
    const linesMs = performance.now() - began;
    await room.agree();
    const equalMs = performance.now() - began;
    const doubled = await Promise.all(room.crews.map((crew) => crew.order({ kind: 'doubled' })));
    return { linesMs, equalMs, doubled: doubled.reduce((sum, one) => sum + one, 0) };
  } finally {
    await room.close();
  }
}

export async function measureMerge(plan: Plan['scale'], progress: Progress): Promise<string> {
  const merges: Merge[] = [];
  const breakdowns: string[] = [];
  while (merges.length + breakdowns.length < plan.runs) {
    try {
      const one = await merge(plan);
      merges.push(one);
      progress(`merge  ${digits(one.linesMs)} ms, equal ${digits(one.equalMs)} ms, ${one.doubled} doubled`);
    } catch (error) {
      breakdowns.push(failed(error));
      progress(`merge  VIOLATION: ${failed(error)}`);
    }
  }
  const row = (name: string, key: 'linesMs' | 'equalMs', target: string): string[] => {
    const { median, max } = summarize(merges.map((one) => one[key]));
    const kept = breakdowns.length === 0 && max <= targetMs;
    const doubled = merges.reduce((sum, one) => sum + one.doubled, 0);
    const cells = [name, String(plan.runs), digits(median), digits(max)];
    return target === ''
      ? cells
      : [...cells, `${target}: ${kept ? 'kept' : '**missed**'}`, flawCell(breakdowns.length), flawCell(doubled)];
  };
  return [
    `${plan.peers} peers in two processes, cut in halves; ${digits(plan.lines)} lines are said in each, and then the ` +
      'network heals. Equal: what `export` writes is the same on all, byte for byte, from the latest beginning on; that ' +
      `is looked at every ${compareMs} ms once all have all lines, and takes its time too.`,
    table(
      ['two halves meet', 'runs', 'median, ms', 'max, ms', 'target, ms', 'broken down', 'doubled'],
      [
        row('all have all lines', 'linesMs', `max ${targetMs}`),
        row('all transcripts were seen to be equal', 'equalMs', ''),
      ],
    ),
    ...breakdowns.map((text) => `**${text}**`),
  ].join('\n\n');
}
