/** How a peer takes part, and what is wrong with such wishes. */
import { isDialable, parseAddress } from './core/address.ts';
import { ChatError } from './core/errors.ts';
import { keyFault } from './core/invite.ts';
import { settings } from './core/limits.ts';
import { checkName } from './core/name.ts';
import type { Options } from './core/state.ts';

/** How peers of one network find each other. */
export interface Discovery {
  /** The UDP port, the same for all of them. Default 9090. */
  readonly port?: number;
}

/** How a peer takes part. Times are in ms. */
export interface PeerOptions {
  /** What it is called in the room: 1 to 32 characters that show, without spaces and colons. */
  readonly name: string;
  /** Where its server listens, `host:port`. Default: all interfaces, at the first free port from 6000 on. */
  readonly listen?: string;
  /** Members to join through, tried in turn; any will do. Without one the peer founds a room. */
  readonly join?: readonly string[];
  /** What others are told to dial, instead of the addresses of the interfaces. */
  readonly advertise?: readonly string[];
  /** How often the coordinator pings. At least 20, default 250. */
  readonly pingMs?: number;
  /** How long a silent peer is taken for alive. At least 100 and twice `pingMs`, default 1000. */
  readonly silenceMs?: number;
  /** The most that a survivor waits, at random, before it dials the elected. At least 0, default 50. */
  readonly backoffMs?: number;
  /** How many lines each member may say in a second while this peer coordinates. At least 10, default 50,000. */
  readonly rate?: number;
  /** How many entries of the room's log a newcomer is given. At least 0, default 1000. */
  readonly history?: number;
  /** How many entries of the room's log this peer holds, on disk too. At least 0, default 100,000 (and 64 MiB). */
  readonly keep?: number;
  /** Where rooms and the person's own key are kept on disk. Without it nothing is: it all ends with this process. */
  readonly dataDir?: string;
  /** False: with `dataDir`, the person's own key is kept, but nothing of any room. Default true. */
  readonly keepHistory?: boolean;
  /** Found or join as a newcomer, whatever is kept. Default: go on with the room that was open last. */
  readonly fresh?: boolean;
  /**
   * The key of a private room: 32 random bytes as 43 characters of base64url. With `join`, that of the room to join;
   * without, that of the room to found. Whoever has it can enter, and read what is said.
   */
  readonly key?: string;
  /** Found a private room: unless `key` is given, a key is made. Default: a room is open, and anybody may join. */
  readonly private?: boolean;
  /**
   * Only be a guest: such a peer joins, founds no room, listens nowhere and never coordinates. Without `join` it goes where the
   * room of that name was last. Where its name is taken, it is called as it is offered. Default false.
   */
  readonly guest?: boolean;
  /** Leave private messages to this person's other processes, or to the next one. Default false. */
  readonly deaf?: boolean;
  /**
   * Other peers of the network find this one, and it finds them (docs/protocol.md, section 17): without `join` it enters
   * the room that it finds, or founds one. Default: none of this.
   */
  readonly discovery?: Discovery;
  /** Names or addresses of the interfaces by which others find and dial this peer. Default: all. */
  readonly interfaces?: readonly string[];
  /** Nothing is encrypted: for debugging, and for peers in languages without TLS. Only such peers meet. Default false. */
  readonly plain?: boolean;
}

/** @throws ChatError `usage` or `name-invalid` */
export function checkOptions(options: PeerOptions): Options {
  checkName(options.name);
  const { listen, join = [], advertise = [] } = options;
  if (listen !== undefined && parseAddress(listen) === undefined) {
    throw new ChatError('usage', `--listen ${listen} is not an address: write host:port, as in 0.0.0.0:6000`);
  }
  for (const address of join) {
    if (isDialable(address) || isDialable(`${address}:1`)) continue;
    throw new ChatError('usage', `--join ${address} is not an address: write host:port, as in 10.0.0.5:6000`);
  }
  if (options.advertise?.length === 0) {
    throw new ChatError('usage', 'advertise names at least one address, or is left out');
  }
  for (const address of advertise) {
    if (isDialable(address)) continue;
    throw new ChatError('usage', `--advertise ${address} is not an address: write host:port, as in 10.0.0.5:6000`);
  }
  checkAccess(options);
  const setting = (key: keyof typeof settings): number => {
    const value = options[key] ?? settings[key].default;
    if (Number.isFinite(value) && value >= settings[key].least) return value;
    throw new ChatError('usage', `${key} is at least ${settings[key].least}, not ${value}`);
  };
  const pingMs = setting('pingMs');
  const silenceMs = setting('silenceMs');
  if (silenceMs < 2 * pingMs) throw new ChatError('usage', `silenceMs is at least twice pingMs (${2 * pingMs})`);
  const [history, keep, rate] = [setting('history'), setting('keep'), setting('rate')];
  return { pingMs, silenceMs, backoffMs: setting('backoffMs'), history, keep, rate };
}

/** The message never repeats the key: it may end up in a log. */
function checkAccess({ key, private: secret = false, plain = false }: PeerOptions): void {
  if (plain && key !== undefined)
    throw new ChatError('usage', 'a room in plain has no key: leave out plain, or the key');
  if (plain && secret) throw new ChatError('usage', 'a room is private or plain, not both: leave out one of them');
  const fault = key === undefined ? undefined : keyFault(key);
  if (fault !== undefined) throw new ChatError('usage', fault);
}
