/** What a person types, pastes, or is called: every reader is total, and what it takes it writes the same. */
import { formatAddress, isDialable, parseAddress } from '../../src/core/address.ts';
import { commandFault, completions, parseCommand } from '../../src/core/command.ts';
import { formatConfig, parseConfig } from '../../src/core/config.ts';
import { formatInvite, keyFault, looksLikeInvite, parseInvite, parseKey, withoutKeys } from '../../src/core/invite.ts';
import { lineFault } from '../../src/core/line.ts';
import { freeName, graphemeCount, nameFault, nameKey } from '../../src/core/name.ts';
import { clean } from '../../src/face/screen.ts';
import { bytesOf, mutateText } from './mutate.ts';
import { must, same, type Target } from './target.ts';

const key = '3mTYe6NB9JYXzPz2Ht2gKhTKYuZb1xEqJmV5n0aWc8E';
const invites = [
  `gc://10.0.0.5:6000/#${key}`,
  `gc://10.0.0.5,[fd00::5]:6001,bob.lan:6000/#${key}`,
  'gc://[fe80::1%en0]:6000/',
  'gc://10.0.0.5:6000/#',
  key,
  ` "gc://10.0.0.5:6000/#${key}" `,
];
const names = [
  'bob',
  'Ünïcödé',
  'Βάσω',
  'Вера_DJ',
  '宮本',
  'ญาดา',
  'محمد',
  'देवनागरी',
  '👨‍👩‍👧',
  'ﬁne',
  'Straße',
  'I1l|',
  'ג׳ו',
  'éé́',
  'a2',
  '각가',
];
const addresses = [
  '10.0.0.5:6000',
  '[::1]:6000',
  'bob.lan:6000',
  '[fe80::1%en0]:1',
  'localhost',
  'bücher.example:80',
  '[::ffff:127.0.0.1]:65535',
];
const commands = [
  '/help who',
  '/history 20',
  '/history 2026-11-20',
  '/history 14:02',
  '/search  word',
  '/export a b.txt',
  '//slash',
  '/qiut',
  '/Who ',
  '/h',
  'a line',
  '/history 10m',
];
const configs = [
  `# mine\nname = bob\n\njoin = 10.0.0.5:6000  # home\njoin = gc://10.0.0.6/#\n`,
  'data-dir = "/home/bob/# my rooms"\r\nplain=true\r\n',
  `key-file = 'it is "here"'\n\tno-history = true # for now\n`,
  `join = gc://10.0.0.5/#${key}\n`,
  `key = ${key}\n`,
];
const shown = [
  'plain',
  '\x1b[31mred\x1b[0m\r\n\ttab',
  'مرح\u200cبا \u0600\u0661 क्\u200dष',
  '👨‍👩‍👧 ❤️ ☺︎\ufe0f',
  '\u202eabc\u2066def\u2069',
  'e\u0301\u0302\u0303\u0304\u0305\u0306\u0307\u0308',
  'ب\u0300\u0301\u0302\u0303\u0304\u0305\u0610\u200cب',
  '\ufeff\u200b\u00ad\u180e\u3164\u{e0041}\ud800',
];
const all = [...invites, ...names, ...addresses, ...commands, ...configs, ...shown];

/** Texts are kept as UTF-16: a half of a pair is no UTF-8. */
const textOf = (input: Uint8Array): string => Buffer.from(input).toString('utf16le');

function target(name: string, share: number, texts: readonly string[], check: (text: string) => void): Target {
  return {
    name,
    share,
    make: (random) => Buffer.from(mutateText(random, random.chance(0.8) ? texts : all), 'utf16le'),
    check: (input) => check(textOf(input)),
  };
}

/** Nothing of this may come to a screen; joiners are judged by `clean` itself. */
const dangerous =
  /[\p{Cc}\p{Cs}\u200b\u200e\u200f\u061c\u202a-\u202e\u2060-\u206f\u2028\u2029\ufeff\u00ad\u115f\u1160\u180e\u3164\uffa0]|[\u{e0000}-\u{e0fff}]|\u034f|\p{M}{7}/u;

export const texts: readonly Target[] = [
  target('invite', 60, invites, (text) => {
    const invite = parseInvite(text);
    if (invite.kind === 'fault') {
      must(!/[\p{Cc}]/u.test(invite.fault) && !invite.fault.includes(key), 'a fault repeats nothing');
    } else {
      same(parseInvite(formatInvite(invite)), invite, 'an invite is written as it is read');
      must(looksLikeInvite(text) && invite.addresses.every(isDialable), 'an invite leads somewhere');
    }
    const read = parseKey(text);
    if (read.kind === 'key') must(keyFault(read.key) === undefined, 'a key is a key');
    else must(!read.fault.includes(key), 'a fault repeats no key');
    const without = withoutKeys(text);
    must(!/(?<![\w-])[\w-]{40,}(?![\w-])/u.test(without), 'no key is left');
    keyFault(text);
  }),
  target('name', 90, names, (text) => {
    const fault = nameFault(text);
    // Keys are made of names, and of what a file says is one.
    if (text.length > 256) return;
    const called = nameKey(text);
    must(nameFault(text) === fault && nameKey(text) === called, 'a name is judged alike each time');
    same(nameKey(called), called, 'a key is its own key');
    graphemeCount(text);
    if (fault !== undefined) return;
    same(clean(text), text, 'a name is shown as it is');
    must(bytesOf(text).length <= 256, 'a name is short');
    const taken = new Set([called]);
    const free = freeName(text, taken);
    must(nameFault(free) === undefined, `a free name is one: ${free}`);
    must(!taken.has(nameKey(free)), `a free name is free: ${free}`);
  }),
  target('address', 50, addresses, (text) => {
    const address = parseAddress(text);
    if (isDialable(text)) must(address !== undefined && address.port > 0, 'what can be dialled is an address');
    if (address !== undefined)
      same(parseAddress(formatAddress(address)), address, 'an address is written as it is read');
  }),
  target('command', 50, commands, (text) => {
    const command = parseCommand(text);
    if (command.kind === 'unknown' || command.kind === 'misused') {
      must(commandFault(command).length < 200, 'a fault is a line');
    }
    if (command.kind === 'say') must(text.endsWith(command.text), 'what is said is what was typed');
    for (const found of completions(text, names)) must(found.length > 0, 'a completion is something');
    lineFault(text);
  }),
  target('config', 30, configs, (text) => {
    const read = parseConfig(text);
    if (read.kind === 'fault') {
      must(!/\p{Cc}/u.test(read.fault) && read.fault.length < 200, 'a fault is a line');
      return must(!read.fault.includes(key), 'a fault repeats no key');
    }
    for (const { key: name, value, line } of read.lines) {
      const secret = new RegExp(`(?<![\\w-])${key}(?![\\w-])`, 'u').test(value);
      must(value !== '' && !secret && line > 0, 'a value is something, and no secret');
      if (value.includes('"') && value.includes("'")) continue;
      const again = parseConfig(formatConfig(name, value));
      same(again, { kind: 'lines', lines: [{ key: name, value, line: 1 }] }, 'a line is written as it is read');
    }
  }),
  target('screen', 90, shown, (text) => {
    const seen = clean(text);
    const left = dangerous.exec(seen);
    must(left === null, `what is shown has U+${left?.[0].codePointAt(0)?.toString(16)}`);
    same(clean(seen), seen, 'what is clean stays as it is');
  }),
];
