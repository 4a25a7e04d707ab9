/** `groupchat verify`: whether what `/export --signed` wrote is signed and true. */
import type { Command } from 'commander';
import { ChatError } from '../core/errors.ts';
import { exits } from '../exits.ts';
import { laidOut } from '../face/rows.ts';
import { verdictLines } from '../face/verdict.ts';
import { createCrypto } from '../io/crypto.ts';
import { Identity } from '../io/identity.ts';
import { checkTestimony } from '../io/testimony.ts';
import type { Task } from '../task.ts';
import { printer } from './print.ts';

export function addVerify(command: Command, run: (task: Task) => void): void {
  command
    .command('verify <file>')
    .usage('[--json] <file>')
    .description(
      'Checks what /export --signed wrote (-: the input): 0 all is signed and true, 1 it is not, 2 not read.',
    )
    .option('--json', 'say what was found as one JSON object')
    .action((file: string, { json = false }: { json?: boolean }) => run(verify(file, json)));
}

function verify(file: string, json: boolean): Task {
  return async ({ input, output, complain, report }) => {
    const print = printer(output);
    try {
      const verdict = await checkTestimony(file === '-' ? input : file, createCrypto(Identity.temporary()));
      const text = json ? JSON.stringify(verdict) : verdictLines(verdict).join('\n');
      await print(json ? text : laidOut(text, output));
      return verdict.ok ? exits.clean : exits.failed;
    } catch (error) {
      if (error instanceof ChatError) complain(error.message);
      else report(error);
      return exits.usage;
    }
  };
}
