/**
 * Plays: who comes, who goes, who says what, and what each screen shows, as text; performed by real processes.
 *
 * One line is one moment: its parts, between `&`, begin together. A moment is over when they are, and when every line
 * that was said stands on the screen of everybody who can know of it. A play is over when everybody who is left has
 * said goodbye: all of them must end with code 0, having shown every line exactly once, and in one order; only who was
 * apart from the others (hung, or behind a broken network) has shown some lines before them.
 */
import { setImmediate } from 'node:timers/promises';
import { afterEach, expect } from 'vitest';
import { everybody, nobody, Proxy } from './proxy.ts';
import { actorAt, at, chat, freePorts, kept, type Actor } from './stage.ts';

/** What stands for any text in what is seen. */
const any = '…';
const apartMark = ' (while apart): ';

const proxies = new Set<Proxy>();
afterEach(() => {
  for (const proxy of proxies) proxy.close();
  proxies.clear();
});

interface Part {
  actor: Actor;
  /** What starts it, but for whom it joins. */
  readonly options: readonly string[];
  /** Lines that earlier processes of it have shown. */
  readonly shown: string[];
  readonly address: string;
  readonly proxy: Proxy | undefined;
  /** It is in the room; before that, what happens is history to it. */
  entered: boolean;
  awake: boolean;
  /** It may have shown lines in an order of its own. */
  apart: boolean;
  /** The part of the room that it can reach: what is said in one is heard in it, until they are together again. */
  side: string;
}

interface Clause {
  readonly who: string;
  readonly verb: string;
  readonly rest: string;
}

/** What can happen: `NAME verb …`, `NAME, NAME and NAME verb …`, or `all verb …` for everybody who is there. */
const verbs = [
  'founds', // may be followed by `behind a proxy`, or `behind a proxy that drips`, as may
  'joins', // `bob joins alice, carol`: tries both in turn; `nobody` is an address where nobody listens
  'says?',
  'sees?', // is told what happens in the room: the beginning of a line, with `…` for anything
  'leaves?', // by Ctrl+C
  'is done', // leaves, since its input ends
  '(?:is|are) killed',
  'hangs?',
  'wakes?',
  'ha(?:s|ve) kept it', // all that was said is on its disk
  'starts? again', // in the same folder and at the same port; `joining alice` with --join
  'network falls silent', // `alice's network …`: for all who dial alice, but not when alice dials
  'network is back',
  'network is cut', // every link is reset; new ones may be made
  '(?:is|are) cut off', // together, from all others, both ways
  '(?:is|are) back',
  'room is', // `the room is alice, bob`: so says /who, to everybody
];
const clauseShape = new RegExp(`^(?<who>.+?)(?:'s)? (?<verb>${verbs.join('|')})(?: (?<rest>.+))?$`, 'u');

function clauseOf(text: string): Clause {
  const found = clauseShape.exec(text.trim())?.groups;
  if (found === undefined) throw new Error(`not a part of a play: ${text}`);
  const { who, verb, rest } = found;
  return { who: who as string, verb: (verb as string).replace(/^are /u, 'is '), rest: rest ?? '' };
}

function momentsOf(text: string): Clause[][] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.map((line) => line.split(' & ').map(clauseOf));
}

const listOf = (text: string): string[] => text.split(/, | and /u);

/** Performs a play. Fails when the room does not keep its promises. */
export async function perform(text: string): Promise<void> {
  const moments = momentsOf(text);
  const arrivals = moments.flat().filter(({ verb }) => verb === 'founds' || verb === 'joins');
  // One more, where nobody listens.
  const play = new Play(await freePorts(arrivals.length + 1));
  for (const moment of moments) {
    await Promise.all(moment.map((clause) => play.act(clause)));
    await play.heard();
  }
  await play.curtain();
}

class Play {
  readonly #ports: number[];
  readonly #deserted: string;
  readonly #parts = new Map<string, Part>();
  readonly #said: { readonly line: string; side: string }[] = [];

  constructor(ports: number[]) {
    this.#deserted = at(ports[0] as number);
    this.#ports = ports.slice(1);
  }

  async act({ who, verb, rest }: Clause): Promise<unknown> {
    if (verb === 'founds') return this.#enters(who, [], rest);
    if (verb === 'joins') return this.#joins(who, rest);
    if (verb === 'room is') return this.#roomIs(listOf(rest));
    const named = who === 'all' ? this.#present() : listOf(who).map((name) => this.#part(name));
    return Promise.all(named.map((part) => this.#does(part, verb, rest)));
  }

  /** Resolves when all that was said is on every screen that it can be on. */
  heard(): Promise<unknown> {
    return Promise.all(
      this.#present().map((part) => {
        const due = this.#said.filter((one) => one.side === part.side).map(({ line }) => line);
        return part.actor.until(`shown all of ${due.join(' | ')}`, () => {
          const shown = new Set(linesOf(part));
          return due.every((line) => shown.has(line));
        });
      }),
    );
  }

  /** Everybody goes, and is judged. */
  async curtain(): Promise<void> {
    const present = this.#present();
    for (const { actor } of present) actor.signal('SIGINT');
    const ends = await Promise.all(present.map(async ({ actor }) => `${actor.name} ends with ${await actor.ended}`));
    expect(ends).toEqual(present.map(({ actor }) => `${actor.name} ends with 0`));
    const said = this.#said.map(({ line }) => line).toSorted();
    const model = present.find(({ apart }) => !apart);
    for (const part of present) {
      const { actor, apart } = part;
      expect(linesOf(part).toSorted(), `${actor.name} shows each line once`).toEqual(said);
      if (!apart) expect(rawLinesOf(actor), `${actor.name}'s order`).toEqual(rawLinesOf((model as Part).actor));
      // Whatever goes wrong is said in a line; a stack trace would not begin so.
      for (const complaint of actor.complaints) expect(complaint).toMatch(/^groupchat: /u);
    }
  }

  #part(name: string): Part {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`nobody is called ${name}`);
    return part;
  }

  #present(): Part[] {
    return [...this.#parts.values()].filter(({ actor, awake }) => awake && !actor.over);
  }

  async #enters(name: string, options: string[], network: string): Promise<void> {
    const port = this.#ports.pop() as number;
    const proxied = network.startsWith('behind a proxy');
    const proxy = proxied ? await Proxy.to(port, (dialler) => actorAt(dialler.remotePort as number)) : undefined;
    if (proxy !== undefined) {
      proxies.add(proxy);
      proxy.drips = network.endsWith('that drips');
    }
    const address = proxy?.address ?? at(port);
    const own = proxied ? ['--advertise', address] : [];
    const actor = chat(name, port, ...options, ...own);
    const part = {
      actor,
      options: [String(port), ...own],
      shown: [],
      address,
      proxy,
      entered: false,
      awake: true,
      apart: false,
      side: '',
    };
    this.#parts.set(name, part);
    await actor.shows(/^\* you (?:started|are in) the room/u);
    part.entered = true;
  }

  async #joins(name: string, rest: string): Promise<void> {
    const [through = '', network = ''] = rest.split(/ (?=behind)/u);
    const to = listOf(through).map((one) => (one === 'nobody' ? this.#deserted : this.#part(one).address));
    const others = this.#present().filter(({ entered }) => entered);
    await this.#enters(
      name,
      to.flatMap((address) => ['--join', address]),
      network,
    );
    // Those who go at the same moment do not see it.
    const stay = others.filter(({ actor }) => !actor.over);
    await Promise.all(stay.map(({ actor }) => actor.shows(new RegExp(`^\\* ${name} joined`, 'u'))));
  }

  async #does(part: Part, verb: string, rest: string): Promise<unknown> {
    const { actor, proxy } = part;
    switch (verb) {
      case 'say':
      case 'says':
        this.#said.push({ line: `${actor.name}: ${rest}`, side: part.side });
        return actor.type(rest);
      case 'see':
      case 'sees':
        return actor.shows(new RegExp(`^\\* ${rest.split(any).map(literally).join('.*')}`, 'u'));
      case 'leave':
      case 'leaves':
        return this.#goes(part, () => actor.signal('SIGINT'));
      case 'is done':
        return this.#goes(part, () => actor.finish());
      case 'is killed':
        part.awake = false;
        actor.signal('SIGKILL');
        return actor.ended;
      case 'hang':
      case 'hangs':
        Object.assign(part, { awake: false, apart: true, side: actor.name });
        return actor.signal('SIGSTOP');
      case 'wake':
      case 'wakes':
        part.awake = true;
        this.#together();
        return actor.signal('SIGCONT');
      case 'have kept it':
      case 'has kept it':
        return this.#kept(part);
      case 'start again':
      case 'starts again':
        return this.#startsAgain(part, rest);
      case 'network falls silent':
        part.apart = true;
        return proxy?.hold(everybody);
      case 'network is back':
        return proxy?.hold(nobody);
      case 'network is cut':
        return proxy?.cut();
      case 'is cut off':
        Object.assign(part, { apart: true, side: 'off' });
        return this.#divide();
      case 'is back':
        this.#together();
        return this.#divide();
      default:
        throw new Error(`nobody knows how to do this: ${verb}`);
    }
  }

  /** Looks until it is so: no one tells when a file has grown. */
  async #kept({ actor, side }: Part): Promise<void> {
    const due = this.#said.filter((one) => one.side === side).map(({ line }) => line.replace(/^\S+ /u, ''));
    // Entries: epoch, seq, number, time, marks, cover, text. What is only said has no place yet.
    const holds = (text: string): boolean => {
      const found = Array.from(text.matchAll(/\d \d+ \d+ \d{13} \S+ \S+ /gu), (one) =>
        text.slice(one.index + one[0].length),
      );
      return due.every((line) => {
        const begins = (one: string): boolean => one.startsWith(line);
        return found.filter(begins).length >= due.filter(begins).length;
      });
    };
    while (!holds(await kept(actor.name))) await setImmediate();
  }

  async #startsAgain(part: Part, rest: string): Promise<void> {
    const { name } = part.actor;
    const [port, ...options] = part.options;
    const to = rest.startsWith('joining ') ? ['--join', this.#part(rest.slice('joining '.length)).address] : [];
    part.shown.push(...rawLinesOf(part.actor));
    part.actor = chat(name, Number(port), ...options, ...to);
    Object.assign(part, { awake: true, apart: true });
    this.#together();
    await part.actor.shows(/^\* you (?:started the room|are in the room|are the first to be back)/u);
  }

  async #goes(part: Part, how: () => void): Promise<void> {
    part.awake = false;
    how();
    expect(await part.actor.ended, `how ${part.actor.name} left`).toBe(0);
  }

  /** Bytes between the sides are held, in both directions. */
  #divide(): void {
    for (const part of this.#parts.values()) {
      part.proxy?.hold((dialler) => (this.#parts.get(dialler ?? '') ?? part).side !== part.side);
    }
  }

  /** Nobody is apart any more: what was said on any side is for all. */
  #together(): void {
    for (const part of this.#parts.values()) if (part.awake) part.side = '';
    for (const one of this.#said) if (this.#present().every(({ side }) => side !== one.side)) one.side = '';
  }

  /** Asks everybody who is there, earliest first. */
  async #roomIs(names: readonly string[]): Promise<void> {
    const answers = this.#present().map(async ({ actor }) => {
      const before = actor.screen.length;
      actor.type('/who');
      const rows = await actor.until('answered /who', () => whoRows(actor.name, actor.screen.slice(before)));
      return `${actor.name} sees ${rows.join(', ')}`;
    });
    expect(await Promise.all(answers)).toEqual(
      this.#present().map(({ actor }) => `${actor.name} sees ${names.join(', ')}`),
    );
  }
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/gu, '\\$&');

/** The lines of the room on a screen, as they stand there. */
function rawLinesOf({ screen }: Actor): string[] {
  return screen.filter((line) => !line.startsWith('* '));
}

/** The lines of the room on a screen, without their marks. */
function linesOf({ actor, shown }: Part): string[] {
  return [...shown, ...rawLinesOf(actor)].map((line) => line.replace(apartMark, ': '));
}

/** The names in an answer to /who that `name` got, when all of it is here. */
function whoRows(name: string, screen: readonly string[]): string[] | undefined {
  const head = screen.findIndex((line) => /^\* (?:\d+|only you) are here/u.test(line));
  if (head === -1) return undefined;
  const count = Number(/\d+/u.exec(screen[head] as string)?.[0] ?? 1);
  if (count === 1) return [name];
  const rows = screen.slice(head + 1, head + 1 + count);
  return rows.length < count ? undefined : rows.map((row) => /^\* {3}(\S+)/u.exec(row)?.[1] ?? row);
}
