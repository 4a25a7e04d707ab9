import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Lock } from '../../src/io/lock.ts';
import { closeAll } from './net.ts';
import { keeping, opened, temporary } from './folder.ts';

afterEach(closeAll);

const linux = process.platform === 'linux';
/** A process that was, and is no more. */
const dead = spawnSync(process.execPath, ['-e', '']).pid;
const token = '0123456789abcdef';
const deadLock = `${dead} 1 ${token}\n`;

const taken = (path: string) =>
  Lock.take(path).then(
    (lock) => lock,
    () => undefined,
  );

describe('a lock', () => {
  it('is held by one living process', async () => {
    const folder = temporary();
    const holder = keeping('hold', folder);
    const pid = await holder.next();
    await expect(opened(folder)).rejects.toMatchObject({
      code: 'in-use',
      message: `${folder} is in use by process ${pid}: end that one first, or take another --name`,
    });
    await holder.kill();
    await expect(opened(folder)).resolves.toBeDefined();
    expect(readdirSync(folder)).toEqual(['alive', 'lock']);
  });

  it('is held against its own process too, until it is released', async () => {
    const path = join(temporary(), 'lock');
    const lock = await Lock.take(path);
    await expect(Lock.take(path)).rejects.toMatchObject({ code: 'in-use' });
    await lock.release();
    expect(readdirSync(join(path, '..'))).toEqual([]);
    await (await Lock.take(path)).release();
  });

  it.runIf(linux)('is not held by a process whose parent has not noticed that it ended', async () => {
    const folder = temporary();
    const holder = keeping('hold', folder, '"$@" & exec cat >&2');
    const pid = Number(await holder.next());
    process.kill(pid, 'SIGKILL');
    while (!readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ')) await setImmediate();
    await expect(opened(folder)).resolves.toBeDefined();
  });

  it.runIf(linux).each([1, process.ppid, process.pid])(
    'is not held by another process of its number %i',
    async (pid) => {
      const path = join(temporary(), 'lock');
      writeFileSync(path, `${pid} 999999999999 ${token}\n`);
      await (await Lock.take(path)).release();
    },
  );

  it('that nobody can read is somebody’s for a while', async () => {
    const path = join(temporary(), 'lock');
    writeFileSync(path, 'junk');
    await expect(Lock.take(path)).rejects.toThrow('another process');
    utimesSync(path, 1, 1);
    await (await Lock.take(path)).release();
  });

  it('is no link that somebody has laid', async () => {
    const folder = temporary();
    const path = join(folder, 'lock');
    writeFileSync(join(folder, 'target'), deadLock);
    symlinkSync('target', path);
    await expect(Lock.take(path)).rejects.toThrow('another process');
    expect(readFileSync(join(folder, 'target'), 'latin1')).toBe(deadLock);
  });

  it('is taken over although others died while they did so', async () => {
    const folder = temporary();
    const path = join(folder, 'lock');
    const other = 'fedcba9876543210';
    writeFileSync(path, deadLock);
    writeFileSync(`${path}.after-${token}`, `${dead} 1 ${other}\n`);
    writeFileSync(`${path}.after-${other}`, deadLock.replace(token, '0000000000000000'));
    writeFileSync(`${path}.${other}`, `${dead} 1 ${other}\n`);
    const lock = await Lock.take(path);
    expect(readdirSync(folder)).toEqual(['lock']);
    await lock.release();
  });

  it('goes to exactly one of those who want it at once', async () => {
    const folder = temporary();
    for (let round = 0; round < 200; round++) {
      const path = join(folder, `lock${round}`);
      if (round % 2 === 0) writeFileSync(path, deadLock);
      const locks = await Promise.all(Array.from({ length: 5 }, () => taken(path)));
      expect(locks.filter((lock) => lock !== undefined)).toHaveLength(1);
    }
  });

  it('goes to exactly one process of those who want it at once', async () => {
    const folder = temporary();
    const takers = Array.from({ length: 4 }, () => keeping('take', folder));
    for (let round = 0; round < 50; round++) {
      expect(await Promise.all(takers.map((taker) => taker.next()))).toEqual(Array(4).fill('ready'));
      const room = join(folder, String(round));
      mkdirSync(room, { mode: 0o700 });
      writeFileSync(join(room, 'lock'), deadLock);
      for (const taker of takers) taker.say(room);
      const answers = await Promise.all(takers.map((taker) => taker.next()));
      expect(answers.toSorted()).toEqual(['lost', 'lost', 'lost', 'won']);
      for (const taker of takers) taker.say('');
    }
  });
});
