/**
 * Asks the person at a terminal for what was not given: a name, or the key of a private room. The login name is never
 * taken silently: it is nobody's business. Of a key nothing is shown, neither while it is typed nor when it is wrong.
 */
import { createInterface } from 'node:readline';
import { StringDecoder } from 'node:string_decoder';
import type { ReadStream } from 'node:tty';
import { parseKey } from '../core/invite.ts';
import { nameFault } from '../core/name.ts';
import { clean } from './screen.ts';

/** Of what is typed for a key so much is held, characters; no invite is as long, and what goes on is no key. */
const typedMax = 4096;
/** An escape sequence (ECMA-48: CSI, SS3, or ESC and a key), a control, or text: see keyboard.ts. */
const tokens =
  /\u001b(?:\[[\u0020-\u003f]*[\u0040-\u007e]?|O[\u0020-\u007e]?|[^[O\r\n\u0003]?)|\r\n|[^\u0000-\u001f\u007f]+|./gsu;

/** @returns a valid name; null on Ctrl+C, undefined when the person goes away otherwise (Ctrl+D) */
export async function askName(
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<string | null | undefined> {
  const readline = createInterface({ input, output, historySize: 0 });
  try {
    return await new Promise((resolve) => {
      let end = (given: string | null | undefined): void => {
        end = () => {};
        if (typeof given !== 'string') output.write('\n');
        resolve(given);
      };
      readline.on('close', () => end(undefined));
      readline.on('SIGINT', () => end(null));
      readline.on('line', (line) => {
        const name = line.trim();
        const fault = nameFault(name);
        if (fault === undefined) return end(name);
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

/**
 * Asks for a key; a whole invite will do. readline would draw what is typed, so the keys are read here: Enter, Backspace,
 * Ctrl+U for the whole line, and text, which may be pasted. The terminal is given back as it was, whatever happens.
 * @returns the key; null on Ctrl+C, undefined when the person goes away otherwise (Ctrl+D, a hang-up)
 */
export async function askKey(input: ReadStream, output: NodeJS.WritableStream): Promise<string | null | undefined> {
  const question = 'What is the key of the room, or its whole invite? (nothing is shown) ';
  const decoder = new StringDecoder('utf8');
  let typed = '';
  let stop = (): void => {};
  // First the echo, then the question: whoever sees it may type.
  input.setRawMode(true);
  try {
    return await new Promise<string | null | undefined>((resolve) => {
      const away = (): void => resolve(undefined);
      const enter = (): string | undefined => {
        const read = parseKey(typed);
        typed = '';
        if (read.kind === 'key') return read.key;
        output.write(`\n${read.fault}\n${question}`);
        return undefined;
      };
      const take = (token: string): string | undefined => {
        if (token === '\r' || token === '\n' || token === '\r\n') return enter();
        if (token === '\u0003') resolve(null);
        else if (token === '\u0004') away();
        else if (token === '\u0015') typed = '';
        else if (token === '\u007f' || token === '\b') typed = typed.slice(0, -1);
        // Other keys mean nothing here; what is too long shows by one character more.
        else if (!/^[\u0000-\u001f]/u.test(token)) typed = (typed + token).slice(0, typedMax + 1);
        return undefined;
      };
      const hear = (chunk: Buffer | string): void => {
        const text = typeof chunk === 'string' ? chunk : decoder.write(chunk);
        for (const { 0: token, index } of text.matchAll(tokens)) {
          const given = take(token);
          if (given === undefined) continue;
          // What was typed ahead is for the room. While data flows, it would come back here.
          const rest = text.slice(index + token.length);
          stop();
          if (rest !== '') input.unshift(Buffer.from(rest));
          return resolve(given);
        }
      };
      stop = () => {
        input.pause();
        input.off('data', hear).off('end', away).off('error', away);
        process.off('SIGHUP', away);
      };
      input.on('data', hear).on('end', away).on('error', away);
      // Node gives the terminal back by itself on SIGINT and SIGTERM only.
      process.on('SIGHUP', away);
      output.write(question);
      input.resume();
    });
  } finally {
    stop();
    input.setRawMode(false);
    output.write('\n');
  }
}
