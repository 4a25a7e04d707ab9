/**
 * Who may enter the room of this peer: everybody, those with its key, or everybody in the clear. The key is the one that
 * was given, that of the room that was kept, or a new one.
 */
import { randomBytes } from 'node:crypto';
import { ChatError } from './core/errors.ts';
import { Keyring } from './io/keyring.ts';
import type { PeerOptions } from './options.ts';

/** What a face tells of it. */
export interface AccessInfo {
  readonly kind: 'open' | 'private' | 'plain';
  /** Of a private room. */
  readonly key?: string;
}

export class Access {
  readonly keyring: Keyring;
  #key: string | undefined;

  private constructor(keyring: Keyring, key?: string) {
    this.keyring = keyring;
    this.#key = key;
  }

  /**
   * @param kept the key of the room that is gone on with, if there is one
   * @throws ChatError `usage` when a private room is to be joined and nobody knows its key
   */
  static of({ plain, private: secret, key, join = [] }: PeerOptions, kept: string | undefined): Access {
    if (plain === true) return new Access(Keyring.plain());
    const known = key ?? kept;
    if (known !== undefined) return new Access(Keyring.private(known), known);
    if (secret !== true) return new Access(Keyring.open());
    if (join.length > 0) throw new ChatError('usage', 'a private room is joined with its key: give the whole invite');
    const made = randomBytes(32).toString('base64url');
    return new Access(Keyring.private(made), made);
  }

  get info(): AccessInfo {
    return { kind: this.keyring.kind, ...(this.#key === undefined ? {} : { key: this.#key }) };
  }

  /** The room has another key from now on. */
  replace(key: string): void {
    this.#key = key;
    this.keyring.replace(key);
  }
}
