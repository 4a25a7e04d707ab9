/**
 * The hello: the first message of a client's handshake (RFC 8446, 4.1.2), read before TLS is asked. To begin a handshake
 * costs us a millisecond, to look whose tag the client shows some hundredths of one: who shows none of ours goes no
 * further. Nothing is believed of it but where that tag stands.
 */
import { limits } from '../core/limits.ts';

/** A record of TLS that is part of a handshake begins with this byte: the first that a client sends. */
export const handshakeByte = 0x16;
/** What a server without a key for the client says (RFC 8446, 6.2): a fatal alert, handshake_failure. */
export const noKey = Uint8Array.of(0x15, 3, 3, 0, 2, 2, 40);

const recordHeaderBytes = 5;
const clientHello = 1;
/** A version and 32 random bytes. */
const fixedBytes = 34;
const preSharedKey = 41;

/** `identity`: what the client calls its key; undefined for one that has none, and for junk. */
export interface Hello {
  readonly identity: string | undefined;
}

const none: Hello = { identity: undefined };

/**
 * Reads what has come from a client so far. Its hello stands in one record of `helloBytesMax` at most; of several
 * identities the first counts.
 * @returns 'partial' when there is more to come
 */
export function readHello(bytes: Buffer): Hello | 'partial' {
  if (bytes[0] !== handshakeByte || (bytes.length > 1 && bytes[1] !== 3)) return none;
  if (bytes.length < recordHeaderBytes) return 'partial';
  const end = recordHeaderBytes + bytes.readUInt16BE(3);
  if (end > limits.helloBytesMax || (bytes.length > recordHeaderBytes && bytes[recordHeaderBytes] !== clientHello))
    return none;
  if (bytes.length < end) return 'partial';
  const message = piece(bytes.subarray(0, end), recordHeaderBytes + 1, 3);
  const extensions = message && extensionsOf(message);
  return extensions === undefined ? none : { identity: identityOf(extensions) };
}

function extensionsOf(message: Buffer): Buffer | undefined {
  let at = fixedBytes;
  // A session, the ciphers, the compressions.
  for (const width of [1, 2, 1]) {
    const skipped = piece(message, at, width);
    if (skipped === undefined) return undefined;
    at += width + skipped.length;
  }
  return piece(message, at, 2);
}

function identityOf(extensions: Buffer): string | undefined {
  let at = 0;
  for (;;) {
    const body = piece(extensions, at + 2, 2);
    if (body === undefined) return undefined;
    if (extensions.readUInt16BE(at) === preSharedKey) {
      const identities = piece(body, 0, 2);
      return identities && piece(identities, 0, 2)?.toString('latin1');
    }
    at += 4 + body.length;
  }
}

/** What stands at `at` behind its length of so many bytes; undefined when it is cut short. */
function piece(bytes: Buffer, at: number, width: number): Buffer | undefined {
  if (at + width > bytes.length) return undefined;
  const begin = at + width;
  const end = begin + bytes.readUIntBE(at, width);
  return end > bytes.length ? undefined : bytes.subarray(begin, end);
}
