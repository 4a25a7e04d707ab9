/** A room whose authors sign what they say as peers do, and exports of it. */
import { Delivery } from '../../src/core/delivery.ts';
import { entryFrame, type ChatEntry, type Entry, type Offer } from '../../src/core/entry.ts';
import type { Crypto } from '../../src/core/crypto.ts';
import { idOf, vouchFor } from '../../src/core/identity.ts';
import { Log } from '../../src/core/log.ts';
import { Proof, type Verdict } from '../../src/core/proof.ts';
import { readTestimony, testify, type Testimony } from '../../src/core/testimony.ts';
import type { Member, PeerId, Person } from '../../src/core/view.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';

export const room = 'abcdefghij';
export const checker = createCrypto(Identity.temporary());

export class Author {
  readonly crypto: Crypto = createCrypto(Identity.temporary());
  readonly id: PeerId = idOf(this.crypto, this.crypto.key, this.crypto.box);
  readonly name: string;
  readonly #delivery = new Delivery(this.id, this.crypto);
  #ms = 1000;

  constructor(name: string) {
    this.name = name;
  }

  get person(): Person {
    const { key, box } = this.crypto;
    return { name: this.name, key, box };
  }

  member(joined: number): Member {
    const addresses = [`10.0.0.${joined}:6000`];
    return { id: this.id, addresses, joined, vouch: vouchFor(this.crypto, this.name), ...this.person };
  }

  /** Says it at once: one signature comes with the last of them. */
  burst(texts: readonly string[]): Offer[] {
    this.#ms += 1000;
    for (const text of texts) this.#delivery.say(text, this.#ms++);
    return this.#out();
  }

  /** Says it a moment after the last time: it waits for its signature. */
  hurry(texts: readonly string[]): Offer[] {
    for (const text of texts) this.#delivery.say(text, this.#ms++);
    this.#ms -= texts.length;
    return this.#out();
  }

  seal(): Offer[] {
    this.#ms += 1000;
    this.#delivery.seal(this.#ms);
    return this.#out();
  }

  act(text: string): Offer[] {
    this.#ms += 1000;
    this.#delivery.act(text, this.#ms, room);
    return this.#out();
  }

  #out(): Offer[] {
    return this.#delivery.takeAll(room, this.#ms).own.map(({ offer }) => offer);
  }
}

/** Puts one after another into a log; what is an entry already gets its place only. */
export class Gathering {
  readonly log: Log;
  #joined = 0;

  constructor(history = 10_000) {
    this.log = new Log(history);
  }

  add(entry: object): this {
    const { epoch, seq } = this.log.position;
    const placed = { epoch, seq: seq + 1, time: 5000, ...entry } as Entry;
    this.log.append(placed, entryFrame(placed));
    return this;
  }

  reign(members: readonly Member[], lost: readonly { id: PeerId; why: string }[] = []): this {
    const count = Math.max(this.#joined, ...members.map(({ joined }) => joined));
    this.#joined = count;
    return this.add({ kind: 'peers', epoch: this.log.position.epoch + 1, count, members, lost });
  }

  enter(author: Author): Member {
    const member = author.member(++this.#joined);
    if (this.log.last === 0) this.reign([member]);
    else this.add({ kind: 'joined', member });
    return member;
  }

  say(author: Author, offers: readonly Offer[], given: Partial<ChatEntry> = {}): this {
    for (const offer of offers) this.add({ kind: 'chat', author: author.id, ...offer, ...given });
    return this;
  }

  /** What the file has, line by line. */
  export(people: ReadonlyMap<PeerId, Person> = new Map()): string[] {
    return Array.from(testify(this.log, room, people, checker), (text) => text.slice(0, -1));
  }
}

export function examine(lines: readonly string[]): Verdict {
  const proof = new Proof(checker);
  lines.every((text, at) => proof.take(readTestimony(text), at + 1));
  return proof.end();
}

/** The kinds of faults, with whose numbers they are about. */
export function told({ faults }: Verdict): string[] {
  return faults.map(({ kind, name = '', from, to }) =>
    [kind, name, from === undefined ? '' : from === to ? from : `${from}-${to}`]
      .filter((part) => part !== '')
      .join(' '),
  );
}

export const parse = (text: string): Testimony => JSON.parse(text) as Testimony;
