import { array, assert, constantFrom, oneof, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean } from '../../src/face/screen.ts';

describe('taken out', () => {
  it.each([
    ['ESC', 'a\u001b[31mb', 'a[31mb'],
    ['CR and BS', 'good\r\b\bevil', 'goodevil'],
    ['NUL, BEL, shift, DEL', 'a\0\u0007\u000e\u000f\u007fb', 'ab'],
    ['C1: CSI, OSC, DCS, NEL is a break', 'a\u009b\u009d\u0090b', 'ab'],
    ['bidi overrides and embeddings', 'a\u202a\u202b\u202c\u202d\u202eb', 'ab'],
    ['bidi isolates', 'a\u2066\u2067\u2068\u2069b', 'ab'],
    ['bidi marks', 'a\u200e\u200f\u061cb', 'ab'],
    ['zero-width space, no-break space, word joiner', 'a\u200b\ufeff\u2060b', 'ab'],
    ['joiners between letters that do not join', 'a\u200d\u200cb', 'ab'],
    ['joiners at the ends', '\u200d👍\u200d', '👍'],
    ['soft hyphen, grapheme joiner', 'a\u00ad\u034fb', 'ab'],
    ['Hangul and Khmer fillers', 'a\u3164\u115f\u1160\uffa0\u17b4b', 'ab'],
    ['tags, which can carry hidden text', 'a\u{e0041}\u{e0001}\u{e007f}b', 'ab'],
    ['annotations', 'a\ufff9b\ufffac\ufffb', 'abc'],
    ['a lone half of a pair', 'a\ud800b', 'ab'],
    ['variation selectors in a row', 'a\ufe0f\ufe0e\ufe0fb\u{e0100}', 'a\ufe0fb'],
    ['marks piled up', `e${'\u0301'.repeat(50)}x`, `e${'\u0301'.repeat(6)}x`],
  ])('%s', (_, text, shown) => expect(clean(text)).toBe(shown));
});

describe('shown instead', () => {
  it.each([
    ['LF', 'a\nb', 'a↵b'],
    ['CR LF', 'a\r\nb', 'a↵b'],
    ['VT, FF', 'a\v\fb', 'a↵↵b'],
    ['NEL and separators', 'a\u0085\u2028\u2029b', 'a↵↵↵b'],
    ['tab', 'a\tb', 'a    b'],
  ])('%s', (_, text, shown) => expect(clean(text)).toBe(shown));
});

describe('left alone', () => {
  it.each([
    'plain ASCII ~!@#$%^&*()',
    'Zürich, naïve, Ελλάδα, Москва',
    '你好，世界',
    'שלום עולם',
    'السلام عليكم',
    'می‌خواهم', // ZWNJ in a Persian word
    'क्‍ष', // ZWJ in a Devanagari conjunct
    'ශ්‍රී ලංකා', // ZWJ in Sinhala
    'ที่นี่', // two marks on a letter
    '👨‍👩‍👧‍👦 👩🏽‍💻 🏳️‍🌈 ❤️‍🔥', // ZWJ inside emoji
    '👍🏽 🇨🇭 1️⃣ ☺︎',
    '\u0600\u06dd', // formats that show
  ])('%s', (text) => expect(clean(text)).toBe(text));
});

it('nothing that is left can move a cursor, and cleaning twice is cleaning once', () => {
  const nasty = constantFrom(
    '\u001b',
    '\r',
    '\n',
    '\b',
    '\u009b',
    '\u202e',
    '\u200d',
    '\ufe0f',
    '\ud800',
    '👍',
    'a',
    '\t',
    '\u0301',
  );
  assert(
    property(array(oneof(nasty, string({ unit: 'binary' }))), (parts) => {
      const shown = clean(parts.join(''));
      expect(shown).not.toMatch(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069\u2028\u2029]/u);
      expect(clean(shown)).toBe(shown);
    }),
  );
});
