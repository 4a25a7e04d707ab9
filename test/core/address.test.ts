import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultPort, formatAddress, isDialable, isLoopback, parseAddress } from '../../src/core/address.ts';
import { limits } from '../../src/core/limits.ts';
import { anything } from './arbitrary.ts';

describe('parseAddress', () => {
  it.each([
    ['10.0.0.5:6001', '10.0.0.5', 6001],
    ['10.0.0.5', '10.0.0.5', defaultPort],
    ['bob.lan:1', 'bob.lan', 1],
    ['bob', 'bob', defaultPort],
    ['bob-2_x.local:65535', 'bob-2_x.local', 65_535],
    ['[::1]:6001', '::1', 6001],
    ['[::1]', '::1', defaultPort],
    ['[fe80::1%eth0.2]:6001', 'fe80::1%eth0.2', 6001],
    ['[::ffff:10.0.0.5]:80', '::ffff:10.0.0.5', 80],
    ['0.0.0.0:0', '0.0.0.0', 0],
  ])('reads %s', (text, host, port) => {
    expect(parseAddress(text)).toEqual({ host, port });
  });

  it.each([
    ['nothing', ''],
    ['a port alone', ':6000'],
    ['a colon behind', 'bob:'],
    ['a port above 65535', 'bob:65536'],
    ['a port of six digits', 'bob:000080'],
    ['a negative port', 'bob:-1'],
    ['a port with letters', 'bob:80x'],
    ['two ports', 'bob:80:81'],
    ['IPv6 without brackets', '::1'],
    ['IPv6 without brackets, with a port', 'fe80::1:6000'],
    ['an open bracket', '[::1:6000'],
    ['a closed bracket', '::1]:6000'],
    ['empty brackets', '[]:6000'],
    ['a name in brackets', '[bob.lan]:6000'],
    ['something behind the brackets', '[::1]6000'],
    ['a zone without a name', '[fe80::1%]:6000'],
    ['a space', 'bob lan:6000'],
    ['a space in front', ' bob:6000'],
    ['a line end', 'bob:6000\n'],
    ['a comma', 'bob,ann:6000'],
    ['a URL', 'http://bob:6000'],
    ['a path', 'bob:6000/x'],
    ['a host without end', `${'a'.repeat(301)}:1`],
  ])('refuses %s', (_, text) => {
    expect(parseAddress(text)).toBeUndefined();
  });

  it('gives a host alone the port that is asked for', () => {
    expect(parseAddress('bob', 7)).toEqual({ host: 'bob', port: 7 });
    expect(parseAddress('[::1]', 7)).toEqual({ host: '::1', port: 7 });
    expect(parseAddress('bob:8', 7)).toEqual({ host: 'bob', port: 8 });
  });

  it('reads what formatAddress writes', () => {
    const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain());
    fc.assert(
      fc.property(host, fc.nat(65_535), (drawn, port) => {
        expect(parseAddress(formatAddress({ host: drawn, port }))).toEqual({ host: drawn, port });
      }),
      { numRuns: 200 },
    );
  });

  it('takes any text without an exception', () => {
    fc.assert(
      fc.property(anything(80), (text) => {
        const address = parseAddress(text);
        if (address !== undefined) expect(parseAddress(formatAddress(address))).toEqual(address);
      }),
      { numRuns: 500 },
    );
  });
});

describe('isDialable', () => {
  it.each([
    ['10.0.0.5:6000', true],
    ['[::1]:6000', true],
    ['bob.lan:1', true],
    ['bob.lan', false],
    ['bob.lan:0', false],
    ['[::1]', false],
    ['', false],
    [`${'a'.repeat(limits.addressBytesMax - 2)}:1`, true],
    [`${'a'.repeat(limits.addressBytesMax - 1)}:1`, false],
  ])('%s: %s', (text, expected) => {
    expect(isDialable(text)).toBe(expected);
  });
});

describe('isLoopback', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['127.9.9.9', true],
    ['::1', true],
    ['::ffff:127.0.0.1', true],
    ['128.0.0.1', false],
    ['10.0.0.127', false],
    ['::', false],
    ['::ffff:10.0.0.1', false],
    ['bob.lan', false],
  ])('%s: %s', (host, expected) => {
    expect(isLoopback(host)).toBe(expected);
  });
});
