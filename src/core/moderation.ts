/**
 * Moderation: what an act of the room (rules.ts) does to a peer.
 *
 * Whoever is put out is remembered until the log says that he is gone. Whoever coordinates sees to that, before it
 * relays anything else; when it dies before it has, the next one does. Nobody calls somebody who was put out.
 */
import type { ChatEntry, Entry } from './entry.ts';
import { limits } from './limits.ts';
import { giveUp } from './lost.ts';
import type { Refusal } from './message.ts';
import { keyChanged, putOutBy, whyRefused } from './refusal.ts';
import { actOf, changes, may, parseAct, rulesOf, upheld, type Charter, type Ruling } from './rules.ts';
import { called, shownName, tell, type Ousting, type State } from './state.ts';
import { memberOf, type View } from './view.ts';
import type { PersonKey } from './crypto.ts';

/** Who may put others out, and who may not come in. People are their keys. */
export interface Moderation {
  readonly founder: PersonKey | undefined;
  readonly ops: ReadonlySet<PersonKey>;
  /** `by`: who said so, by name. Of one whose name nobody knows any more, the name is the key. */
  readonly banned: readonly { readonly key: PersonKey; readonly name: string; readonly by: string }[];
}

/** By what this peer goes: what the log says, and what it has left out since this peer saw it hold. */
export function inForce({ log, seen }: Pick<State, 'log' | 'seen'>): Charter {
  const { charter } = log;
  if (seen.acts.length === 0 && (seen.founder === null || charter.founder !== null)) return charter;
  const known = together.get(charter);
  if (known?.seen === seen) return known.charter;
  const found = upheld(log.law, charter, seen);
  together.set(charter, { seen, charter: found });
  return found;
}
const together = new WeakMap<Charter, { readonly seen: Charter; readonly charter: Charter }>();

/** An entry stands in the log; `charter` and `view` are those before it. */
export function heed(state: State, entry: Entry, charter: Charter, view: View): void {
  if (entry.kind === 'chat') return entry.what === 'act' ? heedAct(state, entry, charter, view) : undefined;
  for (const id of state.ousted.keys()) if (memberOf(state.log.view, id) === undefined) state.ousted.delete(id);
}

function heedAct(state: State, entry: ChatEntry, charter: Charter, view: View): void {
  const { log, ousted } = state;
  const ruling = parseAct(entry.text);
  const act = actOf(entry, memberOf(view, entry.author) ?? entry.by);
  if (ruling === undefined || act === undefined) return;
  if (log.law.judge(charter, act) === undefined) {
    if (entry.author !== state.self.id) return;
    const message = `/${ruling.verb === 'key' ? 'rekey' : ruling.verb} did not count: it is not allowed any more, somebody has done something else since, or there are too many`;
    return tell(state, { kind: 'warning', code: 'uncounted', message });
  }
  const { verb, about } = ruling;
  const by = called(state, act.author);
  if (verb === 'kick' || verb === 'ban') {
    const code = verb === 'kick' ? 'kicked' : 'banned';
    for (const { id, key } of view.members) if (key === about) ousted.set(id, { code, by, act });
    for (const [id, { member }] of state.lost) if (member.key === about) giveUp(state, id);
  }
  // What does not change anything is nothing to tell; that somebody is put out shows when he goes.
  if (verb === 'kick' || !changes(rulesOf(charter), ruling) || (verb === 'key' && state.key === null)) return;
  const history = entry.seq <= state.historyTo;
  const { key } = state.crypto;
  const name = verb === 'key' ? '' : nameOf(state, about);
  tell(state, { kind: 'ruled', verb, name, own: about === key, by, byOwn: act.key === key, history });
}

/** What somebody is called, or was last; of a stranger, his key. */
export function nameOf({ people, log }: Pick<State, 'people' | 'log'>, key: PersonKey): string {
  // Of several processes of one person, the one that came first has the name.
  const here = log.view.members.find((member) => member.key === key);
  if (here !== undefined) return here.name;
  const all = Array.from(people.values()).filter((one) => one.key === key);
  // Of whom only others tell, they tell what they like.
  const person = all.findLast(({ shown }) => shown === undefined) ?? all.at(-1);
  return person === undefined ? key : shownName(person);
}

export function moderationOf(state: State): Moderation {
  const { founder, ops, bans } = rulesOf(inForce(state));
  const banned = Array.from(bans, ([key, by]) => ({ key, name: nameOf(state, key), by: nameOf(state, by) }));
  return { founder, ops, banned };
}

/** Why the person here may not do that (`may` says no). */
export function forbidden(state: State, { verb, about }: Ruling): string {
  const own = state.crypto.key;
  const { founder, ops } = rulesOf(inForce(state));
  if (founder === undefined) return 'nobody founded this room, as far as is known: nobody does that here';
  const isFounder = own === founder;
  const boss = nameOf(state, founder);
  if (verb === 'op' || verb === 'deop')
    return isFounder ? 'you founded this room: you are more than an op' : `only the founder (${boss}) names ops`;
  if (isFounder) return 'you founded this room: nobody puts out the founder, not even you; /quit leaves';
  if (about === own) return 'that is you: /quit leaves';
  if (!ops.has(own)) return `you are no op here: the founder (${boss}) and its ops do that`;
  if (about === founder) return `${boss} founded this room: nobody puts out the founder`;
  return `${nameOf(state, about)} is an op: only the founder (${boss}) puts out an op`;
}

/** What somebody is told who is put out. */
export function farewell({ code, by, act }: Ousting): Refusal {
  return { code, act, message: putOutBy(code, by) };
}

/** Why somebody may not come in, or undefined. `former`: by a link that was made with the room's former key. */
export function barred(
  state: State,
  { key, relayed }: { readonly key: PersonKey; readonly relayed?: boolean | undefined },
  former: boolean,
): Refusal | undefined {
  const { log } = state;
  const banned = banOf(state, key);
  if (banned !== undefined) return farewell(banned);
  // Whoever was here when the key was changed gets the new one from the log. Nobody may carry it to him who has not got it.
  const known = relayed !== true && log.view.members.some((member) => member.key === key);
  return former && !known ? otherKey : undefined;
}

/** By which act of the room somebody is banned. */
function banOf(state: State, key: PersonKey): Ousting | undefined {
  const charter = inForce(state);
  if (!rulesOf(charter).bans.has(key)) return undefined;
  const act = charter.acts.findLast(({ text }) => text === `ban ${key}`);
  return act && { code: 'banned', by: nameOf(state, act.key), act };
}

export const otherKey: Refusal = { code: 'other-key', message: keyChanged };

/** Somebody who was in this room is in one with another key, or says that this one has one: it is told once. */
export function tellLocked(state: State): void {
  if (state.key === null || state.locked) return;
  state.locked = true;
  const message = 'somebody who was here has another key now: if it was changed meanwhile, ask him for a new invite';
  tell(state, { kind: 'warning', code: 'other-key', message });
}

/** A new coordinator puts out those of the view who are banned, whatever became of the one before it. */
export function oustBanned(state: State): void {
  const { log, ousted } = state;
  for (const { id, key } of log.view.members) {
    const banned = ousted.has(id) ? undefined : banOf(state, key);
    if (banned !== undefined) ousted.set(id, banned);
  }
}

/**
 * Whether this peer has been put out: by an act about it, of one who may. Anybody could say so who is dialled, or
 * coordinates; nobody goes for a mere word.
 */
export function isPutOut(state: State, { code, act }: Refusal): boolean {
  const { crypto, log } = state;
  if ((code !== 'kicked' && code !== 'banned') || act === undefined) return false;
  const ruling = parseAct(act.text);
  if (ruling?.about !== crypto.key || (ruling.verb !== 'kick' && ruling.verb !== 'ban')) return false;
  const charter = inForce(state);
  const rules = rulesOf(charter);
  if (ruling.verb === 'ban') return rules.bans.has(crypto.key) || log.law.judge(charter, act) !== undefined;
  // A kick that stands in the log has been heeded: said again, it is an old one; as is one from before this start.
  const fresh = act.n > (log.authors.get(act.author) ?? 0) && act.time >= state.beganWall - limits.kickSkewMs;
  return fresh && may(rules, act.key, ruling) && log.law.signed(act);
}

/** Why this peer may not be in the room, with the name of who said so if that is proven. */
export function whyPutOut(state: State, refusal: Refusal): string {
  const { act } = refusal;
  return whyRefused(refusal, act !== undefined && isPutOut(state, refusal) ? nameOf(state, act.key) : undefined);
}

/** This peer is put out (`isPutOut`): it goes, and does not come again by itself. */
export function goForGood(state: State, refusal: Refusal): void {
  const { code } = refusal;
  if (code !== 'kicked' && code !== 'banned') return;
  state.out ??= { code, message: whyPutOut(state, refusal) };
  state.phase = { kind: 'left' };
}

/** The room has another key, as far as this peer is one with the room. */
export function keepKey(state: State): void {
  const { log, phase, key } = state;
  if (key === null) return;
  const charter = inForce(state);
  if (charter === state.heeded) return;
  const current = phase.kind === 'joined' && !phase.awaitsSnapshot && log.last >= phase.catchUp;
  if (!current && phase.kind !== 'coordinating') return;
  state.heeded = charter;
  const wanted = rulesOf(charter).key;
  if (wanted === undefined || wanted === key) return;
  state.key = wanted;
  state.locked = false;
  state.effects.push({ kind: 'rekey', key: wanted });
}
