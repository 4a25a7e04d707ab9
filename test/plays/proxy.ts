/**
 * A faulty network: a TCP proxy on 127.0.0.1 in front of one peer, which advertises the proxy's address as its own.
 *
 * It passes bytes both ways, and can be told to hold those of some links (nothing comes through, nothing is refused,
 * nobody hears that the other side has closed: as when a cable is pulled), to cut links (a reset), or to drip: to give
 * every byte alone. Bytes that were held go on when the fault is over, as TCP would send them again.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** Where bytes go: to whom the proxy stands before, or back to the one who dialled. */
type Toward = 'target' | 'dialler';

/** Whether bytes of a connection are held: by who has made it (undefined when nobody knows), and where they go. */
export type Holds = (dialler: string | undefined, toward: Toward) => boolean;

/** The name of the one who dials, if anybody knows. */
export type Who = (dialler: Socket) => string | undefined;

export const nobody: Holds = () => false;
export const everybody: Holds = () => true;

export class Proxy {
  /** Every byte goes alone. */
  drips = false;
  #holds: Holds = nobody;
  readonly #waiting = new Set<() => void>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(target: number, who: Who) {
    this.#server = createServer({ noDelay: true }, (dialler) => void this.#pass(dialler, target, who));
  }

  /** A proxy in front of whoever listens at the port of 127.0.0.1. */
  static async to(target: number, who: Who): Promise<Proxy> {
    const proxy = new Proxy(target, who);
    await once(proxy.#server.listen(0, '127.0.0.1'), 'listening');
    return proxy;
  }

  get address(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on these are held; what was held of others goes on. */
  hold(holds: Holds): void {
    this.#holds = holds;
    for (const look of this.#waiting) look();
  }

  /** Resets every link. */
  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  close(): void {
    this.#server.close();
    this.cut();
    this.hold(nobody);
  }

  async #pass(dialler: Socket, target: number, who: Who): Promise<void> {
    this.#keep(dialler);
    const name = who(dialler);
    const there = (): boolean => this.#holds(name, 'target');
    const back = (): boolean => this.#holds(name, 'dialler');
    await this.#open(there);
    const server = connect({ host: '127.0.0.1', port: target, noDelay: true });
    this.#keep(server);
    await Promise.all([this.#pump(dialler, server, there), this.#pump(server, dialler, back)]);
  }

  /** Carries the bytes of one direction until its end. */
  async #pump(from: Socket, to: Socket, held: () => boolean): Promise<void> {
    try {
      for await (const chunk of from as AsyncIterable<Buffer>) {
        await this.#open(held);
        const parts = this.drips ? Array.from(chunk, (byte) => Buffer.of(byte)) : [chunk];
        for (const part of parts) await write(to, part);
      }
      await this.#open(held);
      to.end();
    } catch {
      // The link broke: so it breaks at the other end too, when word of it may come through.
      await this.#open(held);
      to.destroy();
    }
  }

  /** Waits for as long as the bytes are held. */
  #open(held: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (held()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {}); // the pump hears of it
  }
}

function write(to: Socket, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    to.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
