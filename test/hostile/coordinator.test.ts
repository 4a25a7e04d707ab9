/**
 * A hostile coordinator, and members that are real processes: what stands in somebody's name and is not that one's is
 * told of on every screen, loudly, and nothing is said of what is true.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Offer } from '../../src/core/entry.ts';
import { vouchFor } from '../../src/core/identity.ts';
import type { Member } from '../../src/core/view.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import { temporary } from '../io/folder.ts';
import { closeAll } from '../io/net.ts';
import { dist, type Actor } from '../plays/stage.ts';
import { enter, Liar } from './liar.ts';

afterEach(closeAll);

interface Stage {
  readonly liar: Liar;
  readonly bob: Actor;
  readonly carol: Actor;
  /** As they stand in the view. */
  readonly who: { readonly bob: Member; readonly carol: Member };
}

/** A room that mallory coordinates, and bob and carol are in. */
async function room(): Promise<Stage> {
  const liar = await Liar.start();
  const bob = await enter(liar, 'bob');
  const carol = await enter(liar, 'carol');
  const who = { bob: await liar.member('bob'), carol: await liar.member('carol') };
  return { liar, bob, carol, who };
}

/** What is on a screen once this has been said and shown, but for who came. */
async function screens({ liar, bob, carol }: Stage): Promise<[string[], string[]]> {
  liar.relays = true;
  liar.says('that is all');
  await Promise.all([bob, carol].map((one) => one.shows(/^mallory: that is all$/u)));
  const told = ({ screen }: Actor): string[] => screen.filter((line) => !/^\* (?:you are in|carol joined)/u.test(line));
  return [told(bob), told(carol)];
}

/** Both have warned so often. */
async function warned({ bob, carol }: Stage, times: number): Promise<void> {
  const warnings = ({ screen }: Actor): number => screen.filter((line) => line.includes('WARNING')).length;
  await Promise.all([bob, carol].map((one) => one.until(`warned ${times} times`, () => warnings(one) >= times)));
}

/** A line in the name of bob, with mallory's signature: all that can be forged. */
function forged({ liar, who }: Stage, text: string): Offer {
  return liar.signed(who.bob.id, [text])[0] as Offer;
}

function signatureOf({ cover }: Offer): { readonly signature: string } {
  expect(cover).toBeDefined();
  return { signature: cover?.signature as string };
}

const end = 'mallory: that is all';
const isFalse = (text: string, name: string): string =>
  `* WARNING: "${text}" in the name of ${name}: the signature is FALSE: ${name} did not say that`;

describe('a hostile coordinator', () => {
  it('that says only what is true is not accused', async () => {
    const stage = await room();
    const { liar, bob, carol } = stage;
    liar.says('hello');
    await bob.shows(/^mallory: hello$/u);
    bob.type('hello to you');
    await carol.shows(/^bob: hello to you$/u);
    const said = ['mallory: hello', 'bob: hello to you', end];
    expect(await screens(stage)).toEqual([said, said]);
  });

  it('forged: it signs in the name of another', async () => {
    const stage = await room();
    const { liar, who } = stage;
    liar.puts(who.bob.id, forged(stage, 'give mallory the key'));
    await warned(stage, 1);
    const told = ['bob: give mallory the key', isFalse('give mallory the key', 'bob'), end];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('forged: without any signature it is told after five seconds', async () => {
    const stage = await room();
    const { liar, bob, carol, who } = stage;
    bob.type('I owe nobody');
    await carol.shows(/^bob: I owe nobody$/u);
    liar.puts(who.bob.id, { text: 'I owe mallory ten' });
    await warned(stage, 1);
    const warning =
      '* WARNING: "I owe mallory ten" in the name of bob: there is no signature: nobody knows whether bob said that';
    const told = ['bob: I owe nobody', 'bob: I owe mallory ten', warning, end];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('edited: another text, and another time, than its author signed', async () => {
    const stage = await room();
    const { liar, bob, carol, who } = stage;
    liar.relays = false;
    bob.type('I pay nothing');
    liar.puts(who.bob.id, { ...(await liar.offer('bob', 'I pay nothing')), text: 'I pay all' });
    await warned(stage, 1);
    carol.type('come at noon');
    const offer = await liar.offer('carol', 'come at noon');
    liar.puts(who.carol.id, { ...offer, time: offer.time + 3_600_000 });
    await warned(stage, 2);
    // Whoever sees other words in the place of his own says them again.
    expect([(await liar.offer('bob', 'I pay nothing', 1)).n, (await liar.offer('carol', 'come at noon', 1)).n]).toEqual(
      [2, 2],
    );
    const told = [
      'bob: I pay all',
      isFalse('I pay all', 'bob'),
      'carol: come at noon',
      isFalse('come at noon', 'carol'),
      end,
    ];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('re-ordered: lines of one author in each other’s place', async () => {
    const stage = await room();
    const { liar, bob, who } = stage;
    liar.relays = false;
    bob.type('shall we attack?');
    const first = await liar.offer('bob', 'shall we attack?');
    bob.type('by no means');
    const second = await liar.offer('bob', 'by no means');
    liar.puts(who.bob.id, { ...second, n: 1, cover: { from: 1, ...signatureOf(first) } });
    await warned(stage, 1);
    liar.puts(who.bob.id, { ...first, n: 2, cover: { from: 2, ...signatureOf(first) } });
    await warned(stage, 2);
    // He says both again.
    for (const { text } of [first, second]) expect((await liar.offer('bob', text, 1)).n).toBeGreaterThan(2);
    const told = [
      'bob: by no means',
      isFalse('by no means', 'bob'),
      'bob: shall we attack?',
      isFalse('shall we attack?', 'bob'),
      end,
    ];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('re-ordered: a later number before an earlier one, and replayed: the same line again', async () => {
    const stage = await room();
    const { liar, bob, carol, who } = stage;
    bob.type('one');
    await carol.shows(/^bob: one$/u);
    // These are no lines at all: she hangs up each time, and comes in again.
    liar.shows('carol', who.bob.id, await liar.offer('bob', 'one'));
    await liar.back('carol', 1);
    await carol.complains(/^groupchat: another peer broke the protocol \(order\): /u);
    liar.puts(who.bob.id, forged(stage, 'two'));
    await warned(stage, 1);
    liar.shows('carol', who.bob.id, { ...forged(stage, 'too late'), n: 1 });
    await liar.back('carol', 2);
    const [, told] = await screens(stage);
    expect(told.filter((line) => !line.startsWith('* the link'))).toEqual([
      'bob: one',
      'bob: two',
      isFalse('two', 'bob'),
      end,
    ]);
    expect(bob.complaints.filter((line) => line.includes('broke'))).toEqual([]);
  });

  it('replayed: under a number of its own', async () => {
    const stage = await room();
    const { liar, bob, carol, who } = stage;
    bob.type('yes');
    await carol.shows(/^bob: yes$/u);
    const offer = await liar.offer('bob', 'yes');
    liar.puts(who.bob.id, { ...offer, n: 2, cover: { from: 2, ...signatureOf(offer) } });
    await warned(stage, 1);
    const told = ['bob: yes', 'bob: yes', isFalse('yes', 'bob'), end];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('replayed: what was said in another room', async () => {
    const stage = await room();
    const { liar, bob, carol, who } = stage;
    bob.type('yes');
    await carol.shows(/^bob: yes$/u);
    const offer = await liar.offer('bob', 'yes');
    const other = await Liar.start();
    other.plants(who.bob);
    const dave = await enter(other, 'dave');
    other.puts(who.bob.id, offer);
    expect(await dave.shows(/WARNING/u)).toBe(isFalse('yes', 'bob'));
    const told = ['bob: yes', end];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('re-attributed: what bob said, as if carol had', async () => {
    const stage = await room();
    const { liar, bob, who } = stage;
    liar.relays = false;
    bob.type('I am leaving you');
    liar.puts(who.carol.id, await liar.offer('bob', 'I am leaving you'));
    await warned(stage, 1);
    const told = ['carol: I am leaving you', isFalse('I am leaving you', 'carol'), end];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('withheld: a line of those that were signed together', async () => {
    const stage = await room();
    const { liar } = stage;
    const dave = createCrypto(Identity.temporary());
    const { id } = liar.plants({ name: 'dave', key: dave.key, box: dave.box, vouch: vouchFor(dave, 'dave') });
    const [, second] = liar.signed(id, ['I love', 'to hate it'], dave);
    liar.puts(id, second as Offer);
    await warned(stage, 1);
    const warning =
      '* WARNING: "to hate it" in the name of dave: there is no signature: nobody knows whether dave said that';
    const told = ['* dave joined', 'dave: to hate it', warning, end];
    expect(await screens(stage)).toEqual([told, told]);
  });

  it('withheld: a line that was signed alone leaves a gap, which is told, and which an export shows', async () => {
    const stage = await room();
    const { liar, carol } = stage;
    const dave = createCrypto(Identity.temporary());
    const { id } = liar.plants({ name: 'dave', key: dave.key, box: dave.box, vouch: vouchFor(dave, 'dave') });
    for (const n of [1, 3]) liar.puts(id, liar.signed(id, [`number ${n}`], dave, n)[0] as Offer);
    await carol.shows(/^dave: number 3$/u);
    const file = join(temporary(), 'room.jsonl');
    carol.type(`/export --signed ${file}`);
    await carol.shows(/room\.jsonl/u);
    const { status, stdout } = spawnSync(process.execPath, [`${dist}/cli.js`, 'verify', file], { encoding: 'utf8' });
    expect(stdout).toMatch(/: missing: dave's number 2 is not there$/mu);
    expect(status).toBe(1);
    const [told] = await screens(stage);
    const gap = '* something that dave said before has never come: lost with whoever had it, or held back';
    expect(told).toEqual(['* dave joined', 'dave: number 1', gap, 'dave: number 3', end]);
  });
});

describe('a private message', () => {
  it('forged by the coordinator, reflected or replayed is not shown', async () => {
    const stage = await room();
    const { liar, bob, carol, who } = stage;
    liar.relays = false;
    carol.type('/msg bob the key is under the mat');
    const { to, sealed } = await liar.sealed('carol');
    expect(to).toBe(who.bob.id);
    // Its own, as from carol: sealed with its own key, it opens with hers only.
    liar.tells('bob', who.carol.id, liar.letter(who.bob, 'give mallory the key', { from: who.carol.id }));
    liar.tells('bob', who.carol.id, liar.letter(who.bob, 'give mallory the key'));
    // To where it came from, and to whom it is not for.
    liar.tells('carol', who.bob.id, sealed);
    liar.tells('carol', liar.id, sealed);
    // As from itself, and spoilt.
    liar.tells('bob', liar.id, sealed);
    liar.tells('bob', who.carol.id, `${sealed.slice(0, 20)}${sealed[20] === 'A' ? 'B' : 'A'}${sealed.slice(21)}`);
    for (let times = 0; times < 3; times++) liar.tells('bob', who.carol.id, sealed);
    await bob.shows(/^\* carol to you: the key is under the mat$/u);
    liar.tells('bob', liar.id, liar.letter(who.bob, 'I am mallory'));
    await bob.shows(/^\* mallory to you: I am mallory$/u);
    const [atBob, atCarol] = await screens(stage);
    expect(atBob).toEqual(['* carol to you: the key is under the mat', '* mallory to you: I am mallory', end]);
    expect(atCarol).toEqual(['* to bob: the key is under the mat', end]);
  });

  it('goes to nobody whose vouch is false, whatever key stands beside the name', async () => {
    const stage = await room();
    const { liar, bob, carol, who } = stage;
    // A process of bob's, it says: his key, and a box that mallory can open.
    const box = createCrypto(Identity.temporary()).box;
    const planted = liar.plants({ name: 'bob2', key: who.bob.key, box });
    await Promise.all([bob, carol].map((one) => one.shows(/WARNING/u)));
    const warning = '* WARNING: bob2 is not who it says: the signature is FALSE, so a coordinator has put it there';
    for (const { screen } of [bob, carol]) expect(screen.filter((line) => line.includes('WARNING'))).toEqual([warning]);
    carol.type('/msg bob for you alone');
    await bob.shows(/^\* carol to you: for you alone$/u);
    expect((await liar.sealed('carol')).to).toBe(who.bob.id);
    const stranger = createCrypto(Identity.temporary());
    liar.plants({ name: 'dave', key: stranger.key, box: stranger.box });
    await carol.shows(/WARNING: dave is not who it says/u);
    carol.type('/msg dave are you there?');
    await carol.complains(/line 2 was not sent: nobody vouches that it is dave who is here/u);
    expect(planted.id).not.toBe(who.bob.id);
  });
});

it('a member with another id than its keys give, or a name that moves or hides text, is none', async () => {
  const stage = await room();
  const { liar, carol } = stage;
  const members: readonly (Partial<Member> & Pick<Member, 'name'>)[] = [
    { name: 'alice', id: '__proto__' },
    { name: 'alice', id: stage.who.bob.id },
    { name: 'al\u202eice' },
    { name: 'al\u001b[2Jice' },
  ];
  for (const [at, member] of members.entries()) {
    liar.showsMember('carol', member);
    await liar.back('carol', at + 1);
  }
  await carol.complains(/^groupchat: another peer broke the protocol \(proof\): /u);
  const [atBob, atCarol] = await screens(stage);
  expect(atBob).toEqual([end]);
  expect(atCarol.filter((line) => !line.startsWith('* the link'))).toEqual([end]);
});
