/** IRC (RFC 2812): lines of text that end with CR LF. The server sends nobody's line back to its sender. */
import { repeated, textBytes, type Codec } from './codec.ts';

const newline = 0x0a;
const space = 0x20;
const letterP = 0x50;
const letterR = 0x52;
let clients = 0;

export function ircCodec(): Codec {
  const nick = `b${++clients}`;
  return {
    opening: () => `NICK ${nick}\r\nUSER bench 0 * :bench\r\n`,
    lines: repeated((text) => `PRIVMSG #bench :${text}\r\n`),
    read(bytes, ear) {
      let at = 0;
      for (let end = bytes.indexOf(newline); end !== -1; end = bytes.indexOf(newline, at)) {
        // `:nick!user@host PRIVMSG …`: no other command that a server relays begins with PR.
        const command = bytes.indexOf(space, at) + 1;
        if (bytes[command] === letterP && bytes[command + 1] === letterR) ear.line(bytes, end - 1 - textBytes);
        else {
          const words = bytes.toString('latin1', at, end - 1).split(' ');
          if (words[0] === 'PING') ear.answer(`PONG ${words.slice(1).join(' ')}\r\n`);
          if (words[0] === 'ERROR' || /^4\d\d$/.test(words[1] ?? '')) throw new Error(words.join(' '));
          // 001 is the server's welcome; 366 ends the list of who is in the channel.
          if (words[1] === '001') ear.answer('JOIN #bench\r\n');
          if (words[1] === '366') ear.ready();
        }
        at = end + 1;
      }
      return at;
    },
  };
}
