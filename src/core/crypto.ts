/**
 * What the core asks of cryptography. Its functions do no I/O; so the core decides what is signed and what is believed,
 * the hands bring the algorithms (Node's own), and the simulator brings cheap ones.
 *
 * Keys, signatures, hashes and sealed texts are base64url without padding, as they travel.
 */

/** The Ed25519 public key of a person: 43 characters of base64url (32 bytes). */
export type PersonKey = string;
/** The X25519 public key of a process: 43 characters of base64url (32 bytes). */
export type BoxKey = string;

export interface Crypto {
  /** Who this person is; it lasts. */
  readonly key: PersonKey;
  /** Made anew for each `Crypto`, and never kept: what was sealed to it can be opened by nobody when it is gone. */
  readonly box: BoxKey;
  /** SHA-256: 43 characters. */
  hash(bytes: Uint8Array): string;
  /** Hashes again, 1,024 times: whoever tries many texts pays that for each. `next` is what is hashed after a hash. */
  stretch(hash: string, next: (hash: string) => Uint8Array): string;
  /** So many random bytes, fit for keys, as base64url. */
  random(bytes: number): string;
  /** This person's signature (Ed25519): 86 characters. */
  sign(bytes: Uint8Array): string;
  /** Whether that person has signed these bytes. Never throws, whatever it is given. */
  verify(key: PersonKey, bytes: Uint8Array, signature: string): boolean;
  /**
   * Seals a text so that only the process with that box can open it, and only as coming from this one (X25519, HKDF,
   * ChaCha20-Poly1305). `about` is bound to it and does not travel. '' for a box that is none.
   */
  seal(box: BoxKey, plain: Uint8Array, about: Uint8Array): string;
  /** What the process with that box has sealed to this one; undefined when it has not, or about something else. */
  open(box: BoxKey, sealed: string, about: Uint8Array): Uint8Array | undefined;
}
