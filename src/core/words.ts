/**
 * Keys in a form that people can compare: aloud over another way than the room (`/verify`), or at a glance (`/whois`).
 *
 * Six words stand for two persons at once, and are the same on both their screens. Whoever stands between two people
 * has two keys to choose, one for each, and needs words that agree, not given ones: by the birthday paradox that takes
 * 2^34 keys, not 2^66. So the hash is repeated (as for Signal's numbers, 5200 times), which makes it 2^47 hashes. Who has
 * to fear somebody with that much time compares the two fingerprints, which leave nothing to choose.
 */
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { Crypto, PersonKey } from './crypto.ts';

type Hash = Crypto['hash'];

const [wordsCount, wordBits] = [6, 11] as const;
const [groupsCount, groupChars, letterBits] = [8, 4, 5] as const;
/** The alphabet of ids: none look alike, and there is one case to say. */
const letters = '0123456789abcdefghjkmnpqrstvwxyz';
const base64url = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
/** All of them take 30 ms, which a person does not notice once, and whoever is in between pays for each try. */
const rounds = 1 << 13;
const encoder = new TextEncoder();

/**
 * What two persons compare: six words of the English BIP-39 list (66 bits), where four letters tell any word from the
 * others. The order of the two makes no difference.
 */
export function verifyWords(hash: Hash, one: PersonKey, other: PersonKey): string[] {
  const [first, second] = [one, other].toSorted();
  const about = `${first} ${second}`;
  let digest = hash(encoder.encode(`groupchat words 1 ${about}`));
  for (let round = 0; round < rounds; round++) digest = hash(encoder.encode(`${digest} ${about}`));
  return pieces(digest, wordBits, wordsCount).map((at) => wordlist[at] as string);
}

/**
 * A key in short: eight groups of four characters (160 bits, as the fingerprints of OpenPGP have had them for twenty
 * years). All of a key is the 43 characters of base64url that OpenSSH shows, whose case nobody can say; decimal digits
 * as Signal's take twice the room.
 */
export function fingerprint(hash: Hash, key: PersonKey): string {
  const digest = hash(encoder.encode(`groupchat fingerprint 1 ${key}`));
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
