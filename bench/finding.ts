/**
 * Finding a room: from the start of a process that is given a name and no address, until the first line that it says
 * stands on another's screen. And what beacons cost that nobody wants.
 */
import { randomBytes } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { encodeBeacon } from '../src/core/beacon.ts';
import { temporaryFolder } from './folder.ts';
import { Peer } from './peer.ts';
import type { Plan } from './plan.ts';
import { freePort } from './port.ts';
import { processorMs } from './process.ts';
import { digits, table, type Progress } from './report.ts';
import { summarize } from './stats.ts';
import { sleep, within } from './time.ts';

/** How long a line may take to be printed, ms. Beyond it, it counts as lost. */
const patienceMs = 20_000;
/** From the start of the process until its first line is read elsewhere, ms. */
const budgetMs = 3000;
/** So often the flood is made up for what it lags behind, ms. */
const everyMs = 5;

/** Variables of those who hear each other and nobody else. */
async function air(): Promise<NodeJS.ProcessEnv> {
  return {
    GROUPCHAT_NO_DISCOVERY: '',
    GROUPCHAT_INTERFACE: '127.0.0.1',
    GROUPCHAT_DISCOVERY_PORT: String(await freePort()),
  };
}

async function comes(name: string, lan: NodeJS.ProcessEnv, folder = temporaryFolder()): Promise<Peer> {
  return new Peer(name, `127.0.0.1:${await freePort()}`, ['--data-dir', folder], [], lan);
}

/** A peer starts, says a text at once, and goes again. @returns from its start until the text is on the screen, ms */
async function run(screen: Peer, text: string, lan: NodeJS.ProcessEnv, folder?: string): Promise<number> {
  const began = performance.now();
  const peer = await comes('bob', lan, folder);
  peer.say(text);
  const at = await within(patienceMs, () => `until "${text}" was read`, screen.prints(text));
  peer.signal('SIGINT');
  await peer.ended();
  return at - began;
}

/** So many forged beacons a second, each of another peer, for so long. @returns how many were sent */
async function flood(lan: NodeJS.ProcessEnv, perS: number, ms: number): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const port = Number(lan['GROUPCHAT_DISCOVERY_PORT']);
  socket.setBroadcast(true);
  const began = performance.now();
  let sent = 0;
  for (let passed = 0; passed < ms; passed = performance.now() - began) {
    for (; sent < (passed / 1000) * perS; sent++) {
      const [token, mark] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
      const beacon = encodeBeacon({ kind: 'open', does: 'here', port: 6000, nextMs: 2000, token, mark });
      socket.send(beacon, port, '127.255.255.255');
    }
    await sleep(everyMs);
  }
  socket.close();
  return sent;
}

/** What a peer in a room takes of the processor while nothing is said, % of a core. */
async function loadOf(peer: Peer, meanwhile: () => Promise<unknown>): Promise<number> {
  const [began, taken] = [performance.now(), processorMs(peer.pid)];
  await meanwhile();
  return (100 * (processorMs(peer.pid) - taken)) / (performance.now() - began);
}

export async function measureFinding(plan: Plan['finding'], progress: Progress): Promise<string> {
  const lan = await air();
  const alice = await comes('alice', lan);
  try {
    alice.say('first');
    await within(patienceMs, () => 'until the room was founded', alice.prints('first'));
    const rows: string[][] = [];
    const kept = temporaryFolder();
    await run(alice, 'kept', lan, kept);
    for (const [name, folder] of [
      ['found on the network', undefined],
      ['kept, and its members answer', kept],
    ] as const) {
      const took: number[] = [];
      for (let time = 0; time < plan.runs; time++) took.push(await run(alice, `${name} ${time}`, lan, folder));
      const { median, p99, max } = summarize(took);
      const verdict = max <= budgetMs ? 'kept' : '**missed**';
      rows.push([name, digits(median), digits(p99), digits(max), `max ${digits(budgetMs)}: ${verdict}`]);
      progress(`finding: ${name} ${digits(median)} ms`);
    }
    const still = await loadOf(alice, () => sleep(plan.floodMs));
    let sent = 0;
    const flooded = await loadOf(alice, async () => {
      sent = await flood(lan, plan.beaconsPerS, plan.floodMs);
    });
    const perS = digits((1000 * sent) / plan.floodMs);
    return [
      '## Finding',
      `${plan.runs} starts of each, one after the other, on loopback: from the start of a process that is given a name and ` +
        'no address, and says a line at once, until that line is printed by the other process.',
      table(['a room that is', 'p50, ms', 'p99, ms', 'max, ms', 'budget, ms'], rows),
      `Beacons that nobody wants, each of another peer: a peer of a quiet room takes ${digits(flooded)}% of a core at ` +
        `${perS} a second, and ${digits(still)}% without.`,
    ].join('\n\n');
  } finally {
    await alice.kill();
  }
}
