/**
 * Whois: who is meant by what a person types, and what is known of that one, here or away.
 *
 * Three tell of people: the view, of those who are here; the pins, of whom a name is; the log, of those who were in the
 * room. One name may be several people's over the time, so all of them are found, whoever is here first. But what is
 * done is done to one key, so where it is not clear whose, nothing is done, and who is meant is asked for.
 *
 * There is one grammar for every command: a name; a name with a colon and the beginning of a key (`bob:Qk2zWm9x`); the
 * id of a process; a whole key, alone or behind any name and a colon.
 */
import type { Crypto, PersonKey } from './crypto.ts';
import { ChatError } from './errors.ts';
import { isVouched } from './identity.ts';
import { limits } from './limits.ts';
import { inForce } from './moderation.ts';
import { nameKey } from './name.ts';
import type { Pin, Pins } from './pins.ts';
import { rulesOf } from './rules.ts';
import { shownName, type Known, type State } from './state.ts';
import { memberOf, type Member, type PeerId, type View } from './view.ts';
import { fingerprint, wordsOf } from './words.ts';

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
  readonly people: ReadonlyMap<PeerId, Known>;
  /** Whom the room has lost; some may be so long ago that nothing else tells of them. */
  readonly lost: readonly Member[];
  readonly pins: Pins;
  /** Whom the rules of the room name, whether or not it is known what they are called. */
  readonly ruled: ReadonlySet<PersonKey>;
}

export function sourcesOf(state: State, pins: Pins): Sources {
  const { crypto, log, people, lost } = state;
  const { ops, bans } = rulesOf(inForce(state));
  const missing = Array.from(lost.values(), ({ member }) => member);
  return { crypto, view: log.view, people, lost: missing, pins, ruled: new Set([...ops, ...bans.keys()]) };
}

/** One person under one name. */
export interface Found {
  /** As it is written, or was when it was last met. Of one of whom only the key is known, the key. */
  readonly name: string;
  readonly key: PersonKey;
  /** Of its process with that name that is here, or was here last; undefined when it was in other rooms only. */
  readonly id: PeerId | undefined;
}

/** Twelve words, the same at both ends and in one order; each half stands for one person. */
export interface Comparison {
  /** Who is compared with. */
  readonly name: string;
  readonly key: PersonKey;
  readonly halves: readonly {
    readonly name: string;
    /** Whether it is that of the person here. */
    readonly own: boolean;
    readonly words: readonly string[];
  }[];
}

/** All who may be meant, each key once under each name: at most `namesakesMax`. @throws ChatError `unknown-name` */
export function whois(given: string, sources: Sources): Acquaintance[] {
  const found = find(given, sources);
  if (found.length === 0) throw unknown(given);
  return found.slice(0, limits.namesakesMax).map((one) => acquaintance(one, sources));
}

/** How far it counts who is here. */
export interface Presence {
  /**
   * `only`: nobody else can be meant; but whose the name is known to be must not be away while somebody else is here
   * with it. Left out: who is away counts as much.
   */
  readonly here?: 'only';
  /** Somebody of whom only the key is known is not meant: there is no name to accept. */
  readonly named?: boolean;
  /** A name that was accepted as somebody's (/accept) is that one's alone. */
  readonly trusting?: boolean;
}

/** The one person who is meant. @throws ChatError `unknown-name` or `ambiguous-name` */
export function whom(given: string, sources: Sources, { here, named = false, trusting = false }: Presence = {}): Found {
  const { crypto, view, pins } = sources;
  const present = new Set(view.members.map(({ key }) => key));
  const isHere = ({ key }: Found): boolean => present.has(key);
  const people = new Map<PersonKey, Found>();
  for (const one of find(given, sources)) if (!people.has(one.key)) people.set(one.key, one);
  // Somebody of whom only the key is known can be let in again; but is not here.
  const all = [...people.values()].filter(({ name, key }) => (here === undefined && !named) || name !== key);
  // Whoever has taken the name of somebody who is away is not put in that one's place.
  const counts = (one: Found): boolean => isHere(one) || (here === 'only' && pins.of(one.name)?.key === one.key);
  const meant = here === undefined ? all : all.some(isHere) ? all.filter(counts) : [];
  const accepted = meant.filter(({ name, key }) => pins.of(name)?.key === key && pins.of(name)?.accepted !== undefined);
  const [one, ...more] = trusting && accepted.length === 1 ? accepted : meant;
  if (one === undefined) throw unknown(given);
  if (more.length === 0) return one;
  const keys = meant.map(({ key }) => key);
  const ways = meant.slice(0, limits.namesakesMax).map(({ name, key }) => {
    const where = key === crypto.key ? 'you' : present.has(key) ? 'here' : 'not here';
    return `${name}:${key.slice(0, distinct(key, keys))} (${where})`;
  });
  throw new ChatError(
    'ambiguous-name',
    `${meant.length} people are or were called ${shown(given)}: say which, ${ways.join(' or ')}`,
  );
}

/** How one person is typed, whatever others are called: `bob:Qk2zWm9x`. */
export function calling({ name, key }: Pick<Found, 'name' | 'key'>): string {
  return name === key ? key : `${name}:${key.slice(0, limits.keyStartChars)}`;
}

function unknown(given: string): ChatError {
  return new ChatError('unknown-name', `nobody here is known as ${shown(given)}: /who says who is here`);
}

/** What was typed; of what is longer than any name with a key, the beginning. */
function shown(given: string): string {
  const most = limits.nameGraphemesMax + 1 + limits.keyChars;
  return given.length > most ? `${given.slice(0, limits.nameGraphemesMax)}…` : given;
}

/** How many characters tell a key from the others; never so few that one could be made to begin alike. */
function distinct(key: PersonKey, all: readonly PersonKey[]): number {
  const others = all.filter((other) => other !== key);
  let length = limits.keyStartChars;
  while (others.some((other) => other.startsWith(key.slice(0, length)))) length++;
  return length;
}

/** All who may be meant: who is here, whose the name is known to be, and who was in the room, the latest first. */
function find(given: string, { view, people, lost, pins, ruled }: Sources): Found[] {
  const colon = given.indexOf(':');
  const called = colon < 0 ? given : given.slice(0, colon);
  const start = colon < 0 ? '' : given.slice(colon + 1);
  const whole = colon < 0 ? given : start;
  const wanted = nameKey(called);
  // Whom this peer was told to join, and has not met, has no key.
  const heardOf = Array.from(people, ([id, person]) => ({ id, key: person.key, name: shownName(person) }));
  const met = [...heardOf.toReversed(), ...lost];
  const all = [...view.members, ...met.filter(({ key }) => key !== '')];
  const isMeant = ({ id, name, key }: Omit<Found, 'id'> & { readonly id?: PeerId }): boolean =>
    key === whole || id === given || (nameKey(name) === wanted && key.startsWith(start));
  const found = new Map<string, Found>();
  // By a whole key a person is meant, not one of its names.
  const markOf = (name: string, key: PersonKey): string => (key === whole ? key : key + nameKey(name));
  const add = ({ name, key }: Omit<Found, 'id'>): void => {
    const mark = markOf(name, key);
    if (!found.has(mark)) found.set(mark, { name, key, id: undefined });
  };
  for (const member of view.members) if (isMeant(member)) add(member);
  const pin = whole.length === limits.keyChars ? pins.entries().findLast(({ key }) => key === whole) : undefined;
  for (const one of [pins.of(called), pin]) if (one !== undefined && isMeant(one)) add(one);
  for (const one of all) if (isMeant(one)) add(one);
  if (ruled.has(whole)) add({ name: whole, key: whole });
  // An old process may be meant, whose person is here again.
  for (const { id, name, key } of all) {
    const mark = markOf(name, key);
    if (found.has(mark) && found.get(mark)?.id === undefined) found.set(mark, { name, key, id });
  }
  return [...found.values()];
}

/** What is known of somebody who was found. */
export function acquaintance({ name, key, id }: Found, { crypto, view, pins }: Sources): Acquaintance {
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

/** The words by which somebody is compared with the person here, who is called `own`. */
export function compare(one: Found, own: string, { crypto }: Sources): Comparison {
  const both = [
    { name: own, own: true, key: crypto.key },
    { name: one.name, own: false, key: one.key },
  ].toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return {
    name: one.name,
    key: one.key,
    halves: both.map((half) => ({ name: half.name, own: half.own, words: wordsOf(crypto, half.key) })),
  };
}
