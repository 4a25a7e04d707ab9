// @ts-check
/**
 * A bot: it sits in the room like everybody else, tells the time when asked, and counts.
 *
 *     node examples/bot.js 127.0.0.1:6000 [LISTEN]
 *
 * A bot is a peer, and a peer is all there is: kill whoever coordinates, and the bot may be the one to take over. So it
 * listens too, on all interfaces unless told otherwise. Ctrl+C is a goodbye, after which nothing holds the process.
 */
import { Peer } from 'groupchat';

const [room = '127.0.0.1:6000', listen = '0.0.0.0:0'] = process.argv.slice(2);
const bot = new Peer({ name: 'bot', listen, join: [room] });
let heard = 0;

bot.on('line', ({ line }) => {
  // What was said before it came is none of its business; and a bot that answers itself never stops.
  if (line.history || line.own) return;
  heard++;
  if (line.text === '!time') bot.send(`${line.name}, it is ${new Date().toISOString()}`);
  if (line.text === '!count') bot.send(`${line.name}, that was line ${heard} since I came`);
});

process.once('SIGINT', () => void bot.leave());
await bot.start();
console.log(`in the room with ${bot.members.length - 1} others; say !time or !count there`);
