/** The terminal face, seen on a terminal. */
import { describe, expect, it } from 'vitest';
import { alice, bob, carol, lineOf, stage } from './stage.ts';

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
    const { tty } = await stage({ shell: '"$@"; echo "code $?"; stty -a' });
    tty.type(`some words${left.repeat(4)}`);
    await tty.until(({ cursor }) => cursor.column === 11);
    tty.type('\u0003');
    await tty.until(({ lines }) => lines.at(-1) === 'bob›');
    tty.type('\u0019');
    await tty.until(({ lines }) => lines.at(-1) === 'bob› some words');
    tty.type('\u0003\u0003');
    await tty.exit;
    await tty.until(({ lines }) => lines.some((line) => line.includes('icanon')));
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

describe('what others send', () => {
  it.each([
    ['moves', 'up\u001b[5A\u001b[2Jdown', 'up[5A[2Jdown'],
    ['titles and links', '\u001b]0;title\u0007\u001b]8;;http://x\u001b\\link', ']0;title]8;;http://x\\link'],
    ['C1 controls', 'a\u009b2Jb\u0090c\u009c', 'a2Jbc'],
    ['overtyping', 'good\rbad\b\b\bevil', 'goodbadevil'],
    ['forged lines', 'hi\n14:02 carol  me too', 'hi↵14:02 carol  me too'],
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
    await tell({ kind: 'renamed', name: bad.name });
    await tell({ kind: 'warning', code: '\u001b[2J', message: '\u001b[2J' });
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
    const { tty, set, tell } = await stage();
    await set({ phase: 'seeking', pending: 2, coordinator: carol });
    await tell({ kind: 'looking', coordinator: carol, why: 'silent', waiting: 2 });
    await tty.until(({ lines }) => lines.at(-1) === 'bob (looking for the room, 2 waiting)›');
    expect(tty.lines.at(-2)).toBe('14:02 * carol is not answering: looking for a coordinator (2 lines waiting)');
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
      '── 2026-01-01 ──',
      '09:05 alice  old',
      '09:05 alice (while apart)  older',
      '── 2026-01-02 ──',
      '14:02 * you are in the room with alice; alice coordinates',
      '14:02 * others join with:  groupchat --name NAME --join 10.0.0.5:6000',
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

  it('nothing is ever drawn again on a dumb terminal', async () => {
    const { tty, say, sent, tell, untilSent } = await stage({ env: { TERM: 'dumb' }, enter: false });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
    await tty.until(({ lines }) => lines[0] === 'you are in the room with alice; alice coordinates');
    await say('hello');
    await tty.until(({ lines }) => lines.includes('alice says: hello'));
    tty.type('hi alice\r');
    await untilSent(1);
    await tell({ kind: 'line', line: lineOf('hi alice', { own: true, name: 'bob' }) });
    await say('fine');
    await tty.until(({ lines }) => lines.includes('alice says: fine'));
    tty.type('\u0004');
    expect(await tty.exit).toBe(0);
    expect(sent).toEqual(['hi alice']);
    expect(tty.lines.slice(2)).toEqual(['alice says: hello', 'hi alice', 'alice says: fine', 'you left']);
    expect(tty.written).not.toContain('\u001b');
  });
});
