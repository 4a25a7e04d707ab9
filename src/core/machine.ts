/**
 * The door of the core: one switch in, one least deadline out.
 *
 * `step` takes what happened and when, changes the state, and returns what is to be done to the world. It reads no
 * clock, sets no timer and throws for nothing that comes from outside. The hands call it again with `alarm` when
 * `deadline` has come. Writing is put off to an alarm that is due at once, so everything that arrives in one turn of
 * the hands goes out in one slice per member.
 */
import {
  admit,
  charge,
  coordinatorAlarm,
  handingAlarm,
  handingClosed,
  handOver,
  memberGone,
  memberSays,
  pumpCoordinator,
  pumpHanding,
  putOut,
  stepAside,
} from './coordinator.ts';
import { takeInAt } from './apart.ts';
import { checkSome, tellUncovered, uncoveredAt } from './check.ts';
import { greet } from './door.ts';
import { assert, ProtocolError } from './errors.ts';
import type { Frame } from './frame.ts';
import { callDue, calledSays, callFailed, callHungUp, nextCall } from './healing.ts';
import { checkIds, isProven, isVouched } from './identity.ts';
import { limits } from './limits.ts';
import { silentAt, sleptFor } from './liveness.ts';
import { coordinatorSays, enter, joinedAlarm, lose, pumpMember, reading, troubleOf } from './member.ts';
import { clientSays, parseClient, parseServer, serverSays, type Auth, type ClientMessage } from './message.ts';
import {
  fetched,
  found,
  gather,
  missingFailed,
  missingSays,
  regroup,
  regroupAlarm,
  regroupDeadline,
  waitingClosed,
} from './regroup.ts';
import { expectAt, tellLost } from './lost.ts';
import { inForce, keepKey, otherKey, tellLocked } from './moderation.ts';
import { wantName } from './naming.ts';
import { lettersAt, pumpLetters, telling, write } from './private.ts';
import { keepUp, tellMissed } from './room.ts';
import { carry, hush, pass, probed, stop } from './relay.ts';
import { timeFor } from './rules.ts';
import { comeBack, dialFailed, join, seek, seekingAlarm, targetClosed, targetSays } from './seeking.ts';
import { breach, close, send, tell, type Handing, type Link, type State } from './state.ts';
import type { Effect, Input, Now } from './step.ts';
import type { PeerId } from './view.ts';

/** One step. Effects are to be carried out in order, before the next step. */
export function step(state: State, input: Input, now: Now): Effect[] {
  assert(now.ms >= state.now.ms, 'the clock does not go back');
  const since = now.ms - state.now.ms;
  state.now = now;
  const slept = sleptFor(state.due, now.ms, state.options.silenceMs);
  if (slept > 0) {
    wake(state, since);
    if (slept >= state.options.silenceMs) {
      tell(state, { kind: 'slept', ms: slept });
      // Whoever coordinates nobody has missed nothing.
      const alone = state.phase.kind === 'coordinating' && state.phase.members.size === 0;
      if (state.entered && !alone) state.away ??= { why: 'asleep', since: now.wall - slept };
      state.wokeAt = now.ms;
    }
  }
  take(state, input);
  settle(state);
  // What was due before this moment is not late for having been asked for now.
  state.due = Math.max(now.ms, deadline(state));
  const { effects } = state;
  state.effects = [];
  return effects;
}

function take(state: State, input: Input): void {
  switch (input.kind) {
    case 'start':
      return begin(state, input.join, input.alone ?? true);
    case 'accepted':
      return greet(state, input.link, input.host, input.channel, input.former);
    case 'say': {
      const { crypto, delivery, now } = state;
      const { text, what } = input;
      const time = what === 'act' ? timeFor(inForce(state), crypto.key, text, now.wall, delivery.acts) : now.wall;
      const offer = delivery.say(text, time, what);
      state.effects.push(...(state.journal?.said(offer) ?? []));
      state.dirty = true;
      return;
    }
    case 'tell':
      return write(state, input.to, input.name, input.text);
    case 'nick':
      return wantName(state, input.name);
    case 'hand-over':
      return state.phase.kind === 'coordinating' ? stepAside(state, state.phase) : undefined;
    case 'unkept':
      state.journal = null;
      return tell(state, { kind: 'unkept', message: input.message });
    case 'leave':
      state.leaving ??= state.now.ms + limits.leaveMs;
      return;
    case 'alarm':
      return alarm(state);
    default:
  }
  // What is left is about a link. The core may have closed it while the input was under way.
  const link = state.links.get(input.link);
  if (link === undefined) return;
  switch (input.kind) {
    case 'opened':
      link.channel = input.channel;
      return;
    case 'failed':
      return failed(state, link, input);
    case 'bytes':
      return bytes(state, link, input.bytes);
    case 'full':
      link.full = true;
      return hush(state, link, true);
    case 'drained':
      link.full = false;
      hush(state, link, false);
      // It took what we sent: that is life, and while it was full it was not even pinged.
      if (link.end.kind === 'member') link.end.heard = state.now.ms;
      state.dirty = true;
      return;
    case 'closed':
      state.links.delete(link.id);
      return closed(state, link);
  }
}

/** Founds a room, looks for one, or looks for the one that was kept. */
function begin(state: State, addresses: readonly string[], alone: boolean): void {
  const { room, away, log, delivery } = state;
  state.beganAt = state.now.ms;
  state.joinedBy = [...new Set([...addresses, ...state.joinedBy])].slice(0, limits.comeBackMax);
  if (room !== null && away !== null) {
    state.kept = { kind: 'restored', room, lines: log.lines, unsent: delivery.held.length, since: away.since };
    for (const lost of state.lost.values()) Object.assign(lost, { since: state.now.ms, callAt: state.now.ms });
    for (const address of state.joinedBy) expectAt(state, address);
    return comeBack(state, addresses, alone);
  }
  if (addresses.length > 0) return join(state, addresses);
  state.phase = { kind: 'elected', trouble: null, dead: new Map() };
}

// --- Links ---

function bytes(state: State, link: Link, chunk: Uint8Array): void {
  const { phase } = state;
  if (link.end.kind === 'member') link.end.heard = state.now.ms;
  else if (phase.kind === 'joined' && phase.link === link.id) phase.heard = state.now.ms;
  if (link.end.kind === 'member' || link.end.kind === 'coordinator') inTouch(state);
  try {
    if (link.end.kind === 'relay') return pass(state, link, chunk);
    link.decoder.push(chunk);
    let frames = 0;
    for (let frame = link.decoder.next(); frame !== undefined; frame = link.decoder.next()) {
      frames++;
      heard(state, link, frame);
      // A frame may have been the last of its link, or of this peer's role.
      become(state);
      if (state.links.get(link.id) !== link) return;
    }
    if (state.phase.kind === 'coordinating') charge(state, state.phase, link, frames, chunk.length);
    if (state.phase.kind === 'joined' && state.phase.link === link.id) reading(state, state.phase, link);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (state.links.get(link.id) === link) breach(state, link, error);
    closed(state, link, 'does not speak as a groupchat does');
  }
}

/** Somebody of the room is heard: when that still holds a while after a sleep, it has made no difference. */
function inTouch(state: State): void {
  state.contact = state.now.wall;
  const missing = state.phase.kind === 'joined' && state.phase.missed !== null;
  if (!missing && state.now.ms - state.wokeAt >= state.options.silenceMs) state.away = null;
}

/** Brings a frame to the role that its link belongs to. */
function heard(state: State, link: Link, frame: Frame): void {
  const { phase } = state;
  switch (link.end.kind) {
    case 'target':
      if (phase.kind === 'seeking') targetSays(state, phase, link, parseServer(frame));
      return;
    case 'coordinator':
      if (phase.kind === 'joined') coordinatorSays(state, phase, link, parseServer(frame));
      return;
    case 'call':
      if (phase.kind === 'coordinating') calledSays(state, phase, link, parseServer(frame));
      else if (phase.kind === 'regrouping') missingSays(state, phase, link, parseServer(frame));
      return;
    case 'stranger':
      return introduced(state, link, frame);
    case 'sent-away':
      if (parseClient(frame).kind !== 'through') return close(state, link);
      // Whoever is carried is not seen: with the former key anybody could come in.
      if (link.former) return close(state, link, serverSays.refused(otherKey));
      if (phase.kind === 'joined') return carry(state, phase, link);
      return close(state, link, serverSays.electing(0));
    case 'probe':
      return phase.kind === 'joined' ? probed(state, phase, link, parseServer(frame)) : close(state, link);
    case 'relay':
      return;
    case 'waiting':
    case 'member': {
      if (frame.sender !== link.end.peer) {
        throw new ProtocolError('sender', `expected the sender ${link.end.peer}, got "${frame.sender}"`);
      }
      const message = parseClient(frame);
      if (phase.kind === 'coordinating') return memberSays(state, phase, link, message);
      if (phase.kind === 'handing') return heardLeaving(state, phase, link, message);
      if (phase.kind !== 'regrouping') return;
      if (message.kind === 'held') return fetched(state, phase, link, message.entry, message.frame);
      if (message.kind !== 'pong') throw new ProtocolError('word', `unexpected ${message.kind} before the welcome`);
      return;
    }
    case 'sent-on':
      if (phase.kind === 'handing') heardLeaving(state, phase, link, parseClient(frame));
      return;
  }
}

/** A coordinator on its way out takes no more lines: the successor will be offered them. Others may leave as well. */
function heardLeaving(state: State, handing: Handing, link: Link, { kind }: ClientMessage): void {
  if (kind !== 'leave') return;
  close(state, link);
  handingClosed(state, handing, link);
}

/** The first frame of a stranger says who it is. */
function introduced(state: State, link: Link, frame: Frame): void {
  const { phase } = state;
  assert(link.end.kind === 'stranger', 'only a stranger introduces itself');
  const { host } = link.end;
  const message = parseClient(frame);
  if (message.kind === 'other-version') {
    const versions = `this room speaks version ${limits.wireVersion}, you speak ${message.version}`;
    return close(state, link, serverSays.refused({ code: 'version', message: `${versions}: use the same groupchat` }));
  }
  if (message.kind !== 'auth') throw new ProtocolError('word', `expected auth, got ${message.kind}`);
  if (!/^[!-~]{10}$/.test(frame.sender)) throw new ProtocolError('sender', 'an id has ten characters');
  checkWho(state, link, frame.sender, message);
  if (phase.kind === 'coordinating') return admit(state, phase, link, frame.sender, message, host);
  if (phase.kind === 'regrouping') return gather(state, phase, link, frame.sender, message, host);
  close(
    state,
    link,
    serverSays.refused({ code: 'not-coordinator', message: 'this peer does not coordinate any more' }),
  );
}

/** Nobody comes in under another's id, key or name. @throws ProtocolError `proof` */
function checkWho({ crypto }: State, { challenge, channel }: Link, id: PeerId, auth: Auth): void {
  checkIds(crypto, [{ id, ...auth }]);
  const proof = { end: 'client', challenge, channel: auth.relayed === true ? '' : channel, id } as const;
  if (!isProven(crypto, auth.key, auth.proof, proof)) throw new ProtocolError('proof', 'that is not who it says');
  if (!isVouched(crypto, auth)) throw new ProtocolError('proof', 'nobody vouches for that name');
}

/** A link is gone, whoever closed it. */
function closed(state: State, link: Link, how = 'closed the link'): void {
  const { phase } = state;
  const { end } = link;
  if (end.kind === 'relay') return stop(state, link);
  if (phase.kind === 'seeking' && end.kind === 'target') return targetClosed(state, phase, link, how);
  if (phase.kind === 'joined' && end.kind === 'coordinator') return lose(state, phase, 'ended');
  if (phase.kind === 'farewell' && link.id === phase.link) {
    state.phase = { kind: 'left' };
    return;
  }
  // Whoever hangs up without a greeting is as dead as one that refuses.
  if (end.kind === 'call') return end.stage === 'greeting' ? unanswered(state, link, true) : undefined;
  if (phase.kind === 'regrouping') return waitingClosed(state, phase, link);
  if (phase.kind === 'handing') return handingClosed(state, phase, link);
  if (phase.kind === 'coordinating' && end.kind === 'member' && phase.members.get(end.peer) === link.id) {
    memberGone(state, phase, end.peer, 'ended');
  }
}

function failed(state: State, link: Link, failure: Extract<Input, { kind: 'failed' }>): void {
  state.links.delete(link.id);
  const { phase } = state;
  if (phase.kind === 'seeking' && link.end.kind === 'target') return dialFailed(state, phase, failure);
  if (link.end.kind === 'call') {
    if (failure.otherKey === true) tellLocked(state);
    unanswered(state, link, failure.refused, failure.hungUp);
  }
  stop(state, link);
}

/** Nobody greeted a caller. `hungUp`: though somebody took it, who may live. */
function unanswered(state: State, link: Link, refused: boolean, hungUp = false): void {
  const { phase } = state;
  if (hungUp) {
    // In a regroup it is awaited as long as those who say nothing.
    if (phase.kind === 'coordinating') callHungUp(state, phase, link);
    return;
  }
  if (phase.kind === 'coordinating') callFailed(state, phase, link, refused);
  else if (phase.kind === 'regrouping') missingFailed(state, phase, link, refused);
}

// --- Time ---

/** When the alarm is due: the least of all that waits, ms; Infinity when nothing does. */
export function deadline(state: State): number {
  if (state.phase.kind === 'left') return Infinity;
  if (state.dirty) return state.now.ms;
  const { tellLostAt, delivery, links, sweepAt } = state;
  const sealAt = speaks(state) ? delivery.sealAt : Infinity;
  const linksAt = links.size > 0 ? sweepAt : Infinity;
  return Math.min(phaseDeadline(state), tellLostAt, sealAt, uncoveredAt(state), lettersAt(state), linksAt);
}

/** Whether what is said goes out. */
function speaks({ phase }: State): boolean {
  return phase.kind === 'joined' || phase.kind === 'coordinating';
}

function phaseDeadline(state: State): number {
  const { phase, options } = state;
  const leaving = state.leaving ?? Infinity;
  switch (phase.kind) {
    case 'seeking':
      return Math.min(phase.wake, leaving);
    case 'joined':
      return Math.min(silentAt(phase.heard, options.silenceMs), phase.probeAt, leaving);
    case 'regrouping':
      return Math.min(regroupDeadline(state, phase), leaving);
    case 'handing':
    case 'farewell':
      return phase.until;
    case 'coordinating':
      return Math.min(phase.pingAt, takeInAt(phase), nextCall(state, phase), phase.resumeAt);
    default:
      return Infinity;
  }
}

function alarm(state: State): void {
  const { now } = state;
  if (now.ms >= state.sweepAt) sweep(state);
  // A call that nobody answered may have been the last that this role waited for.
  const { phase } = state;
  tellLost(state);
  if (now.ms >= uncoveredAt(state)) tellUncovered(state);
  if (speaks(state) && now.ms >= state.delivery.sealAt) seal(state);
  switch (phase.kind) {
    case 'seeking':
      if (now.ms >= phase.wake) seekingAlarm(state, phase);
      break;
    case 'joined':
      joinedAlarm(state, phase);
      break;
    case 'regrouping':
      regroupAlarm(state, phase);
      break;
    case 'coordinating':
      coordinatorAlarm(state, phase);
      break;
    case 'handing':
      handingAlarm(state, phase);
      break;
    case 'farewell':
      if (now.ms >= phase.until) state.phase = { kind: 'left' };
      break;
    default:
  }
  become(state);
  if (now.ms >= lettersAt(state)) state.dirty = true;
  if (!state.dirty) return;
  state.dirty = false;
  checkSome(state);
  if (state.phase.kind === 'joined') pumpMember(state, state.phase);
  else if (state.phase.kind === 'coordinating') pumpCoordinator(state, state.phase);
  else if (state.phase.kind === 'handing') pumpHanding(state, state.phase);
  pumpLetters(state);
  keepUp(state);
}

function seal(state: State): void {
  state.delivery.seal(state.now.wall);
  state.dirty = true;
}

/** Looks for strangers who say nothing, and calls that nobody answers. */
function sweep(state: State): void {
  const { now } = state;
  state.sweepAt = now.ms + state.options.pingMs;
  for (const link of state.links.values()) {
    const { end } = link;
    if (!('until' in end) || now.ms < end.until) continue;
    if (end.kind === 'stranger') {
      // No warning: a port scanner is not worth a line on the screen.
      close(state, link, serverSays.refused({ code: 'silent', message: 'no auth came in time' }));
    } else if (end.kind === 'sent-away' || end.kind === 'probe') close(state, link);
    else if (end.kind === 'relay') stop(state, link);
    else {
      close(state, link);
      unanswered(state, link, false);
    }
  }
}

/**
 * This process did not run for a while. It accuses nobody: whatever it waited for gets the time again that has passed
 * since its last step, in which it may have been away.
 */
function wake(state: State, since: number): void {
  const { phase, now, uncovered } = state;
  for (const one of uncovered.values()) one.since += since;
  for (const { end } of state.links.values()) {
    if (end.kind === 'member') end.heard = now.ms;
    else if ('until' in end) end.until += since;
  }
  if (phase.kind === 'joined') phase.heard = now.ms;
  else if (phase.kind === 'seeking') phase.wake += since;
  else if (phase.kind === 'handing' || phase.kind === 'farewell') phase.until += since;
  else if (phase.kind === 'regrouping') {
    phase.callAt += since;
    phase.until += since;
    phase.latest += since;
    phase.fetchedBy += since;
    if (phase.fetching !== null) phase.fetching.until += since;
  } else if (phase.kind === 'coordinating') {
    for (const [peer, suspect] of phase.suspects)
      phase.suspects.set(peer, { ...suspect, until: suspect.until + since });
  }
}

// --- Roles ---

/** What every step ends with: a change of role, a departure, calls that are due. */
function settle(state: State): void {
  become(state);
  depart(state);
  keepKey(state);
  if (state.phase.kind === 'coordinating') callDue(state, state.phase);
  if (state.phase.kind === 'left') finish(state);
  if (state.links.size > 0 && state.sweepAt === Infinity) state.sweepAt = state.now.ms + state.options.pingMs;
}

/** One role has said what this peer becomes; the other begins, which may say the same. */
function become(state: State): void {
  for (let phase; phase !== state.phase;) {
    phase = state.phase;
    turn(state, phase);
    if (state.phase.kind === 'coordinating') putOut(state, state.phase);
  }
}

function turn(state: State, phase: State['phase']): void {
  switch (phase.kind) {
    case 'newcomer':
      return join(state, phase.addresses, phase.attempt);
    case 'lost':
      return seek(state, phase.trouble, phase.search);
    case 'elected':
      return state.room === null ? found(state) : regroup(state, phase.trouble, phase.dead);
    case 'deposed': {
      const link = state.links.get(phase.link);
      const { trouble, to, via, welcome } = phase;
      standDown(state, to, phase.link);
      if (link === undefined) return seek(state, trouble, { to });
      return enter(state, link, welcome, { trouble, attempt: 0, via, relayed: true });
    }
    case 'yielding': {
      const trouble = troubleOf(state, phase.why);
      standDown(state, phase.to);
      return seek(state, trouble, { to: phase.to });
    }
    default:
  }
}

/** Ends a reign: members are sent where this peer goes. */
function standDown(state: State, to: readonly string[], except?: number): void {
  for (const link of state.links.values()) {
    if (link.id === except) continue;
    const member = link.end.kind === 'member' || link.end.kind === 'waiting' || link.end.kind === 'stranger';
    close(state, link, member ? serverSays.coordinator(to) : undefined);
  }
}

/** Leaves as soon as what was said is acknowledged, or has had its time. */
function depart(state: State): void {
  const { phase, leaving, now, delivery } = state;
  if (leaving === null) return;
  const waited = now.ms >= leaving;
  // Nobody goes before he has signed what he said.
  if (!waited && delivery.sealAt < Infinity && speaks(state)) seal(state);
  const waits = !delivery.settled || telling(state) > 0;
  if (waits && !waited && phase.kind !== 'idle') return;
  switch (phase.kind) {
    case 'joined': {
      const link = state.links.get(phase.link);
      tellMissed(state, phase);
      if (link !== undefined) send(state, link, clientSays.leave(state.self.id));
      state.phase = { kind: 'farewell', link: phase.link, until: now.ms + limits.handoverMs };
      return;
    }
    case 'coordinating':
      return handOver(state, phase);
    case 'regrouping':
      // About to coordinate: survivors are on their way here. Go when they can be sent on.
      if (!waited) return;
      break;
    case 'farewell':
    case 'handing':
    case 'left':
      return;
    default:
  }
  state.phase = { kind: 'left' };
}

function finish(state: State): void {
  for (const link of state.links.values()) close(state, link);
  if (state.leaving === Infinity) return;
  state.leaving = Infinity;
  keepUp(state);
  if (state.out !== null) tell(state, { kind: 'refused', ...state.out });
  tell(state, { kind: 'gone', unsent: state.delivery.pending, untold: state.letters.waiting });
}
