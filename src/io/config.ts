/** The config file on the disk: read as a whole, and bounded, since anything may stand at its path. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { ChatError } from '../core/errors.ts';
import { errorCode, reason } from './disk.ts';

/** Every option a hundred times over; more is another file than was meant. */
const fileBytesMax = 1 << 16;

/**
 * The text of a config file; a link is followed, as people link to such files.
 * @param named whether the person has named it: otherwise it need not be there
 * @returns undefined when there is none
 * @throws ChatError `usage`
 */
export function readConfig(file: string, named: boolean): string | undefined {
  let handle: number | undefined;
  try {
    // Nobody may ever write into a pipe.
    handle = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stats = fstatSync(handle);
    if (stats.isDirectory()) throw refused(file, 'it is a folder');
    if (!stats.isFile()) throw refused(file, 'it is not a file');
    // One byte more than it may have shows that there is more.
    const bytes = Buffer.alloc(Math.min(stats.size, fileBytesMax) + 1);
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more) {
      more = readSync(handle, bytes, length, bytes.length - length, null);
    }
    if (length > fileBytesMax) throw refused(file, `it has more than ${fileBytesMax} bytes`);
    return decode(file, bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof ChatError) throw error;
    if (errorCode(error) === 'ENOENT') {
      if (!named) return undefined;
      throw refused(file, 'there is no such file');
    }
    // A part of the path is a file.
    if (errorCode(error) === 'ENOTDIR' && !named) return undefined;
    throw refused(file, errorCode(error) === 'EISDIR' ? 'it is a folder' : reason(error));
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function decode(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refused(file, 'it is not UTF-8 text');
  }
}

function refused(file: string, why: string): ChatError {
  return new ChatError('usage', `the config file ${file} cannot be read: ${why}; --no-config goes without it`);
}
