/** NATS: text headers, and payloads with their length before them. A client that has not subscribed hears no line. */
import { decimal, repeated, textBytes, type Codec, type Role } from './codec.ts';

const newline = 0x0a;
const letterM = 0x4d;
const space = 0x20;
const connect = JSON.stringify({ verbose: false, pedantic: false, echo: false });

export function natsCodec(role: Role): Codec {
  return {
    // The PONG to this PING says that all before it is done.
    opening: () => `CONNECT ${connect}\r\n${role === 'receiver' ? 'SUB bench 1\r\n' : ''}PING\r\n`,
    lines: repeated((text) => `PUB bench ${text.length}\r\n${text}\r\n`),
    read(bytes, ear) {
      let at = 0;
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, at)) {
        if (bytes[at] === letterM) {
          // MSG subject sid length
          const length = decimal(bytes, bytes.lastIndexOf(space, end) + 1, end);
          const after = end + 1 + length + 2;
          if (after > bytes.length) break;
          ear.line(bytes, after - 2 - textBytes);
          at = after;
          continue;
        }
        const said = bytes.toString('latin1', at, end - 1);
        if (said === 'PING') ear.answer('PONG\r\n');
        else if (said === 'PONG') ear.ready();
        else if (said.startsWith('-ERR')) throw new Error(said);
        at = end + 1;
      }
      return at;
    },
  };
}
