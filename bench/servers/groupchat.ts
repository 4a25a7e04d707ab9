/** groupchat itself: a process as a person would start it, which founds a room and so coordinates it. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Keyring } from '../../src/io/keyring.ts';
import { groupchatCodec } from '../codecs/groupchat.ts';
import type { System } from './system.ts';

/** The program as it is installed; the benchmark runs from the project's folder. */
export const program = join(process.cwd(), 'dist', 'cli.js');

/** What everybody in a room without a key knows. */
const keyring = Keyring.open();

export const groupchat: System = {
  name: 'groupchat',
  note:
    'one process as coordinator, which also prints every line (to /dev/null); it gives each line a place in the log, ' +
    'checks its signature, keeps it on disk, and sends it, encrypted, to its author too',
  command: (port, folder) =>
    existsSync(program)
      ? // Not where the person who measures keeps rooms.
        [process.execPath, program, '--name', 'coordinator', '--listen', `127.0.0.1:${port}`, '--data-dir', folder]
      : undefined,
  codec: () => groupchatCodec(keyring),
};

/** Stands in for `--plain` where the program does not have it. */
const plainly = fileURLToPath(import.meta.resolve('./plainly.js'));

function takesPlain(): boolean {
  return readFileSync(program, 'utf8').includes('--plain');
}

/** The same without encryption: what lies between the two is TLS and nothing else. */
export const plain: System = {
  ...groupchat,
  name: 'groupchat --plain',
  note: 'the same, signatures too, without encryption',
  command(port, folder) {
    const command = groupchat.command(port, folder);
    return command && (takesPlain() ? [...command, '--plain'] : [process.execPath, plainly, String(port), folder]);
  },
  codec: () => groupchatCodec(undefined),
};
