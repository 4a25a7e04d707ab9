/** Checks of this machine alone: the version of Node, the config file, the folder for what is kept. */
import { access, constants, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { errorCode, reason } from '../io/disk.ts';
import { defaultDataDir, profileFolder } from '../io/folders.ts';
import { glimpse, latestProfile } from '../io/glimpse.ts';
import { checkFolder, quoted, readOwned } from '../io/owned.ts';
import type { Check, Finding, Patient } from './finding.ts';

/** The least version of Node that runs this: that of package.json. */
const nodeLeast = [20, 19] as const;
/** What a room may hold on disk, twice over: less room will be short some day, bytes. */
const diskBytesLeast = 1 << 27;

export const machine: readonly Check[] = [node, config, data];

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
      await glimpse(profile);
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
export function profileOf({ name, dataDir = defaultDataDir() }: Patient['settings']): Promise<string | undefined> {
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
