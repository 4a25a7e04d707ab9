/**
 * Words: what happened, as one plain line each, the same on every face. Pure.
 *
 * Names come from strangers, so each goes through `clean` here, and a caller adds no name of its own.
 */
import { isLoopback, parseAddress } from '../core/address.ts';
import type { ChatCode, WarningCode } from '../core/errors.ts';
import { ruled } from '../core/deed.ts';
import { saidGoodbye, type Why } from '../core/entry.ts';
import { spoken } from '../core/history.ts';
import { formatInvite } from '../core/invite.ts';
import { limits } from '../core/limits.ts';
import { nameKey } from '../core/name.ts';
import type { Event, Healing, Line } from '../core/step.ts';
import type { Member, PeerId } from '../core/view.ts';
import { calling } from '../core/whois.ts';
import { clean } from './screen.ts';
import { dayOf, timeOf } from './time.ts';

/** From where an event is seen. */
export interface Viewpoint {
  readonly id: PeerId;
  readonly name: string;
  readonly coordinator: Member | undefined;
}

const reasons: Readonly<Record<Why, string>> = {
  left: 'left',
  handover: 'left and handed over',
  kicked: 'was put out',
  ended: 'process ended',
  silent: 'not answering',
  cut: 'cut off',
  slow: 'fell too far behind',
  flood: 'said too much for too long',
};

/** `1 line`, `2 lines`, `1,204 lines`. */
export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}

/** A time that passed (ms), to two or three digits: `43 ms`, `1.3 s`, `14 s`, `12 min`, `3 h`, `4 days`. */
export function duration(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 9950) return `${Math.round(whole / 100) / 10} s`;
  if (whole < 119_500) return `${Math.round(whole / 1000)} s`;
  if (whole < 7_170_000) return `${Math.round(whole / 60_000)} min`;
  if (whole < 171_000_000) return `${Math.round(whole / 3_600_000)} h`;
  return `${Math.round(whole / 86_400_000)} days`;
}

/**
 * `alice`, `alice and bob`, `alice, bob and carol`; above five, `alice, bob, carol, dave and 7 others`.
 * `all`: how many there are, when not all are named.
 */
export function list(items: readonly string[], all = items.length): string {
  const named = all > 5 && items.length > 4 ? [...items.slice(0, 4), `${all - 4} others`] : items;
  return named.length < 2 ? named.join('') : `${named.slice(0, -1).join(', ')} and ${named.at(-1) as string}`;
}

export function names(members: readonly Member[]): string {
  return list(members.map(({ name }) => clean(name)));
}

/** What the author of a line is called. Of one that left before we came only the id may be known: `?id`. */
export function author({ id, name }: Pick<Line, 'id' | 'name'>): string {
  return name === id ? `?${clean(id)}` : clean(name);
}

/** A line of the room as every peer prints it: `name: text`, `name: * waves`. No name has a space, so nobody can forge the mark. */
export function said({ id, name, text, apart }: Pick<Line, 'id' | 'name' | 'text' | 'apart'>): string {
  // A tab moves nothing but to the right, and tables may be piped through a room.
  const shown = spoken(text).split('\t').map(clean).join('\t');
  return `${author({ id, name })}${apart ? ' (while apart)' : ''}: ${shown}`;
}

/** Warnings whose words are a whole sentence of ours. */
const ownWords: Readonly<Record<WarningCode, true>> = {
  store: true,
  'other-key': true,
  unvouched: true,
  forged: true,
  'pending-full': true,
  refused: true,
  uncounted: true,
  discovery: true,
};

/** What happened, in words; undefined for what is shown in another way, or not at all. */
export function words(event: Event, at: Viewpoint): string | undefined {
  switch (event.kind) {
    case 'line':
    case 'acknowledged':
    case 'receipt':
    case 'missed':
    case 'private':
      return undefined;
    case 'private-heard':
      return `${clean(event.name)} has your private message`;
    case 'entered':
      return entered(event.members, at) + about(event.topic);
    case 'joined':
      return `${clean(event.member.name)} joined`;
    case 'left':
      if (event.by !== undefined) return `${clean(event.member.name)} was put out by ${clean(event.by)}`;
      return (
        gone(event.member, event.why, at) + (event.why === 'handover' ? `; ${coordinates(at.coordinator, at)} now` : '')
      );
    case 'ruled':
      return acted(event, at);
    case 'looking':
      return looking(event, at);
    case 'healed':
      return healed(event.healing, at);
    case 'handed-over':
      return handedOver(event, at);
    case 'topic':
      return `${event.own ? 'you' : author({ id: event.id, name: event.by })} changed the topic to: ${clean(event.text)}`;
    case 'away':
      return absent(event);
    case 'renamed':
      return renamed(event);
    case 'denied':
      return denied(event, at);
    case 'slept':
      return `this process did not run for ${duration(event.ms)}`;
    case 'unreachable':
      return unreachable(event);
    case 'restored':
      return restored(event);
    case 'unsigned':
      return unsigned(event);
    case 'gap':
      return neverCame(event);
    case 'met':
      return met(event);
    case 'turned-away':
      return turnedAway(event);
    case 'unkept':
      return `history is not kept any more (${clean(event.message)}): the room goes on in memory`;
    case 'refused':
      return refusal(event, at.name);
    case 'gone':
      return goodbye(event);
    case 'warning':
      if (event.code in ownWords) return clean(event.message);
      return `another peer broke the protocol (${event.code}): ${clean(event.message)}`;
  }
}

function renamed({ name, former, own, taken }: Extract<Event, { kind: 'renamed' }>): string {
  if (taken) return `your name was taken meanwhile: you are ${clean(name)} now`;
  return own ? `you are called ${clean(name)} now` : `${clean(former)} is called ${clean(name)} now`;
}

function handedOver({ member, coordinator }: Extract<Event, { kind: 'handed-over' }>, at: Viewpoint): string {
  const who = member.id === at.id ? 'you have' : `${clean(member.name)} has`;
  return `${who} handed over; ${coordinates(coordinator, at)}`;
}

function absent({ name, text, own }: Extract<Event, { kind: 'away' }>): string {
  const who = own ? 'you are' : `${clean(name)} is`;
  if (text === null) return `${who} back`;
  return `${who} away${text === '' ? '' : `: ${clean(text)}`}`;
}

function denied({ name, code, free }: Extract<Event, { kind: 'denied' }>, at: Viewpoint): string {
  const still = `you are ${clean(at.name)} still`;
  switch (code) {
    case 'name-taken':
      return `the name ${clean(name)} is taken: ${still}${free === undefined ? '' : `; /nick ${clean(free)} is free`}`;
    case 'name-invalid':
      return `${clean(name)} cannot be a name here: ${still}`;
    case 'room-full':
      return `there is no room here for so long a name: ${still}`;
    default:
      return `that was too soon after the last time: ${still}; try /nick again in a moment`;
  }
}

/** What is numbered is not only lines. */
function neverCame({ name, from, to }: Extract<Event, { kind: 'gap' }>): string {
  const [what, have] = to === from ? ['something', 'has'] : [`${to - from + 1} things`, 'have'];
  return `${what} that ${clean(name)} said before ${have} never come: lost with whoever had it, or held back`;
}

function goodbye({ unsent, untold }: Extract<Event, { kind: 'gone' }>): string {
  const lines = unsent > 0 ? [`the room has not received ${count(unsent, 'line')} of yours`] : [];
  const letters = untold > 0 ? [unreceived(untold)] : [];
  return ['you left', ...lines, ...letters].join('; ');
}

function unreceived(untold: number): string {
  return `${count(untold, 'private message')} of yours ${untold === 1 ? 'has' : 'have'} not been received`;
}

/** What waits to be received: `2 lines and 1 private message`; '' when nothing does. `unsaid`: lines typed and not said yet. */
export function waitingFor({ pending, telling }: { pending: number; telling: number }, unsaid = 0): string {
  const lines = pending + unsaid;
  const waiting = [lines > 0 ? count(lines, 'line') : '', telling > 0 ? count(telling, 'private message') : ''];
  return list(waiting.filter((one) => one !== ''));
}

/** Words for one event after another: what one has said already, the next does not say again. */
export function narrator(): (event: Event, at: Viewpoint) => string | undefined {
  let successor: PeerId | undefined;
  let trouble: string | undefined;
  let merging = false;
  let kept = false;
  /** Who was told of last for its new name. */
  let renamedId: PeerId | undefined;
  return (event, at) => {
    const told = words(event, at);
    if (event.kind === 'met' && event.notice.kind === 'renamed' && event.member.id === renamedId) return undefined;
    if (event.kind === 'renamed') renamedId = event.id;
    if (event.kind === 'restored') kept = true;
    // Whoever comes back first has not started anything.
    if (event.kind === 'entered' && kept && event.members.length === 1)
      return `you are the first to be back${about(event.topic)}`;
    if (event.kind === 'left' && event.why === 'handover') successor = at.coordinator?.id;
    if (event.kind === 'handed-over') successor = event.coordinator.id;
    if (event.kind === 'looking') {
      if (told === trouble) return undefined;
      trouble = told;
      merging = event.coordinator.id === at.id;
    }
    if (event.kind !== 'healed') return told;
    const { coordinator, gone: lost, resent } = event.healing;
    const known = lost.length === 0 && coordinator.id === successor;
    const merged = merging && lost.length === 0;
    successor = undefined;
    trouble = undefined;
    merging = false;
    if (merged) return `the room is one again; ${coordinates(coordinator, at)} ${cost(event.healing)}`;
    if (known) return resent === 0 ? undefined : sentAgain(resent);
    return told;
  };
}

/** What stands before lines that were said while this peer was away, and that a part of them is missing. */
export function missedLines({ why, ms, lines, trimmed }: Extract<Event, { kind: 'missed' }>): string[] {
  const absence = why === 'apart' ? `while apart (${duration(ms)})` : `away ${duration(ms)}`;
  // Of a gap alone, "no messages" would be said in the face of the line that follows.
  const told = lines > 0 ? `, ${count(lines, 'message')}` : trimmed > 0 ? '' : ', no messages';
  const gap = trimmed === 1 ? '1 message said meanwhile is' : `${count(trimmed, 'message')} said meanwhile are`;
  return [`${absence}${told}`, ...(trimmed > 0 ? [`${gap} no longer kept`] : [])];
}

function unreachable({ members, since, alone }: Extract<Event, { kind: 'unreachable' }>): string {
  if (members.length === 0) return 'everybody is reachable again';
  const trying = `unreachable since ${timeOf(since)}, still trying`;
  if (alone) return `you are alone: ${count(members.length, 'peer')} ${trying}`;
  return `${names(members)} ${members.length === 1 ? 'is' : 'are'} ${trying}`;
}

function restored({ lines, unsent, since }: Extract<Event, { kind: 'restored' }>): string {
  const kept = lines === 0 ? 'none of its lines is kept' : `${count(lines, 'line')} ${lines === 1 ? 'is' : 'are'} kept`;
  const out = unsent === 0 ? '' : `, ${unsent} of yours ${unsent === 1 ? 'goes' : 'go'} out now`;
  return `this room was last open at ${dayOf(since)} ${timeOf(since)}: ${kept}${out}`;
}

function acted({ verb, name, own, by, byOwn }: Extract<Event, { kind: 'ruled' }>, at: Viewpoint): string {
  // Who has the name of the person here, and another key, is somebody else.
  const called = (one: string, isOwn: boolean): string =>
    isOwn ? 'you' : clean(one) + (nameKey(one) === nameKey(at.name) ? ' (not you: another key)' : '');
  const told = ruled(verb, called(by, byOwn), called(name, own));
  return verb === 'key'
    ? `${told}: earlier invites lead nowhere now, /invite shows the new one to give to whoever is not here`
    : told;
}

/** Loud: it has been read, and may be a lie. */
function unsigned({ id, name, lines, text, why }: Extract<Event, { kind: 'unsigned' }>): string {
  const who = author({ id, name });
  const shown = clean(text);
  const quote = shown.length > 40 ? `${shown.slice(0, 40)}…` : shown;
  const what = lines === 1 ? `"${quote}"` : `${count(lines, 'line')} (the last: "${quote}")`;
  const fault =
    why === 'forged'
      ? `the signature is FALSE: ${who} did not say that`
      : `there is no signature: nobody knows whether ${who} said that`;
  return `WARNING: ${what} in the name of ${who}: ${fault}`;
}

/** Loud, but for a new name: whoever goes on without a thought may tell a secret to the wrong one. */
function met({ member, notice }: Extract<Event, { kind: 'met' }>): string {
  const name = clean(member.name);
  switch (notice.kind) {
    case 'renamed':
      return `${name} was called ${clean(notice.former)} before: the key is the same`;
    case 'changed': {
      const since = `${dayOf(notice.since)} ${timeOf(notice.since)}`;
      // Whoever had the name is meant by it, too.
      const typed = clean(calling(member));
      const advice = `/verify ${typed} compares, /accept ${typed} takes the new key as ${name}'s`;
      return `WARNING: this is not the ${clean(notice.known)} you have known since ${since}: it has another key; ${advice}`;
    }
    case 'namesake':
      return `WARNING: ${name} has your name and another key: it is somebody else, whom others may take for you`;
    case 'unpinned':
      return `WARNING: ${name} is new, and as many names are known as can be (${limits.pinsMax.toLocaleString('en')}): of those who come new, only whom you /accept is remembered, so another one would not be noticed`;
    case 'forged':
      return `WARNING: ${name} is not who it says: the signature is FALSE, so a coordinator has put it there`;
  }
}

function turnedAway({ who, count: number }: Extract<Event, { kind: 'turned-away' }>): string {
  const some = number === 1 ? 'somebody' : `${number.toLocaleString('en')} times somebody`;
  switch (who) {
    case 'plain':
      return `${some} tried to come in without encryption: it runs with --plain, or is an older groupchat`;
    case 'tls':
      return `${some} tried to come in encrypted, and this room is not: leave out --plain here, or use it there`;
    case 'open':
      return `${some} tried to come in without the key of this room: /invite shows what to give to friends`;
    case 'key':
      return `${some} tried to come in with another key: if it was a friend, give a new invite (/invite)`;
  }
}

function about(topic: string | undefined): string {
  return topic === undefined ? '' : `; the topic is: ${clean(topic)}`;
}

function entered(members: readonly Member[], at: Viewpoint): string {
  const others = members.filter(({ id }) => id !== at.id);
  if (others.length === 0) return 'you started the room';
  return `you are in the room with ${names(others)}; ${coordinates(at.coordinator, at)}`;
}

function coordinates(coordinator: Member | undefined, at: Viewpoint): string {
  if (coordinator === undefined) return 'nobody coordinates';
  return coordinator.id === at.id ? 'you coordinate' : `${clean(coordinator.name)} coordinates`;
}

function gone({ id, name }: Member, why: Why, at: Viewpoint): string {
  // One's own process was stopped, and the room went on without it.
  if (id === at.id) return `you were taken for gone (${reasons[why]})`;
  const farewell = saidGoodbye(why);
  return farewell ? `${clean(name)} ${reasons[why]}` : `${clean(name)} is gone (${reasons[why]})`;
}

/** A handover is over before anybody could read that it had begun. */
function looking(
  { coordinator, why, waiting }: Extract<Event, { kind: 'looking' }>,
  at: Viewpoint,
): string | undefined {
  if (why === 'handover') return undefined;
  const { name, id } = coordinator;
  const trouble: Readonly<Record<Exclude<Why, 'handover'>, string>> = {
    left: `${clean(name)} left`,
    kicked: `${clean(name)} was put out`,
    // Not known yet to be more: the coordinator is dialled afresh to make sure.
    ended: `the link to ${clean(name)} broke`,
    silent: `${clean(name)} is not answering`,
    cut: `the link to ${clean(name)} was cut`,
    slow: `you fell too far behind ${clean(name)}`,
    flood: `${clean(name)} let you go: you said too much for too long`,
  };
  const lines = waiting === 0 ? '' : ` (${count(waiting, 'line')} waiting)`;
  if (id === at.id) return `another part of the room was found: going over to it${lines}`;
  return `${trouble[why]}: looking for a coordinator${lines}`;
}

function sentAgain(resent: number): string {
  return `${count(resent, 'line')} sent again`;
}

/** What a healing took, and what it saved. */
function cost({ tookMs, resent }: Healing): string {
  return `(healed in ${duration(tookMs)}, nothing lost${resent === 0 ? '' : `, ${sentAgain(resent)}`})`;
}

function healed(healing: Healing, at: Viewpoint): string {
  const { why, coordinator, gone: lost, resent } = healing;
  const now = coordinates(coordinator, at);
  const [first, ...more] = lost;
  // A handover costs nothing that is worth a word, unless something had to be sent again.
  const again = resent === 0 ? '' : ` (${sentAgain(resent)})`;
  if (first === undefined)
    return why === 'handover' ? `handed over; ${now} now${again}` : `the link was mended; ${now} ${cost(healing)}`;
  const departed = more.length === 0 ? gone(first.member, first.why, at) : undefined;
  if (departed !== undefined && first.why === 'handover') return `${departed}; ${now} now${again}`;
  const all = lost.map((one) => `${one.member.id === at.id ? 'you' : clean(one.member.name)} (${reasons[one.why]})`);
  return `${departed ?? `${list(all)} are gone`}; ${now} ${cost(healing)}`;
}

/** Why this peer cannot be in the room, and what to type instead. */
export function refusal(
  { code, message, free }: { readonly code: ChatCode; readonly message: string; readonly free?: string | undefined },
  name: string,
): string {
  switch (code) {
    case 'name-taken': {
      const advice =
        free === undefined
          ? `choose another, for example --name ${clean(name)}2`
          : `${clean(free)} is free: --name ${clean(free)}`;
      return `the name ${clean(name)} is taken in this room; ${advice}`;
    }
    case 'name-invalid':
      return `${clean(name)} cannot be a name here: ${clean(message)}`;
    case 'unreachable':
      return `nobody could be reached: ${clean(message)}`;
    default:
      return clean(message);
  }
}

/** Who may enter the room. */
interface Access {
  /** `open`: whoever reaches the port; `private`: whoever has the key; `plain`: as open, and nothing is encrypted. */
  readonly kind: 'open' | 'private' | 'plain';
  /** That of a private room: 43 characters of base64url. */
  readonly key?: string;
}

/** What others need to know to come in; a peer tells it. */
export interface Entrance {
  readonly access: Access;
  /** Where this peer can be dialled. */
  readonly addresses: readonly string[];
  readonly coordinator: Member | undefined;
}

/** How others join: what to type, and who may. The key of a private room is in it only if it is asked for (`key`). */
export function invitation(entrance: Entrance, key: boolean): string[] {
  const { access, addresses } = entrance;
  if (access.kind === 'private' && !key) return ['this room is private: /invite shows how others join'];
  const [first, ...more] = waysIn(entrance);
  if (first === undefined) return ['nobody can reach this peer'];
  const here = addresses.length > 0 && addresses.every((address) => isLoopback(parseAddress(address)?.host ?? ''));
  const command = (options: string) =>
    `others ${here ? 'on this machine' : 'join with'}:  groupchat --name NAME ${clean(options)}`;
  const others = more.length > 0 && !here ? [`or, if they cannot reach that:  ${more.map(clean).join('  ')}`] : [];
  switch (access.kind) {
    case 'open':
      return [
        command(`--join ${first}`),
        ...others,
        'this room is open: anyone who reaches the port may join; --private starts one for those you invite',
      ];
    case 'private':
      return [
        command(`--join '${inviteOf(entrance)}'`),
        'this room is private: whoever has that line can enter, so show it only to those you invite',
      ];
    case 'plain':
      return [
        command(`--plain --join ${first}`),
        ...others,
        'nothing is encrypted here: anyone on the way can read along, and anyone who reaches the port may join',
      ];
  }
}

/** The invite to a private room, one word; it ends with # where the key is not known. Undefined for any other room. */
export function inviteOf(entrance: Entrance): string | undefined {
  const { kind, key } = entrance.access;
  const addresses = waysIn(entrance);
  if (kind !== 'private' || addresses.length === 0) return undefined;
  return formatInvite(key === undefined ? { kind: 'ask', addresses } : { kind, addresses, key });
}

/** Whoever cannot be dialled sends others to the coordinator. */
function waysIn({ addresses, coordinator }: Entrance): readonly string[] {
  return addresses.length > 0 ? addresses : (coordinator?.addresses.slice(0, 1) ?? []);
}
