/** A system under test: how it is started, and how its clients speak. */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Codec, Role } from '../codecs/codec.ts';

export interface System {
  readonly name: string;
  /** What a reader of the numbers must know. */
  readonly note: string;
  /**
   * The program and its arguments, serving 127.0.0.1 at `port`.
   * @param folder where it may write
   * @returns undefined when the program is not installed
   */
  command(port: number, folder: string): readonly [string, ...string[]] | undefined;
  /** A codec for one more client. */
  codec(role: Role): Codec;
}

/** Where a program is, if it is installed; daemons are often outside of PATH. */
export function installed(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}
