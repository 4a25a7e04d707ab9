/** Junk on the coordinator's port: that link is closed, the coordinator says why, and nobody else notices. */
import { describe, expect, it } from 'vitest';
import { encodeOffer } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { idOf, prove, vouchFor } from '../../src/core/identity.ts';
import { clientSays, type Auth } from '../../src/core/message.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import { at, chat, freePorts, type Actor } from './stage.ts';
import { stranger } from './stranger.ts';

interface Room {
  readonly cast: readonly Actor[];
  readonly alice: Actor;
  readonly bob: Actor;
  readonly ports: readonly number[];
}

/** A room of two, in the clear: alice coordinates, bob does not. */
async function room(): Promise<Room> {
  const ports = await freePorts(2);
  const [first, second] = ports as [number, number];
  const alice = chat('alice', first, '--plain');
  await alice.shows(/^\* you started the room/u);
  const bob = chat('bob', second, '--join', at(first), '--plain');
  await bob.shows(/^\* you are in the room/u);
  return { cast: [alice, bob], alice, bob, ports };
}

/** The room goes on, and shows nothing but what was said in it; who was not spoken to has no complaint. */
async function goesOn({ cast, alice, bob }: Room, ...events: readonly string[]): Promise<void> {
  for (const actor of cast) {
    actor.type('still here');
    for (const other of cast) await other.shows(new RegExp(`^${actor.name}: still here$`, 'u'));
  }
  const lines = ['alice: still here', 'bob: still here'];
  expect(alice.screen).toEqual(['* you started the room', '* bob joined', ...events, ...lines]);
  expect(bob.screen).toEqual(['* you are in the room with alice; alice coordinates', ...events, ...lines]);
  expect(bob.complaints).toEqual([
    expect.stringContaining('others on this machine'),
    expect.stringContaining('nothing is encrypted here'),
  ]);
}

const crypto = createCrypto(Identity.temporary());
const id = idOf(crypto, crypto.key, crypto.box);
const frame = (type: string, length: string): string => id.padEnd(10) + type.padEnd(10) + length.padEnd(10);
const every = Uint8Array.from({ length: 4096 }, (_, index) => (index * 89 + 7) % 256);
/** What mallory says to whoever has greeted her so. */
function auth(greeting: string): Auth {
  const challenge = /challenge:([\w-]{22})/u.exec(greeting)?.[1] as string;
  return {
    version: limits.wireVersion,
    name: 'mallory',
    addresses: [],
    room: null,
    key: crypto.key,
    box: crypto.box,
    vouch: vouchFor(crypto, 'mallory'),
    proof: prove(crypto, { end: 'client', challenge, channel: '', id }),
    lineage: [],
    first: 1,
    last: 0,
    coordinates: null,
  };
}
const offer = (n: number, text: string): Uint8Array => encodeOffer({ n, time: 0, apart: false, text });

describe('junk on the port', () => {
  it.each<[what: string, code: string, bytes: string | Uint8Array]>([
    ['random bytes', 'header', every],
    ['an HTTP request', 'header', `GET / HTTP/1.1\r\nHost: ${at(6000)}\r\nAccept: */*\r\n\r\n`],
    ['a length of ten digits', 'length', frame('SYSTEM', '9999999999')],
    ['a length that only begins with digits', 'length', frame('SYSTEM', '12abc')],
    ['a type that nobody knows', 'type', frame('DATA', '4')],
    ['a line before auth', 'word', encodeFrame(id, 'CHAT', offer(1, 'let me in'))],
    ['auth that is no JSON', 'body', `${frame('SYSTEM', '10')}auth:{nope}`],
  ])('%s', async (_, code, bytes) => {
    const here = await room();
    const one = await stranger(here.ports[0] as number);
    one.says(bytes);
    expect(await one.gone).toContain(`refused:{"code":"${code}"`);
    await here.alice.complains(new RegExp(`^groupchat: another peer broke the protocol \\(${code}\\): `, 'u'));
    await goesOn(here);
  });

  it('a greeting of TLS', async () => {
    const here = await room();
    const one = await stranger(here.ports[0] as number);
    one.says(Uint8Array.from({ length: 40 }, (_, index) => [0x16, 0x03, 0x01][index] ?? 0));
    // It would not understand a word.
    expect(await one.gone).not.toContain('refused');
    await here.alice.shows(/^\* somebody tried to come in encrypted, and this room is not/u);
    here.bob.type('still here');
    for (const actor of here.cast) await actor.shows(/^bob: still here$/u);
    expect(here.bob.screen).toEqual(['* you are in the room with alice; alice coordinates', 'bob: still here']);
  });

  it('half a header, and silence', async () => {
    const here = await room();
    const one = await stranger(here.ports[0] as number);
    one.says(frame('SYSTEM', '10').slice(0, 15));
    await goesOn(here);
    expect(await one.gone).toContain('refused:{"code":"silent"');
  });

  it('an HTTP request to a member that does not coordinate', async () => {
    const here = await room();
    const [first, second] = here.ports as [number, number];
    const one = await stranger(second);
    one.says('GET / HTTP/1.1\r\n\r\n');
    expect(await one.gone).toMatch(new RegExp(`coordinator:${at(first)}$`, 'u'));
    await goesOn(here);
  });

  it('300 who say nothing do not bar the door', async () => {
    const here = await room();
    const [first] = here.ports as [number];
    const crowd = await Promise.all(Array.from({ length: 300 }, () => stranger(first)));
    await crowd.at(-1)?.hears('connected');
    await goesOn(here);
    const [port] = await freePorts(1);
    const carol = chat('carol', port as number, '--join', at(first), '--plain');
    await carol.shows(/^\* you are in the room with alice and bob; alice coordinates/u);
    for (const one of crowd) await one.gone;
    carol.type('there was a crowd at the door');
    for (const actor of here.cast) await actor.shows(/^carol: there was a crowd at the door$/u);
  });

  it('a member that speaks in the name of another', async () => {
    const here = await room();
    const one = await stranger(here.ports[0] as number);
    one.says(clientSays.auth(id, auth(await one.hears('challenge:'))));
    const told = await one.hears('"name":"mallory"');
    await here.bob.shows(/^\* mallory joined/u);
    const bobsId = /"id":"([^"]+)","name":"bob"/u.exec(told)?.[1] as string;
    one.says(encodeFrame(bobsId, 'CHAT', offer(1, 'I am a fool')));
    expect(await one.gone).toContain('refused:{"code":"sender"');
    await here.alice.complains(/broke the protocol \(sender\)/u);
    for (const actor of here.cast) await actor.shows(/^\* mallory is gone/u);
    await goesOn(here, '* mallory joined', expect.stringMatching(/^\* mallory is gone \(.+\)$/u) as string);
  });
});
