/**
 * The past: what a log holds, as lines to read, to search and to take away.
 *
 * Everything here follows from the log alone, names too, so two peers that hold the same log say the same, byte for
 * byte: times are those of the entries, in UTC.
 */
import type { PersonKey } from './crypto.ts';
import type { Entry, Position, Why } from './entry.ts';
import { noteWords, rulingIn, rulingWords } from './deed.ts';
import type { Extent } from './extent.ts';
import { emptySnapshot, standingAfter, standingOf, type Log } from './log.ts';
import { actionIn } from './line.ts';
import { hearsay } from './name.ts';
import type { Line } from './step.ts';
import type { PeerId, Person } from './view.ts';

interface Told {
  readonly entry: Entry;
  /** What its author, or the one it is about, is called; the id of one whom the log does not name. */
  readonly name: string;
  /** Of a new name: the one before. */
  readonly former: string;
  /** Of a new reign: who is gone, by name. */
  readonly lost: readonly { readonly name: string; readonly why: Why }[];
  /** Who they are, as far as the log has said. */
  readonly people: ReadonlyMap<PeerId, Known>;
}

type Known = Pick<Person, 'name' | 'key'>;

/** The entries of a log from its first, with names. */
function* told(log: Log): Generator<Told> {
  const people = new Map<PeerId, Known>();
  const nameOf = (id: PeerId): string => people.get(id)?.name ?? id;
  for (const member of log.snapshotAt(log.first - 1)?.view.members ?? []) people.set(member.id, member);
  for (const entry of log.entries(log.first)) {
    if (entry.kind === 'chat') {
      const { author, by } = entry;
      if (by !== undefined && !people.has(author)) people.set(author, { ...by, name: hearsay(by, people.values()) });
      yield { entry, name: nameOf(author), former: '', lost: [], people };
      continue;
    }
    const id = subjectOf(entry);
    const former = nameOf(id);
    const known = people.get(id);
    if (entry.kind === 'joined') people.set(entry.member.id, entry.member);
    else if (entry.kind === 'peers') for (const member of entry.members) people.set(member.id, member);
    else if (entry.kind === 'renamed' && known !== undefined) people.set(id, { key: known.key, name: entry.name });
    const lost = entry.kind === 'peers' ? entry.lost.map((one) => ({ name: nameOf(one.id), why: one.why })) : [];
    yield { entry, name: nameOf(id), former, lost, people };
  }
}

/** Whom a change of the view is about: of a new reign, its coordinator. */
export function subjectOf(entry: Exclude<Entry, { kind: 'chat' }>): PeerId {
  if (entry.kind === 'joined') return entry.member.id;
  if (entry.kind !== 'peers') return entry.id;
  return entry.members.find(({ addresses }) => addresses.length > 0)?.id ?? '';
}

/** The lines of a log, oldest first. */
export function* linesOf(log: Log, self: PeerId): Generator<Line> {
  for (const { entry, name } of told(log)) {
    if (entry.kind !== 'chat' || entry.what !== undefined) continue;
    const { author: id, n, epoch, seq, text, time, apart } = entry;
    yield { id, n, position: { epoch, seq }, name, text, time, own: id === self, history: true, apart };
  }
}

/** Why lines behind a position may be missing. */
export type Gap = 'trimmed' | 'elsewhere';

/**
 * Whether everything behind a position is held; `elsewhere`: it does not stand in this log, which has gone another way.
 * A reign gives each number once, so a position is in the log if the reign that holds its number is its own.
 */
export function placeOf(log: Extent, { epoch, seq }: Position): 'held' | Gap {
  const reign = log.lineage.findLast(({ first }) => first <= seq);
  if (seq > log.last || (reign !== undefined && reign.epoch !== epoch)) return 'elsewhere';
  return seq + 1 < log.first ? 'trimmed' : 'held';
}

/** Lines behind a position, by epoch and then by number. */
export function after(lines: Iterable<Line>, { epoch, seq }: Position): Line[] {
  return Array.from(lines).filter(({ position: at }) => at.epoch > epoch || (at.epoch === epoch && at.seq > seq));
}

/** At most `count` of the latest lines, or those since a time (ms since 1970). */
export function latest(lines: Iterable<Line>, { count, since }: { count?: number; since?: number }): Line[] {
  const found = Array.from(lines).filter(({ time }) => since === undefined || time >= since);
  return count === undefined ? found : found.slice(Math.max(0, found.length - count));
}

/** The latest `count` lines whose text or author's name contains the words, letter case aside; how many more there are. */
export function search(lines: Iterable<Line>, words: string, count: number): { lines: Line[]; more: number } {
  const wanted = words.toLowerCase();
  const holds = (text: string): boolean => text.toLowerCase().includes(wanted);
  const found = Array.from(lines).filter(({ text, name }) => holds(text) || holds(name));
  const from = Math.max(0, found.length - count);
  return { lines: found.slice(from), more: from };
}

/** How a room is taken away: one entry a line, for people or for programs. */
export type Format = 'text' | 'jsonl';

/** The log, a line for each entry that is there to be read, each ended by a newline. */
export function* transcript(log: Log, format: Format): Generator<string> {
  for (const line of format === 'jsonl' ? records(log) : sentences(log)) yield `${line}\n`;
}

/** What an act says may be secret: the room's key. */
function* records(log: Log): Generator<string> {
  for (const one of told(log))
    if (one.entry.kind !== 'chat' || one.entry.what === undefined) yield JSON.stringify(record(one));
}

function* sentences(log: Log): Generator<string> {
  const { law } = log;
  let standing = standingOf(log.snapshotAt(log.first - 1) ?? emptySnapshot);
  /** By whom they were put out. */
  const ousters = new Map<PersonKey, string>();
  for (const one of told(log)) {
    const { entry, name, people } = one;
    const before = standing;
    standing = standingAfter(before, law, entry);
    const time = new Date(entry.time).toISOString().replace(/\.\d+Z$/, 'Z');
    if (entry.kind !== 'chat' || entry.what === undefined) {
      yield `${time} ${sentence(one, ousters)}`;
      continue;
    }
    const ruling = rulingIn(entry, before, law);
    if (ruling?.verb === 'kick' || ruling?.verb === 'ban') ousters.set(ruling.about, name);
    const whom = (key: PersonKey): string => [...people.values()].findLast((person) => person.key === key)?.name ?? key;
    const done =
      ruling === undefined ? noteWords(entry, name, before, standing) : rulingWords(ruling, name, whom, before);
    if (done !== undefined) yield `${time} * ${done}`;
  }
}

/** `kind`, the position (`epoch`, `seq`), `time` in ms since 1970, `name`, and what is particular to the kind. */
function record({ entry, name, former }: Told): Record<string, unknown> {
  const { kind, epoch, seq, time } = entry;
  const place = { kind: kind === 'chat' ? 'line' : kind, epoch, seq, time };
  switch (entry.kind) {
    case 'chat':
      return { ...place, id: entry.author, n: entry.n, name, apart: entry.apart, text: entry.text };
    case 'joined':
      return { ...place, id: entry.member.id, name };
    case 'left':
      return { ...place, id: entry.id, name, why: entry.why };
    case 'renamed':
      return { ...place, id: entry.id, name, former };
    case 'handed':
      return { ...place, id: entry.id, name };
    case 'peers':
      return {
        ...place,
        kind: 'coordinator',
        id: subjectOf(entry),
        name,
        members: entry.members.map((one) => one.name),
      };
  }
}

/** Always in these words, whatever language a face speaks: peers that hold the same write the same. */
const reasons: Readonly<Record<Exclude<Why, 'left' | 'handover' | 'kicked'>, string>> = {
  ended: 'process ended',
  silent: 'not answering',
  cut: 'cut off',
  slow: 'fell too far behind',
  flood: 'said too much for too long',
};

function departure(name: string, why: Why): string {
  if (why === 'left') return `${name} left`;
  if (why === 'kicked') return `${name} was put out`;
  return why === 'handover' ? `${name} left and handed over` : `${name} is gone (${reasons[why]})`;
}

/** A line where nothing but text can be shown: what somebody does has a star in front. */
export function spoken(text: string): string {
  const action = actionIn(text);
  return action === undefined ? text : `* ${action}`;
}

function sentence({ entry, name, former, lost, people }: Told, ousters: ReadonlyMap<PersonKey, string>): string {
  switch (entry.kind) {
    case 'chat':
      // A line of the room is a line of the file, whatever somebody put into it.
      return `${name}${entry.apart ? ' (while apart)' : ''}: ${spoken(entry.text).replace(/\p{Cc}|[\u2028\u2029]/gu, ' ')}`;
    case 'joined':
      return `* ${name} joined`;
    case 'left': {
      const by = entry.why === 'kicked' ? ousters.get(people.get(entry.id)?.key ?? '') : undefined;
      return `* ${departure(name, entry.why)}${by === undefined ? '' : ` by ${by}`}`;
    }
    case 'renamed':
      return `* ${former} is called ${name} now`;
    case 'handed':
      return `* ${name} handed over`;
    case 'peers': {
      const gone = lost.map((one) => `${departure(one.name, one.why)}; `).join('');
      return `* ${gone}${name} coordinates: ${entry.members.map((one) => one.name).join(', ')}`;
    }
  }
}
