/** The feed, with a peer whose every word is given: what is written, from where on, and what is not. */
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Position } from '../../src/core/entry.ts';
import type { Event, Line } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import { Feed, type FeedPeer } from '../../src/face/feed.ts';

const key = 'A'.repeat(43);
const bob: Member = { id: 'bbbbbbbbbb', name: 'bob', key, box: key, vouch: '', addresses: ['h:1'], joined: 1 };
const line = (epoch: number, seq: number): Line => ({
  id: bob.id,
  n: seq,
  position: { epoch, seq },
  name: 'bob',
  text: `${epoch}.${seq}`,
  time: 0,
  own: false,
  history: false,
  apart: false,
});

class Puppet extends EventEmitter {
  readonly id = 'llllllllll';
  readonly name = 'log';
  readonly room = 'abcdefghij';
  readonly members = [bob];
  readonly coordinator = bob;
  readonly position = { epoch: 2, seq: 9 };
  place: 'held' | 'trimmed' | 'elsewhere' = 'held';
  held: Line[] = [line(1, 2), line(1, 3), line(2, 5)];

  after({ epoch, seq }: Position): ReturnType<FeedPeer['after']> {
    const lines = this.held.filter(({ position: at }) => at.epoch > epoch || (at.epoch === epoch && at.seq > seq));
    return { place: this.place, lines };
  }

  leave(): Promise<number> {
    return Promise.resolve(0);
  }

  happens(...events: readonly Event[]): void {
    for (const event of events) this.emit(event.kind, event);
  }
}

const entered: Event = { kind: 'entered', room: 'abcdefghij', self: bob, members: [bob] };
const restored: Event = { kind: 'restored', room: 'abcdefghij', lines: 3, unsent: 0, since: 0 };
const missed: Event = { kind: 'missed', why: 'restarted', ms: 5, lines: 1, trimmed: 0 };
const tells = (one: Line): Event => ({ kind: 'line', line: one });

function open(since?: Position, json = false) {
  const peer = new Puppet();
  const output = new PassThrough();
  const complaints: string[] = [];
  const feed = new Feed({
    peer: peer as unknown as FeedPeer,
    output,
    complain: (text) => complaints.push(text),
    json,
    since,
    clock: () => 0,
  });
  const written = async (): Promise<string[]> => {
    await setImmediate();
    return String((output.read() as Buffer | null) ?? '')
      .split('\n')
      .slice(0, -1);
  };
  return { peer, output, feed, complaints, written };
}

const here = '* you are in the room with bob; bob coordinates';

describe('a feed', () => {
  it('writes nothing of what was before, told early or late', async () => {
    const { peer, written } = open();
    peer.happens(tells(line(1, 2)), restored, entered, missed, tells(line(1, 3)), tells(line(2, 5)), tells(line(2, 6)));
    expect(await written()).toEqual([here, 'bob: 2.6']);
  });

  it('writes what is behind a position once, and first', async () => {
    const { peer, written } = open({ epoch: 1, seq: 2 });
    peer.happens(restored, entered, missed, tells(line(2, 5)), tells(line(2, 6)));
    expect(await written()).toEqual(['bob: 1.3', 'bob: 2.5', here, 'bob: 2.6']);
  });

  it('writes a line of another reign that has a number which was written before', async () => {
    const { peer, written } = open({ epoch: 1, seq: 3 });
    peer.happens(entered, tells(line(4, 4)), tells(line(4, 5)));
    expect(await written()).toEqual(['bob: 2.5', here, 'bob: 4.4', 'bob: 4.5']);
  });

  it('of a position that is elsewhere writes what comes later by number', async () => {
    const { peer, written } = open({ epoch: 1, seq: 9 });
    peer.place = 'elsewhere';
    peer.happens(entered, tells(line(2, 6)));
    expect(await written()).toEqual([
      '* 1.9 is not in this room, or parts of it have met since: lines may be missing, or come again',
      'bob: 2.5',
      here,
      'bob: 2.6',
    ]);
  });

  it('and, where the room was kept, what that knows to be new', async () => {
    const { peer, written } = open({ epoch: 1, seq: 9 }, true);
    peer.place = 'elsewhere';
    peer.happens(restored, entered, missed, tells(line(2, 5)));
    const told = (await written()).map((text) => JSON.parse(text) as { kind: string; text?: string });
    expect(told.map(({ kind, text }) => text ?? kind)).toEqual(['gap', 'room', '2.5']);
  });

  it('complains of what concerns only the person at this end', async () => {
    const { peer, written, complaints } = open();
    peer.happens(entered, { kind: 'unkept', message: 'the disk is full' });
    peer.happens({ kind: 'warning', code: 'unvouched', message: 'nobody vouches' });
    expect(await written()).toEqual([here]);
    expect(complaints).toEqual([
      expect.stringContaining('the disk is full'),
      expect.stringContaining('nobody vouches'),
    ]);
  });

  it('ends with why it was put out', async () => {
    const { peer, feed } = open();
    peer.happens(entered, { kind: 'refused', code: 'banned', message: 'alice banned you' });
    await expect(feed.done).rejects.toMatchObject({ code: 'banned', message: 'alice banned you' });
  });

  it('passes over a name that was refused on the way in', async () => {
    const { peer, feed, written } = open();
    peer.happens({ kind: 'refused', code: 'name-taken', message: 'taken', free: 'log2' }, entered);
    expect(await written()).toEqual([here]);
    feed.leave();
    expect(await feed.done).toEqual({ unsent: 0, refused: 0 });
  });
});
