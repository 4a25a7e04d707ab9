/**
 * Small files that belong to one person alone: keys, and whom that person knows. They are read only where nobody else
 * can have read or changed them, as ssh does it; what is refused comes with the command that mends it. They are written
 * beside, and take their name when they are whole and on the disk.
 */
import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { lstat, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ChatError } from '../core/errors.ts';
import { claim, errorCode, makeFolder, openFile, reason, syncFolder } from './disk.ts';

/** What was written beside and is older than this has no writer any more, ms. */
const staleMs = 60_000;

/**
 * Makes sure that a folder is this person's alone; one that is not there is fine.
 * @throws ChatError `store` with the command that mends it
 */
export async function checkFolder(folder: string): Promise<void> {
  const found = await look(folder);
  if (found === undefined) return;
  if (!found.isDirectory()) throw refused(folder, `is not a folder: move it away: ${away(folder)}`);
  await checkOwner(folder, found, '700');
}

/** Makes a folder for this person alone, and makes sure that it is. @throws ChatError `store` */
export async function ownFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
  } catch (error) {
    // Another process has just made one of those above it: that one is there now.
    if (errorCode(error) === 'EEXIST') return ownFolder(folder);
    throw refused(folder, `cannot be made: ${reason(error)}`);
  }
  await checkFolder(folder);
}

/**
 * Reads a file in a folder that has been checked.
 * @returns undefined when there is none; no more than `bytesMax` and one byte, so one that is longer shows
 * @throws ChatError `store` when it is not this person's alone, not a file, or cannot be read
 */
export async function readOwned(path: string, bytesMax: number): Promise<Buffer | undefined> {
  const looked = await look(path);
  if (looked === undefined) return undefined;
  if (!looked.isFile()) throw refused(path, `is not a file: move it away: ${away(path)}`);
  try {
    const handle = await openFile(path, 'read');
    try {
      // What was opened counts, not what stood there before.
      const found = await handle.stat();
      await checkOwner(path, found, '600');
      const bytes = Buffer.alloc(Math.min(found.size, bytesMax) + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(bytes, length, bytes.length - length);
        length += bytesRead;
        if (bytesRead === 0 || length === bytes.length) return bytes.subarray(0, length);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ChatError) throw error;
    // Removed since.
    if (errorCode(error) === 'ENOENT') return undefined;
    throw refused(path, `cannot be read: ${reason(error)}`);
  }
}

/**
 * Makes a file that is not there yet. Of several who try at once, one does.
 * @returns false when there is one
 * @throws ChatError `store`
 */
export function makeOwned(path: string, text: string): Promise<boolean> {
  return beside(path, text, (mine) => claim(mine, path));
}

/** Puts a file in the place of the one that is there. @throws ChatError `store` */
export async function replaceOwned(path: string, text: string): Promise<void> {
  await beside(path, text, (mine) => rename(mine, path));
}

/** Writes a text to the disk under a name of its own, and lets it be put in its place. */
async function beside<Result>(path: string, text: string, put: (mine: string) => Promise<Result>): Promise<Result> {
  const mine = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    const handle = await openFile(mine, 'create');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const result = await put(mine);
    // Before the folder is synced: a second name of a key must not come back after a power cut.
    await unlink(mine).catch(() => {});
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await unlink(mine).catch(() => {});
    throw refused(path, `cannot be written: ${reason(error)}`);
  }
}

/** Removes what those left beside a file who died while they wrote it: it may hold a key. */
export async function sweepOwned(path: string): Promise<void> {
  const [folder, prefix] = [dirname(path), `${basename(path)}.`];
  for (const name of await readdir(folder).catch(() => [])) {
    // Whatever else begins so is the person's own: a copy of a key, say.
    if (!name.startsWith(prefix) || !/^[0-9a-f]{16}$/.test(name.slice(prefix.length))) continue;
    const found = await lstat(join(folder, name)).catch(() => undefined);
    if (found?.isFile() && Math.abs(Date.now() - found.mtimeMs) > staleMs) {
      await unlink(join(folder, name)).catch(() => {});
    }
  }
}

/** What stands at a path, undefined when nothing does. @throws ChatError when it is a link */
async function look(path: string): Promise<Stats | undefined> {
  const found = await lstat(path).catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw refused(path, `cannot be looked at: ${reason(error)}`);
  });
  if (!found?.isSymbolicLink()) return found;
  throw refused(path, `is a link, and must be the thing itself: put it there, or remove the link: rm ${quoted(path)}`);
}

async function checkOwner(path: string, { uid, mode }: Stats, right: '600' | '700'): Promise<void> {
  // Windows has other rights: what is in a person's own folders is that person's.
  if (process.platform === 'win32') return;
  const self = process.getuid?.();
  if (uid !== self) {
    throw refused(path, `belongs to somebody else: if it is yours: sudo chown -R ${self} ${quoted(path)}`);
  }
  // A folder of everybody's (/tmp) is to stay that.
  if ((mode & 0o1000) !== 0 && right === '700')
    throw refused(
      path,
      `is everybody's: choose a folder of your own in it, as in --data-dir ${quoted(join(path, 'groupchat'))}`,
    );
  if ((mode & 0o077) === 0) return;
  const [folders, files] = await openBeside(right === '700' ? path : dirname(path));
  const all = {
    700: [...(right === '700' ? [path] : []), ...folders],
    600: [...(right === '600' ? [path] : []), ...files],
  };
  const commands = ([700, 600] as const)
    .map((one) => ({ one, paths: [...new Set(all[one])].map(quoted) }))
    .filter(({ paths }) => paths.length > 0)
    .map(({ one, paths }) => `chmod ${one} ${paths.join(' ')}`);
  const more = new Set([...all[700], ...all[600]]).size > 1 ? ', and so is more of it' : '';
  throw refused(path, `is open to others${more}: ${commands.join(' && ')}`);
}

/** What this program keeps: by that a folder is known to be its own. Logs are as safe as their folder. */
const ours = /^(?:key|known\.json|roomkey|typed|terminal\.json|\d{6,12}\.log)$/;
/** So many are named at once: a person, and some rooms. */
const namedMax = 20;

/** What else others can get at in a folder: its own folders in it, and their files, so that all is mended at once. */
async function openBeside(folder: string, depth = 2): Promise<readonly [folders: string[], files: string[]]> {
  const [folders, files]: [string[], string[]] = [[], []];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && depth > 0 && folders.length + files.length < namedMax) {
      const [inner, within] = await openBeside(path, depth - 1);
      const names = await readdir(path).catch(() => []);
      if (names.some((name) => ours.test(name)) && (await isOpen(path))) folders.push(path);
      folders.push(...inner);
      files.push(...within);
    } else if (entry.isFile() && ours.test(entry.name) && !entry.name.endsWith('.log') && (await isOpen(path))) {
      files.push(path);
    }
  }
  return [folders.slice(0, namedMax), files.slice(0, namedMax)];
}

async function isOpen(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && found.uid === process.getuid?.() && (found.mode & 0o077) !== 0;
}

/** An error about one path. */
export function refused(path: string, why: string): ChatError {
  return new ChatError('store', `${path} ${why}`);
}

const away = (path: string): string => `mv ${quoted(path)} ${quoted(`${path}.old`)}`;

/** A path as a shell takes it. */
export function quoted(path: string): string {
  return /^[\w@%+=:,./~-]+$/.test(path) && !path.startsWith('-') && !path.startsWith('~')
    ? path
    : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
