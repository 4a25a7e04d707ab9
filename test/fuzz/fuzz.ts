/** One input from one seed: which target it goes to, what becomes of it, and how small it may be and still do that. */
import { Random } from '../../src/core/random.ts';
import { core } from './core.ts';
import { files } from './files.ts';
import { kept } from './kept.ts';
import { must, type Target } from './target.ts';
import { texts } from './texts.ts';
import { wire } from './wire.ts';

export const targets: readonly Target[] = [...wire, ...texts, ...kept, ...core, ...files];
const shares = targets.reduce((sum, { share }) => sum + share, 0);

export interface Failure {
  readonly target: string;
  readonly seed: number;
  readonly message: string;
  readonly stack: string;
}

interface Attempt {
  readonly input: Uint8Array;
  readonly failure: Failure | undefined;
}

/** The target of a seed: each gets its share of any thousand seeds in a row. */
export function targetOf(seed: number): Target {
  let place = (seed * 389) % shares;
  for (const target of targets) {
    place -= target.share;
    if (place < 0) return target;
  }
  throw new Error(`no target for seed ${seed}`);
}

export function named(name: string): Target {
  const found = targets.find((target) => target.name === name);
  must(
    found !== undefined,
    `no target is called ${name}; there are ${targets.map((target) => target.name).join(', ')}`,
  );
  return found;
}

/** What becomes of the input of a seed; at once, unless the target has to wait for the disk. */
export function attempt(target: Target, seed: number): Attempt | Promise<Attempt> {
  const random = new Random(seed, seed / 2 ** 32, target.name.length * 256 + target.name.charCodeAt(0));
  const input = target.make(random);
  const failure = (error: unknown): Attempt => {
    const { message, stack = '' } = error instanceof Error ? error : new Error(String(error));
    return { input, failure: { target: target.name, seed, message, stack } };
  };
  try {
    const waits = target.check(input);
    if (waits === undefined) return { input, failure: undefined };
    return waits.then(() => ({ input, failure: undefined }), failure);
  } catch (error) {
    return failure(error);
  }
}

async function fails(target: Target, input: Uint8Array, like: string): Promise<boolean> {
  try {
    await target.check(input);
    return false;
  } catch (error) {
    return error instanceof Error && error.message.slice(0, 30) === like.slice(0, 30);
  }
}

/** As much of an input as is needed for it to fail alike. */
export async function smallest(target: Target, input: Uint8Array, message: string): Promise<Uint8Array> {
  let least = input;
  for (let size = 2 ** Math.floor(Math.log2(Math.max(1, input.length))); size >= 1; size /= 2) {
    for (let at = 0; at < least.length;) {
      const less = Buffer.concat([least.subarray(0, at), least.subarray(at + size)]);
      if (await fails(target, less, message)) least = less;
      else at += size;
    }
  }
  return least;
}
