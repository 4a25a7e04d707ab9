/**
 * Writes the man page, made of the tree of commands:
 *
 *     npm run build && node scripts/man.mjs
 *
 * test/docs.test.ts complains when it is not what the program says of itself any more.
 */
import { writeFileSync } from 'node:fs';
import { describe, remarks } from './tree.mjs';

/** Text of roff: no character of it is a command. */
const plain = (/** @type {string} */ text) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll(/^(?=[.'])/gmu, '\\&');

/** The words of an option in bold, and what it takes in italics. */
const flagged = (/** @type {string} */ flags) =>
  plain(flags)
    .replaceAll(/\\-[\w\\-]*/gu, '\\fB$&\\fR')
    .replaceAll(/<([^>]+)>/gu, '\\fI$1\\fR');

/** @param {import('./tree.mjs').OptionText} option */
function optionLines({ flags, text, env, fallback }) {
  const more = [
    fallback === undefined ? [] : [`default: ${fallback}`],
    env === undefined ? [] : [`variable: ${env}`],
  ].flat();
  return ['.TP', flagged(flags), plain(`${text}${more.length === 0 ? '' : ` (${more.join('; ')})`}`)];
}

/**
 * @param {import('commander').Command} root
 * @returns {string} the page
 */
export function man(root) {
  const { name, usage, text, options } = describe(root);
  const { examples, notes, exits } = remarks(root);
  const commands = root.commands.map(describe);
  return [
    '.\\" Made by scripts/man.mjs: do not change it here.',
    `.TH ${name.toUpperCase()} 1 "" "${name}" "User Commands"`,
    '.SH NAME',
    `${name} \\- a group chat between machines, with no server`,
    '.SH SYNOPSIS',
    ...[{ name, usage }, ...commands].flatMap((one, index) => [
      ...(index === 0 ? [] : ['.br']),
      `\\fB${plain(one.name)}\\fR ${plain(one.usage)}`,
    ]),
    '.SH DESCRIPTION',
    plain(text),
    ...notes.flatMap((note) => ['.PP', plain(note)]),
    '.SH OPTIONS',
    'They may stand before or behind the word of a command.',
    ...options.flatMap(optionLines),
    '.SH COMMANDS',
    ...commands.flatMap((one) => [
      `.SS ${plain(one.name)} ${plain(one.usage)}`,
      plain(one.text),
      ...one.options.flatMap(optionLines),
    ]),
    '.SH EXIT STATUS',
    ...exits.flatMap(({ code, text: why }) => ['.TP', `\\fB${code}\\fR`, plain(why)]),
    '.SH EXAMPLES',
    '.nf',
    ...examples.map(plain),
    '.fi',
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const { program } = await import('../dist/program.js');
  writeFileSync(new URL('../man/groupchat.1', import.meta.url), man(program(() => {})));
}
