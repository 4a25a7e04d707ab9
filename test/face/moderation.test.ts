/** Who may put others out, as it is shown, and what a person types to do so. */
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../src/core/command.ts';
import type { Event } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import { statusLines, whoLines } from '../../src/face/answers.ts';
import type { FacePeer } from '../../src/face/face.ts';
import { moderate, type ModerationCommand } from '../../src/face/moderation.ts';
import { words } from '../../src/face/text.ts';

const member = (name: string, joined: number): Member => {
  const [key, box] = [`key of ${name}`, `box of ${name}`];
  return { id: `id of ${name}`, name, addresses: [`10.0.0.${joined}:6000`], joined, key, box, vouch: '' };
};
const [alice, bob, carol] = [member('alice', 1), member('bob', 2), member('carol', 3)];
const at = { id: bob.id, name: 'bob', coordinator: alice };
const standing = {
  ...at,
  members: [alice, bob, carol],
  successor: bob,
  lastHealing: undefined,
  pending: 0,
  untold: 0,
  telling: 0,
  addresses: ['10.0.0.2:6000'],
  receipt: undefined,
  topic: undefined,
  absences: new Map<string, string>(),
  moderation: {
    founder: alice.key,
    ops: new Set([carol.key]),
    banned: [{ key: 'k', name: 'mallory\u202E', by: 'alice' }],
  },
};

describe('who may what', () => {
  it('/who', () => {
    expect(whoLines(standing).slice(1)).toEqual(['  alice (coordinator, founder)', '  bob (you)', '  carol (op)']);
  });

  it('/status', () => {
    expect(statusLines(standing).find((line) => line.startsWith('banned'))).toMatch(
      /^banned +mallory\S* \(by alice\)$/u,
    );
    expect(statusLines(standing).join()).not.toContain('\u202E');
    const nobody = { ...standing, moderation: { ...standing.moderation, banned: [] } };
    expect(statusLines(nobody).some((line) => line.startsWith('banned'))).toBe(false);
  });
});

describe('what happened', () => {
  it.each<[event: Event, told: string]>([
    [{ kind: 'left', member: carol, why: 'kicked', history: false, by: 'alice' }, 'carol was put out by alice'],
    [{ kind: 'left', member: carol, why: 'kicked', history: false }, 'carol was put out'],
    [
      { kind: 'ruled', verb: 'op', name: 'carol', own: false, by: 'alice', byOwn: false, history: false },
      'alice made carol an op',
    ],
    [
      { kind: 'ruled', verb: 'op', name: 'bob', own: true, by: 'alice', byOwn: false, history: false },
      'alice made you an op',
    ],
    [
      { kind: 'ruled', verb: 'deop', name: 'carol', own: false, by: 'alice', byOwn: false, history: false },
      'alice took the op from carol',
    ],
    [
      { kind: 'ruled', verb: 'ban', name: 'mallory', own: false, by: 'bob', byOwn: true, history: false },
      'you banned mallory',
    ],
    [
      { kind: 'ruled', verb: 'ban', name: 'Bob', own: false, by: 'alice', byOwn: false, history: false },
      'alice banned Bob (not you: another key)',
    ],
    [
      { kind: 'ruled', verb: 'ban', name: 'robert', own: true, by: 'bob', byOwn: false, history: false },
      'bob (not you: another key) banned you',
    ],
    [
      { kind: 'ruled', verb: 'unban', name: 'mallory', own: false, by: 'alice', byOwn: false, history: false },
      'alice lifted the ban on mallory',
    ],
    [
      { kind: 'ruled', verb: 'key', name: '', own: false, by: 'alice', byOwn: false, history: false },
      'alice changed the key of this room: earlier invites lead nowhere now, /invite shows the new one to give to whoever is not here',
    ],
    [
      { kind: 'refused', code: 'kicked', message: 'alice has put you out of this room' },
      'alice has put you out of this room',
    ],
  ])('%j', (event, told) => {
    expect(words(event, at)).toBe(told);
  });
});

describe('what is typed', () => {
  /** What the peer is asked to do, and what is answered. */
  function typed(line: string, kind: 'open' | 'private' = 'open'): string[] {
    const done: string[] = [];
    const peer = {
      access: { kind },
      moderate: (verb: string, name: string) => {
        done.push(`${verb} ${name}`);
        return `${name}:Qk2zWm9x`;
      },
      rekey: () => void done.push('rekey'),
      ignore: (name: string, on = true) => void done.push(`${on ? 'ignore' : 'unignore'} ${name}`),
    } as unknown as FacePeer;
    const told = moderate(peer, parseCommand(line) as ModerationCommand);
    return [...done, told].filter((one) => one !== '');
  }

  it.each<[line: string, done: string[]]>([
    [
      '/kick mallory',
      ['kick mallory', 'this room is open: mallory can come in again; /ban mallory:Qk2zWm9x keeps that key out'],
    ],
    ['/ban @mallory', ['ban mallory']],
    ['/unban mallory', ['unban mallory']],
    ['/op bob', ['op bob']],
    ['/deop bob', ['deop bob']],
    ['/rekey', ['rekey']],
    ['/ignore bob', ['ignore bob', 'what bob says is not shown here any more; /unignore bob shows it again']],
    ['/unignore bob', ['unignore bob', 'what bob says is shown again']],
  ])('%s', (line, done) => {
    expect(typed(line)).toEqual(done);
  });

  it('/kick in a private room changes the key, and needs no word', () => {
    expect(typed('/kick mallory', 'private')).toEqual(['kick mallory']);
  });

  it.each(['/kick', '/ban a b', '/op', '/ignore', '/rekey now'])('%s is refused', (line) => {
    expect(parseCommand(line).kind).toBe('misused');
  });
});
