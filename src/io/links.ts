/**
 * The links of one peer, by the numbers that the core knows them by: those that were accepted count up from 1, those that
 * are dialled bear the number that the core gave them.
 */
import type { Input, LinkId } from '../core/step.ts';
import { dial, type Dial } from './client.ts';
import type { Keyring } from './keyring.ts';
import { Link } from './link.ts';

type Socket = ConstructorParameters<typeof Link>[0];

export class Links {
  readonly #feed: (input: Input) => void;
  readonly #open = new Map<LinkId, Link>();
  readonly #dials = new Map<LinkId, Dial>();
  readonly #closing = new Set<Promise<void>>();
  #accepted: LinkId = 0;

  /** @param feed takes what becomes of them */
  constructor(feed: (input: Input) => void) {
    this.#feed = feed;
  }

  /** Somebody has dialled this peer. */
  accept(socket: Socket, channel: string, former: boolean): void {
    const id = ++this.#accepted;
    const { host } = this.#add(id, socket);
    this.#feed({ kind: 'accepted', link: id, host, channel, former });
  }

  dial(id: LinkId, addresses: readonly string[], keyring: Keyring): void {
    const attempt = dial(addresses, keyring);
    this.#dials.set(id, attempt);
    void attempt.done.then((dialled) => {
      this.#dials.delete(id);
      if ('refused' in dialled) return this.#feed({ kind: 'failed', link: id, ...dialled });
      this.#add(id, dialled.socket);
      return this.#feed({ kind: 'opened', link: id, channel: dialled.channel });
    });
  }

  #add(id: LinkId, socket: Socket): Link {
    const link = new Link(socket, {
      bytes: (bytes) => this.#feed({ kind: 'bytes', link: id, bytes }),
      drained: () => this.#feed({ kind: 'drained', link: id }),
      closed: () => {
        this.#open.delete(id);
        this.#feed({ kind: 'closed', link: id });
      },
    });
    this.#open.set(id, link);
    return link;
  }

  /** @returns false when the socket is full; a link that is gone takes everything */
  write(id: LinkId, bytes: Uint8Array): boolean {
    return this.#open.get(id)?.write(bytes) ?? true;
  }

  pause(id: LinkId): void {
    this.#open.get(id)?.pause();
  }

  resume(id: LinkId): void {
    this.#open.get(id)?.resume();
  }

  /** Sends what is under way, then closes; or gives up to dial. */
  close(id: LinkId): void {
    this.#dials.get(id)?.cancel();
    this.#dials.delete(id);
    const closing = this.#open.get(id)?.close();
    this.#open.delete(id);
    if (closing === undefined) return;
    this.#closing.add(closing);
    void closing.then(() => this.#closing.delete(closing));
  }

  /** Closes all. @returns a promise for the end of their sockets */
  async closeAll(): Promise<void> {
    for (const id of [...this.#dials.keys(), ...this.#open.keys()]) this.close(id);
    await Promise.all(this.#closing);
  }
}
