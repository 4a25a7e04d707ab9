/**
 * What a peer begins with: nothing but who it is, or the room that was kept by the process before this one.
 */
import { coverOf, hashOf } from './cover.ts';
import type { Crypto } from './crypto.ts';
import { Delivery } from './delivery.ts';
import type { ChatEntry } from './entry.ts';
import { idOf } from './identity.ts';
import { Journal, type Restored } from './journal.ts';
import { Letters } from './letters.ts';
import { limits } from './limits.ts';
import { Log } from './log.ts';
import { Random } from './random.ts';
import { emptyCharter, lawOf } from './rules.ts';
import type { Lost, Options, State } from './state.ts';
import { memberOf, type Member } from './view.ts';

export interface Setup {
  readonly name: string;
  /** Where this peer's server can be dialled, likeliest first. */
  readonly addresses: readonly string[];
  readonly options: Options;
  /** Integers of 32 bits that everything random follows from. */
  readonly seed: readonly number[];
  /** This person's keys; the key of the process must be new. */
  readonly crypto: Crypto;
  /** The key of a private room. */
  readonly key?: string | undefined;
  /** Whether the room is kept on disk. */
  readonly keeps?: boolean;
  /** What was kept of a room, and when that was last in use (ms since 1970). */
  readonly restored?: { readonly room: Restored; readonly aliveAt: number } | undefined;
}

export function createState({ name, addresses, options, seed, crypto, key, keeps = false, restored }: Setup): State {
  const random = new Random(...seed);
  const id = idOf(crypto, crypto.key, crypto.box);
  const room = restored?.room;
  const delivery = new Delivery(id, crypto);
  if (room !== undefined) {
    delivery.seen(room.log.authors);
    const said = room.said.map((line) => signed(crypto, room.owner.room, line));
    delivery.hold(said, false);
    delivery.hold(room.held);
  }
  const state: State = {
    self: { id, name, addresses: addresses.slice(0, limits.addressesMax) },
    wish: null,
    options,
    random,
    crypto,
    yielded: null,
    inVain: new Map(),
    log:
      room?.log ??
      new Log(
        options.history,
        options.keep,
        lawOf(crypto, () => state.room),
      ),
    delivery,
    letters: new Letters(id, room?.letters),
    suspected: new Set(),
    links: new Map(),
    lost: new Map(
      restored?.room.lost.map((member) => [
        member.id,
        lostBefore(member, restored.room.log.view.count, restored.aliveAt),
      ]),
    ),
    unreached: new Map(),
    gone: [],
    tellLostAt: Infinity,
    toldLost: { ids: new Set(), alone: false },
    away: restored === undefined ? null : { why: 'restarted', since: restored.aliveAt },
    fallback: [],
    wokeAt: 0,
    contact: restored?.aliveAt ?? 0,
    mine: null,
    journal: keeps ? (room?.journal ?? new Journal()) : null,
    was: room?.owner.id ?? null,
    joinedBefore: (room && memberOf(room.log.view, room.owner.id)?.joined) ?? Infinity,
    blank: room !== undefined && !room.people.has(room.owner.id),
    joinedBy: room?.owner.join ?? [],
    beganAt: 0,
    beganWall: 0,
    kept: null,
    robbed: { epoch: 0, times: 0 },
    people: new Map(room?.people),
    checks: [],
    checksChars: 0,
    uncovered: new Map(),
    room: room?.owner.room ?? null,
    key: key ?? null,
    // A key that was given is newer than the log that was kept.
    seen: emptyCharter,
    topicTold: undefined,
    absencesTold: new Map(),
    heeded: room?.log.charter ?? null,
    locked: false,
    ousted: new Map(),
    out: null,
    phase: { kind: 'idle' },
    entered: false,
    historyTo: 0,
    leaving: null,
    now: { ms: 0, wall: 0 },
    due: Infinity,
    sweepAt: Infinity,
    breaches: 0,
    warnAt: 0,
    dirty: false,
    nextDial: -1,
    effects: [],
  };
  return state;
}

/** What the process before this one said and did not sign any more: it is the same person's word. */
function signed(crypto: Crypto, room: string, line: ChatEntry): ChatEntry {
  const { author, n, cover } = line;
  if (cover !== undefined) return line;
  const hash = hashOf(crypto, author, { base: '', lines: [line] });
  return { ...line, cover: { from: n, signature: crypto.sign(coverOf(room, author, n, n, hash)) } };
}

/** Lost by the process before this one. */
function lostBefore(member: Member, count: number, wall: number): Lost {
  return { member, why: 'silent', history: true, count, since: 0, wall, callAt: 0, strangers: 0 };
}
