/**
 * The line being typed at the bottom of a terminal, and what is printed above it.
 *
 * node:readline edits the line. To print, the cursor goes up to the first row of the prompt (the typed line may fill
 * several), everything below is cleared, the new lines are written, and readline draws the prompt anew; all of it in
 * one write, so nothing flickers. Lines that come together are printed together.
 *
 * What was entered disappears from the prompt: the room shows it when the room has it.
 *
 * One line may be held: it stands just above the typed line and is drawn with it, as the first rows of the prompt, so
 * that it can still change. It goes up, as it is then, when anything else is printed. Wherever it is not sure that
 * every row of it would be found again (the terminal was resized, it is too long, its width is doubtful), it goes up
 * by itself: a held line is never to be seen twice, nor to take another one away.
 */
import { createInterface, type Interface } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { limits } from '../core/limits.ts';
import { completionOf } from './completion.ts';
import { isSure, joined, parted, stepsOf, widthOf } from './glyphs.ts';
import { Intake, messageOf } from './intake.ts';
import { Keyboard } from './keyboard.ts';
import { RawMode } from './raw.ts';
import { rowsOf } from './rows.ts';
import type { Slate, SlateOptions } from './slate.ts';

/** Undocumented, and the same in Node 20 to 24. */
interface Rows {
  /** How many rows the cursor stands below the first row of the prompt, as readline keeps it. */
  prevRows?: number;
}
interface Sized {
  /** Asks for the size at once, as SIGWINCH will do a little later. */
  _refreshSize?: () => void;
}

/** A line above the typed one. */
interface Row {
  text: string;
  readonly hang: number | undefined;
}

const home = '\r\u001b[J';
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : '');

export class Prompt implements Slate {
  readonly #options: SlateOptions;
  readonly #output: WriteStream & Sized;
  readonly #raw: RawMode;
  readonly #intake: Intake;
  readonly #readline: Interface & Rows;
  readonly #onResize = () => this.#resized();
  #label = '';
  /** What waits to be printed. */
  #rows: Row[] = [];
  /** What is held, if anything. */
  #held: Row | null = null;
  /** What stands above the typed line as part of the prompt, and how many rows it takes. */
  #drawn: { readonly row: Row; readonly rows: number } | null = null;
  /** Nothing of the prompt is on the screen. */
  #blank = true;
  /** Columns that any line took which a key may bring back. */
  #widest = 0;
  #scheduled = false;
  #closed = false;
  /** Rows that the entered line takes on the screen, with the one that the cursor went on to. */
  #enteredRows = 0;

  constructor(options: SlateOptions) {
    const { input, output, line, end, focus, tell } = options;
    this.#options = options;
    this.#output = output;
    this.#intake = new Intake({
      typed: () => this.#readline.line,
      insert: (run) => this.#insert(run),
      ask: () => this.#paint(),
      enter: (run) => this.#enterWith(run),
      tell,
    });
    const keyboard = new Keyboard(input, {
      text: (run) => this.#intake.type(run),
      enter: () => this.#enter(),
      key: (token, press) => this.#key(token, press),
      paste: (text, bytes) => this.#intake.paste(text, bytes),
      focus,
    });
    this.#readline = createInterface({
      input: keyboard.stream,
      output,
      terminal: true,
      prompt: '',
      historySize: limits.keptLinesMax,
      history: options.typed.map(parted).toReversed(),
      removeHistoryDuplicates: true,
      completer: (before: string) => this.#complete(before),
    });
    output.prependListener('resize', this.#onResize);
    this.#raw = new RawMode({ keyboard, output, woken: () => this.#paint(), exit: () => this.close() });
    this.#readline.on('line', (text) => {
      output.write(up(this.#enteredRows) + home);
      this.#cleared();
      line(messageOf(joined(text)));
    });
    this.#readline.on('SIGINT', () => {
      if (this.#readline.line === '') return this.#readline.close();
      // Ctrl+Y brings it back.
      this.#press('e');
      this.#press('u');
    });
    // When all of this turn is written: what stops holds back what it has not.
    this.#readline.on('SIGTSTP', () => queueMicrotask(() => this.#suspend()));
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

  /** What stands before the typed line now. */
  get #head(): string {
    const { question } = this.#intake;
    return question === undefined ? this.#label : `${this.#label}(${question}) `;
  }

  get holding(): boolean {
    return this.#held !== null;
  }

  print(line: string, hang?: number): void {
    const row = { text: line, hang };
    if (this.#closed) return void this.#output.write(`${this.#laid(row)}\r\n`);
    this.settle();
    this.#rows.push(row);
    this.#schedule();
  }

  hold(line: string, hang: number): void {
    if (this.#closed) return this.print(line, hang);
    this.settle();
    this.#held = { text: line, hang };
    this.#schedule();
  }

  revise(line: string): void {
    if (this.#held === null || this.#held.text === line) return;
    this.#held.text = line;
    this.#schedule();
  }

  settle(): void {
    if (this.#held === null) return;
    this.#rows.push(this.#held);
    this.#held = null;
    this.#schedule();
  }

  clear(): boolean {
    if (this.#closed) return false;
    this.#settleItself();
    this.#atOnce(() => {
      this.#printWaiting();
      this.#output.write('\u001b[H\u001b[2J');
      this.#draw();
    });
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.settle();
    this.#output.off('resize', this.#onResize);
    this.#readline.close();
    this.#raw.end();
    this.#printWaiting();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#closed) this.#paint();
    });
  }

  /** Prints what waits, and draws the prompt below it. */
  #paint(): void {
    this.#atOnce(() => {
      // A line that comes together with a resize must not be printed as if the prompt had its old rows.
      this.#output._refreshSize?.();
      if (!this.#fits(0)) this.#settleItself();
      this.#printWaiting();
      this.#draw();
    });
  }

  #printWaiting(): void {
    const rows = this.#blank ? 0 : this.#readline.getCursorPos().rows;
    this.#output.write(up(rows) + home + this.#rows.map((row) => `${this.#laid(row)}\r\n`).join(''));
    this.#rows = [];
    this.#cleared();
  }

  /** A line as it is written to this terminal. */
  #laid({ text, hang }: Row): string {
    return rowsOf(text, hang, this.#output.columns).join('\r\n');
  }

  /** Nothing of the prompt is on the screen, and the cursor stands where it is to begin. */
  #cleared(): void {
    this.#blank = true;
    this.#drawn = null;
    this.#readline.setPrompt('');
    this.#readline.prevRows = 0;
  }

  #draw(): void {
    this.#blank = false;
    const held = this.#held;
    this.#readline.setPrompt(this.#head);
    const { rows } = this.#readline.getCursorPos();
    if (held !== null) this.#readline.setPrompt(`${this.#laid(held)}\r\n${this.#head}`);
    this.#drawn = held === null ? null : { row: held, rows: this.#readline.getCursorPos().rows - rows };
    this.#readline.prompt(true);
  }

  /** Whether all of the prompt stays on the screen while a key puts in so many columns, or any earlier line. */
  #fits(more: number): boolean {
    if (this.#held === null) return true;
    const { columns, rows } = this.#output;
    const held = stripVTControlCharacters(this.#held.text);
    if (!isSure(held) && widthOf(held) >= columns) return false;
    const typed = widthOf(stripVTControlCharacters(this.#head)) + widthOf(this.#readline.line) + this.#widest + more;
    return this.#laid(this.#held).split('\n').length + Math.ceil((typed + 1) / columns) < rows;
  }

  #settleItself(): void {
    this.settle();
    this.#options.settled();
  }

  /**
   * The terminal has wrapped the typed line anew, or it has not: some do, some do not. Going up by the smaller number
   * of rows may leave a piece of the old prompt, but never takes away a line of the room. The held line is left where
   * it stands: from now on it is one of those above.
   */
  #resized(): void {
    let { prevRows = 0 } = this.#readline;
    const drawn = this.#drawn;
    if (drawn !== null) {
      prevRows -= drawn.rows;
      this.#drawn = null;
      this.#rows = this.#rows.filter((row) => row !== drawn.row);
      if (this.#held === drawn.row) this.#held = null;
      this.#readline.setPrompt(this.#head);
    }
    this.#readline.prevRows = Math.min(prevRows, this.#readline.getCursorPos().rows);
    if (drawn !== null) this.#options.settled();
  }

  #suspend(): void {
    if (this.#closed) return;
    this.#settleItself();
    this.#printWaiting();
    this.#raw.suspend();
  }

  #atOnce(write: () => void): void {
    this.#output.cork();
    write();
    this.#output.uncork();
  }

  #press(name: string): void {
    this.#readline.write(null, { ctrl: true, name });
  }

  /** What a key is about to bring in must not push the held line off the screen. */
  #makeRoom(more: number): void {
    if (!this.#fits(more)) {
      this.#settleItself();
      this.#paint();
    }
    this.#widest = Math.max(this.#widest, widthOf(this.#readline.line) + more);
  }

  /** Enters what is typed, with that text where the cursor is. */
  #enterWith(run: string): void {
    const { line, cursor } = this.#readline;
    this.#atOnce(() => {
      this.#press('e');
      this.#press('u');
      this.#printWaiting();
      this.#options.line(messageOf(joined(line.slice(0, cursor) + run + line.slice(cursor))));
      if (!this.#closed) this.#draw();
    });
  }

  #insert(run: string): void {
    this.#makeRoom(widthOf(run));
    this.#atOnce(() => this.#readline.write(parted(run)));
    this.#typing();
  }

  #key(token: string, press: () => void): void {
    if (this.#intake.question !== undefined) return this.#intake.answer(token);
    this.#makeRoom(2);
    this.#atOnce(() => {
      const { line, cursor } = this.#readline;
      for (let steps = stepsOf(token, joined(line), cursor); steps > 0; steps--) press();
    });
    this.#typing();
  }

  #enter(): void {
    if (this.#intake.question !== undefined) return this.#intake.answer('\r');
    this.#atOnce(() => {
      this.#press('e');
      this.#enteredRows = this.#readline.getCursorPos().rows + 1;
      this.#readline.write(null, { name: 'return' });
      if (!this.#closed) this.#draw();
    });
    this.#typing();
  }

  #typing(): void {
    this.#options.typing(joined(this.#readline.line));
  }

  #complete(before: string): [string[], string] {
    const { word, whole, choice } = completionOf(before, this.#options.completions(before));
    if (choice !== undefined) this.print(choice, 2);
    return [whole === undefined ? [] : [whole], word];
  }
}
