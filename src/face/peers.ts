/** Where other peers are: what `/peers` and `/add` answer. */
import { isLoopback, parseAddress } from '../core/address.ts';
import type { KnownPlace, Whence } from '../core/places.ts';
import { clean } from './screen.ts';
import { count } from './text.ts';

/** The part of a Peer that knows where others are. */
export interface Surroundings {
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
  kept: 'joined by',
};

/** What /peers answers. */
export async function peersLines(peer: Pick<Surroundings, 'peers'>): Promise<string[]> {
  const places = await peer.peers();
  if (places.length === 0)
    return ['no addresses of others are known: /add host:port tells where a member is, where none is found'];
  const reached = places.filter(({ fault }) => fault === undefined).length;
  const rows = places.map((place) => `  ${lineOf(place)}`);
  return [
    `${count(places.length, 'address')} of others known, ${reached} reachable:`.replace('addresss', 'addresses'),
    ...rows,
  ];
}

/** What /add answers. */
export async function addLine(peer: Pick<Surroundings, 'add'>, address: string): Promise<string> {
  const place = await peer.add(address);
  const [text = ''] = place.addresses;
  if (place.fault === undefined) return `${clean(text)} answers, and is tried from now on`;
  return `${clean(text)} ${clean(place.fault)}; it is tried again whenever the room is looked for`;
}

function lineOf({ addresses, whence, name, fault }: KnownPlace): string {
  const where = addresses.map(clean).join('  ');
  const who = name === undefined ? whences[whence] : `${clean(name)}, ${whences[whence]}`;
  const here = addresses.every((one) => isLoopback(parseAddress(one)?.host ?? '')) ? ', on this machine' : '';
  return `${where}  (${who}${here})  ${fault === undefined ? 'reachable' : clean(fault)}`;
}
