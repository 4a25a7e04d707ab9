/**
 * Hints: where somebody of this room may be whom its view does not know. A beacon on the network says so, or the person
 * here does (`/add`).
 *
 * Whoever looks for the room tries there, too. Whoever coordinates calls there: if another part of the room answers, both
 * become one by the rules for that (healing.ts). A member does nothing: of two parts that meet it is enough that one of
 * those who coordinate hears of the other. What a beacon says is tried once and forgotten, since the next one comes soon;
 * what the person says is remembered, and called as the lost are; where nobody answers for a day, it is let go.
 */
import { call } from './healing.ts';
import { limits } from './limits.ts';
import { addedAt, expectAt, isAdded } from './lost.ts';
import type { State } from './state.ts';
import type { PeerId } from './view.ts';

/** Stands for whoever a beacon was heard of. No id has this character. */
const heard: PeerId = '@';

/** Whether a call goes to whom only a beacon told of. */
export function isHint(peer: PeerId): boolean {
  return peer === heard;
}

/** Somebody of this room may be at these addresses, or nobody. */
export function tryOnce(state: State, addresses: readonly string[]): void {
  if (state.phase.kind === 'seeking') return tryToo(state, addresses);
  if (state.phase.kind !== 'coordinating' || isMine(state, addresses)) return;
  const place = addresses.join();
  let calls = 0;
  for (const { end } of state.links.values()) {
    if (end.kind !== 'call') continue;
    if (isHint(end.peer)) calls++;
    if (end.addresses.join() === place) return;
  }
  if (calls < limits.hintsMax) call(state, heard, addresses);
}

/** The person here says that somebody of this room is at these addresses: it is remembered. */
export function tryFromNowOn(state: State, addresses: readonly string[]): void {
  state.joinedBy = [...new Set([...addresses, ...state.joinedBy])].slice(0, limits.comeBackMax);
  if (state.phase.kind === 'seeking') tryToo(state, addresses);
  for (const address of addresses) {
    // Whoever says it again begins anew, also of what was given before the last start.
    for (const [id, { member }] of state.lost)
      if (member.key === '' && member.addresses.includes(address)) state.lost.delete(id);
    expectAt(state, address, addedAt(address));
  }
  forgetSome(state);
  state.dirty = true; // it is kept
}

/** One who looks by addresses looks there next. */
function tryToo(state: State, addresses: readonly string[]): void {
  const { phase } = state;
  if (phase.kind !== 'seeking' || !phase.fresh || isMine(state, addresses)) return;
  const place = addresses.join();
  const known = [phase.target, ...phase.candidates].some((target) => target.addresses.join() === place);
  if (known || phase.candidates.length >= limits.comeBackMax) return;
  phase.candidates.unshift({ member: null, addresses });
}

function isMine({ self }: State, addresses: readonly string[]): boolean {
  return addresses.some((address) => self.addresses.includes(address));
}

/** Of those whom the person has told of, the earliest go. */
function forgetSome({ lost }: State): void {
  const ids = [...lost.keys()].filter(isAdded);
  for (const id of ids.slice(0, -limits.comeBackMax)) lost.delete(id);
}
