/** A task: what the process is started for. Each command of the command line is one (program.ts). */
import type { Admission } from './admission.ts';
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
  /** The UDP port. */
  readonly discoveryPort?: number;
  readonly discovery?: boolean;
  /** Names and addresses of interfaces. */
  readonly interface?: string[];
  readonly plain?: boolean;
  readonly keyFile?: string;
  readonly screenReader?: boolean;
}

/** One setting, and where its value comes from. */
export interface Setting {
  /** As it is called in the config file: the long option without its dashes. */
  readonly key: string;
  /** Undefined where nothing is set, and for a secret. */
  readonly value: string | number | boolean | readonly string[] | undefined;
  readonly from: 'default' | 'file' | 'environment' | 'option';
  /** `FILE:3`, `GROUPCHAT_NAME` or `--name`; '' for a default. */
  readonly place: string;
  readonly secret?: boolean;
}

/** What the settings were made of. */
export interface Configuration {
  /** The config file, whether it is there or not; undefined where none is looked for. */
  readonly file: string | undefined;
  /** Whether there is one. */
  readonly found: boolean;
  /** Why nothing of it holds. */
  readonly fault: string | undefined;
  readonly settings: readonly Setting[];
}

/** What a task has to work with. */
export interface Stage {
  readonly settings: Settings;
  readonly configuration: Configuration;
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
  /** Says a line where nobody takes it for what was asked for. */
  readonly complain: (line: string) => void;
  /** What lets the person into a room. @throws ChatError `usage` when what was given does not agree */
  readonly admission: () => Admission;
  /**
   * The peer that the settings ask for, not yet started. A name or a key that is missing is asked for at a terminal.
   * @returns the exit code when there is none to be had
   */
  readonly peer: (options?: Partial<PeerOptions>) => Promise<Peer | number>;
  /** Says what went wrong in one line. `name`: what the peer is called. @returns the exit code */
  readonly report: (error: unknown, name?: string) => number;
}

/** Carries out what was asked for. */
export interface Task {
  /** @returns the exit code */
  (stage: Stage): Promise<number>;
  /** It tells of a faulty config file itself; any other is not begun then. */
  readonly tolerant?: boolean;
}
