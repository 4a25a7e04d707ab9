/**
 * Who a person is: an Ed25519 key, made at first use and kept in `<data dir>/<name>/key` (PKCS8 PEM, as openssl writes
 * it). Whoever has that file is that person to every room; so a key that others may have seen, or put there, is refused
 * rather than used, and a damaged one is never replaced by a new one unasked.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { PersonKey } from '../core/crypto.ts';
import { limits } from '../core/limits.ts';
import { syncFolder } from './disk.ts';
import { makeOwned, ownFolder, quoted, readOwned, refused, sweepOwned } from './owned.ts';

export class Identity {
  /** The public key. */
  readonly key: PersonKey;
  readonly #secret: KeyObject;

  private constructor(secret: KeyObject) {
    this.key = createPublicKey(secret).export({ format: 'jwk' }).x ?? '';
    this.#secret = secret;
  }

  /**
   * The identity in a profile's folder, made where there is none.
   * @throws ChatError `store` when others can read or change it, it is damaged, or the disk does not take it
   */
  static async load(folder: string): Promise<Identity> {
    await ownFolder(folder);
    const path = join(folder, 'key');
    await sweepOwned(path);
    const kept = await readOwned(path, limits.keyFileBytesMax);
    if (kept !== undefined) return new Identity(parse(path, kept));
    const made = newKey();
    if (await makeOwned(path, made.export({ format: 'pem', type: 'pkcs8' }).toString())) {
      // The folder may be new as well.
      await syncFolder(dirname(folder));
      return new Identity(made);
    }
    // Another process was quicker.
    return Identity.load(folder);
  }

  /** For a peer that keeps nothing: somebody else each time. */
  static temporary(): Identity {
    return new Identity(newKey());
  }

  /** The signature of these bytes: 86 characters. */
  sign(bytes: Uint8Array): string {
    return sign(null, bytes, this.#secret).toString('base64url');
  }
}

function newKey(): KeyObject {
  return generateKeyPairSync('ed25519').privateKey;
}

function parse(path: string, bytes: Buffer): KeyObject {
  try {
    if (bytes.length <= limits.keyFileBytesMax) {
      const key = createPrivateKey(bytes);
      if (key.asymmetricKeyType === 'ed25519') return key;
    }
  } catch {
    // Told below.
  }
  throw refused(
    path,
    `is damaged: put a copy of it back, or remove it (rm ${quoted(path)}) and be somebody else to every room`,
  );
}
