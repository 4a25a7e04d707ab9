/**
 * A lock that a dead process does not hold: a file with `pid | start of that process | a token` of its holder.
 *
 * It appears whole or not at all (written beside, then linked), so exactly one of those who want it gets it. The lock
 * of a dead holder is removed under a guard: a lock of the same kind whose name has the dead one's token. Nobody else
 * may remove that holder's lock, and whoever has the guard looks again first, so a lock that was taken meanwhile stays.
 * A process is known by its start too: a number that was given again, or pid 1 of a new container, is somebody else.
 */
import { randomBytes } from 'node:crypto';
import { lstat, readdir, readFile, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ChatError } from '../core/errors.ts';
import { claim, errorCode, openFile } from './disk.ts';

interface Holder {
  readonly pid: number;
  /** In the kernel's ticks, '-' where they are not to be had. */
  readonly start: string;
  readonly token: string;
}

/** A lock that cannot be read and is younger than this may be under way (where there are no hard links), ms. */
const writingMs = 5000;
const lockText = /^([1-9]\d{0,8}) (\d+|-) ([0-9a-f]{16})\n$/;
/** The locks of this process, for systems that do not tell when a process has started. */
const own = new Set<string>();

export class Lock {
  readonly #path: string;
  readonly #token: string;

  private constructor(path: string, token: string) {
    this.#path = path;
    this.#token = token;
  }

  /** @throws ChatError `in-use` when a living process has it */
  static async take(path: string): Promise<Lock> {
    const token = randomBytes(8).toString('hex');
    const mine = `${path}.${token}`;
    const handle = await openFile(mine, 'create');
    try {
      await handle.writeFile(`${process.pid} ${(await startOf(process.pid)) ?? '-'} ${token}\n`);
      await handle.close();
      own.add(token);
      await take(path, path, mine);
    } catch (error) {
      own.delete(token);
      throw error;
    } finally {
      await handle.close();
      await unlink(mine).catch(() => {});
    }
    await sweep(path);
    return new Lock(path, token);
  }

  async release(): Promise<void> {
    const holder = await read(this.#path);
    if (holder?.token === this.#token) await unlink(this.#path);
    own.delete(this.#token);
  }
}

async function take(lock: string, path: string, mine: string): Promise<void> {
  while (!(await claim(mine, path))) {
    const dead = await deadHolder(path);
    if (dead === undefined) continue;
    const guard = `${lock}.after-${dead}`;
    await take(lock, guard, mine);
    try {
      if ((await deadHolder(path)) === dead) await unlink(path);
    } finally {
      await unlink(guard);
    }
  }
}

/** What a file says; null when it is unreadable, undefined when it is gone. */
async function read(path: string): Promise<Holder | null | undefined> {
  try {
    const handle = await openFile(path, 'read');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64);
      const [, pid, start, token] = lockText.exec(buffer.toString('latin1', 0, bytesRead)) ?? [];
      if (pid === undefined || start === undefined || token === undefined) return null;
      return { pid: Number(pid), start, token };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return errorCode(error) === 'ENOENT' ? undefined : null;
  }
}

/**
 * The token of a holder that is no more, undefined when nobody holds the lock any longer.
 * @throws ChatError when the holder lives
 */
async function deadHolder(path: string): Promise<string | undefined> {
  const holder = await read(path);
  if (holder === undefined) return undefined;
  if (holder === null) {
    const found = await lstat(path).catch(() => undefined);
    if (found === undefined) return undefined;
    if (Math.abs(Date.now() - found.mtimeMs) > writingMs) return 'nobody';
  } else if (!(await lives(holder))) return holder.token;
  throw new ChatError(
    'in-use',
    `${dirname(path)} is in use by ${holder === null ? 'another process' : `process ${holder.pid}`}: end that one first, or take another --name`,
  );
}

async function lives({ pid, start, token }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: somebody else's, but it lives.
    if (errorCode(error) === 'ESRCH') return false;
  }
  const now = await startOf(pid);
  if (now === 'dead') return false;
  if (now === undefined || start === '-') return pid !== process.pid || own.has(token);
  return now === start;
}

/** When a process was started, or `dead` for one whose parent has not taken notice yet; undefined: not to be had. */
async function startOf(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return undefined;
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => '');
  // The second field is a name in parentheses, which may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' || fields[0] === 'X' ? 'dead' : fields[19];
}

/** Removes what others have left beside the lock who died while they were at it. Nobody can need it: the lock is ours. */
async function sweep(path: string): Promise<void> {
  const [folder, prefix] = [dirname(path), `${basename(path)}.`];
  for (const name of await readdir(folder).catch(() => [])) {
    if (!name.startsWith(prefix)) continue;
    const holder = await read(join(folder, name));
    if (holder && !(await lives(holder))) await unlink(join(folder, name)).catch(() => {});
  }
}
