/**
 * The frame: `sender id (10) | type (10) | body length in bytes (10)` in ASCII, left-justified and padded with
 * spaces, then the body.
 *
 * The decoder takes any chunking, down to single bytes. It judges a header before it holds a byte of the body, and
 * holds only bytes that have really come, so a header that promises a megabyte costs nothing. Bodies that lie whole
 * in a chunk are views into it: who keeps one beyond the call copies it.
 */
import { ProtocolError } from './errors.ts';
import { limits } from './limits.ts';

export type FrameType = 'SYSTEM' | 'CHAT';

export interface Frame {
  /** The sender's id, or '' for a server. */
  readonly sender: string;
  readonly type: FrameType;
  readonly body: Uint8Array;
}

const { headerBytes, fieldBytes } = limits;
const space = 0x20;
const encoder = new TextEncoder();

const typeFields: Record<FrameType, string> = { SYSTEM: 'SYSTEM'.padEnd(fieldBytes), CHAT: 'CHAT'.padEnd(fieldBytes) };

function writeAscii(into: Uint8Array, at: number, text: string): void {
  // Faster than a TextEncoder for the few dozen characters of a header.
  for (let index = 0; index < text.length; index++) into[at + index] = text.charCodeAt(index);
}

/**
 * Writes a frame at `at`. Its body is `prefix`, which is ASCII, and then the bytes.
 * @returns the number of bytes written: `headerBytes` and the two lengths
 */
export function writeFrame(into: Uint8Array, at: number, { sender, type, body }: Frame, prefix = ''): number {
  const bodyBytes = prefix.length + body.length;
  const header = sender.padEnd(fieldBytes) + typeFields[type] + String(bodyBytes).padEnd(fieldBytes);
  writeAscii(into, at, header);
  writeAscii(into, at + headerBytes, prefix);
  into.set(body, at + headerBytes + prefix.length);
  return headerBytes + bodyBytes;
}

/** A whole frame; a string body is encoded as UTF-8. */
export function encodeFrame(sender: string, type: FrameType, text: string | Uint8Array): Uint8Array {
  const body = typeof text === 'string' ? encoder.encode(text) : text;
  const frame = new Uint8Array(headerBytes + body.length);
  writeFrame(frame, 0, { sender, type, body });
  return frame;
}

/** One write for many frames: each write to a socket costs as much as a thousand bytes. */
export function concat(frames: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(frames.reduce((sum, frame) => sum + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}

/** The length of the field at `at` without its padding. Only printable ASCII, then only spaces, may stand in it. */
function fieldLength(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let index = 0; index < fieldBytes; index++) {
    const byte = bytes[at + index] as number;
    if (byte === space) continue;
    if (byte < space || byte > 0x7e || index !== length) {
      throw new ProtocolError('header', 'a header field is not left-justified printable ASCII');
    }
    length++;
  }
  return length;
}

function fieldText(bytes: Uint8Array, at: number, length: number): string {
  let text = '';
  for (let index = at; index < at + length; index++) text += String.fromCharCode(bytes[index] as number);
  return text;
}

function bodyLength(bytes: Uint8Array, at: number, most: number): number {
  const digits = fieldLength(bytes, at);
  let length = 0;
  for (let index = at; index < at + digits; index++) {
    const digit = (bytes[index] as number) - 0x30;
    if (digit < 0 || digit > 9) throw new ProtocolError('length', 'the body length is not digits');
    length = length * 10 + digit;
  }
  if (digits === 0 || (digits > 1 && bytes[at] === 0x30)) {
    throw new ProtocolError('length', 'the body length is not a plain decimal number');
  }
  if (length > most) throw new ProtocolError('length', `a body of ${length} bytes is above the limit of ${most}`);
  return length;
}

const chatBytes = encoder.encode(typeFields.CHAT);
const systemBytes = encoder.encode(typeFields.SYSTEM);

function matches(bytes: Uint8Array, at: number, field: Uint8Array): boolean {
  for (let index = 0; index < fieldBytes; index++) if (bytes[at + index] !== field[index]) return false;
  return true;
}

/** Turns the bytes of one link into frames. Owned by its link and changed in place. */
export class Decoder {
  /** The longest body taken, in bytes. */
  bodyBytesMax: number;
  /** What has come of a frame that is not whole yet: the first `#restBytes` of a buffer that grows as bytes come. */
  #rest = new Uint8Array(0);
  #restBytes = 0;
  /** The bytes the unfinished frame needs, once its header is known. */
  #wanted = 0;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** What the last header said. */
  #type: FrameType = 'SYSTEM';
  #sender = '';
  #senderBytes = new Uint8Array(fieldBytes).fill(space);

  constructor(bodyBytesMax: number = limits.bodyBytesMax) {
    this.bodyBytesMax = bodyBytesMax;
  }

  /**
   * Gives the decoder the next bytes; take frames with `next` until there is none before giving more.
   * @throws ProtocolError as `next` does.
   */
  push(chunk: Uint8Array): void {
    if (this.#restBytes === 0) {
      this.#chunk = chunk;
      this.#at = 0;
      return;
    }
    this.#keep(chunk);
    if (this.#wanted === 0 && this.#restBytes >= headerBytes) {
      this.#chunk = this.#rest;
      this.#at = 0;
      this.#wanted = headerBytes + this.#judge();
    }
    if (this.#wanted === 0 || this.#restBytes < this.#wanted) return;
    this.#chunk = this.#rest.subarray(0, this.#restBytes);
    this.#at = 0;
    this.#rest = new Uint8Array(0);
    this.#restBytes = 0;
    this.#wanted = 0;
  }

  /**
   * The next whole frame, if there is one.
   * @throws ProtocolError when the bytes are no frame; the decoder must not be used again.
   */
  next(): Frame | undefined {
    if (this.#restBytes > 0) return undefined;
    const chunk = this.#chunk;
    const left = chunk.length - this.#at;
    if (left === 0) return undefined;
    if (left >= headerBytes) {
      const body = this.#at + headerBytes;
      const end = body + this.#judge();
      if (end <= chunk.length) {
        this.#at = end;
        return { sender: this.#sender, type: this.#type, body: chunk.subarray(body, end) };
      }
      this.#wanted = end - this.#at;
    }
    // Copied: the chunk may be large, and an unfinished frame must not keep it alive.
    this.#keep(chunk.subarray(this.#at));
    this.#chunk = this.#rest;
    this.#at = 0;
    return undefined;
  }

  /** The bytes that were given and are no frame yet; the decoder has them no more. */
  rest(): Uint8Array {
    const bytes = this.#restBytes > 0 ? this.#rest.subarray(0, this.#restBytes) : this.#chunk.subarray(this.#at);
    this.#rest = new Uint8Array(0);
    this.#restBytes = 0;
    this.#wanted = 0;
    this.#chunk = this.#rest;
    this.#at = 0;
    return bytes;
  }

  #keep(bytes: Uint8Array): void {
    const needed = this.#restBytes + bytes.length;
    if (needed > this.#rest.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#restBytes));
      grown.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = grown;
    }
    this.#rest.set(bytes, this.#restBytes);
    this.#restBytes = needed;
  }

  /** Judges the whole header at the read position, and returns the length of its body in bytes. */
  #judge(): number {
    const chunk = this.#chunk;
    const at = this.#at;
    // The same sender stands in frame after frame: comparing ten bytes is cheaper than making a string.
    if (!matches(chunk, at, this.#senderBytes)) {
      this.#sender = fieldText(chunk, at, fieldLength(chunk, at));
      this.#senderBytes = chunk.slice(at, at + fieldBytes);
    }
    if (matches(chunk, at + fieldBytes, chatBytes)) this.#type = 'CHAT';
    else if (matches(chunk, at + fieldBytes, systemBytes)) this.#type = 'SYSTEM';
    else {
      const found = fieldText(chunk, at + fieldBytes, fieldLength(chunk, at + fieldBytes));
      throw new ProtocolError('type', `expected the type SYSTEM or CHAT, got "${found}"`);
    }
    return bodyLength(chunk, at + 2 * fieldBytes, this.bodyBytesMax);
  }
}
