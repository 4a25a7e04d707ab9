/** Where a line goes is said in the prompt before it can be sent there. */
import { describe, expect, it } from 'vitest';
import { stage, type Stage } from './stage.ts';

const key = 'K'.repeat(43);
const alice = { name: 'alice', key, own: false };
const letter = (name: string, text = 'hi') =>
  ({
    kind: 'private',
    message: {
      origin: 'x',
      k: 1,
      key: name[0]?.repeat(43) ?? '',
      name,
      time: Date.UTC(2026, 0, 2, 14, 2),
      text,
      own: false,
      away: false,
    },
  }) as const;
const prompt = ({ tty }: Stage, wanted: string): Promise<void> => tty.until(({ lines }) => lines.at(-1) === wanted);

describe('the prompt', () => {
  it('names whom a /msg goes to as soon as it is typed, and no longer', async () => {
    const made = await stage({ columns: 100 });
    made.tty.type('/msg alice');
    await prompt(made, 'bob› /msg alice');
    made.tty.type(' ');
    await prompt(made, 'bob → alice› /msg alice');
    made.tty.type('secret');
    await prompt(made, 'bob → alice› /msg alice secret');
    made.tty.type('\r');
    await made.untilSent(1);
    await prompt(made, 'bob›');
    expect(made.sent).toEqual(['to alice: secret']);
  });

  it('names whom an /r goes to, and who writes meanwhile does not get it', async () => {
    const made = await stage({ columns: 100 });
    await made.tell(letter('alice'));
    made.tty.type('/r ye');
    await prompt(made, 'bob → alice› /r ye');
    await made.tell(letter('carol', 'psst'));
    await made.tty.until(({ lines }) => lines.includes('14:02 carol → you  psst'));
    made.tty.type('s\r');
    await made.untilSent(1);
    made.tty.type('/r me too');
    await prompt(made, 'bob → carol› /r me too');
    made.tty.type('\r');
    await made.untilSent(2);
    expect(made.sent).toEqual([`to alice:${'a'.repeat(43)}: yes`, `to carol:${'c'.repeat(43)}: me too`]);
  });

  it('stays in a conversation that /msg and a name alone begins, until /room or /msg', async () => {
    const made = await stage({ columns: 100 });
    await made.set({ known: [alice] });
    made.tty.type('/msg alice\r');
    await prompt(made, 'bob → alice›');
    const told = '14:02 * what you type goes to alice only; /room goes back to the room';
    await made.tty.until(({ lines }) => lines.includes(told));
    made.tty.type('one\r//two\r/who\r');
    await made.untilSent(2);
    await made.set({ phase: 'seeking' });
    await made.tell({ kind: 'renamed', id: 'bob', name: 'bob', former: 'bob', own: true, taken: true, history: false });
    await prompt(made, 'bob → alice (looking for the room)›');
    await made.set({ phase: 'joined' });
    made.tty.type('/room\r');
    await prompt(made, 'bob›');
    made.tty.type('three\r/msg alice\r');
    await prompt(made, 'bob → alice›');
    made.tty.type('/msg\r');
    await prompt(made, 'bob›');
    made.tty.type('four\r');
    await made.untilSent(4);
    expect(made.sent).toEqual([`to alice:${key}: one`, `to alice:${key}: /two`, 'three', 'four']);
  });

  it.each([
    ['nobody', [], '14:02 * nobody is nobody'],
    [
      'several',
      [
        { ...alice, name: 'several' },
        { ...alice, name: 'several', key: `X${key.slice(1)}` },
      ],
      '14:02 * several are called several: type /msg several:KKKKKKKK or /msg several:XKKKKKKK',
    ],
    ['bob', [{ name: 'bob', key, own: true }], '14:02 * that is you'],
  ])('does not name %s, and what was typed ahead is not said to the room', async (name, known, told) => {
    const made = await stage({ columns: 100 });
    await made.set({ known });
    made.tty.type(`/msg ${name}\rsecret\r`);
    await made.tty.until(({ lines }) => lines.includes(told));
    await made.tty.until(({ lines }) => lines.some((line) => line.includes('not sent: it was typed before')));
    await prompt(made, 'bob›');
    made.tty.type('\u001b[A');
    await prompt(made, 'bob› secret');
    expect(made.sent).toEqual([]);
    made.tty.type('\u0015hello\r');
    await made.untilSent(1);
    expect(made.sent).toEqual(['hello']);
  });

  it('cannot be made to look like another one', async () => {
    const made = await stage({ columns: 60 });
    made.tty.type(`/msg ${'x'.repeat(50)}\u202e hi`);
    await made.tty.until(({ lines }) => lines.at(-1)?.startsWith(`bob → ${'x'.repeat(32)}› `) === true);
    expect(made.tty.written.split('→').at(-1)?.slice(0, 36)).not.toContain('\u202e');
  });
});

it('says in words whom all goes to, where there is no prompt', async () => {
  const { tty, set, sent, untilSent } = await stage({ columns: 100, enter: false, env: { TERM: 'dumb' } });
  await set({ phase: 'joined', known: [alice] });
  tty.type('/msg alice\n');
  await tty.until(({ lines }) => lines.includes('what you type goes to alice only; /room goes back to the room'));
  tty.type('secret\n');
  await untilSent(1);
  tty.type('/room\n');
  await tty.until(({ lines }) => lines.includes('what you type goes to the room'));
  expect(sent).toEqual([`to alice:${key}: secret`]);
});
