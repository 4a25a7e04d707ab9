/**
 * An attacker, in a process of its own: `node besieging.js PORT FROM CONNECTIONS ATTEMPTS`. It dials 127.0.0.1 from the
 * address FROM. It holds so many connections open, of which every other says nothing and the rest junk, opens each anew
 * a second after it was closed, and begins so many handshakes a second with a wrong key. Told anything, it says what it
 * has done so far.
 */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import { Keyring } from '../../src/io/keyring.ts';
import { begin } from '../../src/io/secure.ts';
import type { Damage } from '../siege.ts';

const [port = 0, , connections = 0, attempts = 0] = process.argv.slice(2).map(Number);
const [, , , from = '127.0.0.1'] = process.argv;
/** A connection that was closed is opened again after this, ms. */
const againMs = 1000;
/** Handshakes are begun this often, ms. */
const tickMs = 10;

// Another machine would have processors of its own.
setPriority(19);

let held = 0;
let opened = 0;
let tried = 0;
let refused = 0;

function dialled(): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, noDelay: true });
  socket.on('error', () => {});
  return socket;
}

function hold(junk: boolean): void {
  const socket = dialled();
  socket.once('connect', () => {
    opened++;
    held++;
    if (junk) socket.write(randomBytes(64));
    socket.once('close', () => held--);
  });
  socket.resume();
  socket.once('close', () => setTimeout(() => hold(junk), againMs));
}

function attempt(): void {
  tried++;
  const socket = dialled();
  // Turned away at once, before any handshake.
  let shaking = false;
  socket.once('close', () => {
    if (!shaking) refused++;
  });
  socket.once('connect', () => {
    shaking = true;
    begin(socket, Keyring.private(randomBytes(32).toString('base64url')), {
      done: (link) => {
        link.socket.destroy();
        throw new Error('a wrong key opened a link');
      },
      failed: () => refused++,
    });
  });
}

for (let connection = 0; connection < connections; connection++) {
  setTimeout(() => hold(connection % 2 === 0), (againMs * connection) / connections);
}
const began = performance.now();
setInterval(() => {
  const due = ((performance.now() - began) * attempts) / 1000;
  while (tried < due) attempt();
}, tickMs);

process.on('message', () => {
  const damage: Damage = { held, opened, tried, refused, seconds: (performance.now() - began) / 1000 };
  process.send?.(damage);
});
process.on('disconnect', () => process.exit());
