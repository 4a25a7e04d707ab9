/** Where other peers are: what `/peers` and `/add` answer. */
import { isLoopback, parseAddress } from '../core/address.ts';
import type { KnownPlace, Whence } from '../core/places.ts';
import type { Member, PeerId } from '../core/view.ts';
import { clean } from './screen.ts';
import { count } from './text.ts';

/** The part of a Peer that knows where others are. */
export interface Surroundings {
  readonly id: PeerId;
  readonly coordinator: Member | undefined;
  /** Addresses of others that are known, each tried just now. */
  peers(): Promise<readonly KnownPlace[]>;
  /** An address to try, now and whenever the room is looked for. @throws ChatError when it is none */
  add(address: string): Promise<KnownPlace>;
}

const whences: Readonly<Record<Whence, string>> = {
  member: 'member',
  lost: 'was here',
  beacon: 'heard on this network',
  added: 'added',
  kept: 'given before',
};

/** What /peers answers. */
export async function peersLines(peer: Pick<Surroundings, 'peers'>): Promise<string[]> {
  const places = await peer.peers();
  if (places.length === 0)
    return ['no addresses of others are known: /add host:port tells where a member is, where none is found'];
  const reached = places.filter(({ fault }) => fault === undefined).length;
  const rows = places.map((place) => `  ${lineOf(place)}`);
  return [`${count(places.length, 'other place')} known, ${reached} reachable:`, ...rows];
}

/** What /add answers. */
export async function addLine(peer: Omit<Surroundings, 'peers'>, address: string): Promise<string> {
  const { addresses, fault } = await peer.add(address);
  const what = `${addresses.map(clean).join('  ')} ${fault === undefined ? 'answers' : clean(fault)}`;
  const { coordinator, id } = peer;
  // Of a part of the room only one calls others.
  if (coordinator !== undefined && coordinator.id !== id)
    return `${what}; ${clean(coordinator.name)} coordinates, so type /add there, too, if a part of this room is missing`;
  return fault === undefined ? `${what}, and is tried from now on` : `${what}; it is tried again and again, for a day`;
}

function lineOf({ addresses, whence, name, fault }: KnownPlace): string {
  const where = addresses.map(clean).join('  ');
  const who = name === undefined ? whences[whence] : `${clean(name)}, ${whences[whence]}`;
  const here = addresses.every((one) => isLoopback(parseAddress(one)?.host ?? '')) ? ', on this machine' : '';
  return `${where}  (${who}${here})  ${fault === undefined ? 'reachable' : clean(fault)}`;
}
