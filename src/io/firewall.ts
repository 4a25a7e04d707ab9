/**
 * Firewalls of this machine, by the presence of their commands: whether one is on is known to the administrator alone,
 * so what lets a port through is only a line to type.
 */
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Firewall {
  readonly name: string;
  /** What lets others in at the port. */
  readonly command: string;
}

interface Kind {
  readonly name: string;
  readonly program: string;
  readonly command: (port: number) => string;
}

/** Those that make rules for others first. */
const linux: readonly Kind[] = [
  { name: 'ufw', program: 'ufw', command: (port) => `sudo ufw allow ${port}/tcp` },
  { name: 'firewalld', program: 'firewall-cmd', command: (port) => `sudo firewall-cmd --add-port=${port}/tcp` },
  {
    name: 'nftables',
    program: 'nft',
    command: (port) => `sudo nft insert rule inet filter input tcp dport ${port} accept`,
  },
];

/** The firewall that is likely to decide here, undefined where none is found. */
export async function firewallOf(
  port: number,
  platform: NodeJS.Platform = process.platform,
  path = process.env['PATH'] ?? '',
): Promise<Firewall | undefined> {
  if (platform === 'win32') {
    const rule = `dir=in action=allow protocol=TCP localport=${port}`;
    return { name: 'the firewall of Windows', command: `netsh advfirewall firewall add rule name=groupchat ${rule}` };
  }
  if (platform === 'darwin') {
    const tool = '/usr/libexec/ApplicationFirewall/socketfilterfw';
    const node = `'${process.execPath}'`;
    return {
      name: 'the firewall of macOS',
      command: `sudo ${tool} --add ${node} && sudo ${tool} --unblockapp ${node}`,
    };
  }
  if (platform !== 'linux') return undefined;
  // An ordinary path leaves out where an administrator's programs are.
  const folders = [...path.split(delimiter).filter((folder) => folder !== ''), '/usr/sbin', '/sbin'];
  for (const { name, program, command } of linux) {
    if (await isThere(folders, program)) return { name, command: command(port) };
  }
  return undefined;
}

async function isThere(folders: readonly string[], program: string): Promise<boolean> {
  const tries = folders.map((folder) =>
    access(join(folder, program), constants.X_OK).then(
      () => true,
      () => false,
    ),
  );
  return (await Promise.all(tries)).includes(true);
}
