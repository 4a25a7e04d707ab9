/**
 * A member of a room: a person of its own, who proves who it is. What it says goes through the delivery of the core: so
 * it is numbered, hashed and signed as by a real member, and at the same cost. It keeps no log, only the seq of the last
 * entry, which grows by one with each; and believes whatever it hears.
 */
import type { Crypto } from '../../src/core/crypto.ts';
import { Delivery } from '../../src/core/delivery.ts';
import { concat } from '../../src/core/frame.ts';
import { idOf, prove, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { clientSays } from '../../src/core/message.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import type { Keyring } from '../../src/io/keyring.ts';
import { decimal, textBytes, type Codec, type Ear } from './codec.ts';
import { readFrames } from './frames.ts';

const space = 0x20;

/** Where the word begins that stands behind so many others. */
function wordAt(bytes: Buffer, at: number, others: number): number {
  let start = at;
  for (let word = 0; word < others; word++) start = bytes.indexOf(space, start) + 1;
  return start;
}

export function groupchatCodec(
  keyring: Keyring | undefined,
  crypto: Crypto = createCrypto(Identity.temporary()),
): Codec {
  const id = idOf(crypto, crypto.key, crypto.box);
  const idBytes = Buffer.from(id, 'latin1');
  const delivery = new Delivery(id, crypto);
  let channel = '';
  let room = '';
  let seq = 0;
  let entered = false;

  function auth(challenge: string): Uint8Array {
    const { key, box } = crypto;
    const proof = prove(crypto, { end: 'client', challenge, channel, id });
    const who = { version: limits.wireVersion, name: id, addresses: [], key, box, vouch: vouchFor(crypto, id), proof };
    return clientSays.auth(id, { ...who, room: null, lineage: [], first: 1, last: 0, coordinates: null });
  }

  /** Everything that waits to be said. */
  function waiting(): Uint8Array {
    return concat(delivery.take(Infinity, room, performance.now()));
  }

  function system(body: string, ear: Ear): void {
    const colon = body.indexOf(':');
    const word = colon === -1 ? body : body.slice(0, colon);
    const rest = body.slice(colon + 1);
    switch (word) {
      case 'ping':
        // Pings come as often as seals are due, or nearly.
        if (performance.now() >= delivery.sealAt) {
          delivery.seal(Date.now());
          ear.answer(waiting());
        }
        return ear.answer(clientSays.pong(id, seq));
      case 'connected':
        return;
      case 'challenge':
        return ear.answer(auth(rest));
      case 'welcome':
        ({ room } = JSON.parse(rest) as { room: string });
        return;
      case 'snapshot':
        ({ seq } = JSON.parse(rest) as { seq: number });
        return;
      case 'peers':
        seq++;
        return;
      case 'output':
        seq++;
        if (!entered && (JSON.parse(rest) as { joined?: { id: string } }).joined?.id === id) {
          entered = true;
          ear.ready();
        }
        return;
      default:
        throw new Error(body.slice(0, 200));
    }
  }

  function line(bytes: Buffer, at: number, body: number, end: number, ear: Ear): void {
    seq++;
    // An echo of one's own.
    if (!delivery.settled && bytes.compare(idBytes, 0, idBytes.length, at, at + idBytes.length) === 0) {
      delivery.passed(decimal(bytes, wordAt(bytes, body, 2), end));
    }
    // A seal has no text behind its last space.
    if (bytes[end - 1] !== space) ear.line(bytes, end - textBytes);
  }

  return {
    ...(keyring === undefined ? {} : { keyring }),
    opening(its) {
      channel = its;
      return '';
    },
    lines(text, times) {
      for (let time = 0; time < times; time++) delivery.say(text, Date.now());
      return waiting();
    },
    read: (bytes, ear) =>
      readFrames(
        bytes,
        (at, body, end) => line(bytes, at, body, end, ear),
        (_sender, body) => system(body, ear),
      ),
  };
}
