/** What is kept of a room: files as the disk may give them back, and pieces as another program may have written them. */
import { entryFrame, type Entry } from '../../src/core/entry.ts';
import { Player, type Restored } from '../../src/core/journal.ts';
import { limits } from '../../src/core/limits.ts';
import { Log } from '../../src/core/log.ts';
import { step } from '../../src/core/machine.ts';
import type { Random } from '../../src/core/random.ts';
import { createState } from '../../src/core/setup.ts';
import { coordinatorOf } from '../../src/core/view.ts';
import { decodeFile, encodeRecord, fileStart } from '../../src/io/record.ts';
import { toyCrypto } from '../core/toy.ts';
import { broken } from './invariant.ts';
import { flipped, mutate, mutateFrame } from './mutate.ts';
import { record, type Kept } from './record.ts';
import { must, same, type Target } from './target.ts';

let real: readonly (readonly Kept[])[] | undefined;
const journals = (): readonly (readonly Kept[])[] => (real ??= record().journals);

const fileOf = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat([fileStart, ...pieces.map(encodeRecord)]);
const roomOf = (): string => journals()[0]?.[0]?.room ?? '';

/** Files in one input: each after its length, as four bytes. */
function packed(files: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(
    files.flatMap((file) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(file.length);
      return [length, file];
    }),
  );
}

function unpacked(input: Uint8Array): Buffer[] {
  const files: Buffer[] = [];
  let rest = Buffer.from(input);
  while (rest.length >= 4) {
    const end = 4 + Math.min(rest.readUInt32BE(), rest.length - 4);
    files.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return files;
}

const options = { pingMs: 250, silenceMs: 1000, backoffMs: 50, history: 100, keep: 100 };

function play(files: readonly (readonly (Uint8Array | null)[])[]): Restored | undefined {
  const player = new Player(roomOf(), new Log(options.history, options.keep));
  files.forEach((pieces, at) => player.file(at + 1, pieces));
  return player.end();
}

/** A log that was read can be gone on with, and a peer that has it starts. */
function goesOn(restored: Restored): void {
  const { log } = restored;
  const { length } = [...log.entries(log.first)];
  must(length === log.last - log.first + 1, 'a log holds what it says');
  must(restored.said.length + restored.held.length < limits.bodyBytesMax, 'what is held is what was read');
  const state = createState({
    name: 'eve',
    addresses: ['10.0.0.9:6000'],
    options,
    seed: [1],
    crypto: toyCrypto(9),
    keeps: true,
    restored: { room: restored, aliveAt: 1 },
  });
  const faults = (): string => broken(state).join('; ');
  let ms = 1;
  step(state, { kind: 'start', join: [], alone: true }, { ms, wall: ms });
  for (let turn = 0; turn < 40 && state.due < Infinity; turn++) {
    ms = Math.max(ms, state.due);
    const effects = step(state, { kind: 'alarm' }, { ms, wall: ms });
    for (const effect of effects) {
      if (effect.kind === 'dial')
        step(state, { kind: 'failed', link: effect.link, refused: true, message: '' }, { ms, wall: ms });
    }
  }
  must(faults() === '', faults());
}

function append(restored: Restored): void {
  const { log, owner } = restored;
  // Numbers that have come to their end are those of a file that somebody made up.
  if (log.epochMax >= limits.countMax - 2 || log.last >= limits.countMax - 2 || log.view.count >= limits.countMax - 2)
    return;
  const key = 'k'.repeat(43);
  const me = { id: 'mmmmmmmmmm', name: owner.name, addresses: ['10.0.0.9:6000'], key, box: key, vouch: 'v'.repeat(86) };
  const joined = log.view.count + 1;
  const reign: Entry = {
    kind: 'peers',
    epoch: log.epochMax + 1,
    seq: log.last + 1,
    time: 0,
    count: joined,
    members: [{ ...me, joined }],
    lost: [],
  };
  log.append(reign, entryFrame(reign));
  const n = (log.authors.get(me.id) ?? 0) + 1;
  const line: Entry = {
    kind: 'chat',
    epoch: reign.epoch,
    seq: log.last + 1,
    author: me.id,
    n,
    time: 0,
    apart: false,
    text: 'on',
  };
  log.append(line, entryFrame(line));
  must(coordinatorOf(log.view)?.id === me.id, 'whoever begins a reign coordinates');
  const snapshot = log.snapshotAt(log.last);
  same(snapshot?.authors, new Map(log.authors), 'the log amounts to what its snapshot says');
}

function readAll(input: Uint8Array): Restored | undefined {
  const restored = play(unpacked(input).map((file) => decodeFile(file).pieces));
  if (restored !== undefined) {
    if (input.length % 8 === 0) goesOn(restored);
    else append(restored);
  }
  return restored;
}

const randomFiles = (random: Random): Uint8Array[] => random.pick(journals()).map(({ pieces }) => fileOf(pieces));

/** Where whole records end in a file that we have written. */
function ends(pieces: readonly Uint8Array[]): number[] {
  let at = fileStart.length;
  return pieces.map((piece) => (at += encodeRecord(piece).length));
}

export const kept: readonly Target[] = [
  {
    // A disk that gives back other bytes than it was given.
    name: 'disk',
    share: 8,
    make: (random) => {
      const files = randomFiles(random);
      const at = random.below(files.length);
      files[at] = mutate(random, files[at] as Uint8Array, random.pick(randomFiles(random)));
      return packed(files);
    },
    check: (input) => void readAll(input),
  },
  {
    // Turned bits: all that stands before them is read.
    name: 'prefix',
    share: 8,
    make: (random) => {
      const at = random.below(journals().length);
      const [file] = journals()[at] as readonly Kept[];
      return Buffer.concat([Uint8Array.of(at), flipped(random, fileOf((file as Kept).pieces))]);
    },
    check: (input) => {
      const [file] = journals()[(input[0] ?? 0) % journals().length] as readonly Kept[];
      const { pieces } = file as Kept;
      const [whole, spoilt] = [fileOf(pieces), Buffer.from(input.subarray(1))];
      let damage = 0;
      while (damage < whole.length && whole[damage] === spoilt[damage]) damage++;
      const good = ends(pieces).filter((end) => end <= damage).length;
      // A first line that is another is told from the records behind it.
      if (damage < fileStart.length) return;
      const found = decodeFile(spoilt).pieces;
      const read = pieces
        .slice(0, good)
        .every((piece, one) => found[one] !== null && Buffer.from(piece).equals(found[one] ?? piece.subarray(1)));
      must(read, 'what is good before the damage is read');
      const restored = play([found]);
      const before = play([pieces.slice(0, good)]);
      must((restored?.log.last ?? 0) >= (before?.log.last ?? 0), 'damage takes nothing of what stands before it');
      if (restored !== undefined) append(restored);
    },
  },
  {
    // Records that are whole, and hold what nobody would have written.
    name: 'journal',
    share: 12,
    make: (random) => {
      const written = random.pick(journals()).map(({ pieces }) => [...pieces]);
      for (let times = 1 + random.below(3); times > 0; times--) {
        const pieces = random.pick(written);
        const at = random.below(pieces.length);
        const other = random.pick(random.pick(random.pick(journals())).pieces);
        const how = random.below(5);
        if (how === 0) pieces.splice(at, 1);
        else if (how === 1) pieces.splice(at, 0, other);
        else if (how < 4) pieces[at] = mutateFrame(random, pieces[at] as Uint8Array, other);
        else pieces[at] = mutate(random, pieces[at] as Uint8Array, other);
        if (pieces.length === 0) pieces.push(other);
      }
      return packed(written.map(fileOf));
    },
    check: (input) => void readAll(input),
  },
];
