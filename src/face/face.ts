/**
 * What every face is, and what it needs of a peer. A face shows the room and says what is typed; it decides nothing
 * about the room, and ends no process.
 */
import type { Event } from '../core/step.ts';
import type { Peer } from '../peer.ts';
import type { Standing } from './text.ts';

/** The part of a Peer that faces use. */
export interface FacePeer extends Standing {
  readonly phase: Peer['phase'];
  /** Says a line. @throws ChatError when it cannot be said */
  send(text: string): number;
  /** Leaves. @returns how many own lines the room has not received */
  leave(): Promise<number>;
  on(kind: Event['kind'], listener: (event: Event) => void): unknown;
}

export interface Face {
  /**
   * Settles when all is over and all is written, with the number of own lines that the room has not received.
   * Rejects when what is to be said could not be read, or the room has closed its door.
   */
  readonly done: Promise<number>;
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
  'joined',
  'left',
  'looking',
  'healed',
  'renamed',
  'slept',
  'missed',
  'receipt',
  'unreachable',
  'restored',
  'unkept',
  'refused',
  'gone',
  'warning',
] as const satisfies Event['kind'][];
