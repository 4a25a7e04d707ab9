/** A transcript says in plain English who went and why, and nothing of what acts say. */
import { expect, it } from 'vitest';
import { transcript } from '../../src/core/history.ts';
import { Author, Gathering } from './gathering.ts';

const [ann, bob] = [new Author('ann'), new Author('bob')];

it.each([
  ['left', 'bob left'],
  ['handover', 'bob left and handed over'],
  ['ended', 'bob is gone (process ended)'],
  ['silent', 'bob is gone (not answering)'],
  ['cut', 'bob is gone (cut off)'],
  ['slow', 'bob is gone (fell too far behind)'],
  ['flood', 'bob is gone (said too much for too long)'],
])('%s: %s', (why, words) => {
  const one = new Gathering();
  one.enter(ann);
  const member = one.enter(bob);
  one.add({ kind: 'left', id: member.id, why });
  expect([...transcript(one.log, 'text')].at(-1)).toBe(`1970-01-01T00:00:05Z * ${words}\n`);
});

it('tells with a new reign who was lost by it', () => {
  const one = new Gathering();
  const first = one.enter(ann);
  const second = one.enter(bob);
  one.reign([second], [{ id: first.id, why: 'ended' }]);
  expect([...transcript(one.log, 'text')].at(-1)).toMatch(
    /Z \* ann is gone \(process ended\); bob coordinates: bob\n$/,
  );
});

it.each(['text', 'jsonl'] as const)('has no act in it, as %s', (format) => {
  const one = new Gathering();
  one.enter(ann);
  one.say(ann, ann.act('key SECRET')).say(ann, ann.burst(['hello']));
  const text = [...transcript(one.log, format)].join('');
  expect(text).toContain('hello');
  expect(text).not.toContain('SECRET');
});
