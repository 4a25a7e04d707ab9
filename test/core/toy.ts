/**
 * Cryptography for the simulator and the tables: it keeps nothing secret, is as fast as can be, and tells what nobody
 * has signed from what somebody has, as long as nobody cheats. Everything that is random in it follows from a seed.
 */
import type { BoxKey, Crypto, PersonKey } from '../../src/core/crypto.ts';
import { statement } from '../../src/core/identity.ts';
import { Random } from '../../src/core/random.ts';
import type { Member } from '../../src/core/view.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** In the tables an id can be read from its key: that of ann is `ann___…`, unless her process has a box `-…`. */
const named = /^groupchat id \d+\n([\w-]{1,10}?)_{2,}\n(?!-)/;
const named0 = encoder.encode('groupchat id');

/** Two hashes of 32 bits (FNV-1a, from two bases), written as 43 characters. */
function mix(bytes: Uint8Array, salt = 0): string {
  let one = 0x811c9dc5 ^ salt;
  let two = 0x9747b28c ^ salt;
  for (const byte of bytes) {
    one = Math.imul(one ^ byte, 0x01000193);
    two = Math.imul(two ^ byte, 0x85ebca6b) ^ (two >>> 13);
  }
  const [high, low] = [(two >>> 0).toString(36), (one >>> 0).toString(36)];
  return (high.padStart(7, '0') + low.padStart(7, '0')).padEnd(43, '0');
}

function hash(bytes: Uint8Array): string {
  const mayName = bytes.length < 120 && named0.every((byte, at) => bytes[at] === byte);
  const id = mayName ? named.exec(decoder.decode(bytes))?.[1] : undefined;
  return id?.padEnd(43, '.') ?? mix(bytes);
}

export const keyOf = (id: string): PersonKey => id.padEnd(43, '_');

export function signatureOf(key: PersonKey, bytes: Uint8Array): string {
  return mix(
    bytes,
    key.length + (encoder.encode(key).reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), 7) | 0),
  ).padEnd(86, '0');
}

/** The keys of whoever has that id, and its word for what it is called. */
export function whoIs(id: string, name: string): Pick<Member, 'key' | 'box' | 'vouch'> {
  return vouched(keyOf(id), keyOf(`${id}-`), name);
}

/** Another process of whoever has that id. */
export function another(id: string, name: string): Pick<Member, 'id' | 'key' | 'box' | 'vouch'> {
  const [key, box] = [keyOf(id), `-${id}`.padEnd(43, '-')];
  return { id: hash(statement('id', key, box)).slice(0, 10), ...vouched(key, box, name) };
}

function vouched(key: PersonKey, box: BoxKey, name: string): Pick<Member, 'key' | 'box' | 'vouch'> {
  return { key, box, vouch: signatureOf(key, statement('member', box, name)) };
}

/** A person with that key, at a new process. */
export function toyCrypto(seed: number, key: PersonKey = new Toy(seed).text(43)): Crypto {
  const toy = new Toy(seed ^ 0x5eed);
  const box = toy.text(43);
  const lock = (other: string, about: Uint8Array): string =>
    mix(about, 1) + mix(encoder.encode([box, other].toSorted().join()));
  return {
    key,
    box,
    hash,
    stretch: (first, next) => hash(next(first)),
    random: (bytes) => toy.text(Math.ceil((bytes * 4) / 3)),
    sign: (bytes) => signatureOf(key, bytes),
    verify: (one, bytes, signature) => signatureOf(one, bytes) === signature,
    seal: (other, plain, about) =>
      lock(other, about) + Array.from(plain, (byte) => byte.toString(16).padStart(2, '0')).join(''),
    open: (other, sealed, about) => {
      if (!sealed.startsWith(lock(other, about))) return undefined;
      return Uint8Array.from(sealed.slice(86).match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
    },
  };
}

class Toy {
  readonly #random: Random;
  constructor(seed: number) {
    this.#random = new Random(seed, 0x70);
  }
  text(length: number): string {
    let text = '';
    while (text.length < length) text += this.#random.id();
    return text.slice(0, length);
  }
}
