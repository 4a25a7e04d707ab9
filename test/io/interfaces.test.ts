import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import { chosenOf, isEverywhere, isHere, isOwn, reachable } from '../../src/io/interfaces.ts';

type Table = Record<string, NetworkInterfaceInfo[]>;

const info = (address: string, internal = false): NetworkInterfaceInfo => {
  const common = { address, netmask: '', mac: '', internal, cidr: null };
  return address.includes(':') ? { ...common, family: 'IPv6', scopeid: 0 } : { ...common, family: 'IPv4' };
};
const lo = [info('127.0.0.1', true), info('::1', true)];

const laptop: Table = {
  lo,
  docker0: [info('172.17.0.1')],
  'br-4c5d': [info('172.18.0.1'), info('fd00:18::1')],
  eth0: [info('10.0.0.5'), info('fe80::5'), info('2001:db8::5')],
  wlan0: [info('192.168.1.5'), info('fe80::6')],
};

describe('reachable', () => {
  it.each<readonly [string, string, Table, readonly string[]]>([
    [
      'all of IPv4, bridges of containers last',
      '0.0.0.0',
      laptop,
      ['10.0.0.5:7', '192.168.1.5:7', '172.17.0.1:7', '172.18.0.1:7'],
    ],
    [
      'all of both, IPv4 first, nothing link-local',
      '::',
      laptop,
      ['10.0.0.5:7', '192.168.1.5:7', '[2001:db8::5]:7', '172.17.0.1:7', '172.18.0.1:7', '[fd00:18::1]:7'],
    ],
    ['itself, on a machine without a network', '0.0.0.0', { lo }, ['127.0.0.1:7']],
    ['itself by both, on a machine without a network', '::', { lo }, ['127.0.0.1:7', '[::1]:7']],
    [
      'itself, when there is only a link-local address',
      '::',
      { lo, eth0: [info('fe80::5')] },
      ['127.0.0.1:7', '[::1]:7'],
    ],
    ['no loopback beside a bridge', '0.0.0.0', { lo, veth1: [info('172.17.0.1')] }, ['172.17.0.1:7']],
    ['nothing, on a machine without any interface', '::', {}, []],
    ['IPv6 alone', '::', { lo, eth0: [info('2001:db8::5')] }, ['[2001:db8::5]:7']],
    ['nothing of IPv6 for who listens on IPv4', '0.0.0.0', { lo, eth0: [info('2001:db8::5')] }, ['127.0.0.1:7']],
    ['the one address that is listened on', '10.0.0.5', laptop, ['10.0.0.5:7']],
    ['the one IPv6 address that is listened on', '::1', laptop, ['[::1]:7']],
    ['the loopback for who listens there', '127.0.0.1', laptop, ['127.0.0.1:7']],
  ])('is %s', (_, host, table, expected) => {
    expect(reachable({ host, port: 7 }, table)).toEqual(expected);
  });

  it.each(['docker0', 'br-1', 'veth12', 'virbr0', 'cni0', 'flannel.1', 'lxcbr0', 'vmnet8', 'vboxnet0'])(
    'puts %s last',
    (name) => {
      const table = { [name]: [info('172.17.0.1')], eth0: [info('10.0.0.5'), info('2001:db8::5')] };
      expect(reachable({ host: '::', port: 7 }, table).at(-1)).toBe('172.17.0.1:7');
    },
  );

  it('is eight addresses at most, the likeliest', () => {
    const table = {
      docker0: [info('172.17.0.1')],
      eth0: Array.from({ length: 9 }, (_, at) => info(`10.0.0.${at}`)),
    };
    expect(reachable({ host: '::', port: 7 }, table)).toEqual(Array.from({ length: 8 }, (_, at) => `10.0.0.${at}:7`));
  });

  it('is what this machine has, without a table', () => {
    expect(reachable({ host: '0.0.0.0', port: 7 }).every((address) => /^\d+\.\d+\.\d+\.\d+:7$/.test(address))).toBe(
      true,
    );
  });
});

describe('isEverywhere', () => {
  it.each([
    ['0.0.0.0', true],
    ['::', true],
    ['127.0.0.1', false],
    ['::1', false],
    ['0.0.0.1', false],
  ])('%s: %s', (host, expected) => {
    expect(isEverywhere(host)).toBe(expected);
  });
});

describe('isOwn', () => {
  it.each([
    ['127.0.0.1:7', '0.0.0.0', true],
    ['127.0.0.1:7', '::', true],
    ['[::1]:7', '::', true],
    ['localhost:7', '::', true],
    ['localhost:7', '0.0.0.0', true],
    ['10.0.0.5:7', '0.0.0.0', true],
    ['172.17.0.1:7', '::', true],
    ['0.0.0.0:7', '10.0.0.5', true],
    ['[::]:7', '::', true],
    ['10.0.0.5:7', '10.0.0.5', true],
    ['127.0.0.1:7', '127.0.0.1', true],
    ['localhost:7', '127.0.0.1', true],
    ['10.0.0.5:8', '0.0.0.0', false],
    ['localhost:8', '::', false],
    ['10.0.0.6:7', '0.0.0.0', false],
    ['10.0.0.6:7', '10.0.0.5', false],
    ['127.0.0.1:7', '10.0.0.5', false],
    ['192.168.1.5:7', '10.0.0.5', false],
    ['10.0.0.5:7', '127.0.0.1', false],
    ['10.0.0.5', '10.0.0.5', false],
    ['no address', '::', false],
    ['', '::', false],
  ])('dialling "%s" when listening on %s: %s', async (text, host, expected) => {
    expect(await isOwn(text, { host, port: 7 }, laptop)).toBe(expected);
  });

  it('takes a host alone for the default port', async () => {
    expect(await isOwn('127.0.0.1', { host: '::', port: 6000 }, laptop)).toBe(true);
  });
});

it('an address of an interface is here, and so is loopback', () => {
  for (const host of ['127.0.0.1', '::1', '192.168.1.5', '172.18.0.1', '2001:db8::5'])
    expect(isHere(host, laptop)).toBe(true);
  for (const host of ['192.168.1.6', '', 'laptop']) expect(isHere(host, laptop)).toBe(false);
});

describe('chosenOf', () => {
  it('is all, or those of a name or an address', () => {
    expect(chosenOf([], laptop)).toBe(laptop);
    expect(reachable({ host: '0.0.0.0', port: 7 }, chosenOf(['wlan0'], laptop))).toEqual(['192.168.1.5:7']);
    expect(reachable({ host: '::', port: 7 }, chosenOf(['10.0.0.5', 'lo'], laptop))).toEqual(['10.0.0.5:7']);
  });

  it('refuses what is not there, and says what is', () => {
    expect(() => chosenOf(['eth0', 'eth7'], laptop)).toThrow(/no interface eth7 here.*lo \(127\.0\.0\.1\).*wlan0 \(/u);
  });
});
