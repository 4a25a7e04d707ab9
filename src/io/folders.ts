/**
 * Where rooms are kept: `<data dir>/<name>/<room>`, and in a room's folder the files of its journal, a lock, and `alive`,
 * whose time says when the room was last in use.
 */
import { createHash } from 'node:crypto';
import { lstat, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, posix, win32 } from 'node:path';
import { ChatError } from '../core/errors.ts';
import { nameKey } from '../core/name.ts';

/** The longest name of a folder that is not shortened: any file system takes it. */
const folderNameMax = 100;
/** Names that Windows keeps for devices. */
const device = /^(con|prn|aux|nul|(com|lpt)\d)$/;

/** Where a platform keeps things of one kind, by custom: the variable that names a folder, or what lies in the home. */
interface Custom {
  readonly xdg: string;
  readonly home: readonly string[];
  readonly darwin: readonly string[];
  readonly win32: { readonly variable: string; readonly home: readonly string[] };
}

const data: Custom = {
  xdg: 'XDG_DATA_HOME',
  home: ['.local', 'share'],
  darwin: ['Library', 'Application Support'],
  win32: { variable: 'LOCALAPPDATA', home: ['AppData', 'Local'] },
};
const config: Custom = {
  xdg: 'XDG_CONFIG_HOME',
  home: ['.config'],
  // Not beside the data, where each name is a folder: there is a person called config, perhaps.
  darwin: ['Library', 'Preferences'],
  win32: { variable: 'APPDATA', home: ['AppData', 'Roaming'] },
};

/**
 * $XDG_DATA_HOME/groupchat, or where the platform keeps such things.
 * @throws ChatError `store` when there is no home
 */
export function defaultDataDir(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home?: string,
): string {
  return folderIn(data, env, platform, home);
}

/**
 * $XDG_CONFIG_HOME/groupchat/config, or where the platform keeps such things.
 * @throws ChatError `store` when there is no home
 */
export function defaultConfigFile(
  env: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
  home?: string,
): string {
  return (platform === 'win32' ? win32 : posix).join(folderIn(config, env, platform, home), 'config');
}

function folderIn(custom: Custom, env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home: string | undefined): string {
  const path = platform === 'win32' ? win32 : posix;
  const absolute = (folder: string | undefined): string | undefined =>
    folder !== undefined && path.isAbsolute(folder) ? folder : undefined;
  const inHome = (parts: readonly string[]): string => path.join(home ?? homeFolder(custom.xdg), ...parts);
  const base = (): string => {
    if (platform === 'win32') return absolute(env[custom.win32.variable]) ?? inHome(custom.win32.home);
    return inHome(platform === 'darwin' ? custom.darwin : custom.home);
  };
  return path.join(absolute(env[custom.xdg]) ?? base(), 'groupchat');
}

function homeFolder(variable: string): string {
  try {
    return homedir();
  } catch {
    throw new ChatError('store', `there is no home folder: set ${variable} to a folder for what is kept`);
  }
}

/**
 * <dataDir>/<name as a file name>: each name has a folder of its own, so that two peers of one user do not share one.
 * Names that count as the same have the same folder.
 */
export function profileFolder(dataDir: string, name: string): string {
  const key = nameKey(name);
  let folder = '';
  for (const byte of Buffer.from(key)) {
    const letter = String.fromCharCode(byte);
    folder += /[a-z0-9_-]/.test(letter) ? letter : `%${byte.toString(16).padStart(2, '0')}`;
  }
  // No name is written with a tilde: what follows it cannot be another name.
  if (folder.length > folderNameMax) {
    folder = `${folder.slice(0, folderNameMax / 2)}~${createHash('sha256').update(key).digest('hex').slice(0, 32)}`;
  } else if (device.test(folder)) folder += '~';
  return join(dataDir, folder);
}

/** The number of a journal file, undefined for any other name. */
export function fileNumber(name: string): number | undefined {
  if (!/^\d{6,12}\.log$/.test(name)) return undefined;
  const number = Number.parseInt(name, 10);
  return Number.isSafeInteger(number) && fileName(number) === name ? number : undefined;
}

export function fileName(number: number): string {
  return `${String(number).padStart(6, '0')}.log`;
}

/**
 * The rooms kept in a profile's folder, the latest used first. A link to one counts: it is refused where it is opened, and
 * passing it over would begin another room without a word.
 */
export async function savedRooms(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const rooms = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
      .map(async ({ name }) => ({ name, usedAt: await usedAt(join(folder, name)) })),
  );
  return rooms
    .filter(({ usedAt: at }) => at !== undefined)
    .toSorted((a, b) => (b.usedAt as number) - (a.usedAt as number))
    .map(({ name }) => name);
}

/** When a room was last in use, undefined when nothing of one is kept here. */
export async function usedAt(folder: string): Promise<number | undefined> {
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => fileNumber(name) !== undefined);
  if (files.length === 0) return undefined;
  const times = await Promise.all(
    ['alive', ...files].map(async (name) => (await lstat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0),
  );
  return Math.max(...times);
}
