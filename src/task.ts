/** A task: what the process is started for. Each command of the command line is one (program.ts). */
import type { Peer } from './peer.ts';
import type { PeerOptions } from './options.ts';

/** The options of the room, which all commands share. Times are in ms. */
export interface Settings {
  readonly name?: string;
  readonly listen?: string;
  readonly join?: string[];
  readonly advertise?: string[];
  readonly ping: number;
  readonly silence: number;
  readonly backoff: number;
  /** False: nothing is kept on disk. */
  readonly history: number | false;
  readonly keep: number;
  readonly rate: number;
  readonly dataDir?: string;
  readonly new?: boolean;
  readonly private?: boolean;
  readonly plain?: boolean;
  readonly keyFile?: string;
  readonly screenReader?: boolean;
}

/** What a task has to work with. */
export interface Stage {
  readonly settings: Settings;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** Says a line where nobody takes it for what was asked for. */
  readonly complain: (line: string) => void;
  /**
   * The peer that the settings ask for, not yet started. A name or a key that is missing is asked for at a terminal.
   * @returns the exit code when there is none to be had
   */
  readonly peer: (options?: Partial<PeerOptions>) => Promise<Peer | number>;
  /** Says what went wrong in one line. `name`: what the peer is called. @returns the exit code */
  readonly report: (error: unknown, name?: string) => number;
}

/** Carries out what was asked for. @returns the exit code */
export type Task = (stage: Stage) => Promise<number>;
