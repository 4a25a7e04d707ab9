import { describe, expect, it } from 'vitest';
import { nearest } from '../../src/core/spelling.ts';

describe('a mistyped word', () => {
  it.each([
    ['tail', 'tail'],
    ['tial', 'tail'],
    ['taill', 'tail'],
    ['tl', 'tail'],
    ['wo', 'who'],
    ['verifications', undefined],
    ['xxil', 'tail'],
    ['xxxl', undefined],
    ['', undefined],
    // Half of a short one would be all of it.
    ['hi', undefined],
    ['x'.repeat(1 << 20), undefined],
  ])('%s was meant to be %s', (typed, meant) => {
    expect(nearest(typed, ['tail', 'who', 'verify'])).toBe(meant);
  });

  it('is compared with what was to be typed of a name', () => {
    expect(nearest('NMAE', ['GROUPCHAT_NAME', 'GROUPCHAT_JOIN'], (name) => name.slice(10))).toBe('GROUPCHAT_NAME');
  });
});
