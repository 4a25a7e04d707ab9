/** The config file on the disk, and what may stand there in its place. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readConfig } from '../../src/io/config.ts';
import { temporary } from './folder.ts';

const at = (name = 'config'): string => join(temporary(), name);

function write(bytes: string | Uint8Array): string {
  const file = at();
  writeFileSync(file, bytes);
  return file;
}

it('is read, through a link too', () => {
  const file = write('name = bob\n');
  expect(readConfig(file, true)).toBe('name = bob\n');
  symlinkSync(file, `${file}.link`);
  expect(readConfig(`${file}.link`, false)).toBe('name = bob\n');
  expect(readConfig(write(''), true)).toBe('');
});

it('need not be there, unless it was named', () => {
  const file = at();
  expect(readConfig(file, false)).toBeUndefined();
  expect(readConfig(join(write(''), 'below'), false)).toBeUndefined();
  expect(() => readConfig(file, true)).toThrow(`the config file ${file} cannot be read: there is no such file`);
});

it('is bounded', () => {
  expect(readConfig(write('#'.repeat(65_536)), true)).toHaveLength(65_536);
  expect(() => readConfig(write('#'.repeat(65_537)), true)).toThrow('it has more than 65536 bytes');
});

it('is refused when it is not UTF-8, or no file', () => {
  expect(() => readConfig(write(Buffer.from([0x61, 0xff])), true)).toThrow('it is not UTF-8 text');
  const folder = at();
  mkdirSync(folder);
  expect(() => readConfig(folder, false)).toThrow('it is a folder');
});

it.runIf(process.platform !== 'win32')('is no pipe into which nobody writes', () => {
  const pipe = at();
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', pipe]);
  expect(() => readConfig(pipe, true)).toThrow('it is not a file');
});

it.runIf(process.getuid?.() !== 0)('is refused when it may not be read', () => {
  const file = at();
  writeFileSync(file, '', { mode: 0 });
  expect(() => readConfig(file, true)).toThrow('permission is denied');
});
