/**
 * The line being typed at the bottom of a terminal, and what is printed above it.
 *
 * node:readline edits the line. To print, the cursor goes up to the first row of the prompt (the typed line may fill
 * several), everything below is cleared, the new lines are written, and readline draws the prompt anew; all of it in
 * one write, so nothing flickers. Lines that come together are printed together.
 *
 * What was entered disappears from the prompt: the room shows it when the room has it.
 */
import { createInterface, type Interface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { Keyboard } from './keyboard.ts';

/** Where the person types and reads. */
export interface Slate {
  /** What stands before the typed line. It may carry colours. */
  label: string;
  /** Prints a line above what is typed, soon. It must be fit for a screen. */
  print(line: string): void;
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
}

/** Undocumented, and the same in Node 20 to 24. */
interface Rows {
  /** How many rows the cursor stands below the first row of the prompt, as readline keeps it. */
  prevRows?: number;
}
interface Sized {
  /** Asks for the size at once, as SIGWINCH will do a little later. */
  _refreshSize?: () => void;
}

const home = '\r\u001b[J';
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : '');

export class Prompt implements Slate {
  readonly #input: ReadStream;
  readonly #output: WriteStream & Sized;
  readonly #keyboard: Keyboard;
  readonly #readline: Interface & Rows;
  readonly #onResize: () => void;
  #label = '';
  /** What waits to be printed. */
  #lines: string[] = [];
  #scheduled = false;
  #closed = false;
  /** Rows that the entered line takes on the screen, with the one that the cursor went on to. */
  #enteredRows = 0;

  constructor({ input, output, line, end, completions }: SlateOptions) {
    this.#input = input;
    this.#output = output;
    this.#keyboard = new Keyboard(input, { text: (run) => this.#insert(run), enter: () => this.#enter() });
    this.#readline = createInterface({
      // Of a stream, readline uses these five methods and no other.
      input: this.#keyboard as unknown as NodeJS.ReadableStream,
      output,
      terminal: true,
      prompt: '',
      historySize: 500,
      removeHistoryDuplicates: true,
      completer: (before: string) => this.#complete(before, completions(before)),
    });
    // The terminal has wrapped the typed line anew, or it has not: some do, some do not. Going up by the smaller number
    // of rows may leave a piece of the old prompt, but never takes away a line of the room.
    this.#onResize = () => {
      this.#readline.prevRows = Math.min(this.#readline.prevRows ?? 0, this.#readline.getCursorPos().rows);
    };
    output.prependListener('resize', this.#onResize);
    this.#readline.on('line', (text) => {
      output.write(up(this.#enteredRows) + home);
      line(text);
    });
    this.#readline.on('SIGINT', () => {
      if (this.#readline.line === '') return this.#readline.close();
      // Ctrl+Y brings it back.
      this.#press('e');
      this.#press('u');
    });
    this.#readline.on('SIGCONT', () => this.#readline.prompt(true));
    this.#readline.on('close', () => {
      if (this.#closed) return;
      this.close();
      end();
    });
  }

  get label(): string {
    return this.#label;
  }

  set label(label: string) {
    if (label === this.#label) return;
    this.#label = label;
    this.#schedule();
  }

  print(line: string): void {
    if (this.#closed) return void this.#output.write(`${line}\r\n`);
    this.#lines.push(line);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#atOnce(() => this.#paint());
    });
  }

  /** Prints what waits, and draws the prompt below it. */
  #paint(): void {
    this.#printWaiting();
    this.#readline.setPrompt(this.#label);
    this.#readline.prompt(true);
  }

  #printWaiting(): void {
    // A line that comes together with a resize must not be printed as if the prompt had its old rows.
    this.#output._refreshSize?.();
    this.#output.write(
      up(this.#readline.getCursorPos().rows) + home + this.#lines.map((line) => `${line}\r\n`).join(''),
    );
    this.#readline.prevRows = 0;
    this.#lines = [];
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#printWaiting();
    this.#output.off('resize', this.#onResize);
    this.#readline.close();
    this.#keyboard.release();
    this.#input.pause();
  }

  #atOnce(write: () => void): void {
    this.#output.cork();
    write();
    this.#output.uncork();
  }

  #press(name: string): void {
    this.#readline.write(null, { ctrl: true, name });
  }

  #insert(run: string): void {
    this.#atOnce(() => this.#readline.write(run.replaceAll('\t', '    ')));
  }

  #enter(): void {
    this.#atOnce(() => {
      this.#press('e');
      this.#enteredRows = this.#readline.getCursorPos().rows + 1;
      this.#readline.write(null, { name: 'return' });
      if (!this.#closed) this.#readline.prompt();
    });
  }

  /** Completes what is plain; of several that go on differently, they are shown. */
  #complete(before: string, found: readonly string[]): [string[], string] {
    const word = /\S*$/u.exec(before)?.[0] ?? '';
    const common = found.reduce((prefix, one) => {
      let length = 0;
      while (length < prefix.length && prefix[length] === one[length]) length++;
      return prefix.slice(0, length);
    }, found[0] ?? '');
    if (found.length > 1 && common.length <= word.length) this.print(found.map((one) => one.trim()).join('  '));
    return found.length === 1 || common.length > word.length ? [[common], word] : [[], word];
  }
}
