/** Asks the person at a terminal for a name. The login name is never taken silently: it is nobody's business. */
import { createInterface } from 'node:readline';
import { nameFault } from '../core/name.ts';
import { clean } from './screen.ts';

/** @returns a valid name, or undefined when the person goes away (Ctrl+C, Ctrl+D) */
export async function askName(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string | undefined> {
  const readline = createInterface({ input, output, historySize: 0 });
  try {
    return await new Promise((resolve) => {
      readline.on('close', () => resolve(undefined));
      readline.on('line', (line) => {
        const name = line.trim();
        const fault = nameFault(name);
        if (fault === undefined) return resolve(name);
        output.write(`${clean(fault)}\n`);
        readline.prompt();
      });
      readline.setPrompt('What is your name in the room? ');
      readline.prompt();
    });
  } finally {
    readline.close();
  }
}
