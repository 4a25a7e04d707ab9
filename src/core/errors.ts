/**
 * Errors by whose fault they are.
 *
 * Mine: `assert` and `unreachable`; the process ends with the message.
 * The other side's: a `ProtocolError`; that one link closes, a warning is emitted, nobody else notices.
 * The user's: a `ChatError`, whose message is a line that says what to type instead.
 * The world's (a reset, a port taken) are inputs to the core, never exceptions.
 */

/** What the other side of a link did wrong. The link closes with `refused:{"code":…}`. */
export type ProtocolCode =
  | 'header' // a header field is not printable ASCII, left-justified and space-padded
  | 'length' // the length is not digits, or is above the limit for this link
  | 'type' // the type is not one that this version knows
  | 'sender' // the sender id is not the link's own
  | 'word' // a SYSTEM body starts with a word that has no meaning here
  | 'body' // a body is not what its word promises
  | 'line' // a chat line is too long or not UTF-8
  | 'proof' // somebody is not who it says, or has not signed what it says
  | 'order' // an entry does not follow the last one, or an author's number leaves a gap
  | 'silent'; // nothing came before the deadline

/** What a warning is about, unless it is that somebody broke the protocol. */
export type WarningCode =
  | 'store' // the disk does not take or give something of what is kept
  | 'discovery' // others on the network are not found, or not all of what is there
  | 'refused' // whoever coordinates let this peer go
  | 'other-key' // somebody who was in this room has another key
  | 'uncounted' // what the person here ordered does not count
  | 'unvouched' // somebody is here under a person's key, and that person does not vouch for it
  | 'forged' // something else stands in place of what this peer said
  | 'pending-full'; // more lines that the room may lack than can be held

/** Why an `auth` was refused, or a link ended by the coordinator. */
export type RefusalCode =
  | 'version' // another wire version
  | 'encrypted' // the link is not encrypted, and this room's links are; or the other way round
  | 'other-room' // the peer belongs to another room
  | 'self' // the peer has dialled itself
  | 'name-invalid' // empty, too long, or with characters that do not show
  | 'name-taken' // in use; `free` offers another
  | 'room-full'
  | 'not-coordinator' // auth was said to a peer that does not coordinate (any more)
  | 'stay' // two coordinators met, and the one that answers stays; `coordinates` says whom it leads
  | 'yield' // two coordinators met, and the one that answers yields: it is coming over
  | 'no-way' // a member that was asked to take somebody through cannot reach the coordinator either
  | 'slow' // fell too far behind
  | 'flood' // said too much for too long
  | 'kicked' // was put out; may come back where it can
  | 'banned' // was put out, or tried to come in, and may not
  | 'other-key' // the room's key was changed
  | 'dropped'; // was taken for gone; may come back

/** What went wrong for the person at this end. */
export type ChatCode =
  | RefusalCode
  | 'unreachable' // no address of --join answered as a member of a room
  | 'several' // several rooms are on the network, and none was chosen
  | 'listen' // the port cannot be listened on
  | 'in-use' // another process has open what is kept
  | 'store' // the disk does not take or give what is kept
  | 'usage' // an option or a value is wrong
  | 'line-empty'
  | 'line-long'
  | 'line-control'
  | 'pending-full' // too many lines, or private messages, wait to be acknowledged
  | 'not-allowed' // only the founder of the room, or its ops
  | 'unknown-name' // nobody is known by that name
  | 'ambiguous-name' // several are, or were
  | 'unvouched' // somebody is here under that person's key, and that person does not vouch for it
  | 'left'; // the peer has left, or never joined

/** The other side broke the protocol. `code` goes over the wire; `message` says what was expected and what came. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
  readonly code: ProtocolCode;
  constructor(code: ProtocolCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** Something that the person or program at this end can mend; `message` says how. */
export class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly code: ChatCode;
  /** With `name-taken`: a name that is free. */
  readonly free: string | undefined;
  constructor(code: ChatCode, message: string, free?: string) {
    super(message);
    this.code = code;
    this.free = free;
  }

  /** What an event `refused` tells. */
  static of({
    code,
    message,
    free,
  }: Pick<ChatError, 'code' | 'message'> & { readonly free?: string | undefined }): ChatError {
    return new ChatError(code, message, free);
  }
}

/** States what must be so; a breach is our own fault and ends the process. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`broken invariant: ${message}`);
}

/** For the default of a switch over a closed union. */
export function unreachable(value: never): never {
  throw new Error(`broken invariant: unexpected ${JSON.stringify(value)}`);
}
