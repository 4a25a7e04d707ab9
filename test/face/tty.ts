/**
 * A terminal to look at: a program runs in a pseudo-terminal, and what it writes is drawn by xterm.js. Tests wait until
 * the screen shows something; nothing here measures time.
 */
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';
import { onTestFailed, onTestFinished } from 'vitest';

export interface TtyOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Whether the terminal wraps the row of the cursor anew when it is resized: VTE and tmux do, VS Code does not. */
  readonly reflow?: boolean;
}

/** Columns as of Unicode 15 and of most terminals; xterm.js by itself draws emoji in one column. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const none = /[\p{Mn}\p{Me}\p{Cf}]/u;

function columnsOf(codePoint: number): 0 | 1 | 2 {
  const character = String.fromCodePoint(codePoint);
  if (codePoint < 0x20 || none.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

export class Tty {
  readonly exit: Promise<number>;
  /** All that was written, as it was written. */
  written = '';
  readonly #pty: pty.IPty;
  readonly #terminal: xterm.Terminal;
  readonly #waiting = new Set<() => void>();

  constructor(
    program: string,
    args: readonly string[],
    { columns = 60, rows = 20, env = {}, reflow = true }: TtyOptions = {},
  ) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      scrollback: 2000,
      allowProposedApi: true,
      reflowCursorLine: reflow,
    });
    const { unicode } = this.#terminal;
    unicode.register({
      version: 'test',
      wcwidth: columnsOf,
      // Width in bits 1 and 2; bit 0 joins to the character before.
      charProperties: (codePoint, preceding) => {
        const width = columnsOf(codePoint);
        return width === 0 && preceding !== 0 ? (((preceding >> 1) & 3) << 1) | 1 : width << 1;
      },
    });
    unicode.activeVersion = 'test';
    // Node takes a terminal under CI for one without colours.
    const { NO_COLOR: _, FORCE_COLOR: __, CI: ___, ...inherited } = process.env;
    const environment = { ...inherited, TERM: 'xterm-256color', TZ: 'UTC', ...env } as Record<string, string>;
    this.#pty = pty.spawn(program, [...args], {
      name: environment['TERM'] as string,
      cols: columns,
      rows,
      env: environment,
    });
    this.#pty.onData((data) => {
      this.written += data;
      this.#terminal.write(data, () => this.#look());
    });
    this.exit = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal = 0 }) => {
        // Everything is drawn first.
        this.#terminal.write('', () => resolve(signal === 0 ? exitCode : 128 + signal));
      });
    });
    onTestFinished(() => this.close());
    onTestFailed(() => console.error(`the screen:\n${this.rows.join('\n')}`));
  }

  type(keys: string): void {
    this.#pty.write(keys);
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
    this.#pty.resize(columns, rows);
  }

  signal(name: string): void {
    this.#pty.kill(name);
  }

  close(): void {
    this.#pty.kill('SIGKILL');
  }

  /** Every row, those scrolled away too, without the empty ones at the end. */
  get rows(): string[] {
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, y) =>
      (active.getLine(y)?.translateToString(true) ?? '').trimEnd(),
    );
    while (rows.at(-1) === '') rows.pop();
    return rows;
  }

  /** Every line: rows that the terminal has wrapped are one, and those that hang under one that begins with a time. */
  get lines(): string[] {
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    /** The last row was full, so that a word may have been cut. */
    let full = false;
    for (let y = 0; y < active.length; y++) {
      const row = active.getLine(y);
      const more = active.getLine(y + 1)?.isWrapped === true;
      const text = row?.translateToString(!more) ?? '';
      const before = lines.at(-1) ?? '';
      if (row?.isWrapped === true && lines.length > 0) lines.push((lines.pop() as string) + text);
      else if (/^ {2,}\S/u.test(text) && /^\d\d:\d\d /u.test(before)) {
        lines.push((lines.pop() as string) + (full ? '' : ' ') + text.trimStart());
      } else lines.push(text);
      // A wide character leaves one column where it has no room.
      full = row?.getCell(row.length - 1)?.getChars() !== '' || row.getCell(row.length - 2)?.getWidth() === 2;
    }
    while (lines.at(-1)?.trimEnd() === '') lines.pop();
    return lines.map((line) => line.trimEnd());
  }

  /** Where the cursor stands: the text of its row, and the column from 0. */
  get cursor(): { row: string; column: number } {
    const { active } = this.#terminal.buffer;
    return {
      row: (active.getLine(active.baseY + active.cursorY)?.translateToString(true) ?? '').trimEnd(),
      column: active.cursorX,
    };
  }

  /** Resolves as soon as the screen is as wanted. */
  until(wanted: (tty: this) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (!wanted(this)) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #look(): void {
    for (const look of this.#waiting) look();
  }
}
