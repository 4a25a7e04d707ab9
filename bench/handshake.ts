/** The handshake: how long until a link to a coordinator is encrypted, and until it is a member's. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { connect as connectTls } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { Keyring } from '../src/io/keyring.ts';
import { begin } from '../src/io/secure.ts';
import { budgetCell, type Budget } from './budget.ts';
import { end, start } from './child.ts';
import { Crowd } from './crowd.ts';
import type { Plan } from './plan.ts';
import { freePort, opened } from './port.ts';
import { digits, table, type Progress } from './report.ts';
import { failed } from './rows.ts';
import { Server } from './server.ts';
import { bareOptions, barePsk } from './servers/bare.ts';
import { groupchat } from './servers/groupchat.ts';
import { summarize } from './stats.ts';
import { sleep } from './time.ts';

/** Two of four are links of ours, of which one address may begin a hundred a second, ms. */
const betweenMs = 5;
/** So many come before, and are not counted. */
const warmups = 20;

interface Way {
  readonly name: string;
  readonly budget: Budget;
  /** @returns how long it took, ms */
  readonly go: () => Promise<number>;
}

/**
 * How long it took to open a socket, ms. It is closed in good order: one that is torn down in the middle of its last
 * words is to the server a handshake that failed, of which an address may have few.
 */
async function timed(open: () => Promise<Socket>): Promise<number> {
  const began = performance.now();
  const socket = await open();
  const took = performance.now() - began;
  const closed = once(socket, 'close');
  socket.resume().end();
  await closed;
  return took;
}

async function tcp(port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  return socket;
}

async function bareTls(port: number): Promise<Socket> {
  const place = { port, host: '127.0.0.1' };
  const callbacks = { pskCallback: () => barePsk, checkServerIdentity: () => undefined };
  const socket = connectTls({ ...bareOptions, ...place, ...callbacks });
  await once(socket, 'secureConnect');
  return socket;
}

async function ours(port: number, keyring: Keyring): Promise<Socket> {
  const raw = await tcp(port);
  return new Promise((resolve, reject) => {
    begin(raw, keyring, { done: ({ socket }) => resolve(socket), failed: (why) => reject(new Error(why)) });
  });
}

async function measured(ways: readonly Way[], runs: number, progress: Progress): Promise<string[][]> {
  const took = new Map(ways.map((way) => [way, [] as number[]]));
  for (let run = -warmups; run < runs; run++) {
    for (const way of ways) {
      const one = await way.go();
      if (run >= 0) took.get(way)?.push(one);
      await sleep(betweenMs);
    }
  }
  return ways.map((way) => {
    const summary = summarize(took.get(way) ?? []);
    const row = [way.name, ...[summary.median, summary.p99, summary.max].map(digits)];
    progress(row.join('  '));
    return [...row, budgetCell(way.budget, summary, false)];
  });
}

async function rows({ runs }: Plan['handshake'], progress: Progress): Promise<string[][]> {
  const server = await Server.start(groupchat);
  if (server === undefined) throw new Error('groupchat is not built');
  let other: ChildProcess | undefined;
  let crowd: Crowd | undefined;
  try {
    const port = await freePort();
    const program = fileURLToPath(import.meta.resolve('./servers/answering.js'));
    other = start([process.execPath, program, String(port)], 'ignore');
    await opened(port, () => other?.exitCode !== null);
    crowd = await Crowd.gather(server, 0);
    const people = crowd;
    const keyring = Keyring.open();
    const join = async (): Promise<number> => {
      const newcomer = await people.add();
      people.remove(newcomer);
      return (newcomer.enteredAt ?? NaN) - newcomer.dialledAt;
    };
    const ways: Way[] = [
      { name: 'TCP alone', budget: {}, go: () => timed(() => tcp(port)) },
      { name: 'bare node:tls, external PSK', budget: {}, go: () => timed(() => bareTls(port)) },
      { name: 'a link is encrypted', budget: { median: 3 }, go: () => timed(() => ours(server.port, keyring)) },
      { name: 'and greeted, proven and welcomed', budget: {}, go: join },
    ];
    return await measured(ways, runs, progress);
  } finally {
    crowd?.close();
    if (other !== undefined) await end(other, 'SIGTERM');
    await server.stop();
  }
}

export async function measureHandshake(plan: Plan['handshake'], progress: Progress): Promise<string> {
  const title = '## Handshake';
  try {
    return [
      title,
      `${plan.runs} of each, in turn, one every ${betweenMs} ms, on loopback, from the call that connects; the servers are ` +
        'other processes. A link of ours has an encryption context of its own at both ends.',
      table(
        ['from the call that connects until', 'p50, ms', 'p99, ms', 'max, ms', 'budget, ms'],
        await rows(plan, progress),
      ),
    ].join('\n\n');
  } catch (error) {
    return `${title}\n\n${failed(error)}`;
  }
}
