/**
 * SYSTEM bodies: `word` or `word:rest`. A scalar stands as it is (`pong:41`), a record as JSON (`auth:{…}`).
 *
 * Everything that comes from outside is parsed here, from unknown to typed, before any rule sees it. A word that the
 * reader does not expect, and a body that is not what its word promises, are breaches; so is a field too many.
 * Entries (`peers`, `output` and CHAT) are in entry.ts.
 */
import * as v from 'valibot';
import { isDialable } from './address.ts';
import {
  addressesSchema,
  decodeEntry,
  decodeOffer,
  fromOne,
  idSchema,
  keySchema,
  membersSchema,
  nameSchema,
  parseJson,
  signatureSchema,
  utf8,
  whole,
  type Entry,
  type Offer,
} from './entry.ts';
import { hashOf } from './cover.ts';
import type { BoxKey, Crypto, PersonKey } from './crypto.ts';
import { ProtocolError, type ProtocolCode, type RefusalCode } from './errors.ts';
import { Decoder, encodeFrame, type Frame } from './frame.ts';
import { limits } from './limits.ts';
import type { Extent, Reign } from './extent.ts';
import type { Snapshot } from './log.ts';
import type { Act } from './rules.ts';
import { coordinatorOf, type PeerId } from './view.ts';

/** What a peer says of itself to be let in. */
export interface Auth extends Extent {
  readonly version: number;
  readonly name: string;
  readonly addresses: readonly string[];
  /** The id of the room it belongs to; null for a newcomer, who takes any. */
  readonly room: string | null;
  /** The person's key, and that of the process: its id follows from both (identity.ts). */
  readonly key: PersonKey;
  readonly box: BoxKey;
  /** The person's word for that key and that name. */
  readonly vouch: string;
  /** That it is this person who speaks, on this link. */
  readonly proof: string;
  /** True when a member carries this link: the address that is seen is that one's. */
  readonly relayed?: boolean | undefined;
  /** Present when the peer coordinates a part of the room itself: the ids of that part. */
  readonly coordinates: readonly PeerId[] | null;
}

export interface Welcome {
  readonly room: string;
  /** Drop what you hold beyond this seq. 0: drop everything; a `snapshot` to begin with follows. */
  readonly keep: number;
  /** The coordinator's last seq: entries up to it are history. */
  readonly last: number;
  /** That it is the coordinator who speaks, on this link. */
  readonly proof: string;
}

/** Who holds a line. */
export interface Seen {
  readonly seq: number;
  /** How many of the other members hold it, and how many there are. */
  readonly have: number;
  readonly of: number;
  /** Who lacks it; so many are named and no more. */
  readonly lack: readonly PeerId[];
}

/** A name that a member asked for and is not given. */
export interface Denial {
  readonly name: string;
  readonly code: Extract<RefusalCode, 'name-taken' | 'name-invalid' | 'room-full'> | 'too-soon';
  /** With `name-taken`: a name that is free. */
  readonly free?: string;
}

export interface Refusal {
  readonly code: RefusalCode | ProtocolCode;
  readonly message: string;
  /** With `name-taken`: a name that is free. */
  readonly free?: string;
  /** With `other-room`: the room that this is. */
  readonly room?: string;
  /** With `stay`: the ids of this part of the room, its coordinator's first. */
  readonly coordinates?: readonly PeerId[];
  /** With `stay`: the common position of the two logs. */
  readonly common?: number;
  /** With `stay`: who says so, the first of `coordinates`. */
  readonly key?: PersonKey;
  readonly box?: BoxKey;
  readonly proof?: string;
  /** With `kicked` and `banned`: the act by which it is so. */
  readonly act?: Act;
}

/** What a server says. */
export type ServerMessage =
  | { readonly kind: 'connected' }
  /** What a proof answers. */
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'coordinator'; readonly addresses: readonly string[] }
  | { readonly kind: 'electing'; readonly ms: number }
  | ({ readonly kind: 'welcome' } & Welcome)
  | ({ readonly kind: 'refused' } & Refusal)
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }
  | { readonly kind: 'fetch'; readonly after: number }
  | { readonly kind: 'ping' }
  | ({ readonly kind: 'seen' } & Seen)
  | ({ readonly kind: 'denied' } & Denial)
  /** Something sealed, which that member is said to have sent. */
  | { readonly kind: 'told'; readonly from: PeerId; readonly sealed: string }
  | { readonly kind: 'entry'; readonly entry: Entry; readonly frame: Frame };

/** What a client says. */
export type ClientMessage =
  | ({ readonly kind: 'auth' } & Auth)
  /** `asked`: the place of a line of its own; it wants to know who holds it. */
  | { readonly kind: 'pong'; readonly seq: number; readonly asked?: number }
  | { readonly kind: 'offer'; readonly offer: Offer; readonly body: Uint8Array }
  | { readonly kind: 'held'; readonly entry: Entry; readonly frame: Frame }
  /** Something sealed to that member. */
  | { readonly kind: 'tell'; readonly to: PeerId; readonly sealed: string }
  /** It wants to be called so; `vouch`: the person's word for that name. */
  | { readonly kind: 'name'; readonly name: string; readonly vouch: string }
  | { readonly kind: 'leave' }
  /** One that was sent to the coordinator, and does not get there, asks to be carried. */
  | { readonly kind: 'through' }
  /** An `auth` of a version that this one cannot read. */
  | { readonly kind: 'other-version'; readonly version: number };

const lineageSchema = v.pipe(
  v.array(v.strictTuple([fromOne, idSchema, fromOne])),
  v.maxLength(limits.lineageMax),
  v.check((reigns) => reigns.every(([epoch, , first], at) => rises(reigns[at - 1], epoch, first))),
);
export const roomSchema = v.pipe(v.string(), v.regex(/^[0-9a-z]{10}$/));
const partSchema = v.pipe(v.array(idSchema), v.maxLength(limits.membersMax));
const authSchema = v.strictObject({
  version: whole,
  name: v.pipe(v.string(), v.maxLength(limits.strangerBodyBytesMax)),
  addresses: addressesSchema,
  room: v.nullable(roomSchema),
  key: keySchema,
  box: keySchema,
  vouch: signatureSchema,
  proof: signatureSchema,
  lineage: lineageSchema,
  first: fromOne,
  last: whole,
  coordinates: v.nullable(partSchema),
  relayed: v.optional(v.boolean()),
});
const welcomeSchema = v.strictObject({ room: roomSchema, keep: whole, last: whole, proof: signatureSchema });
const seenSchema = v.pipe(
  v.strictObject({
    seq: fromOne,
    have: whole,
    of: whole,
    lack: v.pipe(v.array(idSchema), v.maxLength(limits.lackMax)),
  }),
  v.check(({ have, of }) => have <= of),
);
const calledSchema = v.pipe(v.string(), v.maxLength(limits.nameBytesMax));
/** Judged as the name in an `auth` is, and answered. */
const wishSchema = v.strictObject({ name: calledSchema, vouch: signatureSchema });
const deniedSchema = v.strictObject({
  name: calledSchema,
  code: v.pipe(v.string(), v.regex(/^[a-z-]{1,32}$/)),
  free: v.optional(nameSchema),
});
/** Its author's id and keys, the number, the time, the text and the signature. */
const actSchema = v.strictTuple([
  idSchema,
  keySchema,
  keySchema,
  fromOne,
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.timeMax)),
  v.pipe(v.string(), v.maxLength(limits.actChars)),
  signatureSchema,
]);
/** The same, of a note (notes.ts). */
const noteSchema = v.strictTuple([
  idSchema,
  keySchema,
  keySchema,
  fromOne,
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.timeMax)),
  v.pipe(v.string(), v.maxLength('topic '.length + limits.noteBytesMax)),
  signatureSchema,
]);
const refusedSchema = v.strictObject({
  code: v.pipe(v.string(), v.regex(/^[a-z-]{1,32}$/)),
  message: v.pipe(v.string(), v.maxLength(500)),
  free: v.optional(nameSchema),
  room: v.optional(roomSchema),
  coordinates: v.optional(partSchema),
  common: v.optional(whole),
  key: v.optional(keySchema),
  box: v.optional(keySchema),
  proof: v.optional(signatureSchema),
  act: v.optional(actSchema),
});
/** A room that goes on from a snapshot has as many numbers before it as one that began from 1. */
const half = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.countMax / 2));
const snapshotSchema = v.strictObject({
  epoch: half,
  seq: half,
  count: half,
  founder: v.nullable(v.strictTuple([keySchema, keySchema])),
  acts: v.pipe(v.array(actSchema), v.maxLength(limits.actsMax)),
  notes: v.pipe(v.array(noteSchema), v.maxLength(limits.notesMax)),
  members: membersSchema,
  authors: v.pipe(v.array(v.strictTuple([idSchema, fromOne])), v.maxLength(limits.authorsMax + limits.membersMax)),
  ranges: v.pipe(v.array(v.strictTuple([idSchema, fromOne, keySchema])), v.maxLength(limits.rangesMax)),
  lineage: lineageSchema,
});

function rises(before: readonly [number, string, number] | undefined, epoch: number, first: number): boolean {
  return before === undefined || (epoch > before[0] && first > before[2]);
}

const actTuple = ({ author, key, box, n, time, text, signature }: Act): v.InferOutput<typeof actSchema> => {
  return [author, key, box, n, time, text, signature];
};
const actFrom = ([author, key, box, n, time, text, signature]: v.InferOutput<typeof actSchema>): Act => {
  return { author, key, box, n, time, text, signature };
};
const tuples = (lineage: readonly Reign[]): unknown => lineage.map((r) => [r.epoch, r.coordinator, r.first]);
const reigns = (lineage: readonly (readonly [number, string, number])[]): Reign[] =>
  lineage.map(([epoch, coordinator, first]) => ({ epoch, coordinator, first }));

/** A SYSTEM frame. A server's sender id is blank. */
function system(sender: string, body: string): Uint8Array {
  return encodeFrame(sender, 'SYSTEM', body);
}

/** Encodes what a server says, but for entries, which the log holds encoded. */
export const serverSays = {
  connected: (): Uint8Array => system('', 'connected'),
  challenge: (challenge: string): Uint8Array => system('', `challenge:${challenge}`),
  coordinator: (addresses: readonly string[]): Uint8Array => system('', `coordinator:${addresses.join(',')}`),
  electing: (ms: number): Uint8Array => system('', `electing:${ms}`),
  welcome: (welcome: Welcome): Uint8Array => system('', `welcome:${JSON.stringify(welcome)}`),
  refused: ({ act, ...refusal }: Refusal): Uint8Array => {
    const record = act === undefined ? refusal : { ...refusal, act: actTuple(act) };
    return system('', `refused:${JSON.stringify(record)}`);
  },
  fetch: (after: number): Uint8Array => system('', `fetch:${after}`),
  ping: (): Uint8Array => system('', 'ping'),
  seen: (seen: Seen): Uint8Array => system('', `seen:${JSON.stringify(seen)}`),
  denied: (denial: Denial): Uint8Array => system('', `denied:${JSON.stringify(denial)}`),
  told: (from: PeerId, sealed: string): Uint8Array => system('', `told:${from} ${sealed}`),
  snapshot: (snapshot: Snapshot, crypto: Crypto): Uint8Array => {
    const { seq, view, authors, ranges, lineage, founder } = snapshot;
    const { epoch, count, members } = view;
    const rules = {
      founder: founder && [founder.key, founder.box],
      acts: snapshot.acts.map(actTuple),
      notes: snapshot.notes.map(actTuple),
    };
    const open = Array.from(ranges, ([author, range]) => [author, range.from, hashOf(crypto, author, range)]);
    const record = {
      epoch,
      seq,
      count,
      ...rules,
      members,
      authors: [...authors],
      ranges: open,
      lineage: tuples(lineage),
    };
    return system('', `snapshot:${JSON.stringify(record)}`);
  },
};

/** Encodes what a client says; `id` is the sender's own. */
export const clientSays = {
  auth: (id: PeerId, auth: Auth): Uint8Array =>
    system(id, `auth:${JSON.stringify({ ...auth, lineage: tuples(auth.lineage) })}`),
  pong: (id: PeerId, seq: number, asked?: number): Uint8Array =>
    system(id, asked === undefined ? `pong:${seq}` : `pong:${seq} ${asked}`),
  tell: (id: PeerId, to: PeerId, sealed: string): Uint8Array => system(id, `tell:${to} ${sealed}`),
  name: (id: PeerId, name: string, vouch: string): Uint8Array => system(id, `name:${JSON.stringify({ name, vouch })}`),
  leave: (id: PeerId): Uint8Array => system(id, 'leave'),
  through: (id: PeerId): Uint8Array => system(id, 'through'),
  held: (id: PeerId, { sender, type, body }: Frame): Uint8Array => {
    const inner = encodeFrame(sender, type, body);
    const bytes = new Uint8Array(5 + inner.length);
    new TextEncoder().encodeInto('held:', bytes);
    bytes.set(inner, 5);
    return encodeFrame(id, 'SYSTEM', bytes);
  },
};

function unknownWord(word: string): never {
  // The word came from outside: only so much of it, and only what shows, goes into a message.
  throw new ProtocolError('word', `unexpected "${word.slice(0, 20).replace(/[^ -~]/g, '?')}"`);
}

function wholeNumber(word: string, rest: string): number {
  const number = Number(rest);
  if (!/^(0|[1-9]\d{0,15})$/.test(rest) || number > limits.countMax) {
    throw new ProtocolError('body', `${word} takes a whole number`);
  }
  return number;
}

/** Splits `word:rest` and checks that only words that take a rest have one. */
function split(body: string): { word: string; rest: string | undefined } {
  const colon = body.indexOf(':');
  return colon === -1 ? { word: body, rest: undefined } : { word: body.slice(0, colon), rest: body.slice(colon + 1) };
}

/** @throws ProtocolError for anything that a server must not say */
export function parseServer(frame: Frame): ServerMessage {
  const entry = decodeEntry(frame);
  if (entry !== undefined) return { kind: 'entry', entry, frame };
  const { word, rest } = split(utf8(frame.body));
  if (rest === undefined) {
    if (word === 'connected' || word === 'ping') return { kind: word };
    return unknownWord(word);
  }
  switch (word) {
    case 'coordinator': {
      const addresses = rest.split(',');
      if (addresses.length > limits.addressesMax || !addresses.every(isDialable)) {
        throw new ProtocolError('body', 'coordinator takes addresses');
      }
      return { kind: 'coordinator', addresses };
    }
    case 'challenge':
      if (!/^[\w-]{22}$/.test(rest)) throw new ProtocolError('body', 'a challenge has 22 characters');
      return { kind: 'challenge', challenge: rest };
    case 'electing':
      return { kind: 'electing', ms: wholeNumber(word, rest) };
    case 'fetch':
      return { kind: 'fetch', after: wholeNumber(word, rest) };
    case 'told': {
      const [from, sealed] = sealedIn(word, rest);
      return { kind: 'told', from, sealed };
    }
    case 'seen':
      return { kind: 'seen', ...parseJson(word, seenSchema, rest) };
    case 'denied': {
      const { code, ...given } = parseJson(word, deniedSchema, rest);
      // A code of a later version is passed on as it is.
      return { kind: 'denied', ...(given as Omit<Denial, 'code'>), code: code as Denial['code'] };
    }
    case 'welcome':
      return { kind: 'welcome', ...parseJson(word, welcomeSchema, rest) };
    case 'refused': {
      const { code, message, act, ...given } = parseJson(word, refusedSchema, rest);
      // Codes of a later version are passed on as they are: the message says what they mean.
      const refusal: Refusal = {
        code: code as Refusal['code'],
        message,
        ...(given as Omit<Refusal, 'code' | 'message' | 'act'>),
        ...(act === undefined ? {} : { act: actFrom(act) }),
      };
      return { kind: 'refused', ...refusal };
    }
    case 'snapshot': {
      const { seq, members, authors, ranges: open, lineage, ...given } = parseJson(word, snapshotSchema, rest);
      const { epoch, count, founder } = given;
      const view = { epoch, count, members };
      if (seq > 0 && coordinatorOf(view) === undefined)
        throw new ProtocolError('body', 'nobody can be dialled in this room');
      if ((members.at(-1)?.joined ?? 0) > count) throw new ProtocolError('body', 'a member is beyond the count');
      const ranges = new Map(open.map(([author, from, base]) => [author, { from, base, lines: [] }]));
      const lines = { authors: new Map(authors), ranges };
      const charter = { founder: founder && { key: founder[0], box: founder[1] }, acts: given.acts.map(actFrom) };
      const notes = given.notes.map(actFrom);
      return { kind: 'snapshot', snapshot: { ...charter, notes, seq, view, ...lines, lineage: reigns(lineage) } };
    }
    default:
      return unknownWord(word);
  }
}

/** @throws ProtocolError for anything that a client must not say */
export function parseClient(frame: Frame): ClientMessage {
  if (frame.type === 'CHAT') {
    const offer = decodeOffer(frame.body);
    // Who says it is known: a name is told only with the lines of those who are not here.
    if (offer.by !== undefined) throw new ProtocolError('body', 'an offer has no name');
    return { kind: 'offer', offer, body: frame.body };
  }
  if (startsWithHeld(frame.body)) return parseHeld(frame.body.subarray(5));
  const { word, rest } = split(utf8(frame.body));
  if ((word === 'leave' || word === 'through') && rest === undefined) return { kind: word };
  if (rest === undefined) return unknownWord(word);
  if (word === 'pong') {
    const [seq = '', asked, ...more] = rest.split(' ');
    if (more.length > 0) throw new ProtocolError('body', 'pong takes a whole number, or two');
    if (asked === undefined) return { kind: 'pong', seq: wholeNumber(word, seq) };
    return { kind: 'pong', seq: wholeNumber(word, seq), asked: wholeNumber(word, asked) };
  }
  if (word === 'tell') {
    const [to, sealed] = sealedIn(word, rest);
    return { kind: 'tell', to, sealed };
  }
  if (word === 'name') return { kind: 'name', ...parseJson(word, wishSchema, rest) };
  if (word !== 'auth') return unknownWord(word);
  const { version } = parseJson(word, v.looseObject({ version: whole }), rest);
  if (version !== limits.wireVersion) return { kind: 'other-version', version };
  const { lineage, ...auth } = parseJson(word, authSchema, rest);
  return { kind: 'auth', ...auth, lineage: reigns(lineage) };
}

/** An id and something sealed. */
function sealedIn(word: string, rest: string): readonly [PeerId, string] {
  const [, id, sealed] = rest.length > limits.memberBodyBytesMax ? [] : (/^([!-~]{1,10}) ([\w-]+)$/.exec(rest) ?? []);
  if (id === undefined || sealed === undefined)
    throw new ProtocolError('body', `${word} takes an id and what is sealed`);
  return [id, sealed];
}

function startsWithHeld(body: Uint8Array): boolean {
  return [0x68, 0x65, 0x6c, 0x64, 0x3a].every((byte, at) => body[at] === byte);
}

/** `held:` carries one whole entry as the frame that it is in the log. */
function parseHeld(body: Uint8Array): ClientMessage {
  const decoder = new Decoder();
  decoder.push(body);
  const frame = decoder.next();
  const entry = frame && decodeEntry(frame);
  if (frame === undefined || entry === undefined || frame.body.length + limits.headerBytes !== body.length) {
    throw new ProtocolError('body', 'held carries one entry');
  }
  return { kind: 'held', entry, frame };
}
