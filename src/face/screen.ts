/**
 * What others sent, made fit for a screen.
 *
 * Names and lines come from strangers. On a terminal, ESC moves the cursor and rewrites what stands there, CR and BS
 * overtype, a newline forges a line of somebody else, bidi overrides show text in another order than it has, and
 * characters without width hide in look-alikes. So all that does not show is taken out. What remains of a sequence
 * (`[31m`) is left to be seen: whoever sent it meant something by it.
 *
 * The set is Unicode's: the controls (Cc), the formats (Cf: bidi, zero-width, tags) and whatever else is
 * Default_Ignorable_Code_Point (fillers, joiners). Kept are the joiners where they shape what is seen: ZWJ inside
 * emoji, ZWJ and ZWNJ inside words of Arabic and Indic scripts (RFC 5892 appendix A allows them there too), and one
 * variation selector after a character.
 */
import { limits } from '../core/limits.ts';

/** Shown where a line was broken, and there is but one row for it. */
export const breakMark = '↵';

/** A message is shown on so many lines at most: nobody is to clear a screen with a word. */
const shownLinesMax = 100;

const plain = /^[\x20-\x7e]*$/u;
const breaks = /\r\n|[\n\v\f\u0085\u2028\u2029]/gu;
const joining = [
  'Arabic',
  'Syriac',
  'Nko',
  'Mongolian',
  'Devanagari',
  'Bengali',
  'Gurmukhi',
  'Gujarati',
  'Oriya',
  'Tamil',
  'Telugu',
  'Kannada',
  'Malayalam',
  'Sinhala',
  'Khmer',
  'Myanmar',
]
  .map((script) => `\\p{Script=${script}}`)
  .join('');
/** Characters of these scripts that stay: a joiner must not be kept for the sake of one that goes. */
const joined = `[[${joining}]--\\p{Default_Ignorable_Code_Point}]`;
const kept = [
  `(?<=${joined})[\\u200c\\u200d](?=${joined})`,
  '(?<=\\p{Extended_Pictographic}\\ufe0f?\\p{Emoji_Modifier}?\\ufe0f?)\\u200d(?=\\p{Extended_Pictographic})',
  '[\\ufe00-\\ufe0f]',
  // Numbers and verses are marked by characters that count as formats, and show.
  '[\\u0600-\\u0605\\u06dd\\u070f\\u0890\\u0891\\u08e2]',
].join('|');
const hidden = new RegExp(`(?:(?!${kept})[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Default_Ignorable_Code_Point}])+`, 'gv');
const selectors = /([\ufe00-\ufe0f])[\ufe00-\ufe0f]+/gu;
/**
 * More marks on one letter would climb over other lines. A joiner between marks does not begin another pile, and goes
 * with the mark that it followed.
 */
const piled = new RegExp(
  `((?:\\p{M}[\\u200c\\u200d]?){${limits.marksMax - 1}}\\p{M})[\\u200c\\u200d]?\\p{M}[\\p{M}\\u200c\\u200d]*`,
  'gu',
);

/** The text without anything that could move a cursor, hide, or turn the order of what is read. Tabs become spaces. */
export function clean(text: string): string {
  if (plain.test(text)) return text;
  const shown = text.replace(breaks, breakMark).replaceAll('\t', '    ').replace(hidden, '');
  return shown.replace(selectors, '$1').replace(piled, '$1');
}

/** The same, line by line, with LF between them; beyond `shownLinesMax` lines, breaks are shown by a mark. */
export function cleanLines(text: string): string {
  if (plain.test(text)) return text;
  const lines = text.split('\n');
  const [shown, rest] = [lines.slice(0, shownLinesMax), lines.slice(shownLinesMax)];
  if (rest.length > 0) shown.push([shown.pop(), ...rest].join('\n'));
  return shown.map(clean).join('\n');
}
