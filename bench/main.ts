/** `npm run bench -- [--quick] [--only fanout,latency,join,handshake,finding,private,siege,memory,tail,failover,healing,start,typing,scale] [--runs N] > report.md` */
import { parseArgs } from 'node:util';
import { measureFailover } from './failover.ts';
import { measureFanout } from './fanout.ts';
import { measureFinding } from './finding.ts';
import { measureHandshake } from './handshake.ts';
import { measureHealing } from './healing.ts';
import { measureJoin } from './join.ts';
import { measureLatency } from './latency.ts';
import { measureMemory } from './memory.ts';
import { full, quick, withRuns, type Plan } from './plan.ts';
import { heading } from './report.ts';
import { measurePrivate } from './private.ts';
import { checkRuler } from './ruler.ts';
import { measureScale } from './scale.ts';
import { systems } from './servers/all.ts';
import { measureSiege } from './siege.ts';
import { measureStart } from './start.ts';
import { measureTail } from './tail.ts';
import { measureTyping } from './typing.ts';

const began = performance.now();

function progress(text: string): void {
  console.error(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${text}`);
}

const measurements: ReadonlyMap<string, (plan: Plan) => Promise<string>> = new Map([
  ['fanout', (plan) => measureFanout(systems, plan.fanout, progress)],
  ['latency', (plan) => measureLatency(systems, plan.latency, progress)],
  ['join', (plan) => measureJoin(plan.join, progress)],
  ['handshake', (plan) => measureHandshake(plan.handshake, progress)],
  ['finding', (plan) => measureFinding(plan.finding, progress)],
  ['private', (plan) => measurePrivate(plan.private, progress)],
  ['siege', (plan) => measureSiege(plan.siege, progress)],
  ['memory', (plan) => measureMemory(plan.memory, progress)],
  ['tail', (plan) => measureTail(plan.tail, progress)],
  ['failover', (plan) => measureFailover(plan.failover, progress)],
  ['healing', (plan) => measureHealing(plan.healing, progress)],
  ['start', (plan) => measureStart(plan.start, progress)],
  ['typing', (plan) => measureTyping(plan.typing, progress)],
  ['scale', (plan) => measureScale(plan.scale, progress)],
]);

/** @throws Error that says what to type instead */
function parse(): { plan: Plan; chosen: readonly string[] } {
  const names = [...measurements.keys()];
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', default: names.join() },
      runs: { type: 'string' },
    },
  });
  const plan = values.quick ? quick : full;
  const chosen = values.only.split(',');
  const unknown = chosen.find((name) => !measurements.has(name));
  if (unknown !== undefined) throw new Error(`--only takes some of ${names.join()}, not ${unknown}`);
  if (values.runs === undefined) return { plan, chosen };
  const runs = Number(values.runs);
  if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs takes a whole number from 1, not ${values.runs}`);
  return { plan: withRuns(plan, runs), chosen };
}

async function main({ plan, chosen }: ReturnType<typeof parse>): Promise<void> {
  checkRuler();
  console.log(heading(['npm run bench --', ...process.argv.slice(2)].join(' ')));
  for (const name of chosen) {
    progress(`${name} begins`);
    console.log(`\n${await measurements.get(name)?.(plan)}`);
  }
}

// The children end with this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(1));
let choice: ReturnType<typeof parse>;
try {
  choice = parse();
} catch (error) {
  console.error((error as Error).message);
  process.exit(2);
}
await main(choice);
