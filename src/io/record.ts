/**
 * The bytes of a journal file: a line with the version, then records. A record is a marker, `CRC-32 (8 hex digits) |
 * length in bytes (10)` in ASCII, and the bytes that were kept. The CRC covers the version, the length and the bytes.
 *
 * The marker (RS) stands nowhere but at the start of a record: inside of one it is escaped (DLE). So after damage the
 * next record is found by looking for a marker, every byte is judged once whatever the file holds, and nothing that
 * somebody says can pass for a record. Neither character may stand in a line of chat: in practice nothing is escaped.
 */
import { crc32 } from 'node:zlib';

const versionLine = 'groupchat journal 1\n';
const anyVersion = /^groupchat journal \d+\n/;
const marker = 0x1e;
const escape = 0x10;
/** An escaped byte shows with this bit turned. */
const turned = 0x40;
/** Marker, CRC, length. */
const lengthAt = 9;
const headerBytes = 19;
const lengthBytes = headerBytes - lengthAt;

/** What a new file begins with. */
export const fileStart: Uint8Array = Buffer.from(versionLine);
const seed = crc32(versionLine);

export interface Journal {
  /** Ours, of another version, or nothing that we have written. */
  readonly kind: 'ours' | 'version' | 'strange';
  /** What was kept, in order, null for each damaged stretch: views into the file, where nothing was escaped. */
  readonly pieces: readonly (Uint8Array | null)[];
  /** Where the record begins that the file ends inside of, or the length of the file. */
  readonly wholeBytes: number;
}

const digits = Uint8Array.from(Buffer.from('0123456789abcdef'));
/** The value of a hex digit, 255 for other bytes. */
const values = new Uint8Array(256).fill(255);
digits.forEach((digit, value) => (values[digit] = value));

export function encodeRecord(bytes: Uint8Array): Uint8Array {
  const body = escaped(bytes);
  const record = Buffer.allocUnsafe(headerBytes + body.length);
  record[0] = marker;
  record.write(String(body.length).padEnd(lengthBytes), lengthAt, 'latin1');
  record.set(body, headerBytes);
  let crc = crc32(record.subarray(lengthAt), seed);
  for (let at = lengthAt - 1; at > 0; at--, crc >>>= 4) record[at] = digits[crc & 15] as number;
  return record;
}

function escaped(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(marker) && !bytes.includes(escape)) return bytes;
  const into = new Uint8Array(2 * bytes.length);
  let end = 0;
  for (const byte of bytes) {
    const special = byte === marker || byte === escape;
    if (special) into[end++] = escape;
    into[end++] = special ? byte ^ turned : byte;
  }
  return into.subarray(0, end);
}

function plain(body: Uint8Array): Uint8Array {
  if (!body.includes(escape)) return body;
  const into = new Uint8Array(body.length);
  let end = 0;
  for (let at = 0; at < body.length; at++) {
    const byte = body[at] as number;
    into[end++] = byte === escape ? (body[++at] as number) ^ turned : byte;
  }
  return into.subarray(0, end);
}

/** Reads a whole file, whatever it holds, in linear time. */
export function decodeFile(file: Buffer): Journal {
  const whole = fileStart.length;
  const started = file.length >= whole && fileStart.every((byte, at) => file[at] === byte);
  const pieces: (Uint8Array | null)[] = [];
  let good = 0;
  let skipping = false;
  const skip = (): void => {
    if (!skipping) pieces.push(null);
    skipping = true;
  };
  let at = started ? whole : 0;
  let wholeBytes = file.length;
  while (at < file.length) {
    let next = at + 1;
    while (next < file.length && file[next] !== marker) next++;
    const promised = file[at] === marker ? recordBytes(file, at, next) : 0;
    if (promised > next - at && next === file.length) {
      wholeBytes = at;
      break;
    }
    if (promised === 0 || promised > next - at || !holds(file, at, at + promised)) {
      skip();
      at = next;
      continue;
    }
    pieces.push(plain(file.subarray(at + headerBytes, at + promised)));
    good++;
    skipping = false;
    at += promised;
  }
  if (started || good > 0) return { kind: 'ours', pieces, wholeBytes };
  const text = file.toString('latin1', 0, 2 * whole);
  if (versionLine.startsWith(text)) return { kind: 'ours', pieces: [], wholeBytes: 0 };
  return { kind: anyVersion.test(text) ? 'version' : 'strange', pieces: [], wholeBytes: file.length };
}

/** How long the record between `at` and `next` says that it is, 0 when that is not to be read. */
function recordBytes(file: Uint8Array, at: number, next: number): number {
  // The header itself is cut off: longer than what there is, in any case.
  if (next - at < headerBytes) return headerBytes;
  let length = 0;
  let index = at + lengthAt;
  for (; index < at + headerBytes; index++) {
    const digit = (file[index] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    length = 10 * length + digit;
  }
  return index === at + lengthAt ? 0 : headerBytes + length;
}

function holds(file: Uint8Array, at: number, end: number): boolean {
  let crc = 0;
  for (let index = at + 1; index < at + lengthAt; index++) {
    const value = values[file[index] as number] as number;
    if (value === 255) return false;
    crc = (crc << 4) | value;
  }
  return crc >>> 0 === crc32(file.subarray(at + lengthAt, end), seed);
}
