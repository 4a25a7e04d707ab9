/**
 * A session that really takes place: alice, bob and carol are processes of the program in dist/, each in a terminal of
 * its own, and what is told of it is bob's screen at the end. Alice coordinates, and is killed.
 *
 * What differs from one run to the next is replaced: the time of day, the ports of this machine, and how long healing
 * took (what it takes is measured in docs/performance.md); and the line is left out that a coordinator is looked for,
 * which shows where that takes longer than a moment. Every other word is what the program shows.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pty from '@lydell/node-pty';
import xterm from '@xterm/headless';

/** Columns: what happens to alice is told in one row. */
export const columns = 90;
const rows = 30;

/** @returns the text of one run after the other, with what differs replaced */
function settler() {
  /** Ports in the order in which they are seen: as they would be where nothing else runs. */
  const ports = [];
  const portOf = (port) => 6000 + (ports.includes(port) ? ports.indexOf(port) : ports.push(port) - 1);
  return (text) =>
    text
      .replace(/\b\d\d:\d\d\b/gu, '14:02')
      .replace(/(?<=127\.0\.0\.1:)\d+/gu, portOf)
      .replace(/(?<=healed in )[\d.]+ m?s/u, '43 ms');
}

/** Somebody at a terminal. Waits are settled by what the screen shows, and fail with the end of the process. */
class Person {
  #terminal = new xterm.Terminal({ cols: columns, rows, scrollback: 0, allowProposedApi: true });
  #waits = new Set();
  #process;
  over = false;

  constructor(name, dist, folder, options) {
    this.name = name;
    this.options = ['--name', name, ...options];
    // Nothing that the person who runs this has set for a groupchat of their own; and under CI, Node shows no colours.
    const own = Object.entries(process.env).filter(
      ([key]) => !/^(?:GROUPCHAT_.*|NO_COLOR|FORCE_COLOR|COLORTERM|CI)$/u.test(key),
    );
    const env = {
      TERM: 'xterm-256color',
      TZ: 'UTC',
      GROUPCHAT_DATA_DIR: folder,
      GROUPCHAT_NO_CONFIG: '1',
      GROUPCHAT_NO_DISCOVERY: '1',
    };
    this.#process = pty.spawn(process.execPath, [join(dist, 'cli.js'), ...this.options, '--listen', '127.0.0.1:0'], {
      name: env.TERM,
      cols: columns,
      rows,
      env: { ...Object.fromEntries(own), ...env },
    });
    this.#process.onData((data) => this.#terminal.write(data, () => this.#look()));
    this.ended = new Promise((resolve) => {
      this.#process.onExit(() => {
        // Everything is drawn first.
        this.#terminal.write('', () => {
          this.over = true;
          this.#look();
          resolve();
        });
      });
    });
  }

  type(text) {
    this.#process.write(`${text}\r`);
  }

  kill() {
    if (!this.over) this.#process.kill('SIGKILL');
  }

  /** The rows of the screen: each a list of runs of one style. */
  get screen() {
    const { active } = this.#terminal.buffer;
    const screen = Array.from({ length: rows }, (_, y) => runsOf(active.getLine(active.baseY + y)));
    while (screen.at(-1)?.length === 0) screen.pop();
    return screen;
  }

  get text() {
    return this.screen.map(textOf).join('\n');
  }

  /** @returns what was found on the screen: what the pattern matched, or that the words stand there */
  shows(wanted) {
    return new Promise((resolve, reject) => {
      const look = () => {
        const { text } = this;
        const found = typeof wanted === 'string' ? text.includes(wanted) : wanted.exec(text);
        if (!found && !this.over) return;
        this.#waits.delete(look);
        if (found) resolve(found);
        else reject(new Error(`${this.name} ended before there was ${wanted}:\n${this.text}`));
      };
      this.#waits.add(look);
      look();
    });
  }

  #look() {
    for (const look of this.#waits) look();
  }
}

/** The cells of a row, those of one style together: `text`, from which `column` on, and how it looks. */
function runsOf(line) {
  const runs = [];
  for (let x = 0; x < columns; x++) {
    const cell = line.getCell(x);
    if (cell.getWidth() === 0) continue;
    const style = {
      color: cell.isFgPalette() ? cell.getFgColor() : undefined,
      bold: cell.isBold() !== 0,
      dim: cell.isDim() !== 0,
    };
    const last = runs.at(-1);
    const characters = cell.getChars() || ' ';
    if (last !== undefined && JSON.stringify(last.style) === JSON.stringify(style)) last.text += characters;
    else runs.push({ column: x, text: characters, style });
  }
  const shown = runs.map((run) => ({ ...run, text: run.text.trimEnd() }));
  // Spaces in front of words of the same style stay, and those behind them are drawn by nobody.
  return shown.filter(({ text }) => text !== '');
}

/** What stands in a row. */
export function textOf(runs) {
  return runs.reduce((row, { column, text }) => row.padEnd(column) + text, '');
}

const builtHere = fileURLToPath(new URL('../dist', import.meta.url));

/**
 * Plays it.
 * @param signal ends it: what was waited for then, and on which screen, is the error
 * @returns the rows of bob's screen, each a list of runs, from the command that he typed to his prompt
 */
export async function play(signal, dist = builtHere) {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-picture-'));
  const people = [];
  const killAll = () => people.forEach((person) => person.kill());
  signal.addEventListener('abort', killAll);
  const enter = async (name, ...options) => {
    const person = new Person(name, dist, folder, options);
    people.push(person);
    await person.shows(/^\d\d:\d\d \* you .*\n[^]*›/mu);
    return person;
  };
  // One line at a time: the next one is said when all others have this one, and its author is told so.
  const say = async (person, text, others) => {
    person.type(text);
    const everybody = people.filter(({ over }) => !over).map((one) => one.shows(`  ${text}`));
    await Promise.all([...everybody, person.shows(`  ${text} ✓ ${others}/${others}`)]);
  };
  try {
    const alice = await enter('alice', '--new');
    const [, address] = await alice.shows(/--join (127\.0\.0\.1:\d+)/u);
    const bob = await enter('bob', '--join', address);
    const carol = await enter('carol', '--join', address);
    await Promise.all([alice, bob].map((person) => person.shows(/joined.*carol|carol joined/u)));
    await say(alice, 'is the spare disk in yet?', 2);
    await say(bob, 'yes, since ten', 2);
    alice.kill();
    await alice.ended;
    await Promise.all([bob, carol].map((person) => person.shows(/alice is gone.*coordinate/u)));
    await say(carol, 'alice is gone, and we are not', 1);
    await say(bob, 'then I start the backup', 1);
    await bob.shows(/›$/u);
    const command = { column: 0, text: `$ groupchat ${bob.options.join(' ')}`, style: {} };
    const settle = settler();
    const screen = bob.screen.filter((runs) => !textOf(runs).endsWith(': looking for a coordinator'));
    return [[command], ...screen].map((runs) => runs.map((run) => ({ ...run, text: settle(run.text) })));
  } finally {
    signal.removeEventListener('abort', killAll);
    killAll();
    await Promise.all(people.map(({ ended }) => ended));
    rmSync(folder, { recursive: true, force: true });
  }
}
