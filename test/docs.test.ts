/** What the documents say is what the program does. */
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path/posix';
import { describe, expect, it } from 'vitest';
import { reference } from '../scripts/cli.mjs';
import { man } from '../scripts/man.mjs';
import { encodeBeacon } from '../src/core/beacon.ts';
import { statement } from '../src/core/identity.ts';
import { limits } from '../src/core/limits.ts';
import { createCrypto } from '../src/io/crypto.ts';
import { Identity } from '../src/io/identity.ts';
import { exits } from '../src/exits.ts';
import { program } from '../src/program.ts';
import { Tag } from '../src/io/tag.ts';
import { dialogue } from './sim/dialogue.ts';
import { kinds } from './schema.ts';
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

describe('section 17 of docs/protocol.md', () => {
  it('says how the program makes a beacon', async () => {
    const [, shown = ''] = /^\| `beacon` \| `([0-9a-f]{88})` \|$/m.exec(await read('../docs/protocol.md')) ?? [];
    const { id, room } = Object.fromEntries(vectors());
    const tag = Tag.of('open', room as string);
    const beacon = encodeBeacon({
      kind: 'open',
      does: 'here',
      port: 6000,
      nextMs: limits.beaconMs,
      token: '0001020304050607',
      mark: tag.mark(1, 1, id as string),
    });
    expect(Buffer.from(tag.prove(beacon, '10.0.0.5')).toString('hex')).toBe(shown);
  });
});

describe('docs/architecture.md', () => {
  it('puts every file on one floor, above or beside all that it imports', async () => {
    const floors = floorsIn(await read('../docs/architecture.md'));
    const files = (await readdir(new URL('../src', import.meta.url), { recursive: true })).filter((file) =>
      file.endsWith('.ts'),
    );
    expect([...floors.keys()].toSorted()).toEqual(files.filter((file) => !file.startsWith('face/')).toSorted());
    const floorOf = (file: string): number => floors.get(file) ?? 8;
    for (const file of files) {
      const text = await read(`../src/${file}`);
      const imported = Array.from(text.matchAll(/ from '(\.[^']+)'/g), ([, path = '']) => join(file, '..', path));
      const above = imported.filter((other) => floorOf(other) > floorOf(file));
      expect(above, `what ${file} imports from above`).toEqual([]);
    }
  });
});

describe('what is made of the tree of commands', () => {
  it.each([
    ['man/groupchat.1', man],
    ['docs/cli.md', reference],
  ])('%s is what the program says of itself', async (file, made) => {
    expect(await read(`../${file}`)).toBe(made(program(() => {})));
  });

  it('leaves nothing out', () => {
    const root = program(() => {});
    for (const text of [man(root).replaceAll('\\-', '-'), reference(root).replaceAll('&lt;', '<')]) {
      for (const command of [root, ...root.commands]) {
        expect(text).toContain(command.description());
        for (const { long, envVar = '' } of command.options) {
          expect(text).toContain(long);
          expect(text).toContain(envVar);
        }
      }
      for (const code of Object.values(exits))
        expect(text).toMatch(new RegExp(`^(\\| |\\\\fB)${code}( \\||\\\\fR$)`, 'm'));
    }
  });

  it.runIf(spawnSync('groff', ['--version']).status === 0)(
    'is a page that groff reads without a complaint',
    async () => {
      const { stdout, stderr } = spawnSync('groff', ['-man', '-ww', '-z', '-Kutf8'], {
        encoding: 'utf8',
        input: await read('../man/groupchat.1'),
      });
      expect({ stdout, stderr }).toEqual({ stdout: '', stderr: '' });
    },
  );
});

describe('docs/json.md', () => {
  it('has the kinds of the schema, each with its properties', async () => {
    const [, text = ''] = (await read('../docs/json.md')).split('\n## tail\n');
    const rows = Array.from(text.matchAll(/^\| `((?!kind`)\w+)` \|[^|]+\| (.*) \|$/gm), ([, kind = '', row = '']) => ({
      kind,
      row,
    }));
    expect(rows.length).toBeGreaterThan(10);
    expect(new Set([...rows.map(({ kind }) => kind), 'who'])).toEqual(new Set(kinds.keys()));
    for (const { kind, row } of rows) {
      const particular = (kinds.get(kind) ?? []).filter((name) => !['v', 'kind', 'time'].includes(name));
      for (const name of particular) expect(row, `${kind}: ${name}`).toContain(`\`${name}\``);
    }
  });
});

describe('docs/testing.md', () => {
  it('lists the seeds that are kept', async () => {
    const rows = (text: string, row: RegExp): string[] =>
      Array.from(text.matchAll(row), ([, seed = '', wrong = '']) => `${Number(seed.replaceAll('_', ''))} ${wrong}`);
    const kept = rows(await read('./sim/sim.test.ts'), /^ {2}\[([\d_]+), '(.*)'\],$/gm);
    const [, listed = ''] = (await read('../docs/testing.md')).split('<!-- seeds -->');
    expect(kept.length).toBeGreaterThan(0);
    expect(rows(listed.split('\n\n')[0] ?? '', /^\| (\d+) \| (.*) \|$/gm)).toEqual(kept);
  });
});

/** Each file of the table but for the faces, and its floor. */
function floorsIn(text: string): Map<string, number> {
  const floors = new Map<string, number>();
  let floor = -1;
  for (const row of text.split('\n')) {
    const [, title = '', names = ''] = row.split('|');
    if (/^ \d/.test(title)) floor = Number.parseInt(title, 10);
    const folder = floor < 6 ? 'core/' : floor === 6 ? 'io/' : '';
    for (const [, name = ''] of names.matchAll(/`([\w/]+)`/g)) {
      expect(floors.has(`${folder}${name}.ts`), `${name} stands there twice`).toBe(false);
      floors.set(`${folder}${name}.ts`, floor);
    }
  }
  return floors;
}
