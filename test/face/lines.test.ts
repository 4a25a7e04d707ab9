import { array, asyncProperty, assert, constantFrom, integer, string, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lines } from '../../src/face/lines.ts';

const encoder = new TextEncoder();

async function read(chunks: readonly (Uint8Array | string)[], bytesMax = 100): Promise<string[]> {
  async function* input() {
    yield* chunks;
  }
  const found: string[] = [];
  for await (const line of lines(input(), bytesMax)) found.push(line);
  return found;
}

describe('lines', () => {
  it.each([
    ['ended by LF', ['a\nb\n'], ['a', 'b']],
    ['the last without an end', ['a\nb'], ['a', 'b']],
    ['ended by CR LF', ['a\r\nb\r\n'], ['a', 'b']],
    ['CR LF in two chunks', ['a\r', '\nb'], ['a', 'b']],
    ['CR inside stays', ['a\rb\n'], ['a\rb']],
    ['a CR at the very end', ['a\r'], ['a']],
    ['empty ones', ['\n\r\n\na'], ['', '', '', 'a']],
    ['nothing', [], []],
    ['empty chunks', ['', 'a', '', '\n', ''], ['a']],
    ['a byte order mark at the start, and only there', ['\ufeffa\n\ufeffb\n'], ['a', '\ufeffb']],
    ['bytes that are no UTF-8', [Uint8Array.of(0x61, 0xff, 0x0a, 0x62)], ['a\ufffd', 'b']],
    ['a character in two chunks', [Uint8Array.of(0xc3), Uint8Array.of(0xa4, 0x0a)], ['ä']],
  ])('%s', async (_, chunks, found) => expect(await read(chunks)).toEqual(found));

  it('are what one makes of them where they are not UTF-8, and of those only', async () => {
    async function* input() {
      yield 'a\ufffd\n';
      yield Uint8Array.of(0x61, 0xff, 0x0a, 0xc3, 0x0a, 0x62);
      // Cut off in the middle of a character, since it is too long.
      yield '\n1234567ä\n';
    }
    const found: (string | null)[] = [];
    for await (const line of lines(input(), 7, () => null)) found.push(line);
    expect(found.slice(0, 4)).toEqual(['a\ufffd', null, null, 'b']);
    expect(found[4]).toMatch(/^1234567/u);
  });

  it('of a line that is too long, only enough to be refused is kept', async () => {
    expect(await read(['12345\n123456\r\n1234567890\n', '12345\r\n', '1234', '567890', '\nok'], 5)).toEqual([
      '12345',
      '123456',
      '1234567',
      '12345',
      '1234567',
      'ok',
    ]);
  });

  it('are the same however they are cut up', async () => {
    const line = string({ unit: 'grapheme' }).map((text) => text.replaceAll(/[\r\n\ufeff]/gu, ''));
    await assert(
      asyncProperty(
        array(tuple(line, constantFrom('\n', '\r\n'))),
        array(integer({ min: 1, max: 7 })),
        async (all, sizes) => {
          const bytes = encoder.encode(all.flat().join(''));
          const chunks: Uint8Array[] = [];
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 3;
            chunks.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(await read(chunks, 10_000)).toEqual(all.map(([text]) => text));
        },
      ),
    );
  });
});
