/** What is unread, and what calls the person: the rules, and how it looks on a terminal. */
import { describe, expect, it } from 'vitest';
import { Attention, mentions } from '../../src/face/attention.ts';
import { bob, lineOf, ownLine, stage } from './stage.ts';

const focusOut = '\u001b[O';
const now = Date.UTC(2026, 0, 2, 14, 2);
const letter = {
  origin: 'x',
  k: 1,
  key: 'K'.repeat(43),
  name: 'alice',
  time: now,
  text: 'hi',
  own: false,
  away: false,
};

describe('a name is said', () => {
  it.each([
    ['bob', true],
    ['Hi BOB!', true],
    ['@bob: look', true],
    ['ask bob, please', true],
    ['bobby', false],
    ['kebob', false],
    ['bob_2', false],
    ['ébob and bob', true],
    ['', false],
  ])('in %j: %s', (text, said) => expect(mentions(text, 'bob')).toBe(said));

  it('whatever signs the name has', () => {
    expect(mentions('hi c++ (all)', 'c++')).toBe(true);
    expect(mentions('b.b', 'bob')).toBe(false);
  });
});

describe('what is unread', () => {
  it('is what comes a minute after the last key, where the terminal never tells of its focus', () => {
    const attention = new Attention(0);
    expect([attention.arrive(59_999), attention.arrive(60_000), attention.arrive(70_000)]).toEqual([
      false,
      true,
      false,
    ]);
    attention.key(80_000);
    expect([attention.arrive(80_001), attention.arrive(140_000)]).toEqual([false, true]);
  });

  it('is what comes without the focus, however long nothing is typed', () => {
    const attention = new Attention(0);
    attention.focus(true);
    expect(attention.arrive(1e9)).toBe(false);
    attention.focus(false);
    expect([attention.arrive(1e9), attention.arrive(1e9)]).toEqual([true, false]);
    attention.focus(true);
    attention.focus(false);
    expect(attention.arrive(1e9)).toBe(true);
    attention.key(1e9);
    expect(attention.arrive(1e9)).toBe(false);
  });

  it.each([
    ['with colours', {}],
    ['without', { NO_COLOR: '1' }],
    ['narrow', {}, 20],
  ])('stands below a line that says so, once: %s', async (_, env, columns = 60) => {
    const { tty, say, set, tell } = await stage({ enter: false, env, columns });
    await set({ phase: 'joined' });
    await say('one');
    // Whoever types, looks, whatever the terminal says.
    tty.type(`${focusOut}t`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› t');
    await say('two');
    tty.type(`y${focusOut}`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› ty');
    await tell({ kind: 'line', line: ownLine('mine') });
    await say('three', 'four');
    await tty.until(({ lines }) => lines.includes('14:02 alice  four'));
    // Back, and away again.
    tty.type(`\u001b[I${focusOut}\u001b[Hx`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› xty');
    tty.type(`\u0004${focusOut}`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› xy');
    await say('five');
    await tty.until(({ lines }) => lines.includes('14:02 alice  five'));
    expect(tty.lines.slice(0, -1)).toEqual([
      '14:02 alice  one',
      '14:02 alice  two',
      '14:02 bob  mine',
      '── new ──',
      '14:02 alice  three',
      '14:02 alice  four',
      '── new ──',
      '14:02 alice  five',
    ]);
  });

  it('the terminal is asked for its focus, and no longer at the end', async () => {
    const { tty } = await stage();
    expect(tty.written).toContain('\u001b[?1004h');
    tty.type('/quit\r');
    await tty.exit;
    expect(tty.written.lastIndexOf('\u001b[?1004l')).toBeGreaterThan(tty.written.lastIndexOf('\u001b[?1004h'));
    expect(tty.written.lastIndexOf('\u001b[?2004l')).toBeGreaterThan(tty.written.lastIndexOf('\u001b[?2004h'));
  });
});

describe('a bell', () => {
  const bells = (written: string): number => written.split('\u0007').length - 1;

  it('rings when one’s own name is said, once a second, and not for history, nor for one’s own lines', async () => {
    const { tty, say, tell, set } = await stage();
    await tell({ kind: 'line', line: lineOf('bob was here', { history: true }) });
    await tell({ kind: 'line', line: ownLine('I am bob') });
    await say('hello all');
    await tty.until(({ lines }) => lines.includes('14:02 alice  hello all'));
    expect(bells(tty.written)).toBe(0);
    await say('bob?', 'Bob!');
    await tty.until(({ lines }) => lines.includes('14:02 alice  Bob!'));
    expect(bells(tty.written)).toBe(1);
    await set({ now: now + 1000 });
    await say('hey @bob');
    await tty.until(({ lines }) => lines.includes('14:02 alice  hey @bob'));
    expect(bells(tty.written)).toBe(2);
    expect(tty.written).not.toContain('\u001b]');
  });

  it.each([
    ['OSC 9', {}, '\u001b]9;groupchat: alice: bob, ]0;look]\u001b\\'],
    ['OSC 777', { VTE_VERSION: '7000' }, '\u001b]777;notify;groupchat;alice: bob, ]0;look]\u001b\\'],
  ])('comes with a notification out of sight, cleaned and cut: %s', async (_, env, notice) => {
    const { tty, say, tell, set } = await stage({ env });
    tty.type(`x${focusOut}`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› x');
    await set({ now: now + 1 });
    await say('bob, \u001b]0;look\u0007]');
    await tty.until(({ written }) => written.includes('look]'));
    await tty.until(({ written }) => written.includes(notice));
    await set({ now: now + 5000 });
    await say(`bob ${'x'.repeat(5000)}`);
    await tty.until(({ written }) => /x\u001b\\/u.test(written));
    expect(/\u001b\](?:9|777)[^\u001b]*xx\u001b/u.exec(tty.written)?.[0].length).toBeLessThan(160);
    await set({ now: now + 9000 });
    await tell({ kind: 'private', message: { ...letter, text: 'a secret' } });
    await tty.until(({ written }) => written.includes('alice has written to you privately\u001b\\'));
    expect(tty.written).not.toMatch(/\u001b\][^\u001b]*secret/u);
  });

  it('is turned off and on, in this run and the next', async () => {
    const { tty, say, set } = await stage({ columns: 100 });
    tty.type('/bell off\r');
    await tty.until(({ lines }) => lines.some((line) => line.startsWith('14:02 * no sound when')));
    tty.type(`x${focusOut}`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› x');
    await say('bob');
    await tty.until(({ written }) => written.includes('\u001b]9;groupchat: alice: bob'));
    expect(bells(tty.written)).toBe(0);
    await set({ now: now + 5000 });
    tty.type('\u0015/quiet\r/quiet on\r/quiet\r');
    await tty.until(({ lines }) => lines.some((line) => line.endsWith('(/bell on, /quiet on)')));
    await tty.until(({ lines }) => lines.some((line) => line.startsWith('14:02 * quiet:')));
    const before = tty.written.length;
    tty.type(`x${focusOut}`);
    await tty.until(({ lines }) => lines.at(-1) === 'bob› x');
    await say('bob again');
    await tty.until(({ lines }) => lines.includes('14:02 alice  bob again'));
    expect(tty.written.slice(before)).not.toMatch(/\u0007|\u001b\]/u);
    tty.type('\u0015/quiet off\r/bell on\r');
    await tty.until(({ lines }) => lines.some((line) => line.startsWith('14:02 * a sound when')));
    await set({ now: now + 9000 });
    await say('bob!');
    await tty.until(({ written }) => bells(written) === 1);
  });
});

it('/clear clears the screen, and the typed line stays', async () => {
  const { tty, say, tell } = await stage();
  await tell({ kind: 'line', line: ownLine('mine', { n: 1 }) });
  await say('hello');
  await tell({ kind: 'line', line: lineOf('held', { own: true, id: bob.id, name: 'bob', n: 2 }) });
  tty.type('/clear\r');
  await tty.until(({ rows }) => rows.filter((row) => row !== '').join() === 'bob›');
  await say('after');
  await tty.until(({ lines }) => lines.includes('14:02 alice  after'));
  expect(tty.lines.slice(-2)).toEqual(['14:02 alice  after', 'bob›']);
});
