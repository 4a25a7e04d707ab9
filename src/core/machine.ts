/**
 * The door of the core: one switch in, one least deadline out.
 *
 * `step` takes what happened and when, changes the state, and returns what is to be done to the world. It reads no
 * clock, sets no timer and throws for nothing that comes from outside. The hands call it again with `alarm` when
 * `deadline` has come. Writing is put off to an alarm that is due at once, so everything that arrives in one turn of
 * the hands goes out in one slice per member.
 */
import { takeInAt } from './apart.ts';
import { checkSome, tellUncovered, uncoveredAt } from './check.ts';
import { coordinatorAlarm, handingAlarm, handOver, pumpCoordinator, pumpHanding, stepAside } from './coordinator.ts';
import { greet } from './door.ts';
import { assert } from './errors.ts';
import { callDue, nextCall } from './healing.ts';
import { closed, failed, hear, unanswered } from './hearing.ts';
import { tryFromNowOn, tryOnce } from './hint.ts';
import { limits } from './limits.ts';
import { silentAt, sleptFor } from './liveness.ts';
import { expectAt, lapse, lapsesAt, tellLost } from './lost.ts';
import { joinedAlarm, pumpMember } from './member.ts';
import { clientSays, serverSays } from './message.ts';
import { inForce, keepKey } from './moderation.ts';
import { wantName } from './naming.ts';
import { lettersAt, pumpLetters, telling, write } from './private.ts';
import { regroupAlarm, regroupDeadline } from './regroup.ts';
import { hush, stop } from './relay.ts';
import { become } from './role.ts';
import { keepUp, tellMissed } from './room.ts';
import { timeFor } from './rules.ts';
import { comeBack, join, seekingAlarm } from './seeking.ts';
import { close, send, tell, type State } from './state.ts';
import type { Effect, Input, Now } from './step.ts';

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
      return begin(state, input.join, input.heard ?? [], input.alone ?? true);
    case 'hint':
      return input.added === true ? tryFromNowOn(state, input.addresses) : tryOnce(state, input.addresses);
    case 'accepted':
      return greet(state, input.link, input.host, input.channel, input.former);
    case 'say': {
      const { crypto, delivery, now, room } = state;
      const { text, what } = input;
      const offer =
        what === 'act'
          ? delivery.act(text, timeFor(inForce(state), crypto.key, text, now.wall, delivery.acts), room ?? '')
          : delivery.say(text, now.wall);
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
      return hear(state, link, input.bytes);
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
function begin(state: State, addresses: readonly string[], near: readonly string[], alone: boolean): void {
  const { room, away, log, delivery } = state;
  state.beganAt = state.now.ms;
  state.beganWall = state.now.wall;
  state.joinedBy = [...new Set([...addresses, ...state.joinedBy])].slice(0, limits.comeBackMax);
  if (room !== null && away !== null) {
    state.kept = { kind: 'restored', room, lines: log.lines, unsent: delivery.held.length, since: away.since };
    for (const lost of state.lost.values()) Object.assign(lost, { since: state.now.ms, callAt: state.now.ms });
    for (const address of state.joinedBy) expectAt(state, address);
    return comeBack(state, [...near, ...addresses], alone);
  }
  const to = [...near, ...addresses];
  if (to.length > 0) return join(state, to);
  state.phase = { kind: 'elected', trouble: null, dead: new Map() };
}

// --- Time ---

/** When the alarm is due: the least of all that waits, ms; Infinity when nothing does. */
export function deadline(state: State): number {
  if (state.phase.kind === 'left') return Infinity;
  if (state.dirty) return state.now.ms;
  const { tellLostAt, delivery, links, sweepAt } = state;
  const sealAt = speaks(state) ? delivery.sealAt : Infinity;
  const linksAt = links.size > 0 ? sweepAt : Infinity;
  const waitsAt = Math.min(uncoveredAt(state), lettersAt(state), lapsesAt(state));
  return Math.min(phaseDeadline(state), tellLostAt, sealAt, waitsAt, linksAt);
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
  lapse(state);
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
  const { phase, now, uncovered, lost } = state;
  for (const one of uncovered.values()) one.since += since;
  for (const one of lost.values()) one.since += since;
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

// --- The end of a step ---

/** A change of role, a departure, calls that are due. */
function settle(state: State): void {
  become(state);
  depart(state);
  keepKey(state);
  if (state.phase.kind === 'coordinating') callDue(state, state.phase);
  if (state.phase.kind === 'left') finish(state);
  if (state.links.size > 0 && state.sweepAt === Infinity) state.sweepAt = state.now.ms + state.options.pingMs;
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
