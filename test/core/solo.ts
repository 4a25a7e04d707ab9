/**
 * One core, alone: the test plays the world. Links are numbers, what comes over them is written by hand, and time
 * passes only when the test says so.
 */
import { prove, vouchFor, type Proof } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { step } from '../../src/core/machine.ts';
import { clientSays, serverSays, type Auth, type Welcome } from '../../src/core/message.ts';
import { emptySnapshot, type Snapshot } from '../../src/core/log.ts';
import { createState } from '../../src/core/setup.ts';
import type { Options, State } from '../../src/core/state.ts';
import type { Effect, Event, Input, LinkId } from '../../src/core/step.ts';
import { entryFrame, type ChatEntry, type Entry } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import type { Member } from '../../src/core/view.ts';
import { concat, framesIn, line, textOf } from './table.ts';
import { keyOf, toyCrypto, whoIs } from './toy.ts';

const options: Options = { pingMs: 250, silenceMs: 1000, backoffMs: 50, history: 1000, keep: 1000 };

export class Solo {
  readonly state: State;
  ms = 1000;

  constructor(name: string, given: Partial<Options> = {}, addresses: readonly string[] = ['10.0.0.1:6000']) {
    const seed = [name.charCodeAt(0), 1, 2];
    const crypto = toyCrypto(name.charCodeAt(0), keyOf(`${name}0000000`));
    this.state = createState({ name, addresses, options: { ...options, ...given }, seed, crypto });
  }

  get id(): string {
    return this.state.self.id;
  }

  /** Itself, as the one at that place of the view. */
  member(joined: number): Member {
    const { self, crypto } = this.state;
    const { id, name, addresses } = self;
    return { id, name, addresses, joined, key: crypto.key, box: crypto.box, vouch: vouchFor(crypto, name) };
  }

  /** What the room makes of an own line that waits. */
  echo(n: number, seq: number): ChatEntry {
    const offer = this.state.delivery.unacknowledged.find((one) => one.n === n);
    return line(this.id, n, seq, { ...offer, n });
  }

  feed(input: Input): Effect[] {
    return step(this.state, input, { ms: this.ms, wall: 1_000_000 + this.ms });
  }

  /** Bytes that come over a link. */
  hear(link: LinkId, ...parts: readonly Uint8Array[]): Effect[] {
    return parts.flatMap((bytes) => this.feed({ kind: 'bytes', link, bytes }));
  }

  /** Lets time pass, and rings the alarm whenever it is due. */
  pass(ms: number): Effect[] {
    const until = this.ms + ms;
    const effects: Effect[] = [];
    for (let turn = 0; this.state.due <= until; turn++) {
      if (turn > 10_000) throw new Error('the alarm is always due');
      this.ms = Math.max(this.ms, this.state.due);
      effects.push(...this.feed({ kind: 'alarm' }));
    }
    this.ms = until;
    return effects;
  }

  /** A stranger dials, and hears the greeting. Only the two ends of its link know the channel. */
  accept(link: LinkId, host = '127.0.0.1'): Effect[] {
    return this.feed({ kind: 'accepted', link, host, channel: `channel ${link}` });
  }

  /** A stranger says who it is, and proves it to this link. */
  introduce(link: LinkId, id: string, given: Partial<Auth> = {}): Effect[] {
    return this.hear(link, clientSays.auth(id, authOf(id, given, this.state.links.get(link))));
  }

  /** A stranger dials and says who it is. */
  admit(link: LinkId, id: string, given: Partial<Auth> = {}): Effect[] {
    return [...this.accept(link), ...this.introduce(link, id, given)];
  }
}

/** What a proof is about. */
type Wire = Pick<Proof, 'challenge' | 'channel'>;

/** What every server of these tables says, and no link is encrypted that this peer dials. */
const wire: Wire = { challenge: 'c'.repeat(22), channel: '' };
export const greeting = concat([serverSays.connected(), serverSays.challenge(wire.challenge)]);

/** What the one with that id proves, by that key. */
export function proofOf(id: string, end: Proof['end'], { challenge, channel }: Wire, key = keyOf(id)): string {
  return prove(toyCrypto(1, key), { end, challenge, channel, id });
}

export function authOf(id: string, given: Partial<Auth> = {}, { challenge, channel }: Wire = wire): Auth {
  const { name = 'bob', addresses = [`${name}.lan:6000`], relayed = false, key = keyOf(id) } = given;
  return {
    version: limits.wireVersion,
    name,
    addresses,
    room: null,
    ...whoIs(id, name),
    proof: proofOf(id, 'client', { challenge, channel: relayed ? '' : channel }, key),
    lineage: [],
    first: 1,
    last: 0,
    coordinates: null,
    ...given,
  };
}

/** What the coordinator with that id welcomes with, on a link that this peer has dialled. */
export function welcome(given: Omit<Welcome, 'proof'>, by: string = host.id, on: Wire = wire): Uint8Array {
  return serverSays.welcome({ ...given, proof: proofOf(by, 'server', on) });
}

export function snapshot(one: Snapshot): Uint8Array {
  return serverSays.snapshot(one, toyCrypto(1));
}

/** Somebody with that id. */
export function somebody(id: string, name: string, joined: number, addresses = [`${name}.lan:6000`]): Member {
  return { id, name, addresses, joined, ...whoIs(id, name) };
}

/** The founder of a room. */
export function founder(given: Partial<Options> = {}): Solo {
  const solo = new Solo('ann', given);
  solo.feed({ kind: 'start', join: [] });
  solo.pass(0);
  return solo;
}

export const room = 'aaaaaaaaaa';
export const host = somebody('host000000', 'hal', 1, ['10.0.0.7:6000']);

/** A member of hal's room, over link -1. */
export function guest(given: Partial<Options> = {}): Solo {
  const solo = new Solo('ann', given);
  solo.feed({ kind: 'start', join: ['10.0.0.7:6000'] });
  solo.feed({ kind: 'opened', link: -1, channel: '' });
  const begin: Entry = { kind: 'peers', epoch: 1, seq: 1, time: 0, count: 1, members: [host], lost: [] };
  const joined: Entry = { kind: 'joined', epoch: 1, seq: 2, time: 0, member: solo.member(2) };
  solo.hear(-1, greeting, welcome({ room, keep: 0, last: 2 }));
  solo.hear(-1, snapshot(emptySnapshot), entry(begin), entry(joined));
  solo.pass(0);
  return solo;
}

export function entry(one: Entry): Uint8Array {
  const { sender, type, body } = entryFrame(one);
  return encodeFrame(sender, type, body);
}

// --- What came of it ---

/** The bytes sent over a link, as text. */
export function raw(effects: readonly Effect[], link: LinkId): string {
  return effects.map((effect) => (effect.kind === 'send' && effect.link === link ? textOf(effect.bytes) : '')).join('');
}

/** The bodies of the frames sent over a link. */
export function said(effects: readonly Effect[], link: LinkId): string[] {
  return effects.flatMap((effect) =>
    effect.kind === 'send' && effect.link === link ? framesIn(effect.bytes).map(({ body }) => textOf(body)) : [],
  );
}

export function closed(effects: readonly Effect[]): LinkId[] {
  return effects.flatMap((effect) => (effect.kind === 'close' ? [effect.link] : []));
}

export function dialled(effects: readonly Effect[]): (readonly string[])[] {
  return effects.flatMap((effect) => (effect.kind === 'dial' ? [effect.addresses] : []));
}

export function events<Kind extends Event['kind']>(
  effects: readonly Effect[],
  kind: Kind,
): Extract<Event, { kind: Kind }>[] {
  return effects.flatMap((effect) =>
    effect.kind === 'tell' && effect.event.kind === kind ? [effect.event as Extract<Event, { kind: Kind }>] : [],
  );
}
