/** Typing at a terminal while many lines come at once: what it costs, and whether anything is lost. */
import { performance } from 'node:perf_hooks';
import pty from '@lydell/node-pty';
import { flawCell } from './budget.ts';
import { end, start } from './child.ts';
import { temporaryFolder } from './folder.ts';
import type { Plan } from './plan.ts';
import { freePort } from './port.ts';
import { processorMs } from './process.ts';
import { digits, table, type Progress } from './report.ts';
import { program } from './servers/groupchat.ts';
import { sleep, within } from './time.ts';

/** A key is pressed this often, ms: faster than anybody types. */
const keyMs = 10;
const patienceMs = 30_000;
/** What is wanted, ms of processor time. */
const processorMsMax = 500;

interface Burst {
  readonly processorMs: number;
  readonly tookMs: number;
  /** Lines that never came to the screen, and keys that never came to the others. */
  readonly lost: number;
}

async function burst(lines: number): Promise<Burst> {
  const folder = temporaryFolder();
  const [here, there] = [await freePort(), await freePort()];
  const at = (port: number): string => `127.0.0.1:${port}`;
  const common = ['--data-dir', folder, '--no-history'];
  const talker = start(
    [process.execPath, program, '--name', 'talker', '--listen', at(there), ...common],
    ['pipe', 'pipe', 'ignore'],
  );
  let heard = '';
  talker.stdout?.setEncoding('utf8').on('data', (chunk: string) => (heard += chunk));
  await within(
    patienceMs,
    () => 'for a room',
    until(() => heard.includes('you started the room')),
  );
  const screen = pty.spawn(
    process.execPath,
    [program, '--name', 'typist', '--listen', at(here), '--join', at(there), ...common],
    { cols: 80, rows: 24, env: { ...process.env, TERM: 'xterm-256color' } },
  );
  try {
    let shown = '';
    screen.onData((data) => (shown += data));
    await within(
      patienceMs,
      () => 'for a prompt',
      until(() => shown.includes('typist') && shown.includes('›')),
    );
    await sleep(500);
    const before = processorMs(screen.pid);
    const began = performance.now();
    shown = '';
    for (let line = 0; line < lines; line++) talker.stdin?.write(`line ${line} of a burst;\n`);
    let typed = '';
    const missing = (): number => lines - new Set(shown.match(/line \d+ of a burst;/gu) ?? []).size;
    while (missing() > 0 && performance.now() - began < patienceMs) {
      const key = String.fromCharCode(97 + (typed.length % 26));
      // No longer than a line may be seen on the screen.
      if (typed.length < 500) screen.write(key);
      if (typed.length < 500) typed += key;
      await sleep(keyMs);
    }
    const result = { processorMs: processorMs(screen.pid) - before, tookMs: performance.now() - began };
    screen.write('\r');
    const said = await Promise.race([until(() => heard.includes(`typist: ${typed}\n`)).then(() => true), sleep(5000)]);
    return { ...result, lost: missing() + (said === true ? 0 : typed.length) };
  } finally {
    screen.kill('SIGKILL');
    await end(talker, 'SIGTERM');
  }
}

async function until(seen: () => boolean): Promise<void> {
  while (!seen()) await sleep(keyMs);
}

export async function measureTyping({ lines, runs }: Plan['typing'], progress: Progress): Promise<string> {
  const rows: string[][] = [];
  for (let run = 1; run <= runs; run++) {
    progress(`typing, run ${run} of ${runs}`);
    const { processorMs: used, tookMs, lost } = await burst(lines);
    rows.push([String(run), digits(used), digits(tookMs), flawCell(lost)]);
  }
  return [
    '## Typing',
    `${lines} lines arrive at once while a key is pressed every ${keyMs} ms, at a terminal of 80 columns. Processor time of the ` +
      `process at the terminal, all of it (wanted: under ${processorMsMax} ms), until the last line is on the screen; then what was typed ` +
      'is entered. Lost: lines that were not shown, and keys that did not come to the others.',
    table(['run', 'processor, ms', 'took, ms', 'lost'], rows),
  ].join('\n\n');
}
