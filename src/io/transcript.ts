/** A room taken away: its transcript, or what can be checked of it, in a new file. */
import { open } from 'node:fs/promises';
import { ChatError } from '../core/errors.ts';
import { transcript } from '../core/history.ts';
import type { Log } from '../core/log.ts';
import { errorCode, reason } from './disk.ts';

/** So many lines are written at a time. */
const chunkLines = 1000;

/**
 * Writes a log to a file that is not there yet: JSON lines if its name ends in `.jsonl`, else text.
 * @throws ChatError `store`
 */
export async function writeTranscript(file: string, log: Log): Promise<void> {
  return writeLines(file, transcript(log, /\.jsonl$/i.test(file) ? 'jsonl' : 'text'));
}

/**
 * Writes lines, each with its end, to a file that is not there yet.
 * @throws ChatError `store`
 */
export async function writeLines(file: string, lines: Iterable<string>): Promise<void> {
  // Taken at once: the log goes on while the disk is busy.
  const all = Array.from(lines);
  let handle;
  try {
    handle = await open(file, 'wx', 0o600);
    for (let at = 0; at < all.length; at += chunkLines) await handle.writeFile(all.slice(at, at + chunkLines).join(''));
  } catch (error) {
    if (errorCode(error) === 'EEXIST') throw new ChatError('store', `${file} is there already: choose another name`);
    const why = errorCode(error) === 'ENOENT' ? 'there is no such folder' : reason(error);
    throw new ChatError('store', `${file} cannot be written: ${why}`);
  } finally {
    await handle?.close();
  }
}
