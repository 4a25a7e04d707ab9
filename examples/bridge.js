// @ts-check
/**
 * A bridge: lines of stdin go into a room, under a name of their own.
 *
 *     tail -f app.log | node examples/bridge.js 10.0.0.5:6000 app.log [LISTEN]
 *
 * `send` never blocks: it keeps a line until the room has it, through any failover. That is a promise about lines, not
 * about memory, so whoever can produce faster than a room can listen waits now and then for it to catch up. When stdin
 * ends the bridge leaves, and leaving waits for the last acknowledgement: exit code 0 means that the room has it all.
 */
import { createInterface } from 'node:readline';
import { ChatError, Peer } from 'groupchat';

const [room = '127.0.0.1:6000', name = 'bridge', listen = '0.0.0.0:0'] = process.argv.slice(2);
const peer = new Peer({ name, listen, join: [room] });
await peer.start();

for await (const line of createInterface({ input: process.stdin })) {
  if (peer.pending >= 1000) await peer.flushed();
  try {
    if (line.trim() !== '') peer.send(line);
  } catch (error) {
    // Too long, or with colours in it: that line is for the log alone, and says so.
    if (!(error instanceof ChatError)) throw error;
    console.error(`not sent: ${error.message}`);
  }
}

const unsent = await peer.leave();
if (unsent > 0) console.error(`${unsent} lines have not been received`);
process.exitCode = unsent === 0 ? 0 : 3;
