import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import {
  defaultConfigFile,
  defaultDataDir,
  fileName,
  fileNumber,
  profileFolder,
  savedRooms,
} from '../../src/io/folders.ts';
import { closeAll } from './net.ts';
import { temporary } from './folder.ts';

afterEach(closeAll);

describe('the data folder', () => {
  it('is where each platform keeps such things', () => {
    expect(defaultDataDir({}, 'linux', '/home/bob')).toBe('/home/bob/.local/share/groupchat');
    expect(defaultDataDir({}, 'darwin', '/Users/bob')).toBe('/Users/bob/Library/Application Support/groupchat');
    const local = 'C:\\Users\\bob\\AppData\\Local';
    expect(defaultDataDir({ LOCALAPPDATA: local }, 'win32', 'C:\\Users\\bob')).toBe(`${local}\\groupchat`);
    expect(defaultDataDir({}, 'win32', 'C:\\Users\\bob')).toBe(`${local}\\groupchat`);
  });

  it('is in XDG_DATA_HOME, when that is a whole path', () => {
    expect(defaultDataDir({ XDG_DATA_HOME: '/data' }, 'linux', '/home/bob')).toBe('/data/groupchat');
    for (const unset of ['', 'data', './data']) {
      expect(defaultDataDir({ XDG_DATA_HOME: unset }, 'linux', '/h')).toBe('/h/.local/share/groupchat');
    }
  });
});

it('the config file is where each platform keeps such files', () => {
  expect(defaultConfigFile({}, 'linux', '/home/bob')).toBe('/home/bob/.config/groupchat/config');
  expect(defaultConfigFile({ XDG_CONFIG_HOME: '/etc/x' }, 'linux', '/h')).toBe('/etc/x/groupchat/config');
  expect(defaultConfigFile({}, 'darwin', '/Users/bob')).toBe('/Users/bob/Library/Preferences/groupchat/config');
  const roaming = 'C:\\Users\\bob\\AppData\\Roaming';
  expect(defaultConfigFile({ APPDATA: roaming }, 'win32', 'C:\\Users\\bob')).toBe(`${roaming}\\groupchat\\config`);
  expect(defaultConfigFile({}, 'win32', 'C:\\Users\\bob')).toBe(`${roaming}\\groupchat\\config`);
});

describe('the folder of a name', () => {
  it('is its own, and below the data folder, whatever the name', () => {
    const names = ['bob', 'bob2', '..', '.', 'a/b', 'a\\b', 'con', 'con~', '%41', 'a', 'Ü', 'ü̈', '爱丽丝', '👩‍👩‍👧‍👦'];
    const long = ['爱'.repeat(32), `${'爱'.repeat(31)}丽`, 'ﷺ'.repeat(32)];
    const folders = [...names, ...long].map((name) => profileFolder('/data', name));
    expect(new Set(folders).size).toBe(folders.length);
    for (const folder of folders) {
      expect(folder).toBe(`/data/${basename(folder)}`);
      expect(basename(folder)).toMatch(/^[a-z0-9_%~-]{1,100}$/);
      expect(basename(folder)).not.toBe('con');
    }
    expect(profileFolder('/data', 'bob')).toBe('/data/bob');
  });

  it('is one for names that count as the same', () => {
    expect(profileFolder('/data', 'Bob')).toBe(profileFolder('/data', 'bob'));
  });
});

describe('file names', () => {
  it('are numbers in order', () => {
    for (const number of [0, 1, 999_999, 1_000_000, 999_999_999_999]) {
      expect(fileNumber(fileName(number))).toBe(number);
    }
    for (const other of ['1.log', '0000001.log', '000001.log~', 'x000001.log', '1000000000000.log', '00000a.log']) {
      expect(fileNumber(other)).toBeUndefined();
    }
  });
});

describe('saved rooms', () => {
  it('are those with a journal, the latest used first', async () => {
    const folder = temporary();
    const make = (path: string, time: number): void => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), '');
      utimesSync(join(folder, path), time, time);
    };
    make('early/000001.log', 100);
    make('late/000001.log', 50);
    make('late/000002.log', 300);
    make('alive/000001.log', 10);
    make('alive/alive', 200);
    make('empty/alive', 400);
    make('file', 500);
    expect(await savedRooms(folder)).toEqual(['late', 'alive', 'early']);
    expect(await savedRooms(join(folder, 'nowhere'))).toEqual([]);
  });
});
