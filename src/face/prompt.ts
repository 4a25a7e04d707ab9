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
 *
 * What is pasted is one message, whatever its lines: `↵` stands for the end of each, and nothing is sent before Enter. Of
 * more than a few lines it is asked first whether they are meant for the room at all.
 */
import { createInterface, type Interface } from 'node:readline';
import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { limits } from '../core/limits.ts';
import { isSure, stepsOf, widthOf } from './glyphs.ts';
import { Keyboard, marks } from './keyboard.ts';
import { rowsOf } from './rows.ts';
import { breakMark } from './screen.ts';
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

/** Pasted lines above which it is asked what they are for. */
const pastedLinesMax = 5;
/** Of what Tab finds so many are shown: a page. */
const listedMax = 60;

const home = '\r\u001b[J';
const up = (rows: number) => (rows > 0 ? `\u001b[${rows}A` : '');

export class Prompt implements Slate {
  readonly #options: SlateOptions;
  readonly #output: WriteStream & Sized;
  readonly #keyboard: Keyboard;
  readonly #readline: Interface & Rows;
  readonly #onResize = () => this.#resized();
  readonly #onContinue = () => this.#continued();
  /** However the process ends by itself, the terminal is given back. Of kill -9 it hears nothing: `reset` helps then. */
  readonly #onExit = () => this.close();
  #label = '';
  /** What waits to be printed. */
  #rows: Row[] = [];
  /** What is held, if anything. */
  #held: Row | null = null;
  /** What stands above the typed line as part of the prompt, and how many rows it takes. */
  #drawn: { readonly row: Row; readonly rows: number } | null = null;
  /** Nothing of the prompt is on the screen. */
  #blank = true;
  /** Ctrl+Z was pressed, and nobody has woken this process yet. */
  #suspended = false;
  /** Columns that any line took which a key may bring back. */
  #widest = 0;
  #scheduled = false;
  #closed = false;
  /** Pasted, and it is asked what is to become of it. */
  #asked: { readonly run: string; readonly lines: number } | null = null;
  /** It has been told that the line is full. */
  #full = false;
  /** Rows that the entered line takes on the screen, with the one that the cursor went on to. */
  #enteredRows = 0;

  constructor(options: SlateOptions) {
    const { input, output, line, end, completions, focus } = options;
    this.#options = options;
    this.#output = output;
    this.#keyboard = new Keyboard(input, {
      text: (run) => this.#type(run.replaceAll('\t', '    ')),
      enter: () => this.#enter(),
      key: (token, press) => this.#key(token, press),
      paste: (text, bytes) => this.#paste(text, bytes),
      focus,
    });
    this.#readline = createInterface({
      // Of a stream, readline uses these five methods and no other.
      input: this.#keyboard as unknown as NodeJS.ReadableStream,
      output,
      terminal: true,
      prompt: '',
      historySize: limits.keptLinesMax,
      history: options.typed.toReversed(),
      removeHistoryDuplicates: true,
      completer: (before: string) => this.#complete(before, completions(before)),
    });
    output.prependListener('resize', this.#onResize);
    output.write(marks(true));
    process.on('SIGCONT', this.#onContinue);
    process.on('exit', this.#onExit);
    this.#readline.on('line', (text) => {
      output.write(up(this.#enteredRows) + home);
      this.#cleared();
      this.#full = false;
      line(text.replaceAll(breakMark, '\n'));
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
    if (this.#asked === null) return this.#label;
    return `${this.#label}(${this.#asked.lines} lines pasted: o sends them as one message, c cancels) `;
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
    process.off('SIGCONT', this.#onContinue);
    process.off('exit', this.#onExit);
    // First the keys: whoever sees that the prompt is gone may press Ctrl+C, and the terminal itself is to hear it.
    this.#readline.close();
    this.#keyboard.release();
    this.#output.write(marks(false));
    this.#printWaiting();
    this.#options.input.pause();
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
    return hang === undefined ? text : rowsOf(text, hang, this.#output.columns).join('\r\n');
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

  /**
   * Ctrl+Z. All processes of the foreground stop, as if the terminal itself had seen the key: were it this one alone,
   * whoever waits for it (npx, a script) would go on waiting, and the shell would never have its turn. Where nobody
   * could wake it again, the system stops nothing, and it goes on at once.
   */
  #suspend(): void {
    if (this.#closed) return;
    this.#settleItself();
    this.#atOnce(() => {
      this.#printWaiting();
      this.#output.write(marks(false));
    });
    this.#keyboard.setRawMode(false);
    this.#suspended = true;
    process.kill(0, 'SIGTSTP');
    this.#takeBack();
    this.#paint();
  }

  /** After a stop, whoever caused it. What a shell has written meanwhile is known to be there only after Ctrl+Z. */
  #continued(): void {
    this.#takeBack();
    if (this.#suspended) this.#paint();
    this.#suspended = false;
  }

  /** A shell may have set the terminal as it likes it: Node knows nothing of that, and sets what it believes to change. */
  #takeBack(): void {
    this.#keyboard.setRawMode(false);
    this.#keyboard.setRawMode(true);
    this.#output.write(marks(true));
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

  /** Text from the keyboard, of several characters. */
  #type(run: string): void {
    if (this.#asked === null) return this.#put(run);
    const [first = ''] = run;
    this.#answer(first);
    // Whoever types ahead has answered.
    if (this.#asked === null) this.#put(run.slice(first.length));
  }

  /** Puts in what the line has room for: beyond that it can only be refused, and drawing it takes longer each time. */
  #put(run: string): void {
    const bytes = Buffer.byteLength(this.#readline.line) + Buffer.byteLength(run);
    if (bytes <= limits.typedBytesMax) return this.#insert(run);
    if (!this.#full) this.#options.tell(`a line has at most ${limits.lineBytesMax} bytes: no more was put in`);
    this.#full = true;
  }

  #paste(text: string, bytes: number): void {
    const clean = text
      .replaceAll(/\r\n?|[\u2028\u2029]/gu, '\n')
      .replaceAll('\t', '    ')
      .replaceAll(/(?!\n)\p{Cc}/gu, '')
      // The end of the last line is no line.
      .replaceAll(/^\n+|(?<!\n)\n+$/gu, '');
    const all = bytes + Buffer.byteLength(this.#readline.line);
    if (all > limits.lineBytesMax) {
      return this.#options.tell(
        `what was pasted was not put in: the line would have ${all.toLocaleString('en')} bytes, and has at most ${limits.lineBytesMax.toLocaleString('en')}`,
      );
    }
    if (this.#asked !== null) return this.#options.tell('what was pasted now was not put in: answer first');
    const run = clean.replaceAll('\n', breakMark);
    const lines = clean.split('\n').length;
    if (lines <= pastedLinesMax) return this.#insert(run);
    this.#asked = { run, lines };
    this.#paint();
  }

  /** A key, while it is asked what is to become of what was pasted. */
  #answer(token: string): void {
    const asked = this.#asked;
    if (asked === null) return;
    // Enter is no answer: it may have been on its way.
    if (/^o$/iu.test(token)) {
      this.#asked = null;
      const { line, cursor } = this.#readline;
      const all = line.slice(0, cursor) + asked.run + line.slice(cursor);
      this.#atOnce(() => {
        this.#press('e');
        this.#press('u');
        this.#printWaiting();
        this.#options.line(all.replaceAll(breakMark, '\n'));
        if (!this.#closed) this.#draw();
      });
    } else if (/^(?:c|\u0003|\u0004|\u001b)$/iu.test(token)) {
      this.#asked = null;
      this.#options.tell(`${asked.lines} lines were not sent`);
      this.#paint();
    }
  }

  #insert(run: string): void {
    this.#makeRoom(widthOf(run));
    this.#atOnce(() => this.#readline.write(run));
    this.#options.typing(this.#readline.line);
  }

  #key(token: string, press: () => void): void {
    if (this.#asked !== null) return this.#answer(token);
    this.#makeRoom(2);
    this.#atOnce(() => {
      for (let steps = stepsOf(token, this.#readline.line, this.#readline.cursor); steps > 0; steps--) press();
    });
    this.#options.typing(this.#readline.line);
  }

  #enter(): void {
    if (this.#asked !== null) return;
    this.#atOnce(() => {
      this.#press('e');
      this.#enteredRows = this.#readline.getCursorPos().rows + 1;
      this.#readline.write(null, { name: 'return' });
      if (!this.#closed) this.#draw();
    });
    this.#options.typing(this.#readline.line);
  }

  /** Completes what is plain; of several that go on differently, they are shown. */
  #complete(before: string, found: readonly string[]): [string[], string] {
    const word = before.split(/\s/u).at(-1) ?? '';
    const common = found.reduce((prefix, one) => {
      let length = 0;
      while (length < prefix.length && prefix[length] === one[length]) length++;
      return prefix.slice(0, length);
    }, found[0] ?? '');
    if (found.length > 1 && common.length <= word.length) this.#list(found.map((one) => one.trim()));
    return found.length === 1 || common.length > word.length ? [[common], word] : [[], word];
  }

  #list(found: readonly string[]): void {
    const more = found.length - listedMax;
    this.print([...found.slice(0, listedMax), ...(more > 0 ? [`… and ${more} more`] : [])].join('  '), 2);
  }
}
