/**
 * The sockets of beacons (src/core/beacon.ts): datagrams to all of a network, and from them.
 *
 * Every interface sends from a socket of its own, by multicast and by broadcast: which of the two a network carries
 * nobody tells, and some radios drop the one, some switches the other. One socket hears them all; several peers of one
 * machine share its port. What comes from outside of the chosen networks is passed over, since Linux hands a socket the
 * groups that others have joined. IPv4 only: a machine of a LAN that has no IPv4 joins by address.
 *
 * Nothing here is fatal. Interfaces come and go, and each cause is told once.
 */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';

/** Of the block for one site (RFC 2365); the rest is `GC`. It leaves no network: its time to live is 1. */
const group = '239.255.71.67';
/** The default of `--discovery-port`. */
export const defaultBeaconPort = 9090;
/** So often it is seen whether there are other interfaces, ms. */
const rescanMs = 5000;

/** An IPv4 address of this machine, and the network that it is in. */
export interface Network {
  readonly name: string;
  readonly host: string;
  readonly netmask: string;
}

export interface Hearing {
  /** A datagram, and the address that it came from. */
  heard(bytes: Uint8Array, host: string): void;
  /** What does not work, in words of one line; each once. */
  failed(message: string): void;
}

/** The networks of this machine. @param chosen names and addresses of interfaces; none: all */
export function networksOf(chosen: readonly string[] = [], interfaces = networkInterfaces()): Network[] {
  const found: Network[] = [];
  for (const [name, infos] of Object.entries(interfaces)) {
    for (const { address, netmask, family } of infos ?? []) {
      if (family !== 'IPv4') continue;
      if (chosen.length === 0 || chosen.includes(name) || chosen.includes(address))
        found.push({ name, host: address, netmask });
    }
  }
  return found;
}

/** An interface that carries no multicast, as a rule: a tunnel. */
export function isTunnel(name: string): boolean {
  return /^(tun|tap|utun|wg|ppp|tailscale|zt|nordlynx|proton)/u.test(name);
}

function numberOf(host: string): number {
  return host.split('.').reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);
}

/** Where all of a network are spoken to; undefined where there is no such thing. */
export function broadcastOf({ host, netmask }: Network): string | undefined {
  const mask = numberOf(netmask);
  if (mask >= 0xfffffffe) return undefined;
  const all = (numberOf(host) | ~mask) >>> 0;
  return [24, 16, 8, 0].map((shift) => (all >>> shift) & 0xff).join('.');
}

/** Whether an address is in the network. In one that has only one address there may be anybody. */
export function isIn(host: string, { host: own, netmask }: Network): boolean {
  const mask = numberOf(netmask);
  if (mask === 0xffffffff) return true;
  return isIPv4(host) && ((numberOf(host) ^ numberOf(own)) & mask) === 0;
}

export class Beacons {
  readonly #port: number;
  readonly #chosen: readonly string[];
  readonly #hearing: Hearing;
  readonly #told = new Set<string>();
  #ear: Socket | undefined;
  /** What speaks to each network. */
  readonly #mouths = new Map<string, { readonly network: Network; readonly socket: Socket }>();
  #rescan: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param chosen names and addresses of interfaces; none: all */
  constructor(port: number, chosen: readonly string[], hearing: Hearing) {
    this.#port = port;
    this.#chosen = chosen;
    this.#hearing = hearing;
  }

  /** Resolves when datagrams can be sent and heard, or that has failed. */
  async open(): Promise<void> {
    await this.#listen();
    if (this.#closed) return;
    await this.#scan();
    if (this.#closed) return;
    this.#rescan = setInterval(() => void this.#scan(), rescanMs).unref();
  }

  get networks(): Network[] {
    return Array.from(this.#mouths.values(), ({ network }) => network);
  }

  /** Sends to all networks that `to` does not leave out what `datagram` makes for the address that it is sent from. */
  send(datagram: (host: string) => Uint8Array, to: (network: Network) => boolean = () => true): void {
    for (const { network, socket } of this.#mouths.values()) {
      if (!to(network)) continue;
      const bytes = datagram(network.host);
      const broadcast = broadcastOf(network);
      let failures = 0;
      const ways = broadcast === undefined ? [group] : [group, broadcast];
      for (const way of ways) {
        socket.send(bytes, this.#port, way, (error) => {
          // One of the two is enough.
          if (error !== null && ++failures === ways.length) this.#silent(network, error);
        });
      }
    }
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#rescan);
    this.#ear?.close();
    for (const { socket } of this.#mouths.values()) socket.close();
    this.#mouths.clear();
    this.#ear = undefined;
  }

  #listen(): Promise<void> {
    return new Promise((resolve) => {
      const ear = createSocket({ type: 'udp4', reuseAddr: true });
      ear.on('message', (bytes, { address }) => {
        const near = [...this.#mouths.values()].some(({ network }) => isIn(address, network));
        if (near && !this.#closed) this.#hearing.heard(bytes, address);
      });
      ear.on('error', (error: NodeJS.ErrnoException) => {
        this.#deaf(error);
        resolve();
      });
      ear.bind(this.#port, '0.0.0.0', () => {
        if (this.#closed) ear.close();
        else this.#ear = ear;
        resolve();
      });
    });
  }

  /** Speaks to the networks that there are now, and to those no more that are gone. */
  async #scan(): Promise<void> {
    const networks = new Map(networksOf(this.#chosen).map((network) => [network.host, network]));
    for (const [host, { socket }] of this.#mouths) {
      if (networks.has(host)) continue;
      this.#mouths.delete(host);
      socket.close();
    }
    const fresh = [...networks.values()].filter(({ host }) => !this.#mouths.has(host));
    await Promise.all(fresh.map((network) => this.#enter(network)));
  }

  #enter(network: Network): Promise<void> {
    const { host } = network;
    return new Promise((resolve) => {
      const socket = createSocket({ type: 'udp4', reuseAddr: true });
      const failed = (error: unknown): void => {
        this.#silent(network, error as Error);
        if (this.#mouths.get(host)?.socket === socket) this.#mouths.delete(host);
        socket.removeAllListeners('error').on('error', () => {});
        try {
          socket.close();
        } catch {
          // It was never open.
        }
        resolve();
      };
      socket.on('error', failed);
      socket.bind(0, host, () => {
        if (this.#closed) {
          socket.close();
          return resolve();
        }
        try {
          socket.setBroadcast(true);
          socket.setMulticastTTL(1);
          socket.setMulticastLoopback(true);
          socket.setMulticastInterface(host);
        } catch (error) {
          return failed(error);
        }
        this.#join(host);
        this.#mouths.set(host, { network, socket });
        resolve();
      });
    });
  }

  #join(host: string): void {
    try {
      this.#ear?.addMembership(group, host);
    } catch {
      // It is in already, or this one carries broadcast only: then that is heard.
    }
  }

  /** Nobody on this network hears us. */
  #silent({ name }: Network, error: NodeJS.ErrnoException): void {
    if (isTunnel(name)) return this.#tell(name, `${name} carries no beacons: ${byAddress}`);
    this.#tell(name, `nobody on ${name} can be told of this room (${error.code ?? error.message}): ${byAddress}`);
  }

  #deaf({ code, message }: NodeJS.ErrnoException): void {
    const why = code === 'EADDRINUSE' ? 'is taken by another program' : `cannot be listened on (${code ?? message})`;
    this.#tell(
      'ear',
      `UDP port ${this.#port} ${why}, so rooms on this network are not found: choose one for all of you with --discovery-port, or --join by address`,
    );
  }

  #tell(cause: string, message: string): void {
    if (this.#closed || this.#told.has(cause)) return;
    this.#told.add(cause);
    this.#hearing.failed(message);
  }
}

/** What to do where nobody is found. */
export const byAddress = '--join or /add the address of a member';
