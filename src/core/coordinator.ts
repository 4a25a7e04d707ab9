/**
 * The coordinator's role: it admits, sequences, relays and pings.
 *
 * Relaying is moving cursors over the log, a slice per member and turn. A member is whoever stands in the view;
 * nothing is relayed to a link that has not been admitted, and a line that is sequenced while a newcomer is admitted
 * reaches it through its cursor, so there is no seam. A member whose link breaks is a suspect: it is called (healing),
 * and leaves the view when it is dead, or does not come back in time.
 */
import { gatherHeld, gatherOffer, takeIn, takeInAt } from './apart.ts';
import { formatAddress, isLoopback, parseAddress } from './address.ts';
import { yields, type Part } from './election.ts';
import { ProtocolError } from './errors.ts';
import type { Why } from './entry.ts';
import { limits } from './limits.ts';
import { silentAt } from './liveness.ts';
import { commonSeq } from './log.ts';
import { serverSays, type Auth, type ClientMessage, type Refusal } from './message.ts';
import { freeName, nameFault, nameKey } from './name.ts';
import { answerAll, heardOf } from './receipt.ts';
import { joinedEntry, leftEntry, sequence } from './room.ts';
import { close, send, type Coordinating, type Handing, type Link, type State } from './state.ts';
import { coordinatorOf, emptyView, memberOf, withoutMember, type PeerId } from './view.ts';

const encoder = new TextEncoder();

/** Begins to serve the view as it stands. */
export function serve(state: State): Coordinating {
  const phase: Coordinating = {
    kind: 'coordinating',
    pingAt: state.now.ms + state.options.pingMs,
    members: new Map(),
    suspects: new Map(),
    holds: new Map(),
    asked: new Map(),
    gathering: null,
  };
  state.phase = phase;
  state.dirty = true;
  return phase;
}

// --- Admission ---

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
  const refusal = refusalOf(state, coordinating, peer, auth);
  const refuse = (why: Refusal): void => close(state, link, serverSays.refused(why));
  // Whether a part of the room goes on must not hang on what its coordinator is called.
  const named = refusal?.code === 'name-taken' && auth.coordinates !== null;
  if (refusal !== undefined && !named) return refuse(refusal);
  const common = commonSeq(log, auth);
  if (auth.coordinates !== null && !clearToMeet(state, peer)) {
    return close(
      state,
      link,
      serverSays.refused({ code: 'not-coordinator', message: 'ask again: this peer may be going' }),
    );
  }
  if (auth.coordinates !== null && yieldsTo(state, coordinating, peer, auth, common)) {
    close(state, link, serverSays.refused({ code: 'yield', message: 'this part of the room comes over' }));
    state.phase = { kind: 'yielding', to: auth.addresses };
    return;
  }
  if (refusal !== undefined) return refuse(refusal);
  // Its process was started anew, and has come before the old one was missed.
  if (replaced(state, coordinating, auth)) drop(state, coordinating, auth.was as PeerId, 'ended');
  // Chosen before its own entry is appended, which it must be sent too.
  const resumed = common > 0 ? log.cursorAfter(common) : undefined;
  const fresh = resumed === undefined ? log.start(auth.room === null) : undefined;
  const known = coordinating.members.get(peer);
  const old = known === undefined ? undefined : state.links.get(known);
  if (old !== undefined) close(state, old);
  coordinating.suspects.delete(peer);
  if (memberOf(log.view, peer) === undefined) {
    joinedEntry(state, { id: peer, name: auth.name, addresses: addressesOf(auth, host) });
  }
  const keep = fresh === undefined ? common : 0;
  const part = auth.coordinates === null ? {} : { coordinates: following(state, coordinating) };
  send(state, link, serverSays.welcome({ room: state.room as string, keep, last: log.last, ...part }));
  if (fresh !== undefined) send(state, link, serverSays.snapshot(fresh.snapshot));
  const cursor = (resumed ?? fresh?.cursor) as NonNullable<typeof resumed>;
  link.decoder.bodyBytesMax = limits.memberBodyBytesMax;
  link.end = { kind: 'member', peer, cursor, heard: state.now.ms, spoke: false };
  coordinating.holds.set(peer, keep);
  coordinating.members.set(peer, link.id);
  state.dirty = true;
}

function refusalOf(state: State, coordinating: Coordinating, peer: PeerId, auth: Auth): Refusal | undefined {
  const { self, log, room } = state;
  if (peer === self.id) return { code: 'self', message: 'this is your own address' };
  const stranger = auth.room === null && auth.coordinates === null;
  if (auth.room !== room && !stranger)
    return { code: 'other-room', message: 'this is another room', room: room as string };
  const fault = nameFault(auth.name);
  if (fault !== undefined) return { code: 'name-invalid', message: fault };
  const former = replaced(state, coordinating, auth) ? auth.was : peer;
  const members = log.view.members.filter(({ id }) => id !== peer && id !== former);
  const others = members.map((member) => member.name);
  if (others.some((name) => nameKey(name) === nameKey(auth.name))) {
    const free = freeName(auth.name, others);
    return { code: 'name-taken', message: `the name ${auth.name} is taken; ${free} is free`, free };
  }
  if (others.length >= limits.membersMax || viewBytes([...members, auth]) > limits.viewBytesMax)
    return { code: 'room-full', message: `the room has ${others.length} members` };
  return undefined;
}

/** How long a view is as JSON, in bytes: what a snapshot must have room for. */
function viewBytes(members: readonly Pick<Auth, 'name' | 'addresses'>[]): number {
  const least = 100; // id, place and punctuation
  return members.reduce((sum, { name, addresses }) => {
    return sum + least + encoder.encode(JSON.stringify([name, addresses])).length;
  }, 0);
}

/** Whether a peer takes the place of one that it was itself, and that is not here any more. */
function replaced(state: State, { members }: Coordinating, { was }: Auth): boolean {
  return was !== undefined && was !== state.self.id && !members.has(was) && memberOf(state.log.view, was) !== undefined;
}

/**
 * Another coordinator has come, and we may be on our way to a third, or to it. Whoever answers must not be going
 * itself, or several could each join the next in a circle. Of two, the lower id has its way: so one always goes on.
 */
function clearToMeet(state: State, peer: PeerId): boolean {
  const going = [...state.links.values()].filter(({ end }) => end.kind === 'call' && end.stage === 'merging');
  if (going.length > 0 && state.self.id < peer) return false;
  for (const call of going) close(state, call);
  return true;
}

/** Another coordinator of this room has come: whether it goes on, and not we. */
function yieldsTo(state: State, coordinating: Coordinating, peer: PeerId, auth: Auth, common: number): boolean {
  // Whoever shares nothing with this room leads no part of it, whatever it says.
  if (auth.addresses.length === 0 || common === 0 || auth.coordinates === null) return false;
  return goesOver(state, coordinating, { coordinator: peer, members: auth.coordinates }, common);
}

/** Whether this part of the room goes over to another one, with which it shares its log up to `common`. */
export function goesOver(
  state: State,
  coordinating: Coordinating,
  { coordinator, members }: Part,
  common: number,
): boolean {
  const { log, self } = state;
  if (common === 0 && state.blank) return true;
  const mine = { coordinator: self.id, members: following(state, coordinating) };
  // Whoever follows me does not follow them, whatever they say.
  const theirs = { coordinator, members: members.filter((id) => !mine.members.includes(id)) };
  // With nothing in common left, nobody of them is known for certain: then what both say decides, or they would stand
  // against each other for ever.
  return yields(mine, theirs, log.snapshotAt(common)?.view ?? emptyView);
}

/** Who follows this coordinator now. Suspects do not count: a coordinator that wakes from a sleep has nobody yet. */
export function following({ self }: State, { members }: Coordinating): PeerId[] {
  return [self.id, ...members.keys()];
}

/** What a peer offers, and the address that it was seen to come from, which may be the only one that others reach. */
function addressesOf(auth: Auth, host: string): readonly string[] {
  const port = parseAddress(auth.addresses[0] ?? '')?.port;
  if (auth.relayed === true) return auth.addresses;
  if (port === undefined || host === '' || isLoopback(host)) return auth.addresses;
  const seen = formatAddress({ host, port });
  return auth.addresses.includes(seen) ? auth.addresses : [...auth.addresses.slice(0, limits.addressesMax - 1), seen];
}

// --- Members ---

/**
 * What a member says.
 * @throws ProtocolError for what has no place here, or leaves a gap
 */
export function memberSays(state: State, coordinating: Coordinating, link: Link, message: ClientMessage): void {
  const end = link.end;
  if (end.kind !== 'member') throw new ProtocolError('word', `unexpected ${message.kind} before the welcome`);
  const last = (author: PeerId): number => state.log.authors.get(author) ?? 0;
  switch (message.kind) {
    case 'offer': {
      const { n } = message.offer;
      if (gatherOffer(state, coordinating, end.peer, message.offer)) return;
      // What it said before may be gone from this log with those who held it: where it goes on, it knows itself.
      const expected = end.spoke ? last(end.peer) + 1 : Math.max(n, last(end.peer) + 1);
      if (n > expected) throw new ProtocolError('order', `expected line ${expected} of ${end.peer}, got ${n}`);
      end.spoke = true;
      // A double is answered by the log itself: its echo is under way, or has come.
      if (n === expected) sequence(state, end.peer, message.offer, message.body);
      return;
    }
    case 'held':
      if (message.entry.kind !== 'chat') throw new ProtocolError('body', 'expected a line, and no other entry');
      return gatherHeld(state, coordinating, end.peer, message.entry);
    case 'pong':
      if (message.seq > state.log.last) throw new ProtocolError('body', `pong:${message.seq} is beyond the log`);
      return heardOf(state, coordinating, end.peer, message.seq, message.asked);
    case 'leave':
      coordinating.members.delete(end.peer);
      leftEntry(state, end.peer, 'left');
      return close(state, link);
    default:
      throw new ProtocolError('word', `unexpected ${message.kind} from a member`);
  }
}

/** A member's link is gone. It may be back in a moment. */
export function memberGone(state: State, coordinating: Coordinating, peer: PeerId, why: Why): void {
  coordinating.members.delete(peer);
  const member = memberOf(state.log.view, peer);
  if (member === undefined) return;
  if (member.addresses.length === 0) return leftEntry(state, peer, why);
  const until = state.now.ms + state.options.silenceMs;
  coordinating.suspects.set(peer, { until, why, called: false });
}

/** A suspect, or a member that cannot be kept, leaves the view. */
export function drop(state: State, coordinating: Coordinating, peer: PeerId, why: Why): void {
  coordinating.suspects.delete(peer);
  const link = state.links.get(coordinating.members.get(peer) ?? 0);
  coordinating.members.delete(peer);
  if (link !== undefined) {
    const code = why === 'slow' ? 'slow' : 'dropped';
    close(
      state,
      link,
      serverSays.refused({ code, message: why === 'slow' ? 'fell too far behind' : 'taken for gone' }),
    );
  }
  if (memberOf(state.log.view, peer) !== undefined) leftEntry(state, peer, why);
}

/** The coordinator's alarm: pings, the silent, and suspects that have not come back. */
export function coordinatorAlarm(state: State, coordinating: Coordinating): void {
  const { now, options } = state;
  if (now.ms >= takeInAt(coordinating)) takeIn(state, coordinating);
  if (now.ms < coordinating.pingAt) return;
  coordinating.pingAt = now.ms + options.pingMs;
  const ping = serverSays.ping();
  for (const [peer, id] of coordinating.members) {
    const link = state.links.get(id);
    if (link?.end.kind !== 'member') continue;
    if (now.ms >= silentAt(link.end.heard, options.silenceMs)) {
      close(state, link);
      memberGone(state, coordinating, peer, 'silent');
    } else if (!link.full) send(state, link, ping);
  }
  answerAll(state, coordinating);
  for (const [peer, { until, why }] of coordinating.suspects) if (now.ms >= until) drop(state, coordinating, peer, why);
}

// --- Relaying ---

/** Sequences one's own lines, and gives every member its next slice. */
export function pumpCoordinator(state: State, coordinating: Coordinating): void {
  const { held, own } = state.delivery.takeAll();
  for (const line of held) gatherHeld(state, coordinating, state.self.id, line);
  for (const { offer, body } of own) {
    if (gatherOffer(state, coordinating, state.self.id, offer)) continue;
    // A room that has more lines of ours than we said was lied to. Nothing can be added to that.
    if (offer.n > (state.log.authors.get(state.self.id) ?? 0)) sequence(state, state.self.id, offer, body);
    else state.delivery.settle(offer.n);
  }
  for (const peer of relay(state, coordinating.members)) drop(state, coordinating, peer, 'slow');
}

/** A slice to each member whose socket takes it. @returns who has fallen behind what the log still holds */
function relay(state: State, members: ReadonlyMap<PeerId, number>): PeerId[] {
  const behind: PeerId[] = [];
  for (const [peer, id] of members) {
    const link = state.links.get(id);
    if (link?.end.kind !== 'member' || link.full) continue;
    const slice = state.log.read(link.end.cursor);
    if (slice === 'end') continue;
    if (slice === 'trimmed') {
      behind.push(peer);
      continue;
    }
    send(state, link, slice.bytes);
    link.end.cursor = slice.cursor;
    if (state.log.read(slice.cursor) !== 'end') state.dirty = true;
  }
  return behind;
}

// --- Leaving ---

/** Leaves the room to the successor; alone, simply leaves. */
export function handOver(state: State, coordinating: Coordinating): void {
  const { members } = coordinating;
  takeIn(state, coordinating);
  const successor = coordinatorOf(withoutMember(state.log.view, state.self.id));
  leftEntry(state, state.self.id, 'handover');
  if (members.size === 0) {
    state.phase = { kind: 'left' };
    return;
  }
  const until = state.now.ms + limits.handoverMs;
  const stage = successor !== undefined && members.has(successor.id) ? 'successor' : 'rest';
  state.phase = { kind: 'handing', successor, members, stage, until };
  state.dirty = true;
}

/** Gives everybody all there is; the successor first, so that it serves when the others come to it. */
export function pumpHanding(state: State, handing: Handing): void {
  relay(state, handing.members);
  const { successor, members } = handing;
  // Members without an address cannot go on alone; they are told that we left, and that is all.
  const to = successor && serverSays.coordinator(successor.addresses);
  for (const [peer, id] of members) {
    const link = state.links.get(id);
    if (link?.end.kind !== 'member' || state.log.read(link.end.cursor) !== 'end') continue;
    if (to !== undefined && peer === successor?.id && handing.stage === 'successor') {
      send(state, link, to);
      link.end = { kind: 'sent-on' };
    } else if (handing.stage === 'rest') {
      close(state, link, to);
      members.delete(peer);
    }
  }
  if (members.size === 0) state.phase = { kind: 'left' };
}

/** The successor has hung up, which it does when it takes over; or a member has. */
export function handingClosed(state: State, handing: Handing, link: Link): void {
  for (const [peer, id] of handing.members) if (id === link.id) handing.members.delete(peer);
  if (handing.successor === undefined || !handing.members.has(handing.successor.id)) handing.stage = 'rest';
  state.dirty = true;
}

/** Nobody is waited for for ever. */
export function handingAlarm(state: State, handing: Handing): void {
  if (state.now.ms < handing.until) return;
  if (handing.stage === 'rest') {
    state.phase = { kind: 'left' };
    return;
  }
  handing.stage = 'rest';
  handing.until = state.now.ms + limits.handoverMs;
  state.dirty = true;
}
