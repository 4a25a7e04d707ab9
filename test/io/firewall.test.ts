/** Which firewall is found, and what lets others in. */
import { writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { firewallOf } from '../../src/io/firewall.ts';
import { temporary } from './folder.ts';

function folderWith(...programs: readonly string[]): string {
  const folder = temporary();
  for (const program of programs) writeFileSync(join(folder, program), '', { mode: 0o755 });
  return folder;
}

it('is the one whose command is there', async () => {
  const path = [folderWith(), folderWith('nft', 'ufw')].join(delimiter);
  expect(await firewallOf(6000, 'linux', path)).toEqual({ name: 'ufw', command: 'sudo ufw allow 6000/tcp' });
});

it('is none that cannot be run', async () => {
  const folder = temporary();
  writeFileSync(join(folder, 'ufw'), '', { mode: 0o644 });
  expect((await firewallOf(6000, 'linux', folder))?.name).not.toBe(
    (await firewallOf(6000, 'linux', folderWith('ufw')))?.name,
  );
});

it.each(['win32', 'darwin'] as const)('comes with %s', async (platform) => {
  expect((await firewallOf(6001, platform, ''))?.command).toMatch(
    platform === 'win32' ? /localport=6001$/u : /--unblockapp /u,
  );
});

it('is not known elsewhere', async () => expect(await firewallOf(6000, 'freebsd', folderWith('ufw'))).toBeUndefined());
