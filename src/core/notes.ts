/**
 * Notes: what the room is about (the topic), and who is away.
 *
 * They are acts as those of rules.ts are: lines of the log that are not shown as lines, signed alone, so that nobody can
 * make one up. But everybody may, and no time orders them: the last in the log holds, of all topics, and of what an author
 * says of itself. Whoever leaves the view is not away any more, but gone.
 *
 * A snapshot has those that hold. There are no more of them than fit: of too many, the first who went away is forgotten,
 * by everybody at the same place of the log.
 */
import { ChatError } from './errors.ts';
import { limits } from './limits.ts';
import { graphemeCount } from './name.ts';
import type { Act, Law } from './rules.ts';
import { memberOf, type PeerId, type View } from './view.ts';

/** `topic TEXT`, `away`, `away TEXT` and `back`. What `away` says may be ''. */
export interface Note {
  readonly verb: 'topic' | 'away' | 'back';
  readonly text: string;
}

/** One line, of whole characters that do not turn the text around, and some of them show. */
const shape =
  /^(?:(?<verb>topic|away) (?<text>(?! *$)[^\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+)|(?<alone>away|back))$/u;
const encoder = new TextEncoder();
const bytesOf = (text: string): number => encoder.encode(text).length;

/** What the text of an act says; undefined when that is no note. */
export function parseNote(said: string): Note | undefined {
  const { verb, text = '', alone } = shape.exec(said)?.groups ?? {};
  const which = verb ?? alone;
  if (which === undefined || bytesOf(text) > limits.noteBytesMax) return undefined;
  return { verb: which as Note['verb'], text };
}

/** Why that cannot be a note, or undefined. `text` may be '' where something else follows from that. */
export function noteFault(text: string): ChatError | undefined {
  const { noteGraphemesMax, noteBytesMax } = limits;
  if (bytesOf(text) > noteBytesMax || graphemeCount(text) > noteGraphemesMax)
    return new ChatError(
      'line-long',
      `that is too long: at most ${noteGraphemesMax} characters, and ${noteBytesMax} bytes`,
    );
  if (text !== '' && parseNote(`away ${text}`) === undefined)
    return new ChatError('line-control', 'that has a control character: one line of plain text, please');
  return undefined;
}

/** The topic of a room, as the act by which it is so. */
export function topicOf(notes: readonly Act[]): Act | undefined {
  return notes.find(({ text }) => parseNote(text)?.verb === 'topic');
}

/** Who is away, and what they say of it. */
export function absencesOf(notes: readonly Act[]): Map<PeerId, string> {
  const absences = new Map<PeerId, string>();
  for (const { author, text } of notes) {
    const note = parseNote(text);
    if (note?.verb === 'away') absences.set(author, note.text);
  }
  return absences;
}

/** The notes after an act, which are the same if it is none, or is not its author's. */
export function noted(law: Law, notes: readonly Act[], view: View, act: Act): readonly Act[] {
  const note = parseNote(act.text);
  if (note === undefined || !law.signed(act)) return notes;
  const isTopic = note.verb === 'topic';
  // Of who is not here nobody needs to know it.
  if (!isTopic && memberOf(view, act.author) === undefined) return notes;
  const about = (one: Act): boolean => {
    const topic = parseNote(one.text)?.verb === 'topic';
    return isTopic ? topic : !topic && one.author === act.author;
  };
  const others = notes.filter((one) => !about(one));
  if (note.verb === 'back') return others.length < notes.length ? others : notes;
  return bounded([...others, act]);
}

/** The notes that hold in a view. */
export function notesIn({ members }: Pick<View, 'members'>, notes: readonly Act[]): readonly Act[] {
  if (notes.length === 0) return notes;
  const here = new Set(members.map(({ id }) => id));
  const left = notes.filter((act) => here.has(act.author) || parseNote(act.text)?.verb === 'topic');
  return left.length < notes.length ? left : notes;
}

/** So many as may be, and as fit: the first who went away goes. */
function bounded(notes: readonly Act[]): readonly Act[] {
  const bytes = notes.reduce((sum, act) => sum + costOf(act), 0);
  if (notes.length <= limits.notesMax && bytes <= limits.notesBytesMax) return notes;
  const at = notes.findIndex(({ text }) => parseNote(text)?.verb === 'away');
  return bounded(notes.toSpliced(at, 1));
}

/** How long a note may be as JSON, bytes: each character of its text may be escaped. */
function costOf({ text }: Act): number {
  return 240 + 2 * bytesOf(text);
}

/** Whether what somebody gives for the notes of a room in that view may be so. */
export function isNoted(law: Law, notes: readonly Act[], view: View): boolean {
  const subjects = new Set<string>();
  for (const act of notes) {
    const note = parseNote(act.text);
    if (note === undefined || note.verb === 'back') return false;
    const author = memberOf(view, act.author);
    if (note.verb === 'away' && (author?.key !== act.key || author.box !== act.box)) return false;
    if (!law.signed(act)) return false;
    subjects.add(note.verb === 'topic' ? '' : act.author);
  }
  return subjects.size === notes.length && bounded(notes) === notes;
}
