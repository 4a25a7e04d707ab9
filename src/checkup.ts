/**
 * The checkup: why can nobody reach this machine? Each check finds out one thing, and says what to type where it is not
 * as it should be. They come in the order in which things go wrong: what this machine has, where it listens, whether it
 * gets into the room, whether the room gets through to it.
 *
 * Nothing is mended, founded, kept or said. What the room sees is told in visit.ts.
 */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { keyNeeded } from './admission.ts';
import { defaultPort, formatAddress, isLoopback, parseAddress, type Address } from './core/address.ts';
import { ChatError } from './core/errors.ts';
import { withoutKeys } from './core/invite.ts';
import { limits } from './core/limits.ts';
import { errorCode, reason } from './io/disk.ts';
import { firewallOf } from './io/firewall.ts';
import { defaultDataDir, profileFolder } from './io/folders.ts';
import { glance, latestProfile } from './io/glance.ts';
import { isEverywhere, isHere, isOwn, reachable } from './io/interfaces.ts';
import { Keyring } from './io/keyring.ts';
import { checkFolder, quoted, readOwned } from './io/owned.ts';
import { listenerHint, listenersOn } from './io/ports.ts';
import { Server } from './io/server.ts';
import type { Stage } from './task.ts';
import { turnCaller, visit, type Inside, type Outside } from './visit.ts';

export interface Finding {
  /** What was looked at: `port`. */
  readonly check: string;
  /** `warn`: it may be a fault, or become one. */
  readonly state: 'ok' | 'warn' | 'fail';
  readonly found: string;
  /** What to type, or to do, where it is not as it should be. */
  readonly fix?: string;
}

/** Of whom things are found out. */
export type Patient = Pick<Stage, 'settings' | 'configuration' | 'admission'>;
export type Check = (patient: Patient) => Promise<readonly Finding[]>;

/** The least version of Node that runs this: that of package.json. */
const nodeLeast = [20, 19] as const;
/** What a room may hold on disk, twice over: less room will be short some day, bytes. */
const diskBytesLeast = 1 << 27;
/** Clocks that differ by more show a room's times out of order to whoever reads them, ms. */
const skewMsMax = 5000;
/** Of a command line so much is shown, in characters. */
const commandMax = 60;

/**
 * Finds out everything, one thing after the other.
 * @param discovery whether rooms nearby are heard, for whoever knows
 */
export async function* examine(patient: Patient, discovery?: Check): AsyncGenerator<Finding> {
  for (const check of [node, config, data]) yield* await check(patient);
  const way = await wayTo(patient);
  if ('check' in way) yield way;
  const door = await Doorway.open(patient, keyringOf('check' in way ? undefined : way));
  try {
    yield door.finding;
    yield* addresses(patient, door);
    if (discovery !== undefined) yield* await discovery(patient);
    if (!('check' in way)) yield* await room(patient, way, door);
  } finally {
    door.close();
  }
}

// --- This machine ---

async function node(): Promise<readonly Finding[]> {
  const { node: version } = process.versions;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const fits = major > nodeLeast[0] || (major === nodeLeast[0] && minor >= nodeLeast[1]);
  const least = nodeLeast.join('.');
  if (fits) return [{ check: 'node', state: 'ok', found: `Node ${version}` }];
  const found = `Node ${version} is too old: ${least} is the least`;
  return [{ check: 'node', state: 'fail', found, fix: 'install Node 24 from https://nodejs.org' }];
}

async function config({ configuration }: Patient): Promise<readonly Finding[]> {
  const { file, found, fault } = configuration;
  const check = 'config';
  if (file === undefined) return [{ check, state: 'ok', found: 'no config file is looked for' }];
  if (fault !== undefined) return [{ check, state: 'fail', found: fault, fix: 'mend that line, or add --no-config' }];
  if (!found) return [{ check, state: 'ok', found: `there is no ${file}, which need not be` }];
  const { mode } = await stat(file);
  if (process.platform === 'win32' || (mode & 0o022) === 0) return [{ check, state: 'ok', found: file }];
  return [{ check, state: 'warn', found: `${file} can be changed by others`, fix: `chmod go-w ${quoted(file)}` }];
}

async function data({ settings }: Patient): Promise<readonly Finding[]> {
  const check = 'data';
  try {
    const folder = settings.dataDir ?? defaultDataDir();
    await checkFolder(folder);
    const profile = await profileOf(settings);
    if (profile !== undefined) {
      await checkFolder(profile);
      await readOwned(join(profile, 'key'), limits.keyFileBytesMax);
      await glance(profile);
    }
    const there = await nearestFolder(folder);
    await access(there, constants.W_OK | constants.X_OK);
    return [await space(folder, there)];
  } catch (error) {
    if (error instanceof ChatError) return [{ check, state: 'fail', ...halves(error.message) }];
    const found = `the folder for what is kept cannot be used: ${reason(error)}`;
    return [{ check, state: 'fail', found, fix: 'choose another: --data-dir FOLDER' }];
  }
}

/** Where what is known of the person stands: who was in a room last, unless there is a name. */
function profileOf({ name, dataDir = defaultDataDir() }: Patient['settings']): Promise<string | undefined> {
  return name === undefined ? latestProfile(dataDir) : Promise.resolve(profileFolder(dataDir, name));
}

/** Messages about files end with what to type. */
function halves(message: string): Pick<Finding, 'found' | 'fix'> {
  const [, found, fix] = /^(.*): ((?:sudo |chmod |mv |rm |--data-dir |if it is yours).*)$/u.exec(message) ?? [];
  return found === undefined || fix === undefined ? { found: message } : { found, fix };
}

/** The folder, or the first one above it that is there. */
async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT' && dirname(folder) !== folder) return undefined;
    throw error;
  });
  return found === undefined ? nearestFolder(dirname(folder)) : folder;
}

async function space(folder: string, there: string): Promise<Finding> {
  const check = 'data';
  const stats = await statfs(there).catch(() => undefined);
  // Not every file system tells.
  const free = stats === undefined ? Infinity : stats.bavail * stats.bsize;
  const size = free < 1e9 ? `${Math.floor(free / 1e6)} MB` : `${Math.floor(free / 1e9)} GB`;
  const what = there === folder ? `${folder} is yours alone` : `${folder} is made at the first start`;
  if (free === Infinity) return { check, state: 'ok', found: what };
  if (free >= diskBytesLeast) return { check, state: 'ok', found: `${what}, ${size} are free` };
  const fix = `make room on that disk (df -h ${quoted(there)}), or --data-dir FOLDER on another`;
  return { check, state: 'warn', found: `${what}, and only ${size} are free`, fix };
}

// --- Where it listens ---

/** Our server, for as long as others may call. */
class Doorway {
  readonly finding: Finding;
  /** Where it listens; undefined where it cannot. */
  readonly bound: Address | undefined;
  readonly keyring: Keyring;
  /** Resolves with the address of ours that somebody has dialled who knows the room's key. */
  readonly called: Promise<string>;
  readonly #server: Server;

  private constructor(given: Pick<Doorway, 'finding' | 'bound' | 'keyring' | 'called'>, server: Server) {
    this.finding = given.finding;
    this.bound = given.bound;
    this.keyring = given.keyring;
    this.called = given.called;
    this.#server = server;
  }

  static async open({ settings }: Patient, keyring: Keyring): Promise<Doorway> {
    let tell: (address: string) => void;
    const called = new Promise<string>((resolve) => (tell = resolve));
    const server = new Server(keyring, {
      accept: (socket) => {
        const { localAddress = '', localPort = 0 } = socket;
        turnCaller(socket);
        tell(formatAddress({ host: localAddress.replace(/^::ffff:(?=\d+\.)/u, ''), port: localPort }));
      },
      turnedAway() {},
      isKnown: () => false,
    });
    const wanted = settings.listen === undefined ? undefined : parseAddress(settings.listen);
    try {
      const bound = await server.listen(wanted);
      return new Doorway({ finding: await listening(bound, wanted), bound, keyring, called }, server);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return new Doorway({ finding: await taken(error.message, wanted), bound: undefined, keyring, called }, server);
    }
  }

  close(): void {
    this.#server.close();
  }
}

function keyringOf(way: Way | undefined): Keyring {
  if (way?.plain === true) return Keyring.plain();
  return way?.key === undefined ? Keyring.open() : Keyring.private(way.key);
}

async function listening(bound: Address, wanted: Address | undefined): Promise<Finding> {
  const check = 'port';
  if (wanted !== undefined || bound.port === defaultPort) {
    return { check, state: 'ok', found: `port ${bound.port} is free` };
  }
  const found = `${await whoHas(defaultPort)}: ${bound.port} is the next that is free, and others have to be told`;
  return { check, state: 'warn', found, fix: `--listen 0.0.0.0:${bound.port}` };
}

async function taken(message: string, wanted: Address | undefined): Promise<Finding> {
  const [, found = message, fix] =
    /^(.*): (?:choose another, as in |choose .*, as in |try )(--listen .*)$/u.exec(message) ?? [];
  const isTaken = wanted !== undefined && found.endsWith(' is taken');
  return {
    check: 'port',
    state: 'fail',
    found: isTaken ? await whoHas(wanted.port) : found,
    ...(fix === undefined ? {} : { fix }),
  };
}

/** Who listens on a port that is taken, or how that is found out. */
async function whoHas(port: number): Promise<string> {
  const listeners = await listenersOn(port);
  if (listeners.length === 0) return `port ${port} is taken (by whom: ${listenerHint(port)})`;
  const shown = listeners.map(({ pid, command }) => {
    const line = withoutKeys(command);
    return `process ${pid} (${line.length > commandMax ? `${line.slice(0, commandMax)}…` : line})`;
  });
  return `port ${port} is taken by ${shown.join(' or ')}`;
}

function addresses({ settings }: Patient, { bound }: Doorway): readonly Finding[] {
  if (bound === undefined) return [];
  const check = 'addresses';
  const told = toldTo(settings, bound);
  const given = settings.advertise === undefined ? '' : ', as --advertise has it';
  const found = `others are told to dial ${told.join(', ')}${given}`;
  if (!told.every((one) => isLoopback(parseAddress(one)?.host ?? ''))) return [{ check, state: 'ok', found }];
  const fix = isEverywhere(bound.host) ? 'connect this machine to a network' : `--listen 0.0.0.0:${bound.port}`;
  return [{ check, state: 'warn', found: `${found}: that reaches nobody but this machine`, fix }];
}

function toldTo({ advertise }: Patient['settings'], bound: Address): readonly string[] {
  return advertise ?? reachable(bound);
}

// --- The room ---

/** By whom the room is gone into, and with which key. */
interface Way {
  readonly to: readonly string[];
  readonly key: string | undefined;
  readonly plain: boolean;
  /** It was in no option: it is that to the room that was last in use. */
  readonly kept: boolean;
}

/** As it was given, or else to the room that was last in use; or what is wrong with what was given. */
async function wayTo({ settings, admission }: Patient): Promise<Way | Finding> {
  try {
    const { join: to, key, plain, ask } = admission();
    const given = { to, key, plain, kept: false };
    if (ask) return { check: 'key', state: 'fail', found: keyNeeded };
    const profile = to.length > 0 ? undefined : await profileOf(settings);
    const last = profile === undefined ? undefined : await glance(profile);
    return last === undefined ? given : { to: last.addresses, key: key ?? last.key, plain, kept: true };
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    // What is wrong with the folder has been told.
    if (error.code === 'store') return { to: [], key: undefined, plain: settings.plain === true, kept: true };
    return { check: 'key', state: 'fail', found: error.message };
  }
}

async function room({ settings }: Patient, way: Way, door: Doorway): Promise<readonly Finding[]> {
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
