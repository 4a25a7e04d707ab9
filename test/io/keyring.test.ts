import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Keyring } from '../../src/io/keyring.ts';
import { privately, roomKey } from './host.ts';

/** What one keyring makes of another's tag. */
function sees(mine: Keyring, other: Keyring): string | undefined {
  const found = mine.recognise(other.present().identity);
  return typeof found === 'object' ? mine.standing(found) : found;
}

describe('a keyring', () => {
  it.each([
    ['an open one', Keyring.open(), Keyring.open(), 'current'],
    ['the same key', privately(1), privately(1), 'current'],
    ['another key', privately(1), privately(2), 'unknown'],
    ['an open one, being private', privately(1), Keyring.open(), 'open'],
    ['a private one, being open', Keyring.open(), privately(1), 'unknown'],
  ])('recognises %s', (_, mine, other, expected) => {
    expect(sees(mine, other)).toBe(expected);
  });

  it('gives both ends one PSK, which is neither the key nor what makes the tags', () => {
    const presented = privately(1).present();
    const found = privately(1).recognise(presented.identity);
    if (typeof found !== 'object') throw new Error('not recognised');
    expect(found.psk).toEqual(presented.psk);
    expect(found.psk).toHaveLength(32);
    expect(new Set([found.psk, found.tag].map((part) => part.toString('base64url'))).add(roomKey(1)).size).toBe(3);
    expect(Keyring.open().present().psk).not.toEqual(presented.psk);
  });

  it('shows another tag for every link', () => {
    const keyring = privately(1);
    const tags = Array.from({ length: 100 }, () => keyring.present().identity);
    expect(new Set(tags.map((tag) => tag.slice(0, 20))).size).toBe(100);
    expect(new Set(tags.map((tag) => tag.slice(-20))).size).toBe(100);
  });

  it('recognises no tag of which a bit is changed, and never throws', () => {
    const keyring = privately(1);
    const tag = Buffer.from(keyring.present().identity, 'base64url');
    for (let bit = 0; bit < 256; bit++) {
      const changed = Buffer.from(tag);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(keyring.recognise(changed.toString('base64url'))).toBe('unknown');
    }
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ minLength: 43, maxLength: 43 })), (text) => {
        expect(['unknown', undefined]).toContain(keyring.recognise(text));
      }),
    );
  });

  it.each(['', 'x', roomKey(1).slice(1), `${roomKey(1)}A`, `${roomKey(1).slice(1)}=`, `${roomKey(1).slice(0, -1)}F`])(
    'takes no key like %j',
    (key) => {
      expect(() => Keyring.private(key)).toThrow('broken invariant');
    },
  );
});

describe('a key that is replaced', () => {
  it('is good until it is retired, and the new one at once', () => {
    const keyring = privately(1);
    keyring.replace(roomKey(2));
    expect(sees(keyring, privately(1))).toBe('former');
    expect(sees(keyring, privately(2))).toBe('current');
    expect(sees(privately(2), keyring)).toBe('current');
    keyring.retire();
    expect(sees(keyring, privately(1))).toBe('unknown');
    expect(sees(keyring, privately(2))).toBe('current');
  });

  it('is one of two and no more', () => {
    const keyring = privately(1);
    keyring.replace(roomKey(2));
    keyring.replace(roomKey(3));
    expect([1, 2, 3].map((at) => sees(keyring, privately(at)))).toEqual(['unknown', 'former', 'current']);
  });

  it('is not replaced by itself', () => {
    const keyring = privately(1);
    keyring.replace(roomKey(2));
    keyring.replace(roomKey(2));
    expect(sees(keyring, privately(1))).toBe('former');
  });

  it('loses its standing even for who has been recognised', () => {
    const keyring = privately(1);
    const found = keyring.recognise(privately(1).present().identity);
    if (typeof found !== 'object') throw new Error('not recognised');
    keyring.replace(roomKey(2));
    expect(keyring.standing(found)).toBe('former');
    keyring.retire();
    expect(keyring.standing(found)).toBeUndefined();
  });

  it('is only that of a private room', () => {
    expect(() => Keyring.open().replace(roomKey(1))).toThrow('broken invariant');
    expect(() => Keyring.plain().present()).toThrow('broken invariant');
  });
});
