/** Scale: many peers with much to say, a long history, and what keeping it costs. */
import { existsSync } from 'node:fs';
import { measureKeeping } from './keeping.ts';
import { measureMerge } from './merge.ts';
import { hasOrigins } from './origin.ts';
import type { Plan } from './plan.ts';
import type { Progress } from './report.ts';
import { measureRestart } from './restart.ts';
import { failed } from './rows.ts';
import { program } from './servers/groupchat.ts';

export async function measureScale(plan: Plan['scale'], progress: Progress): Promise<string> {
  const title = '## Scale';
  if (!existsSync(program)) return `${title}\n\ngroupchat is not built: no ${program}`;
  if (!hasOrigins)
    return `${title}\n\nonly Linux has an address for everybody in 127/8, and tells what memory a process has`;
  const parts: string[] = [title];
  for (const measure of [measureMerge, measureRestart, measureKeeping]) {
    parts.push(await measure(plan, progress).catch(failed));
  }
  return parts.join('\n\n');
}
