/**
 * Writes docs/cli.md, made of the tree of commands:
 *
 *     npm run build && node scripts/cli.mjs
 *
 * test/docs.test.ts complains when it is not what the program says of itself any more.
 */
import { writeFileSync } from 'node:fs';
import { describe, remarks } from './tree.mjs';

/** What stands in a table. */
const cell = (/** @type {string} */ text) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
const code = (/** @type {string} */ text) => `\`${text.replaceAll('|', '\\|')}\``;

/** @param {import('./tree.mjs').OptionText[]} options */
function table(options) {
  if (options.length === 0) return [];
  const rows = options.map(
    ({ flags, text, fallback, env }) =>
      `| ${code(flags)} | ${cell(text)} | ${fallback === undefined ? '' : code(fallback)} | ${env === undefined ? '' : code(env)} |`,
  );
  return ['', '| option | | default | variable |', '| --- | --- | --- | --- |', ...rows];
}

/**
 * @param {import('commander').Command} root
 * @returns {string} the document
 */
export function reference(root) {
  const { name, usage, text, options } = describe(root);
  const { examples, notes, exits } = remarks(root);
  return [
    '<!-- Made by scripts/cli.mjs: do not change it here. -->',
    '',
    '# The command line',
    '',
    text,
    '',
    '```',
    ...examples,
    '```',
    ...notes.flatMap((note) => ['', note.replaceAll('<', '&lt;')]),
    '',
    `## ${name} ${usage}`,
    '',
    'These options may stand before or behind the word of a command.',
    ...table(options),
    ...root.commands
      .map(describe)
      .flatMap((one) => [
        '',
        `## ${one.name}`,
        '',
        '```',
        `${one.name} ${one.usage}`,
        '```',
        '',
        one.text.replaceAll('<', '&lt;'),
        ...table(one.options),
      ]),
    '',
    '## Exit codes',
    '',
    '| code | |',
    '| --- | --- |',
    ...exits.map(({ code: number, text: why }) => `| ${number} | ${cell(why)} |`),
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const { program } = await import('../dist/program.js');
  writeFileSync(new URL('../docs/cli.md', import.meta.url), reference(program(() => {})));
}
