/** The key of a private room, in its folder. */
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { savedRooms } from '../../src/io/folders.ts';
import { keepRoomKey, loadRoomKey } from '../../src/io/roomkey.ts';
import { opened, temporary } from './folder.ts';
import { closeAll } from './net.ts';

afterEach(closeAll);

const posix = process.platform !== 'win32';
const [one, two] = ['A'.repeat(43), `${'b'.repeat(42)}E`] as const;
const room = (): string => join(temporary(), 'ann', 'aaaaaaaaaa');

describe('the key of a room', () => {
  it('is kept, and replaced by a new one', async () => {
    const folder = room();
    expect(await loadRoomKey(folder)).toBeUndefined();
    for (const key of [one, two]) {
      await keepRoomKey(folder, key);
      expect(await loadRoomKey(folder)).toBe(key);
      expect(readFileSync(join(folder, 'roomkey'), 'utf8')).toBe(`${key}\n`);
    }
    expect(readdirSync(folder)).toEqual(['roomkey']);
    if (posix) expect(statSync(join(folder, 'roomkey')).mode & 0o777).toBe(0o600);
  });

  it('is nothing strange to the journal of the room, and makes no room by itself', async () => {
    const folder = room();
    await keepRoomKey(folder, one);
    expect(await savedRooms(join(folder, '..'))).toEqual([]);
    writeFileSync(join(folder, 'roomkey.0123456789abcdef'), '');
    writeFileSync(join(folder, 'roomkeys'), '');
    const { store } = await opened(folder);
    expect((await store.load()).warnings).toEqual(["roomkeys is not a file of groupchat's and is left alone"]);
    await store.close();
    expect(await loadRoomKey(folder)).toBe(one);
  });

  it.each([
    ['empty', ''],
    ['short', `${one.slice(1)}\n`],
    ['without an end', one],
    ['long', `${one}\n\n`],
    ['with another end', `${one}\r\n`],
    ['spelled otherwise', `${'A'.repeat(42)}B\n`],
    ['of other letters', `${'A'.repeat(41)}+A\n`],
    ['a megabyte', 'A'.repeat(1 << 20)],
  ])('is refused when it is %s', async (_, text) => {
    const folder = room();
    await keepRoomKey(folder, one);
    writeFileSync(join(folder, 'roomkey'), text);
    await expect(loadRoomKey(folder)).rejects.toMatchObject({
      code: 'store',
      message: `${folder}/roomkey is damaged: remove it (rm ${folder}/roomkey), and join the room by its invite again`,
    });
  });

  it.runIf(posix)('is refused where others can look, or have put a link', async () => {
    const folder = room();
    await keepRoomKey(folder, one);
    const path = join(folder, 'roomkey');
    chmodSync(path, 0o640);
    await expect(loadRoomKey(folder)).rejects.toThrow(`chmod 600 ${path}`);
    // A new one is for this person alone again.
    await keepRoomKey(folder, two);
    expect(await loadRoomKey(folder)).toBe(two);
    chmodSync(folder, 0o750);
    await expect(loadRoomKey(folder)).rejects.toThrow(`chmod 700 ${folder}`);
    await expect(keepRoomKey(folder, one)).rejects.toThrow(`chmod 700 ${folder}`);
    const link = `${folder}2`;
    symlinkSync(folder, link);
    await expect(loadRoomKey(link)).rejects.toThrow(`rm ${link}`);
    await expect(keepRoomKey(link, one)).rejects.toThrow(`rm ${link}`);
  });
});
