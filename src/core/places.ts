/** Where others of the room are, as far as this peer knows, and whence it knows. */
import { limits } from './limits.ts';
import { isAdded } from './lost.ts';
import type { State } from './state.ts';

/**
 * `member`: of the room, as it is. `lost`: was a member. `beacon`: was heard on the network. `added`: the person here
 * has said so. `kept`: it was given to join by, or added, this time or before.
 */
export type Whence = 'member' | 'lost' | 'beacon' | 'added' | 'kept';

export interface Place {
  /** All of one peer's. */
  readonly addresses: readonly string[];
  readonly whence: Whence;
  /** What it is called, where that is known. */
  readonly name?: string;
}

/** One that was tried. */
export interface KnownPlace extends Place {
  /** Why it cannot be reached: words that complete "10.0.0.5:6000 …"; undefined when it can. */
  readonly fault: string | undefined;
}

/** At most `placesMax` of them, members first; each address once. @param heard where peers of this room were heard */
export function placesOf(state: State, heard: readonly string[]): Place[] {
  const { log, lost, self, joinedBy } = state;
  const known = new Set(self.addresses);
  const places: Place[] = [];
  const note = (place: Place): void => {
    const addresses = place.addresses.filter((address) => !known.has(address));
    if (addresses.length === 0 || places.length >= limits.placesMax) return;
    for (const address of addresses) known.add(address);
    places.push({ ...place, addresses });
  };
  for (const { id, name, addresses } of log.view.members)
    if (id !== self.id) note({ addresses, whence: 'member', name });
  for (const { member } of lost.values()) {
    const { id, key, name, addresses } = member;
    if (isAdded(id)) note({ addresses, whence: 'added' });
    else if (key !== '') note({ addresses, whence: 'lost', name });
  }
  for (const address of heard) note({ addresses: [address], whence: 'beacon' });
  for (const address of joinedBy) note({ addresses: [address], whence: 'kept' });
  return places;
}
