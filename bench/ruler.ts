/**
 * The ruler is checked before it measures: each codec reads a sample of what its server says, cut in two at every
 * place and byte by byte, and must count the same lines. The samples of groupchat are encoded by the core itself.
 * The judge of screens must find each kind of flaw.
 */
import { deepStrictEqual } from 'node:assert/strict';
import { entryFrame, type Entry } from '../src/core/entry.ts';
import { Decoder, encodeFrame, type Frame } from '../src/core/frame.ts';
import { parseClient, serverSays, type ClientMessage } from '../src/core/message.ts';
import { textBytes, type Codec } from './codecs/codec.ts';
import { copierCodec, groupchatCodec } from './codecs/frames.ts';
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

function parsed(bytes: string): ClientMessage {
  const decoder = new Decoder();
  decoder.push(latin1(bytes));
  return parseClient(decoder.next() as Frame);
}

/** The sender in the header of what a codec says. */
function idOf(codec: Codec): string {
  return codec.line(texts[0] as string).slice(0, 10);
}

function copierSample(): Sample {
  const codec = copierCodec();
  const stranger = copierCodec();
  const lines = texts.map((text) => stranger.line(text));
  return { codec, said: latin1(stranger.opening, codec.opening, ...lines), answers: [] };
}

function groupchatSample(): Sample {
  const codec = groupchatCodec();
  const member = { id: idOf(codec), name: 'member', addresses: [], joined: 2 };
  const founder = { id: 'founder', name: 'founder', addresses: ['127.0.0.1:1'], joined: 1 };
  const view = { epoch: 1, count: 1, members: [founder] };
  const entries: Entry[] = [
    { kind: 'joined', epoch: 1, seq: 8, time: 1, member },
    ...texts.map((text, at) => {
      return {
        kind: 'chat',
        epoch: 1,
        seq: 9 + at,
        author: 'founder',
        n: 1 + at,
        time: 1,
        apart: false,
        text,
      } as const;
    }),
    { kind: 'left', epoch: 1, seq: 11, time: 1, id: 'stranger', why: 'ended' },
    { kind: 'peers', epoch: 2, seq: 12, time: 1, count: 2, members: [founder, member], lost: [] },
  ];
  const frames = entries.map(entryFrame).map(({ sender, type, body }) => encodeFrame(sender, type, body));
  const before = [
    serverSays.connected(),
    serverSays.welcome({ room: '0123456789', keep: 0, last: 12 }),
    serverSays.snapshot({ seq: 7, view, authors: new Map(), lineage: [] }),
  ];
  const said = Buffer.concat([...before, ...frames, serverSays.ping()]);
  const pong = latin1(...[member.id, 'SYSTEM', '7'].map((field) => field.padEnd(10)), 'pong:12').toString('latin1');
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
  const lines = [mqttCodec('sender').line(short), `\u0030\u00a7\u0001${topic}${long}`];
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
      answer: (answer) => result.answers.push(answer),
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
  const codec = groupchatCodec();
  for (const [at, text] of texts.entries()) {
    const message = parsed(codec.line(text));
    if (message.kind !== 'offer') throw new Error('a line is no offer');
    deepStrictEqual([message.offer.n, message.offer.text], [at + 1, text]);
  }
  const [auth = ''] = heard(codec, [Buffer.from(serverSays.connected())]).answers;
  deepStrictEqual(parsed(auth).kind, 'auth');
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
