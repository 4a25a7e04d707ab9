import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isDialable } from '../../src/core/address.ts';
import { formatInvite, keyFault, parseInvite, parseKey, withoutKeys, type Invite } from '../../src/core/invite.ts';
import { anything } from './arbitrary.ts';

/** 32 bytes that begin with 1, 2, 3. */
const key = Buffer.from(Uint8Array.from({ length: 32 }, (_, index) => index + 1)).toString('base64url');

const drawnKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));
const port = fc.integer({ min: 1, max: 65_535 });
const address = fc
  .oneof(
    fc.tuple(fc.ipV4(), port).map(([host, at]) => `${host}:${at}`),
    fc.tuple(fc.ipV6(), port).map(([host, at]) => `[${host}]:${at}`),
    fc.tuple(fc.domain(), port).map(([host, at]) => `${host}:${at}`),
  )
  .filter(isDialable);
const addresses = fc.array(address, { minLength: 1, maxLength: 8 });
const drawnInvite: fc.Arbitrary<Invite> = fc.oneof(
  fc.record({ kind: fc.constant('open' as const), addresses }),
  fc.record({ kind: fc.constant('ask' as const), addresses }),
  fc.record({ kind: fc.constant('private' as const), addresses, key: drawnKey }),
);

describe('an invite', () => {
  it.each<[string, Invite]>([
    [`gc://10.0.0.5:6001/#${key}`, { kind: 'private', addresses: ['10.0.0.5:6001'], key }],
    [`gc://10.0.0.5/#${key}`, { kind: 'private', addresses: ['10.0.0.5:6000'], key }],
    [`GC://10.0.0.5/#${key}`, { kind: 'private', addresses: ['10.0.0.5:6000'], key }],
    ['gc://[fd00::5],bob.lan:1/', { kind: 'open', addresses: ['[fd00::5]:6000', 'bob.lan:1'] }],
    ['gc://10.0.0.5:6000/#', { kind: 'ask', addresses: ['10.0.0.5:6000'] }],
  ])('%s', (text, invite) => expect(parseInvite(text)).toEqual(invite));

  it.each([
    ['nothing', '', /begins with gc:\/\//u],
    ['an address alone', '10.0.0.5:6000', /begins with gc:\/\//u],
    ['another scheme', `http://10.0.0.5/#${key}`, /begins with gc:\/\//u],
    ['space in front', ` gc://10.0.0.5/#${key}`, /begins with gc:\/\//u],
    ['an end too early', 'gc://10.0.0.5:6000', /goes on with \//u],
    ['a key without a slash', `gc://10.0.0.5:6000#${key}`, /goes on with \//u],
    ['no address', `gc:///#${key}`, /the address of the invite is none/u],
    ['an empty second address', `gc://10.0.0.5,/#${key}`, /address 2 of the invite is none/u],
    ['a port alone', `gc://6000/#${key}`, /the address of the invite is none/u],
    ['port 0', `gc://10.0.0.5:0/#${key}`, /the address of the invite is none/u],
    ['IPv6 without brackets', `gc://fd00::5/#${key}`, /with IPv6 as \[fd00::5\]:6000/u],
    ['somebody at the host', `gc://bob@10.0.0.5/#${key}`, /the address of the invite is none/u],
    ['a host that is too long to travel', `gc://${'a'.repeat(60)}/#${key}`, /the address of the invite is none/u],
    ['nine addresses', `gc://${'a,'.repeat(8)}a/`, /at most 8 addresses/u],
    ['a path', `gc://10.0.0.5/room#${key}`, /behind its \//u],
    ['a query', `gc://10.0.0.5/?#${key}`, /behind its \//u],
    ['a key that is cut short', `gc://10.0.0.5/#${key.slice(1)}`, /has 43 characters, not 42/u],
    ['a key with padding', `gc://10.0.0.5/#${key}=`, /has 43 characters, not 44/u],
    ['a key of base64', `gc://10.0.0.5/#+${key.slice(1)}`, /copy it anew/u],
    ['a key whose end is not canonical', `gc://10.0.0.5/#${key.slice(0, -1)}B`, /copy it anew/u],
    ['a second #', `gc://10.0.0.5/##${key.slice(1)}`, /copy it anew/u],
    ['a line end', `gc://10.0.0.5/#${key}\n`, /has 43 characters, not 44/u],
    ['a megabyte', `gc://${'a,'.repeat(1 << 19)}`, /at most \d+ characters/u],
  ])('is none with %s, and says what to do', (_, text, words) => {
    const read = parseInvite(text);
    expect(read).toEqual({ kind: 'fault', fault: expect.stringMatching(words) });
    expect(JSON.stringify(read)).not.toContain(key.slice(4, -4));
  });

  it('is read as it was written, and is one word to a shell in quotes', () => {
    fc.assert(
      fc.property(drawnInvite, (invite) => {
        const text = formatInvite(invite);
        expect(text).not.toMatch(/[\s'"\\]/u);
        expect(parseInvite(text)).toEqual(invite);
      }),
      { numRuns: 300 },
    );
  });

  it('is read from any text without an exception, and then written as the same', () => {
    const nearly = fc.tuple(drawnInvite, fc.nat(700), fc.nat(3), anything(3)).map(([invite, at, cut, more]) => {
      const text = formatInvite(invite);
      const place = at % (text.length + 1);
      return text.slice(0, place) + more + text.slice(place + cut);
    });
    fc.assert(
      fc.property(
        fc.oneof(
          nearly,
          anything(80),
          anything(80).map((text) => `gc://${text}`),
        ),
        (text) => {
          const read = parseInvite(text);
          if (read.kind !== 'fault') expect(parseInvite(formatInvite(read))).toEqual(read);
          parseKey(text);
          keyFault(text);
          withoutKeys(text);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('is written with eight addresses at most, and none that nobody can dial', () => {
    const many = Array.from({ length: 12 }, (_, index) => `10.0.0.${index}:6000`);
    expect(parseInvite(formatInvite({ kind: 'open', addresses: ["a'b:1", ...many] }))).toEqual({
      kind: 'open',
      addresses: many.slice(0, 8),
    });
  });
});

describe('a key', () => {
  it('is the canonical writing of 32 bytes, and nothing else', () => {
    fc.assert(
      fc.property(drawnKey, fc.string({ minLength: 1, maxLength: 1 }), (drawn, last) => {
        expect(keyFault(drawn)).toBeUndefined();
        const changed = drawn.slice(0, -1) + last;
        const bytes = Buffer.from(changed, 'base64url');
        expect(keyFault(changed) === undefined).toBe(bytes.length === 32 && bytes.toString('base64url') === changed);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    [key, { kind: 'key', key, addresses: [] }],
    [`  ${key}\r\n`, { kind: 'key', key, addresses: [] }],
    [`'gc://10.0.0.5/#${key}'`, { kind: 'key', addresses: ['10.0.0.5:6000'], key }],
    [`"${key}"`, { kind: 'key', key, addresses: [] }],
  ])('is taken from %j', (text, read) => expect(parseKey(text)).toEqual(read));

  it.each([
    ['', /the key is missing/u],
    [' \n', /the key is missing/u],
    ['gc://10.0.0.5/', /no key in that invite/u],
    ['gc://10.0.0.5/#', /no key in that invite/u],
    ['gc://10.0.0.5', /goes on with \//u],
    [key.slice(1), /has 43 characters, not 42/u],
    [`${key} ${key}`, /alone/u],
    [`'${key}`, /alone/u],
    [`groupchat --join 'gc://10.0.0.5/#${key}'`, /alone/u],
    [' '.repeat(1 << 20), /alone/u],
  ])('is not in %j', (text, words) => {
    const read = parseKey(text);
    expect(read).toEqual({ kind: 'fault', fault: expect.stringMatching(words) });
    expect(JSON.stringify(read)).not.toContain(key.slice(4, -4));
  });
});

describe('what is repeated of what was typed', () => {
  it.each([
    [`argument 'gc://10.0.0.5/#${key}' is invalid`, "argument 'gc://10.0.0.5/#…' is invalid"],
    ["argument 'gc://10.0.0.5/#short' is invalid", "argument 'gc://10.0.0.5/#…' is invalid"],
    [`unknown option '--key=${key}'`, "unknown option '--key=…'"],
    [`10.0.0.5#${key}x is no address`, '10.0.0.5#… is no address'],
    [`gc://a/#${key},gc://b/#${key}`, 'gc://a/#…'],
    ['the name bob#1 is taken; 10.0.0.5:6000 refused', 'the name bob#1 is taken; 10.0.0.5:6000 refused'],
  ])('%s', (text, shown) => expect(withoutKeys(text)).toBe(shown));
});
