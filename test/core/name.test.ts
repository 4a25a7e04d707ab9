import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChatError } from '../../src/core/errors.ts';
import { checkName, freeName, graphemeCount, isNumbered, nameFault, nameKey } from '../../src/core/name.ts';
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
    ['six marks on a letter', `a${'\u0301'.repeat(6)}`],
    ['two scripts', 'Боб_DJ'],
    ['marks in front that the program does not use', '[bot]-@ann'],
    ['a star and a question mark behind', 'ann*?'],
    ['a star as a picture', '⭐ann'],
    ['a letter that looks like a question mark', 'ʔaʔ'],
    ['a hieroglyph', '\u{13080}'],
    ['two scripts, and letters that are alike', 'Νίνα_DJ'],
    ['a letter that is alike, among its own', 'Νίκοςx'],
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
    ['what looks like a colon', 'ann\u2236yes', 'colon'],
    ['a letter that does', '\u02d0ann', 'colon'],
    ['a colon of full width', 'ann\uff1a', 'colon'],
    ['a star in front', '*ann', 'star'],
    ['what looks like a star in front', '\u2217ann', 'star'],
    ['a star of full width in front', '\uff0aann', 'star'],
    ['the mark of one who is not known', '?ann', 'question mark'],
    ['the mark of a heading', '\u2500\u2500', 'bar'],
    ['an arrow', 'bob\u2192you', 'arrow'],
    ['a long arrow', 'bob\u27f6you', 'arrow'],
    ['an arrow as a picture', 'bob\u27a1\ufe0fyou', 'arrow'],
    ['half an arrow', 'bob\uffebyou', 'arrow'],
    ['a note of no looks', '\u{1d159}', 'do not show'],
    ['blank hieroglyphs', 'bob\u{13441}\u{13442}you', 'do not show'],
    ['the place of an object', '\ufffc', 'do not show'],
    ['a filler of Khitan', 'ann\u{16fe4}', 'do not show'],
    ['a slash in front', '/ann', 'slash'],
    ['you in full width', '\uff39\uff2f\uff35', 'takes it for himself'],
    ['what looks like you', 'y\u043eu', 'takes it for himself'],
    ['a mark alone', '\u0301', 'mark'],
    ['marks alone', '\u0301\u0323', 'mark'],
    ['a mark in front', '\u0301ann', 'mark'],
    ['a letter with seven marks', `a${'\u0301'.repeat(7)}`, '6 marks'],
    ['a letter with seven marks, one of them in it', `é${'\u0323'.repeat(6)}`, '6 marks'],
    ['a Greek nu for a v', 'Steνe', 'Latin'],
    ['a Greek nu for what one likes', 'νiνa', 'Latin'],
    ['a Hebrew letter for an l', 'Aןice', 'Latin'],
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
    ['Ann', 'ann', 'letter case'],
    ['ÖL', 'öl', 'letter case'],
    ['Νίκος', 'ΝΊΚΟΣ', 'letter case, with a sigma at the end'],
    ['Νίνα', 'νίνα', 'letter case, where the small letter looks like another one'],
    ['Strauß', 'STRAUSS', 'letter case'],
    ['ẞ', 'ß', 'letter case'],
    ['ＡＮＮ', 'ann', 'full width'],
    ['ﬁn', 'fin', 'a ligature'],
    ['𝐛𝐨𝐛', 'bob', 'mathematical letters'],
    ['𝓫𝓸𝓫', 'bob', 'mathematical letters'],
    ['ⓑⓞⓑ', 'bob', 'letters in circles'],
    ['bob²', 'bob2', 'a raised digit'],
    ['Å', '\u212b', 'a sign for a letter'],
    ['é', 'e\u0301', 'a mark of its own'],
    ['bоb', 'bob', 'a Cyrillic o'],
    ['bοb', 'bob', 'a Greek omicron'],
    ['bօb', 'bob', 'an Armenian oh'],
    ['pаypal', 'paypal', 'a Cyrillic a'],
    ['аnn', 'ann', 'a Cyrillic a'],
    ['jaкob', 'jakob', 'a Cyrillic ka, alike as a capital'],
    ['ВОВ', 'BOB', 'all Cyrillic, all alike'],
    ['вов', 'bob', 'the same in small letters'],
    ['ΑΝΝΑ', 'ANNA', 'all Greek, all alike'],
    ['ѕсоре', 'scope', 'all Cyrillic, all alike'],
    ['Іvan', 'ivan', 'a Ukrainian I'],
    ['Бoб', 'Боб', 'a Latin o in a Cyrillic name'],
    ['ɡina', 'gina', 'a Latin letter of phonetics'],
    ['Nılgün', 'Nilgün', 'an i without its dot, which i has as a capital'],
    ['ニコ', '二コ', 'a Han two for a Katakana ni'],
    ['علی', 'على', 'two ways to write yeh'],
    ['戶', '戸', 'two shapes of one Han character'],
    ['o’neil', "o'neil", 'an apostrophe'],
    ['ann‐b', 'ann-b', 'a hyphen'],
  ])('%s and %s count as the same: %s', (one, other) => {
    expect(nameFault(one)).toBeUndefined();
    expect(nameKey(one)).toBe(nameKey(other));
  });

  it.each([
    ['ann', 'anne', 'a letter more'],
    ['ann', 'ann2', 'a digit more'],
    ['o', 'ö', 'a mark more'],
    ['b0b', 'bob', 'ASCII stands for itself'],
    ['Ian', 'lan', 'ASCII stands for itself: two names, and a terminal tells them apart'],
    ['Ali', 'All', 'ASCII stands for itself'],
    ['bob1', 'bobl', 'ASCII stands for itself'],
    ['Arno', 'Amo', 'runs are not letters'],
    ['Łuk', 'Luk', 'a stroke more'],
    ['Боб', 'Bob', 'a Cyrillic name that looks like no Latin one'],
    ['Иван', 'Ivan', 'they sound alike, and do not look so'],
    ['Нина', 'Инна', 'two Cyrillic names'],
    ['Гриша', 'Уриша', 'two Cyrillic letters that each look a little like a y'],
    ['Вова', 'Ьоьа', 'two Cyrillic letters that each look like a b'],
    ['Яна', 'Rna', 'what is turned round is another letter'],
    ['Νίκος', 'Nikos', 'a Greek name has its accent'],
    ['Γιάννης', 'Υιάννης', 'two Greek letters that each look like a y'],
    ['ג׳ו', 'ג׳ן', 'Joe and Jen: two Hebrew letters that each look like an l'],
    ['דן', 'דו', 'the same'],
    ['محمد', 'محمود', 'two Arabic names'],
    ['راشد', 'رائد', 'two Arabic names'],
    ['रमा', 'रामा', 'two names in Devanagari'],
    ['नमन', 'नमक', 'two names in Devanagari'],
    ['王', '玉', 'two Chinese names'],
    ['土', '士', 'two Han characters'],
    ['เด', 'เต', 'two Thai letters'],
    ['علي', 'على', 'yeh with its dots and without'],
    ['پ', 'ث', 'two Arabic letters, with three dots below and above'],
    ['각가', '가까', 'Hangul that the skeleton makes one'],
    ['民', '민', 'two scripts'],
    ['👩', '👨', 'two pictures'],
  ])('%s and %s do not: %s', (one, other) => {
    expect(nameFault(one)).toBeUndefined();
    expect(nameKey(one)).not.toBe(nameKey(other));
  });

  it.each(['\u200b', '\u200d', '\u00ad', '\u2060', '\ufeff', '\ufe0f', '\u202e', '\u{e0041}'])(
    'does not see %j',
    (unseen) => {
      expect(nameKey(`bob${unseen}by`)).toBe('bobby');
    },
  );

  it('is its own key, in every normal form, and in either case', () => {
    fc.assert(
      fc.property(fc.oneof(arbitrary.anything(20), arbitrary.name), (text) => {
        const key = nameKey(text);
        expect(nameKey(key)).toBe(key);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD']) {
          expect(nameKey(text.normalize(form))).toBe(key);
          expect(nameKey(key.normalize(form))).toBe(key);
        }
        expect(nameKey(text.toUpperCase())).toBe(key);
        expect(nameKey(text.toLowerCase())).toBe(key);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves ASCII as it is, but for letter case', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[!-~]{1,32}$/), (text) => {
        expect(nameKey(text)).toBe(text.toLowerCase());
        expect(nameKey(`ж${text}`)).toBe(`ж${text.toLowerCase()}`);
      }),
    );
  });
});

function keysOf(names: readonly string[]): Set<string> {
  return new Set(names.map(nameKey));
}

describe('freeName', () => {
  it.each([
    ['bob', [], 'bob'],
    ['bob', ['ann'], 'bob'],
    ['bob', ['bob'], 'bob2'],
    ['bob', ['BOB'], 'bob2'],
    ['bob', ['bob', 'bob2', 'bob4'], 'bob3'],
    ['bob', ['bob', 'Bob2', 'BOB3'], 'bob4'],
    ['bob', ['bоb', 'bob２'], 'bob3'],
    ['bob2', ['bob2'], 'bob22'],
    ['a'.repeat(32), ['a'.repeat(32)], `${'a'.repeat(31)}2`],
    [marked.repeat(32), [marked.repeat(32)], `${marked.repeat(31)}2`],
    [`${family.repeat(10)}abcdef`, [`${family.repeat(10)}abcdef`], `${family.repeat(10)}abcde2`],
    [family.repeat(10), [family.repeat(10)], `${family.repeat(10)}2`],
  ])('%s beside %j is %s', (name, taken, expected) => {
    expect(freeName(name, keysOf(taken))).toBe(expected);
  });

  it('shortens once more for each digit', () => {
    const taken = ['a'.repeat(32), ...Array.from({ length: 8 }, (_, at) => `${'a'.repeat(31)}${at + 2}`)];
    expect(freeName('a'.repeat(32), keysOf(taken))).toBe(`${'a'.repeat(30)}10`);
  });

  it('is always a name, and always free', () => {
    fc.assert(
      fc.property(arbitrary.name, fc.array(arbitrary.name, { maxLength: 3 }), fc.nat(12), (name, others, twins) => {
        const taken = [...others];
        for (let at = 0; at < twins; at++) taken.push(freeName(name, keysOf(taken)));
        const free = freeName(name, keysOf(taken));
        expect(nameFault(free)).toBeUndefined();
        expect(taken.map(nameKey)).not.toContain(nameKey(free));
        expect(new Set(taken.slice(others.length).map(nameKey)).size).toBe(twins);
      }),
      { numRuns: 60 },
    );
  });
});

describe('isNumbered', () => {
  it.each([
    ['bob', 'bob2', true],
    ['bob', 'bob17', true],
    ['bob7', 'bob72', true],
    ['bob', 'bob', false],
    ['bob', 'eve2', false],
    ['bob', 'bobby2', false],
    ['bob7', 'bob8', false],
    ['b'.repeat(32), `${'b'.repeat(31)}2`, true],
    ['b'.repeat(32), `${'b'.repeat(30)}2`, true],
    ['b'.repeat(20), `${'b'.repeat(19)}2`, false],
    [`${'b'.repeat(31)}7`, `${'b'.repeat(31)}2`, true],
  ])('%s as %s: %s', (name, free, is) => expect(isNumbered(name, free)).toBe(is));

  it('knows whatever freeName makes of a name that is taken', () => {
    for (const name of ['ann', 'ann2', '2', 'a'.repeat(32), `${'a'.repeat(31)}9`])
      expect(isNumbered(name, freeName(name, new Set([nameKey(name)])))).toBe(true);
  });
});
