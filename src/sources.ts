/**
 * Where settings come from: a default, the config file, the environment, the command line. Each replaces the ones before
 * it wholly, so that `--join` leads to where it says and nowhere else, whatever a file has. A value is read by its own
 * option, wherever it stands, and refused in the same words.
 *
 * The variables are taken out of the environment while the command line is read, since the file has its turn before
 * them. One that has a key in it does not come back there: no program that this one starts is to inherit it.
 */
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError, type Command, type Option } from 'commander';
import { parseConfig, shown } from './core/config.ts';
import { ChatError } from './core/errors.ts';
import { withoutKeys } from './core/invite.ts';
import { nearest } from './core/spelling.ts';
import { readConfig } from './io/config.ts';
import { defaultConfigFile } from './io/folders.ts';
import { clean } from './face/screen.ts';
import type { Configuration, Setting } from './task.ts';

/** The key of a room, what errors show, and which build the tests run. */
const otherVariables: readonly string[] = ['GROUPCHAT_KEY', 'GROUPCHAT_DEBUG', 'GROUPCHAT_DIST'];

/** What was given to an option in one place; of several lines of a file, each. */
interface Given {
  readonly option: Option;
  readonly values: readonly { readonly text: string; readonly place: string }[];
}

/** Takes the variables of the options out of the environment; an empty one counts as none, as is the custom of shells. */
export function takeVariables(command: Command): {
  readonly variables: readonly Given[];
  readonly warnings: readonly string[];
} {
  const variables: Given[] = [];
  const known = [
    ...otherVariables,
    ...command.commands.flatMap(({ options }) => options.flatMap(({ envVar = [] }) => envVar)),
  ];
  for (const option of command.options) {
    const { envVar } = option;
    if (envVar === undefined) continue;
    known.push(envVar);
    const text = process.env[envVar] ?? '';
    delete process.env[envVar];
    if (text !== '') variables.push({ option, values: [{ text, place: envVar }] });
  }
  const unknown = Object.keys(process.env).filter(
    (name) => name.startsWith('GROUPCHAT_') && process.env[name] !== '' && !known.includes(name),
  );
  const warnings = unknown.map((name) => {
    const meant = nearest(name.slice(10), known, (one) => one.slice(10));
    return `${clean(shown(name))} is set, and means nothing: ${meant === undefined ? 'groupchat --help shows the variables' : `did you mean ${meant}?`}`;
  });
  if (process.env['GROUPCHAT_KEY'] === '') delete process.env['GROUPCHAT_KEY'];
  return { variables, warnings };
}

/**
 * Puts what the file and the variables say under what stood on the command line, which has been read.
 * @returns where each value comes from
 */
export function settle(command: Command, variables: readonly Given[]): Configuration {
  for (const { text, place } of variables.flatMap(({ values }) => values)) {
    if (withoutKeys(text) === text) process.env[place] = text;
  }
  const places = new Map<string, string>();
  const apply = (given: Given, source: 'config' | 'env'): void => {
    const key = given.option.attributeName();
    if (command.getOptionValueSource(key) === 'cli') return;
    const value = read(command, given, command.getOptionValue(key));
    if (value === undefined) return;
    command.setOptionValueWithSource(key, value, source);
    places.set(key, given.values.map(({ place }) => place).join(', '));
  };
  // Which file it is, is not said in the file.
  const isMeta = ({ option }: Given): boolean => option.attributeName() === 'config';
  for (const given of variables.filter(isMeta)) orUsage(command, () => apply(given, 'env'));
  const { file, lines, fault } = fileOf(command);
  const found = lines !== undefined;
  for (const given of lines ?? []) apply(given, 'config');
  for (const given of variables) if (!isMeta(given)) orUsage(command, () => apply(given, 'env'));
  return { file, found, fault, settings: tell(command, places) };
}

/** @returns the value; undefined where what was given changes nothing */
function read(command: Command, { option, values }: Given, before: unknown): unknown {
  let value: unknown;
  for (const { text, place } of values) {
    try {
      if (option.required) value = option.parseArg === undefined ? text : option.parseArg(text, value as never);
      else value = truth(text);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      const from = place === option.envVar ? `env '${place}'` : place;
      throw new ChatError(
        'usage',
        `option '${option.flags}' value '${clean(text)}' from ${from} is invalid: ${error.message}`,
      );
    }
  }
  if (!option.negate) return value;
  if (value === true) return false;
  // It takes back what another place has switched off, and nothing else.
  const positive = command.options.find((one) => !one.negate && one.attributeName() === option.attributeName());
  return before === false ? (positive?.defaultValue ?? true) : undefined;
}

function truth(text: string): boolean {
  if (/^(?:true|yes|on|1)$/iu.test(text)) return true;
  if (/^(?:false|no|off|0)$/iu.test(text)) return false;
  throw new InvalidArgumentError('it takes true or false');
}

function orUsage(command: Command, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    command.error(`error: ${error.message}`);
  }
}

// --- The file ---

function fileOf(command: Command): {
  readonly file: string | undefined;
  readonly lines?: readonly Given[];
  readonly fault?: string;
} {
  const named = command.getOptionValue('config') as string | boolean | undefined;
  if (named === false) return { file: undefined };
  const file = typeof named === 'string' ? named : defaultFile();
  if (file === undefined) return { file };
  try {
    const text = readConfig(file, typeof named === 'string');
    return text === undefined ? { file } : { file, lines: linesOf(command, file, text) };
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    return { file, lines: [], fault: clean(error.message) };
  }
}

function defaultFile(): string | undefined {
  try {
    return defaultConfigFile();
  } catch {
    return undefined;
  }
}

/** What a file may say: not which file it is. */
function settable(command: Command): readonly Option[] {
  return command.options.filter((option) => option.envVar !== undefined && option.attributeName() !== 'config');
}

/** @throws ChatError `usage` */
function linesOf(command: Command, file: string, text: string): readonly Given[] {
  const parsed = parseConfig(text);
  const refuse = (line: number, fault: string): never => {
    throw new ChatError('usage', `${file}:${line}: ${fault}`);
  };
  if (parsed.kind === 'fault') return refuse(parsed.line, parsed.fault);
  const options = settable(command);
  const keys = options.map((option) => option.name());
  const found = new Map<string, { readonly given: Given; readonly line: number; readonly several: boolean }>();
  for (const { key, value, line } of parsed.lines) {
    const option = options.find((one) => one.name() === key);
    if (option === undefined) return refuse(line, unknownKey(key, keys));
    const attribute = option.attributeName();
    const before = found.get(attribute);
    if (before !== undefined && (before.given.option !== option || !before.several)) {
      return refuse(line, `${key} says again what line ${before.line} has said: leave out one of them`);
    }
    const values = [...(before?.given.values ?? []), { text: inPlace(option, value, file), place: `${file}:${line}` }];
    const given = { option, values };
    // A value that is wrong is told, though the command line may have another.
    found.set(attribute, { given, line, several: Array.isArray(read(command, given, undefined)) });
  }
  return Array.from(found.values(), ({ given }) => given);
}

/** No shell stands between: a path is below the file's own folder, and `~/` below the home. */
function inPlace({ flags }: Option, value: string, file: string): string {
  if (!/<(?:file|folder)>/u.test(flags)) return value;
  return resolve(
    dirname(file),
    value.replace(/^~(?=\/|$)/u, () => homedir()),
  );
}

function unknownKey(key: string, keys: readonly string[]): string {
  const bare = key.toLowerCase().replace(/^--/u, '').replaceAll('_', '-');
  const off = keys.includes(`no-${bare}`) ? `no-${bare} = true` : undefined;
  const meant = off ?? nearest(bare, keys);
  const instead = meant === undefined ? `the keys are ${keys.join(', ')}` : `did you mean ${meant}?`;
  return `there is no key ${clean(shown(key))}: ${instead}`;
}

// --- What came of it ---

const origins: Readonly<Record<string, Setting['from']>> = { config: 'file', env: 'environment', cli: 'option' };

function tell(command: Command, places: ReadonlyMap<string, string>): Setting[] {
  const options = settable(command);
  const list = options.map((option): Setting => {
    const attribute = option.attributeName();
    const key = option.name();
    const set = command.getOptionValue(attribute) as Setting['value'];
    // Of two options for one thing, only the one that says what is so: a file has no place for both.
    const paired = options.some((other) => other !== option && other.attributeName() === attribute);
    if (paired && option.negate !== (set === false)) return { key, value: undefined, from: 'default', place: '' };
    const from = origins[command.getOptionValueSource(attribute) ?? ''] ?? 'default';
    const place = from === 'option' ? (option.long ?? '') : (places.get(attribute) ?? '');
    const value = option.negate ? set === false : (set ?? (option.required ? undefined : false));
    return { key, value: withoutSecrets(value), from, place };
  });
  if (process.env['GROUPCHAT_KEY'] === undefined) return list;
  return [...list, { key: 'key', value: undefined, from: 'environment', place: 'GROUPCHAT_KEY', secret: true }];
}

function withoutSecrets(value: Setting['value']): Setting['value'] {
  if (typeof value === 'string') return withoutKeys(value);
  return typeof value === 'object' ? value.map(withoutKeys) : value;
}
