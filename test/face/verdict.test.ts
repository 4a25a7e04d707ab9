/** What an export proves, in words. */
import { describe, expect, it } from 'vitest';
import type { Fault } from '../../src/core/fault.ts';
import type { Verdict } from '../../src/core/proof.ts';
import { faultLine, verdictLines } from '../../src/face/verdict.ts';

const ann = { name: 'ann', key: 'k', fingerprint: 'fy1n c0s0', lines: 1200, signed: 1200, vouched: true };
const verdict: Verdict = {
  ok: true,
  room: 'abcdefghij',
  from: 3,
  to: 1300,
  lines: 1201,
  signed: 1201,
  leftOut: 1,
  people: [ann, { ...ann, name: 'b\u001bob', lines: 1, signed: 1, vouched: false }],
  faults: [],
  more: 0,
};

describe('a verdict', () => {
  it('names everybody with what others can compare', () => {
    expect(verdictLines(verdict).slice(0, -1)).toEqual([
      'room abcdefghij, entries 3 to 1300: 1,201 lines, all of them proven',
      '  ann  fy1n c0s0  1,200 lines, all proven',
      '  bob (a name that is not signed)  fy1n c0s0  1 line, all proven',
      '  1 change of the rules of the room (no lines) left out, as always',
      'nothing is wrong',
    ]);
    expect(verdictLines(verdict).at(-1)).toMatch(/whose a key is, only its owner can tell you \(compare: \/verify/);
  });

  it('says what is wrong before it ends', () => {
    const faults: Fault[] = [{ kind: 'doubled', place: 7, until: 7, id: 'x', name: 'ann', from: 2, to: 2 }];
    const said = verdictLines({ ...verdict, ok: false, signed: 1200, leftOut: 0, people: [], faults, more: 2 });
    expect(said.slice(0, -1)).toEqual([
      'room abcdefghij, entries 3 to 1300: 1,201 lines, 1,200 of them proven',
      "line 7: doubled: ann's number 2 is there already",
      'and 2 faults more',
      'NOT all of this is proven',
    ]);
  });

  it('is one line where nothing could be read', () => {
    const faults: Fault[] = [{ kind: 'unread', place: 1, until: 1, why: 'it is not UTF-8' }];
    expect(verdictLines({ ...verdict, ok: false, room: null, faults })).toEqual([
      'line 1: the rest was not read: it is not UTF-8',
    ]);
  });
});

const about = { place: 4, until: 4, id: 'x', name: 'ann', from: 2, to: 2 };
it.each<[Fault, string]>([
  [{ ...about, kind: 'changed' }, "line 4: changed or forged: ann's number 2 is not what ann signed"],
  [
    { ...about, kind: 'changed', until: 9, to: 5 },
    "lines 4 to 9: changed or forged: one at least of ann's numbers 2 to 5, which ann signed together, is not what was signed",
  ],
  [{ ...about, kind: 'moved' }, "line 4: moved: ann's number 2 stands out of place"],
  [
    { kind: 'moved', place: 4, until: 5, from: 7, to: 8 },
    'lines 4 to 5: moved: numbers 7 to 8 of the room stand out of place',
  ],
  [{ ...about, kind: 'missing', to: 3 }, "behind line 4: missing: ann's numbers 2 to 3 are not there"],
  [{ ...about, kind: 'missing', place: 0 }, "at the start: missing: ann's number 2 is not there"],
  [
    { ...about, kind: 'unproven' },
    "line 4: not proven: ann's number 2 was signed together with what is missing or damaged",
  ],
  [{ ...about, kind: 'attributed', other: 'bob' }, "line 4: in another's name: bob said this, not ann"],
  [{ ...about, kind: 'name', other: 'bob' }, "line 4: in another's name: shown as said by bob, and signed as by ann"],
  [
    { ...about, kind: 'hidden' },
    "line 4: left out: ann's number 2, as if it were a change of the rules, but was signed together with lines",
  ],
  [{ ...about, kind: 'unsigned' }, "line 4: not signed: ann's number 2"],
  [{ ...about, kind: 'open' }, "line 4: not signed yet: ann's number 2, when this was written"],
  [{ kind: 'stranger', place: 4, until: 4, id: 'x\u001b' }, 'line 4: nobody knows who x is'],
  [{ ...about, kind: 'id' }, 'line 4: false: ann has an id (x) that is not that of the keys'],
  [{ ...about, kind: 'vouch' }, 'line 4: false: the name ann was not signed with that key'],
  [{ ...about, kind: 'keys', other: 'Ann' }, 'line 4: another key: ann is not who was called Ann before'],
  [{ ...about, kind: 'keys', other: 'ann' }, 'line 4: another key: ann is not who was called so before'],
  [{ kind: 'record', place: 4, until: 4, why: 'it is not UTF-8' }, 'line 4: damaged: it is not UTF-8'],
])('%#', (fault, words) => expect(faultLine(fault)).toBe(words));
