/**
 * Who came and who went, in as few lines as it takes. Pure: the time is an argument.
 *
 * As long as nothing else is said, those who come and go in one moment share a line, which changes: `12 joined: ann, ben,
 * …`. Somebody whose link comes and goes would still have two lines a minute wherever others talk, so whoever has been
 * told often is told once a minute, with how often it was and how it stands.
 */
import { saidGoodbye, type Why } from '../core/entry.ts';
import type { Member } from '../core/view.ts';
import { clean } from './screen.ts';
import { list } from './text.ts';

/** What follows within this time is of the same moment, ms: a room that comes together takes a few seconds. */
const momentMs = 10_000;
/** Whoever was told so often within this time (ms) is told only at its end. */
const tolds = 4;
export const steadyMs = 60_000;
/** So many people are watched for that: more than a room has. */
const toldMax = 1000;

export interface Coming {
  readonly member: Member;
  /** Why it went; undefined when it came. */
  readonly why?: Why;
  /** The words for this one alone. */
  readonly told: string;
}

/** Somebody, in the line that may still change. */
interface Someone {
  readonly first: Coming;
  last: Coming;
  times: number;
}

export class Comings {
  /** Who is in the line that may still change, by key and name. */
  #moment = new Map<string, Someone>();
  #movedAt = -Infinity;
  /** When somebody was told lately, ms. */
  readonly #told = new Map<string, number[]>();
  /** Who is told no more until it has been steady for a while. */
  readonly #quiet = new Map<string, Someone>();

  /**
   * @param open the line that was told last is still to be seen, and nothing below it
   * @returns what to show, in place of that line or as another one; undefined when it is told later, see `late`
   */
  hear(coming: Coming, now: number, open: boolean): { readonly text: string; readonly again: boolean } | undefined {
    // A person may have another process here, under another name, which comes and goes by itself.
    const key = `${coming.member.key} ${coming.member.name}`;
    const again = open && now - this.#movedAt < momentMs;
    if (!again) this.#moment.clear();
    const known = this.#moment.get(key);
    // In a line that it has already, it takes no other.
    if (known === undefined && this.#isOften(key, now)) {
      add(this.#quiet, key, coming);
      return undefined;
    }
    this.#movedAt = now;
    if (known === undefined) this.#told.set(key, [...(this.#told.get(key) ?? []), now]);
    add(this.#moment, key, coming);
    return { text: phrase([...this.#moment.values()]), again };
  }

  /** Something has to be told after `steadyMs`. */
  get waits(): boolean {
    return this.#quiet.size > 0;
  }

  /** What was not told when it happened; undefined when nothing is left to say. */
  late(): string | undefined {
    if (!this.waits) return undefined;
    const text = phrase([...this.#quiet.values()]);
    this.#quiet.clear();
    return text;
  }

  #isOften(key: string, now: number): boolean {
    if (this.#quiet.has(key)) return true;
    const recent = (this.#told.get(key) ?? []).filter((time) => now - time < steadyMs);
    this.#told.delete(key);
    if (recent.length > 0) this.#told.set(key, recent);
    // Whoever was told longest ago stands first.
    const [oldest] = this.#told.keys();
    if (this.#told.size > toldMax && oldest !== undefined) this.#told.delete(oldest);
    return recent.length >= tolds;
  }
}

function add(to: Map<string, Someone>, key: string, coming: Coming): void {
  const known = to.get(key);
  if (known === undefined) return void to.set(key, { first: coming, last: coming, times: 1 });
  known.last = coming;
  known.times++;
}

/** All of them in one line. */
function phrase(all: readonly Someone[]): string {
  const [single] = all;
  if (single !== undefined && all.length === 1 && single.times === 1) return single.first.told;
  const once = all.filter(({ times }) => times === 1);
  const came = once.filter(({ first }) => first.why === undefined);
  const went = once.filter(({ first }) => first.why !== undefined);
  const both = all.filter(({ times }) => times > 1);
  const goodbyes = went.every(({ first: { why } }) => why !== undefined && saidGoodbye(why));
  return [
    ...counted(came, 'joined'),
    ...counted(went, goodbyes ? 'left' : 'are gone'),
    ...(both.length > 3 ? counted(both, 'came and went') : both.map(wavering)),
  ].join('; ');
}

function counted(some: readonly Someone[], what: string): string[] {
  const [single] = some;
  if (single === undefined) return [];
  if (some.length === 1) return [single.first.told];
  // No more are named.
  const names = some.slice(0, 5).map(({ first }) => clean(first.member.name));
  return [`${some.length} ${what}: ${list(names, some.length)}`];
}

function wavering({ first, last, times }: Someone): string {
  const name = clean(first.member.name);
  const here = last.why === undefined;
  if (times === 2) return `${name} ${here ? 'left and came back' : 'joined and left'}`;
  return `${name} came and went ${Math.ceil(times / 2)} times, and is ${here ? 'here' : 'gone'} now`;
}
