/**
 * What is kept on a disk that others reach: a folder that they can read, and a link in the place of a folder or of a key.
 * The command line refuses it with the command to type, and that command mends it.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporary } from '../io/folder.ts';
import { closeAll } from '../io/net.ts';
import { at, chat, freePort, freePorts, type Actor } from '../plays/stage.ts';

afterEach(closeAll);

interface Kept {
  readonly folder: string;
  readonly profile: string;
  readonly room: string;
  readonly starts: () => Promise<Actor>;
}

/** The folder of one who has had a room, with a name that a shell would take apart. */
async function kept(): Promise<Kept> {
  const folder = join(temporary(), "it's a $HOME");
  const port = await freePort();
  const starts = async (): Promise<Actor> => {
    const actor = chat('alice', port, '--data-dir', folder);
    await actor.until('begun, or not', () => actor.screen.length > 0 || actor.over).catch(() => {});
    return actor;
  };
  const alice = await starts();
  alice.finish();
  expect(await alice.ended).toBe(0);
  const profile = join(folder, 'alice');
  return { folder, profile, room: roomIn(profile), starts };
}

function roomIn(profile: string): string {
  const room = readdirSync(profile).find((name) => /^[0-9a-z]{10}$/u.test(name));
  expect(room).toBeDefined();
  return join(profile, room as string);
}

/** It does not start, and says what to type; what is typed is done, as a person would. @returns what it said */
async function refused({ starts }: Kept): Promise<string> {
  const actor = await starts();
  if (actor.screen.length > 0) throw new Error(`it began:\n${actor.describe()}`);
  expect(await actor.ended).toBe(1);
  const line = actor.complaints.at(-1) ?? '';
  const [command = 'false'] = /\b(?:chmod|rm|mv) .*$/u.exec(line) ?? [];
  expect(spawnSync('sh', ['-c', command]).status, line).toBe(0);
  return line;
}

/** What shows that something was written to a file, or to a folder. */
function traces(path: string): unknown[] {
  const { mode, mtimeMs, size } = statSync(path);
  return [mode, mtimeMs, size, ...(statSync(path).isDirectory() ? readdirSync(path) : [])];
}

async function begins({ starts }: Kept): Promise<void> {
  const actor = await starts();
  expect(actor.screen[0], actor.complaints.join('\n')).toMatch(/^\* /u);
  actor.finish();
  expect(await actor.ended).toBe(0);
}

describe.runIf(process.platform !== 'win32')('a data folder', () => {
  it('is made for its person alone', async () => {
    const { folder, profile, room } = await kept();
    for (const one of [folder, profile, room]) expect(statSync(one).mode & 0o777).toBe(0o700);
    for (const file of ['key', 'known.json'].filter((name) => readdirSync(profile).includes(name)))
      expect(statSync(join(profile, file)).mode & 0o777).toBe(0o600);
  });

  it('that others can read is refused with the chmod to type, which mends it; so are a key, and a room', async () => {
    const one = await kept();
    const { folder, profile, room } = one;
    const open: readonly [path: string, mode: number][] = [
      [folder, 0o755],
      [profile, 0o770],
      [join(profile, 'key'), 0o644],
      [room, 0o755],
    ];
    for (const [path, mode] of open) {
      chmodSync(path, mode);
      expect(await refused(one)).toMatch(/is open to others: chmod [67]00 '/u);
      expect(statSync(path).mode & 0o077).toBe(0);
    }
    await begins(one);
  });

  it.each<[string, (of: Kept) => readonly string[]]>([
    [
      'in its place, in that of the profile, and of the key',
      ({ folder, profile }) => [folder, profile, join(profile, 'key')],
    ],
    ['in the place of the room’s folder', ({ room }) => [room]],
  ])('with a symlink %s is refused, and what it leads to is left alone', async (_, paths) => {
    const one = await kept();
    for (const path of paths(one)) {
      const away = join(temporary(), 'elsewhere');
      renameSync(path, away);
      symlinkSync(away, path);
      const before = traces(away);
      expect(await refused(one)).toContain(
        'is a link, and must be the thing itself: put it there, or remove the link: rm ',
      );
      expect(traces(away)).toEqual(before);
      // The command that was typed has taken away the link alone.
      renameSync(away, path);
    }
    await begins(one);
  });

  it.each<[string, (room: string, elsewhere: string) => void, string]>([
    ['a symlink', (room, elsewhere) => symlinkSync(elsewhere, room), 'is a link, and must be the thing itself'],
    [
      'open to others',
      (room) => {
        mkdirSync(room);
        chmodSync(room, 0o777);
      },
      'is open to others: chmod 700',
    ],
  ])('where the folder of a room that is joined is %s, nothing of it is kept there', async (_, place, told) => {
    const [first, second] = (await freePorts(2)) as [number, number];
    const folder = join(temporary(), 'data');
    await chat('alice', first, '--data-dir', folder).shows(/^\* you started the room/u);
    const bob = chat('bob', second, '--join', at(first), '--data-dir', folder);
    await bob.shows(/^\* you are in the room/u);
    bob.finish();
    expect(await bob.ended).toBe(0);
    const path = roomIn(join(folder, 'bob'));
    rmSync(path, { recursive: true });
    const elsewhere = temporary();
    place(path, elsewhere);
    const again = chat('bob', second, '--new', '--join', at(first), '--data-dir', folder);
    await again.until('complained', () => [...again.screen, ...again.complaints].find((line) => line.includes(told)));
    again.finish();
    await again.ended;
    expect(readdirSync(elsewhere)).toEqual([]);
    if (statSync(path).mode % 0o100 > 0) expect(readdirSync(path)).toEqual([]);
  });

  it('a symlink to nothing, and one to somebody’s folder where none was, is refused too', async () => {
    const folder = join(temporary(), 'data');
    const port = await freePort();
    const target = temporary();
    mkdirSync(join(target, 'mine'));
    for (const to of [target, join(target, 'nothing')]) {
      symlinkSync(to, folder);
      const actor = chat('alice', port, '--data-dir', folder);
      expect(await actor.ended).toBe(1);
      expect(actor.complaints.at(-1)).toContain(
        `is a link, and must be the thing itself: put it there, or remove the link: rm ${folder}`,
      );
      expect(spawnSync('rm', [folder]).status).toBe(0);
    }
    expect(readdirSync(target)).toEqual(['mine']);
  });
});
