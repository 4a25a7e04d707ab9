/**
 * Identity: a person is a key, and a process of that person has one of its own, made anew at each start. A member's id
 * follows from both, so it cannot be chosen, and the numbers of an id never begin anew.
 *
 * What is signed begins with a label of its own and the wire version, so that no signature means anything elsewhere; its
 * parts are separated by newlines, which none of them can hold.
 */
import type { BoxKey, Crypto, PersonKey } from './crypto.ts';
import { ProtocolError } from './errors.ts';
import { limits } from './limits.ts';
import type { Member, PeerId, Person } from './view.ts';

const encoder = new TextEncoder();
/** Of a room's id: none look alike, and there is one case to say. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** The bytes that a signature of that label is over. */
export function statement(label: string, ...parts: readonly (string | number)[]): Uint8Array {
  return encoder.encode([`groupchat ${label} ${limits.wireVersion}`, ...parts].join('\n'));
}

/**
 * The id of a process: 60 bits of a hash. Whoever made keys at random until one fits would need years, and have an id
 * under which another key is known.
 */
export function idOf(crypto: Crypto, key: PersonKey, box: BoxKey): PeerId {
  return crypto.hash(statement('id', key, box)).slice(0, 10);
}

/**
 * The id of the room that this process founds: whoever knows the room knows whose it is. It has 50 bits, each of which
 * counts: another founder is found with 2^60 hashes. To look for keys that give a certain id is slow; it is asked once for
 * a room.
 */
export function roomOf(crypto: Pick<Crypto, 'hash' | 'stretch'>, key: PersonKey, box: BoxKey): string {
  const hash = crypto.stretch(crypto.hash(statement('room', key, box)), (one) => statement('room', one));
  return Array.from(hash.slice(0, 10), (letter) => letters[base64url.indexOf(letter) % 32]).join('');
}

/** @throws ProtocolError `proof` when the id of one of them is not that of its keys */
export function checkIds(crypto: Crypto, people: readonly (Person & { readonly id: PeerId })[]): void {
  for (const { id, key, box } of people) {
    if (idOf(crypto, key, box) !== id) throw new ProtocolError('proof', 'an id is not that of its keys');
  }
}

/** A person's word that this is its process, and what it is called. */
export function vouchFor(crypto: Crypto, name: string): string {
  return crypto.sign(statement('member', crypto.box, name));
}

/** Whether that member is who it is said to be. */
export function isVouched(
  crypto: Pick<Crypto, 'verify'>,
  { key, box, name, vouch }: Omit<Member, 'id' | 'addresses' | 'joined'>,
): boolean {
  return crypto.verify(key, statement('member', box, name), vouch);
}

/** What one end of a link proves to the other. */
export interface Proof {
  readonly end: 'client' | 'server';
  /** What the server said, at random. */
  readonly challenge: string;
  /** What only the two ends of this link know (RFC 9266); '' where a member carries it, and where nothing is encrypted. */
  readonly channel: string;
  readonly id: PeerId;
}

function proofOf({ end, challenge, channel, id }: Proof): Uint8Array {
  return statement('proof', end, challenge, channel, id);
}

export function prove(crypto: Crypto, proof: Proof): string {
  return crypto.sign(proofOf(proof));
}

export function isProven(crypto: Crypto, key: PersonKey, signature: string, proof: Proof): boolean {
  return crypto.verify(key, proofOf(proof), signature);
}
