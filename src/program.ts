/**
 * The words of the command line: options, commands, and what is wrong with them.
 *
 * Each command says what it needs besides the options of the room, which all commands share and which may stand before
 * or behind its word, and gives a task; without a word the task is the room itself. Nothing runs here.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultPort, formatAddress, parseAddress } from './core/address.ts';
import { distance } from './core/command.ts';
import { looksLikeInvite, parseInvite, withoutKeys } from './core/invite.ts';
import { settings } from './core/limits.ts';
import { nameFault } from './core/name.ts';
import { addVerify } from './commands/verify.ts';
import { chat } from './commands/chat.ts';
import { exits } from './exits.ts';
import type { Settings, Task } from './task.ts';

const examples = `
Examples:
  groupchat --name alice                      start a room, or go on with one
  groupchat --name bob --join 10.0.0.5        join it, through any member
  groupchat --name bob --listen 0.0.0.0:6001 --join 10.0.0.5:6000
  groupchat --name alice --private            start a room for those you invite
  groupchat --name bob --join 'gc://10.0.0.5:6000/#'      and be asked for KEY
  groupchat --name bob --private --join 10.0.0.5          the same
  groupchat --name bob --key-file room.key --join 10.0.0.5
  GROUPCHAT_KEY=$(pass room) groupchat --name bob --join 10.0.0.5
  groupchat --name bob --join 'gc://10.0.0.5:6000/#KEY'   which others may see
  tail -f app.log | groupchat --name log --join 10.0.0.5 > room.txt

Without a terminal, each line of the input is said, each line of the room is
printed as "name: text", and what happens in the room as "* words". The end of
the input is a clean goodbye, as is SIGINT, SIGTERM or SIGHUP; a second signal
ends the process at once (exit code 1).

A room is open: links are encrypted, and anyone who reaches the port may join.
With --private only those enter who have its key, which the invite carries.
/invite shows it. A key on the command line is not secret: groupchat wipes it
from its own entry in the list of processes, but your shell remembers it, and
npx goes on showing it in its own. A file, the variable or the question are
safe. All keys that are given have to be the same. --plain encrypts nothing;
only peers with --plain meet there.

Rooms are kept on disk: a peer that is started again goes on where it was, and
is sent what it missed. --new starts another room; with --no-history nothing of
a room is kept, only what makes you the same person the next time.

Options may also be given as environment variables, lists with commas between.
An option wins over its variable.

Exit codes:
  0  left cleanly
  1  failed, or a line of the input could not be said
  2  wrong usage
  3  left, but some of what was said has not been received
  4  refused by the room: a wrong key, the name is taken, another version, the
     room is full
  5  could not reach anyone
  130  Ctrl+C, where a name or a key was asked for`;

/** The program with all its commands; `run` is told which task is asked for. */
export function program(run: (task: Task) => void): Command {
  const option = <Value>(flags: string, text: string, parser: (value: string, before: Value) => Value) => {
    const made = new Option(flags, text);
    return made.env(`GROUPCHAT_${made.name().toUpperCase().replaceAll('-', '_')}`).argParser(parser);
  };
  const number = (flags: string, text: string, unit: string, bounds: { least: number; default: number }) =>
    option(flags, `${text} (${unit}, at least ${bounds.least})`, numberParser(unit, bounds.least)).default(
      bounds.default,
    );
  const { pingMs, silenceMs, backoffMs, history, keep, rate } = settings;
  const listening = `where others reach this peer (default: all interfaces, port ${defaultPort} or the next free one)`;
  const joining = `a member of the room to join, port ${defaultPort} if none is given, or an invite (gc://…); may be repeated`;
  const advertising = 'an address that others are told to reach this peer by; may be repeated';
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  const { version } = JSON.parse(file) as { version: string };
  const command = new Command('groupchat')
    .description('A group chat between machines, with no server: it heals itself when any of them goes away.')
    .version(version)
    .addOption(option('-n, --name <name>', 'what you are called in the room', nameParser))
    .addOption(option('-l, --listen <host:port>', listening, listenParser))
    .addOption(option('-j, --join <host:port>', joining, joinParser))
    .addOption(new Option('--private', 'only those enter who have the key').env('GROUPCHAT_PRIVATE'))
    .addOption(option('--key-file <file>', 'a file with the key of the room, or with its invite', (path) => path))
    .addOption(new Option('--plain', 'nothing is encrypted: for debugging, and for peers in other languages'))
    .addOption(option('--advertise <host:port>', advertising, addressesParser(0)))
    .addOption(number('--ping <ms>', 'how often the coordinator pings', 'ms', pingMs))
    .addOption(number('--silence <ms>', 'how long a silent peer counts as alive, at least two pings', 'ms', silenceMs))
    .addOption(number('--backoff <ms>', 'the longest random wait before others are dialled', 'ms', backoffMs))
    .addOption(
      number(
        '--history <entries>',
        'how much of the past newcomers are given by this peer when it coordinates',
        'entries',
        history,
      ),
    )
    .addOption(
      number(
        '--rate <lines>',
        'how many lines each member may say in a second, where this peer coordinates',
        'lines',
        rate,
      ),
    )
    .addOption(number('--keep <entries>', 'how much of the past this peer keeps', 'entries', keep))
    .addOption(option('--data-dir <folder>', `where rooms are kept (default: ${folderWord})`, (folder) => folder))
    .addOption(new Option('--no-history', 'keep nothing of a room on disk').env('GROUPCHAT_NO_HISTORY'))
    .addOption(new Option('--new', 'start another room, or join as a newcomer, whatever is kept'))
    .addOption(
      new Option('--screen-reader', 'lines are only ever appended, fit to be read aloud').env(
        'GROUPCHAT_SCREEN_READER',
      ),
    )
    .addHelpText('after', examples)
    .helpOption('-h, --help', 'print this')
    .exitOverride()
    .configureOutput({
      // It repeats what was typed.
      outputError: (text, write) =>
        write(
          withoutKeys(text)
            .replace(/^error: /u, 'groupchat: ')
            .replace('\n(', ' ('),
        ),
    })
    // Without a word, it is the room that is meant.
    .action(() => run(chat))
    .helpCommand(false);
  for (const add of [addVerify]) add(command, run);
  return command;
}

const folderWord = "groupchat in $XDG_DATA_HOME, or in the system's place for such data";

function numberParser(unit: string, least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    // Timers of Node take no more.
    if (/^\d+$/u.test(text) && number >= least && number < 2 ** 31) return number;
    throw new InvalidArgumentError(`It takes a whole number of ${unit}, at least ${least}.`);
  };
}

function nameParser(name: string): string {
  const fault = nameFault(name);
  if (fault !== undefined) throw new InvalidArgumentError(`${fault}.`);
  return name;
}

function address(text: string, port: number, portMin: number, example: string): string {
  const parsed = parseAddress(text, port);
  // A number alone would be taken for a host of that name, and never be found.
  if (parsed === undefined || parsed.port < portMin || /^\d+$/u.test(parsed.host)) {
    throw new InvalidArgumentError(`It takes host:port, for example ${example}.`);
  }
  return formatAddress(parsed);
}

const listenParser = (text: string) => address(text, defaultPort, 0, '0.0.0.0:6001');

/** Addresses to dial: one, or several with commas between. A host alone gets the port given; with 0, it needs one. */
function addressesParser(port: number): (text: string, before?: string[]) => string[] {
  return (text, before = []) => {
    const parts = text.split(',').map((part) => part.trim());
    const named = parts.filter((part) => part !== '');
    // An empty shell variable must not found a room of its own.
    return [...before, ...(named.length > 0 ? named : parts).map((part) => address(part, port, 1, '10.0.0.5:6000'))];
  };
}

/** Members to dial, and invites, with commas between; inside of an invite there are commas, too. */
function joinParser(text: string, before: string[] = []): string[] {
  const parts = text.match(/\s*gc:\/\/[^/]*(?:\/[^,]*)?|[^,]+/giu)?.map((part) => part.trim()) ?? [];
  if (!parts.some(looksLikeInvite)) return addressesParser(defaultPort)(text, before);
  return parts.filter((part) => part !== '').reduce(joinedBy, before);
}

function joinedBy(before: string[], part: string): string[] {
  if (!looksLikeInvite(part)) return addressesParser(defaultPort)(part, before);
  const invite = parseInvite(part);
  if (invite.kind === 'fault') throw new InvalidArgumentError(`${invite.fault}.`);
  return [...before, part];
}

/** What is to be done, with which settings; or the exit code when there is nothing to run. */
export function parse(given: readonly string[]): { readonly task: Task; readonly settings: Settings } | number {
  // An empty variable counts as none, as is the custom of shells.
  for (const [key, value] of Object.entries(process.env)) {
    if (key.startsWith('GROUPCHAT_') && value === '') delete process.env[key];
  }
  let task: Task = chat;
  const command = program((asked) => (task = asked));
  try {
    checkWord(command, given[0] ?? '');
    command.parse(given, { from: 'user' });
    const { silence, ping, ...more } = command.opts<Settings>();
    if (silence < 2 * ping) {
      command.error(`error: --silence must be at least twice --ping: ${2 * ping} ms or more, not ${silence}`);
    }
    return { task, settings: { silence, ping, ...more } };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exits.clean : exits.usage;
  }
}

/** A word that is no command, and nearly one: the room takes none, and would say only that there are too many. */
function checkWord(command: Command, word: string): void {
  const names = command.commands.map((one) => one.name());
  if (word === '' || word.startsWith('-') || names.includes(word)) return;
  const far = (name: string): number => distance(word.slice(0, 20).toLowerCase(), name);
  const [nearest] = names.toSorted((a, b) => far(a) - far(b));
  const meant = nearest !== undefined && far(nearest) <= 2 ? `: did you mean groupchat ${nearest}?` : '';
  command.error(`error: there is no command ${word.slice(0, 40)}${meant || ': groupchat --help shows them'}`);
}
