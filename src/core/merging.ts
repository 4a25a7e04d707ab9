/**
 * Merging: two coordinators of one room meet, and one part of it goes over to the other.
 *
 * Each judges for itself, by what it misses itself: a room that is well goes over to nobody, whatever it is told.
 */
import { yields } from './election.ts';
import { prove } from './identity.ts';
import { limits } from './limits.ts';
import { commonSeq } from './extent.ts';
import { leadsAgain } from './lost.ts';
import { serverSays, type Auth } from './message.ts';
import type { Coordinating } from './phase.ts';
import { partedAt } from './room.ts';
import { close, proofOn, type Link, type State } from './state.ts';
import type { PeerId } from './view.ts';

/**
 * Another coordinator of this room has come. Nothing is changed by that: either this part goes over to the other one as
 * any members would, or it says who it is, and the other one judges for itself.
 */
export function meet(state: State, coordinating: Coordinating, link: Link, peer: PeerId, auth: Auth): void {
  const common = commonSeq(state.log, auth);
  leadsAgain(state, auth.key);
  const vain = state.now.ms < (state.inVain.get(peer) ?? 0);
  if (
    !vain &&
    auth.addresses.length > 0 &&
    goesOver(state, coordinating, [peer, ...(auth.coordinates ?? [])], common)
  ) {
    close(state, link, serverSays.refused({ code: 'yield', message: 'this part of the room comes over' }));
    state.yielded = peer;
    state.phase = { kind: 'yielding', to: auth.addresses, why: 'cut' };
    return;
  }
  stayed(coordinating, peer);
  const coordinates = following(state, coordinating);
  const { key, box } = state.crypto;
  const proof = prove(state.crypto, proofOn(link, 'server', state.self.id, auth.relayed === true));
  const message = 'this part of the room stays';
  close(state, link, serverSays.refused({ code: 'stay', message, coordinates, common, key, box, proof }));
}

/** This part has met another one, and stays. */
export function stayed({ stays }: Coordinating, coordinator: PeerId): void {
  if (stays.size > limits.lostMax) stays.clear();
  stays.set(coordinator, (stays.get(coordinator) ?? 0) + 1);
}

/**
 * Whether this part of the room goes over to another one, which says that it is these: its coordinator first, and with
 * those whose processes were started anew the ids that they had. Of them only those count whom this part misses: its
 * own members follow nobody else, whoever said goodbye is with nobody, and a process that has ended leads none. So a
 * room that is well goes over to nobody, whatever it is told.
 */
export function goesOver(
  state: State,
  coordinating: Coordinating,
  [coordinator = '', ...others]: readonly PeerId[],
  common: number,
): boolean {
  if (state.blank) return true;
  const { log, lost, self, was, now } = state;
  const missed = new Map<PeerId, { readonly joined: number; readonly count: number; readonly wall: number }>();
  for (const { id, joined } of log.view.members) {
    if (id !== self.id && !coordinating.members.has(id))
      missed.set(id, { joined, count: log.view.count, wall: now.wall });
  }
  // Nobody leads those whose port refuses, as long as there is anybody here to lead; but after a restart it is not known
  // who else was only started later, and who is alone has nothing to lose.
  const alone = coordinating.members.size === 0 || was !== null;
  for (const [id, { member, why, count, wall }] of lost) {
    if (alone || why !== 'ended' || member.addresses.length === 0)
      missed.set(id, { joined: member.joined, count, wall });
  }
  const theirs = [...new Set([coordinator, ...others])].flatMap((id) => missed.get(id) ?? []);
  // After restarts it is not always known who was who: then both could stay for ever. A coordinator under a new id has
  // been started anew, as has this peer for some time.
  const renamed = theirs.length > 0 && !missed.has(coordinator);
  const unsure = renamed || (was !== null && now.ms - state.beganAt < limits.unsureMs);
  const often = (coordinating.stays.get(coordinator) ?? 0) >= limits.staysMax;
  if (often && unsure) return self.id > coordinator;
  // Whoever was started anew and is alone may have lost, with what it had kept, whom it knew.
  if (theirs.length === 0) return was !== null && coordinating.members.size === 0;
  const noticed = Math.min(...theirs.map((one) => one.wall));
  // Nor do those who came before the parting was noticed: a coordinator that wakes lets in who waited at its door.
  const recent = common > 0 && noticed - partedAt(state, common) < limits.partingMs;
  const before = recent ? log.snapshotAt(common)?.view.count : undefined;
  const count = before ?? Math.min(...theirs.map((one) => one.count));
  const mine = log.view.members.flatMap(({ id, joined }) => {
    if (id !== self.id && !coordinating.members.has(id)) return [];
    if (joined <= count) return [joined];
    if (id === self.id) return [state.joinedBefore];
    return coordinating.former.get(id)?.joined ?? [];
  });
  // Who came just before the parting was noticed may be known to one side only.
  const even = Math.abs(mine.length - theirs.length) <= 1;
  if (often && even) return self.id > coordinator;
  return yields(
    { coordinator: self.id, size: mine.length, joined: Math.min(...mine) },
    { coordinator, size: theirs.length, joined: Math.min(...theirs.map((one) => one.joined)) },
  );
}

/**
 * Who follows this coordinator now; it comes first, and the ids that they had before they were started anew come last.
 * Suspects do not count: a coordinator that wakes from a sleep has nobody yet.
 */
export function following({ self, was }: State, { members, former }: Coordinating): PeerId[] {
  const here = [...members.keys()];
  const before = here.flatMap((id) => former.get(id)?.id ?? []);
  return [...new Set([self.id, ...here, ...(was === null ? [] : [was]), ...before])].slice(0, limits.membersMax);
}

/** Whoever coordinates again has not come to where it yielded: nobody can be dialled there, though he can dial. */
export function yieldedInVain(state: State): void {
  const { inVain, yielded, now } = state;
  if (yielded === null) return;
  state.yielded = null;
  if (inVain.size > limits.lostMax) inVain.clear();
  inVain.set(yielded, now.ms + limits.vainMs);
}
