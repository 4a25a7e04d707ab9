/** A signed export, read from a file that anybody may have made. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Crypto } from '../core/crypto.ts';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { Proof, type Verdict } from '../core/proof.ts';
import { readTestimony, type Testimony } from '../core/testimony.ts';
import { errorCode, reason } from './disk.ts';

/**
 * Checks a signed export, whatever it holds, as it comes. A line that is longer than any may be ends it, though nothing
 * else may ever end: what is behind it was written by no room.
 * @param input the file's name, or the bytes
 * @throws ChatError `store` when it cannot be read, or is no file: a device may have no end
 */
export async function checkTestimony(input: string | AsyncIterable<Uint8Array>, crypto: Crypto): Promise<Verdict> {
  const proof = new Proof(crypto);
  let place = 0;
  try {
    const bytes = typeof input === 'string' ? await open(input) : input;
    for await (const line of lines(bytes)) {
      place++;
      if (line === undefined) proof.cut(`it has more than ${limits.exportLineBytesMax} bytes`, place);
      else if (proof.take(recordIn(line), place)) continue;
      break;
    }
  } catch (error) {
    // What is not the disk's is our own fault.
    if (error instanceof ChatError || !(error instanceof Error && 'code' in error)) throw error;
    const file = typeof input === 'string' ? input : 'the input';
    const why = errorCode(error) === 'ENOENT' ? 'there is no such file' : reason(error);
    throw new ChatError('store', `${file} cannot be read: ${why}`);
  }
  return proof.end();
}

async function open(file: string): Promise<AsyncIterable<Uint8Array>> {
  const found = await stat(file);
  if (found.isFile() || found.isFIFO()) return createReadStream(file);
  throw new ChatError(
    'store',
    `${file} is neither a file nor a pipe: give the file that /export --signed wrote, or - for the input`,
  );
}

function recordIn(line: Buffer): Testimony | string {
  try {
    return readTestimony(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return 'it is not UTF-8';
  }
}

/** Each line without its end, the last one with or without an end; of one that is too long no more than that, undefined. */
async function* lines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (part.length > 0) parts.push(part);
  };
  for await (const bytes of input) {
    let at = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, at)) {
      keep(bytes.subarray(at, end));
      if (length > limits.exportLineBytesMax) return yield undefined;
      yield Buffer.concat(parts);
      parts = [];
      length = 0;
      at = end + 1;
    }
    keep(bytes.subarray(at));
    if (length > limits.exportLineBytesMax) return yield undefined;
  }
  if (length > 0) yield Buffer.concat(parts);
}
