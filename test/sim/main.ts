/** `npm run sim -- --seeds N [--from N] [--seed N]`: many seeds, or one with its trace. */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { step } from '../../src/core/machine.ts';
import { createState } from '../../src/core/state.ts';
import { play } from './scenario.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});
const core = { createState, step };
if (values.seed === undefined) {
  const from = Number(values.from);
  const count = Number(values.seeds);
  const began = performance.now();
  let failed = 0;
  let virtualMs = 0;
  for (let seed = from; seed < from + count; seed++) {
    const outcome = play(core, seed);
    virtualMs += outcome.virtualMs;
    if (outcome.faults.length > 0) {
      failed++;
      console.log(`seed ${seed}: ${outcome.faults.slice(0, 3).join('; ')}`);
    }
    if ((seed - from + 1) % 10_000 === 0) console.error(`${seed - from + 1} seeds, ${failed} failed`);
  }
  const seconds = (performance.now() - began) / 1000;
  const rate = `${(count / seconds).toFixed(0)} seeds/s, ${(virtualMs / 1000 / seconds).toFixed(0)} s of virtual time per second`;
  console.log(`${count} seeds from ${from}: ${failed} failed; ${seconds.toFixed(1)} s, ${rate}`);
  process.exitCode = failed === 0 ? 0 : 1;
} else {
  const outcome = play(core, Number(values.seed), { trace: (text) => console.log(text) });
  console.log(outcome.plan.join('\n'));
  console.log(outcome.faults.join('\n') || 'all is well');
  process.exitCode = outcome.faults.length === 0 ? 0 : 1;
}
