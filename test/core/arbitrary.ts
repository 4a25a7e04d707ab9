/** What fast-check draws: whatever may stand in a room. */
import * as fc from 'fast-check';
import { isDialable } from '../../src/core/address.ts';
import type {
  HandedEntry,
  ChatEntry,
  Cover,
  Entry,
  JoinedEntry,
  LeftEntry,
  Offer,
  PeersEntry,
  RenamedEntry,
  Why,
} from '../../src/core/entry.ts';
import type { Reign } from '../../src/core/extent.ts';
import type { Snapshot } from '../../src/core/log.ts';
import type { Auth } from '../../src/core/message.ts';
import { limits } from '../../src/core/limits.ts';
import { nameFault } from '../../src/core/name.ts';
import type { Member, Person } from '../../src/core/view.ts';

export const id = fc.stringMatching(/^[!-~]{1,10}$/);
const roomId = fc.stringMatching(/^[0-9a-z]{10}$/);
const whole = fc.integer({ min: 0, max: limits.countMax });
export const fromOne = fc.integer({ min: 1, max: limits.countMax });

/** Any character but half ones; fast-check's own `binary` takes two seconds to make. */
const character = fc
  .oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0x10_ffff }))
  .filter((point) => point < 0xd800 || point > 0xdfff)
  .map((point) => String.fromCodePoint(point));
export const anything = (maxLength: number, minLength = 0): fc.Arbitrary<string> =>
  fc.string({ unit: character, minLength, maxLength });
const text = anything(40, 1);
export const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((drawn) => nameFault(drawn) === undefined);

const port = fc.integer({ min: 1, max: 65_535 });
const address = fc
  .oneof(
    fc.tuple(fc.ipV4(), port).map(([host, at]) => `${host}:${at}`),
    fc.tuple(fc.ipV6(), port).map(([host, at]) => `[${host}]:${at}`),
    fc.tuple(fc.domain(), port).map(([host, at]) => `${host}:${at}`),
  )
  .filter(isDialable);
const addresses = fc.array(address, { maxLength: 8 });

/** So many characters of base64url. */
const base64url = (length: number): fc.Arbitrary<string> =>
  fc.stringMatching(/^[\w-]{8}$/).map((start) => start.padEnd(length, '-_'));
const key = base64url(43);
const signature = base64url(86);
const keys = { key, box: key, vouch: signature };
const cover: fc.Arbitrary<Cover> = fc.record({ from: fromOne, signature });
const by: fc.Arbitrary<Person> = fc.record({ name, key, box: key });

/** A line, an act, or a seal. */
const what = fc
  .oneof(
    fc.record({ text }),
    fc.record({ text, cover }),
    fc.record({ text, cover, what: fc.constant('act' as const) }),
    fc.record({ text: fc.constant(''), cover, what: fc.constant('seal' as const) }),
  )
  .map((one): Pick<Offer, 'what' | 'cover' | 'text'> => one);

export const offer: fc.Arbitrary<Offer> = fc
  .tuple(fc.record({ n: fromOne, time: whole, apart: fc.boolean() }), what)
  .map(([line, more]) => ({
    ...line,
    ...more,
    // What comes before it; an act is signed alone.
    ...(more.cover && {
      cover: { ...more.cover, from: more.what === 'act' ? line.n : Math.min(more.cover.from, line.n) },
    }),
  }));

/** Numbers that rise from at least 1. */
const rising = (count: number): fc.Arbitrary<number[]> =>
  fc
    .array(fc.integer({ min: 1, max: 1000 }), { minLength: count, maxLength: count })
    .map((steps) => steps.map((_, at) => steps.slice(0, at + 1).reduce((sum, one) => sum + one, 0)));

export const members: fc.Arbitrary<Member[]> = fc
  .uniqueArray(id, { minLength: 1, maxLength: 5 })
  .chain((ids) =>
    fc.tuple(
      rising(ids.length),
      ...ids.map((one) => fc.record({ id: fc.constant(one), name, addresses, joined: fromOne, ...keys })),
    ),
  )
  .map(([places, ...drawn]) => drawn.map((one, at) => ({ ...one, joined: places[at] as number })));

const lineage: fc.Arbitrary<Reign[]> = fc
  .nat(5)
  .chain((count) => fc.tuple(rising(count), rising(count), fc.array(id, { minLength: count, maxLength: count })))
  .map(([epochs, firsts, ids]) =>
    ids.map((coordinator, at) => ({ epoch: epochs[at] as number, coordinator, first: firsts[at] as number })),
  );

const why = fc.constantFrom<Why>('left', 'handover', 'ended', 'silent', 'cut', 'slow');

const place = { epoch: fromOne, seq: fromOne, time: whole };
const chat: fc.Arbitrary<ChatEntry> = fc
  .tuple(fc.record({ epoch: fromOne, seq: fromOne, author: id }), offer, fc.option(by))
  .map(([at, line, who]) => ({ kind: 'chat', ...at, ...line, ...(who === null ? {} : { by: who }) }));
const peers: fc.Arbitrary<PeersEntry> = fc.record({
  ...place,
  kind: fc.constant('peers'),
  count: fromOne,
  members,
  lost: fc.array(fc.record({ id, why }), { maxLength: 4 }),
});
const joined: fc.Arbitrary<JoinedEntry> = fc.record({
  ...place,
  kind: fc.constant('joined'),
  member: fc.record({ id, name, addresses, joined: fromOne, ...keys }),
});
const left: fc.Arbitrary<LeftEntry> = fc.record({ ...place, kind: fc.constant('left'), id, why });
const renamed: fc.Arbitrary<RenamedEntry> = fc.record({
  ...place,
  kind: fc.constant('renamed'),
  id,
  name,
  vouch: signature,
});
const handed: fc.Arbitrary<HandedEntry> = fc.record({ ...place, kind: fc.constant('handed'), id, joined: fromOne });
export const entry: fc.Arbitrary<Entry> = fc.oneof(chat, peers, joined, left, renamed, handed);

export const auth: fc.Arbitrary<Auth> = fc.record({
  version: fc.constant(limits.wireVersion),
  name: anything(20),
  addresses,
  room: fc.option(roomId),
  ...keys,
  proof: signature,
  lineage,
  first: fromOne,
  last: whole,
  coordinates: fc.option(fc.array(id, { maxLength: 5 })),
});

/** A number that a room may go on from. */
const half = fc.integer({ min: 0, max: limits.countMax / 2 });

export const snapshot: fc.Arbitrary<Snapshot> = fc
  .tuple(
    half,
    half,
    half,
    members,
    fc.uniqueArray(fc.tuple(id, fromOne), { selector: ([one]) => one }),
    fc.uniqueArray(fc.tuple(id, fromOne, key), { selector: ([one]) => one, maxLength: 3 }),
    lineage,
  )
  .map(([epoch, seq, count, list, authors, open, reigns]) => ({
    // Somebody can be dialled in every room that has begun.
    seq: list.some((one) => one.addresses.length > 0) ? seq : 0,
    view: { epoch, count: Math.max(count, list.at(-1)?.joined ?? 0), members: list },
    authors: new Map(authors),
    founder: null,
    acts: [],
    notes: [],
    ranges: new Map(open.map(([one, from, base]) => [one, { from, base, lines: [] }])),
    lineage: reigns,
  }));

/** Bytes at random, and bodies that are nearly right: a real word, a real record with one place spoilt. */
export const nearly = (valid: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .tuple(fc.constantFrom(...valid), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat())
      .map(([body, changes, end]) => {
        const spoilt = body.slice(0, end % 3 === 0 ? end % (body.length + 1) : body.length);
        for (const [at, byte] of changes) if (spoilt.length > 0) spoilt[at % spoilt.length] = byte;
        return spoilt;
      }),
    fc
      .tuple(
        fc.constantFrom('auth', 'peers', 'output', 'welcome', 'refused', 'snapshot', 'held', 'pong', 'challenge'),
        fc.json(),
      )
      .map(([word, json]) => new TextEncoder().encode(`${word}:${json}`)),
  );
