/**
 * Testimony: a room as it is taken away so that anybody can check later, without the room, who said what (proof.ts).
 *
 * JSON lines. The first says which room it is, and from which seq to which it goes. Then come, in the order of the log,
 * all entries with what their authors' signatures are over. Who somebody is stands before the first line that needs it,
 * and before the first entry stand the ranges that were open there, each as the hash of its lines that came before.
 *
 * An act is never written: it may hold the key of a private room. It is signed alone, so no other line needs it for its
 * signature; that it was left out is said, so that nothing seems to be missing.
 *
 * A record has one spelling, that of `JSON.stringify`. Otherwise one with a field twice would be one thing to whoever
 * checks it, and another to whoever reads it.
 */
import * as v from 'valibot';
import { hashOf } from './cover.ts';
import type { Crypto } from './crypto.ts';
import {
  fromOne,
  idSchema,
  keySchema,
  nameSchema,
  parseJson,
  signatureSchema,
  timeSchema,
  whole,
  whySchema,
  type ChatEntry,
  type Entry,
} from './entry.ts';
import { ProtocolError } from './errors.ts';
import { subjectOf } from './history.ts';
import { limits } from './limits.ts';
import type { Log } from './log.ts';
import { roomSchema } from './message.ts';
import type { PeerId, Person } from './view.ts';

/** Somebody, and the word for it, if it is known. */
type Vouched = Person & { readonly vouch?: string };

const version = 1;
const kind = 'groupchat-export';
const place = { epoch: fromOne, seq: fromOne };
/** Of an author of whom nothing else is known it is the id. */
const calledSchema = v.union([nameSchema, idSchema]);
const encoder = new TextEncoder();
const textSchema = v.pipe(
  v.string(),
  v.check((text) => text !== '' && encoder.encode(text).length <= limits.lineBytesMax),
);
const coverSchema = v.strictObject({ from: fromOne, signature: signatureSchema });
const headerSchema = v.strictObject({
  kind: v.literal(kind),
  version: v.literal(version),
  /** What signatures are over begins with the wire version. */
  wire: v.literal(limits.wireVersion),
  room: roomSchema,
  from: fromOne,
  to: whole,
});
const author = { ...place, time: timeSchema, id: idSchema, n: fromOne, name: calledSchema };
const recordSchema = v.variant('kind', [
  headerSchema,
  v.strictObject({
    kind: v.literal('person'),
    id: idSchema,
    name: nameSchema,
    key: keySchema,
    box: keySchema,
    vouch: v.exactOptional(signatureSchema),
  }),
  /** A range that was open before the first entry: its first and its last number, and the hash of its lines. */
  v.strictObject({ kind: v.literal('open'), id: idSchema, from: fromOne, n: fromOne, hash: keySchema }),
  v.strictObject({
    kind: v.literal('line'),
    ...author,
    apart: v.boolean(),
    text: textSchema,
    cover: v.exactOptional(coverSchema),
  }),
  v.strictObject({ kind: v.literal('seal'), ...author, cover: coverSchema }),
  v.strictObject({ kind: v.literal('left-out'), ...place, id: idSchema, n: fromOne }),
  v.strictObject({
    kind: v.picklist(['coordinator', 'joined', 'renamed', 'handed']),
    ...place,
    time: timeSchema,
    id: idSchema,
    name: calledSchema,
  }),
  v.strictObject({
    kind: v.literal('left'),
    ...place,
    time: timeSchema,
    id: idSchema,
    name: calledSchema,
    why: whySchema,
  }),
]);

/** One line of the file. */
export type Testimony = v.InferOutput<typeof recordSchema>;

/** What stands in a line of the file, or what is wrong with it. */
export function readTestimony(text: string): Testimony | string {
  try {
    const record = parseJson('it', recordSchema, text);
    return JSON.stringify(JSON.parse(text)) === text ? record : 'it is not written as groupchat writes it';
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return 'it is not a line of a signed export';
  }
}

/**
 * The log, a line for each record, each ended by a newline.
 * @param people who authors are of whom the log does not say it
 */
export function* testify(
  log: Log,
  room: string,
  people: ReadonlyMap<PeerId, Person>,
  crypto: Crypto,
): Generator<string> {
  for (const record of records(log, room, people, crypto)) yield `${JSON.stringify(record)}\n`;
}

function* records(log: Log, room: string, people: ReadonlyMap<PeerId, Person>, crypto: Crypto): Generator<Testimony> {
  const { first, last: to } = log;
  yield { kind, version, wire: limits.wireVersion, room, from: first, to };
  const before = log.snapshotAt(first - 1);
  /** Who they are as the log has said so far, and what of it has been written. */
  const known = new Map<PeerId, Vouched>(before?.view.members.map((member) => [member.id, member]));
  const written = new Map<PeerId, Person>();
  function* introduce(id: PeerId): Generator<Testimony> {
    const person = known.get(id) ?? people.get(id);
    if (person === undefined || written.get(id) === person) return;
    const { name, key, box, vouch }: Vouched = person;
    written.set(id, person);
    yield { kind: 'person', id, name, key, box, ...(vouch === undefined ? {} : { vouch }) };
  }
  for (const [id, range] of before?.ranges ?? []) {
    yield* introduce(id);
    yield {
      kind: 'open',
      id,
      from: range.from,
      n: before?.authors.get(id) ?? range.from,
      hash: hashOf(crypto, id, range),
    };
  }
  for (const entry of log.entries(first)) {
    for (const [id, person] of named(entry, known)) {
      const one = known.get(id);
      // What nobody vouches for is not put in the place of what somebody does.
      if (one === undefined || (person.vouch !== undefined && one.vouch !== person.vouch)) known.set(id, person);
    }
    const id = entry.kind === 'chat' ? entry.author : subjectOf(entry);
    yield* introduce(id);
    const name = written.get(id)?.name ?? id;
    yield recordOf(entry, id, name);
  }
}

/** Whom an entry says more of than the id. */
function named(entry: Entry, known: ReadonlyMap<PeerId, Vouched>): (readonly [PeerId, Vouched])[] {
  if (entry.kind === 'peers') return entry.members.map((member) => [member.id, member]);
  if (entry.kind === 'joined') return [[entry.member.id, entry.member]];
  if (entry.kind === 'renamed') {
    const person = known.get(entry.id);
    return person === undefined ? [] : [[entry.id, { ...person, name: entry.name, vouch: entry.vouch }]];
  }
  return entry.kind === 'chat' && entry.by !== undefined ? [[entry.author, entry.by]] : [];
}

function recordOf(entry: Entry, id: PeerId, name: string): Testimony {
  const { epoch, seq, time } = entry;
  switch (entry.kind) {
    case 'chat':
      return saidOf(entry, id, name);
    case 'peers':
      return { kind: 'coordinator', epoch, seq, time, id, name };
    case 'joined':
      return { kind: 'joined', epoch, seq, time, id, name };
    case 'left':
      return { kind: 'left', epoch, seq, time, id, name, why: entry.why };
    case 'renamed':
    case 'handed':
      return { kind: entry.kind, epoch, seq, time, id, name };
  }
}

function saidOf({ epoch, seq, time, n, apart, what, text, cover }: ChatEntry, id: PeerId, name: string): Testimony {
  // Whatever it is that is not known here: only what is meant to be read goes out.
  if (what !== undefined && what !== 'seal') return { kind: 'left-out', epoch, seq, id, n };
  if (what === 'seal' && cover !== undefined) return { kind: 'seal', epoch, seq, time, id, n, name, cover };
  return { kind: 'line', epoch, seq, time, id, n, name, apart, text, ...(cover === undefined ? {} : { cover }) };
}
