/** Programs that lie: a room that is well goes on, whatever it is told. */
import { describe, expect, it } from 'vitest';
import { encodeOffer, entryFrame } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { statement } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot } from '../../src/core/log.ts';
import { clientSays, serverSays, type Auth } from '../../src/core/message.ts';
import type { Effect } from '../../src/core/step.ts';
import { personOf } from '../../src/core/view.ts';
import {
  authOf,
  closed,
  entry,
  events,
  founder,
  greeting,
  guest,
  host,
  proofOf,
  room,
  said,
  snapshot,
  Solo,
  somebody,
  welcome,
} from './solo.ts';
import { line, reign } from './table.ts';
import { another, keyOf, signatureOf, whoIs } from './toy.ts';

const [bob, cat, eve] = ['bob0000000', 'cat0000000', 'eve0000000'] as const;

describe('a coordinator whose room is well', () => {
  /** ann coordinates bob and cat; eve was there, and said goodbye; dan's process was killed. */
  function well(): Solo {
    const solo = founder();
    for (const [link, id, name] of [
      [1, eve, 'eve'],
      [2, 'dan0000000', 'dan'],
      [3, bob, 'bob'],
      [4, cat, 'cat'],
    ] as const) {
      solo.admit(link, id, { name });
    }
    solo.hear(1, clientSays.leave(eve));
    solo.feed({ kind: 'closed', link: 2 });
    solo.feed({ kind: 'failed', link: -1, refused: true, message: '' });
    return solo;
  }

  it.each([
    ['itself', [eve]],
    ['those who are here', [eve, bob, cat]],
    ['one who said goodbye, and one whose process has ended', [eve, 'dan0000000']],
    ['many of whom nobody has heard', Array.from({ length: 500 }, (_, at) => `x${String(at).padStart(9, '0')}`)],
  ])('does not go over to one who says that it leads %s', (_, coordinates) => {
    const solo = well();
    const { lineage } = solo.state.log;
    const before = solo.state.log.last;
    // From the beginning of the log, when nobody was there yet who is here now.
    const auth = { name: 'eve2', room: solo.state.room, lineage, last: 1, coordinates };
    const effects = solo.admit(9, '0000000000', auth);
    expect(said(effects, 9)[2]).toContain('refused:{"code":"stay"');
    expect(solo.state.phase.kind).toBe('coordinating');
    expect(solo.state.log.last).toBe(before);
  });

  it('does not go over to what answers at the place of one who was lost', () => {
    const solo = well();
    const calls = solo.pass(600).flatMap((effect) => (effect.kind === 'dial' ? [effect.link] : []));
    const [link = 0] = calls;
    expect(said(solo.hear(link, greeting), link)[0]).toMatch(/^auth:/);
    const stay = { code: 'stay', message: '', coordinates: ['dan0000000', eve, '0000000000'] } as const;
    expect(closed(solo.hear(link, serverSays.refused(stay)))).toEqual([link]);
    expect(solo.state.phase.kind).toBe('coordinating');
  });

  it('is renamed by nobody', () => {
    const solo = well();
    const [link = 0] = solo.pass(600).flatMap((effect) => (effect.kind === 'dial' ? [effect.link] : []));
    solo.hear(link, greeting);
    const taken = { code: 'name-taken', message: '', free: 'idiot' } as const;
    expect(events(solo.hear(link, serverSays.refused(taken)), 'renamed')).toEqual([]);
    expect(solo.state.self.name).toBe('ann');
  });

  it('lets nobody in in the place of somebody who waits with it', () => {
    const solo = guest();
    const dan = somebody('dan0000000', 'dan', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: dan }));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    const mine = { room, lineage: solo.state.log.lineage, last: 3 };
    const { id: second, ...keys } = another(dan.id, 'dan');
    solo.admit(1, second, { name: 'dan', ...keys, ...mine });
    solo.admit(2, dan.id, { name: 'dan', ...mine });
    solo.pass(400);
    expect(solo.state.log.view.members.map((member) => member.id)).toEqual([solo.id, dan.id]);
  });

  it('falls back for no log but one that goes on where its own ends', () => {
    const solo = guest();
    solo.hear(-1, entry(line(host.id, 1, 3, { text: 'precious' })));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    const lineage = [...solo.state.log.lineage, { epoch: 500_000, coordinator: 'zz', first: 2 }];
    const effects = solo.admit(1, host.id, { name: 'hal', room, lineage, last: 2 ** 40 });
    expect([...said(effects, 1), ...said(solo.pass(400), 1)].filter((body) => body.startsWith('fetch'))).toEqual([]);
    expect([...solo.state.log.entries(3)][0]).toMatchObject({ text: 'precious', apart: false });
  });
});

describe('a member of a room', () => {
  it('follows nobody into another one', () => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting);
    const effects = solo.hear(-2, welcome({ room: 'bbbbbbbbbb', keep: 0, last: 1 }));
    expect(events(effects, 'warning')).toMatchObject([{ code: 'body' }]);
    expect(solo.state.room).toBe(room);
  });

  it.each([
    ['a snapshot that nobody announced', snapshot(emptySnapshot)],
    [
      'numbers that leap to their end',
      entry({ kind: 'peers', epoch: 2 ** 48, seq: 3, time: 0, count: 2, members: [host], lost: [] }),
    ],
    [
      'a count that leaps',
      entry({ kind: 'peers', epoch: 2, seq: 3, time: 0, count: 2 ** 47, members: [host], lost: [] }),
    ],
    ['a number of one who has said nothing that leaps', entry(line('zed0000000', limits.lineLeapMax + 1, 3))],
    [
      'another name that somebody has',
      entry({ kind: 'renamed', epoch: 1, seq: 3, time: 0, id: host.id, name: 'ANN', vouch: host.vouch }),
    ],
    ['a receipt of more than there are', serverSays.seen({ seq: 1, have: 2, of: 1, lack: [] })],
    [
      'a place that leaps',
      entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: somebody('xat0000000', 'xat', 2 ** 47) }),
    ],
  ])('takes no %s', (_, bytes) => {
    const solo = guest();
    expect(closed(solo.hear(-1, bytes))).toEqual([-1]);
    expect(solo.state.log.last).toBe(2);
  });

  it('that is given an empty room and left there looks for its own', () => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting, welcome({ room, keep: 0, last: 9 }));
    solo.hear(-2, snapshot(emptySnapshot));
    const effects = [...solo.feed({ kind: 'closed', link: -2 }), ...solo.pass(20_000)];
    expect(events(effects, 'refused')).toEqual([]);
    expect(effects).toContainEqual({ kind: 'dial', link: expect.any(Number) as number, addresses: host.addresses });
  });
});

describe('a coordinator that fills the memory of others', () => {
  const text = 'x'.repeat(limits.lineBytesMax);
  /** It hangs up, answers again, and has nothing in common with what it had before. */
  function again(solo: Solo, last: number): Effect[] {
    const { phase } = solo.state;
    const link = phase.kind === 'joined' ? phase.link : 0;
    const effects = [...solo.feed({ kind: 'closed', link })];
    const dials = (): number | undefined => effects.findLast((effect) => effect.kind === 'dial')?.link;
    // A link that breaks as soon as it is made is not made again at once.
    for (let at = 0; at < 100 && dials() === undefined; at++) effects.push(...solo.pass(100));
    const next = dials() ?? 0;
    effects.push(...solo.hear(next, greeting, welcome({ room, keep: 0, last }), snapshot(emptySnapshot)));
    const begin = reign(solo.state.log.epochMax + 1, 1, [host, solo.member(2)]);
    return [...effects, ...solo.hear(next, entry(begin))];
  }
  const says = (solo: Solo, author: string, count: number): Effect[] => {
    const { phase, log } = solo.state;
    const { epoch } = log.view;
    const link = phase.kind === 'joined' ? phase.link : 0;
    const n = log.authors.get(author) ?? 0;
    return Array.from({ length: count }, (_, at) =>
      solo.hear(link, entry({ ...line(author, n + at + 1, log.last + 1, { text }), epoch })),
    ).flat();
  };

  it('is shown as far as it goes when there is no end of what was missed', () => {
    const solo = guest();
    again(solo, 2 ** 40);
    const fits = limits.missedCharsMax / text.length;
    const before = says(solo, host.id, fits - 1);
    expect([events(before, 'missed'), events(before, 'line')]).toEqual([[], []]);
    const then = says(solo, host.id, 1);
    expect(events(then, 'line').map((one) => one.line.n)).toEqual(Array.from({ length: fits }, (_, at) => at + 1));
    expect(events(says(solo, host.id, 3), 'line').map((one) => one.line.n)).toEqual([fits + 1, fits + 2, fits + 3]);
  });

  it('has lines held up to a bound, and the person here is told of the others', () => {
    const solo = guest({ keep: 10_000 });
    const round = Math.ceil(limits.heldCharsMax / text.length / 2) + 10;
    says(solo, bob, round);
    expect(events(again(solo, 1), 'warning')).toEqual([]);
    says(solo, cat, round);
    expect(events(again(solo, 1), 'warning')).toMatchObject([
      { code: 'pending-full', message: '20 lines that the room may lack are more than can be held: they are let go' },
    ]);
    says(solo, eve, 5);
    expect(events(again(solo, 1), 'warning')).toHaveLength(1);
    expect(solo.state.delivery.held).toHaveLength(2 * round - 20);
  });
});

describe('a line in the name of another', () => {
  it('is none: neither by its frame, nor by who stands behind its marks', () => {
    for (const sender of [bob, cat]) {
      const solo = founder();
      solo.admit(1, bob);
      const by = personOf(somebody(cat, 'cat', 1));
      const offer = encodeOffer({ n: 1, time: 0, apart: true, by: sender === bob ? by : undefined, text: 'I am cat' });
      const effects = solo.hear(1, encodeFrame(sender, 'CHAT', offer));
      expect(said(effects, 1)[0]).toContain(`refused:{"code":"${sender === bob ? 'body' : 'sender'}"`);
      expect(closed(effects)).toEqual([1]);
    }
  });

  it('is none where its author has gone: who that was follows from the id', () => {
    const solo = guest();
    const offered = line(cat, 1, 3, { apart: true, by: personOf(somebody(eve, 'cat', 1)) });
    expect(refusalOf(solo.hear(-1, entry(offered)))).toBe('proof');
    expect(solo.state.people.has(cat)).toBe(false);
  });
});

/** By which code of a breach the coordinator's link was closed. */
function refusalOf(effects: readonly Effect[]): string | undefined {
  return closed(effects).length > 0 ? events(effects, 'warning')[0]?.code : undefined;
}

describe('an id that is not that of its keys', () => {
  const { key, box } = whoIs(eve, 'bob');
  const thief = { ...somebody(bob, 'bob', 3), key, box };

  it.each([
    ['the key', { key: keyOf(eve) }],
    ['the box', { box: `-${'b'.repeat(42)}` }],
  ] as const)('does not come in: %s is of another', (_, change) => {
    const solo = founder();
    const effects = solo.admit(1, bob, change);
    expect(said(effects, 1).at(-1)).toBe('refused:{"code":"proof","message":"an id is not that of its keys"}');
    expect(closed(effects)).toEqual([1]);
    expect(solo.state.log.last).toBe(1);
  });

  it.each([
    ['joins', { kind: 'joined', epoch: 1, seq: 3, time: 0, member: thief }],
    ['is of a new reign', reign(2, 3, [host, thief])],
    ['takes the place of one who was here', reign(2, 3, [{ ...host, key, box }])],
    ['takes its box alone', reign(2, 3, [{ ...host, box: `-${box.slice(1)}` }])],
    ['is behind the marks of a line', line(bob, 1, 3, { apart: true, by: { name: 'bob', key, box } })],
  ] as const)('closes the link of a coordinator for whom such a one %s', (_, one) => {
    const solo = guest();
    expect(refusalOf(solo.hear(-1, entry(one)))).toBe('proof');
    expect(solo.state.log.last).toBe(2);
  });

  it('closes the link of a coordinator who has it in a snapshot', () => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: ['10.0.0.7:6000'] });
    solo.hear(-1, greeting, welcome({ room, keep: 0, last: 2 }));
    const shot = { ...emptySnapshot, seq: 1, view: { epoch: 1, count: 3, members: [host, thief] } };
    expect(refusalOf(solo.hear(-1, snapshot(shot)))).toBe('proof');
    expect(solo.state.log.last).toBe(0);
  });

  it('is not fetched either', () => {
    const solo = guest();
    const dan = somebody('dan0000000', 'dan', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: dan }));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    const fetch = solo.admit(1, dan.id, { name: 'dan', room, lineage: solo.state.log.lineage, last: 4 });
    expect(said(fetch, 1)).toContain('fetch:3');
    const joined = { kind: 'joined', epoch: 1, seq: 4, time: 0, member: { ...thief, joined: 4 } } as const;
    const effects = solo.hear(1, clientSays.held(dan.id, entryFrame(joined)));
    expect(said(effects, 1)[0]).toContain('refused:{"code":"proof"');
    expect(solo.state.log.view.members.map(({ id }) => id)).not.toContain(bob);
  });
});

describe('a survivor that claims to hold more than it does', () => {
  /** Its coordinator is gone, and dan says that he holds so many lines more. */
  function regrouping(more: number): { solo: Solo; dan: string } {
    const solo = guest();
    const dan = somebody('dan0000000', 'dan', 3);
    solo.hear(-1, entry({ kind: 'joined', epoch: 1, seq: 3, time: 0, member: dan }));
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'failed', link: -2, refused: true, message: '' });
    const auth = { name: 'dan', room, lineage: solo.state.log.lineage, last: 3 + more };
    expect(said(solo.admit(1, dan.id, auth), 1)).toContain('fetch:3');
    return { solo, dan: dan.id };
  }

  it.each([
    ['a line', {}],
    ['an act', { what: 'act', text: `ban ${keyOf(bob)}` }],
    ['a seal', { what: 'seal', text: '' }],
  ] as const)('puts %s in nobody’s mouth', (_, change) => {
    const { solo, dan } = regrouping(1);
    const cover = { from: 1, signature: 's'.repeat(86) };
    const one = line(host.id, 1, 4, { cover, ...change });
    expect(said(solo.hear(1, clientSays.held(dan, entryFrame(one))), 1)[0]).toContain('refused:{"code":"proof"');
    expect(solo.state.log.authors.get(host.id)).toBe(undefined);
  });

  it('holds nobody up for long, however many they are', () => {
    const { solo } = regrouping(1000);
    const since = solo.ms;
    for (let at = 2; at < 40; at++) {
      const id = `dan${at}`.padEnd(10, '0');
      solo.admit(at, id, { name: `dan${at}`, room, lineage: solo.state.log.lineage, last: 1000 });
    }
    while (solo.state.phase.kind === 'regrouping') solo.pass(10);
    expect(solo.state.phase.kind).toBe('coordinating');
    expect(solo.ms - since).toBeLessThanOrEqual(limits.fetchesMs + 10);
  });

  it('cannot make numbers leap to their end', () => {
    const { solo, dan } = regrouping(1);
    const one = line(host.id, limits.lineLeapMax + 1, 4);
    expect(said(solo.hear(1, clientSays.held(dan, entryFrame(one))), 1)[0]).toContain('refused:{"code":"order"');
  });
});

describe('something that stands in our name', () => {
  it('again and again is told nothing more, until somebody else coordinates', () => {
    const solo = guest();
    solo.feed({ kind: 'say', text: 'one' });
    solo.pass(0);
    for (let times = 1; times <= limits.robbedMax + 2; times++) {
      const effects = [...solo.hear(-1, entry(line(solo.id, 10 * times, 2 + times))), ...solo.pass(0)];
      expect(said(effects, -1)).toHaveLength(times < limits.robbedMax ? 1 : 0);
      expect(events(effects, 'warning')).toHaveLength(times <= limits.robbedMax ? 1 : 0);
    }
    const last = limits.robbedMax + 2;
    const members = [host, solo.member(2)];
    solo.hear(-1, entry({ kind: 'peers', epoch: 2, seq: 3 + last, time: 0, count: 2, members, lost: [] }));
    expect(said(solo.pass(0), -1)).toEqual([expect.stringMatching(new RegExp(`^${10 * last + 1} .* one$`))]);
  });

  it('silences nobody: what was said goes out behind it, and it is told', () => {
    const solo = guest();
    for (const text of ['one', 'two']) solo.feed({ kind: 'say', text });
    solo.pass(0);
    const effects = [...solo.hear(-1, entry(line(solo.id, 9990, 3, { text: 'made up' }))), ...solo.pass(0)];
    expect(events(effects, 'warning')).toMatchObject([{ code: 'forged' }]);
    expect(events(effects, 'acknowledged')).toEqual([]);
    expect(said(effects, -1)).toEqual([expect.stringMatching(/^9991 .* one$/), expect.stringMatching(/^9992 .* two$/)]);
    expect(events(solo.hear(-1, entry(solo.echo(9991, 4))), 'acknowledged')).toMatchObject([{ n: 9991 }]);
  });

  it('in a snapshot silences nobody either', () => {
    const solo = guest();
    solo.feed({ kind: 'say', text: 'one' });
    solo.pass(0);
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting, welcome({ room, keep: 0, last: 9 }));
    const authors = new Map([[solo.id, 77]]);
    const members = [host, solo.member(2)];
    const shot = { ...emptySnapshot, seq: 9, view: { epoch: 1, count: 2, members }, authors };
    const effects = [...solo.hear(-2, snapshot(shot)), ...solo.pass(0)];
    expect(said(effects, -2)).toEqual([expect.stringMatching(/^78 .* one$/)]);
  });
});

describe('something that is held back', () => {
  it('shows as a gap, once what comes after it is there', () => {
    const solo = guest();
    const [one, five] = [line(host.id, 1, 3), line(host.id, 5, 4)];
    expect(events(solo.hear(-1, entry(one)), 'gap')).toEqual([]);
    expect(events(solo.hear(-1, entry(five)), 'gap')).toEqual([
      { kind: 'gap', id: host.id, name: host.name, from: 2, to: 4 },
    ]);
  });

  it('is no gap where nobody knows what came before', () => {
    expect(events(guest().hear(-1, entry(line(host.id, 5, 3))), 'gap')).toEqual([]);
  });
});

describe('the name of somebody of whom only others tell', () => {
  it('is not one by which a known person is called by others', () => {
    const solo = guest();
    const { id, ...by } = another(host.id, 'boss');
    const effects = solo.hear(-1, entry(line(id, 1, 3, { apart: true, by: { ...by, name: 'boss' } })));
    expect(events(effects, 'line')).toMatchObject([{ line: { name: `?${host.key.slice(0, 9)}` } }]);
  });

  it.each([
    ['eve', '?eve'],
    ['hal', `?${keyOf(cat).slice(0, 9)}`],
    ['ANN', `?${keyOf(cat).slice(0, 9)}`],
  ])('%s is %s', (name, expected) => {
    const solo = guest();
    const by = personOf(somebody(cat, name, 9));
    const effects = solo.hear(-1, entry(line(cat, 1, 3, { apart: true, by })));
    expect(events(effects, 'line')).toMatchObject([{ line: { name: expected } }]);
  });
});

describe('a proof', () => {
  const other = 'x'.repeat(22);

  /** Bob's auth on link 1, proven by eve to a link of her own. */
  const cases: readonly (readonly [what: string, auth: (solo: Solo) => Auth])[] = [
    ['for another challenge', (solo) => authOf(bob, {}, { ...wireOf(solo), challenge: other })],
    ['for another channel', (solo) => authOf(bob, {}, { ...wireOf(solo), channel: 'channel 2' })],
    ['for a link in the clear', (solo) => authOf(bob, {}, { ...wireOf(solo), channel: '' })],
    ['for another id', (solo) => authOf(bob, { proof: proofOf(cat, 'client', wireOf(solo), keyOf(bob)) })],
    ['for the other end', (solo) => authOf(bob, { proof: proofOf(bob, 'server', wireOf(solo)) })],
    ['by the key of another', (solo) => authOf(bob, { proof: proofOf(bob, 'client', wireOf(solo), keyOf(eve)) })],
    ['of nothing', () => authOf(bob, { proof: 'p'.repeat(86) })],
    ['for a link that nobody carries, on one that somebody does', carried],
  ];
  const wireOf = (solo: Solo) => solo.state.links.get(1) as { challenge: string; channel: string };
  function carried(solo: Solo): Auth {
    return { ...authOf(bob, {}, wireOf(solo)), relayed: true };
  }

  it.each(cases)('%s lets nobody in', (_, auth) => {
    const solo = founder();
    solo.accept(1);
    const effects = solo.hear(1, clientSays.auth(bob, auth(solo)));
    expect(said(effects, 1)).toEqual(['refused:{"code":"proof","message":"that is not who it says"}']);
    expect(closed(effects)).toEqual([1]);
    expect(solo.state.log.last).toBe(1);
  });

  it('that is replayed lets nobody in, whether the one who made it is in or not', () => {
    const solo = founder();
    solo.accept(1);
    const auth = clientSays.auth(bob, authOf(bob, {}, solo.state.links.get(1)));
    for (const link of [2, 1, 3]) {
      solo.accept(link === 1 ? 4 : link);
      const effects = solo.hear(link, auth);
      expect(said(effects, link)[0]).toMatch(link === 1 ? /^welcome:/ : /^refused:\{"code":"proof"/);
    }
    expect(solo.state.log.view.members.map(({ id }) => id)).toEqual([solo.id, bob]);
    expect(closed(solo.pass(0))).toEqual([]); // nor is bob put out of the room by it
  });

  it('is asked for with another challenge each time', () => {
    const solo = founder();
    const challenges = Array.from({ length: 20 }, (_, link) => said(solo.accept(link + 1), link + 1)[1]);
    expect(new Set(challenges).size).toBe(20);
  });

  it('of one whom a member carries is for any link', () => {
    const solo = founder();
    expect(said(solo.admit(1, bob, { relayed: true }), 1).at(-2)).toMatch(/^welcome:/);
  });
});

describe('a vouch', () => {
  it.each([
    ['for another name', whoIs(bob, 'robert').vouch],
    ['for another process', another(bob, 'bob').vouch],
    ['by another person', signatureOf(keyOf(eve), statement('member', whoIs(bob, 'bob').box, 'bob'))],
    ['that is a proof', proofOf(bob, 'client', { challenge: 'c'.repeat(22), channel: '' })],
  ])('%s lets nobody in', (_, vouch) => {
    const effects = founder().admit(1, bob, { vouch });
    expect(said(effects, 1).at(-1)).toBe('refused:{"code":"proof","message":"nobody vouches for that name"}');
    expect(closed(effects)).toEqual([1]);
  });
});

describe('a server', () => {
  const wire = { challenge: 'c'.repeat(22), channel: 'ours' };

  /** A member whose link broke, and who has dialled its coordinator again, or whoever answers there, over link -2. */
  function back(): Solo {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    solo.feed({ kind: 'opened', link: -2, channel: wire.channel });
    solo.hear(-2, greeting);
    return solo;
  }

  it.each([
    ['is another', welcome({ room, keep: 2, last: 2 }, eve, wire)],
    [
      'has heard the proof on another link',
      welcome({ room, keep: 2, last: 2 }, host.id, { ...wire, channel: 'theirs' }),
    ],
    ['has heard it before', welcome({ room, keep: 2, last: 2 }, host.id, { ...wire, challenge: 'x'.repeat(22) })],
    [
      'gives us our own proof back',
      serverSays.welcome({ room, keep: 2, last: 2, proof: proofOf('ann0000000', 'client', wire) }),
    ],
  ])('that is not the coordinator is left, and the room not: it %s', (_, bytes) => {
    const solo = back();
    solo.feed({ kind: 'say', text: 'a secret' });
    const effects = solo.hear(-2, bytes);
    expect(refusalOf(effects)).toBe('proof');
    expect(said([...effects, ...solo.pass(0)], -2)).toEqual([]); // it has not heard what was said
    expect(events(effects, 'healed')).toEqual([]);
    expect(solo.state.room).toBe(room);
  });

  it('that is the coordinator is followed', () => {
    const solo = back();
    const effects = solo.hear(-2, welcome({ room, keep: 2, last: 2 }, host.id, wire));
    expect([closed(effects), events(effects, 'healed').length]).toEqual([[], 1]);
  });

  it('that names a newcomer a coordinator which it is not is left', () => {
    const solo = new Solo('ann');
    solo.feed({ kind: 'start', join: ['10.0.0.7:6000'] });
    solo.hear(-1, greeting, welcome({ room, keep: 0, last: 1 }, eve));
    expect(refusalOf(solo.hear(-1, snapshot(emptySnapshot), entry(reign(1, 1, [host]))))).toBe('proof');
    expect(events(solo.pass(0), 'entered')).toEqual([]);
  });

  it.each([
    ['challenges twice', [greeting, serverSays.challenge('d'.repeat(22))]],
    ['challenges before it greets', [serverSays.challenge('c'.repeat(22))]],
    ['does not challenge', [serverSays.connected(), welcome({ room, keep: 2, last: 2 })]],
    ['greets twice', [serverSays.connected(), serverSays.connected()]],
  ])('that %s has broken the protocol, and is told who this is once at most', (_, parts) => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    const effects = solo.hear(-2, ...parts);
    expect(refusalOf(effects)).toBe('word');
    expect(said(effects, -2).length).toBe(parts[0] === greeting ? 1 : 0);
  });

  it('that greets and never challenges is given up', () => {
    const solo = guest();
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, serverSays.connected());
    expect(closed(solo.pass(3000))).toContain(-2);
  });

  it.each([
    ['challenges twice', [greeting, serverSays.challenge('d'.repeat(22))]],
    ['challenges before it greets', [serverSays.challenge('c'.repeat(22))]],
  ])('that is called and %s is hung up on', (_, parts) => {
    const solo = founder();
    solo.admit(1, bob);
    solo.feed({ kind: 'closed', link: 1 });
    const effects = solo.hear(-1, ...parts);
    expect(refusalOf(effects)).toBe('word');
    expect(solo.state.phase.kind).toBe('coordinating');
  });
});
