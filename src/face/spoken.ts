/**
 * The slate of a terminal that is read aloud.
 *
 * A screen reader speaks what is added; of what is drawn anew it speaks too much, or nothing. So the line is typed and
 * changed at its end only. What is typed is echoed; what is taken away is overtyped by spaces, as every terminal does it
 * by itself, which needs no escape sequence. Where that might miss (the text took more than a row, or nobody knows how
 * wide it is), what is left is written on a new row, as is any other text that takes its place.
 *
 * Lines that come while somebody types begin on a new row, and what is typed is written once more below them.
 */
import { emitKeypressEvents, type Key } from 'node:readline';
import { Appended } from './appended.ts';
import { completionOf } from './completion.ts';
import { columnsOf, graphemesOf, isSure } from './glyphs.ts';
import { Intake, messageOf } from './intake.ts';
import { Keyboard } from './keyboard.ts';
import { RawMode } from './raw.ts';
import { Recall } from './recall.ts';
import { rowsOf } from './rows.ts';
import { breakMark } from './screen.ts';
import type { SlateOptions } from './slate.ts';

/** Back, a space over it, and back. */
const rubout = '\b \b';
/** Words with what follows them: they begin behind a space or a break. */
const words = new RegExp(`(?<=[\\s${breakMark}])(?=[^\\s${breakMark}])`, 'u');

export class Spoken extends Appended {
  readonly #options: SlateOptions;
  readonly #raw: RawMode;
  readonly #intake: Intake;
  readonly #recall: Recall;
  readonly #onResize = () => void (this.#columns = Math.min(this.#columns, this.#width));
  /** What is typed. */
  #line = '';
  /** What of it stands on the screen, behind the last line break. */
  #shown = '';
  /** The fewest columns that the terminal has had since then. */
  #columns: number;
  /** What Ctrl+Y brings back. */
  #erased = '';
  /** What waits to be printed. */
  #waiting: { readonly text: string; readonly hang: number | undefined }[] = [];
  #closed = false;

  constructor(options: SlateOptions) {
    super();
    this.#options = options;
    const { input, output, focus, tell, typed } = options;
    this.#columns = this.#width;
    this.#recall = new Recall(typed);
    this.#intake = new Intake({
      typed: () => this.#line,
      insert: (run) => this.#become(this.#line + run),
      ask: tell,
      enter: (run) => this.#enterWith(run),
      tell,
    });
    const keyboard = new Keyboard(input, {
      text: (run) => this.#intake.type(run),
      enter: () => this.#enter(),
      key: (token, press) => (this.#intake.question === undefined ? press() : this.#intake.answer(token)),
      paste: (text, bytes) => this.#intake.paste(text, bytes),
      focus,
    });
    emitKeypressEvents(keyboard.stream);
    keyboard.on('keypress', (text: string | undefined, key: Key) => this.#press(text, key));
    keyboard.on('end', () => this.#leave());
    output.on('resize', this.#onResize);
    this.#raw = new RawMode({ keyboard, output, woken: () => this.#catchUp(), exit: () => this.close() });
  }

  print(text: string, hang?: number): void {
    this.settle();
    this.#waiting.push({ text, hang });
    if (this.#closed) return this.#catchUp();
    if (this.#waiting.length === 1) setImmediate(() => this.#catchUp());
  }

  close(): void {
    if (this.#closed) return;
    this.settle();
    this.#closed = true;
    this.#options.output.off('resize', this.#onResize);
    this.#raw.end();
    this.#line = '';
    this.#catchUp();
  }

  #leave(): void {
    if (this.#closed) return;
    this.close();
    this.#options.end();
  }

  /** Where nobody knows how wide the terminal is, it is as wide as can be. */
  get #width(): number {
    return this.#options.output.columns || Infinity;
  }

  #catchUp(): void {
    if (this.#waiting.length > 0 || this.#shown !== this.#line) this.#anew(this.#line);
  }

  /** Prints what waits, and writes what is typed on a row of its own: from now on, that. */
  #anew(line: string): void {
    const { columns } = this.#options.output;
    const rows = this.#waiting.flatMap(({ text, hang }) => rowsOf(text, hang, columns));
    this.#waiting = [];
    this.#columns = this.#width;
    this.#write([...(this.#shown === '' ? [] : ['']), ...rows, line].join('\r\n'), line);
  }

  /** What is typed is changed to that: on its row, if all that changes is its end. */
  #become(line: string): void {
    const shown = this.#shown;
    const gone = shown.slice(line.length);
    if (line.startsWith(shown)) this.#write(line.slice(shown.length), line);
    else if (shown.startsWith(line) && this.#canErase(gone)) this.#write(rubout.repeat(columnsOf(gone)), line);
    else this.#anew(line);
    this.#options.typing(line);
  }

  /** Whether it is known where the cursor stands, and how far it has to go back. */
  #canErase(text: string): boolean {
    return isSure(text) && columnsOf(this.#shown) < this.#columns;
  }

  /** @param line what is typed then, and stands on the row */
  #write(text: string, line: string): void {
    this.#options.output.write(text);
    this.#line = this.#shown = line;
  }

  #press(text: string | undefined, { name = '', ctrl = false, meta = false }: Key): void {
    switch ((ctrl ? 'ctrl+' : '') + (meta ? 'meta+' : '') + name) {
      case 'backspace':
        return this.#become(graphemesOf(this.#line).slice(0, -1).join(''));
      case 'ctrl+u':
        return this.#erase('');
      case 'ctrl+w':
      case 'meta+backspace':
        return this.#erase(this.#line.split(words).slice(0, -1).join(''));
      case 'ctrl+y':
        return this.#intake.type(this.#erased);
      case 'ctrl+c':
        return this.#line === '' ? this.#leave() : this.#cancel();
      case 'ctrl+d':
        return this.#line === '' ? this.#leave() : undefined;
      case 'ctrl+z':
        return this.#suspend();
      case 'up':
      case 'ctrl+p':
        return this.#replace(this.#recall.older(this.#line));
      case 'down':
      case 'ctrl+n':
        return this.#replace(this.#recall.newer());
      case 'tab':
        return this.#complete();
      default:
        if (text !== undefined && !/\p{Cc}/u.test(text)) this.#intake.type(text);
    }
  }

  #erase(line: string): void {
    if (line === this.#line) return;
    this.#erased = this.#line.slice(line.length);
    this.#become(line);
  }

  /** What stands on the row stays there, and is not typed any more. */
  #cancel(): void {
    this.#erased = this.#line;
    this.#replace('');
  }

  /** Another line, said from its beginning. */
  #replace(line: string | undefined): void {
    if (line === undefined) return;
    this.#anew(line);
    this.#options.typing(line);
  }

  #complete(): void {
    const { word, whole, choice } = completionOf(this.#line, this.#options.completions(this.#line));
    if (choice !== undefined) this.print(choice, 2);
    if (whole !== undefined) this.#become(this.#line.slice(0, this.#line.length - word.length) + whole);
  }

  #enter(): void {
    if (this.#intake.question !== undefined) return this.#intake.answer('\r');
    const line = this.#line;
    this.#columns = this.#width;
    this.#write('\r\n', '');
    this.#recall.enter(line);
    this.#options.line(messageOf(line));
    this.#options.typing('');
  }

  /** What was pasted has not been echoed, nor is it shown when the room has it: so it is said that it was entered. */
  #enterWith(run: string): void {
    const text = messageOf(this.#line + run);
    this.#replace('');
    this.#options.tell(`${text.split('\n').length} lines entered as one message`);
    this.#options.line(text);
  }

  #suspend(): void {
    const line = this.#line;
    this.settle();
    this.#anew('');
    this.#line = line;
    this.#raw.suspend();
  }
}
