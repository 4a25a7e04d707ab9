/**
 * A hostile client: it dials any port, has keys of its own, and says what it likes, before it is let in and after. What
 * it is told is kept as text, and it waits for words of that.
 */
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import { encodeOffer, type Offer } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { idOf, prove, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays, type Auth } from '../../src/core/message.ts';
import { dial } from '../../src/io/client.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import { Keyring } from '../../src/io/keyring.ts';

export class Intruder {
  readonly crypto = createCrypto(Identity.temporary());
  readonly id = idOf(this.crypto, this.crypto.key, this.crypto.box);
  /** Resolves with all that it was told, when it has been hung up on. */
  readonly gone: Promise<string>;
  readonly #socket: Socket;
  readonly #channel: string;
  readonly #looks = new Set<() => void>();
  #heard = '';

  private constructor(socket: Socket, channel: string) {
    this.#socket = socket;
    this.#channel = channel;
    socket.setEncoding('utf8').on('data', (text) => {
      this.#heard += String(text);
      for (const look of this.#looks) look();
    });
    socket.on('error', () => {});
    this.gone = new Promise((resolve) => void socket.once('close', () => resolve(this.#heard)));
    onTestFinished(() => void socket.destroy());
  }

  /** Dials an address. It ends with the test. */
  static async dial(at: string, keyring = Keyring.open()): Promise<Intruder> {
    const dialled = await dial([at], keyring).done;
    if (!('socket' in dialled)) throw new Error(dialled.message);
    return new Intruder(dialled.socket, dialled.channel);
  }

  /** Dials an address, and comes in as anybody would. */
  static async enter(at: string, name: string, keyring = Keyring.open()): Promise<Intruder> {
    const one = await Intruder.dial(at, keyring);
    one.says(clientSays.auth(one.id, await one.auth(name)));
    await one.hears(`"joined":{"id":"${one.id}"`);
    return one;
  }

  says(...parts: readonly (string | Uint8Array)[]): void {
    for (const bytes of parts) this.#socket.write(bytes);
  }

  /** Says as much as is taken, part by part, until it has said all or is hung up on. @returns bytes that were taken */
  async pours(parts: Iterable<Uint8Array>): Promise<number> {
    let bytes = 0;
    for (const part of parts) {
      if (this.#socket.destroyed || this.#socket.writableEnded) break;
      bytes += part.length;
      if (!this.#socket.write(part)) await Promise.race([drained(this.#socket), this.gone]);
    }
    return bytes;
  }

  /** Resolves with all that it was told, as soon as these words are in it. */
  hears(words: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!this.#heard.includes(words)) return;
        this.#looks.delete(look);
        resolve(this.#heard);
      };
      this.#looks.add(look);
      void this.gone.then(() => reject(new Error(`it was told only: ${this.#heard}`)));
      look();
    });
  }

  /** What it has to say to be let in, true but for what is given. */
  async auth(name: string, given: Partial<Auth> = {}): Promise<Auth> {
    const challenge = /challenge:([\w-]{22})/u.exec(await this.hears('challenge:'))?.[1] as string;
    const { key, box } = this.crypto;
    return {
      version: limits.wireVersion,
      name,
      addresses: [],
      room: null,
      key,
      box,
      vouch: vouchFor(this.crypto, name),
      proof: prove(this.crypto, { end: 'client', challenge, channel: this.#channel, id: this.id }),
      lineage: [],
      first: 1,
      last: 0,
      coordinates: null,
      ...given,
    };
  }

  /** A line of its own as an offer, truly signed. */
  line(room: string, n: number, text: string): Uint8Array {
    const time = Date.now();
    const hash = hashOf(this.crypto, this.id, { base: '', lines: [{ n, time, what: undefined, text }] });
    const signature = this.crypto.sign(coverOf(room, this.id, n, n, hash));
    const offer: Offer = { n, time, apart: false, cover: { from: n, signature }, text };
    return encodeFrame(this.id, 'CHAT', encodeOffer(offer));
  }
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('drain', resolve));
}
