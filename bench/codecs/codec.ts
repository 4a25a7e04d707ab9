/**
 * A codec: how one client of one system writes lines and reads them. Written by hand, and just enough to count lines
 * exactly, so that the load generator costs about the same for every system.
 *
 * What is written is a string of latin1, one character for one byte. Every text is ASCII and exactly `textBytes` long:
 * so wherever a line ends, its text is what stands in the last `textBytes` before.
 */

import type { Keyring } from '../../src/io/keyring.ts';

/** The length of every line's text, in bytes and in characters. */
export const textBytes = 100;

/** The sender only says lines; a receiver gets them. Where a protocol has no such difference, both get them. */
export type Role = 'sender' | 'receiver';

/** What a codec tells of the bytes that came. */
export interface Ear {
  /** The client is in: from here on it gets every line. */
  ready(): void;
  /** A line came; its text starts at `at`. */
  line(bytes: Buffer, at: number): void;
  /** The other side wants an answer. */
  answer(bytes: string | Uint8Array): void;
}

export interface Codec {
  /** How the connection is encrypted, if it is. */
  readonly keyring?: Keyring;
  /**
   * What to say as soon as the connection is open; '' when the server speaks first. `channel` is what only its two ends
   * know, '' without encryption.
   */
  opening(channel: string): string;
  /** The bytes that say a line so many times, one after the other. */
  lines(text: string, times: number): string | Uint8Array;
  /**
   * Reads every whole message in `bytes`.
   * @returns how many bytes they took: the rest is given again, with more behind it
   * @throws Error with what the server said, when it refuses
   */
  read(bytes: Buffer, ear: Ear): number;
}

/** Says a text so often, where a line stands for itself. */
export function repeated(line: (text: string) => string): Codec['lines'] {
  return (text, times) => {
    let bytes = '';
    for (let time = 0; time < times; time++) bytes += line(text);
    return bytes;
  };
}

/** The number in decimal digits at `at`, up to `end` or the first byte that is no digit. */
export function decimal(bytes: Buffer, at: number, end: number): number {
  let number = 0;
  for (let index = at; index < end; index++) {
    const digit = (bytes[index] as number) - 0x30;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}
