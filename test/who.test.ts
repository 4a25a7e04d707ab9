/** groupchat who, and two processes of one person. Real processes, on 127.0.0.1. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { faults } from './schema.ts';
import { Actor, at, chat, dist, freePort } from './plays/stage.ts';

const cli = `${dist}/cli.js`;

const who = (name: string, ...more: readonly string[]): Actor => new Actor(name, [cli, 'who', '--name', name, ...more]);

async function room(...more: readonly string[]) {
  const port = await freePort();
  const alice = chat('alice', port, ...more);
  await alice.shows(/^\* you started the room$/u);
  return { port, alice };
}

describe('groupchat who', () => {
  it('prints who is there, and not itself', async () => {
    const { port, alice } = await room();
    const bob = chat('bob', await freePort(), '--join', at(port));
    await bob.shows(/^\* you are in the room/u);
    const carol = who('carol', '--join', at(port));
    expect(await carol.ended).toBe(0);
    expect(carol.screen).toEqual(['alice (coordinator, founder)', 'bob']);
    expect(carol.complaints).toEqual([]);
    await alice.shows(/^\* carol left$/u);
  });

  it('tells it as one object', async () => {
    const { alice } = await room();
    // Also as somebody who is there already, and knows by what is kept where that is.
    const again = who('alice', '--json');
    expect(await again.ended).toBe(0);
    expect(again.screen).toHaveLength(1);
    const told = JSON.parse(again.screen[0] ?? '') as Record<string, unknown>;
    expect(faults(told)).toEqual([]);
    expect(told).toMatchObject({ v: 1, kind: 'who' });
    expect(told['members']).toMatchObject([{ name: 'alice', coordinator: true, founder: true, op: false }]);
    expect(told['members']).toHaveLength(1);
    await alice.shows(/^\* alice2 left$/u);
  });

  it('has the key of a private room that the same person has open', async () => {
    await room('--private');
    const again = who('alice');
    expect(await again.ended).toBe(0);
    expect(again.screen).toEqual(['alice (coordinator, founder)']);
  });

  it('founds no room', async () => {
    const nobody = at(await freePort());
    for (const more of [[], ['--join', nobody]]) {
      const { status, stdout, stderr } = run(['who', '--name', 'carol', ...more]);
      expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
      expect(stderr).toMatch(/^groupchat: nobody could be reached: .*\n$/u);
    }
    expect(run(['who']).status).toBe(2);
  });
});

describe('a second process of one person in one data folder', () => {
  it('begins no other room beside the one that is open', async () => {
    await room();
    const second = chat('alice', await freePort());
    expect(await second.ended).toBe(1);
    expect(second.screen).toEqual([]);
    expect(second.complaints).toEqual([
      expect.stringMatching(/^groupchat: .* is in use by process \d+: end that one first, or take another --name$/u),
    ]);
  });

  it('is told which name is free in the room that is open', async () => {
    const { port } = await room();
    const second = chat('alice', await freePort(), '--join', at(port));
    expect(await second.ended).toBe(4);
    expect(second.complaints.at(-1)).toBe(
      'groupchat: the name alice is taken in this room; alice2 is free: --name alice2',
    );
  });

  it('may be in another room, of which nothing is kept, and says so', async () => {
    await room();
    const port = await freePort();
    const bob = chat('bob', port);
    await bob.shows(/^\* you started the room$/u);
    const second = chat('alice', await freePort(), '--join', at(port));
    await second.shows(/^\* history is not kept any more \(.* is in use by process \d+/u);
    second.type('hello');
    await bob.shows(/^alice: hello$/u);
    second.finish();
    expect(await second.ended).toBe(0);
  });
});

function run(args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', input: '' });
  return { status, stdout, stderr };
}
