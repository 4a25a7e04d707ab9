/** Getting into a room, and not getting in. */
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { serverSays } from '../../src/core/message.ts';
import { perform } from './play.ts';
import { at, chat, freePort } from './stage.ts';
import { listening, serving } from './stranger.ts';

const plays = {
  'through a member that does not coordinate': `
    alice founds
    bob joins alice
    all say before carol came
    carol joins bob
    all say hello
    the room is alice, bob, carol`,

  'through the second address, since the first is dead': `
    alice founds
    bob joins nobody, alice
    all say hello
    carol joins nobody, bob
    the room is alice, bob, carol`,

  'while everybody talks': `
    alice founds
    bob joins alice
    all say one & carol joins bob & alice and bob say two
    all say three & dave joins carol & erin joins alice & all say four
    all say five`,
} as const;

/** An address that cannot be joined, given a peer's own. */
type Place = (own: string) => Promise<string>;

const silent = (): void => {};
type Case = readonly [what: string, place: Place, code: number, words: RegExp, option?: string];

const places: readonly Case[] = [
  ['a port that refuses', async () => at(await freePort()), 5, /refuses: nobody listens there/u],
  [
    'a name that nobody knows',
    () => Promise.resolve('nowhere.invalid:6000'),
    5,
    /^groupchat: nobody could be reached/u,
  ],
  ['a web server', async () => at(await listening(createServer())), 4, /speaks without encryption/u],
  ['a server that never speaks', async () => at(await serving(silent)), 5, /does not answer/u],
  [
    'a server that speaks something else',
    async () => at(await serving((socket) => socket.write('220 mail.example.org ESMTP at your service\r\n'))),
    4,
    /speaks without encryption/u,
  ],
  [
    'a server that speaks something else, in the clear,',
    async () => at(await serving((socket) => socket.write('220 mail.example.org ESMTP at your service\r\n'))),
    5,
    /does not speak as a groupchat does/u,
    '--plain',
  ],
  ['a server that hangs up', async () => at(await serving((socket) => socket.end())), 5, /hung up at once/u],
  ['a server that sends in a circle', circle, 5, /sends on and on/u, '--plain'],
  ['oneself', (own) => Promise.resolve(own), 2, /own address/u],
  ['what is no address', () => Promise.resolve('10.0.0.5:port'), 2, /host:port/u],
];

async function circle(): Promise<string> {
  let own = '';
  own = at(await serving((socket) => socket.end(serverSays.coordinator([own]))));
  return own;
}

describe('joining', () => {
  it.each(Object.entries(plays))('%s', (_, play) => perform(play));

  it.each(
    places.map(([what, place, code, words, option]) => ({
      what,
      place,
      code,
      words,
      options: option === undefined ? [] : [option],
    })),
  )('$what cannot be joined', async ({ place, code, words, options }) => {
    const port = await freePort();
    const newcomer = chat('bob', port, '--join', await place(at(port)), ...options);
    expect(await newcomer.ended).toBe(code);
    expect(newcomer.screen).toEqual([]);
    expect(newcomer.complaints).toEqual([expect.stringMatching(/^groupchat: /u)]);
    expect(newcomer.complaints[0]).toMatch(words);
  });

  it('none of several can be joined: each is named, in one line', async () => {
    const dead = [at(await freePort()), at(await serving(silent))] as const;
    const newcomer = chat('bob', await freePort(), '--join', dead[0], '--join', dead[1]);
    expect(await newcomer.ended).toBe(5);
    expect(newcomer.complaints).toHaveLength(1);
    for (const address of dead) expect(newcomer.complaints[0]).toContain(address);
  });
});
