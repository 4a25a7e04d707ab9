/** `npm run sim -- --seeds N [--from N] [--jobs N] [--seed N]`: many seeds, in many threads, or one with its trace. */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { step } from '../../src/core/machine.ts';
import { createState } from '../../src/core/setup.ts';
import { play } from './scenario.ts';

const core = { createState, step };

/** Seeds that threads take in turn: whoever is done with a batch takes the next, so none waits for a slow one. */
interface Share {
  readonly from: number;
  readonly count: number;
  /** How many have been taken; shared between the threads. */
  readonly taken: Int32Array;
}

interface Report {
  readonly seeds: number;
  readonly virtualMs: number;
  readonly failures: readonly string[];
}

/** How many seeds a thread takes at a time. */
const batch = 50;

function work({ from, count, taken }: Share, told: (report: Report) => void): void {
  for (let at = Atomics.add(taken, 0, batch); at < count; at = Atomics.add(taken, 0, batch)) {
    const failures: string[] = [];
    const seeds = Math.min(batch, count - at);
    let virtualMs = 0;
    for (let seed = from + at; seed < from + at + seeds; seed++) {
      try {
        const outcome = play(core, seed);
        virtualMs += outcome.virtualMs;
        if (outcome.faults.length > 0) failures.push(`seed ${seed}: ${outcome.faults.slice(0, 3).join('; ')}`);
      } catch (error) {
        // An assert of the core fails its seed, and ends no other.
        failures.push(`seed ${seed}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    told({ seeds, virtualMs, failures });
  }
}

async function many(from: number, count: number, jobs: number): Promise<void> {
  const began = performance.now();
  let seeds = 0;
  let failed = 0;
  let virtualMs = 0;
  const told = (report: Report): void => {
    const before = seeds;
    seeds += report.seeds;
    failed += report.failures.length;
    virtualMs += report.virtualMs;
    for (const failure of report.failures) console.log(failure);
    if (Math.floor(seeds / 10_000) > Math.floor(before / 10_000)) console.error(`${seeds} seeds, ${failed} failed`);
  };
  const share: Share = { from, count, taken: new Int32Array(new SharedArrayBuffer(4)) };
  if (jobs === 1) work(share, told);
  else {
    const threads = Array.from({ length: jobs }, () => new Worker(new URL(import.meta.url), { workerData: share }));
    for (const thread of threads) thread.on('message', told);
    await Promise.all(threads.map((thread) => once(thread, 'exit')));
  }
  const seconds = (performance.now() - began) / 1000;
  const rate = `${(count / seconds).toFixed(0)} seeds/s, ${(virtualMs / 1000 / seconds).toFixed(0)} s of virtual time per second`;
  console.log(`${count} seeds from ${from}: ${failed} failed; ${seconds.toFixed(1)} s, ${rate}`);
  process.exitCode = failed === 0 && seeds === count ? 0 : 1;
}

function one(seed: number): void {
  const outcome = play(core, seed, { trace: (text) => console.log(text) });
  console.log(outcome.plan.join('\n'));
  console.log(outcome.faults.join('\n') || 'all is well');
  process.exitCode = outcome.faults.length === 0 ? 0 : 1;
}

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '10000' },
      from: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      seed: { type: 'string' },
    },
  });
  if (values.seed === undefined) await many(Number(values.from), Number(values.seeds), Number(values.jobs));
  else one(Number(values.seed));
} else {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
  work(workerData as Share, (report) => parentPort?.postMessage(report));
}
