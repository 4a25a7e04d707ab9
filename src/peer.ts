/**
 * A peer: one running participant of the room.
 *
 * It is the turntable between the core, which decides, and the hands, which touch the world: it feeds inputs to the
 * core one at a time, carries out the effects, holds the one alarm, and is the only emitter.
 */
import { randomFillSync } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { EventEmitter } from 'eventemitter3';
import { Access, type AccessInfo } from './access.ts';
import { arrive, searchOf, severalRooms, unheard, type Arrival } from './arrival.ts';
import { heir } from './core/coordinator.ts';
import { defaultPort, formatAddress, isDialable, parseAddress, type Address } from './core/address.ts';
import type { PersonKey } from './core/crypto.ts';
import { ChatError } from './core/errors.ts';
import { after, latest, linesOf, placeOf, search } from './core/history.ts';
import { limits } from './core/limits.ts';
import { lineFault } from './core/line.ts';
import { step } from './core/machine.ts';
import { Meetings } from './core/meeting.ts';
import { forbidden, inForce, moderationOf, nameOf, type Moderation } from './core/moderation.ts';
import { checkName, isNumbered } from './core/name.ts';
import { absencesOf, noteFault, parseNote, topicOf } from './core/notes.ts';
import { placesOf, type KnownPlace, type Place } from './core/places.ts';
import { reach, telling } from './core/private.ts';
import { changes, may, rulesOf, type Ruling, type Verb } from './core/rules.ts';
import { createState } from './core/setup.ts';
import type { Options, State } from './core/state.ts';
import type { Effect, Event, Healing, Input, Line } from './core/step.ts';
import { testify } from './core/testimony.ts';
import type { Position } from './core/entry.ts';
import { coordinatorOf, emptyView, hostsOf, withoutMember, type Member, type View } from './core/view.ts';
import {
  acquaintance,
  calling,
  compare,
  sourcesOf,
  whois,
  whom,
  type Acquaintance,
  type Comparison,
  type Found,
  type Sources,
} from './core/whois.ts';
import { Alarm } from './io/alarm.ts';
import type { Glimpse } from './io/glimpse.ts';
import { Home } from './io/home.ts';
import { chosenOf, isOwn, reachable } from './io/interfaces.ts';
import { Links } from './io/links.ts';
import { whyOutOfReach } from './io/reach.ts';
import { Server } from './io/server.ts';
import type { Recalled } from './io/shelf.ts';
import { Tag } from './io/tag.ts';
import { writeLines, writeTranscript } from './io/transcript.ts';
import { Lookout, whyNobody, type FoundRoom, type Presence } from './lookout.ts';
import { checkOptions, type PeerOptions } from './options.ts';

type Refused = Extract<Event, { kind: 'refused' }>;
type Receipt = Extract<Event, { kind: 'receipt' }>;

/** What is kept of the room that is gone on with, and whether this peer goes on alone if nobody answers. */
interface Past {
  readonly recalled: Recalled | undefined;
  readonly alone: boolean;
}

/** What is known before anybody is dialled. */
interface Prepared {
  /** The rooms that are kept, the latest used first. */
  readonly rooms: readonly string[];
  readonly kept: Past;
  /** The room that is gone on with. */
  readonly room: string | undefined;
}

/** What a room is about. */
export interface Topic {
  readonly text: string;
  /** Who said so, by name; of one whose name nobody knows any more, the key. */
  readonly by: string;
  readonly time: number;
}

/** One event for each kind of `Event`, with the event as its argument. */
export type PeerEvents = { [Kind in Event['kind']]: [event: Extract<Event, { kind: Kind }>] };

export class Peer extends EventEmitter<PeerEvents> {
  readonly #options: PeerOptions;
  readonly #settings: Options;
  readonly #home: Home;
  #meetings: Meetings;
  #meeting: NodeJS.Immediate | undefined;
  #access: Access;
  #server: Server | undefined;
  /** Where the server listens. */
  #bound: Address | undefined;
  /** Finds others on the network, and is found. */
  #lookout: Lookout | undefined;
  /** What happened before `start`: whoever listens may not be there yet. */
  #early: Event[] | undefined = [];
  #prepared: Promise<Prepared> | undefined;
  #arrival: Promise<Arrival> | undefined;
  /** The tag of the room, and what it was made of. */
  #tag: { readonly of: string; readonly tag: Tag } | undefined;
  readonly #links = new Links((input) => this.#feed(input));
  readonly #alarm = new Alarm(() => this.#feed({ kind: 'alarm' }));
  readonly #inputs: Input[] = [];
  #state: State | undefined;
  #running = false;
  #lastHealing: Healing | undefined;
  #receipt: Receipt | undefined;
  #stopping: Promise<void> | undefined;
  /** The hosts of the members of a view. */
  #hosts: { readonly view: View; readonly hosts: ReadonlySet<string> } = { view: emptyView, hosts: new Set() };
  /** Lets nobody in with the former key any more. */
  #retire: NodeJS.Timeout | undefined;
  /** The key changes when this person is out of the room. */
  #rekeyWithout: PersonKey | undefined;
  /** The keys of those whose lines are not shown. */
  readonly #ignored = new Set<PersonKey>();

  /** Where the room was when it was open last, for a guest. */
  #seen: Glimpse | undefined;

  /** @throws ChatError `usage` or `name-invalid` for options that make no sense */
  constructor(options: PeerOptions) {
    super();
    this.#options = options;
    this.#settings = checkOptions(options);
    this.#access = Access.of({ ...options, private: false }, undefined);
    const { dataDir, name, keepHistory } = options;
    const { history, keep } = this.#settings;
    this.#home = new Home({
      dataDir,
      name,
      keepHistory,
      history,
      keep,
      warn: (message) => this.#tell({ kind: 'warning', code: 'store', message }),
      // Before there is a state, it is told when there is.
      unkept: (message) => this.#feed({ kind: 'unkept', message }),
    });
    this.#meetings = new Meetings(this.#home.pins, name);
  }

  /**
   * Listens, then founds a room or joins one. Resolves when this peer is in the room.
   * @throws ChatError `listen`, `usage`, `unreachable`, `in-use`, or why the room refused
   */
  async start(): Promise<void> {
    const { listen, join: to = [], advertise, interfaces } = this.#options;
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const event of early) this.#tell(event);
    try {
      const { rooms, kept: prepared } = await this.#prepare();
      if (this.#options.guest === true) return await this.#beGuest(prepared, rooms);
      const arrival = await this.#whereTo();
      if (arrival.kind === 'several') throw severalRooms(arrival.rooms);
      const kept = await this.#choosing(arrival);
      // To begin another room beside the one that was meant would be no help.
      if (to.length === 0 && this.#home.inUse) throw new ChatError('in-use', this.#home.unkept ?? '');
      const bound = await this.#listen(listen);
      for (const address of to) {
        if (!(await isOwn(address, bound))) continue;
        throw new ChatError(
          'usage',
          `${address} is this peer's own address: give --join the address of another member`,
        );
      }
      const addresses = advertise ?? reachable(bound, chosenOf(interfaces));
      await this.#come(kept, rooms, addresses, 'heard' in arrival ? arrival.heard : []);
      this.#settle(arrival);
    } catch (error) {
      await this.#stop();
      throw error;
    }
  }

  /** Joins, as one that nobody can dial: such a peer founds no room, and coordinates none. */
  async #beGuest(kept: Past, rooms: readonly string[]): Promise<void> {
    const { join: to = [] } = this.#options;
    const seen = to.length > 0 ? undefined : this.#seen;
    if (to.length > 0 || (seen?.addresses.length ?? 0) > 0) {
      await this.#come(kept, rooms, [], []);
      if (seen === undefined || seen.room === this.room) return;
      // What a script says must not go to strangers who have the address now.
      await this.leave();
      throw new ChatError(
        'other-room',
        'where the room was that you were in last is another one now; to go into that, name a member of it: --join HOST:PORT',
      );
    }
    const arrival = await this.#whereTo();
    if (arrival.kind === 'several') throw severalRooms(arrival.rooms);
    if (arrival.kind === 'join') return this.#come(await this.#choosing(arrival), rooms, [], arrival.heard);
    throw new ChatError('unreachable', 'no room is known or found here; name a member of it: --join HOST:PORT');
  }

  // --- Where to go ---

  /**
   * Looks where to go, without going there: `start` does that, and looks by itself if this was not asked.
   * @param quickMs no longer than this (ms), while nobody is heard
   * @returns the rooms among which `choose` is to choose; none where there is nothing to choose
   * @throws ChatError as `start`
   */
  async look(quickMs = Infinity): Promise<readonly FoundRoom[]> {
    const { discovery, join: to = [], fresh = false } = this.#options;
    if (discovery === undefined || to.length > 0 || fresh) return [];
    try {
      await this.#prepare();
      const arrival = this.#whereTo();
      await Promise.race([arrival, quiet(quickMs)]);
      if (this.#lookout?.isQuiet === true) return [];
      const found = await arrival;
      return found.kind === 'several' ? found.rooms : [];
    } catch (error) {
      await this.#stop();
      throw error;
    }
  }

  /** Which of the rooms that `look` has found is entered; undefined: none of them. */
  choose(room: FoundRoom | undefined): void {
    this.#arrival =
      room === undefined
        ? this.#prepare().then(({ room: kept }) => unheard(kept))
        : Promise.resolve({ kind: 'join', heard: room.addresses });
  }

  #prepare(): Promise<Prepared> {
    return (this.#prepared ??= this.#unpack());
  }

  async #unpack(): Promise<Prepared> {
    const { name, interfaces, join: to = [], fresh = false, guest = false } = this.#options;
    chosenOf(interfaces);
    await this.#home.open();
    this.#meetings = new Meetings(this.#home.pins, name);
    const rooms = fresh ? [] : await this.#home.rooms();
    // Another process of this person may have the room open: what it keeps is read beside it.
    if (guest && to.length === 0 && !fresh) this.#seen = await this.#home.glimpse();
    const kept = await this.#choose(rooms[0]);
    return { rooms, kept, room: kept.recalled === undefined ? undefined : rooms[0] };
  }

  #whereTo(): Promise<Arrival> {
    return (this.#arrival ??= this.#seek());
  }

  async #seek(): Promise<Arrival> {
    const { rooms, kept, room } = await this.#prepare();
    const { discovery, interfaces, join: to = [], fresh = false } = this.#options;
    const usual = unheard(room);
    if (discovery === undefined) return usual;
    this.#lookout = new Lookout(discovery, interfaces ?? [], {
      presence: () => this.#presence(),
      hint: (address) => this.#feed({ kind: 'hint', addresses: [address] }),
      tell: (message) => this.#tell({ kind: 'warning', code: 'discovery', message }),
    });
    if (to.length > 0 || fresh) return usual;
    const home = room === undefined ? undefined : { room, hasPast: hasPast(kept.recalled) };
    const wanted = await searchOf(this.#options, home, {
      rooms,
      keyOf: (other) => this.#home.keyOf(other),
      key: this.#access.info.key,
    });
    if (wanted.kind === undefined && wanted.tags.size === 0) return usual;
    const addresses = kept.recalled === undefined ? [] : addressesOf(kept.recalled);
    const answers =
      addresses.length === 0
        ? Promise.resolve(false)
        : whyOutOfReach(addresses, this.#access.keyring, limits.hopMs).then((why) => why === undefined);
    return arrive(this.#lookout, wanted, room === undefined ? undefined : { room, answers });
  }

  /** What is kept of the room that is entered, and who may enter it then. */
  async #choosing(arrival: Arrival): Promise<Past> {
    const { kept, room } = await this.#prepare();
    if (arrival.kind === 'kept' && arrival.room !== room) return this.#choose(arrival.room);
    if (arrival.kind !== 'join') return kept;
    // Another room than the one that was kept: as if there were none.
    const recalled = await this.#home.recall(undefined);
    this.#access = Access.of(this.#options, undefined);
    return { recalled, alone: false };
  }

  /** In the room: from now on others find this peer. */
  #settle(arrival: Arrival): void {
    if (this.#lookout === undefined) return;
    const { heard } = { heard: [], ...arrival };
    const why = heard.length === 0 && this.members.length === 1 ? whyNobody(this.#lookout) : undefined;
    if (why !== undefined) this.#tell({ kind: 'warning', code: 'discovery', message: why });
    void this.#lookout.announce();
  }

  /** What others of the network are told of this peer. */
  #presence(): Presence | undefined {
    const state = this.#state;
    if (state?.entered !== true || state.room === null || this.#bound === undefined) return undefined;
    const { phase, leaving, log } = state;
    if (leaving !== null || phase.kind === 'left' || phase.kind === 'idle') return undefined;
    const { kind, key } = this.#access.info;
    const of = key ?? state.room;
    if (this.#tag?.of !== of) this.#tag = { of, tag: Tag.of(kind, of) };
    const { epoch, count, members } = log.view;
    return {
      kind,
      listens: this.#bound,
      members: members.length,
      tag: this.#tag.tag,
      part: [epoch, count, coordinatorOf(log.view)?.id ?? ''],
      looking: phase.kind !== 'joined' && phase.kind !== 'coordinating',
    };
  }

  /** What is kept of a room, if it is to be gone on with, and who may enter then. */
  async #choose(room: string | undefined): Promise<Past> {
    const { join: to = [], private: secret, key: given } = this.#options;
    const recalled = await this.#home.recall(room);
    const file = room === undefined ? undefined : await this.#home.keyOf(room);
    // The log has it first.
    const key = file && ((recalled && rulesOf(recalled.room.log.charter).key) ?? file);
    const alone = to.length === 0 || to.some((address) => knows(recalled, address));
    // A room that was open does not become private by being asked for: another one is founded.
    const other = to.length === 0 && (secret === true || given !== undefined) && key === undefined;
    this.#access = Access.of(this.#options, (alone && !other ? key : undefined) ?? this.#seen?.key);
    return { recalled: other ? await this.#home.recall(undefined) : recalled, alone };
  }

  async #listen(listen: string | undefined): Promise<Address> {
    this.#server = new Server(this.#access.keyring, {
      accept: (socket, channel, former) => this.#links.accept(socket, channel, former),
      turnedAway: (kind, count) => this.#tell({ kind: 'turned-away', who: kind, count }),
      isKnown: (host) => this.#isKnown(host),
    });
    this.#bound = await this.#server.listen(listen === undefined ? undefined : parseAddress(listen));
    return this.#bound;
  }

  /** Goes on with the room that was kept, if that is the one it finds; otherwise enters one as a newcomer. */
  async #come(
    { recalled, alone }: Past,
    rooms: readonly string[],
    addresses: readonly string[],
    heard: readonly string[],
  ): Promise<void> {
    const { join: given = [], guest = false } = this.#options;
    const to = given.length > 0 ? given : (this.#seen?.addresses ?? []);
    const dialled = to.map((text) => formatAddress(parseAddress(text) ?? { host: text, port: defaultPort }));
    let refused = await this.#enter(dialled, addresses, recalled, alone, heard);
    if (refused?.code === 'unreachable' && heard.length > 0 && !guest) {
      // Whoever forges beacons must not keep anybody from a room of his own.
      const message = `a room was heard at ${heard[0]}, and nobody lets us in there`;
      this.#tell({ kind: 'warning', code: 'discovery', message });
      refused = await this.#enter(dialled, addresses, recalled, alone);
    }
    let [room] = rooms;
    const led = refused?.code === 'other-room' && recalled !== undefined;
    if (led) {
      // Whoever answers is in another room than the last one: perhaps in one before that.
      const other = refused?.room;
      room = rooms.find((one) => one === other);
      const there = dialled.length > 0 ? [] : [...heard, ...addressesOf(recalled)].slice(0, limits.comeBackMax);
      refused = await this.#enter(dialled, addresses, await this.#home.recall(room), false, there);
    }
    if (guest && refused?.code === 'name-taken' && isNumbered(this.#options.name, refused.free ?? '')) {
      refused = await this.#enter(dialled, addresses, await this.#home.recall(room), false, heard, refused.free);
    }
    if (refused !== undefined) throw ChatError.of(refused);
    if (led && room === undefined && dialled.length === 0) {
      const message =
        'this is another room than the one that you were in last: nobody of that answers, and it was here';
      this.#tell({ kind: 'warning', code: 'discovery', message });
    }
    await this.#keepKey();
  }

  /** Whoever comes again needs no invite. */
  async #keepKey(): Promise<void> {
    const { key } = this.#access.info;
    if (key !== undefined) await this.#home.keepKey(this.room, key);
  }

  /** @returns why it was not let in */
  async #enter(
    to: readonly string[],
    addresses: readonly string[],
    restored: Recalled | undefined,
    alone: boolean,
    heard: readonly string[] = [],
    other?: string,
  ): Promise<Refused | undefined> {
    const { name, deaf = false } = this.#options;
    const seed = [...randomFillSync(new Uint32Array(3))];
    void this.#links.closeAll();
    const { key } = this.#access.info;
    const { crypto, keeps, unkept } = this.#home;
    // Whoever has the name may be this person, and reads what is for it.
    const options = { ...this.#settings, deaf: deaf || other !== undefined };
    this.#state = createState({ name: other ?? name, addresses, options, seed, crypto, key, keeps, restored });
    return new Promise((resolve, reject) => {
      const done = (outcome: () => void): void => {
        this.off('entered', entered).off('refused', refused).off('gone', gone);
        outcome();
      };
      const entered = (): void => done(() => resolve(undefined));
      const refused = (event: Refused): void => done(() => resolve(event));
      const gone = (): void => done(() => reject(new ChatError('left', 'left before the room was entered')));
      this.on('entered', entered).on('refused', refused).on('gone', gone);
      this.#feed({ kind: 'start', join: to, heard, alone });
      if (unkept !== undefined) this.#feed({ kind: 'unkept', message: unkept });
    });
  }

  /**
   * Says a line. It is kept, and offered again after a failover, until it stands in the room ('acknowledged').
   * @returns its number: `(id, n)` names it for ever
   * @throws ChatError `line-empty`, `line-long`, `line-control`, `pending-full` or `left`
   */
  send(text: string): number {
    const state = this.#speaking(text);
    if (state.delivery.pending >= limits.pendingMax) {
      throw new ChatError('pending-full', `${limits.pendingMax} lines wait to be acknowledged already`);
    }
    // A listener that says something while an event is told has its turn when those before it have had theirs.
    const n = state.delivery.said + this.#inputs.filter(({ kind }) => kind === 'say').length + 1;
    this.#feed({ kind: 'say', text });
    return n;
  }

  /**
   * Writes to one person, and nobody else: only that person's process can read it. It is kept, and sent again, until it
   * has been shown there ('private-heard'); to somebody who is away, until that person is back. It is told as 'private'.
   * @param to a name; where several people have had it, with the first characters of the key: `bob:Qk2zWm9x`; the id of
   * a process; or a whole key
   * @returns its number: `(id, k)` names it for ever; and whether that person is away
   * @throws ChatError `unknown-name`, `ambiguous-name`, `unvouched`, or as `send` does
   */
  tell(to: string, text: string): { readonly k: number; readonly away: boolean } {
    const state = this.#speaking(text);
    const one = whom(to, this.#sources(), { trusting: true });
    const { key } = one;
    const { name, away } = reach(state, one);
    const queued = this.#inputs.filter((input) => input.kind === 'tell');
    const waiting = state.letters.waitingFor(key) + queued.filter((input) => input.to === key).length;
    if (waiting >= limits.personLettersMax) {
      throw new ChatError('pending-full', `${waiting} private messages wait for ${name} already`);
    }
    if (state.letters.waiting + queued.length >= limits.lettersMax) {
      throw new ChatError('pending-full', `${limits.lettersMax} private messages wait to be received already`);
    }
    const k = state.letters.written + queued.length + 1;
    this.#feed({ kind: 'tell', to: key, name, text });
    return { k, away };
  }

  /** @throws ChatError when that cannot be said, or not now */
  #speaking(text: string): State {
    const fault = lineFault(text);
    if (fault !== undefined) throw fault;
    return this.#inRoom();
  }

  /** Resolves when nothing said here waits for its acknowledgement, or this peer is gone. */
  async flushed(): Promise<void> {
    while ((this.pending > 0 || this.#inputs.length > 0) && this.phase !== 'left' && this.phase !== 'idle') {
      await new Promise<void>((resolve) => {
        // Lines may also turn out to stand in the room after this peer was away.
        const kinds = ['acknowledged', 'healed', 'missed', 'receipt', 'gone', 'refused'] as const;
        const done = (): void => {
          for (const kind of kinds) this.off(kind, done);
          resolve();
        };
        for (const kind of kinds) this.on(kind, done);
      });
    }
  }

  /**
   * Leaves: what was said and told is acknowledged first, for at most 5 s; a coordinator hands over.
   * @returns how many own lines were not acknowledged
   */
  async leave(): Promise<number> {
    const state = this.#state;
    if (this.#stopping === undefined && state !== undefined && state.phase.kind !== 'left') {
      await new Promise((resolve) => {
        this.once('gone', resolve);
        this.#feed({ kind: 'leave' });
      });
    }
    await this.#stop();
    return this.pending;
  }

  // --- What the person does about itself and the room ---

  /**
   * Asks for another name. It is told as 'renamed' when the room has given it, to everybody, or as 'denied'; until then
   * this peer is called as before. What was asked for is asked for again after a failover.
   * @throws ChatError `name-invalid`, `usage` when it is the name already, or `left`
   */
  nick(name: string): void {
    checkName(name);
    const state = this.#inRoom();
    if (name === state.self.name && state.wish === null) throw new ChatError('usage', `you are called ${name} already`);
    this.#feed({ kind: 'nick', name });
  }

  /**
   * Says what the room is about; everybody may. It is told as 'topic'.
   * @param text one line: at most 200 characters, and 400 bytes
   * @throws ChatError `line-empty`, `line-long`, `line-control`, `pending-full` or `left`
   */
  setTopic(text: string): void {
    if (text.trim() === '') throw new ChatError('line-empty', 'a topic says something');
    if (text.trim() === this.topic?.text) throw new ChatError('usage', 'that is the topic already');
    this.#note('topic', text);
  }

  /**
   * Says that the person here is away, until `back` or this process ends. It is told as 'away'.
   * @param text why, or until when, as a topic; '' for nothing
   * @throws ChatError `line-long`, `line-control`, `pending-full` or `left`
   */
  away(text = ''): void {
    if (text.trim() === this.absences.get(this.id)) throw new ChatError('usage', 'you are away already, and say so');
    this.#note('away', text);
  }

  /** Takes that back. @throws ChatError `usage` when the person here is not away, or as `away` does */
  back(): void {
    const state = this.#inRoom();
    const says = (verb: string): number => state.delivery.acts.findLastIndex(({ text }) => text.startsWith(verb));
    const leaving = says('away') > says('back');
    if (!this.absences.has(this.id) && !leaving)
      throw new ChatError('usage', 'you are not away: /away says that you are');
    this.#note('back', '');
  }

  /**
   * Lets the successor coordinate. This peer stays, as the youngest. It is told as 'handed-over'.
   * @throws ChatError `usage` when it does not coordinate, or nobody else could; or `left`
   */
  handOver(): void {
    const state = this.#inRoom();
    const { coordinator } = this;
    if (state.phase.kind !== 'coordinating')
      throw new ChatError('usage', `${coordinator?.name ?? 'nobody'} coordinates: only whoever does can hand over`);
    if (heir(state, state.phase) === undefined)
      throw new ChatError('usage', 'nobody else is here who could coordinate: invite somebody, or just /quit');
    this.#feed({ kind: 'hand-over' });
  }

  #note(verb: 'topic' | 'away' | 'back', text: string): void {
    const said = text.trim();
    const fault = noteFault(said);
    if (fault !== undefined) throw fault;
    const { delivery } = this.#inRoom();
    if (delivery.pending >= limits.pendingMax)
      throw new ChatError('pending-full', `${limits.pendingMax} lines wait to be acknowledged already`);
    this.#feed({ kind: 'say', text: said === '' ? verb : `${verb} ${said}`, what: 'act' });
  }

  // --- Moderation ---

  /**
   * Names an op or takes that back, puts somebody out, bans him or lets him in again, as an act that stands in the room.
   * Whoever is put out of a private room does not come in by the invite that he has: the key is changed.
   * @param name as `tell` takes it; only of somebody who is in the room, to put him out
   * @returns who was meant, with the beginning of the key: `bob:Qk2zWm9x`, as `tell` takes it too
   * @throws ChatError `not-allowed`, `unknown-name`, `ambiguous-name` or `left`
   */
  moderate(verb: Exclude<Verb, 'key'>, name: string): string {
    const state = this.#inRoom();
    const found = whom(name, this.#sources(), verb === 'kick' ? { here: 'only' } : {});
    const { key: about } = found;
    const unchanged = { op: 'is an op already', deop: 'is no op', ban: 'is banned already', unban: 'is not banned' };
    if (verb !== 'kick' && !changes(rulesOf(inForce(state)), { verb, about }))
      throw new ChatError('usage', `${found.name} ${unchanged[verb]}`);
    this.#act(state, { verb, about });
    if ((verb === 'kick' || verb === 'ban') && this.#access.info.kind === 'private') {
      // Whoever coordinates reads the log: he must not be told the new key.
      if (this.coordinator?.key === about) this.#rekeyWithout = about;
      else this.rekey();
    }
    return calling(found);
  }

  /**
   * Changes the key of a private room. Everybody who is here goes on; earlier invites lead nowhere.
   * @throws ChatError `not-allowed`, `usage` in a room without a key, or `left`
   */
  rekey(): void {
    const state = this.#inRoom();
    if (this.#access.info.kind !== 'private')
      throw new ChatError('usage', 'this room has no key: --private founds one that has');
    this.#act(state, { verb: 'key', about: state.crypto.random(32) });
  }

  #act(state: State, ruling: Ruling): void {
    if (!may(rulesOf(inForce(state)), state.crypto.key, ruling))
      throw new ChatError('not-allowed', forbidden(state, ruling));
    this.#feed({ kind: 'say', text: `${ruling.verb} ${ruling.about}`, what: 'act' });
  }

  /** What the room is about, and who said so when (ms since 1970, by that one's clock). */
  get topic(): Topic | undefined {
    const state = this.#state;
    const act = state && topicOf(state.log.notes);
    const note = act && parseNote(act.text);
    if (state === undefined || act === undefined || note === undefined) return undefined;
    return { text: note.text, by: nameOf(state, act.key), time: act.time };
  }

  /** Who is away, by the ids of their processes, and what they say of it. */
  get absences(): ReadonlyMap<string, string> {
    return absencesOf(this.#state?.log.notes ?? []);
  }

  /** Who may put others out, and who may not come in. */
  get moderation(): Moderation {
    return this.#state === undefined ? { founder: undefined, ops: new Set(), banned: [] } : moderationOf(this.#state);
  }

  /**
   * What somebody says is not to be shown any more, or is again. It is told all the same: the faces ask `ignores`.
   * @param name as `tell` takes it
   * @throws ChatError `unknown-name`, `ambiguous-name`, `usage` for the person here, or `left`
   */
  ignore(name: string, on = true): void {
    const { crypto } = this.#inRoom();
    const { key } = whom(name, this.#sources());
    if (key === crypto.key) throw new ChatError('usage', 'that is you: /ignore takes the name of somebody else');
    if (on) this.#ignored.add(key);
    else this.#ignored.delete(key);
  }

  /** Whether what that process, or that person (by key), says is not to be shown. */
  ignores(id: string): boolean {
    return (
      this.#ignored.size > 0 && (this.#ignored.has(id) || this.#ignored.has(this.#state?.people.get(id)?.key ?? ''))
    );
  }

  /** @throws ChatError `left` */
  #inRoom(): State {
    const state = this.#state;
    if (state?.entered === true && state.phase.kind !== 'left' && state.leaving === null) return state;
    throw new ChatError('left', 'this peer is not in a room');
  }

  // --- What a face may ask ---

  /** The id of this process in the room. */
  get id(): string {
    return this.#state?.self.id ?? '';
  }

  get name(): string {
    return this.#state?.self.name ?? this.#options.name;
  }

  /** The room's id, '' before it is entered. */
  get room(): string {
    return this.#state?.room ?? '';
  }

  /** Earliest-joined first. */
  get members(): readonly Member[] {
    return this.#state?.log.view.members ?? [];
  }

  get coordinator(): Member | undefined {
    return this.#state && coordinatorOf(this.#state.log.view);
  }

  /** Who coordinates next. */
  get successor(): Member | undefined {
    const { coordinator } = this;
    return coordinator && this.#state && coordinatorOf(withoutMember(this.#state.log.view, coordinator.id));
  }

  /** Where others can join through this peer. */
  get addresses(): readonly string[] {
    return this.#state?.self.addresses ?? [];
  }

  /** Who may enter the room; of a private one, its key. */
  get access(): AccessInfo {
    return this.#access.info;
  }

  /** Own lines that are not acknowledged. */
  get pending(): number {
    return this.#state?.delivery.pending ?? 0;
  }

  /** Own private messages that are not acknowledged, those to people who are away among them. */
  get untold(): number {
    return this.#state?.letters.waiting ?? 0;
  }

  /** Those of them that are for people who are in the room now. */
  get telling(): number {
    return this.#state === undefined ? 0 : telling(this.#state);
  }

  // --- Where others are ---

  /**
   * Tells an address where somebody of this room may be: it is tried now, and whenever the room is looked for.
   * @returns whether somebody answers there
   * @throws ChatError `usage` for what is no address, or one's own; `left`
   */
  async add(text: string): Promise<KnownPlace> {
    const state = this.#inRoom();
    const parsed = parseAddress(text);
    const address = parsed === undefined ? text : formatAddress(parsed);
    if (!isDialable(address))
      throw new ChatError('usage', `${text} is not an address: write host:port, as in 10.0.0.5:6000`);
    const own = this.#bound !== undefined && (await isOwn(address, this.#bound));
    if (own || state.self.addresses.includes(address))
      throw new ChatError('usage', `${address} is this peer's own address`);
    this.#feed({ kind: 'hint', addresses: [address], added: true });
    return this.#tried({ addresses: [address], whence: 'added' });
  }

  /** The addresses of others that are known, at most 32, each tried just now: it takes two seconds at most. */
  async peers(): Promise<readonly KnownPlace[]> {
    const state = this.#state;
    if (state === undefined) return [];
    return Promise.all(placesOf(state, this.#lookout?.heard ?? []).map((place) => this.#tried(place)));
  }

  async #tried(place: Place): Promise<KnownPlace> {
    return { ...place, fault: await whyOutOfReach(place.addresses, this.#access.keyring, limits.placeMs) };
  }

  get phase(): State['phase']['kind'] {
    return this.#state?.phase.kind ?? 'idle';
  }

  get lastHealing(): Healing | undefined {
    return this.#lastHealing;
  }

  /** Who has this peer's latest line, as far as is known. */
  get receipt(): Receipt | undefined {
    return this.#receipt;
  }

  /** Lines of the room that this peer holds, oldest first: at most `count` of the latest, or those since a time (ms). */
  history(range: { readonly count?: number; readonly since?: number } = {}): readonly Line[] {
    return this.#state === undefined ? [] : latest(this.#lines(this.#state), range);
  }

  /** The latest `count` lines whose text or author's name contains the words, letter case aside, oldest first. */
  search(words: string, count = 50): { readonly lines: readonly Line[]; readonly more: number } {
    return this.#state === undefined ? { lines: [], more: 0 } : search(this.#lines(this.#state), words, count);
  }

  /** How far the room has come here: its latest entry. Epoch 0 before a room is entered. */
  get position(): Position {
    return this.#state?.log.position ?? { epoch: 0, seq: 0 };
  }

  /**
   * The lines behind a position, oldest first, and where that is: `held`, and nothing is missing; `trimmed`: something
   * may be missing, these are all lines that are held; `elsewhere`: it does not stand in this room, or not any more, since
   * parts of it have met; these are the lines that come later by number.
   */
  after(position: Position): { readonly place: 'held' | 'trimmed' | 'elsewhere'; readonly lines: readonly Line[] } {
    const state = this.#state;
    if (state === undefined) return { place: 'elsewhere', lines: [] };
    return { place: placeOf(state.log, position), lines: after(this.#lines(state), position) };
  }

  *#lines({ log }: State): Generator<Line> {
    for (const line of linesOf(log, this.id)) if (!this.ignores(line.id)) yield line;
  }

  /**
   * Writes what this peer holds of the room to a new file: JSON lines if its name ends in `.jsonl`, else text. Peers that
   * hold the same write the same, byte for byte. With `signed`, JSON lines with all that signatures are over: anybody can
   * check them later, without the room (`groupchat verify`).
   * @returns how many lines of the room are in it
   * @throws ChatError `store` when the file is there already, or cannot be written; `left` before a room is entered
   */
  async export(file: string, { signed = false }: { readonly signed?: boolean } = {}): Promise<number> {
    const state = this.#state;
    if (state === undefined || state.room === null) throw new ChatError('left', 'this peer is not in a room');
    const { log, room, people, crypto } = state;
    const { lines } = log;
    await (signed ? writeLines(file, testify(log, room, people, crypto)) : writeTranscript(file, log));
    return lines;
  }

  // --- Who the others are ---

  /**
   * What is known of everybody who has a name: who is here first, then whose the name is known to be, then who was in
   * the room with it; at most 8.
   * @param name as `tell` takes it
   * @throws ChatError `unknown-name`, or `left` before a room is looked for
   */
  whois(name: string): readonly Acquaintance[] {
    return whois(name, this.#sources());
  }

  /**
   * The words by which two people find out that nobody stands between them: six for each of both keys, the same on both
   * screens. They are to be compared by another way than this room. It takes 60 ms of work.
   * @throws ChatError `unknown-name`, `ambiguous-name`, `usage` for the person here, or `left`
   */
  verify(name: string): Comparison {
    const one = this.#other(name, 'nobody stands between you and yourself');
    return compare(one, this.name, this.#sources());
  }

  /**
   * The name is this key's from now on, for the person here, and that it has been compared; whoever else had the name is
   * the stranger under it. Kept where there is a `dataDir`.
   * @throws ChatError `unknown-name`, `ambiguous-name`, `usage` for the person here and for one's own name, or `left`
   */
  accept(name: string): Acquaintance {
    const one = this.#other(name, 'your own key is yours');
    if (this.#meetings.isOwn(one.name)) {
      throw new ChatError('usage', `${one.name} is your own name: nobody else is known by it`);
    }
    this.#meetings.pins.accept(one.name, one.key, Date.now());
    this.#home.remember();
    return acquaintance(one, this.#sources());
  }

  /** Somebody else than the person here. */
  #other(name: string, otherwise: string): Found {
    const sources = this.#sources();
    const one = whom(name, sources, { named: true });
    if (one.key === sources.crypto.key) throw new ChatError('usage', `${one.name} is you: ${otherwise}`);
    return one;
  }

  #sources(): Sources {
    if (this.#state === undefined) throw new ChatError('left', 'this peer is not in a room');
    return sourcesOf(this.#state, this.#meetings.pins);
  }

  // --- The turntable ---

  /** Inputs are taken one at a time: a listener that sends while an event is told waits for its turn. */
  #feed(input: Input): void {
    if (this.#state === undefined) return;
    this.#inputs.push(input);
    if (this.#running) return;
    this.#running = true;
    try {
      for (let next = this.#inputs.shift(); next !== undefined; next = this.#inputs.shift()) {
        const effects = step(this.#state, next, { ms: performance.now(), wall: Date.now() });
        for (const effect of effects) this.#carryOut(effect);
        this.#rekeyWhenOut(this.#state);
        this.#meet();
      }
      this.#alarm.set(this.#state.due);
    } finally {
      this.#running = false;
    }
  }

  /** Somebody was to be put out who coordinated. */
  #rekeyWhenOut({ log, leaving }: State): void {
    const key = this.#rekeyWithout;
    if (key === undefined || log.view.members.some((member) => member.key === key)) return;
    this.#rekeyWithout = undefined;
    if (leaving !== null) return;
    try {
      this.rekey();
    } catch (error) {
      // Meanwhile this peer may not do that any more.
      if (!(error instanceof ChatError)) throw error;
      this.#tell({ kind: 'warning', code: 'store', message: `the key was not changed: ${error.message}` });
    }
  }

  /** Meets a few of those who are new in the room; the rest when others have had their turn. */
  #meet(): void {
    const state = this.#state;
    if (state === undefined || !state.entered) return;
    this.#meetings.see(state.log.view.members);
    if (!this.#meetings.due) return;
    for (const met of this.#meetings.meetSome(state.crypto, Date.now())) this.#tell({ kind: 'met', ...met });
    this.#home.remember();
    if (!this.#meetings.due || this.#stopping !== undefined) return;
    this.#meeting ??= setImmediate(() => {
      this.#meeting = undefined;
      this.#meet();
    });
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send':
        if (!this.#links.write(effect.link, effect.bytes)) this.#inputs.push({ kind: 'full', link: effect.link });
        return;
      case 'tell':
        return this.#tell(effect.event);
      case 'dial':
        return this.#links.dial(effect.link, effect.addresses, this.#access.keyring);
      case 'close':
        return this.#links.close(effect.link);
      case 'pause':
        return this.#links.pause(effect.link);
      case 'resume':
        return this.#links.resume(effect.link);
      case 'rekey':
        return this.#rekeyed(effect.key);
      case 'roll':
      case 'keep':
      case 'forget':
        return this.#home.carryOut(effect);
    }
  }

  #tell(event: Event): void {
    if (this.#early !== undefined) return void this.#early.push(event);
    if (event.kind === 'healed') this.#lastHealing = event.healing;
    else if (event.kind === 'receipt') this.#receipt = event;
    // Acts have numbers too, and nobody asks who has them.
    else if (event.kind === 'acknowledged' && event.n === this.#state?.delivery.latest) this.#receipt = undefined;
    // It may have said something, and be gone when this turn is over.
    else if (event.kind === 'joined' && !event.history) this.#meetings.greet(event.member);
    else if (event.kind === 'renamed' && event.own) this.#meetings.beCalled(event.name);
    // Put out: nobody else will end it.
    if (event.kind === 'gone' && this.#state?.out) void this.#stop();
    try {
      (this.emit as (kind: string, event: Event) => boolean).call(this, event.kind, event);
    } catch (error) {
      // A listener's fault is the program's, not the room's: it ends the process unless the program says otherwise.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  /** Links that break in this moment are made anew with the former key: after that, it opens nothing. */
  #rekeyed(key: string): void {
    this.#access.replace(key);
    void this.#keepKey();
    clearTimeout(this.#retire);
    this.#retire = setTimeout(() => this.#access.keyring.retire(), limits.rekeyMs).unref();
  }

  /** Whether a member has this address. Asked of whoever connects: the hosts of a view are gathered once. */
  #isKnown(host: string): boolean {
    const view = this.#state?.log.view;
    if (view === undefined) return false;
    if (this.#hosts.view !== view) this.#hosts = { view, hosts: hostsOf(view) };
    return this.#hosts.hosts.has(host);
  }

  /** Lets the last bytes go out, then lets go of everything. */
  #stop(): Promise<void> {
    return (this.#stopping ??= this.#letGo());
  }

  async #letGo(): Promise<void> {
    this.#alarm.stop();
    clearTimeout(this.#retire);
    if (this.#meeting !== undefined) clearImmediate(this.#meeting);
    this.#server?.close();
    this.#lookout?.close();
    await Promise.all([this.#links.closeAll(), this.#home.close()]);
  }
}

/** Whether an address of the room that was kept is this one. */
function knows(recalled: Recalled | undefined, text: string): boolean {
  const address = parseAddress(text);
  return recalled !== undefined && address !== undefined && addressesOf(recalled).includes(formatAddress(address));
}

/** Where somebody of the room that was kept may be. */
function addressesOf({ room: { log, lost, owner } }: Recalled): string[] {
  return [...owner.join, ...[...log.view.members, ...lost].flatMap(({ addresses }) => addresses)];
}

/** Whether a room that was kept is more than one that somebody founded, and nobody came. */
function hasPast(recalled: Recalled | undefined): boolean {
  return recalled !== undefined && (recalled.room.people.size > 1 || recalled.room.log.lines > 0);
}

/** Resolves after so long (ms), if that is ever. */
function quiet(ms: number): Promise<void> {
  return new Promise((resolve) => {
    if (ms < Infinity) setTimeout(resolve, ms);
  });
}
