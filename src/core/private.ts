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
import { clientSays, serverSays } from './message.ts';
import type { Coordinating } from './phase.ts';
import { tellIfAbsent } from './room.ts';
import { send, tell, type State } from './state.ts';
import { memberOf, type Member, type PeerId, type Person } from './view.ts';

// --- To whom ---

/**
 * Whether one can write to somebody: what that one is called now, and whether it is not in the room.
 * @throws ChatError `unvouched`, or `unknown-name` for the person here
 */
export function reach(state: State, { key, name }: Pick<Person, 'key' | 'name'>): Reached {
  const { self, crypto, log } = state;
  const present = log.view.members.some((member) => member.key === key && member.id !== self.id);
  // Another process of one's own is somebody to write to.
  if (key === crypto.key && !present) {
    throw new ChatError('unknown-name', 'that is you: /msg takes the name of somebody else');
  }
  const member = receiver(state, key);
  if (present && member === undefined) {
    throw new ChatError('unvouched', `nobody vouches that it is ${name} who is here: somebody may want to read along`);
  }
  return { name: member?.name ?? name, away: member === undefined };
}

interface Reached {
  readonly name: string;
  readonly away: boolean;
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
  const member = receiver(state, to);
  const away = member === undefined;
  const { origin, k, time, text } = letter;
  tell(state, { kind: 'private', message: { origin, k, key: to, name, time, text, own: true, away } });
  if (member !== undefined) tellIfAbsent(state, member.id);
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
    // What is not acknowledged comes again.
    if (link !== undefined && !link.full) send(state, link, clientSays.tell(self.id, id, sealed));
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
  // Not a word: it comes again, to whoever reads it.
  if (state.options.deaf !== true) receive(state, member, content.letter, content.after);
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
