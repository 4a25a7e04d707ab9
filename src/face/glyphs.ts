/** Characters on a terminal: how wide they may be, and what a person takes for one. Pure. */

/** Characters whose width all terminals agree on: no emoji, no marks, nothing that joins. */
const sure =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u203a\u3001-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60✓]*$/u;
const narrow = /^[\u0020-\u007e]*$/u;
/** What takes two columns, or may: East Asian letters and signs, pictures, and whatever is neither letter, digit nor mark. */
const wide =
  /[\u1100-\u11ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe10-\ufe1f\ufe30-\ufe6f\uff00-\uffef\u{16fe0}-\u{18dff}\u{1aff0}-\u{1b2ff}\u{1d300}-\u{1d37f}\u{1f000}-\u{3ffff}]|[^\p{L}\p{M}\p{Nd}\p{Nl}\p{P}\p{Zs}\u2500-\u259f]/u;
/** What takes none. Marks of the East, and those beyond the first plane, do on some terminals. */
const none = /^(?!\ufe0f|[\u2e80-\ua4cf\u{10000}-\u{10ffff}])[\p{Mn}\p{Me}\u200c\u200d]$/u;
/** Keys that readline makes step over one code point: Backspace, Ctrl+B and Left; Delete, Ctrl+D, Ctrl+F and Right. */
const backward = /^(?:[\b\u007f\u0002]|\u001b[[O]D)$/u;
const forward = /^(?:[\u0004\u0006]|\u001b[[O]C|\u001b\[3~)$/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Whether readline and every terminal find the same number of columns in a text. */
export function isSure(text: string): boolean {
  return sure.test(text);
}

/** Whether a text has nothing but the letters and signs of ASCII. */
export function isPlain(text: string): boolean {
  return narrow.test(text);
}

/** What a person takes for one character, one after the other. */
export function graphemesOf(text: string): string[] {
  return narrow.test(text) ? text.split('') : Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/**
 * How many columns a character takes, by the terminal that gives it the most: an emoji of several is drawn as one by some,
 * and one after the other by others; the selector of pictures (U+FE0F) makes some wider.
 */
export function columnsOf(character: string): number {
  let columns = 0;
  for (const one of character) columns += none.test(one) ? 0 : isWide(one) ? 2 : 1;
  return columns;
}

function isWide(character: string): boolean {
  // Up to there all that is sure is narrow.
  return wide.test(character) && !(character < '\u2e80' && sure.test(character));
}

/**
 * Stands for the joiner of an emoji that is made of several (U+200D), where its columns must be known: some terminals draw
 * one picture of two columns then, others all of them, and readline counts all. It has as many bytes, and code units.
 */
const joinMark = '‿';
const joiner = '\u200d';
const betweenPictures = (character: string): RegExp =>
  new RegExp(
    `(?<=\\p{Extended_Pictographic}(?:\\ufe0f|\\p{Emoji_Modifier})?)${character}(?=\\p{Extended_Pictographic})`,
    'gu',
  );
const [joiners, joinMarks] = [betweenPictures(joiner), betweenPictures(joinMark)];

/** A text in which each picture stands for itself; `joined` undoes that. */
export function parted(text: string): string {
  return text.replaceAll(joiners, joinMark);
}

export function joined(text: string): string {
  return text.replaceAll(joinMarks, joiner);
}

/** At most so many columns. */
export function widthOf(text: string): number {
  return narrow.test(text) ? text.length : 2 * text.length;
}

/** How many code points a key is to step over, so that no character is torn: an emoji has up to a dozen of them. */
export function stepsOf(key: string, line: string, cursor: number): number {
  const back = backward.test(key);
  if (!back && !forward.test(key)) return 1;
  const at = graphemes.segment(line).containing(back ? cursor - 1 : cursor);
  if (at === undefined) return 1;
  const end = at.index + at.segment.length;
  return Array.from(back ? line.slice(at.index, cursor) : line.slice(cursor, end)).length;
}
