/**
 * A typed line to a command.
 *
 * Only a slash in the first column makes a command, and two say a literal one (`//x` says `/x`). What looks like a
 * command and is none is never said to the room: a mistyped `/msg bob secret` must not reach everybody.
 */

/** What is known of a command: what follows it, and what it does, for /help. */
interface Entry {
  readonly takes: string;
  readonly does: string;
}

const table = {
  help: { takes: '[command]', does: 'what you can type here, or what one command does' },
  who: { takes: '', does: 'who is in the room, and who coordinates' },
  status: { takes: '', does: 'who comes next, the last failover, what waits, how to join' },
  quit: { takes: '', does: 'leave the room; what you said is delivered first' },
} as const satisfies Record<string, Entry>;

export type CommandName = keyof typeof table;

export const commandNames = Object.keys(table) as readonly CommandName[];

export type Command =
  | { readonly kind: 'say'; readonly text: string }
  /** An empty line, or only spaces: nothing is meant. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'help'; readonly about: CommandName | null }
  | { readonly kind: 'who' | 'status' | 'quit' }
  /** Not a command; `meant` is the nearest one. */
  | { readonly kind: 'unknown'; readonly word: string; readonly meant: CommandName | undefined }
  /** A command with something after it that it does not take. */
  | { readonly kind: 'excess'; readonly name: CommandName };

/** What other chat programs call these. */
const synonyms: Readonly<Record<string, CommandName>> = {
  '?': 'help',
  commands: 'help',
  names: 'who',
  list: 'who',
  members: 'who',
  users: 'who',
  info: 'status',
  stat: 'status',
  exit: 'quit',
  leave: 'quit',
  part: 'quit',
  bye: 'quit',
  close: 'quit',
};

/** Reads a typed line. */
export function parseCommand(line: string): Command {
  if (line.trim() === '') return { kind: 'nothing' };
  if (!line.startsWith('/')) return { kind: 'say', text: line };
  if (line.startsWith('//')) return { kind: 'say', text: line.slice(1) };
  const [word = '', ...rest] = line.slice(1).trimEnd().split(/\s+/u);
  const name = commandNamed(word);
  if (name === undefined) return { kind: 'unknown', word, meant: nearest(word) };
  if (name !== 'help') return rest.length > 0 ? { kind: 'excess', name } : { kind: name };
  const [topic, ...more] = rest;
  if (topic === undefined) return { kind: 'help', about: null };
  const about = commandNamed(topic.replace(/^\//u, ''));
  if (about === undefined) return { kind: 'unknown', word: topic.replace(/^\//u, ''), meant: nearest(topic) };
  return more.length > 0 ? { kind: 'excess', name } : { kind: 'help', about };
}

function commandNamed(word: string): CommandName | undefined {
  return commandNames.find((name) => name === word.toLowerCase());
}

/** The command that a mistyped word is nearest to, if it is near enough. */
function nearest(typed: string): CommandName | undefined {
  const word = typed.replace(/^\//u, '').toLowerCase();
  if (word === '' || word.length > 20) return undefined;
  if (Object.hasOwn(synonyms, word)) return synonyms[word];
  const begun = commandNames.find((name) => name.startsWith(word));
  if (begun !== undefined) return begun;
  const [best] = commandNames
    .map((name) => ({ name, far: distance(word, name) }))
    // Half of the word may be wrong, and at most two letters.
    .filter(({ name, far }) => far <= Math.min(2, Math.floor(Math.max(word.length, name.length) / 2)))
    .toSorted((a, b) => a.far - b.far);
  return best?.name;
}

/** How many letters must be put in, left out, changed, or swapped with the next one (optimal string alignment). */
function distance(from: string, to: string): number {
  let before: number[] = [];
  let above = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      const options = [
        (above[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (above[column - 1] as number) + (same ? 0 : 1),
      ];
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) options.push((before[column - 2] as number) + 1);
      current.push(Math.min(...options));
    }
    before = above;
    above = current;
  }
  return above[to.length] as number;
}

/** What is wrong with a line that is a command only by its looks, and what to type instead. */
export function commandFault(command: Extract<Command, { kind: 'unknown' | 'excess' }>): string {
  if (command.kind === 'excess') {
    const { name } = command;
    return name === 'help' ? 'type /help, or /help and one command' : `type /${name} with nothing after it`;
  }
  const { meant } = command;
  const word = command.word.length > 20 ? `${command.word.slice(0, 20)}…` : command.word;
  const advice = meant === undefined ? '/help lists the commands' : `did you mean /${meant}?`;
  return `there is no command /${word}; ${advice} (// at the start says a slash)`;
}

/** What /help answers, line by line. */
export function helpLines(about: CommandName | null): string[] {
  const names = about === null ? commandNames : [about];
  const usage = (name: CommandName) => `/${name} ${table[name].takes}`.trimEnd();
  const width = Math.max(...names.map((name) => usage(name).length));
  const lines = names.map((name) => `${usage(name).padEnd(width)}  ${table[name].does}`);
  if (about === null) lines.push('All else that you type is said to the room; // at the start says a slash.');
  return lines;
}

/** What Tab may put in place of the last word: commands after a slash, names elsewhere. Sorted, each once. */
export function completions(before: string, names: readonly string[]): string[] {
  const word = /\S*$/u.exec(before)?.[0] ?? '';
  const first = word.length === before.length;
  const key = word.toLowerCase();
  let found: string[];
  if (first && word.startsWith('/')) found = commandNames.map((name) => `/${name} `);
  else if (/^\/help\s+$/iu.test(before.slice(0, before.length - word.length))) found = [...commandNames];
  else if (word === '') return [];
  else found = names.map((name) => (first ? `${name}: ` : `${name} `));
  return [...new Set(found)].filter((one) => one.toLowerCase().startsWith(key)).toSorted();
}
