/** A person's key: made once, kept, and refused when it may be somebody else's. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '../../src/core/limits.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import { temporary } from './folder.ts';
import { closeAll } from './net.ts';

afterEach(closeAll);

const posix = process.platform !== 'win32';
const profile = (): string => join(temporary(), 'data', 'ann');
/** A key file that this test has written, or damaged. */
const put = (path: string, text: string | Buffer): void => {
  writeFileSync(path, text, { mode: 0o600 });
};

describe('an identity', () => {
  it('is made at first use, and the same from then on', async () => {
    const folder = profile();
    const first = await Identity.load(folder);
    const file = readFileSync(join(folder, 'key'), 'utf8');
    expect(createPrivateKey(file).asymmetricKeyType).toBe('ed25519');
    expect(file).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    if (posix) {
      expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600);
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
    const second = await Identity.load(folder);
    expect(second.key).toBe(first.key);
    expect(readFileSync(join(folder, 'key'), 'utf8')).toBe(file);
    const bytes = Uint8Array.of(1, 2, 3);
    expect(createCrypto(second).verify(first.key, bytes, first.sign(bytes))).toBe(true);
  });

  it('is one for all who start at once', async () => {
    const folder = profile();
    const all = await Promise.all(Array.from({ length: 20 }, () => Identity.load(folder)));
    expect(new Set(all.map(({ key }) => key)).size).toBe(1);
    expect(readdirSync(folder)).toEqual(['key']);
    expect((await Identity.load(folder)).key).toBe(all[0]?.key);
  });

  it('is another one in each folder, and each time where nothing is kept', async () => {
    const keys = [
      await Identity.load(profile()),
      await Identity.load(profile()),
      Identity.temporary(),
      Identity.temporary(),
    ];
    expect(new Set(keys.map(({ key }) => key)).size).toBe(4);
  });

  it('is what RFC 8032 has for its key (7.1, test 2), as openssl writes it', async () => {
    const folder = profile();
    await Identity.load(folder);
    const der = '302e020100300506032b6570042204204ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb';
    const pem = Buffer.from(der, 'hex').toString('base64');
    put(join(folder, 'key'), `-----BEGIN PRIVATE KEY-----\n${pem}\n-----END PRIVATE KEY-----\n`);
    const identity = await Identity.load(folder);
    expect(Buffer.from(identity.key, 'base64url').toString('hex')).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
    );
    expect(Buffer.from(identity.sign(Uint8Array.of(0x72)), 'base64url').toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    );
  });

  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey;
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
  it.each([
    ['empty', ''],
    ['cut', pem.slice(0, 60)],
    ['another text', 'a key, once'],
    ['one bit off', pem.replace('MC4', 'MC5')],
    ['a public key', publicKey.export({ format: 'pem', type: 'spki' }).toString()],
    ['of another kind', rsa.export({ format: 'pem', type: 'pkcs8' }).toString()],
    ['locked', privateKey.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-128-cbc', passphrase: 'x' }).toString()],
    ['too long', pem + ' '.repeat(limits.keyFileBytesMax)],
  ])('is not made anew where a file is %s', async (_, text) => {
    const folder = profile();
    const before = await Identity.load(folder);
    const path = join(folder, 'key');
    renameSync(path, join(folder, 'copy'));
    put(path, text);
    await expect(Identity.load(folder)).rejects.toMatchObject({
      code: 'store',
      message: `${path} is damaged: put a copy of it back, or remove it (rm ${path}) and be somebody else to every room`,
    });
    expect(readFileSync(path, 'utf8')).toBe(text);
    // Either of what it says will do.
    renameSync(join(folder, 'copy'), path);
    expect((await Identity.load(folder)).key).toBe(before.key);
    rmSync(path);
    expect((await Identity.load(folder)).key).not.toBe(before.key);
  });

  it.runIf(posix)('is refused where others can look, or have put a link', async () => {
    const folder = profile();
    const { key } = await Identity.load(folder);
    const path = join(folder, 'key');
    chmodSync(path, 0o644);
    await expect(Identity.load(folder)).rejects.toThrow(`${path} is open to others: chmod 600 ${path}`);
    chmodSync(path, 0o600);
    chmodSync(folder, 0o755);
    await expect(Identity.load(folder)).rejects.toThrow(`${folder} is open to others: chmod 700 ${folder}`);
    chmodSync(folder, 0o700);
    renameSync(path, join(folder, 'real'));
    for (const to of ['real', 'nothing']) {
      symlinkSync(to, path);
      await expect(Identity.load(folder)).rejects.toThrow(`remove the link: rm ${path}`);
      rmSync(path);
    }
    expect(existsSync(join(folder, 'nothing'))).toBe(false);
    renameSync(join(folder, 'real'), path);
    expect((await Identity.load(folder)).key).toBe(key);
  });
});
