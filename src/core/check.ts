/**
 * Checks: does what stands in somebody's name come from that person?
 *
 * A line is shown when it stands in the log, and its signature is checked a moment later, a few in each turn, so that
 * neither a burst nor a long history holds anybody up. What is not signed, or wrongly, is told: by then it has been read,
 * and whoever read it must know. Everybody checks for himself, whoever coordinates.
 */
import { coverOf, extend, hashOf, type Covered, type Line, type Step } from './cover.ts';
import type { ChatEntry, Offer } from './entry.ts';
import { limits } from './limits.ts';
import { tell, type State } from './state.ts';
import type { PeerId } from './view.ts';

/** A line of the room has come; `step` is what it did to its author's range. */
export function watch(state: State, { author }: ChatEntry, { range, covered, left }: Step): void {
  const { checks, uncovered, now } = state;
  const known = uncovered.get(author);
  if (range === undefined) uncovered.delete(author);
  else if (known === undefined) uncovered.set(author, { since: now.ms, told: 0 });
  else if (known.since === Infinity || left.length > 0) known.since = now.ms;
  if (uncovered.size > limits.rangesMax) uncovered.delete(uncovered.keys().next().value as PeerId);
  const fresh = left.filter(({ n }) => n > (known?.told ?? 0));
  if (fresh.length > 0) accuse(state, author, fresh, 'missing');
  if (covered === undefined || isChecked(state, covered)) return;
  checks.push(covered);
  // More than a history has: the oldest were there before this peer.
  if (checks.length > limits.checksWaitingMax) checks.shift();
  state.dirty = true;
}

/** What this peer has signed itself, and put into the log. */
function isChecked({ self, phase, delivery }: State, { author, n }: Covered): boolean {
  return author === self.id && n <= delivery.said && phase.kind === 'coordinating';
}

/** Checks a few of the signatures that wait. */
export function checkSome(state: State): void {
  for (const covered of state.checks.splice(0, limits.checksMax)) {
    const { author, range } = covered;
    if (isTrue(state, covered)) continue;
    // Of one whom nobody here knows it can be neither true nor false.
    accuse(state, author, range.lines, state.people.has(author) ? 'forged' : 'missing');
  }
  if (state.checks.length > 0) state.dirty = true;
}

/** Whether a signature is that of its author; `person`: who that is. */
export function isTrue(
  { crypto, people, room }: State,
  { author, from, n, signature, range }: Covered,
  person = people.get(author),
): boolean {
  if (person === undefined || room === null) return false;
  return crypto.verify(person.key, coverOf(room, author, from, n, hashOf(crypto, author, range)), signature);
}

/** Whether a line that is offered carries no signature, or a true one, as far as can be known here. */
export function isHonest(state: State, author: PeerId, offer: Offer): boolean {
  const { log, people } = state;
  const person = people.get(author) ?? offer.by;
  if (offer.cover === undefined) return true;
  const entry: ChatEntry = { kind: 'chat', epoch: 0, seq: 0, author, ...offer };
  const { covered } = extend(log.ranges.get(author), log.authors.get(author) ?? 0, entry);
  return covered === undefined || person === undefined || isTrue(state, covered, person);
}

/** Whoever was out of touch with the room waits for signatures from now on. */
export function waitAnew({ uncovered, now }: State): void {
  for (const one of uncovered.values()) if (one.since < Infinity) one.since = now.ms;
}

/** When somebody has left lines without a signature for too long, ms. Who is out of touch with the room cannot say. */
export function uncoveredAt({ uncovered, phase, log }: State): number {
  const inTouch = phase.kind === 'coordinating' || (phase.kind === 'joined' && log.last >= phase.catchUp);
  let first = Infinity;
  if (!inTouch) return first;
  for (const { since } of uncovered.values()) first = Math.min(first, since + limits.uncoveredMs);
  return first;
}

/** Tells of lines that nobody has signed in time. */
export function tellUncovered(state: State): void {
  const { uncovered, log, now } = state;
  for (const [author, { since, told }] of uncovered) {
    if (now.ms < since + limits.uncoveredMs) continue;
    const lines = log.ranges.get(author)?.lines ?? [];
    uncovered.set(author, { since: Infinity, told: Math.max(told, lines.at(-1)?.n ?? 0) });
    accuse(
      state,
      author,
      lines.filter(({ n }) => n > told),
      'missing',
    );
  }
}

function accuse(state: State, author: PeerId, lines: readonly Line[], why: 'missing' | 'forged'): void {
  const shown = lines.filter(({ what }) => what === undefined);
  const [first] = shown;
  if (first === undefined) return;
  const name = state.people.get(author)?.name ?? author;
  const last = shown.at(-1) ?? first;
  tell(state, {
    kind: 'unsigned',
    id: author,
    name,
    from: first.n,
    to: last.n,
    lines: shown.length,
    text: last.text,
    why,
  });
}
