/**
 * A hostile coordinator: it founds a room as anybody would, lets members in over real links, and lies as it is told.
 *
 * It has one true person's key, and no other. All else is in its hands: what stands in the log, in whose name, and what
 * it passes on. As long as it is told nothing it is honest, so what a screen shows then is what any coordinator makes it
 * show; a lie is one call of a test.
 */
import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { formatAddress } from '../../src/core/address.ts';
import { coverOf, hashOf, type Line } from '../../src/core/cover.ts';
import type { Crypto } from '../../src/core/crypto.ts';
import { entryFrame, type Entry, type Offer } from '../../src/core/entry.ts';
import { Decoder, encodeFrame } from '../../src/core/frame.ts';
import { idOf, prove, roomOf, statement, vouchFor } from '../../src/core/identity.ts';
import { encodeContent } from '../../src/core/letters.ts';
import { settings } from '../../src/core/limits.ts';
import { parseClient, serverSays, type Auth, type ClientMessage, type Refusal } from '../../src/core/message.ts';
import type { Act } from '../../src/core/rules.ts';
import type { Member, PeerId } from '../../src/core/view.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { Link } from '../../src/io/link.ts';
import { Server } from '../../src/io/server.ts';
import { chat, freePort, type Actor } from '../plays/stage.ts';

/** Something sealed that a member wants passed on. */
export interface Sealed {
  readonly to: PeerId;
  readonly sealed: string;
}

/** One that has come in. */
interface Guest {
  readonly member: Member;
  readonly link: Link;
  readonly offers: Offer[];
  readonly sealed: Sealed[];
  /** How often it has come in. */
  readonly times: number;
}

/** What stands before the first entry of a room. */
const nothing = {
  epoch: 0,
  seq: 0,
  count: 0,
  founder: null,
  acts: [],
  notes: [],
  members: [],
  authors: [],
  ranges: [],
  lineage: [],
};
const epoch = 1;

/** A member that is a real process. It is patient: a test that is busy must not be taken for a coordinator that is dead. */
export async function enter(liar: Liar, name: string): Promise<Actor> {
  const actor = chat(name, await freePort(), '--join', liar.at, '--silence', '20000', '--backoff', '0');
  await actor.shows(/^\* you are in the room/u);
  return actor;
}

function framed(entry: Entry): Uint8Array {
  const { sender, type, body } = entryFrame(entry);
  return encodeFrame(sender, type, body);
}

export class Liar {
  readonly name = 'mallory';
  readonly crypto: Crypto;
  readonly id: PeerId;
  readonly room: string;
  /** False: what members say, and what they seal, is kept and goes no further. */
  relays = true;
  /** What whoever comes is told, instead of a welcome. */
  refuses: Refusal | undefined;
  at = '';
  readonly #server: Server;
  readonly #log: Uint8Array[] = [];
  readonly #guests = new Map<string, Guest>();
  readonly #links = new Set<Link>();
  readonly #last = new Map<PeerId, number>();
  readonly #told = new EventEmitter();
  #members = 0;

  private constructor(keyring: Keyring, identity: Identity) {
    this.crypto = createCrypto(identity);
    this.id = idOf(this.crypto, this.crypto.key, this.crypto.box);
    this.room = roomOf(this.crypto, this.crypto.key, this.crypto.box);
    this.#server = new Server(keyring, {
      accept: (socket, channel) => this.#accept(socket, channel),
      turnedAway() {},
      isKnown: () => false,
    });
  }

  /** Founds a room. It ends with the test. */
  static async start(keyring = Keyring.open(), identity = Identity.temporary()): Promise<Liar> {
    const liar = new Liar(keyring, identity);
    liar.at = formatAddress(await liar.#server.listen({ host: '127.0.0.1', port: 0 }));
    // Members take whoever is silent for a second for gone.
    const pings = setInterval(() => {
      for (const { link } of liar.#guests.values()) link.write(serverSays.ping());
    }, settings.pingMs.default);
    onTestFinished(async () => {
      clearInterval(pings);
      liar.#server.close();
      await Promise.all(Array.from(liar.#links, (link) => link.close()));
    });
    const self = liar.#memberOf({ name: liar.name, addresses: [liar.at] });
    liar.#append({ kind: 'peers', epoch, seq: 1, time: Date.now(), count: 1, members: [self], lost: [] });
    return liar;
  }

  // --- What it hears ---

  /** Who has come in under that name, as soon as it has. */
  async member(name: string): Promise<Member> {
    return (await this.#until(() => this.#guests.get(name))).member;
  }

  /** What somebody has said, as its author signed it; the `at`th time from 0 that it says so. */
  async offer(name: string, text: string, at = 0): Promise<Offer> {
    return this.#until(() => this.#guests.get(name)?.offers.filter((offer) => offer.text === text)[at]);
  }

  /** The `at`th thing from 0 that somebody has sealed for somebody. */
  async sealed(name: string, at = 0): Promise<Sealed> {
    return this.#until(() => this.#guests.get(name)?.sealed[at]);
  }

  /** Somebody has hung up on it, and come in again: for the so manieth time. */
  async back(name: string, times: number): Promise<void> {
    await this.#until(() => this.#guests.get(name)?.times === times + 1 || undefined);
  }

  // --- What it does, true or not ---

  /** Puts a line into the log, in whose name it likes. Without a number it is given the next of that author. */
  puts(author: PeerId, given: Pick<Offer, 'text'> & Partial<Offer>): void {
    const { n = this.next(author), time = Date.now(), apart = false, ...more } = given;
    this.#last.set(author, n);
    this.#append({ kind: 'chat', epoch, seq: this.#log.length + 1, author, n, time, apart, ...more });
  }

  /** Shows a line to one of them, and to nobody else: it is not in the log. */
  shows(to: string, author: PeerId, offer: Offer): void {
    this.sends(to, framed({ kind: 'chat', epoch, seq: this.#log.length + 1, author, ...offer }));
  }

  /** The same with a member that never came. */
  showsMember(to: string, given: Partial<Member> & Pick<Member, 'name'>): void {
    const member = { ...this.#memberOf(given), joined: this.#members-- };
    this.sends(to, framed({ kind: 'joined', epoch, seq: this.#log.length + 1, time: Date.now(), member }));
  }

  /** The number that follows the last one of that author in the log. */
  next(author: PeerId): number {
    return (this.#last.get(author) ?? 0) + 1;
  }

  /** Says a line of its own, truly signed. */
  says(text: string): void {
    this.puts(this.id, this.signed(this.id, [text])[0] as Offer);
  }

  /**
   * Lines in somebody's name, all under one signature: its own, unless the keys of somebody else are given.
   * @param from the number of the first of them; otherwise they follow what that author has in the log
   */
  signed(author: PeerId, texts: readonly string[], by = this.crypto, from = this.next(author)): Offer[] {
    const lines = texts.map((text, at): Line => ({ n: from + at, time: Date.now(), what: undefined, text }));
    const last = from + lines.length - 1;
    const hash = hashOf(by, author, { base: '', lines });
    const signature = by.sign(coverOf(this.room, author, from, last, hash));
    return lines.map((line) => ({ ...line, apart: false, ...(line.n === last && { cover: { from, signature } }) }));
  }

  /** An act of its own, truly signed: it is the founder. It is not in the log. */
  act(text: string): Act {
    const [author, n, time] = [this.id, this.next(this.id), Date.now()];
    const hash = hashOf(this.crypto, author, { base: '', lines: [{ n, time, what: 'act', text }] });
    const signature = this.crypto.sign(coverOf(this.room, author, n, n, hash));
    return { author, key: this.crypto.key, box: this.crypto.box, n, time, text, signature };
  }

  /** Puts a member into the view that never came. */
  plants(member: Partial<Member> & Pick<Member, 'name'>): Member {
    const planted = this.#memberOf(member);
    this.#append({ kind: 'joined', epoch, seq: this.#log.length + 1, time: Date.now(), member: planted });
    return planted;
  }

  /** Passes on something sealed, as from whomever. */
  tells(to: string, from: PeerId, sealed: string): void {
    this.sends(to, serverSays.told(from, sealed));
  }

  /** A private message of its own, truly sealed to that member, as from whomever it says. */
  letter({ id, box }: Member, text: string, { from = this.id, k = 1 } = {}): string {
    const letter = { origin: this.id, k, time: Date.now(), text };
    const content = encodeContent({ kind: 'letter', letter, after: undefined });
    return this.crypto.seal(box, content, statement('private', this.room, from, id));
  }

  /** Any bytes, to one of them. */
  sends(to: string, bytes: Uint8Array): void {
    this.#guests.get(to)?.link.write(bytes);
  }

  // --- How a room is led ---

  #memberOf(given: Partial<Member> & Pick<Member, 'name'>): Member {
    const { key, box } = { key: this.crypto.key, box: this.crypto.box, ...given };
    const vouch = vouchFor(this.crypto, given.name);
    const id = idOf(this.crypto, key, box);
    return { id, addresses: [], joined: ++this.#members, key, box, vouch, ...given };
  }

  #append(entry: Entry): void {
    const bytes = framed(entry);
    this.#log.push(bytes);
    for (const { link } of this.#guests.values()) link.write(bytes);
  }

  #accept(socket: Socket, channel: string): void {
    const decoder = new Decoder();
    const challenge = this.crypto.random(16);
    let admitted: Guest | undefined;
    const link = new Link(socket, {
      bytes: (bytes) => {
        decoder.push(bytes);
        for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
          const message = parseClient(frame);
          if (message.kind === 'auth') admitted = this.#admit(link, message, { channel, challenge });
          else if (admitted !== undefined) this.#hear(admitted, message);
        }
      },
      drained() {},
      closed: () => this.#links.delete(link),
    });
    this.#links.add(link);
    link.write(serverSays.connected());
    link.write(serverSays.challenge(challenge));
  }

  #admit(link: Link, auth: Auth, seen: { channel: string; challenge: string }): Guest | undefined {
    if (this.refuses !== undefined) {
      link.write(serverSays.refused(this.refuses));
      void link.close();
      return undefined;
    }
    const { name, addresses, key, box, vouch } = auth;
    const known = this.#guests.get(name);
    const again = known?.member.box === box ? known : undefined;
    // Before it is a guest: its own entry is sent with all that stood before it.
    const member = again?.member ?? this.plants({ name, addresses, key, box, vouch });
    const proof = prove(this.crypto, { end: 'server', ...seen, id: this.id });
    const keep = again === undefined ? 0 : auth.last;
    link.write(serverSays.welcome({ room: this.room, keep, last: this.#log.length, proof }));
    if (keep === 0) link.write(encodeFrame('', 'SYSTEM', `snapshot:${JSON.stringify(nothing)}`));
    for (const bytes of this.#log.slice(keep)) link.write(bytes);
    const { offers = [], sealed = [], times = 0 } = again ?? {};
    const one = { member, link, offers, sealed, times: times + 1 };
    this.#guests.set(name, one);
    this.#told.emit('told');
    return one;
  }

  #hear(from: Guest, message: ClientMessage): void {
    const { member, offers, sealed, link } = from;
    switch (message.kind) {
      case 'offer':
        offers.push(message.offer);
        if (this.relays) this.puts(member.id, message.offer);
        break;
      case 'tell':
        sealed.push(message);
        if (this.relays) {
          const to = Array.from(this.#guests.values()).find((one) => one.member.id === message.to);
          to?.link.write(serverSays.told(member.id, message.sealed));
        }
        break;
      case 'leave':
        this.#guests.delete(member.name);
        this.#append({
          kind: 'left',
          epoch,
          seq: this.#log.length + 1,
          time: Date.now(),
          id: member.id,
          why: 'left',
        });
        void link.close();
        break;
      default:
        return;
    }
    this.#told.emit('told');
  }

  async #until<Found>(seen: () => Found | undefined): Promise<Found> {
    for (;;) {
      const found = seen();
      if (found !== undefined) return found;
      await once(this.#told, 'told');
    }
  }
}
