/** A person is a key: who comes under somebody else's name is told of, and who comes back is not. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { at, chat, freePorts, type Actor } from './stage.ts';

/** Somebody else's machine: whoever has it is another person, whatever the name. */
function elsewhere(): string {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** What is answered to a command: so many lines after those that are there, without their mark. */
async function answer(actor: Actor, command: string, first: RegExp, count: number): Promise<string[]> {
  const before = actor.screen.length;
  actor.type(command);
  return actor.until(`answered ${command}`, () => {
    const start = actor.screen.findIndex((line, index) => index >= before && first.test(line));
    const found = actor.screen.slice(start, start + count);
    return start >= 0 && found.length === count ? found.map((line) => line.slice(2)) : undefined;
  });
}

const warnings = ({ screen }: Actor): string[] => screen.filter((line) => line.includes('WARNING'));

/** The twelve words, in the order in which they stand there. */
async function wordsFor(actor: Actor, name: string): Promise<string[]> {
  const lines = await answer(actor, `/verify ${name}`, /^\* \S+(?: \(you\))?(?: +[a-z]{3,8}){6}$/u, 2);
  return lines.map((line) => line.replace(/^\S+(?: \(you\))? +/u, ''));
}

const met = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d';

it('another one comes as bob: that is told once, and over when it is accepted', async () => {
  const [first, second, third] = (await freePorts(3)) as [number, number, number];
  const alice = chat('alice', first);
  await alice.shows(/^\* you started the room/u);
  const bob = chat('bob', second, '--join', at(first));
  await alice.shows(/^\* bob joined/u);
  const known = await answer(alice, '/whois bob', /^\* name/u, 7);
  expect(known[2]).toMatch(/^typed as {7}bob:\S{8}$/u);
  expect(known[3]).toMatch(new RegExp(`^known {10}since ${met}, under this key; never compared$`, 'u'));
  expect(known[4]).toBe('here           yes, 2 of 2 in the join order');
  bob.finish();
  expect(await bob.ended).toBe(0);
  await alice.shows(/^\* bob left/u);
  expect(warnings(alice)).toEqual([]);

  const other = chat('bob', third, '--join', at(first), '--data-dir', elsewhere());
  const warning = await alice.shows(/WARNING/u);
  expect(warning).toMatch(new RegExp(`^\\* WARNING: this is not the bob you have known since ${met}: `, 'u'));
  const typed = /\/verify (bob:\S{8,}) compares, \/accept \1 takes the new key/u.exec(warning)?.[1] as string;
  expect(typed).toBeDefined();
  await other.shows(/^\* you are in the room/u);

  const both = await answer(alice, '/whois bob', /^\* name/u, 13);
  expect(both[2]).toBe(`typed as       ${typed}`);
  expect(both[3]).toMatch(/^known +NOT the bob you have known since /u);
  expect(both[4]).toBe('here           yes, 2 of 2 in the join order');
  expect(both[8]).toBe(known[1]);
  expect(both[1]).not.toBe(known[1]);
  expect(both[11]).toMatch(/^here +no, last met /u);

  // Two are or were called bob.
  alice.type('/verify bob', '/accept bob');
  const asked = ({ complaints }: Actor): string[] => complaints.filter((line) => line.includes('say which'));
  await alice.until('refused both', () => asked(alice).length === 2);
  for (const line of asked(alice)) expect(line).toContain(`${typed} (here) or bob:`);

  const words = await wordsFor(alice, typed);
  expect(await wordsFor(other, 'alice')).toEqual(words);
  expect(new Set(words).size).toBe(2);

  alice.type(`/accept ${typed}`);
  await alice.shows(/^\* bob is from now on whoever has the key /u);
  expect((await answer(alice, '/whois bob', /^\* name/u, 7))[3]).toMatch(/; accepted /u);
  other.finish();
  expect(await other.ended).toBe(0);
  expect(warnings(alice)).toHaveLength(1);
  expect([...warnings(other), ...warnings(bob)]).toEqual([]);

  // The one who had the name before is the stranger now.
  const back = chat('bob', second, '--join', at(first));
  const again = (): string | undefined => warnings(alice)[1];
  expect(await alice.until('warned again', again)).toContain('/accept bob:');
  back.finish();
  expect(await back.ended).toBe(0);
  alice.finish();
  // Two commands were refused.
  expect(await alice.ended).toBe(1);
  const { complaints } = alice;
  expect(complaints.filter((line) => !/join|say which/u.test(line))).toEqual([]);
});

it('no command takes a namesake for bob, who is away; each takes what the refusal and /whois say', async () => {
  const [first, second, third] = (await freePorts(3)) as [number, number, number];
  const alice = chat('alice', first);
  await alice.shows(/^\* you started the room/u);
  const bob = chat('bob', second, '--join', at(first));
  await alice.shows(/^\* bob joined/u);
  bob.finish();
  await alice.shows(/^\* bob left/u);
  const other = chat('bob', third, '--join', at(first), '--data-dir', elsewhere());
  await alice.shows(/WARNING/u);
  await other.shows(/^\* you are in the room/u);

  const commands = ['/op bob', '/deop bob', '/ban bob', '/kick bob', '/ignore bob', '/msg bob psst'];
  alice.type(...commands);
  const asked = /2 people are or were called bob: say which, (bob:\S{8,}) \(here\) or (bob:\S{8,}) \(not here\)$/u;
  const refusals = await alice.until('refused all of them', () => {
    const found = alice.complaints.flatMap((line) => asked.exec(line) ?? []);
    return found.length === 3 * commands.length ? found : undefined;
  });
  expect(new Set(refusals).size).toBe(3);
  const [, here, away] = refusals as [string, string, string];

  alice.type(`/op ${here}`, `/msg ${here} psst`, `/msg ${away} come back`, `/kick ${away}`);
  await alice.shows(/^\* you made bob an op$/u);
  await other.shows(/^\* alice to you: psst$/u);
  await alice.shows(/^\* to bob \(not here\): come back$/u);
  await alice.complains(new RegExp(`not done: nobody here is known as ${away}: /who says who is here$`, 'u'));
  const known = await answer(alice, '/whois bob', /^\* name/u, 7);
  const id = /^id +(\S+)$/u.exec(known[6] as string)?.[1] as string;
  alice.type(`/msg ${id} and go`);
  await other.shows(/^\* alice to you: and go$/u);
  alice.type(`/kick ${id}`);
  expect(await other.ended).toBe(4);
  await alice.shows(/^\* bob was put out by alice$/u);
});

it('whoever is started again is the same, and nobody is warned', async () => {
  const [first, second] = (await freePorts(2)) as [number, number];
  const cast = async (): Promise<[Actor, Actor]> => {
    const alice = chat('alice', first, '--new');
    await alice.shows(/^\* you started the room/u);
    const bob = chat('bob', second, '--new', '--join', at(first));
    await alice.shows(/^\* bob joined/u);
    await bob.shows(/^\* you are in the room/u);
    return [alice, bob];
  };
  const fingerprints: string[][] = [];
  for (let time = 0; time < 2; time++) {
    const [alice, bob] = await cast();
    const found = await Promise.all([
      answer(alice, '/whois bob', /^\* name/u, 4),
      answer(bob, '/whois alice', /^\* name/u, 4),
    ]);
    fingerprints.push(found.map(([, print]) => print as string));
    for (const [, , , known] of found) expect(known).toMatch(/^known +since /u);
    for (const actor of [bob, alice]) {
      actor.finish();
      expect(await actor.ended).toBe(0);
      expect(warnings(actor)).toEqual([]);
    }
  }
  expect(fingerprints[1]).toEqual(fingerprints[0]);
});
