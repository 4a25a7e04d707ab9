/**
 * Receipts: who has my words.
 *
 * Every `pong` says how far its sender holds the log. A member that wants to know of a line says so with its pong; the
 * coordinator answers with how many of the others hold it, and answers again as that changes, until all do. Nothing is
 * kept of it that outlives a coordinator: its successor is asked anew, and has heard from everybody how far they are.
 */
import { limits } from './limits.ts';
import { serverSays, type Seen } from './message.ts';
import type { Coordinating } from './phase.ts';
import { send, tell, type State } from './state.ts';
import { memberOf, type Member, type PeerId } from './view.ts';

/** A member holds the log up to `seq`, and asks who holds its line at `asked`. */
export function heardOf(state: State, coordinating: Coordinating, peer: PeerId, seq: number, asked?: number): void {
  coordinating.holds.set(peer, seq);
  if (asked === undefined || asked > state.log.last) return;
  const known = coordinating.asked.get(peer);
  if (known?.seq === asked) return;
  coordinating.asked.set(peer, { seq: asked, told: '', done: false });
  // At once, unless it has asked already since the last ping: each answer is a look at all members.
  if (known === undefined) answer(state, coordinating, peer);
}

/** Answers whoever asked, where there is news. */
export function answerAll(state: State, coordinating: Coordinating): void {
  for (const [peer, asked] of coordinating.asked) {
    if (!asked.done) answer(state, coordinating, peer);
    if (asked.done) coordinating.asked.delete(peer);
  }
  const { mine } = state;
  if (mine !== null && !mine.complete) receive(state, seen(state, coordinating, state.self.id, mine.seq));
}

function answer(state: State, coordinating: Coordinating, peer: PeerId): void {
  const asked = coordinating.asked.get(peer);
  const link = state.links.get(coordinating.members.get(peer) ?? 0);
  if (asked === undefined || link === undefined) return void coordinating.asked.delete(peer);
  if (link.full) return;
  const news = seen(state, coordinating, peer, asked.seq);
  const told = summary(news);
  if (told !== asked.told) send(state, link, serverSays.seen(news));
  asked.told = told;
  asked.done = isComplete(news);
}

/** What makes it news: the same again is not told. */
const summary = ({ have, of, lack }: Seen): string => `${have} of ${of}: ${lack.join()}`;

/** All others hold it. Whoever is alone has nobody yet who does. */
const isComplete = ({ have, of }: Pick<Seen, 'have' | 'of'>): boolean => of > 0 && have === of;

/** Who of the others holds a line of this author. */
function seen(state: State, { holds }: Coordinating, author: PeerId, seq: number): Seen {
  const others = state.log.view.members.filter(({ id }) => id !== author);
  const lack = others.filter(({ id }) => id !== state.self.id && (holds.get(id) ?? 0) < seq).map(({ id }) => id);
  return { seq, have: others.length - lack.length, of: others.length, lack: lack.slice(0, limits.lackMax) };
}

/** News of this peer's latest line. */
export function receive(state: State, news: Seen): void {
  const { seq, have, of, lack } = news;
  const { mine } = state;
  if (mine === null || mine.seq !== seq) return;
  mine.complete = isComplete(news);
  const told = summary(news);
  if (told === mine.told) return;
  mine.told = told;
  const lacking = lack.map((id) => memberOf(state.log.view, id)).filter((one): one is Member => one !== undefined);
  tell(state, { kind: 'receipt', n: mine.n, have, of, lacking });
}
