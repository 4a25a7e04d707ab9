/**
 * The words of the command line: options, commands, and what is wrong with them.
 *
 * Each command says what it needs besides the options of the room, which all commands share and which may stand before
 * or behind its word, and gives a task; without a word the task is the room itself. Nothing runs here.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { defaultPort, formatAddress, parseAddress } from './core/address.ts';
import { looksLikeInvite, parseInvite, withoutKeys } from './core/invite.ts';
import { settings } from './core/limits.ts';
import { nameFault } from './core/name.ts';
import { nearest } from './core/spelling.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addDoctor } from './commands/doctor.ts';
import { addSend } from './commands/send.ts';
import { addTail } from './commands/tail.ts';
import { addVerify } from './commands/verify.ts';
import { addWho } from './commands/who.ts';
import { chat } from './commands/chat.ts';
import { exits } from './exits.ts';
import { list } from './face/text.ts';
import { defaultBeaconPort } from './io/beacon.ts';
import { settle, takeVariables } from './sources.ts';
import type { Configuration, Settings, Task } from './task.ts';
import { versionOf } from './version.ts';

const examples = `
Examples:
  groupchat --name alice                      go on with your last room, or join
                                              that of the network, or start one
  groupchat --name bob --join 10.0.0.5        join it, through any member
  groupchat --name bob --listen 0.0.0.0:6001 --join 10.0.0.5:6000
  groupchat --name alice --private            start a room for those you invite
  groupchat --name bob --join 'gc://10.0.0.5:6000/#'      and be asked for KEY
  groupchat --name bob --private --join 10.0.0.5          the same
  groupchat --name bob --key-file room.key --join 10.0.0.5
  GROUPCHAT_KEY=$(pass room) groupchat --name bob --join 10.0.0.5
  groupchat --name bob --join 'gc://10.0.0.5:6000/#KEY'   which others may see
  tail -f app.log | groupchat send --name log --join 10.0.0.5 -
  groupchat send --name ci --join 10.0.0.5 --wait all 'the build is done'
  groupchat tail --name bot --join 10.0.0.5 --json | ./bot

Without a terminal, each line of the input is said, or obeyed if it begins with
a slash ("send -" says all of them as they are), each line of the room is
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

Without --join, the room that you were in last is gone on with. Who has none,
or one where nobody ever was and nothing was said, enters the room that is
heard on this network; of several you choose, at a terminal. Rooms are found by
UDP port 9090, unless it is blocked, as on most VPNs: there, give --join, or
/add in the room. What is sent there names nobody.

Rooms are kept on disk: a peer that is started again goes on where it was, and
is sent what it missed. --new starts another room; with --no-history nothing of
a room is kept, only what makes you the same person the next time.

Options may also be given as environment variables, lists with commas between,
and in a config file, as lines such as "name = bob" or "plain = true". An option
wins over its variable, and that over the file: groupchat config shows them all.

Exit codes:
  0  left cleanly
  1  failed, or a line of the input could not be said
  2  wrong usage
  3  left, but some of what was said has not been received
  4  refused by the room: a wrong key, the name is taken, another version, the
     room is full; or nobody has the name that is written to
  5  could not reach anyone, or several rooms are here and none was chosen
  130  Ctrl+C, where a name or a key was asked for`;

/** The program with all its commands; `run` is told which task is asked for. */
export function program(run: (task: Task) => void): Command {
  const flag = (flags: string, text: string) => {
    const made = new Option(flags, text);
    return made.env(`GROUPCHAT_${made.name().toUpperCase().replaceAll('-', '_')}`);
  };
  const option = <Value>(flags: string, text: string, parser: (value: string, before: Value) => Value) =>
    flag(flags, text).argParser(parser);
  const number = (flags: string, text: string, unit: string, bounds: { least: number; default: number }) =>
    option(flags, `${text} (${unit}, at least ${bounds.least})`, numberParser(unit, bounds.least)).default(
      bounds.default,
    );
  const { pingMs, silenceMs, backoffMs, history, keep, rate } = settings;
  const listening = `where others reach this peer (default: all interfaces, port ${defaultPort} or the next free one)`;
  const joining = `a member of the room to join, port ${defaultPort} if none is given, or an invite (gc://…); may be repeated`;
  const advertising = 'an address that others are told to reach this peer by; may be repeated';
  const choosing = 'a network interface to use, by name or IPv4 address (default: all); may be repeated';
  const finding = 'the UDP port by which rooms of a network are found, the same for all';
  const command = new Command('groupchat')
    .description('A group chat between machines, with no server: it heals itself when any of them goes away.')
    .version(versionOf())
    .addOption(option('-n, --name <name>', 'what you are called in the room', nameParser))
    .addOption(option('-l, --listen <host:port>', listening, listenParser))
    .addOption(option('-j, --join <host:port>', joining, joinParser))
    .addOption(flag('--private', 'only those enter who have the key'))
    .addOption(option('--key-file <file>', 'a file with the key of the room, or with its invite', (path) => path))
    .addOption(flag('--plain', 'nothing is encrypted: for debugging, and for peers in other languages'))
    .addOption(option('--advertise <host:port>', advertising, addressesParser(0)))
    .addOption(option('--interface <name>', choosing, namesParser))
    .addOption(option('--discovery-port <port>', finding, portParser).default(defaultBeaconPort))
    .addOption(flag('--no-discovery', 'neither find others on the network nor be found'))
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
    .addOption(flag('--no-history', 'keep nothing of a room on disk'))
    .addOption(flag('--new', 'start another room, or join as a newcomer, whatever is kept'))
    .addOption(option('--config <file>', `options of every day (default: ${configWord})`, (path) => path))
    .addOption(flag('--no-config', 'without a config file'))
    .addOption(flag('--screen-reader', 'lines are only ever appended, fit to be read aloud'))
    .addHelpText('after', examples)
    .helpOption('-h, --help', 'print this')
    .exitOverride()
    .configureOutput({
      // It repeats what was typed.
      outputError: (text, write) => write(inOurWords(withoutKeys(text), command)),
    })
    // Without a word, it is the room that is meant.
    .action(() => {
      checkWord(command, command.args[0]);
      run(chat);
    })
    .helpCommand(false);
  for (const add of [addSend, addTail, addWho, addVerify, addConfig, addDoctor, addCompletion]) add(command, run);
  // A word that is none of theirs is told as what it is: a command that there is not.
  return command.allowExcessArguments();
}

/** What commander has to say, in one line. */
function inOurWords(text: string, { commands }: Command): string {
  const [, typed, option] = /^error: unknown option '((--[^'=]+)[^']*)'/u.exec(text) ?? [];
  const owners = commands.filter(({ options }) => options.some(({ long }) => long === option));
  if (owners.length > 0) {
    const names = list(owners.map((one) => one.name()));
    return `groupchat: unknown option '${typed}' here: groupchat ${names} ${owners.length === 1 ? 'has' : 'have'} it\n`;
  }
  return text
    .replace(/^error: /u, 'groupchat: ')
    .replace("' is invalid. ", "' is invalid: ")
    .replace(/Allowed choices are (.*), (.*)\.$/mu, 'it takes $1 or $2')
    .replace('\n(', ' (');
}

const folderWord = "groupchat in $XDG_DATA_HOME, or in the system's place for such data";
const configWord = "groupchat/config in $XDG_CONFIG_HOME, or in the system's place for such files";

function numberParser(unit: string, least: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    // Timers of Node take no more.
    if (/^\d+$/u.test(text) && number >= least && number < 2 ** 31) return number;
    throw new InvalidArgumentError(`it takes a whole number of ${unit}, at least ${least}`);
  };
}

function nameParser(name: string): string {
  const fault = nameFault(name);
  if (fault !== undefined) throw new InvalidArgumentError(fault);
  return name;
}

function address(text: string, port: number, portMin: number, example: string): string {
  const parsed = parseAddress(text, port);
  // A number alone would be taken for a host of that name, and never be found.
  if (parsed === undefined || parsed.port < portMin || /^\d+$/u.test(parsed.host)) {
    throw new InvalidArgumentError(`it takes host:port, for example ${example}`);
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

function namesParser(text: string, before: string[] = []): string[] {
  const names = text.split(',').map((part) => part.trim());
  return [...before, ...names.filter((name) => name !== '')];
}

function portParser(text: string): number {
  const port = Number(text);
  if (/^\d+$/u.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('it takes a port, from 1 to 65535');
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
  if (invite.kind === 'fault') throw new InvalidArgumentError(invite.fault);
  return [...before, part];
}

/** What is to be done, and with what. */
interface Parsed {
  readonly task: Task;
  readonly settings: Settings;
  readonly configuration: Configuration;
  /** A line for each thing that is probably not what was meant. */
  readonly warnings: readonly string[];
}

/** What is to be done, with which settings; or the exit code when there is nothing to run. */
export function parse(given: readonly string[]): Parsed | number {
  let task: Task = chat;
  const command = program((asked) => (task = asked));
  const { variables, warnings } = takeVariables(command);
  try {
    // As most programs have it, besides --help.
    const typed = given[0] === 'help' ? [...given.slice(1), '--help'] : given;
    checkWord(command, typed[0]);
    command.parse(typed, { from: 'user' });
    const configuration = settle(command, variables);
    if (configuration.fault !== undefined && task.tolerant !== true) command.error(`error: ${configuration.fault}`);
    const { silence, ping, ...more } = command.opts<Settings>();
    if (silence < 2 * ping) {
      command.error(`error: --silence must be at least twice --ping: ${2 * ping} ms or more, not ${silence}`);
    }
    return { task, settings: { silence, ping, ...more }, configuration, warnings };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exits.clean : exits.usage;
  }
}

/** A word that is no command, and perhaps nearly one. One that comes first is looked at before its options are. */
function checkWord(command: Command, word: string | undefined): void {
  const names = command.commands.map((one) => one.name());
  if (word === undefined || word.startsWith('-') || names.includes(word)) return;
  const meant = nearest(word.toLowerCase(), names);
  const instead = meant === undefined ? 'groupchat --help shows them' : `did you mean groupchat ${meant}?`;
  command.error(`error: there is no command ${word.slice(0, 40)}: ${instead}`);
}
