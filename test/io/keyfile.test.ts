/** A key in a file, as people keep it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { readKeyFile } from '../../src/io/keyfile.ts';

function write(text: string, mode = 0o600, name = 'room.key'): string {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

it.each([0o600, 0o400])('is read with mode %o', (mode) => {
  expect(readKeyFile(write('secret\n', mode))).toBe('secret\n');
});

it('is read through a link', () => {
  const file = write('secret');
  symlinkSync(file, `${file}.link`);
  expect(readKeyFile(`${file}.link`)).toBe('secret');
});

it('is read without the mark that some editors put first', () => {
  expect(readKeyFile(write('\ufeffsecret'))).toBe('secret');
});

it('is read from a pipe', () => {
  const file = join(write('', 0o600, 'x'), '..', 'pipe');
  // The writer waits for a reader; nothing of it is to be waited for here.
  execFileSync('sh', ['-c', 'mkfifo -m 600 "$1" && { printf secret > "$1" & }', 'sh', file], { stdio: 'ignore' });
  expect(readKeyFile(file)).toBe('secret');
});

it.each([0o640, 0o604, 0o620, 0o644])('is refused with mode %o, with what to type', (mode) => {
  const file = write('secret', mode);
  expect(() => readKeyFile(file)).toThrow(`${file} is open to others: chmod 600 ${file}`);
  const spaced = write('secret', mode, "bob's key");
  expect(() => readKeyFile(spaced)).toThrow(String.raw`chmod 600 '${spaced.replace("'", String.raw`'\''`)}'`);
});

it('is bounded', () => {
  expect(readKeyFile(write('x'.repeat(4096)))).toHaveLength(4096);
  expect(() => readKeyFile(write('x'.repeat(4097)))).toThrow('is too long for a key');
});

it('says why it cannot be read', () => {
  const file = write('');
  expect(() => readKeyFile(`${file}.none`)).toThrow('cannot be read: there is no such file');
  expect(() => readKeyFile(join(file, '..'))).toThrow('cannot be read: it is a folder');
  expect(() => readKeyFile('-')).toThrow('give a file, or <(command)');
});
