/** A bare server of node:tls with an external PSK, in a process of its own: `node answering.js PORT`. */
import { createServer } from 'node:tls';
import { bareOptions, barePsk } from './bare.ts';

const server = createServer({ ...bareOptions, pskCallback: () => barePsk.psk }, (socket) => {
  socket.on('error', () => socket.destroy());
});
server.on('tlsClientError', (_error, socket) => socket.destroy());
server.listen(Number(process.argv[2]), '127.0.0.1');
