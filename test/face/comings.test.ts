/** Those who come and go, in few lines: the rules, and how it looks on a terminal. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/step.ts';
import { Comings, type Coming } from '../../src/face/comings.ts';
import { alice, bob, carol, lineOf, stage } from './stage.ts';

const people = ['ann', 'ben', 'cleo', 'dan', 'eve', 'fay', 'gus', 'hal', 'ida', 'jan', 'kim', 'lea'];
const memberOf = (name: string) => ({ ...carol, id: name, name, key: name });
const came = (name: string): Coming => ({ member: memberOf(name), told: `${name} joined` });
const went = (name: string, why: 'left' | 'silent' = 'left'): Coming => ({
  member: memberOf(name),
  why,
  told: why === 'left' ? `${name} left` : `${name} is gone (not answering)`,
});

describe('those who come and go', () => {
  it.each<[string, Coming[], string]>([
    ['one', [came('ann')], 'ann joined'],
    ['two', [came('ann'), came('ben')], '2 joined: ann and ben'],
    ['many', people.map(came), '12 joined: ann, ben, cleo, dan and 8 others'],
    ['both ways', [came('ann'), went('ben'), came('cleo'), went('dan')], '2 joined: ann and cleo; 2 left: ben and dan'],
    ['without a goodbye', [went('ann', 'silent'), went('ben')], '2 are gone: ann and ben'],
    ['one of each', [came('ann'), went('ben', 'silent')], 'ann joined; ben is gone (not answering)'],
    ['one that comes and goes', [came('ann'), went('ann')], 'ann joined and left'],
    ['one that is back', [went('ann'), came('ann')], 'ann left and came back'],
    [
      'one that flaps',
      [came('ann'), went('ann'), came('ann'), went('ann'), came('ann')],
      'ann came and went 3 times, and is here now',
    ],
    [
      'many that flap',
      [...people.map(came), ...people.map((name) => went(name))],
      '12 came and went: ann, ben, cleo, dan and 8 others',
    ],
  ])('are told in one line, in one moment: %s', (_, all, text) => {
    const comings = new Comings();
    const told = all.map((one, index) => comings.hear(one, index, index > 0));
    expect(told.at(-1)).toEqual({ text, again: all.length > 1 });
  });

  it('are told one by one, though a person has two processes', () => {
    const comings = new Comings();
    const [other, gone] = [came('ann2'), went('ann2')].map((one) => ({
      ...one,
      member: { ...one.member, key: 'ann' },
    }));
    const told = [came('ann'), other, gone].map((one, index) => comings.hear(one as Coming, index, index > 0)?.text);
    expect(told.at(-1)).toBe('ann joined; ann2 joined and left');
  });

  it('have another line when something stands between, and after a while', () => {
    const comings = new Comings();
    expect(comings.hear(came('ann'), 0, false)).toEqual({ text: 'ann joined', again: false });
    expect(comings.hear(came('ben'), 1, false)).toEqual({ text: 'ben joined', again: false });
    expect(comings.hear(came('cleo'), 9999, true)).toEqual({ text: '2 joined: ben and cleo', again: true });
    expect(comings.hear(came('dan'), 20_000, true)).toEqual({ text: 'dan joined', again: false });
  });

  it('are told once a minute, where others talk all the time', () => {
    const comings = new Comings();
    const told: (string | undefined)[] = [];
    for (let turn = 0; turn < 20; turn++) {
      told.push(comings.hear(turn % 2 === 0 ? came('ann') : went('ann'), turn * 1000, false)?.text);
    }
    expect(told.filter((one) => one !== undefined)).toEqual(['ann joined', 'ann left', 'ann joined', 'ann left']);
    // Nobody else is any quieter for that.
    expect(comings.hear(came('ben'), 20_000, false)?.text).toBe('ben joined');
    expect(comings.waits).toBe(true);
    expect(comings.late()).toBe('ann came and went 8 times, and is gone now');
    expect(comings.late()).toBeUndefined();
    expect(comings.hear(came('ann'), 90_000, false)?.text).toBe('ann joined');
  });
});

const joined = (name: string): Event => ({ kind: 'joined', member: memberOf(name), history: false });
const left = (name: string): Event => ({ kind: 'left', member: memberOf(name), why: 'left', history: false });

describe('on a terminal', () => {
  it.each([
    ['', 100, {}],
    ['narrow', 20, {}],
  ])('twelve that join are one line, and the typed line stays %s', async (_, columns, env) => {
    const { tty, tell, say, set } = await stage({ columns, env, enter: false });
    await set({ phase: 'joined' });
    tty.type('typing');
    await Promise.all(people.map((name) => tell(joined(name))));
    await say('hello');
    await tell(left('ann'));
    const shown = '14:02 * 12 joined: ann, ben, cleo, dan and 8 others';
    await tty.until(({ lines }) => lines.at(-2) === '14:02 * ann left' && lines.at(-1) === 'bob› typing');
    expect(tty.lines).toEqual([shown, '14:02 alice  hello', '14:02 * ann left', 'bob› typing']);
  });

  it('one that comes and goes takes one line, whoever else is named there', async () => {
    const { tty, tell } = await stage({ columns: 100, enter: false });
    await tell(joined('ben'));
    for (let turn = 0; turn < 30; turn++) {
      await tell(joined('ann'));
      await tell(left('ann'));
    }
    await tty.until(({ lines }) => lines.includes('14:02 * ben joined; ann came and went 30 times, and is gone now'));
    expect(tty.lines).toHaveLength(2);
  });

  it('who was put out is told by itself', async () => {
    const { tty, tell } = await stage({ enter: false });
    await tell(joined('ann'));
    await tell({ kind: 'left', member: memberOf('ben'), why: 'kicked', by: 'alice', history: false });
    await tell(joined('cleo'));
    await tty.until(({ lines }) => lines.includes('14:02 * cleo joined'));
    expect(tty.lines.slice(0, -1)).toEqual([
      '14:02 * ann joined',
      '14:02 * ben was put out by alice',
      '14:02 * cleo joined',
    ]);
  });

  it('does not take the place of the mark of the last line, nor the other way round', async () => {
    const { tty, tell, set } = await stage({ enter: false });
    await set({ phase: 'joined' });
    const line = lineOf('mine', { n: 1, own: true, id: 'me', name: 'bob' });
    await tell({ kind: 'line', line });
    await tell(joined('ann'));
    await tell({ kind: 'receipt', n: 1, have: 1, of: 2, lacking: [alice] });
    await tell(joined('ben'));
    await tty.until(({ lines }) => lines.at(-1)?.startsWith('bob (✓ 1/2)›') === true);
    expect(tty.lines.slice(0, -1)).toEqual(['14:02 bob  mine', '14:02 * 2 joined: ann and ben']);
  });

  it.each([{ TERM: 'dumb' }, { READER: '1' }])('is one line too where nothing is drawn again: %o', async (env) => {
    const { tty, tell, say } = await stage({ columns: 100, enter: false, env });
    await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
    await Promise.all(people.map((name) => tell(joined(name))));
    await say('hello');
    await tty.until(({ lines }) => lines.includes('alice says: hello'));
    expect(tty.lines.slice(3)).toEqual(['12 joined: ann, ben, cleo, dan and 8 others', 'alice says: hello']);
    await tell(left('ann'));
    await tty.until(({ lines }) => lines.at(-1) === 'ann left');
  });
});
