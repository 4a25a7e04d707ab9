/**
 * Loaded into a process before its program (`node --import dialling.js?from=127.0.0.2 …`): whatever it dials, it dials
 * from this address, as if it were a machine of its own. So a proxy sees who comes, at no cost.
 */
import { Socket } from 'node:net';

const from = new URL(import.meta.url).searchParams.get('from') ?? '127.0.0.1';
const connect = Reflect.get(Socket.prototype, 'connect') as (this: Socket, ...arguments_: unknown[]) => Socket;

Object.assign(Socket.prototype, {
  connect(this: Socket, ...arguments_: unknown[]): Socket {
    // `net.connect` gives the options in an array that it has made of its arguments.
    const [first] = arguments_;
    const options: unknown = Array.isArray(first) ? first[0] : first;
    if (typeof options === 'object' && options !== null) Object.assign(options, { localAddress: from });
    return connect.apply(this, arguments_);
  },
});
