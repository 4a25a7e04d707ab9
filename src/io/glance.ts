/**
 * A glance at the room that was last in use: where it was met, and with which key. It is not opened: no lock is taken and
 * nothing is written or swept, so it may be in use by another process meanwhile.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { keyFault } from '../core/invite.ts';
import { Player } from '../core/journal.ts';
import { limits, settings } from '../core/limits.ts';
import { Log } from '../core/log.ts';
import { lawOf, rulesOf } from '../core/rules.ts';
import { createCrypto } from './crypto.ts';
import { fileNumber, savedRooms, usedAt } from './folders.ts';
import { Identity } from './identity.ts';
import { checkFolder, readOwned } from './owned.ts';
import { readJournal } from './store.ts';

export interface Glimpse {
  readonly room: string;
  /** Where its members were dialled, those first by which it was joined. */
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
 * @param folder that of the person's profile
 * @returns undefined when no room is kept there
 * @throws ChatError `store` when it is not this person's alone
 */
export async function glance(folder: string): Promise<Glimpse | undefined> {
  const [room] = await savedRooms(folder);
  if (room === undefined) return undefined;
  const place = join(folder, room);
  await checkFolder(place);
  const crypto = createCrypto(Identity.temporary());
  const log = new Log(
    settings.history.default,
    settings.keep.default,
    lawOf(crypto, () => room),
  );
  const player = new Player(room, log);
  const numbers = (await readdir(place)).flatMap((name) => {
    const number = fileNumber(name);
    return number === undefined ? [] : [{ number, name }];
  });
  for (const { number, name } of numbers.toSorted((a, b) => a.number - b.number)) {
    // One that cannot be read says nothing, as one that is damaged.
    const journal = await readJournal(join(place, name)).catch(() => undefined);
    if (journal?.kind === 'ours') player.file(number, journal.pieces);
  }
  const restored = player.end();
  if (restored === undefined) return undefined;
  const members = [...restored.log.view.members, ...restored.lost];
  const addresses = [...restored.owner.join, ...members.flatMap((member) => member.addresses)];
  const key = rulesOf(restored.log.charter).key ?? (await keyIn(place));
  return { room, addresses: [...new Set(addresses)].slice(0, limits.comeBackMax), key };
}

async function keyIn(place: string): Promise<string | undefined> {
  const bytes = await readOwned(join(place, 'roomkey'), limits.keyChars + 1);
  const key = bytes?.toString('latin1').trimEnd();
  return key !== undefined && keyFault(key) === undefined ? key : undefined;
}
