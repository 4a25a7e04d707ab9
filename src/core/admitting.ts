/**
 * Admitting: whom the coordinator lets in, as whom, and what it is given first.
 *
 * One who was in the room goes on where its log ends in common with this one; a process that was started anew takes the
 * place of the one that it was. What is said while a newcomer is let in reaches it through its cursor.
 */
import { formatAddress, isLoopback, parseAddress } from './address.ts';
import { drop } from './coordinator.ts';
import { prove } from './identity.ts';
import { limits } from './limits.ts';
import { commonSeq } from './extent.ts';
import { everybody } from './lost.ts';
import { meet } from './merging.ts';
import { serverSays, type Auth, type Refusal } from './message.ts';
import { barred } from './moderation.ts';
import { unfit } from './naming.ts';
import type { Coordinating } from './phase.ts';
import { fullQuota, rateOf } from './quota.ts';
import { joinedEntry } from './room.ts';
import { close, proofOn, send, type Link, type State } from './state.ts';
import { memberOf, type Member, type PeerId } from './view.ts';

/** Lets a peer in, or says why not. It is told from where on its log must follow ours. */
export function admit(
  state: State,
  coordinating: Coordinating,
  link: Link,
  peer: PeerId,
  auth: Auth,
  host: string,
): void {
  const { log } = state;
  const refusal = barred(state, auth, link.former) ?? refusalOf(state, coordinating, peer, auth);
  // Which part of the room goes on must not hang on what its coordinator is called.
  const meets = auth.coordinates !== null && (refusal === undefined || refusal.code === 'name-taken');
  if (meets) return meet(state, coordinating, link, peer, auth);
  if (refusal !== undefined) return close(state, link, serverSays.refused(refusal));
  const common = commonSeq(log, auth);
  const former = formerOf(state, coordinating, peer, auth);
  if (former !== undefined) remember(coordinating, peer, former);
  // Its process was started anew, and has come before the old one was missed.
  if (former !== undefined && memberOf(log.view, former.id) !== undefined)
    drop(state, coordinating, former.id, 'ended');
  // Chosen before its own entry is appended, which it must be sent too.
  const resumed = common > 0 ? log.cursorAfter(common) : undefined;
  const fresh = resumed === undefined ? log.start(auth.room === null) : undefined;
  const known = coordinating.members.get(peer);
  const old = known === undefined ? undefined : state.links.get(known);
  if (old !== undefined) close(state, old);
  coordinating.suspects.delete(peer);
  if (memberOf(log.view, peer) === undefined) {
    const { name, key, box, vouch } = auth;
    joinedEntry(state, { id: peer, name, addresses: addressesOf(auth, host), key, box, vouch });
  }
  const keep = fresh === undefined ? common : 0;
  const relayed = auth.relayed === true;
  const proof = prove(state.crypto, proofOn(link, 'server', state.self.id, relayed));
  send(state, link, serverSays.welcome({ room: state.room as string, keep, last: log.last, proof }));
  if (fresh !== undefined) send(state, link, serverSays.snapshot(fresh.snapshot, state.crypto));
  const cursor = (resumed ?? fresh?.cursor) as NonNullable<typeof resumed>;
  link.decoder.bodyBytesMax = limits.memberBodyBytesMax;
  const quota = fullQuota(rateOf(state.options.rate), state.now.ms);
  link.end = { kind: 'member', peer, cursor, heard: state.now.ms, spoke: false, quota, restsUntil: null, relayed };
  coordinating.holds.set(peer, keep);
  coordinating.asked.delete(peer);
  coordinating.members.set(peer, link.id);
  state.dirty = true;
}

function refusalOf(state: State, coordinating: Coordinating, peer: PeerId, auth: Auth): Refusal | undefined {
  const { self, log, room } = state;
  if (peer === self.id) return { code: 'self', message: 'this is your own address' };
  const stranger = auth.room === null && auth.coordinates === null;
  if (auth.room !== room && !stranger)
    return { code: 'other-room', message: 'this is another room', room: room as string };
  const former = formerOf(state, coordinating, peer, auth)?.id;
  const members = log.view.members.filter(({ id }) => id !== peer && id !== former);
  // Whoever is in the view stays what it is called there.
  return memberOf(log.view, peer) === undefined ? unfit(state, auth, members) : undefined;
}

/** Who a peer was before its process was started anew: the latest process of that person that is not here any more. */
function formerOf(state: State, { members }: Coordinating, peer: PeerId, { key }: Auth): Member | undefined {
  // Whoever comes again itself takes nobody's place: a person may have two processes.
  if (memberOf(state.log.view, peer) !== undefined) return undefined;
  const waiting = new Set(Array.from(state.links.values(), ({ end }) => (end.kind === 'waiting' ? end.peer : '')));
  const gone = ({ id }: Member): boolean => id !== peer && id !== state.self.id && !members.has(id) && !waiting.has(id);
  return everybody(state)
    .filter((member) => member.key === key && gone(member))
    .toSorted((a, b) => a.joined - b.joined)
    .at(-1);
}

/** Keeps who a peer was. Those who came last count: whoever is started anew again and again fills no memory. */
function remember({ former }: Coordinating, peer: PeerId, { id, joined }: Member): void {
  former.delete(peer);
  former.set(peer, { id, joined });
  if (former.size > limits.membersMax) former.delete(former.keys().next().value as PeerId);
}

/** What a peer offers, and the address that it was seen to come from, which may be the only one that others reach. */
function addressesOf(auth: Auth, host: string): readonly string[] {
  const port = parseAddress(auth.addresses[0] ?? '')?.port;
  if (auth.relayed === true) return auth.addresses;
  if (port === undefined || host === '' || isLoopback(host)) return auth.addresses;
  const seen = formatAddress({ host, port });
  return auth.addresses.includes(seen) ? auth.addresses : [...auth.addresses.slice(0, limits.addressesMax - 1), seen];
}
