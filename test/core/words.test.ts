/** What people compare: as it was worked out elsewhere, and dear to whoever would imitate it. */
import { createHash } from 'node:crypto';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { describe, expect, it } from 'vitest';
import { fingerprint, wordsOf } from '../../src/core/words.ts';

const crypto = { hash: (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64url') };

/** The public keys of RFC 8032, 7.1, tests 1 and 2, and one of zeros. */
const [one, two, zero] = [
  '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
  'PUAXw-hDiVqStwqnTRt-vJyYLM8uxJaMwM1V8Sr0Zgw',
  'A'.repeat(43),
] as const;

/** Worked out by a program of a few lines in another language. */
describe('the words of a person', () => {
  it.each([
    [one, 'valley champion boost gospel random marine'],
    [two, 'poem key typical require delay glue'],
    [zero, 'lottery trip odor hamster extra weapon'],
  ])('%s: %s', (key, words) => {
    expect(wordsOf(crypto, key).join(' ')).toBe(words);
  });

  it('are of the list, whose words four letters tell apart', () => {
    expect(wordlist).toHaveLength(2048);
    expect(new Set(wordlist.map((word) => word.slice(0, 4))).size).toBe(2048);
    const said = wordsOf(crypto, one);
    expect(said).toHaveLength(6);
    expect(wordlist).toEqual(expect.arrayContaining(said));
  });

  it('cost whoever looks for a key with given words', () => {
    let hashes = 0;
    wordsOf({ hash: (bytes) => (hashes++, crypto.hash(bytes)) }, one);
    expect(hashes).toBe(2 ** 13 + 1);
  });
});

describe('a fingerprint', () => {
  it.each([
    [one, 'fy1n c0s0 5tz4 v26s 7hk8 c86x nvzh bsy8'],
    [two, '8bn9 bzrh m3p5 hzgx w658 zy9q gkfh z1ce'],
    [zero, 'mqja fs10 468k ebya b19h 1kpw tk5e cx8y'],
  ])('of %s is %s', (key, expected) => {
    expect(fingerprint(crypto, key)).toBe(expected);
  });
});
