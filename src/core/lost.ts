/**
 * Whom the room has lost without a goodbye. Whoever coordinates calls them (healing.ts); everybody is told of them,
 * once what happened has settled: who cannot be reached, and since when.
 */
import type { PersonKey } from './crypto.ts';
import type { Why } from './entry.ts';
import { limits } from './limits.ts';
import { tell, type State } from './state.ts';
import type { Member, PeerId } from './view.ts';

/** Begins what stands for whoever is at an address that the person here has told of. No id has this character. */
const added = '+';

export function addedAt(address: string): PeerId {
  return `${added}${address}`;
}

export function isAdded(id: PeerId): boolean {
  return id.startsWith(added);
}

/** Somebody is gone. `history`: it was before this peer came, so it is nothing to tell. */
export function lose(state: State, member: Member, why: Why, history: boolean): void {
  const { self, lost, log } = state;
  const { key } = state.crypto;
  const own = member.id === self.id || member.key === key || member.addresses.join() === self.addresses.join();
  if (own) return;
  miss(state, member, why, history, limits.callMs);
  if (lost.size > limits.lostMax) lost.delete(youngest(lost));
  if (log.last > state.historyTo) changed(state);
}

/** Whoever came last goes first: those who come only to vanish again push out nobody who was here before. */
function youngest(lost: State['lost']): PeerId {
  const [last] = Array.from(lost.values(), ({ member }) => member).toSorted((a, b) => b.joined - a.joined);
  return (last as Member).id;
}

/**
 * Somebody of the room may be at an address by which this peer was told to join: whoever coordinates calls there, too.
 * @param id stands for whoever it is
 */
export function expectAt(state: State, address: string, id: PeerId = `@${address}`): void {
  const { self } = state;
  if (self.addresses.includes(address) || everybody(state).some(({ addresses }) => addresses.includes(address))) return;
  const nobody = { key: '', box: '', vouch: '' };
  const member = { id, name: address, addresses: [address], joined: Infinity, ...nobody };
  miss(state, member, 'silent', true, 0);
}

/** Somebody is missed from now on, and is to be called in so many ms. */
function miss({ lost, now, log }: State, member: Member, why: Why, history: boolean, callInMs: number): void {
  const { ms, wall } = now;
  const { count } = log.view;
  lost.set(member.id, { member, why, history, count, since: ms, wall, callAt: ms + callInMs, strangers: 0 });
}

/** Another room listens where that one was: it is called there ever more rarely, since each call is an intrusion. */
export function strangersAt({ lost, now }: State, id: PeerId): void {
  const one = lost.get(id);
  if (one === undefined) return;
  one.strangers++;
  const waitMs = Math.min(limits.callMs * 2 ** one.strangers, limits.strangersMsMax);
  one.callAt = Math.max(one.callAt, now.ms + waitMs);
}

/** Who is in the room, as far as is known, and then whom it has lost. */
export function everybody({ log, lost }: State): Member[] {
  return [...log.view.members, ...Array.from(lost.values(), ({ member }) => member)];
}

/** Somebody has come: the one who was lost, another process of that person, or whoever is at an address of the room. */
export function regain(state: State, { id, key, addresses }: Member): void {
  const place = addresses.join();
  for (const [one, { member }] of state.lost) {
    // Where it can be dialled anybody may claim: it stands only for one of whom nothing else is known.
    const there = member.key === '' && place !== '' && member.addresses.join() === place;
    const same = one === id || member.key === key || there;
    if (!same) continue;
    found(state, one);
  }
}

/** The person leads a part of the room at another process than the one that has ended. */
export function leadsAgain({ lost }: State, key: PersonKey): void {
  for (const [id, one] of lost) if (one.why === 'ended' && one.member.key === key) lost.set(id, { ...one, why: 'cut' });
}

/** That one is there again. */
export function found(state: State, id: PeerId): void {
  if (state.lost.delete(id)) changed(state);
}

/**
 * Nobody waits for that one any more, who has not come back: of that nothing is told. Where the person here told of is
 * not looked at again, nor after the next start.
 */
export function giveUp(state: State, id: PeerId): void {
  const addresses = state.lost.get(id)?.member.addresses ?? [];
  if (isAdded(id)) {
    state.joinedBy = state.joinedBy.filter((address) => !addresses.includes(address));
    state.dirty = true; // it is kept so
  }
  state.lost.delete(id);
  const { ids, alone } = state.toldLost;
  state.toldLost = { ids: new Set([...ids].filter((one) => one !== id)), alone };
}

/** When the first of the lost is given up, ms. */
export function lapsesAt({ lost }: State): number {
  let next = Infinity;
  for (const { since } of lost.values()) next = Math.min(next, since + limits.lostMs);
  return next;
}

/** Gives up those who have not come back for so long, and places where nobody has answered. */
export function lapse(state: State): void {
  for (const [id, { since }] of state.lost) if (state.now.ms - since >= limits.lostMs) giveUp(state, id);
}

/** At the address that the person here told of (`hint.ts`) is another room: it is not called again. */
export function elsewhere(state: State, id: PeerId): void {
  const one = state.lost.get(id);
  if (one === undefined || !isAdded(id)) return;
  giveUp(state, id);
  const { name } = one.member;
  const message = `${name} is in another room than this one: to join it, leave and type groupchat --join ${name}`;
  tell(state, { kind: 'warning', code: 'discovery', message });
}

/**
 * Several go or come together: they are told of together, when as much time has passed as a silence takes; where others
 * are left, when more has, since that they are gone has been said.
 */
export function changed(state: State): void {
  const wait = state.log.view.members.length > 1 ? limits.patience : 1;
  const at = state.now.ms + wait * state.options.silenceMs;
  state.tellLostAt = Math.min(state.tellLostAt, at);
}

/** Tells who is out of reach, if that is another set than the last time. */
export function tellLost(state: State): void {
  if (state.now.ms < state.tellLostAt) return;
  state.tellLostAt = Infinity;
  if (!state.entered) return;
  // Whoever coordinates another part is in the view again without having joined.
  for (const member of state.log.view.members) regain(state, member);
  state.tellLostAt = Infinity;
  const alone = state.log.view.members.length <= 1;
  // A process that has ended is gone, and no riddle; but whoever is alone waits for it too. Whom nobody can dial nobody
  // tries to reach.
  const missing = [...state.lost.values()].filter(
    ({ member, why, history }) => !history && member.addresses.length > 0 && (alone || why !== 'ended'),
  );
  const before = state.toldLost;
  const ids = new Set(missing.map(({ member }) => member.id));
  const same = ids.size === before.ids.size && [...ids].every((id) => before.ids.has(id));
  if (same && (alone === before.alone || ids.size === 0)) return;
  // Whoever is not alone any more has those to wait for whose processes have ended, and says no more of them.
  if (ids.size === 0 && [...before.ids].some((id) => state.lost.has(id))) return;
  state.toldLost = { ids, alone };
  const since = missing.reduce((least, { wall }) => Math.min(least, wall), state.now.wall);
  tell(state, { kind: 'unreachable', members: missing.map(({ member }) => member), since, alone });
}
