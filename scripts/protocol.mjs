/**
 * Puts into docs/protocol.md what follows from the code, the dialogue and the true values:
 *
 *     npx tsc -p tsconfig.tools.json && node scripts/protocol.mjs
 *
 * What stands there is made in test/sim; test/docs.test.ts complains when it is not what the code gives any more.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dialogue } from '../build/test/sim/dialogue.js';
import { vectors } from '../build/test/sim/vectors.js';

const path = new URL('../docs/protocol.md', import.meta.url);
const table = [
  '| what | value |',
  '| --- | --- |',
  ...vectors().map(([name, value]) => `| \`${name}\` | \`${value}\` |`),
];
const text = readFileSync(path, 'utf8')
  .replace(/(?<=<!-- dialogue -->\n```\n)[\s\S]*?(?=\n```)/u, () => dialogue().join('\n'))
  .replace(/(?<=<!-- vectors -->\n)(?:\|.*\n)*/u, () => `${table.join('\n')}\n`);
writeFileSync(path, text);
