/**
 * Rules: who may put somebody out, who may not come in, and which key the room has.
 *
 * They follow from acts, which are lines of the log that are never shown as lines. The founder may do everything: its
 * keys give the room's id, so nobody else can be taken for it. It names ops, who may put out and let in, and change the
 * key; nobody puts out the founder, and an op only the founder. An act counts if its author was allowed to at its place
 * in the log, and has signed it, alone: so whoever holds the log comes to the same rules, whoever coordinates.
 *
 * Of two acts about one person the later one holds, by the times that their authors have signed: so an old act that is
 * brought again does nothing, and two parts of a room that have parted come to the same rules when they meet.
 *
 * A snapshot has the acts that are behind the rules as they stand, and no others: the last about each person, also where
 * it only undid, and those by which their authors were allowed to. Everybody lets go of the others in the same way, after
 * each act.
 */
import type { BoxKey, Crypto, PersonKey } from './crypto.ts';
import { isSigned } from './cover.ts';
import type { ChatEntry } from './entry.ts';
import { idOf, roomOf } from './identity.ts';
import { limits } from './limits.ts';
import type { PeerId, Person } from './view.ts';

/** `op KEY`, `deop KEY`, `kick KEY`, `ban KEY` and `unban KEY` are about a person; `key NEWKEY` is the room's new key. */
export type Verb = 'op' | 'deop' | 'kick' | 'ban' | 'unban' | 'key';

/** What an act says. `about`: 43 characters of base64url. */
export interface Ruling {
  readonly verb: Verb;
  readonly about: string;
}

/** An act with all that it takes to check it. */
export interface Act {
  readonly author: PeerId;
  readonly key: PersonKey;
  readonly box: BoxKey;
  readonly n: number;
  readonly time: number;
  readonly text: string;
  readonly signature: string;
}

/** The process that founded the room. */
export type Founder = Pick<Person, 'key' | 'box'>;

/** What the rules follow from. */
export interface Charter {
  /** Null before the first entry, and in a log that was begun anew by one who had lost all: then nobody may do anything. */
  readonly founder: Founder | null;
  /** The acts behind the rules, in the order of the log. */
  readonly acts: readonly Act[];
}

export interface Rules {
  readonly founder: PersonKey | undefined;
  readonly ops: ReadonlySet<PersonKey>;
  /** Who may not come in, and who said so. */
  readonly bans: ReadonlyMap<PersonKey, PersonKey>;
  /** The room's key, if it was changed. */
  readonly key: string | undefined;
}

/** How acts are judged. */
export interface Law {
  /** Whether that process has founded the room. */
  founds(founder: Founder): boolean;
  /** What an act does to a charter; undefined when it does not count. */
  judge(charter: Charter, act: Act): Charter | undefined;
  /** Whether an act is its author's, in this room. */
  signed(act: Act): boolean;
}

export const emptyCharter: Charter = { founder: null, acts: [] };

/** Of a log whose acts nobody judges. */
export const lawless: Law = { founds: () => false, judge: () => undefined, signed: () => false };

const actShape = /^(?<verb>op|deop|kick|ban|unban|key) (?<about>[\w-]{42}(?<end>[\w-]))$/;
/** How 32 bytes can end in base64url: a room's key is what opens it, and another spelling of it would open nothing. */
const keyEnd = /[AEIMQUYcgkosw048]/;

/** What the text of an act says; undefined when that means nothing. */
export function parseAct(text: string): Ruling | undefined {
  const { verb, about, end = '' } = actShape.exec(text)?.groups ?? {};
  if (verb === undefined || about === undefined) return undefined;
  return verb === 'key' && !keyEnd.test(end) ? undefined : { verb: verb as Verb, about };
}

/** An act as it stands in the log, by one whom the log knows; undefined when it is not signed alone. */
export function actOf({ author, n, time, text, what, cover }: ChatEntry, by: Founder | undefined): Act | undefined {
  if (what !== 'act' || by === undefined || cover?.from !== n) return undefined;
  return { author, key: by.key, box: by.box, n, time, text, signature: cover.signature };
}

/** Whether somebody may do that under these rules. */
export function may({ founder, ops }: Rules, who: PersonKey, { verb, about }: Ruling): boolean {
  if (founder === undefined) return false;
  // Nobody is above the founder, and it puts out nobody less than itself.
  if (about === founder) return false;
  if (who === founder) return true;
  if (!ops.has(who) || verb === 'op' || verb === 'deop') return false;
  return verb === 'unban' || verb === 'key' || !ops.has(about);
}

/** What holds after these acts, which count. */
export function rulesOf({ founder, acts }: Charter): Rules {
  const tally = begun(founder);
  for (const act of acts) {
    const ruling = rulingOf(act);
    if (ruling !== undefined) rule(tally, act.key, ruling);
  }
  return tally;
}

/** What acts say that were read already: each of a long list is looked at once for each of the others. */
const read = new WeakMap<Act, Ruling>();

function rulingOf(act: Act): Ruling | undefined {
  const known = read.get(act);
  if (known !== undefined) return known;
  const ruling = parseAct(act.text);
  if (ruling !== undefined) read.set(act, ruling);
  return ruling;
}

/** Rules while they are counted up. */
interface Tally extends Rules {
  readonly ops: Set<PersonKey>;
  readonly bans: Map<PersonKey, PersonKey>;
  key: string | undefined;
}

function begun(founder: Founder | null): Tally {
  return { founder: founder?.key, ops: new Set(), bans: new Map(), key: undefined };
}

/** Whoever is banned is no op any more, and whoever is made one is not banned. */
function rule(tally: Tally, by: PersonKey, { verb, about }: Ruling): void {
  const { ops, bans } = tally;
  if (verb === 'key') tally.key = about;
  if (verb === 'op') ops.add(about);
  if (verb === 'deop' || verb === 'ban') ops.delete(about);
  if (verb === 'unban' || verb === 'op') bans.delete(about);
  if (verb === 'ban') bans.set(about, by);
}

/** What an act settles, until a later one does: how somebody stands, or which key the room has. A kick settles nothing. */
function subjectOf({ verb, about }: Ruling): string | undefined {
  return verb === 'kick' ? undefined : verb === 'key' ? verb : about;
}

/** The act that has settled that. */
function settled(acts: readonly Act[], ruling: Ruling): Act | undefined {
  const subject = subjectOf(ruling);
  if (subject === undefined) return undefined;
  return acts.findLast((act) => {
    const one = rulingOf(act);
    return one !== undefined && subjectOf(one) === subject;
  });
}

/** The latest time at which somebody may do something: ops leave the founder room, whatever their clocks say. */
function latestOf(founder: Founder | null, who: PersonKey): number {
  return who === founder?.key ? limits.timeMax : limits.opTimeMax;
}

/** Whether an act comes after the one that has settled the same. At one moment the founder has the last word. */
function isLater(founder: Founder, act: Act, last: Act | undefined): boolean {
  if (act.time > latestOf(founder, act.key)) return false;
  if (last === undefined || act.time > last.time) return true;
  return act.time === last.time && act.key === founder.key && last.key !== founder.key;
}

/**
 * When an act is said to be done, ms since 1970: after all that it is to undo, whatever the clocks say, and after the
 * acts of the same person that are under way.
 */
export function timeFor(
  { founder, acts }: Charter,
  who: PersonKey,
  text: string,
  wall: number,
  underWay: readonly Pick<Act, 'time'>[] = [],
): number {
  const ruling = parseAct(text);
  const last = ruling && settled(acts, ruling);
  const above = who === founder?.key && last?.key !== who;
  const times = underWay.map(({ time }) => time + 1);
  if (last !== undefined) times.push(last.time + (above ? 0 : 1));
  return Math.min(latestOf(founder, who), Math.max(wall, ...times));
}

/** Whether that is not so already. */
export function changes({ ops, bans, key }: Rules, { verb, about }: Ruling): boolean {
  switch (verb) {
    case 'op':
      return !ops.has(about);
    case 'deop':
      return ops.has(about);
    case 'ban':
      return !bans.has(about);
    case 'unban':
      return bans.has(about);
    case 'key':
      return key !== about;
    case 'kick':
      return false;
  }
}

/** The acts without those that make no difference any more. */
function condensed(founder: Founder, acts: readonly Act[]): readonly Act[] {
  const at = superfluous(founder, acts);
  return at === -1 ? acts : condensed(founder, acts.toSpliced(at, 1));
}

/** The place of the first act that makes no difference any more; -1 when each does. */
function superfluous(founder: Founder, acts: readonly Act[]): number {
  const wanted = rulesOf({ founder, acts });
  const last = new Set<Act>();
  const subjects = new Set<string>();
  for (const act of acts.toReversed()) {
    const ruling = rulingOf(act);
    const subject = ruling && subjectOf(ruling);
    if (subject === undefined || subjects.has(subject)) continue;
    subjects.add(subject);
    last.add(act);
  }
  // What is left must stand without it: each act by one who was allowed to.
  return acts.findIndex((act, at) => !last.has(act) && alike(lawfulRules(founder, acts.toSpliced(at, 1)), wanted));
}

/**
 * So many as may be. Of more, the first goes that only undid, which is remembered lest what it undid comes again; where
 * there is none, the founder's act takes the place of the last one by an op: no op can fill the list against it.
 */
function bounded(founder: Founder, acts: readonly Act[]): readonly Act[] | undefined {
  if (acts.length <= limits.actsMax) return acts;
  const wanted = rulesOf({ founder, acts });
  const without = (at: number): Rules | undefined => lawfulRules(founder, acts.toSpliced(at, 1));
  let at = acts.findIndex((act, one) => undid(act) && alike(without(one), wanted));
  if (at === -1 && acts.at(-1)?.key === founder.key)
    at = acts.findLastIndex((act, one) => act.key !== founder.key && without(one) !== undefined);
  return at === -1 ? undefined : condensed(founder, acts.toSpliced(at, 1));
}

function countOf(acts: readonly Act[], by: PersonKey): number {
  return acts.reduce((count, { key }) => (key === by ? count + 1 : count), 0);
}

function undid(act: Act): boolean {
  const verb = rulingOf(act)?.verb;
  return verb === 'unban' || verb === 'deop';
}

/** What holds after these acts; undefined when the author of one was not allowed to. */
function lawfulRules(founder: Founder, acts: readonly Act[]): Rules | undefined {
  const tally = begun(founder);
  for (const act of acts) {
    const ruling = rulingOf(act);
    if (ruling === undefined || !may(tally, act.key, ruling)) return undefined;
    rule(tally, act.key, ruling);
  }
  return tally;
}

function alike(one: Rules | undefined, other: Rules): boolean {
  if (one === undefined || one.key !== other.key) return false;
  if (one.ops.size !== other.ops.size || one.bans.size !== other.bans.size) return false;
  return [...one.ops].every((key) => other.ops.has(key)) && [...one.bans.keys()].every((key) => other.bans.has(key));
}

/** The law of a room, for one who can tell a true signature. What has been checked once is known. */
export function lawOf(crypto: Crypto, roomNow: () => string | null): Law {
  const known = new Map<string, boolean>();
  const isTrue = (act: Act): boolean => {
    const room = roomNow() ?? '';
    const about = JSON.stringify([room, act]);
    const before = known.get(about);
    if (before !== undefined) return before;
    if (known.size >= limits.actsKnownMax) known.clear();
    const found = isSignedAct(crypto, room, act);
    known.set(about, found);
    return found;
  };
  let latest = { key: '', box: '', room: '' };
  const founds = ({ key, box }: Founder): boolean => {
    if (key !== latest.key || box !== latest.box) latest = { key, box, room: roomOf(crypto, key, box) };
    return latest.room === roomNow();
  };
  const consider = (charter: Charter, act: Act): Charter | undefined => {
    const { founder, acts } = charter;
    const ruling = parseAct(act.text);
    if (founder === null || ruling === undefined) return undefined;
    if (!isLater(founder, act, settled(acts, ruling))) return undefined;
    const rules = rulesOf(charter);
    if (!may(rules, act.key, ruling) || !isTrue(act)) return undefined;
    if (act.key !== founder.key && countOf(acts, act.key) >= limits.opActsMax) return undefined;
    if (ruling.verb === 'kick') return charter;
    // What says again what is so holds from then on, and what undoes something that is not known here holds against that.
    const after = bounded(founder, condensed(founder, [...acts, act]));
    return after && { founder, acts: after };
  };
  // The log asks, and then whoever heeds what it holds.
  let judged: { readonly charter: Charter; readonly act: Act; readonly after: Charter | undefined } | undefined;
  const judge = (charter: Charter, act: Act): Charter | undefined => {
    if (judged?.charter !== charter || !isSame(judged.act, act))
      judged = { charter, act, after: consider(charter, act) };
    return judged.after;
  };
  return { founds, judge, signed: isTrue };
}

function isSame(one: Act, other: Act): boolean {
  return (
    one.signature === other.signature &&
    one.author === other.author &&
    one.n === other.n &&
    one.time === other.time &&
    one.text === other.text &&
    one.key === other.key &&
    one.box === other.box
  );
}

function isSignedAct(crypto: Crypto, room: string, { author, key, box, n, time, text, signature }: Act): boolean {
  if (idOf(crypto, key, box) !== author) return false;
  const range = { base: '', lines: [{ n, time, what: 'act', text }] } as const;
  return isSigned(crypto, key, room, { author, from: n, n, signature }, range);
}

/** Whether a charter is that of the room, and each of its acts counts: what somebody gives need not be true. */
export function isChartered(law: Law, { founder, acts }: Charter): boolean {
  if (founder === null) return acts.length === 0;
  if (!law.founds(founder) || acts.length > limits.actsMax) return false;
  const tally = begun(founder);
  const last = new Map<string, Act>();
  const ops = new Set(acts.map(({ key }) => key));
  ops.delete(founder.key);
  if ([...ops].some((key) => countOf(acts, key) > limits.opActsMax)) return false;
  for (const act of acts) {
    const ruling = rulingOf(act);
    const subject = ruling && subjectOf(ruling);
    if (ruling === undefined || subject === undefined || !isLater(founder, act, last.get(subject))) return false;
    if (!may(tally, act.key, ruling) || !law.signed(act)) return false;
    last.set(subject, act);
    rule(tally, act.key, ruling);
  }
  // As a list it is what everybody would have made of it.
  return superfluous(founder, acts) === -1;
}

/**
 * What holds for one who has seen `seen` hold, and is given a log that says otherwise: nothing that was ruled is undone by
 * leaving it out.
 */
export function upheld(law: Law, given: Charter, seen: Charter): Charter {
  if (seen.founder === null || !law.founds(seen.founder)) return given;
  let charter = given.founder === null ? { founder: seen.founder, acts: [] } : given;
  for (const act of seen.acts) charter = law.judge(charter, act) ?? charter;
  return charter;
}
