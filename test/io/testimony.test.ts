/** A signed export as a file that anybody may have made: read in pieces of any size, and never kept in memory. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { checkTestimony } from '../../src/io/testimony.ts';
import { writeLines } from '../../src/io/transcript.ts';
import { Author, checker, Gathering, told } from '../core/gathering.ts';

const ann = new Author('ann');
const gathering = new Gathering();
gathering.enter(ann);
gathering.say(ann, ann.burst(['one', 'zwölf', '三'])).say(ann, ann.burst(['two']));
const text = gathering.export().map((line) => `${line}\n`);
const bytes = Buffer.from(text.join(''));
const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function* chunks(...parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

describe('a signed export', () => {
  it('is proven as it was written', async () => {
    const file = join(folder, 'room.jsonl');
    await writeLines(file, text);
    expect(await checkTestimony(file, checker)).toMatchObject({ ok: true, lines: 4, signed: 4 });
    await expect(writeLines(file, text)).rejects.toMatchObject({ code: 'store' });
  });

  it('may come in pieces of any size, its last line without an end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), fc.boolean(), async (cuts, ended) => {
        const all = ended ? bytes : bytes.subarray(0, -1);
        const ends = [...cuts, all.length].toSorted((a, b) => a - b);
        const parts = ends.map((end, at) => all.subarray(ends[at - 1] ?? 0, end));
        expect(await checkTestimony(chunks(...parts), checker)).toMatchObject({ ok: true, signed: 4 });
      }),
      { numRuns: 30 },
    );
  });

  it('that was cut off anywhere is not', async () => {
    for (let end = 0; end < bytes.length - 1; end += 7) {
      const { ok, faults } = await checkTestimony(chunks(bytes.subarray(0, end)), checker);
      expect([end, ok, faults.length > 0]).toEqual([end, false, true]);
    }
  });

  it.each([
    ['first', '', 1, 0],
    ['later', text[0] as string, 2, 0],
  ])('with a line without end, the %s, is read no further', async (_, begun, place, signed) => {
    const piece = Buffer.alloc(1 << 16);
    let given = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(begun);
      for (;;) {
        given += piece.length;
        yield piece;
      }
    }
    const verdict = await checkTestimony(endless(), checker);
    expect(verdict).toMatchObject({ ok: false, signed });
    expect(verdict.faults).toContainEqual({
      kind: 'unread',
      place,
      until: place,
      why: `it has more than ${limits.exportLineBytesMax} bytes`,
    });
    expect(given).toBeLessThanOrEqual(limits.exportLineBytesMax + piece.length);
  });

  it('with a line of one byte too many says what was proven before it', async () => {
    const long = `${text.join('')}${'x'.repeat(limits.exportLineBytesMax + 1)}\n${text.join('')}`;
    expect(await checkTestimony(chunks(Buffer.from(long)), checker)).toMatchObject({
      ok: false,
      signed: 4,
      faults: [{ kind: 'unread', place: text.length + 1 }],
    });
  });

  it('of bytes at random is none', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 })), fc.boolean(), async (parts, begun) => {
        const verdict = await checkTestimony(chunks(...(begun ? [bytes.subarray(0, 900)] : []), ...parts), checker);
        expect(verdict.ok).toBe(false);
      }),
    );
  });

  it('that is not there, or cannot be read, is told of', async () => {
    await expect(checkTestimony(join(folder, 'nothing'), checker)).rejects.toMatchObject({
      code: 'store',
      message: /there is no such file/,
    });
    const none = { code: 'store', message: /neither a file nor a pipe/ };
    await expect(checkTestimony(folder, checker)).rejects.toMatchObject(none);
    if (process.platform !== 'win32') await expect(checkTestimony('/dev/zero', checker)).rejects.toMatchObject(none);
    writeFileSync(join(folder, 'empty'), '');
    expect(told(await checkTestimony(join(folder, 'empty'), checker))).toEqual(['unread']);
  });
});
