/**
 * What every face is, and what it needs of a peer. A face shows the room and says what is typed; it decides nothing
 * about the room, and ends no process.
 */
import type { Moderation } from '../core/moderation.ts';
import type { Event, Healing, Line } from '../core/step.ts';
import type { Member } from '../core/view.ts';
import type { Acquaintance, Comparison } from '../core/whois.ts';
import type { Peer, Topic } from '../peer.ts';
import type { Surroundings } from './peers.ts';
import type { Entrance, Viewpoint } from './text.ts';

export type Receipt = Extract<Event, { kind: 'receipt' }>;

/** How the room stands: what /who, /status and /seen tell. */
export interface Standing extends Viewpoint {
  readonly members: readonly Member[];
  readonly successor: Member | undefined;
  readonly lastHealing: Healing | undefined;
  readonly pending: number;
  /** Own private messages that have not been received. */
  readonly untold: number;
  /** Those of them that are for people who are here. */
  readonly telling: number;
  readonly addresses: readonly string[];
  /** Who may put others out, and who may not come in. */
  readonly moderation: Moderation;
  /** What the room is about. */
  readonly topic: Topic | undefined;
  /** Who is away, by the ids of their processes, and what they say of it. */
  readonly absences: ReadonlyMap<string, string>;
  /** Who holds this peer's latest line, as far as it is known. */
  readonly receipt: Receipt | undefined;
}

/** What a peer holds of the room's past. */
export interface Past {
  /** The room's id. */
  readonly room: string;
  /** Lines of the room that this peer holds, oldest first: at most `count` of the latest ones, or all since a time (ms, wall). */
  history(range: { readonly count?: number; readonly since?: number }): readonly Line[];
  /** Lines whose text or author's name contains the words, letter case aside, oldest first: the latest `count`. */
  search(text: string, count: number): { readonly lines: readonly Line[]; readonly more: number };
  /** Writes what this peer holds of the room to a new file; @returns how many were said. @throws ChatError */
  export(file: string, options: { readonly signed: boolean }): Promise<number>;
}

/** Who the others are. `name`: what one is called, or the id of its process. */
export interface People {
  /** All who have that name, whoever is here first. @throws ChatError when nobody has it */
  whois(name: string): readonly Acquaintance[];
  /** What is to be compared. @throws ChatError when nobody has the name, or several have */
  verify(name: string): Comparison;
  /** The name is this key's from now on. @throws ChatError when nobody has the name, or several have */
  accept(name: string): Acquaintance;
}

/** The part of a Peer that faces use. */
export interface FacePeer extends Standing, Entrance, Past, People, Surroundings {
  readonly phase: Peer['phase'];
  /** Says a line. @throws ChatError when it cannot be said */
  send(text: string): number;
  /**
   * Names an op, puts somebody out or lets him in. @returns who was meant, as one types him whatever others are called
   * @throws ChatError when that is not allowed, or nobody is called so
   */
  moderate(verb: 'op' | 'deop' | 'kick' | 'ban' | 'unban', name: string): string;
  /** Changes the key of a private room. @throws ChatError when that is not allowed */
  rekey(): void;
  /** What somebody says is not shown from now on, or is again. @throws ChatError when nobody is called so */
  ignore(name: string, on?: boolean): void;
  /** Whether what that process, or that person (by key), says is not shown. */
  ignores(id: string): boolean;
  /** Writes to one person, and nobody else. @throws ChatError when it cannot be told */
  tell(to: string, text: string): { readonly k: number; readonly away: boolean };
  /** Asks for another name. @throws ChatError when nobody can be called so */
  nick(name: string): void;
  /** Says what the room is about. @throws ChatError when it cannot be about that */
  setTopic(text: string): void;
  /** Says that the person here is away; `back`: that it is not any more. @throws ChatError when that cannot be said */
  away(text: string): void;
  back(): void;
  /** Lets the successor coordinate, and stays. @throws ChatError when this peer does not coordinate, or nobody else could */
  handOver(): void;
  /** Leaves. @returns how many own lines the room has not received */
  leave(): Promise<number>;
  on(kind: Event['kind'], listener: (event: Event) => void): unknown;
}

/** How a conversation ended. */
export interface Outcome {
  /** Own lines and private messages that have not been received, as far as they are known. */
  readonly unsent: number;
  /** Lines of the input that could not be taken as they are. At a terminal, whoever typed them has seen it. */
  readonly refused: number;
}

export interface Face {
  /**
   * Settles when all is over and all is written. Rejects when what is to be said could not be read, or the room has
   * closed its door.
   */
  readonly done: Promise<Outcome>;
  /** The goodbye has begun. */
  readonly leaving: boolean;
  /** Leaves the room; `done` follows. */
  leave(): void;
  /** Lets go of the terminal or the streams at once. */
  close(): void;
}

/** All that can happen; a face listens to each. */
export const eventKinds = [
  'entered',
  'line',
  'acknowledged',
  'private',
  'private-heard',
  'joined',
  'left',
  'ruled',
  'looking',
  'healed',
  'handed-over',
  'topic',
  'away',
  'renamed',
  'denied',
  'slept',
  'missed',
  'receipt',
  'unreachable',
  'restored',
  'unkept',
  'unsigned',
  'gap',
  'met',
  'turned-away',
  'refused',
  'gone',
  'warning',
] as const satisfies Event['kind'][];
