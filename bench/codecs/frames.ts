/**
 * The frames of groupchat: `sender (10) | type (10) | body length (10)`, then the body. The same reader serves the
 * copier, so that what lies between the two is the work of the room and nothing else.
 */
import { decimal, textBytes, type Codec, type Ear } from './codec.ts';

const headerBytes = 30;
const letterC = 0x43;

function frame(sender: string, type: 'SYSTEM' | 'CHAT', body: string): string {
  return sender.padEnd(10) + type.padEnd(10) + String(body.length).padEnd(10) + body;
}

/** Calls `line` with where a CHAT frame ends, and `system` with the sender and body of any other. @returns bytes read */
function readFrames(
  bytes: Buffer,
  line: (end: number) => void,
  system: (sender: string, body: string) => void,
): number {
  let at = 0;
  while (bytes.length - at >= headerBytes) {
    const end = at + headerBytes + decimal(bytes, at + 20, at + headerBytes);
    if (end > bytes.length) break;
    if (bytes[at + 10] === letterC) line(end);
    else system(bytes.toString('latin1', at, at + 10).trimEnd(), bytes.toString('latin1', at + headerBytes, end));
    at = end;
  }
  return at;
}

let clients = 0;

/** Ids that no client before had: a room remembers how far each author counted. */
function freshId(): string {
  return `b${String(++clients).padStart(9, '0')}`;
}

/** A client of the copier: it is in when its own first frame has come back. */
export function copierCodec(): Codec {
  const id = freshId();
  let n = 0;
  return {
    opening: frame(id, 'SYSTEM', 'hello'),
    line: (text) => frame(id, 'CHAT', `${++n} ${Date.now()} - ${text}`),
    read: (bytes, ear) =>
      readFrames(
        bytes,
        (end) => ear.line(bytes, end - textBytes),
        (sender) => {
          if (sender === id) ear.ready();
        },
      ),
  };
}

/** A member of a room. It keeps no log, only the seq of the last entry, which grows by one with each. */
export function groupchatCodec(): Codec {
  const id = freshId();
  let n = 0;
  let seq = 0;
  let entered = false;

  function system(body: string, ear: Ear): void {
    const colon = body.indexOf(':');
    const word = colon === -1 ? body : body.slice(0, colon);
    const rest = body.slice(colon + 1);
    switch (word) {
      case 'ping':
        return ear.answer(frame(id, 'SYSTEM', `pong:${seq}`));
      case 'connected': {
        const auth = {
          version: 2,
          name: id,
          addresses: [],
          room: null,
          lineage: [],
          first: 1,
          last: 0,
          coordinates: null,
        };
        return ear.answer(frame(id, 'SYSTEM', `auth:${JSON.stringify(auth)}`));
      }
      case 'welcome':
        return;
      case 'snapshot':
        ({ seq } = JSON.parse(rest) as { seq: number });
        return;
      case 'peers':
        seq++;
        return;
      case 'output':
        seq++;
        if (!entered && (JSON.parse(rest) as { joined?: { id: string } }).joined?.id === id) {
          entered = true;
          ear.ready();
        }
        return;
      default:
        throw new Error(body.slice(0, 200));
    }
  }

  return {
    opening: '',
    line: (text) => frame(id, 'CHAT', `${++n} ${Date.now()} - ${text}`),
    read: (bytes, ear) =>
      readFrames(
        bytes,
        (end) => {
          seq++;
          ear.line(bytes, end - textBytes);
        },
        (_sender, body) => system(body, ear),
      ),
  };
}
