/**
 * A visit: goes into a room as a newcomer, has itself called back, and says goodbye. It tells whether this machine gets
 * in, and whether others get through to it; nothing is said, kept or founded.
 *
 * Nobody is asked "can you reach me?", for no such question is on the wire: whoever could ask it could have a room knock
 * at any door. But whoever coordinates calls a member whose link breaks, at once, at the addresses that it gave. So the
 * visitor hangs up without a word, comes again at once, and waits for the call that the first made necessary. It has
 * come back by then: whether the call gets through or not, the room has seen one who joined and left.
 *
 * The visitor is nobody: its key is thrown away, and its name is made up, or people would be warned of a stranger under
 * the name of somebody they know.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import type { Crypto } from './core/crypto.ts';
import { ProtocolError } from './core/errors.ts';
import { Decoder } from './core/frame.ts';
import { idOf, prove, vouchFor } from './core/identity.ts';
import { limits } from './core/limits.ts';
import { clientSays, parseServer, serverSays, type ServerMessage } from './core/message.ts';
import { whyRefused } from './core/refusal.ts';
import { coordinatorOf, type Member, type PeerId } from './core/view.ts';
import { dial } from './io/client.ts';
import { createCrypto } from './io/crypto.ts';
import { Identity } from './io/identity.ts';
import type { Keyring } from './io/keyring.ts';
import { Link } from './io/link.ts';
import { unencrypted } from './io/secure.ts';

/** How long the room has to let a visitor in, and to send it what stands there, ms: as long as a regroup takes. */
const entryMs = 10_000;
/** How long the call may take, ms: the room gives up on it after 200, or a fifth of its silence. */
const callMs = 1500;

/** Why the visitor did not get in. */
export interface Outside {
  readonly kind: 'outside';
  /**
   * `unreachable`: nobody answers. Else somebody does: `key`, who has another one, or none; `clear`, who does not
   * encrypt, and `encrypted`, who does, as we do not.
   */
  readonly why: 'unreachable' | 'key' | 'clear' | 'encrypted' | 'version' | 'refused';
  /** A line: `10.0.0.5:6000 refuses: nobody listens there`. */
  readonly message: string;
}

export interface Inside {
  readonly kind: 'inside';
  readonly coordinator: Pick<Member, 'name' | 'addresses'> | undefined;
  /** The host that was dialled in the end: the coordinator's, unless a member carries the visitor. */
  readonly host: string;
  /** The member that carried the visitor, since the coordinator is not to be reached from here. */
  readonly carriedBy: string | undefined;
  /** By how much the coordinator's clock is before ours, ms. */
  readonly skewMs: number;
  /** At which of our addresses the room got through to us; undefined when it did not. */
  readonly reachedAt: string | undefined;
}

export interface Visitor {
  /** Members to go in by, tried in turn, each by its addresses (`host:port`). */
  readonly to: readonly (readonly string[])[];
  /** Where this machine says that it can be dialled; none: it is not to be called. */
  readonly addresses: readonly string[];
  readonly keyring: Keyring;
}

/** What to say to somebody who gets through: that we look for a room, so nobody waits for us. */
export function turnCaller(socket: Socket): void {
  const link = new Link(socket, { bytes() {}, drained() {}, closed() {} });
  link.write(serverSays.electing(0));
  void link.close();
}

/** What a test may choose for itself. */
export interface VisitBounds {
  readonly entryMs?: number;
}

/** @param called resolves with the address of ours that somebody has dialled who knows the room's key */
export async function visit(
  visitor: Visitor,
  called: Promise<string>,
  bounds: VisitBounds = {},
): Promise<Outside | Inside> {
  const crypto = createCrypto(Identity.temporary());
  const newcomer: Newcomer = {
    ...visitor,
    crypto,
    id: idOf(crypto, crypto.key, crypto.box),
    name: `doctor-${randomBytes(2).toString('hex')}`,
    patienceMs: bounds.entryMs ?? entryMs,
  };
  const failures: Outside[] = [];
  for (const addresses of visitor.to) {
    const first = await enter(newcomer, addresses);
    if (first.kind === 'outside') {
      failures.push(first);
      continue;
    }
    const { coordinator, host, carriedBy, skewMs, talk } = first;
    const found = { kind: 'inside', coordinator, host, carriedBy, skewMs } as const;
    if (visitor.addresses.length === 0) {
      await leave(newcomer, talk);
      return { ...found, reachedAt: undefined };
    }
    await talk.close();
    // By the same way: whoever let us in is known to be there.
    const again = await (carriedBy === undefined ? enter(newcomer, addresses) : carried(newcomer, talk.addresses));
    if (again.kind === 'outside') return { ...found, reachedAt: await within(called, callMs) };
    const reachedAt = await within(Promise.race([called, stay(newcomer, again.talk)]), callMs);
    await leave(newcomer, again.talk);
    return { ...found, reachedAt };
  }
  // The one that says most: somebody was there.
  const answered = failures.find(({ why }) => why !== 'unreachable');
  const message = failures.map((failure) => failure.message).join('; ');
  return answered ?? { kind: 'outside', why: 'unreachable', message };
}

interface Newcomer extends Visitor {
  readonly crypto: Crypto;
  readonly id: PeerId;
  readonly name: string;
  /** How long the room has to let it in, ms. */
  readonly patienceMs: number;
}

type Entered = Omit<Inside, 'reachedAt'> & { readonly talk: Talk };

const reasons: Readonly<Partial<Record<string, Outside['why']>>> = {
  version: 'version',
  encrypted: 'encrypted',
  'other-key': 'key',
};

/** Goes where it is sent, until it is let in. */
async function enter(newcomer: Newcomer, first: readonly string[]): Promise<Outside | Entered> {
  const until = performance.now() + newcomer.patienceMs;
  let [addresses, hops] = [first, 0];
  let sentBy: readonly string[] | undefined;
  while (performance.now() < until) {
    // Whoever sends us on has just heard of the coordinator.
    const dialled = await open(newcomer, addresses, hops > 0 ? limits.hopMs : limits.joinMs);
    if ('kind' in dialled) {
      if (sentBy === undefined) return dialled;
      return carried(newcomer, sentBy);
    }
    const answer = await greeting(newcomer, dialled);
    if (answer.kind === 'coordinator' && ++hops <= limits.hopsMax) {
      [sentBy, addresses] = [addresses, answer.addresses];
    } else if (answer.kind === 'electing') {
      // It looks for a coordinator itself, and gives the time to ask again.
      await after(Math.max(50, Math.min(answer.ms, limits.backoffMsMax)));
      [sentBy, addresses, hops] = [undefined, first, 0];
    } else if (answer.kind === 'inside') return answer;
    else return answer.kind === 'outside' ? answer : outside('refused', addresses, 'sends on and on');
  }
  return outside(
    'refused',
    addresses,
    `lets nobody in: it looks for a coordinator itself, for ${newcomer.patienceMs / 1000} s`,
  );
}

/** The coordinator is out of reach: the member that has sent us there takes us through, as it would any peer. */
async function carried(newcomer: Newcomer, by: readonly string[]): Promise<Outside | Entered> {
  const talk = await open(newcomer, by, limits.joinMs);
  if ('kind' in talk) return talk;
  const answer = await greeting(newcomer, talk, { carriedBy: by.join(', ') });
  return answer.kind === 'inside' || answer.kind === 'outside' ? answer : outside('refused', by, 'leads nowhere');
}

async function open(newcomer: Newcomer, addresses: readonly string[], ms: number): Promise<Outside | Talk> {
  const attempt = dial(addresses, newcomer.keyring);
  const dialled = await within(attempt.done, ms);
  if (dialled === undefined) {
    attempt.cancel();
    return outside('unreachable', addresses, 'does not answer');
  }
  if ('refused' in dialled) {
    const { otherKey = false, message } = dialled;
    return outside(otherKey ? 'key' : message === unencrypted ? 'clear' : 'unreachable', addresses, message);
  }
  return new Talk(dialled.socket, dialled.channel, addresses);
}

type Answer = Outside | Entered | Extract<ServerMessage, { kind: 'coordinator' | 'electing' }>;

/** Hears how it is greeted, and asks to be let in; closes unless it is. */
async function greeting(
  newcomer: Newcomer,
  talk: Talk,
  { carriedBy }: { readonly carriedBy?: string } = {},
): Promise<Answer> {
  try {
    const answer = await admission(newcomer, talk, carriedBy);
    if (answer.kind !== 'inside') await talk.close();
    return answer;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    await talk.close();
    return outside('version', talk.addresses, `is no groupchat, or another version of it (${error.message})`);
  }
}

async function admission(newcomer: Newcomer, talk: Talk, carriedBy: string | undefined): Promise<Answer> {
  const { crypto, id, name, addresses } = newcomer;
  const relayed = carriedBy !== undefined;
  let askedAt = 0;
  let asked = false;
  let coordinator: Member | undefined;
  const until = performance.now() + newcomer.patienceMs;
  for (;;) {
    const leftMs = until - performance.now();
    const message = leftMs > 0 ? await talk.next(leftMs) : undefined;
    switch (message?.kind) {
      case undefined:
        return outside('unreachable', talk.addresses, 'hung up, or does not say whether it lets anybody in');
      case 'refused':
        return outside(reasons[message.code] ?? 'refused', talk.addresses, `refuses: ${whyRefused(message)}`);
      case 'electing':
        return message;
      case 'coordinator':
        if (!relayed || asked) return message;
        asked = true;
        talk.say(clientSays.through(id));
        break;
      case 'challenge': {
        const proof = {
          end: 'client',
          challenge: message.challenge,
          channel: relayed ? '' : talk.channel,
          id,
        } as const;
        askedAt = Date.now();
        talk.say(
          clientSays.auth(id, {
            version: limits.wireVersion,
            name,
            addresses,
            room: null,
            key: crypto.key,
            box: crypto.box,
            vouch: vouchFor(crypto, name),
            proof: prove(crypto, proof),
            lineage: [],
            first: 1,
            last: 0,
            coordinates: null,
            ...(relayed ? { relayed } : {}),
          }),
        );
        break;
      }
      case 'ping':
        // What has come is nobody's concern: it is not kept.
        talk.say(clientSays.pong(id, 0));
        break;
      case 'snapshot':
        coordinator = coordinatorOf(message.snapshot.view);
        break;
      case 'entry': {
        const { entry } = message;
        if (entry.kind === 'peers') coordinator = coordinatorOf({ ...entry, members: entry.members });
        if (entry.kind !== 'joined' || entry.member.id !== id) break;
        // The coordinator has written it between the two times of ours.
        const skewMs = entry.time - (askedAt + Date.now()) / 2;
        return { kind: 'inside', coordinator, host: talk.host, carriedBy, skewMs, talk };
      }
      default:
    }
  }
}

/** Shows that it lives, until the other side hangs up. */
async function stay({ id }: Newcomer, talk: Talk): Promise<undefined> {
  try {
    for (;;) {
      const message = await talk.next(callMs);
      if (message === undefined) return undefined;
      if (message.kind === 'ping') talk.say(clientSays.pong(id, 0));
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return undefined;
  }
}

/** Says goodbye, and waits until that has been heard. */
async function leave(newcomer: Newcomer, talk: Talk): Promise<void> {
  talk.say(clientSays.leave(newcomer.id));
  await within(stay(newcomer, talk), callMs);
  await talk.close();
}

function outside(why: Outside['why'], addresses: readonly string[], message: string): Outside {
  return { kind: 'outside', why, message: `${addresses.join(', ')} ${message}` };
}

/** What a promise gives in so many ms, or undefined. */
async function within<Value>(promise: Promise<Value>, ms: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** One link, on which one listens and answers. */
class Talk {
  readonly channel: string;
  readonly addresses: readonly string[];
  readonly #link: Link;
  readonly #decoder = new Decoder();
  readonly #chunks: Uint8Array[] = [];
  #over = false;
  #full = false;
  #wake = (): void => {};

  constructor(socket: Socket, channel: string, addresses: readonly string[]) {
    this.channel = channel;
    this.addresses = addresses;
    this.#link = new Link(socket, {
      bytes: (bytes) => {
        this.#chunks.push(bytes);
        // No more is taken than is looked at.
        this.#link.pause();
        this.#wake();
      },
      drained: () => {
        this.#full = false;
      },
      closed: () => {
        this.#over = true;
        this.#wake();
      },
    });
  }

  get host(): string {
    return this.#link.host;
  }

  /**
   * The next message, within so many ms; undefined when there is none.
   * @throws ProtocolError for what is no message
   */
  async next(ms: number): Promise<ServerMessage | undefined> {
    // However slowly it comes.
    const until = performance.now() + ms;
    for (;;) {
      const frame = this.#decoder.next();
      if (frame !== undefined) return parseServer(frame);
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) this.#decoder.push(chunk);
      else if (this.#over || !(await this.#more(until - performance.now()))) return undefined;
    }
  }

  /** @returns whether something has come in time */
  async #more(ms: number): Promise<boolean> {
    const come = new Promise<true>((resolve) => (this.#wake = () => resolve(true)));
    this.#link.resume();
    return (await within(come, ms)) === true;
  }

  /** To one that does not read nothing more is said, or what it asks would fill the memory. */
  say(bytes: Uint8Array): void {
    if (!this.#full) this.#full = !this.#link.write(bytes);
  }

  /** Hangs up. Resolves when the other side has, too. */
  close(): Promise<void> {
    return this.#link.close();
  }
}
