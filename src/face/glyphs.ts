/** Characters on a terminal: how wide they may be, and what a person takes for one. Pure. */

/** Characters whose width all terminals agree on: no emoji, no marks, nothing that joins. */
const sure =
  /^[\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u203a\u3001-\u3029\u3041-\u3096\u30a0-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60✓]*$/u;
const narrow = /^[\u0020-\u007e]*$/u;
/** Keys that readline makes step over one code point: Backspace, Ctrl+B and Left; Delete, Ctrl+D, Ctrl+F and Right. */
const backward = /^(?:[\b\u007f\u0002]|\u001b[[O]D)$/u;
const forward = /^(?:[\u0004\u0006]|\u001b[[O]C|\u001b\[3~)$/u;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** Whether readline and every terminal find the same number of columns in a text. */
export function isSure(text: string): boolean {
  return sure.test(text);
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
