/**
 * Regrouping: the elected peer before it serves.
 *
 * It awaits the survivors (all of the view that it does not know to be dead, or for `regroupMs`). What they hold are
 * prefixes of one log, the dead coordinator's, since that one gave all places and TCP keeps order: so the longest
 * prefix is the room. If somebody holds more than we, it is fetched, at its own places. Then the new view is appended,
 * everybody is sent what he lacks, and the new reign begins.
 */
import { admit } from './admitting.ts';
import { pumpCoordinator, serve } from './coordinator.ts';
import { isHonest } from './check.ts';
import { askThrough, call, introduce } from './healing.ts';
import type { Entry, Why } from './entry.ts';
import type { Frame } from './frame.ts';
import { ProtocolError } from './errors.ts';
import { roomOf, vouchFor } from './identity.ts';
import { limits } from './limits.ts';
import { commonSeq, compareExtents } from './extent.ts';
import { serverSays, type Auth, type ServerMessage } from './message.ts';
import { farewell, goForGood, isPutOut, oustBanned } from './moderation.ts';
import { commit, peersEntry, tellHealed } from './room.ts';
import type { Regrouping, Trouble } from './phase.ts';
import { close, send, type Link, type State } from './state.ts';
import { memberOf, type Member, type PeerId } from './view.ts';

interface Waiting {
  readonly link: Link;
  readonly peer: PeerId;
  readonly auth: Auth;
  readonly host: string;
}

/** Founds a room: its first entry names its founder. */
export function found(state: State): void {
  const { crypto, self } = state;
  state.room = roomOf(crypto, crypto.key, crypto.box);
  peersEntry(state, [memberOfSelf(state, self.name, 1)], []);
  serve(state);
}

function memberOfSelf({ self, crypto }: State, name: string, joined: number): Member {
  const { id, addresses } = self;
  return { id, name, addresses, joined, key: crypto.key, box: crypto.box, vouch: vouchFor(crypto, name) };
}

/** Begins to regroup. */
export function regroup(state: State, trouble: Trouble | null, dead: ReadonlyMap<PeerId, Why>): void {
  // Where one hands over nobody is known to be gone: those who are slow to come need not be called for it, or missed.
  const handed = trouble?.why === 'handover';
  const patience = handed ? Math.max(limits.regroupMs, state.options.silenceMs) : limits.regroupMs;
  const regrouping: Regrouping = {
    kind: 'regrouping',
    trouble,
    dead: new Map(dead),
    resent: state.delivery.rewind(),
    since: state.now.ms,
    // By then whoever waits at random has dialled.
    callAt: state.now.ms + (handed ? patience / 2 : Math.min(2 * state.options.backoffMs, limits.regroupMs / 2)),
    until: state.now.ms + patience + state.options.backoffMs,
    latest: state.now.ms + Math.max(limits.regroupMs, state.options.silenceMs) + state.options.backoffMs,
    alive: new Set(),
    fetching: null,
    fetchedBy: Infinity,
  };
  state.phase = regrouping;
  proceed(state, regrouping);
}

/** Somebody has come: a survivor, or a newcomer who waits until the room is whole. */
export function gather(state: State, regrouping: Regrouping, link: Link, peer: PeerId, auth: Auth, host: string): void {
  for (const other of waiting(state)) if (other.peer === peer) close(state, other.link);
  // Those who were not in the view wait outside when there are many.
  if (memberOf(state.log.view, peer) === undefined && [...waiting(state)].length >= limits.waitingMax) {
    return close(state, link, serverSays.refused({ code: 'not-coordinator', message: 'too many wait: ask again' }));
  }
  link.end = { kind: 'waiting', peer, auth, host };
  proceed(state, regrouping);
}

function* waiting(state: State): Generator<Waiting> {
  for (const link of state.links.values()) if (link.end.kind === 'waiting') yield { link, ...link.end };
}

/** Who could still come. */
function missing(state: State, regrouping: Regrouping): Member[] {
  const here = new Set(Array.from(waiting(state), ({ peer }) => peer));
  return state.log.view.members.filter(({ id }) => id !== state.self.id && !regrouping.dead.has(id) && !here.has(id));
}

/** Goes on when everybody is here, or has had the time. */
function proceed(state: State, regrouping: Regrouping): void {
  const { fetching, until, latest, alive } = regrouping;
  if (fetching !== null) return;
  const { ms } = state.now;
  const awaited = missing(state, regrouping).some(({ id }) => ms < (alive.has(id) ? latest : until));
  if (!awaited) choose(state, regrouping);
}

/** When somebody else may have had the time (ms). */
export function regroupDeadline({ now }: State, { fetching, until, latest, callAt }: Regrouping): number {
  return fetching?.until ?? Math.min(callAt, now.ms < until ? until : latest);
}

/** Nobody answered a call: that one will not come. */
export function missingFailed(state: State, regrouping: Regrouping, link: Link, refused: boolean): void {
  if (link.end.kind !== 'call') return;
  regrouping.dead.set(link.end.peer, refused ? 'ended' : 'silent');
  proceed(state, regrouping);
}

/** One who was called lives. Unless it leads a part of the room itself, it will come, and is given the time. */
export function missingSays(state: State, regrouping: Regrouping, link: Link, message: ServerMessage): void {
  const { end } = link;
  if (end.kind !== 'call') return;
  if (message.kind === 'welcome' && end.stage === 'merging' && message.room === state.room) {
    const { trouble } = regrouping;
    const to = end.toward ?? end.addresses;
    state.phase = { kind: 'deposed', trouble, link: link.id, welcome: message, to, via: end.addresses };
    return;
  }
  if (message.kind === 'refused' && isPutOut(state, message)) return goForGood(state, message);
  regrouping.alive.add(end.peer);
  // The room goes on without us: there is nothing to regroup.
  if (message.kind === 'connected' && end.stage === 'through') {
    end.stage = 'connected';
    return;
  }
  if (message.kind === 'challenge' && end.stage === 'connected') {
    link.challenge = message.challenge;
    return introduce(state, link, null);
  }
  if (message.kind === 'coordinator' && end.stage === 'greeting' && askThrough(state, link, message.addresses)) return;
  close(state, link);
  if (message.kind === 'connected') regrouping.dead.set(end.peer, 'cut');
  proceed(state, regrouping);
}

/** Takes the longest log: fetches what it has and we lack. */
function choose(state: State, regrouping: Regrouping): void {
  const { log } = state;
  let best: Waiting | undefined;
  for (const one of waiting(state)) {
    // Whoever was not in the view, or leads a part of its own, joins by the rules for that.
    if (memberOf(log.view, one.peer) === undefined || one.auth.coordinates !== null) continue;
    // What went another way than our log is no longer version of it: that one rebases, and offers what it holds.
    if (commonSeq(log, one.auth) !== log.last) continue;
    if (compareExtents(one.auth, best?.auth ?? log) > 0) best = one;
  }
  regrouping.fetching = null;
  const { ms } = state.now;
  // However many claim to hold more: what one of them truly holds it offers when it is let in.
  regrouping.fetchedBy = Math.min(regrouping.fetchedBy, ms + limits.fetchesMs);
  if (best === undefined || ms >= regrouping.fetchedBy) return finish(state, regrouping);
  const until = Math.min(ms + limits.regroupMs, regrouping.fetchedBy);
  regrouping.fetching = { link: best.link.id, last: best.auth.last, until };
  best.link.decoder.bodyBytesMax = limits.bodyBytesMax;
  send(state, best.link, serverSays.fetch(log.last));
}

/**
 * An entry of the suffix that is fetched.
 * @throws ProtocolError when it was not asked for, or does not follow
 */
export function fetched(state: State, regrouping: Regrouping, link: Link, entry: Entry, frame: Frame): void {
  if (regrouping.fetching?.link !== link.id) throw new ProtocolError('word', 'held was not asked for');
  // Whoever gives it may have made it up.
  if (entry.kind === 'chat' && !isHonest(state, entry.author, entry))
    throw new ProtocolError('proof', `the signature on line ${entry.n} of ${entry.author} is false`);
  commit(state, entry, frame);
  if (entry.seq >= regrouping.fetching.last) finish(state, regrouping);
}

/** A link of somebody who waits is gone: if it was being fetched from, the next best is taken. */
export function waitingClosed(state: State, regrouping: Regrouping, link: Link): void {
  if (regrouping.fetching?.link === link.id) choose(state, regrouping);
}

export function regroupAlarm(state: State, regrouping: Regrouping): void {
  if (state.now.ms >= regrouping.callAt) {
    regrouping.callAt = Infinity;
    for (const { id, addresses } of missing(state, regrouping)) if (addresses.length > 0) call(state, id, addresses);
  }
  const { fetching } = regrouping;
  if (fetching === null) return proceed(state, regrouping);
  if (state.now.ms < fetching.until) return;
  const slow = state.links.get(fetching.link);
  if (slow !== undefined) close(state, slow);
  choose(state, regrouping);
}

/** Begins the reign: the new view, then everybody is let in. */
function finish(state: State, { trouble, dead, resent }: Regrouping): void {
  const { log, self, ousted } = state;
  // Somebody was put out, and whoever coordinated did not see to it any more.
  oustBanned(state);
  for (const id of ousted.keys()) if (id !== self.id) dead.set(id, 'kicked');
  for (const { link, peer } of waiting(state)) {
    const one = ousted.get(peer);
    if (one !== undefined) close(state, link, serverSays.refused(farewell(one)));
  }
  const here = new Map(Array.from(waiting(state), (one) => [one.peer, one]));
  const mine = memberOf(log.view, self.id);
  const joined = mine?.joined ?? log.view.count + 1;
  const stays = (member: Member): boolean =>
    // One who was taken for dead and joined before us would coordinate: it comes in anew, as the youngest.
    here.has(member.id) &&
    here.get(member.id)?.auth.coordinates === null &&
    (member.joined > joined || member.addresses.length === 0);
  const others = log.view.members.filter((member) => member.id !== self.id && stays(member));
  // Where this peer can be dialled it knows best, whatever it was fetched.
  const me = memberOfSelf(state, mine?.name ?? self.name, joined);
  const members: Member[] = [...others, me].toSorted((a, b) => a.joined - b.joined);
  const lost = log.view.members
    .filter(({ id }) => id !== self.id && !others.some((other) => other.id === id))
    .map(({ id }) => ({ id, why: dead.get(id) ?? (here.has(id) ? ('cut' as const) : ('silent' as const)) }));
  const rank = (id: PeerId): number => (memberOf(log.view, id) === undefined ? 1 : 0);
  peersEntry(state, members, lost);
  const coordinating = serve(state);
  // Those of the view first: nobody else is let in in their place.
  const inOrder = [...here.values()].toSorted((a, b) => rank(a.peer) - rank(b.peer));
  for (const { link, peer, auth, host } of inOrder) {
    if (state.phase !== coordinating) break; // it has yielded to one of them
    admit(state, coordinating, link, peer, auth, host);
  }
  tellHealed(state, trouble, resent);
  // Everybody is waiting: the new view goes out with the welcomes, not a turn later.
  if (state.phase === coordinating) pumpCoordinator(state, coordinating);
}
