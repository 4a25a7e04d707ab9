/**
 * A typed line to a command.
 *
 * Only a slash in the first column makes a command, and two say a literal one (`//x` says `/x`). What looks like a
 * command and is none is never said to the room: a mistyped `/msg bob secret` must not reach everybody.
 */
import { nearest } from './spelling.ts';

/** What is known of a command, for /help: what follows it, what it does, and what to type instead of a wrong use. */
interface Entry {
  readonly takes: string;
  readonly does: string;
  readonly instead?: string;
}

const table = {
  help: {
    takes: '[command]',
    does: 'which commands there are, or what one of them does',
    instead: 'type /help, or /help and one command',
  },
  msg: {
    takes: 'name [text]',
    does: 'a private message: only that person can read it; without text, all you type goes there',
    instead: 'type /msg, a name, and the message: only that person can read it',
  },
  room: { takes: '', does: 'what you type goes to the room again, after /msg and a name alone' },
  r: {
    takes: 'text',
    does: 'the same, to whoever wrote to you last',
    instead: 'type /r and the message: it goes to whoever wrote to you privately last',
  },
  who: { takes: '', does: 'who is in the room, and who coordinates' },
  status: { takes: '', does: 'who comes next, the last failover, what waits, how to join' },
  invite: { takes: '', does: 'how others join; of a private room, its key' },
  seen: { takes: '', does: 'who has your last line' },
  whois: {
    takes: 'name',
    does: 'who somebody is: its key, since when you know it, whether it is here',
    instead: 'type /whois and a name, or the id that another /whois has shown',
  },
  verify: {
    takes: 'name',
    does: 'the words by which you make sure, on the phone, who somebody is',
    instead: 'type /verify and a name, or the id that /whois shows',
  },
  accept: {
    takes: 'name',
    does: 'the name is this key’s from now on: you have compared the words of /verify',
    instead: 'type /accept and a name, or the id that /whois shows',
  },
  history: {
    takes: '[n | since]',
    does: 'the last n lines (20), or all since 10m, 2h, 14:02 or 2026-11-20',
    instead: 'type /history, or after it how many lines, or since when: 10m, 2h, 3d, 14:02 or 2026-11-20',
  },
  search: {
    takes: 'text',
    does: 'the latest lines with that text, or by somebody with that name',
    instead: 'type /search and what to look for',
  },
  export: {
    takes: '[--signed] [file]',
    does: 'writes what is kept of the room to a new file, .txt or .jsonl; --signed: for groupchat verify',
    instead: 'type /export, or /export and a file that ends with .txt or .jsonl (--signed: .jsonl)',
  },
  nick: {
    takes: 'name',
    does: 'what you are called from now on; the room must have it free',
    instead: 'type /nick and a name, one word',
  },
  me: { takes: 'text', does: 'what you do: /me waves', instead: 'type /me and what you do: /me waves' },
  topic: {
    takes: '[text]',
    does: 'what the room is about: shows it, or says it to everybody',
  },
  away: { takes: '[text]', does: 'that you are away, and why if you like' },
  back: { takes: '', does: 'that you are back' },
  handover: { takes: '', does: 'lets the next one coordinate; you stay in the room' },
  kick: {
    takes: 'name',
    does: 'puts somebody out; a private room gets another key',
    instead: 'type /kick and whom',
  },
  ban: { takes: 'name', does: 'puts somebody out, for good', instead: 'type /ban and whom' },
  unban: { takes: 'name', does: 'lets somebody in again', instead: 'type /unban and whom' },
  op: { takes: 'name', does: 'lets somebody put others out, too', instead: 'type /op and whom' },
  deop: { takes: 'name', does: 'takes that back', instead: 'type /deop and whom' },
  rekey: { takes: '', does: 'changes the key of a private room: earlier invites lead nowhere then' },
  ignore: { takes: 'name', does: 'does not show what somebody says', instead: 'type /ignore and whom' },
  unignore: { takes: 'name', does: 'shows it again', instead: 'type /unignore and whom' },
  peers: { takes: '', does: 'where others are, and whether they can be reached from here' },
  add: {
    takes: 'host:port',
    does: 'an address of a member, to be tried now and whenever the room is looked for',
    instead: 'type /add and the address of a member, as in /add 10.0.0.5:6000',
  },
  bell: {
    takes: '[on | off]',
    does: 'a sound when your name is said, or somebody writes to you privately',
    instead: 'type /bell on, or /bell off',
  },
  quiet: {
    takes: '[on | off]',
    does: 'neither a sound nor a notification of the desktop',
    instead: 'type /quiet on, or /quiet off',
  },
  theme: {
    takes: '[dark | light | none]',
    does: 'the colours: for a dark or a light background, or none',
    instead: 'type /theme dark, /theme light or /theme none',
  },
  clear: { takes: '', does: 'clears the screen; /history shows again what was said' },
  quit: { takes: '', does: 'leave the room; what you said is delivered first' },
} satisfies Record<string, Entry>;

export type CommandName = keyof typeof table;

export const commandNames = Object.keys(table) as readonly CommandName[];

/** How much of the past is wanted. What a time of day or a day is in ms, only the person's own clock knows. */
export type Range =
  | { readonly kind: 'latest'; readonly count: number }
  | { readonly kind: 'ago'; readonly ms: number }
  /** The latest such time that has been. */
  | { readonly kind: 'time'; readonly hour: number; readonly minute: number }
  /** From its midnight on. `month` counts from 1. */
  | { readonly kind: 'day'; readonly year: number; readonly month: number; readonly day: number };

/** So many lines are shown by /history alone. */
const latest = 20;

/** For which background the colours are. */
export type Theme = 'dark' | 'light' | 'none';
const themes: readonly Theme[] = ['dark', 'light', 'none'];

/** Commands about one person. */
type ModerationName = 'kick' | 'ban' | 'unban' | 'op' | 'deop' | 'ignore' | 'unignore';

export type Command =
  | { readonly kind: 'say'; readonly text: string }
  /** An empty line, or only spaces: nothing is meant. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'help'; readonly about: CommandName | null }
  | { readonly kind: 'who' | 'status' | 'seen' | 'peers' }
  | { readonly kind: 'invite' | 'quit' }
  | { readonly kind: 'add'; readonly address: string }
  | { readonly kind: 'rekey' }
  | { readonly kind: 'clear' }
  /** `to`: whom all that is typed goes to from now on; null: the room again. */
  | { readonly kind: 'talk'; readonly to: string | null }
  /** `on` null: how it stands. */
  | { readonly kind: 'bell' | 'quiet'; readonly on: boolean | null }
  /** Null: which one it is. */
  | { readonly kind: 'theme'; readonly theme: Theme | null }
  /** `name` as it was typed. */
  | { readonly kind: ModerationName; readonly name: string }
  | { readonly kind: 'history'; readonly range: Range }
  | { readonly kind: 'search'; readonly text: string }
  | { readonly kind: 'r'; readonly text: string }
  /** `to`: a name, or a name with a colon and the beginning of a key. */
  | { readonly kind: 'msg'; readonly to: string; readonly text: string }
  /** What somebody is called, or the id of its process. */
  | { readonly kind: 'whois' | 'verify' | 'accept'; readonly name: string }
  /** About oneself. */
  | { readonly kind: 'nick'; readonly name: string }
  /** '' for nothing. */
  | { readonly kind: 'topic' | 'away'; readonly text: string }
  | { readonly kind: 'back' | 'handover' }
  /** `file` null: one that is named after the room and the day. `signed`: with signatures, so that it can be checked. */
  | { readonly kind: 'export'; readonly file: string | null; readonly signed: boolean }
  /** Not a command; `meant` is the nearest one. */
  | { readonly kind: 'unknown'; readonly word: string; readonly meant: CommandName | undefined }
  /** A command with a space in front. */
  | { readonly kind: 'spaced'; readonly name: CommandName }
  /** A command with something after it that it does not take, or without what it needs. */
  | { readonly kind: 'misused'; readonly name: CommandName };

/** What other chat programs call these. */
const synonyms: Readonly<Record<string, CommandName>> = {
  '?': 'help',
  commands: 'help',
  tell: 'msg',
  whisper: 'msg',
  w: 'msg',
  pm: 'msg',
  dm: 'msg',
  query: 'msg',
  message: 'msg',
  reply: 'r',
  yield: 'handover',
  resign: 'handover',
  stepdown: 'handover',
  action: 'me',
  emote: 'me',
  does: 'me',
  subject: 'topic',
  title: 'topic',
  afk: 'away',
  brb: 'away',
  gone: 'away',
  here: 'back',
  unaway: 'back',
  nickname: 'nick',
  name: 'nick',
  rename: 'nick',
  names: 'who',
  list: 'who',
  members: 'who',
  users: 'who',
  receipts: 'seen',
  fingerprint: 'whois',
  finger: 'whois',
  person: 'whois',
  compare: 'verify',
  safety: 'verify',
  words: 'verify',
  verified: 'accept',
  trust: 'accept',
  approve: 'accept',
  key: 'invite',
  qr: 'invite',
  share: 'invite',
  log: 'history',
  backlog: 'history',
  last: 'history',
  find: 'search',
  grep: 'search',
  save: 'export',
  addresses: 'peers',
  nodes: 'peers',
  connect: 'add',
  dial: 'add',
  info: 'status',
  stat: 'status',
  expel: 'kick',
  block: 'ban',
  mute: 'ignore',
  unmute: 'unignore',
  mod: 'op',
  all: 'room',
  beep: 'bell',
  sound: 'bell',
  notify: 'bell',
  silent: 'quiet',
  silence: 'quiet',
  dnd: 'quiet',
  cls: 'clear',
  colors: 'theme',
  colours: 'theme',
  color: 'theme',
  colour: 'theme',
  q: 'quit',
  exit: 'quit',
  leave: 'quit',
  part: 'quit',
  bye: 'quit',
  close: 'quit',
};

/** Reads a typed line. */
export function parseCommand(line: string): Command {
  if (line.trim() === '') return { kind: 'nothing' };
  if (!line.startsWith('/')) {
    const meant = commandNamed(/^\s+\/([^\s/]+)/u.exec(line)?.[1] ?? '');
    // What was to be private must not be said to all for a space.
    return meant === undefined ? { kind: 'say', text: line } : { kind: 'spaced', name: meant };
  }
  // A space in front makes of what somebody does what he says: everybody reads it so, whatever shows it.
  if (/^\/\/me(?:\s|$)/u.test(line)) return { kind: 'say', text: ` ${line.slice(1)}` };
  if (line.startsWith('//')) return { kind: 'say', text: line.slice(1) };
  const [word = ''] = line.slice(1).split(/\s/u);
  const name = commandNamed(word);
  if (name === undefined) return { kind: 'unknown', word, meant: meantBy(word) };
  const after = line.slice(1 + word.length).trim();
  switch (name) {
    case 'help':
      return helpWith(after);
    case 'history': {
      const range = rangeOf(after);
      return range === undefined ? { kind: 'misused', name } : { kind: name, range };
    }
    case 'msg': {
      const [, named = '', text = ''] = /^(\S+)(?:\s+(\S[^]*))?$/u.exec(after) ?? [];
      // Whoever is used to addressing people in the room puts a colon behind the name.
      const to = named.replace(/:$/u, '');
      return text === '' ? { kind: 'talk', to: to === '' ? null : to } : { kind: name, to, text };
    }
    case 'room':
      return after === '' ? { kind: 'talk', to: null } : { kind: 'misused', name };
    case 'bell':
    case 'quiet': {
      const state = after.toLowerCase();
      if (state !== '' && state !== 'on' && state !== 'off') return { kind: 'misused', name };
      return { kind: name, on: state === '' ? null : state === 'on' };
    }
    case 'theme': {
      const theme = themes.find((one) => one === after.toLowerCase());
      return after === '' || theme !== undefined ? { kind: name, theme: theme ?? null } : { kind: 'misused', name };
    }
    case 'me':
      return after === '' ? { kind: 'misused', name } : { kind: 'say', text: `/me ${after}` };
    case 'topic':
    case 'away':
      return { kind: name, text: after };
    case 'search':
    case 'r':
      return after === '' ? { kind: 'misused', name } : { kind: name, text: after };
    case 'add':
      return /^\S+$/u.test(after) ? { kind: name, address: after } : { kind: 'misused', name };
    case 'kick':
    case 'ban':
    case 'unban':
    case 'op':
    case 'deop':
    case 'ignore':
    case 'unignore':
      return /^\S+$/u.test(after) ? { kind: name, name: after.replace(/^@/u, '') } : { kind: 'misused', name };
    case 'nick':
    case 'whois':
    case 'verify':
    case 'accept':
      // No name has a space.
      return after === '' || /\s/u.test(after) ? { kind: 'misused', name } : { kind: name, name: after };
    case 'export':
      return exportWith(after);
    default:
      return after === '' ? { kind: name } : { kind: 'misused', name };
  }
}

function exportWith(after: string): Command {
  const file = after.replace(/^--signed(?:\s+|$)/u, '');
  const signed = file !== after;
  if (file === '') return { kind: 'export', file: null, signed };
  // What else it is to be, only the ending can tell; and no file of another kind is ever made.
  const fits = signed ? /[^/\\]\.jsonl$/iu : /[^/\\]\.(?:txt|jsonl)$/iu;
  return fits.test(file) && !file.startsWith('--')
    ? { kind: 'export', file, signed }
    : { kind: 'misused', name: 'export' };
}

function helpWith(after: string): Command {
  if (after === '') return { kind: 'help', about: null };
  const [topic = '', ...more] = after.split(/\s+/u);
  const word = topic.replace(/^\//u, '');
  const about = commandNamed(word);
  if (about === undefined) return { kind: 'unknown', word, meant: meantBy(word) };
  return more.length > 0 ? { kind: 'misused', name: 'help' } : { kind: 'help', about };
}

const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `''`, `50`, `10m`, `14:02`, `2026-11-20`; undefined for what is none of these. */
function rangeOf(text: string): Range | undefined {
  if (text === '') return { kind: 'latest', count: latest };
  if (/^\d{1,9}$/u.test(text)) return Number(text) > 0 ? { kind: 'latest', count: Number(text) } : undefined;
  const ago = /^(\d{1,5})([smhd])$/iu.exec(text);
  if (ago !== null) {
    return { kind: 'ago', ms: Number(ago[1]) * unitMs[(ago[2] as string).toLowerCase() as keyof typeof unitMs] };
  }
  const time = /^(\d{1,2}):(\d{2})$/u.exec(text);
  if (time !== null) {
    const [hour, minute] = [Number(time[1]), Number(time[2])];
    return hour < 24 && minute < 60 ? { kind: 'time', hour, minute } : undefined;
  }
  const date = /^(\d{4})-(\d{2})-(\d{2})$/u.exec(text);
  if (date === null) return undefined;
  const [year, month, day] = [Number(date[1]), Number(date[2]), Number(date[3])];
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? { kind: 'day', year, month, day } : undefined;
}

function commandNamed(word: string): CommandName | undefined {
  return commandNames.find((name) => name === word.toLowerCase());
}

/** The command that a mistyped word was meant to be, if it is near enough to one. */
function meantBy(typed: string): CommandName | undefined {
  const word = typed.toLowerCase();
  if (word === '') return undefined;
  if (Object.hasOwn(synonyms, word)) return synonyms[word];
  return commandNames.find((name) => name.startsWith(word)) ?? nearest(word, commandNames);
}

/** What is wrong with a line that is a command only by its looks, and what to type instead. */
export function commandFault(command: Extract<Command, { kind: 'unknown' | 'spaced' | 'misused' }>): string {
  if (command.kind === 'spaced')
    return `there is a space in front of /${command.name}: type it without, or // to say it`;
  if (command.kind === 'misused') {
    const { instead }: Entry = table[command.name];
    return instead ?? `type /${command.name} with nothing after it`;
  }
  const { meant } = command;
  const word = command.word.length > 20 ? `${command.word.slice(0, 20)}…` : command.word;
  const advice = meant === undefined ? '/help lists the commands' : `did you mean /${meant}?`;
  return `there is no command /${word}; ${advice} (// at the start says a slash)`;
}

/** What the commands are for. */
const groups: Readonly<Record<string, readonly CommandName[]>> = {
  'to one person': ['msg', 'r', 'room'],
  'about you': ['me', 'nick', 'away', 'back'],
  'who is here': ['who', 'seen', 'whois', 'verify', 'accept'],
  'what was said': ['history', 'search', 'export'],
  'the room': ['topic', 'status', 'invite', 'peers', 'add', 'handover'],
  'keeping order': ['ignore', 'unignore', 'kick', 'ban', 'unban', 'op', 'deop', 'rekey'],
  'this screen': ['bell', 'quiet', 'theme', 'clear'],
  'and else': ['help', 'quit'],
};
/** So wide is their list, columns: with a mark in front it fits on most terminals. */
const listColumns = 76;

/** What /help answers, line by line. */
export function helpLines(about: CommandName | null): string[] {
  const usage = (name: CommandName) => `/${name} ${table[name].takes}`.trimEnd();
  if (about !== null) return [`${usage(about)}  ${table[about].does}`];
  const width = Math.max(...Object.keys(groups).map((heading) => heading.length));
  const rows = Object.entries(groups).flatMap(([heading, names]) => {
    const lines = [heading.padEnd(width)];
    for (const name of names) {
      const line = `${lines.at(-1) as string}  ${usage(name)}`;
      if (line.length > listColumns) lines.push(`${' '.repeat(width)}  ${usage(name)}`);
      else lines[lines.length - 1] = line;
    }
    return lines;
  });
  return [
    ...rows,
    '/help and a command says what that one does. All else that you type is said',
    'to the room; // at the start says a slash.',
  ];
}

/** Commands behind which stands whom they are about. */
const personal = /^\/(?:msg|whois|verify|accept|kick|ban|unban|op|deop|ignore|unignore)\s+$/iu;

/** What Tab may put in place of the last word: commands after a slash, names elsewhere. Sorted, each once. */
export function completions(before: string, names: readonly string[]): string[] {
  // Not by an expression that ends with $: it would be tried at each character of a long paste, to its end.
  const word = before.split(/\s/u).at(-1) ?? '';
  const head = before.slice(0, before.length - word.length);
  const at = word.startsWith('@') ? '@' : '';
  let found: string[];
  if (head === '' && word.startsWith('/')) found = commandNames.map((name) => `/${name} `);
  else if (/^\/help\s+$/iu.test(head)) found = [...commandNames];
  else if (/^\/theme\s+$/iu.test(head)) found = [...themes];
  else if (/^\/(?:bell|quiet)\s+$/iu.test(head)) found = ['on', 'off'];
  // Whoever is used to it puts an @ there; these commands take the name.
  else if (personal.test(head))
    return fitting(
      word.slice(at.length),
      names.map((name) => `${name} `),
    );
  else if (word === '') return [];
  else found = names.map((name) => (head === '' && at === '' ? `${name}: ` : `${at}${name} `));
  return fitting(word, found);
}

function fitting(word: string, found: readonly string[]): string[] {
  const key = word.toLowerCase();
  return [...new Set(found)].filter((one) => one.toLowerCase().startsWith(key)).toSorted();
}

/** The path that is being typed behind /export; undefined where none is. It may have spaces. */
export function pathIn(before: string): string | undefined {
  return /^\/export\s+(?:--signed\s+)?(?!--)([^]*)$/iu.exec(before)?.[1];
}
