/** What people do about themselves and the room, over real processes. */
import { expect, it } from 'vitest';
import { at, chat, freePorts } from './stage.ts';

it('somebody takes another name: everybody says so, it outlives the coordinator, and it is nobody else’s', async () => {
  const [first, second, third] = (await freePorts(3)) as [number, number, number];
  const alice = chat('alice', first);
  await alice.shows(/^\* you started the room/u);
  const bob = chat('bob', second, '--join', at(first));
  await bob.shows(/^\* you are in the room/u);
  const carol = chat('carol', third, '--join', at(first));
  await carol.shows(/^\* you are in the room/u);
  await bob.shows(/^\* carol joined/u);

  bob.type('/nick Carol');
  await bob.complains(/the name Carol is taken: you are bob still; \/nick Carol2 is free/u);
  bob.type('/nick robert', 'it is me');
  await bob.shows(/^\* you are called robert now/u);
  for (const one of [alice, carol]) {
    await one.shows(/^\* bob is called robert now/u);
    await one.shows(/^robert: it is me/u);
  }
  alice.signal('SIGKILL');
  await bob.shows(/you coordinate/u);
  await carol.shows(/robert coordinates/u);
  carol.type('/msg robert are you there?');
  await bob.shows(/^\* carol to you: are you there\?/u);
  carol.type('/nick robert');
  await carol.complains(/the name robert is taken/u);
  // The name that bob has left is free.
  carol.type('/nick bob', 'and me');
  await bob.shows(/^bob: and me/u);
  expect(bob.screen.filter((line) => /was called/u.test(line))).toEqual([]);
  for (const one of [carol, bob]) {
    one.finish();
    expect(await one.ended).toBe(0);
  }
});
