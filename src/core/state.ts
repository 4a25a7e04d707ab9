/**
 * What a peer is at one moment, and the few verbs by which every role changes it.
 *
 * The phase says which role the peer plays (phase.ts); each link says who is at its other end. Both are tagged unions: a
 * field that has no meaning in another phase does not exist there.
 */
import type { Covered } from './cover.ts';
import type { Crypto } from './crypto.ts';
import { assert, type ProtocolError, type RefusalCode } from './errors.ts';
import type { Why } from './entry.ts';
import { Decoder } from './frame.ts';
import type { Delivery } from './delivery.ts';
import type { Proof } from './identity.ts';
import type { Journal } from './journal.ts';
import { limits } from './limits.ts';
import type { Letters } from './letters.ts';
import type { Cursor, Log } from './log.ts';
import { serverSays, type Auth } from './message.ts';
import type { Away, Phase } from './phase.ts';
import type { Quota } from './quota.ts';
import type { Random } from './random.ts';
import type { Act, Charter } from './rules.ts';
import type { Effect, Event, LinkId, Now } from './step.ts';
import { memberOf, type Member, type PeerId, type Person } from './view.ts';

export interface Options {
  readonly pingMs: number;
  readonly silenceMs: number;
  readonly backoffMs: number;
  readonly history: number;
  readonly keep: number;
  /** How many lines a member may say in a second. */
  readonly rate?: number;
  /** Private messages are left to this person's other processes. */
  readonly deaf?: boolean;
}

/** Who is at the other end of a link. */
export type End =
  /** Accepted; has not said who it is. */
  | { readonly kind: 'stranger'; readonly host: string; until: number }
  /** Accepted; has said who it is, and waits for the regroup to end. */
  | { readonly kind: 'waiting'; readonly peer: PeerId; readonly auth: Auth; readonly host: string }
  | {
      readonly kind: 'member';
      readonly peer: PeerId;
      cursor: Cursor;
      heard: number;
      /** It has offered a line of its own on this link. */
      spoke: boolean;
      readonly quota: Quota;
      /** Until when its link is not read (ms); null when it is. */
      restsUntil: number | null;
      /** Somebody carries the link. */
      readonly relayed: boolean;
    }
  /** Accepted once; has been told to go to the successor, and hangs up when it does. */
  | { readonly kind: 'sent-on' }
  /** Accepted, and sent to the coordinator. */
  | { readonly kind: 'sent-away'; readonly host: string; until: number }
  /** Bytes of one side go out on the other; `asks`: the next peer is to be asked to carry them further. */
  | { readonly kind: 'relay'; readonly other: LinkId; readonly host: string; asks: boolean; until: number }
  /** Dialled by one who is carried, to see whether it must be. */
  | { readonly kind: 'probe'; until: number }
  /** Dialled by a seeking peer. */
  | {
      readonly kind: 'target';
      stage: 'greeting' | 'through' | 'connected' | 'admitting' | 'fetched';
      /** A member carries the link to the coordinator. */
      readonly relayed: boolean;
    }
  | { readonly kind: 'coordinator' }
  /** Dialled by a coordinator that looks for a lost member, or for another coordinator of its room. */
  | {
      readonly kind: 'call';
      /** The lost member. */
      readonly peer: PeerId;
      readonly addresses: readonly string[];
      readonly hops: number;
      stage: 'greeting' | 'through' | 'connected' | 'merging';
      until: number;
      /** Where the coordinator is to which the one dialled carries the link; null when it does not. */
      toward: readonly string[] | null;
    };

export interface Link {
  readonly id: LinkId;
  readonly decoder: Decoder;
  /** What only its two ends know; '' when it is not encrypted. */
  channel: string;
  /** Accepted, and made with the key that the room had before. */
  former: boolean;
  /** What the server has said that the other side's proof is to answer. */
  challenge: string;
  /** The socket takes no more for now. */
  full: boolean;
  end: End;
}

/** Somebody who was in the room and is not, without a goodbye. */
export interface Lost {
  readonly member: Member;
  readonly why: Why;
  /** It went before this peer came. */
  readonly history: boolean;
  /** The highest place in the join order that had been given then. */
  readonly count: number;
  /** When it went (ms), not counting what this machine has slept since then. */
  since: number;
  /** The same by the time of day. */
  readonly wall: number;
  callAt: number;
  /** So many calls have found another room there. */
  strangers: number;
}

/** Somebody who is put out, and by whom (a name). */
export interface Ousting {
  readonly code: Extract<RefusalCode, 'kicked' | 'banned'>;
  readonly by: string;
  readonly act: Act;
}

/** A signature that is to be checked, and whose it is said to be, if that was known when it came. */
interface Check extends Covered {
  readonly person: Person | undefined;
}

/** An author of whom there are lines that no signature covers. */
interface Uncovered {
  /** Since when there are some that nobody was told of (ms); Infinity when there are none. */
  since: number;
  /** Up to this number they were. */
  told: number;
}

/** Somebody who is or was in the room. Of whom only others tell, it is not shown as it is what he is called (`hearsay`). */
export interface Known extends Person {
  readonly shown?: string;
}

export interface State {
  readonly self: { readonly id: PeerId; name: string; readonly addresses: readonly string[] };
  /** What the person here wants to be called, until the room has given or denied it, and on which link it was asked for. */
  wish: { readonly name: string; readonly link: LinkId | null } | null;
  readonly options: Options;
  readonly random: Random;
  readonly crypto: Crypto;
  /** To whom this peer, coordinating, has yielded last, until it is with that part; and in vain, until when it does not again (ms). */
  yielded: PeerId | null;
  readonly inVain: Map<PeerId, number>;
  readonly log: Log;
  readonly delivery: Delivery;
  readonly letters: Letters;
  /** Whose processes nobody vouches for, as has been told. */
  readonly suspected: Set<PeerId>;
  readonly links: Map<LinkId, Link>;
  readonly lost: Map<PeerId, Lost>;
  /** When those are told of (ms), and who was told of last. */
  tellLostAt: number;
  toldLost: { readonly ids: ReadonlySet<PeerId>; readonly alone: boolean };
  /** Set until this peer is in touch with the room again. */
  away: Away | null;
  /** Where members of the room could be dialled before a snapshot took its place. */
  fallback: readonly string[];
  /** When this process last ran again after a sleep (ms). */
  wokeAt: number;
  /** When somebody of the room was last heard, by the time of day. */
  contact: number;
  /** This peer's latest line: where it stands, and what is known of who holds it. */
  mine: { readonly n: number; readonly seq: number; complete: boolean; told: string } | null;
  /** How far the disk has come; null when nothing is kept. */
  journal: Journal | null;
  /** The id of the process before this one, in a room that was kept. */
  readonly was: PeerId | null;
  /** The place that it had in the join order; Infinity for none. */
  readonly joinedBefore: number;
  /** Of what was kept so little could be read that it does not even hold this peer: another part is the room. */
  readonly blank: boolean;
  /** The addresses by which this peer was told to join, this time or before. */
  joinedBy: readonly string[];
  /** When this process began (ms). */
  beganAt: number;
  /** The same by the clock on the wall, ms since 1970. */
  beganWall: number;
  /** In which reign, and how often, something that this peer has said was not let in. */
  robbed: { readonly epoch: number; readonly times: number };
  /** What was kept, until it has been told. */
  kept: Extract<Event, { kind: 'restored' }> | null;
  /** Addresses where nobody answered, and when (ms). */
  readonly unreached: Map<string, number>;
  /** Who was lost with the changes of reign since the trouble began; told with the healing. */
  gone: { readonly member: Member; readonly why: Why }[];
  /** Who everybody is who is or was in the room. */
  readonly people: Map<PeerId, Known>;
  /** Signatures that are to be checked, and how much text they cover, UTF-16 code units. */
  readonly checks: Check[];
  checksChars: number;
  /** Whose lines no signature covers yet. */
  readonly uncovered: Map<PeerId, Uncovered>;
  /** The room's id, random, made by its founder; null before this peer is in one. */
  room: string | null;
  /** The key of a private room; null of any other. */
  key: string | null;
  /** What this peer has seen hold before it took another log than its own (rules.ts). */
  seen: Charter;
  /** The topic that was told last. */
  topicTold: string | undefined;
  /** What those who are away have said of it, as was told to the person here who wrote to them. */
  readonly absencesTold: Map<PeerId, string>;
  /** The charter that the key was last looked up in. */
  heeded: Charter | null;
  /** It has been told that others have another one. */
  locked: boolean;
  /** Those of the view who are put out, until the log says that they are gone. */
  readonly ousted: Map<PeerId, Ousting>;
  /** Why this peer goes, when that is not its own wish. */
  out: { readonly code: Extract<RefusalCode, 'kicked' | 'banned' | 'other-key'>; readonly message: string } | null;
  phase: Phase;
  /** True once this peer has been in the room. */
  entered: boolean;
  /** Entries up to this seq were there before this peer. */
  historyTo: number;
  /** Going: until when acknowledgements are awaited (ms); null when not. */
  leaving: number | null;
  now: Now;
  /** When the alarm is due that was asked for (ms). */
  due: number;
  /** When links that have run out of time are looked for (ms). */
  sweepAt: number;
  /** Breaches that no warning has told of, and when the next warning may come (ms). */
  breaches: number;
  warnAt: number;
  /** Something waits to be written. */
  dirty: boolean;
  nextDial: LinkId;
  effects: Effect[];
}

/** What somebody is called where it is shown. */
export function called({ people }: Pick<State, 'people'>, id: PeerId): string {
  const person = people.get(id);
  return person === undefined ? id : shownName(person);
}

export function shownName({ name, shown = name }: Known): string {
  return shown;
}

export function tell(state: State, event: Event): void {
  state.effects.push({ kind: 'tell', event });
}

export function send(state: State, link: Link, bytes: Uint8Array): void {
  state.effects.push({ kind: 'send', link: link.id, bytes });
}

/** Sends what is under way on a link, and `last`, then closes it and forgets it. */
export function close(state: State, link: Link, last?: Uint8Array): void {
  if (last !== undefined) send(state, link, last);
  state.links.delete(link.id);
  state.effects.push({ kind: 'close', link: link.id });
}

export function addLink(state: State, id: LinkId, end: End, bodyBytesMax: number = limits.bodyBytesMax): Link {
  assert(!state.links.has(id), `link ${id} is new`);
  const link: Link = {
    id,
    decoder: new Decoder(bodyBytesMax),
    channel: '',
    former: false,
    challenge: '',
    full: false,
    end,
  };
  state.links.set(id, link);
  return link;
}

export function dial(state: State, addresses: readonly string[], end: End): Link {
  const link = addLink(state, state.nextDial--, end);
  state.effects.push({ kind: 'dial', link: link.id, addresses });
  return link;
}

/** What an end of a link proves to the other. Where somebody carries the link, its two ends do not see the same channel. */
export function proofOn({ challenge, channel }: Link, end: Proof['end'], id: PeerId, carried: boolean): Proof {
  return { end, challenge, channel: carried ? '' : channel, id };
}

/** Closes a link whose other side broke the protocol, and says why: here, and to whoever dialled us. */
export function breach(state: State, link: Link, { code, message }: ProtocolError): void {
  close(state, link, link.id > 0 ? serverSays.refused({ code, message }) : undefined);
  // To a newcomer it is the answer to where it dialled, and told as that.
  if (link.end.kind === 'target' && !state.entered) return;
  state.breaches++;
  if (state.now.ms < state.warnAt) return;
  const more = state.breaches > 1 ? ` (${state.breaches} in all since the last warning)` : '';
  tell(state, { kind: 'warning', code, message: message + more });
  state.breaches = 0;
  state.warnAt = state.now.ms + limits.warningMs;
}

/** Oneself, as the room knows one. */
export function selfMember(state: State): Member | undefined {
  return memberOf(state.log.view, state.self.id);
}
