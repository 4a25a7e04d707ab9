/** Files of one person alone: what is refused, and with which command it is mended. */
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ChatError } from '../../src/core/errors.ts';
import { checkFolder, makeOwned, ownFolder, readOwned, replaceOwned, sweepOwned } from '../../src/io/owned.ts';
import { temporary } from './folder.ts';
import { closeAll } from './net.ts';

afterEach(closeAll);

const posix = process.platform !== 'win32';
const root = process.getuid?.() === 0;

/** The line of what is refused. */
async function refusal(doing: Promise<unknown>): Promise<string> {
  const error = await doing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ChatError);
  expect(error).toHaveProperty('code', 'store');
  return (error as ChatError).message;
}

/** Does what a refusal says, as a person would. */
function obey(line: string): void {
  const [command] = /\b(chmod|chown|rm|mv) .*$/.exec(line) ?? [];
  expect(spawnSync('sh', ['-c', command ?? 'false']).status).toBe(0);
}

/** A folder with a name that a shell would take apart. */
const odd = (): string => join(temporary(), "it's a $HOME");

describe.runIf(posix)('a folder', () => {
  it('is fine when it is not there, and when nobody else can look into it', async () => {
    const folder = odd();
    await checkFolder(folder);
    await ownFolder(join(folder, 'profile'));
    expect(statSync(join(folder, 'profile')).mode & 0o777).toBe(0o700);
    await checkFolder(folder);
  });

  it.each([0o755, 0o770, 0o701, 0o720, 0o777])('is refused with mode %o, until it is mended', async (mode) => {
    const folder = odd();
    mkdirSync(folder);
    chmodSync(folder, mode);
    const line = await refusal(checkFolder(folder));
    expect(line).toContain(`${folder} is open to others: chmod 700 '`);
    expect(await refusal(ownFolder(folder))).toBe(line);
    obey(line);
    await checkFolder(folder);
  });

  it('is refused when it is a link, even to one that would do, or to nothing', async () => {
    const dir = temporary();
    const link = join(dir, 'link');
    for (const to of [temporary(), join(dir, 'nothing')]) {
      symlinkSync(to, link);
      const line = await refusal(ownFolder(link));
      expect(line).toBe(
        `${link} is a link, and must be the thing itself: put it there, or remove the link: rm ${link}`,
      );
      obey(line);
      await checkFolder(link);
    }
  });

  it('is refused when it is a file', async () => {
    const path = odd();
    writeFileSync(path, 'mine');
    obey(await refusal(checkFolder(path)));
    await checkFolder(path);
    expect(readFileSync(`${path}.old`, 'utf8')).toBe('mine');
    writeFileSync(path, '');
    expect(await refusal(checkFolder(join(path, 'in it')))).toContain('a part of it is not a folder');
    expect(await refusal(ownFolder(join(path, 'in it')))).toContain('a part of it is not a folder');
  });

  it.runIf(posix)('is refused with all that others can get at in it, and one command mends it all', async () => {
    const folder = odd();
    const [profile, room] = [join(folder, 'ann'), join(folder, 'ann', 'room')];
    mkdirSync(room, { recursive: true });
    mkdirSync(join(folder, 'other'));
    const files = [join(profile, 'key'), join(profile, 'known.json'), join(room, 'roomkey')];
    for (const path of [...files, join(room, '000001.log'), join(profile, 'letter.txt')]) writeFileSync(path, '');
    for (const path of [folder, profile, room]) chmodSync(path, 0o755);
    for (const path of files) chmodSync(path, 0o644);
    const line = await refusal(checkFolder(folder));
    expect(line).toMatch(/ is open to others, and so is more of it: chmod 700 .* && chmod 600 /u);
    obey(line);
    for (const path of [folder, profile, room]) await checkFolder(path);
    for (const path of files) expect((await readOwned(path, 10))?.toString()).toBe('');
    // What is not its own is left alone.
    expect(line).not.toMatch(/other'|letter|log/u);
    for (const path of files) chmodSync(path, 0o644);
    obey(await refusal(readOwned(files[0] as string, 10)));
    expect(files.slice(0, 2).map((path) => statSync(path).mode & 0o777)).toEqual([0o600, 0o600]);
  });

  it.runIf(root)('is refused when it is somebody else’s', async () => {
    const folder = temporary();
    chownSync(folder, 1234, 1234);
    const line = await refusal(checkFolder(folder));
    expect(line).toBe(`${folder} belongs to somebody else: if it is yours: sudo chown -R 0 ${folder}`);
    obey(line);
    await checkFolder(folder);
  });
});

describe('a file', () => {
  it('is made once, for this person alone, and nothing is left beside it', async () => {
    const folder = temporary();
    const path = join(folder, 'file');
    expect(await readOwned(path, 10)).toBeUndefined();
    const texts = Array.from({ length: 20 }, (_, at) => `text ${at}`);
    const made = await Promise.all(texts.map((text) => makeOwned(path, text)));
    expect(made.filter(Boolean)).toHaveLength(1);
    expect((await readOwned(path, 10))?.toString()).toBe(texts[made.indexOf(true)]);
    expect(readdirSync(folder)).toEqual(['file']);
    if (posix) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is replaced in whole, whoever else replaces it', async () => {
    const folder = temporary();
    const path = join(folder, 'file');
    const texts = ['a', 'b', 'c'].map((letter) => letter.repeat(100_000));
    await Promise.all(texts.map((text) => replaceOwned(path, text)));
    expect(texts).toContain(readFileSync(path, 'utf8'));
    expect(readdirSync(folder)).toEqual(['file']);
    if (posix) expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is read up to a byte more than is allowed', async () => {
    const path = join(temporary(), 'file');
    await makeOwned(path, '0123456789');
    expect((await readOwned(path, 10))?.toString()).toBe('0123456789');
    expect((await readOwned(path, 9))?.toString()).toBe('0123456789');
    expect((await readOwned(path, 8))?.toString()).toBe('012345678');
  });

  it('says why it cannot be written', async () => {
    const folder = temporary();
    expect(await refusal(makeOwned(join(folder, 'gone', 'file'), ''))).toContain('cannot be written: it is gone');
    mkdirSync(join(folder, 'taken'));
    expect(await refusal(replaceOwned(join(folder, 'taken'), ''))).toContain('cannot be written');
    expect(readdirSync(folder)).toEqual(['taken']);
  });

  describe.runIf(posix)('is refused', () => {
    it.each([0o640, 0o604, 0o620, 0o666, 0o601])('with mode %o, until it is mended', async (mode) => {
      const path = odd();
      await makeOwned(path, 'mine');
      chmodSync(path, mode);
      const line = await refusal(readOwned(path, 10));
      expect(line).toContain(`${path} is open to others: chmod 600 '`);
      obey(line);
      expect((await readOwned(path, 10))?.toString()).toBe('mine');
    });

    it('when a link stands in its place', async () => {
      const folder = temporary();
      const path = join(folder, 'file');
      await makeOwned(join(folder, 'real'), 'mine');
      symlinkSync('real', path);
      obey(await refusal(readOwned(path, 10)));
      expect(await readOwned(path, 10)).toBeUndefined();
      expect(readdirSync(folder)).toEqual(['real']);
    });

    it('when it is a folder or a pipe', async () => {
      const path = odd();
      for (const make of ['mkdir', 'mkfifo']) {
        spawnSync(make, ['-m', '600', path]);
        const line = await refusal(readOwned(path, 10));
        expect(line).toContain(`${path} is not a file: move it away: mv `);
        obey(line);
        expect(await readOwned(path, 10)).toBeUndefined();
        spawnSync('rm', ['-r', `${path}.old`]);
      }
    });

    it.runIf(root)('when it is somebody else’s', async () => {
      const path = join(temporary(), 'file');
      await makeOwned(path, 'mine');
      chownSync(path, 1234, 1234);
      expect(await refusal(readOwned(path, 10))).toContain(
        'belongs to somebody else: if it is yours: sudo chown -R 0 ',
      );
    });
  });
});

describe('what a dead writer has left beside a file', () => {
  it('is removed, and nothing else', async () => {
    const folder = temporary();
    const path = join(folder, 'key');
    const [stale, fresh] = ['key.0123456789abcdef', 'key.fedcba9876543210'];
    const others = ['key', 'key.old', 'key.0123456789abcdef.old', 'key.0123456789abcde', 'other.0123456789abcdef'];
    for (const name of [stale, fresh, ...others]) {
      writeFileSync(join(folder, name), 'secret');
      if (name !== fresh) utimesSync(join(folder, name), 1000, 1000);
    }
    await sweepOwned(path);
    expect(readdirSync(folder).toSorted()).toEqual([fresh, ...others].toSorted());
  });
});
