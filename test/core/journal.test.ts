/** What is kept on disk, and what a later process makes of it. */
import { describe, expect, it } from 'vitest';
import type { ChatEntry, Entry } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { Journal, replay, type KeptFile, type Restored } from '../../src/core/journal.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot, Log } from '../../src/core/log.ts';
import { serverSays } from '../../src/core/message.ts';
import { placesOf } from '../../src/core/places.ts';
import { sequence } from '../../src/core/room.ts';
import { createState } from '../../src/core/setup.ts';
import type { Effect } from '../../src/core/step.ts';
import { personOf } from '../../src/core/view.ts';
import { Disk } from '../sim/disk.ts';
import { entry as bytesOf, events, greeting, host, room, said, snapshot, Solo, welcome } from './solo.ts';
import { line } from './table.ts';
import { another, toyCrypto } from './toy.ts';

const bob = 'bob0000000';
const offer = (id: string, n: number, text: string): Uint8Array => encodeFrame(id, 'CHAT', `${n} 0 - - ${text}`);

/** A peer that keeps its room on a disk. */
class Keeper extends Solo {
  readonly disk: Disk;

  constructor(name: string, disk = new Disk(), restored?: Restored, keep = 1000) {
    super(name, { history: keep, keep });
    this.disk = disk;
    const { options, self } = this.state;
    const seed = [disk.read().length, name.length];
    // The same person, at a new process each time.
    const crypto = toyCrypto(disk.read().length, `${name}-person`.padEnd(43, '-'));
    const setup = { name, addresses: self.addresses, options, seed, crypto, keeps: true };
    Object.assign(this.state, createState({ ...setup, restored: restored && { room: restored, aliveAt: 1_000_000 } }));
  }

  override feed(...given: Parameters<Solo['feed']>): Effect[] {
    const effects = super.feed(...given);
    for (const effect of effects) {
      if (effect.kind === 'roll' || effect.kind === 'keep' || effect.kind === 'forget') this.disk.carryOut(effect);
    }
    return effects;
  }

  get lines(): string[] {
    return linesOf(this.state.log);
  }
}

const linesOf = (log: Log): string[] =>
  [...log.entries(log.first)].flatMap((one) => (one.kind === 'chat' ? [one.text] : []));

function founder(keep?: number): Keeper {
  const solo = new Keeper('ann', new Disk(), undefined, keep);
  solo.feed({ kind: 'start', join: [] });
  solo.pass(0);
  return solo;
}

function guest(): Keeper {
  const solo = new Keeper('ann');
  solo.feed({ kind: 'start', join: ['10.0.0.7:6000'] });
  const begin: Entry = { kind: 'peers', epoch: 1, seq: 1, time: 0, count: 1, members: [host], lost: [] };
  const joined: Entry = { kind: 'joined', epoch: 1, seq: 2, time: 0, member: solo.member(2) };
  solo.hear(-1, greeting, welcome({ room, keep: 0, last: 2 }));
  solo.hear(-1, snapshot(emptySnapshot), bytesOf(begin), bytesOf(joined));
  solo.pass(0);
  return solo;
}

const recall = (disk: Disk, files = disk.read()): Restored | undefined => replay(files, disk.room, new Log(1000));
const frames = (log: Log): string[] =>
  [...log.frames(log.first)].map(({ sender, body }) => `${sender} ${Buffer.from(body).toString()}`);

describe('a room that was kept', () => {
  it('is what it was, entry for entry', () => {
    const solo = founder();
    solo.admit(1, bob);
    for (let n = 1; n <= 50; n++) {
      solo.hear(1, offer(bob, n, `line ${n}`));
      solo.feed({ kind: 'say', text: `mine ${n}` });
      solo.pass(n % 3);
    }
    const restored = recall(solo.disk);
    expect(restored && frames(restored.log)).toEqual(frames(solo.state.log));
    expect(restored?.log).toMatchObject({ last: 102, view: solo.state.log.view, lineage: solo.state.log.lineage });
    expect(restored?.log.authors).toEqual(solo.state.log.authors);
    expect(restored).toMatchObject({
      held: [],
      said: [],
      lost: [],
      warnings: [],
      owner: { id: solo.id, name: 'ann' },
    });
  });

  it('has the addresses that were added, and none that were let go', () => {
    const solo = founder();
    const there = ['10.0.0.9:6000'];
    solo.feed({ kind: 'hint', addresses: there, added: true });
    solo.pass(0);
    expect(recall(solo.disk)?.owner.join).toEqual(there);
    const again = new Keeper('ann', solo.disk, recall(solo.disk));
    again.feed({ kind: 'start', join: [] });
    again.pass(10_000);
    again.feed({ kind: 'hint', addresses: there, added: true });
    expect(placesOf(again.state, [])).toEqual([{ addresses: there, whence: 'added' }]);
    for (const one of again.state.lost.values()) one.since -= limits.lostMs;
    again.feed({ kind: 'alarm' });
    again.pass(0);
    expect(recall(again.disk)?.owner.join).toEqual([]);
  });

  it('tells who was in it, and no more of them', () => {
    const solo = founder();
    solo.admit(1, bob);
    solo.pass(0);
    expect(recall(solo.disk)?.people).toEqual(solo.state.people);
    expect(solo.state.people.get(solo.id)).toEqual(personOf(solo.member(1)));
    const again = new Keeper('ann', solo.disk, recall(solo.disk));
    again.feed({ kind: 'start', join: [] });
    again.pass(0);
    expect(recall(again.disk)?.people).toEqual(again.state.people);
  });

  it('holds what was said and has no echo, and what a rebase cut off', () => {
    const solo = guest();
    solo.hear(-1, bytesOf(line(host.id, 1, 3, { text: 'lost?' })));
    for (const text of ['one', 'two']) solo.feed({ kind: 'say', text });
    solo.pass(0);
    solo.hear(-1, bytesOf(solo.echo(1, 4)));
    solo.pass(0);
    const by = personOf(solo.member(2));
    expect(recall(solo.disk)).toMatchObject({ held: [], said: [{ author: solo.id, n: 2, text: 'two', by }] });
    solo.pass(0);
    solo.feed({ kind: 'closed', link: -1 });
    solo.hear(-2, greeting, welcome({ room, keep: 2, last: 2 }));
    solo.pass(0);
    const held = [{ author: host.id, n: 1, text: 'lost?', by: personOf(host) }];
    const own = [
      { author: solo.id, n: 1, text: 'one', by },
      { author: solo.id, n: 2, text: 'two', by },
    ];
    expect(recall(solo.disk)).toMatchObject({ held, said: own });
    expect(recall(solo.disk)?.log.last).toBe(2);
  });

  it('is written anew at a start while it is small, and file by file when it is not', () => {
    const solo = founder();
    const text = 'x'.repeat(10_000);
    const say = (count: number): void => {
      for (let at = 0; at < count; at++) {
        solo.feed({ kind: 'say', text });
        solo.pass(0);
      }
    };
    say(10);
    const again = new Keeper('ann', solo.disk, recall(solo.disk));
    again.feed({ kind: 'start', join: [] });
    // A peer that does not get in leaves the disk as it was.
    expect(again.disk.read().map(({ number }) => number)).toEqual([1]);
    again.pass(0);
    expect(again.disk.read().map(({ number }) => number)).toEqual([2]);
    say(0);
    for (let at = 0; at < 250; at++) {
      again.feed({ kind: 'say', text });
      again.pass(0);
    }
    expect(again.disk.read().length).toBeGreaterThan(2);
    expect(recall(again.disk)?.log.last).toBe(again.state.log.last);
  });

  it('loses the files that the log has let go, and none before', () => {
    const solo = founder(10);
    const text = 'x'.repeat(limits.lineBytesMax);
    for (let at = 0; at < 2000; at++) {
      solo.feed({ kind: 'say', text });
      solo.pass(0);
      if (at % 500 === 499) {
        const restored = replay(solo.disk.read(), solo.disk.room, new Log(10));
        expect(restored?.log.first).toBeLessThanOrEqual(solo.state.log.first);
        expect(restored?.log.last).toBe(solo.state.log.last);
      }
    }
    // What this peer said itself stands there twice: as it was said, and as it came back.
    const bytes = solo.disk.read().flatMap(({ pieces }) => pieces.map((piece) => piece?.length ?? 0));
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(2.5 * limits.slackBytesMax);
  });
});

describe('a file that begins with much', () => {
  it('takes as much before another one begins: else the same would be written again and again', () => {
    const { state } = founder();
    const journal = new Journal();
    const text = 'x'.repeat(limits.lineBytesMax);
    const held = Array.from({ length: 256 }, (_, at) => line(bob, at + 1, at + 1, { apart: true, text }));
    const begins = held.length * text.length;
    let [beginnings, kept] = [0, 0];
    for (let n = 1; kept < 3 * begins; n++) {
      sequence(state, bob, { n, time: 0, apart: false, text });
      const owner = { room: state.room as string, id: state.self.id, name: 'ann', join: [] };
      const none = { said: [], letters: { waiting: [], shown: [] } };
      for (const effect of journal.sync(state.log, owner, () => ({ held, ...none }), state.crypto)) {
        if (effect.kind === 'roll') beginnings += effect.bytes.length;
        if (effect.kind === 'keep') kept += effect.bytes.length;
      }
    }
    expect(beginnings).toBeLessThan(kept + 2 * begins);
  });
});

describe('what can be read of a damaged one', () => {
  /** Three files: lines 1 to 30, ten in each. */
  function three(): { disk: Disk; files: KeptFile[] } {
    const solo = founder();
    for (let n = 1; n <= 30; n++) {
      solo.feed({ kind: 'say', text: `${n}` });
      solo.pass(0);
      if (n % 10 === 0 && n < 30 && solo.state.journal !== null) {
        const owner = { room: solo.state.room as string, id: solo.id, name: 'ann', join: [] };
        solo.state.journal.cut(solo.state.log.last);
        for (const effect of solo.state.journal.sync(
          solo.state.log,
          owner,
          () => ({ held: [], said: [], letters: { waiting: [], shown: [] } }),
          solo.state.crypto,
        )) {
          if (effect.kind === 'roll') solo.disk.carryOut(effect);
        }
      }
    }
    return { disk: solo.disk, files: solo.disk.read() };
  }
  const numbers = (from: number, to: number): string[] =>
    Array.from({ length: to - from + 1 }, (_, at) => String(from + at));
  const spoil = (files: KeptFile[], file: number, piece: number): KeptFile[] =>
    files.map(({ number, pieces }, at) => ({
      number,
      pieces: pieces.map((one, p) => (at === file && p === piece ? null : one)),
    }));

  it('is all, when nothing is', () => {
    const { disk, files } = three();
    expect(files).toHaveLength(3);
    const restored = recall(disk);
    expect(restored && linesOf(restored.log)).toEqual(numbers(1, 30));
  });

  it('is the log up to there, and lines to offer, in the last file', () => {
    const { disk, files } = three();
    const last = files[2] as KeptFile;
    const restored = recall(disk, spoil(files, 2, last.pieces.length - 5));
    const log = restored ? linesOf(restored.log) : [];
    const held = [...(restored?.held ?? []), ...(restored?.said ?? [])].map(({ text }: ChatEntry) => text);
    expect(log).toEqual(numbers(1, log.length));
    expect(log.length).toBeGreaterThan(20);
    expect([...log, ...held.toSorted((a, b) => Number(a) - Number(b))]).toEqual(numbers(1, 30));
    expect(restored?.warnings).toEqual([expect.stringMatching(/^file 3 .* damaged/)]);
  });

  it('begins with the file behind it, in another one', () => {
    const { disk, files } = three();
    const restored = recall(disk, spoil(files, 0, 4));
    expect(restored && linesOf(restored.log)).toEqual(numbers(11, 30));
    expect(restored?.warnings).toHaveLength(1);
  });

  it('leaves out a file whose beginning is gone', () => {
    const { disk, files } = three();
    const restored = recall(disk, spoil(files, 1, 0));
    expect(restored && linesOf(restored.log)).toEqual(numbers(21, 30));
    expect(recall(disk, spoil(files.slice(0, 1), 0, 0))).toBe(undefined);
  });

  it('is not taken from another room', () => {
    const { files } = three();
    expect(replay(files, room, new Log(1000))).toBe(undefined);
  });

  it('whatever it is, is no fault of ours', () => {
    const { disk, files } = three();
    const pieces = [
      encodeFrame('', 'SYSTEM', 'snapshot:{}'),
      encodeFrame('', 'SYSTEM', 'held:x'),
      encodeFrame('', 'SYSTEM', 'said:x'),
      encodeFrame('', 'SYSTEM', 'journal:{}'),
      encodeFrame('', 'SYSTEM', 'nonsense'),
      Uint8Array.of(1, 2, 3),
      new Uint8Array(),
    ];
    for (const piece of pieces) {
      for (const at of [0, 1, 5]) {
        const edited = files.map((one) => ({
          ...one,
          pieces: [...one.pieces.slice(0, at), piece, ...one.pieces.slice(at)],
        }));
        expect(() => recall(disk, edited)).not.toThrow();
      }
    }
  });
});

describe('a peer that is started again', () => {
  /** The guest's process has ended, with a line unsent, and is started again. */
  function again(alone = true): { solo: Keeper; first: Keeper; start: Effect[] } {
    const first = guest();
    first.hear(-1, bytesOf(line(host.id, 1, 3, { text: 'before' })));
    first.feed({ kind: 'say', text: 'unsent' });
    first.pass(0);
    const solo = new Keeper('ann', first.disk, recall(first.disk));
    const start = solo.feed({ kind: 'start', join: [], alone });
    return { solo, first, start };
  }

  it('has another id, the same key, and says what it holds', () => {
    const { solo, first } = again();
    expect(solo.id).not.toBe(first.id);
    const auth = said(solo.hear(-1, greeting), -1)[0];
    expect(auth).toContain(`"room":"${room}","key":"${first.state.crypto.key}"`);
    expect(auth).not.toContain(first.state.crypto.box);
    expect(auth).toContain('"first":1,"last":3');
  });

  it('is sent what it missed, tells it as that, and offers what it had not sent', () => {
    const { solo, first } = again();
    solo.hear(-1, greeting, welcome({ room, keep: 3, last: 6 }));
    const effects = [
      ...solo.hear(-1, bytesOf(line(host.id, 2, 4, { text: 'meanwhile' }))),
      ...solo.hear(-1, bytesOf({ kind: 'left', epoch: 1, seq: 5, time: 0, id: first.id, why: 'ended' })),
      ...solo.hear(-1, bytesOf({ kind: 'joined', epoch: 1, seq: 6, time: 0, member: solo.member(3) })),
    ];
    const told = effects.flatMap((effect) => (effect.kind === 'tell' ? [effect.event] : []));
    expect(told.map(({ kind }) => kind)).toEqual(['left', 'restored', 'entered', 'missed', 'line']);
    expect(events(effects, 'restored')).toMatchObject([{ room, lines: 1, unsent: 1, since: 1_000_000 }]);
    expect(events(effects, 'missed')).toMatchObject([{ why: 'restarted', lines: 1, trimmed: 0 }]);
    expect(events(effects, 'line')).toMatchObject([{ line: { text: 'meanwhile', history: true, own: false } }]);
    expect(said(solo.pass(0), -1)).toEqual([
      expect.stringMatching(/^held:.* a:ann:[\w-]{43}:[\w-]{43} 1\.[\w-]{86} unsent$/),
    ]);
  });

  it('goes on alone when nobody answers, and calls the others', () => {
    const { solo } = again();
    const effects = [...solo.feed({ kind: 'failed', link: -1, refused: true, message: '' }), ...solo.pass(1000)];
    expect(events(effects, 'entered')).toMatchObject([{ room, members: [{ id: solo.id }] }]);
    expect(solo.state.log.view).toMatchObject({ epoch: 2, members: [{ id: solo.id, joined: 3 }] });
    expect(solo.lines).toEqual(['before', 'unsent']);
    expect(effects).toContainEqual({ kind: 'dial', link: expect.any(Number) as number, addresses: host.addresses });
  });

  it('goes on alone only where it may', () => {
    expect(events(again(false).start, 'refused')).toMatchObject([{ code: 'unreachable' }]);
  });

  it('says in which room it was turned away', () => {
    const { solo } = again();
    const other = { code: 'other-room', message: '', room: 'b'.repeat(10) } as const;
    const told = { ...other, message: 'that is another room' };
    expect(events(solo.hear(-1, greeting, serverSays.refused(other)), 'refused')).toMatchObject([told]);
  });
});

describe('a coordinator', () => {
  it('lets the next process in the place of one that it still believes in, when the link is gone', () => {
    const solo = founder();
    solo.admit(1, bob, { name: 'bob', addresses: [] });
    const auth = { addresses: [], room: solo.state.room };
    const { id: bob2, ...bobs } = another(bob, 'bob');
    const refused = solo.admit(2, bob2, { ...auth, name: 'bob', ...bobs });
    expect(said(refused, 2)[2]).toContain('"code":"name-taken"');
    solo.admit(3, 'cat0000000', { name: 'cat' });
    solo.feed({ kind: 'closed', link: 3 });
    // Not by what it is called, nor by where it is.
    const stranger = solo.admit(4, 'car0000000', { ...auth, name: 'cat', addresses: ['cat.lan:6000'] });
    expect(said(stranger, 4)[2]).toContain('"code":"name-taken"');
    const { id: cat2, ...cats } = another('cat0000000', 'cat');
    solo.admit(5, cat2, { ...auth, name: 'cat', ...cats });
    expect([...solo.state.log.entries(4)]).toMatchObject([
      { kind: 'left', id: 'cat0000000', why: 'ended' },
      { kind: 'joined', member: { id: cat2, name: 'cat' } },
    ]);
  });

  it('goes on in memory when the disk takes no more', () => {
    const solo = founder();
    expect(events(solo.feed({ kind: 'unkept', message: 'full' }), 'unkept')).toMatchObject([{ message: 'full' }]);
    const effects = [...solo.feed({ kind: 'say', text: 'still here' }), ...solo.pass(0)];
    expect(effects.filter(({ kind }) => kind === 'keep' || kind === 'roll')).toEqual([]);
    expect(solo.lines).toEqual(['still here']);
  });
});
