/**
 * Where a peer goes that was given no address: into the room that it kept, if somebody of it answers at an address that
 * is known or is heard on the network; else it goes on alone with what it kept, if anything was said there or anybody was
 * there; else into the one room that is heard; else it founds one. Of several rooms the person chooses.
 *
 * Whoever asked for a private room, or was last in one, is never led into another.
 */
import type { Crowd } from './core/beacon.ts';
import { ChatError } from './core/errors.ts';
import { limits } from './core/limits.ts';
import { Tag } from './io/tag.ts';
import { foundRoom, type FoundRoom, type Lookout, type Search } from './lookout.ts';
import type { PeerOptions } from './options.ts';

export type Arrival =
  /** Goes on with a room that is kept; its members were `heard` at these addresses. */
  | { readonly kind: 'kept'; readonly room: string; readonly heard: readonly string[] }
  /** As a newcomer. */
  | { readonly kind: 'join'; readonly heard: readonly string[] }
  | { readonly kind: 'several'; readonly rooms: readonly FoundRoom[] }
  | { readonly kind: 'found' };

/** The room that is gone on with if no other is entered, and whether somebody answers where its members were. */
export interface Home {
  readonly room: string;
  readonly answers: Promise<boolean>;
}

export async function arrive(lookout: Lookout, search: Search, home: Home | undefined): Promise<Arrival> {
  // Whoever answers where somebody of it was ends the search.
  const answered = new Promise<readonly Crowd[]>((resolve) => {
    void home?.answers.then((answer) => answer && resolve([]));
  });
  const crowds = await Promise.race([lookout.look(search), answered]);
  lookout.stop();
  const own = crowds.find((crowd) => crowd.own === home?.room) ?? crowds[0];
  if (own?.own !== undefined) return known(own, own.own, home);
  if (own === undefined || (await home?.answers) === true) return unheard(home?.room);
  const rooms = crowds.map(foundRoom);
  return rooms.length === 1 ? { kind: 'join', heard: rooms[0]?.addresses ?? [] } : { kind: 'several', rooms };
}

function known(crowd: Crowd, room: string, home: Home | undefined): Arrival {
  const heard = foundRoom(crowd).addresses;
  return room === byKey && home?.room !== byKey ? { kind: 'join', heard } : { kind: 'kept', room, heard };
}

/** Where one goes who hears nobody. @param room the one that is gone on with */
export function unheard(room: string | undefined): Arrival {
  return room === undefined ? { kind: 'found' } : { kind: 'kept', room, heard: [] };
}

/** Stands for a room of which only the key is known. */
const byKey = 'key';

/** What this person keeps. */
interface Keepings {
  /** The rooms, the latest used first. */
  readonly rooms: readonly string[];
  /** That of a private one. @throws ChatError when it cannot be read */
  readonly keyOf: (room: string) => Promise<string | undefined>;
  /** The key of the room that is gone on with. */
  readonly key: string | undefined;
}

/**
 * Which rooms are entered, if they are on the network.
 * @param home the room that is gone on with; one that `hasPast`, where something was said or somebody was, is left for
 * no other one unasked
 */
export async function searchOf(
  { key: given, private: secret = false, plain = false }: Pick<PeerOptions, 'key' | 'private' | 'plain'>,
  home: { readonly room: string; readonly hasPast: boolean } | undefined,
  { rooms, keyOf, key }: Keepings,
): Promise<Search> {
  const strange = plain ? 'plain' : 'open';
  const tags = new Map<string, Tag>();
  if (home !== undefined) tags.set(home.room, key === undefined ? Tag.of(strange, home.room) : Tag.of('private', key));
  else if (given !== undefined) tags.set(byKey, Tag.of('private', given));
  const kept = home !== undefined;
  if (given !== undefined || secret || home?.hasPast === true) return { kind: undefined, tags, kept };
  for (const other of rooms.slice(0, limits.keptLookedFor)) {
    if (tags.has(other)) continue;
    // One that cannot be read now is told of when it is entered.
    const file = await keyOf(other).catch(() => null);
    if (file === undefined) tags.set(other, Tag.of(strange, other));
    else if (file !== null && !plain) tags.set(other, Tag.of('private', file));
  }
  return { kind: key === undefined ? strange : undefined, tags, kept };
}

/** Said where nobody can be asked. */
export function severalRooms(rooms: readonly FoundRoom[]): ChatError {
  const ways = rooms.slice(0, 4).map(({ addresses }) => `--join ${addresses[0]}`);
  const more = rooms.length > 4 ? `, or one of ${rooms.length - 4} others` : '';
  return new ChatError(
    'several',
    `there are ${rooms.length} rooms on this network: choose one with ${ways.join(' or ')}${more}, or start another with --new`,
  );
}
