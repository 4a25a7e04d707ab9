/**
 * The door: what our server says to whoever dials it, before it knows who that is.
 *
 * The server speaks first. The coordinator says `connected` and waits for `auth`; a member sends the dialler to the
 * coordinator; one who is itself looking says so, and never names a corpse. Strangers are counted, and cut when they
 * say nothing: when there are too many the oldest goes, so nobody can bar the door by standing in it.
 */
import { concat } from './frame.ts';
import { limits } from './limits.ts';
import { serverSays } from './message.ts';
import { addLink, close, send, type Link, type State } from './state.ts';
import type { LinkId } from './step.ts';
import { coordinatorOf } from './view.ts';

/** What a peer that is looking, or about to coordinate, gives as the time to ask again, ms. */
const soonMs = 20;

export function greet(state: State, id: LinkId, host: string, channel: string, former = false): void {
  const until = state.now.ms + limits.strangerMs;
  const link = addLink(state, id, { kind: 'stranger', host, until }, limits.strangerBodyBytesMax);
  link.channel = channel;
  link.former = former;
  link.challenge = state.crypto.random(16);
  const greeting = greetingOf(state);
  if (greeting === 'connected') send(state, link, connected(link));
  else if (state.phase.kind !== 'joined') close(state, link, greeting);
  else {
    // Whoever cannot get there may ask to be taken through.
    send(state, link, greeting);
    link.end = { kind: 'sent-away', host, until: state.now.ms + limits.sentAwayMs };
  }
  evict(state);
}

/** What the coordinator greets with. */
function connected({ challenge }: Link): Uint8Array {
  return concat([serverSays.connected(), serverSays.challenge(challenge)]);
}

function greetingOf({ phase, log, self }: State): Uint8Array | 'connected' {
  if (phase.kind === 'coordinating' || phase.kind === 'regrouping') return 'connected';
  if (phase.kind === 'handing' && phase.successor !== undefined)
    return serverSays.coordinator(phase.successor.addresses);
  const coordinator = coordinatorOf(log.view);
  if (phase.kind !== 'joined' || coordinator === undefined || coordinator.id === self.id)
    return serverSays.electing(soonMs);
  return serverSays.coordinator(coordinator.addresses);
}

function evict(state: State): void {
  let strangers = 0;
  let oldest;
  for (const link of state.links.values()) {
    if (link.end.kind !== 'stranger' && link.end.kind !== 'sent-away') continue;
    strangers++;
    oldest ??= link;
  }
  if (oldest !== undefined && strangers > limits.strangersMax) close(state, oldest);
}
