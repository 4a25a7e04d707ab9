/**
 * Checks: does what stands in somebody's name come from that person?
 *
 * A line is shown when it stands in the log, and its signature is checked a moment later, a few in each turn, so that
 * neither a burst nor a long history holds anybody up. What is not signed, or wrongly, is told: by then it has been read,
 * and whoever read it must know. Everybody checks for himself, whoever coordinates.
 */
import { charsOf, extend, isSigned, type Covered, type Line, type Step } from './cover.ts';
import type { ChatEntry, Offer } from './entry.ts';
import { limits } from './limits.ts';
import { called, tell, type State } from './state.ts';
import type { PeerId } from './view.ts';

/** A line of the room has come; `step` is what it did to its author's range, and to that of another one. */
export function watch(state: State, { author }: Pick<ChatEntry, 'author'>, step: Step): void {
  const { uncovered, now } = state;
  const { range, covered, left, ousted } = step;
  const known = uncovered.get(author);
  if (range === undefined) uncovered.delete(author);
  else if (known === undefined) uncovered.set(author, { since: now.ms, told: 0 });
  else if (known.since === Infinity || left.length > 0) known.since = now.ms;
  accuse(state, author, after(left, known), 'missing');
  // Nobody waits for their signature any more: or a crowd could hide what was never signed.
  if (ousted !== undefined) {
    accuse(state, ousted.author, after(ousted.lines, uncovered.get(ousted.author)), 'missing');
    uncovered.delete(ousted.author);
  }
  if (uncovered.size > limits.rangesMax) forgetOne(state);
  if (covered !== undefined) enqueue(state, covered);
}

/** Those of which nobody was told. */
function after(lines: readonly Line[], known: { readonly told: number } | undefined): readonly Line[] {
  return known === undefined ? lines : lines.filter(({ n }) => n > known.told);
}

/** Of somebody whose lines a rebase has cut off nothing is awaited. */
function forgetOne({ uncovered, log }: State): void {
  for (const author of uncovered.keys()) {
    if (log.ranges.has(author)) continue;
    uncovered.delete(author);
    return;
  }
}

/**
 * A signature is to be checked, if anything that is shown hangs on it. None is ever passed over: when too many wait, the
 * oldest are checked at once, so that whoever brings them faster than that is read no faster.
 */
function enqueue(state: State, covered: Covered): void {
  const { author, range } = covered;
  if (isChecked(state, covered) || !range.lines.some(isShown)) return;
  state.checks.push({ ...covered, person: state.people.get(author) });
  state.checksChars += charsOf(range);
  state.dirty = true;
  while (state.checks.length > limits.checksWaitingMax || state.checksChars > limits.checksCharsMax) checkSome(state);
}

/** What this peer has signed itself, and put into the log. */
function isChecked({ self, phase, delivery }: State, { author, n }: Covered): boolean {
  return author === self.id && n <= delivery.said && phase.kind === 'coordinating';
}

/** Checks a few of the signatures that wait. */
export function checkSome(state: State): void {
  for (const { person, ...covered } of state.checks.splice(0, limits.checksMax)) {
    const { author, range } = covered;
    state.checksChars -= charsOf(range);
    const who = person ?? state.people.get(author);
    if (isTrue(state, covered, who)) continue;
    // Of one whom nobody here knows it can be neither true nor false.
    accuse(state, author, range.lines, who === undefined ? 'missing' : 'forged');
  }
  if (state.checks.length > 0) state.dirty = true;
}

/** Whether a signature is that of its author; `person`: who that is. */
export function isTrue(
  { crypto, people, room }: State,
  covered: Covered,
  person = people.get(covered.author),
): boolean {
  return person !== undefined && room !== null && isSigned(crypto, person.key, room, covered, covered.range);
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

const isShown = ({ what }: Line): boolean => what === undefined;

function accuse(state: State, author: PeerId, lines: readonly Line[], why: 'missing' | 'forged'): void {
  const shown = lines.filter(isShown);
  const [first] = shown;
  if (first === undefined) return;
  const name = called(state, author);
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
