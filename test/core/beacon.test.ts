/** Beacons: what is one, who is seen by them, and that no flood of them costs more than it may. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answerWithin,
  beaconEvery,
  decodeBeacon,
  encodeBeacon,
  kinds,
  provenBytes,
  Sightings,
  type Beacon,
  type Heard,
} from '../../src/core/beacon.ts';
import { limits } from '../../src/core/limits.ts';

const hex = (number: number): string => number.toString(16).padStart(16, '0');
const mine = hex(0xfeed);

const beacon = (token: number, more: Partial<Beacon> = {}): Beacon => ({
  kind: 'open',
  does: 'here',
  port: 6000,
  nextMs: limits.beaconMs,
  token: hex(token),
  mark: hex(7),
  ...more,
});
const bytesOf = (token: number, more: Partial<Beacon> = {}): Uint8Array => encodeBeacon(beacon(token, more));

/** Shows the key of room 'r': its proof begins with one. */
const proven = (token: number, more: Partial<Beacon> = {}): Uint8Array => {
  const bytes = bytesOf(token, more);
  bytes[provenBytes] = 1;
  return bytes;
};
const recognise = (bytes: Uint8Array): string | undefined => (bytes[provenBytes] === 1 ? 'r' : undefined);
const nobody = (): undefined => undefined;

const faultsIn = (heard: readonly (Heard | undefined)[]): string[] =>
  heard.flatMap((one) => (one?.kind === 'fault' ? [one.fault] : []));

describe('a beacon', () => {
  it('says after its way what it said before', () => {
    const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((big) => big.toString(16).padStart(16, '0'));
    const any = fc.record<Beacon>({
      kind: fc.constantFrom(...kinds),
      does: fc.constantFrom('here', 'seeks'),
      port: fc.integer({ min: 1, max: 65_535 }),
      nextMs: fc.integer({ min: 1, max: 600 }).map((ticks) => ticks * 100),
      token: number,
      mark: number,
    });
    fc.assert(
      fc.property(any, (one) => {
        expect(decodeBeacon(encodeBeacon(one))).toEqual(one);
      }),
    );
  });

  it('takes 44 bytes, laid out as docs/protocol.md says', () => {
    const bytes = encodeBeacon({ ...beacon(0x0102), kind: 'private', does: 'seeks', port: 0x1770, nextMs: 2000 });
    expect(Buffer.from(bytes).toString('hex')).toBe(
      `6763424e0103010117700014${hex(0x0102)}${hex(7)}${'00'.repeat(16)}`,
    );
  });

  it.each<[string, (bytes: Uint8Array) => Uint8Array, 'junk' | 'version']>([
    ['nothing', () => new Uint8Array(), 'junk'],
    ['its beginning alone', (bytes) => bytes.subarray(0, 4), 'junk'],
    ['one that is cut short', (bytes) => bytes.subarray(0, -1), 'junk'],
    ['one that goes on', (bytes) => Uint8Array.of(...bytes, 0), 'junk'],
    ['one that goes on for long', (bytes) => Uint8Array.of(...bytes, ...new Uint8Array(limits.beaconBytesMax)), 'junk'],
    ['words', () => new TextEncoder().encode('10.0.0.5:6000'), 'junk'],
    ['another layout', (bytes) => bytes.with(4, 2), 'version'],
    ['another layout, longer', (bytes) => Uint8Array.of(...bytes.with(4, 2), 1, 2, 3), 'version'],
    ['another wire version', (bytes) => bytes.with(5, limits.wireVersion + 1), 'version'],
    ['no kind', (bytes) => bytes.with(6, 3), 'junk'],
    ['doing nothing', (bytes) => bytes.with(7, 2), 'junk'],
    ['in a room, and nobody can dial it', (bytes) => bytes.with(8, 0).with(9, 0), 'junk'],
    ['in a room, and never again', (bytes) => bytes.with(10, 0).with(11, 0), 'junk'],
  ])('is not: %s', (_, change, what) => expect(decodeBeacon(change(bytesOf(1)))).toBe(what));

  it('is not what comes by chance, whatever that is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        expect(decodeBeacon(bytes)).toBe('junk');
      }),
    );
  });

  it('comes the more rarely, the more of them there are', () => {
    expect([1, 8, 16, 1000].map(beaconEvery)).toEqual([2000, 2000, 4000, 60_000]);
    expect(answerWithin(2)).toBeLessThan(100);
    expect(answerWithin(1000)).toBe(limits.answerMsMax);
  });
});

describe('sightings', () => {
  it('are of others, once each, room by room, the known one first', () => {
    const seen = new Sightings(mine);
    expect(seen.hear(encodeBeacon({ ...beacon(0), token: mine }), '10.0.0.1', 0, recognise)).toBeUndefined();
    seen.hear(bytesOf(1), '10.0.0.2', 0, recognise);
    seen.hear(bytesOf(2, { mark: hex(8) }), '10.0.0.3', 0, recognise);
    seen.hear(bytesOf(1, { port: 6001 }), '10.0.0.2', 1, recognise);
    seen.hear(bytesOf(3), '10.0.0.4', 1, recognise);
    // Two parts of a room that is known are one.
    seen.hear(proven(4, { mark: hex(9) }), '10.0.0.5', 1, recognise);
    seen.hear(proven(5, { mark: hex(10) }), '10.0.0.6', 1, recognise);
    const shown = seen
      .crowds(2)
      .map(({ own, sightings }) => [own, ...sightings.map(({ host, port }) => `${host} ${port}`)]);
    expect(shown).toEqual([
      ['r', '10.0.0.5 6000', '10.0.0.6 6000'],
      [undefined, '10.0.0.2 6001', '10.0.0.4 6000'],
      [undefined, '10.0.0.3 6000'],
    ]);
  });

  it('end when three were missed', () => {
    const seen = new Sightings(mine);
    seen.hear(bytesOf(1), '10.0.0.2', 0, nobody);
    expect(seen.crowds(3 * limits.beaconMs - 1)).toHaveLength(1);
    expect(seen.crowds(3 * limits.beaconMs)).toEqual([]);
    // However long one says that it will be silent.
    seen.hear(bytesOf(1, { nextMs: 6_553_500 }), '10.0.0.2', 0, nobody);
    expect(seen.crowds(3 * limits.beaconMsMax)).toEqual([]);
  });

  it('are at the first address of several, while that lasts', () => {
    const seen = new Sightings(mine);
    const hosts = (now: number) => seen.crowds(now).flatMap(({ sightings }) => sightings.map(({ host }) => host));
    for (const now of [0, 2000]) {
      seen.hear(proven(1), '10.0.0.2', now, recognise);
      expect(seen.hear(proven(1), '127.0.0.1', now, recognise)).toMatchObject({ sighting: { host: '127.0.0.1' } });
      expect(hosts(now)).toEqual(['10.0.0.2']);
    }
    seen.hear(proven(1), '10.0.0.9', 8000, recognise);
    expect(hosts(8000)).toEqual(['10.0.0.9']);
  });

  it('are not of those who look; they are told of', () => {
    const seen = new Sightings(mine);
    const heard = seen.hear(bytesOf(1, { does: 'seeks', port: 0 }), '10.0.0.2', 0, recognise);
    expect(heard).toMatchObject({ kind: 'seeks', own: undefined });
    expect(seen.hear(proven(2, { does: 'seeks' }), '10.0.0.2', 0, recognise)).toMatchObject({
      kind: 'seeks',
      own: 'r',
    });
    expect(seen.crowds(1)).toEqual([]);
  });

  it('tell each kind of fault once', () => {
    const seen = new Sightings(mine);
    const junk = new Uint8Array(2000);
    const other = bytesOf(1).with(5, 99);
    const heard = [junk, other, junk, other, junk].map((bytes) => seen.hear(bytes, '10.0.0.2', 0, nobody));
    expect(faultsIn(heard)).toEqual(['junk', 'version']);
  });

  it('one who has shown the key is moved by nobody who has not', () => {
    const seen = new Sightings(mine);
    seen.hear(proven(1), '10.0.0.2', 0, recognise);
    const heard = [1, 2, 3].map((at) => seen.hear(bytesOf(1, { port: 666 }), '10.0.0.66', at, recognise));
    expect(faultsIn(heard)).toEqual(['forged']);
    expect(seen.hear(bytesOf(1), '10.0.0.2', 3, recognise)).toBeUndefined();
    expect(seen.crowds(4)).toMatchObject([{ own: 'r', sightings: [{ host: '10.0.0.2', port: 6000 }] }]);
  });
});

it('one that shows the key stands in the place of one with its token that does not', () => {
  const seen = new Sightings(mine);
  seen.hear(bytesOf(1, { port: 666, nextMs: 60_000 }), '10.0.0.66', 0, () => undefined);
  expect(seen.hear(proven(1), '10.0.0.2', 1, recognise)).toMatchObject({ kind: 'here', sighting: { own: 'r' } });
  expect(seen.crowds(2)).toMatchObject([{ own: 'r', sightings: [{ host: '10.0.0.2', port: 6000 }] }]);
});

describe('a flood', () => {
  it('of one address is looked at no more than it may, is told once, and hides nobody else', () => {
    const seen = new Sightings(mine);
    const heard: (Heard | undefined)[] = [];
    let looked = 0;
    const look = (): undefined => {
      looked++;
      return undefined;
    };
    for (let at = 0; at < 10_000; at++) heard.push(seen.hear(bytesOf(100 + (at % 200)), '10.0.0.66', at / 10, look));
    expect(faultsIn(heard)).toEqual(['flood']);
    expect(looked).toBeLessThanOrEqual(limits.hostBeaconsBurst + limits.hostBeaconsPerS);
    expect(seen.hear(bytesOf(1), '10.0.0.2', 1000, nobody)?.kind).toBe('here');
  });

  it('of many addresses, each new, does not hide who has shown the key', () => {
    const seen = new Sightings(mine);
    expect(seen.hear(proven(1), '10.0.0.2', 0, recognise)?.kind).toBe('here');
    let looked = 0;
    const heard: (Heard | undefined)[] = [];
    for (let at = 0; at < 10_000; at++) {
      const host = `10.${at >> 16}.${(at >> 8) & 255}.${at & 255}`;
      heard.push(
        seen.hear(bytesOf(100 + at), host, at / 10, () => {
          looked++;
          return undefined;
        }),
      );
    }
    expect(faultsIn(heard)).toEqual(['flood']);
    expect(looked).toBeLessThanOrEqual(limits.beaconsBurst + limits.beaconsPerS);
    expect(seen.crowds(1000).flatMap(({ sightings }) => sightings).length).toBeLessThanOrEqual(limits.sightingsMax);
    expect(seen.hear(proven(1), '10.0.0.2', 1000, recognise)?.kind).toBe('here');
    // One who has the key and is new comes in in the place of a stranger.
    expect(seen.hear(proven(2), '10.0.0.2', 1000, recognise)?.kind).toBe('here');
    expect(seen.crowds(1000)[0]?.sightings).toHaveLength(2);
  });
});
