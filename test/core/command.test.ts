import { describe, expect, it } from 'vitest';
import { commandFault, commandNames, completions, helpLines, parseCommand } from '../../src/core/command.ts';

describe('a typed line', () => {
  it.each([
    ['hello', { kind: 'say', text: 'hello' }],
    ['  indented', { kind: 'say', text: '  indented' }],
    [' /who', { kind: 'say', text: ' /who' }],
    ['a /who', { kind: 'say', text: 'a /who' }],
    ['//x', { kind: 'say', text: '/x' }],
    ['//', { kind: 'say', text: '/' }],
    ['///x', { kind: 'say', text: '//x' }],
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
    ['/help quit who', { kind: 'excess', name: 'help' }],
    ['/help me', { kind: 'unknown', word: 'me', meant: undefined }],
    ['/help sttus', { kind: 'unknown', word: 'sttus', meant: 'status' }],
    ['/quit now', { kind: 'excess', name: 'quit' }],
    ['/', { kind: 'unknown', word: '', meant: undefined }],
    ['/ who', { kind: 'unknown', word: '', meant: undefined }],
    ['/msg bob secret', { kind: 'unknown', word: 'msg', meant: undefined }],
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
    ['x', undefined],
    ['send', undefined],
    ['x'.repeat(10_000), undefined],
  ])('/%s is taken for /%s', (word, meant) => {
    expect(parseCommand(`/${word}`)).toMatchObject({ kind: 'unknown', meant });
  });
});

describe('what is wrong with it', () => {
  it.each([
    ['/qiut', 'there is no command /qiut; did you mean /quit? (// at the start says a slash)'],
    ['/foo', 'there is no command /foo; /help lists the commands (// at the start says a slash)'],
    [
      `/${'x'.repeat(99)}`,
      `there is no command /${'x'.repeat(20)}…; /help lists the commands (// at the start says a slash)`,
    ],
    ['/who is there', 'type /who with nothing after it'],
    ['/help a b', 'there is no command /a; /help lists the commands (// at the start says a slash)'],
    ['/help who is', 'type /help, or /help and one command'],
  ])('%s', (line, fault) => {
    const command = parseCommand(line);
    if (command.kind !== 'unknown' && command.kind !== 'excess') throw new Error(`${line} is a command`);
    expect(commandFault(command)).toBe(fault);
  });
});

describe('help', () => {
  it('names every command, and how to say a slash', () => {
    const lines = helpLines(null);
    for (const name of commandNames) expect(lines.filter((line) => line.startsWith(`/${name} `))).toHaveLength(1);
    expect(lines.at(-1)).toContain('//');
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
    ['hi ', []],
    ['', []],
    ['x', []],
    ['/s', ['/status ']],
    ['/', ['/help ', '/quit ', '/status ', '/who ']],
    ['hi /s', []],
    ['/help s', ['status']],
    ['/help ', ['help', 'quit', 'status', 'who']],
  ])('%j', (before, found) => expect(completions(before, names)).toEqual(found));
});
