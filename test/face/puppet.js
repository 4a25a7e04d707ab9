/**
 * Run by tests in a pseudo-terminal: the terminal face over a peer that does what the test says, through a socket.
 * Usage: node puppet.js DIST SOCKET PHASE. Each line to it is JSON: { set: {…} } sets fields of the peer, { event: {…} }
 * tells an event. Each line from it: { sent: text }, { left: true }, and { taken: true } after each line to it.
 */
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { EventEmitter } from 'eventemitter3';

const [dist, path, phase] = process.argv.slice(2);
const { Terminal } = await import(`${dist}/face/terminal.js`);
const { Desk } = await import(`${dist}/io/desk.js`);
const { ChatError } = await import(`${dist}/core/errors.js`);
const socket = connect(path);
const report = (message) => socket.write(`${JSON.stringify(message)}\n`);

class Peer extends EventEmitter {
  /** The time of day, ms since 1970. */
  now = Date.UTC(2026, 0, 2, 14, 2);
  id = 'me';
  name = 'bob';
  phase = phase;
  members = [];
  addresses = ['10.0.0.5:6000'];
  access = { kind: 'open' };
  pending = 0;
  untold = 0;
  telling = 0;
  /** How many more lines it takes; then the code of the refusal. */
  takes = Infinity;
  refuses = 'pending-full';
  /** What leaving answers; null for never. */
  unsent = 0;
  coordinator;
  successor;
  lastHealing;
  receipt;
  room = 'r';
  /** What it holds, all of which has whatever is looked for. */
  lines = [];
  said = 0;
  topic = undefined;
  absences = new Map();
  moderation = { founder: undefined, ops: new Set(), banned: [] };
  /** Who is known. */
  known = [];
  /** The ids of those whose lines are not to be shown. */
  ignored = [];

  moderate(verb, name) {
    if (name === 'nobody') throw new ChatError('unknown-name', 'nobody here is called nobody');
    report({ done: `${verb} ${name}` });
    return `${name}:Qk2zWm9x`;
  }

  rekey() {
    report({ done: 'rekey' });
  }

  ignore(name, on = true) {
    report({ done: `${on ? 'ignore' : 'unignore'} ${name}` });
  }

  ignores(id) {
    return this.ignored.includes(id);
  }

  send(text) {
    if (this.takes-- <= 0) throw new ChatError(this.refuses, `refused: ${this.refuses}`);
    report({ sent: text });
    return ++this.said;
  }

  tell(to, text) {
    report({ sent: `to ${to}: ${text}` });
    return { k: 1, away: false };
  }

  history() {
    return this.lines;
  }

  search() {
    return { lines: this.lines, more: 12 };
  }

  export(file) {
    if (this.lines.length === 0) return Promise.reject(new ChatError('usage', `refused: ${file.replace(/.*\//u, '')}`));
    return Promise.resolve(this.lines.length);
  }

  whois(name) {
    const found = this.known.filter((one) => one.name === name);
    if (found.length > 0) return found;
    throw new ChatError('unknown-name', `nobody is ${name}`);
  }

  verify(name) {
    return { name, key: '', halves: [{ name, own: false, words: ['one', 'two'] }] };
  }

  accept(name) {
    return { name, key: '', fingerprint: 'fy1n c0s0' };
  }

  leave() {
    report({ left: true });
    return this.unsent === null ? new Promise(() => {}) : Promise.resolve(this.unsent);
  }
}

const peer = new Peer();
const desk = await Desk.open({ folder: process.env.DESK, lines: process.env.LINES !== 'none' });
const face = new Terminal({
  peer,
  input: process.stdin,
  output: process.stdout,
  clock: () => peer.now,
  desk,
  screenReader: process.env.READER === '1',
});
createInterface({ input: socket }).on('line', (line) => {
  const { set, event } = JSON.parse(line);
  // What nobody catches.
  if (set?.fails)
    queueMicrotask(() => {
      throw new Error('on purpose');
    });
  if (set?.rejects) void Promise.reject(new Error('on purpose'));
  if (set?.exits) process.exit(7);
  Object.assign(peer, set);
  if (event?.kind === 'receipt') peer.receipt = event;
  if (event !== undefined) peer.emit(event.kind, event);
  report({ taken: true });
});
process.on('SIGINT', () => {
  if (!face.leaving) return face.leave();
  face.close();
  process.exit(1);
});
const { unsent } = await face.done;
await desk.close();
process.exit(unsent === 0 ? 0 : 3);
