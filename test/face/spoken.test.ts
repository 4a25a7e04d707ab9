/** The terminal face with --screen-reader. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { marks } from '../../src/face/keyboard.ts';
import { alice, bob, carol, ownLine, stage, withoutMarks, type Stage } from './stage.ts';
import type { TtyOptions } from './tty.ts';

const [up, down] = ['\u001b[A', '\u001b[B'];
const backspace = '\u007f';
const pasted = (text: string): string => `\u001b[200~${text}\u001b[201~`;
const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `line ${at + 1}`);

interface Reading extends Stage {
  /** What stands there behind alice's welcome: lines, and rows. */
  readonly lines: () => readonly string[];
  readonly rows: () => readonly string[];
  /** Resolves when the last of the lines is that one. */
  readonly untilLast: (line: string) => Promise<void>;
}

/** A peer called bob, in a room with alice, who has welcomed him. */
async function reading(options: TtyOptions & { readonly shell?: string } = {}): Promise<Reading> {
  const made = await stage({ columns: 100, ...options, enter: false, env: { ...options.env, READER: '1' } });
  const { tty } = made;
  const behind = (all: readonly string[]) => all.slice(all.indexOf('alice says: welcome') + 1);
  await made.set({ phase: 'joined' });
  await made.tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
  await made.say('welcome');
  await tty.until(({ lines }) => lines.includes('alice says: welcome'));
  return {
    ...made,
    lines: () => behind(tty.lines),
    rows: () => behind(tty.rows),
    untilLast: (line) => tty.until(({ lines }) => lines.at(-1) === line),
  };
}

it('is a transcript that is read line by line, and nothing of it is ever drawn again', async () => {
  const { tty, tell, set, say, sent, untilSent, lines, untilLast } = await reading();
  const unknown = 'there is no command /topix; did you mean /topic? (// at the start says a slash)';
  tty.type('hi al\t');
  await untilLast('hi alice');
  tty.type('!\r');
  await untilSent(1);
  await tell({ kind: 'line', line: ownLine('hi alice !', { n: 1 }) });
  await tell({ kind: 'receipt', n: 1, have: 1, of: 1, lacking: [] });
  await say('hello bob', '/me waves', 'two\nlines');
  tty.type('/topix\r');
  await untilLast(unknown);
  await set({ known: [{ name: 'alice', key: 'K'.repeat(43), own: false }] });
  tty.type('/msg alice psst\r');
  await untilSent(2);
  tty.type(pasted(numbered(6).join('\r')));
  await untilLast('6 lines pasted: o sends them as one message, c cancels');
  tty.type('o');
  await untilSent(3);
  await tell({ kind: 'left', member: carol, why: 'left', history: false });
  await untilLast('carol left');
  tty.type('never mind\u0003');
  await untilLast('never mind');
  tty.type('\u0004');
  expect(await tty.exit).toBe(0);
  expect(sent).toEqual(['hi alice !', 'to alice: psst', numbered(6).join('\n')]);
  expect(lines()).toEqual([
    'hi alice !',
    'alice says: hello bob',
    'alice does: waves',
    'alice says: two',
    '    alice goes on: lines',
    '/topix',
    unknown,
    '/msg alice psst',
    '6 lines pasted: o sends them as one message, c cancels',
    '6 lines entered as one message',
    'carol left',
    'never mind',
    'you left',
  ]);
  expect(tty.written).toContain(marks(true));
  expect(withoutMarks(tty)).not.toContain('\u001b');
});

describe('the typed line', () => {
  it('is not glued to what arrives, and survives it', async () => {
    const { tty, say, sent, untilSent, lines, untilLast } = await reading();
    tty.type('what I am typ');
    await untilLast('what I am typ');
    await say('hello');
    await tty.until(() => lines().length === 3);
    tty.type('ing\r');
    await untilSent(1);
    expect(sent).toEqual(['what I am typing']);
    await untilLast('what I am typing');
    expect(lines()).toEqual(['what I am typ', 'alice says: hello', 'what I am typing']);
  });

  it('is written once more below lines that come together', async () => {
    const { tty, set, lines, untilLast } = await reading();
    await set({ members: [alice, bob] });
    tty.type('/who\rtyping');
    await tty.until(() => lines().filter((line) => line === 'typing').length === 2);
    expect(lines().slice(0, 3)).toEqual(['/who', 'typing', '2 are here, earliest first:']);
    expect(lines().length).toBeGreaterThan(5);
    await untilLast('typing');
  });

  it.each([
    ['a letter', 'abc', ['ab'], '\b \b'],
    ['a wide one', 'a你好', ['a你'], '\b \b\b \b'],
    ['one whose width nobody knows', 'a👨‍👩‍👧', ['a👨‍👩‍👧', 'a'], '\r\na'],
    ['a letter with its accent', 'ae\u0301', ['ae\u0301', 'a'], '\r\na'],
    ['one of a full row', 'x'.repeat(20), ['x'.repeat(20), 'x'.repeat(19)], `\r\n${'x'.repeat(19)}`],
    ['one of two rows', 'x'.repeat(25), ['x'.repeat(20), 'x'.repeat(5), 'x'.repeat(20), 'x'.repeat(4)], undefined],
  ])('loses with Backspace %s', async (_, typed, shown, written) => {
    const { tty, rows, sent, untilSent } = await reading({ columns: 20 });
    tty.type(typed);
    await tty.until(() => rows().join('') === typed);
    const before = tty.written.length;
    tty.type(backspace);
    await tty.until(() => rows().join('|') === shown.join('|'));
    // The terminal may write more: CR becomes CR CR.
    if (written !== undefined) expect(tty.written.slice(before).replaceAll('\r\r', '\r')).toBe(written);
    tty.type('!');
    await tty.until(() => rows().at(-1) === `${shown.at(-1)}!`);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual([`${shown.slice(typed.length > 20 ? 2 : -1).join('')}!`]);
  });

  it('loses its last letter where nobody knows how wide the terminal is', async () => {
    const { tty, untilLast, lines } = await reading({ shell: 'stty cols 0; exec "$@"' });
    tty.type('abc');
    await untilLast('abc');
    tty.type(`${backspace}!`);
    await untilLast('ab!');
    expect(lines()).toEqual(['ab!']);
  });

  it.each([
    ['narrower', 'x'.repeat(30), 60, 20],
    ['wider', 'x'.repeat(70), 60, 100],
  ])('begins anew with Backspace when the terminal has become %s', async (_, typed, before, after) => {
    const { tty, set, lines } = await reading({ columns: before, reflow: false });
    tty.type(typed);
    await tty.until(() => lines().join('') === typed);
    tty.resize(after, 20);
    // The face has heard of it.
    await set({});
    await set({});
    const { length } = tty.written;
    tty.type(`${backspace}!`);
    await tty.until(({ written }) => written.endsWith('!'));
    expect(tty.written.slice(length).trimStart()).toBe(`${typed.slice(1)}!`);
  });

  it('loses a word with Ctrl+W and all with Ctrl+U, and Ctrl+Y brings it back', async () => {
    const { tty, lines, untilLast, sent, untilSent } = await reading();
    tty.type(`one${pasted(' two\rthree  four  ')}`);
    await untilLast('one two↵three  four');
    for (const shown of ['one two↵three', 'one two↵', 'one', '']) {
      tty.type('\u0017');
      await tty.until(({ cursor }) => cursor.row === shown);
    }
    tty.type('\u0019 or so');
    await untilLast('one  or so');
    tty.type('\u0015');
    await tty.until(({ cursor }) => cursor.row === '');
    tty.type('\u0017\u0015\u0019!\r');
    await untilSent(1);
    expect(sent).toEqual(['one  or so!']);
    await untilLast('one  or so!');
    // How wide ↵ is, nobody knows.
    expect(lines()).toEqual(['one two↵', 'one  or so!']);
  });

  it('stays as it is with keys that have nothing to do here, and no bell rings', async () => {
    const { tty, sent, untilSent, lines, untilLast } = await reading();
    const keys = ['\u001b[D', '\u001b[C', '\u001b[H', '\u001b[F', '\u001bOH', '\u001b[3~', '\u001bf', '\u001b[1;5D'];
    const controls = '\u0001\u0002\u0004\u0005\u0006\u0007\u000b\u000c\u001c';
    tty.type(`ab${keys.join('')}${controls}c${up}${down}\t\r`);
    await untilSent(1);
    expect(sent).toEqual(['abc']);
    tty.type(`${backspace}next`);
    await untilLast('next');
    expect(lines()).toEqual(['abc', 'next']);
    expect(tty.written).not.toContain('\u0007');
  });

  it('has Escape for a key of its own when nothing follows it', async () => {
    const { tty, untilLast } = await reading();
    tty.type(`${pasted(numbered(6).join('\r'))}\u001b`);
    await untilLast('6 lines were not sent');
    tty.type('hello');
    await untilLast('hello');
  });

  it('is taken away by Ctrl+C, and by that alone; on an empty line it leaves, and the terminal is as before', async () => {
    const { tty, sent, lines, untilLast } = await reading({ shell: '"$@"; echo "code $?"; stty -a; echo end; read x' });
    tty.type('some words');
    await untilLast('some words');
    tty.type('\u0003');
    await tty.until(({ cursor }) => cursor.row === '' && cursor.column === 0);
    tty.type('\u0019');
    await tty.until(() => lines().length === 2);
    tty.type('\u0003');
    await tty.until(({ cursor }) => cursor.row === '');
    tty.type('\u0003');
    await untilLast('end');
    expect(sent).toEqual([]);
    expect(lines().slice(0, 4)).toEqual(['some words', 'some words', 'you left', 'code 0']);
    expect(tty.lines.join(' ')).toMatch(/ icanon .* echo /u);
  });

  it.each(['\u0003', '\u0004'])('when it is empty, %j leaves', async (key) => {
    const { tty, lines } = await reading();
    tty.type(key);
    expect(await tty.exit).toBe(0);
    expect(lines()).toEqual(['you left']);
  });

  it('is refused where it has no room, and stays', async () => {
    const { tty, set, untilLast, untilSent, lines } = await reading({ columns: 200 });
    const told = 'a line has at most 16384 bytes: no more was put in';
    for (let piece = 0; piece < 10; piece++) {
      tty.type('x'.repeat(2000));
      await set({});
    }
    await tty.until(() => lines().includes(told));
    tty.type('\u0015');
    await tty.until(({ cursor }) => cursor.row === '');
    tty.type(pasted('x'.repeat(17_000)));
    const refused = 'what was pasted was not put in: the line would have 17,000 bytes, and has at most 16,384';
    await untilLast(refused);
    tty.type('fine\r');
    await untilSent(1);
    await untilLast('fine');
    expect(lines().filter((line) => line === told)).toHaveLength(1);
    expect(lines().slice(-2)).toEqual([refused, 'fine']);
  });

  it('stays there on Ctrl+Z, and is written once more when the process goes on', async () => {
    const { tty, say, sent, untilSent, lines, untilLast } = await reading({
      shell: 'set -m; "$@"; echo stopped; read x; fg >/dev/null',
    });
    tty.type('typing');
    await untilLast('typing');
    tty.type('\u001a');
    await untilLast('stopped');
    tty.type('go on\n');
    await untilLast('typing');
    await say('hello');
    await tty.until(() => lines().length === 6);
    expect(lines()).toEqual(['typing', 'stopped', 'go on', 'typing', 'alice says: hello', 'typing']);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual(['typing']);
  });
});

it('Ctrl+Z does nothing but write it once more where nobody could wake the process', async () => {
  const { tty, sent, untilSent, lines } = await reading();
  tty.type('typing\u001a');
  await tty.until(() => lines().length === 2);
  tty.type('!\r');
  await untilSent(1);
  expect(sent).toEqual(['typing!']);
});

it('the desktop calls whoever looks elsewhere', async () => {
  const { tty, say, untilLast } = await reading();
  // What comes in one piece is taken at once.
  tty.type('typing\u001b[O');
  await untilLast('typing');
  await say('bob!');
  await tty.until(({ written }) => written.includes('\u0007\u001b]9;groupchat: alice: bob!\u001b\\'));
});

describe('Tab', () => {
  it.each([
    ['a name', 'hi ali', 'hi alice'],
    ['a name in other letters', 'thanks @ALI', 'thanks @alice'],
    ['a command', '/sta', '/status'],
  ])('completes %s', async (_, typed, shown) => {
    const { tty, untilLast, lines } = await reading();
    tty.type(typed);
    tty.type('\t');
    await untilLast(shown);
    // Nothing that stands there is changed: what only goes on is appended.
    expect(lines()).toEqual(shown.startsWith(typed) ? [shown] : [typed, shown]);
  });

  it('shows a choice as a line, and leaves the word as far as it is plain', async () => {
    const { tty, set, untilLast, lines } = await reading();
    await set({ members: [alice, bob, { ...carol, name: 'alan' }] });
    tty.type('a\t');
    await untilLast('al');
    tty.type('\t');
    await tty.until(() => lines().length === 3);
    expect(lines()).toEqual(['al', 'alan:  alice:', 'al']);
    tty.type('i\t');
    await untilLast('alice:');
  });
});

it('Up and Down bring back earlier lines, those of earlier runs too, each on a row of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'typed'), 'long ago\nearlier\n', { mode: 0o600 });
  const { tty, sent, untilSent, lines, untilLast } = await reading({ env: { DESK: folder } });
  tty.type('one\r');
  tty.type('earlier\r');
  tty.type(`${pasted('two\rlines')}\r\r`);
  await untilSent(3);
  tty.type('draft');
  for (const line of ['two↵lines', 'earlier', 'one', 'long ago']) {
    tty.type(up);
    await untilLast(line);
  }
  tty.type(up);
  for (const line of ['one', 'earlier', 'two↵lines', 'draft']) {
    tty.type(down);
    await untilLast(line);
  }
  const [entered, older] = [
    ['one', 'earlier', 'two↵lines', ''],
    ['two↵lines', 'earlier', 'one', 'long ago'],
  ];
  expect(lines()).toEqual([...entered, 'draft', ...older, 'one', 'earlier', 'two↵lines', 'draft']);
  tty.type(`${down}${up}${up}\r`);
  await untilSent(4);
  // What is entered again is the latest.
  tty.type(`${up}${up}\r`);
  await untilSent(5);
  expect(sent.slice(3)).toEqual(['earlier', 'two\nlines']);
});

describe('what is pasted', () => {
  it.each([
    ['five lines', `${numbered(5).join('\r')}\r`, numbered(5).join('\n')],
    ['what moves a cursor', 'a\u001b[2J\u0007b\u0003\u0015\tc', 'a[2Jb    c'],
  ])('is one message, and is not sent before Enter: %s', async (_, text, wanted) => {
    const { tty, sent, untilSent, untilLast } = await reading();
    tty.type(`<${pasted(text)}`);
    await untilLast(`<${wanted.replaceAll('\n', '↵')}`);
    expect(sent).toEqual([]);
    tty.type('>\r');
    await untilSent(1);
    expect(sent).toEqual([`<${wanted}>`]);
  });

  const question = '7 lines pasted: o sends them as one message, c cancels';

  it('above five lines is asked for, until it is answered: one message', async () => {
    const { tty, sent, untilSent, lines, untilLast } = await reading();
    tty.type('log: ');
    await untilLast('log:');
    tty.type(pasted(numbered(7).join('\r')));
    await tty.until(() => lines().length === 3);
    expect(lines()).toEqual(['log:', question, 'log:']);
    tty.type(`x\t${up}${backspace}\r`);
    await tty.until(() => lines().length === 5);
    tty.type(pasted('more'));
    await tty.until(() => lines().length === 7);
    expect(lines().slice(3)).toEqual([question, 'log:', 'what was pasted now was not put in: answer first', 'log:']);
    expect(sent).toEqual([]);
    tty.type('onext\r');
    await untilSent(2);
    expect(sent).toEqual([`log: ${numbered(7).join('\n')}`, 'next']);
    await tty.until(() => lines().includes('7 lines entered as one message'));
  });

  it.each([
    ['c', 'c'],
    ['Escape', '\u001b'],
    ['Ctrl+C', '\u0003'],
  ])('above five lines is asked for: nothing of it, with %s, and what was typed stays', async (_, key) => {
    const { tty, sent, untilSent, lines } = await reading();
    tty.type(`typed${pasted(numbered(7).join('\r'))}`);
    await tty.until(() => lines().length === 3);
    tty.type(key);
    await tty.until(() => lines().length === 5);
    expect(lines().slice(2)).toEqual(['typed', '7 lines were not sent', 'typed']);
    tty.type('X\r');
    await untilSent(1);
    expect(sent).toEqual(['typedX']);
  });
});

it('an /r answers whoever had written when it was begun', async () => {
  const { tty, tell, sent, untilSent, untilLast } = await reading();
  const writes = (name: string) =>
    tell({
      kind: 'private',
      message: {
        origin: 'x',
        k: 1,
        key: name[0]?.repeat(43) ?? '',
        name,
        time: 0,
        text: 'hi',
        own: false,
        away: false,
      },
    });
  await writes('alice');
  tty.type('/r ye');
  await untilLast('/r ye');
  await writes('carol');
  tty.type('s\r');
  await untilSent(1);
  tty.type('/r me too\r');
  await untilSent(2);
  expect(sent).toEqual([`to alice:${'a'.repeat(43)}: yes`, `to carol:${'c'.repeat(43)}: me too`]);
});

it('a terminal that is line by line (TERM=dumb) stays so', async () => {
  const { tty, sent, untilSent } = await reading({ env: { TERM: 'dumb' } });
  tty.type(`hellp${backspace}o\r`);
  await untilSent(1);
  expect(sent).toEqual(['hello']);
  expect(tty.written).not.toContain('\u001b');
});
