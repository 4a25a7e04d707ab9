/** What stands in a config file, and what is said about lines that are none. */
import { describe, expect, it } from 'vitest';
import { formatConfig, parseConfig } from '../../src/core/config.ts';

const key = 'AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA';

/** Keys and values; or the fault, with its line in front. */
function read(text: string): readonly string[] | string {
  const parsed = parseConfig(text);
  if (parsed.kind === 'fault') return `${parsed.line}: ${parsed.fault}`;
  return parsed.lines.map((one) => `${one.line} ${one.key}=${one.value}`);
}

describe('a config file', () => {
  it.each<[string, string, readonly string[]]>([
    ['nothing', '', []],
    ['blank lines and comments', '\n# a\n  # b = c\n\n', []],
    ['a value, with space around it or none', 'name = bob\nping=50\n', ['1 name=bob', '2 ping=50']],
    ['no line break at its end, and those of Windows', 'a = b\r\nc = d', ['1 a=b', '2 c=d']],
    ['a comment behind a value', 'name = bob # me', ['1 name=bob']],
    ['an invite, whose # is none', 'join = gc://10.0.0.5/#\n', ['1 join=gc://10.0.0.5/#']],
    ['quotes', `a = "b # c" # d\nb = ' x '`, ['1 a=b # c', '2 b= x ']],
    ['a quote that does not end', 'a = "b', ['1 a="b']],
    ['a value with an =', 'a = b=c', ['1 a=b=c']],
    ['the mark of some editors', '\ufeffname = bob', ['1 name=bob']],
  ])('may have %s', (_, text, lines) => expect(read(text)).toEqual(lines));

  it.each<[string, string, RegExp]>([
    ['without =', 'name bob', /^1: a line is key = value/u],
    ['without a key', '\n= bob', /^2: a line is key = value/u],
    ['with words for a key', 'my name = bob', /^1: a line is key = value/u],
    ['without a value', 'name =', /^1: name has no value/u],
    ['with a comment for a value', 'name = # bob', /^1: name has no value/u],
    ['with nothing in quotes', 'name = ""', /^1: name has no value/u],
    ['that moves the cursor', 'name = \x1b[2J', /^1: it has characters that do not show/u],
    ['with a key', `key = ${key}`, /^1: the key of a room is a secret.*key-file = FILE/u],
    ['with something for a key', 'key = "x"', /^1: the key of a room is a secret/u],
    ['with a key under another name', `name = ${key}`, /^1: the key of a room is a secret/u],
    ['with an invite and its key', `# x\njoin = 10.0.0.5, gc://h/#${key}`, /^2: the key of a room is a secret/u],
    ['with a part of a key', `join = gc://h/#${key.slice(9)}`, /^1: the key of a room is a secret/u],
  ])('may not have a line %s', (_, text, words) => {
    expect(read(text)).toMatch(words);
    expect(read(text)).not.toContain(key.slice(9));
  });

  it.each(['bob', 'a # b', ' b ', '"b"', "'b'", 'gc://h/#', '#', "it's", '"'])(
    'is written as it is read: %s',
    (value) => expect(read(formatConfig('a', value))).toEqual([`1 a=${value}`]),
  );
});
