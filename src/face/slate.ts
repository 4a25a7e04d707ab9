/** What a person at a terminal types on and reads from, whatever the terminal can do. */
import type { ReadStream, WriteStream } from 'node:tty';

/** Where the person types and reads. */
export interface Slate {
  /** What stands before the typed line. It may carry colours. */
  label: string;
  /**
   * Prints a line above what is typed, soon. It must be fit for a screen.
   * @param hang under which column its further rows begin; without it the line is one, to be copied, however long
   */
  print(line: string, hang?: number): void;
  /** Prints a line that may still change, as long as it is the last one. */
  hold(line: string, hang: number): void;
  /** A line is held. */
  readonly holding: boolean;
  /** Changes the held line, if there is one. */
  revise(line: string): void;
  /** The held line changes no more. */
  settle(): void;
  /** Clears the screen; what has scrolled up stays. @returns false where that cannot be done */
  clear(): boolean;
  /** Prints what waits, and gives the terminal back as it was. What is printed afterwards is plain output. */
  close(): void;
}

export interface SlateOptions {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** A line was entered. */
  readonly line: (text: string) => void;
  /** Ctrl+C or Ctrl+D on an empty line, or the terminal has gone. */
  readonly end: () => void;
  /** What Tab may put in place of the last word of what stands before the cursor. */
  readonly completions: (before: string) => readonly string[];
  /** What Up brings back besides what is typed from now on, the oldest first. */
  readonly typed: readonly string[];
  /** The line that is typed may have changed: to this. */
  readonly typing: (line: string) => void;
  /** Something to be told about what is typed. */
  readonly tell: (text: string) => void;
  /** The terminal has the focus from now on, or has it no more. */
  readonly focus: (has: boolean) => void;
  /** The held line has gone up by itself. */
  readonly settled: () => void;
}
