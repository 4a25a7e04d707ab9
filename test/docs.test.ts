/** What the documents say is what the program does. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { statement } from '../src/core/identity.ts';
import { createCrypto } from '../src/io/crypto.ts';
import { Identity } from '../src/io/identity.ts';
import { dialogue } from './sim/dialogue.ts';
import { Sealer, vectors } from './sim/vectors.ts';

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

  it('says how the program seals: what one has sealed, the other opens', () => {
    const [plain, about] = [Buffer.from('the key is under the mat'), statement('private', 'sjb4fc80sm', 'a', 'b')];
    const sealer = new Sealer(96);
    // A box is made at random: some are lower than the other one, some are not.
    for (let time = 0; time < 16; time++) {
      const crypto = createCrypto(Identity.temporary());
      expect(sealer.open(crypto.box, crypto.seal(sealer.box, plain, about), about)).toEqual(plain);
      const sealed = sealer.seal(crypto.box, plain, about, Buffer.alloc(12, time));
      expect(Buffer.from(crypto.open(sealer.box, sealed, about) ?? [])).toEqual(plain);
    }
  });
});
