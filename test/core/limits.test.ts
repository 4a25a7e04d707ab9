/** The bounds fit together: what one of them allows, no other forbids. */
import { emptySnapshot } from '../../src/core/log.ts';
import { describe, expect, it } from 'vitest';
import { entryFrame } from '../../src/core/entry.ts';
import { limits, settings } from '../../src/core/limits.ts';
import { clientSays, parseClient, serverSays } from '../../src/core/message.ts';
import { framesIn, line, reign } from './table.ts';
import { toyCrypto } from './toy.ts';

const many = <Item>(count: number, item: (at: number) => Item): Item[] =>
  Array.from({ length: count }, (_, at) => item(at));
const digits = (at: number): string => String(at).padStart(4, '0');
const most = limits.countMax;
const longest = { key: 'k'.repeat(43), box: 'b'.repeat(43), vouch: 'v'.repeat(86) };

describe('limits', () => {
  it('let a view of a thousand members with eight addresses each fit into a body', () => {
    const members = many(limits.membersMax, (at) => ({
      id: `member${digits(at)}`,
      name: `${digits(at)}${'é'.repeat(limits.nameGraphemesMax - 4)}`,
      addresses: many(limits.addressesMax, (host) => `${'h'.repeat(limits.addressBytesMax - 7)}${host}:65535`),
      joined: at + 1,
      ...longest,
    }));
    expect(members[0]?.addresses[0]).toHaveLength(limits.addressBytesMax);
    expect(entryFrame(reign(1, 1, members)).body.length).toBeLessThan(limits.bodyBytesMax);
  });

  it('let the longest snapshot fit into a body: the largest view, all authors, all reigns', () => {
    // A coordinator lets nobody in who would make the view longer than this.
    const members = many(limits.membersMax, (at) => ({
      id: `member${digits(at)}`,
      name: digits(at),
      addresses: many(8, (host) => `${'h'.repeat(54)}${host}:65535`),
      joined: most - limits.membersMax + at,
      ...longest,
    }));
    const json = Buffer.byteLength(JSON.stringify(members));
    expect(json).toBeGreaterThan(limits.viewBytesMax * 0.85);
    const authors = many(
      limits.authorsMax + limits.membersMax,
      (at) => [`auth${digits(at)}`.padEnd(10), most] as const,
    );
    const lineage = many(limits.lineageMax, (at) => ({
      epoch: most - at,
      coordinator: '0123456789',
      first: most - at,
    }));
    const view = { epoch: most, count: most, members };
    const open = many(
      limits.rangesMax,
      (at) => [`auth${digits(at)}`.padEnd(10), { from: most, base: '', lines: [] }] as const,
    );
    const shot = { ...emptySnapshot, seq: most, view, authors: new Map(authors), ranges: new Map(open), lineage };
    const [frame] = framesIn(serverSays.snapshot(shot, toyCrypto(1)));
    expect((frame?.body.length ?? 0) + limits.viewBytesMax - json).toBeLessThan(limits.bodyBytesMax);
  });

  it('let the longest auth of a newcomer or a survivor through the door', () => {
    const auth = {
      version: limits.wireVersion,
      name: '👨‍👩‍👧‍👦'.repeat(10),
      addresses: many(limits.addressesMax, () => `${'h'.repeat(limits.addressBytesMax - 6)}:65535`),
      room: '0123456789',
      ...longest,
      proof: 'p'.repeat(86),
      lineage: many(limits.lineageMax, (at) => ({
        epoch: most - 99 + at,
        coordinator: '0123456789',
        first: most - 99 + at,
      })),
      first: most,
      last: most,
      coordinates: many(limits.membersMax, (at) => `member${digits(at)}`),
    };
    const [frame] = framesIn(clientSays.auth('0123456789', auth));
    expect(frame?.body.length).toBeLessThan(limits.strangerBodyBytesMax);
    expect(frame && parseClient(frame)).toEqual({ kind: 'auth', ...auth });
  });

  it('let the longest line fit into a segment of the log, and into a stranger', () => {
    const text = 'x'.repeat(limits.lineBytesMax);
    const by = { name: 'n'.repeat(limits.nameGraphemesMax), key: longest.key, box: longest.box };
    const cover = { from: most, signature: 's'.repeat(86) };
    const { body } = entryFrame(
      line('0123456789', most, most, { epoch: most, time: most, apart: true, by, cover, text }),
    );
    expect(body.length + limits.headerBytes).toBeLessThan(limits.segmentBytes);
    expect(body.length).toBeLessThan(limits.strangerBodyBytesMax);
  });

  it('have defaults that keep their own rules', () => {
    for (const { least, default: usual } of Object.values(settings)) expect(usual).toBeGreaterThanOrEqual(least);
    expect(settings.silenceMs.default).toBeGreaterThanOrEqual(2 * settings.pingMs.default);
  });
});
