/**
 * Which addresses reach this machine. `0.0.0.0` and `::` reach nobody: who listens there offers the addresses of its
 * interfaces, likeliest first.
 */
import { lookup } from 'node:dns/promises';
import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';
import { formatAddress, isLoopback, parseAddress, type Address } from '../core/address.ts';
import { ChatError } from '../core/errors.ts';
import { limits } from '../core/limits.ts';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

/** Bridges of containers and virtual machines: their addresses are the same on many machines, and reach none. */
const virtual = /^(docker|br-|veth|virbr|cni|flannel|lxc|vmnet|vboxnet)/;

/** True for an address that stands for all interfaces. */
export function isEverywhere(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/**
 * The interfaces that were chosen, by name or address; all when none was.
 * @throws ChatError `usage` for one that is not there
 */
export function chosenOf(chosen: readonly string[] = [], interfaces: Interfaces = networkInterfaces()): Interfaces {
  if (chosen.length === 0) return interfaces;
  const found: Interfaces = {};
  const missing = new Set(chosen);
  for (const [name, infos = []] of Object.entries(interfaces)) {
    const fitting = infos.filter(({ address }) => chosen.includes(name) || chosen.includes(address));
    if (fitting.length > 0) found[name] = fitting;
    for (const { address } of fitting) missing.delete(address);
    if (fitting.length > 0) missing.delete(name);
  }
  const [first] = missing;
  if (first === undefined) return found;
  throw new ChatError('usage', `there is no interface ${first} here: --interface takes one of ${listed(interfaces)}`);
}

function listed(interfaces: Interfaces): string {
  const names = Object.entries(interfaces).map(([name, infos = []]) => {
    const [first] = infos;
    return first === undefined ? name : `${name} (${first.address})`;
  });
  return names.join(', ') || 'none';
}

/** The addresses that others can dial when we listen at `listen`. */
export function reachable(listen: Address, interfaces: Interfaces = networkInterfaces()): string[] {
  if (!isEverywhere(listen.host)) return [formatAddress(listen)];
  const found: { host: string; rank: number }[] = [];
  for (const [name, infos] of Object.entries(interfaces)) {
    for (const { address, family, internal } of infos ?? []) {
      const ipv6 = family === 'IPv6';
      // Link-local addresses mean something only together with an interface of the dialler's.
      if (ipv6 && (listen.host === '0.0.0.0' || address.startsWith('fe80:'))) continue;
      const rank = (internal ? 4 : 0) + (virtual.test(name) ? 2 : 0) + (ipv6 ? 1 : 0);
      found.push({ host: address, rank });
    }
  }
  const outside = found.filter(({ host }) => !isLoopback(host));
  // A machine without a network still has itself.
  return (outside.length > 0 ? outside : found)
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, limits.addressesMax)
    .map(({ host }) => formatAddress({ host, port: listen.port }));
}

/** True for an address of this machine itself. */
export function isHere(host: string, interfaces: Interfaces = networkInterfaces()): boolean {
  return isLoopback(host) || Object.values(interfaces).some((infos) => infos?.some(({ address }) => address === host));
}

/** True when dialling `text` would reach our own server at `listen`. */
export async function isOwn(
  text: string,
  listen: Address,
  interfaces: Interfaces = networkInterfaces(),
): Promise<boolean> {
  const address = parseAddress(text);
  if (address === undefined || address.port !== listen.port) return false;
  const mine = new Set(Object.values(interfaces).flatMap((infos) => (infos ?? []).map((info) => info.address)));
  const hosts = await lookup(address.host, { all: true }).catch(() => []);
  return hosts.some(({ address: host }) => {
    if (isEverywhere(host)) return true;
    if (host === listen.host) return true;
    return isEverywhere(listen.host) && (isLoopback(host) || mine.has(host));
  });
}
