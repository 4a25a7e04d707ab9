/** The terminal face, seen on a terminal. */
import { describe, expect, it } from 'vitest';
import { alice, bob, carol, lineOf, ownLine, stage } from './stage.ts';

const left = '\u001b[D';
const numbered = (count: number) => Array.from({ length: count }, (_, index) => `line ${index + 1} of ${count}`);
/** What alice has said, as the screen shows it, in order. */
const said = (lines: readonly string[]) => lines.flatMap((line) => /^14:02 alice {2}(.*)$/u.exec(line)?.[1] ?? []);

describe('the typed line', () => {
  it('survives 50 lines that arrive', async () => {
    const { tty, say } = await stage();
    tty.type('what I am typ');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› what I am typ');
    await say(...numbered(50));
    await tty.until(({ lines }) => said(lines).length === 50 && lines.at(-1) === 'bob› what I am typ');
    expect(said(tty.lines)).toEqual(numbered(50));
    expect(tty.cursor).toEqual({ row: 'bob› what I am typ', column: 18 });
    expect(tty.lines.filter((line) => line.includes('bob›'))).toHaveLength(1);
  });

  it.each([
    ['letters', 'abcdefghij'.repeat(12)],
    ['wide characters', '你好，世界。'.repeat(12)],
    ['emoji', 'a👍🏽b🎉'.repeat(15)],
    ['just one row', 'x'.repeat(36)],
    ['just one row and a wide character', `${'x'.repeat(34)}世`],
    ['a wide character that does not fit the row', `${'x'.repeat(34)}世界`],
  ])('survives when it is wrapped: %s', async (_, typed) => {
    const { tty, say, sent, untilSent } = await stage({ columns: 41 });
    tty.type(typed);
    const shown = ({ lines }: typeof tty) => lines.at(-1)?.replaceAll(' ', '') === `bob›${typed}`;
    await tty.until(shown);
    // One by one, so that each is printed by itself.
    for (const text of numbered(5)) {
      await say(text);
      await tty.until((screen) => said(screen.lines).includes(text) && shown(screen));
    }
    await say(...numbered(50));
    await tty.until((screen) => said(screen.lines).length === 55 && shown(screen));
    expect(said(tty.lines)).toEqual([...numbered(5), ...numbered(50)]);
    expect(tty.lines.filter((line) => line.includes('bob›'))).toHaveLength(1);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual([typed]);
  });

  it('keeps the cursor where it was, rows above its end', async () => {
    const { tty, say, sent, untilSent } = await stage({ columns: 40 });
    tty.type('abcdefghij'.repeat(10));
    tty.type(left.repeat(70));
    await tty.until(({ cursor }) => cursor.column === 35);
    await say(...numbered(3));
    await tty.until(({ lines, cursor }) => said(lines).length === 3 && cursor.column === 35);
    expect(tty.cursor.row).toMatch(/^bob› abc/u);
    tty.type('X\r');
    await untilSent(1);
    expect(sent[0]).toBe(`${'abcdefghij'.repeat(3)}X${'abcdefghij'.repeat(7)}`);
  });

  it('disappears when it is entered, however many rows it took', async () => {
    const { tty, tell, untilSent } = await stage({ columns: 40 });
    for (const typed of ['short', 'x'.repeat(35), 'y'.repeat(100)]) {
      tty.type(typed + left.repeat(3));
      await tty.until(({ lines }) => lines.at(-1) === `bob› ${typed}`);
      tty.type('\r');
      await tty.until(({ lines }) => lines.at(-1) === 'bob›');
    }
    await untilSent(3);
    expect(tty.lines.join('\n')).not.toMatch(/short|xxx|yyy/u);
    await tell({ kind: 'line', line: lineOf('short', { own: true, name: 'bob' }) });
    await tty.until(({ lines }) => lines.includes('14:02 bob  short'));
    expect(tty.lines.join('\n').match(/short/gu)).toHaveLength(1);
  });
});

describe.each([
  ['wraps the typed line anew', true],
  ['does not', false],
])('after a resize, on a terminal that %s', (_, reflow) => {
  it.each([
    ['narrower', 30],
    ['wider', 90],
  ])('%s: no line of the room is lost, and the typed line is whole', async (__, columns) => {
    const { tty, say, sent, untilSent } = await stage({ columns: 60, reflow });
    const typed = 'abcdefghij'.repeat(8);
    await say(...numbered(5));
    tty.type(typed);
    await tty.until(({ lines }) => said(lines).length === 5 && lines.at(-1) === `bob› ${typed}`);
    tty.resize(columns, 20);
    const whole = ({ rows }: typeof tty) => {
      const tail = rows.slice(-Math.ceil((typed.length + 5) / columns));
      return tail.join('') === `bob› ${typed}`;
    };
    await tty.until(whole);
    await say('after');
    await tty.until((screen) => said(screen.lines).includes('after') && whole(screen));
    expect(said(tty.lines)).toEqual([...numbered(5), 'after']);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual([typed]);
  });
});

it('a line that comes together with a resize takes none of the others away', async () => {
  const { tty, say } = await stage({ columns: 60 });
  const typed = 'abcdefghij'.repeat(8);
  tty.type(typed);
  const whole = ({ lines }: typeof tty) => lines.at(-1) === `bob› ${typed}`;
  await tty.until(whole);
  for (const [turn, columns] of [90, 60, 100, 59, 91].entries()) {
    // Stopped, the process finds both at once.
    tty.signal('SIGSTOP');
    tty.resize(columns, 20);
    const taken = say(`turn ${turn}`);
    tty.signal('SIGCONT');
    await taken;
    await tty.until((screen) => said(screen.lines).includes(`turn ${turn}`) && whole(screen));
  }
  expect(said(tty.lines)).toEqual(['turn 0', 'turn 1', 'turn 2', 'turn 3', 'turn 4']);
});

describe('keys', () => {
  it('Ctrl+C takes away what is typed, Ctrl+Y brings it back; on an empty line it leaves', async () => {
    const { tty } = await stage({ shell: '"$@"; echo "code $?"; stty -a; echo end; read x' });
    tty.type(`some words${left.repeat(4)}`);
    await tty.until(({ cursor }) => cursor.column === 11);
    tty.type('\u0003');
    await tty.until(({ lines }) => lines.at(-1) === 'bob›');
    tty.type('\u0019');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› some words');
    tty.type('\u0003\u0003');
    await tty.until(({ lines }) => lines.includes('end'));
    const end = tty.lines.slice(tty.lines.indexOf('14:02 * you left'));
    expect(end[1]).toBe('code 0');
    expect(end.join(' ')).toMatch(/ icanon .* echo /u);
    expect(tty.lines.join('\n')).not.toContain('bob›');
  });

  it('Ctrl+D on an empty line leaves; elsewhere it deletes', async () => {
    const { tty } = await stage();
    tty.type(`ab${left}\u0004`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› a');
    tty.type('\u007f\u007f\u0004');
    expect(await tty.exit).toBe(0);
    expect(tty.lines.at(-1)).toBe('14:02 * you left');
  });

  it('a second Ctrl+C does not wait for the goodbye', async () => {
    const { tty, set, tell } = await stage();
    await set({ unsent: null, pending: 2 });
    await tell({ kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 1 } });
    tty.type('\u0003');
    await tty.until(
      ({ lines }) => lines.at(-1) === '14:02 * leaving; 2 lines waiting to be received (Ctrl+C leaves at once)',
    );
    tty.type('\u0003');
    expect(await tty.exit).toBe(1);
  });

  it('a signal gives the terminal back at once, while the goodbye lasts', async () => {
    const { tty, set } = await stage();
    await set({ unsent: null });
    tty.type('some words');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› some words');
    tty.signal('SIGINT');
    await tty.until(({ lines }) => !lines.some((line) => line.startsWith('bob›')));
    // Only the terminal itself, not readline, turns this into a signal.
    tty.type('\u0003');
    expect(await tty.exit).toBe(1);
  });

  it('says how many lines were not received', async () => {
    const { tty, set } = await stage();
    await set({ unsent: 2 });
    tty.type('\u0004');
    expect(await tty.exit).toBe(3);
    expect(tty.lines.at(-1)).toBe('14:02 * you left; the room has not received 2 lines of yours');
  });

  it('lets a hang-up end it', async () => {
    const { tty } = await stage();
    tty.signal('SIGHUP');
    expect(await tty.exit).toBeGreaterThan(0);
  });

  it('a paste goes in where the cursor is', async () => {
    const { tty, sent, untilSent } = await stage();
    tty.type('hello world');
    tty.type(left.repeat(5));
    await tty.until(({ cursor }) => cursor.column === 11);
    tty.type('brave\tnew ');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› hello brave    new world');
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual(['hello brave    new world']);
  });

  it('a paste of several lines says each of them, and leaves the last in the prompt', async () => {
    const { tty, sent, untilSent } = await stage();
    tty.type('> ');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› >');
    tty.type(`${numbered(40).join('\r')}\rrest`);
    await untilSent(40);
    expect(sent).toEqual([`> ${numbered(40)[0]}`, ...numbered(40).slice(1)]);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› rest');
    expect(tty.lines.join('\n')).not.toContain('of 40');
  });

  it('a long paste is drawn once, not once for each character', async () => {
    const { tty, sent, untilSent } = await stage();
    tty.type(`ab${left}`);
    await tty.until(({ cursor }) => cursor.column === 6);
    const before = tty.written.length;
    const pasted = 'word '.repeat(700);
    tty.type(`${pasted}\r`);
    await untilSent(1);
    expect(sent[0]).toBe(`a${pasted}b`);
    expect(tty.written.length - before).toBeLessThan(20 * pasted.length);
  });

  it('keys that come in pieces or together are keys', async () => {
    const { tty, set } = await stage();
    tty.type('abc');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› abc');
    // Left twice, text, end, text; then home in two pieces.
    tty.type(`${left}${left}XY\u001b[FZ`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› aXYbcZ');
    // Each piece is read before the next is written.
    for (const piece of ['\u001b[', '1;5', 'D', '\u001b', '[', 'H']) {
      tty.type(piece);
      await set({});
    }
    await tty.until(({ cursor }) => cursor.column === 5);
    expect(tty.lines.at(-1)).toBe('bob› aXYbcZ');
    tty.type('\u001bOF\u0017');
    await tty.until(({ lines }) => lines.at(-1) === 'bob›');
  });

  it.each([
    ['an emoji of seven code points', 'a👨‍👩‍👧‍👦', 'a'],
    ['a skin tone', 'a👍🏽', 'a'],
    ['a flag', 'a🇨🇭🇦🇹', 'a🇨🇭'],
    ['a letter and its mark', 'ae\u0301', 'a'],
    ['a syllable', 'a각', 'a'],
    ['just a letter', 'ab', 'a'],
  ])('Backspace takes away what a person takes for one character: %s', async (_, typed, rest) => {
    const { tty, sent, untilSent } = await stage();
    tty.type(`${typed}z`);
    tty.type('\u007f\u007f');
    // Delete and Ctrl+D do the same the other way.
    tty.type(`${typed.slice(1)}${left.repeat(typed === 'a🇨🇭🇦🇹' ? 2 : 1)}\u001b[3~!`);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual([`${rest}${typed === 'a🇨🇭🇦🇹' ? '!🇦🇹' : '!'}`]);
  });

  it('Backspace at the beginning of the line does nothing', async () => {
    const { tty, sent, untilSent } = await stage();
    tty.type(`\u007f${left}ab\u001b[H`);
    tty.type('\u007f\u007fx\r');
    await untilSent(1);
    expect(sent).toEqual(['xab']);
  });

  it.each([
    ['by itself', '"$@"'],
    ['with who started it, as npx does', 'sh -c \'"$@"; true\' sh "$@"'],
  ])('Ctrl+Z stops it %s, and it comes back as it was', async (_, command) => {
    const { tty, tell, say, sent, untilSent } = await stage({ shell: `set -m; ${command}; echo stopped; read x; fg` });
    await tell({ kind: 'line', line: ownLine('mine', { n: 1 }) });
    await tell({ kind: 'receipt', n: 1, have: 0, of: 1, lacking: [alice] });
    tty.type('abcdefghij'.repeat(8));
    await tty.until(({ lines }) => lines.at(-1) === `bob› ${'abcdefghij'.repeat(8)}`);
    tty.type('\u001a');
    await tty.until(({ lines }) => lines.at(-1) === 'stopped');
    expect(tty.lines.at(-2)).toBe('14:02 bob  mine ✓ 0/1');
    tty.type('go on\n');
    await tty.until(({ lines }) => lines.at(-1)?.endsWith('abcdefghij') === true);
    await say('hello');
    await tty.until(({ lines }) => said(lines).length === 1 && lines.at(-1)?.endsWith('abcdefghij') === true);
    expect(tty.lines.filter((line) => line.includes('mine'))).toEqual(['14:02 bob  mine ✓ 0/1']);
    expect(tty.lines.filter((line) => line.includes('go on'))).toHaveLength(1);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual(['abcdefghij'.repeat(8)]);
  });

  it('nothing is typed behind /quit, even if it comes together with it', async () => {
    const { tty } = await stage();
    tty.type('/quit\rmore\rand more');
    expect(await tty.exit).toBe(0);
    expect(tty.lines.at(-1)).toBe('14:02 * you left');
    expect(tty.written).not.toContain('more');
  });

  it('Up brings back what was said', async () => {
    const { tty, untilSent } = await stage();
    tty.type('one\rtwo\r');
    await untilSent(2);
    tty.type('\u001b[A\u001b[A');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› one');
  });

  it('Tab completes names and commands, and shows a choice', async () => {
    const { tty, set, tell } = await stage();
    await set({ members: [alice, bob, { ...carol, name: 'alan' }] });
    await tell({ kind: 'joined', member: { ...carol, name: 'alan' }, history: false });
    await tty.until(({ lines }) => lines.includes('14:02 * alan joined'));
    tty.type('ali\t');
    await tty.until(({ lines, cursor }) => lines.at(-1) === 'bob› alice:' && cursor.column === 12);
    tty.type('\u0015a\t\t');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› al');
    tty.type('\t');
    await tty.until(({ lines }) => lines.includes('alan:  alice:') && lines.at(-1) === 'bob› al');
    tty.type('\u0015/st\t');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› /status');
  });
});

describe('who somebody is', () => {
  it('is answered and warned of in the room, and names are completed', async () => {
    const { tty, tell } = await stage();
    await tell({ kind: 'met', member: alice, notice: { kind: 'namesake' } });
    await tty.until(({ lines }) => lines.some((line) => line.startsWith('14:02 * WARNING: alice has your name')));
    tty.type('/verify al\t');
    await tty.until(({ lines, cursor }) => lines.at(-1) === 'bob› /verify alice' && cursor.column === 19);
    tty.type('\r');
    await tty.until(({ lines }) => lines.some((line) => line.includes('alice  one two')));
    tty.type('/whois carol\r');
    await tty.until(({ lines }) => lines.includes('14:02 * nobody is carol'));
  });
});

describe('the mark of the last line', () => {
  const receipt = (number: number, have: number, of: number) =>
    ({ kind: 'receipt', n: number, have, of, lacking: have < of ? [carol] : [] }) as const;
  /** The screen from the first own line on. */
  const from = (lines: readonly string[]) => lines.slice(lines.findIndex((line) => /^14:02 bob {2}/u.test(line)));

  it('changes beside the line, until all have it', async () => {
    const { tty, tell, say } = await stage();
    tty.type('typing');
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello' && lines.at(-1) === 'bob› typing');
    for (const have of [0, 3, 7]) {
      await tell(receipt(1, have, 7));
      await tty.until(({ lines }) => lines.at(-2) === `14:02 bob  hello ✓ ${have}/7` && lines.at(-1) === 'bob› typing');
      expect(tty.cursor).toEqual({ row: 'bob› typing', column: 11 });
    }
    await say('hi');
    await tty.until(({ lines }) => said(lines).length === 1);
    expect(from(tty.lines)).toEqual(['14:02 bob  hello ✓ 7/7', '14:02 alice  hi', 'bob› typing']);
  });

  it('is told in the prompt when the line has gone up before', async () => {
    const { tty, tell, say } = await stage();
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tell(receipt(1, 5, 7));
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello ✓ 5/7');
    await say('hi');
    await tty.until(({ lines }) => lines.at(-1) === 'bob (✓ 5/7)›');
    tty.type('typing');
    await tell(receipt(1, 6, 7));
    await tty.until(({ lines }) => lines.at(-1) === 'bob (✓ 6/7)› typing');
    await tell(receipt(1, 7, 7));
    await tty.until(({ lines }) => lines.at(-1) === 'bob› typing');
    expect(from(tty.lines)).toEqual(['14:02 bob  hello ✓ 5/7', '14:02 alice  hi', 'bob› typing']);
  });

  it('is of the last one only, when several are said', async () => {
    const { tty, tell } = await stage();
    await tell(receipt(1, 1, 2));
    await tell({ kind: 'line', line: ownLine('one', { n: 1 }) });
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  one ✓ 1/2');
    await tell({ kind: 'line', line: ownLine('two', { n: 2 }) });
    await tell({ kind: 'line', line: ownLine('three', { n: 3 }) });
    await tell(receipt(2, 2, 2));
    await tell(receipt(3, 2, 2));
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  three ✓ 2/2');
    expect(from(tty.lines)).toEqual(['14:02 bob  one ✓ 1/2', '14:02 bob  two', '14:02 bob  three ✓ 2/2', 'bob›']);
  });

  it('is none when nobody else is there', async () => {
    const { tty, set, tell } = await stage();
    await set({ members: [bob] });
    await tell({ kind: 'line', line: ownLine('one', { n: 1 }) });
    await tell(receipt(1, 0, 0));
    await set({ members: [alice, bob] });
    await tell({ kind: 'line', line: ownLine('two', { n: 2 }) });
    await tell(receipt(2, 0, 0));
    await tell({ kind: 'joined', member: carol, history: false });
    await tty.until(({ lines }) => lines.at(-2) === '14:02 * carol joined');
    expect(from(tty.lines)).toEqual(['14:02 bob  one', '14:02 bob  two', '14:02 * carol joined', 'bob›']);
  });

  it.each([
    ['short', 'hello'],
    ['wrapped', 'abcdefghij'.repeat(12)],
    ['just one row', 'x'.repeat(29)],
    ['just one row with its mark', 'x'.repeat(23)],
    ['wide', '你好，世界。'.repeat(12)],
    ['of doubtful width', 'a👍🏽b🎉'.repeat(15)],
    ['too long for the screen', 'abcdefghij'.repeat(100)],
  ])('is never in the way of the line, nor of the others: %s', async (_, text) => {
    const { tty, tell, say, sent, untilSent } = await stage({ columns: 40, rows: 12 });
    const typed = 'klmnopqrst'.repeat(9);
    const whole = ({ lines }: typeof tty) =>
      /^bob.*› (?<typed>.*)$/u.exec(lines.at(-1) ?? '')?.groups?.['typed'] === typed;
    await say('before');
    await tell({ kind: 'line', line: ownLine(text, { n: 1 }) });
    await tell(receipt(1, 0, 9));
    for (const character of typed) tty.type(character);
    await tty.until(whole);
    await tell(receipt(1, 4, 9));
    tty.type(left.repeat(30));
    await tell(receipt(1, 5, 9));
    await say(...numbered(3));
    await tty.until((screen) => said(screen.lines).length === 4 && whole(screen));
    const shown = tty.lines.filter((line) => line.startsWith('14:02 bob'));
    expect(shown.map((line) => line.replace(/ ?✓ \d\/9$/u, '').replaceAll(' ', ''))).toEqual([
      `14:02 bob  ${text}`.replaceAll(' ', ''),
    ]);
    expect(said(tty.lines)).toEqual(['before', ...numbered(3)]);
    expect(tty.lines.filter((line) => line.includes('› '))).toHaveLength(1);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual([typed]);
  });

  it('goes up before a line that is brought back takes the whole screen', async () => {
    const { tty, tell, say, untilSent } = await stage({ columns: 40, rows: 10 });
    const typed = 'klmnopqrst'.repeat(30);
    tty.type(`${typed}\r`);
    await untilSent(1);
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tell(receipt(1, 5, 7));
    tty.type('\u001b[A');
    await tty.until(({ lines }) => lines.at(-1)?.endsWith(typed) === true);
    tty.type('\u0015');
    await tty.until(({ lines }) => lines.at(-1)?.endsWith('›') === true);
    await say('hi');
    await tty.until(({ lines }) => said(lines).length === 1);
    expect(tty.lines.filter((line) => line.includes('hello'))).toHaveLength(1);
  });

  it.each([
    ['wraps', true, 30],
    ['wraps', true, 90],
    ['does not wrap', false, 30],
    ['does not wrap', false, 90],
  ])('after a resize, on a terminal that %s it anew (%s, %d), the line is there once', async (_, reflow, columns) => {
    const { tty, tell, say, sent, untilSent } = await stage({ columns: 60, reflow });
    const typed = 'abcdefghij'.repeat(8);
    await say(...numbered(3));
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tell(receipt(1, 5, 7));
    tty.type(typed);
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello ✓ 5/7' && lines.at(-1) === `bob› ${typed}`);
    tty.resize(columns, 20);
    await tty.until(({ lines }) => lines.at(-1) === `bob (✓ 5/7)› ${typed}`);
    await tell(receipt(1, 6, 7));
    await say('after');
    await tty.until(({ lines }) => said(lines).includes('after') && lines.at(-1) === `bob (✓ 6/7)› ${typed}`);
    expect(said(tty.lines)).toEqual([...numbered(3), 'after']);
    expect(tty.lines.filter((line) => line.includes('hello'))).toEqual(['14:02 bob  hello ✓ 5/7']);
    tty.type('\r');
    await untilSent(1);
    expect(sent).toEqual([typed]);
  });

  it.each([
    ['Ctrl+C on typed text', 'some words', '\u0003', 'bob›'],
    ['a completion', 'ali', '\t', 'bob› alice:'],
    ['the line before', '', '\u001b[A', 'bob› earlier'],
    ['Ctrl+L', 'some words', '\u000c', 'bob› some words'],
  ])('stays where it is at %s', async (_, typed, key, prompt) => {
    const { tty, tell, say, untilSent } = await stage();
    tty.type('earlier\r');
    await untilSent(1);
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    tty.type(typed);
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello' && lines.at(-1) === `bob› ${typed}`.trimEnd());
    tty.type(key);
    await tty.until(({ lines }) => lines.at(-1) === prompt);
    await tell(receipt(1, 6, 7));
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello ✓ 6/7' && lines.at(-1) === prompt);
    await say('after');
    await tty.until(({ lines }) => said(lines).includes('after'));
    expect(tty.lines.filter((line) => line.includes('hello'))).toHaveLength(1);
  });

  it('stays when another line is entered, and goes up with the goodbye', async () => {
    const { tty, tell, untilSent } = await stage();
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tell(receipt(1, 6, 7));
    tty.type('x'.repeat(80));
    await tty.until(({ lines }) => lines.at(-1) === `bob› ${'x'.repeat(80)}`);
    tty.type('\r');
    await untilSent(1);
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello ✓ 6/7' && lines.at(-1) === 'bob›');
    tty.type('/quit\r');
    expect(await tty.exit).toBe(0);
    expect(from(tty.lines)).toEqual(['14:02 bob  hello ✓ 6/7', '14:02 * you left']);
    expect(tty.lines).toHaveLength(5);
  });

  it('each change of it is one write, and the screen is never without the line', async () => {
    const { tty, tell } = await stage();
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello');
    const before = tty.written.length;
    await tell(receipt(1, 3, 7));
    await tty.until(({ lines }) => lines.at(-2) === '14:02 bob  hello ✓ 3/7');
    expect(tty.written.slice(before).match(/hello/gu)).toHaveLength(1);
    expect(tty.written.slice(before).match(/\u001b\[0?J/gu)?.length).toBeLessThanOrEqual(2);
  });

  it('/seen says it in words', async () => {
    const { tty, tell, untilSent } = await stage();
    tty.type('/seen\r');
    await tty.until(({ lines }) => lines.at(-2) === 'you have not said anything yet');
    tty.type('hello\r/seen\r');
    await untilSent(1);
    await tty.until(({ lines }) => lines.at(-2) === 'not known yet');
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tell(receipt(1, 6, 7));
    tty.type('/seen\r');
    await tty.until(({ lines }) => lines.includes('6 of 7 have your last line; carol does not yet'));
    expect(tty.lines.filter((line) => line.includes('hello'))).toEqual(['14:02 bob  hello ✓ 6/7']);
  });
});

describe('what was said elsewhere', () => {
  const then = Date.UTC(2026, 0, 2, 13, 5);

  it('while apart stands between two headings', async () => {
    const { tty, tell, say } = await stage();
    await say('one');
    await tell({ kind: 'line', line: lineOf('two', { apart: true, time: then }) });
    await tell({ kind: 'joined', member: carol, history: false });
    await tell({ kind: 'line', line: lineOf('three', { apart: true, time: then }) });
    await say('four', 'five');
    await tty.until(({ lines }) => said(lines).includes('five'));
    expect(tty.lines.slice(3, -1)).toEqual([
      '14:02 alice  one',
      '── said while apart ──',
      '13:05 alice  two',
      '── together again ──',
      '14:02 * carol joined',
      '── said while apart ──',
      '13:05 alice  three',
      '── together again ──',
      '14:02 alice  four',
      '14:02 alice  five',
    ]);
  });

  it('while away has a heading, and the time it was said at', async () => {
    const { tty, tell, say } = await stage();
    await tell({ kind: 'missed', why: 'asleep', ms: 840_000, lines: 2, trimmed: 120 });
    await tell({ kind: 'line', line: lineOf('one', { time: then }) });
    await tell({ kind: 'line', line: ownLine('mine', { time: then }) });
    await say('now');
    await tell({ kind: 'missed', why: 'apart', ms: 40_000, lines: 1, trimmed: 0 });
    await tell({ kind: 'line', line: lineOf('two', { time: then, apart: true }) });
    await say('again');
    await tty.until(({ lines }) => said(lines).includes('again'));
    expect(tty.lines.slice(3, -1)).toEqual([
      '── away 14 min, 2 messages ──',
      '── 120 messages said meanwhile are no longer kept ──',
      '13:05 alice  one',
      '13:05 bob  mine',
      '14:02 alice  now',
      '── while apart (40 s), 1 message ──',
      '13:05 alice  two',
      '── together again ──',
      '14:02 alice  again',
    ]);
  });

  it('is shown again when asked for, without harm to the last line', async () => {
    const { tty, tell, set, say } = await stage({ columns: 100 });
    const day = Date.UTC(2026, 0, 1, 9, 5);
    const lines = [lineOf('old', { time: day }), lineOf('older', { time: day, apart: true, id: 'q7', name: 'q7' })];
    await set({ lines });
    await tell({ kind: 'line', line: ownLine('hello', { n: 1 }) });
    await tell({ kind: 'receipt', n: 1, have: 6, of: 7, lacking: [carol] });
    tty.type('/history\r/search old\r/export room.txt\r');
    await tty.until((screen) => screen.lines.some((line) => line.includes('were written to')));
    await say('now');
    await tty.until((screen) => said(screen.lines).includes('now'));
    expect(tty.lines.slice(3, -1)).toEqual([
      '14:02 bob  hello ✓ 6/7',
      '── history: the last 2 lines ──',
      '── Thursday 1 January ──',
      '09:05 alice  old',
      '09:05 ?q7 (while apart)  older',
      '── end of history ──',
      '── search: the last 2 lines with "old", 12 more before them ──',
      '09:05 alice  old',
      '09:05 ?q7 (while apart)  older',
      '── end of search ──',
      '── Friday 2 January ──',
      expect.stringMatching(/^14:02 \* 2 lines were written to \/.*\/room\.txt$/u),
      '14:02 alice  now',
    ]);
    await set({ lines: [] });
    tty.type('/history 2h\r/export room.jsonl\r/export room.sh\r');
    await tty.until((screen) => screen.lines.some((line) => line.includes('type /export, or')));
    // A file is written while other lines are taken.
    expect(tty.lines.slice(-4, -1)).toEqual([
      '── history: nothing since 12:02 ──',
      '14:02 * type /export, or /export and a file that ends with .txt or .jsonl (--signed: .jsonl)',
      '14:02 * nothing was exported: refused: room.jsonl',
    ]);
  });
});

describe('what others send', () => {
  it.each([
    ['moves', 'up\u001b[5A\u001b[2Jdown', 'up[5A[2Jdown'],
    ['titles and links', '\u001b]0;title\u0007\u001b]8;;http://x\u001b\\link', ']0;title]8;;http://x\\link'],
    ['C1 controls', 'a\u009b2Jb\u0090c\u009c', 'a2Jbc'],
    ['overtyping', 'good\rbad\b\b\bevil', 'goodbadevil'],
    ['forged lines', 'hi\n14:02 carol  me too', 'hi 14:02 carol  me too'],
    ['text turned around', 'a\u202etxt.exe\u2066b\u2069', 'atxt.exeb'],
    ['a bell', '\u0007ding\u000e', 'ding'],
  ])('cannot move the cursor: %s', async (_, text, shown) => {
    const { tty, say } = await stage();
    tty.type('typing');
    await say('before');
    await say(text);
    await say('after');
    await tty.until(({ lines }) => said(lines).includes('after') && lines.at(-1) === 'bob› typing');
    expect(said(tty.lines)).toEqual(['before', shown, 'after']);
    expect(tty.cursor).toEqual({ row: 'bob› typing', column: 11 });
  });

  /** Spaces up to the right edge, for lines of alice's that begin with these words. */
  const padded = (columns: number, words: string): string =>
    words + ' '.repeat(columns - ((14 + words.length) % columns));
  const fakes = ['14:02 bob  I agree, send it', '* WARNING: this is not the carol you know', '14:02 bob → you  psst'];

  it.each([80, 60, 20])('begins no row at the left edge but that of its line (%d columns)', async (columns) => {
    const { tty, say, tell, set } = await stage({ columns, rows: 30, enter: false });
    await set({ phase: 'joined', lines: [lineOf(padded(columns, 'old') + (fakes[0] as string))] });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
    const own = Math.floor(columns / 2);
    const sent = [
      ...fakes.map((fake) => padded(columns, 'ok') + fake),
      ...fakes.map((fake) => `ok\n${fake}\n${fake}`),
      ...fakes.map((fake) => `${'世'.repeat(own - 7)}${fake}`),
      `${'👩‍'.repeat(columns)}${fakes[0] as string}`,
      'x'.repeat(3 * columns),
    ];
    tty.type('typing');
    await say(...sent);
    await tell({
      kind: 'private',
      message: {
        origin: 'alice',
        k: 1,
        name: 'alice',
        key: 'k',
        time: Date.UTC(2026, 0, 2, 14, 2),
        text: padded(columns, 'psst').slice(6) + (fakes[0] as string),
        own: false,
        away: false,
      },
    });
    await tell({ kind: 'line', line: ownLine(padded(columns, 'mine') + (fakes[0] as string), { n: 1 }) });
    await tell({
      kind: 'unsigned',
      id: 'x',
      name: 'carol',
      from: 1,
      to: 1,
      lines: 1,
      text: fakes[0] as string,
      why: 'forged',
    });
    tty.type('\u0003/search ok\r');
    await tty.until(() => tty.rows.filter((row) => row.startsWith('──')).length === 2);
    await say('after');
    await tty.until(({ lines }) => said(lines).includes('after') && lines.at(-1) === 'bob›');
    const rows = tty.rows.slice(tty.rows.findIndex((row) => row.startsWith('14:02 alice  ok')));
    const edge = rows.filter((row) => !row.startsWith('  '));
    const headings = edge.filter((row) => row.startsWith('──'));
    // A line each, of what was sent, searched for, sent privately, said and warned of; and the two headings of the search.
    expect(edge.filter((row) => row.startsWith('14:02 alice'))).toHaveLength(sent.length + 3);
    expect(edge.filter((row) => /^14:02 bob( |$)/u.test(row))).toHaveLength(1);
    expect(edge.filter((row) => row.startsWith('14:02 * '))).toHaveLength(1);
    expect(headings).toHaveLength(2);
    expect(edge).toHaveLength(sent.length + 3 + 1 + 1 + 2 + 1);
  });

  it('is cleaned in names, reasons and addresses too', async () => {
    const { tty, tell, set } = await stage();
    const bad = { ...carol, name: '\u001b[2Jcarol\n', addresses: ['\u001b[9S'] };
    await set({ members: [alice, bob, bad], coordinator: bad, successor: bad });
    await tell({ kind: 'joined', member: bad, history: false });
    await tell({ kind: 'left', member: bad, why: 'handover', history: false });
    await tell({ kind: 'looking', coordinator: bad, why: 'silent', waiting: 1 });
    await tell({
      kind: 'healed',
      healing: { why: 'cut', coordinator: bad, self: false, gone: [{ member: bad, why: 'cut' }], tookMs: 1, resent: 0 },
    });
    await tell({
      kind: 'renamed',
      id: 'carol',
      name: bad.name,
      former: bad.name,
      own: false,
      taken: false,
      history: false,
    });
    await tell({ kind: 'warning', code: 'word', message: '\u001b[2J' });
    await tell({ kind: 'line', line: lineOf('x', { name: bad.name }) });
    tty.type('/who\r/status\r');
    await tty.until(({ lines }) => lines.some((line) => line.startsWith('join by')) && lines.at(-1) === 'bob›');
    expect(tty.written).not.toContain('\u001b[2J');
    expect(tty.written).not.toContain('\u001b[9S');
    expect(tty.lines[0]).toContain('you are in the room with alice');
  });
});

describe('the room', () => {
  it('is looked for in the prompt, with what waits', async () => {
    const { tty, set, tell } = await stage({ columns: 100 });
    await set({ phase: 'seeking', pending: 2, coordinator: carol });
    await tell({ kind: 'looking', coordinator: carol, why: 'silent', waiting: 2 });
    await tty.until(({ lines }) => lines.at(-1) === 'bob (looking for the room, 2 waiting)›');
    const trouble = '14:02 * carol is not answering: looking for a coordinator (2 lines waiting)';
    await tty.until(({ lines }) => lines.at(-2) === trouble);
    await set({ phase: 'joined', pending: 0, coordinator: alice });
    const gone = [{ member: carol, why: 'silent' as const }];
    await tell({
      kind: 'healed',
      healing: { why: 'silent', coordinator: alice, self: false, gone, tookMs: 1234, resent: 2 },
    });
    await tty.until(({ lines }) => lines.at(-1) === 'bob›');
    expect(tty.lines.at(-2)).toBe(
      '14:02 * carol is gone (not answering); alice coordinates (healed in 1.2 s, nothing lost, 2 lines sent again)'.slice(
        0,
        200,
      ),
    );
  });

  it('tells of a failover that is soon over in one line', async () => {
    const { tty, set, tell, untilSent } = await stage({ columns: 100 });
    const gone = [{ member: carol, why: 'ended' as const }];
    const healing = { why: 'ended', coordinator: alice, self: false, gone, tookMs: 70, resent: 0 } as const;
    await Promise.all([
      tell({ kind: 'looking', coordinator: carol, why: 'ended', waiting: 0 }),
      tell({ kind: 'healed', healing }),
    ]);
    // What waits is told as late as a trouble would be, and was begun after it.
    await set({ pending: 1 });
    tty.type('hello\r');
    await untilSent(1);
    await tty.until(({ lines }) => lines.at(-1) === 'bob (1 waiting)›');
    expect(tty.lines.filter((line) => line.includes('carol'))).toEqual([
      '14:02 * carol is gone (process ended); alice coordinates (healed in 70 ms, nothing lost)',
    ]);
  });

  it('a line that is not received soon is said to be waiting', async () => {
    const { tty, set, tell, untilSent } = await stage();
    await set({ pending: 1 });
    tty.type('hello\r');
    await untilSent(1);
    await tty.until(({ lines }) => lines.at(-1) === 'bob (1 waiting)›');
    await set({ pending: 0 });
    await tell({ kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 1 } });
    await tty.until(({ lines }) => lines.at(-1) === 'bob›');
  });

  it('gets what was entered before it was joined, and its past is shown', async () => {
    const { tty, set, tell, sent, untilSent } = await stage({ enter: false });
    await tty.until(({ lines }) => lines.at(-1) === 'bob (looking for the room)›');
    tty.type('early\rbird\rtyp');
    await tty.until(({ lines }) => lines.at(-1) === 'bob (looking for the room, 2 waiting)› typ');
    expect(sent).toEqual([]);
    const yesterday = Date.UTC(2026, 0, 1, 9, 5);
    await tell({ kind: 'joined', member: carol, history: true });
    await tell({ kind: 'line', line: lineOf('old', { history: true, time: yesterday }) });
    await tell({ kind: 'line', line: lineOf('older', { history: true, apart: true, time: yesterday }) });
    await set({ phase: 'joined' });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
    await untilSent(2);
    expect(sent).toEqual(['early', 'bird']);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› typ');
    expect(tty.lines.slice(0, -1)).toEqual([
      '── Thursday 1 January ──',
      '09:05 alice  old',
      '09:05 alice (while apart)  older',
      '── Friday 2 January ──',
      '14:02 * you are in the room with alice; alice coordinates',
      '14:02 * others join with:  groupchat --name NAME --join 10.0.0.5:6000',
      '14:02 * this room is open: anyone who reaches the port may join; --private starts one for those you invite',
    ]);
  });

  it('takes no more than it can: the rest waits its turn', async () => {
    const { tty, set, tell, sent, untilSent } = await stage();
    await set({ takes: 1, pending: 1 });
    await tell({ kind: 'joined', member: carol, history: false });
    await tty.until(({ lines }) => lines.includes('14:02 * carol joined'));
    tty.type('one\rtwo\rthree\r');
    await untilSent(1);
    await tty.until(({ lines }) => lines.at(-1) === 'bob (3 waiting)›');
    await set({ takes: 9, pending: 0 });
    await tell({ kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 1 } });
    await untilSent(3);
    expect(sent).toEqual(['one', 'two', 'three']);
  });

  it('answers commands, and never hears of an unknown one', async () => {
    const { tty, sent, untilSent } = await stage({ columns: 100 });
    tty.type('/who\r/status\r/help quit\r/wh0\r//slash\r');
    await untilSent(1);
    await tty.until(({ lines }) => lines.some((line) => line.includes('did you mean /who?')));
    expect(sent).toEqual(['/slash']);
    const from = tty.lines.indexOf('2 are here, earliest first:');
    expect(tty.lines.slice(from, -1)).toEqual([
      '2 are here, earliest first:',
      '  alice (coordinator)',
      '  bob (you)',
      'coordinator    alice, 10.0.0.1:6000',
      'successor      bob (you), 10.0.0.2:6000',
      'members        2: alice and bob',
      'last failover  none so far',
      'not received   nothing: the room has all you said',
      'join by        10.0.0.5:6000',
      '/quit  leave the room; what you said is delivered first',
      '14:02 * there is no command /wh0; did you mean /who? (// at the start says a slash)',
    ]);
    tty.type('/quit\r');
    expect(await tty.exit).toBe(0);
  });

  it('says why a line is refused, and goes on', async () => {
    const { tty, set, tell, sent, untilSent } = await stage();
    await set({ takes: 0, refuses: 'line-long' });
    await tell({ kind: 'joined', member: carol, history: false });
    await tty.until(({ lines }) => lines.includes('14:02 * carol joined'));
    tty.type('too long\r');
    await tty.until(({ lines }) => lines.includes('14:02 * that was not said: refused: line-long'));
    await set({ takes: 1 });
    await tell({ kind: 'joined', member: carol, history: true });
    tty.type('fine\r');
    await untilSent(1);
    expect(sent).toEqual(['fine']);
  });
});

describe('a private message', () => {
  const letter = {
    origin: 'x',
    k: 1,
    key: 'K'.repeat(43),
    name: 'alice',
    time: 0,
    text: 'hi',
    own: false,
    away: false,
  };
  const own = { ...letter, k: 2, text: 'yes', own: true };
  const time = Date.UTC(2026, 0, 2, 14, 2);

  it('stands apart from the lines of the room, and is answered to whoever wrote it', async () => {
    const { tty, tell, sent, untilSent } = await stage({ columns: 100 });
    await tell({ kind: 'private', message: { ...letter, time } });
    await tty.until(({ lines }) => lines.includes('14:02 alice → you  hi'));
    expect(tty.written.split('\u0007')).toHaveLength(2);
    tty.type('/r yes\r');
    await untilSent(1);
    expect(sent).toEqual([`to alice:${letter.key}: yes`]);
    await tell({ kind: 'private', message: own });
    await tty.until(({ lines }) => lines.includes('14:02 you → alice  yes'));
    await tell({ kind: 'private-heard', ...own });
    await tty.until(({ lines }) => lines.includes('14:02 you → alice  yes ✓'));
  });

  it('says when it was written, if that was long ago, and that whoever is to read it is not here', async () => {
    const { tty, tell } = await stage({ columns: 100 });
    await tell({ kind: 'private', message: { ...letter, time: time - 3_600_000 } });
    await tell({ kind: 'private', message: { ...own, away: true } });
    await tell({ kind: 'private-heard', ...own });
    await tty.until(({ lines }) => lines.includes('14:02 * alice has your private message'));
    expect(tty.lines.filter((line) => line.includes('→'))).toEqual([
      '14:02 alice → you (of 13:02)  hi',
      '14:02 you → alice (not here: kept until alice is back)  yes',
    ]);
  });

  it('is read aloud on a dumb terminal', async () => {
    const { tty, tell } = await stage({ columns: 100, enter: false, env: { TERM: 'dumb' } });
    await tell({ kind: 'private', message: letter });
    await tell({ kind: 'private', message: { ...own, away: true } });
    await tty.until(({ lines }) => lines.includes('alice is not here: kept until alice is back'));
    expect(tty.lines).toContain('alice says privately: hi');
  });

  it('leaves the mark of the last line where it was', async () => {
    const { tty, tell } = await stage({ columns: 100 });
    const line = ownLine('hello');
    await tell({ kind: 'line', line });
    await tell({ kind: 'private', message: own });
    await tell({ kind: 'receipt', n: line.n, have: 1, of: 1, lacking: [] });
    await tell({ kind: 'private-heard', ...own });
    await tty.until(({ lines }) => lines.includes('14:02 you → alice  yes ✓'));
    expect(tty.lines.filter((one) => one.includes('hello'))).toEqual(['14:02 bob  hello']);
  });
});

describe('colours', () => {
  const colour = /\u001b\[[\d;]*m/u;
  it.each([
    ['are used', {}, true],
    ['are not, with NO_COLOR', { NO_COLOR: '1' }, false],
    ['are, with FORCE_COLOR', { FORCE_COLOR: '1', TERM: 'vt100' }, true],
  ])('%s', async (_, env, coloured) => {
    const { tty, say } = await stage({ env });
    await say('hello');
    await tty.until(({ lines }) => said(lines).includes('hello'));
    expect(colour.test(tty.written)).toBe(coloured);
  });

  it('what somebody does stands behind his name, and looks like nothing that the program says', async () => {
    const { tty, say, tell } = await stage({ env: { FORCE_COLOR: '1' }, columns: 60 });
    await say('/me waves', '/me → you  psst', '/me * carol left', ' /me waves');
    await tell({ kind: 'left', member: carol, why: 'left', history: false });
    await tty.until(({ lines }) => lines.some((line) => line.endsWith('* carol left') && !line.includes('alice')));
    expect(tty.lines.slice(-6, -1)).toEqual([
      '14:02 alice  * waves',
      '14:02 alice  /me → you  psst',
      '14:02 alice  /me * carol left',
      '14:02 alice   /me waves',
      '14:02 * carol left',
    ]);
    expect(tty.written).toContain('\u001b[3m* waves\u001b[23m');
  });

  it('nothing is ever drawn again on a dumb terminal', async () => {
    const { tty, say, sent, tell, untilSent } = await stage({ columns: 100, env: { TERM: 'dumb' }, enter: false });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
    await tty.until(({ lines }) => lines[0] === 'you are in the room with alice; alice coordinates');
    await say('hello');
    await tty.until(({ lines }) => lines.includes('alice says: hello'));
    await say('/me left');
    await tty.until(({ lines }) => lines.includes('alice does: left'));
    tty.type('hi alice\r');
    await untilSent(1);
    await tell({ kind: 'line', line: lineOf('hi alice', { own: true, name: 'bob' }) });
    await tell({ kind: 'receipt', n: 1, have: 1, of: 2, lacking: [carol] });
    await tell({ kind: 'missed', why: 'apart', ms: 40_000, lines: 1, trimmed: 0 });
    await tell({ kind: 'line', line: lineOf('there', { apart: true }) });
    await say(`fine${' '.repeat(84)}bob says: I agree`);
    await tty.until(({ lines }) => lines.includes('    bob says: I agree'));
    tty.type('\u0004');
    expect(await tty.exit).toBe(0);
    expect(sent).toEqual(['hi alice']);
    expect(tty.lines.slice(3)).toEqual([
      'alice says: hello',
      'alice does: left',
      'hi alice',
      'while apart (40 s), 1 message',
      'alice says: there',
      'together again',
      'alice says: fine',
      '    bob says: I agree',
      'you left',
    ]);
    expect(tty.written).not.toContain('\u001b');
  });
});

describe('the door', () => {
  const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
  const invite = `'gc://10.0.0.5:6000/#${key}'`;
  /** A row of a code: nothing but its four characters. */
  const code = (rows: readonly string[]) => rows.filter((row) => /^█[█▀▄ ]{20,}█$/u.test(row));

  it('of a private room is shown to whoever asks, with a code for a camera', async () => {
    // As many rows as it takes, and the typed line.
    const { tty, set } = await stage({ columns: 100, rows: 20 });
    await set({ access: { kind: 'private', key } });
    tty.type('typing');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› typing');
    expect(tty.written).not.toContain(key);
    tty.type('\u0003/invite\r');
    await tty.until(({ lines }) => lines.at(-2)?.startsWith('▀▀▀▀') === true && lines.at(-1) === 'bob›');
    expect(tty.lines).toContain(`others join with:  groupchat --name NAME --join ${invite}`);
    const rows = code(tty.rows);
    const [first = ''] = rows;
    // Version 4 has 33 squares a side, and two of border around them; two rows of squares are one of text.
    expect(first).toBe('█'.repeat(37));
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([37]));
    expect(rows).toHaveLength(18);
    // The eyes in three corners.
    expect(rows[1]).toBe(`██ ▄▄▄▄▄ █${(rows[1] as string).slice(10, 27)}█ ▄▄▄▄▄ ██`);
    expect(rows[14]?.slice(0, 10)).toBe('██ ▄▄▄▄▄ █');
    // Light on dark, also where the terminal is dark on light.
    expect(tty.written).toContain(`\u001b[97m\u001b[40m${first}`);
  });

  it('is shown with its key to whoever founds a private room', async () => {
    const { tty, set, tell } = await stage({ enter: false, columns: 100, rows: 40 });
    await set({ access: { kind: 'private', key }, phase: 'coordinating', members: [bob], coordinator: bob });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [bob] });
    await tty.until(({ lines }) => lines.at(-2)?.startsWith('▀▀▀▀') === true && lines.at(-1) === 'bob›');
    expect(tty.lines).toContain(`14:02 * others join with:  groupchat --name NAME --join ${invite}`);
  });

  it('keeps its key to itself where a room is joined, or gone on with', async () => {
    const { tty, set, tell } = await stage({ enter: false, columns: 100 });
    await set({ access: { kind: 'private', key }, phase: 'joined' });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
    await tell({ kind: 'restored', room: 'r', lines: 1, unsent: 0, since: Date.UTC(2026, 0, 1) });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [bob] });
    await tty.until(({ lines }) => lines.includes('14:02 * you are the first to be back') && lines.at(-1) === 'bob›');
    const hints = tty.lines.filter((line) => line === '14:02 * this room is private: /invite shows how others join');
    expect(hints).toHaveLength(2);
    expect(tty.written).not.toContain(key);
  });

  it.each([
    ['columns', 36, 24],
    ['rows', 100, 19],
  ])('says so where a code has no room: %s', async (_, columns, rows) => {
    const { tty, set } = await stage({ columns, rows });
    const bare = (line: string): string => line.replaceAll(' ', '');
    await set({ access: { kind: 'private', key } });
    tty.type('/invite\r');
    const told = `its QR code takes 19 rows of 37 columns, and here are ${rows} of ${columns}: make this larger, and type /invite`;
    await tty.until(({ lines }) => lines.some((line) => bare(line).includes(bare(told))));
    expect(code(tty.rows)).toEqual([]);
    expect(tty.lines).toContain(`others join with:  groupchat --name NAME --join ${invite}`);
  });

  it('has no code on a terminal that is read aloud', async () => {
    const { tty, set } = await stage({ enter: false, columns: 100, env: { TERM: 'dumb' } });
    await set({ access: { kind: 'private', key } });
    tty.type('/invite\r');
    await tty.until(({ lines }) => lines.some((line) => line.startsWith('this room is private')));
    tty.type('/who\r');
    await tty.until(({ lines }) => lines.some((line) => line.startsWith('2 are here')));
    expect(code(tty.rows)).toEqual([]);
  });

  it('of a room in plain is never forgotten', async () => {
    const { tty, set, tell } = await stage({ columns: 100 });
    await set({ access: { kind: 'plain' } });
    await tell({ kind: 'joined', member: carol, history: false });
    await tty.until(({ lines }) => lines.at(-1) === 'bob (not encrypted)›');
    await set({ phase: 'seeking' });
    await tell({ kind: 'joined', member: carol, history: false });
    await tty.until(({ lines }) => lines.at(-1) === 'bob (not encrypted, looking for the room)›');
  });
});
