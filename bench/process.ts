/** What Linux knows of a process. */
import { readFileSync } from 'node:fs';

/** The memory that the process has in RAM, MiB (VmRSS). */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
