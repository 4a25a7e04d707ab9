/**
 * The ruler is checked before it measures: each codec reads a sample of what its server says, cut in two at every
 * place and byte by byte, and must count the same lines. The samples of groupchat are encoded by the core itself.
 * The judge of screens must find each kind of flaw.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { coverOf, hashOf } from '../src/core/cover.ts';
import { entryFrame, type Entry } from '../src/core/entry.ts';
import { Decoder, encodeFrame } from '../src/core/frame.ts';
import { checkIds, idOf, isProven, isVouched } from '../src/core/identity.ts';
import { parseClient, serverSays, type ClientMessage } from '../src/core/message.ts';
import { createCrypto } from '../src/io/crypto.ts';
import { Identity } from '../src/io/identity.ts';
import { textBytes, type Codec } from './codecs/codec.ts';
import { copierCodec } from './codecs/frames.ts';
import { groupchatCodec } from './codecs/groupchat.ts';
import { ircCodec } from './codecs/irc.ts';
import { mqttCodec } from './codecs/mqtt.ts';
import { natsCodec } from './codecs/nats.ts';
import { judge } from './verdict.ts';

const texts = ['first ', 'second '].map((text) => text.padEnd(textBytes, 'x'));

interface Sample {
  readonly codec: Codec;
  /** All that its server says to it. */
  readonly said: Buffer;
  /** The beginnings of what it must answer. */
  readonly answers: readonly string[];
}

function latin1(...parts: string[]): Buffer {
  return Buffer.from(parts.join(''), 'latin1');
}

/** What a member has said, frame by frame. */
function parsed(bytes: Uint8Array): ClientMessage[] {
  const decoder = new Decoder();
  decoder.push(bytes);
  const messages: ClientMessage[] = [];
  for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) messages.push(parseClient(frame));
  return messages;
}

function copierSample(): Sample {
  const codec = copierCodec();
  const stranger = copierCodec();
  const lines = texts.map((text) => stranger.lines(text, 1) as string);
  return { codec, said: latin1(stranger.opening(''), codec.opening(''), ...lines), answers: [] };
}

/** One person for all samples: to make keys takes its time. */
const crypto = createCrypto(Identity.temporary());
const challenge = 'c'.repeat(22);
const room = '0123456789';

function groupchatSample(): Sample {
  const codec = groupchatCodec(undefined, crypto);
  const { key, box } = crypto;
  const signature = 's'.repeat(86);
  const person = { key, box, vouch: signature };
  const member = { id: idOf(crypto, key, box), name: 'member', addresses: [], joined: 2, ...person };
  const founder = { id: 'founder', name: 'founder', addresses: ['127.0.0.1:1'], joined: 1, ...person };
  const view = { epoch: 1, count: 1, members: [founder] };
  const line = { kind: 'chat', epoch: 1, author: 'founder', time: 1, apart: false } as const;
  const cover = { from: 1, signature };
  const entries: Entry[] = [
    { kind: 'joined', epoch: 1, seq: 8, time: 1, member },
    ...texts.map((text, at) => ({ ...line, seq: 9 + at, n: 1 + at, ...(at === 0 ? {} : { cover }), text })),
    { ...line, seq: 11, n: 3, what: 'seal', cover: { from: 3, signature }, text: '' },
    { kind: 'left', epoch: 1, seq: 12, time: 1, id: 'stranger', why: 'ended' },
    { kind: 'peers', epoch: 2, seq: 13, time: 1, count: 2, members: [founder, member], lost: [] },
  ];
  const frames = entries.map(entryFrame).map(({ sender, type, body }) => encodeFrame(sender, type, body));
  const before = [
    serverSays.connected(),
    serverSays.challenge(challenge),
    serverSays.welcome({ room, keep: 0, last: 13, proof: signature }),
    serverSays.snapshot(
      { seq: 7, view, authors: new Map(), ranges: new Map(), lineage: [], founder: null, acts: [], notes: [] },
      crypto,
    ),
  ];
  const said = Buffer.concat([...before, ...frames, serverSays.ping()]);
  const pong = latin1(...[member.id, 'SYSTEM', '7'].map((field) => field.padEnd(10)), 'pong:13').toString('latin1');
  return { codec, said, answers: [member.id, pong] };
}

function ircSample(): Sample {
  const lines = texts.map((text) => `:other!~u@127.0.0.1 PRIVMSG #bench :${text}\r\n`);
  const greeting = [':s 001 b1 :Welcome\r\n', ':b1!~u@h JOIN :#bench\r\n', ':s 366 b1 #bench :End\r\n', 'PING :s\r\n'];
  return { codec: ircCodec(), said: latin1(...greeting, ...lines), answers: ['JOIN #bench\r\n', 'PONG :s\r\n'] };
}

function natsSample(): Sample {
  const lines = texts.map((text) => `MSG bench 1 ${text.length}\r\n${text}\r\n`);
  const said = latin1('INFO {"max_payload":1048576}\r\n', 'PONG\r\n', ...lines, 'PING\r\n');
  return { codec: natsCodec('receiver'), said, answers: ['PONG\r\n'] };
}

function mqttSample(): Sample {
  // A publish to somebody else's eyes is the same packet; the long one has two bytes of length.
  const [short = '', long = ''] = texts;
  const topic = `\u0000\u0041${'t'.repeat(65)}`;
  const lines = [mqttCodec('sender').lines(short, 1) as string, `\u0030\u00a7\u0001${topic}${long}`];
  const said = latin1('\u0020\u0002\u0000\u0000', '\u0090\u0003\u0000\u0001\u0000', ...lines);
  return { codec: mqttCodec('receiver'), said, answers: ['\u0082'] };
}

/** What a codec makes of bytes that come in these chunks. */
function heard(codec: Codec, chunks: readonly Buffer[]): { ready: number; lines: string[]; answers: string[] } {
  const result = { ready: 0, lines: [] as string[], answers: [] as string[] };
  let rest = Buffer.alloc(0);
  for (const chunk of chunks) {
    const bytes = Buffer.concat([rest, chunk]);
    const used = codec.read(bytes, {
      ready: () => result.ready++,
      line: (whole, at) => result.lines.push(whole.toString('latin1', at, at + textBytes)),
      answer: (answer) => result.answers.push(Buffer.from(answer as string, 'latin1').toString('latin1')),
    });
    rest = bytes.subarray(used);
  }
  return result;
}

function check({ codec, answers }: Sample, chunks: readonly Buffer[]): void {
  const result = heard(codec, chunks);
  const beginnings = result.answers.map((answer, at) => answer.slice(0, answers[at]?.length));
  deepStrictEqual({ ...result, answers: beginnings }, { ready: 1, lines: texts, answers });
}

/** @throws AssertionError when a codec miscounts, or says what the core would not take */
function checkCodecs(): void {
  for (const sample of [copierSample, groupchatSample, ircSample, natsSample, mqttSample]) {
    const { said } = sample();
    for (let at = 0; at <= said.length; at++) {
      const cut = sample();
      check(cut, [cut.said.subarray(0, at), cut.said.subarray(at)]);
    }
    const crumbs = sample();
    check(
      crumbs,
      Array.from(crumbs.said, (_byte, at) => crumbs.said.subarray(at, at + 1)),
    );
  }
  checkMember();
}

/** What a member says must be what the core would take: who it is, and lines under a signature. */
function checkMember(): void {
  const { codec, said } = groupchatSample();
  const channel = 'only the two ends know';
  codec.opening(channel);
  const [first = ''] = heard(codec, [said]).answers;
  const [auth] = parsed(latin1(first));
  if (auth?.kind !== 'auth') throw new Error('a member does not introduce itself');
  const id = first.slice(0, 10);
  checkIds(crypto, [{ ...auth, id }]);
  const proof = { end: 'client', challenge, channel, id } as const;
  deepStrictEqual([isProven(crypto, auth.key, auth.proof, proof), isVouched(crypto, auth)], [true, true]);
  const lines = parsed(codec.lines(texts[0] as string, 3) as Uint8Array);
  const offers = lines.flatMap((message) => (message.kind === 'offer' ? [message.offer] : []));
  deepStrictEqual(
    offers.map(({ n, text }) => [n, text]),
    [1, 2, 3].map((n) => [n, texts[0]]),
  );
  const hash = hashOf(crypto, id, { base: '', lines: offers });
  const signature = offers.at(-1)?.cover?.signature ?? '';
  deepStrictEqual(crypto.verify(auth.key, coverOf(room, id, 1, 3, hash), signature), true);
}

function checkJudge(): void {
  const flaws = (...second: string[]): number[] => Object.values(judge([['a', 'b'], second], ['a', 'b']));
  deepStrictEqual(flaws('a', 'b'), [0, 0, 0]);
  deepStrictEqual(flaws('a'), [1, 0, 1]);
  deepStrictEqual(flaws('a', 'b', 'a'), [0, 1, 0]);
  deepStrictEqual(flaws('b', 'a'), [0, 0, 1]);
  deepStrictEqual(flaws('a', 'b', 'old'), [0, 1, 1]);
}

/** @throws AssertionError when a measurement would not measure what it says */
export function checkRuler(): void {
  checkCodecs();
  checkJudge();
}
