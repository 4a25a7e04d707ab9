/**
 * Lines out of bytes: UTF-8, ended by LF or CR LF, the last one with or without an end.
 *
 * Memory is bounded: of a line that is longer than anybody may say only the beginning is kept, one byte more than the
 * limit, so that whoever takes it refuses it as too long. A line that is not UTF-8 is what `other` makes of it: without
 * that, each of the bytes that are none is a replacement character.
 */
import { isUtf8 } from 'node:buffer';

/** Yields each line of the input, without its end. */
export function lines(input: AsyncIterable<Uint8Array | string>, bytesMax: number): AsyncGenerator<string>;
export function lines<Other>(
  input: AsyncIterable<Uint8Array | string>,
  bytesMax: number,
  other: () => Other,
): AsyncGenerator<string | Other>;
export async function* lines<Other>(
  input: AsyncIterable<Uint8Array | string>,
  bytesMax: number,
  other?: () => Other,
): AsyncGenerator<string | Other> {
  const encoder = new TextEncoder();
  // The byte order mark that some editors put first is no part of the first line; later ones are text.
  let decoder = new TextDecoder('utf-8');
  // Room for the limit, one byte more, and a CR that may turn out to end the line.
  const kept = new Uint8Array(bytesMax + 2);
  let length = 0;

  const keep = (bytes: Uint8Array) => {
    const part = bytes.subarray(0, kept.length - length);
    kept.set(part, length);
    length += part.length;
  };
  const take = () => {
    const end = length > 0 && kept[length - 1] === 0x0d ? length - 1 : length;
    const bytes = kept.subarray(0, end);
    const text = decoder.decode(bytes);
    // What was cut off in the middle of a character is too long, and not worse. The check is for the few that may be bad.
    const isOther = other !== undefined && end <= bytesMax && text.includes('\ufffd') && !isUtf8(bytes);
    if (!decoder.ignoreBOM) decoder = new TextDecoder('utf-8', { ignoreBOM: true });
    length = 0;
    return isOther ? other() : text;
  };

  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? encoder.encode(chunk) : chunk;
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
