/**
 * What an entry does to a peer, whoever appended it: the log takes it, own lines are acknowledged, each line is shown
 * once, and changes of the view are told. Members and coordinators take the same way, so the coordinator's screen
 * shows what every screen shows.
 */
import type { ChatEntry, Entry, Offer, Why } from './entry.ts';
import { encodeOffer, entryFrame, linePrefix, saidGoodbye } from './entry.ts';
import { waitAnew, watch } from './check.ts';
import type { Frame } from './frame.ts';
import { ProtocolError } from './errors.ts';
import { checkIds } from './identity.ts';
import type { Unsettled } from './journal.ts';
import { limits } from './limits.ts';
import { hearsay } from './name.ts';
import type { Snapshot } from './log.ts';
import { lose, regain } from './lost.ts';
import { heed, inForce } from './moderation.ts';
import { absencesOf, isNoted, parseNote, topicOf } from './notes.ts';
import { isChartered, type Act } from './rules.ts';
import type { Joined, Trouble } from './phase.ts';
import { called, selfMember, tell, type Known, type State } from './state.ts';
import { coordinatorOf, memberOf, personOf, type Member, type PeerId } from './view.ts';

/**
 * Appends an entry and lets it take effect; `prefix` stands in front of the frame's body.
 * @throws ProtocolError `order` when it does not follow; nothing has then changed
 */
export function commit(state: State, entry: Entry, frame: Frame, prefix = ''): void {
  const { view: before, charter, notes } = state.log;
  checkWho(state, entry);
  const last = entry.kind === 'chat' ? state.log.authors.get(entry.author) : undefined;
  const step = state.log.append(entry, frame, prefix);
  state.dirty = true;
  if (entry.kind === 'chat') {
    const { author, by } = entry;
    if (by !== undefined && !state.people.has(author))
      remember(state, author, { ...personOf(by), shown: hearsay(by, state.people.values()) });
    if (last !== undefined) tellGap(state, entry, last);
    show(state, entry);
    if (step !== undefined) watch(state, entry, step);
    if (entry.what === 'act') {
      heed(state, entry, charter, before);
      heedNote(state, entry, notes);
    }
    return;
  }
  const history = entry.seq <= state.historyTo;
  // Who speaks for itself must offer its own: what others hold of it counts when it is gone.
  if (entry.kind === 'left' || entry.kind === 'peers') state.delivery.offerAgain();
  switch (entry.kind) {
    case 'joined':
      regain(state, entry.member);
      remember(state, entry.member.id, personOf(entry.member));
      tellJoined(state, entry.member, history);
      state.letters.again(state.now.ms + limits.settleMs, entry.member.key);
      break;
    case 'renamed': {
      const member = memberOf(state.log.view, entry.id);
      const former = memberOf(before, entry.id)?.name;
      if (member === undefined || former === undefined) break;
      remember(state, entry.id, personOf(member));
      const { id, name } = member;
      tell(state, { kind: 'renamed', id, name, former, own: id === state.self.id, taken: false, history });
      break;
    }
    case 'handed': {
      const member = memberOf(state.log.view, entry.id);
      const coordinator = coordinatorOf(state.log.view);
      if (member === undefined || coordinator === undefined) break;
      tell(state, { kind: 'handed-over', member, coordinator, history });
      break;
    }
    case 'left': {
      const member = memberOf(before, entry.id);
      if (member === undefined) break;
      if (state.phase.kind === 'coordinating') {
        state.phase.holds.delete(entry.id);
        state.phase.asked.delete(entry.id);
        state.phase.asks.delete(entry.id);
      }
      if (!saidGoodbye(entry.why)) lose(state, member, entry.why, history);
      const by = entry.why === 'kicked' ? state.ousted.get(entry.id)?.by : undefined;
      const about = by === undefined ? {} : { by };
      if (entry.id !== state.self.id) tell(state, { kind: 'left', member, why: entry.why, history, ...about });
      break;
    }
    case 'peers':
      for (const { id, why } of entry.lost) {
        const member = memberOf(before, id);
        if (member === undefined) continue;
        state.gone.push({ member, why });
        if (state.gone.length > limits.membersMax) state.gone.shift();
        if (!saidGoodbye(why)) lose(state, member, why, history);
      }
      // Somebody else coordinates: what waited goes out to that one, and is kept as it goes.
      if (state.robbed.times > limits.robbedMax) keepSaid(state, state.delivery.unacknowledged);
      state.robbed = { epoch: entry.epoch, times: 0 };
      for (const member of entry.members) {
        remember(state, member.id, personOf(member));
        regain(state, member);
      }
      if (selfMember(state) !== undefined && !state.entered) enter(state);
      state.letters.again(state.now.ms + limits.settleMs);
      break;
  }
  beCalled(state, entry.kind === 'renamed');
  heed(state, entry, charter, before);
}

/** What this peer is called the log says. `asked`: it has just said so, as it was asked. */
function beCalled(state: State, asked: boolean): void {
  const { self } = state;
  const name = selfMember(state)?.name ?? self.name;
  if (state.wish?.name === name && name !== self.name) state.wish = null;
  if (asked && state.phase.kind === 'joined' && name !== self.name) state.phase.asks--;
  if (name === self.name) return;
  // What had been given stands in the log no more: it is asked for again.
  if (!asked) state.wish ??= { name: self.name, link: null };
  self.name = name;
}

/** Nobody comes into the log under an id that is not that of his keys. */
function checkWho({ crypto, log }: State, entry: Entry): void {
  if (entry.kind === 'joined') checkIds(crypto, [entry.member]);
  else if (entry.kind === 'peers')
    checkIds(
      crypto,
      entry.members.filter(({ id, key, box }) => {
        const known = memberOf(log.view, id);
        return known?.key !== key || known.box !== box;
      }),
    );
  else if (entry.kind === 'chat' && entry.by !== undefined) checkIds(crypto, [{ id: entry.author, ...entry.by }]);
}

function tellJoined(state: State, member: Member, history: boolean): void {
  if (member.id !== state.self.id) return tell(state, { kind: 'joined', member, history });
  if (member.name !== state.self.name) {
    beRenamed(state, member.name, member.name !== state.wish?.name);
  }
  if (!state.entered) enter(state);
}

/** This peer comes in under another name. `taken`: since its own was somebody else's in the room. */
export function beRenamed(state: State, name: string, taken = true): void {
  const { self } = state;
  const former = self.name;
  self.name = name;
  tell(state, { kind: 'renamed', id: self.id, name, former, own: true, taken, history: false });
}

function enter(state: State): void {
  const self = selfMember(state);
  if (self === undefined || state.room === null) return;
  state.entered = true;
  if (state.kept !== null) tell(state, state.kept);
  state.kept = null;
  state.topicTold = topicIn(state);
  const topic = state.topicTold === undefined ? {} : { topic: state.topicTold };
  tell(state, { kind: 'entered', room: state.room, self, members: state.log.view.members, ...topic });
}

/** Keeps who a member is, for its lines, of which some may come after it has left. */
function remember({ people, log }: State, id: PeerId, person: Known): void {
  people.set(id, person);
  if (people.size <= limits.authorsMax) return;
  for (const one of people.keys()) {
    if (memberOf(log.view, one) !== undefined) continue;
    people.delete(one);
    return;
  }
}

/** What somebody has said and nobody here will have: no number goes back. */
function tellGap(state: State, { author: id, n, seq }: ChatEntry, last: number): void {
  if (n === last + 1 || id === state.self.id || seq <= state.historyTo) return;
  tell(state, { kind: 'gap', id, name: called(state, id), from: last + 1, to: n - 1 });
}

function show(state: State, entry: ChatEntry): void {
  const { author, n, epoch, seq, what, text, time, apart } = entry;
  const { show: fresh, acknowledged, again } = state.delivery.apply(entry);
  sayAgain(state, again);
  const position = { epoch, seq };
  if (acknowledged && what !== 'seal') tell(state, { kind: 'acknowledged', n, position });
  if (what !== undefined) return;
  if (author === state.self.id && n === state.delivery.latest) state.mine = { n, seq, complete: false, told: '' };
  if (!fresh) return;
  const name = called(state, author);
  const own = author === state.self.id;
  const history = seq <= state.historyTo;
  const line = { id: author, n, position, name, text, time, own, history, apart };
  // What was said while this peer was away is told together, when all of it is here.
  const joined = state.phase.kind === 'joined' ? state.phase : null;
  const missed = joined?.missed ?? null;
  if (joined === null || missed === null) return tell(state, { kind: 'line', line });
  missed.lines.push(line);
  missed.chars += text.length;
  // There may be no end of it: what is there is told, and the rest as it comes.
  if (missed.lines.length >= limits.missedMax || missed.chars >= limits.missedCharsMax) tellMissed(state, joined);
}

function keepSaid(state: State, offers: readonly Offer[]): void {
  for (const offer of offers) state.effects.push(...(state.journal?.said(offer) ?? []));
}

/** Whether whoever coordinates does not let this peer speak: it says nothing more to that one. */
export function isRobbed({ robbed, log }: State): boolean {
  return robbed.epoch === log.view.epoch && robbed.times >= limits.robbedMax;
}

/** What was said here has been kept out of the room by something that nobody here said. */
function sayAgain(state: State, again: readonly Offer[]): void {
  if (again.length === 0) return;
  const { epoch } = state.log.view;
  const times = state.robbed.epoch === epoch ? state.robbed.times + 1 : 1;
  state.robbed = { epoch, times };
  state.dirty = true;
  if (times > limits.robbedMax) return;
  keepSaid(state, again);
  if (times === limits.robbedMax) {
    const name = called(state, coordinatorOf(state.log.view)?.id ?? '');
    const message = `${name}, who coordinates, puts something else in place of what you say again and again: what you say waits until somebody else does`;
    return tell(state, { kind: 'warning', code: 'forged', message });
  }
  const [what, are] = again.length === 1 ? ['what', 'is'] : [`${again.length} things that`, 'are'];
  const message = `something stands in your name in place of ${what} you said, which ${are} sent again`;
  tell(state, { kind: 'warning', code: 'forged', message });
}

/** Tells what was missed, and that it was, unless it was a moment. */
export function tellMissed(state: State, joined: Joined): void {
  const { missed } = joined;
  if (missed === null) return;
  joined.missed = null;
  state.away = null;
  const { away, lines, trimmed } = missed;
  const ms = Math.max(0, state.now.wall - away.since);
  const long = away.why === 'restarted' || ms >= state.options.silenceMs;
  // A gap is told, however short it was.
  const worthy = trimmed > 0 || (long && lines.length > 0);
  if (worthy) tell(state, { kind: 'missed', why: away.why, ms, lines: lines.length, trimmed });
  for (const line of lines) tell(state, { kind: 'line', line: { ...line, history: line.history || worthy } });
}

/** Falls back to `seq`. Lines beyond it are held, with what their authors are called: the room may lack them. */
export function rebase(state: State, seq: number): void {
  if (seq >= state.log.last) return;
  cutOff(state, seq);
}

function cutOff(state: State, seq: number): void {
  const { log, delivery, people } = state;
  // From there on this peer went another way than the room.
  if (log.last > 0) state.away ??= { why: 'apart', since: seq > 0 ? partedAt(state, seq) : state.contact };
  if (state.mine !== null && state.mine.seq > seq) state.mine = null;
  state.ousted.clear();
  state.seen = inForce(state);
  state.journal?.cut(seq);
  const lines = log.truncate(seq);
  const over = delivery.hold(lines.map((line) => ({ ...line, apart: true, by: people.get(line.author) ?? line.by })));
  if (over > 0) {
    const message = `${over} lines that the room may lack are more than can be held: they are let go`;
    tell(state, { kind: 'warning', code: 'pending-full', message });
  }
  beCalled(state, false);
}

/** When the part that this peer was in began to be one, by the clock of its coordinator; for reading only. */
export function partedAt({ log, now }: Pick<State, 'log' | 'now'>, seq: number): number {
  for (const entry of log.entries(seq + 1)) if (entry.kind !== 'chat') return Math.min(entry.time, now.wall);
  return now.wall;
}

/**
 * Starts over from a snapshot of the room.
 * @returns how many lines were said meanwhile that it does not hold
 */
export function restore(state: State, snapshot: Snapshot): number {
  const { view } = state.log;
  checkIds(state.crypto, snapshot.view.members);
  if (!isChartered(state.log.law, snapshot))
    throw new ProtocolError('proof', 'the rules of the room are not those of its founder');
  if (!isNoted(state.log.law, snapshot.notes, snapshot.view))
    throw new ProtocolError(
      'proof',
      'the topic, or that somebody is away, was not said by who is said to have said it',
    );
  if (view.members.length > 0) state.fallback = view.members.flatMap(({ addresses }) => addresses.slice(0, 1));
  const known = new Map(state.log.authors);
  const begun = state.log.last > 0;
  cutOff(state, 0);
  state.log.restore(snapshot);
  // Whoever was with us and is not in that room is looked for by whoever coordinates it.
  for (const member of view.members) {
    if (memberOf(snapshot.view, member.id) === undefined) lose(state, member, 'silent', true);
  }
  beCalled(state, false);
  state.journal?.startOver();
  for (const member of snapshot.view.members) remember(state, member.id, personOf(member));
  // Lines of ours that the room took while we were away, and has trimmed since, are acknowledged by their number.
  sayAgain(state, state.delivery.passed(snapshot.authors.get(state.self.id) ?? 0));
  state.delivery.release(snapshot.authors);
  if (!begun) return 0;
  let trimmed = 0;
  for (const [author, n] of snapshot.authors) trimmed += Math.max(0, n - (known.get(author) ?? 0));
  return trimmed;
}

function topicIn({ log }: State): string | undefined {
  const topic = topicOf(log.notes);
  return topic && parseNote(topic.text)?.text;
}

/** Tells the topic, if it is not the one that was told. */
export function tellTopic(state: State, history = false): void {
  const topic = topicOf(state.log.notes);
  const text = topicIn(state);
  if (topic === undefined || text === undefined || text === state.topicTold) return;
  state.topicTold = text;
  const { author, key } = topic;
  tell(state, { kind: 'topic', text, id: author, by: called(state, author), own: key === state.crypto.key, history });
}

/** An act stands in the log; `before` are the notes that held before it. */
function heedNote(state: State, { author, text, seq }: ChatEntry, before: readonly Act[]): void {
  const { notes } = state.log;
  const note = parseNote(text);
  if (notes === before || note === undefined) return;
  const history = seq <= state.historyTo;
  if (note.verb === 'topic') return tellTopic(state, history);
  const now = note.verb === 'back' ? null : note.text;
  if (absencesOf(before).get(author) !== now) tellAbsence(state, author, now, history);
}

function tellAbsence(state: State, id: PeerId, text: string | null, history: boolean): void {
  state.absencesTold.delete(id);
  tell(state, { kind: 'away', id, name: called(state, id), text, own: id === state.self.id, history });
}

/** The person here has written to somebody: if that one is away, this is said, once. */
export function tellIfAbsent(state: State, id: PeerId): void {
  const { absencesTold, log } = state;
  const text = absencesOf(log.notes).get(id);
  if (text === undefined || absencesTold.get(id) === text) return;
  tellAbsence(state, id, text, false);
  if (absencesTold.size >= limits.membersMax) absencesTold.clear();
  absencesTold.set(id, text);
}

/** Gives the disk what the log has and it lacks. */
export function keepUp(state: State): void {
  const { journal, log, phase, room, self, delivery, letters, crypto } = state;
  if (journal === null || room === null || !state.entered) return;
  // What the disk has the next process takes for shown: so it waits until it is.
  if (phase.kind === 'joined' && phase.missed !== null) return;
  const owner = { room, id: self.id, name: self.name, join: state.joinedBy };
  const unsettled = (): Unsettled => ({ held: delivery.held, said: delivery.unacknowledged, letters: letters.kept });
  state.effects.push(...journal.sync(log, owner, unsettled, crypto));
}

/** Gives a line the next place in the room. Only a coordinator does, for lines that follow their author's last. */
export function sequence(state: State, author: PeerId, offer: Offer, body: Uint8Array = encodeOffer(offer)): void {
  const epoch = state.log.view.epoch;
  const entry: ChatEntry = { kind: 'chat', epoch, seq: state.log.last + 1, author, ...offer };
  // The offer is taken as its author wrote it: this is done for every line of the room, and copies it once.
  commit(state, entry, { sender: author, type: 'CHAT', body }, linePrefix(entry));
}

/** A coordinator's entries about the view, at the next place. */
export function joinedEntry(state: State, member: Omit<Member, 'joined'>): void {
  const { view, last } = state.log;
  const joined = view.count + 1;
  append(state, {
    kind: 'joined',
    epoch: view.epoch,
    seq: last + 1,
    time: state.now.wall,
    member: { ...member, joined },
  });
}

export function renamedEntry(state: State, id: PeerId, name: string, vouch: string): void {
  const { view, last } = state.log;
  append(state, { kind: 'renamed', epoch: view.epoch, seq: last + 1, time: state.now.wall, id, name, vouch });
}

export function handedEntry(state: State): void {
  const { view, last } = state.log;
  const at = { epoch: view.epoch, seq: last + 1, time: state.now.wall };
  append(state, { kind: 'handed', ...at, id: state.self.id, joined: view.count + 1 });
}

export function leftEntry(state: State, id: PeerId, why: Why): void {
  const { view, last } = state.log;
  append(state, { kind: 'left', epoch: view.epoch, seq: last + 1, time: state.now.wall, id, why });
}

/** The start of this peer's reign. */
export function peersEntry(state: State, members: readonly Member[], lost: readonly { id: PeerId; why: Why }[]): void {
  const { view, last } = state.log;
  const count = Math.max(view.count, members.at(-1)?.joined ?? 0);
  const epoch = state.log.epochMax + 1;
  append(state, { kind: 'peers', epoch, seq: last + 1, time: state.now.wall, count, members, lost });
}

function append(state: State, entry: Entry): void {
  commit(state, entry, entryFrame(entry));
}

/** What the healing that has just ended was, and what it cost. */
export function tellHealed(state: State, trouble: Trouble | null, resent: number): void {
  waitAnew(state);
  const coordinator = coordinatorOf(state.log.view);
  const { gone } = state;
  state.gone = [];
  if (trouble === null || coordinator === undefined) return;
  const self = coordinator.id === state.self.id;
  const tookMs = state.now.ms - trouble.since;
  tell(state, { kind: 'healed', healing: { why: trouble.why, coordinator, self, gone, tookMs, resent } });
}
