/** Whom a person knows, on the disk: kept, joined with what another process keeps, and never the end of a start. */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { Known } from '../../src/io/pins.ts';
import { temporary } from './folder.ts';
import { closeAll } from './net.ts';

afterEach(() => {
  vi.useRealTimers();
  closeAll();
});

const posix = process.platform !== 'win32';
const [K, L] = ['K'.repeat(43), 'L'.repeat(43)] as const;
const profile = (): string => join(temporary(), 'ann');
const never = (message: string): void => {
  throw new Error(message);
};

describe('those whom a person knows', () => {
  it('are kept for this person alone', async () => {
    const folder = profile();
    const known = await Known.load(folder, never);
    expect(known.pins.entries()).toEqual([]);
    await known.close();
    expect(readdirSync(folder)).toEqual([]);
    known.pins.meet('bob', K, 10);
    known.pins.meet('__proto__', L, 20);
    known.pins.accept('bob', L, 30);
    known.keep();
    await known.close();
    expect((await Known.load(folder, never)).pins.entries()).toEqual(known.pins.entries());
    const path = join(folder, 'known.json');
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ version: 1, pins: known.pins.entries() });
    expect(readdirSync(folder)).toEqual(['known.json']);
    if (posix) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('are written once in a second, however often they change', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const folder = profile();
    const path = join(folder, 'known.json');
    const known = await Known.load(folder, never);
    for (const name of ['bob', 'cid', 'dan']) {
      known.pins.meet(name, K, 10);
      known.keep();
    }
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(999);
    // What is under way is awaited; nothing is.
    expect(readdirSync(folder)).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
    await vi.waitUntil(() => readdirSync(folder).join() === 'known.json');
    const written = readFileSync(path, 'utf8');
    expect(JSON.parse(written)).toHaveProperty('pins.length', 3);
    known.pins.meet('eve', L, 20);
    known.keep();
    expect(vi.getTimerCount()).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe(written);
    await known.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveProperty('pins.length', 4);
  });

  it('are not lost when another process keeps its own', async () => {
    const folder = profile();
    const [one, two] = [await Known.load(folder, never), await Known.load(folder, never)];
    one.pins.meet('bob', K, 10);
    two.pins.meet('bob', L, 20);
    two.pins.meet('cid', L, 20);
    for (const known of [one, two]) {
      known.keep();
      await known.close();
    }
    const { pins } = await Known.load(folder, never);
    expect(pins.meet('bob', L, 30)).toEqual({ kind: 'changed', former: K, since: 10 });
    expect(pins.meet('cid', L, 30)).toEqual({ kind: 'known' });
  });

  it('fit into the file, the longest names too', async () => {
    const folder = profile();
    const known = await Known.load(folder, never);
    const most = limits.timeMax;
    for (let at = 0; at < limits.pinsMax; at++) {
      // What JSON writes with two characters is a grapheme of its own.
      const name = `${String(at).padStart(5, '0')}${'"'.repeat(26)}e${'\u0301'.repeat(112)}`;
      expect(Buffer.byteLength(name)).toBe(limits.nameBytesMax);
      known.pins.accept(name, K, most);
    }
    known.keep();
    await known.close();
    expect(statSync(join(folder, 'known.json')).size).toBeLessThan(limits.pinsBytesMax);
    expect((await Known.load(folder, never)).pins.entries()).toHaveLength(limits.pinsMax);
  });

  const entry = { name: 'bob', key: K, since: 1, met: 2 };
  it.each([
    ['empty', ''],
    ['cut', '{"version":1,"pins":[{"na'],
    ['of another version', { version: 2, pins: [] }],
    ['null', null],
    ['with a field too many', { version: 1, pins: [], more: 1 }],
    ['with a key that is none', { version: 1, pins: [{ ...entry, key: 'K' }] }],
    ['with a time that is none', { version: 1, pins: [{ ...entry, met: 1e300 }] }],
    ['with a name that is none', { version: 1, pins: [{ ...entry, name: 7 }] }],
    ['with a very long name', { version: 1, pins: [{ ...entry, name: 'b'.repeat(1000) }] }],
    ['with too many', { version: 1, pins: Array.from({ length: limits.pinsMax + 1 }, () => entry) }],
    ['too long', `{"version":1,"pins":[]}${' '.repeat(limits.pinsBytesMax)}`],
    ['as deep as JSON goes', '['.repeat(100_000)],
  ])('are nobody where the file is %s: it is put aside, and that is told', async (_, content) => {
    const folder = profile();
    mkdirSync(folder, { mode: 0o700 });
    const path = join(folder, 'known.json');
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(path, text, { mode: 0o600 });
    const warnings: string[] = [];
    const known = await Known.load(folder, (message) => warnings.push(message));
    expect(known.pins.entries()).toEqual([]);
    const [aside = ''] = readdirSync(folder);
    expect(aside).toMatch(/^known\.json~\d+$/);
    expect(warnings).toEqual([
      `${path} is damaged: it is now ${join(folder, aside)}, and who has which name is learnt anew`,
    ]);
    expect(readFileSync(join(folder, aside), 'utf8')).toBe(text);
    known.pins.meet('bob', K, 1);
    known.keep();
    await known.close();
    expect((await Known.load(folder, never)).pins.meet('bob', K, 2)).toEqual({ kind: 'known' });
  });

  it('are told not to be kept, once, and kept when that goes again', async () => {
    const folder = profile();
    const warnings: string[] = [];
    const known = await Known.load(folder, (message) => warnings.push(message));
    rmSync(folder, { recursive: true });
    known.pins.meet('bob', K, 1);
    for (let time = 0; time < 3; time++) {
      known.keep();
      await known.close();
    }
    expect(warnings).toEqual([`${join(folder, 'known.json')} cannot be written: it is gone`]);
    mkdirSync(folder, { mode: 0o700 });
    // What was not written yet is written at the end, without being told again.
    await known.close();
    expect((await Known.load(folder, never)).pins.entries()).toEqual(known.pins.entries());
  });

  it.runIf(posix)('are refused where others can change them, or have put a link', async () => {
    const folder = profile();
    const known = await Known.load(folder, never);
    known.pins.meet('bob', K, 1);
    known.keep();
    await known.close();
    const path = join(folder, 'known.json');
    chmodSync(path, 0o622);
    await expect(Known.load(folder, never)).rejects.toThrow(`chmod 600 ${path}`);
    rmSync(path);
    symlinkSync('nothing', path);
    await expect(Known.load(folder, never)).rejects.toThrow(`rm ${path}`);
    rmSync(path);
    chmodSync(folder, 0o711);
    await expect(Known.load(folder, never)).rejects.toThrow(`chmod 700 ${folder}`);
  });
});
