import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeOffer, entryFrame } from '../../src/core/entry.ts';
import { encodeFrame, type Frame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays, parseClient, parseServer, serverSays } from '../../src/core/message.ts';
import { emptySnapshot, type Snapshot } from '../../src/core/log.ts';
import * as arbitrary from './arbitrary.ts';
import { ann, bob, bytesOf, codeOf, concat, frameOf, framesIn, line, reign, textOf } from './table.ts';
import { toyCrypto } from './toy.ts';

const only = (bytes: Uint8Array): Frame => {
  const frames = framesIn(bytes);
  expect(frames).toHaveLength(1);
  return frames[0] as Frame;
};
const server = (bytes: Uint8Array): unknown => parseServer(only(bytes));
const client = (bytes: Uint8Array): unknown => parseClient(only(bytes));

const id = 'kyhfm2bvz0';
const auth = {
  version: 3,
  name: 'bob',
  addresses: ['10.0.0.2:6000'],
  room: null,
  key: 'k'.repeat(43),
  box: 'b'.repeat(43),
  vouch: 'v'.repeat(86),
  proof: 'p'.repeat(86),
  lineage: [],
  first: 1,
  last: 0,
  coordinates: null,
};
const room = 't5qh03mg7n';
const proof = 'p'.repeat(86);
const crypto = toyCrypto(1);
const snapshot: Snapshot = {
  ...emptySnapshot,
  seq: 7,
  view: { epoch: 2, count: 4, members: [ann, bob] },
  authors: new Map([['ann', 3]]),
  ranges: new Map([['ann', { from: 2, base: 'h'.repeat(43), lines: [] }]]),
  lineage: [
    { epoch: 1, coordinator: 'ann', first: 1 },
    { epoch: 2, coordinator: 'ann', first: 6 },
  ],
};

describe('what is said, byte for byte', () => {
  it.each([
    ['connected', serverSays.connected(), '          SYSTEM    9         connected'],
    ['challenge', serverSays.challenge('c'.repeat(22)), `          SYSTEM    32        challenge:${'c'.repeat(22)}`],
    ['ping', serverSays.ping(), '          SYSTEM    4         ping'],
    [
      'coordinator',
      serverSays.coordinator(['10.0.0.1:6000']),
      '          SYSTEM    25        coordinator:10.0.0.1:6000',
    ],
    [
      'coordinator at two',
      serverSays.coordinator(['a:1', '[::1]:2']),
      '          SYSTEM    23        coordinator:a:1,[::1]:2',
    ],
    ['electing', serverSays.electing(20), '          SYSTEM    11        electing:20'],
    ['fetch', serverSays.fetch(40), '          SYSTEM    8         fetch:40'],
    [
      'welcome',
      serverSays.welcome({ room, keep: 5, last: 6, proof: 'p'.repeat(86) }),
      `          SYSTEM    144       welcome:{"room":"t5qh03mg7n","keep":5,"last":6,"proof":"${'p'.repeat(86)}"}`,
    ],
    [
      'refused',
      serverSays.refused({ code: 'name-taken', message: 'the name bob is taken; bob2 is free', free: 'bob2' }),
      '          SYSTEM    91        refused:{"code":"name-taken","message":"the name bob is taken; bob2 is free","free":"bob2"}',
    ],
    [
      'snapshot',
      serverSays.snapshot({ ...emptySnapshot, authors: new Map([['ann', 3]]), ranges: snapshot.ranges }, crypto),
      '          SYSTEM    189       snapshot:{"epoch":0,"seq":0,"count":0,"founder":null,"acts":[],"notes":[],"members":[],"authors":[["ann",3]],' +
        `"ranges":[["ann",2,"${'h'.repeat(43)}"]],"lineage":[]}`,
    ],
    ['pong', clientSays.pong(id, 41), 'kyhfm2bvz0SYSTEM    7         pong:41'],
    ['leave', clientSays.leave(id), 'kyhfm2bvz0SYSTEM    5         leave'],
    [
      'held',
      clientSays.held('rx2wz1kp1e', entryFrame(line('0ht9n3mcfg', 7, 41, { time: 1_000_000_000_050, text: 'lost?' }))),
      'rx2wz1kp1eSYSTEM    65        held:0ht9n3mcfgCHAT      30        1 41 7 1000000000050 - - lost?',
    ],
    [
      'auth',
      clientSays.auth(id, auth),
      'kyhfm2bvz0SYSTEM    422       auth:{"version":3,"name":"bob","addresses":["10.0.0.2:6000"],' +
        `"room":null,"key":"${'k'.repeat(43)}","box":"${'b'.repeat(43)}","vouch":"${'v'.repeat(86)}",` +
        `"proof":"${'p'.repeat(86)}","lineage":[],"first":1,"last":0,"coordinates":null}`,
    ],
  ])('%s', (_, bytes, expected) => {
    expect(textOf(bytes)).toBe(expected);
  });
});

describe('what is said comes back', () => {
  it.each([
    [serverSays.connected(), { kind: 'connected' }],
    [serverSays.ping(), { kind: 'ping' }],
    [serverSays.coordinator(['a:1', '[::1]:2']), { kind: 'coordinator', addresses: ['a:1', '[::1]:2'] }],
    [serverSays.electing(0), { kind: 'electing', ms: 0 }],
    [serverSays.fetch(40), { kind: 'fetch', after: 40 }],
    [serverSays.challenge('c-_'.padEnd(22, 'D')), { kind: 'challenge', challenge: 'c-_DDDDDDDDDDDDDDDDDDD' }],
    [serverSays.welcome({ room, keep: 0, last: 0, proof }), { kind: 'welcome', room, keep: 0, last: 0, proof }],
    [serverSays.refused({ code: 'slow', message: '' }), { kind: 'refused', code: 'slow', message: '' }],
    [
      serverSays.refused({ code: 'name-taken', message: 'é', free: 'bob2' }),
      { kind: 'refused', code: 'name-taken', message: 'é', free: 'bob2' },
    ],
    [serverSays.snapshot(snapshot, crypto), { kind: 'snapshot', snapshot }],
  ])('from a server: %#', (bytes, expected) => {
    expect(server(bytes)).toEqual(expected);
  });

  it('from a client', () => {
    expect(client(clientSays.pong(id, 0))).toEqual({ kind: 'pong', seq: 0 });
    expect(client(clientSays.leave(id))).toEqual({ kind: 'leave' });
    expect(client(clientSays.auth(id, auth))).toEqual({ kind: 'auth', ...auth });
    const offer = { n: 1, time: 5, apart: false, text: 'hi' };
    const body = encodeOffer(offer);
    expect(client(encodeFrame(id, 'CHAT', body))).toEqual({ kind: 'offer', offer, body });
  });

  it('whatever it says', () => {
    fc.assert(
      fc.property(arbitrary.auth, arbitrary.snapshot, arbitrary.entry, (drawn, shot, entry) => {
        const frame = entryFrame(entry);
        expect(client(clientSays.auth(id, drawn))).toEqual({ kind: 'auth', ...drawn });
        expect(server(serverSays.snapshot(shot, crypto))).toEqual({ kind: 'snapshot', snapshot: shot });
        expect(client(clientSays.held(id, frame))).toEqual({ kind: 'held', entry, frame });
        expect(server(encodeFrame(frame.sender, frame.type, frame.body))).toEqual({ kind: 'entry', entry, frame });
      }),
      { numRuns: 150 },
    );
  });
});

const authBody = (change: Record<string, unknown> = {}): string => `auth:${JSON.stringify({ ...auth, ...change })}`;
const welcomeBody = (change: Record<string, unknown> = {}): string =>
  `welcome:${JSON.stringify({ room, keep: 0, last: 0, proof, ...change })}`;
const refusedBody = (change: Record<string, unknown> = {}): string =>
  `refused:${JSON.stringify({ code: 'self', message: '', ...change })}`;
const snapshotBody = (change: Record<string, unknown> = {}): string =>
  `snapshot:${JSON.stringify({ epoch: 0, seq: 0, count: 0, founder: null, acts: [], notes: [], members: [], authors: [], ranges: [], lineage: [], ...change })}`;
const many = <Item>(count: number, item: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => item(at));

describe('a server is refused for', () => {
  it.each([
    ['nothing', '', 'word'],
    ['an unknown word', 'hello', 'word'],
    ['an unknown word with a rest', 'hello:1', 'word'],
    ['a word of the prototype', 'constructor', 'word'],
    ['a word in capitals', 'PING', 'word'],
    ['a space behind a word', 'ping ', 'word'],
    ['a rest that a word does not take', 'ping:', 'word'],
    ['a rest behind connected', 'connected:1', 'word'],
    ['a missing rest', 'welcome', 'word'],
    ['what only a client says', 'pong:1', 'word'],
    ['auth', authBody(), 'word'],
    ['leave', 'leave', 'word'],
    ['no address', 'coordinator:', 'body'],
    ['an address without a port', 'coordinator:10.0.0.1', 'body'],
    ['port 0', 'coordinator:10.0.0.1:0', 'body'],
    ['a comma too many', 'coordinator:a:1,', 'body'],
    ['nine addresses', `coordinator:${many(9, () => 'a:1').join(',')}`, 'body'],
    ['no challenge', 'challenge', 'word'],
    ['an empty challenge', 'challenge:', 'body'],
    ['a challenge of 21 characters', `challenge:${'c'.repeat(21)}`, 'body'],
    ['a challenge of 23 characters', `challenge:${'c'.repeat(23)}`, 'body'],
    ['a challenge with a newline', `challenge:${'c'.repeat(21)}\n`, 'body'],
    ['no number', 'electing:', 'body'],
    ['a negative number', 'electing:-1', 'body'],
    ['a fraction', 'electing:1.5', 'body'],
    ['a leading zero', 'fetch:01', 'body'],
    ['a space before a number', 'fetch: 1', 'body'],
    ['a number of 17 digits', 'fetch:10000000000000000', 'body'],
    ['no JSON', 'welcome:', 'body'],
    ['JSON that never ends', `welcome:${'{"a":'.repeat(100_000)}`, 'body'],
    ['100,000 levels', `snapshot:${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'body'],
    [
      '100,000 levels in a field',
      snapshotBody().replace('"members":[]', `"members":${'['.repeat(1e5)}${']'.repeat(1e5)}`),
      'body',
    ],
    ['a field named __proto__', welcomeBody().replace('{', '{"__proto__":{"keep":1},'), 'body'],
    ['a field too many', welcomeBody({ more: 1 }), 'body'],
    ['a missing field', welcomeBody({ keep: undefined }), 'body'],
    ['a room that is none', welcomeBody({ room: '__proto__' }), 'body'],
    ['a room in capitals', welcomeBody({ room: 'T5QH03MG7N' }), 'body'],
    ['a negative keep', welcomeBody({ keep: -1 }), 'body'],
    ['an unsafe last', welcomeBody({ last: 2 ** 53 }), 'body'],
    ['a welcome without a proof', welcomeBody({ proof: undefined }), 'body'],
    ['a proof that is too short', welcomeBody({ proof: 'p'.repeat(85) }), 'body'],
    ['a code that is no word', refusedBody({ code: 'NO WAY' }), 'body'],
    ['a message without end', refusedBody({ message: 'x'.repeat(501) }), 'body'],
    ['a free name that is none', refusedBody({ free: 'a b' }), 'body'],
    ['a null free name', refusedBody({ free: null }), 'body'],
    ['a negative epoch', snapshotBody({ epoch: -1 }), 'body'],
    ['authors that are a record', snapshotBody({ authors: { ann: 1 } }), 'body'],
    ['an author of three', snapshotBody({ authors: [['ann', 1, 1]] }), 'body'],
    ['an author who said 0 lines', snapshotBody({ authors: [['ann', 0]] }), 'body'],
    ['no ranges', snapshotBody({ ranges: undefined }), 'body'],
    ['a range from 0', snapshotBody({ ranges: [['ann', 0, 'h'.repeat(43)]] }), 'body'],
    ['a range without a hash', snapshotBody({ ranges: [['ann', 1, '']] }), 'body'],
    ['ranges without end', snapshotBody({ ranges: many(1001, (at) => [`p${at}`, 1, 'h'.repeat(43)]) }), 'body'],
    ['authors without end', snapshotBody({ authors: many(11_001, (at) => [`p${at}`, 1]) }), 'body'],
    [
      'a lineage that falls',
      snapshotBody({
        lineage: [
          [2, 'ann', 1],
          [1, 'ann', 5],
        ],
      }),
      'body',
    ],
    [
      'reigns that start together',
      snapshotBody({
        lineage: [
          [1, 'ann', 1],
          [2, 'ann', 1],
        ],
      }),
      'body',
    ],
    ['65 reigns', snapshotBody({ lineage: many(65, (at) => [at + 1, 'ann', at + 1]) }), 'body'],
    ['a line above 16 KiB', `1 2 3 4 - - ${'x'.repeat(limits.lineBytesMax + 1)}`, 'line'],
  ] as const)('%s', (_, body, code) => {
    const frame = code === 'line' ? frameOf('ann', 'CHAT', body) : frameOf('', 'SYSTEM', body);
    expect(codeOf(() => parseServer(frame))).toBe(code);
  });

  it('bytes that are not UTF-8', () => {
    expect(codeOf(() => parseServer(frameOf('', 'SYSTEM', Uint8Array.of(0x70, 0xff))))).toBe('body');
  });
});

const inner = (body: string): string => textOf(encodeFrame('ann', 'CHAT', body));

describe('a client is refused for', () => {
  it.each([
    ['nothing', '', 'word'],
    ['an unknown word', 'hello:1', 'word'],
    ['a word of the prototype', '__proto__:{}', 'word'],
    ['what only a server says', 'welcome:{}', 'word'],
    ['an entry', `peers:${JSON.stringify(reign(1, 1))}`, 'word'],
    ['a rest behind leave', 'leave:', 'word'],
    ['a missing rest', 'pong', 'word'],
    ['a pong without a number', 'pong:', 'body'],
    ['a negative pong', 'pong:-1', 'body'],
    ['a pong with letters behind', 'pong:12abc', 'body'],
    ['a version that is a string', authBody({ version: '1' }), 'body'],
    ['a negative version', authBody({ version: -1 }), 'body'],
    ['a name that is a number', authBody({ name: 1 }), 'body'],
    ['addresses that are a string', authBody({ addresses: '10.0.0.2:6000' }), 'body'],
    ['nine addresses', authBody({ addresses: many(9, () => 'a:1') }), 'body'],
    ['an address of 65 characters', authBody({ addresses: [`${'a'.repeat(63)}:1`] }), 'body'],
    ['an address with a space', authBody({ addresses: ['a b:1'] }), 'body'],
    ['a missing room', authBody({ room: undefined }), 'body'],
    ['an empty room', authBody({ room: '' }), 'body'],
    ['an unsafe last', authBody({ last: 2 ** 53 }), 'body'],
    ['a last that is null', authBody({ last: null }), 'body'],
    ['a reign of two', authBody({ lineage: [[1, 'ann']] }), 'body'],
    ['a reign of nobody', authBody({ lineage: [[1, '', 1]] }), 'body'],
    ['an epoch of 0', authBody({ lineage: [[0, 'ann', 1]] }), 'body'],
    ['a thousand reigns', authBody({ lineage: many(1000, (at) => [at + 1, 'ann', at + 1]) }), 'body'],
    ['a part without end', authBody({ coordinates: many(1001, (at) => `p${at}`) }), 'body'],
    ['a part of numbers', authBody({ coordinates: [1] }), 'body'],
    ['no key', authBody({ key: undefined }), 'body'],
    ['a key that is too long', authBody({ key: 'k'.repeat(44) }), 'body'],
    ['a key with a newline', authBody({ key: `${'k'.repeat(42)}\n` }), 'body'],
    ['a box that is none', authBody({ box: '+'.repeat(43) }), 'body'],
    ['no vouch', authBody({ vouch: null }), 'body'],
    ['a proof that is too short', authBody({ proof: 'p'.repeat(85) }), 'body'],
    ['who it was', authBody({ was: 'ann' }), 'body'],
    ['a field too many', authBody({ admin: true }), 'body'],
    ['a field named __proto__', authBody().replace('{', '{"__proto__":{"admin":true},'), 'body'],
    ['a field named constructor', authBody({ constructor: 1 }), 'body'],
    ['100,000 levels', `auth:${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'body'],
    ['held without an entry', 'held:', 'body'],
    ['half a header held', `held:${inner('1 2 3 4 - - x').slice(0, 20)}`, 'body'],
    ['half an entry held', `held:${inner('1 2 3 4 - - x').slice(0, -1)}`, 'body'],
    ['an entry and a byte held', `held:${inner('1 2 3 4 - - x')}x`, 'body'],
    ['two entries held', `held:${inner('1 2 3 4 - - x')}${inner('1 3 4 4 - - x')}`, 'body'],
    ['a held offer', `held:${inner('3 4 - - x')}`, 'body'],
    ['held that holds held', `held:${textOf(clientSays.held('ann', entryFrame(line('ann', 1, 1))))}`, 'body'],
    ['a held header that is none', 'held:ann       chat      2         hi', 'type'],
    ['a held line above 16 KiB', `held:${inner(`1 2 3 4 - - ${'x'.repeat(limits.lineBytesMax + 1)}`)}`, 'line'],
  ])('%s', (_, body, code) => {
    expect(codeOf(() => parseClient(frameOf(id, 'SYSTEM', body)))).toBe(code);
  });

  it('bytes that are not UTF-8', () => {
    expect(codeOf(() => parseClient(frameOf(id, 'SYSTEM', Uint8Array.of(0xc0, 0x80))))).toBe('body');
    const spoilt = concat([bytesOf('held:'), encodeFrame('ann', 'CHAT', Uint8Array.of(0x31, 0xff))]);
    expect(codeOf(() => parseClient(frameOf(id, 'SYSTEM', spoilt)))).toBe('body');
  });

  it('a name that the door must judge: it is passed on, so that the answer can say what is wrong', () => {
    expect(parseClient(frameOf(id, 'SYSTEM', authBody({ name: '' })))).toMatchObject({ kind: 'auth', name: '' });
  });
});
