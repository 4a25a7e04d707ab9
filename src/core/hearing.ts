/**
 * Hearing: what comes on a link is brought to the role that the link belongs to, and so is its end.
 *
 * The first frame of a stranger says who it is. Whoever breaks the protocol loses that link, and nobody else notices.
 */
import { admit } from './admitting.ts';
import { charge, handingClosed, memberGone, memberSays } from './coordinator.ts';
import { assert, ProtocolError } from './errors.ts';
import type { Frame } from './frame.ts';
import { calledSays, callFailed, callHungUp } from './healing.ts';
import { isHint } from './hint.ts';
import { checkIds, isProven, isVouched } from './identity.ts';
import { limits } from './limits.ts';
import { coordinatorSays, lose, reading } from './member.ts';
import { parseClient, parseServer, serverSays, type Auth, type ClientMessage } from './message.ts';
import { otherKey, tellLocked } from './moderation.ts';
import type { Handing } from './phase.ts';
import { strangersAt } from './lost.ts';
import { fetched, gather, missingFailed, missingSays, waitingClosed } from './regroup.ts';
import { carry, pass, probed, stop } from './relay.ts';
import { become } from './role.ts';
import { dialFailed, targetClosed, targetSays } from './seeking.ts';
import { breach, close, proofOn, type Link, type State } from './state.ts';
import type { Input } from './step.ts';
import type { PeerId } from './view.ts';

/** Bytes have come. */
export function hear(state: State, link: Link, chunk: Uint8Array): void {
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
function checkWho({ crypto }: State, link: Link, id: PeerId, auth: Auth): void {
  checkIds(crypto, [{ id, ...auth }]);
  const proof = proofOn(link, 'client', id, auth.relayed === true);
  if (!isProven(crypto, auth.key, auth.proof, proof)) throw new ProtocolError('proof', 'that is not who it says');
  if (!isVouched(crypto, auth)) throw new ProtocolError('proof', 'nobody vouches for that name');
}

/** A link is gone, whoever closed it. */
export function closed(state: State, link: Link, how = 'closed the link'): void {
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

/** Nobody was reached. */
export function failed(state: State, link: Link, failure: Extract<Input, { kind: 'failed' }>): void {
  state.links.delete(link.id);
  const { phase } = state;
  if (phase.kind === 'seeking' && link.end.kind === 'target') return dialFailed(state, phase, failure);
  if (link.end.kind === 'call') {
    unanswered(state, link, failure.refused, failure.hungUp);
    // At an address that was only heard there may be anybody.
    if (failure.otherKey === true && !isHint(link.end.peer)) tellLocked(state);
    if (failure.otherKey === true || failure.plain === true) strangersAt(state, link.end.peer);
  }
  stop(state, link);
}

/** Nobody greeted a caller. `hungUp`: though somebody took it, who may live. */
export function unanswered(state: State, link: Link, refused: boolean, hungUp = false): void {
  const { phase } = state;
  if (hungUp) {
    // In a regroup it is awaited as long as those who say nothing.
    if (phase.kind === 'coordinating') callHungUp(state, phase, link);
    return;
  }
  if (phase.kind === 'coordinating') callFailed(state, phase, link, refused);
  else if (phase.kind === 'regrouping') missingFailed(state, phase, link, refused);
}
