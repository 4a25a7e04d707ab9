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
    expect(await writeLines(file, () => text)).toBe(text.length);
    expect(await checkTestimony(file, checker)).toMatchObject({ ok: true, lines: 4, signed: 4 });
    await expect(writeLines(file, () => text)).rejects.toMatchObject({ code: 'store' });
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

  it('with a line of a gigabyte is read on behind it', async () => {
    const piece = Buffer.alloc(1 << 20, 'x');
    async function* long(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, bytes.indexOf(0x0a) + 1);
      for (let at = 0; at < 1024; at++) yield piece;
      yield Buffer.from('\n');
      yield bytes.subarray(bytes.indexOf(0x0a) + 1);
    }
    const verdict = await checkTestimony(long(), checker);
    expect(told(verdict)).toEqual(['record']);
    expect(verdict).toMatchObject({
      signed: 4,
      faults: [{ place: 2, why: `it has more than ${limits.exportLineBytesMax} bytes` }],
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
    await expect(checkTestimony(folder, checker)).rejects.toMatchObject({ code: 'store' });
    writeFileSync(join(folder, 'empty'), '');
    expect(told(await checkTestimony(join(folder, 'empty'), checker))).toEqual(['unread']);
  });
});
