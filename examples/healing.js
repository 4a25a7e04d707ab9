// @ts-check
/**
 * Healing, to watch: five peers talk, each a process of its own, and again and again the one that coordinates is killed.
 *
 *     node examples/healing.js
 *
 * A room has no server that could be lost. One of its peers, the one that came first, gives every line its place; the
 * others know who is next. Kill it while everybody speaks, and what was typed at that very moment still appears on every
 * screen, once, and in the same order. Here five coordinators die one after the other, newcomers take the empty chairs,
 * and at the end the screens are compared. Lines of a screen that begin with `* ` say what happened in the room.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const names = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank', 'grace', 'heidi', 'ivan', 'judy'];
const chairs = 5;
const cli = fileURLToPath(new URL('cli.js', import.meta.resolve('groupchat')));

/** A peer, and what its screen shows. A wait looks again whenever a line has come: nothing here ever sleeps. */
class Screen {
  /** @type {string[]} */
  lines = [];
  /** @type {Set<() => void>} */
  #waits = new Set();
  #typed = 0;

  /** @param {string} name @param {readonly string[]} join */
  constructor(name, join) {
    this.name = name;
    const args = ['--name', name, '--listen', '127.0.0.1:0', ...join.flatMap((address) => ['--join', address])];
    this.process = spawn(process.execPath, [cli, '--no-discovery', ...args]);
    // At any free port: which one it is says the invitation on stderr, whose last word is the address to join by.
    this.address = once(createInterface({ input: this.process.stderr }), 'line').then(([line]) =>
      String(line).replace(/^.* /u, ''),
    );
    this.process.stdin.on('error', () => {}); // the dead do not read
    createInterface({ input: this.process.stdout }).on('line', (line) => {
      this.lines.push(line);
      for (const look of this.#waits) look();
    });
  }

  /** Types a line. @returns what every screen is to show */
  says() {
    const text = `line ${++this.#typed}`;
    this.process.stdin.write(`${text}\n`);
    return `${this.name}: ${text}`;
  }

  /** Resolves when the screen shows all of it. @param {readonly (string | RegExp)[]} wanted @returns {Promise<void>} */
  shows(wanted) {
    const has = (/** @type {string | RegExp} */ one) =>
      this.lines.some((line) => (typeof one === 'string' ? line === one : one.test(line)));
    return new Promise((resolve) => {
      const look = () => {
        if (!wanted.every(has)) return;
        this.#waits.delete(look);
        resolve();
      };
      this.#waits.add(look);
      look();
    });
  }

  /** The room's lines, without what happened in it. */
  get said() {
    return this.lines.filter((line) => !line.startsWith('* '));
  }
}

/** @type {Screen[]} */
const room = [];
/** @type {string[]} */
const said = [];
/** @type {number[]} */
const healings = [];

// Whatever happens, nobody is left behind; and a room that does not heal is a result, too.
process.once('exit', () => room.forEach((screen) => screen.process.kill('SIGKILL')));
setTimeout(() => process.exit(summary()), 60_000).unref();

for (const name of names.slice(0, chairs)) await enter(name);
for (const newcomer of names.slice(chairs)) {
  await killCoordinator();
  await enter(newcomer);
}
for (const screen of room) screen.process.kill('SIGINT'); // Ctrl+C: a clean goodbye
await Promise.all(room.map((screen) => once(screen.process, 'close')));
process.exit(summary());

/** Somebody sits down: the first one founds the room, the others join through whoever sits there last. */
async function enter(/** @type {string} */ name) {
  const screen = new Screen(name, await Promise.all(room.slice(-1).map(({ address }) => address)));
  await screen.shows([/^\* you (?:started|are in) the room/u]);
  await Promise.all(room.map((other) => other.shows([new RegExp(`^\\* ${name} joined`, 'u')])));
  room.push(screen);
}

/** Everybody speaks, the coordinator dies, everybody speaks again; then what the survivors see, side by side. */
async function killCoordinator() {
  const [coordinator, ...survivors] = /** @type {[Screen, ...Screen[]]} */ (room.splice(0));
  room.push(...survivors);
  const shown = survivors.map((screen) => screen.said.length);
  const before = survivors.map((screen) => screen.says());
  const killed = performance.now();
  coordinator.process.kill('SIGKILL');
  const typed = [...before, ...survivors.map((screen) => screen.says())];
  said.push(...typed);
  await Promise.all(survivors.map((screen) => screen.shows(typed)));
  healings.push(performance.now() - killed);

  console.log(`\n${coordinator.name} coordinates, and is killed while the others speak:\n`);
  const columns = survivors.map((screen, index) => [`${screen.name} sees`, ...screen.said.slice(shown[index])]);
  const height = Math.max(...columns.map((column) => column.length));
  for (let row = 0; row < height; row++) {
    const cells = columns.map((column) => (column[row] ?? '').padEnd(18));
    console.log(`  ${cells.join('')}`.trimEnd());
  }
  const told = survivors.flatMap(({ lines }) => lines.filter((line) => line.includes('; you coordinate (healed in')));
  console.log(`\n  ${told.at(-1)}`);
}

/** Compares the screens. @returns the exit code */
function summary() {
  // Whoever came late was given the history: so everybody who is left must have shown every line that was ever said.
  const shown = said.map((line) => room.map((screen) => screen.said.filter((one) => one === line).length));
  const lost = shown.filter((times) => times.includes(0)).length;
  const doubled = shown.filter((times) => times.some((count) => count > 1)).length;
  const orders = new Set(room.map((screen) => screen.said.join('\n'))).size;
  const median = healings.toSorted((a, b) => a - b)[Math.floor(healings.length / 2)] ?? Infinity;
  const complete = healings.length === names.length - chairs;
  console.log(`
  coordinators killed  ${healings.length}
  lines said           ${said.length}
  shown everywhere     ${said.length - lost}
  lost                 ${lost}
  doubled              ${doubled}
  orders               ${orders}
  median healing time  ${median.toFixed(0)} ms, from the kill until all that was typed then is on every screen`);
  return complete && lost === 0 && doubled === 0 && orders === 1 ? 0 : 1;
}
