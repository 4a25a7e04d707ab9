/**
 * `groupchat completion`: what a shell completes. It is made of the tree of commands that the program itself is made of,
 * so it knows each word and each option, and no other.
 */
import { Argument, type Command, type Option } from 'commander';
import { exits } from '../exits.ts';
import type { Task } from '../task.ts';
import { printer } from './print.ts';

const shells = { bash, zsh, fish } as const;

export function addCompletion(command: Command, run: (task: Task) => void): void {
  command
    .command('completion')
    .usage('bash|zsh|fish')
    .description('Prints what a shell needs to complete the words of groupchat: source <(groupchat completion bash)')
    // Which ones there are is for whoever completes it; what is none of them is told in our own words.
    .addArgument(new Argument('[shell]', 'which one').choices(Object.keys(shells)).argParser((word) => word))
    .action((word?: string) => {
      if (!isShell(word)) command.error('error: say which shell: groupchat completion bash, zsh or fish');
      run(completion(shells[word](command)));
    });
}

function isShell(word: string | undefined): word is keyof typeof shells {
  return word !== undefined && Object.hasOwn(shells, word);
}

function completion(script: string): Task {
  return async ({ output }) => {
    await printer(output)(script);
    return exits.clean;
  };
}

/** What stands behind an option, or a command. */
type Value =
  | { readonly kind: 'none' | 'any' | 'file' | 'folder' }
  | { readonly kind: 'choice'; readonly of: readonly string[] };

const places: Readonly<Record<string, 'file' | 'folder'>> = { file: 'file', folder: 'folder' };

function valueOf(flags: string, choices: readonly string[] | undefined): Value {
  if (choices !== undefined) return { kind: 'choice', of: choices };
  const [, name] = /[<[]([\w:-]+)/u.exec(flags) ?? [];
  return name === undefined ? { kind: 'none' } : { kind: places[name] ?? 'any' };
}

/** What stands behind the word of a command, first of all. */
function argumentOf(command: Command): Value {
  const [argument] = command.registeredArguments;
  if (argument === undefined) return { kind: 'none' };
  return valueOf(`<${argument.name()}>`, argument.argChoices);
}

const behindOption = ({ flags, argChoices }: Option): Value => valueOf(flags, argChoices);

/** Those that are shared by all commands are the root's, --help among them. */
function optionsOf(command: Command): readonly Option[] {
  const options = command.createHelp().visibleOptions(command);
  return command.parent === null ? options : options.filter(({ long }) => long !== '--help');
}
const wordsOf = ({ short, long }: Option): string[] => [short, long].filter((word) => word !== undefined);
const namesOf = (command: Command): string[] => command.commands.map((one) => one.name());

/** What a command does, in a few words. */
const briefly = (command: Command): string => (/^[^:(.]*/u.exec(command.description())?.[0] ?? '').trim();

/** In single quotes, as every shell reads it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

function bash(root: Command): string {
  const all = [root, ...root.commands].flatMap(optionsOf);
  const takes = (...kinds: Value['kind'][]): string =>
    [...new Set(all.filter((one) => kinds.includes(behindOption(one).kind)).flatMap(wordsOf))].join('|');
  const choices = all.flatMap((option) => {
    const value = behindOption(option);
    return value.kind === 'choice' ? [`    ${wordsOf(option).join('|')}) words=${quoted(value.of.join(' '))} ;;`] : [];
  });
  const shared = optionsOf(root).flatMap(wordsOf);
  const commands = root.commands.map((command) => {
    const argument = argumentOf(command);
    const words = [...new Set([...optionsOf(command).flatMap(wordsOf), ...shared])];
    if (argument.kind === 'choice') words.unshift(...argument.of);
    const files = argument.kind === 'file' ? 'files=-f ' : '';
    return `      ${command.name()}) ${files}words=${quoted(words.join(' '))} ;;`;
  });
  return `# Completion of groupchat for bash: source <(groupchat completion bash)
_groupchat() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD - 1]} command= words= files= at IFS=$' \\n'
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
    ${takes('any', 'file', 'folder', 'choice')}) ((at++)) ;;
    ${namesOf(root).join('|')}) command=\${COMP_WORDS[at]} && break ;;
    esac
  done
  case $before in
${choices.join('\n')}
    ${takes('file')}) files=-f ;;
    ${takes('folder')}) files=-d ;;
    ${takes('any')}) ;;
    *)
      case $command in
${commands.join('\n')}
      *) words=${quoted([...namesOf(root), ...shared].join(' '))} ;;
      esac
      ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  if [[ -n $files && $word != -* ]]; then
    compopt -o filenames 2>/dev/null
    IFS=$'\\n'
    COMPREPLY+=($(compgen $files -- "$word"))
  fi
}
complete -F _groupchat groupchat`;
}

function zsh(root: Command): string {
  const escaped = (text: string): string => text.replaceAll(/[[\]:\\]/gu, '\\$&');
  const behind = (value: Value, name: string): string => {
    switch (value.kind) {
      case 'none':
        return '';
      case 'any':
        return `:${name}: `;
      case 'file':
        return `:${name}:_files`;
      case 'folder':
        return `:${name}:_files -/`;
      case 'choice':
        return `:${name}:(${value.of.join(' ')})`;
    }
  };
  const option = (one: Option): string[] =>
    wordsOf(one).map((word) => quoted(`*${word}[${escaped(one.description)}]${behind(behindOption(one), one.name())}`));
  const shared = optionsOf(root).flatMap(option);
  const commands = root.commands.map((command) => {
    const argument = argumentOf(command);
    const [first] = command.registeredArguments;
    const own = optionsOf(command).flatMap(option);
    // Where anything may stand, there is nothing to complete; and told so, zsh would not put in an option either.
    const rest = first === undefined || argument.kind === 'any' ? [] : [quoted(`*${behind(argument, first.name())}`)];
    return `        ${command.name()}) _arguments ${['$shared', ...own, ...rest].join(' ')} ;;`;
  });
  const described = root.commands.map((one) => quoted(`${one.name()}:${escaped(briefly(one))}`));
  return `#compdef groupchat
# Completion of groupchat for zsh: groupchat completion zsh > "\${fpath[1]}/_groupchat"
_groupchat() {
  local context state state_descr line
  typeset -A opt_args
  local -a shared commands
  shared=(
${shared.map((one) => `    ${one}`).join('\n')}
  )
  commands=(
${described.map((one) => `    ${one}`).join('\n')}
  )
  _arguments -C $shared '(-)1:command:->command' '(-)*::argument:->argument'
  case $state in
    command) _describe command commands ;;
    argument)
      case $words[1] in
${commands.join('\n')}
      esac
      ;;
  esac
}
if [ "$funcstack[1]" = _groupchat ]; then _groupchat "$@"; else compdef _groupchat groupchat; fi`;
}

function fish(root: Command): string {
  const text = (words: string): string => `'${words.replaceAll(/['\\]/gu, '\\$&')}'`;
  const behind = (value: Value): string => {
    if (value.kind === 'choice') return ` -x -a ${text(value.of.join(' '))}`;
    const ways = { none: '', any: ' -x', file: ' -r -F', folder: ` -x -a '(__fish_complete_directories)'` };
    return ways[value.kind];
  };
  const option = (one: Option, condition = ''): string => {
    const [short, long] = [one.short, one.long].map((word) => word?.replace(/^-+/u, ''));
    const words = `${short === undefined ? '' : ` -s ${short}`}${long === undefined ? '' : ` -l ${long}`}`;
    return `complete -c groupchat${condition}${words}${behind(behindOption(one))} -d ${text(one.description)}`;
  };
  const commands = root.commands.flatMap((command) => {
    const argument = argumentOf(command);
    const condition = ` -n '__fish_seen_subcommand_from ${command.name()}'`;
    return [
      `complete -c groupchat -n __fish_use_subcommand -a ${command.name()} -d ${text(briefly(command))}`,
      ...optionsOf(command).map((one) => option(one, condition)),
      ...(argument.kind === 'file' || argument.kind === 'choice'
        ? [`complete -c groupchat${condition}${argument.kind === 'file' ? ' -F' : behind(argument)}`]
        : []),
    ];
  });
  const lines = ['complete -c groupchat -f', ...optionsOf(root).map((one) => option(one)), ...commands];
  return `# Completion of groupchat for fish: groupchat completion fish | source\n${lines.join('\n')}`;
}
