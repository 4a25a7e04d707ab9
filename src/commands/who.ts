/**
 * `groupchat who`: who is in the room. Only a member is told that, so it comes as a guest, and goes at once; others see
 * both. Who it was is not counted.
 */
import type { Command } from 'commander';
import { exits } from '../exits.ts';
import { whoRows } from '../face/answers.ts';
import { jsonLine, whoObject } from '../face/json.ts';
import type { Task } from '../task.ts';
import { printer } from './print.ts';
import { onSignal } from './signals.ts';

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
      await peer.start();
      const text = json ? jsonLine(whoObject(peer, Date.now())) : whoRows(peer, peer.id).join('\n');
      await print(text);
      await peer.leave();
      return exits.clean;
    } catch (error) {
      return report(error, peer.name);
    }
  };
}
