/** Whence a process dials: the network 127/8 has an address for everybody, as if each were a machine of its own. */
import type { Socket } from 'node:net';

/** Elsewhere only 127.0.0.1 is there. */
export const hasOrigins = process.platform === 'linux';

/** The address of the one with this number, from 1 on. */
export function origin(number: number): string {
  return `127.0.0.${1 + number}`;
}

/** What Node must be told so that a process dials from there. */
export function dialsFrom(address: string): readonly string[] {
  return ['--import', `${import.meta.resolve('./dialling.js')}?from=${address}`];
}

export function originOf({ remoteAddress }: Socket): string | undefined {
  return remoteAddress;
}
