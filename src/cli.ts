#!/usr/bin/env node
/**
 * The command line: exit codes, signals, and what is asked for (usage.ts says what may be typed). The only file that ends
 * the process or writes to its streams by name.
 */
import { CommanderError } from 'commander';
import { admissionOf, keyNeeded, type Admission, type Given } from './admission.ts';
import { ChatError, type ChatCode } from './core/errors.ts';
import { withoutKeys } from './core/invite.ts';
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
import { readArguments, type Check, type Settings } from './usage.ts';

/** What the process says with its end. */
const exits = { clean: 0, failed: 1, usage: 2, unreceived: 3, refused: 4, unreachable: 5, interrupted: 130 } as const;

/** The folder where rooms are kept unless another is named; undefined on a machine that has none. */
function dataFolder(): string | undefined {
  try {
    return defaultDataDir();
  } catch {
    return undefined;
  }
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
  try {
    return readArguments(given);
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
