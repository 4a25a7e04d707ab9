/**
 * Who dials? On one machine all come from 127.0.0.1, and a groupchat says its name only after it has been greeted: too
 * late for a network that is to be cut. Linux knows which process holds which end of a connection.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export const knowsDiallers = process.platform === 'linux';

/** The one of the processes whose own end of a connection has this port of 127.0.0.1. */
export function diallerAt(port: number, pids: Iterable<number>): number | undefined {
  const inode = knowsDiallers ? inodeAt(port) : undefined;
  if (inode === undefined) return undefined;
  for (const pid of pids) if (holds(pid, `socket:[${inode}]`)) return pid;
  return undefined;
}

/** The socket at a local port, as the kernel numbers it (proc(5), /proc/net/tcp). */
function inodeAt(port: number): string | undefined {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n');
  return rows.map((row) => row.trim().split(/\s+/u)).find(([, address]) => address === local)?.[9];
}

function holds(pid: number, socket: string): boolean {
  // It may end, or close something, while we look.
  const attempt = <Value>(look: () => Value, otherwise: Value): Value => {
    try {
      return look();
    } catch {
      return otherwise;
    }
  };
  const fds = attempt(() => readdirSync(`/proc/${pid}/fd`), []);
  return fds.some((fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`), '') === socket);
}
