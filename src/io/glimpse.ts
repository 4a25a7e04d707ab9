/**
 * A glimpse of what is kept: where the room was that a person had open last, and its key. It is read without taking hold
 * of the room, since another process may have it open, and just then it is worth looking for.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ChatError } from '../core/errors.ts';
import { Player } from '../core/journal.ts';
import { limits, settings } from '../core/limits.ts';
import { Log } from '../core/log.ts';
import { openFile } from './disk.ts';
import { fileNumber, savedRooms } from './folders.ts';
import { decodeFile } from './record.ts';
import { loadRoomKey } from './roomkey.ts';

export interface Glimpse {
  /** Where its members could be dialled, that of this person among them: `host:port`. */
  readonly addresses: readonly string[];
  readonly key: string | undefined;
}

/**
 * @param profile the folder of the person's profile
 * @returns undefined when no room is kept there that says where its members were
 * @throws ChatError `store` when others can read or change the key
 */
export async function glimpse(profile: string): Promise<Glimpse | undefined> {
  const [room] = await savedRooms(profile);
  if (room === undefined) return undefined;
  const folder = join(profile, room);
  const { keep } = settings;
  const log = new Log(0, keep.default);
  const player = new Player(room, log);
  for (const name of (await readdir(folder)).filter((one) => fileNumber(one) !== undefined).toSorted()) {
    const bytes = await read(join(folder, name));
    if (bytes !== undefined) player.file(fileNumber(name) as number, decodeFile(bytes).pieces);
  }
  const kept = player.end();
  if (kept === undefined) return undefined;
  const { owner, lost } = kept;
  const members = [...log.view.members, ...lost].flatMap((member) => member.addresses.slice(0, limits.addressesMax));
  const addresses = [...new Set([...members, ...owner.join])].slice(0, limits.comeBackMax);
  return addresses.length === 0 ? undefined : { addresses, key: await loadRoomKey(folder) };
}

/** A file may go while it is looked for. */
async function read(path: string): Promise<Buffer | undefined> {
  try {
    const handle = await openFile(path, 'read');
    try {
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof ChatError) throw error;
    return undefined;
  }
}
