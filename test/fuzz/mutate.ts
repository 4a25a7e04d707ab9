/**
 * Mutations: what is real, spoilt a little. Bytes at random are refused at the first look; what is nearly right gets as
 * far as the rule that it breaks. Everything follows from the random numbers that are given.
 */
import { encodeFrame, type FrameType } from '../../src/core/frame.ts';
import type { Random } from '../../src/core/random.ts';

const encoder = new TextEncoder();
const latin = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
export const bytesOf = (text: string): Uint8Array => encoder.encode(text);

/** What often breaks those who read: ends of ranges, names with a meaning to the language, characters that hide. */
const nasty = [
  '0',
  '-1',
  '-0',
  '00',
  '1e3',
  '1e999',
  '0.5',
  '281474976710656',
  '281474976710657',
  '9007199254740993',
  '9999999999',
  '8640000000000001',
  'NaN',
  'null',
  'true',
  '""',
  '[]',
  '{}',
  '[[]]',
  '"__proto__":{"x":1},',
  '"constructor":1,',
  '"toString":1,',
  '"__proto__":null,',
  '"kind":"ping",',
  '"a":1,',
  '\\ud800',
  '\\u0000',
  '\\u2028',
  '\ufeff',
  '\u2028',
  '\u202e',
  '\u200b',
  '\u200d',
  '\ufe0f',
  '\u0300\u0301\u0302\u0303\u0304\u0305\u0306',
  '\u0600',
  '\u1160',
  '\u{e0001}',
  '\u{1f468}\u200d\u{1f469}',
  '\u0628\u200c\u0628',
  '\u0915\u094d\u200d\u0937',
  '\x1b',
  '\r',
  '\n',
  '\t',
  '\0',
  ' ',
  ':',
  ',',
  '.',
  '/',
  '#',
  '/#',
  '-',
  'peers:',
  'output:',
  'held:',
  'auth:',
  'snapshot:',
  'said:',
  'journal:',
  'welcome:',
  'refused:',
  'SYSTEM',
  'CHAT',
  's',
  'm',
  'a',
  'ß',
  'İ',
  'ſ',
  'K',
  'ﬁ',
  '각',
  'ᄀ',
  'ν',
  'а',
  'ו',
  '%',
  '[::1]:6000',
  'gc://',
  '//',
  '/history ',
  '\x1e',
  '\x10',
].map((text) => encoder.encode(text));
/** What no text of UTF-8 holds: a byte alone, a cut character, half a pair, an overlong slash. */
const broken = [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf4, 0x90, 0x80, 0x80]].map((bytes) =>
  Uint8Array.from(bytes),
);

function splice(bytes: Uint8Array, at: number, drop: number, put: Uint8Array = new Uint8Array(0)): Uint8Array {
  const end = Math.min(bytes.length, at + drop);
  const made = new Uint8Array(at + put.length + bytes.length - end);
  made.set(bytes.subarray(0, at));
  made.set(put, at);
  made.set(bytes.subarray(end), at + put.length);
  return made;
}

/** A place in the bytes, and an end not far behind it. */
function stretch(random: Random, { length }: Uint8Array, most = 64): [number, number] {
  const at = random.below(length + 1);
  return [at, Math.min(length, at + random.below(most))];
}

type Mutation = (random: Random, bytes: Uint8Array, other: Uint8Array) => Uint8Array;

const flip: Mutation = (random, bytes) => {
  if (bytes.length === 0) return bytes;
  // Not `slice`: that of a Buffer is a view.
  const made = new Uint8Array(bytes);
  for (let times = 1 + random.below(3); times > 0; times--) {
    const at = random.below(made.length);
    made[at] = random.chance(0.5) ? (made[at] as number) ^ (1 << random.below(8)) : random.below(256);
  }
  return made;
};
const remove: Mutation = (random, bytes) => {
  const [at, end] = stretch(random, bytes);
  return splice(bytes, at, end - at);
};
const insert: Mutation = (random, bytes) => splice(bytes, random.below(bytes.length + 1), 0, random.pick(nasty));
const overwrite: Mutation = (random, bytes) =>
  splice(bytes, random.below(bytes.length + 1), random.below(8), random.pick(nasty));
const spoil: Mutation = (random, bytes) => splice(bytes, random.below(bytes.length + 1), 0, random.pick(broken));
const double: Mutation = (random, bytes) => {
  const [at, end] = stretch(random, bytes, 256);
  return splice(bytes, random.below(bytes.length + 1), 0, bytes.subarray(at, end));
};
const truncate: Mutation = (random, bytes) => bytes.subarray(0, random.below(bytes.length + 1));
const join: Mutation = (random, bytes, other) => {
  const end = random.below(other.length + 1);
  return splice(bytes, random.below(bytes.length + 1), Infinity, other.subarray(end));
};
const swap: Mutation = (random, bytes) => {
  const [at, end] = stretch(random, bytes);
  const part = bytes.subarray(at, end);
  const rest = splice(bytes, at, end - at);
  return splice(rest, random.below(rest.length + 1), 0, part);
};

/** A number, somewhere in the bytes, becomes another one. */
const number: Mutation = (random, bytes) => {
  const places = [...latin(bytes.subarray(0, 4096)).matchAll(/\d+/g)];
  if (places.length === 0) return bytes;
  const { index, 0: digits } = random.pick(places);
  const value = random.pick([
    '0',
    '1',
    `${Number(digits) + 1}`,
    `${Number(digits) - 1}`,
    `${digits}0`,
    '281474976710656',
    '281474976710657',
    '4294967296',
    '999999',
    '-1',
    '1.5',
    '1e2',
    '00',
  ]);
  return splice(bytes, index, digits.length, encoder.encode(value));
};
/** Two fields of a record change places, one is put in, or one goes. */
const field: Mutation = (random, bytes) => {
  const text = latin(bytes.subarray(0, 8192));
  const places = [...text.matchAll(/"\w+":(?:"[^"]*"|[\d.]+|null|true|\[\])/g)];
  if (places.length < 2) return insert(random, bytes, bytes);
  const [one, other] = [random.pick(places), random.pick(places)];
  const from = encoder.encode(one[0]);
  return random.chance(0.3)
    ? splice(bytes, one.index, one[0].length + 1)
    : splice(bytes, other.index, other[0].length, from);
};
/** Brackets in brackets: whoever reads these by calling himself ends. */
const nest: Mutation = (random, bytes) => {
  const depth = random.pick([2, 100, 5000]);
  const [open, shut] = random.pick([
    ['[', ']'],
    ['{"a":', '}'],
  ] as const);
  const colon = bytes.indexOf(0x3a) + 1;
  return splice(
    bytes,
    colon,
    random.chance(0.5) ? Infinity : 0,
    encoder.encode(open.repeat(depth) + shut.repeat(depth)),
  );
};
/** Much of the same. */
const grow: Mutation = (random, bytes) => {
  const times = random.pick([8, 64, 1024]);
  const part = random.pick(nasty);
  const long = new Uint8Array(part.length * times);
  for (let at = 0; at < long.length; at += part.length) long.set(part, at);
  return splice(bytes, random.below(bytes.length + 1), 0, long);
};

const usual: readonly Mutation[] = [
  flip,
  flip,
  flip,
  remove,
  insert,
  insert,
  overwrite,
  double,
  truncate,
  join,
  swap,
  number,
  number,
  number,
  field,
  field,
  spoil,
];
const costly: readonly Mutation[] = [nest, grow];

/** One to four changes; `other` is what may be spliced in. */
export function mutate(random: Random, bytes: Uint8Array, other: Uint8Array): Uint8Array {
  let made = bytes;
  for (let times = 1 + random.below(4); times > 0; times--) {
    made = random.pick(random.chance(0.02) ? costly : usual)(random, made, other);
  }
  return made;
}

/** Bits of some bytes turned, and nothing moved. */
export function flipped(random: Random, bytes: Uint8Array): Uint8Array {
  return flip(random, bytes, bytes);
}

/** A frame whose body is spoilt and whose header tells its length, so that the body is read; or spoilt as a whole. */
export function mutateFrame(random: Random, frame: Uint8Array, other: Uint8Array): Uint8Array {
  if (random.chance(0.15) || frame.length < 30) return mutate(random, frame, other);
  const body = mutate(random, frame.subarray(30), other.subarray(30));
  const type: FrameType = frame[10] === 0x43 ? 'CHAT' : 'SYSTEM';
  return encodeFrame(latin(frame.subarray(0, 10)).trimEnd(), type, body);
}

/** Text of any kind: pieces of what is real, and of what is not. */
export function mutateText(random: Random, texts: readonly string[]): string {
  const bytes = mutate(random, encoder.encode(random.pick(texts)), encoder.encode(random.pick(texts)));
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  if (random.chance(0.8)) return text;
  const at = random.below(text.length + 1);
  const half = random.chance(0.5) ? 0xd800 + random.below(0x800) : random.below(0x1_0000);
  return text.slice(0, at) + String.fromCharCode(half) + String.fromCodePoint(random.below(0x11_0000)) + text.slice(at);
}
