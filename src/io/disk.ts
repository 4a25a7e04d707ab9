/**
 * What the hands on the disk have in common: files opened without following a link or waiting for a pipe, and words
 * for what went wrong.
 */
import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

const { O_CREAT, O_EXCL, O_RDONLY, O_WRONLY, O_APPEND, O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants;
/** Windows knows neither. */
const careful = (O_NOFOLLOW ?? 0) | (O_NONBLOCK ?? 0);

const ways = {
  read: O_RDONLY,
  append: O_WRONLY | O_APPEND,
  /** A file that must not be there yet. */
  create: O_WRONLY | O_APPEND | O_CREAT | O_EXCL,
  /** A file of which only the times count. */
  touch: O_RDWR | O_CREAT,
};

/** Opens a file that only its owner may read. */
export function openFile(path: string, way: keyof typeof ways): Promise<FileHandle> {
  return open(path, ways[way] | careful, 0o600);
}

/**
 * Gives a file another name, if that is free. Of several who try at once, one does.
 * @returns false when it is taken
 */
export async function claim(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path).catch((error: unknown) => {
      if (errorCode(error) === 'EEXIST') throw error;
      // A file system without hard links.
      return copyFile(mine, path, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Makes new names in a folder last. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows has no such thing.
  if (process.platform === 'win32') return;
  const handle = await open(folder, O_RDONLY);
  try {
    await handle.sync();
  } catch (error) {
    // Not every file system has it either.
    if (errorCode(error) !== 'EINVAL') throw error;
  } finally {
    await handle.close();
  }
}

export function errorCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

/** Why the disk did not do as told, in words. */
export function reason(error: unknown): string {
  const code = errorCode(error);
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return 'the disk is full';
    case 'EFBIG':
      return 'a file has grown as large as is allowed';
    case 'EIO':
      return 'the disk does not work';
    case 'EROFS':
      return 'the disk is read-only';
    case 'EACCES':
    case 'EPERM':
      return 'permission is denied';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of it is not a folder';
    case 'ENOENT':
      return 'it is gone';
    case 'ELOOP':
      return 'a link stands in the place of a file';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open';
    default:
      return code;
  }
}

/**
 * Makes a folder, and those above it that are missing, for this user alone. Node's own `recursive` never ends where a
 * folder that is there takes none (/proc).
 */
export async function makeFolder(folder: string): Promise<void> {
  const make = async (): Promise<unknown> => mkdir(folder, { mode: 0o700 });
  try {
    await make();
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return;
    if (errorCode(error) !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    // Another process may be making it, too.
    await make().catch((again: unknown) => {
      if (errorCode(again) !== 'EEXIST') throw again;
    });
  }
}
