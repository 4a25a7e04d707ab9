import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../src/core/random.ts';
import { encodeRecord, fileStart } from '../../src/io/record.ts';
import { Store, type Saved, type SavedFile } from '../../src/io/store.ts';
import { closeAll } from './net.ts';
import { keeping, opened, temporary } from './folder.ts';

afterEach(closeAll);

const bytes = (text: string): Buffer => Buffer.from(text);
const one = '000001.log';

type Found = Record<number, (string | null)[]>;

const texts = (files: readonly SavedFile[]): Found =>
  Object.fromEntries(
    files.map(({ number, pieces }) => [number, pieces.map((piece) => piece && Buffer.from(piece).toString())]),
  );

/** What a folder holds, and the warnings. */
async function load(folder: string): Promise<{ found: Found; warnings: readonly string[] }> {
  const { store } = await opened(folder);
  const { files, warnings } = await store.load();
  await store.close();
  return { found: texts(files), warnings };
}

/** Goes on with a journal: without telling what is wrong with it. */
async function append(folder: string, text: string): Promise<void> {
  const { store, failures } = await opened(folder);
  await store.load();
  store.keep(bytes(text));
  await store.close();
  expect(failures).toEqual([]);
}

/** A folder with one file of these bytes. */
function withFile(file: Uint8Array, name = one): string {
  const folder = temporary();
  writeFileSync(join(folder, name), file);
  return folder;
}

const fileOf = (...pieces: readonly string[]): Buffer =>
  Buffer.concat([fileStart, ...pieces.map((piece) => encodeRecord(bytes(piece)))]);

describe('what was kept', () => {
  it('is given back, file by file', async () => {
    const folder = join(temporary(), 'profile', 'room');
    const { store, failures } = await opened(folder);
    expect(await store.load()).toEqual({ files: [], aliveAt: 0, warnings: [] });
    store.roll(1, bytes('first'));
    store.keep(bytes('a'));
    store.keep(bytes(''));
    store.roll(2, bytes('second'));
    store.keep(bytes('b'));
    expect(store.waitingBytes).toBeGreaterThan(0);
    await store.flushed();
    expect(store.waitingBytes).toBe(0);
    store.keep(bytes('c'));
    await store.close();
    const expected = { 1: ['first', 'a', ''], 2: ['second', 'b', 'c'] };
    expect(await load(folder)).toEqual({ found: expected, warnings: [] });
    await append(folder, 'd');
    expect((await load(folder)).found).toEqual({ ...expected, 2: ['second', 'b', 'c', 'd'] });
    expect(failures).toEqual([]);
  });

  it('is for its owner alone', async () => {
    const folder = join(temporary(), 'profile', 'room');
    await append(folder, 'a');
    const { store } = await opened(folder);
    if (process.platform === 'win32') return store.close();
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    for (const path of [folder, join(folder, '..')]) expect(statSync(path).mode & 0o777).toBe(0o700);
  });

  it('may be long, and much', async () => {
    const folder = temporary();
    const { store } = await opened(folder);
    const long = '\x1e'.repeat(3 << 20);
    store.roll(1, bytes(long));
    for (let at = 0; at < 50_000; at++) store.keep(bytes(`line ${at}`));
    await store.close();
    const { found } = await load(folder);
    expect(found[1]).toHaveLength(50_001);
    expect(found[1]?.[0] === long).toBe(true);
    expect(found[1]?.slice(1)).toEqual(Array.from({ length: 50_000 }, (_, at) => `line ${at}`));
  });

  it('is no longer taken after the close', async () => {
    const folder = temporary();
    const { store } = await opened(folder);
    store.keep(bytes('a'));
    await Promise.all([store.close(), store.close()]);
    store.keep(bytes('b'));
    store.roll(7, bytes('c'));
    store.forget(7);
    await store.flushed();
    await store.close();
    expect(store.waitingBytes).toBe(0);
    expect((await load(folder)).found).toEqual({ 1: ['a'] });
  });

  it('is forgotten when there is a newer file', async () => {
    const folder = temporary();
    const { store } = await opened(folder);
    store.roll(1, bytes('a'));
    store.roll(2, bytes('b'));
    store.forget(2);
    await store.flushed();
    expect(readdirSync(folder)).toEqual(['000002.log', 'alive', 'lock']);
    store.roll(3, bytes('c'));
    await store.flushed();
    expect(readdirSync(folder)).toEqual(['000003.log', 'alive', 'lock']);
    await store.close();

    const again = await opened(folder);
    await again.store.load();
    again.store.forget(3);
    again.store.roll(4, bytes('d'));
    await again.store.close();
    expect((await load(folder)).found).toEqual({ 4: ['d'] });
  });

  it('is never written over', async () => {
    const folder = temporary();
    writeFileSync(join(folder, '000002.log'), 'a diary');
    symlinkSync('000002.log', join(folder, '000003.log'));
    const { store } = await opened(folder);
    await store.load();
    store.roll(1, bytes('a'));
    store.roll(2, bytes('b'));
    store.roll(3, bytes('c'));
    store.forget(2);
    await store.close();
    expect(readFileSync(join(folder, '000002.log'), 'utf8')).toBe('a diary');
    expect((await load(folder)).found).toEqual({ 5: ['c'] });
  });

  it('has the time when it was last in use', async () => {
    const folder = withFile(fileOf('a'));
    const set = (name: string, seconds: number): void => utimesSync(join(folder, name), seconds, seconds);
    const aliveAt = async (): Promise<number> => {
      const { store } = await opened(folder);
      const saved: Saved = await store.load();
      await store.close();
      return saved.aliveAt;
    };
    set(one, 1000);
    const before = Date.now();
    expect(await aliveAt()).toBe(1_000_000);
    // The first has marked it when it was opened and when it was closed. (The disk may count in whole seconds.)
    expect(await aliveAt()).toBeGreaterThan(before - 2000);
    set('alive', 2000);
    expect(await aliveAt()).toBe(2_000_000);
  });
});

describe('a file that was cut off', () => {
  it('anywhere gives back what was whole, and is gone on with', async () => {
    const pieces = ['one', 'two, with a longer text', '', 'last'];
    const file = fileOf(...pieces);
    for (let length = 0; length <= file.length; length++) {
      const folder = withFile(file.subarray(0, length));
      const whole = pieces.filter((_, at) => fileOf(...pieces.slice(0, at + 1)).length <= length);
      const clean = length === 0 || length === fileOf(...whole).length;
      const { found, warnings } = await load(folder);
      expect(Object.values(found).flat()).toEqual(whole);
      expect(warnings).toEqual(clean ? [] : [`${one} ends in the middle of a record: that one is lost`]);
      // Reading alone changes nothing.
      if (length > 0) expect(statSync(join(folder, one)).size).toBe(length);
      await append(folder, 'more');
      const after = await load(folder);
      expect(Object.values(after.found).flat()).toEqual([...whole, 'more']);
      if (length >= fileStart.length) expect(after).toEqual({ found: { 1: [...whole, 'more'] }, warnings: [] });
    }
  });

  it('is made whole before another is begun', async () => {
    const folder = withFile(fileOf('one', 'two').subarray(0, -1));
    const { store } = await opened(folder);
    await store.load();
    store.roll(2, bytes('three'));
    await store.close();
    expect(await load(folder)).toEqual({ found: { 1: ['one'], 2: ['three'] }, warnings: [] });
  });

  it('before it had its name leaves nothing behind', async () => {
    const folder = withFile(fileOf('a'));
    writeFileSync(join(folder, 'new'), fileOf('b'));
    writeFileSync(join(folder, '000002.log'), '');
    await append(folder, 'c');
    expect(readdirSync(folder)).toEqual([one, 'alive']);
    expect(await load(folder)).toEqual({ found: { 1: ['a', 'c'] }, warnings: [] });
  });
});

describe('a damaged file', () => {
  it('gives back all that is good, stays as it is, and is not gone on with', async () => {
    const pieces = ['one', 'two', 'three'];
    const file = fileOf(...pieces);
    const lastStart = fileOf('one', 'two').length;
    for (let at = 0; at < lastStart; at++) {
      const damaged = Buffer.from(file);
      damaged[at] = (damaged[at] as number) ^ 1;
      const folder = withFile(damaged);
      const { found, warnings } = await load(folder);
      const hit = at < fileStart.length ? [] : [at < fileOf('one').length ? 'one' : 'two'];
      expect(found[1]?.filter((piece) => piece !== null)).toEqual(pieces.filter((piece) => !hit.includes(piece)));
      expect(found[1]?.filter((piece) => piece === null)).toHaveLength(1);
      expect(warnings).toEqual([`${one} is damaged: a part is lost`]);
      await append(folder, 'more');
      expect(readFileSync(join(folder, one)).equals(damaged)).toBe(true);
      expect((await load(folder)).found).toEqual({ ...found, 2: ['more'] });
    }
  });

  it('among others is told apart', async () => {
    const folder = withFile(fileOf('a', 'b').subarray(0, -1));
    writeFileSync(join(folder, '000002.log'), fileOf('c'));
    writeFileSync(join(folder, '000003.log'), Buffer.concat([fileOf('d'), Buffer.alloc(100), fileOf('e'), bytes('?')]));
    expect(await load(folder)).toEqual({
      found: { 1: ['a', null], 2: ['c'], 3: ['d', null, 'e', null] },
      warnings: [`${one} is damaged: a part is lost`, '000003.log is damaged: 2 parts are lost'],
    });
  });
});

describe('a file that is not ours', () => {
  it('is told and left alone', async () => {
    const folder = withFile(fileOf('a'));
    const outside = join(temporary(), 'secret');
    writeFileSync(outside, fileOf('from elsewhere'));
    writeFileSync(join(folder, '000002.log'), 'groupchat journal 2\nwhatever');
    writeFileSync(join(folder, '000003.log'), 'a diary');
    symlinkSync(outside, join(folder, '000004.log'));
    mkdirSync(join(folder, '000005.log'));
    writeFileSync(join(folder, 'notes.txt'), 'x');
    writeFileSync(join(folder, '.DS_Store'), 'x');
    const { found, warnings } = await load(folder);
    expect(found).toEqual({ 1: ['a'] });
    expect(warnings.toSorted()).toEqual([
      '000002.log is of another version of groupchat and is left alone',
      "000003.log is not a file of groupchat's and is left alone",
      "000004.log is not a file of groupchat's and is left alone",
      "000005.log is not a file of groupchat's and is left alone",
      "notes.txt is not a file of groupchat's and is left alone",
    ]);
    const { store, failures } = await opened(folder);
    await store.load();
    store.roll(2, bytes('b'));
    store.forget(5);
    store.roll(6, bytes('c'));
    await store.close();
    expect(failures).toEqual([]);
    expect((await load(folder)).found).toEqual({ 7: ['c'] });
    for (const name of ['000002.log', '000003.log', '000005.log', 'notes.txt']) {
      expect(existsSync(join(folder, name))).toBe(true);
    }
    expect(readFileSync(outside).equals(fileOf('from elsewhere'))).toBe(true);
  });

  it('may be 64 MiB of junk', async () => {
    const { found, warnings } = await load(withFile(Buffer.alloc(1 << 26, 'junk\x1e')));
    expect(found).toEqual({});
    expect(warnings).toEqual([`${one} is not a file of groupchat's and is left alone`]);
  });
});

describe('a folder that cannot be used', () => {
  it('is told with its reason', async () => {
    const file = join(temporary(), 'file');
    writeFileSync(file, '');
    const below = join(file, 'below');
    for (const [folder, message] of [
      [file, `${file} is not a folder: move it away: mv ${file} ${file}.old`],
      [below, `nothing can be kept in ${below}: a part of it is not a folder`],
    ] as const) {
      await expect(Store.open(folder, { failed: () => {} })).rejects.toMatchObject({ code: 'store', message });
    }
  });
});

describe('a disk that fails', () => {
  it('is told once, and nothing else happens', async () => {
    const folder = join(temporary(), 'room');
    const { store, failures } = await opened(folder);
    store.keep(bytes('a'));
    await store.flushed();
    rmSync(folder, { recursive: true });
    store.roll(2, bytes('b'));
    const flushed = store.flushed();
    store.keep(bytes('c'));
    await flushed;
    store.roll(3, bytes('d'));
    store.forget(3);
    await store.flushed();
    await store.close();
    expect(failures).toEqual([`the room is no longer kept in ${folder}: it is gone`]);
    expect(store.waitingBytes).toBe(0);
  });

  // A limit on the size of a file fails as a full disk does: in the middle of a write.
  it('keeps what was written', async () => {
    const folder = temporary();
    const keeper = keeping('fill', folder, 'ulimit -f 64; exec "$@"');
    const { failures, waiting, tried } = JSON.parse(await keeper.next()) as Record<string, unknown>;
    expect(failures).toEqual([`the room is no longer kept in ${folder}: a file has grown as large as is allowed`]);
    expect(waiting).toBe(0);
    const { found, warnings } = await load(folder);
    const lines = found[1]?.slice(1).map((line) => Number.parseInt(line as string, 10)) ?? [];
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.length).toBeLessThan(tried as number);
    expect(lines).toEqual(lines.map((_, at) => at + 1));
    expect(warnings).toEqual([`${one} ends in the middle of a record: that one is lost`]);
    await append(folder, 'more');
    expect((await load(folder)).found[1]).toHaveLength(lines.length + 2);
  });
});

describe('a writer that is killed', () => {
  it('leaves all that it wrote, without a gap', async () => {
    const folder = temporary();
    const random = new Random(7);
    for (let round = 0; round < 20; round++) {
      const keeper = keeping('write', folder);
      let safe = 0;
      for (let reports = random.below(30); reports >= 0; reports--) safe = Number(await keeper.next());
      await keeper.kill();
      const { found, warnings } = await load(folder);
      const lines = Object.values(found).flat() as string[];
      // Each file begins with how far those before it came.
      const numbers = lines.map((line) => Number.parseInt(line.replace('from ', ''), 10));
      for (let at = 1; at < lines.length; at++) {
        expect(numbers[at]).toBe((numbers[at - 1] as number) + (lines[at]?.startsWith('from') ? 0 : 1));
      }
      expect(numbers.at(-1)).toBeGreaterThanOrEqual(safe);
      expect(warnings.filter((warning) => !warning.includes('in the middle'))).toEqual([]);
    }
  });
});
