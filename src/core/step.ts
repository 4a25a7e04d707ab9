/**
 * The vocabulary of the core's door: what goes in (Input), what comes out (Effect), and what is told (Event).
 * Types only. Times named `now` are of a clock that never goes back, in ms; `wall` is the time of day, for reading.
 */
import type { PersonKey } from './crypto.ts';
import type { ChatCode, ProtocolCode, WarningCode } from './errors.ts';
import type { Verb } from './rules.ts';
import type { Denial } from './message.ts';
import type { Notice } from './meeting.ts';
import type { PeerId, Member } from './view.ts';
import type { Position, Why } from './entry.ts';

/** A link between two peers. Accepted links count up from 1 (given by the hands), dialled ones down from -1. */
export type LinkId = number;

export interface Now {
  /** A clock that never goes back, ms. */
  readonly ms: number;
  /** The time of day, ms since 1970. It may jump; nothing is decided by it. */
  readonly wall: number;
}

/** What the world does to a peer. */
export type Input =
  /**
   * Begin: found a room, or join through the first of the addresses that answers. A room that was kept is looked for at
   * the addresses that were known, too, and gone on with `alone` if nobody answers.
   */
  | {
      readonly kind: 'start';
      readonly join: readonly string[];
      /** Where somebody of the room was heard: tried first, and not remembered. */
      readonly heard?: readonly string[];
      readonly alone?: boolean;
    }
  /**
   * Somebody of this room may be at these addresses: on the network somebody says so, or (`added`) the person here does,
   * whose word is remembered.
   */
  | { readonly kind: 'hint'; readonly addresses: readonly string[]; readonly added?: boolean }
  /** Somebody dialled our server. `host` is where from. */
  /** `channel`: what only the two ends of the link know; '' when it is not encrypted. */
  /** `former`: it was made with the key that the room had before. */
  | {
      readonly kind: 'accepted';
      readonly link: LinkId;
      readonly host: string;
      readonly channel: string;
      readonly former?: boolean;
    }
  /** A dialled link is open. */
  | { readonly kind: 'opened'; readonly link: LinkId; readonly channel: string }
  /** A dialled link could not be opened: every address refused, or some never answered. */
  /** `otherKey`: there is a private room, with another key. `plain`: whoever is there does not encrypt. `hungUp`: somebody took it, and hung up before a byte. */
  | {
      readonly kind: 'failed';
      readonly link: LinkId;
      readonly refused: boolean;
      readonly message: string;
      readonly otherKey?: boolean;
      readonly plain?: boolean;
      readonly hungUp?: boolean;
    }
  | { readonly kind: 'bytes'; readonly link: LinkId; readonly bytes: Uint8Array }
  /** The socket takes no more for now; 'drained' follows. */
  | { readonly kind: 'full'; readonly link: LinkId }
  | { readonly kind: 'drained'; readonly link: LinkId }
  /** The other side closed, or the link broke. Nothing more comes from it. */
  | { readonly kind: 'closed'; readonly link: LinkId }
  /** The person says a line, or does an act (rules.ts, notes.ts); the text has been checked. */
  | { readonly kind: 'say'; readonly text: string; readonly what?: 'act' }
  /** The person writes to somebody, and nobody else; the text has been checked. */
  | { readonly kind: 'tell'; readonly to: PersonKey; readonly name: string; readonly text: string }
  /** The person wants to be called so; the name has been checked. */
  | { readonly kind: 'nick'; readonly name: string }
  /** The person does not want to coordinate any more, and stays. Nothing happens when it does not, or nobody else could. */
  | { readonly kind: 'hand-over' }
  /** The person wants to go: what was said is acknowledged first, for as long as `leaveMs`. */
  | { readonly kind: 'leave' }
  /** The disk does not take the journal any more. */
  | { readonly kind: 'unkept'; readonly message: string }
  /** The alarm that `deadline` asked for. */
  | { readonly kind: 'alarm' };

/** What a peer does to the world. */
export type Effect =
  /** Try the addresses in turn, quickly staggered; the first that opens is the link. */
  | { readonly kind: 'dial'; readonly link: LinkId; readonly addresses: readonly string[] }
  /** The bytes are never written again: a socket may keep them. */
  | { readonly kind: 'send'; readonly link: LinkId; readonly bytes: Uint8Array }
  /** Send what is under way, then close. No input follows for this link. */
  | { readonly kind: 'close'; readonly link: LinkId }
  /** Stop reading from a link, and go on. */
  | { readonly kind: 'pause'; readonly link: LinkId }
  | { readonly kind: 'resume'; readonly link: LinkId }
  /** Begin a file of a room's journal with these bytes; numbers rise. With `aside`, what is there is put elsewhere first. */
  | {
      readonly kind: 'roll';
      readonly room: string;
      readonly number: number;
      readonly bytes: Uint8Array;
      readonly aside: boolean;
    }
  /** Append to it: whole frames. */
  | { readonly kind: 'keep'; readonly bytes: Uint8Array }
  /** Files up to this number are not needed any more. */
  | { readonly kind: 'forget'; readonly number: number }
  /** The room has another key: links are made with that one from now on. */
  | { readonly kind: 'rekey'; readonly key: string }
  | { readonly kind: 'tell'; readonly event: Event };

/** A line of the room, as it is shown: once, in the room's order. */
export interface Line {
  /** `(id, n)` names the line for ever. */
  readonly id: PeerId;
  readonly n: number;
  /** Where it stands in the room. */
  readonly position: Position;
  /** What its author is called; the id of an author that left before we came. */
  readonly name: string;
  readonly text: string;
  /** When it was typed, ms since 1970 by the author's clock. */
  readonly time: number;
  /** Said by this peer. */
  readonly own: boolean;
  /** Said before this peer came. */
  readonly history: boolean;
  /** Said in another part of the room while this peer was cut off from it. */
  readonly apart: boolean;
}

/** A private message, as it is shown: once. */
export interface PrivateMessage {
  /** `(origin, k)` names it for ever: the id of the process in which it was typed, and that process' own count. */
  readonly origin: PeerId;
  readonly k: number;
  /** Who wrote it; of one's own, who is to read it. */
  readonly key: PersonKey;
  readonly name: string;
  /** When it was typed, ms since 1970 by the sender's clock. */
  readonly time: number;
  readonly text: string;
  readonly own: boolean;
  /** One's own, to somebody who is not in the room: it is kept, and delivered when that person is back. */
  readonly away: boolean;
}

/** What a failover was and what it cost. */
export interface Healing {
  /** What was the matter. */
  readonly why: Why;
  readonly coordinator: Member;
  /** True when this peer coordinates now. */
  readonly self: boolean;
  /** Who is gone since, and why; empty when only a link broke. */
  readonly gone: readonly { readonly member: Member; readonly why: Why }[];
  /** From noticing to being served again, ms. */
  readonly tookMs: number;
  /** Own lines that were offered again. */
  readonly resent: number;
}

/** What is told to the faces and to programs. */
export type Event =
  /** `topic`: what the room is about, if somebody has said so. */
  | {
      readonly kind: 'entered';
      readonly room: string;
      readonly self: Member;
      readonly members: readonly Member[];
      readonly topic?: string;
    }
  | { readonly kind: 'line'; readonly line: Line }
  /** One's own line stands in the room, at this position. It is also told as 'line'. */
  | { readonly kind: 'acknowledged'; readonly n: number; readonly position: Position }
  /** A private message has come, or one's own is on its way. */
  | { readonly kind: 'private'; readonly message: PrivateMessage }
  /** One's own private message has been shown to whom it is for. */
  | {
      readonly kind: 'private-heard';
      readonly origin: PeerId;
      readonly k: number;
      readonly key: PersonKey;
      readonly name: string;
    }
  | { readonly kind: 'joined'; readonly member: Member; readonly history: boolean }
  /** `by`: who has put it out, by name. */
  | {
      readonly kind: 'left';
      readonly member: Member;
      readonly why: Why;
      readonly history: boolean;
      readonly by?: string;
    }
  /**
   * The rules of the room have changed: `name` is whom it is about ('' with `key`), `by` who did it; `own` and `byOwn`:
   * whether that is the person here, by the key and not by the name.
   */
  | {
      readonly kind: 'ruled';
      readonly verb: Exclude<Verb, 'kick'>;
      readonly name: string;
      readonly own: boolean;
      readonly by: string;
      readonly byOwn: boolean;
      readonly history: boolean;
    }
  /** Whoever coordinated has handed over to `coordinator`, and stays, as the youngest. */
  | {
      readonly kind: 'handed-over';
      readonly member: Member;
      readonly coordinator: Member;
      readonly history: boolean;
    }
  /** The room is about something else. `by`: who said so; `own`: whether that is the person here, by the key. */
  | {
      readonly kind: 'topic';
      readonly text: string;
      readonly id: PeerId;
      readonly by: string;
      readonly own: boolean;
      readonly history: boolean;
    }
  /** Somebody is away, and what it says of that ('' for nothing), or is back (null). Told again when one writes to that one. */
  | {
      readonly kind: 'away';
      readonly id: PeerId;
      readonly name: string;
      readonly text: string | null;
      readonly own: boolean;
      readonly history: boolean;
    }
  /** The coordinator is out of reach; `waiting` own lines are kept until the room is healed. */
  | { readonly kind: 'looking'; readonly coordinator: Member; readonly why: Why; readonly waiting: number }
  | { readonly kind: 'healed'; readonly healing: Healing }
  /** Somebody has another name. `taken`: it is one's own, which was somebody else's when one came back, and nobody asked. */
  | {
      readonly kind: 'renamed';
      readonly id: PeerId;
      readonly name: string;
      readonly former: string;
      readonly own: boolean;
      readonly taken: boolean;
      readonly history: boolean;
    }
  /** The name that the person here has asked for is not given. `free`: one that is free. */
  | { readonly kind: 'denied'; readonly name: string; readonly code: Denial['code']; readonly free?: string }
  /** This process did not run for so long, ms. */
  | { readonly kind: 'slept'; readonly ms: number }
  /** Lines come now that were said while this peer was away: they are told next, as 'line' events, exactly `lines` of them. */
  | {
      readonly kind: 'missed';
      readonly why: 'asleep' | 'restarted' | 'apart';
      /** Since this peer was last in touch with that part of the room. */
      readonly ms: number;
      readonly lines: number;
      /** Lines said meanwhile that nobody here keeps any more: a gap. */
      readonly trimmed: number;
    }
  /** Who holds this peer's latest line: `have` of the `of` other members of the room. */
  | {
      readonly kind: 'receipt';
      readonly n: number;
      readonly have: number;
      readonly of: number;
      /** Those who lack it; at most 64 are named. */
      readonly lacking: readonly Member[];
    }
  /**
   * Who was lost without a goodbye and still cannot be reached, told when that changes (when none is left: empty);
   * `since`: wall time of the first loss. They are called again and again.
   */
  | {
      readonly kind: 'unreachable';
      readonly members: readonly Member[];
      readonly since: number;
      readonly alone: boolean;
    }
  /**
   * A room that was kept on disk is there again, before it is entered. `lines`: how many of its lines are kept;
   * `unsent`: own lines of the last run that the room may not have, which go out now; `since`: when it was last open.
   */
  | {
      readonly kind: 'restored';
      readonly room: string;
      readonly lines: number;
      readonly unsent: number;
      readonly since: number;
    }
  /** The disk does not take the history any more: the room goes on in memory. */
  | { readonly kind: 'unkept'; readonly message: string }
  /**
   * Lines `from` to `to` stand in somebody's name and are not known to be that one's: no signature of his is there after
   * five seconds, or it is a false one. `text` is that of the last of them.
   */
  | {
      readonly kind: 'unsigned';
      readonly id: PeerId;
      readonly name: string;
      readonly from: number;
      readonly to: number;
      readonly lines: number;
      readonly text: string;
      readonly why: 'missing' | 'forged';
    }
  /** Numbers `from` to `to` of somebody stand nowhere: what he said was lost with all who had it, or is held back. */
  | { readonly kind: 'gap'; readonly id: PeerId; readonly name: string; readonly from: number; readonly to: number }
  /** Somebody in the room is not, or is not called, as the person here would think; once for each process and name. */
  | { readonly kind: 'met'; readonly member: Member; readonly notice: Notice }
  /** The room could not be entered, or this peer was put out: nothing more will happen. `message` is in our own words. */
  | {
      readonly kind: 'refused';
      readonly code: ChatCode;
      readonly message: string;
      readonly free?: string;
      /** With `other-room`: the room that answered. */
      readonly room?: string;
    }
  /** This peer has left; `unsent` own lines and `untold` private messages were not acknowledged. The last event. */
  | { readonly kind: 'gone'; readonly unsent: number; readonly untold: number }
  /** Somebody could not open a link, since not both encrypt alike: so many of a kind since it was told last. */
  | { readonly kind: 'turned-away'; readonly who: 'plain' | 'tls' | 'open' | 'key'; readonly count: number }
  /**
   * Another peer broke the protocol, and its link was closed (`ProtocolCode`). Or something else is not as it should be
   * (`WarningCode`).
   */
  | { readonly kind: 'warning'; readonly code: ProtocolCode | WarningCode; readonly message: string };
