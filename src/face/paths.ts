/** Paths, as Tab completes them: folders, and files of the kinds that a room is written to. */
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { clean } from './screen.ts';

/**
 * What a path may go on as; folders end with a slash. The disk is read at once and not later: whoever presses Tab waits for
 * what it brings, and a key pressed after it must not come in before.
 */
export function pathsFrom(typed: string): string[] {
  const [, before = '', begun = ''] = /^([^]*\/)?([^]*)$/u.exec(typed) ?? [];
  const folder = before.startsWith('~/') ? join(homedir(), before.slice(2)) : resolve(before === '' ? '.' : before);
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((one) => one.isDirectory() || /\.(?:txt|jsonl)$/iu.test(one.name))
      .filter(({ name }) => name.startsWith(begun) && clean(name) === name)
      .filter(({ name }) => begun.startsWith('.') || !name.startsWith('.'))
      .map((one) => `${before}${one.name}${one.isDirectory() ? '/' : ''}`)
      .toSorted();
  } catch {
    // It is none, or not to be read.
    return [];
  }
}
