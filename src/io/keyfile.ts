/** A key that a person keeps in a file, or a program hands over through a pipe. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { ChatError } from '../core/errors.ts';
import { errorCode, reason } from './disk.ts';
import { quoted, refused } from './owned.ts';

/** More is no invite, and the file is another one than was meant. */
const fileBytesMax = 4096;

/**
 * Reads a file with a key, or with a whole invite. People do link to their secrets, so links are followed; but what
 * others on this machine can read is no secret, and is refused. A pipe (`--key-file <(pass room)`) has no others.
 * @throws ChatError `usage`, or `store` when others can get at it; the message never repeats what is in the file
 */
export function readKeyFile(file: string): string {
  if (file === '-') {
    throw new ChatError(
      'usage',
      '--key-file - is not possible: what comes in is said in the room; give a file, or <(command)',
    );
  }
  let handle: number | undefined;
  try {
    handle = openSync(file, 'r');
    const stats = fstatSync(handle);
    if (process.platform !== 'win32' && stats.isFile() && (stats.mode & 0o077) !== 0) {
      throw refused(file, `is open to others: chmod 600 ${quoted(file)}`);
    }
    // One byte more than it may have shows that there is more.
    const bytes = Buffer.alloc(fileBytesMax + 1);
    let length = 0;
    for (let more = -1; more !== 0 && length < bytes.length; length += more) {
      more = readSync(handle, bytes, length, bytes.length - length, null);
    }
    if (length > fileBytesMax)
      throw new ChatError('usage', `${file} is too long for a key: give the file with the key`);
    return new TextDecoder().decode(bytes.subarray(0, length));
  } catch (error) {
    if (error instanceof ChatError) throw error;
    throw new ChatError('usage', `--key-file ${file} cannot be read: ${why(error)}`);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function why(error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return 'there is no such file';
  return code === 'EISDIR' ? 'it is a folder' : reason(error);
}
