/** Folders, and processes that keep rooms in them, for the tests of the hands on the disk. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { Store } from '../../src/io/store.ts';
import { later } from './net.ts';

/** Where the program was built to. */
const dist = process.env['GROUPCHAT_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url));
const keeper = fileURLToPath(new URL('keeper.js', import.meta.url));

/** A folder that is gone when the test has ended. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  later(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A store, and what it has complained of. */
export async function opened(folder: string): Promise<{ store: Store; failures: string[] }> {
  const failures: string[] = [];
  const store = await Store.open(folder, { failed: (message) => failures.push(message) });
  later(() => void store.close());
  return { store, failures };
}

export interface Keeper {
  readonly child: ChildProcess;
  /** The next line that it says. @throws when it has ended instead */
  readonly next: () => Promise<string>;
  readonly say: (line: string) => void;
  readonly kill: () => Promise<void>;
}

/** Starts keeper.js; `shell` is run before, with the command as its arguments. */
export function keeping(way: string, folder: string, shell = 'exec "$@"'): Keeper {
  const child = spawn('sh', ['-c', shell, 'sh', process.execPath, keeper, dist, way, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  later(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    child,
    next: async () => {
      const { done, value } = await lines.next();
      if (done) throw new Error(`the keeper has ended: ${child.exitCode ?? child.signalCode}`);
      return value;
    },
    say: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
