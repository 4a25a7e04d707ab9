import { PassThrough, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Outlet } from '../../src/face/outlet.ts';

/** An output that takes nothing until it is let go on. */
class Stuck extends Writable {
  readonly taken: string[] = [];
  #go: () => void = () => {};

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.taken.push(chunk.toString());
    this.#go = done;
  }

  go(): void {
    this.#go();
  }
}

function open<Output extends Writable>(output: Output) {
  const lost: string[] = [];
  return { output, lost, outlet: new Outlet(output, (why) => lost.push(why)) };
}

const mebibyte = 'x'.repeat((1 << 20) - 1);

describe('an outlet', () => {
  it.each([
    [
      'at a terminal, in rows of which only the first begins at the edge',
      { isTTY: true, columns: 20 },
      false,
      'eve: hello\n    bob: send me it\n',
    ],
    ['elsewhere as they are', {}, false, `eve: hello${' '.repeat(10)}bob: send me it\n`],
    [
      'for a program as they are, there too',
      { isTTY: true, columns: 20 },
      true,
      `eve: hello${' '.repeat(10)}bob: send me it\n`,
    ],
  ])('writes lines %s', async (_, screen, whole, written) => {
    const output = Object.assign(new PassThrough(), screen);
    const outlet = new Outlet(output, () => {}, whole);
    outlet.write(`eve: hello${' '.repeat(10)}bob: send me it`);
    await outlet.end();
    expect(String(output.read())).toBe(written);
  });

  it('writes what comes in one turn at once, in order', async () => {
    const { output, outlet } = open(new Stuck());
    outlet.write('one');
    outlet.write('two');
    expect(output.taken).toEqual([]);
    await setImmediate();
    expect(output.taken).toEqual(['one\ntwo\n']);
  });

  it('ends when all is written', async () => {
    const { output, outlet } = open(new PassThrough());
    outlet.write('one');
    await outlet.end();
    expect(String(output.read())).toBe('one\n');
  });

  it('holds a bounded amount for a slow reader, then tells once and takes no more', async () => {
    const { output, outlet, lost } = open(new Stuck());
    for (let count = 0; count < 64; count++) outlet.write(mebibyte);
    expect(lost).toEqual([]);
    expect(output.writableLength).toBe(1 << 26);
    for (let count = 0; count < 10; count++) outlet.write(mebibyte);
    expect(lost).toEqual(['slow']);
    expect(output.writableLength).toBe((1 << 26) + (1 << 20));
    // Nobody is waited for who does not read.
    await outlet.end();
  });

  it('does not take a large past for a slow reader', () => {
    const { outlet, lost } = open(new Stuck());
    outlet.writeAll(Array.from({ length: 80 }, () => mebibyte));
    for (let count = 0; count < 64; count++) outlet.write(mebibyte);
    expect(lost).toEqual([]);
    outlet.write(mebibyte);
    expect(lost).toEqual(['slow']);
  });

  it('tells that its reader has gone', async () => {
    const { output, outlet, lost } = open(new PassThrough());
    output.destroy(new Error('EPIPE'));
    await setImmediate();
    outlet.write('one');
    await outlet.end();
    expect(lost).toEqual(['gone']);
  });
});
