/**
 * The member's role: it is served by the coordinator, follows its log, offers what it has to say, and notices when the
 * coordinator is gone.
 */
import { ProtocolError } from './errors.ts';
import { concat } from './frame.ts';
import { receive } from './receipt.ts';
import { commit, isRobbed, rebase, restore, tellHealed, tellMissed, tellTopic } from './room.ts';
import { isProven } from './identity.ts';
import { limits } from './limits.ts';
import { hear } from './private.ts';
import { silentAt } from './liveness.ts';
import { clientSays, type ServerMessage, type Welcome } from './message.ts';
import { changed } from './lost.ts';
import { goForGood, isPutOut } from './moderation.ts';
import { askForName, denied } from './naming.ts';
import { whyRefused } from './refusal.ts';
import { dropWaiting, probe } from './relay.ts';
import type { Joined, Trouble } from './phase.ts';
import { close, proofOn, send, tell, type Link, type State } from './state.ts';
import { coordinatorOf } from './view.ts';
import type { Why } from './entry.ts';

/** Welcomed: rebase onto the coordinator's log, and follow it. */
export function enter(
  state: State,
  link: Link,
  welcome: Welcome,
  { trouble, attempt, via, relayed }: Pick<Joined, 'trouble' | 'attempt' | 'via' | 'relayed'>,
): void {
  const { delivery, now } = state;
  state.room = welcome.room;
  // What follows a rebase is new, whatever place it has.
  state.historyTo = state.entered ? Math.min(state.historyTo, welcome.keep) : welcome.last;
  // With nothing in common a snapshot follows; until it is here, the old view is all we know of whom to dial.
  if (welcome.keep > 0) rebase(state, welcome.keep);
  link.end = { kind: 'coordinator' };
  const resent = delivery.rewind();
  state.phase = {
    kind: 'joined',
    link: link.id,
    since: now.ms,
    heard: now.ms,
    cameAt: now.ms,
    pongAt: now.ms,
    attempt,
    catchUp: welcome.last,
    awaitsSnapshot: welcome.keep === 0,
    // What is held goes first, and only when it is known what the room has of it. With nothing held, and nothing to
    // be dropped when a snapshot comes, own lines may go at once.
    offerFrom: welcome.keep > 0 && !delivery.holds ? 0 : welcome.last,
    proof: welcome.proof,
    trouble,
    resent,
    missed: state.away === null ? null : { away: state.away, lines: [], chars: 0, trimmed: 0 },
    asks: 0,
    via,
    relayed,
    probeAt: relayed ? now.ms + limits.missedMs : Infinity,
  };
  caughtUp(state, state.phase);
  state.dirty = true; // own lines go out
}

/** Something that the welcome promised is not here yet. */
function isBehind({ log }: State, { awaitsSnapshot, catchUp }: Joined): boolean {
  return awaitsSnapshot || log.last < catchUp;
}

/** Everything that the welcome promised is here. */
function caughtUp(state: State, joined: Joined): void {
  if (isBehind(state, joined)) return;
  checkCoordinator(state, joined);
  state.yielded = null;
  tellMissed(state, joined);
  const { trouble } = joined;
  const same = trouble?.coordinator.id === coordinatorOf(state.log.view)?.id;
  const resumed = trouble !== null && trouble.why !== 'handover' && same;
  joined.attempt = resumed ? joined.attempt + 1 : 0;
  tellHealed(state, joined.trouble, joined.resent);
  joined.trouble = null;
  tellTopic(state);
  changed(state);
  state.letters.again(state.now.ms);
  state.dirty = true; // now what is held goes out
}

/** Whoever welcomed us is the one whom the view names. @throws ProtocolError `proof` when not */
function checkCoordinator(state: State, joined: Joined): void {
  const { proof, link, relayed } = joined;
  const coordinator = coordinatorOf(state.log.view);
  const one = state.links.get(link);
  if (proof === null || coordinator === undefined || one === undefined) return;
  joined.proof = null;
  const { id, key } = coordinator;
  if (!isProven(state.crypto, key, proof, proofOn(one, 'server', id, relayed)))
    throw new ProtocolError('proof', `whoever answers there is not ${id}, who coordinates`);
}

/**
 * What the coordinator says to a member.
 * @throws ProtocolError for what has no place here, or does not follow
 */
export function coordinatorSays(state: State, joined: Joined, link: Link, message: ServerMessage): void {
  switch (message.kind) {
    case 'entry': {
      const behind = state.log.last < joined.catchUp;
      if (behind) joined.cameAt = state.now.ms;
      commit(state, message.entry, message.frame);
      if (behind) caughtUp(state, joined);
      return;
    }
    case 'ping':
      // All that was promised goes out before: whoever pings and keeps it back keeps us from the room.
      if (isBehind(state, joined) && state.now.ms - joined.cameAt >= state.options.silenceMs) {
        close(state, link);
        return lose(state, joined, 'silent', true);
      }
      return pong(state, joined, link);
    case 'seen':
      return receive(state, message);
    case 'denied':
      joined.asks--;
      state.dirty = true;
      return denied(state, message);
    case 'told':
      return hear(state, message.from, message.sealed);
    case 'snapshot': {
      if (!joined.awaitsSnapshot) throw new ProtocolError('word', 'a snapshot comes once, and where it was announced');
      const trimmed = restore(state, message.snapshot);
      joined.awaitsSnapshot = false;
      if (joined.missed !== null) joined.missed.trimmed = trimmed;
      else if (state.away !== null) joined.missed = { away: state.away, lines: [], chars: 0, trimmed };
      return caughtUp(state, joined);
    }
    case 'coordinator':
      close(state, link);
      tellMissed(state, joined);
      if (coordinatorOf(state.log.view) === undefined) return startOver(state, joined, message.addresses);
      state.phase = { kind: 'lost', trouble: troubleOf(state, 'handover'), search: { to: message.addresses } };
      return;
    case 'refused':
      close(state, link);
      if (isPutOut(state, message)) return goForGood(state, message);
      tell(state, {
        kind: 'warning',
        code: 'refused',
        message: `whoever coordinates let this peer go: ${whyRefused(message)}`,
      });
      return lose(state, joined, 'cut');
    default:
      throw new ProtocolError('word', `unexpected ${message.kind} after the welcome`);
  }
}

/** Says that this member lives, and how far it has come. */
function pong(state: State, joined: Joined, link: Link): void {
  // To one that does not read nothing is answered, or what it asks would fill the memory.
  if (link.full) return;
  joined.pongAt = state.now.ms;
  const asked = state.mine?.complete === false ? state.mine.seq : undefined;
  send(state, link, clientSays.pong(state.self.id, state.log.last, asked));
}

/** While much comes, pings wait behind it: a member that reads says so unasked. */
export function reading(state: State, joined: Joined, link: Link): void {
  if (state.now.ms - joined.pongAt >= state.options.pingMs) pong(state, joined, link);
}

/** The link to the coordinator is gone, or silent. */
export function lose(state: State, joined: Joined, why: Why, withheld = false): void {
  if (coordinatorOf(state.log.view) === undefined) {
    // A newcomer that was welcomed, and heard nothing more.
    return startOver(state, joined, joined.via);
  }
  const lasted = state.now.ms - joined.since >= state.options.silenceMs;
  // A link that breaks as soon as it is made is not made again at once.
  const attempt = lasted ? 0 : joined.attempt + (joined.trouble === null ? 0 : 1);
  const search = { attempt, known: joined.trouble !== null, hopeless: withheld || attempt >= limits.attemptsMax };
  dropWaiting(state);
  tellMissed(state, joined);
  state.phase = { kind: 'lost', trouble: joined.trouble ?? troubleOf(state, why), search };
}

/** A newcomer was welcomed and heard nothing more: it is a newcomer still. */
function startOver(state: State, joined: Joined, addresses: readonly string[]): void {
  tellMissed(state, joined);
  state.room = null;
  state.phase = {
    kind: 'newcomer',
    addresses: [...new Set([...addresses, ...state.fallback])],
    attempt: joined.attempt + 1,
  };
}

export function troubleOf(state: State, why: Why): Trouble | null {
  const coordinator = coordinatorOf(state.log.view);
  return coordinator === undefined ? null : { since: state.now.ms, coordinator, why };
}

/** The coordinator's silence is judged here. */
export function joinedAlarm(state: State, joined: Joined): void {
  probe(state, joined);
  if (state.now.ms < silentAt(joined.heard, state.options.silenceMs)) return;
  const link = state.links.get(joined.link);
  if (link !== undefined) close(state, link);
  lose(state, joined, 'silent');
}

/** Writes what waits: lines held from elsewhere, then one's own. */
export function pumpMember(state: State, joined: Joined): void {
  const link = state.links.get(joined.link);
  if (link === undefined || link.full || joined.awaitsSnapshot || state.log.last < joined.offerFrom) return;
  askForName(state, joined, link);
  if (isRobbed(state)) return;
  const frames = state.delivery.take(limits.segmentBytes, state.room as string, state.now.ms);
  if (frames.length === 1) send(state, link, frames[0] as Uint8Array);
  else if (frames.length > 1) send(state, link, concat(frames));
  if (state.delivery.waiting) state.dirty = true;
}
