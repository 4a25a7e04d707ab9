/** What acts do to a peer: who is let in, who goes at once, and what is told. Links are played by hand. */
import { describe, expect, it } from 'vitest';
import { coverOf, hashOf } from '../../src/core/cover.ts';
import type { Crypto } from '../../src/core/crypto.ts';
import { encodeOffer, entryFrame, type Entry } from '../../src/core/entry.ts';
import { Decoder, encodeFrame } from '../../src/core/frame.ts';
import { idOf, prove, roomOf, vouchFor } from '../../src/core/identity.ts';
import { replay } from '../../src/core/journal.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot, Log, type Snapshot } from '../../src/core/log.ts';
import { deadline, step } from '../../src/core/machine.ts';
import { clientSays, parseServer, serverSays, type ServerMessage } from '../../src/core/message.ts';
import { forbidden, inForce } from '../../src/core/moderation.ts';
import { lawOf, rulesOf, type Act, type Verb } from '../../src/core/rules.ts';
import { createState, type Setup } from '../../src/core/setup.ts';
import type { State } from '../../src/core/state.ts';
import type { Effect, Event, Input } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import { keyOf, toyCrypto } from './toy.ts';

const options = { pingMs: 250, silenceMs: 1000, backoffMs: 0, history: 1000, keep: 1000 };
/** A room's key as it is spelt. */
const roomKey = (word: string): string => `${word.padEnd(42, '_')}A`;
const cryptos = new Map<string, Crypto>();
/** The one process of somebody. */
function cryptoOf(name: string): Crypto {
  const crypto = cryptos.get(name) ?? toyCrypto(cryptos.size, keyOf(name));
  cryptos.set(name, crypto);
  return crypto;
}
const idBy = (name: string): string => idOf(cryptoOf(name), cryptoOf(name).key, cryptoOf(name).box);
const room = roomOf(cryptoOf('ann'), cryptoOf('ann').key, cryptoOf('ann').box);

/** A peer, and all that it has done. */
class Played {
  readonly state: State;
  readonly effects: Effect[] = [];
  ms = 0;

  constructor(name: string, join: readonly string[] = [], restored?: Setup['restored']) {
    const crypto = restored === undefined ? cryptoOf(name) : toyCrypto(77, keyOf(name));
    const key = keyOf('first');
    const addresses = ['10.0.0.9:6000'];
    this.state = createState({ name, addresses, options, seed: [1, 2], crypto, key, keeps: true, restored });
    this.take({ kind: 'start', join });
  }

  /** The next process of the same person, with what this one has kept. */
  again(name: string, join: readonly string[] = []): Played {
    const pieces = this.effects.flatMap((one) => (one.kind === 'keep' || one.kind === 'roll' ? [one.bytes] : []));
    const log = new Log(
      1000,
      1000,
      lawOf(cryptoOf(name), () => room),
    );
    const kept = replay([{ number: 1, pieces }], room, log);
    if (kept === undefined) throw new Error('nothing is kept');
    return new Played(name, join, { room: kept, aliveAt: 1e12 });
  }

  /** @returns what this step did */
  take(input: Input): Effect[] {
    const effects = step(this.state, input, { ms: this.ms, wall: 1e12 + this.ms });
    this.effects.push(...effects);
    return effects;
  }

  /** Rings until nothing is due within the time (ms). */
  pass(ms: number): void {
    const end = this.ms + ms;
    for (let due = deadline(this.state); due <= end; due = deadline(this.state)) {
      this.ms = Math.max(this.ms, due);
      this.take({ kind: 'alarm' });
    }
    this.ms = end;
  }

  /** What it has said on a link. */
  said(link: number, effects: readonly Effect[] = this.effects): ServerMessage[] {
    const decoder = new Decoder();
    const messages: ServerMessage[] = [];
    for (const effect of effects) {
      if (effect.kind !== 'send' || effect.link !== link) continue;
      decoder.push(effect.bytes);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) messages.push(parseServer(frame));
    }
    return messages;
  }

  told(): Event[] {
    return this.effects.flatMap((effect) => (effect.kind === 'tell' ? [effect.event] : []));
  }

  /** Whether it has closed a link. */
  closed(link: number): boolean {
    return this.effects.some((effect) => effect.kind === 'close' && effect.link === link);
  }

  /** Somebody dials and says who it is. @returns what it is told then, in kinds or codes */
  comes(link: number, name: string, { former = false, relayed = false, knows = false } = {}): string[] {
    const channel = `channel ${link}`;
    const crypto = cryptoOf(name);
    const id = idBy(name);
    this.take({ kind: 'accepted', link, host: '10.0.0.1', channel, former });
    const greeting = this.said(link).find(({ kind }) => kind === 'challenge');
    const challenge = greeting?.kind === 'challenge' ? greeting.challenge : '';
    const bytes = clientSays.auth(id, {
      version: limits.wireVersion,
      name,
      addresses: ['10.0.0.1:6000'],
      room: knows ? room : null,
      key: crypto.key,
      box: crypto.box,
      vouch: vouchFor(crypto, name),
      proof: prove(crypto, { end: 'client', challenge, channel: relayed ? '' : channel, id }),
      lineage: [],
      first: 1,
      last: 0,
      coordinates: null,
      ...(relayed ? { relayed } : {}),
    });
    const effects = this.take({ kind: 'bytes', link, bytes });
    this.pass(0);
    return this.said(link, effects).map((message) => (message.kind === 'refused' ? message.code : message.kind));
  }

  act(text: string): void {
    this.take({ kind: 'say', text, what: 'act' });
    this.pass(0);
  }

  get names(): string[] {
    return this.state.log.view.members.map(({ name }) => name);
  }
}

/** Said by a member on its link. */
function actBy(name: string, n: number, text: string): Uint8Array {
  const [crypto, id] = [cryptoOf(name), idBy(name)];
  const hash = hashOf(crypto, id, { base: '', lines: [{ n, time: 1, what: 'act', text }] });
  const cover = { from: n, signature: crypto.sign(coverOf(room, id, n, n, hash)) };
  return encodeOffer({ n, time: 1, apart: false, what: 'act', cover, text });
}

describe('who is let in', () => {
  it('nobody who is banned, until he is let in again', () => {
    const ann = new Played('ann');
    ann.act(`ban ${keyOf('bob')}`);
    expect(ann.comes(1, 'bob')).toEqual(['banned']);
    expect(ann.closed(1)).toBe(true);
    expect(ann.comes(2, 'bob', { relayed: true })).toEqual(['banned']);
    ann.act(`unban ${keyOf('bob')}`);
    expect(ann.comes(3, 'bob')).toEqual(['welcome', 'snapshot']);
  });

  it('with the former key of the room, those who are in it and come by themselves', () => {
    const ann = new Played('ann');
    ann.comes(1, 'bob');
    ann.act(`key ${roomKey('second')}`);
    expect(ann.comes(2, 'cat', { former: true })).toEqual(['other-key']);
    expect(ann.comes(3, 'bob', { former: true, relayed: true, knows: true })).toEqual(['other-key']);
    expect(ann.comes(4, 'bob', { former: true, knows: true })).toContain('welcome');
    expect(ann.comes(5, 'cat', { relayed: true })).toContain('welcome');
    expect(ann.names).toEqual(['ann', 'bob', 'cat']);
  });
});

describe('whoever is put out', () => {
  it.each([
    ['kick', 'kicked', 'ann has put you out of this room'],
    ['ban', 'banned', 'ann has banned you from this room'],
  ])('by %s goes before anything else is relayed, and is not called', (verb, code, message) => {
    const ann = new Played('ann');
    ann.comes(1, 'bob');
    ann.comes(2, 'cat');
    ann.take({ kind: 'say', text: `${verb} ${keyOf('bob')}`, what: 'act' });
    ann.take({ kind: 'say', text: `key ${roomKey('second')}`, what: 'act' });
    const before = ann.effects.length;
    ann.pass(0);
    const since = ann.effects.slice(before);
    const act: unknown = expect.objectContaining({ author: idBy('ann'), text: `${verb} ${keyOf('bob')}` });
    expect(ann.said(1, since)).toEqual([{ kind: 'refused', code, message, act }]);
    expect(ann.closed(1)).toBe(true);
    const relayed = ann.said(2, since).flatMap((one) => (one.kind === 'entry' ? [one.entry] : []));
    expect(relayed.map((entry) => (entry.kind === 'chat' ? entry.text : entry.kind))).toEqual([
      `${verb} ${keyOf('bob')}`,
      `key ${roomKey('second')}`,
      'left',
    ]);
    expect(relayed.at(-1)).toMatchObject({ id: idBy('bob'), why: 'kicked' });
    expect(ann.told()).toContainEqual(expect.objectContaining({ kind: 'left', why: 'kicked', by: 'ann' }));
    const dials = (): number => ann.effects.filter(({ kind }) => kind === 'dial').length;
    const dialled = dials();
    for (let left = 20; left > 0; left--) {
      ann.take({ kind: 'bytes', link: 2, bytes: clientSays.pong(idBy('cat'), ann.state.log.last) });
      ann.pass(500);
    }
    expect(dials()).toBe(dialled);
    expect(ann.names).toEqual(['ann', 'cat']);
  });

  it('takes with him the links that are carried, which are made anew', () => {
    const ann = new Played('ann');
    ann.comes(1, 'bob');
    ann.comes(2, 'cat', { relayed: true });
    ann.comes(3, 'dan');
    ann.act(`kick ${keyOf('bob')}`);
    expect([1, 2, 3].map((link) => ann.closed(link))).toEqual([true, true, false]);
    expect(ann.names).toEqual(['ann', 'cat', 'dan']);
  });

  it('is put out by whoever may, and by nobody else', () => {
    const ann = new Played('ann');
    ann.comes(1, 'bob');
    ann.comes(2, 'cat');
    const bobDoes = (n: number, text: string): void => {
      ann.take({ kind: 'bytes', link: 1, bytes: encodeFrame(idBy('bob'), 'CHAT', actBy('bob', n, text)) });
      ann.pass(0);
    };
    bobDoes(1, `kick ${keyOf('cat')}`);
    expect(ann.closed(2)).toBe(false);
    // It stands in the room, and counts for nothing: its author's next line has its place.
    expect(ann.state.log.authors.get(idBy('bob'))).toBe(1);
    ann.act(`op ${keyOf('bob')}`);
    bobDoes(2, `kick ${keyOf('cat')}`);
    expect(ann.closed(2)).toBe(true);
    bobDoes(3, `kick ${keyOf('ann')}`);
    expect(ann.names).toEqual(['ann', 'bob']);
    expect(ann.state.phase.kind).toBe('coordinating');
  });

  it('makes nothing up in the name of another', () => {
    const ann = new Played('ann');
    ann.comes(1, 'bob');
    ann.comes(2, 'cat');
    const forged = encodeFrame(idBy('bob'), 'CHAT', actBy('ann', 1, `kick ${keyOf('cat')}`));
    ann.take({ kind: 'bytes', link: 1, bytes: forged });
    ann.pass(0);
    expect(ann.closed(2)).toBe(false);
    expect(ann.said(1).at(-1)).toMatchObject({ kind: 'refused', code: 'proof' });
  });
});

describe('another key', () => {
  it('that others have is told once, until the room has another one', () => {
    const bob = member(entries());
    bob.take({ kind: 'closed', link: -1 });
    const warnings = (): number => bob.told().filter((event) => event.kind === 'warning').length;
    const fails = (link: number): unknown =>
      bob.take({ kind: 'failed', link, refused: true, message: 'has another key', otherKey: true });
    fails(-2);
    expect(bob.told()).toContainEqual(expect.objectContaining({ kind: 'warning', code: 'other-key' }));
    bob.pass(2000);
    for (const effect of bob.effects) if (effect.kind === 'dial') fails(effect.link);
    expect(bob.state.phase.kind).toBe('coordinating');
    expect(warnings()).toBe(1);
  });

  it('is told to whoever comes back to his room with the former one, and sits in it alone', () => {
    const bob = member(entries());
    bob.pass(0);
    const again = bob.again('bob');
    const dials = (): number[] => again.effects.flatMap((one) => (one.kind === 'dial' ? [one.link] : []));
    expect(dials()).toEqual([-1]);
    again.take({ kind: 'failed', link: -1, refused: true, message: 'has another key', otherKey: true });
    again.pass(1000);
    again.take({ kind: 'failed', link: -2, refused: true, message: 'refuses' });
    again.pass(5000);
    const warnings = again.told().filter((event) => event.kind === 'warning' && event.code === 'other-key');
    expect(warnings).toHaveLength(1);
    expect(again.state.phase.kind).toBe('coordinating');
  });

  it('ends whoever comes back to his room with the former one, where he was told to join', () => {
    const bob = member(entries());
    bob.pass(0);
    const again = bob.again('bob', ['10.0.0.1:6000']);
    again.take({ kind: 'failed', link: -1, refused: true, message: 'has another key', otherKey: true });
    again.pass(1000);
    again.take({ kind: 'failed', link: -2, refused: true, message: 'refuses' });
    again.pass(1000);
    again.take({ kind: 'failed', link: -3, refused: true, message: 'refuses' });
    again.pass(5000);
    expect(again.told().at(-1)).toMatchObject({ kind: 'refused', code: 'other-key' });
    expect(again.state.entered).toBe(false);
  });

  it('is told to the hands once', () => {
    const ann = new Played('ann');
    const keys = (): string[] => ann.effects.flatMap((effect) => (effect.kind === 'rekey' ? [effect.key] : []));
    ann.act(`key ${roomKey('second')}`);
    expect(keys()).toEqual([roomKey('second')]);
    ann.act(`op ${keyOf('bob')}`);
    ann.act(`key ${roomKey('second')}`);
    expect(keys()).toEqual([roomKey('second')]);
    ann.act(`key ${roomKey('third')}`);
    expect(keys()).toEqual([roomKey('second'), roomKey('third')]);
  });
});

// --- A member, whose coordinator is played ---

const memberBy = (name: string, joined: number): Member => {
  const { key, box } = cryptoOf(name);
  const vouch = vouchFor(cryptoOf(name), name);
  return { id: idBy(name), name, addresses: [`10.0.0.${joined}:6000`], joined, key, box, vouch };
};
const place = { epoch: 1, time: 1 };
const entries = (...more: readonly object[]): Entry[] =>
  [
    { kind: 'peers', count: 1, members: [memberBy('ann', 1)], lost: [] },
    { kind: 'joined', member: memberBy('bob', 2) },
    { kind: 'joined', member: memberBy('cat', 3) },
    ...more,
  ].map((entry, index) => ({ ...place, seq: index + 1, ...entry }) as Entry);

/** An act, as it is said in a refusal. */
function signedAct(name: string, n: number, text: string, time = n): Act {
  const crypto = cryptoOf(name);
  const { key, box } = crypto;
  const hash = hashOf(crypto, idBy(name), { base: '', lines: [{ n, time, what: 'act', text }] });
  const signature = crypto.sign(coverOf(room, idBy(name), n, n, hash));
  return { author: idBy(name), key, box, n, time, text, signature };
}

/** An act of the founder, as it stands in the log. */
const ruled = (n: number, ruling: string): object => {
  const { author, time, text, signature } = signedAct('ann', n, ruling);
  return { kind: 'chat', author, n, time, apart: false, what: 'act', cover: { from: n, signature }, text };
};
const kick = (n: number, about: string): object => ruled(n, `kick ${keyOf(about)}`);

const nothing: Snapshot = { ...emptySnapshot, seq: 0, founder: null, acts: [] };

/** ann lets a peer in that has dialled her, and gives it these; with a snapshot, unless it keeps what it has. */
function letIn(peer: Played, link: number, given: readonly Entry[], keep: number, snapshot = nothing): void {
  const says = (bytes: Uint8Array): void => void peer.take({ kind: 'bytes', link, bytes });
  const challenge = '0'.repeat(22);
  const channel = `channel ${link}`;
  peer.take({ kind: 'opened', link, channel });
  says(serverSays.connected());
  says(serverSays.challenge(challenge));
  const proof = prove(cryptoOf('ann'), { end: 'server', challenge, channel, id: idBy('ann') });
  const last = Math.max(keep, snapshot.seq, given.at(-1)?.seq ?? 0);
  says(serverSays.welcome({ room, keep, last, proof }));
  if (keep === 0) says(serverSays.snapshot(snapshot, cryptoOf('ann')));
  for (const entry of given) {
    const { sender, type, body } = entryFrame(entry);
    says(encodeFrame(sender, type, body));
  }
}

/** bob has been let in, and given these entries; ann coordinates. */
function member(given: readonly Entry[]): Played {
  const bob = new Played('bob', ['10.0.0.1:6000']);
  letIn(bob, -1, given, 0);
  expect(bob.state.entered).toBe(true);
  return bob;
}

describe('what somebody may not do, he is told', () => {
  const ops = (...names: readonly string[]): object[] =>
    names.map((name, index) => ruled(index + 1, `op ${keyOf(name)}`));
  const founded = 'ann founded this room: nobody puts out the founder';
  const noOp = 'you are no op here: the founder (ann) and its ops do that';
  it.each<[what: string, rulings: readonly object[], verb: Verb, about: string, message: string]>([
    ['who is no op', [], 'kick', 'cat', noOp],
    ['... about the key', [], 'key', 'third', noOp],
    ['... about the founder', [], 'ban', 'ann', noOp],
    ['... about an op', ops('cat'), 'ban', 'cat', noOp],
    ['an op, about the founder', ops('bob'), 'kick', 'ann', founded],
    ['... about an op', ops('bob', 'cat'), 'ban', 'cat', 'cat is an op: only the founder (ann) puts out an op'],
    ['... who names one', ops('bob'), 'op', 'cat', 'only the founder (ann) names ops'],
    ['... who takes that back', ops('bob', 'cat'), 'deop', 'cat', 'only the founder (ann) names ops'],
    ['... about himself', ops('bob'), 'kick', 'bob', 'that is you: /quit leaves'],
    ['who is none, about himself', [], 'ban', 'bob', 'that is you: /quit leaves'],
  ])('%s', (_, rulings, verb, about, message) => {
    const { state } = member(entries(...rulings));
    expect(forbidden(state, { verb, about: keyOf(about) })).toBe(message);
  });

  it('who founded the room, about himself', () => {
    const { state } = new Played('ann');
    const about = keyOf('ann');
    expect(forbidden(state, { verb: 'kick', about })).toMatch(/^you founded this room: .*\/quit leaves$/u);
    expect(forbidden(state, { verb: 'op', about })).toBe('you founded this room: you are more than an op');
  });
});

/** What was ruled cannot be left out by whoever coordinates: dan is banned, and the key is the third. */
describe('a coordinator that goes back behind what was ruled', () => {
  const rulings = [
    ruled(1, `key ${roomKey('second')}`),
    ruled(2, `ban ${keyOf('dan')}`),
    ruled(3, `key ${roomKey('third')}`),
  ];
  const keysOf = (peer: Played): string[] => peer.effects.flatMap((one) => (one.kind === 'rekey' ? [one.key] : []));
  const view = { epoch: 1, count: 3, members: [memberBy('ann', 1), memberBy('bob', 2), memberBy('cat', 3)] };
  const charter = { founder: { key: cryptoOf('ann').key, box: cryptoOf('ann').box } };
  const [first] = [signedAct('ann', 1, `key ${roomKey('second')}`)];
  const lineage = [{ epoch: 1, coordinator: idBy('ann'), first: 1 }];

  it.each<[what: string, lies: (bob: Played) => void]>([
    ['by a log that ends before', (bob) => letIn(bob, -2, [], 3)],
    ['by a log that has an older key only', (bob) => letIn(bob, -2, [], 4)],
    ['by a snapshot without acts', (bob) => letIn(bob, -2, [], 0, { ...nothing, ...charter, seq: 6, view, lineage })],
    [
      'by a snapshot with the older key',
      (bob) => letIn(bob, -2, [], 0, { ...nothing, ...charter, acts: [first], seq: 6, view, lineage }),
    ],
    ['by a snapshot without a founder', (bob) => letIn(bob, -2, [], 0, { ...nothing, seq: 6, view, lineage })],
  ])('%s changes nothing for whoever has seen it', (_, lies) => {
    const bob = member(entries(...rulings));
    bob.pass(0);
    expect(keysOf(bob)).toEqual([roomKey('third')]);
    bob.take({ kind: 'closed', link: -1 });
    lies(bob);
    bob.pass(0);
    expect(bob.state.phase.kind).toBe('joined');
    expect(keysOf(bob)).toEqual([roomKey('third')]);
    // And when it coordinates, it lets nobody in who is banned.
    bob.take({ kind: 'closed', link: -2 });
    bob.pass(0);
    bob.take({ kind: 'failed', link: -3, refused: true, message: 'refuses' });
    bob.comes(1, 'cat', { knows: true });
    bob.pass(1000);
    expect(bob.state.phase.kind).toBe('coordinating');
    expect(bob.comes(2, 'dan')).toEqual(['banned']);
  });

  it('and brings an op back who is none any more, does so for nobody', () => {
    const op = ruled(1, `op ${keyOf('cat')}`);
    const bob = member(entries(op, ruled(2, `deop ${keyOf('cat')}`)));
    bob.take({ kind: 'closed', link: -1 });
    const acts = [signedAct('ann', 1, `op ${keyOf('cat')}`)];
    letIn(bob, -2, [], 0, { ...nothing, ...charter, acts, seq: 6, view, lineage });
    expect([...rulesOf(inForce(bob.state)).ops]).toEqual([]);
  });
});

describe('a member', () => {
  it.each([
    ['kicked', 'kick', 'ann has put you out of this room'],
    ['banned', 'ban', 'ann has banned you from this room'],
  ] as const)('that is told it is %s goes for good', (code, verb, message) => {
    const bob = member(entries());
    const act = signedAct('ann', 1, `${verb} ${keyOf('bob')}`, 1e12);
    bob.take({ kind: 'bytes', link: -1, bytes: serverSays.refused({ code, message: 'go', act }) });
    expect(bob.told().slice(-2)).toEqual([
      { kind: 'refused', code, message },
      { kind: 'gone', unsent: 0, untold: 0 },
    ]);
    expect(bob.state.phase.kind).toBe('left');
    const dials = bob.effects.filter(({ kind }) => kind === 'dial').length;
    bob.pass(60_000);
    expect(bob.effects.filter(({ kind }) => kind === 'dial').length).toBe(dials);
  });

  it.each<[what: string, act: Act | undefined]>([
    ['there is no act', undefined],
    ['it is about somebody else', signedAct('ann', 1, `kick ${keyOf('cat')}`, 1e12)],
    ['it is by one who may not', signedAct('cat', 1, `kick ${keyOf('bob')}`, 1e12)],
    ['its signature is false', { ...signedAct('ann', 1, `kick ${keyOf('bob')}`, 1e12), n: 2 }],
    ['it makes somebody an op', signedAct('ann', 1, `op ${keyOf('bob')}`, 1e12)],
    ['it is from long before this start', signedAct('ann', 1, `kick ${keyOf('bob')}`, 1e12 - limits.kickSkewMs - 1)],
  ])('does not go for a mere word: %s', (_, act) => {
    for (const code of ['kicked', 'banned', 'other-key'] as const) {
      const bob = member(entries());
      const refusal = { code, message: 'go', ...(act === undefined ? {} : { act }) };
      bob.take({ kind: 'bytes', link: -1, bytes: serverSays.refused(refusal) });
      expect(bob.state.phase.kind).toBe('seeking');
      expect(bob.state.out).toBe(null);
    }
  });

  it('does not go for an act that stands in its log already', () => {
    const bob = member(entries({ ...kick(1, 'dan') }));
    const act = signedAct('ann', 1, `kick ${keyOf('bob')}`, 1e12);
    bob.take({ kind: 'bytes', link: -1, bytes: serverSays.refused({ code: 'kicked', message: 'go', act }) });
    expect(bob.state.out).toBe(null);
  });

  it('that coordinates next sees to what its coordinator did not see to any more', () => {
    const bob = member(entries(kick(1, 'cat')));
    bob.take({ kind: 'closed', link: -1 });
    bob.take({ kind: 'failed', link: -2, refused: true, message: 'refuses' });
    bob.pass(0);
    expect(bob.state.phase.kind).toBe('regrouping');
    expect(bob.comes(1, 'cat', { knows: true })).toEqual(['kicked']);
    expect(bob.said(1).at(-1)).toMatchObject({
      kind: 'refused',
      code: 'kicked',
      message: 'ann has put you out of this room',
    });
    const reign = [...bob.state.log.entries(1)].findLast(({ kind }) => kind === 'peers');
    expect(reign).toMatchObject({
      lost: [
        { id: idBy('ann'), why: 'ended' },
        { id: idBy('cat'), why: 'kicked' },
      ],
    });
    expect([...bob.state.lost.keys()]).toEqual([idBy('ann')]);
  });

  it('that is put out itself, and coordinates by then, leaves the room to the next', () => {
    const bob = member(entries(kick(1, 'bob')));
    bob.take({ kind: 'closed', link: -1 });
    bob.take({ kind: 'failed', link: -2, refused: true, message: 'refuses' });
    bob.comes(1, 'cat', { knows: true });
    bob.pass(5000);
    const last = bob.said(1).at(-1);
    expect(last).toMatchObject({ kind: 'coordinator', addresses: ['10.0.0.3:6000'] });
    expect(bob.told().find(({ kind }) => kind === 'refused')).toMatchObject({ code: 'kicked' });
    expect(bob.told().at(-1)?.kind).toBe('gone');
  });

  it('carries nobody who has only the former key', () => {
    const bob = member(entries());
    bob.take({ kind: 'accepted', link: 1, host: '10.0.0.7', channel: 'x', former: true });
    bob.take({ kind: 'bytes', link: 1, bytes: clientSays.through(idBy('dan')) });
    expect(bob.said(1).at(-1)).toMatchObject({ kind: 'refused', code: 'other-key' });
    expect(bob.closed(1)).toBe(true);
  });
});
