/**
 * Peers on machines of their own: network namespaces on one switch, which only the superuser of a Linux can make. What
 * finding each other is to do is shown on the loopback (discovery.test.ts), anywhere; here that real networks do it too.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Actor, dist } from './stage.ts';

function ip(...words: readonly string[]): boolean {
  return spawnSync('ip', words.join(' ').split(' '), { encoding: 'utf8' }).status === 0;
}

/** Why no machines can be made here; '' when they can. */
function hindrance(): string {
  if (process.platform !== 'linux') return 'needs Linux';
  if (process.getuid?.() !== 0) return 'needs the superuser';
  const name = `gc-try-${process.pid}`;
  if (!ip(`netns add ${name}`)) return 'needs ip netns';
  const able = ip(`-n ${name} link add gc-br type bridge`);
  ip(`netns del ${name}`);
  return able ? '' : 'needs bridges';
}

/** Machines on one switch, all of which the end of the test takes away. */
class Switch {
  static #count = 0;
  readonly #name = `gc-${process.pid}-${Switch.#count++}`;
  readonly #multicast: boolean;
  #machines = 0;

  constructor({ multicast = true } = {}) {
    this.#multicast = multicast;
    this.#make(this.#name);
    this.#must(`-n ${this.#name} link add br0 type bridge mcast_snooping 0`);
    this.#must(`-n ${this.#name} link set br0 up`);
  }

  /** A machine with this address. */
  machine(address: string): Machine {
    const port = `port${this.#machines}`;
    const name = `${this.#name}-${this.#machines++}`;
    this.#make(name);
    this.#must(`-n ${name} link set lo up`);
    this.#must(`-n ${this.#name} link add ${port} type veth peer name eth0 netns ${name}`);
    this.#must(`-n ${this.#name} link set ${port} master br0 up`);
    if (!this.#multicast) this.#must(`-n ${this.#name} link set ${port} type bridge_slave mcast_flood off`);
    this.#must(`-n ${name} link set eth0 up`);
    const machine = new Machine(name);
    machine.moves(address);
    return machine;
  }

  #make(name: string): void {
    this.#must(`netns add ${name}`);
    onTestFinished(() => void ip(`netns del ${name}`));
  }

  #must(words: string): void {
    expect(ip(words), `ip ${words}`).toBe(true);
  }
}

class Machine {
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  /** It has this address, and no other, from now on. */
  moves(address: string): void {
    ip(`-n ${this.#name} addr flush dev eth0`);
    expect(ip(`-n ${this.#name} addr add ${address}/24 broadcast + dev eth0`)).toBe(true);
  }

  /** It has a tunnel of that name, too. */
  digs(tunnel: string, address: string): void {
    expect(ip(`-n ${this.#name} link add ${tunnel} type veth peer name far0`)).toBe(true);
    expect(ip(`-n ${this.#name} addr add ${address}/32 dev ${tunnel}`)).toBe(true);
    expect(ip(`-n ${this.#name} link set ${tunnel} up`)).toBe(true);
    expect(ip(`-n ${this.#name} link set far0 up`)).toBe(true);
  }

  /** Somebody sits down there and types `groupchat`. */
  groupchat(name: string, ...more: readonly string[]): Actor {
    const args = ['netns', 'exec', this.#name, process.execPath, `${dist}/cli.js`, '--name', name, ...more];
    return new Actor(name, args, {}, 'ip');
  }
}

const why = hindrance();

describe.skipIf(why !== '')(`machines${why === '' ? '' : ` (${why})`}`, () => {
  it('find each other with a name and nothing else', async () => {
    const lan = new Switch();
    const alice = lan.machine('10.77.0.1').groupchat('alice');
    await alice.shows(/^\* you started the room$/u);
    const bob = lan.machine('10.77.0.2').groupchat('bob');
    await bob.shows(/^\* you are in the room with alice; alice coordinates$/u);
    bob.type('found you');
    await alice.shows(/^bob: found you$/u);
    bob.type('/peers');
    await bob.shows(/^\* {3}10\.77\.0\.1:6000 {2}\(alice, member\) {2}reachable$/u);
  });

  it('find each other where no multicast is carried', async () => {
    const lan = new Switch({ multicast: false });
    const alice = lan.machine('10.77.0.1').groupchat('alice');
    await alice.shows(/^\* you started the room$/u);
    const bob = lan.machine('10.77.0.2').groupchat('bob');
    await bob.shows(/^\* you are in the room with alice/u);
  });

  it('are told what to do where nobody can be found: in a tunnel', async () => {
    const machine = new Switch().machine('10.77.0.1');
    machine.digs('wg0', '10.8.0.1');
    const alice = machine.groupchat('alice');
    await alice.shows(/^\* you started the room$/u);
    await alice.complains(/nobody can be found through wg0: there, give --join or \/add the address of a member$/u);
  });

  it('use the interface that is chosen, and tell others of no other', async () => {
    const lan = new Switch();
    const machine = lan.machine('10.77.0.1');
    machine.digs('wg0', '10.8.0.1');
    const alice = machine.groupchat('alice', '--interface', 'eth0');
    await alice.shows(/^\* you started the room$/u);
    alice.type('/status');
    await alice.shows(/^\* join by {8}10\.77\.0\.1:6000$/u);
    const bob = lan.machine('10.77.0.2').groupchat('bob', '--interface', '127.0.0.1');
    await bob.shows(/^\* you started the room$/u);
  });

  it('find each other again when one gets another address', async () => {
    const lan = new Switch();
    const home = lan.machine('10.77.0.1');
    const alice = home.groupchat('alice');
    await alice.shows(/^\* you started the room$/u);
    const bob = lan.machine('10.77.0.2').groupchat('bob');
    await bob.shows(/^\* you are in the room with alice/u);
    home.moves('10.77.0.99');
    // Neither can be reached where the other knows it to be: each goes on alone, and then hears of the other.
    await bob.shows(/^\* alice is gone \(not answering\); you coordinate/u);
    bob.type('where are you?');
    await alice.shows(/^bob.*: where are you\?$/u);
    alice.type('over here');
    await bob.shows(/^alice.*: over here$/u);
  });
});
