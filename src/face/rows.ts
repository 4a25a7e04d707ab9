/**
 * A line as rows of a terminal. Pure. A message of several lines (LF between them) has a row for each, at least.
 *
 * Were the terminal to wrap it, the second row would begin at the left edge, as every line of the room does: whoever fills
 * a row with spaces could put there what looks like somebody else's line, or a warning. So no row but the first begins
 * there: the others hang under the text. That costs that a long word (an address of the web) is cut where the row ends.
 *
 * No row is wider than the terminal by any count of columns, see `columnsOf`; what was printed before the terminal became
 * narrower is wrapped by the terminal all the same.
 */
import { columnsOf, isPlain, graphemesOf } from './glyphs.ts';
import { breakMark } from './screen.ts';

/** A change of colour (SGR): what a styled line has in it besides text. */
// eslint-disable-next-line no-control-regex -- it is what is looked for
const styles = /(\u001b\[[\d;]*m)/u;
/** Under which column further rows begin where there are neither times nor a prompt. */
const rowHang = 4;
/** Narrower than this, nothing can be laid out: two columns of margin, and a wide character. */
const columnsMin = 4;

/** One thing that is written: a change of colour (0 columns), or a character. */
interface Piece {
  readonly text: string;
  readonly columns: number;
}

/**
 * The rows, below each other.
 * @param hang under which column the rows after the first begin, but never behind the middle; without it there is but one
 * @param columns those of the terminal; where they are not known (0, undefined), the line stays whole
 */
export function rowsOf(line: string, hang: number | undefined, columns: number | undefined): string[] {
  if (hang === undefined) return [line];
  if (columns === undefined || columns < columnsMin) return [line.replaceAll('\n', breakMark)];
  // Columns are code units at least, where all is plain.
  if (line.length <= columns && isPlain(line)) return [line];
  const indent = Math.max(1, Math.min(hang, Math.floor(columns / 2)));
  const rows: string[] = [];
  let row: Piece[] = [];
  let width = 0;
  /** Where the last spaces of the row begin, and the first piece behind them; both are the row's end where it has none. */
  let gap: readonly [from: number, to: number] | undefined;
  /** A row has ended at a space: those that follow go with it. */
  let skips = false;

  const end = (from: number, to: number): void => {
    rows.push(
      row
        .slice(0, from)
        .map(({ text }) => text)
        .join(''),
    );
    row = [{ text: ' '.repeat(indent), columns: indent }, ...row.slice(to)];
    width = row.reduce((sum, piece) => sum + piece.columns, 0);
    gap = undefined;
  };
  for (const piece of piecesOf(line, columns - indent)) {
    if (piece.text === '\n') {
      end(row.length, row.length);
      skips = false;
      continue;
    }
    if (piece.text === ' ') {
      if (skips) continue;
      if (width + 1 > columns) {
        end(row.length, row.length);
        skips = true;
        continue;
      }
      // A space within the margin is no place to break at.
      if (gap !== undefined && gap[1] === row.length) gap = [gap[0], row.length + 1];
      else if (width > indent) gap = [row.length, row.length + 1];
    } else if (piece.columns > 0) {
      skips = false;
      // What goes on to the next row may leave no room for it there, either.
      while (width + piece.columns > columns) end(...(gap ?? ([row.length, row.length] as const)));
    }
    row.push(piece);
    width += piece.columns;
  }
  return [...rows, row.map(({ text }) => text).join('')];
}

/** Where lines are written: at a terminal, or not. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Lines as they are written there: at a terminal, in rows of which only the first of each line begins at the edge. */
export function laidOut(text: string, { isTTY = false, columns }: Screen): string {
  if (!isTTY) return text;
  return text
    .split('\n')
    .flatMap((line) => rowsOf(line, rowHang, columns))
    .join('\n');
}

function* piecesOf(line: string, most: number): Generator<Piece> {
  for (const [at, part] of line.split(styles).entries()) {
    if (at % 2 === 1) yield { text: part, columns: 0 };
    else for (const text of graphemesOf(part)) yield* whole(text, most);
  }
}

/** A character, or what it is made of where that may be too wide for a row: any number of emoji may be joined. */
function whole(text: string, most: number): Piece[] {
  const columns = columnsOf(text);
  if (columns <= most) return [{ text, columns }];
  return Array.from(text, (one) => ({ text: one, columns: columnsOf(one) }));
}
