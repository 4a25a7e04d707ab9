/** The terminal face in a pseudo-terminal, over a peer whose every word the test says. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Event, Line } from '../../src/core/step.ts';
import type { Member } from '../../src/core/view.ts';
import { marks } from '../../src/face/keyboard.ts';
import { whoIs } from '../core/toy.ts';
import { Tty, type TtyOptions } from './tty.ts';

/** Where the program was built to. */
const dist = process.env['GROUPCHAT_DIST'] ?? fileURLToPath(new URL('../../dist', import.meta.url));
const puppet = fileURLToPath(new URL('puppet.js', import.meta.url));

const member = (name: string, joined: number): Member => ({
  id: name === 'bob' ? 'me' : name,
  name,
  addresses: [`10.0.0.${joined}:6000`],
  joined,
  ...whoIs(name, name),
});
export const [alice, bob, carol] = [member('alice', 1), member('bob', 2), member('carol', 3)];

export interface Stage {
  readonly tty: Tty;
  /** What the peer was given to say, in order. */
  readonly sent: string[];
  /** Sets fields of the peer. This and the next two resolve when the face has taken it. */
  readonly set: (fields: object) => Promise<void>;
  readonly tell: (event: Event) => Promise<void>;
  /** Lines that alice says. */
  readonly say: (...texts: readonly string[]) => Promise<void>;
  /** Resolves when the peer has been given so many lines. */
  readonly untilSent: (count: number) => Promise<void>;
}

let n = 0;
export const lineOf = (text: string, more: Partial<Line> = {}): Line => ({
  id: 'id-alice',
  n: ++n,
  position: { epoch: 1, seq: n },
  name: 'alice',
  text,
  time: Date.UTC(2026, 0, 2, 14, 2),
  own: false,
  history: false,
  apart: false,
  ...more,
});

/** What was written, but for what only asks the terminal to mark what is pasted. */
export const withoutMarks = ({ written }: Tty): string =>
  written.replaceAll(marks(true), '').replaceAll(marks(false), '');

/** A line that bob says, as it comes back. */
export const ownLine = (text: string, more: Partial<Line> = {}) =>
  lineOf(text, { id: 'me', name: 'bob', own: true, ...more });

/** A peer called bob, in a room with alice. `enter` false: it is still joining. */
export async function stage(
  options: TtyOptions & { readonly enter?: boolean; readonly shell?: string } = {},
): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'peer');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const connected = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const program = [process.execPath, puppet, dist, path, options.enter === false ? 'seeking' : 'joined'];
  const { shell } = options;
  const tty =
    shell === undefined
      ? new Tty(program[0] as string, program.slice(1), options)
      : new Tty('sh', ['-c', shell, 'sh', ...program], options);
  const socket = await connected;
  server.close();
  onTestFinished(() => void socket.destroy());

  const sent: string[] = [];
  const watching = new Set<() => void>();
  const orders: (() => void)[] = [];
  createInterface({ input: socket }).on('line', (line) => {
    const message = JSON.parse(line) as { sent?: string; taken?: true };
    if (message.taken) orders.shift()?.();
    if (message.sent !== undefined) sent.push(message.sent);
    for (const look of watching) look();
  });
  const order = (message: object) =>
    new Promise<void>((resolve) => {
      orders.push(resolve);
      socket.write(`${JSON.stringify(message)}\n`);
    });
  const tell = (event: Event) => order({ event });
  const made: Stage = {
    tty,
    sent,
    set: (fields) => order({ set: fields }),
    tell,
    say: async (...texts) => {
      await Promise.all(texts.map((text) => tell({ kind: 'line', line: lineOf(text) })));
    },
    untilSent: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (sent.length < count) return;
          watching.delete(look);
          resolve();
        };
        watching.add(look);
        look();
      }),
  };
  await made.set({ members: [alice, bob], coordinator: alice, successor: bob });
  if (options.enter === false) return made;
  await tell({ kind: 'entered', room: 'r', self: bob, members: [alice, bob] });
  await tty.until(({ lines, cursor }) => lines.length === 4 && cursor.row === 'bob›' && cursor.column === 5);
  return made;
}
