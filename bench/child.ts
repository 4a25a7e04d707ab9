/** Child processes. Each is ended through the handle that started it, at the latest when this process ends. */
import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';

/** A child that does not end when it is asked to is killed after this, ms. */
const politeMs = 2000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function start(
  [program, ...args]: readonly [string, ...string[]],
  stdio: StdioOptions,
  more: NodeJS.ProcessEnv = {},
): ChildProcess {
  // Whoever measures has rooms of his own, perhaps.
  const env = { ...process.env, GROUPCHAT_NO_DISCOVERY: '1', ...more };
  const child = spawn(program, args, { stdio, env });
  running.add(child);
  child.once('exit', () => running.delete(child));
  // Nobody may be left to read what we still write.
  child.stdin?.on('error', () => {});
  return child;
}

export function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** Resolves when the child has ended; whoever does not end by itself is killed. */
export async function ended(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), politeMs);
  await once(child, 'exit');
  clearTimeout(timer);
}

/** Sends the signal and waits for the end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  child.kill(signal);
  await ended(child);
}
