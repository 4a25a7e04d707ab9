/**
 * Whois: what is known of somebody with a name, here or away.
 *
 * Three tell of people: the view, of those who are here; the pins, of whom a name is; the log, of those who were in the
 * room. One name may be several people's over the time, so all of them are found, whoever is here first. But what is
 * compared or accepted is one key, so where it is not clear whose, nothing is done: an id says whom.
 */
import type { Crypto, PersonKey } from './crypto.ts';
import { ChatError } from './errors.ts';
import { isVouched } from './identity.ts';
import { limits } from './limits.ts';
import { nameKey } from './name.ts';
import type { Pin, Pins } from './pins.ts';
import { memberOf, type Member, type PeerId, type Person, type View } from './view.ts';
import { fingerprint } from './words.ts';

/** What is known of somebody. Times are in ms since 1970. */
export interface Acquaintance {
  /** As it is written, or was when it was last met. */
  readonly name: string;
  readonly key: PersonKey;
  /** Its key in short: eight groups of four characters. */
  readonly fingerprint: string;
  /** Of its process that is here, or was here last; undefined when it was in other rooms only. */
  readonly id: PeerId | undefined;
  /** The person here. */
  readonly own: boolean;
  /** Its place in the room; undefined when it is away. */
  readonly member: Member | undefined;
  /** False when it is here, and has not signed that this is its process and its name. */
  readonly vouched: boolean;
  /**
   * Whose the name is known to be: `key` is this one's, or somebody else's. `since`: first met so; `met`: last met so;
   * `accepted`: when the person here said so. Undefined for the person here, and for a name that was never met.
   */
  readonly pin: Pin | undefined;
  /** Other names that this key was met under. */
  readonly others: readonly string[];
}

/** Where it is looked up. */
export interface Sources {
  readonly crypto: Crypto;
  readonly view: View;
  /** Who was in the room, the latest last. */
  readonly people: ReadonlyMap<PeerId, Person>;
  readonly pins: Pins;
}

/** Twelve words, the same at both ends and in one order; each half stands for one person. */
export interface Comparison {
  /** Who is compared with. */
  readonly name: string;
  readonly halves: readonly {
    readonly name: string;
    /** Whether it is that of the person here. */
    readonly own: boolean;
    readonly words: readonly string[];
  }[];
}

/** All who have that name, or that id, each key once: at most `namesakesMax`. @throws ChatError `unknown-name` */
export function whois(name: string, sources: Sources): Acquaintance[] {
  const { view, people, pins } = sources;
  const wanted = nameKey(name);
  const isMeant = (id: PeerId, person: Person): boolean => id === name || nameKey(person.name) === wanted;
  const found = new Map<string, Found>();
  const all = [...view.members, ...Array.from(people, ([id, person]) => ({ id, ...person })).toReversed()];
  const add = ({ name: called, key }: Pick<Person, 'name' | 'key'>): void => {
    const mark = key + nameKey(called);
    if (found.has(mark) || found.size >= limits.namesakesMax) return;
    // An old process may be meant, whose person is here again.
    const latest = all.find((one) => one.key === key && nameKey(one.name) === nameKey(called));
    found.set(mark, { name: latest?.name ?? called, key, id: latest?.id });
  };
  for (const member of view.members) if (isMeant(member.id, member)) add(member);
  const pin = pins.of(name);
  if (pin !== undefined) add(pin);
  for (const one of all) if (isMeant(one.id, one)) add(one);
  if (found.size === 0) throw new ChatError('unknown-name', `nobody is known here as ${name}; /who says who is here`);
  return Array.from(found.values(), (one) => acquaintance(one, sources));
}

/** The one who is meant: who is here goes before who is away. @throws ChatError `unknown-name` or `ambiguous-name` */
export function theOne(name: string, sources: Sources): Acquaintance {
  const all = whois(name, sources);
  const here = all.filter(({ member }) => member !== undefined);
  const [one, ...more] = here.length > 0 ? here : all;
  if (one !== undefined && more.length === 0) return one;
  throw new ChatError(
    'ambiguous-name',
    `several are known as ${name}: /whois ${name} shows their ids; give one of them`,
  );
}

interface Found {
  readonly name: string;
  readonly key: PersonKey;
  readonly id: PeerId | undefined;
}

function acquaintance({ name, key, id }: Found, { crypto, view, pins }: Sources): Acquaintance {
  const own = key === crypto.key;
  const member = id === undefined ? undefined : memberOf(view, id);
  const others = pins.entries().filter((pin) => pin.key === key && nameKey(pin.name) !== nameKey(name));
  return {
    name,
    key,
    fingerprint: fingerprint(crypto, key),
    id,
    own,
    member,
    vouched: member === undefined || isVouched(crypto, member),
    pin: own ? undefined : pins.of(name),
    others: others.map((pin) => pin.name),
  };
}
