/**
 * What the tables of several rooms are made of: bytes and texts, members and entries, and a way to run a decoder.
 */
import { ProtocolError, type ProtocolCode } from '../../src/core/errors.ts';
import { entryFrame, type ChatEntry, type Entry, type JoinedEntry, type PeersEntry } from '../../src/core/entry.ts';
import { Decoder, type Frame } from '../../src/core/frame.ts';
import type { Log } from '../../src/core/log.ts';
import type { Member } from '../../src/core/view.ts';
import { whoIs } from './toy.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The code of the ProtocolError that is thrown, or undefined. Any other exception is the test's failure. */
export function codeOf(run: () => unknown): ProtocolCode | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
  return undefined;
}

/** A frame whose body outlives the chunk that it came in. */
export interface Kept {
  readonly sender: string;
  readonly type: string;
  readonly body: number[];
}

function kept({ sender, type, body }: Frame): Kept {
  return { sender, type, body: [...body] };
}

/** Gives a decoder the chunks one by one. Each chunk is spoilt afterwards, as a socket may do with its buffers. */
export function decodeAll(chunks: Iterable<Uint8Array>, target: Decoder = new Decoder()): Kept[] {
  const frames: Kept[] = [];
  for (const chunk of chunks) {
    const own = chunk.slice();
    target.push(own);
    for (let frame = target.next(); frame !== undefined; frame = target.next()) frames.push(kept(frame));
    own.fill(0xff);
  }
  return frames;
}

/** The bytes in chunks that end at the places given, in any order. */
export function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.filter((place) => place < bytes.length), bytes.length].toSorted((a, b) => a - b);
  return ends.map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end));
}

export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The frames in whole bytes, in one go. */
export function framesIn(bytes: Uint8Array): Frame[] {
  const target = new Decoder();
  target.push(bytes);
  const frames: Frame[] = [];
  for (let frame = target.next(); frame !== undefined; frame = target.next()) frames.push(frame);
  return frames;
}

export function frameOf(sender: string, type: Frame['type'], body: string | Uint8Array): Frame {
  return { sender, type, body: typeof body === 'string' ? bytesOf(body) : body };
}

// --- People and entries ---

export function member(id: string, joined: number, addresses: readonly string[] = [`${id}.lan:6000`]): Member {
  return { id, name: id, addresses, joined, ...whoIs(id, id) };
}

export const [ann, bob, cat] = [member('ann', 1), member('bob', 2), member('cat', 3)];

export function reign(epoch: number, seq: number, members: readonly Member[] = [ann]): PeersEntry {
  const count = Math.max(...members.map(({ joined }) => joined));
  return { kind: 'peers', epoch, seq, time: 0, count, members, lost: [] };
}

export function joining(epoch: number, seq: number, who: Member): JoinedEntry {
  return { kind: 'joined', epoch, seq, time: 0, member: who };
}

export function line(author: string, n: number, seq: number, given: Partial<ChatEntry> = {}): ChatEntry {
  return { kind: 'chat', epoch: 1, seq, author, n, time: 0, apart: false, text: `${author} ${n}`, ...given };
}

export function append(log: Log, ...entries: readonly Entry[]): void {
  for (const entry of entries) log.append(entry, entryFrame(entry));
}
