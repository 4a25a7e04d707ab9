/** A target of the fuzzer: what it is given, and what must hold of it. */
import type { Random } from '../../src/core/random.ts';

export interface Target {
  readonly name: string;
  /** How many inputs in a thousand. */
  readonly share: number;
  make(random: Random): Uint8Array;
  /** Throws when something is wrong; whatever else is thrown on the way is wrong, too. */
  check(input: Uint8Array): void | Promise<void>;
}

/** What must hold of what is read. */
export function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`fuzz: ${what}`);
}

/** Whatever is read, as text to be compared. */
function written(value: unknown): string {
  const plain = (_: string, one: unknown): unknown => {
    if (one instanceof Map) return [...one];
    if (one instanceof Uint8Array) return Buffer.from(one).toString('base64');
    return one;
  };
  return JSON.stringify(value, plain) ?? 'nothing';
}

export function same(one: unknown, other: unknown, what: string): void {
  const [first, second] = [written(one), written(other)];
  if (first !== second) throw new Error(`fuzz: ${what}: ${first.slice(0, 400)} and ${second.slice(0, 400)}`);
}
