/**
 * Naming: who may be called what, when somebody comes, and when a member wants another name (/nick).
 *
 * Whoever coordinates gives names, one after the other, so no two get one. A member asks for one, and has it when an entry
 * of the log says so: until then it is called as before. It asks again on each new link, for the coordinator may be gone
 * before that entry has reached anybody; and again when a rebase has cut the entry off.
 */
import type { PersonKey } from './crypto.ts';
import { ProtocolError } from './errors.ts';
import { isVouched, vouchFor } from './identity.ts';
import { limits } from './limits.ts';
import { clientSays, type Auth, type Denial, type Refusal } from './message.ts';
import { freeName, nameFault, nameKey } from './name.ts';
import { renamedEntry } from './room.ts';
import type { Coordinating, Joined } from './phase.ts';
import { selfMember, send, tell, type Link, type State } from './state.ts';
import { memberOf, type Member, type PeerId } from './view.ts';

type NameAndPlace = Pick<Auth, 'name' | 'addresses'>;
type NameRefusal = Pick<Denial, 'free'> & Refusal & { readonly code: Denial['code'] };

// --- Whoever coordinates ---

/** Why somebody cannot be called so beside these members, or undefined. */
export function unfit(
  state: State,
  who: NameAndPlace & { readonly key: PersonKey },
  members: readonly Member[],
): NameRefusal | undefined {
  const { name, key } = who;
  const fault = nameFault(name);
  if (fault !== undefined) return { code: 'name-invalid', message: fault };
  const others = new Set([...members, ...namesHeld(state, key)].map((one) => nameKey(one.name)));
  const free = freeName(name, others);
  if (free !== name) return { code: 'name-taken', message: `the name ${name} is taken; ${free} is free`, free };
  if (members.length >= limits.membersMax || viewBytes([...members, who]) > limits.viewBytesMax)
    return { code: 'room-full', message: `the room has ${members.length} members` };
  return undefined;
}

/** Who dropped out a moment ago: nobody else takes the name meanwhile. */
function namesHeld({ lost, now }: State, key: PersonKey): Member[] {
  const held = [...lost.values()].filter((one) => !one.history && now.ms - one.since < limits.nameHeldMs);
  return held.map(({ member }) => member).filter((member) => member.key !== key);
}

/** How long a view is as JSON, in bytes: what a snapshot must have room for. */
function viewBytes(members: readonly NameAndPlace[]): number {
  return members.reduce((sum, member) => sum + memberBytes(member), 0);
}

const encoder = new TextEncoder();
/** Members do not change, and whoever knocks must not have all of them measured. */
const measured = new WeakMap<NameAndPlace, number>();

function memberBytes(member: NameAndPlace): number {
  const known = measured.get(member);
  if (known !== undefined) return known;
  const least = 320; // id, place, keys and punctuation
  const bytes = least + encoder.encode(JSON.stringify([member.name, member.addresses])).length;
  measured.set(member, bytes);
  return bytes;
}

/**
 * A member asks for a name, and gets it, in its place.
 * @returns why not
 * @throws ProtocolError `proof` when the person has not signed that name
 */
export function grant(
  state: State,
  coordinating: Coordinating,
  peer: PeerId,
  { name, vouch }: { readonly name: string; readonly vouch: string },
): Denial | undefined {
  const { view } = state.log;
  const member = memberOf(view, peer);
  // It has it: the entry is under way.
  if (member === undefined || member.name === name) return undefined;
  if (!mayAsk(state, coordinating, peer)) return { name, code: 'too-soon' };
  const { key, box, addresses } = member;
  const others = view.members.filter(({ id }) => id !== peer);
  const refusal = unfit(state, { name, addresses, key }, others);
  if (refusal !== undefined) {
    const { code, free } = refusal;
    return { name, code, ...(free === undefined ? {} : { free }) };
  }
  if (!isVouched(state.crypto, { key, box, name, vouch }))
    throw new ProtocolError('proof', 'nobody vouches for that name');
  renamedEntry(state, peer, name, vouch);
  return undefined;
}

/** Each change is told to everybody, and each wish is held against all names. */
function mayAsk({ now }: State, { asks }: Coordinating, peer: PeerId): boolean {
  const { left, at } = asks.get(peer) ?? { left: limits.asksMax, at: now.ms };
  const full = Math.min(limits.asksMax, left + (now.ms - at) / limits.nameAskMs);
  if (full < 1) return false;
  asks.set(peer, { left: full - 1, at: now.ms });
  return true;
}

/** Whoever coordinates has a wish itself. */
export function takeName(state: State, coordinating: Coordinating): void {
  const { wish, self, crypto } = state;
  if (wish === null) return;
  const { name } = wish;
  const denial = grant(state, coordinating, self.id, { name, vouch: vouchFor(crypto, name) });
  if (denial === undefined) state.wish = null;
  else denied(state, denial);
}

// --- Whoever asks ---

/** The person here wants to be called so. */
export function wantName(state: State, name: string): void {
  state.wish = { name, link: null };
  state.dirty = true;
}

/** Says once on each link what this peer wants to be called. */
export function askForName(state: State, joined: Joined, link: Link): void {
  const { wish, self, crypto } = state;
  if (wish === null || selfMember(state) === undefined) return;
  const { name } = wish;
  if (name === self.name) {
    // It is what it wants to be, unless another name that was asked for is on its way.
    if (joined.asks <= 0) state.wish = null;
    return;
  }
  if (wish.link === link.id) return;
  state.wish = { name, link: link.id };
  joined.asks++;
  send(state, link, clientSays.name(self.id, name, vouchFor(crypto, name)));
}

/** The name that this peer asked for is not given. */
export function denied(state: State, { name, code, free }: Denial): void {
  // Meanwhile another one may be wanted.
  if (name !== state.wish?.name) return;
  state.wish = null;
  tell(state, { kind: 'denied', name, code, ...(free === undefined ? {} : { free }) });
}
