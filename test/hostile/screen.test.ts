/**
 * What is meant to move, hide or turn text never comes to a screen, whoever sends it: a line, a private message, or the
 * words of a refusal. Seen on a pipe, byte by byte, and on a terminal as it is drawn.
 */
import { describe, expect, it } from 'vitest';
import { serverSays } from '../../src/core/message.ts';
import { Tty } from '../face/tty.ts';
import { at, chat, dist, freePort, type Actor } from '../plays/stage.ts';
import { enter, Liar } from './liar.ts';

/** What is sent, and what is left of it. */
const attacks: readonly [what: string, sent: string, left: string][] = [
  ['an escape that clears the screen', '\u001b[2J\u001b[Hempty', '[2J[Hempty'],
  ['an escape of one byte (C1)', '\u009b2J\u0090q\u009cempty', '2Jqempty'],
  ['OSC 52, which writes to the clipboard', '\u001b]52;c;cm0gLXJmIH4=\u0007copied', ']52;c;cm0gLXJmIH4=copied'],
  ['OSC 52 of one byte', '\u009d52;c;cm0gLXJmIH4=\u009ccopied', '52;c;cm0gLXJmIH4=copied'],
  ['OSC 0, a title', '\u001b]0;root\u001b\\title', ']0;root\\title'],
  ['a question that the terminal would answer', '\u001b[c\u0005answer', '[canswer'],
  ['a carriage return', 'good\rmallory2: bad', 'goodmallory2: bad'],
  ['backspaces', 'good\b\b\b\bevil', 'goodevil'],
  ['a newline that forges a line', 'hm\nbob: I agree', 'hm↵bob: I agree'],
  ['separators that do the same', 'hm\u2028bob: I agree\u0085carol: me too', 'hm↵bob: I agree↵carol: me too'],
  ['bidi that turns text', 'photo\u202egpj.exe\u2066x\u2069', 'photogpj.exex'],
  ['zero-width', 'pay\u200bpal\u2060\ufeff\u00ad', 'paypal'],
  ['tags that nobody sees', 'hi\u{e0041}\u{e0042}', 'hi'],
];
/** On a terminal a newline begins a row that hangs under the text; the screen is read as if it were one. */
const drawn = attacks.map(([, text, left]) => (text.includes('\n') ? left.replaceAll('↵', ' ') : left));
const every = attacks.map(([, text]) => text).join(' ');

/** Whatever moves, hides or turns: none of it stands in a line. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const unfit =
  /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}|[\u{e0000}-\u{e0fff}]/u;

/** What the face itself writes moves the cursor, too; none of these do it. */
const sent =
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  /\u001b\[2J|\u001b\[H|\u001b\]52|\u001b\]0;root|\u001b\[c|\u0005|[\u0080-\u009f\u00ad\u200b\u202e\u2066\u2069\u2028\ufeff]/u;

function fit({ screen, complaints }: Actor): void {
  for (const line of [...screen, ...complaints]) expect(line).not.toMatch(unfit);
}

describe('on a pipe', () => {
  it('lines, and private messages', async () => {
    const liar = await Liar.start();
    const bob = await enter(liar, 'bob');
    const who = await liar.member('bob');
    for (const [, text] of attacks) liar.says(text);
    for (const [k, [, text]] of attacks.entries()) liar.tells('bob', liar.id, liar.letter(who, text, { k: k + 1 }));
    liar.says('that is all');
    await bob.shows(/^mallory: that is all$/u);
    fit(bob);
    expect(bob.screen.slice(1)).toEqual([
      ...attacks.map(([, , one]) => `mallory: ${one}`),
      ...attacks.map(([, , one]) => `* mallory to you: ${one}`),
      'mallory: that is all',
    ]);
  });

  it('the words of a refusal, before somebody is let in: ours, or a quotation', async () => {
    const liar = await Liar.start();
    const words: string[] = [];
    for (const code of ['banned', 'from-the-future'] as const) {
      liar.refuses = { code: code as 'banned', message: every.slice(0, 400) };
      const bob = chat('bob', await freePort(), '--join', liar.at);
      expect(await bob.ended).toBe(code === 'banned' ? 4 : 5);
      fit(bob);
      words.push(bob.complaints.join('\n'));
    }
    expect(words).toEqual([
      'groupchat: the other side says that you are banned from this room',
      expect.stringContaining('the other side refuses (from-the-future); the other side says: "[2J[Hempty') as string,
    ]);
  });

  it('the words of a refusal to a member: nobody goes for a mere word, nor reads it', async () => {
    const liar = await Liar.start();
    const bob = await enter(liar, 'bob');
    liar.sends('bob', serverSays.refused({ code: 'kicked', message: every.slice(0, 400) }));
    await liar.back('bob', 1);
    liar.says('still here?');
    await bob.shows(/^mallory: still here\?$/u);
    const told = 'the other side says that you were put out of this room';
    expect(bob.screen.join('\n') + bob.complaints.join('\n')).toContain(told);
    expect(bob.screen.join('\n') + bob.complaints.join('\n')).not.toContain('empty');
    const { key } = await liar.member('bob');
    liar.sends(
      'bob',
      serverSays.refused({ code: 'kicked', message: every.slice(0, 400), act: liar.act(`kick ${key}`) }),
    );
    expect(await bob.ended).toBe(4);
    fit(bob);
    expect(bob.complaints.at(-1)).toBe('groupchat: mallory has put you out of this room');
    expect(bob.screen.join('\n') + bob.complaints.join('\n')).not.toContain('empty');
  });
});

it('on a terminal: lines, and private messages; of the words with which one is put out, none', async () => {
  const liar = await Liar.start();
  const args = ['--name', 'bob', '--listen', at(await freePort()), '--join', liar.at, '--silence', '20000'];
  const tty = new Tty(process.execPath, [`${dist}/cli.js`, ...args], { columns: 100, rows: 60 });
  await tty.until(({ lines }) => lines.at(-1) === 'bob›' && lines.some((line) => line.includes('you are in the room')));
  const who = await liar.member('bob');
  const before = tty.lines.slice(0, -1);
  for (const [, text] of attacks) liar.says(text);
  for (const [k, [, text]] of attacks.entries()) liar.tells('bob', liar.id, liar.letter(who, text, { k: k + 1 }));
  liar.says('that is all');
  await tty.until(({ lines }) => lines.some((line) => line.endsWith('mallory  that is all')));
  // All that stood there stands there still, and each of them is one line.
  expect(tty.lines.slice(0, before.length)).toEqual(before);
  const shown = tty.lines.slice(before.length, -1).map((line) => line.replace(/^\d\d:\d\d /u, ''));
  expect(shown).toEqual([
    ...drawn.map((one) => `mallory  ${one}`),
    ...drawn.map((one) => expect.stringContaining(one) as string),
    'mallory  that is all',
  ]);
  const act = liar.act(`kick ${who.key}`);
  liar.sends('bob', serverSays.refused({ code: 'kicked', message: `${every.slice(0, 400)} type: sh`, act }));
  expect(await tty.exit).toBe(4);
  expect(tty.lines.at(-1)).toBe('groupchat: mallory has put you out of this room');
  expect(tty.lines.join('')).not.toContain('type: sh');
  expect(tty.written).not.toMatch(sent);
});

it('on a terminal: the words of a refusal, before somebody is let in', async () => {
  const liar = await Liar.start();
  liar.refuses = { code: 'version', message: every.slice(0, 400) };
  const args = ['--name', 'bob', '--listen', at(await freePort()), '--join', liar.at];
  const tty = new Tty(process.execPath, [`${dist}/cli.js`, ...args], { columns: 100, rows: 60 });
  expect(await tty.exit).toBe(4);
  const [first = '', ...more] = tty.lines;
  expect([first, ...more.map((row) => row.trimStart())].join(' ')).toContain(
    'use the same one on both sides; the other side says: "[2J[Hempty',
  );
  expect(more.filter((row) => !row.startsWith('    '))).toEqual([]);
  expect(tty.written).not.toMatch(sent);
});
