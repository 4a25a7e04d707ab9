/**
 * `groupchat who`: who is in the room. Only a member is told that, so it comes as a guest, and goes at once; others see
 * both. Who it was is not counted.
 */
import { setTimeout as after } from 'node:timers/promises';
import type { Command } from 'commander';
import { laidOut } from '../face/rows.ts';
import { exits } from '../exits.ts';
import { whoRows } from '../face/answers.ts';
import { jsonLine, whoObject } from '../face/json.ts';
import type { Task } from '../task.ts';
import { printer } from './print.ts';
import { onSignal } from './signals.ts';

/** Whoever answers and lets nobody in is not waited for longer, ms: twice what a regroup may take. */
const startMs = 20_000;

export function addWho(command: Command, run: (task: Task) => void): void {
  command
    .command('who')
    .usage('[--json]')
    .description('Prints who is in the room, one name a line, earliest first. Others see you come and go.')
    .option('--json', 'one JSON object: docs/json.md')
    .action(({ json = false }: { json?: boolean }) => run(who(json)));
}

function who(json: boolean): Task {
  return async (stage) => {
    const { report } = stage;
    const print = printer(stage.output);
    const peer = await stage.peer({ guest: true, deaf: true, keepHistory: false });
    if (typeof peer === 'number') return peer;
    onSignal(() => process.exit(exits.interrupted));
    try {
      if ((await Promise.race([peer.start(), after(startMs, 'late', { ref: false })])) === 'late') {
        stage.complain(`no room was reached in ${startMs / 1000} seconds`);
        return exits.unreachable;
      }
      const text = json
        ? jsonLine(whoObject(peer, Date.now()))
        : laidOut(whoRows(peer, peer.id).join('\n'), stage.output);
      await print(text);
      await peer.leave();
      return exits.clean;
    } catch (error) {
      return report(error, peer.name);
    }
  };
}
