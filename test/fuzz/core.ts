/**
 * A whole core, and a world that lies to it. An input is a script: which role the peer plays when it begins, and then
 * what happens to it, act by act: bytes over one of its links, links that come and go, time that passes. Whatever
 * happens, `step` throws nothing, what a peer holds stays within its bounds, and strangers change nothing.
 */
import { encodeOffer, entryFrame, type ChatEntry, type Entry } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { idOf, prove, roomOf, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot } from '../../src/core/log.ts';
import { step } from '../../src/core/machine.ts';
import { clientSays, serverSays, type Auth } from '../../src/core/message.ts';
import { Random } from '../../src/core/random.ts';
import { createState } from '../../src/core/setup.ts';
import type { State } from '../../src/core/state.ts';
import type { Effect, Input, LinkId } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import { toyCrypto } from '../core/toy.ts';
import { broken } from './invariant.ts';
import { mutate, mutateFrame } from './mutate.ts';
import { must, same, type Target } from './target.ts';
import { frames } from './wire.ts';

const options = { pingMs: 250, silenceMs: 1000, backoffMs: 50, history: 20, keep: 20 };
const names = ['ann', 'bob', 'cat', 'dan'];

/** Those who may be in the room: the peer itself is the first of them. */
const people = names.map((name, at) => {
  const crypto = toyCrypto(100 + at);
  const id = idOf(crypto, crypto.key, crypto.box);
  const member = {
    id,
    name,
    addresses: [`10.0.0.${at + 1}:6000`],
    key: crypto.key,
    box: crypto.box,
    vouch: vouchFor(crypto, name),
  };
  return { crypto, id, member };
});
export type Somebody = (typeof people)[number];
const [ann, bob, cat, dan] = people as [Somebody, Somebody, Somebody, Somebody];
const asMember = ({ member }: Somebody, place: number): Member => ({ ...member, joined: place });
/** The room that bob has founded. */
const bobs = roomOf(bob.crypto, bob.crypto.key, bob.crypto.box);

const asBytes = (entry: Entry): Uint8Array => {
  const { sender, type, body } = entryFrame(entry);
  return encodeFrame(sender, type, body);
};

export class Stage {
  readonly state: State;
  ms = 1000;
  /** Links that the peer has, as the world knows. */
  readonly links: LinkId[] = [];
  accepted = 0;
  /** Links that were dialled and are open: those fail no more. */
  readonly opened = new Set<LinkId>();

  /** Ann, as the room knows her; without an address she can never coordinate. */
  readonly self: Member;

  constructor(addressed = true) {
    const { name } = ann.member;
    const addresses = addressed ? ann.member.addresses : [];
    this.self = { ...asMember(ann, 2), addresses };
    this.state = createState({ name, addresses, options, seed: [5], crypto: toyCrypto(100), keeps: true });
  }

  feed(input: Input, size = 0): Effect[] {
    const effects = step(this.state, input, { ms: this.ms, wall: Math.round(1e12 + this.ms) });
    must(effects.length <= 1000 + size, `${input.kind} has ${effects.length} effects`);
    for (const effect of effects) {
      if (effect.kind === 'dial') this.links.push(effect.link);
      else if (effect.kind === 'close') this.#forget(effect.link);
    }
    const faults = broken(this.state);
    must(faults.length === 0, faults.join('; '));
    return effects;
  }

  #forget(link: LinkId): void {
    const at = this.links.indexOf(link);
    if (at !== -1) this.links.splice(at, 1);
  }

  hear(link: LinkId, ...parts: readonly Uint8Array[]): void {
    this.opened.add(link);
    for (const bytes of parts) this.feed({ kind: 'bytes', link, bytes }, bytes.length);
  }

  end(kind: 'closed' | 'failed', link: LinkId): void {
    this.#forget(link);
    this.feed(
      kind === 'closed' ? { kind, link } : { kind, link, refused: link % 2 === 0, hungUp: link % 3 === 0, message: '' },
    );
  }

  pass(ms: number): void {
    const until = this.ms + ms;
    let turns = 0;
    while (this.state.due <= until) {
      must(turns++ < 3000, 'the alarm rings all the time');
      this.ms = Math.max(this.ms, this.state.due);
      this.feed({ kind: 'alarm' });
    }
    this.ms = until;
  }

  accept(): LinkId {
    const link = ++this.accepted;
    this.links.push(link);
    this.feed({ kind: 'accepted', link, host: `10.0.1.${link % 4}`, channel: `c${link}` });
    return link;
  }

  /** Somebody says truly who it is, and of its log what it likes. */
  admit(link: LinkId, { crypto, id, member }: Somebody, given: Partial<Auth> = {}): void {
    const one = this.state.links.get(link);
    if (one === undefined) return;
    const { name, addresses, key, box, vouch } = member;
    const proof = prove(crypto, {
      end: 'client',
      challenge: one.challenge,
      channel: given.relayed === true ? '' : one.channel,
      id,
    });
    const auth: Auth = {
      version: limits.wireVersion,
      name,
      addresses,
      key,
      box,
      vouch,
      proof,
      room: null,
      lineage: [],
      first: 1,
      last: 0,
      coordinates: null,
      ...given,
    };
    this.hear(link, clientSays.auth(id, auth));
  }

  /** Bob lets ann into his room, over a link that she has dialled. */
  welcome(link: LinkId, keep: number, last: number): void {
    const challenge = 'c'.repeat(22);
    const channel = this.state.links.get(link)?.channel ?? '';
    const proof = prove(bob.crypto, { end: 'server', challenge, channel, id: bob.id });
    this.hear(link, serverSays.connected(), serverSays.challenge(challenge));
    this.hear(link, serverSays.welcome({ room: bobs, keep, last, proof }));
  }
}

const reign: Entry = { kind: 'peers', epoch: 1, seq: 1, time: 0, count: 1, members: [asMember(bob, 1)], lost: [] };
const comes = (who: Somebody, seq: number): Entry => ({
  kind: 'joined',
  epoch: 1,
  seq,
  time: 0,
  member: asMember(who, seq),
});
const line = (author: string, n: number, seq: number): ChatEntry => ({
  kind: 'chat',
  epoch: 1,
  seq,
  author,
  n,
  time: 0,
  apart: false,
  text: `${n}`,
});

// --- Where a script begins ---

function coordinating(stage: Stage): void {
  stage.feed({ kind: 'start', join: [] });
  stage.pass(0);
  for (const who of [bob, cat]) stage.admit(stage.accept(), who);
  stage.feed({ kind: 'say', text: 'hello' });
  stage.pass(0);
}

function joined(stage: Stage): void {
  stage.feed({ kind: 'start', join: ['10.0.0.2:6000'] });
  stage.feed({ kind: 'opened', link: -1, channel: 'd1' });
  stage.welcome(-1, 0, 3);
  const entries = [reign, { ...comes(ann, 2), member: stage.self }, comes(cat, 3)].map(asBytes);
  stage.hear(-1, serverSays.snapshot(emptySnapshot, bob.crypto), ...entries, asBytes(line(cat.id, 1, 4)));
  stage.feed({ kind: 'say', text: 'hello' });
  stage.pass(0);
}

/** Everybody else is out of reach, and ann dials, or is elected. */
function alone(stage: Stage): void {
  joined(stage);
  stage.end('closed', -1);
}

const beginnings: readonly (readonly [string, (stage: Stage) => void])[] = [
  ['coordinating', coordinating],
  ['joined', joined],
  ['seeking', (stage) => stage.feed({ kind: 'start', join: ['10.0.0.2:6000', '10.0.0.3:6000'] })],
  ['looking', alone],
  [
    'regrouping',
    (stage) => {
      alone(stage);
      for (const link of stage.links.slice()) stage.end('failed', link);
      stage.pass(0);
    },
  ],
  [
    'handing',
    (stage) => {
      coordinating(stage);
      stage.pass(200);
      stage.feed({ kind: 'leave' });
    },
  ],
  [
    'relaying',
    (stage) => {
      joined(stage);
      stage.hear(stage.accept(), clientSays.through(dan.id));
    },
  ],
  [
    'calling',
    (stage) => {
      coordinating(stage);
      stage.end('closed', 1);
      for (const link of stage.links.filter((one) => one < 0)) stage.end('failed', link);
      stage.pass(600);
    },
  ],
  [
    'carried',
    (stage) => {
      joined(stage);
      if (stage.state.phase.kind !== 'joined') return;
      Object.assign(stage.state.phase, { relayed: true, probeAt: stage.ms, via: ['10.0.0.3:6000'] });
      stage.feed({ kind: 'alarm' });
    },
  ],
  [
    'leaving',
    (stage) => {
      joined(stage);
      // The echo of what ann has said.
      stage.hear(-1, asBytes({ ...line(ann.id, 1, 5), time: stage.state.now.wall, text: 'hello' }));
      stage.feed({ kind: 'leave' });
    },
  ],
];

/** Nobody founds a room who cannot be dialled. */
const founding = new Set(['coordinating', 'handing', 'calling']);

// --- What happens ---

const acts = [
  'bytes',
  'bytes',
  'bytes',
  'bytes',
  'auth',
  'accepted',
  'closed',
  'failed',
  'opened',
  'full',
  'drained',
  'time',
  'say',
  'leave',
  'welcome',
] as const;

/** A script: the beginning, whether only strangers act (1) and ann has no address (2), then acts as `kind, which, length (2), bytes`. */
function script(
  beginning: number,
  flags: number,
  list: readonly (readonly [number, number, Uint8Array])[],
): Uint8Array {
  const head = Uint8Array.of(beginning, flags);
  return Buffer.concat([
    head,
    ...list.flatMap(([kind, which, { length }], at) => [
      Uint8Array.of(kind, which, length >> 8, length & 255),
      (list[at] as readonly [number, number, Uint8Array])[2],
    ]),
  ]);
}

/** What somebody in this room could say, if it were true. */
function likely(random: Random): Uint8Array {
  const who = random.pick(people);
  const n = 1 + random.below(4);
  const seq = 1 + random.below(8);
  const other = random.chance(0.5) ? random.pick(people).id : 'xxxxxxxxxx';
  const entry: Entry = random.pick<Entry>([
    line(other, n, seq),
    { ...line(other, n, seq), what: 'seal', text: '', cover: { from: n, signature: 's'.repeat(86) } },
    { ...line(other, n * 5000, seq), apart: true },
    {
      kind: 'left',
      epoch: 1,
      seq,
      time: 0,
      id: random.pick(people).id,
      why: random.pick(['left', 'ended', 'silent', 'handover'] as const),
    },
    { kind: 'joined', epoch: 1, seq, time: 0, member: asMember(dan, seq) },
    {
      kind: 'peers',
      epoch: 1 + random.below(3),
      seq,
      time: 0,
      count: 9,
      members: [asMember(random.pick(people), 4)],
      lost: [{ id: random.pick(people).id, why: 'silent' }],
    },
    {
      kind: 'peers',
      epoch: 2,
      seq,
      time: 0,
      count: 9,
      members: [{ ...asMember(random.pick(people), 4), addresses: [] }, asMember(dan, 5)],
      lost: [],
    },
  ]);
  const signature = random.chance(0.5) ? 's'.repeat(86) : bob.crypto.sign(Uint8Array.of(1));
  const coordinates = people.map(({ id }) => id).slice(random.below(4));
  return random.pick<() => Uint8Array>([
    () => asBytes(entry),
    () => asBytes(entry),
    () => clientSays.held(who.id, entryFrame(entry)),
    () => clientSays.held(who.id, entryFrame(entry)),
    () => encodeFrame(who.id, 'CHAT', encodeOffer({ n, time: 0, apart: false, text: 'offered' })),
    () =>
      encodeFrame(
        who.id,
        'CHAT',
        encodeOffer({ n, time: 0, apart: false, text: '', what: 'seal', cover: { from: n, signature } }),
      ),
    () => clientSays.pong(who.id, seq, random.chance(0.5) ? seq : undefined),
    () => clientSays.leave(who.id),
    () => clientSays.through(who.id),
    () => serverSays.connected(),
    () => serverSays.challenge('d'.repeat(22)),
    () => serverSays.ping(),
    () => serverSays.fetch(random.below(5)),
    () => serverSays.electing(random.below(100)),
    () => serverSays.coordinator([`10.0.0.${1 + random.below(5)}:6000`]),
    () => serverSays.seen({ seq, have: 1, of: 2, lack: [other] }),
    () => serverSays.welcome({ room: bobs, keep: random.below(6), last: random.below(9), proof: signature }),
    () =>
      serverSays.snapshot(
        {
          ...emptySnapshot,
          seq: 3,
          view: { epoch: 1, count: 9, members: [asMember(bob, 1)] },
          authors: new Map([[other, n]]),
          lineage: [{ epoch: 1, coordinator: bob.id, first: 1 }],
        },
        bob.crypto,
      ),
    () =>
      serverSays.refused({
        code: random.pick([
          'stay',
          'yield',
          'name-taken',
          'not-coordinator',
          'no-way',
          'dropped',
          'other-room',
        ] as const),
        message: 'no',
        coordinates,
        common: seq,
        free: 'eve',
      }),
    () => random.pick(frames()),
  ])();
}

function make(random: Random): Uint8Array {
  const flags = (random.chance(0.25) ? 1 : 0) + (random.chance(0.25) ? 2 : 0);
  const list = Array.from({ length: 1 + random.below(10) }, (): [number, number, Uint8Array] => {
    const kind = random.below(acts.length);
    let bytes = new Uint8Array(0);
    if (acts[kind] === 'bytes') {
      const parts = Array.from({ length: 1 + random.below(3) }, () =>
        random.chance(0.6) ? likely(random) : mutateFrame(random, likely(random), likely(random)),
      );
      bytes = new Uint8Array(Buffer.concat(parts)).subarray(0, 0xffff);
    } else if (acts[kind] === 'auth' || acts[kind] === 'time')
      bytes = Uint8Array.from({ length: 4 }, () => random.below(256));
    return [kind, random.below(8), bytes];
  });
  const made = script(random.below(beginnings.length), flags, list);
  return random.chance(0.1) ? mutate(random, made, made) : made;
}

function authFrom(state: State, given: Uint8Array): Partial<Auth> {
  const [a = 0, b = 0, c = 0, d = 0] = given;
  const { lineage, last, first } = state.log;
  const mine = { room: state.room, lineage, last, first };
  const more = { room: state.room, lineage, last: last + (b % 8), first: 1 };
  const lies = {
    room: state.room,
    lineage: [...lineage, { epoch: 900 + c, coordinator: 'zz', first: last + 1 }].slice(-limits.lineageMax),
    last: last + 5,
    first: b + 1,
  };
  const log = [{}, mine, more, lies][a % 4] ?? {};
  return {
    ...log,
    ...(c % 4 === 0 ? { coordinates: people.map(({ id }) => id).slice(c % 3) } : {}),
    ...(d % 4 === 0 ? { relayed: true } : {}),
    ...(d % 8 === 1 ? { addresses: [] } : {}),
  };
}

/** Whose link it is that strangers must keep away from. */
function isTheirs(state: State, link: LinkId): boolean {
  const kind = state.links.get(link)?.end.kind;
  return kind === 'stranger' || kind === 'sent-away' || kind === undefined;
}

function act(stage: Stage, kind: number, which: number, bytes: Uint8Array, strangers: boolean): void {
  const link = stage.links[which % Math.max(1, stage.links.length)] ?? 1;
  const name = acts[kind % acts.length];
  if (strangers && !(name === 'accepted' || (name === 'bytes' && isTheirs(stage.state, link)))) return;
  switch (name) {
    case 'bytes': {
      const size = 1 + ((which * 37) % 600);
      for (let at = 0; at < bytes.length; at += size) stage.hear(link, bytes.subarray(at, at + size));
      return;
    }
    case 'auth':
      return stage.admit(
        stage.links.findLast((one) => one > 0 && isTheirs(stage.state, one)) ?? stage.accept(),
        people[which % people.length] as Somebody,
        authFrom(stage.state, bytes),
      );
    case 'accepted':
      stage.accept();
      return;
    case 'closed':
      return stage.end('closed', link);
    case 'failed':
      return link < 0 && !stage.opened.has(link) ? stage.end('failed', link) : undefined;
    case 'opened':
      if (link < 0 && !stage.opened.has(link)) stage.feed({ kind: 'opened', link, channel: `o${link}` });
      stage.opened.add(link);
      return;
    case 'full':
    case 'drained':
      stage.feed({ kind: name, link });
      return;
    case 'time':
      return stage.pass(((bytes[0] ?? 0) % 2 === 0 ? 1 : 40) * (bytes[1] ?? 10));
    case 'say':
      stage.feed({ kind: 'say', text: `said ${which}` });
      return stage.pass(0);
    case 'leave':
      stage.feed({ kind: 'leave' });
      return;
    case 'welcome':
      if (link < 0) stage.welcome(link, which % 5, 3 + (which % 3));
      return;
    default:
  }
}

/** What nobody but its members may change of a room. */
function ofRoom({ log, phase, room, self }: State): unknown {
  const members = phase.kind === 'coordinating' ? phase.members : phase.kind === 'joined' ? phase.link : null;
  return [room, self, log.last, log.view, log.lineage, new Map(log.authors), phase.kind, members];
}

export const core: readonly Target[] = [
  {
    name: 'core',
    share: 30,
    make,
    check: (input) => {
      const [beginning = 0, flags = 0] = input;
      const [role, begin] = beginnings[beginning % beginnings.length] as (typeof beginnings)[number];
      const stage = new Stage((flags & 2) === 0 || founding.has(role));
      begin(stage);
      const strangers = (flags & 1) === 1;
      const before = ofRoom(stage.state);
      let turns = 0;
      for (let at = 2; at + 4 <= input.length && turns < 50; turns++) {
        const [kind = 0, which = 0, high = 0, low = 0] = input.subarray(at, at + 4);
        const end = at + 4 + high * 256 + low;
        act(stage, kind, which, input.subarray(at + 4, end), strangers);
        at = end;
      }
      if (strangers) same(ofRoom(stage.state), before, 'strangers change nothing');
    },
  },
];

/** What role each beginning leads to: a script must begin where it says. */
export function roles(): [string, string][] {
  return beginnings.map(([name, begin]) => {
    const stage = new Stage();
    begin(stage);
    const { state } = stage;
    const kinds = Array.from(state.links.values(), ({ end }) => end.kind);
    return [name, `${state.phase.kind}: ${kinds.toSorted().join(' ')}`];
  });
}
