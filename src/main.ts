/**
 * The command line: what was typed becomes a task, which gets a peer and the streams, and whose end is the process's.
 */
import { admissionOf, keyNeeded, type Admission, type Given } from './admission.ts';
import { ChatError } from './core/errors.ts';
import { withoutKeys } from './core/invite.ts';
import { exitOf, exits } from './exits.ts';
import { askKey, askName } from './face/ask.ts';
import { askRoom } from './face/choice.ts';
import { laidOut } from './face/rows.ts';
import { clean } from './face/screen.ts';
import { refusal } from './face/text.ts';
import { defaultDataDir } from './io/folders.ts';
import { readKeyFile } from './io/keyfile.ts';
import type { PeerOptions } from './options.ts';
import { Peer } from './peer.ts';
import { parse } from './program.ts';
import type { Configuration, Settings, Stage } from './task.ts';

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

/** @throws ChatError `usage` or `store` */
function takeKeys(key: string | undefined, file: string | undefined): Given[] {
  return [
    ...(file === undefined ? [] : [{ from: '--key-file', text: readKeyFile(file) }]),
    ...(key === undefined ? [] : [{ from: 'GROUPCHAT_KEY', text: key }]),
  ];
}

/** The folder where rooms are kept unless another is named; undefined on a machine that has none. */
function dataFolder(): string | undefined {
  try {
    return defaultDataDir();
  } catch {
    return undefined;
  }
}

function complain(line: string): void {
  process.stderr.write(`groupchat: ${clean(line)}\n`);
}

/** Says what went wrong in one line. @returns the exit code */
function report(error: unknown, name = ''): number {
  if (error instanceof ChatError) {
    // It may quote a stranger.
    const told = `groupchat: ${clean(withoutKeys(refusal(error, name)))}`;
    process.stderr.write(`${laidOut(told, process.stderr)}\n`);
    return exitOf(error.code);
  }
  complain(withoutKeys(error instanceof Error ? error.message : String(error)));
  const debug = process.env['GROUPCHAT_DEBUG'] ?? process.env['NODE_DEBUG'];
  if (debug !== undefined && error instanceof Error) process.stderr.write(`${withoutKeys(error.stack ?? '')}\n`);
  return exits.failed;
}

/** Where others see none of it, the key of the room. No program that this one starts is to inherit it. */
function takeSecret(): string | undefined {
  const { GROUPCHAT_KEY: secret } = process.env;
  delete process.env['GROUPCHAT_KEY'];
  return secret;
}

/** The peer that the settings ask for; the exit code when something is missing, or does not agree. */
async function peerOf(
  settings: Settings,
  admitted: () => Admission,
  more: Partial<PeerOptions> = {},
): Promise<Peer | number> {
  let admission: Admission;
  try {
    admission = admitted();
  } catch (error) {
    return report(error);
  }
  const { stdin: input, stdout: output } = process;
  const interactive = input.isTTY && output.isTTY;
  const name = settings.name ?? (interactive ? await askName(input, output) : undefined);
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
  return chosen(new Peer({ ...optionsOf(settings, admission, name), ...more }), interactive);
}

/**
 * So long nothing else is shown while rooms are looked for, ms, and a prompt is to be there soon: whoever is alone in a
 * room answers within two thirds of it, and of many the first one sooner (`answerWithin`). The peer goes on by itself.
 */
const quickMs = 90;

/** Asks which room of the network is meant, where there are several. @returns the exit code when none can be had */
async function chosen(peer: Peer, interactive: boolean): Promise<Peer | number> {
  try {
    const rooms = await peer.look(quickMs);
    if (rooms.length > 0 && interactive) {
      const at = await askRoom(process.stdin, process.stdout, rooms);
      if (at === null) {
        await peer.leave();
        return exits.interrupted;
      }
      peer.choose(at === undefined ? undefined : rooms[at]);
    }
    return peer;
  } catch (error) {
    return report(error, peer.name);
  }
}

function optionsOf(settings: Settings, { join, key, ...admission }: Admission, name: string): PeerOptions {
  const { listen, advertise, ping, silence, backoff, history, keep, rate, new: fresh } = settings;
  const { discovery, discoveryPort: port, interface: interfaces } = settings;
  const dataDir = settings.dataDir ?? dataFolder();
  return {
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
    ...(discovery === false ? {} : { discovery: port === undefined ? {} : { port } }),
    ...(interfaces === undefined ? {} : { interfaces }),
  };
}

/** Whoever has set it once, out of sight, may have forgotten it. */
function warnOfPlain({ settings }: Configuration): void {
  const plain = settings.find(({ key }) => key === 'plain');
  if (plain?.value === true && plain.from !== 'option') complain(`nothing is encrypted: ${plain.place} says plain`);
}

async function main(): Promise<number> {
  const parsed = parse(takeArguments());
  const secret = takeSecret();
  if (typeof parsed === 'number') return parsed;
  const { task, settings, configuration, warnings } = parsed;
  for (const warning of warnings) complain(withoutKeys(warning));
  const { stdin: input, stdout: output } = process;
  const admission = (): Admission =>
    admissionOf({
      join: settings.join ?? [],
      keys: takeKeys(secret, settings.keyFile),
      private: settings.private === true,
      plain: settings.plain === true,
    });
  const peer: Stage['peer'] = (more) => {
    warnOfPlain(configuration);
    return peerOf(settings, admission, more);
  };
  return task({ settings, configuration, input, output, complain, report, admission, peer });
}

// Nobody may be there to read what went wrong.
process.stderr.on('error', () => {});
process.exit(await main());
