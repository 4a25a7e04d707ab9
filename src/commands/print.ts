/** What a command prints besides a face. */

/** @returns what prints a text, and a line break behind it; it resolves when that is written, or nobody reads any more */
export function printer(output: NodeJS.WritableStream): (text: string) => Promise<void> {
  // Whoever reads may have seen enough.
  output.on('error', () => {});
  return (text) => new Promise((resolve) => output.write(`${text}\n`, () => resolve()));
}
