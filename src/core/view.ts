/**
 * The view: who is in the room, earliest first.
 *
 * Join order is a count that the coordinator gives at admission, never a time of day. The coordinator is a derived
 * fact: the earliest-joined member that can be dialled. So every member knows the successor before it is needed
 * (the habit of JGroups' View). A view is returned anew at each change.
 */

import { parseAddress } from './address.ts';
import { limits } from './limits.ts';
import type { BoxKey, PersonKey } from './crypto.ts';

/** The id of a process: ten characters that follow from its person's key and its own (identity.ts). */
export type PeerId = string;

/** Who somebody is: what it is called, the person's key, and that of the process. */
export interface Person {
  readonly name: string;
  readonly key: PersonKey;
  readonly box: BoxKey;
}

export interface Member extends Person {
  readonly id: PeerId;
  /** The person's signature over its name and its process' key: nobody else can put one in the other's place. */
  readonly vouch: string;
  /** Where its server can be dialled, likeliest first. A member with none takes part but never coordinates. */
  readonly addresses: readonly string[];
  /** Its place in the join order: 1 is the founder. */
  readonly joined: number;
}

export interface View {
  /** The number of the coordinator's reign: it grows by one at least with each new coordinator. */
  readonly epoch: number;
  /** The highest place in the join order that was ever given. */
  readonly count: number;
  /** Earliest first. */
  readonly members: readonly Member[];
}

export const emptyView: View = { epoch: 0, count: 0, members: [] };

/** Who a member is, and no more. */
export function personOf(person: Person): Person;
export function personOf(person: Person | undefined): Person | undefined;
export function personOf(person: Person | undefined): Person | undefined {
  return person && { name: person.name, key: person.key, box: person.box };
}

/** The view with one more member, the youngest. */
export function withMember(view: View, member: Member): View {
  return { ...view, count: Math.max(view.count, member.joined), members: [...view.members, member] };
}

/** The view without the member of that id. */
export function withoutMember(view: View, id: PeerId): View {
  return { ...view, members: view.members.filter((member) => member.id !== id) };
}

/** The view where that member is called otherwise, in its place. */
export function withName(view: View, id: PeerId, name: string, vouch: string): View {
  return { ...view, members: view.members.map((member) => (member.id === id ? { ...member, name, vouch } : member)) };
}

/** The view where that member has the place given, behind all others. */
export function asYoungest(view: View, id: PeerId, joined: number): View {
  const member = memberOf(view, id);
  return member === undefined ? view : withMember(withoutMember(view, id), { ...member, joined });
}

export function memberOf(view: Pick<View, 'members'>, id: PeerId): Member | undefined {
  return view.members.find((member) => member.id === id);
}

/**
 * The member that those addresses, as a peer was told them, belong to. All of them count: behind a router, or with
 * containers, two members may well share one.
 */
export function memberAt(view: View, addresses: readonly string[]): Member | undefined {
  const told = addresses.join();
  return view.members.find((member) => member.addresses.join() === told);
}

/**
 * The hosts at which members can be dialled: most dial from there, too. Of each member only the likeliest count: what one
 * says of itself is to spare it, and not to give it eight times the room of others.
 */
export function hostsOf({ members }: View): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const { addresses } of members) {
    for (const text of addresses.slice(0, limits.hostsMax)) {
      const address = parseAddress(text);
      if (address !== undefined) hosts.add(address.host);
    }
  }
  return hosts;
}

/** The earliest-joined member that can be dialled and is not among the dead. */
export function coordinatorOf(view: View, dead: { has(id: PeerId): boolean } = new Set()): Member | undefined {
  return view.members.find((member) => member.addresses.length > 0 && !dead.has(member.id));
}
