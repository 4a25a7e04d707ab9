/**
 * A member that says too much: it is slowed, so that the others are heard between its lines, and let go after a minute
 * of it. The minute is played on the core, whose time passes when the test says so.
 */
import { expect, it } from 'vitest';
import { encodeOffer } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays } from '../../src/core/message.ts';
import { closed, events, founder, raw } from '../core/solo.ts';
import { at, chat, freePorts } from '../plays/stage.ts';

it('a flooding member is slowed: it gets all its lines in, and those of the others come between', async () => {
  const [first, second, third] = (await freePorts(3)) as [number, number, number];
  const alice = chat('alice', first, '--rate', '100');
  await alice.shows(/^\* you started the room$/u);
  const bob = chat('bob', second, '--join', at(first));
  await alice.shows(/^\* bob joined$/u);
  const mallory = chat('mallory', third, '--join', at(first));
  await bob.shows(/^\* mallory joined$/u);
  // Twice the rate goes at once; the others wait.
  const lines = Array.from({ length: 400 }, (_, index) => `line ${index + 1}`);
  mallory.type(...lines);
  await bob.shows(/^mallory: line 200$/u);
  bob.type('may I?');
  await alice.shows(/^bob: may I\?$/u);
  alice.type('please');
  await bob.shows(/^mallory: line 400$/u);
  const said = bob.screen.filter((line) => /^(?:mallory|alice|bob): /u.test(line));
  expect(said.filter((line) => line.startsWith('mallory'))).toEqual(lines.map((line) => `mallory: ${line}`));
  for (const line of ['bob: may I?', 'alice: please']) {
    expect(said.indexOf(line)).toBeGreaterThan(said.indexOf('mallory: line 200'));
    expect(said.indexOf(line)).toBeLessThan(said.indexOf('mallory: line 400'));
  }
  mallory.finish();
  expect(await mallory.ended).toBe(0);
});

it('a flooding member is let go after a minute of it, and not before', () => {
  const solo = founder({ rate: 100 });
  solo.admit(1, 'bob0000000');
  solo.pass(0);
  let n = 0;
  const begun = solo.ms;
  /** Half as much again as it may say, in a quarter of a second. */
  const floods = (): ReturnType<typeof solo.hear> => {
    const lines = Array.from({ length: 38 }, () =>
      encodeFrame('bob0000000', 'CHAT', encodeOffer({ n: ++n, time: 0, apart: false, text: 'x' })),
    );
    return [...solo.hear(1, ...lines, clientSays.pong('bob0000000', 0)), ...solo.pass(250)];
  };
  const effects: ReturnType<typeof solo.hear> = [];
  while (closed(effects).length === 0 && solo.ms - begun < 2 * limits.floodMs) effects.splice(0, Infinity, ...floods());
  expect(solo.ms - begun).toBeGreaterThan(limits.floodMs);
  expect(solo.ms - begun).toBeLessThan(1.2 * limits.floodMs);
  expect(raw(effects, 1)).toContain('"code":"flood"');
  expect(events(effects, 'left')).toMatchObject([{ why: 'flood' }]);
});
