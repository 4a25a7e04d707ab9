/**
 * Checkers over what every peer showed and holds. Each returns what is wrong, in words; nothing when all is well.
 */
import { applyToView } from '../../src/core/entry.ts';
import { rulesOf } from '../../src/core/rules.ts';
import { coordinatorOf, emptyView, memberOf } from '../../src/core/view.ts';
import type { ChatCode, ProtocolCode } from '../../src/core/errors.ts';
import { limits } from '../../src/core/limits.ts';
import { nameKey } from '../../src/core/name.ts';
import type { State } from '../../src/core/state.ts';
import type { Line } from '../../src/core/step.ts';
import type { Host } from './host.ts';

export type Checker = (hosts: readonly Host[]) => string[];

/**
 * Those who know of each other, or know one who does: by their view, by whom they have lost, by where they were told to
 * join. Two parts that have nobody in common can never meet; each of them must be well by itself.
 */
export function acquainted(hosts: readonly Host[]): Host[][] {
  const groups: Host[][] = [];
  for (const host of living(hosts)) {
    const knows = knownTo(host);
    const near = (group: readonly Host[]): boolean =>
      group.some((other) => knows.has(other.address) || knownTo(other).has(host.address));
    const mine = groups.filter(near);
    const others = groups.filter((group) => !mine.includes(group));
    groups.splice(0, Infinity, ...others, [...mine.flat(), host]);
  }
  return groups.map((group) => hosts.filter((host) => group.includes(host)));
}

function knownTo({ state, join }: Host): Set<string> {
  const members = state?.log.view.members ?? [];
  const lost = Array.from(state?.lost.values() ?? [], ({ member }) => member);
  return new Set([...join, ...[...members, ...lost].flatMap(({ addresses }) => addresses)]);
}

const living = (hosts: readonly Host[]): Host[] => hosts.filter((host) => host.alive);

/** The bytes of a log from an entry on, as they travel. */
function* slices(host: Host, from: number): Generator<Uint8Array> {
  const { log } = host.state as State;
  let at = log.cursorAfter(from - 1);
  while (at !== undefined) {
    const slice = log.read(at);
    if (typeof slice === 'string') return;
    yield slice.bytes;
    at = slice.cursor;
  }
}

/** Whether two logs are the same, byte for byte, as far back as both go: told without a look into their entries. */
function alike(one: Host, other: Host): boolean {
  const from = Math.max(one.state?.log.first ?? 1, other.state?.log.first ?? 1);
  return Buffer.concat([...slices(one, from)]).equals(Buffer.concat([...slices(other, from)]));
}

/** Whether an author's line has come before; it has now. */
function again(known: Map<string, Set<number>>, author: string, n: number): boolean {
  const numbers = known.get(author);
  if (numbers === undefined) known.set(author, new Set([n]));
  else if (numbers.has(n)) return true;
  else numbers.add(n);
  return false;
}

/** A line shown twice on a screen, or standing twice in a log. */
const doubled: Checker = (hosts) => {
  const faults: string[] = [];
  /** Logs without a double: one that is the same needs no look. */
  const clean: Host[] = [];
  for (const host of hosts) {
    const shown = new Map<string, Set<number>>();
    for (const { id, n, text } of host.screen) {
      if (again(shown, id, n)) faults.push(`doubled: ${host.name} showed "${text}" again`);
    }
    const log = host.state?.log;
    if (log === undefined || clean.some((other) => other.state?.log.first === log.first && alike(host, other)))
      continue;
    const held = new Map<string, Set<number>>();
    const before = faults.length;
    for (const entry of log.entries(1)) {
      if (entry.kind !== 'chat' || !again(held, entry.author, entry.n)) continue;
      faults.push(`doubled: "${entry.text}" stands twice in ${host.name}'s log`);
    }
    if (faults.length === before) clean.push(host);
  }
  return faults;
};

/** An author's lines out of the order in which they were said. */
const outOfOrder: Checker = (hosts) =>
  hosts.flatMap((host) => {
    const last = new Map<string, number>();
    return host.screen.flatMap(({ id, n, text }) => {
      const before = last.get(id) ?? 0;
      last.set(id, Math.max(before, n));
      return n > before ? [] : [`out of order: ${host.name} showed "${text}" (${n}) after ${before}`];
    });
  });

/** Two peers that saw different lines at one place of one reign. */
const disagreement: Checker = (hosts) => {
  const reigns = new Map<string, Map<number, Line>>();
  const faults: string[] = [];
  for (const host of hosts) {
    for (const [index, line] of host.screen.entries()) {
      const coordinator = host.reigns[index] as string;
      const { id, n } = line;
      const { epoch, seq } = line.position;
      let places = reigns.get(coordinator);
      if (places === undefined) reigns.set(coordinator, (places = new Map<number, Line>()));
      // Both numbers are small here: no seed comes near a million entries.
      const place = epoch * 1e6 + seq;
      const known = places.get(place);
      if (known === undefined) places.set(place, line);
      else if (known.id !== id || known.n !== n) {
        const where = `${epoch} ${coordinator} ${seq}`;
        faults.push(`disagreement: at ${where} ${host.name} has ${id} ${n}, another has ${known.id} ${known.n}`);
      }
    }
  }
  return faults;
};

/** A line that its author, still there, said, or that somebody still there has shown, and that somebody lacks. */
const lost: Checker = (hosts) => {
  const here = living(hosts);
  const wanted = new Set<string>();
  for (const host of here) {
    for (const text of host.said) wanted.add(text);
    for (const text of host.texts) wanted.add(text);
  }
  return here.flatMap((host) => {
    // Of what was said before it came it was given a part, as its gaps told.
    const due = (text: string): boolean => hosts.some(({ saidAt }) => (saidAt.get(text) ?? 0) > host.since);
    // Whatever it has is wanted: as many lines are the same lines.
    if (host.texts.size === wanted.size) return [];
    return [...wanted]
      .filter((text) => !host.texts.has(text) && due(text))
      .map((text) => `lost: ${host.name} never showed "${text}"`);
  });
};

/** After everything is healed: one room, one coordinator, one view, one history, nothing waiting. */
const unhealed: Checker = (hosts) => {
  const here = living(hosts);
  const faults: string[] = [];
  const coordinators = here.filter((host) => host.state?.phase.kind === 'coordinating');
  if (here.length > 0 && coordinators.length !== 1) {
    const phases = here.map((host) => `${host.name} ${host.state?.phase.kind}`).join(', ');
    faults.push(`unhealed: ${coordinators.length} coordinators (${phases})`);
  }
  const names = (host: Host): string => host.state?.log.view.members.map(({ name }) => name).join(' ') ?? '';
  const everybody = new Set(here.map((host) => host.state?.self.name));
  for (const host of here) {
    if (names(host) !== names(here[0] as Host))
      faults.push(`unhealed: ${host.name} sees ${names(host)}, ${here[0]?.name} sees ${names(here[0] as Host)}`);
    const ghosts = host.state?.log.view.members.filter(({ name }) => !everybody.has(name)) ?? [];
    if (ghosts.length > 0) faults.push(`unhealed: ${host.name} still sees ${ghosts.map(({ name }) => name).join(' ')}`);
    const waiting = host.state?.delivery.pending ?? 0;
    if (waiting > 0) faults.push(`unhealed: ${waiting} lines of ${host.name} wait`);
  }
  return faults;
};

/** Logs that are not equal, entry for entry and byte for byte, as far back as both go. */
const unequal: Checker = (hosts) => {
  const [first, ...others] = living(hosts);
  return others.flatMap((host) =>
    alike(first as Host, host) ? [] : [`unequal: ${host.name} and ${first?.name} differ`],
  );
};

/** Whoever coordinates is not the earliest-joined of its own view. */
export const usurper: Checker = (hosts) =>
  living(hosts).flatMap((host) => {
    const { state } = host;
    if (state?.phase.kind !== 'coordinating') return [];
    const first = coordinatorOf(state.log.view);
    return first?.id === state.self.id ? [] : [`usurper: ${host.name} coordinates, ${first?.name} is the earliest`];
  });

/** Two in one view whose names count as the same. */
export const namesakes: Checker = (hosts) =>
  living(hosts).flatMap(({ name, state }) => {
    const names = state?.log.view.members.map((member) => nameKey(member.name)) ?? [];
    return new Set(names).size === names.length ? [] : [`namesakes: ${name} sees ${names.join(' ')}`];
  });

/** A name that was wished for and neither given nor denied; or that a peer takes for its own, and nobody calls it so. */
const nameless: Checker = (hosts) =>
  living(hosts).flatMap(({ name, state }) => {
    if (state === undefined) return [];
    const { self, wish, log } = state;
    const called = memberOf(log.view, self.id)?.name;
    if (called !== self.name) return [`nameless: ${name} thinks it is ${self.name}, and is ${called}`];
    return wish === null ? [] : [`nameless: ${name} waits to be ${wish.name}`];
  });

/** Whoever has left was told to: who hands over stays. */
const deserted: Checker = (hosts) =>
  hosts.flatMap(({ name, ended, leaves }) => (ended === 'left' && !leaves ? [`deserted: ${name} has left`] : []));

/** More memory, or more links, than a settled room needs. */
const hoarding: Checker = (hosts) => {
  const here = living(hosts);
  return here.flatMap((host) => {
    const { state } = host;
    if (state === undefined) return [];
    const faults: string[] = [];
    const links = [...state.links.values()].filter(({ end }) => end.kind !== 'call').length;
    const allowed = state.phase.kind === 'coordinating' ? here.length - 1 : 1;
    if (links > allowed) faults.push(`hoarding: ${host.name} keeps ${links} links, ${allowed} are enough`);
    const open = [...host.ends.values()].filter((end) => !state.links.has(end.link)).length;
    if (open > 0) faults.push(`hoarding: ${host.name} has forgotten ${open} open links`);
    if (state.log.bytes > limits.logBytesMax)
      faults.push(`hoarding: the log of ${host.name} has ${state.log.bytes} bytes`);
    return faults;
  });
};

/** Somebody who ran all the time, on a network that was whole, was put out of the room. */
export const accused: Checker = (hosts) => {
  // Whoever had not come in yet may have been let in, and know nothing of it.
  const entered = new Map(living(hosts).map(({ state, since }) => [state?.self.id, since]));
  return hosts.flatMap((host) =>
    host.events.flatMap((event, index) => {
      if (event.kind === 'slept') return [`accused: ${host.name} believes it slept`];
      const gone =
        event.kind === 'left'
          ? [event.member]
          : event.kind === 'healed'
            ? event.healing.gone.map(({ member }) => member)
            : [];
      return gone
        .filter(({ id }) => (entered.get(id) ?? Infinity) < (host.eventsAt[index] as number))
        .map(({ name }) => `accused: ${host.name} was told that ${name} is gone`);
    }),
  );
};

/** Peers of one kind, none of which cheats: no link of theirs is closed for a breach, and nobody is told to go away. */
const offended: Checker = (hosts) =>
  hosts.flatMap((host) => {
    let inside = false;
    return host.events.flatMap((event) => {
      if (event.kind === 'entered') inside = true;
      if (event.kind === 'warning' && (breaches.has(event.code) || event.code === 'forged'))
        return [`offended: ${host.name} by ${event.code}: ${event.message}`];
      return event.kind === 'refused' && !welcome.has(event.code) && inside
        ? [`offended: ${host.name} was refused: ${event.message}`]
        : [];
    });
  });
/** Why an honest peer may be refused. */
const welcome = new Set<string>(['unreachable', 'name-taken', 'kicked', 'banned'] satisfies ChatCode[]);
const breaches = new Set<string>([
  'header',
  'length',
  'type',
  'sender',
  'word',
  'body',
  'line',
  'order',
  'silent',
] satisfies ProtocolCode[]);

/** Everybody signs what he says: nobody is told that somebody who was there did not, or falsely. */
const slandered: Checker = (hosts) =>
  hosts.flatMap(({ name, slanders }) =>
    slanders.map(({ name: author, text, why }) => `slandered: to ${name} ${author}'s "${text}" is ${why}`),
  );

/** A private message shown twice, or before an earlier one of that process, or by somebody whom it is not for, or as coming from somebody who did not write it. */
const gossip: Checker = (hosts) => {
  const written = /^(?<from>\S+) tells (?<to>\S+) /;
  return hosts.flatMap((host) => {
    const shown = new Set<string>();
    const last = new Map<string, number>();
    return host.heard.flatMap(({ text, key, origin, k }) => {
      const twice = shown.has(text);
      shown.add(text);
      const { from, to } = written.exec(text)?.groups ?? {};
      if (to !== host.address || hosts.find(({ address }) => address === from)?.key !== key)
        return [`gossip: ${host.name} showed "${text}" of ${key}`];
      const before = last.get(origin) ?? 0;
      last.set(origin, k);
      if (twice) return [`gossip: ${host.name} showed "${text}" again`];
      return k > before ? [] : [`gossip: ${host.name} showed "${text}" (${k}) after ${before}`];
    });
  });
};

/** A private message between two who are there that was not shown, or not acknowledged. */
const whispered: Checker = (hosts) => {
  const here = living(hosts);
  const keys = new Set(here.map(({ key }) => key));
  return here.flatMap((host) => {
    const faults = [...host.told]
      .filter(([text, to]) => here.includes(to) && !to.reached.has(text))
      .map(([text]) => `whispered: "${text}" of ${host.name} was not shown`);
    const waiting = host.state?.letters.people.filter((key) => keys.has(key)) ?? [];
    return waiting.length === 0 ? faults : [...faults, `whispered: ${host.name} waits for ${waiting.join()}`];
  });
};

/** The rules that hold for somebody, in words. */
function rulesIn({ state }: Host): string {
  const { ops, bans, key } = rulesOf((state as State).log.charter);
  return told(ops, bans.keys(), key);
}

function told(ops: Iterable<string>, bans: Iterable<string>, key: string | undefined): string {
  return `ops ${[...ops].toSorted().join()}; bans ${[...bans].toSorted().join()}; key ${key}`;
}

/** The same, worked out once more from a log that goes back to the beginning. */
function rulesFrom({ state }: Host): string {
  const [ops, bans] = [new Set<string>(), new Set<string>()];
  let founder = '';
  let roomKey: string | undefined;
  let view = emptyView;
  /** When somebody was last ruled about, or the key was changed, and whether by the founder. */
  const settled = new Map<string, readonly [time: number, rank: number]>();
  for (const entry of (state as State).log.entries(1)) {
    if (entry.kind === 'peers' && entry.seq === 1) founder = (state as State).log.charter.founder?.key ?? 'nobody';
    const author = entry.kind === 'chat' ? (memberOf(view, entry.author) ?? entry.by)?.key : undefined;
    view = applyToView(view, entry);
    if (entry.kind !== 'chat' || entry.what !== 'act' || author === undefined) continue;
    const [verb, about = ''] = entry.text.split(' ');
    const high = author === founder;
    if (about === founder || (!high && (!ops.has(author) || verb === 'op' || verb === 'deop'))) continue;
    if (verb === 'kick' || (verb === 'ban' && !high && ops.has(about))) continue;
    const subject = verb === 'key' ? 'key' : about;
    const [time, rank] = settled.get(subject) ?? [-1, 0];
    if (entry.time < time || (entry.time === time && Number(high) <= rank)) continue;
    settled.set(subject, [entry.time, Number(high)]);
    if (verb === 'key') roomKey = about;
    else if (verb === 'unban') bans.delete(about);
    else if (verb === 'deop') ops.delete(about);
    else if (verb === 'op') {
      ops.add(about);
      bans.delete(about);
    } else if (verb === 'ban' && (high || !ops.has(about))) {
      bans.add(about);
      ops.delete(about);
    }
  }
  return told(ops, bans, roomKey);
}

/** Rules that differ where logs are the same, or that are not what the acts amount to; somebody in the room who is banned. */
const lawful: Checker = (hosts) => {
  const [first, ...others] = living(hosts);
  if (first === undefined) return [];
  const faults: string[] = [];
  for (const host of others) {
    if (rulesIn(host) !== rulesIn(first))
      faults.push(`unlawful: ${host.name} has ${rulesIn(host)}, ${first.name} has ${rulesIn(first)}`);
  }
  for (const host of [first, ...others]) {
    const { log } = host.state as State;
    if (log.first === 1 && rulesFrom(host) !== rulesIn(host))
      faults.push(`unlawful: ${host.name} has ${rulesIn(host)}, and its log says ${rulesFrom(host)}`);
    const { bans } = rulesOf(log.charter);
    for (const { name, key } of log.view.members)
      if (bans.has(key)) faults.push(`unlawful: ${name} is banned, and ${host.name} sees it in the room`);
  }
  return faults;
};

/** What was kept and cannot be read back, though no disk has lost anything but its end. */
const unreadable: Checker = (hosts) =>
  hosts.flatMap(({ name, damage }) => damage.map((one) => `unreadable: ${name}: ${one}`));

/** What the room is about, and who is away, in words. */
function notesOf({ state }: Host): string {
  const { notes } = (state as State).log;
  return notes.map(({ author, text }) => `${author} ${text}`).join('; ');
}

/** The same, worked out once more from a log that goes back to the beginning: the last of each counts, in the order of the log. */
function notesFrom({ state }: Host): string {
  const notes = new Map<string, string>();
  let view = emptyView;
  for (const entry of (state as State).log.entries(1)) {
    view = applyToView(view, entry);
    for (const id of notes.keys()) if (id !== 'topic' && memberOf(view, id) === undefined) notes.delete(id);
    if (entry.kind !== 'chat' || entry.what !== 'act') continue;
    const [verb = ''] = entry.text.split(' ');
    const here = memberOf(view, entry.author) !== undefined;
    if (verb !== 'topic' && !here) continue;
    if (!['topic', 'away', 'back'].includes(verb)) continue;
    const subject = verb === 'topic' ? verb : entry.author;
    notes.delete(subject);
    if (verb !== 'back') notes.set(subject, `${entry.author} ${entry.text}`);
  }
  return [...notes.values()].join('; ');
}

/** Notes that differ where logs are the same, or that are not what the log amounts to. */
const noted: Checker = (hosts) => {
  const here = living(hosts);
  return here.flatMap((host) => {
    const mine = notesOf(host);
    const first = here[0] as Host;
    if (mine !== notesOf(first)) return [`noted: ${host.name} has ${mine}, ${first.name} has ${notesOf(first)}`];
    const { log } = host.state as State;
    if (log.first > 1 || mine === notesFrom(host)) return [];
    return [`noted: ${host.name} has ${mine}, and its log says ${notesFrom(host)}`];
  });
};

/** What must hold at any moment, and what must hold once everything is healed: what is told soonest comes first. */
export const always: readonly Checker[] = [doubled, outOfOrder, disagreement, offended, slandered, gossip, deserted];
export const healed: readonly Checker[] = [
  unhealed,
  usurper,
  namesakes,
  nameless,
  hoarding,
  unreadable,
  lost,
  unequal,
  whispered,
  lawful,
  noted,
];

/** Two screens that show the same lines in different orders. Only a room that was never cut must have none. */
export const disorder: Checker = (hosts) => {
  const [first, ...others] = living(hosts);
  const places = new Map(first?.screen.map(({ text }, place) => [text, place]));
  return others.flatMap((host) => {
    let last = -1;
    return host.screen.flatMap(({ text }) => {
      const place = places.get(text);
      if (place === undefined) return [];
      const wrong = place < last;
      last = Math.max(last, place);
      return wrong ? [`disorder: ${host.name} shows "${text}" later than ${first?.name} does`] : [];
    });
  });
};
