/**
 * Private messages against a coordinator that lies: the test is the coordinator of the room that alice is in, has the
 * keys of all others, and says what it likes.
 */
import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { Crypto } from '../../src/core/crypto.ts';
import { ChatError } from '../../src/core/errors.ts';
import { entryFrame, type Entry, type PeersEntry } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { idOf, prove, statement, vouchFor } from '../../src/core/identity.ts';
import { replay } from '../../src/core/journal.ts';
import { decodeContent, encodeContent, letterIn, letterText, type Content } from '../../src/core/letters.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot, Log } from '../../src/core/log.ts';
import { step } from '../../src/core/machine.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import { Pins } from '../../src/core/pins.ts';
import { reach } from '../../src/core/private.ts';
import { authOf } from '../../src/core/seeking.ts';
import { createState, type Setup } from '../../src/core/setup.ts';
import type { Link } from '../../src/core/state.ts';
import type { Effect, Event, Input } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import { sourcesOf, whom } from '../../src/core/whois.ts';
import { codeOf, framesIn, textOf } from './table.ts';
import { keyOf, toyCrypto } from './toy.ts';

const room = 'aaaaaaaaaa';
const options = { pingMs: 250, silenceMs: 1000, backoffMs: 50, history: 1000, keep: 1000 };

/** Somebody whose keys the test has. */
interface Person extends Member {
  readonly crypto: Crypto;
}

let processes = 0;
let joined = 0;

/** A process of the person with that key: the same key, another box and another id. */
function person(name: string, key = name, given: Partial<Member> = {}): Person {
  const crypto = toyCrypto(1000 + ++processes, keyOf(`${key}0`).replaceAll('_', 'x'));
  const addresses = [`${name}.lan:6000`];
  const id = idOf(crypto, crypto.key, crypto.box);
  const vouch = vouchFor(crypto, name);
  return { id, name, addresses, joined: ++joined, key: crypto.key, box: crypto.box, vouch, ...given, crypto };
}

const memberOf = ({ id, name, addresses, joined: place, key, box, vouch }: Person): Member => {
  return { id, name, addresses, joined: place, key, box, vouch };
};

/** Alice, a member of the room of a coordinator that is the test. */
class Alice {
  readonly self = person('alice');
  readonly state;
  readonly #hal: Person;
  readonly #kept: Uint8Array[] = [];
  ms = 1000;
  seq = 0;

  /** @param others who is in the room, but for her; the first of them coordinates */
  constructor(others: readonly Person[], restored?: Setup['restored']) {
    const { name, addresses, crypto } = this.self;
    this.state = createState({ name, addresses, options, seed: [1, 2, 3], crypto, keeps: true, restored });
    this.#hal = others[0] as Person;
    this.feed({ kind: 'start', join: ['hal.lan:6000'] });
    const link = Math.max(...this.state.links.keys());
    const challenge = 'c'.repeat(22);
    const proof = prove(this.#hal.crypto, { end: 'server', challenge, channel: '', id: this.#hal.id });
    this.feed({ kind: 'opened', link, channel: '' });
    this.hear(serverSays.connected(), serverSays.challenge(challenge));
    this.hear(serverSays.welcome({ room, keep: 0, last: 1, proof }), serverSays.snapshot(emptySnapshot, crypto));
    this.view(others);
    this.pass(limits.settleMs);
  }

  get link(): number {
    return Math.max(...this.state.links.keys());
  }

  feed(input: Input): Effect[] {
    const effects = step(this.state, input, { ms: this.ms, wall: 1_000_000 + this.ms });
    for (const effect of effects) if (effect.kind === 'keep' || effect.kind === 'roll') this.#kept.push(effect.bytes);
    return effects;
  }

  hear(...parts: readonly Uint8Array[]): Effect[] {
    return parts.flatMap((bytes) => this.feed({ kind: 'bytes', link: this.link, bytes: bytes.slice() }));
  }

  /** The coordinator says who is there now. */
  view(others: readonly Person[]): Effect[] {
    const members = [...others, this.self].map(memberOf);
    const sorted = members.toSorted((a, b) => a.joined - b.joined);
    const seq = ++this.seq;
    const entry: PeersEntry = { kind: 'peers', epoch: seq, seq, time: 0, count: joined, members: sorted, lost: [] };
    const effects = this.hear(frame(entry));
    return [...effects, ...this.pass(limits.settleMs)];
  }

  /** Time passes, and whatever is due is done. */
  pass(ms: number): Effect[] {
    const until = this.ms + ms;
    const effects: Effect[] = [];
    while (this.state.due <= until) {
      this.ms = Math.max(this.ms, this.state.due);
      effects.push(...this.feed({ kind: 'alarm' }));
      // The coordinator lives.
      effects.push(...this.feed({ kind: 'bytes', link: this.link, bytes: serverSays.ping() }));
    }
    this.ms = until;
    return effects;
  }

  /** Whom she writes to by a name, as a peer finds it out. */
  reaches(name: string): { readonly key: string; readonly name: string; readonly away: boolean } {
    const one = whom(name, sourcesOf(this.state, new Pins()));
    return { key: one.key, ...reach(this.state, one) };
  }

  /** Writes to somebody by name. */
  tell(name: string, text: string): Effect[] {
    const { key, name: called } = this.reaches(name);
    return [...this.feed({ kind: 'tell', to: key, name: called, text }), ...this.pass(0)];
  }

  /** Something comes that is said to be from somebody. */
  told(from: Person, sealed: string): Effect[] {
    return this.hear(serverSays.told(from.id, sealed));
  }

  /** What her disk has, for another process of hers. */
  recalled(): NonNullable<Setup['restored']> {
    const kept = replay([{ number: 1, pieces: this.#kept }], room, new Log(1000, 1000));
    if (kept === undefined) throw new Error('nothing was kept');
    return { room: kept, aliveAt: 0 };
  }
}

function frame(entry: Entry): Uint8Array {
  const { sender, type, body } = entryFrame(entry);
  return encodeFrame(sender, type, body);
}

const letter = (origin: string, k: number, text: string, after?: number): Content => ({
  kind: 'letter',
  letter: { origin, k, time: 5, text },
  after: after === undefined ? undefined : { origin, k: after },
});

/** What one seals to another; whoever cheats may say that it was somebody else, or somewhere else. */
function seal(
  from: Person,
  to: Member,
  content: Content,
  { as = from, where = room }: { as?: Member; where?: string } = {},
): string {
  return from.crypto.seal(to.box, encodeContent(content), statement('private', where, as.id, to.id));
}

/** What goes out by `tell`, to whom, and what it says to whoever can open it. */
function sent(effects: readonly Effect[], alice: Alice, people: readonly Person[]): string[] {
  return effects.flatMap((effect) => {
    if (effect.kind !== 'send') return [];
    return framesIn(effect.bytes).flatMap(({ body }) => {
      const [, id, sealed = ''] = /^tell:(\S+) (\S+)$/.exec(textOf(body)) ?? [];
      if (id === undefined) return [];
      const to = people.find((one) => one.id === id);
      const plain = to?.crypto.open(alice.self.box, sealed, statement('private', room, alice.self.id, id));
      return [
        `${to?.name ?? '?'}: ${
          plain === undefined
            ? '?'
            : textOf(plain)
                .replaceAll(alice.self.id, 'A')
                .replace(/ 100\d{4} /, ' T ')
        }`,
      ];
    });
  });
}

function shown(effects: readonly Effect[]): string[] {
  return events(effects, 'private').map(({ message: { name, text, own } }) => `${own ? 'to ' : ''}${name}: ${text}`);
}

function events<Kind extends Event['kind']>(effects: readonly Effect[], kind: Kind): Extract<Event, { kind: Kind }>[] {
  return effects.flatMap((effect) =>
    effect.kind === 'tell' && effect.event.kind === kind ? [effect.event as Extract<Event, { kind: Kind }>] : [],
  );
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof ChatError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing';
}

describe('what comes', () => {
  const [hal, bob, eve] = [person('hal'), person('bob'), person('eve')];
  const everybody = [hal, bob, eve];
  const stranger = person('stranger');
  const hello = letter(bob.id, 1, 'hello');

  it('is shown once, and acknowledged as often as it comes', () => {
    const alice = new Alice(everybody);
    const first = alice.told(bob, seal(bob, alice.self, hello));
    const second = alice.told(bob, seal(bob, alice.self, hello));
    expect([shown(first), shown(second)]).toEqual([['bob: hello'], []]);
    for (const effects of [first, second]) expect(sent(effects, alice, everybody)).toEqual([`bob: heard:${bob.id} 1`]);
  });

  it('is the same, whichever process of that person sends it on', () => {
    const alice = new Alice(everybody);
    const later = person('bob', 'bob');
    expect(shown(alice.told(bob, seal(bob, alice.self, hello)))).toEqual(['bob: hello']);
    alice.view([hal, eve, later]);
    const again = alice.told(later, seal(later, alice.self, hello));
    expect(shown(again)).toEqual([]);
    expect(sent(again, alice, [hal, later])).toEqual([`bob: heard:${bob.id} 1`]);
  });

  it('has a name by itself, even where somebody else says the same one', () => {
    const alice = new Alice(everybody);
    expect(shown(alice.told(eve, seal(eve, alice.self, hello)))).toEqual(['eve: hello']);
    expect(shown(alice.told(bob, seal(bob, alice.self, hello)))).toEqual(['bob: hello']);
  });

  it('waits for the one before it', () => {
    const alice = new Alice(everybody);
    const early = alice.told(bob, seal(bob, alice.self, letter(bob.id, 2, 'world', 1)));
    expect([shown(early), sent(early, alice, everybody)]).toEqual([[], []]);
    expect(shown(alice.told(bob, seal(bob, alice.self, hello)))).toEqual(['bob: hello']);
    expect(shown(alice.told(bob, seal(bob, alice.self, letter(bob.id, 2, 'world', 1))))).toEqual(['bob: world']);
  });

  const impostor = person('bob', 'bob', { vouch: vouchFor(eve.crypto, 'bob') });
  it.each<readonly [string, (alice: Alice) => Effect[]]>([
    ['sealed by another than is said', (alice) => alice.told(bob, seal(eve, alice.self, hello))],
    ['sealed by another in that name', (alice) => alice.told(bob, seal(eve, alice.self, hello, { as: bob }))],
    ['sealed in another room', (alice) => alice.told(bob, seal(bob, alice.self, hello, { where: 'bbbbbbbbbb' }))],
    ['sealed to somebody else', (alice) => alice.told(bob, seal(bob, eve, hello))],
    ['sealed to an earlier process of hers', (alice) => alice.told(bob, seal(bob, person('alice'), hello))],
    ['from somebody who is not there', (alice) => alice.told(stranger, seal(stranger, alice.self, hello))],
    ['from herself', (alice) => alice.told(alice.self, seal(alice.self, alice.self, hello))],
    [
      'from a process that nobody vouches for',
      (alice) => {
        alice.view([hal, impostor]);
        return alice.told(impostor, seal(impostor, alice.self, hello));
      },
    ],
    ['nothing at all', (alice) => alice.told(bob, 'AAAA')],
  ])('is not shown when it is %s', (_, play) => {
    const alice = new Alice(everybody);
    const effects = play(alice);
    expect([shown(effects), sent(effects, alice, everybody), events(effects, 'warning')]).toEqual([[], [], []]);
    expect(alice.state.phase.kind).toBe('joined');
  });

  it('means nothing when it comes back to whoever has sent it', () => {
    const alice = new Alice(everybody);
    const effects = alice.tell('bob', 'hello');
    const bytes = effects.flatMap((effect) => (effect.kind === 'send' ? framesIn(effect.bytes) : []));
    const [, sealed] = bytes.map(({ body }) => /^tell:\S+ (\S+)$/.exec(textOf(body))).find((one) => one !== null) ?? [];
    expect(shown(alice.told(bob, sealed as string))).toEqual([]);
    expect(alice.state.letters.waiting).toBe(1);
  });
});

describe('what goes out', () => {
  const [hal, bob, eve] = [person('hal'), person('bob'), person('eve')];
  const everybody = [hal, bob, eve];

  it('goes out at once, and again after 1, 2, 4 s and so on up to a minute, until it is heard', () => {
    const alice = new Alice(everybody);
    expect(sent(alice.tell('bob', 'hello'), alice, everybody)).toEqual(['bob: letter:A 1 - T hello']);
    const times: number[] = [];
    const began = alice.ms;
    while (times.length < 9) {
      const effects = alice.pass(100);
      if (sent(effects, alice, everybody).length > 0) times.push(Math.round((alice.ms - began) / 1000));
    }
    expect(times).toEqual([1, 3, 7, 15, 31, 63, 123, 183, 243]);
    const heard = alice.told(bob, seal(bob, alice.self, { kind: 'heard', heard: { origin: alice.self.id, k: 1 } }));
    expect(events(heard, 'private-heard')).toEqual([
      { kind: 'private-heard', origin: alice.self.id, k: 1, key: bob.key, name: 'bob' },
    ]);
    expect(sent(alice.pass(200_000), alice, everybody)).toEqual([]);
  });

  it.each<readonly [string, (alice: Alice, heard: Content) => string, Person]>([
    ['whoever it is not for', (alice, heard) => seal(eve, alice.self, heard), eve],
    [
      'the coordinator, in the name of whom it is for',
      (alice, heard) => seal(hal, alice.self, heard, { as: bob }),
      bob,
    ],
    ['the coordinator', (alice, heard) => seal(hal, alice.self, heard), hal],
  ])('is not acknowledged by %s', (_, forge, from) => {
    const alice = new Alice(everybody);
    alice.tell('bob', 'hello');
    const heard = { kind: 'heard', heard: { origin: alice.self.id, k: 1 } } as const;
    expect(events(alice.told(from, forge(alice, heard)), 'private-heard')).toEqual([]);
    expect(alice.state.letters.waiting).toBe(1);
  });

  it('goes out in order, each with the name of the one before it', () => {
    const alice = new Alice(everybody);
    alice.tell('bob', 'one');
    expect(sent(alice.tell('bob', 'two'), alice, everybody)).toEqual(['bob: letter:A 2 A 1 T two']);
    const again = sent(alice.pass(1100), alice, everybody);
    expect(again).toEqual(['bob: letter:A 1 - T one', 'bob: letter:A 2 A 1 T two']);
  });

  it('waits while the link is full', () => {
    const alice = new Alice(everybody);
    alice.feed({ kind: 'full', link: alice.link });
    const waiting = [...alice.tell('bob', 'hello'), ...alice.pass(500)];
    expect(sent(waiting, alice, everybody)).toEqual([]);
    alice.feed({ kind: 'drained', link: alice.link });
    expect(sent(alice.pass(0), alice, everybody)).toHaveLength(1);
  });

  it('is shown and not acknowledged while the link is full: it will come again', () => {
    const alice = new Alice(everybody);
    const sealed = seal(bob, alice.self, letter(bob.id, 1, 'hello'));
    alice.feed({ kind: 'full', link: alice.link });
    const first = Array.from({ length: 3 }, () => alice.told(bob, sealed)).flat();
    expect([shown(first), sent(first, alice, everybody)]).toEqual([['bob: hello'], []]);
    alice.feed({ kind: 'drained', link: alice.link });
    const again = alice.told(bob, sealed);
    expect([shown(again), sent(again, alice, everybody)]).toEqual([[], [`bob: heard:${bob.id} 1`]]);
  });

  it('goes to that person only, however called, and not to whoever has taken the name', () => {
    const alice = new Alice(everybody);
    alice.view([hal, eve]);
    const away = alice.tell('bob', 'hello');
    expect(events(away, 'private').map(({ message }) => message.away)).toEqual([true]);
    const other = person('bob', 'another');
    expect(sent(alice.view([hal, eve, other]), alice, [hal, eve, other])).toEqual([]);
    expect(sent(alice.pass(100_000), alice, [hal, eve, other])).toEqual([]);
    const back = person('robert', 'bob');
    const effects = alice.view([hal, eve, other, back]);
    expect(sent(effects, alice, [other, back])).toEqual(['robert: letter:A 1 - T hello']);
  });

  it('does not go to a process that nobody vouches for, which is told once', () => {
    const alice = new Alice(everybody);
    alice.view([hal]);
    alice.tell('bob', 'hello');
    const impostor = person('bob', 'bob', { vouch: vouchFor(hal.crypto, 'bob') });
    const effects = [...alice.view([hal, impostor]), ...alice.view([hal, impostor]), ...alice.pass(10_000)];
    expect(sent(effects, alice, [hal, impostor])).toEqual([]);
    expect(events(effects, 'warning').map(({ code }) => code)).toEqual(['unvouched']);
    expect(refusal(() => alice.tell('bob', 'again'))).toMatch(/^unvouched: /);
  });

  it('is kept until it is heard, and sent on by the next process under the same name', () => {
    const alice = new Alice(everybody);
    alice.tell('bob', 'one');
    alice.tell('bob', 'two');
    alice.told(bob, seal(bob, alice.self, { kind: 'heard', heard: { origin: alice.self.id, k: 1 } }));
    alice.told(bob, seal(bob, alice.self, letter(bob.id, 7, 'hi alice')));
    const restored = alice.recalled();
    const next = new Alice(everybody, restored);
    const before = next.state.letters.kept;
    expect(before.waiting.map(({ origin, text }) => [origin, text])).toEqual([[alice.self.id, 'two']]);
    expect(shown(next.told(bob, seal(bob, next.self, letter(bob.id, 7, 'hi alice'))))).toEqual([]);
    const heard = next.told(bob, seal(bob, next.self, { kind: 'heard', heard: { origin: alice.self.id, k: 2 } }));
    expect(events(heard, 'private-heard')).toHaveLength(1);
  });
});

describe('to whom', () => {
  const [hal, bob, eve] = [person('hal'), person('bob'), person('eve')];

  it.each<readonly [string, string, readonly Person[], readonly Person[], string | RegExp]>([
    ['somebody who is here', 'bob', [hal, bob], [hal, bob], 'bob, here'],
    ['letter case aside', 'BOB', [hal, bob], [hal, bob], 'bob, here'],
    ['somebody who was here', 'bob', [hal, bob], [hal], 'bob, away'],
    ['a name that somebody had before', 'bob', [hal, bob], [hal, person('robert', 'bob')], 'robert, here'],
    ['nobody', 'dave', [hal, bob], [hal, bob], /^unknown-name: nobody here is known as dave/],
    ['oneself', 'alice', [hal, bob], [hal, bob], /^unknown-name: that is you/],
    ['two who are here', 'bob', [hal], [hal, bob, person('bob', 'other')], /^ambiguous-name: 2 people/],
    ['two look-alikes', 'bob', [hal], [hal, bob, person('BOB', 'other')], /^ambiguous-name: .*bob:\S{8,} .* or BOB:/],
    ['one who was here, and one who is', 'bob', [hal, bob], [hal, person('bob', 'other')], /here\) or .*not here\)/],
    ['a wrong key', 'bob:nothing0', [hal, bob], [hal, bob], /^unknown-name/],
  ])('%s', (_, name, before, now, expected) => {
    const alice = new Alice(before);
    alice.view(now);
    let found = '';
    const refused = refusal(() => {
      const { name: called, away } = alice.reaches(name);
      found = `${called}, ${away ? 'away' : 'here'}`;
    });
    if (typeof expected === 'string') expect([found, refused]).toEqual([expected, 'nothing']);
    else expect(refused).toMatch(expected);
  });

  it('says which of them by the beginning of a key, and by a whole key whatever the name', () => {
    const other = person('bob', 'other');
    const alice = new Alice([hal, bob, other, eve]);
    const [, starts] = /say which, (.*)/.exec(refusal(() => alice.reaches('bob'))) ?? [];
    const given = (starts ?? '').split(' or ').map((one) => one.replace(/ .*/, ''));
    expect(new Set(given.map((one) => alice.reaches(one).key))).toEqual(new Set([bob.key, other.key]));
    expect(alice.reaches(`whoever:${eve.key}`).name).toBe('eve');
  });
});

describe('a coordinator', () => {
  it('passes on what is sealed as it came, and drops what it cannot pass on at once', () => {
    const [bob, eve] = [person('bob'), person('eve')];
    const own = person('hal');
    const state = createState({ ...own, options, seed: [1, 2, 3], crypto: own.crypto });
    const ms = 1000;
    const feed = (input: Input): Effect[] => step(state, input, { ms, wall: ms });
    feed({ kind: 'start', join: [] });
    const settle = (): Effect[] => {
      const effects: Effect[] = [];
      while (state.due <= ms) effects.push(...feed({ kind: 'alarm' }));
      return effects;
    };
    settle();
    for (const [index, { id, crypto, name, addresses }] of [bob, eve].entries()) {
      const link = index + 1;
      const greeting = feed({ kind: 'accepted', link, host: '127.0.0.1', channel: '' });
      const said = greeting.flatMap((effect) => (effect.kind === 'send' ? textOf(effect.bytes) : '')).join('');
      const [, challenge = ''] = /challenge:([\w-]{22})/.exec(said) ?? [];
      const guest = createState({ name, addresses, options, seed: [4, 5, 6], crypto });
      const auth = authOf(guest, { ...(state.links.get(link) as Link), challenge });
      feed({ kind: 'bytes', link, bytes: clientSays.auth(id, auth) });
    }
    settle();
    const sealed = seal(bob, eve, letter(bob.id, 1, 'not for hal'));
    const tell = (): string[] =>
      feed({ kind: 'bytes', link: 1, bytes: clientSays.tell(bob.id, eve.id, sealed) }).flatMap((effect) =>
        effect.kind === 'send'
          ? [
              `${effect.link} ${framesIn(effect.bytes)
                .map(({ body }) => textOf(body))
                .join()}`,
            ]
          : [],
      );
    expect(tell()).toEqual([`2 told:${bob.id} ${sealed}`]);
    feed({ kind: 'full', link: 2 });
    expect(tell()).toEqual([]);
    feed({ kind: 'drained', link: 2 });
    feed({ kind: 'closed', link: 2 });
    expect(tell()).toEqual([]);
    expect(state.links.has(1)).toBe(true);
  });
});

describe('as bytes', () => {
  const name = fc.record({
    origin: fc.stringMatching(/^[\w-]{10}$/),
    k: fc.integer({ min: 1, max: limits.countMax }),
  });
  const time = fc.integer({ min: 0, max: limits.timeMax });
  const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 });
  const anyLetter = fc.tuple(name, time, text).map(([one, when, what]) => ({ ...one, time: when, text: what }));

  it('what is sealed comes out as it was', () => {
    const content: fc.Arbitrary<Content> = fc.oneof(
      name.map((heard) => ({ kind: 'heard' as const, heard })),
      fc.record({
        kind: fc.constant('letter' as const),
        letter: anyLetter,
        after: fc.option(name, { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(content, (one) => {
        expect(decodeContent(encodeContent(one))).toEqual(one);
      }),
    );
  });

  it('what is kept, too', () => {
    const key = fc.stringMatching(/^[\w-]{43}$/);
    const called = fc.constantFrom('bob', 'Zoë', '李', '🦊');
    fc.assert(
      fc.property(anyLetter, key, called, name, (one, to, who, other) => {
        const outgoing = { ...one, to, name: who };
        expect(letterIn.outgoing(letterText.outgoing(outgoing))).toEqual(outgoing);
        expect(letterIn.name(letterText.name(other))).toEqual(other);
        expect(letterIn.shown(letterText.shown({ ...other, key: to }))).toEqual({ ...other, key: to });
      }),
    );
  });

  it.each([
    ['nothing', ''],
    ['another word', 'heart:abc 1'],
    ['no number', 'heard:abc'],
    ['a number from nought', 'heard:abc 0'],
    ['an id that is too long', 'heard:abcdefghijk 1'],
    ['no text', 'letter:abc 1 - 5 '],
    ['half a name before it', 'letter:abc 1 abc 5 text'],
    ['a number out of bounds', `letter:abc ${limits.countMax + 1} - 5 text`],
    ['a time out of bounds', `letter:abc 1 - ${limits.timeMax + 1} text`],
    ['a text that is too long', `letter:abc 1 - 5 ${'x'.repeat(limits.lineBytesMax + 1)}`],
  ])('%s is nothing that was sealed', (_, body) => {
    expect(decodeContent(new TextEncoder().encode(body))).toBeUndefined();
  });

  it('the longest one fits', () => {
    const longest = encodeContent(
      letter('abcdefghij', limits.countMax, 'x'.repeat(limits.lineBytesMax), limits.countMax),
    );
    // A nonce of 12 bytes and a tag of 16, in base64url; behind `tell:` and an id.
    expect(Math.ceil(((longest.length + 28) * 4) / 3) + 16).toBeLessThanOrEqual(limits.memberBodyBytesMax);
  });

  it('a piece of a journal that is none is damage', () => {
    expect(codeOf(() => letterIn.outgoing('bob says hi'))).toBe('body');
    expect(codeOf(() => letterIn.name('abc'))).toBe('body');
    expect(codeOf(() => letterIn.shown('abc 1'))).toBe('body');
  });
});
