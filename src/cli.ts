#!/usr/bin/env node
/**
 * The command line: options, exit codes, signals. The only file that ends the process or writes to its streams by name.
 */
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { admissionOf, keyNeeded, type Admission, type Given } from './admission.ts';
import { defaultPort, formatAddress, parseAddress } from './core/address.ts';
import { distance } from './core/command.ts';
import { ChatError, type ChatCode } from './core/errors.ts';
import { looksLikeInvite, parseInvite, withoutKeys } from './core/invite.ts';
import { settings } from './core/limits.ts';
import { nameFault } from './core/name.ts';
import { askKey, askName } from './face/ask.ts';
import type { Face } from './face/face.ts';
import { Pipe } from './face/pipe.ts';
import { clean } from './face/screen.ts';
import { Terminal } from './face/terminal.ts';
import { refusal } from './face/text.ts';
import { verdictLines } from './face/verdict.ts';
import { createCrypto } from './io/crypto.ts';
import { defaultDataDir } from './io/folders.ts';
import { readKeyFile } from './io/keyfile.ts';
import { Identity } from './io/identity.ts';
import { checkTestimony } from './io/testimony.ts';
import { Peer } from './peer.ts';

/** What the process says with its end. */
const exits = { clean: 0, failed: 1, usage: 2, unreceived: 3, refused: 4, unreachable: 5, interrupted: 130 } as const;

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

interface Settings {
  readonly name?: string;
  readonly listen?: string;
  readonly join?: string[];
  readonly advertise?: string[];
  readonly ping: number;
  readonly silence: number;
  readonly backoff: number;
  /** False: nothing is kept on disk. */
  readonly history: number | false;
  readonly keep: number;
  readonly rate: number;
  readonly dataDir?: string;
  readonly new?: boolean;
  readonly private?: boolean;
  readonly plain?: boolean;
  readonly keyFile?: string;
}

/** `groupchat verify`. */
interface Check {
  readonly file: string;
  readonly json: boolean;
}

function program(): Command {
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
  return new Command('groupchat')
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
    });
}

/** The folder where rooms are kept unless another is named; undefined on a machine that has none. */
function dataFolder(): string | undefined {
  try {
    return defaultDataDir();
  } catch {
    return undefined;
  }
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

/** The arguments. Whoever lists the processes of this machine sees them, so a key among them is wiped at once. */
function takeArguments(): string[] {
  const given = process.argv.slice(2);
  const shown = given.map(withoutKeys);
  if (shown.every((argument, index) => argument === given[index])) return given;
  // On Linux and macOS this is written over the command line.
  process.title = 'groupchat';
  process.argv.splice(2, given.length, ...shown);
  return given;
}

/** @throws ChatError `usage` */
function takeKeys(key: string | undefined, file: string | undefined): Given[] {
  return [
    ...(file === undefined ? [] : [{ from: '--key-file', text: readKeyFile(file) }]),
    ...(key === undefined ? [] : [{ from: 'GROUPCHAT_KEY', text: key }]),
  ];
}

/** Adds `verify`; `asked` is told when it is asked for. */
function withVerify(command: Command, asked: (check: Check) => void): Command {
  command
    // Without a word, it is the room that is meant.
    .action(() => {})
    .helpCommand(false)
    .command('verify <file>')
    .usage('[--json] <file>')
    .description(
      'Checks what /export --signed wrote (-: the input): 0 all is signed and true, 1 it is not, 2 not read.',
    )
    .option('--json', 'say what was found as one JSON object')
    .action((file: string, { json = false }: { json?: boolean }) => asked({ file, json }));
  return command;
}

async function verify({ file, json }: Check): Promise<number> {
  const { stdin, stdout } = process;
  try {
    const verdict = await checkTestimony(file === '-' ? stdin : file, createCrypto(Identity.temporary()));
    const text = json ? JSON.stringify(verdict) : verdictLines(verdict).join('\n');
    // Whoever reads may have seen enough.
    stdout.on('error', () => {});
    await new Promise<void>((resolve) => stdout.write(`${text}\n`, () => resolve()));
    return verdict.ok ? exits.clean : exits.failed;
  } catch (error) {
    if (error instanceof ChatError) complain(error.message);
    else report(error, '');
    return exits.usage;
  }
}

/** The settings of this run, what is to be checked instead, or the exit code when there is nothing to run. */
function parse(given: readonly string[]): Settings | Check | number {
  // An empty variable counts as none, as is the custom of shells.
  for (const [key, value] of Object.entries(process.env)) {
    if (key.startsWith('GROUPCHAT_') && value === '') delete process.env[key];
  }
  let check: Check | undefined;
  const command = withVerify(program(), (asked) => (check = asked));
  try {
    const [first = ''] = given;
    // No other word is a command, and none is taken here.
    if (!first.startsWith('-') && first !== 'verify' && distance(first.slice(0, 20).toLowerCase(), 'verify') <= 2)
      command.error(`error: there is no command ${first}: did you mean groupchat verify?`);
    command.parse(given, { from: 'user' });
    if (check !== undefined) return check;
    const { silence, ping, ...more } = command.opts<Settings>();
    if (silence < 2 * ping) {
      command.error(`error: --silence must be at least twice --ping: ${2 * ping} ms or more, not ${silence}`);
    }
    return { silence, ping, ...more };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exits.clean : exits.usage;
  }
}

function exitOf(code: ChatCode): number {
  switch (code) {
    case 'usage':
    case 'listen':
    case 'name-invalid':
      return exits.usage;
    case 'unreachable':
      return exits.unreachable;
    case 'store':
    case 'line-empty':
    case 'line-long':
    case 'line-control':
    case 'unknown-name':
    case 'ambiguous-name':
    case 'unvouched':
    case 'pending-full':
    case 'left':
      return exits.failed;
    default:
      return exits.refused;
  }
}

function complain(line: string): void {
  process.stderr.write(`groupchat: ${clean(line)}\n`);
}

/** Says what went wrong in one line. @returns the exit code */
function report(error: unknown, name: string): number {
  if (error instanceof ChatError) {
    complain(withoutKeys(refusal(error, name)));
    return exitOf(error.code);
  }
  complain(withoutKeys(error instanceof Error ? error.message : String(error)));
  const debug = process.env['GROUPCHAT_DEBUG'] ?? process.env['NODE_DEBUG'];
  if (debug !== undefined && error instanceof Error) process.stderr.write(`${withoutKeys(error.stack ?? '')}\n`);
  return exits.failed;
}

async function main(): Promise<number> {
  const given = parse(takeArguments());
  const { GROUPCHAT_KEY: secret, GROUPCHAT_JOIN: joined = '' } = process.env;
  // No program that this one starts is to inherit a key.
  delete process.env['GROUPCHAT_KEY'];
  if (withoutKeys(joined) !== joined) delete process.env['GROUPCHAT_JOIN'];
  if (typeof given === 'number') return given;
  if ('file' in given) return verify(given);
  let admission: Admission;
  try {
    admission = admissionOf({
      join: given.join ?? [],
      keys: takeKeys(secret, given.keyFile),
      private: given.private === true,
      plain: given.plain === true,
    });
  } catch (error) {
    return report(error, '');
  }
  const { stdin: input, stdout: output } = process;
  const interactive = input.isTTY && output.isTTY;
  const name = given.name ?? (interactive ? await askName(input, output) : undefined);
  // As a shell has it for what SIGINT has ended.
  if (name === null) return exits.interrupted;
  if (name === undefined) {
    complain('a name is needed: --name NAME, for example groupchat --name bob');
    return exits.usage;
  }
  if (admission.ask && interactive) {
    const key = await askKey(input, output);
    if (key === null) return exits.interrupted;
    if (key !== undefined) admission = { ...admission, key, ask: false };
  }
  if (admission.ask) {
    complain(keyNeeded);
    return exits.usage;
  }
  const { listen, advertise, ping, silence, backoff, history, keep, rate, new: fresh } = given;
  const { join, key } = admission;
  const dataDir = given.dataDir ?? dataFolder();
  const peer = new Peer({
    name,
    ...(listen === undefined ? {} : { listen }),
    ...(join.length === 0 ? {} : { join }),
    ...(advertise === undefined ? {} : { advertise }),
    pingMs: ping,
    silenceMs: silence,
    backoffMs: backoff,
    keep,
    rate,
    ...(history === false ? { keepHistory: false } : { history }),
    ...(dataDir === undefined ? {} : { dataDir }),
    ...(fresh === true ? { fresh } : {}),
    ...(key === undefined ? {} : { key }),
    ...(admission.private && join.length === 0 ? { private: true } : {}),
    ...(admission.plain ? { plain: true } : {}),
  });
  const face: Face = interactive ? new Terminal({ peer, input, output }) : new Pipe({ peer, input, output, complain });
  endWith(face, name);
  try {
    const entered = peer.start().catch((error: unknown) => {
      // Whoever goes before it is in has not failed to get in.
      if (!face.leaving) throw error;
    });
    await Promise.race([entered, face.done]);
    const { unsent, refused } = await face.done;
    if (unsent > 0) return exits.unreceived;
    return refused > 0 ? exits.failed : exits.clean;
  } catch (error) {
    face.close();
    const code = report(error, name);
    // What was to be kept is on its way to the disk.
    await peer.leave();
    return code;
  }
}

/** What ends the process from outside lets the face go first. */
function endWith(face: Face, name: string): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!face.leaving) return face.leave();
      face.close();
      process.exit(exits.failed);
    });
  }
  process.on('uncaughtException', (error) => {
    face.close();
    process.exit(report(error, name));
  });
}

// Nobody may be there to read what went wrong.
process.stderr.on('error', () => {});
process.exit(await main());
