/** Which version this is. It stands beside the files that all others are bundled into, so its path holds there, too. */
import { readFileSync } from 'node:fs';

export function versionOf(): string {
  const file = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(file) as { readonly version: string }).version;
}
