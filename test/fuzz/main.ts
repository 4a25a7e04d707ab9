/**
 * `npm run fuzz -- --inputs N [--seed N] [--jobs N] [--target NAME]`: one input from each seed, in many threads. A run
 * goes on where another has ended, with the seed after its last. `--target NAME --seed N` without `--inputs` replays one,
 * `--growth` tells how time grows with size.
 */
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { growth } from './growth.ts';
import { attempt, named, smallest, targetOf, type Failure } from './fuzz.ts';

interface Share {
  readonly from: number;
  readonly count: number;
  readonly target: string | undefined;
  /** How many have been taken; shared between the threads. */
  readonly taken: Float64Array;
}

interface Report {
  readonly inputs: number;
  readonly bytes: number;
  readonly failures: readonly Failure[];
}

/** How many seeds a thread takes at a time. */
const batch = 1000;

async function work({ from, count, target, taken }: Share, told: (report: Report) => void): Promise<void> {
  // Most inputs are refused, and where is of no interest: a replay shows it.
  Error.stackTraceLimit = 0;
  const next = new Int32Array(taken.buffer);
  for (;;) {
    const at = Atomics.add(next, 0, 1) * batch;
    if (at >= count) return;
    const inputs = Math.min(batch, count - at);
    const failures: Failure[] = [];
    let bytes = 0;
    for (let seed = from + at; seed < from + at + inputs; seed++) {
      const result = attempt(target === undefined ? targetOf(seed) : named(target), seed);
      const { input, failure } = result instanceof Promise ? await result : result;
      bytes += input.length;
      if (failure !== undefined) failures.push(failure);
    }
    told({ inputs, bytes, failures });
  }
}

async function many(from: number, count: number, jobs: number, target: string | undefined): Promise<void> {
  const began = performance.now();
  let inputs = 0;
  let bytes = 0;
  let failed = 0;
  const kinds = new Map<string, number>();
  const told = (report: Report): void => {
    const before = inputs;
    inputs += report.inputs;
    bytes += report.bytes;
    failed += report.failures.length;
    for (const { target: name, seed, message } of report.failures) {
      // One fault may show a thousand times: some of each kind are enough.
      const kind = `${name} ${message.slice(0, 24)}`;
      const times = (kinds.get(kind) ?? 0) + 1;
      kinds.set(kind, times);
      if (times <= 3) console.log(`--target ${name} --seed ${seed}: ${message.slice(0, 300)}`);
    }
    if (Math.floor(inputs / 100_000) > Math.floor(before / 100_000)) {
      const rate = inputs / ((performance.now() - began) / 1000);
      console.error(`${inputs} inputs, ${failed} failed, ${rate.toFixed(0)}/s; go on with --seed ${from + inputs}`);
    }
  };
  const share: Share = { from, count, target, taken: new Float64Array(new SharedArrayBuffer(8)) };
  if (jobs === 1) await work(share, told);
  else {
    const threads = Array.from({ length: jobs }, () => new Worker(new URL(import.meta.url), { workerData: share }));
    for (const thread of threads) thread.on('message', told);
    await Promise.all(threads.map((thread) => once(thread, 'exit')));
  }
  const seconds = (performance.now() - began) / 1000;
  const rate = `${(inputs / seconds).toFixed(0)} inputs/s, ${(bytes / seconds / 1e6).toFixed(1)} MB/s`;
  console.log(`${inputs} inputs from seed ${from}: ${failed} failed; ${seconds.toFixed(1)} s, ${rate}`);
  process.exitCode = failed === 0 && inputs === count ? 0 : 1;
}

async function one(target: string, seed: number): Promise<void> {
  const { input, failure } = await attempt(named(target), seed);
  console.log(`${input.length} bytes: ${Buffer.from(input).toString('base64')}`);
  if (failure === undefined) return console.log('all is well');
  console.log(failure.stack);
  const least = await smallest(named(target), input, failure.message);
  console.log(`${least.length} bytes do it: ${Buffer.from(least).toString('base64')}`);
  process.exitCode = 1;
}

if (isMainThread) {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: '1' },
      target: { type: 'string' },
      growth: { type: 'boolean', default: false },
    },
  });
  if (values.growth) for (const line of growth()) console.log(line);
  else if (values.target !== undefined && values.inputs === undefined) await one(values.target, Number(values.seed));
  else await many(Number(values.seed), Number(values.inputs ?? 1_000_000), Number(values.jobs), values.target);
} else {
  // eslint-disable-next-line unicorn/require-post-message-target-origin -- a port between threads has no origin
  await work(workerData as Share, (report) => parentPort?.postMessage(report));
}
