import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  applyToView,
  decodeEntry,
  decodeOffer,
  encodeOffer,
  entryFrame,
  linePrefix,
  type Entry,
} from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { emptyView, personOf, type Member } from '../../src/core/view.ts';
import * as arbitrary from './arbitrary.ts';
import { ann, bob, bytesOf, cat, codeOf, concat, frameOf, joining, line, reign, textOf } from './table.ts';

const wire = (entry: Entry): string => {
  const { sender, type, body } = entryFrame(entry);
  return textOf(encodeFrame(sender, type, body));
};

const signed = { from: 2, signature: 's'.repeat(86) };
const keys = ({ key, box, vouch }: Member): string => `"key":"${key}","box":"${box}","vouch":"${vouch}"`;

describe('an entry on the wire', () => {
  const position = { epoch: 2, seq: 8, time: 50 };

  it.each<readonly [string, Entry, string]>([
    [
      'a line',
      { kind: 'chat', ...position, author: 'kyhfm2bvz0', n: 1, apart: false, text: 'hi all' },
      'kyhfm2bvz0CHAT      19        2 8 1 50 - - hi all',
    ],
    [
      'a line that was said apart',
      { kind: 'chat', ...position, author: 'ann', n: 3, apart: true, text: ' ö ' },
      'ann       CHAT      17        2 8 3 50 a -  ö ',
    ],
    [
      'a line by one whom nobody here may know',
      { kind: 'chat', ...position, author: 'ann', n: 3, apart: true, by: personOf(ann), cover: signed, text: 'hi' },
      `ann       CHAT      194       2 8 3 50 a:ann:${ann.key}:${ann.box} 2.${signed.signature} hi`,
    ],
    [
      'a seal',
      { kind: 'chat', ...position, author: 'ann', n: 3, apart: false, what: 'seal', cover: signed, text: '' },
      `ann       CHAT      100       2 8 3 50 s 2.${signed.signature} `,
    ],
    [
      'an act said apart',
      { kind: 'chat', ...position, author: 'ann', n: 2, apart: true, what: 'act', cover: signed, text: 'op' },
      `ann       CHAT      103       2 8 2 50 am 2.${signed.signature} op`,
    ],
    [
      'the start of a reign',
      { kind: 'peers', ...position, count: 3, members: [bob], lost: [{ id: 'ann', why: 'ended' }] },
      '          SYSTEM    360       peers:{"epoch":2,"seq":8,"time":50,"count":3,' +
        `"members":[{"id":"bob","name":"bob","addresses":["bob.lan:6000"],"joined":2,${keys(bob)}}],` +
        '"lost":[{"id":"ann","why":"ended"}]}',
    ],
    [
      'somebody joins',
      { kind: 'joined', ...position, member: cat },
      '          SYSTEM    312       output:{"epoch":2,"seq":8,"time":50,' +
        `"joined":{"id":"cat","name":"cat","addresses":["cat.lan:6000"],"joined":3,${keys(cat)}}}`,
    ],
    [
      'somebody leaves',
      { kind: 'left', ...position, id: 'kyhfm2bvz0', why: 'handover' },
      '          SYSTEM    73        output:{"epoch":2,"seq":8,"time":50,"left":"kyhfm2bvz0","why":"handover"}',
    ],
  ])('%s', (_, entry, expected) => {
    expect(wire(entry)).toBe(expected);
    expect(decodeEntry(entryFrame(entry))).toEqual(entry);
  });

  it('comes back as it went', () => {
    fc.assert(
      fc.property(arbitrary.entry, (entry) => {
        expect(decodeEntry(entryFrame(entry))).toEqual(entry);
      }),
      { numRuns: 300 },
    );
  });

  it('is, for a line, the offer with two numbers in front', () => {
    fc.assert(
      fc.property(arbitrary.offer, arbitrary.id, arbitrary.fromOne, arbitrary.fromOne, (offer, author, epoch, seq) => {
        expect(decodeOffer(encodeOffer(offer))).toEqual(offer);
        const body = concat([bytesOf(linePrefix({ epoch, seq })), encodeOffer(offer)]);
        const entry = { kind: 'chat' as const, epoch, seq, author, ...offer };
        expect(body).toEqual(entryFrame(entry).body);
      }),
      { numRuns: 200 },
    );
  });
});

describe('a line', () => {
  const long = 'x'.repeat(limits.lineBytesMax);
  const { signature } = signed;

  it.each([
    ['nothing', '', 'body'],
    ['a number alone', '1', 'body'],
    ['numbers alone', '1 50', 'body'],
    ['no cover', '1 50 -', 'body'],
    ['no text', '1 50 - -', 'body'],
    ['an empty text', '1 50 - - ', 'body'],
    ['no marks', '1 50  - hi', 'body'],
    ['a cover that is none', '1 50 - x hi', 'body'],
    ['an empty cover', '1 50 -  hi', 'body'],
    ['a cover of nothing', `1 50 - .${signature} hi`, 'body'],
    ['a cover from 0', `1 50 - 0.${signature} hi`, 'body'],
    ['a cover from a padded number', `1 50 - 01.${signature} hi`, 'body'],
    ['a cover from beyond the counts', `1 50 - 281474976710657.${signature} hi`, 'body'],
    ['a cover from a number of 17 digits', `1 50 - 10000000000000000.${signature} hi`, 'body'],
    ['a signature of 85 characters', `1 50 - 1.${signature.slice(1)} hi`, 'body'],
    ['a signature of 87 characters', `1 50 - 1.${signature}s hi`, 'body'],
    ['two signatures', `1 50 - 1.${signature}.${signature} hi`, 'body'],
    ['a signature that is not base64url', `1 50 - 1.${'+'.repeat(86)} hi`, 'body'],
    ['a cover without end', `1 50 - 1.${'s'.repeat(100_000)} hi`, 'body'],
    ['a seal without a cover', '1 50 s - ', 'body'],
    ['a seal with a text', `1 50 s 1.${signature} hi`, 'body'],
    ['an act without a text', `1 50 m 1.${signature} `, 'body'],
    ['an act that nobody signed', '1 50 m - op', 'body'],
    ['an act that is not signed alone', `2 50 m 1.${signature} op`, 'body'],
    ['a cover of what comes after it', `1 50 - 2.${signature} hi`, 'body'],
    ['nobody behind the marks', '1 50 a: - hi', 'body'],
    ['a name alone behind the marks', '1 50 a:ann - hi', 'body'],
    ['one key behind the marks', `1 50 a:ann:${ann.key} - hi`, 'body'],
    ['a key that is none behind the marks', `1 50 a:ann:${ann.key}:x - hi`, 'body'],
    ['three keys behind the marks', `1 50 a:ann:${ann.key}:${ann.box}:${ann.box} - hi`, 'body'],
    ['a name that is none behind the marks', `1 50 a:\u202eann:${ann.key}:${ann.box} - hi`, 'body'],
    ['somebody without end', `1 50 a:${'a'.repeat(100_000)}:${ann.key}:${ann.box} - hi`, 'body'],
    ['n of 0', '0 50 - - hi', 'body'],
    ['a negative n', '-1 50 - - hi', 'body'],
    ['a signed n', '+1 50 - - hi', 'body'],
    ['a fraction', '1.5 50 - - hi', 'body'],
    ['an exponent', '1e3 50 - - hi', 'body'],
    ['letters behind a number', '1x 50 - - hi', 'body'],
    ['a space in front', ' 1 50 - - hi', 'body'],
    ['two spaces', '1  50 - - hi', 'body'],
    ['a tab', '1\t50 - - hi', 'body'],
    ['digits of another script', '\u0661 50 - - hi', 'body'],
    ['a number above 2^53 - 1', '9007199254740992 50 - - hi', 'body'],
    ['a number of 17 digits', '00000000000000001 50 - - hi', 'body'],
    ['a capital mark', '1 50 A - hi', 'body'],
    ['a digit for a mark', '1 50 1 - hi', 'body'],
    ['27 marks', `1 50 ${'b'.repeat(27)} - hi`, 'body'],
    ['a text above 16 KiB', `1 50 - - ${long}x`, 'line'],
    ['a text above 16 KiB of two-byte characters', `1 50 - - ${'é'.repeat(limits.lineBytesMax / 2)}x`, 'line'],
  ])('is refused for %s', (_, body, code) => {
    expect(codeOf(() => decodeOffer(bytesOf(body)))).toBe(code);
    expect(codeOf(() => decodeEntry(frameOf('ann', 'CHAT', `1 2 ${body}`)))).toBe(code);
  });

  it.each([
    ['a lone continuation', [0x80]],
    ['a cut character', [0xc3]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['a byte that is never UTF-8', [0xff]],
  ])('is refused for a text with %s', (_, bytes) => {
    const body = concat([bytesOf('1 50 - - hi'), Uint8Array.from(bytes)]);
    expect(codeOf(() => decodeOffer(body))).toBe('body');
  });

  it.each([
    ['1 50 - - hi', { n: 1, time: 50, apart: false, text: 'hi' }],
    ['281474976710656 8640000000000000 - - hi', { n: 2 ** 48, time: 8.64e15, apart: false, text: 'hi' }],
    ['1 0 a -  two  spaces ', { n: 1, time: 0, apart: true, text: ' two  spaces ' }],
    ['1 0 xaz - hi', { n: 1, time: 0, apart: true, text: 'hi' }],
    ['1 0 bcd - hi', { n: 1, time: 0, apart: false, text: 'hi' }],
    [`1 0 ${'b'.repeat(26)} - hi`, { n: 1, time: 0, apart: false, text: 'hi' }],
    ['1 0 - - \ufeffhi', { n: 1, time: 0, apart: false, text: '\ufeffhi' }],
    [`1 0 - - ${long}`, { n: 1, time: 0, apart: false, text: long }],
    [`9 0 - 7.${signature} hi`, { n: 9, time: 0, apart: false, cover: { from: 7, signature }, text: 'hi' }],
    [`1 0 s 1.${signature} `, { n: 1, time: 0, apart: false, what: 'seal', cover: { from: 1, signature }, text: '' }],
    [
      `1 0 m 1.${signature} op`,
      { n: 1, time: 0, apart: false, what: 'act', cover: { from: 1, signature }, text: 'op' },
    ],
    [`1 0 -:ann:${ann.key}:${ann.box} - hi`, { n: 1, time: 0, apart: false, by: personOf(ann), text: 'hi' }],
  ])('reads "%.40s"', (body, offer) => {
    expect(decodeOffer(bytesOf(body))).toEqual(offer);
  });

  it.each([
    ['an epoch of 0', 'ann', '0 2 1 50 - - hi', 'body'],
    ['a seq of 0', 'ann', '1 0 1 50 - - hi', 'body'],
    ['no author', '', '1 2 1 50 - - hi', 'sender'],
    ['an offer in place of an entry', 'ann', '1 50 - - hi', 'body'],
  ])('is no entry for %s', (_, sender, body, code) => {
    expect(codeOf(() => decodeEntry(frameOf(sender, 'CHAT', body)))).toBe(code);
  });
});

const peers = (change: Record<string, unknown>): string =>
  `peers:${JSON.stringify({ epoch: 2, seq: 8, time: 50, count: 3, members: [ann, bob], lost: [], ...change })}`;
const output = (change: Record<string, unknown>): string =>
  `output:${JSON.stringify({ epoch: 2, seq: 8, time: 50, ...change })}`;
const crowd = Array.from({ length: limits.membersMax + 1 }, (_, at) => ({
  id: `p${at}`,
  name: `p${at}`,
  addresses: [],
  joined: at + 1,
  key: ann.key,
  box: ann.box,
  vouch: ann.vouch,
}));

describe('a change of the view', () => {
  it.each([
    ['no JSON', 'peers:'],
    ['JSON cut short', peers({}).slice(0, -1)],
    ['null', 'peers:null'],
    ['a list', 'peers:[]'],
    ['a number', 'output:1'],
    ['a missing field', peers({ lost: undefined })],
    ['a field too many', peers({ extra: 1 })],
    ['a field named __proto__', peers({}).replace('{', '{"__proto__":{"epoch":9},')],
    ['fields only under __proto__', `peers:{"__proto__":${peers({}).slice(6)}}`],
    ['an epoch of 0', peers({ epoch: 0 })],
    ['a negative seq', peers({ seq: -1 })],
    ['a seq that is a string', peers({ seq: '8' })],
    ['a seq above 2^53 - 1', peers({}).replace('"seq":8', '"seq":9007199254740992')],
    ['a fraction', peers({ count: 1.5 })],
    ['a number too large for a double', peers({}).replace('"time":50', '"time":1e999')],
    ['members that fall', peers({ members: [bob, ann] })],
    ['members at one place', peers({ members: [ann, { ...bob, joined: 1 }] })],
    ['one member twice', peers({ members: [ann, { ...ann, joined: 2 }] })],
    ['a member at place 0', peers({ members: [{ ...ann, joined: 0 }] })],
    ['a member without an id', peers({ members: [{ ...ann, id: '' }] })],
    ['an id of eleven characters', peers({ members: [{ ...ann, id: '12345678901' }] })],
    ['an id that is not ASCII', peers({ members: [{ ...ann, id: 'änn' }] })],
    ['a name with a space', peers({ members: [{ ...ann, name: 'an n' }] })],
    ['a name that turns text around', peers({ members: [{ ...ann, name: 'ann\u202e' }] })],
    ['a member without a key', peers({ members: [{ ...ann, key: undefined }] })],
    ['a key of 42 characters', peers({ members: [{ ...ann, key: 'k'.repeat(42) }] })],
    ['a box that is not base64url', peers({ members: [{ ...ann, box: '='.repeat(43) }] })],
    ['a member without a vouch', peers({ members: [{ ...ann, vouch: undefined }] })],
    ['a vouch that is too long', peers({ members: [{ ...ann, vouch: 'v'.repeat(87) }] })],
    ['an address without a port', peers({ members: [{ ...ann, addresses: ['ann.lan'] }] })],
    ['nine addresses', peers({ members: [{ ...ann, addresses: Array.from({ length: 9 }, () => 'a:1') }] })],
    ['more members than a room holds', peers({ members: crowd, count: crowd.length })],
    ['an unknown reason', peers({ lost: [{ id: 'cat', why: 'bored' }] })],
    ['a reason from the prototype', peers({ lost: [{ id: 'cat', why: 'toString' }] })],
    ['an endless list of lost', peers({ lost: crowd.map(({ id }) => ({ id, why: 'cut' })) })],
    ['neither joined nor left', output({})],
    ['joined and left at once', output({ joined: cat, left: 'ann', why: 'left' })],
    ['left without a reason', output({ left: 'ann' })],
    ['joined with a reason', output({ joined: cat, why: 'left' })],
    ['a member that is a string', output({ joined: 'cat' })],
    ['100,000 levels of lists', `peers:${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['100,000 levels of records', `output:${'{"epoch":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
    ['100,000 levels that never end', `peers:${'['.repeat(100_000)}`],
    ['a list of 300,000', peers({ members: Array.from({ length: 300_000 }, () => 1) })],
  ])('is refused for %s', (_, body) => {
    expect(codeOf(() => decodeEntry(frameOf('', 'SYSTEM', body)))).toBe('body');
  });

  it('is taken as it should be', () => {
    expect(decodeEntry(frameOf('', 'SYSTEM', peers({})))).toMatchObject({ kind: 'peers', members: [ann, bob] });
    expect(decodeEntry(frameOf('', 'SYSTEM', peers({ members: crowd.slice(1), count: 1001 })))).toBeDefined();
    expect(decodeEntry(frameOf('', 'SYSTEM', output({ joined: cat })))).toMatchObject({ kind: 'joined', member: cat });
  });

  it('is none when the word names no entry', () => {
    for (const body of ['', 'ping', 'peers', 'output', 'Peers:{}', ' peers:{}', 'welcome:{}']) {
      expect(decodeEntry(frameOf('', 'SYSTEM', body))).toBeUndefined();
    }
  });

  it('is refused when it is not UTF-8', () => {
    const body = concat([bytesOf('peers:{"'), Uint8Array.of(0xff), bytesOf('":1}')]);
    expect(codeOf(() => decodeEntry(frameOf('', 'SYSTEM', body)))).toBe('body');
  });
});

describe('applyToView', () => {
  const two = { epoch: 1, count: 2, members: [ann, bob] };

  it.each([
    ['a reign replaces it', emptyView, reign(1, 1, [ann, bob]), two],
    ['whoever joins comes last', two, joining(1, 3, cat), { epoch: 1, count: 3, members: [ann, bob, cat] }],
    ['a place that is left free stays given', two, joining(1, 3, { ...cat, joined: 9 }), { count: 9 }],
    [
      'whoever leaves is gone, his place is not given again',
      two,
      { kind: 'left', epoch: 1, seq: 3, time: 0, id: 'bob', why: 'left' },
      { epoch: 1, count: 2, members: [ann] },
    ],
    ['a line changes nothing', two, line('ann', 1, 3), two],
  ] as const)('%s', (_, view, entry, expected) => {
    expect(applyToView(view, entry)).toMatchObject(expected);
  });
});
