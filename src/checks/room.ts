/** Checks of the room: which it is, whether it lets this machine in, whether it gets through to it. */
import { keyNeeded } from '../admission.ts';
import type { Address } from '../core/address.ts';
import { ChatError } from '../core/errors.ts';
import { firewallOf } from '../io/firewall.ts';
import { glimpse } from '../io/glimpse.ts';
import { isHere, isOwn } from '../io/interfaces.ts';
import { Keyring } from '../io/keyring.ts';
import { visit, type Inside, type Outside } from '../visit.ts';
import { toldTo, type Door } from './door.ts';
import type { Finding, Patient } from './finding.ts';
import { profileOf } from './machine.ts';

/** Clocks that differ by more show a room's times out of order to whoever reads them, ms. */
const skewMsMax = 5000;

/** By whom the room is gone into, and with which key. */
export interface Way {
  readonly to: readonly string[];
  readonly key: string | undefined;
  readonly plain: boolean;
  /** It was in no option: it is that to the room that was last in use. */
  readonly kept: boolean;
}

/** How links of that room are encrypted. */
export function keyringOf(way: Way | undefined): Keyring {
  if (way?.plain === true) return Keyring.plain();
  return way?.key === undefined ? Keyring.open() : Keyring.private(way.key);
}

/** As it was given, or else to the room that was last in use; or what is wrong with what was given. */
export async function wayTo({ settings, admission }: Patient): Promise<Way | Finding> {
  try {
    const { join: to, key, plain, ask } = admission();
    const given = { to, key, plain, kept: false };
    if (ask) return { check: 'key', state: 'fail', found: keyNeeded };
    const profile = to.length > 0 ? undefined : await profileOf(settings);
    const last = profile === undefined ? undefined : await glimpse(profile);
    return last === undefined ? given : { to: last.addresses, key: key ?? last.key, plain, kept: true };
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    // What is wrong with the folder has been told.
    if (error.code === 'store') return { to: [], key: undefined, plain: settings.plain === true, kept: true };
    return { check: 'key', state: 'fail', found: error.message };
  }
}

export async function room({ settings }: Patient, way: Way, door: Door): Promise<readonly Finding[]> {
  const { bound, keyring, called } = door;
  const check = 'room';
  const to: string[] = [];
  for (const address of way.to) {
    if (bound === undefined || !(await isOwn(address, bound))) to.push(address);
    else if (!way.kept) {
      const fix = '--join HOST:PORT, with the address of another member';
      return [{ check, state: 'fail', found: `${address} is where this machine listens itself`, fix }];
    }
  }
  if (to.length === 0) {
    const found = 'no member of a room is known, to see whether it gets through to this machine';
    const fix = 'groupchat doctor --join HOST:PORT';
    return [{ check, state: 'warn', found, fix }, ...(bound === undefined ? [] : await firewall(bound.port))];
  }
  const told = bound === undefined ? [] : toldTo(settings, bound);
  // Of those that are kept, most may be gone: whoever answers first will do.
  const doors = way.kept ? [to] : to.map((address) => [address]);
  const visited = await visit({ to: doors, addresses: told, keyring }, called);
  if (visited.kind === 'outside') return [barred(visited)];
  return [inRoom(visited), clock(visited), bound === undefined ? untried : await reach(visited, bound, told)];
}

/** Why this machine does not get in, and what opens. */
function barred({ why, message: found }: Outside): Finding {
  const state = 'fail';
  switch (why) {
    case 'unreachable':
      return { check: 'room', state, found, fix: 'groupchat doctor, on that machine' };
    case 'key':
      return { check: 'key', state, found, fix: "--join 'gc://…/#KEY', as /invite shows it to a member" };
    case 'clear':
      return { check: 'encryption', state, found, fix: '--plain, as the room has it' };
    case 'encrypted':
      return { check: 'encryption', state, found, fix: 'leave out --plain' };
    case 'version':
      return { check: 'version', state, found, fix: 'npm install -g groupchat@latest, on both machines' };
    case 'refused':
      return { check: 'room', state, found };
  }
}

function inRoom({ coordinator, carriedBy }: Inside): Finding {
  const who = coordinator?.name ?? 'somebody';
  if (carriedBy === undefined) {
    return { check: 'room', state: 'ok', found: `${who} coordinates it, and lets this machine in` };
  }
  const found = `${who} coordinates it, and is not to be reached from here: ${carriedBy} carries this machine there`;
  return { check: 'room', state: 'warn', found };
}

function clock({ skewMs, coordinator }: Inside): Finding {
  const check = 'clock';
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= skewMsMax) return { check, state: 'ok', found: 'it agrees with that of the room' };
  const found = `it is ${seconds} s ${skewMs > 0 ? 'behind' : 'before'} that of ${coordinator?.name ?? 'the room'}`;
  const fix = process.platform === 'linux' ? 'sudo timedatectl set-ntp true' : 'let the system set its clock';
  return { check, state: 'warn', found, fix };
}

const untried: Finding = {
  check: 'reach',
  state: 'warn',
  found: 'the room was not asked to call back, since the port is not to be had',
  fix: 'mend the port first',
};

async function reach(visited: Inside, { port }: Address, told: readonly string[]): Promise<Finding> {
  const { reachedAt, host, carriedBy } = visited;
  const check = 'reach';
  if (reachedAt !== undefined) {
    const here =
      carriedBy === undefined && isHere(host) ? ', from this machine itself: of others it tells nothing' : '';
    return { check, state: 'ok', found: `the room gets through to ${reachedAt}${here}` };
  }
  const found = `the room does not get through to ${told.join(', ')}`;
  const [wall] = await firewall(port);
  if (wall?.fix !== undefined) return { check, state: 'fail', found: `${found}: ${wall.found}`, fix: wall.fix };
  const fix = 'open the port in whatever stands between, or --advertise HOST:PORT that leads here';
  return { check, state: 'fail', found, fix };
}

async function firewall(port: number): Promise<readonly Finding[]> {
  const found = await firewallOf(port);
  if (found === undefined) return [];
  const { name, command } = found;
  return [{ check: 'firewall', state: 'warn', found: `${name} may keep others out, if it is on`, fix: command }];
}
