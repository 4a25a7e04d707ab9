/**
 * Whether the person looks at the terminal, and what calls them when they do not. Pure but for what it remembers.
 *
 * Read is what has come while the terminal had the focus, or before a key was pressed. A terminal that never tells of its focus
 * counts as looked at for a minute after each key. The first line that comes while nobody looks has `── new ──` above it: in
 * ordinary scrollback nothing can be put there later. The next one has it only when somebody has looked meanwhile.
 */
import { graphemesOf } from './glyphs.ts';
import { clean } from './screen.ts';

/** So long after a key somebody looks, ms. */
const lookMs = 60_000;
/** No more than one bell in this time, ms: whoever says a name a thousand times is heard once. */
const bellMs = 1000;
/** What a notification shows, characters. */
const noticeMax = 120;

/** It moves no cursor. */
const bell = '\u0007';

export class Attention {
  /** As the terminal tells it; undefined as long as it has told nothing. */
  #focused: boolean | undefined;
  #keyAt: number;
  #marked = false;
  #rangAt = -Infinity;

  /** `now` here and below: ms since 1970. */
  constructor(now: number) {
    this.#keyAt = now;
  }

  /** The terminal has the focus from now on, or no longer. */
  focus(has: boolean): void {
    this.#focused = has;
    if (has) this.#marked = false;
  }

  /** Something was typed: whoever types, looks, whatever the terminal says. */
  key(now: number): void {
    this.#keyAt = now;
    this.#marked = false;
    if (this.#focused !== undefined) this.#focused = true;
  }

  /** Something has come that is to be read. @returns whether it is the first that nobody looks at */
  arrive(now: number): boolean {
    const looks = this.#focused ?? now - this.#keyAt < lookMs;
    if (looks || this.#marked) return false;
    this.#marked = true;
    return true;
  }

  /**
   * What to write to the terminal, so that the person comes: a bell; and where the terminal is known to be out of sight, a
   * notification of its desktop.
   * @param told may have words of others
   */
  call(
    told: string,
    now: number,
    { sound, env }: { readonly sound: boolean; readonly env: NodeJS.ProcessEnv },
  ): string {
    if (now - this.#rangAt < bellMs) return '';
    this.#rangAt = now;
    return (sound ? bell : '') + (this.#focused === false ? notice(told, env) : '');
  }
}

/** OSC 777 where that is known (urxvt, foot, VTE), else OSC 9: with both, some terminals would show it twice. */
function notice(told: string, env: NodeJS.ProcessEnv): string {
  const text = graphemesOf(clean(told)).slice(0, noticeMax).join('');
  const named = /^(?:rxvt|foot)/u.test(env['TERM'] ?? '') || env['VTE_VERSION'] !== undefined;
  // Never a number first: OSC 9;4 is something else to some.
  return named ? `\u001b]777;notify;groupchat;${text}\u001b\\` : `\u001b]9;groupchat: ${text}\u001b\\`;
}

/** Whether a text has a name as a word of its own, letter case aside. */
export function mentions(text: string, name: string): boolean {
  const [found, key] = [text.toLowerCase(), name.toLowerCase()];
  for (let at = found.indexOf(key); at !== -1; at = found.indexOf(key, at + 1)) {
    // Two code units are a character at most.
    const [before, after] = [found.slice(Math.max(0, at - 2), at), found.slice(at + key.length, at + key.length + 2)];
    if (!/[\p{L}\p{N}_]$/u.test(before) && !/^[\p{L}\p{N}_]/u.test(after)) return true;
  }
  return false;
}
