/** A signed export, read from a file that anybody may have made. */
import { createReadStream } from 'node:fs';
import type { Crypto } from '../core/crypto.ts';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { Proof, type Verdict } from '../core/proof.ts';
import { readTestimony, type Testimony } from '../core/testimony.ts';
import { errorCode, reason } from './disk.ts';

/**
 * Checks a signed export, whatever it holds, as it comes: of a line no more is kept than a line may have.
 * @param input the file's name, or the bytes
 * @throws ChatError `store` when it cannot be read
 */
export async function checkTestimony(input: string | AsyncIterable<Uint8Array>, crypto: Crypto): Promise<Verdict> {
  const proof = new Proof(crypto);
  let place = 0;
  try {
    const bytes = typeof input === 'string' ? createReadStream(input) : input;
    for await (const line of lines(bytes)) if (!proof.take(recordIn(line), ++place)) break;
  } catch (error) {
    // What is not the disk's is our own fault.
    if (!(error instanceof Error && 'code' in error)) throw error;
    const file = typeof input === 'string' ? input : 'the input';
    const why = errorCode(error) === 'ENOENT' ? 'there is no such file' : reason(error);
    throw new ChatError('store', `${file} cannot be read: ${why}`);
  }
  return proof.end();
}

function recordIn(line: Buffer | undefined): Testimony | string {
  if (line === undefined) return `it has more than ${limits.exportLineBytesMax} bytes`;
  try {
    return readTestimony(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line));
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return 'it is not UTF-8';
  }
}

/** Each line without its end, undefined for one that is too long; the last one with or without an end. */
async function* lines(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer | undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const keep = (part: Uint8Array): void => {
    length += part.length;
    if (length > limits.exportLineBytesMax) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const take = (): Buffer | undefined => {
    const line = length > limits.exportLineBytesMax ? undefined : Buffer.concat(parts);
    parts = [];
    length = 0;
    return line;
  };
  for await (const bytes of input) {
    let at = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, at)) {
      keep(bytes.subarray(at, end));
      yield take();
      at = end + 1;
    }
    keep(bytes.subarray(at));
  }
  if (length > 0) yield take();
}
