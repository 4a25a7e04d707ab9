import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decoder, encodeFrame, writeFrame, type FrameType } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import { bytesOf, codeOf, concat, cut, decodeAll, singly, textOf } from './table.ts';

const header = (sender: string, type: FrameType, length: number): string =>
  textOf(encodeFrame(sender, type, new Uint8Array(length)).subarray(0, limits.headerBytes));

describe('encodeFrame', () => {
  it("writes the report's example byte for byte", () => {
    expect(textOf(encodeFrame('', 'SYSTEM', 'connected'))).toBe('          SYSTEM    9         connected');
  });

  it.each([
    ['', 'SYSTEM', 0, '          SYSTEM    0         '],
    ['ann', 'CHAT', 41, 'ann       CHAT      41        '],
    ['0123456789', 'SYSTEM', 1_048_576, '0123456789SYSTEM    1048576   '],
  ] as const)('pads the header of "%s" %s %i', (sender, type, length, expected) => {
    expect(header(sender, type, length)).toBe(expected);
  });

  it('counts the body in bytes, not in characters', () => {
    expect(textOf(encodeFrame('', 'CHAT', 'né 😀'))).toBe('          CHAT      8         né 😀');
  });

  it('takes bytes as they are', () => {
    expect([...encodeFrame('a', 'CHAT', Uint8Array.of(0, 255, 32)).subarray(30)]).toEqual([0, 255, 32]);
  });
});

describe('writeFrame', () => {
  it('writes a frame between other bytes, with a prefix before the body, and says how long it is', () => {
    const into = new Uint8Array(45).fill(0x2e);
    expect(writeFrame(into, 3, { sender: 'ann', type: 'CHAT', body: bytesOf('1 2 - é') }, '7 8 ')).toBe(42);
    expect(textOf(into)).toBe('...ann       CHAT      12        7 8 1 2 - é');
  });
});

const frames = fc.array(
  fc.record({
    sender: fc.stringMatching(/^[!-~]{0,10}$/),
    type: fc.constantFrom<FrameType>('SYSTEM', 'CHAT'),
    body: fc.uint8Array({ maxLength: 120 }),
  }),
  { maxLength: 12 },
);

describe('Decoder', () => {
  it('gives back what was encoded, however it is cut', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(1500), { maxLength: 40 }), (list, places) => {
        const whole = concat(list.map(({ sender, type, body }) => encodeFrame(sender, type, body)));
        const expected = list.map(({ sender, type, body }) => ({ sender, type, body: [...body] }));
        expect(decodeAll([whole])).toEqual(expected);
        expect(decodeAll(cut(whole, places))).toEqual(expected);
        expect(decodeAll(singly(whole))).toEqual(expected);
      }),
      { numRuns: 150 },
    );
  });

  it('takes a body of exactly the limit, in pieces', () => {
    const body = new Uint8Array(limits.bodyBytesMax).map((_, at) => at % 251);
    const whole = encodeFrame('ann', 'CHAT', body);
    const target = new Decoder();
    const found: Uint8Array[] = [];
    for (const chunk of cut(whole, [7, 30, 31, 100_000, 700_001])) {
      target.push(chunk);
      for (let frame = target.next(); frame !== undefined; frame = target.next()) found.push(frame.body);
    }
    expect(found).toHaveLength(1);
    expect(Buffer.compare(found[0] as Uint8Array, body)).toBe(0);
  });

  it('copies nothing of a frame that lies whole in a chunk', () => {
    const chunk = encodeFrame('ann', 'CHAT', 'hello');
    const target = new Decoder();
    target.push(chunk);
    expect(target.next()?.body.buffer).toBe(chunk.buffer);
  });

  it('takes the next sender for what it is, in a buffer that is used again', () => {
    const buffer = new Uint8Array(32);
    const target = new Decoder();
    const senders = ['ann', 'bob', 'bob', ''].map((sender) => {
      buffer.set(encodeFrame(sender, 'CHAT', 'hi'));
      target.push(buffer);
      return target.next()?.sender;
    });
    expect(senders).toEqual(['ann', 'bob', 'bob', '']);
  });

  it('has nothing to give before a frame is whole', () => {
    const target = new Decoder();
    expect(target.next()).toBeUndefined();
    target.push(new Uint8Array(0));
    expect(target.next()).toBeUndefined();
    target.push(encodeFrame('', 'SYSTEM', 'connected').subarray(0, 38));
    expect(target.next()).toBeUndefined();
    expect(decodeAll([bytesOf('d')], target)).toHaveLength(1);
  });

  it('changes its limit between two frames', () => {
    const target = new Decoder(4);
    decodeAll([encodeFrame('', 'CHAT', '1234')], target);
    target.bodyBytesMax = 5;
    expect(decodeAll([encodeFrame('', 'CHAT', '12345')], target)).toHaveLength(1);
    expect(codeOf(() => decodeAll([encodeFrame('', 'CHAT', '123456')], target))).toBe('length');
  });
});

describe('a header', () => {
  const good = 'ann       CHAT      2         ';

  const bad = [
    ['a sender that is not left-justified', ' ann      CHAT      2         ', 'header'],
    ['a gap in the sender', 'an n      CHAT      2         ', 'header'],
    ['a sender padded with zero bytes', 'ann\0\0\0\0\0\0\0CHAT      2         ', 'header'],
    ['a tab in the sender', 'ann\t      CHAT      2         ', 'header'],
    ['a delete in the sender', 'ann\u007f      CHAT      2         ', 'header'],
    ['a sender that is not ASCII', 'an\u00e9       CHAT      2         ', 'header'],
    ['a type that is not left-justified', 'ann        CHAT     2         ', 'header'],
    ['a type padded with zero bytes', 'ann       CHAT\0\0\0\0\0\u00002         ', 'header'],
    ['a type that is not ASCII', 'ann       CH\u00c4T      2         ', 'header'],
    ['an unknown type', 'ann       DATA      2         ', 'type'],
    ['a type in small letters', 'ann       chat      2         ', 'type'],
    ['a longer word that starts with a type', 'ann       CHATS     2         ', 'type'],
    ['no type', 'ann                 2         ', 'type'],
    ['no length', 'ann       CHAT                ', 'length'],
    ['a length that is not left-justified', 'ann       CHAT       2        ', 'header'],
    ['a length of two parts', 'ann       CHAT      2 2       ', 'header'],
    ['a length padded with zero bytes', 'ann       CHAT      2\0\0\0\0\0\0\0\0\0', 'header'],
    ['a length padded with line ends', 'ann       CHAT      2\r\n       ', 'header'],
    ['a length with letters behind', 'ann       CHAT      12abc     ', 'length'],
    ['a leading zero', 'ann       CHAT      02        ', 'length'],
    ['two zeros', 'ann       CHAT      00        ', 'length'],
    ['a negative length', 'ann       CHAT      -2        ', 'length'],
    ['a signed length', 'ann       CHAT      +2        ', 'length'],
    ['a fraction', 'ann       CHAT      2.0       ', 'length'],
    ['an exponent', 'ann       CHAT      1e1       ', 'length'],
    ['a hexadecimal length', 'ann       CHAT      0x2       ', 'length'],
    ['a length above the limit', 'ann       CHAT      1048577   ', 'length'],
    ['ten digits', 'ann       CHAT      9999999999', 'length'],
  ] as const;

  const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

  it.each(bad)('is refused for %s', (_, text, code) => {
    const bytes = latin1(text);
    expect(bytes).toHaveLength(limits.headerBytes);
    expect(codeOf(() => decodeAll([bytes]))).toBe(code);
    expect(codeOf(() => decodeAll(singly(bytes)))).toBe(code);
    expect(codeOf(() => decodeAll([concat([latin1(good), bytesOf('hi'), bytes])]))).toBe(code);
  });

  it('is judged when it is whole, neither earlier nor later', () => {
    const bytes = latin1('ann       DATA      2         ');
    const target = new Decoder();
    expect(decodeAll(singly(bytes.subarray(0, 29)), target)).toEqual([]);
    expect(codeOf(() => decodeAll([bytes.subarray(29)], target))).toBe('type');
  });

  it('is taken exactly when it has the documented form', () => {
    const field = (pattern: RegExp): RegExp => new RegExp(`^(?=.{10}$)${pattern.source} *$`);
    const form = [field(/[!-~]*/), field(/(CHAT|SYSTEM)/), field(/(0|[1-9][0-9]*)/)];
    const most = 500;
    const odd = fc.constantFrom(0, 9, 0x1f, 0x20, 0x30, 0x31, 0x39, 0x41, 0x7e, 0x7f, 0x80, 0xff);
    fc.assert(
      fc.property(
        fc.constantFrom(good, '          SYSTEM    499       ', '0123456789CHAT      0         '),
        fc.array(fc.tuple(fc.nat(29), odd), { maxLength: 3 }),
        (text, changes) => {
          const bytes = latin1(text);
          for (const [at, byte] of changes) bytes[at] = byte;
          const changed = String.fromCharCode(...bytes);
          const fields = [changed.slice(0, 10), changed.slice(10, 20), changed.slice(20)];
          const fits = form.every((one, at) => one.test(fields[at] as string)) && Number(fields[2]) <= most;
          expect(codeOf(() => decodeAll([bytes], new Decoder(most))) === undefined).toBe(fits);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a promise of a megabyte', () => {
  const promise = concat([bytesOf(header('ann', 'CHAT', limits.bodyBytesMax)), new Uint8Array(70)]);

  it('costs about as much as has come', () => {
    const before = process.memoryUsage().arrayBuffers;
    const targets = Array.from({ length: 500 }, () => new Decoder());
    for (const target of targets) expect(decodeAll(cut(promise, [10, 50]), target)).toEqual([]);
    // 500 decoders hold 100 bytes each; what was promised is 500 MiB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 << 20);
    expect(targets.map((target) => target.next()).every((frame) => frame === undefined)).toBe(true);
  });

  it('does not hold on to the chunk that it came in', () => {
    const chunk = concat([encodeFrame('ann', 'CHAT', 'whole'), bytesOf(header('bob', 'CHAT', 4)), bytesOf('ab')]);
    const target = new Decoder();
    target.push(chunk);
    expect(target.next()?.sender).toBe('ann');
    expect(target.next()).toBeUndefined();
    chunk.fill(0);
    expect(decodeAll([bytesOf('cd')], target)).toEqual([{ sender: 'bob', type: 'CHAT', body: [97, 98, 99, 100] }]);
  });
});
