/**
 * The pins on the disk: `known.json` in a profile's folder. Several rooms of one person may be open at once, each in a
 * process of its own; so what is in the file when it is written is joined with what is known here.
 */
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { Pins, type Pin } from '../core/pins.ts';
import { reason } from './disk.ts';
import { ownFolder, readOwned, replaceOwned, sweepOwned } from './owned.ts';

/** No more than one writing in this time, ms. */
const writeMs = 1000;

const time = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(limits.timeMax));
const schema = v.strictObject({
  version: v.literal(1),
  pins: v.pipe(
    v.array(
      v.strictObject({
        // Not whether it is a name: what counts as one may change with the version of Unicode.
        name: v.pipe(v.string(), v.minLength(1), v.maxLength(limits.nameBytesMax)),
        key: v.pipe(v.string(), v.regex(/^[\w-]{43}$/)),
        since: time,
        met: time,
        accepted: v.optional(time),
      }),
    ),
    v.maxLength(limits.pinsMax),
  ),
});

export class Known {
  readonly pins: Pins;
  readonly #path: string;
  readonly #warn: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #isDue = false;
  #warned = false;

  private constructor(path: string, pins: Pins, warn: (message: string) => void) {
    this.#path = path;
    this.pins = pins;
    this.#warn = warn;
  }

  /**
   * Those whom a person knows; nobody where nothing is kept, or it is damaged.
   * @param warn told what is not as it should be, a line for each thing
   * @throws ChatError `store` when others can read or change it
   */
  static async load(folder: string, warn: (message: string) => void): Promise<Known> {
    await ownFolder(folder);
    const path = join(folder, 'known.json');
    await sweepOwned(path);
    return new Known(path, new Pins(await read(path, warn)), warn);
  }

  /** The pins have changed: they are written within a second. */
  keep(): void {
    this.#isDue = true;
    this.#timer ??= setTimeout(() => void this.#write(), writeMs).unref();
  }

  /** Writes what is not written yet. */
  close(): Promise<void> {
    return this.#write();
  }

  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writeAfter(this.#writing);
    return this.#writing;
  }

  async #writeAfter(before: Promise<void>): Promise<void> {
    await before;
    if (!this.#isDue) return;
    this.#isDue = false;
    try {
      const kept = await read(this.#path, this.#warn);
      const pins = new Pins([...kept, ...this.pins.entries()]).entries();
      await replaceOwned(this.#path, `${JSON.stringify({ version: 1, pins })}\n`);
      this.#warned = false;
    } catch (error) {
      // Tried again when there is more to write, or at the end.
      this.#isDue = true;
      if (!this.#warned) this.#warn(error instanceof ChatError ? error.message : reason(error));
      this.#warned = true;
    }
  }
}

/** What is in the file. One that makes no sense is put aside, and told. */
async function read(path: string, warn: (message: string) => void): Promise<readonly Pin[]> {
  const bytes = await readOwned(path, limits.pinsBytesMax);
  if (bytes === undefined) return [];
  const found = parse(bytes);
  if (found !== undefined) return found;
  const aside = `${path}~${Date.now()}`;
  const put = await rename(path, aside).then(
    () => `it is now ${aside}`,
    (error: unknown) => `it cannot be put aside (${reason(error)})`,
  );
  warn(`${path} is damaged: ${put}, and who has which name is learnt anew`);
  return [];
}

function parse(bytes: Buffer): readonly Pin[] | undefined {
  if (bytes.length > limits.pinsBytesMax) return undefined;
  try {
    const { success, output } = v.safeParse(schema, JSON.parse(bytes.toString()));
    return success ? output.pins : undefined;
  } catch {
    return undefined;
  }
}
