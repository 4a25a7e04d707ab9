/** Who is told of when people are met in the room: once, and only where it is worth a word. */
import { describe, expect, it } from 'vitest';
import type { Crypto } from '../../src/core/crypto.ts';
import { idOf, vouchFor } from '../../src/core/identity.ts';
import { limits } from '../../src/core/limits.ts';
import { Meetings } from '../../src/core/meeting.ts';
import { Pins } from '../../src/core/pins.ts';
import type { Member } from '../../src/core/view.ts';
import { keyOf, toyCrypto } from './toy.ts';

let seed = 0;
/** A new process of the person with that key. */
const process = (person: string): Crypto => toyCrypto(++seed, keyOf(person));

function member(crypto: Crypto, name: string, vouch = vouchFor(crypto, name)): Member {
  const { key, box } = crypto;
  return { id: idOf(crypto, key, box), name, key, box, vouch, addresses: [], joined: 1 };
}

/** Somebody called alice, whom nobody has come to yet. */
function alice(): { meetings: Meetings; meet: (...members: Member[]) => unknown[]; crypto: Crypto } {
  const crypto = process('alice');
  const meetings = new Meetings(new Pins(), 'alice');
  let wall = 0;
  const meet = (...members: Member[]): unknown[] => {
    meetings.see(members);
    const told = meetings.meetSome(crypto, ++wall);
    return told.map(({ member: { name }, notice }) => ({ name, ...notice }));
  };
  return { meetings, meet, crypto };
}

describe('somebody in the room', () => {
  it('is told of when the name was another key’s: once for each process', () => {
    const { meetings, meet } = alice();
    expect(meet(member(process('rob'), 'bob'))).toEqual([]);
    const other = member(process('eve'), 'BOB');
    const told = [{ name: 'BOB', kind: 'changed', known: 'bob', since: 1 }];
    expect(meet(other)).toEqual(told);
    expect(meet()).toEqual([]);
    expect(meet(other)).toEqual([]);
    // A new reign, or a snapshot, brings the same member as another object.
    expect(meet({ ...other, joined: 7 })).toEqual([]);
    expect(meet(member(process('eve'), 'BOB'))).toEqual(told);
    // The one who is known is known all the while.
    expect(meet(member(process('rob'), 'bob'))).toEqual([]);
    meetings.pins.accept('BOB', keyOf('eve'), 9);
    expect(meet(member(process('eve'), 'BOB'))).toEqual([]);
    expect(meet(member(process('rob'), 'bob'))).toEqual([{ name: 'bob', kind: 'changed', known: 'BOB', since: 9 }]);
  });

  it('is told of under a new name', () => {
    const { meet } = alice();
    const rob = process('rob');
    expect(meet(member(rob, 'rob'))).toEqual([]);
    expect(meet(member(rob, 'bob'))).toEqual([{ name: 'bob', kind: 'renamed', former: 'rob' }]);
    expect(meet(member(process('rob'), 'rob'))).toEqual([]);
  });

  it('is told of when a process that is known comes under another one’s name', () => {
    const { meet } = alice();
    const eve = process('eve');
    expect(meet(member(process('rob'), 'bob'), member(eve, 'eve'))).toEqual([]);
    expect(meet(member(eve, 'bob'))).toEqual([{ name: 'bob', kind: 'changed', known: 'bob', since: 1 }]);
  });

  it('is not believed when nobody vouches for it, and the true one is met all the same', () => {
    const { meetings, meet } = alice();
    const [rob, eve] = [process('rob'), process('eve')];
    const forged = [{ name: 'bob', kind: 'forged' }];
    expect(meet(member(rob, 'bob', vouchFor(eve, 'bob')))).toEqual(forged);
    expect(meet(member(rob, 'bob', vouchFor(rob, 'rob')))).toEqual(forged);
    expect(meetings.pins.entries()).toEqual([]);
    expect(meet(member(rob, 'bob'))).toEqual([]);
    expect(meetings.pins.of('bob')?.key).toBe(keyOf('rob'));
  });

  it('has not the name of the person here', () => {
    const { meetings, meet } = alice();
    const eve = member(process('eve'), 'аlice'); // with a Cyrillic а
    expect(meet(eve)).toEqual([{ name: 'аlice', kind: 'namesake' }]);
    expect(meet(eve)).toEqual([]);
    expect(meetings.pins.entries()).toEqual([]);
  });

  it('is never the person here, under whatever name', () => {
    const { meetings, meet, crypto } = alice();
    meet(member(process('rob'), 'bob'));
    expect(meet(member(crypto, 'alice'), member(process('alice'), 'alice2'), member(process('alice'), 'bob'))).toEqual(
      [],
    );
    expect(meetings.pins.entries().map(({ name }) => name)).toEqual(['bob']);
  });

  it('is met though it is gone again', () => {
    const { meetings, meet } = alice();
    meet(member(process('rob'), 'bob'));
    meetings.greet(member(process('eve'), 'bob'));
    expect(meet()).toEqual([{ name: 'bob', kind: 'changed', known: 'bob', since: 1 }]);
  });
});

describe('somebody too many', () => {
  it('is told of once, and whoever is known still is', () => {
    const { meetings, meet } = alice();
    for (let at = 0; at < limits.pinsMax; at++) meetings.pins.meet(`p${at}`, `key${at}`, 1);
    expect(meet(member(process('rob'), 'rob'))).toEqual([{ name: 'rob', kind: 'unpinned' }]);
    expect(meet(member(process('bob'), 'bob'))).toEqual([]);
    expect(meet(member(process('eve'), 'p0'))).toEqual([{ name: 'p0', kind: 'changed', known: 'p0', since: 1 }]);
  });
});

describe('a crowd', () => {
  it('is met a few at a time, each once', () => {
    const { meetings, crypto } = alice();
    const count = 3 * limits.checksMax + 1;
    let checks = 0;
    const counting = {
      ...crypto,
      verify: (...about: Parameters<Crypto['verify']>) => (checks++, crypto.verify(...about)),
    };
    meetings.see(Array.from({ length: count }, (_, at) => member(process(`p${at}`), `p${at}`)));
    for (const all of [1, 2, 3].map((turn) => turn * limits.checksMax)) {
      expect(meetings.meetSome(counting, 1)).toEqual([]);
      expect([checks, meetings.due]).toEqual([all, true]);
    }
    meetings.meetSome(counting, 1);
    meetings.meetSome(counting, 1);
    expect([checks, meetings.due, meetings.pins.entries().length]).toEqual([count, false, count]);
  });
});
