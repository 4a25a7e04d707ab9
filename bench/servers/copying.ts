/** The copier's own process: `node copying.js PORT`. */
import { createServer, type Socket } from 'node:net';

const sockets = new Set<Socket>();
const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on('data', (chunk) => {
    for (const other of sockets) other.write(chunk);
  });
  socket.on('close', () => sockets.delete(socket));
  socket.on('error', () => socket.destroy());
});
server.listen(Number(process.argv[2]), '127.0.0.1');
