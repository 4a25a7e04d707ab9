/**
 * The config file, as text: a line is `key = value`, where a key is a long option without its dashes. Which keys there
 * are, and which values they take, the options themselves say (sources.ts).
 *
 * `#` begins a comment at the start of a line, or behind a space: an invite (`gc://10.0.0.5/#`) has one in its middle. A
 * value that needs a `#` behind a space, or spaces at its ends, stands in quotes. Reading is total: the first line that
 * is none ends it, with words that say what to write instead, and that repeat no value, since it may be a secret.
 */
import { keyFault } from './invite.ts';

export interface ConfigLine {
  readonly key: string;
  /** Never empty. */
  readonly value: string;
  /** Its number in the file, from 1. */
  readonly line: number;
}

interface ConfigFault {
  readonly kind: 'fault';
  readonly line: number;
  readonly fault: string;
}

/** What stands in a file, in its order; or what is wrong with its first line that is wrong. */
export function parseConfig(
  text: string,
): { readonly kind: 'lines'; readonly lines: readonly ConfigLine[] } | ConfigFault {
  const lines: ConfigLine[] = [];
  for (const [index, raw] of text.split(/\r?\n/u).entries()) {
    const written = raw.trim();
    if (written === '' || written.startsWith('#')) continue;
    const line = index + 1;
    const found = lineOf(written);
    if (typeof found === 'string') return { kind: 'fault', line, fault: found };
    lines.push({ ...found, line });
  }
  return { kind: 'lines', lines };
}

/** A key and its value, or what is wrong. */
function lineOf(written: string): Omit<ConfigLine, 'line'> | string {
  if (/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(written.replaceAll('\t', ' ')))
    return 'it has characters that do not show: remove them';
  const equals = written.indexOf('=');
  const key = written.slice(0, equals).trim();
  if (equals < 1 || /[\s#]/u.test(key)) return 'a line is key = value, as in name = bob; # begins a comment';
  if (key === 'key') return secret;
  const value = valueOf(written.slice(equals + 1).trim());
  if (value === '') return `${shown(key)} has no value: write one, or leave the line out`;
  return holdsKey(value) ? secret : { key, value };
}

const secret =
  'the key of a room is a secret, and this file is none: put the key into a file of its own (chmod 600), and write key-file = FILE here';

function valueOf(rest: string): string {
  const quoted = /^(?:"([^"]*)"|'([^']*)')(?:\s*$|\s+#)/u.exec(rest);
  if (quoted !== null) return quoted[1] ?? quoted[2] ?? '';
  return rest.replace(/(?:^|\s+)#.*$/u, '');
}

/** Whether there is a key in it, whole or behind the `#` of an invite. */
function holdsKey(value: string): boolean {
  const words = value.match(/(?<![\w-])[\w-]{43}(?![\w-])/gu) ?? [];
  return /\/#[^\s,]/u.test(value) || words.some((word) => keyFault(word) === undefined);
}

/** A key as it can be repeated: it may be any text at all. */
export function shown(key: string): string {
  return key.length > 40 ? `${key.slice(0, 40)}…` : key;
}

/** A line that reads back as the same key and value. `value` has no line breaks, and not both kinds of quotes. */
export function formatConfig(key: string, value: string): string {
  const plain = valueOf(value) === value && value.trim() === value;
  const quote = value.includes('"') ? "'" : '"';
  return `${key} = ${plain ? value : `${quote}${value}${quote}`}`;
}
