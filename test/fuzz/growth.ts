/**
 * `npm run fuzz -- --growth`: how the time that each reader takes grows with what it is given. A clock is no judge, so
 * nothing fails here: a line tells the time for the longest input, and how it grew when that was doubled (2 is linear).
 */
import { performance } from 'node:perf_hooks';
import { parseCommand, completions } from '../../src/core/command.ts';
import { decodeEntry } from '../../src/core/entry.ts';
import { Decoder, encodeFrame } from '../../src/core/frame.ts';
import { parseInvite, parseKey, withoutKeys } from '../../src/core/invite.ts';
import { lineFault } from '../../src/core/line.ts';
import { limits } from '../../src/core/limits.ts';
import { parseClient, parseServer } from '../../src/core/message.ts';
import { nameFault, nameKey } from '../../src/core/name.ts';
import { clean } from '../../src/face/screen.ts';
import { decodeFile } from '../../src/io/record.ts';
import { orCode } from './wire.ts';

/** What is repeated until it is long enough. */
const nasty = [
  'a',
  ' ',
  '\t',
  '[',
  '{"a":',
  '"__proto__":1,',
  ':',
  ',',
  '/#',
  '-',
  '_',
  "'",
  '\u0300',
  '\u200d',
  '\ufe0f',
  '\u{1f468}\u200d',
  '\u0628\u200c',
  '\u{1f1e6}',
  'ä',
  '각',
  '\u1100',
  '\r\n',
  '\u202e',
  '\x1e',
  '\x10',
  '1',
  '\\u0000',
  'gc://',
  '\u{1f3fb}',
  '\u0915\u094d',
];

interface Reader {
  readonly name: string;
  /** The longest that it is given, in bytes. */
  readonly most: number;
  read(text: string): unknown;
}

const system = (word: string, text: string) => encodeFrame('aaaaaaaaaa', 'SYSTEM', `${word}:${text}`);
const frameOf = (bytes: Uint8Array) => ({
  sender: 'aaaaaaaaaa',
  type: 'SYSTEM' as const,
  body: bytes.subarray(limits.headerBytes),
});

const readers: readonly Reader[] = [
  { name: 'auth', most: limits.strangerBodyBytesMax, read: (text) => parseClient(frameOf(system('auth', text))) },
  { name: 'held', most: limits.memberBodyBytesMax, read: (text) => parseClient(frameOf(system('held', text))) },
  { name: 'snapshot', most: limits.bodyBytesMax, read: (text) => parseServer(frameOf(system('snapshot', text))) },
  { name: 'coordinator', most: limits.bodyBytesMax, read: (text) => parseServer(frameOf(system('coordinator', text))) },
  { name: 'peers', most: limits.bodyBytesMax, read: (text) => decodeEntry(frameOf(system('peers', text))) },
  {
    name: 'frames, byte by byte',
    most: limits.bodyBytesMax,
    read: (text) => {
      const decoder = new Decoder();
      for (const byte of system('x', text)) {
        decoder.push(Uint8Array.of(byte));
        decoder.next();
      }
    },
  },
  { name: 'records', most: limits.bodyBytesMax, read: (text) => decodeFile(Buffer.from(text)) },
  { name: 'nameFault', most: limits.strangerBodyBytesMax, read: nameFault },
  { name: 'nameKey', most: limits.nameBytesMax, read: nameKey },
  { name: 'clean', most: limits.lineBytesMax, read: clean },
  { name: 'lineFault', most: limits.bodyBytesMax, read: lineFault },
  { name: 'parseCommand', most: limits.bodyBytesMax, read: parseCommand },
  { name: 'completions', most: limits.bodyBytesMax, read: (text) => completions(`${text} x`, ['bob']) },
  { name: 'parseInvite', most: limits.bodyBytesMax, read: parseInvite },
  { name: 'parseKey', most: limits.keyFileBytesMax, read: parseKey },
  { name: 'withoutKeys', most: limits.keyFileBytesMax, read: withoutKeys },
];

function took(reader: Reader, part: string, bytes: number): number {
  const text = part.repeat(Math.floor(bytes / Buffer.byteLength(part)));
  const began = performance.now();
  orCode(() => reader.read(text));
  return performance.now() - began;
}

/** A line for each reader: the input that takes it longest. */
export function* growth(): Generator<string> {
  for (const reader of readers) {
    let worst = { ms: -1, part: '', times: 0 };
    for (const part of nasty) {
      const half = took(reader, part, reader.most / 2);
      // What takes no time grows by chance.
      const ms = Math.min(took(reader, part, reader.most), took(reader, part, reader.most));
      if (ms > worst.ms) worst = { ms, part, times: ms / half };
    }
    const kind = JSON.stringify(worst.part).replaceAll(
      /[^ -~]/gu,
      (one) => `U+${(one.codePointAt(0) ?? 0).toString(16)} `,
    );
    yield `${reader.name.padEnd(22)} ${String(reader.most).padStart(8)} bytes ${worst.ms.toFixed(1).padStart(8)} ms, x${worst.times.toFixed(1)} when doubled, of ${kind}`;
  }
}
