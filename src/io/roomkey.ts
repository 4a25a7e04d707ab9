/**
 * The key of a private room, in `roomkey` of the room's folder: one line of base64url. Whoever has it may come in.
 */
import { join } from 'node:path';
import { limits } from '../core/limits.ts';
import { bytesOf } from './crypto.ts';
import { checkFolder, ownFolder, quoted, readOwned, refused, replaceOwned, sweepOwned } from './owned.ts';

/** 43 characters of base64url (32 bytes). */
export type RoomKey = string;

const fileName = 'roomkey';
const keyBytes = 32;

/**
 * The key that is kept in a room's folder, undefined when there is none.
 * @throws ChatError `store` when others can read or change it, or it is damaged
 */
export async function loadRoomKey(folder: string): Promise<RoomKey | undefined> {
  await checkFolder(folder);
  await sweepOwned(join(folder, fileName));
  return readRoomKey(folder);
}

/** The same, where another process may have the room open: nothing is swept, and the folder has been checked. */
export async function readRoomKey(folder: string): Promise<RoomKey | undefined> {
  const path = join(folder, fileName);
  const bytes = await readOwned(path, limits.keyChars + 1);
  if (bytes === undefined) return undefined;
  const text = bytes.toString('latin1');
  const key = text.slice(0, -1);
  if (text.endsWith('\n') && bytesOf(key, keyBytes) !== undefined) return key;
  throw refused(path, `is damaged: remove it (rm ${quoted(path)}), and join the room by its invite again`);
}

/**
 * Keeps a key in a room's folder, in place of another.
 * @throws ChatError `store` when the folder is not this person's alone, or the disk does not take it
 */
export async function keepRoomKey(folder: string, key: RoomKey): Promise<void> {
  await ownFolder(folder);
  await replaceOwned(join(folder, fileName), `${key}\n`);
}
