/** `groupchat tail`: the room as it goes, for whoever only reads. */
import { InvalidArgumentError, type Command } from 'commander';
import type { Position } from '../core/entry.ts';
import { exits } from '../exits.ts';
import { Feed } from '../face/feed.ts';
import { parsePosition } from '../face/json.ts';
import type { Task } from '../task.ts';
import { attend } from './attend.ts';
import { onSignal } from './signals.ts';

interface TailOptions {
  readonly json?: boolean;
  readonly since?: Position;
}

export function addTail(command: Command, run: (task: Task) => void): void {
  command
    .command('tail')
    .usage('[--json] [--since POSITION]')
    .description('Prints the room as it goes, and says nothing. Others see you in the room, as NAME or NAME2.')
    .option('--json', 'one JSON object a line: docs/json.md')
    .option('--since <position>', 'first what was said behind a position, as --json tells them', positionParser)
    .action((options: TailOptions) => run(tail(options)));
}

function positionParser(text: string): Position {
  const position = parsePosition(text);
  if (position === undefined) throw new InvalidArgumentError('it takes a position, for example 3.1042');
  return position;
}

function tail({ json = false, since }: TailOptions): Task {
  return async (stage) => {
    const { output, complain, report } = stage;
    const peer = await stage.peer({ guest: true });
    if (typeof peer === 'number') return peer;
    const { name: wanted } = peer;
    const feed = new Feed({ peer, output, complain, json, since });
    onSignal(() => feed.leave());
    peer.once('entered', () => {
      if (peer.name !== wanted) complain(`the name ${wanted} is taken in this room: here you are ${peer.name}`);
    });
    const end = await attend(peer, feed, report);
    return typeof end === 'number' ? end : exits.clean;
  };
}
