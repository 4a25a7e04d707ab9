/**
 * Letters: private messages, each from one person to another.
 *
 * A letter is named for ever by the process in which it was typed and that process' count of them; whatever process of
 * the sender sends it on, it keeps its name. What waits is kept by person, in order, and goes out in order: the receiver
 * takes none while one before it is missing. It is sent again, all of it, until it is acknowledged. What has come is
 * known by name, so that it is shown once, however often it comes.
 *
 * Owned by its peer and changed in place.
 */
import type { Crypto, PersonKey } from './crypto.ts';
import { ProtocolError } from './errors.ts';
import { isVouched } from './identity.ts';
import { limits } from './limits.ts';
import type { Member, PeerId } from './view.ts';

/** The name of a letter. */
export interface Name {
  /** The id of the process in which it was typed. */
  readonly origin: PeerId;
  /** That process' own count, from 1. */
  readonly k: number;
}

export interface Letter extends Name {
  /** When it was typed, ms since 1970 by the sender's clock: for reading only. */
  readonly time: number;
  readonly text: string;
}

/** One's own, until it is acknowledged. */
export interface Outgoing extends Letter {
  readonly to: PersonKey;
  /** What that person was called then. */
  readonly name: string;
}

/** What has come, by name: whose it was, too, since an origin is only what its sender says. */
export interface Shown extends Name {
  readonly key: PersonKey;
}

/** What the disk has of them. */
export interface Kept {
  readonly waiting: readonly Outgoing[];
  readonly shown: readonly Shown[];
}

/** What is sealed. */
export type Content =
  /** `after`: the one that the sender wrote to this person before, if that waits as well. */
  | { readonly kind: 'letter'; readonly letter: Letter; readonly after: Name | undefined }
  | { readonly kind: 'heard'; readonly heard: Name };

/** What waits for one person. */
interface Mail {
  readonly letters: Outgoing[];
  /** How many of them have gone out in this round, and how many rounds there were in vain. */
  sent: number;
  rounds: number;
  /** When the next is to go out, or all of them again (ms); Infinity while that person is away. */
  at: number;
}

const text = ({ origin, k }: Name): string => `${origin} ${k}`;

export class Letters {
  readonly #self: PeerId;
  readonly #mails = new Map<PersonKey, Mail>();
  readonly #shown = new Map<string, Shown>();
  readonly #vouched = new WeakMap<Member, boolean>();
  #k = 0;
  #waiting = 0;

  constructor(self: PeerId, kept: Kept = { waiting: [], shown: [] }) {
    this.#self = self;
    for (const letter of kept.waiting) this.#put(letter, Infinity);
    for (const shown of kept.shown) this.#remember(shown);
  }

  /** How many were written here. */
  get written(): number {
    return this.#k;
  }

  /** How many are not acknowledged. */
  get waiting(): number {
    return this.#waiting;
  }

  /** How many of them are for that person. */
  waitingFor(to: PersonKey): number {
    return this.#mails.get(to)?.letters.length ?? 0;
  }

  /** What the disk is to have. */
  get kept(): Kept {
    return { waiting: [...this.#mails.values()].flatMap(({ letters }) => letters), shown: [...this.#shown.values()] };
  }

  /** Those for whom something waits. */
  get people(): PersonKey[] {
    return [...this.#mails.keys()];
  }

  /** When something is to go out (ms). */
  get due(): number {
    let due = Infinity;
    for (const { at } of this.#mails.values()) due = Math.min(due, at);
    return due;
  }

  write(to: PersonKey, name: string, what: string, now: { readonly ms: number; readonly wall: number }): Outgoing {
    const letter = { origin: this.#self, k: ++this.#k, time: now.wall, text: what, to, name };
    this.#put(letter, now.ms);
    return letter;
  }

  #put(letter: Outgoing, at: number): void {
    const mail = this.#mails.get(letter.to);
    this.#waiting++;
    if (mail === undefined) {
      this.#mails.set(letter.to, { letters: [letter], sent: 0, rounds: 0, at });
      return;
    }
    mail.letters.push(letter);
    mail.at = Math.min(mail.at, at);
  }

  /** All that waits, or what waits for one person, goes out again at that time (ms). */
  again(at: number, to?: PersonKey): void {
    for (const [key, mail] of this.#mails)
      if (to === undefined || to === key) Object.assign(mail, { sent: 0, rounds: 0, at });
  }

  /** That person is away: nothing goes out until `again`. */
  rest(to: PersonKey): void {
    const mail = this.#mails.get(to);
    if (mail !== undefined) mail.at = Infinity;
  }

  /** The next letter that is to go out to a person now, and the one before it, if that waits too. */
  next(to: PersonKey, ms: number): Extract<Content, { kind: 'letter' }> | undefined {
    const mail = this.#mails.get(to);
    if (mail === undefined || mail.at > ms) return undefined;
    const { letters } = mail;
    if (mail.sent === letters.length) {
      mail.sent = 0;
      mail.rounds++;
    }
    const after = letters[mail.sent - 1];
    const letter = letters[mail.sent++] as Outgoing;
    if (mail.sent === letters.length) mail.at = ms + Math.min(limits.letterMs * 2 ** mail.rounds, limits.letterMsMax);
    return { kind: 'letter', letter, after };
  }

  /** That person has a letter. @returns it, if it waited */
  heard(by: PersonKey, { origin, k }: Name): Outgoing | undefined {
    const mail = this.#mails.get(by);
    const at = mail?.letters.findIndex((letter) => letter.origin === origin && letter.k === k) ?? -1;
    if (mail === undefined || at === -1) return undefined;
    const [letter] = mail.letters.splice(at, 1);
    if (at < mail.sent) mail.sent--;
    mail.rounds = 0;
    this.#waiting--;
    if (mail.letters.length === 0) this.#mails.delete(by);
    return letter;
  }

  /** Whether a letter of that person has been shown. */
  has(key: PersonKey, name: Name): boolean {
    return this.#shown.has(`${key} ${text(name)}`);
  }

  /** A letter has come. @returns whether it is to be shown: it is new, and none before it is missing */
  take(key: PersonKey, { origin, k }: Name, after: Name | undefined): boolean {
    if (this.has(key, { origin, k }) || (after !== undefined && !this.has(key, after))) return false;
    this.#remember({ key, origin, k });
    return true;
  }

  #remember(shown: Shown): void {
    this.#shown.set(`${shown.key} ${text(shown)}`, shown);
    if (this.#shown.size > limits.lettersShownMax) this.#shown.delete(this.#shown.keys().next().value as string);
  }

  /** Whether a member's box is that of its person. Members never change: each is asked about once. */
  isVouched(crypto: Crypto, member: Member): boolean {
    const known = this.#vouched.get(member);
    if (known !== undefined) return known;
    const vouched = isVouched(crypto, member);
    this.#vouched.set(member, vouched);
    return vouched;
  }
}

// --- What is sealed, and kept ---

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const [origin, k, time, key] = ['([!-~]{1,10})', '([1-9]\\d{0,15})', '(\\d{1,16})', '([\\w-]{43})'] as const;
const contentShape = new RegExp(`^letter:${origin} ${k} (?:-|${origin} ${k}) ${time} ([^]+)$`, 'u');
const heardShape = new RegExp(`^heard:${origin} ${k}$`, 'u');
const outgoingShape = new RegExp(`^${key} (\\S{1,256}) ${origin} ${k} ${time} ([^]+)$`, 'u');
const shownShape = new RegExp(`^${key} ${origin} ${k}$`, 'u');
const nameShape = new RegExp(`^${origin} ${k}$`, 'u');

/** Not JSON, in which a text may double its length. */
export function encodeContent(content: Content): Uint8Array {
  if (content.kind === 'heard') return encoder.encode(`heard:${text(content.heard)}`);
  const { letter, after } = content;
  return encoder.encode(
    `letter:${text(letter)} ${after === undefined ? '-' : text(after)} ${letter.time} ${letter.text}`,
  );
}

/** What somebody has sealed; undefined when it is nothing that we know. */
export function decodeContent(bytes: Uint8Array): Content | undefined {
  let body: string;
  try {
    body = decoder.decode(bytes);
  } catch {
    return undefined;
  }
  const heard = heardShape.exec(body);
  if (heard !== null) return { kind: 'heard', heard: nameIn(heard, 1) };
  const found = contentShape.exec(body);
  if (found === null) return undefined;
  const letter = { ...nameIn(found, 1), time: Number(found[5]), text: found[6] as string };
  if (!isBounded(letter)) return undefined;
  return { kind: 'letter', letter, after: found[3] === undefined ? undefined : nameIn(found, 3) };
}

const nameIn = (found: RegExpExecArray, at: number): Name => ({
  origin: found[at] as string,
  k: Number(found[at + 1]),
});

function isBounded({ k: count, time: when, text: what }: Letter): boolean {
  return count <= limits.countMax && when <= limits.timeMax && encoder.encode(what).length <= limits.lineBytesMax;
}

/** How a journal has them: behind the words `letter:`, `heard:` and `shown:`. */
export const letterText = {
  outgoing: (letter: Outgoing): string => `${letter.to} ${letter.name} ${text(letter)} ${letter.time} ${letter.text}`,
  name: text,
  shown: (shown: Shown): string => `${shown.key} ${text(shown)}`,
};

/** @throws ProtocolError `body` for what is not as `letterText` writes it */
export const letterIn = {
  outgoing: (body: string): Outgoing => {
    const found = matched(outgoingShape, body);
    const letter = { ...nameIn(found, 3), time: Number(found[5]), text: found[6] as string };
    if (!isBounded(letter)) throw new ProtocolError('body', 'a letter is too long');
    return { ...letter, to: found[1] as string, name: found[2] as string };
  },
  name: (body: string): Name => nameIn(matched(nameShape, body), 1),
  shown: (body: string): Shown => {
    const found = matched(shownShape, body);
    return { key: found[1] as string, ...nameIn(found, 2) };
  },
};

function matched(shape: RegExp, body: string): RegExpExecArray {
  const found = shape.exec(body);
  if (found === null) throw new ProtocolError('body', 'a letter is not as it was kept');
  return found;
}
