/**
 * A terminal in raw mode: every key comes at once, and what is pasted is marked. It is given back as it was while the
 * process is stopped (Ctrl+Z), and however it ends by itself. Of kill -9 it hears nothing: `reset` helps then.
 */
import type { WriteStream } from 'node:tty';
import { marks, type Keyboard } from './keyboard.ts';

export interface RawModeOptions {
  readonly keyboard: Keyboard;
  readonly output: WriteStream;
  /** The process goes on after `suspend`: what is typed may have to be shown again. Twice, perhaps. */
  readonly woken: () => void;
  /** The process ends: `end` is to be called. */
  readonly exit: () => void;
}

export class RawMode {
  readonly #options: RawModeOptions;
  readonly #onContinue = () => this.#continued();
  /** Ctrl+Z was pressed, and nobody has woken this process yet. */
  #suspended = false;

  constructor(options: RawModeOptions) {
    this.#options = options;
    this.#take();
    process.on('SIGCONT', this.#onContinue);
    process.on('exit', options.exit);
  }

  /**
   * Ctrl+Z. All processes of the foreground stop, as if the terminal itself had seen the key: were it this one alone,
   * whoever waits for it (npx, a script) would go on waiting, and the shell would never have its turn. Where nobody
   * could wake it again, the system stops nothing, and it goes on at once.
   */
  suspend(): void {
    const { keyboard, output, woken } = this.#options;
    output.write(marks(false));
    keyboard.setRawMode(false);
    this.#suspended = true;
    process.kill(0, 'SIGTSTP');
    this.#take();
    woken();
  }

  /** Gives the terminal back, and lets go of the keys. */
  end(): void {
    const { keyboard, output, exit } = this.#options;
    process.off('SIGCONT', this.#onContinue);
    process.off('exit', exit);
    // First the keys: whoever sees that the prompt is gone may press Ctrl+C, and the terminal itself is to hear it.
    keyboard.setRawMode(false);
    keyboard.release();
    output.write(marks(false));
    keyboard.pause();
  }

  /** After a stop, whoever caused it. What a shell has written meanwhile is known to be there only after Ctrl+Z. */
  #continued(): void {
    this.#take();
    if (this.#suspended) this.#options.woken();
    this.#suspended = false;
  }

  /** A shell may have set the terminal as it likes it: Node knows nothing of that, and sets what it believes to change. */
  #take(): void {
    const { keyboard, output } = this.#options;
    keyboard.setRawMode(false);
    keyboard.setRawMode(true);
    output.write(marks(true));
  }
}
