/**
 * Run by tests in a pseudo-terminal: asks for a key, then for a line, and shows both backwards, so that a key that
 * stands on the screen was shown by the question itself. Usage: node asker.js DIST.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const [dist] = process.argv.slice(2);
const { askKey } = await import(`${dist}/face/ask.js`);
const backwards = (text) => Array.from(text).toReversed().join('');
const key = await askKey(process.stdin, process.stdout);
console.log(key === undefined ? 'went away' : key === null ? 'interrupted' : `key ${backwards(key)}`);
if (typeof key !== 'string') process.exit(2);
const readline = createInterface({ input: process.stdin });
const [line] = await once(readline, 'line');
console.log(`line ${backwards(line)}`);
readline.close();
