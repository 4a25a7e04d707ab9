/** A room of real processes, earliest first: so the first coordinates, and the second is its successor. */
import { Peer } from './peer.ts';
import { within } from './time.ts';

/** How long a line may take to be printed by everybody, ms. Beyond it, it counts as lost. */
const everywhereMs = 10_000;

export class Room {
  readonly #peers: Peer[] = [];

  get peers(): readonly Peer[] {
    return this.#peers;
  }

  /** Starts peers one after the other until there are so many. @throws Error when one does not get in */
  async fill(count: number): Promise<void> {
    while (this.#peers.length < count) {
      const peer = await Peer.start(this.#peers.at(0)?.address);
      this.#peers.push(peer);
      // Once everybody has printed its line, it is in, and everybody knows.
      await this.hear(peer, `${peer.name} is here`);
    }
  }

  /** A peer says a text. @returns when everybody has printed it, by `performance.now()` @throws Error when not in time */
  async hear(from: Peer, text: string): Promise<number> {
    from.say(text);
    const printed = Promise.all(this.#peers.map((peer) => peer.prints(text)));
    const lacking = (): string => {
      const without = this.#peers.filter((peer) => !peer.hasPrinted(text)).map(({ name }) => name);
      return `until ${without.join(', ')} printed "${text}"`;
    };
    return Math.max(...(await within(everywhereMs, lacking, printed)));
  }

  /** Takes the earliest ones out of the room's list; what happens to them is the caller's affair. */
  takeFirst(count: number): Peer[] {
    return this.#peers.splice(0, count);
  }

  async close(): Promise<void> {
    await Promise.all(this.#peers.map((peer) => peer.kill()));
  }
}
