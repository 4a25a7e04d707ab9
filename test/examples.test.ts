/** The examples, run as anybody would run them. */
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { Actor, at, chat, freePorts } from './plays/stage.ts';

/** Runs an example. */
function example(name: string, ...args: readonly string[]): Actor {
  return new Actor(name, [fileURLToPath(new URL(`../examples/${name}.js`, import.meta.url)), ...args]);
}

/** A room with alice in it. */
async function room(): Promise<{ alice: Actor; address: string; own: string }> {
  const [first, second] = (await freePorts(2)) as [number, number];
  const alice = chat('alice', first);
  await alice.shows(/^\* you started the room/u);
  return { alice, address: at(first), own: at(second) };
}

it('bot.js answers, counts, and carries the room on', async () => {
  const { alice, address, own } = await room();
  const bot = example('bot', address, own);
  await bot.shows(/^in the room with 1 other/u);
  alice.type('hello', '!time', '!count');
  await alice.shows(/^bot: alice, it is \d{4}-\d\d-\d\dT/u);
  await alice.shows(/^bot: alice, that was line 3 since I came$/u);
  alice.finish();
  expect(await alice.ended).toBe(0);
  const [port] = await freePorts(1);
  const bob = chat('bob', port as number, '--join', own);
  await bob.shows(/^\* you are in the room with bot; bot coordinates/u);
  bob.type('!count');
  await bob.shows(/^bot: bob, that was line 4 since I came$/u);
  bot.signal('SIGINT');
  expect(await bot.ended).toBe(0);
  expect(bot.complaints).toEqual([]);
});

it('bridge.js says the lines of stdin, in order, and leaves when they end', async () => {
  const { alice, address, own } = await room();
  const bridge = example('bridge', address, 'log', own);
  const lines = Array.from({ length: 3000 }, (_, index) => `line ${index}`);
  bridge.type('', '\u001B[31mred\u001B[0m', ...lines);
  bridge.finish();
  expect(await bridge.ended).toBe(0);
  expect(bridge.complaints).toEqual([expect.stringMatching(/^not sent: a line has no control characters/u)]);
  await alice.shows(/^\* log left$/u);
  expect(alice.screen.filter((line) => line.startsWith('log: '))).toEqual(lines.map((line) => `log: ${line}`));
});

it('healing.js loses nothing', async () => {
  const healing = example('healing');
  expect(await healing.ended).toBe(0);
  const summary = healing.screen.slice(-7).map((line) => line.trim().replace(/ {2,}/u, ': '));
  expect(summary).toEqual([
    'coordinators killed: 5',
    'lines said: 40',
    'shown everywhere: 40',
    'lost: 0',
    'doubled: 0',
    'orders: 1',
    expect.stringMatching(/^median healing time: \d+ ms/u),
  ]);
});
