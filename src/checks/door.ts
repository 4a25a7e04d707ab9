/** Checks of where this machine listens: whether the port is to be had, who has it, and what others are told to dial. */
import { defaultPort, formatAddress, isLoopback, parseAddress, type Address } from '../core/address.ts';
import { ChatError } from '../core/errors.ts';
import { withoutKeys } from '../core/invite.ts';
import { chosenOf, isEverywhere, reachable } from '../io/interfaces.ts';
import type { Keyring } from '../io/keyring.ts';
import { listenerHint, listenersOn } from '../io/ports.ts';
import { Server } from '../io/server.ts';
import { turnCaller } from '../visit.ts';
import type { Finding, Patient } from './finding.ts';

/** Of a command line so much is shown, in characters. */
const commandMax = 60;

/** Our server, for as long as others may call. */
export class Door {
  readonly finding: Finding;
  /** Where it listens; undefined where it cannot. */
  readonly bound: Address | undefined;
  readonly keyring: Keyring;
  /** Resolves with the address of ours that somebody has dialled who knows the room's key. */
  readonly called: Promise<string>;
  readonly #server: Server;

  private constructor(given: Pick<Door, 'finding' | 'bound' | 'keyring' | 'called'>, server: Server) {
    this.finding = given.finding;
    this.bound = given.bound;
    this.keyring = given.keyring;
    this.called = given.called;
    this.#server = server;
  }

  static async open({ settings }: Patient, keyring: Keyring): Promise<Door> {
    let tell: (address: string) => void;
    const called = new Promise<string>((resolve) => (tell = resolve));
    const server = new Server(keyring, {
      accept: (socket) => {
        const { localAddress = '', localPort = 0 } = socket;
        turnCaller(socket);
        tell(formatAddress({ host: localAddress.replace(/^::ffff:(?=\d+\.)/u, ''), port: localPort }));
      },
      turnedAway() {},
      isKnown: () => false,
    });
    const wanted = settings.listen === undefined ? undefined : parseAddress(settings.listen);
    try {
      const bound = await server.listen(wanted);
      return new Door({ finding: await listening(bound, wanted), bound, keyring, called }, server);
    } catch (error) {
      if (!(error instanceof ChatError)) throw error;
      return new Door({ finding: await taken(error.message, wanted), bound: undefined, keyring, called }, server);
    }
  }

  close(): void {
    this.#server.close();
  }
}

async function listening(bound: Address, wanted: Address | undefined): Promise<Finding> {
  const check = 'port';
  if (wanted !== undefined || bound.port === defaultPort) {
    return { check, state: 'ok', found: `port ${bound.port} is free` };
  }
  const found = `${await whoHas(defaultPort)}: ${bound.port} is the next that is free, and others have to be told`;
  return { check, state: 'warn', found, fix: `--listen 0.0.0.0:${bound.port}` };
}

async function taken(message: string, wanted: Address | undefined): Promise<Finding> {
  const [, found = message, fix] =
    /^(.*): (?:choose another, as in |choose .*, as in |try )(--listen .*)$/u.exec(message) ?? [];
  const isTaken = wanted !== undefined && found.endsWith(' is taken');
  return {
    check: 'port',
    state: 'fail',
    found: isTaken ? await whoHas(wanted.port) : found,
    ...(fix === undefined ? {} : { fix }),
  };
}

/** Who listens on a port that is taken, or how that is found out. */
async function whoHas(port: number): Promise<string> {
  const listeners = await listenersOn(port);
  if (listeners.length === 0) return `port ${port} is taken (by whom: ${listenerHint(port)})`;
  const shown = listeners.map(({ pid, command }) => {
    const line = withoutKeys(command);
    return `process ${pid} (${line.length > commandMax ? `${line.slice(0, commandMax)}…` : line})`;
  });
  return `port ${port} is taken by ${shown.join(' or ')}`;
}

/** What others are told to dial. */
export function addresses({ settings }: Patient, { bound }: Door): readonly Finding[] {
  if (bound === undefined) return [];
  const check = 'addresses';
  const told = toldTo(settings, bound);
  const given = settings.advertise === undefined ? '' : ', as --advertise has it';
  const found = `others are told to dial ${told.join(', ')}${given}`;
  if (!told.every((one) => isLoopback(parseAddress(one)?.host ?? ''))) return [{ check, state: 'ok', found }];
  const fix = isEverywhere(bound.host) ? 'connect this machine to a network' : `--listen 0.0.0.0:${bound.port}`;
  return [{ check, state: 'warn', found: `${found}: that reaches nobody but this machine`, fix }];
}

/** As a peer tells it. @throws ChatError `usage` for an interface that is not there */
export function toldTo({ advertise, interface: chosen }: Patient['settings'], bound: Address): readonly string[] {
  return advertise ?? reachable(bound, chosenOf(chosen));
}
