/**
 * Healing: a coordinator calls those whom it has lost.
 *
 * A suspect is called at once: refusal is death, silence soon is, and a greeting means that it lives and will come
 * back by itself. One that hangs up is called again. Those who left the view without a goodbye are called again and
 * again, ever more rarely; most rarely where another room listens by now. When one of them names another coordinator,
 * that one is called: two parts of the room have met, and one of them goes on.
 */
import { following, goesOver, stayed } from './merging.ts';
import { drop } from './coordinator.ts';
import { ProtocolError } from './errors.ts';
import { limits } from './limits.ts';
import { verifyMs, welcomeMs } from './liveness.ts';
import { idOf, isProven } from './identity.ts';
import { elsewhere, found, leadsAgain, strangersAt } from './lost.ts';
import { clientSays, type Refusal, type ServerMessage } from './message.ts';
import { goForGood, isPutOut, tellLocked } from './moderation.ts';
import { isOutOfReach, missed, reached } from './relay.ts';
import { authOf } from './seeking.ts';
import type { Coordinating } from './phase.ts';
import { close, dial, proofOn, send, type Link, type State } from './state.ts';
import { memberAt, memberOf, type PeerId } from './view.ts';

/** Calls suspects that have not been called, and the lost whose time has come. */
export function callDue(state: State, coordinating: Coordinating): void {
  const { ms } = state.now;
  for (const [peer, suspect] of coordinating.suspects) {
    if (ms < suspect.callAt) continue;
    coordinating.suspects.set(peer, { ...suspect, callAt: Infinity });
    call(state, peer, memberOf(state.log.view, peer)?.addresses ?? []);
  }
  for (const [peer, lost] of state.lost) {
    if (ms < lost.callAt) continue;
    // One that cannot be dialled is only remembered.
    if (lost.member.addresses.length === 0) {
      lost.callAt = Infinity;
      continue;
    }
    lost.callAt = ms + callEvery(state, ms - lost.since);
    call(state, peer, lost.member.addresses);
  }
}

/** Those who were lost lately are called often, a few at a time; those who have long been gone, rarely (ms). */
function callEvery({ lost }: State, goneMs: number): number {
  return goneMs < limits.callOftenMs ? limits.callMs * Math.max(1, lost.size / 10) : limits.callMsMax;
}

/** When the next suspect, or the next of the lost, is to be called, ms. */
export function nextCall(state: State, { suspects }: Coordinating): number {
  let next = Infinity;
  for (const { callAt } of suspects.values()) next = Math.min(next, callAt);
  for (const { callAt } of state.lost.values()) next = Math.min(next, callAt);
  return next;
}

/** Dials a peer to see whether it lives, and whom it follows. */
export function call(state: State, peer: PeerId, addresses: readonly string[], hops = 0): void {
  const until = state.now.ms + verifyMs(state.options.silenceMs);
  dial(state, addresses, { kind: 'call', peer, addresses, hops, stage: 'greeting', until, toward: null });
}

/** One who is called sends us where nobody answers: it is asked to take us there. @returns whether it is */
export function askThrough(state: State, link: Link, addresses: readonly string[]): boolean {
  const { end } = link;
  if (end.kind !== 'call' || !isOutOfReach(state, addresses)) return false;
  end.stage = 'through';
  end.toward = addresses;
  end.until = state.now.ms + welcomeMs(state.options);
  send(state, link, clientSays.through(state.self.id));
  return true;
}

/** Says who calls, to a coordinator. */
export function introduce(state: State, link: Link, coordinates: readonly PeerId[] | null): void {
  if (link.end.kind !== 'call') return;
  link.end.stage = 'merging';
  link.end.until = state.now.ms + welcomeMs(state.options);
  send(state, link, clientSays.auth(state.self.id, authOf(state, link, coordinates, link.end.toward !== null)));
}

/** Nobody answered a call. */
export function callFailed(state: State, coordinating: Coordinating, link: Link, refused: boolean): void {
  if (link.end.kind !== 'call') return;
  const { peer, hops, addresses, stage } = link.end;
  // It was greeted by whoever was to take it further.
  if (stage !== 'greeting') return;
  if (hops > 0) return missed(state, addresses);
  if (coordinating.suspects.has(peer)) drop(state, coordinating, peer, refused ? 'ended' : 'silent');
}

/** One who is called hung up before a byte: a suspect is called again, until its time is over. */
export function callHungUp(state: State, { suspects }: Coordinating, { end }: Link): void {
  if (end.kind !== 'call') return;
  if (end.hops > 0) return missed(state, end.addresses);
  const suspect = suspects.get(end.peer);
  if (suspect !== undefined)
    suspects.set(end.peer, { ...suspect, why: 'silent', callAt: state.now.ms + limits.hangUpMs });
}

/**
 * Who says that a part of the room stays: the person leads it, though the process that this part knew may have ended.
 * @throws ProtocolError `proof` when it is not who it says
 */
function recognise(state: State, link: Link, { coordinates, key, box, proof }: Refusal): void {
  const [id = ''] = coordinates ?? [];
  const carried = link.end.kind === 'call' && link.end.toward !== null;
  if (key === undefined || box === undefined || proof === undefined || idOf(state.crypto, key, box) !== id)
    throw new ProtocolError('proof', 'whoever stays says who it is');
  if (!isProven(state.crypto, key, proof, proofOn(link, 'server', id, carried)))
    throw new ProtocolError('proof', 'that is not who it says');
  leadsAgain(state, key);
}

/** Whoever says so is in another room than we. */
const notOurs: ReadonlySet<string> = new Set(['other-room', 'other-key', 'encrypted', 'version']);

/**
 * What is said to a caller.
 * @throws ProtocolError `word` for what has no place here
 */
export function calledSays(state: State, coordinating: Coordinating, link: Link, message: ServerMessage): void {
  const { end } = link;
  if (end.kind !== 'call') return;
  const { peer, hops, addresses } = end;
  const suspect = coordinating.suspects.get(peer);
  if (suspect !== undefined && hops === 0) coordinating.suspects.set(peer, { ...suspect, why: 'cut' });
  switch (message.kind) {
    case 'electing':
      return close(state, link);
    case 'coordinator': {
      if (end.stage === 'greeting' && askThrough(state, link, message.addresses)) return;
      close(state, link);
      const mine = memberAt(state.log.view, message.addresses)?.id === state.self.id;
      // Whoever answers there is in this room: the lost one is back, under another id perhaps.
      if (mine) found(state, peer);
      else if (hops < limits.hopsMax) call(state, peer, message.addresses, hops + 1);
      return;
    }
    case 'connected':
      if (end.stage !== 'greeting' && end.stage !== 'through') break;
      if (end.stage === 'greeting') reached(state, addresses);
      end.stage = 'connected';
      return;
    case 'challenge':
      if (end.stage !== 'connected') break;
      link.challenge = message.challenge;
      // One part is met at a time: several of those who are called may lead to the same.
      if ([...state.links.values()].some((other) => other.end.kind === 'call' && other.end.stage === 'merging')) {
        return close(state, link);
      }
      return introduce(state, link, following(state, coordinating));
    case 'refused': {
      close(state, link);
      if (notOurs.has(message.code)) strangersAt(state, peer);
      // Another part of the room has put this peer out: the rest of this one goes over to that.
      if (message.code === 'other-key') return tellLocked(state);
      if (isPutOut(state, message)) return goForGood(state, message);
      if (message.code === 'other-room') return elsewhere(state, peer);
      // What answers for a lost one need not be what it was: it is judged before anybody follows it.
      if (message.code !== 'stay' || end.stage !== 'merging') return;
      recognise(state, link, message);
      if (goesOver(state, coordinating, message.coordinates ?? [], message.common ?? 0)) {
        state.phase = { kind: 'yielding', to: end.toward ?? addresses, why: 'cut' };
        return;
      }
      stayed(coordinating, message.coordinates?.[0] ?? '');
      return;
    }
    case 'welcome':
      // Asked while this peer was about to coordinate, and answered when it did.
      return close(state, link);
    case 'ping':
      return;
    default:
  }
  throw new ProtocolError('word', `unexpected ${message.kind} in a call`);
}
