/**
 * Lines said apart: what another part of the room said, and this log lacks.
 *
 * Those who come over offer them, each all that it holds, in any order among each other. They are gathered until it is
 * quiet, so that they come in as one block, in the order in which they stood, and none is taken before one of its
 * author's that it follows: `n` must rise. New lines of an author whose older ones are gathered wait behind them.
 *
 * Nobody speaks for another who is here: of the lines of somebody present only those count that it offers itself.
 */
import { isTrue } from './check.ts';
import { extend } from './cover.ts';
import { ProtocolError } from './errors.ts';
import { checkIds } from './identity.ts';
import { rising, type ChatEntry, type Offer } from './entry.ts';
import { limits } from './limits.ts';
import { sequence } from './room.ts';
import type { Coordinating, Gathered, Gathering } from './phase.ts';
import type { State } from './state.ts';
import { memberOf, personOf, type PeerId } from './view.ts';

/**
 * Somebody offers a line that it held.
 * @throws ProtocolError `order` for a line that nobody can have said
 */
export function gatherHeld(state: State, coordinating: Coordinating, from: PeerId, entry: ChatEntry): void {
  const { author, epoch, seq, n, time, what, cover, text } = entry;
  const last = state.log.authors.get(author) ?? 0;
  if (n <= last) return;
  if (n > last + limits.lineLeapMax || (author === state.self.id && n > state.delivery.said)) {
    // What this peer holds came from others: it need not be true, and is no fault of whoever holds it.
    if (from === state.self.id) return;
    throw new ProtocolError('order', `${author} has said ${last} lines here, and not line ${n}`);
  }
  // Whoever is here offers its own; those who hold copies offer them again when it goes.
  const own = from === author;
  if (!own && (author === state.self.id || coordinating.members.has(author))) return;
  if (!isHeardOf(state, coordinating, author)) return;
  const by = personOf(state.people.get(author)) ?? entry.by;
  if (entry.by !== undefined) checkIds(state.crypto, [{ id: author, ...entry.by }]);
  put(state, coordinating, { author, epoch, seq, offer: { n, time, apart: true, by, what, cover, text }, own });
}

/** Who is made up costs nothing, and pushes somebody out of those whose numbers are known: not in any number. */
function isHeardOf({ people }: State, { hearsay }: Coordinating, author: PeerId): boolean {
  if (people.has(author) || hearsay.has(author)) return true;
  if (hearsay.size >= limits.hearsayMax) return false;
  hearsay.add(author);
  return true;
}

/**
 * An author's new line.
 * @param spoke whether it has offered lines on this link: they follow each other; where it begins, it knows itself
 * @returns false when it need not wait
 * @throws ProtocolError `order` when it leaves a gap
 */
export function gatherOffer(
  state: State,
  coordinating: Coordinating,
  author: PeerId,
  offer: Offer,
  spoke: boolean,
): boolean {
  const before = coordinating.gathering?.lines.get(author);
  if (before === undefined) return false;
  if (before.byN.get(offer.n)?.own === true) return true;
  const expected = before.highest + 1;
  if (spoke && offer.n > expected) {
    throw new ProtocolError('order', `expected line ${expected} of ${author}, got ${offer.n}`);
  }
  put(state, coordinating, { author, epoch: Infinity, seq: Infinity, offer, own: true });
  return true;
}

function put(state: State, coordinating: Coordinating, line: Gathered): void {
  const { ms } = state.now;
  coordinating.gathering ??= { lines: new Map(), count: 0, bytes: 0, since: ms, until: ms };
  const { gathering } = coordinating;
  const known = gathering.lines.get(line.author) ?? { byN: new Map<number, Gathered>(), highest: 0 };
  const { n, text } = line.offer;
  const copy = known.byN.get(n);
  // Copies of a line differ in who brought it; its author's own is the one that counts.
  if (copy !== undefined && !line.own) return;
  const full = isFull(gathering);
  // Whoever offers it holds it still, and offers it again when somebody goes.
  if (full && !line.own) return;
  gathering.lines.set(line.author, known);
  known.byN.set(n, line);
  known.highest = Math.max(known.highest, n);
  if (copy === undefined) gathering.count++;
  gathering.bytes += text.length - (copy?.offer.text.length ?? 0);
  gathering.until = Math.min(ms + limits.gatherQuietMs, Math.max(gathering.until, gathering.since + limits.gatherMs));
  if (full) takeIn(state, coordinating);
}

/** Takes in what is gathered; what follows a line that has not come waits for it, for a while. */
export function takeIn(state: State, coordinating: Coordinating): void {
  const { gathering } = coordinating;
  if (gathering === null) return;
  coordinating.gathering = null;
  const { since } = gathering;
  const early = state.now.ms < since + limits.gatherMs;
  // Whoever was lost lately may hold what is between; nothing can be put there later.
  const awaited = [...state.lost.values()].some((lost) => state.now.ms - lost.since < limits.gapMs);
  const lines: Gathered[] = [];
  const wait: Gathered[] = [];
  const full = isFull(gathering);
  const budget = { checks: limits.gatherChecksMax };
  for (const [author, { byN }] of gathering.lines) {
    const present = coordinating.members.has(author) || author === state.self.id;
    const last = state.log.authors.get(author) ?? 0;
    const said = [...byN.values()]
      .filter(({ own, offer }) => offer.n > last && (own || !present))
      .toSorted((a, b) => a.offer.n - b.offer.n);
    const queue = genuine(state, author, said, budget);
    // Of somebody present nobody else can bring what is missing.
    const waits = present ? early && !full : early || awaited;
    const gap = waits ? queue.findIndex(({ offer }, at) => offer.n > last + 1 + at) : -1;
    if (gap !== -1) wait.push(...queue.splice(gap));
    lines.push(...queue);
  }
  lines.sort((a, b) => a.epoch - b.epoch || a.seq - b.seq || 0);
  const inOrder = rising(
    lines,
    ({ author }) => author,
    ({ offer }) => offer.n,
  );
  for (const { author, offer } of inOrder) sequence(state, author, named(state, author, offer));
  for (const line of wait) put(state, coordinating, line);
  if (coordinating.gathering === null) return;
  // Looked at again now and then; what is new in the meantime is not kept waiting by what waits already.
  const again = (early ? since : state.now.ms) + limits.gatherMs;
  Object.assign(coordinating.gathering, { since, until: again });
}

/** The lines of an author without those that a false signature is to cover: whoever made them up keeps out the true ones. */
function genuine(state: State, author: PeerId, lines: readonly Gathered[], budget: { checks: number }): Gathered[] {
  const kept: Gathered[] = [];
  let open: Gathered[] = [];
  let range = state.log.ranges.get(author);
  let last = state.log.authors.get(author) ?? 0;
  for (const line of lines) {
    const step = extend(range, last, { kind: 'chat', epoch: 0, seq: 0, author, ...line.offer });
    const by = state.people.get(author) ?? line.offer.by;
    open.push(line);
    ({ range } = step);
    last = line.offer.n;
    if (step.covered === undefined) continue;
    // Where there are too many, everybody checks for himself.
    if (budget.checks-- <= 0 || isTrue(state, step.covered, by)) kept.push(...open);
    open = [];
  }
  // What is not signed yet may be, when the rest of it comes. But nobody leaves much unsigned: who makes up more would
  // keep out true lines with it, and what does not show could do that unseen.
  const most = (kept.at(-1)?.offer.n ?? state.log.authors.get(author) ?? 0) + limits.coverLinesMax;
  return [...kept, ...open.filter(({ own, offer }) => own || (offer.what === undefined && offer.n <= most))];
}

/** An act is checked by its author's keys: one who has gone meanwhile is named with it. */
function named({ log, people }: State, author: PeerId, offer: Offer): Offer {
  if (offer.what !== 'act' || offer.by !== undefined || memberOf(log.view, author) !== undefined) return offer;
  return { ...offer, by: personOf(people.get(author)) };
}

function isFull({ count, bytes }: Gathering): boolean {
  return count >= limits.gatherMax || bytes >= limits.gatherBytesMax;
}

/** When what is gathered is to be taken in (ms). */
export function takeInAt({ gathering }: Coordinating): number {
  return gathering?.until ?? Infinity;
}
