/**
 * A glimpse of the room that was last in use: where its members were, and its key. It is not opened: no lock is taken and
 * nothing is written or swept, since another process may have it open, and just then it is worth looking for.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Player } from '../core/journal.ts';
import { limits, settings } from '../core/limits.ts';
import { Log } from '../core/log.ts';
import { lawOf, rulesOf } from '../core/rules.ts';
import { createCrypto } from './crypto.ts';
import { fileNumber, savedRooms, usedAt } from './folders.ts';
import { Identity } from './identity.ts';
import { checkFolder } from './owned.ts';
import { readRoomKey } from './roomkey.ts';
import { readJournal } from './store.ts';

export interface Glimpse {
  /** Its id. */
  readonly room: string;
  /** Where its members could be dialled, that of this person among them, and then by which it was joined: `host:port`. */
  readonly addresses: readonly string[];
  /** That of a private room. */
  readonly key: string | undefined;
}

/** The profile whose room was last in use, of all in the data folder; undefined when none has a room. */
export async function latestProfile(dataDir: string): Promise<string | undefined> {
  const entries = await readdir(dataDir, { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(dataDir, name));
  const times = await Promise.all(
    folders.map(async (folder) => {
      const [room] = await savedRooms(folder);
      return { folder, at: room === undefined ? undefined : await usedAt(join(folder, room)) };
    }),
  );
  const used = times.filter(({ at }) => at !== undefined);
  return used.toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0))[0]?.folder;
}

/**
 * @param profile the folder of the person's profile
 * @returns undefined when no room is kept there
 * @throws ChatError `store` when it is not this person's alone, or its key is damaged
 */
export async function glimpse(profile: string): Promise<Glimpse | undefined> {
  const [room] = await savedRooms(profile);
  if (room === undefined) return undefined;
  const folder = join(profile, room);
  await checkFolder(folder);
  const crypto = createCrypto(Identity.temporary());
  const log = new Log(
    settings.history.default,
    settings.keep.default,
    lawOf(crypto, () => room),
  );
  const player = new Player(room, log);
  const numbers = (await readdir(folder)).flatMap((name) => {
    const number = fileNumber(name);
    return number === undefined ? [] : [{ number, name }];
  });
  for (const { number, name } of numbers.toSorted((a, b) => a.number - b.number)) {
    // One that cannot be read says nothing, as one that is damaged.
    const journal = await readJournal(join(folder, name)).catch(() => undefined);
    if (journal?.kind === 'ours') player.file(number, journal.pieces);
  }
  const restored = player.end();
  if (restored === undefined) return undefined;
  const { view, charter } = restored.log;
  const members = [...view.members, ...restored.lost].flatMap((member) => member.addresses);
  const addresses = [...new Set([...members, ...restored.owner.join])].slice(0, limits.comeBackMax);
  const key = await readRoomKey(folder);
  // The log has it first; of an open room it says nothing that counts.
  return { room, addresses, key: key && (rulesOf(charter).key ?? key) };
}
