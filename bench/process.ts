/** What Linux knows of a process. */
import { readFileSync } from 'node:fs';

/** What the clock of the processor ticks in, ms (USER_HZ, which is 100 everywhere). */
const tickMs = 10;

/** The processor time that the process has taken so far, of all its threads, ms. */
export function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
    .replace(/^.*\) /su, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** The memory that the process has in RAM, MiB (VmRSS). */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
