/**
 * The lookout: what a peer says of itself on the network, and whom it hears there. It brings beacons to the core's rules
 * for them (beacon.ts, look.ts), which know neither sockets nor clocks, and has the timers.
 */
import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { formatAddress } from './core/address.ts';
import {
  answerWithin,
  beaconEvery,
  encodeBeacon,
  markBytes,
  Sightings,
  tokenBytes,
  type AirFault,
  type Beacon,
  type Crowd,
  type RoomKind,
} from './core/beacon.ts';
import { limits } from './core/limits.ts';
import { Look } from './core/look.ts';
import { Beacons, byAddress, defaultBeaconPort, isIn, isTunnel, type Network } from './io/beacon.ts';
import { isEverywhere } from './io/interfaces.ts';
import type { Tag } from './io/tag.ts';
import type { Discovery } from './options.ts';

/** A room that is on the network: where it can be entered, likeliest first. */
export interface FoundRoom {
  /** How many of its peers were heard. */
  readonly peers: number;
  readonly addresses: readonly string[];
}

/** What a peer says of itself. */
export interface Presence {
  readonly kind: RoomKind;
  /** Where its server listens. */
  readonly listens: { readonly host: string; readonly port: number };
  readonly members: number;
  readonly tag: Tag;
  /** What tells its part of the room from all others. */
  readonly part: readonly (string | number)[];
  /** It looks for its room. */
  readonly looking: boolean;
}

export interface LookoutEvents {
  /** What this peer says of itself; undefined when it is in no room. */
  presence(): Presence | undefined;
  /** Somebody of this room is there who is not in this part of it. */
  hint(address: string): void;
  /** A line for the person here. */
  tell(message: string): void;
}

/** Which rooms a peer would enter, and which it knows. */
export interface Search {
  /** What may be joined besides the rooms that are known; undefined: none. */
  readonly kind: RoomKind | undefined;
  /** The tags of rooms that are known here, by whatever they are called here. */
  readonly tags: ReadonlyMap<string, Tag>;
  /** A room is kept, which is gone on with if none is heard. */
  readonly kept: boolean;
}

const noMark = '0'.repeat(2 * markBytes);

const faults: Readonly<Record<AirFault, (host: string) => string>> = {
  junk: (host) => `what ${host} sends to the port of discovery is no beacon, and is passed over`,
  version: (host) => `${host} runs another version of groupchat: rooms there are not found, nor this one from there`,
  flood: (host) => `so many beacons come (${host} sends some) that some are passed over; the room is not touched by it`,
  forged: (host) => `${host} sends beacons in the place of a member, which are passed over`,
};

export class Lookout {
  readonly #events: LookoutEvents;
  readonly #beacons: Beacons;
  readonly #token = randomBytes(tokenBytes).toString('hex');
  readonly #sightings = new Sightings(this.#token);
  readonly #opened: Promise<void>;
  #search: Search = { kind: undefined, tags: new Map(), kept: false };
  #look: Look | undefined;
  #decided: ((crowds: readonly Crowd[]) => void) | undefined;
  #asking: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #announcing: NodeJS.Timeout | undefined;
  #answering: NodeJS.Timeout | undefined;
  #answeredAt = -Infinity;
  /** Beacons of one's own part of the room that were heard while an answer waited. */
  #answeredByOthers = 0;
  #closed = false;

  /** @param interfaces names and addresses of those that are used; none: all */
  constructor({ port = defaultBeaconPort }: Discovery, interfaces: readonly string[], events: LookoutEvents) {
    this.#events = events;
    this.#beacons = new Beacons(port, interfaces, {
      heard: (bytes, host) => this.#hear(bytes, host),
      failed: (message) => events.tell(message),
    });
    this.#opened = this.#beacons.open();
  }

  /** Looks for rooms. @returns those that may be entered; one that is known here stands alone */
  async look(search: Search): Promise<readonly Crowd[]> {
    this.#search = search;
    await this.#opened;
    if (this.#closed) return [];
    const look = new Look({ kind: search.kind, kept: search.kept, token: this.#token }, performance.now());
    this.#look = look;
    const found = new Promise<readonly Crowd[]>((resolve) => (this.#decided = resolve));
    this.#ask();
    this.#judge();
    return found;
  }

  /** It is looked for rooms, and none has been heard that could be entered. */
  get isQuiet(): boolean {
    if (this.#look === undefined) return false;
    return !this.#crowds().some(({ own, kind }) => own !== undefined || kind === this.#search.kind);
  }

  /** Ends the search, if it is not over: what it was for is known otherwise. */
  stop(): void {
    this.#decide([]);
  }

  /** From now on this peer says where it is, and hears of others of its room. */
  async announce(): Promise<void> {
    await this.#opened;
    this.#sightings.forget();
    this.#say();
  }

  /** Private rooms are there that this peer cannot enter. */
  get hasPrivate(): boolean {
    return this.#crowds().some(({ kind, own }) => kind === 'private' && own === undefined);
  }

  /** Where rooms are that anybody may enter, and this peer is in none of them. */
  get others(): string[] {
    const crowds = this.#crowds().filter(({ kind, own }) => kind !== 'private' && own === undefined);
    return crowds.flatMap(({ sightings }) => sightings.slice(0, 1).map(addressOf));
  }

  /** Tunnels, in which nobody can be found. */
  get tunnels(): string[] {
    return this.#beacons.networks.map(({ name }) => name).filter(isTunnel);
  }

  /** Where peers of this room were heard lately. */
  get heard(): string[] {
    return this.#crowds().flatMap(({ own, sightings }) => (own === undefined ? [] : sightings.map(addressOf)));
  }

  close(): void {
    this.#closed = true;
    this.#decide([]);
    clearTimeout(this.#announcing);
    clearTimeout(this.#answering);
    this.#beacons.close();
  }

  #crowds(): Crowd[] {
    return this.#sightings.crowds(performance.now());
  }

  // --- Looking ---

  #ask(): void {
    clearTimeout(this.#asking);
    const [tag] = this.#search.tags.values();
    const kind = this.#search.kind ?? 'private';
    this.#send({ kind, does: 'seeks', port: 0, nextMs: 0, mark: noMark }, tag);
    const wait = limits.askMs * (0.75 + Math.random() / 2);
    this.#asking = setTimeout(() => this.#ask(), wait);
  }

  #judge(): void {
    if (this.#look === undefined) return;
    clearTimeout(this.#deadline);
    const now = performance.now();
    const { rounds } = this.#look;
    const verdict = this.#look.verdict(this.#crowds(), now);
    if (verdict !== undefined) return this.#decide(verdict);
    if (this.#look.rounds > rounds) this.#ask();
    this.#deadline = setTimeout(() => this.#judge(), Math.max(1, Math.ceil(this.#look.due - now)));
  }

  #decide(crowds: readonly Crowd[]): void {
    clearTimeout(this.#asking);
    clearTimeout(this.#deadline);
    this.#look = undefined;
    this.#decided?.(crowds);
    this.#decided = undefined;
  }

  // --- Saying ---

  /** Says where this peer is, and when it will again. */
  #say(): void {
    if (this.#closed) return;
    clearTimeout(this.#announcing);
    const presence = this.#events.presence();
    const every = presence === undefined ? limits.beaconMs : beaconEvery(presence.members);
    if (presence !== undefined) this.#present(presence, every);
    const wait = every * (0.75 + Math.random() / 4);
    this.#announcing = setTimeout(() => this.#say(), wait).unref();
  }

  #present({ kind, tag, listens, part, looking }: Presence, nextMs: number): void {
    const { host, port } = listens;
    const to = isEverywhere(host) ? undefined : (network: Network) => isIn(host, network);
    const does = looking ? 'seeks' : 'here';
    this.#send({ kind, does, port, nextMs, mark: tag.mark(...part) }, tag, to);
  }

  #send(beacon: Omit<Beacon, 'token'>, tag: Tag | undefined, to?: (network: Network) => boolean): void {
    const bytes = encodeBeacon({ ...beacon, token: this.#token });
    this.#beacons.send((host) => tag?.prove(bytes, host) ?? bytes, to);
  }

  /** Somebody looks: one answer of each part of a room will do. */
  #answer(): void {
    const presence = this.#events.presence();
    if (presence === undefined || presence.looking || this.#answering !== undefined) return;
    if (performance.now() - this.#answeredAt < limits.answerEveryMs) return;
    this.#answeredByOthers = 0;
    this.#answering = setTimeout(
      () => {
        this.#answering = undefined;
        this.#answeredAt = performance.now();
        if (this.#answeredByOthers < 2) this.#say();
      },
      Math.random() * answerWithin(presence.members),
    ).unref();
  }

  // --- Hearing ---

  #hear(bytes: Uint8Array, host: string): void {
    if (this.#closed) return;
    let presence: Presence | undefined;
    // Not asked for whatever is passed over.
    const recognise = (): string | undefined => {
      presence = this.#events.presence();
      if (presence !== undefined) return presence.tag.knows(bytes, host) ? here : undefined;
      for (const [room, tag] of this.#search.tags) if (tag.knows(bytes, host)) return room;
      return undefined;
    };
    const now = performance.now();
    const heard = this.#sightings.hear(bytes, host, now, recognise);
    if (heard === undefined) return;
    if (heard.kind === 'fault') return this.#events.tell(faults[heard.fault](host));
    if (heard.kind === 'seeks') {
      this.#look?.seeks(heard.beacon, heard.own !== undefined, now);
      return this.#answer();
    }
    const { sighting } = heard;
    if (this.#look !== undefined) return this.#judge();
    if (presence === undefined || sighting.own !== here) return;
    if (sighting.mark === presence.tag.mark(...presence.part)) this.#answeredByOthers++;
    else this.#events.hint(addressOf(sighting));
  }
}

/** The room that this peer is in. */
const here = '';

function addressOf({ host, port }: { readonly host: string; readonly port: number }): string {
  return formatAddress({ host, port });
}

/** A crowd as it can be entered. */
export function foundRoom({ sightings }: Crowd): FoundRoom {
  return { peers: sightings.length, addresses: sightings.slice(0, limits.addressesMax).map(addressOf) };
}

/** Why nobody may have been found, when that is so. */
export function whyNobody(lookout: Lookout): string | undefined {
  const [other] = lookout.others;
  if (other !== undefined) return `another room is on this network: groupchat --join ${other} enters it`;
  if (lookout.hasPrivate)
    return 'a private room is on this network: if it is yours, ask a member for the invite that /invite shows there';
  const { tunnels } = lookout;
  if (tunnels.length === 0) return undefined;
  return `nobody can be found through ${tunnels.join(', ')}: there, give ${byAddress}`;
}
