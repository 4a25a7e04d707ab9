/**
 * What lets a person into a room, made of all that was given: invites and addresses of `--join`, a key from a file or a
 * variable, and whether the room is to be private or plain.
 *
 * Nothing wins in silence. A key that was forgotten in a variable must not open another room than the invite names, and
 * an invite must not lead a person who asked for a private room into an open one. So all that is given has to agree,
 * and where it does not, the two that differ are named; the keys themselves never are.
 */
import { ChatError } from './core/errors.ts';
import { looksLikeInvite, parseInvite, parseKey } from './core/invite.ts';

/** Where a key was given, as a person would call it, and the text: a key alone, or a whole invite. */
export interface Given {
  readonly from: string;
  readonly text: string;
}

export interface Wishes {
  /** What stands behind --join: `host:port`, or an invite. */
  readonly join: readonly string[];
  readonly keys: readonly Given[];
  readonly private: boolean;
  readonly plain: boolean;
}

export interface Admission {
  /** Members to join through, `host:port`; none: a room is founded. */
  readonly join: readonly string[];
  readonly key: string | undefined;
  readonly private: boolean;
  readonly plain: boolean;
  /** The room is private, and its key is to be asked for. */
  readonly ask: boolean;
}

/** How a key is given, for whoever did not, and cannot be asked. */
export const keyNeeded =
  "the room is private: give its whole invite (--join 'gc://…/#KEY'), its key in a file (--key-file FILE) or in the variable GROUPCHAT_KEY, or start this at a terminal, and be asked";

/** @throws ChatError `usage` */
export function admissionOf({ join, keys, private: wanted, plain }: Wishes): Admission {
  const addresses: string[] = [];
  let found: { readonly from: string; readonly key: string } | undefined;
  /** Who says that the room is open, and who that it is private. */
  let open: string | undefined;
  let secret = wanted ? '--private' : undefined;

  const take = (from: string, key: string): void => {
    secret ??= from;
    found ??= { from, key };
    if (found.key === key) return;
    const two = found.from === from ? 'in two invites of --join' : `${found.from} and ${from}`;
    throw new ChatError('usage', `there are two different keys, ${two}: leave out one of them`);
  };
  const invited = 'the invite of --join';
  for (const text of join) {
    if (!looksLikeInvite(text)) {
      addresses.push(text);
      continue;
    }
    const invite = parseInvite(text);
    if (invite.kind === 'fault') throw new ChatError('usage', `--join: ${invite.fault}`);
    addresses.push(...invite.addresses);
    if (invite.kind === 'private') take(invited, invite.key);
    else if (invite.kind === 'ask') secret ??= invited;
    else open = invited;
  }
  const elsewhere: string[] = [];
  for (const { from, text } of keys) {
    const read = parseKey(text);
    if (read.kind === 'fault') throw new ChatError('usage', `${from}: ${read.fault}`);
    take(from, read.key);
    elsewhere.push(...read.addresses);
  }
  if (plain && open !== undefined) {
    throw new ChatError('usage', 'an invite leads to rooms that are encrypted: with --plain, give --join host:port');
  }
  if (plain && secret !== undefined) {
    throw new ChatError('usage', `${secret} is for a private room, and with --plain nothing is: leave out one of them`);
  }
  if (open !== undefined && secret !== undefined) {
    const two =
      secret === open
        ? 'one invite of --join is for an open room, and another'
        : `${open} is for an open room, and ${secret}`;
    throw new ChatError('usage', `${two} is for a private one: leave out one of them`);
  }
  // An invite that came as a secret says where the room is, too, unless --join does.
  const where = addresses.length > 0 ? addresses : elsewhere;
  const key = found?.key;
  const ask = secret !== undefined && key === undefined && where.length > 0;
  return { join: [...new Set(where)], key, private: secret !== undefined, plain, ask };
}
