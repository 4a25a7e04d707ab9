/** `groupchat config`: each setting, and where its value comes from. */
import type { Command } from 'commander';
import { formatConfig } from '../core/config.ts';
import { exits } from '../exits.ts';
import { clean } from '../face/screen.ts';
import { defaultDataDir } from '../io/folders.ts';
import type { Configuration, Setting, Stage, Task } from '../task.ts';
import { printer } from './print.ts';

export function addConfig(command: Command, run: (task: Task) => void): void {
  command
    .command('config')
    .description('Shows each setting and where its value comes from, in the form of a config file.')
    .option('--json', 'the same as one JSON object')
    .action(({ json = false }: { json?: boolean }) => run(config(json)));
}

function config(json: boolean): Task {
  return async ({ configuration, output }: Stage) => {
    const settings = configuration.settings.map(withFolder);
    const text = json ? JSON.stringify(record(configuration, settings)) : lines(configuration, settings).join('\n');
    await printer(output)(text);
    return exits.clean;
  };
}

/** Where rooms are kept is known, though nobody has said so. */
function withFolder(setting: Setting): Setting {
  if (setting.key !== 'data-dir' || setting.value !== undefined) return setting;
  try {
    return { ...setting, value: defaultDataDir() };
  } catch {
    return setting;
  }
}

function record({ file, found }: Configuration, settings: readonly Setting[]): unknown {
  return {
    v: 1,
    file: file ?? null,
    found,
    settings: settings.map(({ key, value, from, place, secret = false }) => ({
      key,
      value: value ?? null,
      from,
      place: place === '' ? null : place,
      ...(secret ? { secret } : {}),
    })),
  };
}

/** It reads back as a file that says the same. */
function lines({ file, found }: Configuration, settings: readonly Setting[]): string[] {
  const heading = file === undefined ? 'no config file' : `${clean(file)}${found ? '' : ' (there is none)'}`;
  return [`# ${heading}`, ...settings.flatMap(line)];
}

function line({ key, value, from, place, secret = false }: Setting): string[] {
  const origin = clean(place === '' ? from : place);
  if (secret) return [`# ${key} is set, and not shown  # ${origin}`];
  if (value === undefined) return [`# ${key} is not set`];
  const values = typeof value === 'object' ? value : [String(value)];
  return values.map((one) => `${formatConfig(key, clean(one))}  # ${origin}`);
}
