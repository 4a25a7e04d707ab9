/** groupchat itself: a process as a person would start it, which founds a room and so coordinates it. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { groupchatCodec } from '../codecs/frames.ts';
import type { System } from './system.ts';

/** The program as it is installed; the benchmark runs from the project's folder. */
export const program = join(process.cwd(), 'dist', 'cli.js');

export const groupchat: System = {
  name: 'groupchat',
  note:
    'one process as coordinator, which also prints every line (to /dev/null); ' +
    'it gives each line a place in the log, keeps it on disk, and sends it to its author too',
  command: (port, folder) =>
    existsSync(program)
      ? // Not where the person who measures keeps rooms.
        [process.execPath, program, '--name', 'coordinator', '--listen', `127.0.0.1:${port}`, '--data-dir', folder]
      : undefined,
  codec: groupchatCodec,
};
