/** `groupchat doctor`: why can nobody reach me, and what to type. */
import type { Command } from 'commander';
import { examine } from '../checkup.ts';
import type { Finding } from '../checks/finding.ts';
import { exits } from '../exits.ts';
import { findingLines, summary } from '../face/checkup.ts';
import type { Stage, Task } from '../task.ts';
import { laidOut } from '../face/rows.ts';
import { printer } from './print.ts';

export function addDoctor(command: Command, run: (task: Task) => void): void {
  command
    .command('doctor')
    .description('Finds out why nobody can reach this machine: 0 nothing fails, 1 something does, and what to type.')
    .option('--json', 'say what was found as one JSON object')
    .action(({ json = false }: { json?: boolean }) => run(doctor(json)));
}

function doctor(json: boolean): Task {
  const task = async (stage: Stage): Promise<number> => {
    const findings: Finding[] = [];
    const print = printer(stage.output);
    try {
      for await (const finding of examine(stage)) {
        findings.push(finding);
        // A room may take its time.
        if (!json) await print(laidOut(findingLines(finding).join('\n'), stage.output));
      }
    } catch (error) {
      return stage.report(error);
    }
    const ok = findings.every(({ state }) => state !== 'fail');
    await print(json ? JSON.stringify({ v: 1, ok, findings }) : summary(findings));
    return ok ? exits.clean : exits.failed;
  };
  return Object.assign(task, { tolerant: true });
}
