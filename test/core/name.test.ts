import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatError } from '../../src/core/errors.ts';
import { checkName, freeName, graphemeCount, nameFault, nameKey } from '../../src/core/name.ts';
import * as arbitrary from './arbitrary.ts';

const family = '👨‍👩‍👧‍👦'; // one grapheme of 25 bytes
const marked = 'e\u0301\u0323'; // one grapheme of 5 bytes

describe('nameFault', () => {
  it.each([
    ['a letter', 'a'],
    ['32 letters', 'a'.repeat(32)],
    ['32 letters with two marks each', marked.repeat(32)],
    ['a family', family],
    ['ten families', family.repeat(10)],
    ['a flag', '🇨🇭'],
    ['a heart with its selector', '❤️'],
    ['another script', 'Ἀλέξανδρος'],
    ['a script from right to left', 'שרה'],
    ['a script that joins', 'नमस्ते'],
    ['punctuation', "o'neil-2.0_(x)"],
    ['a slash that is not in front', 'a/b'],
    ['what JavaScript finds in any object', '__proto__'],
  ])('takes %s', (_, name) => {
    expect(nameFault(name)).toBeUndefined();
    expect(() => checkName(name)).not.toThrow();
  });

  it.each([
    ['nothing', '', 'empty'],
    ['33 letters', 'a'.repeat(33), '32 characters'],
    ['33 marked letters', marked.repeat(33), '32 characters'],
    ['257 bytes in a few characters', `${family.repeat(10)}aaaaaaa`, '256 bytes'],
    ['a letter under a tower of marks', `a${'\u0301'.repeat(128)}`, '256 bytes'],
    ['a megabyte', 'a'.repeat(1 << 20), '256 bytes'],
    ['a space', 'an n', 'spaces'],
    ['a space behind', 'ann ', 'spaces'],
    ['a no-break space', 'ann\u00a0b', 'spaces'],
    ['an ideographic space', 'ann\u3000b', 'spaces'],
    ['a tab', 'ann\tb', 'spaces'],
    ['a line end', 'ann\n', 'do not show'],
    ['an escape', '\u001b[31mann', 'do not show'],
    ['a zero byte', 'ann\0', 'do not show'],
    ['a delete', 'ann\u007f', 'do not show'],
    ['a control of the upper half', 'ann\u009b31m', 'do not show'],
    ['a right-to-left override', 'ann\u202exe', 'do not show'],
    ['a right-to-left mark', 'ann\u200f', 'do not show'],
    ['an isolate', '\u2066ann\u2069', 'do not show'],
    ['a zero-width space', 'an\u200bn', 'do not show'],
    ['a byte order mark', '\ufeffann', 'do not show'],
    ['a soft hyphen', 'an\u00adn', 'do not show'],
    ['a tag character', 'ann\u{e0041}', 'do not show'],
    ['a line separator', 'ann\u2028', 'spaces'],
    ['half a character', 'ann\ud83d', 'do not show'],
    ['a private character', 'ann\ue000', 'do not show'],
    ['a character that is none', 'ann\u0378', 'do not show'],
    ['a colon', 'ann:', 'colon'],
    ['a slash in front', '/ann', 'slash'],
  ])('refuses %s', (_, name, words) => {
    expect(nameFault(name)).toContain(words);
    expect(() => checkName(name)).toThrow(ChatError);
    expect(() => checkName(name)).toThrow(expect.objectContaining({ code: 'name-invalid' }));
  });
});

describe('graphemeCount', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['ab\r\n', 3],
    [family, 1],
    [`a${family}b`, 3],
    [marked, 1],
    ['🇨🇭🇫🇷', 2],
  ])('"%s" has %i', (text, count) => {
    expect(graphemeCount(text)).toBe(count);
  });
});

describe('nameKey', () => {
  it.each([
    ['Ann', 'ann'],
    ['ＡＮＮ', 'ann'],
    ['ﬁn', 'fin'],
    ['Å', '\u212b'],
    ['é', 'e\u0301'],
    ['ÖL', 'öl'],
  ])('%s and %s count as the same', (one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  it.each([
    ['ann', 'anne'],
    ['o', 'ö'],
    ['ann', 'ann2'],
  ])('%s and %s do not', (one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other));
  });
});

describe('freeName', () => {
  it.each([
    ['bob', [], 'bob'],
    ['bob', ['ann'], 'bob'],
    ['bob', ['bob'], 'bob2'],
    ['bob', ['BOB'], 'bob2'],
    ['bob', ['bob', 'bob2', 'bob4'], 'bob3'],
    ['bob', ['bob', 'Bob2', 'BOB3'], 'bob4'],
    ['bob2', ['bob2'], 'bob22'],
    ['a'.repeat(32), ['a'.repeat(32)], `${'a'.repeat(31)}2`],
    [marked.repeat(32), [marked.repeat(32)], `${marked.repeat(31)}2`],
    [`${family.repeat(10)}abcdef`, [`${family.repeat(10)}abcdef`], `${family.repeat(10)}abcde2`],
    [family.repeat(10), [family.repeat(10)], `${family.repeat(10)}2`],
  ])('%s beside %j is %s', (name, taken, expected) => {
    expect(freeName(name, taken)).toBe(expected);
  });

  it('shortens once more for each digit', () => {
    const taken = ['a'.repeat(32), ...Array.from({ length: 8 }, (_, at) => `${'a'.repeat(31)}${at + 2}`)];
    expect(freeName('a'.repeat(32), taken)).toBe(`${'a'.repeat(30)}10`);
  });

  it('is always a name, and always free', () => {
    fc.assert(
      fc.property(arbitrary.name, fc.array(arbitrary.name, { maxLength: 3 }), fc.nat(12), (name, others, twins) => {
        const taken = [...others];
        for (let at = 0; at < twins; at++) taken.push(freeName(name, taken));
        const free = freeName(name, taken);
        expect(nameFault(free)).toBeUndefined();
        expect(taken.map(nameKey)).not.toContain(nameKey(free));
        expect(new Set(taken.slice(others.length).map(nameKey)).size).toBe(twins);
      }),
      { numRuns: 60 },
    );
  });
});
