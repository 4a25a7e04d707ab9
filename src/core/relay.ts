/**
 * Relays: whoever cannot reach the coordinator is carried by a member that can.
 *
 * A member sends diallers to the coordinator. One that has just tried there in vain asks the member to be taken
 * `through`: the member dials the coordinator for it, and from then on passes bytes both ways without looking at them.
 * So the two ends speak as if they had dialled each other, and nothing else in the room knows of it. A relay stops
 * reading from one side while the other is full, so it holds no more than its sockets do. A member that is itself
 * carried asks the one that carries it in turn.
 */
import { concat } from './frame.ts';
import { limits } from './limits.ts';
import { verifyMs } from './liveness.ts';
import { clientSays, parseServer, serverSays, type ServerMessage } from './message.ts';
import { tellMissed } from './room.ts';
import type { Joined } from './phase.ts';
import { close, dial, send, type Link, type State } from './state.ts';
import { coordinatorOf } from './view.ts';

/** Remembers where nobody answered: who sends us there again is asked to carry us. */
export function missed({ unreached, now }: State, addresses: readonly string[]): void {
  const text = addresses.join();
  unreached.delete(text);
  unreached.set(text, now.ms);
  if (unreached.size > limits.lostMax) unreached.delete(unreached.keys().next().value as string);
}

/** Somebody greets at these addresses. */
export function reached({ unreached }: State, addresses: readonly string[]): void {
  unreached.delete(addresses.join());
}

/** Whether nobody answered there lately. */
export function isOutOfReach({ unreached, now }: State, addresses: readonly string[]): boolean {
  const at = unreached.get(addresses.join());
  return at !== undefined && now.ms - at < limits.missedMs;
}

const noWay = (): Uint8Array => serverSays.refused({ code: 'no-way', message: 'this peer cannot get there either' });

/** One that was sent to the coordinator cannot get there, and asks to be taken through. */
export function carry(state: State, joined: Joined, link: Link): void {
  const { host } = link.end as { readonly host: string };
  const hosts = Array.from(state.links.values(), ({ end, id }) => (end.kind === 'relay' && id > 0 ? end.host : null));
  const carried = hosts.filter((one) => one !== null).length;
  const full = carried >= limits.relaysMax || hosts.filter((one) => one === host).length >= limits.addressRelaysMax;
  const addresses = joined.relayed ? joined.via : coordinatorOf(state.log.view)?.addresses;
  if (addresses === undefined || full) return close(state, link, noWay());
  const until = state.now.ms + verifyMs(state.options.silenceMs);
  const onward = dial(state, addresses, { kind: 'relay', other: link.id, host, asks: joined.relayed, until });
  link.end = { kind: 'relay', other: onward.id, host, asks: false, until: Infinity };
}

/**
 * Passes bytes on.
 * @throws ProtocolError when the next relay does not greet as one
 */
export function pass(state: State, link: Link, chunk: Uint8Array): void {
  const { end } = link;
  if (end.kind !== 'relay') return;
  const other = state.links.get(end.other);
  if (other === undefined) return;
  // Whoever is carried waits for the coordinator's greeting; what it says before goes nowhere.
  if (other.end.kind === 'relay' && other.end.until < Infinity) return;
  if (!end.asks) {
    end.until = Infinity;
    return send(state, other, chunk);
  }
  link.decoder.push(chunk);
  const frame = link.decoder.next();
  if (frame === undefined) return;
  end.asks = false;
  const rest = link.decoder.rest();
  const { kind } = parseServer(frame);
  if (kind === 'coordinator') send(state, link, clientSays.through(state.self.id));
  else if (kind === 'connected') {
    end.until = Infinity;
    send(state, other, concat([serverSays.connected(), rest]));
  } else stop(state, link);
}

/** One who is carried looks, now and then, whether the straight way is open again. */
export function probe(state: State, joined: Joined): void {
  if (state.now.ms < joined.probeAt) return;
  joined.probeAt = state.now.ms + limits.missedMs;
  const coordinator = coordinatorOf(state.log.view);
  if (coordinator === undefined) return;
  dial(state, coordinator.addresses, { kind: 'probe', until: state.now.ms + verifyMs(state.options.silenceMs) });
}

/** It is: the link is made anew, and nobody hears of it. */
export function probed(state: State, joined: Joined, link: Link, { kind }: ServerMessage): void {
  close(state, link);
  const carried = state.links.get(joined.link);
  // Where the view names nobody any more, the link that there is must tell what becomes of the room.
  if (kind !== 'connected' || carried === undefined || coordinatorOf(state.log.view) === undefined) return;
  close(state, carried);
  tellMissed(state, joined);
  state.phase = { kind: 'lost', trouble: null, search: {} };
}

/** One side of a relay takes no more, or takes more again. */
export function hush(state: State, link: Link, full: boolean): void {
  if (link.end.kind !== 'relay') return;
  state.effects.push({ kind: full ? 'pause' : 'resume', link: link.end.other });
}

/** One side of a relay is gone, or never came. The side that asked is told, when it was not greeted yet. */
export function stop(state: State, link: Link, last: Uint8Array = noWay()): void {
  if (link.end.kind !== 'relay') return;
  const other = state.links.get(link.end.other);
  if (state.links.get(link.id) === link) close(state, link);
  if (other !== undefined) close(state, other, link.end.until < Infinity ? last : undefined);
}

/** The coordinator is lost: those who wait to be taken through to it ask again. */
export function dropWaiting(state: State): void {
  for (const link of state.links.values()) {
    if (link.end.kind === 'relay' && link.end.until < Infinity) stop(state, link, serverSays.electing(0));
  }
}
