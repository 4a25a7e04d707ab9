/**
 * Deeds: what an act in the log has done to the room, in the words of a transcript. Acts that do not count, and those that
 * change nothing, are no deeds.
 */
import type { PersonKey } from './crypto.ts';
import type { ChatEntry } from './entry.ts';
import type { Standing } from './log.ts';
import { absencesOf, parseNote, topicOf } from './notes.ts';
import { actOf, changes, parseAct, rulesOf, type Law, type Ruling, type Verb } from './rules.ts';
import { memberOf } from './view.ts';

/** What an act says that counts, and is about the rules of the room. */
export function rulingIn(entry: ChatEntry, { view, charter }: Standing, law: Law): Ruling | undefined {
  const ruling = parseAct(entry.text);
  const act = actOf(entry, memberOf(view, entry.author) ?? entry.by);
  return act !== undefined && law.judge(charter, act) !== undefined ? ruling : undefined;
}

/** What that has changed, in words; that somebody is put out shows when he goes, and a key is secret. */
export function rulingWords(
  ruling: Ruling,
  by: string,
  nameOf: (key: PersonKey) => string,
  { charter }: Standing,
): string | undefined {
  const { verb, about } = ruling;
  if (verb === 'kick' || !changes(rulesOf(charter), ruling)) return undefined;
  return ruled(verb, by, verb === 'key' ? '' : nameOf(about));
}

/** Who has done what to whom. A key is done to nobody. */
export function ruled(verb: Exclude<Verb, 'kick'>, by: string, whom: string): string {
  switch (verb) {
    case 'op':
      return `${by} made ${whom} an op`;
    case 'deop':
      return `${by} took the op from ${whom}`;
    case 'ban':
      return `${by} banned ${whom}`;
    case 'unban':
      return `${by} lifted the ban on ${whom}`;
    case 'key':
      return `${by} changed the key of this room`;
  }
}

/** What a note has changed, in words. */
export function noteWords(
  { author, text }: ChatEntry,
  name: string,
  before: Standing,
  after: Standing,
): string | undefined {
  const note = parseNote(text);
  if (note === undefined) return undefined;
  const held = ({ notes }: Standing) => (note.verb === 'topic' ? topicOf(notes)?.text : absencesOf(notes).get(author));
  if (held(before) === held(after)) return undefined;
  switch (note.verb) {
    case 'topic':
      return `${name} changed the topic to: ${note.text}`;
    case 'away':
      return `${name} is away${note.text === '' ? '' : `: ${note.text}`}`;
    case 'back':
      return `${name} is back`;
  }
}
