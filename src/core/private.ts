/**
 * Private messages: what only one person can read.
 *
 * A letter is sealed to the process of its receiver and passed on by the coordinator, which can neither read nor forge
 * it; so is the acknowledgement. A person is a key: whoever is called as somebody was, and has another key, is somebody
 * else. To a process goes only what is for the person who vouches for it, since a coordinator could put a box of its
 * own beside anybody's key. The coordinator keeps nothing of all this, and passes on only what it can at once: whoever
 * wrote sends it again.
 */
import type { PersonKey } from './crypto.ts';
import { ChatError } from './errors.ts';
import { statement } from './identity.ts';
import { decodeContent, encodeContent, type Content, type Letter, type Name } from './letters.ts';
import { limits } from './limits.ts';
import { everybody } from './lost.ts';
import { clientSays, serverSays } from './message.ts';
import { nameKey } from './name.ts';
import { send, tell, type Coordinating, type State } from './state.ts';
import { memberOf, type Member, type PeerId } from './view.ts';

// --- To whom ---

/** Somebody who is meant by a name. */
export interface Addressee {
  readonly key: PersonKey;
  readonly name: string;
  /** Not in the room now. */
  readonly away: boolean;
}

/**
 * Who is meant by a name: of all who have had it, as far as is known, there must be one. Where there are several, the
 * first characters of the key behind a colon say which (`bob:Qk2zWm9x`); the whole key says it whatever the name.
 * @throws ChatError `unknown-name`, `ambiguous-name` or `unvouched`
 */
export function addressee(state: State, given: string): Addressee {
  const { self, crypto, people } = state;
  const [called = '', start = ''] = given.split(':');
  const shown = called.length > limits.nameGraphemesMax ? `${called.slice(0, limits.nameGraphemesMax)}…` : called;
  const known = new Map<PersonKey, string>();
  for (const { name, key } of [...people.values(), ...everybody(state)]) {
    const named = start.length === limits.keyChars || nameKey(name) === nameKey(called);
    // Whom this peer was told to join, and has not met, has no key.
    if (key !== '' && named && key.startsWith(start)) known.set(key, name);
  }
  const here = (key: PersonKey): Member[] =>
    state.log.view.members.filter((member) => member.key === key && member.id !== self.id);
  // Another process of one's own is somebody to write to.
  if (known.has(crypto.key) && here(crypto.key).length === 0) known.delete(crypto.key);
  const own = start === '' && nameKey(called) === nameKey(self.name);
  if (own) throw new ChatError('unknown-name', 'that is you: /msg takes the name of somebody else');
  if (known.size > 1) {
    const all = [...known].map(([key, name]) => {
      return `${name}:${key.slice(0, distinct(key, [...known.keys()]))} (${here(key).length > 0 ? 'here' : 'away'})`;
    });
    const some = all.slice(-limits.namesakesMax);
    throw new ChatError(
      'ambiguous-name',
      `${known.size} people are or were called ${shown}: say which, ${some.join(' or ')}`,
    );
  }
  const [one] = known;
  if (one === undefined) throw new ChatError('unknown-name', `nobody is known here as ${shown}: /who says who is here`);
  const [key, name] = one;
  const present = here(key);
  const member = receiver(state, key);
  if (present.length > 0 && member === undefined) {
    throw new ChatError('unvouched', `nobody vouches that it is ${name} who is here: somebody may want to read along`);
  }
  return { key, name: member?.name ?? name, away: member === undefined };
}

/** How many characters tell a key from the others; never so few that one could be made to begin alike. */
function distinct(key: PersonKey, all: readonly PersonKey[]): number {
  const others = all.filter((other) => other !== key);
  let length = limits.keyStartChars;
  while (others.some((other) => other.startsWith(key.slice(0, length)))) length++;
  return length;
}

/** The process of a person that is in the room: the latest, if several are. */
function receiver({ log, letters, crypto, self }: State, key: PersonKey): Member | undefined {
  return log.view.members.findLast(
    (member) => member.key === key && member.id !== self.id && letters.isVouched(crypto, member),
  );
}

/** Somebody whose process nobody vouches for is told of, once: what is for that person waits. */
function suspect(state: State, key: PersonKey): void {
  const member = state.log.view.members.find((one) => one.key === key && one.id !== state.self.id);
  if (member === undefined || state.suspected.has(member.id)) return;
  if (state.suspected.size >= limits.membersMax) state.suspected.clear();
  state.suspected.add(member.id);
  const message = `nobody vouches that it is ${member.name} who is here: private messages to ${member.name} wait`;
  tell(state, { kind: 'warning', code: 'unvouched', message });
}

// --- Writing ---

/** The person at this end writes to somebody. */
export function write(state: State, to: PersonKey, name: string, what: string): void {
  const letter = state.letters.write(to, name, what, state.now);
  state.effects.push(...(state.journal?.wrote(letter) ?? []));
  const away = receiver(state, to) === undefined;
  const { origin, k, time, text } = letter;
  tell(state, { kind: 'private', message: { origin, k, key: to, name, time, text, own: true, away } });
  state.dirty = true;
}

/** When something is to go out, if it can (ms). */
export function lettersAt(state: State): number {
  return isOpen(state) ? state.letters.due : Infinity;
}

/** Whether the room is there, and takes something. */
function isOpen({ phase, links, log }: State): boolean {
  if (phase.kind === 'coordinating') return true;
  if (phase.kind !== 'joined' || phase.awaitsSnapshot || log.last < phase.catchUp) return false;
  return links.get(phase.link)?.full === false;
}

/** Sends what is due, some of it in each turn. */
export function pumpLetters(state: State): void {
  const { letters, now } = state;
  if (letters.due > now.ms || !isOpen(state)) return;
  let bytes = 0;
  for (const key of letters.people) {
    const member = receiver(state, key);
    if (member === undefined) {
      suspect(state, key);
      letters.rest(key);
      continue;
    }
    for (let next = letters.next(key, now.ms); next !== undefined; next = letters.next(key, now.ms)) {
      bytes += seal(state, member, next);
      if (bytes < limits.segmentBytes) continue;
      state.dirty = true;
      return;
    }
  }
}

/** Seals something to a member, and sends it on its way. @returns its length, in characters */
function seal(state: State, { id, box }: Member, content: Content): number {
  const { crypto, phase, self } = state;
  const sealed = crypto.seal(box, encodeContent(content), about(state, self.id, id));
  // Whoever calls something a box that is none cannot be written to.
  if (sealed === '') return 0;
  if (phase.kind === 'coordinating') pass(state, phase, self.id, id, sealed);
  else if (phase.kind === 'joined') {
    const link = state.links.get(phase.link);
    if (link !== undefined) send(state, link, clientSays.tell(self.id, id, sealed));
  }
  return sealed.length;
}

/** What is sealed in one room, one way, means nothing in another, or the other way. */
function about({ room }: State, from: PeerId, to: PeerId): Uint8Array {
  return statement('private', room ?? '', from, to);
}

/** How much waits for people who are here: for it the goodbye waits, too. */
export function telling(state: State): number {
  const { letters } = state;
  return letters.people.reduce((sum, key) => {
    return sum + (receiver(state, key) === undefined ? 0 : letters.waitingFor(key));
  }, 0);
}

// --- Passing on ---

/** A coordinator passes on what is sealed, or drops it. */
export function pass(state: State, { members }: Coordinating, from: PeerId, to: PeerId, sealed: string): void {
  if (to === state.self.id) return hear(state, from, sealed);
  const link = state.links.get(members.get(to) ?? 0);
  if (link !== undefined && !link.full) send(state, link, serverSays.told(from, sealed));
}

// --- Reading ---

/** Something has come that is said to be from that member. What cannot be opened is nobody's. */
export function hear(state: State, from: PeerId, sealed: string): void {
  const { crypto, letters, log, self } = state;
  const member = memberOf(log.view, from);
  if (member === undefined || from === self.id) return;
  const plain = crypto.open(member.box, sealed, about(state, from, self.id));
  const content = plain && decodeContent(plain);
  if (content === undefined || !letters.isVouched(crypto, member)) return;
  if (content.kind === 'heard') return acknowledged(state, member, content.heard);
  receive(state, member, content.letter, content.after);
}

function receive(state: State, member: Member, letter: Letter, after: Name | undefined): void {
  const { letters } = state;
  const { origin, k, time, text } = letter;
  const { key, name } = member;
  if (letters.take(key, letter, after)) {
    state.effects.push(...(state.journal?.shown({ key, origin, k }) ?? []));
    tell(state, { kind: 'private', message: { origin, k, key, name, time, text, own: false, away: false } });
  }
  if (letters.has(key, letter)) seal(state, member, { kind: 'heard', heard: { origin, k } });
}

function acknowledged(state: State, { key, name }: Member, heard: Name): void {
  const letter = state.letters.heard(key, heard);
  if (letter === undefined) return;
  state.effects.push(...(state.journal?.heard(heard) ?? []));
  const { origin, k } = heard;
  tell(state, { kind: 'private-heard', origin, k, key, name });
}
