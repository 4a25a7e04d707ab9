/** What lies between two processes, and how it breaks into pieces what is written at once. */
import type { Random } from '../../src/core/random.ts';

export interface Network {
  /** Latency of one way, ms: uniform between these. */
  readonly latency: readonly [number, number];
  /** Into how many pieces bytes may fall; 0: single bytes. */
  readonly pieces: number;
  /** How many bytes fit into a pipe. */
  readonly window: number;
}

/** Every piece of one byte that there is: most of what a network of single bytes carries. Nobody writes into what came. */
const singles = Array.from({ length: 256 }, (_, byte) => Uint8Array.of(byte));

/**
 * Breaks a write into pieces. They are not copied, and no socket does: the core has promised not to write them again,
 * and if it does, somebody reads nonsense.
 */
export function split(bytes: Uint8Array, pieces: number, random: Random, put: (piece: Uint8Array) => void): void {
  if (pieces === 0) return crumble(bytes, random, put);
  const count = 1 + random.below(pieces);
  if (count === 1) return put(bytes);
  const size = Math.max(1, Math.ceil(bytes.length / count));
  for (let at = 0; at < bytes.length; at += size) put(bytes.subarray(at, at + size));
}

/**
 * Single bytes: of one short write in four all of them, of the others a stretch anywhere, between what comes whole
 * before and after it. All of every write would find nothing else, and take half of the time of all networks together.
 */
function crumble(bytes: Uint8Array, random: Random, put: (piece: Uint8Array) => void): void {
  const whole = bytes.length <= 80 && random.chance(0.25);
  const from = whole ? 0 : random.below(bytes.length);
  const to = whole ? bytes.length : Math.min(bytes.length, from + 1 + random.below(16));
  if (from > 0) put(bytes.subarray(0, from));
  for (let at = from; at < to; at++) put(singles[bytes[at] as number] as Uint8Array);
  if (to < bytes.length) put(bytes.subarray(to));
}
