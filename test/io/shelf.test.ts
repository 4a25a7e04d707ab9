/** Rooms on a shelf: what the core wishes reaches the store of its room, and comes back; and what is taken away. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entryFrame } from '../../src/core/entry.ts';
import { concat, encodeFrame } from '../../src/core/frame.ts';
import { Journal } from '../../src/core/journal.ts';
import { limits } from '../../src/core/limits.ts';
import { Log } from '../../src/core/log.ts';
import type { Effect } from '../../src/core/step.ts';
import { Shelf } from '../../src/io/shelf.ts';
import { writeTranscript } from '../../src/io/transcript.ts';
import { ann, append, line, reign } from '../core/table.ts';
import { toyCrypto } from '../core/toy.ts';
import { temporary } from './folder.ts';

const [one, two] = ['aaaaaaaaaa', 'bbbbbbbbbb'] as const;

/** A log of some lines, and what keeps it. */
function kept(room: string, lines: number): { log: Log; wishes: Effect[] } {
  const log = new Log(1000);
  const journal = new Journal();
  append(log, reign(1, 1, [ann]));
  for (let n = 1; n <= lines; n++) append(log, line('ann', n, n + 1, { text: `${room} ${n}` }));
  const wishes = journal.sync(
    log,
    { room, id: 'ann', name: 'ann', join: [] },
    () => ({ held: [], said: [], letters: { waiting: [], shown: [] } }),
    toyCrypto(1),
  );
  return { log, wishes };
}

function carryOut(shelf: Shelf, wishes: readonly Effect[]): void {
  for (const wish of wishes) {
    if (wish.kind === 'roll' || wish.kind === 'keep' || wish.kind === 'forget') shelf.carryOut(wish);
  }
}

const never = (message: string): void => {
  throw new Error(message);
};

describe('a shelf', () => {
  it('keeps each room by itself, and gives it back', async () => {
    const dir = temporary();
    const shelf = new Shelf(join(dir, 'ann'), never);
    expect(await shelf.rooms()).toEqual([]);
    for (const room of [one, two]) carryOut(shelf, kept(room, 3).wishes);
    await shelf.close();
    const later = new Shelf(join(dir, 'ann'), never);
    expect((await later.rooms()).toSorted()).toEqual([one, two]);
    for (const room of [one, two]) {
      const recalled = await later.recall(room, new Log(1000));
      expect(recalled?.room.owner).toEqual({ room, id: 'ann', name: 'ann', join: [] });
      expect([...(recalled?.room.log.frames(1) ?? [])]).toEqual([...kept(room, 3).log.frames(1)]);
      expect(recalled?.warnings).toEqual([]);
    }
    await later.close();
    expect(await new Shelf(join(dir, 'bob'), never).rooms()).toEqual([]);
  });

  it('gives nothing of a room that another process has open, says so, and keeps nothing from then on', async () => {
    const dir = temporary();
    const owner = new Shelf(join(dir, 'ann'), never);
    carryOut(owner, kept(one, 1).wishes);
    await owner.close();
    await owner.recall(one, new Log(1000));
    const told: string[] = [];
    const other = new Shelf(join(dir, 'ann'), (message) => told.push(message));
    expect(await other.recall(one, new Log(1000))).toBe(undefined);
    carryOut(other, kept(two, 1).wishes);
    await other.close();
    expect(told).toEqual([expect.stringContaining('in use')]);
    expect(await other.rooms()).toEqual([one]);
    await owner.close();
  });

  it('puts aside what is replaced, so often and no more', async () => {
    const dir = temporary();
    const told: string[] = [];
    const shelf = new Shelf(join(dir, 'ann'), (message) => told.push(message));
    for (let round = 0; round < limits.asidesMax; round++) {
      for (const room of [one, two]) carryOut(shelf, kept(room, 1).wishes);
    }
    await shelf.close();
    const names = await readdir(join(dir, 'ann'));
    expect(names.filter((name) => name.includes('~'))).toHaveLength(limits.asidesMax);
    expect(told).toEqual([expect.stringContaining('not kept any more')]);
  });

  it('does not mind what else lies there', async () => {
    const dir = temporary();
    await mkdir(join(dir, 'ann', 'not a room'), { recursive: true });
    await writeFile(join(dir, 'ann', 'cccccccccc'), 'a file');
    const shelf = new Shelf(join(dir, 'ann'), never);
    expect(await shelf.rooms()).toEqual([]);
  });

  it('reads a file that was edited by hand as far as it can be read, says so, and deletes nothing', async () => {
    const dir = temporary();
    const shelf = new Shelf(join(dir, 'ann'), never);
    carryOut(shelf, kept(one, 3).wishes);
    await shelf.close();
    const path = join(dir, 'ann', one, '000001.log');
    await writeFile(path, (await readFile(path, 'latin1')).replace(`${one} 2`, `${one} 9`), 'latin1');
    const before = await readFile(path);
    const recalled = await shelf.recall(one, new Log(1000));
    expect(recalled?.room.owner.room).toBe(one);
    expect(recalled?.warnings.length).toBeGreaterThan(0);
    await shelf.close();
    expect((await readFile(path)).length).toBeLessThanOrEqual(before.length);
    expect(await readdir(join(dir, 'ann', one))).toContain('000001.log');
  });
});

describe('a transcript', () => {
  it.each(['room.txt', 'room.jsonl', 'ROOM.JSONL'])(
    'is written to %s, and to no file that is there already',
    async (name) => {
      const file = join(temporary(), name);
      const { log } = kept(one, 2500);
      await writeTranscript(file, log);
      const text = await readFile(file, 'utf8');
      expect(text.split('\n')).toHaveLength(2502);
      expect(text.startsWith('{')).toBe(/jsonl$/iu.test(name));
      await expect(writeTranscript(file, log)).rejects.toMatchObject({ code: 'store' });
      expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  it('says in words why it cannot be written', async () => {
    const file = join(temporary(), 'nowhere', 'room.txt');
    await expect(writeTranscript(file, kept(one, 1).log)).rejects.toMatchObject({ code: 'store', name: 'ChatError' });
  });
});

it('what is kept is frames as they travel', () => {
  const { log, wishes } = kept(one, 1);
  const [, last] = wishes;
  const frames = [...log.entries(1)].map(entryFrame).map(({ sender, type, body }) => encodeFrame(sender, type, body));
  expect(last).toEqual({ kind: 'keep', bytes: concat(frames) });
});
