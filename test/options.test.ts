/** How a peer may take part, and what is said about wishes that make no sense. */
import { describe, expect, it } from 'vitest';
import { ChatError } from '../src/core/errors.ts';
import { checkOptions, type PeerOptions } from '../src/options.ts';

const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';

/** What is wrong with the options; undefined when nothing is. */
function faultOf(options: Partial<PeerOptions>): string | undefined {
  try {
    checkOptions({ name: 'bob', ...options });
    return undefined;
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    expect(error.code).toBe('usage');
    return error.message;
  }
}

describe('who may enter', () => {
  it.each<Partial<PeerOptions>>([
    {},
    { private: true },
    { key },
    { key, private: true },
    { key, join: ['10.0.0.5:6000'] },
    { plain: true },
    { plain: true, private: false },
    { keepHistory: false, dataDir: '/tmp' },
  ])('%j', (options) => expect(faultOf(options)).toBeUndefined());

  it.each<[Partial<PeerOptions>, RegExp]>([
    [{ key, plain: true }, /no key/u],
    [{ private: true, plain: true }, /private or plain, not both/u],
    [{ key: '' }, /the key is missing/u],
    [{ key: key.slice(1) }, /43 characters, not 42/u],
    [{ key: `${key.slice(1)}=` }, /copy it anew/u],
    [{ key: `${key.slice(0, -1)}B`, private: true }, /copy it anew/u],
  ])('not %#, and no key is repeated', (options, words) => {
    const fault = faultOf(options);
    expect(fault).toMatch(words);
    expect(fault).not.toContain('IDBAUGBwg');
  });
});
