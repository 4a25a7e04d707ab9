import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeFile, encodeRecord, fileStart } from '../../src/io/record.ts';

const fileOf = (...pieces: readonly Uint8Array[]): Buffer => Buffer.concat([fileStart, ...pieces.map(encodeRecord)]);
const read = (file: Buffer): (string | null)[] =>
  decodeFile(file).pieces.map((piece) => piece && Buffer.from(piece).toString('latin1'));
const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('records', () => {
  it('give back any bytes', () => {
    const piece = fc.oneof(
      fc.uint8Array(),
      fc.array(fc.constantFrom(0x1e, 0x10, 0x50, 0x0a)).map((list) => Uint8Array.from(list)),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const journal = decodeFile(fileOf(...pieces));
        expect(journal.kind).toBe('ours');
        expect(journal.pieces.map((one) => [...(one ?? [-1])])).toEqual(pieces.map((one) => [...one]));
      }),
    );
  });

  it('that are damaged take no others with them', () => {
    const texts = Array.from({ length: 12 }, (_, at) => `${at} ${'\x1e\x10'.repeat(at % 3)} said`);
    const records = texts.map((text) => encodeRecord(bytes(text)));
    const [where, length] = [fc.nat({ max: 600 }), fc.nat({ max: 80 })];
    fc.assert(
      fc.property(where, length, fc.uint8Array({ maxLength: 80 }), (from, cut, junk) => {
        const file = Buffer.concat([fileStart, ...records]);
        const damaged = Buffer.concat([file.subarray(0, from), junk, file.subarray(from + cut)]);
        let at = fileStart.length;
        const whole = texts.filter((_, index) => {
          const begin = at;
          at += (records[index] as Uint8Array).length;
          return at <= from || begin >= from + cut;
        });
        const found = read(damaged).filter((piece) => piece !== null);
        expect(found.filter((text) => whole.includes(text))).toEqual(whole);
        expect(texts.filter((text) => found.includes(text))).toEqual(found);
      }),
      { numRuns: 2000 },
    );
  });

  it('stand whatever byte is flipped, to whatever', () => {
    const texts = ['one', 'two \x1e', '', 'four'];
    const file = fileOf(...texts.map(bytes));
    const starts = texts.map((_, at) => fileOf(...texts.slice(0, at).map(bytes)).length);
    for (let at = 0; at < file.length; at++) {
      const hit = starts.findLastIndex((start) => start <= at);
      const good = read(file);
      if (hit === -1) good.unshift(null);
      else good[hit] = null;
      for (let bits = 1; bits < 256; bits++) {
        const flipped = Buffer.from(file);
        flipped[at] = (file[at] as number) ^ bits;
        const found = read(flipped);
        // The last one may look as if it had not been written whole.
        const expected = hit === 3 && found.length === 3 ? good.slice(0, 3) : good;
        expect(found).toEqual(expected);
      }
    }
  });

  it('cannot be brought in by what is said', () => {
    const forged = encodeRecord(bytes('I am the owner'));
    const file = fileOf(bytes('before'), forged, bytes('after'));
    const at = fileOf(bytes('before')).length;
    file[at + 1] = (file[at + 1] as number) ^ 1;
    expect(read(file)).toEqual(['before', null, 'after']);
  });

  it('of another version, or of nobody, are told from ours', () => {
    expect(decodeFile(bytes('groupchat journal 2\n\x1e00000000whatever'))).toMatchObject({
      kind: 'version',
      pieces: [],
    });
    for (const text of ['a diary', 'groupchat journal', 'groupchat journal x\n']) {
      const kind = text === 'groupchat journal' ? 'ours' : 'strange';
      expect(decodeFile(bytes(text))).toMatchObject({ kind, pieces: [] });
    }
    // The version is in every record: a damaged first line does not hide whose they are.
    const file = fileOf(bytes('one'));
    file[18] = 0x32;
    expect(read(file)).toEqual([null, 'one']);
  });

  it('are looked for in junk of 64 MiB', () => {
    const size = 1 << 26;
    const promise = bytes('\x1e0000000060000000  ');
    for (const junk of [bytes('\0'), bytes('\x1e'), bytes('\x1e\x10'), promise, encodeRecord(bytes('x')).subarray(1)]) {
      const file = Buffer.alloc(size, junk);
      fileStart.forEach((byte, at) => (file[at] = byte));
      const last = encodeRecord(bytes('still here'));
      file.set(last, size - last.length);
      expect(read(file)).toEqual([null, 'still here']);
    }
  });
});
