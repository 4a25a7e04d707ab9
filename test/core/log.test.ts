import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyToView, decodeEntry, type Entry } from '../../src/core/entry.ts';
import { limits } from '../../src/core/limits.ts';
import { Log, type Cursor } from '../../src/core/log.ts';
import { emptyView, type View } from '../../src/core/view.ts';
import { ann, append, bob, cat, codeOf, framesIn, joining, line, member, reign } from './table.ts';

/** A log of: reign 1 of ann (1), bob joins (2), ann 1 (3), bob 1 (4), ann 2 (5). */
function small(history = 1000): Log {
  const log = new Log(history);
  append(log, reign(1, 1), joining(1, 2, bob), line('ann', 1, 3), line('bob', 1, 4), line('ann', 2, 5));
  return log;
}

function factsOf({ first, last, bytes, position, view, lineage, authors }: Log): unknown {
  return { first, last, bytes, position, view, lineage, authors: [...authors] };
}

/** All that is left to read from a cursor. */
function readAll(log: Log, from: Cursor | undefined): Entry[] {
  const entries: Entry[] = [];
  for (let cursor = from; cursor !== undefined;) {
    const slice = log.read(cursor);
    if (slice === 'end') return entries;
    expect(slice).not.toBe('trimmed');
    if (slice === 'trimmed') break;
    for (const frame of framesIn(slice.bytes)) entries.push(decodeEntry(frame) as Entry);
    cursor = slice.cursor;
  }
  return entries;
}

describe('append', () => {
  it('derives from the entries what the room is', () => {
    const log = new Log(1000);
    expect(log).toMatchObject({ first: 1, last: 0, bytes: 0, view: emptyView, lineage: [] });
    append(log, reign(3, 1), joining(3, 2, bob), line('ann', 1, 3, { epoch: 3 }), line('bob', 4, 4, { epoch: 3 }));
    expect(log).toMatchObject({ first: 1, last: 4, position: { epoch: 3, seq: 4 } });
    expect(log.view).toEqual({ epoch: 3, count: 2, members: [ann, bob] });
    expect(log.lineage).toEqual([{ epoch: 3, coordinator: 'ann', first: 1 }]);
    expect([...log.authors]).toEqual([
      ['ann', 1],
      ['bob', 4],
    ]);
  });

  it('names as coordinator of a reign the earliest who can be dialled', () => {
    const log = new Log(1000);
    append(log, reign(1, 1, [{ ...ann, addresses: [] }, bob, cat]));
    expect(log.lineage).toEqual([{ epoch: 1, coordinator: 'bob', first: 1 }]);
  });

  it('puts a prefix in front of the body', () => {
    const [log, twin] = [small(), small()];
    const body = new TextEncoder().encode('3 0 - - hi');
    log.append(line('ann', 3, 6, { text: 'hi' }), { sender: 'ann', type: 'CHAT', body }, '1 6 ');
    append(twin, line('ann', 3, 6, { text: 'hi' }));
    expect(log.read({ serial: 1, offset: 0 })).toEqual(twin.read({ serial: 1, offset: 0 }));
    expect(log.bytes).toBe(twin.bytes);
  });

  it.each<readonly [string, Entry]>([
    ['a seq again', line('ann', 3, 5)],
    ['a gap in the seq', line('ann', 3, 7)],
    ['a line of an older reign', line('ann', 3, 6, { epoch: 0 })],
    ['a line of a later reign', line('ann', 3, 6, { epoch: 2 })],
    ['a number of an author again', line('ann', 2, 6)],
    ['an older number of an author', line('ann', 1, 6)],
    ['a reign again', reign(1, 6, [ann, bob])],
    ['a reign at a wrong place', reign(2, 7, [ann, bob])],
    ['a reign of nobody', { ...reign(2, 6), members: [], count: 2 }],
    ['a reign of nobody who can be dialled', reign(2, 6, [{ ...ann, addresses: [] }])],
    ['a reign whose count is below a place', { ...reign(2, 6, [bob]), count: 1 }],
    ['somebody twice', joining(1, 6, { ...bob, joined: 3 })],
    ['a place in the order again', joining(1, 6, { ...cat, joined: 2 })],
    ['a join of another reign', joining(2, 6, cat)],
    ['a goodbye of a stranger', { kind: 'left', epoch: 1, seq: 6, time: 0, id: 'cat', why: 'left' }],
    ['a goodbye in another reign', { kind: 'left', epoch: 2, seq: 6, time: 0, id: 'bob', why: 'left' }],
  ])('refuses %s, and is then unchanged', (_, entry) => {
    const log = small();
    const before = factsOf(log);
    expect(codeOf(() => append(log, entry))).toBe('order');
    expect(factsOf(log)).toEqual(before);
    expect(codeOf(() => append(log, line('ann', 3, 6)))).toBeUndefined();
  });

  it('lets an author skip numbers, and somebody come back', () => {
    const log = small();
    append(log, line('ann', 9, 6), { kind: 'left', epoch: 1, seq: 7, time: 0, id: 'bob', why: 'left' });
    append(log, joining(1, 8, { ...bob, joined: 5 }));
    expect(log.view).toEqual({ epoch: 1, count: 5, members: [ann, { ...bob, joined: 5 }] });
  });

  it('lets nobody in above the limit', () => {
    const log = new Log(0);
    append(
      log,
      reign(
        1,
        1,
        Array.from({ length: limits.membersMax }, (_, at) => member(`m${at}`, at + 1)),
      ),
    );
    expect(codeOf(() => append(log, joining(1, 2, member('late', 2000))))).toBe('order');
  });

  it('remembers the latest reigns', () => {
    const log = new Log(1000);
    for (let epoch = 1; epoch <= limits.lineageMax + 6; epoch++) append(log, reign(epoch, epoch));
    expect(log.lineage).toHaveLength(limits.lineageMax);
    expect(log.lineage[0]).toEqual({ epoch: 7, coordinator: 'ann', first: 7 });
    expect(log.lineage.at(-1)).toEqual({ epoch: 70, coordinator: 'ann', first: 70 });
  });

  it('forgets the authors heard of first, but never a member', () => {
    const log = small();
    append(log, { kind: 'left', epoch: 1, seq: 6, time: 0, id: 'bob', why: 'left' });
    for (let at = 0; at < limits.authorsMax; at++) append(log, line(`a${at}`, 1, log.last + 1));
    expect(log.authors.size).toBe(limits.authorsMax);
    expect(log.authors.get('ann')).toBe(2);
    expect(log.authors.has('bob')).toBe(false);
    expect(log.authors.has('a0')).toBe(false);
    expect(log.authors.has('a1')).toBe(true);
  });
});

describe('reading', () => {
  it('gives whole entries from any place on', () => {
    const log = small();
    const all = [...log.entries(1)];
    expect(all.map(({ kind }) => kind)).toEqual(['peers', 'joined', 'chat', 'chat', 'chat']);
    for (let seq = 0; seq <= 5; seq++) {
      expect(readAll(log, log.cursorAfter(seq))).toEqual(all.slice(seq));
      expect([...log.entries(seq + 1)]).toEqual(all.slice(seq));
    }
    expect(log.cursorAfter(6)).toBeUndefined();
  });

  it('goes on where the reader stood', () => {
    const log = small();
    const cursor = log.cursorAfter(5) as Cursor;
    expect(log.read(cursor)).toBe('end');
    append(log, line('bob', 2, 6));
    expect(readAll(log, cursor)).toEqual([line('bob', 2, 6)]);
  });

  it.each([
    [0, emptyView],
    [1, { epoch: 1, count: 1, members: [ann] }],
    [2, { epoch: 1, count: 2, members: [ann, bob] }],
    [5, { epoch: 1, count: 2, members: [ann, bob] }],
    [6, { epoch: 2, count: 2, members: [bob] }],
    [7, { epoch: 2, count: 2, members: [bob] }],
    [99, { epoch: 2, count: 2, members: [bob] }],
  ])('knows the view as it was at %i', (seq, view) => {
    const log = small();
    append(log, reign(2, 6, [bob]), line('bob', 2, 7, { epoch: 2 }));
    expect(log.snapshotAt(seq)?.view).toEqual(view);
  });
});

describe('truncate', () => {
  it('gives back the lines that it drops, and is as it was then', () => {
    const log = small();
    append(log, reign(2, 6, [bob]), line('bob', 2, 7, { epoch: 2 }));
    expect(log.truncate(3)).toEqual([line('bob', 1, 4), line('ann', 2, 5), line('bob', 2, 7, { epoch: 2 })]);
    const twin = new Log(1000);
    append(twin, reign(1, 1), joining(1, 2, bob), line('ann', 1, 3));
    expect(factsOf(log)).toEqual(factsOf(twin));
    expect([...log.entries(1)]).toEqual([...twin.entries(1)]);
  });

  it.each([5, 6, 1000])('drops nothing at %i', (seq) => {
    const log = small();
    expect(log.truncate(seq)).toEqual([]);
    expect(log.last).toBe(5);
  });

  it('drops everything at 0', () => {
    const log = small();
    expect(log.truncate(0)).toHaveLength(3);
    expect(log).toMatchObject({ first: 1, last: 0, bytes: 0, view: emptyView, lineage: [] });
    append(log, reign(1, 1, [bob]));
    expect(readAll(log, log.cursorAfter(0))).toEqual([reign(1, 1, [bob])]);
  });

  it('never writes again what a slice has shown', () => {
    const log = small();
    const slice = log.read(log.cursorAfter(0) as Cursor);
    if (slice === 'end' || slice === 'trimmed') throw new Error('nothing to read');
    const copy = slice.bytes.slice();
    log.truncate(2);
    append(log, line('ann', 1, 3, { text: 'something else' }), line('ann', 2, 4), line('ann', 3, 5), line('ann', 4, 6));
    expect(slice.bytes).toEqual(copy);
  });
});

/** What a log is, in the simplest words: a list. */
interface Model {
  entries: Entry[];
  view: View;
}

type Op =
  | { readonly do: 'say'; readonly who: number; readonly size: number }
  | { readonly do: 'join' | 'leave' | 'reign' | 'roll' }
  | { readonly do: 'truncate'; readonly part: number };

const operation: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('say'), who: fc.nat(3), size: fc.integer({ min: 1, max: 16_000 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('join', 'leave', 'reign', 'roll') }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('truncate'), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

/** The entry that an operation stands for, in the state that the room is in. */
function entryOf(op: Op, { entries, view }: Model, count: number): Entry | undefined {
  const place = { epoch: view.epoch, seq: entries.length + 1, time: 0 };
  if (entries.length === 0 || op.do === 'reign')
    return reign(view.epoch + 1, place.seq, [member('boss', view.count + 1)]);
  if (op.do === 'join') return { ...place, kind: 'joined', member: member(`g${count}`, view.count + 1) };
  if (op.do === 'leave') {
    const last = view.members.at(-1);
    return last === undefined ? undefined : { ...place, kind: 'left', id: last.id, why: 'left' };
  }
  return op.do === 'say' ? line(`a${op.who}`, count, place.seq, { ...place, text: 'x'.repeat(op.size) }) : undefined;
}

describe('whatever happens to a log', () => {
  it('is the list of its entries, and what it gave out stays as it was', () => {
    fc.assert(
      fc.property(fc.array(operation, { minLength: 10, maxLength: 60 }), (ops) => {
        const log = new Log(0);
        const model: Model = { entries: [], view: emptyView };
        const given: { bytes: Uint8Array; copy: Uint8Array }[] = [];
        for (const [count, op] of ops.entries()) {
          const entry = entryOf(op, model, count + 1);
          if (op.do === 'truncate') {
            const seq = Math.floor(op.part * model.entries.length);
            const dropped = model.entries.slice(seq).filter(({ kind }) => kind === 'chat');
            expect(log.truncate(seq)).toEqual(dropped);
            model.entries = model.entries.slice(0, seq);
            model.view = model.entries.reduce(applyToView, emptyView);
          } else if (op.do === 'roll') log.start(true);
          if (op.do !== 'truncate' && entry !== undefined) {
            append(log, entry);
            model.entries = [...model.entries, entry];
            model.view = applyToView(model.view, entry);
          }
          const from = Math.floor(model.entries.length / 2);
          const slice = log.read(log.cursorAfter(from) as Cursor);
          if (slice !== 'end' && slice !== 'trimmed') given.push({ bytes: slice.bytes, copy: slice.bytes.slice() });
          expect(log.view).toEqual(model.view);
        }
        const { entries } = model;
        expect([...log.entries(1)]).toEqual(entries);
        for (const from of [0, Math.floor(entries.length / 2), entries.length]) {
          expect(readAll(log, log.cursorAfter(from))).toEqual(entries.slice(from));
          expect(log.snapshotAt(from)?.view).toEqual(entries.slice(0, from).reduce(applyToView, emptyView));
        }
        for (const { bytes, copy } of given) expect(Buffer.compare(bytes, copy)).toBe(0);
        expect(log.lineage.every(({ first }) => entries[first - 1]?.kind === 'peers')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
