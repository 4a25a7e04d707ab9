/** What lets a person in, of all that was given. */
import { describe, expect, it } from 'vitest';
import { admissionOf, type Admission, type Wishes } from '../src/admission.ts';
import { ChatError } from '../src/core/errors.ts';

const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const other = 'BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const invite = `gc://10.0.0.5:6000/#${key}`;
const file = { from: '--key-file', text: `${key}\n` };
const variable = { from: 'GROUPCHAT_KEY', text: key };

const wish = (wishes: Partial<Wishes>): Wishes => ({ join: [], keys: [], private: false, plain: false, ...wishes });

it.each<[string, Partial<Wishes>, Partial<Admission>]>([
  ['nothing founds an open room', {}, {}],
  ['--private founds a private one', { private: true }, { private: true }],
  ['... with a key that is given', { private: true, keys: [file] }, { private: true, key }],
  ['a key alone, too', { keys: [variable] }, { private: true, key }],
  ['--plain', { plain: true, join: ['a:1'] }, { plain: true, join: ['a:1'] }],
  ['an address', { join: ['a:1', 'b:2'] }, { join: ['a:1', 'b:2'] }],
  ['an invite', { join: [invite] }, { private: true, key, join: ['10.0.0.5:6000'] }],
  ['an invite and an address', { join: [invite, 'b:2'] }, { private: true, key, join: ['10.0.0.5:6000', 'b:2'] }],
  ['an open invite', { join: ['gc://a/'] }, { join: ['a:6000'] }],
  ['an invite that ends with #', { join: ['gc://a/#'] }, { private: true, ask: true, join: ['a:6000'] }],
  ['... and its key in a file', { join: ['gc://a/#'], keys: [file] }, { private: true, key, join: ['a:6000'] }],
  ['an address of a private room', { join: ['a:1'], private: true }, { private: true, ask: true, join: ['a:1'] }],
  ['a file for an address', { join: ['a:1'], keys: [file] }, { private: true, key, join: ['a:1'] }],
  [
    'the same key everywhere',
    { join: [invite, invite], keys: [file, variable], private: true },
    { private: true, key, join: ['10.0.0.5:6000'] },
  ],
  [
    'an invite in a file',
    { keys: [{ ...file, text: `'${invite}'` }] },
    { private: true, key, join: ['10.0.0.5:6000'] },
  ],
  [
    '... of which --join knows better where it is',
    { join: ['b:2'], keys: [{ ...file, text: invite }] },
    { private: true, key, join: ['b:2'] },
  ],
])('%s', (_, wishes, admission) => {
  expect(admissionOf(wish(wishes))).toEqual({
    join: [],
    key: undefined,
    private: false,
    plain: false,
    ask: false,
    ...admission,
  });
});

describe('what does not agree is named', () => {
  it.each<[Partial<Wishes>, string]>([
    [
      { join: [invite], keys: [{ ...variable, text: other }] },
      'there are two different keys, the invite of --join and GROUPCHAT_KEY: leave out one of them',
    ],
    [
      { keys: [file, { ...variable, text: other }] },
      'there are two different keys, --key-file and GROUPCHAT_KEY: leave out one of them',
    ],
    [
      { join: [invite, `gc://b/#${other}`] },
      'there are two different keys, in two invites of --join: leave out one of them',
    ],
    [
      { join: ['gc://a/'], keys: [file] },
      'the invite of --join is for an open room, and --key-file is for a private one: leave out one of them',
    ],
    [
      { join: ['gc://a/'], private: true },
      'the invite of --join is for an open room, and --private is for a private one: leave out one of them',
    ],
    [
      { join: ['gc://a/', invite] },
      'one invite of --join is for an open room, and another is for a private one: leave out one of them',
    ],
    [
      { plain: true, private: true },
      '--private is for a private room, and with --plain nothing is: leave out one of them',
    ],
    [
      { plain: true, keys: [variable] },
      'GROUPCHAT_KEY is for a private room, and with --plain nothing is: leave out one of them',
    ],
    [
      { plain: true, join: ['gc://a/'] },
      'an invite leads to rooms that are encrypted: with --plain, give --join host:port',
    ],
    [{ keys: [{ ...file, text: key.slice(1) }] }, '--key-file: a key has 43 characters, not 42: copy the whole of it'],
    [
      { join: ['gc://a'] },
      '--join: an invite goes on with / behind its addresses: copy the whole of it, as gc://10.0.0.5:6000/#KEY',
    ],
  ])('%#', (wishes, message) => {
    // What a key is, no message says.
    expect(message).not.toContain(key.slice(1, 20));
    expect(() => admissionOf(wish(wishes))).toThrow(new ChatError('usage', message));
  });
});
