/** The copier: what Node can do at best. No protocol, no order, no history, no care for the slow. */
import { fileURLToPath } from 'node:url';
import { copierCodec } from '../codecs/frames.ts';
import type { System } from './system.ts';

export const copier: System = {
  name: 'copier',
  note: 'a bare Node server that copies each chunk it reads to every socket: the limit for one thread of Node',
  command: (port) => [process.execPath, fileURLToPath(import.meta.resolve('./copying.js')), String(port)],
  codec: copierCodec,
};
