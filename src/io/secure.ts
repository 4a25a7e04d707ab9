/**
 * TLS over a socket that is there already, either side. TLS 1.3 with an external PSK and an ephemeral key exchange: who
 * has the room's key gets in, nobody needs a certificate, and a key that leaks later opens nothing that was recorded.
 *
 * Node knows a PSK only as a session that is resumed, and falls back to certificates when the server does not take it.
 * So the client believes nothing before it has seen that the session was, and trusts no authority at all: a server with
 * the best of certificates is a stranger. The server has no certificate to fall back to, and every link has a context
 * of its own: the keys of its session tickets die with it, so no ticket opens anything once a key was replaced (nor
 * before). That costs 0.15 ms of the 1.5 that a handshake takes both ends, and 6 KB for each link.
 */
import { constants } from 'node:crypto';
import type { Socket } from 'node:net';
import { connect, createServer, type SecureContextOptions, type TLSSocket } from 'node:tls';
import type { Keyring } from './keyring.ts';

const common: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  // A PSK goes with SHA-256 unless said otherwise, which Node cannot.
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256',
  ca: [],
  secureOptions: constants.SSL_OP_NO_TICKET,
};

export interface Secured {
  readonly socket: TLSSocket;
  /** Only the two ends of this link know it: 32 bytes as base64url. What is signed over it holds for this link alone. */
  readonly channel: string;
}

/** Why somebody who began a handshake was turned away: `undefined` for junk, and for who hung up. */
export type Stranger = 'open' | 'key' | undefined;

/** How a handshake ends: one of the two is told, once. The deadline is the caller's. */
export interface Outcome<Done, Failed> {
  done(link: Done): void;
  failed(why: Failed): void;
}

/** Answers a client whose first bytes are in the socket. `former`: it has the key before the current one. */
export function answer(
  raw: Socket,
  keyring: Keyring,
  outcome: Outcome<Secured & { readonly former: boolean }, Stranger>,
): void {
  let found: ReturnType<Keyring['recognise']>;
  const server = createServer({
    ...common,
    pskCallback: (_, identity) => {
      found = keyring.recognise(identity);
      return typeof found === 'object' ? found.psk : null;
    },
  });
  server.once('secureConnection', (socket) => {
    socket.on('error', () => {}); // as below
    // The key may have been retired since it was recognised.
    const standing = typeof found === 'object' && isSafe(socket) ? keyring.standing(found) : undefined;
    if (standing !== undefined)
      return outcome.done({ socket, channel: channelOf(socket), former: standing === 'former' });
    socket.destroy();
    return outcome.failed('key');
  });
  server.once('tlsClientError', (_, socket) => {
    socket.destroy();
    outcome.failed(found === 'open' ? 'open' : found === 'unknown' ? 'key' : undefined);
  });
  server.emit('connection', raw);
}

/** Begins a handshake. `failed` is told words that complete "10.0.0.5:6000 …". */
export function begin(raw: Socket, keyring: Keyring, outcome: Outcome<Secured, string>): void {
  // Once for the link: a server may ask for the first message again.
  const presented = keyring.present();
  const socket = connect({
    ...common,
    socket: raw,
    pskCallback: () => presented,
    checkServerIdentity: () => undefined,
  });
  let settled = false;
  const fail = (code: string): void => {
    if (settled) return;
    settled = true;
    socket.destroy();
    raw.destroy();
    outcome.failed(reason(code, keyring.kind));
  };
  // Also when it is done: whoever takes it over listens for itself.
  socket.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? ''));
  socket.once('close', () => fail('ECONNRESET'));
  socket.once('secureConnect', () => {
    if (settled) return;
    if (!isSafe(socket) || !socket.authorized) return fail('rogue');
    settled = true;
    outcome.done({ socket, channel: channelOf(socket) });
  });
}

/** Whether the other side has shown that it knows the key. */
function isSafe(socket: TLSSocket): boolean {
  return socket.isSessionReused() && socket.getProtocol() === 'TLSv1.3';
}

function channelOf(socket: TLSSocket): string {
  return socket.exportKeyingMaterial(32, 'EXPORTER-groupchat', Buffer.alloc(0)).toString('base64url');
}

/** Said of one who does not know our key: whether he is in a private room or an open one, his refusal does not tell. */
export const otherKey =
  'has another key, or none: ask a member for the invite that /invite shows there, or leave the key out if that room is open';

/** Said of one who is in a private room, as we are not. */
export const noStrangers =
  'does not take strangers: it may be a private room: ask a member for its invite, which /invite shows';

/** Said of one who was there, and closed before a byte. */
export const hungUp = 'hung up at once';

/** Said of one that does not encrypt. */
export const unencrypted = 'speaks without encryption: it runs with --plain, or is an older groupchat';

/** The codes differ between versions of Node; they choose the words and decide nothing. */
function reason(code: string, kind: Keyring['kind']): string {
  if (code === 'ECONNRESET' || code === 'EPIPE') return hungUp;
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_TYPE|HTTP_REQUEST/.test(code)) return unencrypted;
  if (/ALERT_(HANDSHAKE_FAILURE|ILLEGAL_PARAMETER|DECRYPT_ERROR|UNKNOWN_PSK_IDENTITY)/.test(code)) {
    return kind === 'open' ? noStrangers : otherKey;
  }
  return 'is not who it should be: ask a member for the address, which /invite shows';
}
