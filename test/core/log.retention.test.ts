/** What a log keeps, what newcomers are given, and what becomes of readers who are too slow. */
import { describe, expect, it } from 'vitest';
import { decodeEntry, type Entry } from '../../src/core/entry.ts';
import { limits } from '../../src/core/limits.ts';
import { Log, type Cursor } from '../../src/core/log.ts';
import { ann, append, bob, framesIn, joining, line, member, reign } from './table.ts';

const text = 'x'.repeat(limits.lineBytesMax);

/** Lines of ann's, each of 16 KiB, so four do not fit into a segment. */
function fill(log: Log, lines: number): void {
  for (let at = 0; at < lines; at++) append(log, line('ann', log.last, log.last + 1, { text }));
}

function founded(history: number, members = [ann]): Log {
  const log = new Log(history);
  append(log, reign(1, 1, members));
  return log;
}

function first(log: Log, cursor: Cursor): Entry | undefined {
  const slice = log.read(cursor);
  if (slice === 'end' || slice === 'trimmed') return undefined;
  const [frame] = framesIn(slice.bytes);
  return frame && decodeEntry(frame);
}

describe('retention', () => {
  it('holds everything as long as it is little', () => {
    const log = founded(0);
    fill(log, 500); // 8.2 MB: the slack is 8.4
    expect(log.first).toBe(1);
  });

  it('trims what is beyond the history and the slack, in whole segments', () => {
    const log = founded(10);
    while (log.first === 1) fill(log, 1);
    for (let at = 1; at <= 300; at++) {
      expect(log.bytes).toBeGreaterThanOrEqual(limits.slackBytesMax);
      expect(log.bytes).toBeLessThan(limits.slackBytesMax + 2 * limits.segmentBytes);
      append(log, line('ann', log.last, log.last + 1, { text: text.slice((at * 7919) % limits.lineBytesMax) }));
    }
    const held = [...log.entries(1)];
    expect(held[0]?.seq).toBe(log.first);
    expect(held).toHaveLength(log.last - log.first + 1);
    expect(log.view.members).toEqual([ann]);
  });

  it('holds the history, however large that is, up to the limit of all', () => {
    const log = founded(2000);
    fill(log, 2100);
    expect(log.last - log.first + 1).toBeGreaterThanOrEqual(2000);
    expect(log.bytes).toBeGreaterThan(3 * limits.slackBytesMax);
  });

  it('never holds more than the limit of all', () => {
    const log = founded(1_000_000);
    let most = 0;
    for (let round = 0; round < 44; round++) {
      fill(log, 100);
      most = Math.max(most, log.bytes);
    }
    expect(most).toBeGreaterThan(limits.logBytesMax - limits.segmentBytes);
    expect(most).toBeLessThanOrEqual(limits.logBytesMax + limits.segmentBytes);
    expect(log.first).toBeGreaterThan(1);
  });

  it('tells a reader that has fallen behind', () => {
    const log = founded(10);
    const [slow, fast] = [log.cursorAfter(0) as Cursor, log.cursorAfter(1) as Cursor];
    fill(log, 700);
    expect(log.read(slow)).toBe('trimmed');
    expect(log.read(fast)).toBe('trimmed');
    expect(log.cursorAfter(0)).toBeUndefined();
    expect(log.cursorAfter(log.first - 2)).toBeUndefined();
    expect(first(log, log.cursorAfter(log.first - 1) as Cursor)?.seq).toBe(log.first);
  });

  it('does not know the view at a place that it has let go', () => {
    const log = founded(10);
    fill(log, 700);
    expect(log.snapshotAt(log.first - 2)).toBeUndefined();
    expect(log.snapshotAt(log.first - 1)?.view.members).toEqual([ann]);
  });

  it('starts over when it falls back to a place that it has let go', () => {
    const log = founded(10);
    const reader = log.cursorAfter(1) as Cursor;
    fill(log, 700);
    const held = log.last - log.first + 1;
    expect(log.truncate(1)).toHaveLength(held);
    expect(log).toMatchObject({ first: 1, last: 0, bytes: 0, lineage: [] });
    expect(log.read(reader)).toBe('trimmed');
  });

  it('takes an entry that is larger than a segment', () => {
    const crowd = Array.from({ length: 999 }, (_, at) => member(`member${at}`, at + 2));
    const log = founded(1000);
    append(log, reign(2, 2, [ann, ...crowd]), line('ann', 1, 3, { epoch: 2 }));
    expect(log.bytes).toBeGreaterThan(limits.segmentBytes);
    expect([...log.entries(2)]).toEqual([reign(2, 2, [ann, ...crowd]), line('ann', 1, 3, { epoch: 2 })]);
    expect(first(log, log.cursorAfter(2) as Cursor)).toEqual(line('ann', 1, 3, { epoch: 2 }));
  });
});

describe('a slice', () => {
  it('is whole entries of one segment, and the next one follows it', () => {
    const log = founded(1000);
    fill(log, 20);
    const seqs: number[] = [];
    let slices = 0;
    for (let cursor = log.cursorAfter(0) as Cursor; ; slices++) {
      const slice = log.read(cursor);
      if (slice === 'end' || slice === 'trimmed') break;
      expect(slice.bytes.length).toBeLessThanOrEqual(limits.segmentBytes);
      for (const frame of framesIn(slice.bytes)) seqs.push((decodeEntry(frame) as Entry).seq);
      cursor = slice.cursor;
    }
    expect(seqs).toEqual(Array.from({ length: 21 }, (_, at) => at + 1));
    expect(slices).toBeGreaterThan(5);
  });

  it('is shared by all who read: nothing is copied for one more', () => {
    const log = founded(1000);
    const [one, other] = [log.read(log.cursorAfter(0) as Cursor), log.read(log.cursorAfter(0) as Cursor)];
    if (typeof one === 'string' || typeof other === 'string') throw new Error('nothing to read');
    expect(one.bytes.buffer).toBe(other.bytes.buffer);
  });
});

describe('a newcomer', () => {
  it('is given the last entries, and what they stand on', () => {
    const log = founded(3);
    append(log, joining(1, 2, bob), line('ann', 1, 3), line('bob', 1, 4), line('ann', 2, 5));
    const { snapshot, cursor } = log.start(true);
    const { last } = log;
    expect(snapshot).toMatchObject({ seq: last - 3 });
    expect(snapshot.view).toEqual(log.snapshotAt(last - 3)?.view);
    expect(first(log, cursor)?.seq).toBe(last - 2);
  });

  it('with history costs the log nothing: what is said goes on in the same slice', () => {
    const log = founded(3);
    log.start(true);
    append(log, line('ann', 1, 2));
    const slice = log.read(log.cursorAfter(0) as Cursor);
    expect(typeof slice === 'object' && framesIn(slice.bytes)).toHaveLength(2);
  });

  it('without history is given what is true now, and what comes', () => {
    const log = founded(0);
    append(log, joining(1, 2, bob), line('ann', 7, 3));
    const { snapshot, cursor } = log.start(true);
    const { ranges, ...rest } = snapshot;
    const { view, lineage } = log;
    expect(rest).toEqual({ seq: 3, view, authors: new Map([['ann', 7]]), founder: null, acts: [], notes: [], lineage });
    expect([...ranges.keys()]).toEqual(['ann']);
    expect(ranges.get('ann')).toMatchObject({ from: 7, base: '' });
    expect(ranges.get('ann')?.lines).toEqual([{ n: 7, time: 0, what: undefined, text: 'ann 7' }]);
    expect(log.read(cursor)).toBe('end');
    append(log, line('bob', 1, 4));
    expect(first(log, cursor)).toEqual(line('bob', 1, 4));
    expect(snapshot.authors).toEqual(new Map([['ann', 7]])); // a snapshot stays what it was
  });

  it('without history shares a place with the next, when nothing was said between', () => {
    const log = founded(0);
    expect(log.start(true)).toEqual(log.start(true));
  });

  it('is given at least the history, from the start of a segment', () => {
    const log = founded(10);
    fill(log, 100);
    const { snapshot, cursor } = log.start(true);
    const given = log.last - snapshot.seq;
    expect(given).toBeGreaterThanOrEqual(10);
    expect(given).toBeLessThan(10 + 4);
    expect(first(log, cursor)?.seq).toBe(snapshot.seq + 1);
    expect(snapshot.authors).toEqual(new Map([['ann', snapshot.seq - 1]]));
    expect(snapshot.view).toEqual(log.view);
  });

  it('has then the same room as everybody', () => {
    const log = founded(10, [ann, bob]);
    fill(log, 100);
    const { snapshot, cursor } = log.start(true);
    const theirs = new Log(10);
    theirs.restore(snapshot);
    for (let at = cursor; ;) {
      const slice = log.read(at);
      if (slice === 'end' || slice === 'trimmed') break;
      for (const frame of framesIn(slice.bytes)) theirs.append(decodeEntry(frame) as Entry, frame);
      at = slice.cursor;
    }
    expect(theirs.first).toBe(snapshot.seq + 1);
    expect([theirs.last, theirs.view, theirs.lineage]).toEqual([log.last, log.view, log.lineage]);
    expect(theirs.authors).toEqual(log.authors);
    // And goes on alone: what it held before is gone, and its readers are told so.
    expect(theirs.read({ serial: 1, offset: 0 })).toBe('trimmed');
  });
});
