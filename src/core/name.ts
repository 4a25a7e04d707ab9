/**
 * Names: what a person may be called, and which names count as the same.
 *
 * Who reads a name must know who speaks, so names that look the same are the same. The base is the skeleton of Unicode
 * (UTS #39): each character becomes the one that it looks like. It differs in this:
 *
 * - ASCII stands for itself, but for letter case: b0b is not bob. l, I and 1, m and rn stay apart: Ali and All, Ian and
 *   Lan are names, I and i are one letter, a folder keeps its plain name, and a terminal's font tells them apart.
 * - Letter case makes no difference, so a letter is alike in both cases or in none. Capitals decide: В is B, so в is b
 *   too, and Вера is the same as Bepa, which takes a name from nobody.
 * - Two letters of one script other than Latin stay two (the Thai ด and ต), but for two codes of one letter (the Arabic
 *   and the Persian yeh, Han). Nor are they made one by way of a third: ו and ן both look like l, but ג׳ו (Joe) and ג׳ן
 *   (Jen) are two people. The first of them stands for l, the other one for itself.
 * - Runs are not letters: nothing becomes more than one letter with its marks, and no letter a mark. Hangul is left as
 *   it is: taken apart as the skeleton does it, 각가 and 가까 were one.
 *
 * So a name in its own script is the same as a Latin one only if each of its letters is like a Latin one. What is left
 * are letters like the Greek ν, which is v to the eye, and n by its capital. In a Greek name that is as it should be; in
 * a name that is otherwise Latin it can only be there to imitate (Steνe), and as no key could be right for it
 * (νiνa is Νίνα and viva), such a word is refused. Other mixtures are not: Боб_DJ is somebody's name, pаypal with a
 * Cyrillic а is taken beside paypal, and nobody is hurt by it where there is none.
 */
import { alike, ambiguous } from './confusables.ts';
import { ChatError } from './errors.ts';
import { limits } from './limits.ts';
import type { Person } from './view.ts';

/** Made when first needed: making it takes longer than all else that a peer does before it listens. */
let segmenter: Intl.Segmenter | undefined;
/**
 * White space, and all that does not show: controls, formats (bidi, zero-width), fillers, private use; and what counts as
 * a letter or a picture and is drawn as nothing: of Braille, Khitan, hieroglyphs, music, and in place of an object.
 */
const unshown =
  /[\p{White_Space}\p{C}\p{Default_Ignorable_Code_Point}\u2800\u{16fe4}\u{13441}\u{13442}\u{1d159}\ufffc]/u;
const slashFault = 'a name has no colon and does not start with a slash';
const frontFault = 'a name does not start with a star, a question mark or a bar: the program does';
const youFault = 'you is no name: whoever reads it takes it for himself';
const encoder = new TextEncoder();
const plain = /^[ -~]*$/;
const spacesFault = 'a name has no spaces and no characters that do not show';
/** What takes no room. A filler of Hangul does, and nothing else that is ignorable: neither stands in a name. */
const widthless = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;
/** A letter, a digit or a picture. */
const worded = /[\p{L}\p{N}\p{So}\p{Regional_Indicator}]/u;
const latin = /\p{Script=Latin}/u;
const foreign = /[^\p{Script=Latin}\p{Script=Common}\p{Script=Inherited}]/u;
/** What only names beyond ASCII need. Made when the first one comes: it takes 15 ms, and a start must not. */
let beyond: ReturnType<typeof makeBeyond> | undefined;
const makeBeyond = () => ({
  /** Emoji as they are recommended for general interchange: joiners and selectors have a place in them only. */
  emoji: new RegExp('\\p{RGI_Emoji}', 'gv'),
  /** More marks on one letter than src/face/screen.ts shows: two names would look like one. */
  piled: new RegExp(`\\p{M}{${limits.marksMax + 1}}`, 'u'),
  /** Unicode's blocks of arrows, and those among its signs. */
  arrow:
    /[\u2190-\u21ff\u2794\u2798-\u27af\u27b1-\u27be\u27f0-\u27ff\u2900-\u297f\u2b00-\u2b11\u2b30-\u2b4f\u2b5a-\u2b95\uffe9-\uffec\u{1f800}-\u{1f8ff}]/u,
  doubtful: new RegExp(`[${ambiguous}]`, 'gu'),
});
/** What a character looks like. Made when first needed too, and apart: keys need no more than this. */
let looks: ReadonlyMap<string, string> | undefined;
/** Keys of names that were met: a coordinator needs those of all its members for each newcomer. */
const keys = new Map<string, string>();

/** The characters that a person sees. */
function graphemes(text: string): string[] {
  if (plain.test(text)) return text.split('');
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** How many characters a person sees. */
export function graphemeCount(text: string): number {
  return graphemes(text).length;
}

/** What is wrong with a name, or undefined. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'a name must not be empty';
  // Bytes first: counting the graphemes of a megabyte is work that a stranger could make us do.
  if (encoder.encode(name).length > limits.nameBytesMax) return `a name has at most ${limits.nameBytesMax} bytes`;
  if (graphemeCount(name) > limits.nameGraphemesMax) return `a name has at most ${limits.nameGraphemesMax} characters`;
  if (plain.test(name)) return plainFault(name);
  beyond ??= makeBeyond();
  if (unshown.test(name.replace(beyond.emoji, ''))) return spacesFault;
  // Of marks alone, or with one in front: it would stand on what is written before it.
  if (/^\p{M}/u.test(name)) return 'a name does not start with a mark that belongs on a letter';
  if (beyond.piled.test(name.normalize('NFD'))) return `a letter of a name has at most ${limits.marksMax} marks`;
  if (imitates(name, beyond.doubtful)) return 'a name does not mix Latin letters with letters that look like them';
  // A private message is from `bob → you`.
  if (beyond.arrow.test(name)) return 'a name has no arrows: they say who writes to whom';
  const fault = plainFault(name);
  if (fault !== undefined) return fault;
  // Whatever looks like a star or a colon is one.
  const look = nameKey(name);
  if (look === 'you') return youFault;
  return look.includes(':') ? slashFault : look.startsWith('*') ? frontFault : undefined;
}

function plainFault(name: string): string | undefined {
  if (name.includes(' ')) return spacesFault;
  if (!worded.test(name)) return 'a name has a letter or a digit';
  // The program itself says "you".
  if (name.toLowerCase() === 'you') return youFault;
  if (name.includes(':') || name.startsWith('/')) return slashFault;
  // With these it begins what it says itself, whom it does not know, and a heading.
  return /^[*?\uff1f\u2500-\u257f]/u.test(name) ? frontFault : undefined;
}

/** Whether a word has Latin letters, and all others look Latin too, though some of them count as something else. */
function imitates(name: string, doubtful: RegExp): boolean {
  return bare(name)
    .split(/[^\p{L}\p{M}]+/u)
    .some((word) => {
      const rest = word.replaceAll(doubtful, '');
      return rest !== word && latin.test(rest) && !foreign.test(lookOf(rest));
    });
}

/** @throws ChatError `name-invalid` */
export function checkName(name: string): void {
  const fault = nameFault(name);
  if (fault !== undefined) throw new ChatError('name-invalid', fault);
}

/**
 * Names with the same key count as the same. Letter case, compatibility forms, characters of no width and letters that
 * look alike make no difference. A key is its own key.
 */
export function nameKey(name: string): string {
  if (plain.test(name)) return name.toLowerCase();
  let key = keys.get(name);
  if (key === undefined) {
    key = lookOf(name);
    // Made anew rather than by age: nobody meets so many names but who is sent them to make it slow.
    if (keys.size >= limits.nameKeysMax) keys.clear();
    keys.set(name, key);
  }
  return key;
}

function lookOf(name: string): string {
  looks ??= table(alike);
  const to = looks;
  // By way of capitals: ß is ss then, and ς is σ.
  const folded = bare(name).toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKD');
  return Array.from(folded, (character) => to.get(character) ?? character)
    .join('')
    .normalize('NFKD');
}

/** Letters and marks one by one, without what has no width. */
function bare(name: string): string {
  return name.normalize('NFKD').replaceAll(widthless, '').normalize('NFKD');
}

function table(lines: string): ReadonlyMap<string, string> {
  const entries = lines.split('\n').map((line) => line.split(' ') as [string, string]);
  return new Map(entries.flatMap(([target, sources]) => Array.from(sources, (source) => [source, target] as const)));
}

/**
 * The name itself if its key is not among those taken, or the first of name2, name3, … whose key is not.
 * Digits become nothing else and change nothing before them, so a stem's key is made once and not for each number.
 */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(nameKey(name))) return name;
  let stem = graphemes(name);
  for (let first = 2, end = 10; ; first = end, end *= 10) {
    // A suffix must not push the name over its limit.
    while (nameFault(stem.join('') + first) !== undefined) stem = stem.slice(0, -1);
    const key = nameKey(stem.join(''));
    for (let number = first; number < end; number++) if (!taken.has(key + number)) return stem.join('') + number;
  }
}

/** Whether that is what `freeName` makes of a name: nobody is called otherwise by others. */
export function isNumbered(name: string, free: string): boolean {
  if (nameFault(free) !== undefined) return false;
  const [digits = ''] = /\d+$/.exec(free) ?? [];
  // A name may end with digits itself: any of them may be where the number begins.
  for (let at = free.length - digits.length; at < free.length; at++) {
    const [stem, number] = [free.slice(0, at), free.slice(at)];
    if (name.startsWith(stem) && (stem === name || nameFault(name + number) !== undefined)) return true;
  }
  return false;
}

/**
 * What somebody is called of whom only others tell. There is a mark in front, which no name has; and where the name is
 * known to be another person's, or the person by another name, it is not said, or whoever makes up a person could speak as anybody.
 */
export function hearsay(by: Pick<Person, 'name' | 'key'>, known: Iterable<Pick<Person, 'name' | 'key'>>): string {
  const key = nameKey(by.name);
  for (const one of known) if ((one.key === by.key) !== (nameKey(one.name) === key)) return `?${by.key.slice(0, 9)}`;
  return `?${by.name}`;
}
