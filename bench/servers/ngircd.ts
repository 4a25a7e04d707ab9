/** ngircd, with every limit that would be met lifted. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ircCodec } from '../codecs/irc.ts';
import { installed, type System } from './system.ts';

export const ngircd: System = {
  name: 'ngircd',
  note: 'MaxPenaltyTime = 0: by default it throttles each client, to about three lines a second and a second for joining',
  command(port, folder) {
    const program = installed('ngircd');
    if (program === undefined) return undefined;
    const path = join(folder, 'ngircd.conf');
    const sections = [
      ['[Global]', 'Name = bench.example', 'Info = bench', 'Listen = 127.0.0.1', `Ports = ${port}`, 'MotdPhrase = hi'],
      ['[Limits]', 'MaxConnections = 0', 'MaxConnectionsIP = 0', 'MaxJoins = 0', 'MaxPenaltyTime = 0'],
      ['[Options]', 'DNS = no', 'Ident = no', 'PAM = no'],
    ];
    writeFileSync(path, `${sections.flat().join('\n')}\n`);
    return [program, '--nodaemon', '--config', path];
  },
  codec: ircCodec,
};
