/**
 * Beacons: how peers of one network find each other without an address.
 *
 * A beacon is one datagram that says: somebody listens at this port, in a room of this kind; or: somebody looks for one.
 * It names nobody and no room. What it says of the room is blinded: `mark` is alike for all who are in one part of a
 * room, and new whenever somebody comes there or another coordinates; `proof` shows, to those who have the room's key
 * and to nobody else, that the sender has it too, and is at the address that the datagram comes from.
 *
 * It is a hint and nothing more. Whoever is found is met by the ordinary handshake, so a forger can make us knock at a
 * door, and no more than that. What could grow has a bound, and strangers cannot use up what is kept for those who have
 * shown the key of our room. What is wrong is told once for each cause.
 */
import { limits } from './limits.ts';

/** `gcBN`, and the number of this layout. Whatever comes behind, a later layout begins so. */
const magic = [0x67, 0x63, 0x42, 0x4e];
const layout = 1;

export const kinds = ['open', 'private', 'plain'] as const;
export type RoomKind = (typeof kinds)[number];
const doings = ['here', 'seeks'] as const;

/** Where things stand, in bytes. */
const at = {
  layout: 4,
  wire: 5,
  kind: 6,
  does: 7,
  port: 8,
  next: 10,
  token: 12,
  mark: 20,
  proof: 28,
  end: 44,
} as const;
/** `proof` is over all before it. */
export const provenBytes = at.proof;
export const proofBytes = at.end - at.proof;
export const markBytes = at.proof - at.mark;
export const tokenBytes = at.mark - at.token;
/** The unit of `next`, ms. */
const tickMs = 100;

export interface Beacon {
  /** What its room is, or the one that it looks for. */
  readonly kind: RoomKind;
  /** `here`: it is in a room, and listens. `seeks`: it looks for one, and would like to hear who is there. */
  readonly does: (typeof doings)[number];
  /** Where it listens; 0 where nobody can dial it. */
  readonly port: number;
  /** The next one comes in so many ms at most. */
  readonly nextMs: number;
  /** Of one start of one process, 16 hexadecimal digits. */
  readonly token: string;
  /** Of one part of a room, 16 hexadecimal digits; zeros where there is none. */
  readonly mark: string;
}

/** Writes a beacon; the last `proofBytes` are zero, and the sender's to fill. */
export function encodeBeacon({ kind, does, port, nextMs, token, mark }: Beacon): Uint8Array {
  const bytes = new Uint8Array(at.end);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  bytes[at.layout] = layout;
  bytes[at.wire] = limits.wireVersion;
  bytes[at.kind] = kinds.indexOf(kind);
  bytes[at.does] = doings.indexOf(does);
  view.setUint16(at.port, port);
  view.setUint16(at.next, Math.min(0xffff, Math.ceil(nextMs / tickMs)));
  view.setBigUint64(at.token, BigInt(`0x${token}`));
  view.setBigUint64(at.mark, BigInt(`0x${mark}`));
  return bytes;
}

/** Reads one; `junk` for what is none, `version` for one of another groupchat. */
export function decodeBeacon(bytes: Uint8Array): Beacon | 'junk' | 'version' {
  if (bytes.length > limits.beaconBytesMax || !magic.every((byte, index) => bytes[index] === byte)) return 'junk';
  if (bytes.length <= at.wire) return 'junk';
  if (bytes[at.layout] !== layout || bytes[at.wire] !== limits.wireVersion) return 'version';
  if (bytes.length !== at.end) return 'junk';
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const [kind, does] = [kinds[bytes[at.kind] as number], doings[bytes[at.does] as number]];
  const [port, next] = [view.getUint16(at.port), view.getUint16(at.next)];
  if (kind === undefined || does === undefined || (does === 'here' && (port === 0 || next === 0))) return 'junk';
  const hex = (from: number): string => view.getBigUint64(from).toString(16).padStart(16, '0');
  return { kind, does, port, nextMs: next * tickMs, token: hex(at.token), mark: hex(at.mark) };
}

/** How often one of so many members sends, ms: in a large room each the more rarely. */
export function beaconEvery(members: number): number {
  return Math.min(limits.beaconMsMax, limits.beaconMs * Math.max(1, members / limits.beaconCrowd));
}

/** Within this time after a question one of so many members answers, ms. */
export function answerWithin(members: number): number {
  return Math.min(limits.answerMsMax, limits.answerMs + 2 * members);
}

/** Somebody on the network who is in a room. `own`: which of the rooms that are known here, if it has shown its key. */
export interface Sighting {
  readonly token: string;
  readonly kind: RoomKind;
  readonly mark: string;
  readonly host: string;
  readonly port: number;
  readonly own: string | undefined;
  /** When it was heard last, and when it is gone unless it is heard again (ms). */
  readonly at: number;
  readonly until: number;
}

/** Those of the network who are in one part of a room. */
export interface Crowd {
  readonly kind: RoomKind;
  readonly mark: string;
  readonly own: string | undefined;
  /** Who was heard first stands first. */
  readonly sightings: readonly Sighting[];
}

/** What is wrong on the network: told once for each. */
export type AirFault = 'junk' | 'version' | 'flood' | 'forged';

export type Heard =
  | { readonly kind: 'here'; readonly sighting: Sighting }
  | { readonly kind: 'seeks'; readonly beacon: Beacon; readonly own: string | undefined }
  | { readonly kind: 'fault'; readonly fault: AirFault };

/** Which room that is known here a beacon is of; `forged` for one that says so, and cannot know. */
export type Recognise = (bytes: Uint8Array, host: string) => string | undefined;

interface Bucket {
  tokens: number;
  at: number;
}

/** Who was seen. It is owned by one peer, and changed in place. */
export class Sightings {
  /** By token. */
  readonly #seen = new Map<string, Sighting>();
  readonly #hosts = new Map<string, Bucket>();
  /** Addresses from which the key of a room that is known here was shown. */
  readonly #known = new Set<string>();
  readonly #all: Bucket = { tokens: limits.beaconsBurst, at: 0 };
  readonly #told = new Set<AirFault>();
  readonly #token: string;

  /** @param token one's own: what has it is passed over */
  constructor(token: string) {
    this.#token = token;
  }

  /** A datagram has come from an address, at `now` (ms). @returns what is to be done about it, if anything is */
  hear(bytes: Uint8Array, host: string, now: number, recognise: Recognise): Heard | undefined {
    if (!this.#affords(host, now)) return this.#fault('flood');
    const beacon = decodeBeacon(bytes);
    if (beacon === 'junk' || beacon === 'version') return this.#fault(beacon);
    const { token, kind, mark, port, nextMs, does } = beacon;
    if (token === this.#token) return undefined;
    const own = recognise(bytes, host);
    if (does === 'seeks') return { kind: 'seeks', beacon, own };
    const before = this.#seen.get(token);
    // What was heard of one that has shown no key is nothing against one that does.
    const proven = own !== undefined && before?.own === undefined;
    const elsewhere = before !== undefined && now < before.until && before.host !== host && !proven;
    // Whoever has shown the key is not put somewhere else by one who has not. From the same place it may be one whose
    // room has just got another key.
    if (before?.own !== undefined && own !== before.own && now < before.until)
      return elsewhere ? this.#fault('forged') : undefined;
    if (own !== undefined) this.#trust(host);
    const lasts = Math.min(nextMs, limits.beaconMsMax) * limits.beaconsMissed;
    const sighting = { token, kind, mark, host, port, own, at: now, until: now + lasts };
    // Heard by several interfaces: the first one counts for as long as it lasts.
    if (elsewhere) return { kind: 'here', sighting };
    if (before === undefined && this.#seen.size >= limits.sightingsMax && !this.#makeRoom(now, own !== undefined))
      return this.#fault('flood');
    this.#seen.set(token, sighting);
    return { kind: 'here', sighting };
  }

  /** Who is on the network now, room by room: those that are known here first, then by who was heard first. */
  crowds(now: number): Crowd[] {
    const found = new Map<string, Sighting[]>();
    for (const [token, sighting] of this.#seen) {
      if (now >= sighting.until) {
        this.#seen.delete(token);
        continue;
      }
      // The parts of a room that is known here are one room.
      const place = sighting.own ?? `${sighting.kind} ${sighting.mark}`;
      const others = found.get(place);
      if (others === undefined) found.set(place, [sighting]);
      else others.push(sighting);
    }
    const crowds = Array.from(found.values(), (sightings) => {
      const [{ kind, mark, own }] = sightings as [Sighting];
      return { kind, mark, own, sightings };
    });
    return crowds.toSorted((a, b) => Number(b.own !== undefined) - Number(a.own !== undefined));
  }

  /** Begins anew: what was known here is called otherwise from now on. */
  forget(): void {
    this.#seen.clear();
  }

  /** Takes what one datagram costs from its address, and from all strangers together. */
  #affords(host: string, now: number): boolean {
    let bucket = this.#hosts.get(host);
    if (bucket === undefined) {
      bucket = { tokens: limits.hostBeaconsBurst, at: now };
      this.#hosts.set(host, bucket);
      if (this.#hosts.size > limits.beaconHostsMax) this.#hosts.delete(this.#hosts.keys().next().value as string);
    }
    if (!spend(bucket, now, limits.hostBeaconsPerS, limits.hostBeaconsBurst)) return false;
    return this.#known.has(host) || spend(this.#all, now, limits.beaconsPerS, limits.beaconsBurst);
  }

  #trust(host: string): void {
    this.#known.delete(host);
    this.#known.add(host);
    if (this.#known.size > limits.sightingsMax) this.#known.delete(this.#known.values().next().value as string);
  }

  /** One of a known room takes the place of a stranger; a stranger takes that of one who is gone. */
  #makeRoom(now: number, own: boolean): boolean {
    for (const [token, sighting] of this.#seen) {
      if (now < sighting.until && !(own && sighting.own === undefined)) continue;
      this.#seen.delete(token);
      return true;
    }
    return false;
  }

  #fault(fault: AirFault): Heard | undefined {
    if (this.#told.has(fault)) return undefined;
    this.#told.add(fault);
    return { kind: 'fault', fault };
  }
}

function spend(bucket: Bucket, now: number, perS: number, burst: number): boolean {
  bucket.tokens = Math.min(burst, bucket.tokens + (Math.max(0, now - bucket.at) * perS) / 1000);
  bucket.at = Math.max(bucket.at, now);
  if (bucket.tokens < 1) return false;
  bucket.tokens--;
  return true;
}
