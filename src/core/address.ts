/**
 * An address is written `host:port`, with an IPv6 host in brackets: `10.0.0.5:6000`, `[::1]:6000`, `bob.lan:6000`.
 * It travels as that text; only the hands take it apart.
 */
import { limits } from './limits.ts';

/** The report's port. `host` alone means this one. */
export const defaultPort = 6000;

export interface Address {
  /** A host name, or an IP address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** What stands in brackets has a colon: without one it would be a name when it is written again. */
const shape =
  /^(?:\[(?<bracketed>(?=[^%\]]*:)[0-9a-fA-F:.]+(?:%[\w.-]+)?)\]|(?<host>[\p{L}\p{N}._-]+))(?::(?<port>\d{1,5}))?$/u;

/** Reads an address; undefined when the text is none. A host alone gets the port given. */
export function parseAddress(text: string, port: number = defaultPort): Address | undefined {
  if (text.length > 300) return undefined; // a host name has at most 253 characters
  const found = shape.exec(text)?.groups;
  if (found === undefined) return undefined;
  const number = found['port'] === undefined ? port : Number(found['port']);
  if (number > 65_535) return undefined;
  return { host: (found['bracketed'] ?? found['host']) as string, port: number };
}

/** Writes an address as it travels. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

const encoder = new TextEncoder();

/** True for text that may travel as the address of a member: whole, and with a port that can be dialled. */
export function isDialable(text: string): boolean {
  if (text.length > limits.addressBytesMax || encoder.encode(text).length > limits.addressBytesMax) return false;
  const address = parseAddress(text, 0);
  return address !== undefined && address.port > 0;
}

/** True for an address that only its own machine can reach. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('::ffff:127.');
}
