/** What is pasted, on a terminal that marks it. */
import { describe, expect, it } from 'vitest';
import { lineOf, stage } from './stage.ts';

const left = '\u001b[D';
const pasted = (text: string): string => `\u001b[200~${text}\u001b[201~`;
const lines = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at + 1}`);

describe('what is pasted', () => {
  it.each([
    ['one line, without its end', 'hello\r', 'hello'],
    ['five lines', lines(5).join('\r'), lines(5).join('\n')],
    ['lines that end as on Windows', 'one\r\n  two\r\n\r\nthree\r\n', 'one\n  two\n\nthree'],
    ['tabs', 'a\tb\n\tc', 'a    b\n    c'],
    ['what moves a cursor', 'a\u001b[2J\u0007b\u0003', 'a[2Jb'],
    ['keys of readline', 'a\u0015b\u0017c', 'abc'],
    ['nothing', '', ''],
  ])('is one message, and is not sent before Enter: %s', async (_, text, wanted) => {
    const { tty, sent, untilSent } = await stage({ columns: 100 });
    tty.type(`<>${left}`);
    await tty.until(({ cursor }) => cursor.column === 6);
    tty.type(pasted(text));
    const shown = wanted.replaceAll('\n', '↵');
    await tty.until((screen) => screen.lines.at(-1) === `bob› <${shown}>`);
    expect(sent).toEqual([]);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual([`<${wanted}>`]);
  });

  it('goes to one person like any other message, and Up brings it back', async () => {
    const { tty, sent, untilSent } = await stage();
    tty.type(`/msg alice ${pasted('one\rtwo')}\r`);
    await untilSent(1);
    tty.type('\u001b[A\r');
    await untilSent(2);
    expect(sent).toEqual(['to alice: one\ntwo', 'to alice: one\ntwo']);
  });

  it('comes in pieces, its marks too', async () => {
    const { tty, set, sent, untilSent } = await stage({ columns: 100 });
    for (const piece of ['\u001b[20', '0~one\rt', 'wo\u001b[2', '01', '~ three']) {
      tty.type(piece);
      // The face has had its turn.
      await set({});
    }
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual(['one\ntwo three']);
  });

  it('above five lines is asked for: one message', async () => {
    const { tty, say, sent, untilSent } = await stage({ columns: 100 });
    tty.type(`log:${left}`);
    await tty.until(({ cursor }) => cursor.column === 8);
    tty.type(pasted(`${lines(6).join('\r')}\r`));
    const asked = 'bob› (6 lines pasted: o sends them as one message, c cancels) log:';
    await tty.until((screen) => screen.lines.at(-1) === asked);
    // Neither what others say nor other keys answer it.
    await say('hello');
    tty.type(`\tx${left}ab\u001b[A`);
    await tty.until((screen) => screen.lines.at(-2) === '14:02 alice  hello' && screen.lines.at(-1) === asked);
    // Of those that look like an answer it is said what is one.
    tty.type('\r');
    tty.type('y');
    const again = '14:02 * 6 lines pasted: o sends them as one message, c cancels';
    await tty.until(({ lines: shown }) => shown.at(-2) === again && shown.at(-3) === again && shown.at(-1) === asked);
    expect(sent).toEqual([]);
    tty.type('o');
    await untilSent(1);
    expect(sent).toEqual([`log${lines(6).join('\n')}:`]);
    await tty.until((screen) => screen.lines.at(-1) === 'bob›');
    tty.type('next\r');
    await untilSent(2);
    expect(sent[1]).toBe('next');
  });

  it.each([
    ['c', 'c'],
    ['Escape', '\u001b'],
    ['Ctrl+C', '\u0003'],
  ])('above five lines is asked for: nothing of it, with %s, and what was typed stays', async (_, key) => {
    const { tty, sent, untilSent } = await stage({ columns: 100 });
    tty.type(`typed${left.repeat(2)}`);
    await tty.until(({ cursor }) => cursor.column === 8);
    tty.type(pasted(lines(700).join('\n')));
    await tty.until((screen) => screen.lines.at(-1)?.startsWith('bob› (700 lines pasted') === true);
    tty.type(pasted('more'));
    await tty.until((screen) => screen.lines.includes('14:02 * what was pasted now was not put in: answer first'));
    tty.type(key);
    await tty.until((screen) => screen.lines.at(-1) === 'bob› typed' && screen.cursor.column === 8);
    expect(tty.lines.at(-2)).toBe('14:02 * 700 lines were not sent');
    tty.type('X\r');
    await untilSent(1);
    expect(sent).toEqual(['typXed']);
  });

  it.each([
    ['one line', 'x'.repeat(1_000_000)],
    ['many', 'some words\r'.repeat(90_909).slice(0, -1)],
  ])('of a megabyte is refused in a word, and what was typed stays: %s', async (_, text) => {
    const { tty, sent, untilSent } = await stage({ columns: 200 });
    tty.type('before ');
    await tty.until(({ cursor }) => cursor.column === 12);
    const written = tty.written.length;
    tty.type(`${pasted(text)}after\r`);
    await untilSent(1);
    expect(sent).toEqual(['before after']);
    const told =
      /^14:02 \* what was pasted was not put in: the line would have 1,000,00\d bytes, and has at most 16,384$/u;
    await tty.until((screen) => screen.lines.some((line) => told.test(line)));
    expect(tty.written.length - written).toBeLessThan(5000);
  });

  it('of a megabyte, on a terminal that does not mark it, ends where a line does', async () => {
    const { tty, sent, untilSent, tell, set } = await stage({ columns: 200 });
    for (let piece = 0; piece < 250; piece++) {
      tty.type('x'.repeat(4000));
      // The face has had its turn: who writes much at once, and reads nothing meanwhile, waits for ever.
      await set({});
    }
    const told = '14:02 * a line has at most 16384 bytes: no more was put in';
    await tty.until((screen) => screen.lines.includes(told));
    tty.type('\u0015');
    await tty.until((screen) => screen.lines.at(-1) === 'bob›');
    tty.type('fine\r');
    await untilSent(1);
    expect(sent.at(-1)).toMatch(/fine$/u);
    await tell({ kind: 'line', line: lineOf('hello') });
    await tty.until((screen) => screen.lines.includes('14:02 alice  hello'));
    expect(tty.lines.filter((line) => line === told)).toHaveLength(1);
  });
});

it.each([1, 2, 3, 5])('what is pasted ends where its bracket is cut after %d bytes', async (cut) => {
  const { tty, sent, set, untilSent } = await stage();
  const whole = pasted('hello');
  const at = whole.length - 6 + cut;
  tty.type(whole.slice(0, at));
  // It has been read so far.
  await set({});
  tty.type(whole.slice(at));
  tty.type('\r');
  await untilSent(1);
  expect(sent).toEqual(['hello']);
});

describe('a message of several lines', () => {
  it.each([
    ['a terminal', {}, ['14:02 alice  one', '               two', '             three', '14:02 alice  next']],
    [
      'a dumb one',
      { TERM: 'dumb' },
      ['alice says: one', '    alice goes on:   two', '    alice goes on: three', 'alice says: next'],
    ],
    [
      'one that is read aloud',
      { READER: '1' },
      ['alice says: one', '    alice goes on:   two', '    alice goes on: three', 'alice says: next'],
    ],
  ])('has a row for each, and none at the left edge: %s', async (_, env, rows) => {
    const { tty, say, set } = await stage({ enter: false, env });
    await set({ phase: 'joined' });
    await say('one\n  two\nthree', 'next');
    await tty.until((screen) => screen.lines.some((line) => line.endsWith('next')));
    expect(tty.rows.slice(0, 4)).toEqual(rows);
  });

  it('does not take more of the screen than a hundred rows', async () => {
    const { tty, say } = await stage({ enter: false, columns: 60 });
    await say(Array.from({ length: 5000 }, () => '').join('\n'), 'after');
    await tty.until((screen) => screen.lines.includes('14:02 alice  after'));
    // The rest is in the last of them, as marks.
    expect(tty.rows.filter((row) => !row.includes('↵')).length).toBeLessThan(105);
  });
});
