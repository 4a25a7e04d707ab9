/** What an export proves: all of a room as it was, and nothing of it once it was changed. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { Log, type Snapshot } from '../../src/core/log.ts';
import { Proof } from '../../src/core/proof.ts';
import { readTestimony, type Testimony } from '../../src/core/testimony.ts';
import { Author, checker, examine, Gathering, parse, room, told } from './gathering.ts';
import { fingerprint } from '../../src/core/words.ts';

const [ann, bob, cat, zoe] = ['ann', 'bob', 'cat', 'zoë'].map((name) => new Author(name)) as [
  Author,
  Author,
  Author,
  Author,
];

/**
 * ann 1, 2 alone; ann 3 to 6 and bob 1 to 4 together, one through the other; ann 7 (a key: sealed, then left out), 8, 9
 * to 10 by a seal; lines of zoe and cat.
 */
function gather(): Gathering {
  const one = new Gathering();
  one.enter(ann);
  one.say(ann, ann.burst(['one'])).say(ann, ann.burst(['two']));
  one.enter(bob);
  const [some, others] = [ann.burst(['a', 'b', 'c', 'd']), bob.burst(['e', 'f', 'g', 'h'])];
  some.forEach((offer, at) => one.say(ann, [offer]).say(bob, others.slice(at, at + 1)));
  one.say(ann, ann.act('key SECRET'));
  one.say(ann, ann.burst(['after']));
  one.say(ann, ann.hurry(['quick', 'quicker'])).say(ann, ann.seal());
  one.say(zoe, zoe.burst(['apart', 'as well']), { apart: true, by: zoe.person });
  one.add({ kind: 'left', id: bob.id, why: 'left' });
  one.enter(cat);
  return one.say(cat, cat.burst(['miaow'])).say(ann, ann.burst(['last']));
}

const whole = gather();
const lines = whole.export();
const records = lines.map(parse);
/** Where that author's number stands in the file, from 0. */
const at = ({ id }: Author, n: number): number =>
  records.findIndex((record) => 'n' in record && record.kind !== 'open' && record.id === id && record.n === n);
/** The file with one line written anew. */
const edit = (place: number, given: object): string[] =>
  lines.with(place, JSON.stringify({ ...records[place], ...given }));

describe('a whole room', () => {
  it('is proven, line by line', () => {
    const verdict = examine(lines);
    expect(verdict).toMatchObject({
      ok: true,
      room,
      from: 1,
      to: whole.log.last,
      lines: 17,
      signed: 17,
      leftOut: 1,
      more: 0,
    });
    expect(verdict.faults).toEqual([]);
    expect(verdict.people.map((one) => [one.name, one.lines, one.signed, one.vouched])).toEqual([
      ['ann', 10, 10, true],
      ['bob', 4, 4, true],
      ['zoë', 2, 2, false],
      ['cat', 1, 1, true],
    ]);
    expect(verdict.people[0]?.fingerprint).toBe(fingerprint(checker, ann.crypto.key));
  });

  it('has nothing of what acts say', () => {
    expect(lines.join('\n')).not.toContain('SECRET');
    expect(records.filter(({ kind }) => kind === 'left-out')).toEqual([
      { kind: 'left-out', epoch: 1, seq: expect.any(Number), id: ann.id, n: 7 },
    ]);
  });

  it.each(Array.from({ length: whole.log.last }, (_, seq) => seq))('is proven from %d on', (seq) => {
    const part = new Log(10_000);
    part.restore(whole.log.snapshotAt(seq) as Snapshot);
    const rest = new Gathering();
    Object.assign(rest, { log: part });
    for (const entry of whole.log.entries(seq + 1)) rest.add(entry);
    // Who has left before is known to the peer, if not to the log.
    const people = new Map([ann, bob, cat, zoe].map((one) => [one.id, one.person]));
    expect(told(examine(rest.export(people)))).toEqual([]);
    expect(examine(rest.export(people))).toMatchObject({ ok: true, from: seq + 1 });
  });

  it('tells what is not signed yet from what never will be', () => {
    const [eve, ian] = [new Author('eve'), new Author('ian')];
    const one = new Gathering();
    one.enter(eve);
    one.enter(ian);
    one.say(eve, eve.burst(['signed'])).say(eve, eve.hurry(['x', 'y']));
    one
      .say(
        ian,
        ian.burst(['signed']).map((offer) => ({ ...offer, cover: undefined })),
      )
      .say(ian, ian.burst(['well']));
    expect(told(examine(one.export()))).toEqual(['open eve 2-3', 'unsigned ian 1']);
    expect(examine(one.export())).toMatchObject({ ok: false, lines: 5, signed: 2 });
  });

  it('says anew who somebody is who has another name, or for whom there is a word now', () => {
    const one = new Gathering();
    const member = one.enter(ann);
    one.say(zoe, zoe.burst(['apart']), { apart: true, by: zoe.person });
    one.enter(zoe);
    one.say(zoe, zoe.burst(['here']));
    one.add({ kind: 'left', id: zoe.id, why: 'cut' });
    const vouch = vouchFor(zoe.crypto, 'zoë2');
    one.add({ kind: 'joined', member: { ...zoe.member(3), name: 'zoë2', vouch } });
    one.say(zoe, zoe.burst(['again']));
    one.reign([member]);
    const file = one.export();
    const people = file
      .map(parse)
      .flatMap((record) => (record.kind === 'person' ? [[record.name, record.vouch !== undefined]] : []));
    expect(people).toEqual([
      ['ann', true],
      ['zoë', false],
      ['zoë', true],
      ['zoë2', true],
    ]);
    expect(examine(file)).toMatchObject({ ok: true, people: [{ name: 'zoë2', lines: 3, vouched: true }] });
  });

  it('has the name that somebody took in the room, and that it was signed', () => {
    const pat = new Author('pat');
    const gathering = new Gathering();
    gathering.enter(pat);
    gathering.say(pat, pat.burst(['one']));
    gathering.add({ kind: 'renamed', id: pat.id, name: 'patrick', vouch: vouchFor(pat.crypto, 'patrick') });
    gathering.say(pat, pat.burst(['two']));
    const file = gathering.export();
    const names = file.map(parse).flatMap((one) => (one.kind === 'line' || one.kind === 'renamed' ? [one.name] : []));
    expect(names).toEqual(['pat', 'patrick', 'patrick']);
    expect(examine(file)).toMatchObject({
      ok: true,
      lines: 2,
      signed: 2,
      people: [{ name: 'patrick', vouched: true }],
    });
    const forged = file.map((text) => text.replaceAll('"patrick"', '"eve"'));
    expect(told(examine(forged))).toEqual(['vouch eve']);
  });

  it('may have nothing in it', () => {
    expect(examine(new Gathering().export())).toMatchObject({ ok: true, lines: 0, from: 1, to: 0 });
  });
});

describe('what was changed is found, and nobody else accused', () => {
  const mallory = new Author('mallory');
  const copy = (place: number, to: number): string[] => lines.toSpliced(to, 0, lines[place] as string);
  const swap = (one: number, other: number): string[] =>
    lines.with(one, lines[other] as string).with(other, lines[one] as string);
  const seqs = (file: readonly string[]): string[] => {
    let seq = 0;
    return file.map((text) => {
      const record = parse(text);
      return 'seq' in record ? JSON.stringify({ ...record, seq: ++seq }) : text;
    });
  };
  const header = (file: readonly string[], to: number): string[] => file.with(0, JSON.stringify({ ...records[0], to }));
  const added = {
    kind: 'line',
    epoch: 1,
    seq: 1,
    time: 1,
    id: bob.id,
    n: 5,
    name: 'bob',
    apart: false,
    text: 'never said',
  };
  const line = (name: string): number =>
    records.findIndex((record) => record.kind === 'person' && record.name === name);

  it.each<[string, string[], string[]]>([
    ['the text of one signed alone', edit(at(ann, 1), { text: 'ONE' }), ['changed ann 1']],
    ['the text of one of several', edit(at(ann, 4), { text: 'B' }), ['changed ann 3-6']],
    ['a time', edit(at(bob, 2), { time: 1 }), ['changed bob 1-4']],
    ['a signature', edit(at(ann, 2), { cover: { from: 2, signature: 'A'.repeat(86) } }), ['changed ann 2']],
    [
      'what it is over',
      edit(at(ann, 6), { cover: { ...(records[at(ann, 6)] as { cover: object }).cover, from: 2 } }),
      ['changed ann 3-6'],
    ],
    ['a signature that was taken away', edit(at(ann, 2), { cover: undefined }), ['unsigned ann 2']],
    [
      'two places',
      edit(at(ann, 1), { text: 'x' }).with(at(bob, 1), edit(at(bob, 1), { text: 'y' })[at(bob, 1)] as string),
      ['changed ann 1', 'changed bob 1-4'],
    ],
    ['one signed alone is away', lines.toSpliced(at(ann, 2), 1), ['missing ann 2']],
    [
      '... and the rest counted anew',
      seqs(header(lines.toSpliced(at(ann, 2), 1), whole.log.last - 1)),
      ['missing ann 2'],
    ],
    ['one of several is away', lines.toSpliced(at(ann, 4), 1), ['unproven ann 3-6', 'missing ann 4']],
    ['the last is away', lines.slice(0, -1), [`missing ${whole.log.last}`]],
    ['the last ones of several are away', header(lines.slice(0, at(bob, 3)), 9), ['open ann 3-5', 'open bob 1-2']],
    [
      'an entry that nobody said',
      lines.toSpliced(
        records.findIndex(({ kind }) => kind === 'left'),
        1,
      ),
      [`missing ${(records.find(({ kind }) => kind === 'left') as { seq: number }).seq}`],
    ],
    ['one signed alone comes twice', copy(at(ann, 1), at(ann, 2) + 1), ['doubled ann 1']],
    ['one of several comes twice', copy(at(ann, 4), at(ann, 4) + 1), ['doubled ann 4']],
    ['... elsewhere', copy(at(ann, 4), at(ann, 9)), ['doubled ann 4']],
    ['two of one author are swapped', swap(at(ann, 4), at(ann, 5)), ['moved ann 4']],
    ['two of several authors are swapped', swap(at(ann, 4), at(bob, 2)), ['moved 7']],
    [
      'one is moved',
      lines.toSpliced(at(ann, 2), 1).toSpliced(at(ann, 9) - 1, 0, lines[at(ann, 2)] as string),
      ['moved ann 2'],
    ],
    ['one signed alone, in the name of another', edit(at(ann, 2), { id: bob.id, name: 'bob' }), ['attributed bob 2']],
    ['one of several, in the name of another', edit(at(ann, 5), { id: bob.id, name: 'bob' }), ['attributed bob 5']],
    ['... who has said that number', edit(at(ann, 4), { id: bob.id, name: 'bob' }), ['attributed bob 4']],
    ['... in that id alone', edit(at(ann, 4), { id: bob.id }), ['attributed bob 4']],
    ['another name at a line', edit(at(ann, 2), { name: 'bob' }), ['name ann 2']],
    [
      'a line that nobody said',
      [...header(lines, whole.log.last + 1), JSON.stringify({ ...added, seq: whole.log.last + 1 })],
      ['open bob 5'],
    ],
    [
      '... signed by somebody else',
      [
        ...header(lines, whole.log.last + 1),
        JSON.stringify({
          ...added,
          seq: whole.log.last + 1,
          cover: { from: 5, signature: mallory.crypto.sign(new Uint8Array(1)) },
        }),
      ],
      ['changed bob 5'],
    ],
    [
      'a line said to be an act',
      lines.with(
        at(ann, 4),
        JSON.stringify({
          kind: 'left-out',
          epoch: 1,
          seq: (records[at(ann, 4)] as { seq: number }).seq,
          id: ann.id,
          n: 4,
        }),
      ),
      ['unproven ann 3-6', 'hidden ann 4'],
    ],
    ['another key', edit(line('ann'), { key: mallory.crypto.key }), ['id ann']],
    ['another name of a person', edit(line('cat'), { name: 'tom' }), ['vouch tom']],
    ['nobody', lines.toSpliced(line('cat'), 1), ['stranger']],
    ['a damaged line', lines.with(at(ann, 2), '{"kind":'), ['record']],
    ['a damaged line of several', lines.with(at(ann, 4), 'x'), ['unproven ann 3-6', 'record']],
    [
      'another room',
      lines.with(0, JSON.stringify({ ...records[0], room: 'zzzzzzzzzz' })),
      ['changed ann 1-6', 'changed bob 1-4', 'changed ann 8-10', 'changed zoë 1-2', 'changed cat 1', 'changed ann 12'],
    ],
    ['no beginning', lines.slice(1), ['unread']],
    ['two beginnings', lines.toSpliced(3, 0, lines[0] as string), ['record']],
  ])('%s', (_, file, faults) => {
    const verdict = examine(file);
    expect(told(verdict)).toEqual(faults);
    expect(verdict.ok).toBe(false);
  });

  it('two keys under one name', () => {
    const one = new Gathering();
    const other = new Author('Ann');
    one.enter(ann);
    one.enter(other);
    one.say(other, other.burst(['it is me']));
    expect(told(examine(one.export()))).toEqual(['keys Ann']);
  });
});

describe('any change', () => {
  const said = records.flatMap((record, place) => (record.kind === 'line' || record.kind === 'seal' ? [place] : []));

  it('of one character that makes it another line is found', () => {
    const chars = Array.from('0123456789abcxyz"\\{}:, -eE.+\u0000é\u200b');
    fc.assert(
      fc.property(
        fc.constantFrom(...said),
        fc.nat(),
        fc.constantFrom('', ...chars),
        fc.boolean(),
        (place, where, char, insert) => {
          const text = lines[place] as string;
          const start = where % text.length;
          const changed = text.slice(0, start) + char + text.slice(insert ? start : start + 1);
          fc.pre(changed !== text);
          const field = (one: string): unknown => {
            try {
              const { text: words, id, n, time } = JSON.parse(one) as Record<string, unknown>;
              return JSON.stringify([words, id, n, time]);
            } catch {
              return undefined;
            }
          };
          fc.pre(field(changed) !== field(text));
          const { ok, faults } = examine(lines.with(place, changed));
          expect(ok).toBe(false);
          expect(faults.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of the order of lines is found, and so is any that is away or comes twice', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...said),
        fc.constantFrom(...said),
        fc.constantFrom('move', 'copy', 'drop'),
        (from, to, how) => {
          fc.pre(how !== 'move' || from !== to);
          const left = how === 'copy' ? lines : lines.toSpliced(from, 1);
          const file = how === 'drop' ? left : left.toSpliced(to, 0, lines[from] as string);
          expect(examine(file).ok).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('whatever comes', () => {
  const json = fc.oneof(fc.json(), fc.string(), fc.constantFrom(...lines));
  const spoilt = fc
    .tuple(
      fc.constantFrom(...lines),
      fc.dictionary(
        fc.constantFrom('kind', 'n', 'seq', 'id', 'name', 'key', 'cover', 'from', 'to', '__proto__'),
        fc.oneof(
          fc.jsonValue(),
          fc.constantFrom(...records.map((record) => record.kind), Number.MAX_VALUE, -0, 2 ** 53, ann.id, bob.id),
        ),
      ),
    )
    .map(([text, given]) => JSON.stringify({ ...parse(text), ...given }));

  it('is judged, and does not end the process', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(json, spoilt), { maxLength: 20 }), fc.boolean(), (some, begun) => {
        const verdict = examine(begun ? [...lines.slice(0, 8), ...some] : some);
        expect(verdict.ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ['deep', '['.repeat(50_000) + ']'.repeat(50_000)],
    ['a field twice', (lines[at(ann, 1)] as string).replace('{', '{"text":"I owe you",')],
    ['__proto__', (lines[at(ann, 1)] as string).replace('{', '{"__proto__":{"text":"x"},')],
    ['NaN', (lines[at(ann, 1)] as string).replace('"n":1', '"n":NaN')],
    ['a number in other words', (lines[at(ann, 1)] as string).replace('"n":1', '"n":1e0')],
    ['null', 'null'],
    ['nothing', ''],
    ['a line end of another system', `${lines[at(ann, 1)]}\r`],
  ])('%s is a damaged line', (_, text) => {
    expect(told(examine(lines.with(at(ann, 1), text)))).toEqual(['record']);
  });

  it('is not read on when it names more than a room has', () => {
    const proof = new Proof(checker);
    proof.take(readTestimony(lines[0] as string), 1);
    const { kind, id, key, box } = records[1] as Extract<Testimony, { kind: 'person' }>;
    let place = 1;
    while (proof.take({ kind, id, key, box, name: `n${place}` }, ++place))
      expect(place).toBeLessThan(limits.exportPeopleMax + 10);
    expect(place).toBe(limits.exportPeopleMax + 2);
    expect(told(proof.end())).toEqual(['unread']);
  });

  it('is not read on when too little fits together', () => {
    const one = JSON.stringify({ kind: 'joined', epoch: 1, seq: 5, time: 1, id: ann.id, name: 'ann' });
    const file = [lines[0] as string, ...Array.from({ length: limits.exportLeapsMax + 10 }, () => one)];
    const verdict = examine(file);
    expect(verdict.faults).toContainEqual(
      expect.objectContaining({ kind: 'unread', place: limits.exportLeapsMax + 3 }),
    );
    expect(examine([lines[0] as string, ...Array.from({ length: 5000 }, () => 'x')])).toMatchObject({
      ok: false,
      more: expect.any(Number),
    });
  });
});
