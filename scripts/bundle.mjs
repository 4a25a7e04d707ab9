/**
 * Makes one file of all that the command is made of, in the place of the one that begins it: Node reads it in a third of
 * the time that some 170 take, and the prompt is there 0.1 s sooner. Packages stay where they are, and for the library
 * and for tests so does the rest. Part of `npm run build`.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

const main = './dist/main.js';

const root = fileURLToPath(new URL('..', import.meta.url));
await build({
  cwd: root,
  input: main,
  platform: 'node',
  external: /^[^./]/u,
  output: { file: main },
});
// It told of the file that stood there before.
await rm(join(root, `${main}.map`));
