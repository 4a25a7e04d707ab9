/**
 * Keys in a form that people can compare: aloud over another way than the room (`/verify`), or at a glance (`/whois`).
 *
 * Six words stand for one person, and two people compare twelve: those of both. Each half follows from one key alone, so
 * whoever stands between them must find, for each of the two, another key that has just these words: 2^66 keys, each of
 * which costs 2^13 hashes, 2^79 in all. Six words over both keys would look as strong and not be it: there, whoever is in
 * between chooses both keys, and needs words that agree, not given ones. By the birthday paradox that takes 2^34 keys, or
 * 2^47 hashes: hours for one who has a few graphics cards.
 *
 * Whoever compares only some of the words has 11 bits for each; and one who would be any of a thousand people finds a key
 * a thousand times as soon.
 */
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { Crypto, PersonKey } from './crypto.ts';

type Hashes = Pick<Crypto, 'hash'>;

const [wordsCount, wordBits] = [6, 11] as const;
const [groupsCount, groupChars, letterBits] = [8, 4, 5] as const;
/** The alphabet of ids: none look alike, and there is one case to say. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** They take 30 ms, which a person does not notice once, and whoever looks for a key with given words pays each time. */
const rounds = 1 << 13;
const encoder = new TextEncoder();

/**
 * What is read aloud of a person's key: six words of the English BIP-39 list (66 bits), where four letters tell any word
 * from the others.
 */
export function wordsOf(crypto: Hashes, key: PersonKey): string[] {
  let digest = crypto.hash(encoder.encode(`groupchat words 1 ${key}`));
  for (let round = 0; round < rounds; round++) digest = crypto.hash(encoder.encode(`${digest} ${key}`));
  return pieces(digest, wordBits, wordsCount).map((at) => wordlist[at] as string);
}

/**
 * A key in short: eight groups of four characters (160 bits, as the fingerprints of OpenPGP have had them for twenty
 * years). All of a key is the 43 characters of base64url that OpenSSH shows, whose case nobody can say; decimal digits
 * as Signal's take twice the room.
 */
export function fingerprint(crypto: Hashes, key: PersonKey): string {
  const digest = crypto.hash(encoder.encode(`groupchat fingerprint 1 ${key}`));
  const text = pieces(digest, letterBits, groupsCount * groupChars).map((at) => letters[at]);
  return Array.from({ length: groupsCount }, (_, at) =>
    text.slice(at * groupChars, (at + 1) * groupChars).join(''),
  ).join(' ');
}

/** The first numbers of so many bits in a hash. */
function pieces(digest: string, bits: number, count: number): number[] {
  const all = Array.from(digest, (char) => base64url.indexOf(char).toString(2).padStart(6, '0')).join('');
  return Array.from({ length: count }, (_, at) => Number.parseInt(all.slice(at * bits, (at + 1) * bits), 2));
}
