/** The tree of commands as its documents need it: what it says of itself, whoever writes it down. */

/**
 * @typedef {{ flags: string, text: string, env: string | undefined, fallback: string | undefined }} OptionText
 * @typedef {{ name: string, usage: string, text: string, options: OptionText[] }} CommandText
 */

/**
 * @param {import('commander').Command} command
 * @returns {CommandText}
 */
export function describe(command) {
  const help = command.createHelp();
  const options = help.visibleOptions(command).map((option) => ({
    flags: option.flags,
    text: option.description,
    env: option.envVar,
    fallback: option.defaultValue === undefined ? undefined : String(option.defaultValue),
  }));
  const name = command.parent === null ? command.name() : `${command.parent.name()} ${command.name()}`;
  const usage = command.parent === null ? '[OPTIONS]' : command.usage();
  const own = command.parent === null ? options : options.filter(({ flags }) => !flags.includes('--help'));
  return { name, usage, text: command.description(), options: own };
}

/**
 * What stands below the options of `--help`: `examples` and `exits`, a line each as it stands there, and the paragraphs
 * that stand between.
 * @param {import('commander').Command} root
 * @returns {{ examples: string[], notes: string[], exits: { code: string, text: string }[] }}
 */
export function remarks(root) {
  let after = '';
  root.emit('afterHelp', { error: false, command: root, write: (/** @type {string} */ text) => (after += text) });
  const paragraphs = after.trim().split(/\n{2,}/u);
  const under = (/** @type {string} */ title) => {
    const lines =
      paragraphs
        .find((one) => one.startsWith(`${title}:\n`))
        ?.split('\n')
        .slice(1) ?? [];
    if (lines.length === 0) throw new Error(`--help has nothing under ${title}`);
    return lines.map((line) => line.slice(2));
  };
  /** @type {{ code: string, text: string }[]} */
  const exits = [];
  for (const line of under('Exit codes')) {
    const [, code, text] = /^(\d+) +(.*)$/u.exec(line) ?? [];
    const last = exits.at(-1);
    if (code !== undefined && text !== undefined) exits.push({ code, text });
    else if (last !== undefined) last.text += ` ${line.trim()}`;
  }
  const notes = paragraphs
    .filter((one) => !/^(?:Examples|Exit codes):\n/u.test(one))
    .map((one) => one.replaceAll('\n', ' '));
  return { examples: under('Examples'), notes, exits };
}
