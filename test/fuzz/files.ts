/**
 * What a person keeps in files, as it may be found: keys, whom one knows, keys of rooms; and what the world's own
 * cryptography is given. Files cost a hundred times as much as bytes, so there are few of them.
 */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ChatError } from '../../src/core/errors.ts';
import { parseKey } from '../../src/core/invite.ts';
import { limits } from '../../src/core/limits.ts';
import { createCrypto } from '../../src/io/crypto.ts';
import { Identity } from '../../src/io/identity.ts';
import { readKeyFile } from '../../src/io/keyfile.ts';
import { Known } from '../../src/io/pins.ts';
import { loadRoomKey } from '../../src/io/roomkey.ts';
import { bytesOf, mutate } from './mutate.ts';
import { must, same, type Target } from './target.ts';

const key = '3mTYe6NB9JYXzPz2Ht2gKhTKYuZb1xEqJmV5n0aWc8E';
const pem = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC
-----END PRIVATE KEY-----
`;
const pin = (name: string, met: number): unknown => ({ name, key, since: 1, met });
const known = JSON.stringify({
  version: 1,
  pins: [pin('bob', 5), pin('Ünï', 9), { ...(pin('cat', 1) as object), accepted: true }],
});

let folder: string | undefined;
function place(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(join(tmpdir(), 'groupchat-fuzz-'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  return (folder = made);
}

/** Puts the bytes into a file of the folder, and nothing else there. */
function put(name: string, bytes: Uint8Array): string {
  for (const old of readdirSync(place())) rmSync(join(place(), old), { recursive: true });
  const path = join(place(), name);
  writeFileSync(path, bytes, { mode: 0o600 });
  return path;
}

/** What it gives, or undefined where the person is told what is wrong; anything else is a fault. */
async function orTold<Value>(run: () => Value | Promise<Value>): Promise<Value | undefined> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ChatError)) throw error;
    must(!/\p{Cc}/u.test(error.message), 'what is told is a line');
    must(!error.message.includes(key), 'what is told repeats no key');
    return undefined;
  }
}

function file(name: string, real: readonly string[], check: (bytes: Uint8Array) => Promise<void>): Target {
  const valid = real.map(bytesOf);
  return {
    name,
    share: 1,
    make: (random) => mutate(random, random.pick(valid), random.pick(valid)),
    check,
  };
}

const crypto = createCrypto(Identity.temporary());
const other = createCrypto(Identity.temporary());

export const files: readonly Target[] = [
  file('pins', [known], async (bytes) => {
    put('known.json', bytes);
    const warnings: string[] = [];
    const { pins } = await Known.load(place(), (message) => warnings.push(message));
    const entries = pins.entries();
    must(entries.length <= limits.pinsMax, 'there are not too many pins');
    for (const { name, key: whose } of entries)
      must(pins.meet(name, whose, 10).kind === 'known', 'whoever is pinned is known');
  }),
  file('identity', [pem], async (bytes) => {
    put('key', bytes);
    const identity = await orTold(() => Identity.load(place()));
    if (identity === undefined) return;
    const text = bytesOf('text');
    must(crypto.verify(identity.key, text, identity.sign(text)), 'whoever signs is who it is');
  }),
  file('room key', [`${key}\n`], async (bytes) => {
    put('roomkey', bytes);
    const found = await orTold(() => loadRoomKey(place()));
    if (found !== undefined) same(`${found}\n`, Buffer.from(bytes).toString('latin1'), 'a key is what stands there');
  }),
  file('key file', [`${key}\n`, `gc://10.0.0.5:6000/#${key}`], async (bytes) => {
    const path = put('secret', bytes);
    const text = await orTold(() => readKeyFile(path));
    if (text !== undefined) parseKey(text);
  }),
  {
    name: 'crypto',
    share: 7,
    make: (random) => {
      const about = bytesOf('about');
      const valid = [other.key, other.box, other.sign(about), other.seal(crypto.box, bytesOf('secret'), about)].map(
        bytesOf,
      );
      return mutate(random, random.pick(valid), random.pick(valid));
    },
    check: (input) => {
      const text = Buffer.from(input).toString();
      const about = bytesOf('about');
      const signature = other.sign(about);
      must(crypto.verify(other.key, about, text) === (text === signature), 'one signature fits, in one spelling');
      must(crypto.verify(text, about, signature) === (text === other.key), 'one key fits, in one spelling');
      const opened = crypto.open(other.box, text, about);
      must(opened === undefined || Buffer.from(opened).toString() === 'secret', 'only what was sealed is opened');
      crypto.open(text, other.seal(crypto.box, about, about), about);
      const sealed = crypto.seal(text, about, about);
      must(
        sealed === '' || other.open(crypto.box, sealed, about) !== undefined || text !== other.box,
        'what is sealed is opened',
      );
    },
  },
];
