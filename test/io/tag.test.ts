/** Who recognises a room, and who does not. */
import { describe, expect, it } from 'vitest';
import { encodeBeacon } from '../../src/core/beacon.ts';
import { Tag } from '../../src/io/tag.ts';

const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const other = 'BQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';
const tag = Tag.of('private', key);
const beacon = encodeBeacon({
  kind: 'private',
  does: 'here',
  port: 6000,
  nextMs: 2000,
  token: '0123456789abcdef',
  mark: tag.mark(1, 2, 'abcdefghij'),
});

describe('a tag', () => {
  it('is recognised by who has the key, and by nobody else', () => {
    const proven = tag.prove(beacon, '10.0.0.5');
    expect(Tag.of('private', key).knows(proven, '10.0.0.5')).toBe(true);
    expect(Tag.of('private', other).knows(proven, '10.0.0.5')).toBe(false);
    expect(Tag.of('open', key).knows(proven, '10.0.0.5')).toBe(false);
    expect(tag.knows(beacon, '10.0.0.5')).toBe(false);
  });

  it('is false when it is sent from elsewhere, or anything of it is changed', () => {
    const proven = tag.prove(beacon, '10.0.0.5');
    expect(tag.knows(proven, '10.0.0.6')).toBe(false);
    for (const at of proven.keys()) expect(tag.knows(proven.with(at, proven[at]! ^ 1), '10.0.0.5')).toBe(false);
    expect(tag.knows(proven.subarray(0, -1), '10.0.0.5')).toBe(false);
    expect(tag.knows(new Uint8Array(), '10.0.0.5')).toBe(false);
  });

  it('of a room without a key follows from its id, and from whether it is in plain', () => {
    const proven = Tag.of('open', 'abcdefghij').prove(beacon, '10.0.0.5');
    expect(Tag.of('open', 'abcdefghij').knows(proven, '10.0.0.5')).toBe(true);
    expect(Tag.of('plain', 'abcdefghij').knows(proven, '10.0.0.5')).toBe(false);
    expect(Tag.of('open', 'abcdefghik').knows(proven, '10.0.0.5')).toBe(false);
  });

  it('has marks that are alike for all of one part of a room, and for nobody else', () => {
    expect(Tag.of('private', key).mark(1, 2, 'abcdefghij')).toBe(tag.mark(1, 2, 'abcdefghij'));
    const marks = [
      tag.mark(1, 2, 'abcdefghij'),
      tag.mark(2, 2, 'abcdefghij'),
      tag.mark(1, 3, 'abcdefghij'),
      tag.mark(1, 2, 'abcdefghik'),
      Tag.of('private', other).mark(1, 2, 'abcdefghij'),
    ];
    expect(new Set(marks).size).toBe(marks.length);
    for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{16}$/u);
  });

  it('shows neither the room nor the key', () => {
    const open = Tag.of('open', 'abcdefghij').prove(beacon, '10.0.0.5');
    for (const hidden of ['abcdefghij', Buffer.from(key, 'base64url')]) {
      expect(Buffer.from(open).includes(hidden)).toBe(false);
      expect(Buffer.from(tag.prove(beacon, '10.0.0.5')).includes(hidden)).toBe(false);
    }
  });
});
