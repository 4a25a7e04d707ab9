/** A crowd: one sender and its receivers, all connected to one server and in. */
import { performance } from 'node:perf_hooks';
import { Client } from './client.ts';
import type { Server } from './server.ts';

/** How long one client may take to get in, ms. */
const enterMs = 10_000;
/** Who waits for something to move looks up this often all the same, ms: to see that it is time to give up. */
const tickMs = 100;

interface Waiter {
  resolve(): void;
  reject(error: Error): void;
}

export class Crowd {
  readonly #receivers: Client[] = [];
  readonly sender: Client;
  readonly #server: Server;
  #fault: Error | undefined;
  #waiter: Waiter | undefined;
  #waking = false;
  readonly #tick = setInterval(() => this.#waiter?.resolve(), tickMs);

  private constructor(server: Server) {
    this.#server = server;
    this.sender = this.#client('sender');
  }

  /** @throws Error when a client does not get in */
  static async gather(server: Server, receivers: number): Promise<Crowd> {
    const crowd = new Crowd(server);
    try {
      await crowd.#enter(crowd.sender);
      while (crowd.#receivers.length < receivers) await crowd.add();
      return crowd;
    } catch (error) {
      crowd.close();
      throw error;
    }
  }

  /** One more receiver. @throws Error when it does not get in */
  async add(): Promise<Client> {
    const receiver = this.#client('receiver');
    this.#receivers.push(receiver);
    await this.#enter(receiver);
    return receiver;
  }

  remove(receiver: Client): void {
    this.#receivers.splice(this.#receivers.indexOf(receiver), 1);
    receiver.close();
  }

  get receivers(): readonly Client[] {
    return this.#receivers;
  }

  /** Sets every count to zero: a newcomer may have been given history, another one less of it. */
  countAnew(): void {
    for (const receiver of this.#receivers) receiver.lines = 0;
  }

  /** How many lines the receiver has that is furthest behind. */
  get linesEverywhere(): number {
    let least = Infinity;
    for (const { lines } of this.#receivers) if (lines < least) least = lines;
    return least;
  }

  /**
   * Resolves when something more has come or gone, once for all the sockets of one turn of the loop; and every 100 ms.
   * @throws Error when a client has been lost
   */
  moved(): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#fault === undefined) this.#waiter = { resolve, reject };
      else reject(this.#fault);
    });
  }

  close(): void {
    clearInterval(this.#tick);
    for (const client of [this.sender, ...this.#receivers]) client.close();
  }

  #client(role: 'sender' | 'receiver'): Client {
    const { port, system } = this.#server;
    return new Client(port, system.codec(role), {
      moved: () => this.#wake(),
      lost: (error) => {
        this.#fault ??= error;
        this.#waiter?.reject(error);
      },
    });
  }

  async #enter(client: Client): Promise<void> {
    const until = performance.now() + enterMs;
    while (client.enteredAt === undefined) {
      if (performance.now() > until) throw new Error(`a client could not enter within ${enterMs} ms`);
      await this.moved();
    }
  }

  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    setImmediate(() => {
      this.#waking = false;
      this.#waiter?.resolve();
    });
  }
}
