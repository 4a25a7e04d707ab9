/** nats-server, as it comes. */
import { natsCodec } from '../codecs/nats.ts';
import { installed, type System } from './system.ts';

export const nats: System = {
  name: 'NATS',
  note: 'nats-server with its defaults; no history, no order across senders; several threads',
  command(port) {
    const program = installed('nats-server');
    return program === undefined ? undefined : [program, '--addr', '127.0.0.1', '--port', String(port)];
  },
  codec: natsCodec,
};
