/** What people do about themselves and the room, over real processes. */
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { Peer } from '../../src/peer.ts';
import { at, chat, freePorts } from './stage.ts';

/** Nobody is to be taken for gone, however busy this machine is. */
const patient = ['--silence', '10000'];

it('whoever coordinates hands over and stays; the topic, and who is away, hold all the while', async () => {
  const [first, second, third] = (await freePorts(3)) as [number, number, number];
  const alice = chat('alice', first, ...patient);
  await alice.shows(/^\* you started the room/u);
  alice.type('/handover');
  await alice.complains(/nobody else is here who could coordinate/u);
  const bob = chat('bob', second, '--join', at(first), ...patient);
  await bob.shows(/^\* you are in the room/u);
  bob.type('/handover', '/topic', '/topic the garden', '/back');
  await bob.complains(/alice coordinates: only whoever does can hand over/u);
  await bob.shows(/^\* nobody has said what this room is about/u);
  await bob.shows(/^\* you changed the topic to: the garden/u);
  await bob.complains(/you are not away/u);
  await alice.shows(/^\* bob changed the topic to: the garden/u);
  alice.type('/away watering');
  await bob.shows(/^\* alice is away: watering/u);

  const carol = chat('carol', third, '--join', at(second), ...patient);
  await carol.shows(/^\* you are in the room with alice and bob; alice coordinates; the topic is: the garden$/u);
  carol.type('one', 'two');
  alice.type('/handover', 'three');
  carol.type('four');
  await alice.shows(/^\* you have handed over; bob coordinates$/u);
  await bob.shows(/^\* alice has handed over; you coordinate$/u);
  await carol.shows(/^\* alice has handed over; bob coordinates$/u);
  for (const one of [alice, bob, carol]) {
    for (const text of [/: one$/u, /: two$/u, /^alice: three$/u, /: four$/u]) await one.shows(text);
  }
  carol.type('/who');
  await carol.shows(/^\* +alice \(founder, away: watering\)$/u);
  const rows = carol.screen.filter((line) => line.startsWith('*   '));
  expect(rows).toEqual(['*   bob (coordinator)', '*   carol (you)', '*   alice (founder, away: watering)']);
  carol.type('/me waves', '//me waves');
  await alice.shows(/^carol: \* waves$/u);
  await alice.shows(/^carol:  \/me waves$/u);
  carol.type('/topic', '/msg alice are you there?', '/msg alice or there?');
  await carol.shows(/^\* the topic is: the garden \(bob, /u);
  await alice.shows(/^\* carol to you: or there\?/u);
  alice.type('/back');
  await carol.shows(/^\* alice is back$/u);
  expect(carol.screen.filter((line) => line === '* alice is away: watering')).toHaveLength(1);
  for (const { screen } of [alice, bob, carol]) {
    expect(screen.filter((line) => /alice (?:left|joined|is gone)|looking|healed/u.test(line))).toEqual([]);
  }
  for (const one of [alice, bob, carol]) {
    one.finish();
    // What was typed in vain is a failure, to a script.
    expect(await one.ended).toBe(one === carol ? 0 : 1);
  }
});

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

it('what would change nothing is refused, and who has a line is known behind an act', async () => {
  const start = async (name: string, ...join: readonly string[]): Promise<Peer> => {
    const peer = new Peer({ name, listen: '127.0.0.1:0', join: [...join] });
    await peer.start();
    onTestFinished(async () => void (await peer.leave()));
    return peer;
  };
  const alice = await start('alice');
  const came = once(alice as never, 'joined');
  await start('bob', ...alice.addresses);
  await came;
  const told = (kind: 'topic' | 'away' | 'ruled'): Promise<unknown> => once(alice as never, kind);
  const n = alice.send('who has this?');
  while (alice.receipt?.have !== 1) await once(alice as never, 'receipt');
  for (const [act, kind, why] of [
    [() => alice.setTopic('the move'), 'topic', 'that is the topic already'],
    [() => alice.away('lunch'), 'away', 'you are away already, and say so'],
    [() => void alice.moderate('op', 'bob'), 'ruled', 'bob is an op already'],
    [() => void alice.moderate('deop', 'bob'), 'ruled', 'bob is no op'],
  ] as const) {
    const done = told(kind);
    act();
    await done;
    expect(act).toThrow(why);
  }
  expect(() => alice.moderate('unban', 'bob')).toThrow('bob is not banned');
  expect(alice.receipt).toMatchObject({ n, have: 1, of: 1 });
});
