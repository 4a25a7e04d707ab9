/**
 * Run by tests as a process of its own that keeps a room. Usage: node keeper.js DIST WAY FOLDER; it answers in lines.
 * hold: opens and stays. write: goes on with what is there, without end. fill: writes until that fails. take: for each
 * folder that comes in a line, says whether it got it, and lets go of it at an empty line.
 */
import { createInterface } from 'node:readline';

const [dist, way, folder] = process.argv.slice(2);
const { Store } = await import(`${dist}/io/store.js`);
const say = (line) => process.stdout.write(`${line}\n`);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const failures = [];
const open = (path) => Store.open(path, { failed: (message) => failures.push(message) });

/** The text of the n-th line that is kept; up to some hundreds of bytes. */
const text = (n) => Buffer.from(`${n} ${'x'.repeat((n * 37) % 500)}`);

const ways = {
  async hold() {
    await open(folder);
    say(process.pid);
    setInterval(() => {}, 1_000_000);
  },

  async write() {
    const store = await open(folder);
    const { files } = await store.load();
    const pieces = files.flatMap((file) => file.pieces);
    let n = pieces.length === 0 ? 0 : Number.parseInt(Buffer.from(pieces.at(-1)).toString().replace('from ', ''), 10);
    let number = files.at(-1)?.number ?? 0;
    for (let round = 1; ; round++) {
      for (let lines = (round * 7) % 40; lines > 0; lines--) store.keep(text(++n));
      if (round % 9 === 0) {
        store.roll(++number, Buffer.from(`from ${n}`));
        store.forget(number - 2);
      }
      if (round % 4 !== 0) await turn();
      else {
        const safe = n;
        await store.flushed();
        say(safe);
      }
    }
  },

  async fill() {
    const store = await open(folder);
    store.roll(1, Buffer.from('from 0'));
    let n = 0;
    while (failures.length === 0) {
      store.keep(text(++n));
      if (n % 10 === 0) await turn();
    }
    store.keep(text(n + 1));
    store.roll(2, text(n + 2));
    store.forget(1);
    await store.flushed();
    await store.close();
    say(JSON.stringify({ failures, waiting: store.waitingBytes, tried: n }));
  },

  async take() {
    say('ready');
    let store;
    for await (const line of createInterface({ input: process.stdin })) {
      if (line === '') {
        await store?.close();
        store = undefined;
        say('ready');
      } else {
        store = await open(line).catch((error) => void (error.code === 'in-use' || say(error.stack)));
        say(store === undefined ? 'lost' : 'won');
      }
    }
  },
};

await ways[way]();
