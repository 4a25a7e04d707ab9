/**
 * An invite says where a room is met, and what opens its door: `gc://10.0.0.5:6000,[fd00::5]:6000/#<key>`.
 *
 * It is one word, so that it goes through a chat, a mail or a QR code as a whole. The key stands behind `#`, the part of
 * a URL that no program sends on to where the URL leads. Without a key, `gc://10.0.0.5:6000/` is the invite to an open
 * room; one that ends with `#` is that to a private one whose key comes by another way.
 *
 * What is read comes from a person: every fault is told in words that say what to type, and none of them repeats what
 * was given, since all of it may be a key.
 */
import { defaultPort, formatAddress, isDialable, parseAddress } from './address.ts';
import { limits } from './limits.ts';

/** Where a room is met, each as `host:port`; never empty. */
interface Where {
  readonly addresses: readonly string[];
}

export type Invite =
  | (Where & { readonly kind: 'open' })
  /** `key`: 43 characters of base64url (32 bytes). */
  | (Where & { readonly kind: 'private'; readonly key: string })
  /** A private room, whose key is to be asked for. */
  | (Where & { readonly kind: 'ask' });

/** What was given as a key; with `addresses`, when it was a whole invite. */
export interface Key {
  readonly kind: 'key';
  readonly key: string;
  readonly addresses: readonly string[];
}

/** What is wrong with a text, and what to type instead. */
export interface Fault {
  readonly kind: 'fault';
  readonly fault: string;
}

const scheme = 'gc://';
/** 32 bytes as base64url without padding. */
const keyChars = 43;
/** No invite is longer: as many addresses as one member may offer, each as long as it may be, and a key. */
const charsMax = scheme.length + limits.addressesMax * (limits.addressBytesMax + 1) + '/#'.length + keyChars;
/** The last character carries four bits: of those that decode alike, one is written. */
const canonical = /^[\w-]{42}[AEIMQUYcgkosw048]$/;
const example = `${scheme}10.0.0.5:${defaultPort}/#KEY`;

/** Whether a text is meant as an invite; what is wrong with it, `parseInvite` tells. */
export function looksLikeInvite(text: string): boolean {
  return /^gc:/i.test(text);
}

/** What is wrong with a key, or undefined. */
export function keyFault(key: string): string | undefined {
  if (key === '') return 'the key is missing: copy the whole invite, with all that stands behind its #';
  const found = key.length;
  if (found !== keyChars) return `a key has ${keyChars} characters, not ${found}: copy the whole of it`;
  if (canonical.test(key)) return undefined;
  return `a key has letters, digits, - and _ only, and this one was changed on its way: copy it anew`;
}

/** Reads an invite. A host alone gets the default port. Never throws. */
export function parseInvite(text: string): Invite | Fault {
  if (text.length > charsMax) return fault(`an invite has at most ${charsMax} characters: copy it alone`);
  if (text.slice(0, scheme.length).toLowerCase() !== scheme) return fault(`an invite begins with gc://, as ${example}`);
  const slash = text.indexOf('/', scheme.length);
  if (slash === -1) return fault(`an invite goes on with / behind its addresses: copy the whole of it, as ${example}`);
  const parts = text.slice(scheme.length, slash).split(',');
  if (parts.length > limits.addressesMax) return fault(`an invite has at most ${limits.addressesMax} addresses`);
  const addresses = parts.map(addressOf);
  const wrong = addresses.indexOf(undefined);
  if (wrong !== -1) {
    const which = parts.length === 1 ? 'the address' : `address ${wrong + 1}`;
    return fault(`${which} of the invite is none: write host:port, as in 10.0.0.5:6000, with IPv6 as [fd00::5]:6000`);
  }
  const where = { addresses: addresses as string[] };
  const rest = text.slice(slash + 1);
  if (rest === '') return { kind: 'open', ...where };
  if (!rest.startsWith('#')) return fault(`behind its / an invite has # and the key, or nothing, as ${example}`);
  const key = rest.slice(1);
  if (key === '') return { kind: 'ask', ...where };
  const wrongKey = keyFault(key);
  return wrongKey === undefined ? { kind: 'private', key, ...where } : fault(wrongKey);
}

/** Writes an invite. Of more addresses than it may have, the first are taken, and any that nobody can dial is left out. */
export function formatInvite(invite: Invite): string {
  const addresses = invite.addresses.filter(isDialable).slice(0, limits.addressesMax);
  const end = invite.kind === 'open' ? '' : `#${invite.kind === 'private' ? invite.key : ''}`;
  return `${scheme}${addresses.join(',')}/${end}`;
}

/**
 * Reads what somebody gives who is asked for a key: the key alone, or the whole invite; space around it, and quotes as
 * for a shell, do not count.
 */
export function parseKey(text: string): Key | Fault {
  const bare = /^\s*(['"]?)([^\s'"]*)\1\s*$/.exec(text.slice(0, 2 * charsMax))?.[2];
  if (bare === undefined || text.length > 2 * charsMax) {
    return fault('that is no key: give the key, or the whole invite, alone');
  }
  const read = looksLikeInvite(bare) ? parseInvite(bare) : { kind: 'private' as const, key: bare, addresses: [] };
  if (read.kind === 'fault') return read;
  if (read.kind !== 'private') return fault('there is no key in that invite: it stands behind the #');
  const wrong = keyFault(read.key);
  return wrong === undefined ? { kind: 'key', key: read.key, addresses: read.addresses } : fault(wrong);
}

/**
 * A text without anything in it that is a key, or the beginning of one: what a person has typed is repeated in errors.
 * So long a run of such letters may also be something else; it is better not shown.
 */
export function withoutKeys(text: string): string {
  return text.replaceAll(/(\/#)\S+?(?=['"]?(?:\s|$))/gu, '$1…').replaceAll(/(?<![\w-])[\w-]{40,}(?![\w-])/gu, '…');
}

function addressOf(text: string): string | undefined {
  const address = parseAddress(text);
  // A number alone would be taken for a host of that name, and never be found.
  if (address === undefined || /^\d+$/.test(address.host)) return undefined;
  const written = formatAddress(address);
  return isDialable(written) ? written : undefined;
}

function fault(words: string): Fault {
  return { kind: 'fault', fault: words };
}
