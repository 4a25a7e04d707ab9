/**
 * Seeking: the one way into a room, the first time and after every loss.
 *
 * Name whom to dial, dial, hear its greeting, say `auth`, be welcomed. After a loss the first one named is the
 * coordinator that was lost: a fresh dial that it greets means that only the link broke. A refusal or silence means
 * dead, and the next of the view is named. When that is oneself, the peer is elected. Everybody waits a random time
 * before dialling anybody else. Who sends us where nobody answered is asked to take us through (relay.ts).
 *
 *     seeking --dial--> greeting --connected--> admitting --welcome--> joined
 *        ^  \                 \ coordinator: follow   \ refused: give up (newcomer) or wait
 *        |   \ the next is me: elected                 \
 *        +---- link closed, silence, sent elsewhere ----+
 */
import { backoff } from './election.ts';
import { assert, ProtocolError, type ChatCode } from './errors.ts';
import { limits } from './limits.ts';
import { isNumbered } from './name.ts';
import { prove, vouchFor } from './identity.ts';
import { verifyMs, welcomeMs } from './liveness.ts';
import { everybody } from './lost.ts';
import { enter } from './member.ts';
import { goForGood, isPutOut, tellLocked, whyPutOut } from './moderation.ts';
import { keyChanged } from './refusal.ts';
import { clientSays, type Refusal, type ServerMessage } from './message.ts';
import { isOutOfReach, missed, reached } from './relay.ts';
import { beRenamed } from './room.ts';
import type { Search, Seeking, Target, Trouble } from './phase.ts';
import { close, dial, proofOn, send, tell, type Link, type State } from './state.ts';
import { coordinatorOf, memberAt, type Member } from './view.ts';
import type { Why } from './entry.ts';
import type { Input } from './step.ts';

/** Begins to look for a room through the addresses given, in turn. */
export function join(state: State, addresses: readonly string[], attempt = 0): void {
  const candidates = addresses.map((address) => ({ member: null, addresses: [address] }));
  const seeking = begin(state, { trouble: null, fresh: true, candidates, attempt });
  next(state, seeking, attempt > 0);
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

/**
 * Looks for the room that was kept: at the addresses given, then at those of its members and of those it had lost.
 * @param alone whether this peer goes on alone if nobody answers
 */
export function comeBack(state: State, addresses: readonly string[], alone: boolean): void {
  const { self } = state;
  const given = addresses.map((address) => ({ member: null, addresses: [address] }));
  const own = self.addresses.join();
  const known = everybody(state)
    .filter((member) => member.addresses.length > 0 && member.addresses.join() !== own)
    .slice(0, limits.comeBackMax)
    .map((member) => ({ member, addresses: member.addresses }));
  const candidates = alone ? [...given, ...known] : given;
  next(state, begin(state, { trouble: null, fresh: true, candidates, alone }));
}

function begin(state: State, given: Pick<Seeking, 'trouble'> & Partial<Seeking>): Seeking {
  const seeking: Seeking = {
    kind: 'seeking',
    dead: new Map(),
    fresh: false,
    candidates: [],
    alone: false,
    otherKey: false,
    plain: false,
    refusal: null,
    believed: new Set(),
    elected: null,
    origin: null,
    failures: [],
    hops: 0,
    round: 0,
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
  if (seeking.fresh) {
    const candidate = seeking.candidates.shift();
    if (candidate === undefined && seeking.refusal !== null) return giveUpFor(state, seeking.refusal);
    // Whoever cannot be dialled never coordinates.
    const able = seeking.alone && state.self.addresses.length > 0;
    if (candidate === undefined && able) return goOnAlone(state, seeking);
    if (candidate === undefined) {
      const code = seeking.otherKey ? 'other-key' : seeking.plain ? 'encrypted' : 'unreachable';
      return giveUp(state, code, [...new Set(seeking.failures)].join('; '));
    }
    seeking.origin = candidate;
    return approach(state, seeking, candidate, wait);
  }
  const elected = coordinatorOf(state.log.view, seeking.dead);
  if (elected?.id === state.self.id) {
    state.phase = { kind: 'elected', trouble: seeking.trouble, dead: seeking.dead };
    return;
  }
  // Nobody is left who could coordinate: not even this peer, which has no address. Begin again with all of them, and
  // with those whom the room had lost: they may be back, and cannot call one who cannot be dialled.
  if (elected === undefined) seeking.dead.clear();
  const member = elected ?? anybody(state, seeking);
  seeking.elected = member.id;
  approach(state, seeking, { member, addresses: member.addresses }, wait || elected === undefined);
}

/** One after the other of all who were ever known to coordinate, or could. */
function anybody(state: State, seeking: Seeking): Member {
  const able = everybody(state).filter(({ addresses }) => addresses.length > 0);
  const member = able[seeking.round++ % able.length];
  assert(member !== undefined, 'a room has a member that can be dialled');
  return member;
}

/** Nobody answers who was in the room that was kept: it begins again with this peer, and the others will be called. */
function goOnAlone(state: State, { dead, otherKey }: Seeking): void {
  // Where this peer was told to join, the key was changed while it was away.
  if (otherKey) return giveUp(state, 'other-key', keyChanged);
  for (const { id } of state.log.view.members) if (!dead.has(id)) dead.set(id, 'silent');
  state.phase = { kind: 'elected', trouble: null, dead };
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
  seeking.link = dial(state, seeking.target.addresses, { kind: 'target', stage: 'greeting', relayed: false }).id;
  // A newcomer knows nothing of the network; but whoever sends it on has just heard of the coordinator.
  const patience = seeking.hops > 0 ? limits.hopMs : limits.joinMs;
  const known = seeking.target.member !== null || !seeking.fresh;
  // Where all of a large room come at once, each waits until the others' links are encrypted.
  const crowd = Math.max(0, state.log.view.members.length - limits.crowdMembers) * limits.handshakeCostMs;
  seeking.wake = state.now.ms + (known ? verifyMs(state.options.silenceMs) + crowd : patience);
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
  missed(state, addresses);
  failedWith(state, seeking, `${addresses.join(', ')} ${message}`);
}

function failedWith(state: State, seeking: Seeking, failure: string): void {
  if (seeking.fresh) seeking.failures.push(failure);
  // A newcomer who was sent on to a corpse, or in a circle, asks again: the room may just be healing.
  const again = seeking.hops > 0 && seeking.attempt < limits.attemptsMax;
  if (again && seeking.origin !== null) seeking.candidates.push(seeking.origin);
  // The first to be dialled after a loss was the lost one, to make sure; before anybody else there is a random wait.
  next(state, seeking, !seeking.fresh || again);
}

function redirect(state: State, seeking: Seeking, addresses: readonly string[]): void {
  const member = memberAt(state.log.view, addresses) ?? null;
  if (member?.id === state.self.id) return next(state, seeking, true);
  if (member !== null && seeking.dead.has(member.id)) {
    // Whoever sends us to a corpse has not noticed yet. If it goes on doing so, it may be right and we wrong.
    if (seeking.attempt < 3) return approach(state, seeking, seeking.target, true);
    // It was believed once, in vain: whoever vouches for a corpse again leads nowhere.
    if (seeking.believed.has(member.id)) return passOver(state, seeking);
    seeking.believed.add(member.id);
    seeking.dead.delete(member.id);
  }
  if (++seeking.hops > limits.hopsMax) {
    if (!seeking.fresh) return passOver(state, seeking);
    return failedWith(state, seeking, `${seeking.target.addresses.join(', ')} sends on and on`);
  }
  approach(state, seeking, { member, addresses }, false);
}

/** The elected leads nowhere, though it answers: a survivor goes on without it. */
function passOver(state: State, seeking: Seeking): void {
  if (seeking.elected !== null) seeking.dead.set(seeking.elected, 'cut');
  seeking.attempt = 0;
  next(state, seeking, true);
}

/** The one dialled cannot take us to the coordinator either. */
function leadsNowhere(state: State, seeking: Seeking): void {
  if (!seeking.fresh) return passOver(state, seeking);
  failedWith(state, seeking, `${seeking.target.addresses.join(', ')} leads nowhere`);
}

/** A newcomer cannot get in. */
function giveUp(state: State, code: ChatCode, message: string, more: { free?: string; room?: string } = {}): void {
  // Whoever was in the room looks for it until it is found.
  if (state.entered && state.fallback.length > 0) {
    state.phase = { kind: 'newcomer', addresses: state.fallback, attempt: limits.attemptsMax };
    return;
  }
  state.phase = { kind: 'idle' };
  tell(state, { kind: 'refused', code, message, ...more });
}

/**
 * The link could not be opened. A refusal is death. One that hangs up before a byte may live, and be beset by so many that
 * it could not hear us: whoever took that for death would found a room beside it. It is dialled again; a kernel whose
 * process was dying refuses by then.
 */
export function dialFailed(state: State, seeking: Seeking, failure: Extract<Input, { kind: 'failed' }>): void {
  const { refused, message, otherKey: other = false, plain = false, hungUp = false } = failure;
  if (hungUp && seeking.attempt < limits.hangUpsMax) return approach(state, seeking, seeking.target, true);
  // At an address that is only remembered there may be any room by now.
  const remembered = state.entered || seeking.target.member !== null;
  if (other && remembered) tellLocked(state);
  seeking.otherKey ||= other && !remembered;
  seeking.plain ||= plain && !remembered;
  failed(state, seeking, refused ? 'ended' : 'silent', message);
}

/**
 * The link broke before the welcome. One that lives greets: whoever hangs up without a word is dead, and what answered
 * for it was its dying kernel, or a forwarder. One that had greeted may have had its reasons: a survivor asks again.
 */
export function targetClosed(state: State, seeking: Seeking, link: Link, how: string): void {
  const greeted = link.end.kind === 'target' && link.end.stage !== 'greeting';
  if (seeking.fresh || !greeted || seeking.attempt >= limits.attemptsMax) return failed(state, seeking, 'ended', how);
  approach(state, seeking, seeking.target, true);
}

/** The alarm of a seeking peer: time to dial, or to give up on a link. */
export function seekingAlarm(state: State, seeking: Seeking): void {
  const link = seeking.link === null ? undefined : state.links.get(seeking.link);
  if (link === undefined) return dialTarget(state, seeking);
  close(state, link);
  if (link.end.kind === 'target' && link.end.stage === 'through') return leadsNowhere(state, seeking);
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
      if (link.end.stage === 'greeting' && isOutOfReach(state, message.addresses))
        return askThrough(state, seeking, link);
      close(state, link);
      return redirect(state, seeking, message.addresses);
    case 'electing':
      close(state, link);
      return electing(state, seeking, message.ms);
    case 'refused':
      close(state, link);
      return turnedAway(state, seeking, message);
    case 'connected':
      if (link.end.stage !== 'greeting' && link.end.stage !== 'through') break;
      if (link.end.stage === 'greeting') reached(state, seeking.target.addresses);
      link.end = { kind: 'target', stage: 'connected', relayed: link.end.stage === 'through' };
      seeking.wake = state.now.ms + welcomeMs(state.options);
      return;
    case 'challenge':
      if (link.end.stage !== 'connected') break;
      link.end.stage = 'admitting';
      link.challenge = message.challenge;
      return send(state, link, clientSays.auth(state.self.id, authOf(state, link, null, link.end.relayed)));
    case 'fetch':
      // Once on a link: it may be much.
      if (link.end.stage !== 'admitting') break;
      link.end.stage = 'fetched';
      for (const frame of state.log.frames(message.after + 1)) send(state, link, clientSays.held(state.self.id, frame));
      return;
    case 'ping':
      return;
    case 'welcome':
      if (link.end.stage !== 'admitting' && link.end.stage !== 'fetched') break;
      if (state.room !== null && message.room !== state.room) throw new ProtocolError('body', 'this is another room');
      return enter(state, link, message, { ...seeking, via: seeking.target.addresses, relayed: link.end.relayed });
    default:
  }
  throw new ProtocolError('word', `unexpected ${message.kind} before the welcome`);
}

/** The one dialled is sent by a member to where nobody answered: the member is to take us there. */
function askThrough(state: State, seeking: Seeking, link: Link): void {
  link.end = { kind: 'target', stage: 'through', relayed: true };
  seeking.wake = state.now.ms + welcomeMs(state.options);
  send(state, link, clientSays.through(state.self.id));
}

/** What a peer says of itself on a link; `coordinates` when it leads a part of the room. */
export function authOf(
  state: State,
  link: Link,
  coordinates: readonly string[] | null = null,
  relayed = false,
): Parameters<typeof clientSays.auth>[1] {
  const { self, room, log, crypto } = state;
  const { id, name, addresses } = self;
  const { lineage, first, last } = log;
  return {
    version: limits.wireVersion,
    name,
    addresses,
    room,
    key: crypto.key,
    box: crypto.box,
    vouch: vouchFor(crypto, name),
    proof: prove(crypto, proofOn(link, 'client', id, relayed)),
    lineage,
    first,
    last,
    coordinates,
    ...(relayed ? { relayed } : {}),
  };
}

function electing(state: State, seeking: Seeking, ms: number): void {
  if (seeking.alone) return lookingToo(state, seeking);
  if (state.room === null && state.now.ms >= seeking.since + limits.electingMs) {
    return failed(state, seeking, 'silent', 'has found no coordinator for 10 s');
  }
  // Whoever looks for so long waits for us, perhaps: then nobody would ever begin.
  if (state.room !== null && seeking.attempt >= limits.attemptsMax)
    return failed(state, seeking, 'cut', 'is looking too');
  seeking.link = null;
  seeking.wake =
    state.now.ms +
    Math.min(ms, limits.backoffMsMax) +
    backoff(state.random, seeking.attempt++, state.options.backoffMs);
}

/**
 * Another one who was in the room that was kept is started again just now. All are asked in turn, until one goes on
 * alone: that should be the earliest-joined, so those behind it ask for longer.
 */
function lookingToo(state: State, seeking: Seeking): void {
  const { now, log, was } = state;
  const place = log.view.members.findIndex(({ id }) => id === was);
  const rank = place === -1 ? log.view.members.length : place;
  const patience = limits.comeBackMs * (1 + Math.min(rank, limits.comeBackMax));
  if (now.ms < seeking.since + patience) seeking.candidates.push(seeking.origin ?? seeking.target);
  // Not at once: whoever is asked needs a moment to come to something.
  seeking.attempt = 1;
  next(state, seeking, true);
}

function turnedAway(state: State, seeking: Seeking, refusal: Refusal): void {
  const { code, free, room } = refusal;
  if (code === 'name-taken' && free !== undefined && state.entered && isNumbered(state.self.name, free)) {
    beRenamed(state, free);
    return approach(state, seeking, seeking.target, true);
  }
  if (code === 'no-way') return leadsNowhere(state, seeking);
  if (state.entered && isPutOut(state, refusal)) return goForGood(state, refusal);
  if (state.entered && code === 'other-key') tellLocked(state);
  // In a room that was kept, the name may be held by the process before this one, a moment longer.
  const held = code === 'name-taken' && state.was !== null && seeking.attempt < limits.attemptsMax;
  if (state.entered || held) return approach(state, seeking, seeking.target, true);
  if (code === 'not-coordinator') return electing(state, seeking, 0);
  // Whoever answers there says so, and may be anybody: others may let us in. What can be mended is told at once.
  seeking.refusal ??= refusal;
  // Who goes on with a room asks all who were in it first: a stranger may have got an address of theirs.
  const mended = code === 'name-taken' || code === 'name-invalid' || (code === 'other-room' && !seeking.alone);
  if (seeking.candidates.length > 0 && !mended && !isPutOut(state, refusal)) return next(state, seeking);
  giveUpFor(state, room === undefined ? seeking.refusal : refusal);
}

function giveUpFor(state: State, refusal: Refusal): void {
  const { code, free, room } = refusal;
  giveUp(state, refusalCode(code), whyPutOut(state, refusal), {
    ...(free === undefined ? {} : { free }),
    ...(room === undefined ? {} : { room }),
  });
}

/** A breach that the other side saw in us is, to the person here, only a failure to get in. */
function refusalCode(code: Refusal['code']): ChatCode {
  const known: ChatCode[] = [
    'version',
    'other-room',
    'self',
    'name-invalid',
    'name-taken',
    'room-full',
    'kicked',
    'banned',
    'other-key',
    'encrypted',
  ];
  return known.find((one) => one === code) ?? 'unreachable';
}
