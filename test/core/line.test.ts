import { describe, expect, it } from 'vitest';
import { ChatError } from '../../src/core/errors.ts';
import { limits } from '../../src/core/limits.ts';
import { actionIn, lineFault } from '../../src/core/line.ts';

describe('lineFault', () => {
  it.each([
    ['a word', 'hello'],
    ['spaces around it', '  hello  '],
    ['a tab', 'a\tb'],
    ['several lines', 'a\n\n  b'],
    ['a slash', '/help'],
    ['a family', '👨‍👩‍👧‍👦'],
    ['a script from right to left', 'שלום'],
    ['16 KiB', 'x'.repeat(limits.lineBytesMax)],
    ['16 KiB in characters of two bytes', 'é'.repeat(limits.lineBytesMax / 2)],
  ])('takes %s', (_, text) => {
    expect(lineFault(text)).toBeUndefined();
  });

  it.each([
    ['nothing', '', 'line-empty'],
    ['spaces alone', '  \t ', 'line-empty'],
    ['wide spaces alone', '\u3000\u00a0', 'line-empty'],
    ['a byte above 16 KiB', 'x'.repeat(limits.lineBytesMax + 1), 'line-long'],
    ['a byte above 16 KiB in characters of two', `${'é'.repeat(limits.lineBytesMax / 2)}x`, 'line-long'],
    ['line ends alone', '\n\n', 'line-empty'],
    ['a carriage return', 'a\rb', 'line-control'],
    ['an escape', '\u001b[2J', 'line-control'],
    ['a zero byte', 'a\0', 'line-control'],
    ['a delete', 'a\u007f', 'line-control'],
    ['a control of the upper half', 'a\u009b2J', 'line-control'],
    ['a line separator', 'a\u2028b', 'line-control'],
    ['a paragraph separator', 'a\u2029b', 'line-control'],
    ['a right-to-left override', 'a\u202eb', 'line-control'],
    ['an embedding', 'a\u202ab', 'line-control'],
    ['an isolate', 'a\u2067b', 'line-control'],
    ['a direction mark', 'a\u200eb', 'line-control'],
    ['an Arabic letter mark', 'a\u061cb', 'line-control'],
    ['half a character', 'a\ud83d', 'line-control'],
  ])('refuses %s', (_, text, code) => {
    const fault = lineFault(text);
    expect(fault).toBeInstanceOf(ChatError);
    expect(fault?.code).toBe(code);
  });

  it('says how long a line is that is too long', () => {
    expect(lineFault('é'.repeat(10_000))?.message).toContain('at most 16384 bytes, this one has 20000');
  });
});

describe('actionIn', () => {
  it.each([
    ['/me waves', 'waves'],
    ['/me 2 cents', '2 cents'],
    ['/me żyje', 'żyje'],
    ['/me waves\tand goes', 'waves\tand goes'],
  ])('%j: %j', (text, action) => expect(actionIn(text)).toBe(action));

  // Behind a name these could be taken for a private message, for what somebody says, or for nothing.
  it.each([
    'waves',
    '/me',
    '/me ',
    '/mercy',
    ' /me waves',
    '//me waves',
    'I /me waves',
    '/ME waves',
    '/me → you  hello',
    '/me : hello',
    '/me  waves',
    "/me 's gone",
    '/me * bob left',
  ])('%j does nothing', (text) => expect(actionIn(text)).toBe(undefined));
});
