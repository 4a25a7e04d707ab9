import { describe, expect, it } from 'vitest';
import { commandFault, commandNames, completions, helpLines, parseCommand, pathIn } from '../../src/core/command.ts';

describe('a typed line', () => {
  it.each([
    ['hello', { kind: 'say', text: 'hello' }],
    ['  indented', { kind: 'say', text: '  indented' }],
    [' /who', { kind: 'spaced', name: 'who' }],
    ['\t /MSG bob hi', { kind: 'spaced', name: 'msg' }],
    [' /usr/bin', { kind: 'say', text: ' /usr/bin' }],
    [' //who', { kind: 'say', text: ' //who' }],
    ['a /who', { kind: 'say', text: 'a /who' }],
    ['//x', { kind: 'say', text: '/x' }],
    ['//', { kind: 'say', text: '/' }],
    ['///x', { kind: 'say', text: '//x' }],
    ['/me  waves', { kind: 'say', text: '/me waves' }],
    ['/me', { kind: 'misused', name: 'me' }],
    ['//me waves', { kind: 'say', text: ' /me waves' }],
    ['//me', { kind: 'say', text: ' /me' }],
    ['//mercy', { kind: 'say', text: '/mercy' }],
    ['/nick rob', { kind: 'nick', name: 'rob' }],
    ['/nick', { kind: 'misused', name: 'nick' }],
    ['/nick two words', { kind: 'misused', name: 'nick' }],
    ['/topic', { kind: 'topic', text: '' }],
    ['/topic the  garden ', { kind: 'topic', text: 'the  garden' }],
    ['/away', { kind: 'away', text: '' }],
    ['/away at lunch', { kind: 'away', text: 'at lunch' }],
    ['/back', { kind: 'back' }],
    ['/back soon', { kind: 'misused', name: 'back' }],
    ['/handover', { kind: 'handover' }],
    ['/handover bob', { kind: 'misused', name: 'handover' }],
    ['/afk', { kind: 'unknown', word: 'afk', meant: 'away' }],
    ['/name', { kind: 'unknown', word: 'name', meant: 'nick' }],
    ['/subject', { kind: 'unknown', word: 'subject', meant: 'topic' }],
    ['// comment', { kind: 'say', text: '/ comment' }],
    ['', { kind: 'nothing' }],
    [' \t', { kind: 'nothing' }],
    ['/who', { kind: 'who' }],
    ['/WHO ', { kind: 'who' }],
    ['/status', { kind: 'status' }],
    ['/quit', { kind: 'quit' }],
    ['/help', { kind: 'help', about: null }],
    ['/help quit', { kind: 'help', about: 'quit' }],
    ['/help  /Quit ', { kind: 'help', about: 'quit' }],
    ['/help quit who', { kind: 'misused', name: 'help' }],
    ['/help me', { kind: 'help', about: 'me' }],
    ['/help x', { kind: 'unknown', word: 'x', meant: undefined }],
    ['/help sttus', { kind: 'unknown', word: 'sttus', meant: 'status' }],
    ['/quit now', { kind: 'misused', name: 'quit' }],
    ['/seen', { kind: 'seen' }],
    ['/invite', { kind: 'invite' }],
    ['/invite bob', { kind: 'misused', name: 'invite' }],
    ['/seen by', { kind: 'misused', name: 'seen' }],
    ['/history', { kind: 'history', range: { kind: 'latest', count: 20 } }],
    ['/history 50 ', { kind: 'history', range: { kind: 'latest', count: 50 } }],
    ['/history 30s', { kind: 'history', range: { kind: 'ago', ms: 30_000 } }],
    ['/history 10m', { kind: 'history', range: { kind: 'ago', ms: 600_000 } }],
    ['/history 2H', { kind: 'history', range: { kind: 'ago', ms: 7_200_000 } }],
    ['/history 3d', { kind: 'history', range: { kind: 'ago', ms: 259_200_000 } }],
    ['/history 14:02', { kind: 'history', range: { kind: 'time', hour: 14, minute: 2 } }],
    ['/history 9:02', { kind: 'history', range: { kind: 'time', hour: 9, minute: 2 } }],
    ['/history 2026-11-20', { kind: 'history', range: { kind: 'day', year: 2026, month: 11, day: 20 } }],
    ...['0', '-1', '1.5', '24:00', '12:60', '12:5', '10w', 'm', '2026-13-01', '2026-11-00', '20 11', 'yesterday'].map(
      (wrong): [string, object] => [`/history ${wrong}`, { kind: 'misused', name: 'history' }],
    ),
    ['/search Two  words ', { kind: 'search', text: 'Two  words' }],
    ['/search /who', { kind: 'search', text: '/who' }],
    ['/search', { kind: 'misused', name: 'search' }],
    ['/search  ', { kind: 'misused', name: 'search' }],
    ['/whois bob', { kind: 'whois', name: 'bob' }],
    ['/VERIFY  bob ', { kind: 'verify', name: 'bob' }],
    ['/accept qx7_-AbC09', { kind: 'accept', name: 'qx7_-AbC09' }],
    ...['whois', 'whois a b', 'verify', 'accept ', 'accept bob please'].map((wrong): [string, object] => [
      `/${wrong}`,
      { kind: 'misused', name: wrong.split(' ')[0] },
    ]),
    ['/export', { kind: 'export', file: null, signed: false }],
    ['/export my notes.txt', { kind: 'export', file: 'my notes.txt', signed: false }],
    ['/export ~/room.JSONL', { kind: 'export', file: '~/room.JSONL', signed: false }],
    ['/export --signed', { kind: 'export', file: null, signed: true }],
    ['/export --signed  my room.jsonl', { kind: 'export', file: 'my room.jsonl', signed: true }],
    ['/export --signed room.txt', { kind: 'misused', name: 'export' }],
    ['/export --sign room.jsonl', { kind: 'misused', name: 'export' }],
    ['/export --signedroom.jsonl', { kind: 'misused', name: 'export' }],
    ['/export room', { kind: 'misused', name: 'export' }],
    ['/export room.sh', { kind: 'misused', name: 'export' }],
    ['/export logs/.txt', { kind: 'misused', name: 'export' }],
    ['/', { kind: 'unknown', word: '', meant: undefined }],
    ['/ who', { kind: 'unknown', word: '', meant: undefined }],
    ['/msg bob secret', { kind: 'msg', to: 'bob', text: 'secret' }],
    ['/MSG  bob:  two  words ', { kind: 'msg', to: 'bob', text: 'two  words' }],
    ['/msg bob:Qk2zWm9x hi', { kind: 'msg', to: 'bob:Qk2zWm9x', text: 'hi' }],
    ['/msg bob', { kind: 'talk', to: 'bob' }],
    ['/msg bob: ', { kind: 'talk', to: 'bob' }],
    ['/msg', { kind: 'talk', to: null }],
    ['/room', { kind: 'talk', to: null }],
    ['/room hello', { kind: 'misused', name: 'room' }],
    ['/msg bob one\ntwo', { kind: 'msg', to: 'bob', text: 'one\ntwo' }],
    ['/bell', { kind: 'bell', on: null }],
    ['/bell ON', { kind: 'bell', on: true }],
    ['/quiet off', { kind: 'quiet', on: false }],
    ['/quiet please', { kind: 'misused', name: 'quiet' }],
    ['/theme', { kind: 'theme', theme: null }],
    ['/theme Light', { kind: 'theme', theme: 'light' }],
    ['/theme pink', { kind: 'misused', name: 'theme' }],
    ['/clear', { kind: 'clear' }],
    ['/clear all', { kind: 'misused', name: 'clear' }],
    ['/r /who', { kind: 'r', text: '/who' }],
    ['/r', { kind: 'misused', name: 'r' }],
    ['/usr/bin/env', { kind: 'unknown', word: 'usr/bin/env', meant: undefined }],
    ['/__proto__', { kind: 'unknown', word: '__proto__', meant: undefined }],
    ['/constructor', { kind: 'unknown', word: 'constructor', meant: undefined }],
  ])('%j', (line, command) => expect(parseCommand(line)).toEqual(command));

  it.each([
    ['qiut', 'quit'],
    ['quti', 'quit'],
    ['q', 'quit'],
    ['exit', 'quit'],
    ['stats', 'status'],
    ['STATSU', 'status'],
    ['hlep', 'help'],
    ['?', 'help'],
    ['woh', 'who'],
    ['whoami', undefined],
    ['names', 'who'],
    ['tell', 'msg'],
    ['w', 'msg'],
    ['dm', 'msg'],
    ['mgs', 'msg'],
    ['reply', 'r'],
    ['x', undefined],
    ['send', 'seen'],
    ['sen', 'seen'],
    ['find', 'search'],
    ['log', 'history'],
    ['save', 'export'],
    ['key', 'invite'],
    ['fingerprint', 'whois'],
    ['whios', 'whois'],
    ['w', 'msg'],
    ['verfiy', 'verify'],
    ['verified', 'accept'],
    ['trust', 'accept'],
    ['acept', 'accept'],
    ['invit', 'invite'],
    ['upload', undefined],
    ['x'.repeat(10_000), undefined],
  ])('/%s is taken for /%s', (word, meant) => {
    expect(parseCommand(`/${word}`)).toMatchObject({ kind: 'unknown', meant });
  });
});

describe('what is wrong with it', () => {
  it.each([
    ['/qiut', 'there is no command /qiut; did you mean /quit? (// at the start says a slash)'],
    ['/foobar', 'there is no command /foobar; /help lists the commands (// at the start says a slash)'],
    [
      `/${'x'.repeat(99)}`,
      `there is no command /${'x'.repeat(20)}…; /help lists the commands (// at the start says a slash)`,
    ],
    ['/who is there', 'type /who with nothing after it'],
    ['/help x b', 'there is no command /x; /help lists the commands (// at the start says a slash)'],
    ['/help who is', 'type /help, or /help and one command'],
    ['/history x', 'type /history, or after it how many lines, or since when: 10m, 2h, 3d, 14:02 or 2026-11-20'],
    ['/search', 'type /search and what to look for'],
    ['/whois', 'type /whois and a name, or the id that another /whois has shown'],
    ['/verify', 'type /verify and a name, or the id that /whois shows'],
    ['/accept a b', 'type /accept and a name, or the id that /whois shows'],
    ['/export x.sh', 'type /export, or /export and a file that ends with .txt or .jsonl (--signed: .jsonl)'],
  ])('%s', (line, fault) => {
    const command = parseCommand(line);
    if (command.kind !== 'unknown' && command.kind !== 'misused') throw new Error(`${line} is a command`);
    expect(commandFault(command)).toBe(fault);
  });
});

describe('help', () => {
  it('names every command, and how to say a slash', () => {
    const lines = helpLines(null);
    const list = lines.slice(0, -2).join(' ');
    const named = Array.from(list.matchAll(/(?<= )\/([a-z]+)(?= |$)/gu), ([, name = '']) => name);
    expect(named.toSorted()).toEqual(commandNames.toSorted());
    expect(lines.at(-1)).toContain('//');
  });

  it('fits on a terminal of 24 rows and 80 columns, also where each line has a mark in front', () => {
    expect(helpLines(null).length).toBeLessThan(24);
    for (const line of helpLines(null)) expect(line.length).toBeLessThanOrEqual(78);
  });

  it('tells of one command only that', () => {
    expect(helpLines('quit')).toEqual(['/quit  leave the room; what you said is delivered first']);
  });
});

describe('Tab', () => {
  const names = ['alice', 'Alan', 'bob', 'alice'];
  it.each([
    ['al', ['Alan: ', 'alice: ']],
    ['ali', ['alice: ']],
    ['AL', ['Alan: ', 'alice: ']],
    ['hi ali', ['alice ']],
    ['/verify ali', ['alice ']],
    ['/w', ['/who ', '/whois ']],
    ['hi ', []],
    ['', []],
    ['x', []],
    ['/st', ['/status ']],
    ['/s', ['/search ', '/seen ', '/status ']],
    ['/msg ', ['Alan ', 'alice ', 'bob ']],
    ['/MSG b', ['bob ']],
    ['/msg bob a', ['Alan ', 'alice ']],
    ['/', commandNames.map((name) => `/${name} `).toSorted()],
    ['hi /s', []],
    ['/help st', ['status']],
    ['/help ', commandNames.toSorted()],
    ['@al', ['@Alan ', '@alice ']],
    ['thanks @b', ['@bob ']],
    ['@', ['@Alan ', '@alice ', '@bob ']],
    ['/kick ', ['Alan ', 'alice ', 'bob ']],
    ['/kick @b', ['bob ']],
    ['/theme l', ['light']],
    ['/bell ', ['off', 'on']],
    ['/Whois AL', ['Alan ', 'alice ']],
  ])('%j', (before, found) => expect(completions(before, names)).toEqual(found));
});

describe('the path behind /export', () => {
  it.each([
    ['/export ', ''],
    ['/export ro', 'ro'],
    ['/EXPORT --signed my no', 'my no'],
    ['/export --si', undefined],
    ['/export', undefined],
    ['export ro', undefined],
    ['/exports ro', undefined],
  ])('of %j is %j', (before, path) => expect(pathIn(before)).toBe(path));
});
