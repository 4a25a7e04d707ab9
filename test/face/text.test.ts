import { describe, expect, it } from 'vitest';
import type { Event, Healing } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import {
  count,
  duration,
  invitation,
  inviteOf,
  list,
  missedLines,
  narrator,
  refusal,
  said,
  words,
} from '../../src/face/text.ts';
import { whoIs } from '../core/toy.ts';

const member = (name: string, joined: number, addresses = [`10.0.0.${joined}:6000`]): Member => ({
  id: name,
  name,
  addresses,
  joined,
  ...whoIs(name, name),
});
const [alice, bob, carol, dave] = [member('alice', 1), member('bob', 2), member('carol', 3), member('dave', 4)];
/** Seen by bob, while alice coordinates. */
const at = { id: 'bob', name: 'bob', coordinator: alice };
const own = { ...at, coordinator: bob };

const given = {
  kind: 'renamed',
  id: 'bob',
  name: 'bob2',
  former: 'bob',
  own: true,
  taken: true,
  history: false,
} as const;

const healing = (more: Partial<Healing>): Event => ({
  kind: 'healed',
  healing: { why: 'ended', coordinator: alice, self: false, gone: [], tookMs: 43.4, resent: 0, ...more },
});

describe('what happens is said in one line', () => {
  it.each<[string, Event, string | undefined, typeof at]>([
    ['joined', { kind: 'joined', member: carol, history: false }, 'carol joined', at],
    ['left', { kind: 'left', member: carol, why: 'left', history: false }, 'carol left', at],
    [
      'gap of one',
      { kind: 'gap', id: 'carol', name: 'carol', from: 3, to: 3 },
      'something that carol said before has never come: lost with whoever had it, or held back',
      at,
    ],
    [
      'gap of more',
      { kind: 'gap', id: 'carol', name: 'carol', from: 3, to: 5 },
      '3 things that carol said before have never come: lost with whoever had it, or held back',
      at,
    ],
    ['ended', { kind: 'left', member: carol, why: 'ended', history: false }, 'carol is gone (process ended)', at],
    ['silent', { kind: 'left', member: carol, why: 'silent', history: false }, 'carol is gone (not answering)', at],
    ['cut', { kind: 'left', member: carol, why: 'cut', history: false }, 'carol is gone (cut off)', at],
    ['slow', { kind: 'left', member: carol, why: 'slow', history: false }, 'carol is gone (fell too far behind)', at],
    [
      'handover',
      { kind: 'left', member: carol, why: 'handover', history: false },
      'carol left and handed over; alice coordinates now',
      at,
    ],
    [
      'handover to me',
      { kind: 'left', member: carol, why: 'handover', history: false },
      'carol left and handed over; you coordinate now',
      own,
    ],
    ['founded', { kind: 'entered', room: 'r', self: bob, members: [bob] }, 'you started the room', own],
    [
      'entered',
      { kind: 'entered', room: 'r', self: bob, members: [alice, bob] },
      'you are in the room with alice; alice coordinates',
      at,
    ],
    [
      'entered, three',
      { kind: 'entered', room: 'r', self: bob, members: [alice, bob, carol] },
      'you are in the room with alice and carol; alice coordinates',
      at,
    ],
    [
      'looking',
      { kind: 'looking', coordinator: carol, why: 'silent', waiting: 2 },
      'carol is not answering: looking for a coordinator (2 lines waiting)',
      at,
    ],
    [
      'looking, one',
      { kind: 'looking', coordinator: carol, why: 'silent', waiting: 1 },
      'carol is not answering: looking for a coordinator (1 line waiting)',
      at,
    ],
    [
      'looking, none',
      { kind: 'looking', coordinator: carol, why: 'ended', waiting: 0 },
      'the link to carol broke: looking for a coordinator',
      at,
    ],
    [
      'looking, cut',
      { kind: 'looking', coordinator: carol, why: 'cut', waiting: 0 },
      'the link to carol was cut: looking for a coordinator',
      at,
    ],
    [
      'looking, slow',
      { kind: 'looking', coordinator: carol, why: 'slow', waiting: 0 },
      'you fell too far behind carol: looking for a coordinator',
      at,
    ],
    [
      'looking, deposed',
      { kind: 'looking', coordinator: bob, why: 'cut', waiting: 1 },
      'another part of the room was found: going over to it (1 line waiting)',
      at,
    ],
    [
      'healed, after I was stopped',
      healing({ why: 'cut', gone: [{ member: bob, why: 'silent' }] }),
      'you were taken for gone (not answering); alice coordinates (healed in 43 ms, nothing lost)',
      at,
    ],
    [
      'healed, I and another',
      healing({ gone: [bob, carol].map((gone) => ({ member: gone, why: 'silent' as const })) }),
      'you (not answering) and carol (not answering) are gone; alice coordinates (healed in 43 ms, nothing lost)',
      at,
    ],
    ['healed, another coordinator', healing({ why: 'handover' }), 'handed over; alice coordinates now', at],
    ['looking, handover', { kind: 'looking', coordinator: carol, why: 'handover', waiting: 0 }, undefined, at],
    [
      'healed',
      healing({ gone: [{ member: carol, why: 'ended' }], resent: 2 }),
      'carol is gone (process ended); alice coordinates (healed in 43 ms, nothing lost, 2 lines sent again)',
      at,
    ],
    [
      'healed, one line',
      healing({ gone: [{ member: carol, why: 'silent' }], resent: 1, tookMs: 1260 }),
      'carol is gone (not answering); alice coordinates (healed in 1.3 s, nothing lost, 1 line sent again)',
      at,
    ],
    [
      'healed, mine',
      healing({ coordinator: bob, self: true, gone: [{ member: carol, why: 'ended' }] }),
      'carol is gone (process ended); you coordinate (healed in 43 ms, nothing lost)',
      own,
    ],
    [
      'healed, two gone',
      healing({
        gone: [
          { member: carol, why: 'ended' },
          { member: dave, why: 'silent' },
        ],
      }),
      'carol (process ended) and dave (not answering) are gone; alice coordinates (healed in 43 ms, nothing lost)',
      at,
    ],
    ['healed, only a link', healing({}), 'the link was mended; alice coordinates (healed in 43 ms, nothing lost)', at],
    [
      'healed, handover',
      healing({ gone: [{ member: carol, why: 'handover' }] }),
      'carol left and handed over; alice coordinates now',
      at,
    ],
    [
      'healed, handover, resent',
      healing({ gone: [{ member: carol, why: 'handover' }], resent: 1 }),
      'carol left and handed over; alice coordinates now (1 line sent again)',
      at,
    ],
    [
      'handed over',
      { kind: 'handed-over', member: alice, coordinator: carol, history: false },
      'alice has handed over; carol coordinates',
      at,
    ],
    [
      'handed over, to oneself',
      { kind: 'handed-over', member: alice, coordinator: bob, history: false },
      'alice has handed over; you coordinate',
      own,
    ],
    [
      'topic',
      { kind: 'topic', text: 'cats\u001b', id: 'id-carol', by: 'carol', own: false, history: false },
      'carol changed the topic to: cats',
      at,
    ],
    [
      'away',
      { kind: 'away', id: 'carol', name: 'carol', text: 'at\u202elunch', own: false, history: false },
      'carol is away: atlunch',
      at,
    ],
    [
      'away, no more',
      { kind: 'away', id: 'bob', name: 'bob', text: null, own: true, history: false },
      'you are back',
      at,
    ],
    [
      'entered, where there is a topic',
      { kind: 'entered', room: 'r', self: bob, members: [alice, bob], topic: 'cats\u0007' },
      'you are in the room with alice; alice coordinates; the topic is: cats',
      at,
    ],
    ['renamed', given, 'your name was taken meanwhile: you are bob2 now', at],
    ['renamed, as it was asked', { ...given, taken: false }, 'you are called bob2 now', at],
    ['renamed, another', { ...given, own: false, taken: false }, 'bob is called bob2 now', at],
    [
      'denied',
      { kind: 'denied', name: 'carol', code: 'name-taken', free: 'carol2' },
      'the name carol is taken: you are bob still; /nick carol2 is free',
      at,
    ],
    [
      'denied, too soon',
      { kind: 'denied', name: 'carol', code: 'too-soon' },
      'that was too soon after the last time: you are bob still; try /nick again in a moment',
      at,
    ],
    [
      'met, and one too many',
      { kind: 'met', member: bob, notice: { kind: 'unpinned' } },
      'WARNING: bob is new, and as many names are known as can be (10,000): of those who come new, only whom you /accept is remembered, so another one would not be noticed',
      at,
    ],
    ['slept', { kind: 'slept', ms: 14_200 }, 'this process did not run for 14 s', at],
    [
      'unreachable',
      { kind: 'unreachable', members: [dave, carol], since: new Date(2026, 10, 20, 14, 2).getTime(), alone: false },
      'dave and carol are unreachable since 14:02, still trying',
      at,
    ],
    [
      'unreachable, one',
      { kind: 'unreachable', members: [carol], since: new Date(2026, 10, 20, 14, 2).getTime(), alone: false },
      'carol is unreachable since 14:02, still trying',
      at,
    ],
    [
      'alone',
      {
        kind: 'unreachable',
        members: [alice, carol, dave],
        since: new Date(2026, 10, 20, 9, 2).getTime(),
        alone: true,
      },
      'you are alone: 3 peers unreachable since 09:02, still trying',
      at,
    ],
    [
      'reachable again',
      { kind: 'unreachable', members: [], since: 0, alone: false },
      'everybody is reachable again',
      at,
    ],
    [
      'restored',
      { kind: 'restored', room: 'r', lines: 1204, unsent: 2, since: new Date(2026, 10, 20, 18, 3).getTime() },
      'this room was last open at 2026-11-20 18:03: 1,204 lines are kept, 2 of yours go out now',
      at,
    ],
    [
      'restored, one',
      { kind: 'restored', room: 'r', lines: 1, unsent: 1, since: new Date(2026, 10, 20, 18, 3).getTime() },
      'this room was last open at 2026-11-20 18:03: 1 line is kept, 1 of yours goes out now',
      at,
    ],
    [
      'restored, empty',
      { kind: 'restored', room: 'r', lines: 0, unsent: 0, since: new Date(2026, 10, 20, 18, 3).getTime() },
      'this room was last open at 2026-11-20 18:03: none of its lines is kept',
      at,
    ],
    [
      'unkept',
      { kind: 'unkept', message: 'no space left on the disk\u001b[2J' },
      'history is not kept any more (no space left on the disk[2J): the room goes on in memory',
      at,
    ],
    ['receipt', { kind: 'receipt', n: 1, have: 1, of: 2, lacking: [carol] }, undefined, at],
    ['gone', { kind: 'gone', unsent: 0, untold: 0 }, 'you left', at],
    ['gone, unsent', { kind: 'gone', unsent: 1, untold: 0 }, 'you left; the room has not received 1 line of yours', at],
    [
      'warning',
      { kind: 'warning', code: 'length', message: 'a length is digits, not "12abc"' },
      'another peer broke the protocol (length): a length is digits, not "12abc"',
      at,
    ],
    ['acknowledged', { kind: 'acknowledged', n: 1, position: { epoch: 1, seq: 1 } }, undefined, at],
  ])('%s', (_, event, told, view) => expect(words(event, view)).toBe(told));

  it('without a word that shouts', () => {
    const all = [
      { kind: 'looking', coordinator: carol, why: 'silent', waiting: 2 },
      given,
      { kind: 'gone', unsent: 2, untold: 0 },
    ] as const;
    for (const event of all) expect(words(event, at)).not.toMatch(/!|\p{Emoji_Presentation}/u);
  });
});

describe('what was missed', () => {
  it.each([
    ['asleep', 840_000, 9, 0, ['away 14 min, 9 messages']],
    ['restarted', 7_200_000, 1, 0, ['away 2 h, 1 message']],
    ['apart', 40_000, 9, 0, ['while apart (40 s), 9 messages']],
    ['asleep', 840_000, 1000, 120, ['away 14 min, 1,000 messages', '120 messages said meanwhile are no longer kept']],
    ['asleep', 840_000, 0, 1, ['away 14 min', '1 message said meanwhile is no longer kept']],
    ['asleep', 840_000, 0, 0, ['away 14 min, no messages']],
  ] as const)('%s, %d ms, %d and %d', (why, ms, lines, trimmed, told) =>
    expect(missedLines({ kind: 'missed', why, ms, lines, trimmed })).toEqual(told),
  );
});

it('nothing is said twice in a row', () => {
  const narrate = narrator();
  const handover: Event = { kind: 'left', member: carol, why: 'handover', history: false };
  const looking: Event = { kind: 'looking', coordinator: alice, why: 'silent', waiting: 0 };
  const told = [
    handover,
    healing({ why: 'handover' }),
    handover,
    healing({ why: 'handover', resent: 2 }),
    healing({ why: 'handover' }),
    looking,
    looking,
    { ...looking, waiting: 1 },
    healing({ why: 'silent' }),
    looking,
    { ...looking, coordinator: bob },
    healing({ why: 'cut' }),
    healing({ why: 'cut' }),
  ].map((event) => narrate(event, at));
  expect(told).toEqual([
    'carol left and handed over; alice coordinates now',
    undefined,
    'carol left and handed over; alice coordinates now',
    '2 lines sent again',
    'handed over; alice coordinates now',
    'alice is not answering: looking for a coordinator',
    undefined,
    'alice is not answering: looking for a coordinator (1 line waiting)',
    'the link was mended; alice coordinates (healed in 43 ms, nothing lost)',
    'alice is not answering: looking for a coordinator',
    'another part of the room was found: going over to it',
    'the room is one again; alice coordinates (healed in 43 ms, nothing lost)',
    'the link was mended; alice coordinates (healed in 43 ms, nothing lost)',
  ]);
});

describe('a line of the room', () => {
  it.each([
    ['of somebody unknown', { name: 'qx7\u001b', text: 'hi', apart: true, id: 'qx7\u001b' }, '?qx7 (while apart): hi'],
    ['plain', { name: 'bob', text: 'hi: there', apart: false }, 'bob: hi: there'],
    ['apart', { name: 'bob', text: 'hi', apart: true }, 'bob (while apart): hi'],
    ['tabs stay', { name: 'bob', text: 'a\tb', apart: false }, 'bob: a\tb'],
    ['one line for ever', { name: 'b\nob', text: 'a\r\nmallory: b\u001b[2J', apart: false }, 'b↵ob: a↵mallory: b[2J'],
    ['what somebody does', { name: 'bob', text: '/me waves', apart: false }, 'bob: * waves'],
    ['what somebody does not', { name: 'bob', text: ' /me waves', apart: false }, 'bob:  /me waves'],
    ['what could be a private message', { name: 'bob', text: '/me → you', apart: false }, 'bob: /me → you'],
    [
      'what could be a note',
      { name: 'bob', text: '/me left\n* alice left', apart: true },
      'bob (while apart): * left↵* alice left',
    ],
  ])('%s', (_, line, shown) => expect(said({ id: 'b1', ...line })).toBe(shown));
});

describe('numbers', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '0 ms'],
    [-1, '0 ms'],
    [43.6, '44 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [1260, '1.3 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [14_200, '14 s'],
    [119_499, '119 s'],
    [119_500, '2 min'],
    [840_000, '14 min'],
    [7_169_999, '119 min'],
    [7_170_000, '2 h'],
    [86_400_000, '24 h'],
    [170_999_999, '47 h'],
    [171_000_000, '2 days'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [0, '0 lines'],
    [1, '1 line'],
    [2, '2 lines'],
    [1204, '1,204 lines'],
  ])('%d', (number, text) => expect(count(number, 'line')).toBe(text));

  it.each([
    [[], ''],
    [['a'], 'a'],
    [['a', 'b'], 'a and b'],
    [['a', 'b', 'c'], 'a, b and c'],
    [['a', 'b', 'c', 'd', 'e'], 'a, b, c, d and e'],
    [['a', 'b', 'c', 'd', 'e', 'f'], 'a, b, c, d and 2 others'],
  ])('%j', (items, text) => expect(list(items)).toBe(text));

  it('more than are named', () => {
    expect(list(['a', 'b', 'c', 'd', 'e'], 90)).toBe('a, b, c, d and 86 others');
    expect(list(['a', 'b'], 2)).toBe('a and b');
  });
});

describe('why one cannot be in the room', () => {
  it.each([
    [
      { code: 'name-taken', message: 'x', free: 'bob2' },
      'the name bob is taken in this room; bob2 is free: --name bob2',
    ],
    [
      { code: 'name-taken', message: 'x' },
      'the name bob is taken in this room; choose another, for example --name bob2',
    ],
    [{ code: 'name-invalid', message: 'a name has no spaces' }, 'bob cannot be a name here: a name has no spaces'],
    [{ code: 'unreachable', message: '10.0.0.5:6000 refused' }, 'nobody could be reached: 10.0.0.5:6000 refused'],
    [{ code: 'room-full', message: 'the room is full' }, 'the room is full'],
    [{ code: 'listen', message: 'port 6000 is taken\u001b[2J' }, 'port 6000 is taken[2J'],
  ] as const)('%j', (fault, told) => expect(refusal(fault, 'bob')).toBe(told));
});

describe('how others join', () => {
  const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
  const open = 'this room is open: anyone who reaches the port may join; --private starts one for those you invite';
  const secret = 'this room is private: whoever has that line can enter, so show it only to those you invite';
  const bare = 'nothing is encrypted here: anyone on the way can read along, and anyone who reaches the port may join';

  it.each([
    ['one address', ['10.0.0.5:6000'], ['others join with:  groupchat --name NAME --join 10.0.0.5:6000', open]],
    [
      'several',
      ['10.0.0.5:6001', '[fd00::1]:6001'],
      [
        'others join with:  groupchat --name NAME --join 10.0.0.5:6001',
        'or, if they cannot reach that:  [fd00::1]:6001',
        open,
      ],
    ],
    ['loopback', ['127.0.0.1:6000'], ['others on this machine:  groupchat --name NAME --join 127.0.0.1:6000', open]],
    ['none', [], ['others join with:  groupchat --name NAME --join 10.0.0.1:6000', open]],
  ])('an open room: %s', (_, addresses, told) => {
    for (const asked of [true, false]) {
      expect(invitation({ access: { kind: 'open' }, addresses, coordinator: alice }, asked)).toEqual(told);
    }
  });

  it.each([
    ['one address', ['10.0.0.5:6000'], `others join with:  groupchat --name NAME --join 'gc://10.0.0.5:6000/#${key}'`],
    [
      'several',
      ['10.0.0.5:6001', '[fd00::1]:6001'],
      `others join with:  groupchat --name NAME --join 'gc://10.0.0.5:6001,[fd00::1]:6001/#${key}'`,
    ],
    [
      'loopback',
      ['127.0.0.1:6000'],
      `others on this machine:  groupchat --name NAME --join 'gc://127.0.0.1:6000/#${key}'`,
    ],
    ['none', [], `others join with:  groupchat --name NAME --join 'gc://10.0.0.1:6000/#${key}'`],
  ])('a private room: %s', (_, addresses, told) => {
    const entrance = { access: { kind: 'private' as const, key }, addresses, coordinator: alice };
    expect(invitation(entrance, true)).toEqual([told, secret]);
    expect(inviteOf(entrance)).toBe(/'(.*)'/u.exec(told)?.[1]);
    // Nobody sees the key who has not asked for it.
    expect(invitation(entrance, false)).toEqual(['this room is private: /invite shows how others join']);
  });

  it('a private room whose key is not known here', () => {
    const entrance = { access: { kind: 'private' as const }, addresses: ['10.0.0.5:6000'], coordinator: alice };
    expect(inviteOf(entrance)).toBe('gc://10.0.0.5:6000/#');
  });

  it('a room in plain', () => {
    const entrance = { access: { kind: 'plain' as const }, addresses: ['10.0.0.5:6000'], coordinator: alice };
    expect(invitation(entrance, false)).toEqual([
      'others join with:  groupchat --name NAME --plain --join 10.0.0.5:6000',
      bare,
    ]);
    expect(inviteOf(entrance)).toBeUndefined();
  });

  it.each(['open', 'private', 'plain'] as const)('says so when there is no way into a room: %s', (kind) => {
    const entrance = { access: { kind, key }, addresses: [], coordinator: member('alice', 1, []) };
    expect(invitation(entrance, true)).toEqual(['nobody can reach this peer']);
    expect(inviteOf(entrance)).toBeUndefined();
  });
});
