/**
 * What a person finds again at the terminal: the lines typed lately (`typed` in a profile's folder, the oldest first), and how
 * the terminal is to look and sound (`terminal.json`). Both are for this person alone. Which lines are fit to be kept, the
 * face knows. Several rooms of one person may be open at once: what another process has written meanwhile stays.
 *
 * None of it is worth failing for: what cannot be read is as if it were not there, and what cannot be written is said once.
 */
import { join } from 'node:path';
import * as v from 'valibot';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';
import { checkFolder, ownFolder, readOwned, replaceOwned, sweepOwned } from './owned.ts';

/** How the terminal is to look and sound; what is left out is as it comes. */
const tastes = v.object({
  theme: v.optional(v.fallback(v.picklist(['dark', 'light', 'none']), 'dark')),
  bell: v.optional(v.fallback(v.boolean(), true)),
  quiet: v.optional(v.fallback(v.boolean(), false)),
});
export type Taste = Readonly<v.InferOutput<typeof tastes>>;

const tasteBytesMax = 4096;

export interface DeskOptions {
  /** The profile's folder (folders.ts); undefined where nothing is kept on disk. */
  readonly folder: string | undefined;
  /** Whether typed lines are kept. */
  readonly lines: boolean;
}

export class Desk {
  /** What was typed in earlier runs, the oldest first. */
  readonly typed: readonly string[];
  readonly #options: DeskOptions;
  #taste: Taste;
  /** Typed since the last writing. */
  #fresh: string[] = [];
  #isNew = false;
  #writing: Promise<void> | null = null;
  #failed = false;
  /** Told once when something cannot be kept. */
  warn: (message: string) => void = () => {};

  private constructor(options: DeskOptions, typed: readonly string[], taste: Taste) {
    this.#options = options;
    this.typed = typed;
    this.#taste = taste;
  }

  static async open(options: DeskOptions): Promise<Desk> {
    const { folder, lines } = options;
    if (folder === undefined) return new Desk(options, [], {});
    try {
      await checkFolder(folder);
      for (const path of [typedPath(folder), tastePath(folder)]) await sweepOwned(path);
      return new Desk(options, lines ? await readTyped(folder) : [], await readTaste(folder));
    } catch (error) {
      // Whose the folder is, the peer says when it starts.
      if (error instanceof ChatError) return new Desk({ ...options, folder: undefined }, [], {});
      throw error;
    }
  }

  get taste(): Taste {
    return this.#taste;
  }

  /** Keeps a line as it was typed. */
  keepLine(line: string): void {
    if (!this.#options.lines) return;
    this.#fresh.push(line);
    this.#write();
  }

  keepTaste(taste: Taste): void {
    this.#taste = { ...this.#taste, ...taste };
    this.#isNew = true;
    this.#write();
  }

  /** Resolves when all is written, or cannot be. */
  async close(): Promise<void> {
    while (this.#writing !== null) await this.#writing;
  }

  #write(): void {
    const { folder } = this.#options;
    if (folder === undefined || this.#failed || this.#writing !== null) return;
    this.#writing = this.#writeTo(folder)
      .catch((error: unknown) => {
        if (!(error instanceof ChatError)) throw error;
        this.#failed = true;
        this.warn(`what you type is not kept: ${error.message}`);
      })
      .finally(() => {
        this.#writing = null;
        if (this.#fresh.length > 0 || this.#isNew) this.#write();
      });
  }

  async #writeTo(folder: string): Promise<void> {
    const [fresh, isNew] = [this.#fresh, this.#isNew];
    this.#fresh = [];
    this.#isNew = false;
    await ownFolder(folder);
    if (isNew) await replaceOwned(tastePath(folder), `${JSON.stringify(this.#taste)}\n`);
    if (fresh.length === 0) return;
    const all = bounded([...(await readTyped(folder)), ...fresh]);
    await replaceOwned(typedPath(folder), all.map((line) => `${line}\n`).join(''));
  }
}

const typedPath = (folder: string): string => join(folder, 'typed');
const tastePath = (folder: string): string => join(folder, 'terminal.json');

/** @throws ChatError `store` when others can read or change it */
async function readTyped(folder: string): Promise<string[]> {
  const bytes = (await readOwned(typedPath(folder), limits.keptBytesMax)) ?? Buffer.alloc(0);
  // Anybody may have written there what moves the cursor.
  const lines = bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '' && !/\p{Cc}/u.test(line));
  return bounded(lines);
}

async function readTaste(folder: string): Promise<Taste> {
  const bytes = await readOwned(tastePath(folder), tasteBytesMax);
  try {
    return v.parse(tastes, JSON.parse(bytes?.toString('utf8') ?? '{}'));
  } catch {
    return {};
  }
}

/** The latest of them, each where it was typed last. */
function bounded(lines: readonly string[]): string[] {
  const kept = new Set<string>();
  let bytes = 0;
  for (const line of lines.toReversed()) {
    if (kept.has(line)) continue;
    bytes += Buffer.byteLength(line) + 1;
    if (kept.size === limits.keptLinesMax || bytes > limits.keptBytesMax) break;
    kept.add(line);
  }
  return [...kept].toReversed();
}
