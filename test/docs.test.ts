/** What the documents say is what the program does. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { dialogue } from './sim/dialogue.ts';
import { vectors } from './sim/vectors.ts';

const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8');

describe('docs/protocol.md', () => {
  it('shows the dialogue that really takes place', async () => {
    const text = await read('../docs/protocol.md');
    const shown = /<!-- dialogue -->\n```\n([\s\S]*?)\n```/.exec(text)?.[1];
    expect(shown?.split('\n')).toEqual(dialogue());
  });

  it('shows the keys and signatures that follow from known bytes', async () => {
    const text = await read('../docs/protocol.md');
    const shown = text.split('<!-- vectors -->')[1]?.matchAll(/^\| `([a-z ]+)` \| `([\w.-]+)` \|$/gm) ?? [];
    expect(Array.from(shown, ([, name, value]) => [name, value])).toEqual(vectors());
  });
});
