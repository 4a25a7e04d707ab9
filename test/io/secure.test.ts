/** Attacks on a link that is encrypted, over real sockets. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, createServer, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { formatAddress } from '../../src/core/address.ts';
import { serverSays } from '../../src/core/message.ts';
import { Keyring } from '../../src/io/keyring.ts';
import { Link } from '../../src/io/link.ts';
import { certificate } from './certificate.ts';
import { Host, opened, privately, refusal, roomKey } from './host.ts';
import { closeAll, later, listening, rest } from './net.ts';

afterEach(closeAll);

const otherKey =
  'has another key, or none: ask a member for the invite that /invite shows there, or leave the key out if that room is open';
const noStrangers =
  'does not take strangers: it may be a private room: ask a member for its invite, which /invite shows';
const unencrypted = 'speaks without encryption: it runs with --plain, or is an older groupchat';
const rogue = 'is not who it should be: ask a member for the address, which /invite shows';

/** A client of our own making, and the code with which it fails, or that it is in. */
async function intrude(host: Host, options: object): Promise<string> {
  const socket = connectTls({ ...host.address, checkServerIdentity: () => undefined, ...options });
  later(() => socket.destroy());
  return new Promise((resolve) => {
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.on('close', () => resolve('closed'));
    socket.on('data', (bytes) => resolve(`heard ${String(bytes)}`));
  });
}

describe('an encrypted link', () => {
  it.each([
    ['open', Keyring.open(), Keyring.open()],
    ['private', privately(1), privately(1)],
  ])('of an %s room carries bytes both ways, and only its two ends know its channel', async (_, mine, theirs) => {
    const host = await Host.start(mine);
    const near = await opened(host.at, theirs);
    const far = await host.link();
    near.socket.write('hello');
    expect(String((await once(far.socket, 'data'))[0])).toBe('hello');
    far.socket.write('hi');
    expect(String((await once(near.socket, 'data'))[0])).toBe('hi');
    expect(near.channel).toMatch(/^[\w-]{43}$/);
    expect(far.channel).toBe(near.channel);
    expect(far.former).toBe(false);
    const other = await opened(host.at, theirs);
    expect(other.channel).not.toBe(near.channel);
    expect((await host.link(1)).channel).toBe(other.channel);
  });

  it('shows nothing of what is said to whoever carries it', async () => {
    const host = await Host.start(privately(1));
    const { at, carried } = await proxied(host);
    const near = await opened(at, privately(1));
    const far = await host.link();
    near.socket.write('a line that is meant for members');
    await once(far.socket, 'data');
    const bytes = Buffer.concat(carried).toString('latin1');
    expect(bytes.length).toBeGreaterThan(200);
    expect(bytes).not.toContain('meant for');
  });

  it('is a link like any other: it says goodbye, and is told', async () => {
    const host = await Host.start(Keyring.open());
    const near = await opened(host.at, Keyring.open());
    const far = await host.link();
    const heard: string[] = [];
    let over = (): void => {};
    const closed = new Promise<void>((resolve) => {
      over = resolve;
    });
    const theirs = new Link(far.socket, {
      bytes: (bytes) => heard.push(String(bytes)),
      drained() {},
      closed: () => {
        heard.push('closed');
        over();
      },
    });
    const link = new Link(near.socket, { bytes() {}, drained() {}, closed() {} });
    expect([link.host, theirs.host]).toEqual(['127.0.0.1', '127.0.0.1']);
    link.write(new TextEncoder().encode('bye'));
    await link.close();
    await closed;
    expect(heard).toEqual(['bye', 'closed']);
  });

  it('ends when the other side is killed', async () => {
    const host = await Host.start(Keyring.open());
    const { at, cut } = await proxied(host);
    await opened(at, Keyring.open());
    const far = await host.link();
    const closed = rest(far.socket);
    cut();
    expect(await closed).toBe('');
  });
});

describe('a server lets nobody in', () => {
  it.each([
    ['with another key', privately(1), privately(2), otherKey, ['key 1']],
    ['from the street, where the room is private', privately(1), Keyring.open(), noStrangers, ['open 1']],
    ['with a key, where there is none', Keyring.open(), privately(1), otherKey, ['key 1']],
  ])('%s', async (_, mine, theirs, message, turned) => {
    const host = await Host.start(mine);
    expect(await refusal(host.at, theirs)).toBe(message);
    expect(await host.turnedAway()).toEqual(turned);
    expect(host.accepted).toEqual([]);
  });

  it('who encrypts, where nobody does: it is greeted, and its bytes are not taken for words', async () => {
    const host = await Host.start(Keyring.plain());
    const refused = refusal(host.at, Keyring.open());
    const { socket, channel } = await host.link();
    const heard: string[] = [];
    const link = new Link(socket, {
      bytes: (bytes) => heard.push(`bytes ${bytes.length}`),
      drained() {},
      closed: () => heard.push('closed'),
    });
    link.write(serverSays.connected());
    expect(channel).toBe('');
    expect(await refused).toBe(unencrypted);
    expect(await host.turnedAway()).toEqual(['tls 1']);
    if (!socket.closed) await once(socket, 'close');
    expect(heard).toEqual(['closed']);
  });

  it('without a key, whatever it would accept as a certificate', async () => {
    const host = await Host.start(privately(1));
    for (const options of [{}, { rejectUnauthorized: false }, { rejectUnauthorized: false, ...certificate }]) {
      expect(await intrude(host, options)).toMatch(/HANDSHAKE_FAILURE/);
    }
    expect(host.accepted).toEqual([]);
    expect(host.turned).toEqual([]);
  });

  it('with a tag that was seen on the way, and not the key', async () => {
    const host = await Host.start(privately(1));
    const { identity } = privately(1).present();
    const psk = privately(2).present().psk;
    const ciphers = 'TLS_AES_128_GCM_SHA256';
    expect(await intrude(host, { ciphers, pskCallback: () => ({ identity, psk }) })).toMatch(/ILLEGAL|DECRYPT/);
    expect(host.accepted).toEqual([]);
  });

  it.each(['TLSv1.2'])('that speaks %s', async (maxVersion) => {
    const host = await Host.start(privately(1));
    const ciphers = 'PSK-AES128-GCM-SHA256:ECDHE-PSK-CHACHA20-POLY1305:@SECLEVEL=0';
    const pskCallback = (): object => privately(1).present();
    expect(await intrude(host, { maxVersion, ciphers, pskCallback })).not.toMatch(/heard/);
    expect(host.accepted).toEqual([]);
  });

  it('who repeats what a member has sent', async () => {
    const host = await Host.start(privately(1));
    const { at, carried } = await proxied(host);
    const near = await opened(at, privately(1));
    const far = await host.link();
    near.socket.write('let me in');
    await once(far.socket, 'data');
    const replayed = await host.knock();
    const answered = rest(replayed);
    for (const bytes of carried) replayed.write(bytes);
    // It answers as it must, and then what comes does not fit its own part.
    expect((await answered).charCodeAt(0)).toBe(0x16);
    expect(host.accepted).toHaveLength(1);
  });
});

describe('a key that was replaced', () => {
  it('opens links that are marked so, until it is retired', async () => {
    const keyring = privately(1);
    const host = await Host.start(keyring);
    keyring.replace(roomKey(2));
    await opened(host.at, privately(1));
    await opened(host.at, privately(2));
    expect([(await host.link(0)).former, (await host.link(1)).former]).toEqual([true, false]);
    keyring.retire();
    expect(await refusal(host.at, privately(1))).toBe(otherKey);
    await opened(host.at, privately(2));
    expect((await host.link(2)).former).toBe(false);
    expect(host.accepted).toHaveLength(3);
  });

  it('does not live on in a session that is resumed', async () => {
    const keyring = privately(1);
    const host = await Host.start(keyring);
    const { socket } = await opened(host.at, privately(1));
    const [session] = (await once(socket, 'session')) as [Buffer];
    keyring.replace(roomKey(2));
    keyring.retire();
    const ciphers = 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256';
    expect(await intrude(host, { ciphers, session })).toMatch(/HANDSHAKE_FAILURE/);
    const pskCallback = (): object => privately(1).present();
    expect(await intrude(host, { ciphers, session, pskCallback })).toMatch(/HANDSHAKE_FAILURE/);
    expect(host.accepted).toHaveLength(1);
  });

  it('does not get in who began before it was retired and finishes after', async () => {
    const keyring = privately(1);
    const host = await Host.start(keyring);
    const { at, hold } = await proxied(host);
    const answers = hold();
    const dialled = opened(at, privately(1));
    const release = await answers;
    keyring.replace(roomKey(2));
    keyring.retire();
    release();
    // The client finishes first: it believes for a moment that it is in.
    expect(await rest((await dialled).socket)).toBe('');
    expect(host.turned).toEqual(['key 1']);
    expect(host.accepted).toEqual([]);
  });
});

describe('a client trusts no server', () => {
  async function rogueServer(options: object): Promise<{ at: string; got: string[] }> {
    const got: string[] = [];
    const server = createServer({ ...certificate, ...options }, (socket: TLSSocket) => {
      later(() => socket.destroy());
      socket.on('error', () => {});
      socket.on('data', (bytes) => got.push(String(bytes)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    later(() => server.close());
    return { at: formatAddress({ host: '127.0.0.1', port: (server.address() as { port: number }).port }), got };
  }

  it.each([
    ['a certificate of its own', {}],
    ['a certificate, and a key that it has made up', { pskCallback: () => privately(9).present().psk }],
    ['a certificate, and no TLS 1.3', { maxVersion: 'TLSv1.2' }],
  ])('with %s', async (_, options) => {
    const { at, got } = await rogueServer(options);
    const message = await refusal(at, privately(1));
    expect([rogue, otherKey]).toContain(message);
    expect(got).toEqual([]);
  });

  it('even where the environment tells Node to trust any', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    try {
      const { at, got } = await rogueServer({});
      expect(await refusal(at, privately(1))).toBe(rogue);
      expect(got).toEqual([]);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('that says nothing of TLS, or nothing', async () => {
    const { server, port } = await listening();
    let answer = 'HTTP/1.1 400 Bad Request\r\n\r\n';
    server.on('connection', (socket: Socket) => socket.once('data', () => socket.end(answer)));
    expect(await refusal(`127.0.0.1:${port}`, privately(1))).toBe(unencrypted);
    answer = '';
    expect(await refusal(`127.0.0.1:${port}`, privately(1))).toBe('hung up at once');
  });
});

/** A carrier between a client and the host, who keeps what the client sends. */
async function proxied(host: Host): Promise<{
  at: string;
  carried: Buffer[];
  cut: () => void;
  /** Keeps back what the server answers. @returns once it has, what lets it through */
  hold: () => Promise<() => void>;
}> {
  const { server, port } = await listening();
  const carried: Buffer[] = [];
  const sockets: Socket[] = [];
  let held: ((release: () => void) => void) | undefined;
  server.on('connection', (near: Socket) => {
    const far = connect({ ...host.address, noDelay: true });
    later(() => far.destroy());
    sockets.push(near, far);
    near.on('data', (bytes) => {
      carried.push(bytes);
      far.write(bytes);
    });
    far.on('data', (bytes) => {
      const send = (): void => void near.write(bytes);
      if (held === undefined) send();
      else held(send);
      held = undefined;
    });
    far.on('error', () => {});
    near.on('close', () => far.end());
    far.on('close', () => near.end());
  });
  return {
    at: `127.0.0.1:${port}`,
    carried,
    cut: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
    hold: () =>
      new Promise((resolve) => {
        held = resolve;
      }),
  };
}
