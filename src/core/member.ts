/**
 * The member's role: looking for the coordinator, and being served by it.
 *
 * There is one way into a room, the first time and after every loss: name whom to dial, dial, hear its greeting, say
 * `auth`, be welcomed. After a loss the first one named is the coordinator that was lost: a fresh dial that it
 * greets means that only the link broke. A refusal or silence means dead, and the next of the view is named.
 * When that is oneself, the peer is elected. Everybody waits a random time before dialling anybody else.
 *
 *     seeking --dial--> greeting --connected--> admitting --welcome--> joined
 *        ^  \                 \ coordinator: follow   \ refused: give up (newcomer) or wait
 *        |   \ the next is me: elected                 \
 *        +---- link closed, silence, sent elsewhere ----+
 */
import { backoff } from './election.ts';
import { assert, ProtocolError, type ChatCode } from './errors.ts';
import { commit, hold, restore, tellHealed } from './room.ts';
import { limits } from './limits.ts';
import { silentAt, verifyMs } from './liveness.ts';
import { clientSays, type Refusal, type ServerMessage, type Welcome } from './message.ts';
import {
  close,
  dial,
  send,
  tell,
  type Joined,
  type Link,
  type Seeking,
  type State,
  type Target,
  type Trouble,
} from './state.ts';
import { coordinatorOf, memberAt } from './view.ts';
import type { Why } from './entry.ts';

/** How often a peer asks again where it is not let in, or sent on in vain: the waits add up to a second or two. */
const attemptsMax = 6;

/** Begins to look for a room through the addresses given, in turn. */
export function join(state: State, addresses: readonly string[]): void {
  const candidates = addresses.map((address) => ({ member: null, addresses: [address] }));
  const seeking = begin(state, { trouble: null, candidates });
  next(state, seeking);
}

interface Search {
  /** The addresses that the coordinator sent us to. */
  readonly to?: readonly string[];
  /** How often in a row its link broke as soon as it was made. */
  readonly attempt?: number;
  /** The loss has been told already. */
  readonly known?: boolean;
  /** The coordinator lets us in and never keeps us: go on without it. */
  readonly hopeless?: boolean;
}

/** Begins to look for the coordinator after it was lost, or at the addresses that it sent us to. */
export function seek(state: State, trouble: Trouble | null, { to, attempt = 0, known, hopeless }: Search = {}): void {
  state.gone = [];
  const seeking = begin(state, { trouble, attempt });
  if (trouble !== null) {
    const { coordinator, why } = trouble;
    if (known !== true) tell(state, { kind: 'looking', coordinator, why, waiting: state.delivery.pending });
    if (hopeless === true) seeking.dead.set(coordinator.id, 'cut');
  }
  if (to !== undefined) return redirect(state, seeking, to);
  next(state, seeking, seeking.attempt > 0);
}

function begin(state: State, given: Pick<Seeking, 'trouble'> & Partial<Seeking>): Seeking {
  const seeking: Seeking = {
    kind: 'seeking',
    dead: new Map(),
    candidates: [],
    believed: new Set(),
    elected: null,
    origin: null,
    failures: [],
    hops: 0,
    attempt: 0,
    target: { member: null, addresses: [] },
    link: null,
    since: state.now.ms,
    wake: state.now.ms,
    ...given,
  };
  state.phase = seeking;
  return seeking;
}

/** Names whom to dial next, and dials at once or after a random wait. */
function next(state: State, seeking: Seeking, wait = false): void {
  seeking.link = null;
  seeking.hops = 0;
  if (state.room === null) {
    const candidate = seeking.candidates.shift();
    if (candidate === undefined) return giveUp(state, 'unreachable', [...new Set(seeking.failures)].join('; '));
    seeking.origin = candidate;
    return approach(state, seeking, candidate, wait);
  }
  const elected = coordinatorOf(state.log.view, seeking.dead);
  if (elected?.id === state.self.id) {
    state.phase = { kind: 'elected', trouble: seeking.trouble, dead: seeking.dead };
    return;
  }
  // Nobody is left who could coordinate: not even this peer, which has no address. Begin again with all of them.
  if (elected === undefined) seeking.dead.clear();
  const member = elected ?? coordinatorOf(state.log.view);
  assert(member !== undefined, 'a room has a member that can be dialled');
  seeking.elected = member.id;
  approach(state, seeking, { member, addresses: member.addresses }, wait || elected === undefined);
}

function approach(state: State, seeking: Seeking, target: Target, wait: boolean): void {
  seeking.target = target;
  if (!wait) return dialTarget(state, seeking);
  seeking.link = null;
  const waitMs = backoff(state.random, seeking.attempt, state.options.backoffMs);
  // The first wait counts from the loss, so that making sure of it costs no time on top.
  seeking.wake = seeking.attempt === 0 ? Math.max(state.now.ms, seeking.since + waitMs) : state.now.ms + waitMs;
  seeking.attempt++;
}

function dialTarget(state: State, seeking: Seeking): void {
  seeking.link = dial(state, seeking.target.addresses, { kind: 'target', stage: 'greeting' }).id;
  seeking.wake = state.now.ms + (state.room === null ? limits.joinMs : verifyMs(state.options.silenceMs));
}

/** The target refused, kept silent, or is none of ours. */
function failed(state: State, seeking: Seeking, why: Why, message: string): void {
  const { trouble, target } = seeking;
  const { member, addresses } = target;
  if (member !== null) {
    seeking.dead.set(member.id, why);
    seeking.attempt = 0; // the next one is dialled for the first time
  }
  if (trouble !== null && trouble.coordinator.id === member?.id) trouble.why = why;
  failedWith(state, seeking, `${addresses.join(', ')} ${message}`);
}

function failedWith(state: State, seeking: Seeking, failure: string): void {
  seeking.failures.push(failure);
  // A newcomer who was sent on to a corpse, or in a circle, asks again: the room may just be healing.
  const again = seeking.hops > 0 && seeking.attempt < attemptsMax;
  if (again && seeking.origin !== null) seeking.candidates.push(seeking.origin);
  // The first to be dialled after a loss was the lost one, to make sure; before anybody else there is a random wait.
  next(state, seeking, state.room !== null || again);
}

function redirect(state: State, seeking: Seeking, addresses: readonly string[]): void {
  const member = memberAt(state.log.view, addresses) ?? null;
  if (member?.id === state.self.id) return next(state, seeking, true);
  if (member !== null && seeking.dead.has(member.id)) {
    // Whoever sends us to a corpse has not noticed yet. If it goes on doing so, it may be right and we wrong.
    if (seeking.attempt < 3) return approach(state, seeking, seeking.target, true);
    // It was believed once, in vain: whoever vouches for a corpse again leads nowhere.
    if (seeking.believed.has(member.id)) return pass(state, seeking);
    seeking.believed.add(member.id);
    seeking.dead.delete(member.id);
  }
  if (++seeking.hops > limits.hopsMax) {
    if (state.room !== null) return pass(state, seeking);
    return failedWith(state, seeking, `${seeking.target.addresses.join(', ')} sends on and on`);
  }
  approach(state, seeking, { member, addresses }, false);
}

/** The elected leads nowhere, though it answers: a survivor goes on without it. */
function pass(state: State, seeking: Seeking): void {
  if (seeking.elected !== null) seeking.dead.set(seeking.elected, 'cut');
  seeking.attempt = 0;
  next(state, seeking, true);
}

/** A newcomer cannot get in. */
function giveUp(state: State, code: ChatCode, message: string, free?: string): void {
  state.phase = { kind: 'idle' };
  tell(state, { kind: 'refused', code, message, ...(free === undefined ? {} : { free }) });
}

/** The dialled link is open, or is not: both come to the one who dialled. */
export function dialFailed(state: State, seeking: Seeking, refused: boolean, message: string): void {
  failed(state, seeking, refused ? 'ended' : 'silent', message);
}

/**
 * The link broke before the welcome. One that lives greets: whoever hangs up without a word is dead, and what answered
 * for it was its dying kernel, or a forwarder. One that had greeted may have had its reasons: a survivor asks again.
 */
export function targetClosed(state: State, seeking: Seeking, link: Link, how: string): void {
  const greeted = link.end.kind === 'target' && link.end.stage !== 'greeting';
  if (state.room === null || !greeted || seeking.attempt >= attemptsMax) return failed(state, seeking, 'ended', how);
  approach(state, seeking, seeking.target, true);
}

/** The alarm of a seeking peer: time to dial, or to give up on a link. */
export function seekingAlarm(state: State, seeking: Seeking): void {
  const link = seeking.link === null ? undefined : state.links.get(seeking.link);
  if (link === undefined) return dialTarget(state, seeking);
  close(state, link);
  failed(state, seeking, 'silent', 'does not answer');
}

/**
 * What a dialled peer says before and with its welcome.
 * @throws ProtocolError `word` for what has no place here
 */
export function targetSays(state: State, seeking: Seeking, link: Link, message: ServerMessage): void {
  assert(link.end.kind === 'target', 'a seeking peer has dialled a target');
  switch (message.kind) {
    case 'coordinator':
      close(state, link);
      return redirect(state, seeking, message.addresses);
    case 'electing':
      close(state, link);
      return electing(state, seeking, message.ms);
    case 'refused':
      close(state, link);
      return turnedAway(state, seeking, message);
    case 'connected':
      if (link.end.stage !== 'greeting') break;
      link.end.stage = 'admitting';
      seeking.wake = state.now.ms + limits.welcomeMs;
      return send(state, link, clientSays.auth(state.self.id, authOf(state)));
    case 'fetch':
      // Once on a link: it may be much.
      if (link.end.stage !== 'admitting') break;
      link.end.stage = 'fetched';
      for (const frame of state.log.frames(message.after + 1)) send(state, link, clientSays.held(state.self.id, frame));
      return;
    case 'ping':
      return;
    case 'welcome':
      if (link.end.stage === 'greeting') break;
      return enter(state, link, message, { ...seeking, via: seeking.target.addresses });
    default:
  }
  throw new ProtocolError('word', `unexpected ${message.kind} before the welcome`);
}

/** What a peer says of itself; `coordinates` when it leads a part of the room. */
export function authOf(
  state: State,
  coordinates: readonly string[] | null = null,
): Parameters<typeof clientSays.auth>[1] {
  const { self, room, log } = state;
  const { name, addresses } = self;
  const { lineage, first, last } = log;
  return { version: limits.wireVersion, name, addresses, room, lineage, first, last, coordinates };
}

function electing(state: State, seeking: Seeking, ms: number): void {
  if (state.room === null && state.now.ms >= seeking.since + limits.electingMs) {
    return failed(state, seeking, 'silent', 'has found no coordinator for 10 s');
  }
  // Whoever looks for so long waits for us, perhaps: then nobody would ever begin.
  if (state.room !== null && seeking.attempt >= attemptsMax) return failed(state, seeking, 'cut', 'is looking too');
  seeking.link = null;
  seeking.wake =
    state.now.ms +
    Math.min(ms, limits.backoffMsMax) +
    backoff(state.random, seeking.attempt++, state.options.backoffMs);
}

function turnedAway(state: State, seeking: Seeking, { code, message, free }: Refusal): void {
  if (code === 'name-taken' && free !== undefined && state.entered) {
    state.self.name = free;
    tell(state, { kind: 'renamed', name: free });
    return approach(state, seeking, seeking.target, true);
  }
  if (state.entered) return approach(state, seeking, seeking.target, true);
  if (code === 'not-coordinator') return electing(state, seeking, 0);
  giveUp(state, refusalCode(code), message, free);
}

/** A breach that the other side saw in us is, to the person here, only a failure to get in. */
function refusalCode(code: Refusal['code']): ChatCode {
  const known: ChatCode[] = ['version', 'other-room', 'self', 'name-invalid', 'name-taken', 'room-full'];
  return known.find((one) => one === code) ?? 'unreachable';
}

/** Welcomed: rebase onto the coordinator's log, and follow it. */
export function enter(
  state: State,
  link: Link,
  welcome: Welcome,
  { trouble, attempt, via }: Pick<Joined, 'trouble' | 'attempt' | 'via'>,
): void {
  const { log, delivery, now } = state;
  state.room = welcome.room;
  // What follows a rebase is new, whatever place it has.
  state.historyTo = state.entered ? Math.min(state.historyTo, welcome.keep) : welcome.last;
  // With nothing in common a snapshot follows; until it is here, the old view is all we know of whom to dial.
  if (welcome.keep > 0) hold(state, log.truncate(welcome.keep));
  link.end = { kind: 'coordinator' };
  const resent = delivery.rewind();
  state.phase = {
    kind: 'joined',
    link: link.id,
    since: now.ms,
    heard: now.ms,
    pongAt: now.ms,
    attempt,
    catchUp: welcome.last,
    // What is held goes first, and only when it is known what the room has of it. With nothing held, and nothing to
    // be dropped when a snapshot comes, own lines may go at once.
    offerFrom: welcome.keep > 0 && !delivery.holds ? 0 : welcome.last,
    trouble,
    resent,
    via,
  };
  caughtUp(state, state.phase);
  state.dirty = true; // own lines go out
}

/** Everything that the welcome promised is here. */
function caughtUp(state: State, joined: Joined): void {
  if (state.log.last < joined.catchUp) return;
  const { trouble } = joined;
  const same = trouble?.coordinator.id === coordinatorOf(state.log.view)?.id;
  const resumed = trouble !== null && trouble.why !== 'handover' && same;
  joined.attempt = resumed ? joined.attempt + 1 : 0;
  tellHealed(state, joined.trouble, joined.resent);
  joined.trouble = null;
  state.dirty = true; // now what is held goes out
}

/**
 * What the coordinator says to a member.
 * @throws ProtocolError for what has no place here, or does not follow
 */
export function coordinatorSays(state: State, joined: Joined, link: Link, message: ServerMessage): void {
  switch (message.kind) {
    case 'entry': {
      const behind = state.log.last < joined.catchUp;
      commit(state, message.entry, message.frame);
      if (behind) caughtUp(state, joined);
      return;
    }
    case 'ping':
      return pong(state, joined, link);
    case 'snapshot':
      hold(state, state.log.truncate(0));
      restore(state, message.snapshot);
      return caughtUp(state, joined);
    case 'coordinator':
      close(state, link);
      if (coordinatorOf(state.log.view) === undefined) return startOver(state, message.addresses);
      return seek(state, troubleOf(state, 'handover'), { to: message.addresses });
    case 'refused':
      close(state, link);
      tell(state, { kind: 'warning', code: message.code, message: message.message });
      return lose(state, joined, 'cut');
    default:
      throw new ProtocolError('word', `unexpected ${message.kind} after the welcome`);
  }
}

/** Says that this member lives, and how far it has come. */
function pong(state: State, joined: Joined, link: Link): void {
  joined.pongAt = state.now.ms;
  send(state, link, clientSays.pong(state.self.id, state.log.last));
}

/** While much comes, pings wait behind it: a member that reads says so unasked. */
export function reading(state: State, joined: Joined, link: Link): void {
  if (state.now.ms - joined.pongAt >= state.options.pingMs) pong(state, joined, link);
}

/** The link to the coordinator is gone, or silent. */
export function lose(state: State, joined: Joined, why: Why): void {
  if (coordinatorOf(state.log.view) === undefined) {
    // A newcomer that was welcomed, and heard nothing more.
    return startOver(state, joined.via);
  }
  const lasted = state.now.ms - joined.since >= state.options.silenceMs;
  // A link that breaks as soon as it is made is not made again at once.
  const attempt = lasted ? 0 : joined.attempt + (joined.trouble === null ? 0 : 1);
  const search = { attempt, known: joined.trouble !== null, hopeless: attempt >= attemptsMax };
  seek(state, joined.trouble ?? troubleOf(state, why), search);
}

/** A newcomer was welcomed and heard nothing more: it is a newcomer still. */
function startOver(state: State, addresses: readonly string[]): void {
  state.room = null;
  join(state, addresses);
}

export function troubleOf(state: State, why: Why): Trouble | null {
  const coordinator = coordinatorOf(state.log.view);
  return coordinator === undefined ? null : { since: state.now.ms, coordinator, why };
}

/** The coordinator's silence is judged here. */
export function joinedAlarm(state: State, joined: Joined): void {
  if (state.now.ms < silentAt(joined.heard, state.options.silenceMs)) return;
  const link = state.links.get(joined.link);
  if (link !== undefined) close(state, link);
  lose(state, joined, 'silent');
}

/** Writes what waits: lines held from elsewhere, then one's own. */
export function pumpMember(state: State, joined: Joined): void {
  const link = state.links.get(joined.link);
  if (link === undefined || link.full || state.log.last < joined.offerFrom) return;
  const frames = state.delivery.take(limits.segmentBytes);
  if (frames.length === 1) send(state, link, frames[0] as Uint8Array);
  else if (frames.length > 1) send(state, link, concat(frames));
  if (state.delivery.waiting) state.dirty = true;
}

/** One write for many frames: each write to a socket costs as much as a thousand bytes. */
function concat(frames: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
