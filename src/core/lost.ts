/**
 * Whom the room has lost without a goodbye. Whoever coordinates calls them (healing.ts); everybody is told of them,
 * once what happened has settled: who cannot be reached, and since when.
 */
import type { Why } from './entry.ts';
import { limits } from './limits.ts';
import { tell, type State } from './state.ts';
import type { Member } from './view.ts';

/** Somebody is gone. `history`: it was before this peer came, so it is nothing to tell. */
export function lose(state: State, member: Member, why: Why, history: boolean): void {
  const { self, lost, now, log } = state;
  const own = member.id === self.id || member.addresses.join() === self.addresses.join();
  if (own || member.addresses.length === 0) return;
  lost.set(member.id, { member, why, history, since: now.ms, wall: now.wall, callAt: now.ms + limits.callMs });
  if (lost.size > limits.lostMax) lost.delete(lost.keys().next().value as string);
  if (log.last > state.historyTo) changed(state);
}

/** Somebody has come: the one who was lost, or another process in its place. */
export function regain(state: State, { id, addresses }: Member): void {
  const place = addresses.join();
  for (const [one, { member }] of state.lost) {
    if (one !== id && (place === '' || member.addresses.join() !== place)) continue;
    state.lost.delete(one);
    changed(state);
  }
}

/** Several go or come together: they are told of together, when as much time has passed as a silence takes. */
function changed(state: State): void {
  if (state.tellLostAt === Infinity) state.tellLostAt = state.now.ms + state.options.silenceMs;
}

/** Tells who is out of reach, if that is another set than the last time. */
export function tellLost(state: State): void {
  if (state.now.ms < state.tellLostAt) return;
  state.tellLostAt = Infinity;
  if (!state.entered) return;
  const alone = state.log.view.members.length <= 1;
  // A process that has ended is gone, and no riddle; but whoever is alone waits for it too.
  const missing = [...state.lost.values()].filter(({ why, history }) => !history && (alone || why !== 'ended'));
  const before = state.toldLost;
  const same = missing.length === before.size && missing.every(({ member }) => before.has(member.id));
  const back = [...before].every((id) => !state.lost.has(id));
  state.toldLost = new Set(missing.map(({ member }) => member.id));
  if (same || (missing.length === 0 && !back)) return;
  const since = missing.reduce((least, { wall }) => Math.min(least, wall), state.now.wall);
  tell(state, { kind: 'unreachable', members: missing.map(({ member }) => member), since, alone });
}
