/** Objects for programs: each as docs/json.md has it. */
import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import {
  eventObject,
  jsonLine,
  lineObject,
  parsePosition,
  positionText,
  roomObject,
  sinceGap,
  whoObject,
  type Told,
} from '../../src/face/json.ts';
import { faults, kinds } from '../schema.ts';

const key = 'A'.repeat(43);
const box = 'B'.repeat(43);
const alice: Member = { id: 'aaaaaaaaaa', name: 'alice', key, box, vouch: '', addresses: ['h:1'], joined: 1 };
const bob: Member = { ...alice, id: 'bbbbbbbbbb', name: 'bob', joined: 2, addresses: [] };
const now = Date.UTC(2026, 10, 21, 14, 2, 3, 4);
const line = {
  id: alice.id,
  n: 7,
  position: { epoch: 3, seq: 1042 },
  name: 'alice',
  text: 'hi',
  time: now,
  own: false,
  history: true,
  apart: true,
};
const standing = {
  id: bob.id,
  name: 'bob',
  room: 'abcdefghij',
  position: { epoch: 3, seq: 1041 },
  coordinator: alice,
  members: [alice, bob],
  successor: bob,
  lastHealing: undefined,
  pending: 0,
  untold: 0,
  telling: 0,
  addresses: [],
  topic: undefined,
  absences: new Map(),
  moderation: { founder: key, ops: new Set<string>(), banned: [] },
  receipt: undefined,
};
const message = { origin: alice.id, k: 2, key, name: 'alice', time: now, text: 'psst', own: false, away: false };
const healing = {
  why: 'ended',
  coordinator: bob,
  self: true,
  gone: [{ member: alice, why: 'ended' }],
  tookMs: 41.7,
  resent: 0,
} as const;

/** Each kind of event that is told, and what stands there besides. */
const told: [Event, Record<string, unknown>][] = [
  [
    { kind: 'private', message },
    { kind: 'private', id: alice.id, n: 2, name: 'alice', key, text: 'psst' },
  ],
  [
    { kind: 'joined', member: bob, history: false },
    { kind: 'joined', id: bob.id, name: 'bob', key },
  ],
  [
    { kind: 'left', member: bob, why: 'kicked', by: 'alice', history: false },
    { kind: 'left', id: bob.id, name: 'bob', key, why: 'kicked', by: 'alice' },
  ],
  [
    { kind: 'left', member: bob, why: 'silent', history: false },
    { kind: 'left', id: bob.id, name: 'bob', key, why: 'silent' },
  ],
  [
    { kind: 'ruled', verb: 'ban', name: 'bob', own: true, by: 'alice', byOwn: false, history: false },
    { kind: 'rule', verb: 'ban', name: 'bob', by: 'alice' },
  ],
  [
    { kind: 'looking', coordinator: alice, why: 'ended', waiting: 0 },
    { kind: 'looking', id: alice.id, name: 'alice', key, why: 'ended' },
  ],
  [
    { kind: 'healed', healing },
    {
      kind: 'healed',
      id: bob.id,
      name: 'bob',
      key,
      why: 'ended',
      gone: [{ id: alice.id, name: 'alice', key, why: 'ended' }],
      ms: 42,
    },
  ],
  [
    { kind: 'renamed', id: bob.id, name: 'bob2', former: 'bob', own: true, taken: true, history: false },
    { kind: 'renamed', id: bob.id, name: 'bob2', former: 'bob' },
  ],
  [
    { kind: 'handed-over', member: alice, coordinator: bob, history: false },
    { kind: 'handover', id: alice.id, name: 'alice', key, to: { id: bob.id, name: 'bob', key } },
  ],
  [
    { kind: 'topic', id: bob.id, by: 'bob', text: 'lunch', own: false, history: false },
    { kind: 'topic', id: bob.id, name: 'bob', text: 'lunch' },
  ],
  [
    { kind: 'away', id: bob.id, name: 'bob', text: 'lunch', own: false, history: false },
    { kind: 'away', id: bob.id, name: 'bob', text: 'lunch' },
  ],
  [
    { kind: 'away', id: bob.id, name: 'bob', text: null, own: false, history: false },
    { kind: 'away', id: bob.id, name: 'bob', text: null },
  ],
  [
    { kind: 'slept', ms: 1000.4 },
    { kind: 'slept', ms: 1000 },
  ],
  [
    { kind: 'missed', why: 'apart', ms: 1, lines: 3, trimmed: 2 },
    { kind: 'gap', why: 'away', lines: 2 },
  ],
  [
    { kind: 'gap', id: alice.id, name: 'alice', from: 3, to: 4 },
    { kind: 'gap', why: 'lost', id: alice.id, name: 'alice', from: 3, to: 4 },
  ],
  [
    { kind: 'unsigned', id: alice.id, name: 'alice', from: 3, to: 4, lines: 2, text: 'x', why: 'forged' },
    { kind: 'unsigned', id: alice.id, name: 'alice', from: 3, to: 4, lines: 2, why: 'forged' },
  ],
  [
    { kind: 'unreachable', members: [alice], since: now, alone: true },
    {
      kind: 'unreachable',
      members: [{ id: alice.id, name: 'alice', key }],
      since: '2026-11-21T14:02:03.004Z',
      alone: true,
    },
  ],
];

const common = { v: 1, time: '2026-11-21T14:02:03.004Z' };

describe('an object', () => {
  it.each(told)('of %j', (event, expected) => {
    const object = eventObject(event, now);
    expect(object).toEqual({ ...common, ...expected });
    expect(faults(object)).toEqual([]);
  });

  it('of a line, the room, who is there, and a position that is not', () => {
    const objects: [Told, Record<string, unknown>][] = [
      [
        lineObject(line),
        { kind: 'line', position: '3.1042', id: alice.id, n: 7, name: 'alice', text: 'hi', apart: true },
      ],
      [
        roomObject(standing, now),
        {
          kind: 'room',
          position: '3.1041',
          room: 'abcdefghij',
          id: bob.id,
          name: 'bob',
          coordinator: alice.id,
          members: [
            { id: alice.id, name: 'alice', key },
            { id: bob.id, name: 'bob', key },
          ],
        },
      ],
      [
        whoObject(standing, now),
        {
          kind: 'who',
          room: 'abcdefghij',
          members: [{ id: alice.id, name: 'alice', key, coordinator: true, founder: true, op: false }],
        },
      ],
      [sinceGap({ epoch: 1, seq: 2 }, 'trimmed', now), { kind: 'gap', why: 'trimmed', since: '1.2' }],
      [sinceGap({ epoch: 1, seq: 2 }, 'elsewhere', now), { kind: 'gap', why: 'elsewhere', since: '1.2' }],
    ];
    for (const [object, expected] of objects) {
      expect(object).toEqual({ ...common, ...expected });
      expect(faults(object)).toEqual([]);
    }
    const all = [...objects.map(([object]) => object.kind), ...told.map(([, { kind }]) => kind)];
    expect(new Set(all)).toEqual(new Set(kinds.keys()));
  });

  it('is not made of what happened before this peer came, or is told in another way', () => {
    const silent: Event[] = [
      { kind: 'joined', member: bob, history: true },
      { kind: 'left', member: bob, why: 'left', history: true },
      { kind: 'ruled', verb: 'op', name: 'bob', own: false, by: 'alice', byOwn: false, history: true },
      { kind: 'private', message: { ...message, own: true } },
      { kind: 'missed', why: 'restarted', ms: 1, lines: 3, trimmed: 2 },
      { kind: 'missed', why: 'apart', ms: 1, lines: 3, trimmed: 0 },
      { kind: 'line', line },
      { kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 1 } },
    ];
    for (const event of silent) expect(eventObject(event, now)).toBeUndefined();
  });

  it('can be of any time that a line may have', () => {
    for (const time of [0, 8.64e15]) expect(faults(lineObject({ ...line, time }))).toEqual([]);
  });
});

describe('its line', () => {
  it('reads back as it was, and has nothing that ends a line, moves a cursor or hides', () => {
    const text = 'ä👍\t\u0007\u001b[31m\u007f\u0085\u009b\u00ad\u200b\u200d\u2028\u2029\u202e\ufeff\u{e0041}\ud800"\\';
    const written = jsonLine(lineObject({ ...line, text }));
    expect(JSON.parse(written)).toEqual(lineObject({ ...line, text }));
    expect(written).toContain('"ä👍\\t\\u0007\\u001b[31m\\u007f\\u0085');
    expect(written).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
  });
});

describe('a position', () => {
  it('is read as it is written', () => {
    const position = { epoch: 3, seq: 1042 };
    expect(positionText(position)).toBe('3.1042');
    expect(parsePosition('3.1042')).toEqual(position);
    for (const text of ['', '3', '3.', '.3', '3.x', ' 3.1', '3.1.2', '-3.1', '3.1e3']) {
      expect(parsePosition(text)).toBeUndefined();
    }
  });
});

describe('the checker', () => {
  it('finds what is not as it is documented', () => {
    const good = lineObject(line);
    const wrong: unknown[] = [
      { ...good, v: 2 },
      { ...good, kind: 'lien' },
      { ...good, time: '14:02' },
      { ...good, n: '7' },
      { ...good, n: 0 },
      { ...good, own: false },
      { ...good, text: undefined, txt: '' },
      { ...eventObject({ kind: 'gap', id: 'a', name: 'b', from: 1, to: 2 }, now), why: 'away' },
      null,
      [],
    ];
    for (const one of wrong) expect(faults(one)).not.toEqual([]);
  });
});
