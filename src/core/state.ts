/**
 * What a peer is at one moment, and the few verbs by which every role changes it.
 *
 * The phase says which role the peer plays; each link says who is at its other end. Both are tagged unions: a field
 * that has no meaning in another phase does not exist there.
 */
import { coverOf, hashOf, type Covered } from './cover.ts';
import type { Crypto } from './crypto.ts';
import { assert, type ProtocolError, type RefusalCode } from './errors.ts';
import type { ChatEntry, Offer, Why } from './entry.ts';
import { Decoder } from './frame.ts';
import { Delivery } from './delivery.ts';
import { idOf } from './identity.ts';
import { Journal, type Restored } from './journal.ts';
import { limits } from './limits.ts';
import { Letters } from './letters.ts';
import { Log, type Cursor } from './log.ts';
import { serverSays, type Auth, type Welcome } from './message.ts';
import type { Quota } from './quota.ts';
import { Random } from './random.ts';
import { emptyCharter, lawOf, type Act, type Charter } from './rules.ts';
import type { Effect, Event, Line, LinkId, Now } from './step.ts';
import { memberOf, type Member, type PeerId, type Person } from './view.ts';

export interface Options {
  readonly pingMs: number;
  readonly silenceMs: number;
  readonly backoffMs: number;
  readonly history: number;
  readonly keep: number;
  /** How many lines a member may say in a second. */
  readonly rate?: number;
}

/** The loss of a coordinator, from the moment it was noticed. */
export interface Trouble {
  readonly since: number;
  readonly coordinator: Member;
  why: Why;
}

/** Whom a seeking peer dials: a member of its view, or only an address. */
export interface Target {
  readonly member: Member | null;
  readonly addresses: readonly string[];
}

/** Looking for the coordinator: at the start, or after it was lost. */
export interface Seeking {
  readonly kind: 'seeking';
  readonly trouble: Trouble | null;
  /** Members of the view that did not answer, and how that showed. */
  readonly dead: Map<PeerId, Why>;
  /** Those of the dead that were dialled again, because somebody vouched for them. */
  readonly believed: Set<PeerId>;
  /** Whom the view names, in whose name redirects are followed. */
  elected: PeerId | null;
  /** A newcomer's addresses that are still to be tried, and what became of the others. */
  readonly candidates: Target[];
  /** By addresses that are known from elsewhere; otherwise by the view. */
  readonly fresh: boolean;
  /** When nobody answers, the room that was kept goes on with this peer. */
  readonly alone: boolean;
  /** Somebody there is in a private room with another key. */
  otherKey: boolean;
  /** The one under way, in whose name redirects are followed. */
  origin: Target | null;
  readonly failures: string[];
  hops: number;
  /** How often nobody was left to be named. */
  round: number;
  attempt: number;
  target: Target;
  /** The link under way; null while waiting to dial. */
  link: LinkId | null;
  /** When to dial, or to give the link up (ms). */
  wake: number;
  /** When it began (ms). */
  readonly since: number;
}

export interface Joined {
  readonly kind: 'joined';
  readonly link: LinkId;
  readonly since: number;
  /** How often in a row the link broke as soon as it was made. */
  attempt: number;
  heard: number;
  /** When this member last said `pong` (ms). */
  pongAt: number;
  /** Entries up to this seq come with the welcome; before them a snapshot, if one is awaited. */
  readonly catchUp: number;
  awaitsSnapshot: boolean;
  /** Lines go out when the log has come so far. */
  readonly offerFrom: number;
  /** That it is the coordinator who has welcomed us, until the view that names it is here and this is checked. */
  proof: string | null;
  trouble: Trouble | null;
  readonly resent: number;
  /** Lines that were said while this peer was away are told together, when all are here. */
  missed: { readonly away: Away; readonly lines: Line[]; chars: number; trimmed: number } | null;
  /** How many names were asked for on this link and not answered yet. */
  asks: number;
  /** The addresses that led here. */
  readonly via: readonly string[];
  /** Whoever is there only carries the link. */
  readonly relayed: boolean;
  /** When the straight way is tried (ms); Infinity when this is the straight way. */
  probeAt: number;
}

/** How to look for a coordinator. */
export interface Search {
  /** The addresses that the coordinator sent us to. */
  readonly to?: readonly string[];
  /** How often in a row its link broke as soon as it was made. */
  readonly attempt?: number;
  /** The loss has been told already. */
  readonly known?: boolean;
  /** The coordinator lets us in and never keeps us: go on without it. */
  readonly hopeless?: boolean;
}

/** The new coordinator before it serves: it awaits the survivors and takes the longest log. */
export interface Regrouping {
  readonly kind: 'regrouping';
  readonly trouble: Trouble | null;
  /** Members of the view that will not come, and why. */
  readonly dead: Map<PeerId, Why>;
  readonly resent: number;
  readonly since: number;
  /** When those who have not come are called (ms). */
  callAt: number;
  /** When it goes on without them (ms), but for those of whom it knows that they live: they are awaited until `latest`. */
  until: number;
  latest: number;
  readonly alive: Set<PeerId>;
  /** The link that a missing suffix is fetched from, up to which seq, and until when (ms). */
  fetching: { readonly link: LinkId; readonly last: number; until: number } | null;
  /** When nothing more is fetched, from whomever (ms). */
  fetchedBy: number;
}

/** A member whose link broke. */
interface Suspect {
  /** When it leaves the view if it has not come back (ms), and why. */
  readonly until: number;
  readonly why: Why;
  /** When it is called (ms); Infinity once it is. */
  readonly callAt: number;
}

/** A line said apart, and where it stood; a new one comes after all that stood. */
export interface Gathered {
  readonly author: PeerId;
  readonly epoch: number;
  readonly seq: number;
  readonly offer: Offer;
  /** Offered by its author. */
  readonly own: boolean;
}

/** What is gathered of them: by author and number. */
export interface Gathering {
  readonly lines: Map<PeerId, { readonly byN: Map<number, Gathered>; highest: number }>;
  count: number;
  bytes: number;
  /** When the first came (ms). */
  readonly since: number;
  /** When it has been quiet for long enough (ms). */
  until: number;
}

export interface Coordinating {
  readonly kind: 'coordinating';
  pingAt: number;
  /** The links of the members of the view, but for oneself and suspects. */
  readonly members: Map<PeerId, LinkId>;
  readonly suspects: Map<PeerId, Suspect>;
  /** The ids that members had before they were started anew, and their places in the join order. */
  readonly former: Map<PeerId, { readonly id: PeerId; readonly joined: number }>;
  /** How often this part was told by the coordinator of another one that it stays, and stayed itself. */
  readonly stays: Map<PeerId, number>;
  /** How many names each member may still ask for, and as of when (ms). */
  readonly asks: Map<PeerId, { readonly left: number; readonly at: number }>;
  /** How far each member holds the log, as it last said. */
  readonly holds: Map<PeerId, number>;
  /** Who wants to know who holds its line, where that stands, what it was told last, and, until the next ping, that all do. */
  readonly asked: Map<PeerId, { readonly seq: number; told: string; done: boolean }>;
  /** When the first of those who said too much is read again (ms). */
  resumeAt: number;
  /** Lines said apart that are being gathered, and of whom there were any whom only others know. */
  gathering: Gathering | null;
  readonly hearsay: Set<PeerId>;
}

/** A coordinator on its way out: the successor gets everything first, then the others are sent to it. */
export interface Handing {
  readonly kind: 'handing';
  /** Undefined when nobody is left who can be dialled. */
  readonly successor: Member | undefined;
  /** It follows the successor itself then, and does not leave. */
  readonly stays: boolean;
  readonly members: Map<PeerId, LinkId>;
  stage: 'successor' | 'rest';
  until: number;
}

type Phase =
  | { readonly kind: 'idle' }
  | Seeking
  | Joined
  /** Goodbye is said; the coordinator closes the link. */
  | { readonly kind: 'farewell'; readonly link: LinkId; until: number }
  | Regrouping
  | Coordinating
  | Handing
  | { readonly kind: 'left' }
  // In passing: one role says what the peer becomes, and the machine lets the other role begin.
  | { readonly kind: 'newcomer'; readonly addresses: readonly string[]; readonly attempt: number }
  | { readonly kind: 'lost'; readonly trouble: Trouble | null; readonly search: Search }
  | { readonly kind: 'elected'; readonly trouble: Trouble | null; readonly dead: ReadonlyMap<PeerId, Why> }
  | {
      readonly kind: 'deposed';
      readonly trouble: Trouble | null;
      readonly link: LinkId;
      readonly welcome: Welcome;
      /** Where the coordinator is that goes on, and who carries the link to it. */
      readonly to: readonly string[];
      readonly via: readonly string[];
    }
  | { readonly kind: 'yielding'; readonly to: readonly string[]; readonly why: Extract<Why, 'cut' | 'handover'> };

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
interface Lost {
  readonly member: Member;
  readonly why: Why;
  /** It went before this peer came. */
  readonly history: boolean;
  /** The highest place in the join order that had been given then. */
  readonly count: number;
  readonly since: number;
  /** The same by the time of day. */
  readonly wall: number;
  callAt: number;
}

/** Somebody who is put out, and by whom (a name). */
export interface Ousting {
  readonly code: Extract<RefusalCode, 'kicked' | 'banned'>;
  readonly by: string;
  readonly act: Act;
}

/** What kept this peer from hearing the room, and since when, by the time of day. */
interface Away {
  readonly why: Extract<Event, { kind: 'missed' }>['why'];
  readonly since: number;
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

export interface Setup {
  readonly name: string;
  /** Where this peer's server can be dialled, likeliest first. */
  readonly addresses: readonly string[];
  readonly options: Options;
  /** Integers of 32 bits that everything random follows from. */
  readonly seed: readonly number[];
  /** This person's keys; the key of the process must be new. */
  readonly crypto: Crypto;
  /** The key of a private room. */
  readonly key?: string | undefined;
  /** Whether the room is kept on disk. */
  readonly keeps?: boolean;
  /** What was kept of a room, and when that was last in use (ms since 1970). */
  readonly restored?: { readonly room: Restored; readonly aliveAt: number } | undefined;
}

export function createState({ name, addresses, options, seed, crypto, key, keeps = false, restored }: Setup): State {
  const random = new Random(...seed);
  const id = idOf(crypto, crypto.key, crypto.box);
  const room = restored?.room;
  const delivery = new Delivery(id, crypto);
  if (room !== undefined) {
    delivery.seen(room.log.authors);
    const said = room.said.map((line) => signed(crypto, room.owner.room, line));
    delivery.hold(said, false);
    delivery.hold(room.held);
  }
  const state: State = {
    self: { id, name, addresses: addresses.slice(0, limits.addressesMax) },
    wish: null,
    options,
    random,
    crypto,
    yielded: null,
    inVain: new Map(),
    log:
      room?.log ??
      new Log(
        options.history,
        options.keep,
        lawOf(crypto, () => state.room),
      ),
    delivery,
    letters: new Letters(id, room?.letters),
    suspected: new Set(),
    links: new Map(),
    lost: new Map(
      restored?.room.lost.map((member) => [
        member.id,
        lostBefore(member, restored.room.log.view.count, restored.aliveAt),
      ]),
    ),
    unreached: new Map(),
    gone: [],
    tellLostAt: Infinity,
    toldLost: { ids: new Set(), alone: false },
    away: restored === undefined ? null : { why: 'restarted', since: restored.aliveAt },
    fallback: [],
    wokeAt: 0,
    contact: restored?.aliveAt ?? 0,
    mine: null,
    journal: keeps ? (room?.journal ?? new Journal()) : null,
    was: room?.owner.id ?? null,
    joinedBefore: (room && memberOf(room.log.view, room.owner.id)?.joined) ?? Infinity,
    blank: room !== undefined && !room.people.has(room.owner.id),
    joinedBy: room?.owner.join ?? [],
    beganAt: 0,
    kept: null,
    people: new Map(room?.people),
    checks: [],
    checksChars: 0,
    uncovered: new Map(),
    room: room?.owner.room ?? null,
    key: key ?? null,
    // A key that was given is newer than the log that was kept.
    seen: emptyCharter,
    topicTold: undefined,
    absencesTold: new Map(),
    heeded: room?.log.charter ?? null,
    locked: false,
    ousted: new Map(),
    out: null,
    phase: { kind: 'idle' },
    entered: false,
    historyTo: 0,
    leaving: null,
    now: { ms: 0, wall: 0 },
    due: Infinity,
    sweepAt: Infinity,
    breaches: 0,
    warnAt: 0,
    dirty: false,
    nextDial: -1,
    effects: [],
  };
  return state;
}

/** What the process before this one said and did not sign any more: it is the same person's word. */
function signed(crypto: Crypto, room: string, line: ChatEntry): ChatEntry {
  const { author, n, cover } = line;
  if (cover !== undefined) return line;
  const hash = hashOf(crypto, author, { base: '', lines: [line] });
  return { ...line, cover: { from: n, signature: crypto.sign(coverOf(room, author, n, n, hash)) } };
}

/** Lost by the process before this one. */
function lostBefore(member: Member, count: number, wall: number): Lost {
  return { member, why: 'silent', history: true, count, since: 0, wall, callAt: 0 };
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
