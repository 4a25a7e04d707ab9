/** Lines as rows: what stands where, and that nothing is wider than the terminal. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsOf, graphemesOf } from '../../src/face/glyphs.ts';
import { rowsOf } from '../../src/face/rows.ts';
import { clean } from '../../src/face/screen.ts';

const widthOf = (row: string): number =>
  graphemesOf(row.replaceAll(/\u001b\[\d+m/gu, '')).reduce((sum, one) => sum + columnsOf(one), 0);

describe('a line', () => {
  it.each<[string, string, number, number | undefined, string[]]>([
    ['that fits', '14:02 bob  hi', 11, 13, ['14:02 bob  hi']],
    ['of many words', '14:02 bob  one two three four', 11, 20, ['14:02 bob  one two', '          three four']],
    [
      'of a word that goes on to the next row, and does not fit there with what follows',
      'seven words !!!!!!!👨‍👩‍👧',
      10,
      20,
      ['seven words', '          !!!!!!!', '          👨‍👩‍👧'],
    ],
    [
      'with a word that is too long',
      '14:02 bob  abcdefghijklmno',
      11,
      20,
      ['14:02 bob  abcdefghi', '          jklmno'],
    ],
    [
      'with spaces up to the edge',
      `14:02 eve  ok${' '.repeat(7)}14:02 bob`,
      11,
      20,
      ['14:02 eve  ok', '          14:02 bob'],
    ],
    [
      'with spaces beyond it',
      `14:02 eve  ok${' '.repeat(99)}14:02 bob`,
      11,
      20,
      [`14:02 eve  ok${' '.repeat(7)}`, '          14:02 bob'],
    ],
    ['of which a space ends a row', `14:02 eve  abcdefghi jk`, 11, 20, ['14:02 eve  abcdefghi', '          jk']],
    [
      'with a long name',
      '14:02 somebody_with_a_name  hi there',
      28,
      20,
      ['14:02 somebody_with_', '          a_name  hi', '          there'],
    ],
    ['of wide characters', '14:02 bob  一二三四五六', 11, 20, ['14:02 bob  一二三四', '          五六']],
    ['of emoji, each as wide as anywhere', 'bob  👍🏽👍🏽👍🏽', 5, 13, ['bob  👍🏽👍🏽', '     👍🏽']],
    [
      'of emoji joined without end',
      `bob  ${'👩‍'.repeat(9)}👩`,
      5,
      13,
      [`bob  ${'👩‍'.repeat(4)}`, `     ${'👩‍'.repeat(4)}`, `     ${'👩‍'.repeat(1)}👩`],
    ],
    ['of letters with marks', 'bob  e\u0301e\u0301e\u0301e\u0301', 5, 8, ['bob  e\u0301e\u0301e\u0301', '    e\u0301']],
    ['on a terminal of no width', 'abcdefgh', 2, 0, ['abcdefgh']],
    ['on one that is too narrow for anything', 'abcdefgh', 2, 3, ['abcdefgh']],
    ['on one that has none', 'abcdefgh', 2, undefined, ['abcdefgh']],
    ['that does not hang', 'abc def', 0, 5, ['abc', ' def']],
    [
      'with colours',
      '\u001b[2m14:02\u001b[22m \u001b[36mbob\u001b[39m  one two',
      11,
      15,
      ['\u001b[2m14:02\u001b[22m \u001b[36mbob\u001b[39m  one', '       two'],
    ],
  ])('%s', (_, line, hang, columns, rows) => expect(rowsOf(line, hang, columns)).toEqual(rows));

  const bit = fc.oneof(
    fc.constantFrom(
      ' ',
      '  ',
      ' '.repeat(40),
      'word',
      '世界',
      '👨‍👩‍👧',
      '👩‍'.repeat(60),
      '❤️',
      'नमस्ते',
      'ﷺ',
      'e\u0301',
      '\u001b[2m',
      '\u001b[22m',
      '│',
      '①',
      '한',
    ),
    fc.string({ unit: 'grapheme', maxLength: 30 }).map(clean),
  );
  const text = fc.array(bit, { maxLength: 40 }).map((bits) => bits.join(''));

  it('is whole, in rows of which only the first begins at the left edge, and none is too wide', () => {
    fc.assert(
      fc.property(text, fc.nat(100), fc.integer({ min: 20, max: 100 }), (line, hang, columns) => {
        const rows = rowsOf(line, hang, columns);
        for (const row of rows) expect(widthOf(row)).toBeLessThanOrEqual(columns);
        for (const row of rows.slice(1)) expect(row).toMatch(/^ /u);
        expect(rows.join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
      }),
    );
  });
});
