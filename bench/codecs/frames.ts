/**
 * The frames of groupchat: `sender (10) | type (10) | body length (10)`, then the body. The same reader serves the
 * copier, so that what lies between the two is the work of the room and nothing else.
 */
import { decimal, repeated, textBytes, type Codec } from './codec.ts';

const headerBytes = 30;
const letterC = 0x43;

function frame(sender: string, type: 'SYSTEM' | 'CHAT', body: string): string {
  return sender.padEnd(10) + type.padEnd(10) + String(body.length).padEnd(10) + body;
}

/**
 * Calls `line` with where a CHAT frame begins, its body begins and both end, and `system` with the sender and body of any
 * other. @returns bytes read
 */
export function readFrames(
  bytes: Buffer,
  line: (at: number, body: number, end: number) => void,
  system: (sender: string, body: string) => void,
): number {
  let at = 0;
  while (bytes.length - at >= headerBytes) {
    const body = at + headerBytes;
    const end = body + decimal(bytes, at + 20, body);
    if (end > bytes.length) break;
    if (bytes[at + 10] === letterC) line(at, body, end);
    else system(bytes.toString('latin1', at, at + 10).trimEnd(), bytes.toString('latin1', body, end));
    at = end;
  }
  return at;
}

let clients = 0;

/** A client of the copier: it is in when its own first frame has come back. */
export function copierCodec(): Codec {
  const id = `b${String(++clients).padStart(9, '0')}`;
  let n = 0;
  return {
    opening: () => frame(id, 'SYSTEM', 'hello'),
    lines: repeated((text) => frame(id, 'CHAT', `${++n} ${Date.now()} - ${text}`)),
    read: (bytes, ear) =>
      readFrames(
        bytes,
        (_at, _body, end) => ear.line(bytes, end - textBytes),
        (sender) => {
          if (sender === id) ear.ready();
        },
      ),
  };
}
