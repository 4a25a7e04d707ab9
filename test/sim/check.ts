/**
 * Checkers over what every peer showed and holds. Each returns what is wrong, in words; nothing when all is well.
 */
import { coordinatorOf } from '../../src/core/view.ts';
import { limits } from '../../src/core/limits.ts';
import type { Host } from './world.ts';

export type Checker = (hosts: readonly Host[]) => string[];

const living = (hosts: readonly Host[]): Host[] => hosts.filter((host) => host.alive);

/** A line shown twice on a screen, or standing twice in a log. */
const doubled: Checker = (hosts) =>
  hosts.flatMap((host) => {
    const faults: string[] = [];
    const shown = new Set<string>();
    for (const { id, n, text } of host.screen) {
      if (shown.has(`${id} ${n}`)) faults.push(`doubled: ${host.name} showed "${text}" again`);
      shown.add(`${id} ${n}`);
    }
    const held = new Set<string>();
    for (const entry of host.state?.log.entries(1) ?? []) {
      if (entry.kind !== 'chat') continue;
      if (held.has(`${entry.author} ${entry.n}`))
        faults.push(`doubled: "${entry.text}" stands twice in ${host.name}'s log`);
      held.add(`${entry.author} ${entry.n}`);
    }
    return faults;
  });

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
  const places = new Map<string, string>();
  return hosts.flatMap((host) =>
    host.screen.flatMap(({ position, coordinator, id, n }) => {
      const place = `${position.epoch} ${coordinator} ${position.seq}`;
      const known = places.get(place);
      places.set(place, known ?? `${id} ${n}`);
      return known === undefined || known === `${id} ${n}`
        ? []
        : [`disagreement: at ${place} ${host.name} has ${id} ${n}, another has ${known}`];
    }),
  );
};

/** A line that its author, still there, said, or that somebody still there has shown, and that somebody lacks. */
const lost: Checker = (hosts) => {
  const here = living(hosts);
  const wanted = new Set(here.flatMap((host) => [...host.said, ...host.screen.map(({ text }) => text)]));
  return here.flatMap((host) => {
    const has = new Set(host.screen.map(({ text }) => text));
    return [...wanted].filter((text) => !has.has(text)).map((text) => `lost: ${host.name} never showed "${text}"`);
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
  const history = (host: Host, from: number): string =>
    [...(host.state?.log.frames(from) ?? [])]
      .map(({ sender, body }) => `${sender} ${Buffer.from(body).toString()}`)
      .join('\n');
  return others.flatMap((host) => {
    const from = Math.max(host.state?.log.first ?? 1, first?.state?.log.first ?? 1);
    return history(host, from) === history(first as Host, from)
      ? []
      : [`unequal: ${host.name} and ${first?.name} differ`];
  });
};

/** Whoever coordinates is not the earliest-joined of its own view. */
export const usurper: Checker = (hosts) =>
  living(hosts).flatMap((host) => {
    const { state } = host;
    if (state?.phase.kind !== 'coordinating') return [];
    const first = coordinatorOf(state.log.view);
    return first?.id === state.self.id ? [] : [`usurper: ${host.name} coordinates, ${first?.name} is the earliest`];
  });

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
  const running = new Set(hosts.filter((host) => host.ended === undefined).map((host) => host.name));
  return hosts.flatMap((host) =>
    host.events.flatMap((event) => {
      if (event.kind === 'slept') return [`accused: ${host.name} believes it slept`];
      const gone =
        event.kind === 'left'
          ? [event.member]
          : event.kind === 'healed'
            ? event.healing.gone.map(({ member }) => member)
            : [];
      return gone
        .filter(({ name }) => running.has(name))
        .map(({ name }) => `accused: ${host.name} was told that ${name} is gone`);
    }),
  );
};

/** What must hold at any moment, and what must hold once everything is healed. */
export const always: readonly Checker[] = [doubled, outOfOrder, disagreement];
export const healed: readonly Checker[] = [lost, unhealed, unequal, usurper, hoarding];

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
