/**
 * Makes src/core/confusables.ts of Unicode's table of characters that look alike (UTS #39):
 *
 *     node scripts/confusables.mjs confusables.txt > src/core/confusables.ts && npx oxfmt src/core/confusables.ts
 *
 * The table of version 15.0.0 is https://www.unicode.org/Public/security/15.0.0/confusables.txt, and the same file is
 * in the source of ICU 72 (Debian 12: `apt-get source icu`, source/data/unidata/confusables.txt). What is left out of
 * it, and why, stands in src/core/name.ts; how it is left out, here. Run it with Node 20, whose own tables fold.
 */
import { readFileSync } from 'node:fs';

const fold = (text) =>
  text.normalize('NFKD').toLowerCase().toUpperCase().toLowerCase().replaceAll('ς', 'σ').normalize('NFKD');
const text = readFileSync(process.argv[2], 'utf8');
const version = /^# Version: (\S+)/mu.exec(text)[1];

const scripts = [
  ...new Set(
    'Latin Common Inherited Greek Cyrillic Armenian Hebrew Arabic Syriac Thaana Nko Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Thai Lao Tibetan Myanmar Georgian Ethiopic Cherokee Khmer Mongolian Hiragana Katakana Bopomofo Han Yi Lisu Coptic'.split(
      ' ',
    ),
  ),
].map((name) => [name, new RegExp(`^\\p{Script=${name}}$`, 'u')]);
const scriptOf = (char) => scripts.find(([, pattern]) => pattern.test(char))?.[0] ?? 'other';
const known = (script) => script === 'Latin' || script === 'Common' || script === 'Inherited';

/** What Unicode says, as far as it is of use here. */
const raw = new Map();
for (const line of text.split('\n')) {
  const [, from, to] = /^([0-9A-F]+) ;\t([0-9A-F ]+?) ;/u.exec(line) ?? [];
  if (from === undefined) continue;
  const [source, ...more] = [from, ...to.split(' ')].map((hex) => String.fromCodePoint(Number.parseInt(hex, 16)));
  raw.set(source, more.join(''));
}

function resolve(source) {
  let target = raw.get(source);
  if (target === undefined) return undefined;
  // What is a capital I to the eye has the prototype l.
  if (target.startsWith('l') && /\p{Lu}|\p{Nl}/u.test(source)) target = `i${target.slice(1)}`;
  return target;
}

/**
 * Two letters of one script are two, however alike (the Thai ด and ต). But Persian and Arabic keyboards have two codes
 * for one yeh and one kaf, and what Unicode has of Han is nearly all one character in two codes or two shapes.
 */
function onesLetter(source, script) {
  return script === 'Han' ? !'土士口囗鹂鹃㬵胶'.includes(source) : 'یک'.includes(source);
}

function taken(source, target) {
  if (source <= '\u007f' || source.normalize('NFKD') !== source) return false;
  if (/\p{Script=Hangul}|\p{Default_Ignorable_Code_Point}|\p{White_Space}/u.test(source)) return false;
  const bases = target.normalize('NFKD').replace(/\p{M}/gu, '');
  // Runs of letters are not letters (m is not rn), and a mark is no letter.
  if ([...bases].length !== (/\p{M}/u.test(source) ? 0 : 1)) return false;
  const script = scriptOf(source);
  if (/[\p{L}\p{M}]/u.test(source) && !known(script) && scriptOf(target) === script && !onesLetter(source, script)) {
    return false;
  }
  // A letter of a person's script is no apostrophe.
  return !(/\p{L}/u.test(source) && !known(scriptOf(source)) && !/[\p{L}\p{N}]/u.test(bases));
}

/** A small character, to what Unicode says of its capital, or else of itself: capitals are the more alike. */
const orbits = new Map();
/** What Unicode says of a character as it is written. */
const written = new Map();
const prototypes = new Set(raw.values());
for (const source of raw.keys()) {
  const target = resolve(source);
  const own = fold(source);
  if (!taken(source, target) || [...own].length !== 1) continue;
  written.set(source, target);
  const capital = own.toUpperCase();
  // Γ is what others look like, so γ is no y, or Г were one.
  if (capital !== own && prototypes.has(capital)) continue;
  if (!orbits.has(own) || source !== own) orbits.set(own, fold(target));
}

/** Follow to the end. */
const final = (char, table, seen = new Set()) => {
  let out = '';
  for (const one of fold(char)) {
    const next = table.get(one);
    out += next === undefined || next === one || seen.has(one) ? one : final(next, table, new Set([...seen, one]));
  }
  return out.normalize('NFKD');
};

/** The first of a script that looks so keeps it; the others are themselves, or two letters of one script were one. */
const same = new Map();
const loose = new Map();
const holders = new Map();
for (const own of [...orbits.keys()].toSorted((a, b) => a.codePointAt(0) - b.codePointAt(0))) {
  if (own <= '\u007f') continue;
  const target = final(own, orbits);
  if (target === own) continue;
  const script = scriptOf(own);
  const letterOrDigit = /\p{Nd}/u.test(own) !== /\p{Nd}/u.test(Array.from(target)[0]) && /\p{Nd}/u.test(own);
  const place = `${script} ${target}`;
  const homely = known(script) || !/[\p{L}\p{M}]/u.test(own) || (target.length === 1 && onesLetter(own, script));
  if (!letterOrDigit && (homely || !holders.has(place))) {
    holders.set(place, own);
    same.set(own, target);
  } else loose.set(own, target);
}
// Left as they are where something else now stands in between.
const settled = new Map();
for (const own of same.keys()) settled.set(own, final(own, same));
/** What the eye reads as a plain letter, though the letter counts as another one: not for names that are Latin. */
const looks = new Map();
for (const [source, target] of [...written, ...loose]) {
  if (!/\p{L}/u.test(source) || known(scriptOf(source)) || looks.has(source)) continue;
  const end = final(target, settled);
  if (/^[a-z]$/.test(end) && end !== (settled.get(fold(source)) ?? fold(source))) looks.set(source, end);
}
for (const [own, end] of settled) if (own === end) settled.delete(own);

/** A line each: what is looked like, and all that look like it. */
function lines(table) {
  const groups = new Map();
  for (const [source, target] of table) groups.set(target, `${groups.get(target) ?? ''}${source}`);
  return [...groups].map(([target, sources]) => `${target} ${sources}`);
}
const literal = (table) =>
  `[${lines(table)
    .map(
      (line) =>
        `'${line.replace(/['\\]|\p{M}/gu, (char) => (/\p{M}/u.test(char) ? `\\u{${char.codePointAt(0).toString(16)}}` : `\\${char}`))}'`,
    )
    .join(',')}].join('\\n')`;

console.log(`/**
 * Characters that look alike: made by scripts/confusables.mjs, not by hand, of confusables.txt of Unicode ${version}
 * (UTS #39), changed as src/core/name.ts says. A line is what is looked like, a space, and all that look like it.
 *
 * Copyright © 1991-2022 Unicode, Inc. All rights reserved. Permission is hereby granted, free of charge, to any person
 * obtaining a copy of the Unicode data files to deal in them without restriction, provided that this copyright and
 * permission notice appear with all copies; they are provided "as is", without warranty of any kind. The whole licence:
 * https://www.unicode.org/copyright.html
 */

/** In every name: folded characters. */
export const alike = ${literal(settled)};

/** Letters of other scripts that are alike to a Latin one and do not count as it. */
export const ambiguous = '${[...looks.keys()].join('')}';`);
console.error(`${settled.size} alike, ${looks.size} ambiguous`);
