/**
 * A codec: how one client of one system writes lines and reads them. Written by hand, and just enough to count lines
 * exactly, so that the load generator costs about the same for every system.
 *
 * What is written is a string of latin1, one character for one byte. Every text is ASCII and exactly `textBytes` long:
 * so wherever a line ends, its text is what stands in the last `textBytes` before.
 */

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
  answer(bytes: string): void;
}

export interface Codec {
  /** What to say as soon as the connection is open; '' when the server speaks first. */
  readonly opening: string;
  /** The bytes that say a line. */
  line(text: string): string;
  /**
   * Reads every whole message in `bytes`.
   * @returns how many bytes they took: the rest is given again, with more behind it
   * @throws Error with what the server said, when it refuses
   */
  read(bytes: Buffer, ear: Ear): number;
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
