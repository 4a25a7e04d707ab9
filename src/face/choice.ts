/** Asks the person at a terminal which of several rooms of the network is meant. */
import { createInterface } from 'node:readline';
import { clean } from './screen.ts';
import { count } from './text.ts';

/** A room as it can be told from others before it is entered: by where its peers are. */
interface Room {
  readonly peers: number;
  readonly addresses: readonly string[];
}

/** @returns which one, from 0 on; undefined for none of them, null when the person goes away (Ctrl+C, Ctrl+D) */
export async function askRoom(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
  rooms: readonly Room[],
): Promise<number | undefined | null> {
  const readline = createInterface({ input, output, historySize: 0 });
  const rows = rooms.map(({ peers, addresses }, at) => {
    return `  ${at + 1}  ${addresses.slice(0, 3).map(clean).join('  ')}  (${count(peers, 'peer')} heard)`;
  });
  output.write(
    [
      `There are ${rooms.length} rooms on this network:`,
      ...rows,
      '  0  none of these, but a room of your own',
      '',
    ].join('\n'),
  );
  try {
    return await new Promise((resolve) => {
      let end = (given: number | undefined | null): void => {
        end = () => {};
        if (given === null) output.write('\n');
        resolve(given);
      };
      readline.on('close', () => end(null));
      readline.on('SIGINT', () => end(null));
      readline.on('line', (line) => {
        const number = /^\d+$/u.test(line.trim()) ? Number(line) : NaN;
        if (number <= rooms.length) return end(number === 0 ? undefined : number - 1);
        output.write(`type a number from 0 to ${rooms.length}\n`);
        return readline.prompt();
      });
      readline.setPrompt('Which one? ');
      readline.prompt();
    });
  } finally {
    readline.close();
  }
}
