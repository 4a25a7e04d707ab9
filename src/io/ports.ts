/** Who listens on a port of this machine, where the system tells: Linux does, in /proc (proc(5)). */
import { readdir, readFile, readlink } from 'node:fs/promises';

export interface Listener {
  readonly pid: number;
  /** Its command line, as the list of processes shows it: the arguments with spaces between. */
  readonly command: string;
}

/** The state of a socket that listens, as the kernel writes it. */
const listening = '0A';

/** The processes that listen on a TCP port, of any address; those of others are not ours to see. */
export async function listenersOn(port: number): Promise<Listener[]> {
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((table) => readFile(`/proc/net/${table}`, 'utf8').catch(() => '')),
  );
  const sockets = new Set(tables.flatMap((table) => socketsIn(table, port)));
  const found: Listener[] = [];
  if (sockets.size === 0) return found;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/u.test(name));
  for (const pid of pids) {
    // It may end, or close something, while we look; and that of somebody else is not shown.
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => []);
    const links = await Promise.all(fds.map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')));
    if (!links.some((link) => sockets.has(link))) continue;
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    found.push({ pid: Number(pid), command: command.split('\0').join(' ').trim() });
  }
  return found;
}

/** The sockets that listen on a port, as links of open files name them. */
function socketsIn(table: string, port: number): string[] {
  const end = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((row) => {
    const [, local = '', , state, , , , , , inode] = row.trim().split(/\s+/u);
    return local.endsWith(end) && state === listening ? [`socket:[${inode}]`] : [];
  });
}

/** What to type to find out who listens on a port. */
export function listenerHint(port: number, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return `netstat -ano | findstr :${port}`;
  return platform === 'linux' ? `sudo ss -ltnp 'sport = :${port}'` : `sudo lsof -nP -iTCP:${port} -sTCP:LISTEN`;
}
