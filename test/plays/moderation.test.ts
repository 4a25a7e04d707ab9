/** Somebody is put out, by real processes: he goes, does not come in again, and the others go on. */
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { at, chat, freePorts, kept, type Actor } from './stage.ts';

interface Room {
  readonly ports: Readonly<Record<string, number>>;
  readonly cast: Record<string, Actor>;
}

/** A room that alice has founded; the others come in by what she gives them. */
async function room(names: readonly string[], ...options: readonly string[]): Promise<Room & { readonly way: string }> {
  const free = await freePorts(names.length + 1);
  const ports = Object.fromEntries(['alice', ...names].map((name, index) => [name, free[index] as number]));
  const alice = chat('alice', ports['alice'] as number, ...options);
  const invite = /--join '?(?<way>[^' ]+)/u.exec(await alice.complains(/--join/u))?.groups;
  const way = invite?.['way'] as string;
  const cast: Record<string, Actor> = { alice };
  for (const name of names) {
    cast[name] = chat(name, ports[name] as number, '--join', way);
    await cast[name].shows(/^\* you are in the room/u);
    await alice.shows(new RegExp(`^\\* ${name} joined`, 'u'));
  }
  return { ports, cast, way };
}

/** Everybody says something, and everybody shows it. */
async function talk(actors: readonly Actor[], text: string): Promise<void> {
  for (const actor of actors) actor.type(text);
  const shown = actors.flatMap((actor) =>
    actors.map((other) => other.shows(new RegExp(`^${actor.name}(?: \\(while apart\\))?: ${text}$`, 'u'))),
  );
  await Promise.all(shown);
}

/** Looks until what somebody keeps has that in it: no one tells when a file has grown. */
async function keeps(name: string, text: string): Promise<void> {
  while (!(await kept(name)).includes(text)) await setImmediate();
}

it('what somebody says is not shown to whoever ignores him, until it is again', async () => {
  const { cast } = await room(['bob', 'carol']);
  const { alice, bob, carol } = cast as Record<'alice' | 'bob' | 'carol', Actor>;
  bob.type('/ignore carol');
  await bob.shows(/^\* what carol says is not shown here any more/u);
  carol.type('is that so?');
  await alice.shows(/^carol: is that so\?$/u);
  alice.type('it is');
  await bob.shows(/^alice: it is$/u);
  bob.type('/unignore carol');
  await bob.shows(/^\* what carol says is shown again$/u);
  carol.type('and now?');
  await bob.shows(/^carol: and now\?$/u);
  expect(bob.screen.filter((line) => line.startsWith('carol:'))).toEqual(['carol: and now?']);
  bob.type('/ignore bob', 'my own words');
  await bob.complains(/not done: that is you: \/ignore takes the name of somebody else$/u);
  await bob.shows(/^bob: my own words$/u);
});

describe('somebody is put out', () => {
  it('of a private room: he ends with 4, his invite leads nowhere, and the others go on without the coordinator', async () => {
    const { cast, ports, way } = await room(['bob', 'carol', 'mallory'], '--private');
    const { alice, bob, carol, mallory } = cast as Record<'alice' | 'bob' | 'carol' | 'mallory', Actor>;
    await talk([alice, bob, carol, mallory], 'hello');
    await keeps('mallory', 'hello');
    bob.type('/kick mallory');
    await bob.complains(/not done: you are no op here: the founder \(alice\) and its ops do that$/u);
    alice.type('/kick nobody');
    await alice.complains(/not done: nobody here is known as nobody: \/who says who is here$/u);
    alice.type('/kick mallory');
    expect(await mallory.ended).toBe(4);
    expect(mallory.complaints.at(-1)).toBe('groupchat: alice has put you out of this room');
    for (const actor of [alice, bob, carol]) {
      await actor.shows(/^\* mallory was put out by alice$/u);
      await actor.shows(/^\* (?:alice|you) changed the key of this room/u);
    }
    const again = chat('mallory', ports['mallory'] as number, '--join', way);
    expect(await again.ended).toBe(4);
    expect(again.complaints.at(-1)).toMatch(/the key of this room was changed: ask a member for a new invite/u);
    await keeps('alice', 'key ');
    alice.signal('SIGKILL');
    await bob.shows(/^\* alice is gone/u);
    await talk([bob, carol], 'without her');
    // It has kept the new key.
    cast['alice'] = chat('alice', ports['alice'] as number);
    await bob.shows(/^\* alice joined/u);
    await talk([bob, carol, cast['alice']], 'together again');
  });

  it('who coordinates: the room goes over to the next, and its key is one that he has not seen', async () => {
    const { cast, ports, way } = await room(['mallory', 'carol', 'bob'], '--private');
    const { alice, bob, carol, mallory } = cast as Record<'alice' | 'bob' | 'carol' | 'mallory', Actor>;
    alice.type('/op bob');
    for (const actor of [alice, bob, carol, mallory]) await actor.shows(/^\* (?:alice|you) made (?:bob|you) an op$/u);
    await Promise.all(['alice', 'bob', 'carol', 'mallory'].map((name) => keeps(name, 'op ')));
    alice.signal('SIGKILL');
    await bob.shows(/^\* alice is gone.*mallory coordinates/u);
    await talk([bob, carol, mallory], 'hello');
    bob.type('/kick mallory');
    expect(await mallory.ended).toBe(4);
    expect(mallory.complaints.at(-1)).toBe('groupchat: bob has put you out of this room');
    for (const actor of [bob, carol]) {
      await actor.shows(/^\* mallory was put out by bob$/u);
      await actor.shows(/^\* (?:bob|you) changed the key of this room/u);
    }
    expect(await kept('mallory')).toContain('kick ');
    expect(await kept('mallory')).not.toContain('key ');
    await talk([bob, carol], 'without him');
    const mine = way.replace(/[^/]*(?=\/#)/u, at(ports['bob'] as number));
    const again = chat('mallory', ports['mallory'] as number, '--join', mine);
    expect(await again.ended).toBe(4);
    expect(again.complaints.at(-1)).toMatch(/the key of this room was changed/u);
  });

  it('for good: a ban outlasts the coordinator, and everybody', async () => {
    const { cast, ports } = await room(['bob', 'carol', 'mallory']);
    const { alice, bob, carol, mallory } = cast as Record<'alice' | 'bob' | 'carol' | 'mallory', Actor>;
    await talk([alice, bob, carol, mallory], 'hello');
    alice.type('/ban mallory');
    expect(await mallory.ended).toBe(4);
    expect(mallory.complaints.at(-1)).toBe('groupchat: alice has banned you from this room');
    for (const actor of [bob, carol]) await actor.shows(/^\* mallory was put out by alice$/u);
    alice.signal('SIGKILL');
    await bob.shows(/^\* alice is gone/u);
    const comes = (): Actor => chat('mallory', ports['mallory'] as number, '--join', at(ports['bob'] as number));
    const second = comes();
    expect(await second.ended).toBe(4);
    await Promise.all(['bob', 'carol'].map((name) => keeps(name, 'ban ')));
    bob.signal('SIGKILL');
    carol.signal('SIGKILL');
    await Promise.all([bob.ended, carol.ended]);
    const [bobAgain, carolAgain] = [chat('bob', ports['bob'] as number), chat('carol', ports['carol'] as number)];
    await talk([bobAgain, carolAgain], 'back');
    const third = comes();
    expect(await third.ended).toBe(4);
    // He has kept the room, and so knows who may ban there.
    for (const one of [second, third])
      expect(one.complaints.at(-1)).toBe('groupchat: alice has banned you from this room');
    bobAgain.type('/status');
    expect(await bobAgain.shows(/^\* banned/u)).toMatch(/mallory \(by alice\)$/u);
    const aliceAgain = chat('alice', ports['alice'] as number);
    await bobAgain.shows(/^\* alice joined/u);
    aliceAgain.type('/unban mallory');
    await bobAgain.shows(/^\* alice lifted the ban on mallory$/u);
    const fourth = comes();
    await fourth.shows(/^\* you are in the room/u);
    await talk([aliceAgain, bobAgain, carolAgain, fourth], 'all of us');
  });
});
