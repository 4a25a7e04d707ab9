/**
 * The coordinator's role: it sequences, relays and pings those whom it has admitted (admitting.ts).
 *
 * Relaying is moving cursors over the log, a slice per member and turn. A member is whoever stands in the view;
 * nothing is relayed to a link that has not been admitted, and a line that is sequenced while a newcomer is admitted
 * reaches it through its cursor, so there is no seam. A member whose link breaks is a suspect: it is called (healing),
 * and leaves the view when it is dead, or does not come back in time.
 */
import { gatherHeld, gatherOffer, takeIn, takeInAt } from './apart.ts';
import { isHonest } from './check.ts';
import { ProtocolError } from './errors.ts';
import type { ChatEntry, Why } from './entry.ts';
import { limits } from './limits.ts';
import { silentAt } from './liveness.ts';
import { yieldedInVain } from './merging.ts';
import { serverSays, type ClientMessage, type Refusal } from './message.ts';
import { farewell } from './moderation.ts';
import type { Coordinating, Handing } from './phase.ts';
import { grant, takeName } from './naming.ts';
import { isFlood, rateOf, spend } from './quota.ts';
import { answerAll, heardOf } from './receipt.ts';
import { pass } from './private.ts';
import { handedEntry, leftEntry, sequence } from './room.ts';
import { close, send, type Link, type State } from './state.ts';
import { coordinatorOf, memberOf, withoutMember, type Member, type PeerId } from './view.ts';

/** Begins to serve the view as it stands. */
export function serve(state: State): Coordinating {
  const phase: Coordinating = {
    kind: 'coordinating',
    pingAt: state.now.ms + state.options.pingMs,
    members: new Map(),
    suspects: new Map(),
    holds: new Map(),
    asked: new Map(),
    former: new Map(),
    stays: new Map(),
    asks: new Map(),
    resumeAt: Infinity,
    gathering: null,
    hearsay: new Set(),
  };
  state.phase = phase;
  state.dirty = true;
  yieldedInVain(state);
  // This is the room.
  state.away = null;
  state.letters.again(state.now.ms + limits.settleMs);
  return phase;
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
      const { n, cover } = message.offer;
      if (cover !== undefined && n > last(end.peer)) end.quota.covers--;
      if (gatherOffer(state, coordinating, end.peer, message.offer, end.spoke)) {
        end.spoke = true;
        return;
      }
      // What it said before may be gone from this log with those who held it: where it goes on, it knows itself.
      const expected = end.spoke ? last(end.peer) + 1 : Math.max(n, last(end.peer) + 1);
      if (n > expected) throw new ProtocolError('order', `expected line ${expected} of ${end.peer}, got ${n}`);
      end.spoke = true;
      if (n === expected && !isHonest(state, end.peer, message.offer)) {
        throw new ProtocolError('proof', `the signature on line ${n} of ${end.peer} is false`);
      }
      // A double is answered by the log itself: its echo is under way, or has come.
      if (n === expected) sequence(state, end.peer, message.offer, message.body);
      return;
    }
    case 'held':
      if (message.entry.kind !== 'chat') throw new ProtocolError('body', 'expected a line, and no other entry');
      if (message.entry.cover !== undefined && isNew(state, coordinating, message.entry)) end.quota.covers--;
      return gatherHeld(state, coordinating, end.peer, message.entry);
    case 'pong':
      if (message.seq > state.log.last) throw new ProtocolError('body', `pong:${message.seq} is beyond the log`);
      return heardOf(state, coordinating, end.peer, message.seq, message.asked);
    case 'tell':
      return pass(state, coordinating, end.peer, message.to, message.sealed);
    case 'name': {
      const denial = grant(state, coordinating, end.peer, message);
      if (denial !== undefined) send(state, link, serverSays.denied(denial));
      return;
    }
    case 'leave':
      coordinating.members.delete(end.peer);
      leftEntry(state, end.peer, 'left');
      return close(state, link);
    default:
      throw new ProtocolError('word', `unexpected ${message.kind} from a member`);
  }
}

/** Whether a line that a member held is not here yet: others may have brought it. */
function isNew({ log }: State, { gathering }: Coordinating, { author, n }: ChatEntry): boolean {
  return n > (log.authors.get(author) ?? 0) && gathering?.lines.get(author)?.byN.has(n) !== true;
}

/** A member has said so much: it may have to rest. */
export function charge(state: State, coordinating: Coordinating, link: Link, lines: number, bytes: number): void {
  const { now, options } = state;
  const { end } = link;
  if (end.kind !== 'member') return;
  const until = spend(end.quota, rateOf(options.rate), lines, bytes, now.ms);
  if (until <= now.ms) return;
  if (isFlood(end.quota, now.ms)) return drop(state, coordinating, end.peer, 'flood');
  // Nothing is heard of it meanwhile, and that is not its fault.
  end.heard = until;
  if (end.restsUntil === null) state.effects.push({ kind: 'pause', link: link.id });
  end.restsUntil = until;
  coordinating.resumeAt = Math.min(coordinating.resumeAt, until);
}

/** Those who have rested go on. */
function resume(state: State, coordinating: Coordinating): void {
  if (state.now.ms < coordinating.resumeAt) return;
  coordinating.resumeAt = Infinity;
  for (const id of coordinating.members.values()) {
    const end = state.links.get(id)?.end;
    if (end?.kind !== 'member' || end.restsUntil === null) continue;
    if (state.now.ms < end.restsUntil) coordinating.resumeAt = Math.min(coordinating.resumeAt, end.restsUntil);
    else {
      end.restsUntil = null;
      state.effects.push({ kind: 'resume', link: id });
    }
  }
}

/** A member's link is gone. It may be back in a moment. */
export function memberGone(state: State, coordinating: Coordinating, peer: PeerId, why: Why): void {
  coordinating.members.delete(peer);
  const member = memberOf(state.log.view, peer);
  if (member === undefined) return;
  if (member.addresses.length === 0) return leftEntry(state, peer, why);
  const until = state.now.ms + state.options.silenceMs;
  coordinating.suspects.set(peer, { until, why, callAt: state.now.ms });
}

/** A suspect, or a member that cannot be kept, leaves the view. */
export function drop(
  state: State,
  coordinating: Coordinating,
  peer: PeerId,
  why: Why,
  said: Refusal = why === 'slow' ? slow : why === 'flood' ? flood : gone,
): void {
  coordinating.suspects.delete(peer);
  const link = state.links.get(coordinating.members.get(peer) ?? 0);
  coordinating.members.delete(peer);
  if (link !== undefined) close(state, link, serverSays.refused(said));
  if (memberOf(state.log.view, peer) !== undefined) leftEntry(state, peer, why);
}

const slow: Refusal = { code: 'slow', message: 'fell too far behind' };
const flood: Refusal = { code: 'flood', message: 'said too much for too long' };
const gone: Refusal = { code: 'dropped', message: 'taken for gone' };

/**
 * Whoever is put out goes, before anything else is relayed. Links that are carried are made anew: it may have been the
 * one that carries them.
 */
export function putOut(state: State, coordinating: Coordinating): void {
  const { ousted, self, links } = state;
  if (ousted.size === 0) return;
  for (const [peer, one] of ousted) if (peer !== self.id) drop(state, coordinating, peer, 'kicked', farewell(one));
  for (const link of links.values()) {
    if (link.end.kind !== 'member' || !link.end.relayed) continue;
    close(state, link);
    memberGone(state, coordinating, link.end.peer, 'ended');
  }
  const mine = ousted.get(self.id);
  if (mine === undefined) return;
  const { code, message } = farewell(mine);
  state.out ??= { code: mine.code, message };
  handOver(state, coordinating, code === 'kicked' || code === 'banned' ? 'kicked' : 'handover');
}

/** The coordinator's alarm: pings, the silent, and suspects that have not come back. */
export function coordinatorAlarm(state: State, coordinating: Coordinating): void {
  const { now, options } = state;
  if (now.ms >= takeInAt(coordinating)) takeIn(state, coordinating);
  resume(state, coordinating);
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
  const { held, own } = state.delivery.takeAll(state.room as string, state.now.ms);
  for (const line of held) gatherHeld(state, coordinating, state.self.id, line);
  for (const { offer, body } of own) {
    if (gatherOffer(state, coordinating, state.self.id, offer, false)) continue;
    sequence(state, state.self.id, offer, body);
  }
  takeName(state, coordinating);
  putOut(state, coordinating);
  if (state.phase !== coordinating) return;
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
export function handOver(
  state: State,
  coordinating: Coordinating,
  why: Extract<Why, 'handover' | 'kicked'> = 'handover',
): void {
  const { members } = coordinating;
  if (why === 'handover') takeIn(state, coordinating);
  const successor = coordinatorOf(withoutMember(state.log.view, state.self.id));
  leftEntry(state, state.self.id, why);
  if (members.size === 0) {
    state.phase = { kind: 'left' };
    return;
  }
  const until = state.now.ms + limits.handoverMs;
  const stage = successor !== undefined && members.has(successor.id) ? 'successor' : 'rest';
  state.phase = { kind: 'handing', successor, stays: false, members, stage, until };
  state.dirty = true;
}

/** Who comes next, if it is there to take over. */
export function heir({ log, self }: State, { members }: Coordinating): Member | undefined {
  const next = coordinatorOf(withoutMember(log.view, self.id));
  return next !== undefined && members.has(next.id) ? next : undefined;
}

/**
 * Hands over, and stays. In one entry the successor has the first place, and this peer the last: whatever becomes of either, the
 * room knows who goes on, and nobody is missed who has not gone.
 */
export function stepAside(state: State, coordinating: Coordinating): void {
  const successor = heir(state, coordinating);
  if (successor === undefined || state.leaving !== null) return;
  takeIn(state, coordinating);
  handedEntry(state);
  const until = state.now.ms + limits.handoverMs;
  const { members } = coordinating;
  state.phase = { kind: 'handing', successor, stays: true, members, stage: 'successor', until };
  state.dirty = true;
}

/** All is handed over. */
function handedOver(state: State, { successor, stays }: Handing): void {
  const to = successor?.addresses;
  state.phase = stays && to !== undefined ? { kind: 'yielding', to, why: 'handover' } : { kind: 'left' };
}

/** Gives everybody all there is; the successor first, so that it serves when the others come to it. */
export function pumpHanding(state: State, handing: Handing): void {
  // Whoever stays goes along with the others: the successor has all there is.
  if (handing.stays && handing.stage === 'rest') return handedOver(state, handing);
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
  if (members.size === 0) handedOver(state, handing);
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
  if (handing.stage === 'rest') return handedOver(state, handing);
  handing.stage = 'rest';
  handing.until = state.now.ms + limits.handoverMs;
  state.dirty = true;
}
