import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  coordinatorOf,
  emptyView,
  hostsOf,
  memberAt,
  memberOf,
  withMember,
  withoutMember,
} from '../../src/core/view.ts';
import * as arbitrary from './arbitrary.ts';
import { ann, bob, cat } from './table.ts';

const view = { epoch: 2, count: 3, members: [ann, bob, cat] };

describe('withMember and withoutMember', () => {
  it('add at the end and raise the count', () => {
    expect(withMember({ epoch: 1, count: 2, members: [ann, bob] }, cat)).toEqual({
      epoch: 1,
      count: 3,
      members: [ann, bob, cat],
    });
  });

  it('never lower the count: a place is given once', () => {
    expect(withMember({ epoch: 1, count: 9, members: [ann] }, cat).count).toBe(9);
    expect(withoutMember(view, 'cat')).toEqual({ epoch: 2, count: 3, members: [ann, bob] });
  });

  it('take nobody away who is not there', () => {
    expect(withoutMember(view, 'dan')).toEqual(view);
  });

  it('return a view anew', () => {
    fc.assert(
      fc.property(arbitrary.members, (members) => {
        const [youngest, ...rest] = members.toReversed();
        const before = { epoch: 1, count: 0, members: rest.toReversed() };
        const frozen = structuredClone(before);
        if (youngest === undefined) return;
        const after = withMember(before, youngest);
        expect(after.members).toEqual(members);
        expect(withoutMember(after, youngest.id).members).toEqual(frozen.members);
        expect(before).toEqual(frozen);
      }),
      { numRuns: 50 },
    );
  });
});

describe('memberOf and memberAt', () => {
  it.each([
    ['ann', ann],
    ['cat', cat],
    ['dan', undefined],
    ['', undefined],
    ['__proto__', undefined],
  ])('finds by id: "%s"', (id, expected) => {
    expect(memberOf(view, id)).toBe(expected);
  });

  it.each([
    ['whose addresses are all the same', ['h:1', 'h:2'], 'two'],
    ['not by one of several', ['h:1'], 'one'],
    ['not in another order', ['h:2', 'h:1'], undefined],
    ['not by more', ['h:1', 'h:2', 'h:3'], undefined],
  ])('finds the one %s', (_, addresses, expected) => {
    const members = [
      { ...ann, id: 'one', addresses: ['h:1'] },
      { ...bob, id: 'two', addresses: ['h:1', 'h:2'] },
    ];
    expect(memberAt({ ...view, members }, addresses)?.id).toBe(expected);
  });
});

describe('coordinatorOf', () => {
  const deaf = { ...ann, addresses: [] };

  it.each([
    ['the earliest', view.members, [], 'ann'],
    ['the next, when the earliest is dead', view.members, ['ann'], 'bob'],
    ['the last that is left', view.members, ['bob', 'ann'], 'cat'],
    ['nobody, when all are dead', view.members, ['ann', 'bob', 'cat'], undefined],
    ['never one without an address', [deaf, bob], [], 'bob'],
    ['nobody, when none has an address', [deaf], [], undefined],
    ['nobody in an empty room', [], [], undefined],
  ])('is %s', (_, members, dead, expected) => {
    expect(coordinatorOf({ ...view, members }, new Set(dead))?.id).toBe(expected);
  });

  it('needs nobody to be dead', () => {
    expect(coordinatorOf(view)).toBe(ann);
    expect(coordinatorOf(emptyView)).toBeUndefined();
  });
});

describe('the hosts of a view', () => {
  it('are those at which its members can be dialled', () => {
    const members = [{ ...ann, addresses: ['10.0.0.5:6000', '[2001:db8::5]:6000'] }, { ...bob, addresses: [] }, cat];
    expect([...hostsOf({ ...view, members })]).toEqual(['10.0.0.5', '2001:db8::5', 'cat.lan']);
  });

  it('are two of each member, whatever it claims', () => {
    const addresses = ['10.0.0.5:1', '10.0.0.6:1', '10.0.0.7:1'];
    expect([...hostsOf({ ...view, members: [{ ...ann, addresses }] })]).toEqual(['10.0.0.5', '10.0.0.6']);
  });
});
