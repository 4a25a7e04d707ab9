/**
 * The past, when somebody asks for it: /history, /search and /export. What is found is the same on every face; how it
 * is set out is the face's affair.
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command, Range } from '../core/command.ts';
import type { Line } from '../core/step.ts';
import type { Past } from './face.ts';
import { clean } from './screen.ts';
import { count, said } from './text.ts';
import { dayOf, sinceOf, timeOf } from './time.ts';

/** /search shows so many lines. */
const matchesMax = 50;

export interface Found {
  /** What was found, in words. */
  readonly heading: string;
  /** Oldest first. */
  readonly lines: readonly Line[];
  /** What stands below the lines. */
  readonly end: string;
}

/** `command`: what was asked; `now`: the time of day, ms since 1970. */
export function find(past: Past, command: Extract<Command, { kind: 'history' | 'search' }>, now: number): Found {
  return command.kind === 'history' ? history(past, command.range, now) : search(past, command.text);
}

function history(past: Past, range: Range, now: number): Found {
  const end = 'end of history';
  if (range.kind === 'latest') {
    const lines = past.history({ count: range.count });
    return { heading: lines.length === 0 ? 'history: nothing yet' : `history: ${last(lines.length)}`, lines, end };
  }
  const since = sinceOf(range, now);
  const lines = past.history({ since });
  const when = dayOf(since) === dayOf(now) ? timeOf(since) : `${dayOf(since)} ${timeOf(since)}`;
  const found = lines.length === 0 ? 'nothing' : count(lines.length, 'line');
  return { heading: `history: ${found} since ${when}`, lines, end };
}

function search(past: Past, text: string): Found {
  const { lines, more } = past.search(text, matchesMax);
  const what = `"${clean(text)}"`;
  const end = 'end of search';
  if (lines.length === 0) return { heading: `search: nothing has ${what}`, lines, end };
  if (more === 0) return { heading: `search: ${count(lines.length, 'line')} with ${what}`, lines, end };
  return {
    heading: `search: ${last(lines.length)} with ${what}, ${more.toLocaleString('en')} more before them`,
    lines,
    end,
  };
}

function last(number: number): string {
  return number === 1 ? 'the last line' : `the last ${count(number, 'line')}`;
}

/** What was found, where nothing but lines can be shown. */
export function foundLines({ heading, lines }: Found): string[] {
  return [heading, ...lines.map((line) => `  ${dayOf(line.time)} ${timeOf(line.time)} ${said(line)}`)];
}

/** Exports the room. @returns what was done, in words. @throws ChatError */
export async function exportTo(
  past: Past,
  { file, signed }: Pick<Extract<Command, { kind: 'export' }>, 'file' | 'signed'>,
  now: number,
): Promise<string> {
  const ending = signed ? 'jsonl' : 'txt';
  const name = file ?? `groupchat-${past.room.replaceAll(/[^\w-]/gu, '')}-${dayOf(now)}.${ending}`;
  // No shell has seen this name.
  const path = name.startsWith('~/') ? join(homedir(), name.slice(2)) : resolve(name);
  const lines = await past.export(path, { signed });
  return `${count(lines, 'line')} ${lines === 1 ? 'was' : 'were'} written to ${clean(path)}${signed ? ': groupchat verify checks it' : ''}`;
}
