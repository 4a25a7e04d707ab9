/**
 * Entries: what stands in the room's log.
 *
 * A position is `(epoch, seq)`: `seq` counts every entry of the room from 1, without gaps; `epoch` says under which
 * coordinator it was given. `(author, n)` names a line for ever, wherever it stands: `author` is the id of the process
 * that it was typed into, `n` that process' own count from 1.
 *
 * An entry travels and is kept as one frame, encoded once by the coordinator:
 * - a line: type CHAT, its author's id as the sender, body `epoch seq n time marks cover text`. A line said apart tells
 *   who its author is behind the marks (`a:bob:key:box`), since that may be known to nobody here. The offer that a member
 *   sends is the same without the first two words, so sequencing is putting two numbers in front. What an author says
 *   other than a line is of the same kind, with a mark: so it is numbered, signed, kept and offered again like one.
 * - the start of a reign: SYSTEM, `peers:{…}`, the whole view.
 * - a change of the view: SYSTEM, `output:{…}`, who joined or left, has another name, or hands over.
 */
import * as v from 'valibot';
import { isDialable } from './address.ts';
import { ProtocolError } from './errors.ts';
import type { Frame } from './frame.ts';
import { limits } from './limits.ts';
import { nameFault } from './name.ts';
import {
  asYoungest,
  withMember,
  withName,
  withoutMember,
  type Member,
  type PeerId,
  type Person,
  type View,
} from './view.ts';

export interface Position {
  readonly epoch: number;
  readonly seq: number;
}

/** Why somebody is no longer in the room. */
export type Why =
  | 'left' // said goodbye
  | 'handover' // said goodbye as the coordinator
  | 'kicked' // was put out
  | 'ended' // its process is gone: its port refuses
  | 'silent' // it does not answer
  | 'cut' // it answers, but could not get back in
  | 'slow' // it fell too far behind
  | 'flood'; // it said too much for too long

/** Whoever said goodbye, or was told it, is not waited for. */
export function saidGoodbye(why: Why): boolean {
  return why === 'left' || why === 'handover' || why === 'kicked';
}

/** A signature of an author over its lines from one number on, up to the line that carries it (cover.ts). */
export interface Cover {
  readonly from: number;
  /** Ed25519, 86 characters of base64url. */
  readonly signature: string;
}

/** What an author says of one line. */
export interface Offer {
  /** The author's own count, from 1. */
  readonly n: number;
  /** When it was typed, ms since 1970 by the author's clock: for reading only. */
  readonly time: number;
  /** True for a line that was said in another part of the room, and came in when the parts met. */
  readonly apart: boolean;
  /** Who its author is, on a line said apart, if that was known. */
  readonly by?: Person | undefined;
  /** Left out on a line to be shown. A `seal` has no text, and only carries a signature; an `act` changes the room's rules. */
  readonly what?: 'seal' | 'act' | undefined;
  readonly cover?: Cover | undefined;
  readonly text: string;
}

export interface ChatEntry extends Position, Offer {
  readonly kind: 'chat';
  readonly author: PeerId;
}

/**
 * Puts lines so that each author's numbers rise, as a log has them: each place stays its author's, and goes to the next
 * of that author's numbers.
 */
export function rising<T>(lines: readonly T[], author: (line: T) => PeerId, n: (line: T) => number): T[] {
  const queues = new Map<PeerId, T[]>();
  for (const line of lines.toSorted((a, b) => n(b) - n(a))) {
    const queue = queues.get(author(line));
    if (queue === undefined) queues.set(author(line), [line]);
    else queue.push(line);
  }
  return lines.map((line) => queues.get(author(line))?.pop() as T);
}

/** A new coordinator: the earliest of `members`. */
export interface PeersEntry extends Position {
  readonly kind: 'peers';
  readonly time: number;
  readonly count: number;
  readonly members: readonly Member[];
  /** Who was in the view before and is not now. */
  readonly lost: readonly { readonly id: PeerId; readonly why: Why }[];
}

export interface JoinedEntry extends Position {
  readonly kind: 'joined';
  readonly time: number;
  readonly member: Member;
}

export interface LeftEntry extends Position {
  readonly kind: 'left';
  readonly time: number;
  readonly id: PeerId;
  readonly why: Why;
}

/** A member is called otherwise from here on. Its place in the join order stays. */
export interface RenamedEntry extends Position {
  readonly kind: 'renamed';
  readonly time: number;
  readonly id: PeerId;
  readonly name: string;
  /** The person's word for that name, as a member's. */
  readonly vouch: string;
}

/** Whoever coordinates hands over and stays: it is the youngest from here on, so the next one coordinates. */
export interface HandedEntry extends Position {
  readonly kind: 'handed';
  readonly time: number;
  readonly id: PeerId;
  /** Its new place in the join order. */
  readonly joined: number;
}

export type Entry = ChatEntry | PeersEntry | JoinedEntry | LeftEntry | RenamedEntry | HandedEntry;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const space = 0x20;
const colon = 0x3a;

/** @throws ProtocolError `body` for bytes that are not UTF-8 */
export function utf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new ProtocolError('body', 'a body is not UTF-8');
  }
}

// --- Lines ---

/** Reads `count` decimal numbers, each followed by one space, from the start of a body. */
function leadingNumbers(body: Uint8Array, count: number): { numbers: number[]; at: number } {
  const numbers: number[] = [];
  let at = 0;
  while (numbers.length < count) {
    let number = 0;
    const start = at;
    for (; at < body.length && body[at] !== space; at++) {
      const digit = (body[at] as number) - 0x30;
      // Sixteen digits hold every safe integer.
      if (digit < 0 || digit > 9 || at - start >= 16)
        throw new ProtocolError('body', 'a line starts with plain numbers');
      number = number * 10 + digit;
    }
    const padded = at > start + 1 && body[start] === 0x30;
    if (at === start || padded || at === body.length || number > Number.MAX_SAFE_INTEGER) {
      throw new ProtocolError('body', 'a line starts with plain numbers');
    }
    numbers.push(number);
    at++;
  }
  return { numbers, at };
}

/** One word of a line: where it begins, and where the space or the colon stands that ends it. */
function wordEnd(body: Uint8Array, at: number, end: number): number {
  const found = body.indexOf(end, at);
  if (found === -1) throw new ProtocolError('body', 'a line has marks, a cover and a text');
  return found;
}

/**
 * Reads `marks cover text`: marks are `-` for none, or letters, of which `a` means apart, `s` a seal and `m` an act;
 * unknown letters mean nothing. Who the author is may follow behind a colon.
 */
function marksAndText(
  body: Uint8Array,
  at: number,
  n: number,
): Pick<Offer, 'apart' | 'by' | 'what' | 'cover' | 'text'> {
  let end = at;
  let apart = false;
  let what: Offer['what'];
  for (; end < body.length && body[end] !== space && body[end] !== colon; end++) {
    const byte = body[end] as number;
    if (byte === 0x61) apart = true;
    else if (byte === 0x73) what = 'seal';
    else if (byte === 0x6d) what ??= 'act';
    else if (byte !== 0x2d && (byte < 0x61 || byte > 0x7a))
      throw new ProtocolError('body', 'marks are - or small letters');
  }
  if (end === at || end - at > 26) throw new ProtocolError('body', 'a line has marks');
  let by: Person | undefined;
  if (body[end] === colon) {
    const start = end + 1;
    end = wordEnd(body, start, space);
    by = personIn(body.subarray(start, end));
  }
  const coverAt = end + 1;
  end = wordEnd(body, coverAt, space);
  const cover = coverIn(body.subarray(coverAt, end));
  if (cover !== undefined && cover.from > n) throw new ProtocolError('body', 'a cover goes back, and not ahead');
  const textBytes = body.length - end - 1;
  if (textBytes < 1 && what !== 'seal') throw new ProtocolError('body', 'a line has a text');
  if (what === 'act' && cover?.from !== n) throw new ProtocolError('body', 'an act is signed alone');
  if (what === 'seal' && (textBytes > 0 || cover === undefined)) throw new ProtocolError('body', 'a seal is a cover');
  if (textBytes > limits.lineBytesMax) {
    throw new ProtocolError('line', `a line of ${textBytes} bytes is above the limit of ${limits.lineBytesMax}`);
  }
  const text = utf8(body.subarray(end + 1));
  return {
    apart,
    ...(by === undefined ? {} : { by }),
    ...(what === undefined ? {} : { what }),
    ...(cover === undefined ? {} : { cover }),
    text,
  };
}

const keyShape = /^[\w-]{43}$/;
const signatureShape = /^[\w-]{86}$/;

/** `name:key:box`: no name has a colon. */
function personIn(bytes: Uint8Array): Person {
  const [name = '', key = '', box = '', ...more] = bytes.length > limits.personBytesMax ? [] : utf8(bytes).split(':');
  if (nameFault(name) !== undefined || !keyShape.test(key) || !keyShape.test(box) || more.length > 0) {
    throw new ProtocolError('body', 'what stands behind the marks is nobody');
  }
  return { name, key, box };
}

/** `-`, or `from.signature`. */
function coverIn(bytes: Uint8Array): Cover | undefined {
  if (bytes.length === 1 && bytes[0] === 0x2d) return undefined;
  const [from = '', signature = '', ...more] = bytes.length > limits.coverBytesMax ? [] : utf8(bytes).split('.');
  if (!/^[1-9]\d{0,15}$/.test(from) || !signatureShape.test(signature) || more.length > 0) {
    throw new ProtocolError('body', 'a cover is - or a number and a signature');
  }
  return { from: checkCount(Number(from)), signature };
}

function checkCount(number: number | undefined): number {
  if (number !== undefined && number >= 1 && number <= limits.countMax) return number;
  throw new ProtocolError('body', `counts go from 1 to ${limits.countMax}`);
}

function checkTime(number: number | undefined): number {
  if (number !== undefined && number <= limits.timeMax) return number;
  throw new ProtocolError('body', `times go up to ${limits.timeMax}`);
}

/** The body of the CHAT frame in which a member offers a line. */
export function encodeOffer(offer: Offer): Uint8Array {
  return encoder.encode(offerText(offer));
}

function offerText({ n, time, apart, by, what, cover, text }: Offer): string {
  const marks = `${apart ? 'a' : ''}${what === undefined ? '' : whatMarks[what]}` || '-';
  const who = by === undefined ? '' : `:${by.name}:${by.key}:${by.box}`;
  return `${n} ${time} ${marks}${who} ${cover === undefined ? '-' : `${cover.from}.${cover.signature}`} ${text}`;
}

const whatMarks = { seal: 's', act: 'm' } as const;

/** What a coordinator puts in front of an offer to make it an entry: its position. */
export function linePrefix({ epoch, seq }: Position): string {
  return `${epoch} ${seq} `;
}

/** @throws ProtocolError `body` or `line` */
export function decodeOffer(body: Uint8Array): Offer {
  const { numbers, at } = leadingNumbers(body, 2);
  const n = checkCount(numbers[0]);
  return { n, time: checkTime(numbers[1]), ...marksAndText(body, at, n) };
}

// --- Changes of the view ---

export const whole = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.countMax));
export const fromOne = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(limits.countMax));
export const timeSchema = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.timeMax));
/** An id fits a header field, and is never empty. */
export const idSchema = v.pipe(v.string(), v.regex(/^[!-~]{1,10}$/));
export const nameSchema = v.pipe(
  v.string(),
  v.check((name) => nameFault(name) === undefined),
);
export const addressesSchema = v.pipe(
  v.array(v.pipe(v.string(), v.check(isDialable))),
  v.maxLength(limits.addressesMax),
);
export const keySchema = v.pipe(v.string(), v.regex(keyShape));
export const signatureSchema = v.pipe(v.string(), v.regex(signatureShape));
const memberSchema = v.strictObject({
  id: idSchema,
  name: nameSchema,
  addresses: addressesSchema,
  joined: fromOne,
  key: keySchema,
  box: keySchema,
  vouch: signatureSchema,
});
/** Earliest first, and everybody once. */
export const membersSchema = v.pipe(
  v.array(memberSchema),
  v.maxLength(limits.membersMax),
  v.check((members) => members.every((member, at) => at === 0 || member.joined > (members[at - 1] as Member).joined)),
  v.check((members) => new Set(members.map((member) => member.id)).size === members.length),
);
export const whySchema = v.picklist([
  'left',
  'handover',
  'kicked',
  'ended',
  'silent',
  'cut',
  'slow',
  'flood',
] satisfies Why[]);
const position = { epoch: fromOne, seq: fromOne };
const peersSchema = v.strictObject({
  ...position,
  time: timeSchema,
  count: fromOne,
  members: membersSchema,
  lost: v.pipe(v.array(v.strictObject({ id: idSchema, why: whySchema })), v.maxLength(limits.membersMax)),
});
const outputSchema = v.union([
  v.strictObject({ ...position, time: timeSchema, joined: memberSchema }),
  v.strictObject({ ...position, time: timeSchema, left: idSchema, why: whySchema }),
  v.strictObject({ ...position, time: timeSchema, renamed: idSchema, name: nameSchema, vouch: signatureSchema }),
  v.strictObject({ ...position, time: timeSchema, handed: idSchema, joined: fromOne }),
]);

/**
 * Parses the JSON behind a SYSTEM word.
 * @throws ProtocolError `body` when it is not what the word promises
 */
export function parseJson<Schema extends v.GenericSchema>(
  word: string,
  schema: Schema,
  json: string,
): v.InferOutput<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new ProtocolError('body', `${word} is not JSON`);
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  if (result.success) return result.output;
  // The path may hold names that came from outside: only so much of it, and only what shows.
  const path = (v.getDotPath(result.issues[0]) ?? 'the whole').slice(0, 60).replace(/[^ -~]/g, '?');
  throw new ProtocolError('body', `${word}: ${path} is not as documented`);
}

/** What an entry is as a frame. */
export function entryFrame(entry: Entry): Frame {
  if (entry.kind === 'chat') {
    const body = encoder.encode(linePrefix(entry) + offerText(entry));
    return { sender: entry.author, type: 'CHAT', body };
  }
  if (entry.kind === 'peers') {
    const { epoch, seq, time, count, members, lost } = entry;
    const json = JSON.stringify({ epoch, seq, time, count, members, lost });
    return { sender: '', type: 'SYSTEM', body: encoder.encode(`peers:${json}`) };
  }
  const { epoch, seq, time } = entry;
  const json = JSON.stringify({ epoch, seq, time, ...changeOf(entry) });
  return { sender: '', type: 'SYSTEM', body: encoder.encode(`output:${json}`) };
}

function changeOf(entry: Exclude<Entry, ChatEntry | PeersEntry>): Record<string, unknown> {
  switch (entry.kind) {
    case 'joined':
      return { joined: entry.member };
    case 'left':
      return { left: entry.id, why: entry.why };
    case 'renamed':
      return { renamed: entry.id, name: entry.name, vouch: entry.vouch };
    case 'handed':
      return { handed: entry.id, joined: entry.joined };
  }
}

/**
 * Reads an entry.
 * @returns undefined for a SYSTEM frame whose word names no entry
 * @throws ProtocolError `body` or `line`
 */
export function decodeEntry({ sender, type, body }: Frame): Entry | undefined {
  if (type === 'CHAT') {
    if (sender === '') throw new ProtocolError('sender', 'a line has an author');
    const { numbers, at } = leadingNumbers(body, 4);
    const [epoch, seq, n, time] = numbers as [number, number, number, number];
    checkCount(epoch);
    checkCount(seq);
    checkTime(time);
    return { kind: 'chat', epoch, seq, author: sender, n: checkCount(n), time, ...marksAndText(body, at, n) };
  }
  const text = utf8(body);
  if (text.startsWith('peers:')) return { kind: 'peers', ...parseJson('peers', peersSchema, text.slice(6)) };
  if (!text.startsWith('output:')) return undefined;
  const output = parseJson('output', outputSchema, text.slice(7));
  const { epoch, seq, time } = output;
  const at = { epoch, seq, time };
  if ('handed' in output) return { kind: 'handed', ...at, id: output.handed, joined: output.joined };
  if ('joined' in output) return { kind: 'joined', ...at, member: output.joined };
  if ('left' in output) return { kind: 'left', ...at, id: output.left, why: output.why };
  return { kind: 'renamed', ...at, id: output.renamed, name: output.name, vouch: output.vouch };
}

/** The view after an entry. */
export function applyToView(view: View, entry: Entry): View {
  switch (entry.kind) {
    case 'chat':
      return view;
    case 'peers':
      return { epoch: entry.epoch, count: entry.count, members: entry.members };
    case 'joined':
      return withMember(view, entry.member);
    case 'left':
      return withoutMember(view, entry.id);
    case 'renamed':
      return withName(view, entry.id, entry.name, entry.vouch);
    case 'handed':
      return asYoungest(view, entry.id, entry.joined);
  }
}
