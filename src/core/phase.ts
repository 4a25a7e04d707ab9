/**
 * The phase: which role a peer plays, and all that it has in mind in it and in no other.
 *
 * One tagged union: a field that has no meaning in another phase does not exist there. A role says what the peer becomes
 * by setting the phase; the machine then lets the other role begin.
 */
import type { Offer, Why } from './entry.ts';
import type { Refusal, Welcome } from './message.ts';
import type { Event, Line, LinkId } from './step.ts';
import type { Member, PeerId } from './view.ts';

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
  /** Somebody there does not encrypt. */
  plain: boolean;
  /** What the first said who did not let this one in. */
  refusal: Refusal | null;
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

/** What kept this peer from hearing the room, and since when, by the time of day. */
export interface Away {
  readonly why: Extract<Event, { kind: 'missed' }>['why'];
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
  /** When the latest of that came, or the welcome (ms). */
  cameAt: number;
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

export type Phase =
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
