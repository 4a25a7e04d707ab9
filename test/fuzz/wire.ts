/** What comes over a link: frames in any pieces, and what is in them. */
import { decodeEntry, encodeOffer, entryFrame, type Entry } from '../../src/core/entry.ts';
import { ProtocolError } from '../../src/core/errors.ts';
import { Decoder, encodeFrame, type Frame } from '../../src/core/frame.ts';
import { limits } from '../../src/core/limits.ts';
import {
  clientSays,
  parseClient,
  parseServer,
  serverSays,
  type ClientMessage,
  type ServerMessage,
} from '../../src/core/message.ts';
import { Random } from '../../src/core/random.ts';
import { toyCrypto } from '../core/toy.ts';
import { mutate, mutateFrame } from './mutate.ts';
import { record } from './record.ts';
import { must, same, type Target } from './target.ts';

const toy = toyCrypto(1);
let real: readonly Uint8Array[] | undefined;
export const frames = (): readonly Uint8Array[] => (real ??= record().frames);

/** What `run` gives, or the code of the breach; any other exception is a fault. */
export function orCode<Value>(run: () => Value): Value | { readonly code: string } {
  try {
    return run();
  } catch (error) {
    if (error instanceof ProtocolError) return { code: error.code };
    throw error;
  }
}

/** The frames in the pieces, what is left of them, and the breach that ended it. */
function read(
  pieces: readonly Uint8Array[],
  most: number,
): { frames: unknown[]; left: number; code: string | undefined } {
  const decoder = new Decoder(most);
  const found: unknown[] = [];
  let given = 0;
  let taken = 0;
  const breach = orCode(() => {
    for (const piece of pieces) {
      const own = new Uint8Array(piece);
      given += own.length;
      decoder.push(own);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
        taken += limits.headerBytes + frame.body.length;
        must(frame.body.length <= most, 'no body is longer than it may be');
        found.push({ ...frame, body: Buffer.from(frame.body).toString('base64') });
      }
      own.fill(0xff);
    }
  });
  if (breach !== undefined) return { frames: found, left: 0, code: breach.code };
  const left = decoder.rest().length;
  must(taken + left === given, `what is held (${left}) is what was given (${given}) and not taken (${taken})`);
  return { frames: found, left, code: undefined };
}

const decoding: Target = {
  name: 'decoder',
  share: 180,
  make: (random) => {
    const count = 1 + random.below(4);
    let bytes = Buffer.concat(Array.from({ length: count }, () => random.pick(frames())));
    if (random.chance(0.9)) bytes = Buffer.from(mutate(random, bytes, random.pick(frames())));
    return bytes;
  },
  check: (input) => {
    // Where it is cut follows from the bytes, so that an input says all.
    const random = new Random(input.length, input[0] ?? 0, input.at(-1) ?? 0);
    const most = random.pick([64, limits.memberBodyBytesMax, limits.strangerBodyBytesMax, limits.bodyBytesMax]);
    const pieces: Uint8Array[] = [];
    const longest = random.pick([1, 7, 40, 4096]);
    for (let at = 0; at < input.length;) {
      const end = at + 1 + random.below(longest);
      pieces.push(input.subarray(at, end));
      at = end;
    }
    same(read(pieces, most), read([input], most), 'frames do not depend on how they come');
  },
};

/** As a server would have said it. */
function serverFrame(message: ServerMessage): Uint8Array {
  switch (message.kind) {
    case 'connected':
      return serverSays.connected();
    case 'challenge':
      return serverSays.challenge(message.challenge);
    case 'coordinator':
      return serverSays.coordinator(message.addresses);
    case 'electing':
      return serverSays.electing(message.ms);
    case 'fetch':
      return serverSays.fetch(message.after);
    case 'ping':
      return serverSays.ping();
    case 'snapshot':
      return serverSays.snapshot(message.snapshot, toy);
    case 'entry':
      return asBytes(entryFrame(message.entry));
    case 'welcome': {
      const { kind: _, ...welcome } = message;
      return serverSays.welcome(welcome);
    }
    case 'refused': {
      const { kind: _, ...refusal } = message;
      return serverSays.refused(refusal);
    }
    case 'seen': {
      const { kind: _, ...seen } = message;
      return serverSays.seen(seen);
    }
    case 'denied': {
      const { kind: _, ...denial } = message;
      return serverSays.denied(denial);
    }
    case 'told':
      return serverSays.told(message.from, message.sealed);
  }
}

function clientFrame(sender: string, message: ClientMessage): Uint8Array | undefined {
  switch (message.kind) {
    case 'auth': {
      const { kind: _, ...auth } = message;
      return clientSays.auth(sender, auth);
    }
    case 'pong':
      return clientSays.pong(sender, message.seq, message.asked);
    case 'offer':
      return encodeFrame(sender, 'CHAT', encodeOffer(message.offer));
    case 'held':
      return clientSays.held(sender, entryFrame(message.entry));
    case 'name':
      return clientSays.name(sender, message.name, message.vouch);
    case 'leave':
      return clientSays.leave(sender);
    case 'through':
      return clientSays.through(sender);
    case 'tell':
      return clientSays.tell(sender, message.to, message.sealed);
    case 'other-version':
      return undefined;
  }
}

const asBytes = ({ sender, type, body }: Frame): Uint8Array => encodeFrame(sender, type, body);

/** Without the bytes that it came in: they may be written in several ways. */
function meaning(message: ServerMessage | ClientMessage | Entry | undefined): unknown {
  if (message === undefined || !('kind' in message)) return message;
  const { frame: _frame, body: _body, ...rest } = message as unknown as Record<string, unknown>;
  return rest;
}

function first(bytes: Uint8Array): Frame | undefined {
  const decoder = new Decoder();
  const frame = orCode(() => {
    decoder.push(bytes);
    return decoder.next();
  });
  return frame === undefined || 'code' in frame ? undefined : frame;
}

/** What is accepted and written again means the same. */
function reads<Message extends ServerMessage | ClientMessage | Entry>(
  input: Uint8Array,
  parse: (frame: Frame) => Message | undefined,
  write: (message: Message, frame: Frame) => Uint8Array | undefined,
): void {
  const frame = first(input);
  if (frame === undefined) return;
  const message = orCode(() => parse(frame));
  if (message === undefined || ('code' in message && !('kind' in message))) return;
  const again = write(message as Message, frame);
  if (again === undefined) return;
  const twin = first(again);
  must(twin !== undefined, 'what is written is a frame');
  same(meaning(parse(twin)), meaning(message as Message), 'what is written again means the same');
}

const oneFrame = (random: Random): Uint8Array => mutateFrame(random, random.pick(frames()), random.pick(frames()));

export const wire: readonly Target[] = [
  decoding,
  { name: 'server', share: 160, make: oneFrame, check: (input) => reads(input, parseServer, serverFrame) },
  {
    name: 'client',
    share: 160,
    make: oneFrame,
    check: (input) => reads(input, parseClient, (message, { sender }) => clientFrame(sender, message)),
  },
  {
    name: 'entry',
    share: 100,
    make: oneFrame,
    check: (input) => reads(input, decodeEntry, (entry) => asBytes(entryFrame(entry))),
  },
];
