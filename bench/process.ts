/** What Linux knows of a process. */
import { readFileSync } from 'node:fs';

/** The memory that the process has in RAM, MiB (VmRSS). */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

/** The kernel counts in these, ms: USER_HZ is 100 on every Linux that Node runs on. */
const tickMs = 10;

/** The processor time that the process has used since it began, of all its threads, ms (utime and stime). */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // Its name, in parentheses, may have spaces.
  const [utime, stime] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(utime) + Number(stime)) * tickMs;
}
