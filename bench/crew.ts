/** A crew: several peers as objects of the library in a process of their own, which does what it is told by messages. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { end, start } from './child.ts';
import { dialsFrom } from './origin.ts';

/** What a crew may be told. Each order is answered when it is done. */
export type Order =
  | {
      readonly kind: 'enter';
      readonly name: string;
      readonly listen: string;
      readonly advertise: string;
      readonly join: string[];
      /** Of a private room. */
      readonly key?: string;
      readonly plain?: boolean;
    }
  /** All of them together, in turn. */
  | { readonly kind: 'say'; readonly tag: string; readonly lines: number }
  /** Until each of them has so many different lines. */
  | { readonly kind: 'await'; readonly lines: number }
  /** Each its transcript to a file of its name. */
  | { readonly kind: 'export'; readonly folder: string }
  /** How many lines came that were there already. */
  | { readonly kind: 'doubled' };

const program = fileURLToPath(import.meta.resolve('./servers/crewing.js'));

export class Crew {
  /** Whence all of them dial. */
  readonly origin: string;
  readonly #child: ChildProcess;
  readonly #gone: Promise<never>;

  constructor(from: string) {
    this.origin = from;
    this.#child = start([process.execPath, ...dialsFrom(from), program], ['ignore', 'ignore', 'inherit', 'ipc']);
    this.#gone = once(this.#child, 'exit').then(() => Promise.reject(new Error('a crew has ended')));
    this.#gone.catch(() => {}); // whoever waits for an answer hears of it
  }

  /** One at a time. @returns the number that it is answered with @throws Error when the process has ended */
  async order(order: Order): Promise<number> {
    const answer = once(this.#child, 'message') as Promise<[number]>;
    this.#child.send(order);
    const [number] = await Promise.race([answer, this.#gone]);
    return number;
  }

  async close(): Promise<void> {
    await end(this.#child, 'SIGKILL');
  }
}
