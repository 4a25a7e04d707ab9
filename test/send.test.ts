/** groupchat send: what has arrived when it ends, and what its exit code says of that. Real processes, on 127.0.0.1. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { Actor, at, chat, dist, freePort } from './plays/stage.ts';

const cli = `${dist}/cli.js`;

/** A room of alice and bob. */
async function room(...more: readonly string[]) {
  const port = await freePort();
  const alice = chat('alice', port, ...more);
  await alice.shows(/^\* you started the room$/u);
  const bob = chat('bob', await freePort(), '--join', at(port));
  await bob.shows(/^\* you are in the room/u);
  return { port, alice, bob };
}

const send = (port: number, ...args: readonly string[]): Actor =>
  new Actor('carol', [cli, 'send', '--name', 'carol', '--join', at(port), ...args]);

describe('groupchat send', () => {
  it.each(['sequenced', 'all'])('says a text, and ends when it has arrived: %s', async (wait) => {
    const { port, alice, bob } = await room();
    const carol = send(port, '--wait', wait, '/etc/motd', 'is', 'full');
    expect(await carol.ended).toBe(0);
    expect([carol.screen, carol.complaints]).toEqual([[], []]);
    if (wait === 'all') {
      // Whoever has printed it holds it: nothing is waited for here.
      alice.finish();
      bob.finish();
      await Promise.all([alice.ended, bob.ended]);
    }
    await alice.shows(/^carol: \/etc\/motd is full$/u);
    await bob.shows(/^carol: \/etc\/motd is full$/u);
    if (wait === 'sequenced') await alice.shows(/^\* carol left$/u);
  });

  it('says each line of its input', async () => {
    const { port, alice } = await room();
    for (const args of [['-'], []]) {
      const carol = send(port, ...args);
      const lines = Array.from({ length: 2000 }, (_, index) => `${args.length} line ${index}`);
      carol.type(...lines, '');
      carol.finish();
      expect(await carol.ended).toBe(0);
      const said = await alice.until('all lines', () => {
        const found = alice.screen.filter((line) => line.startsWith(`carol: ${args.length} `));
        return found.length === lines.length ? found : undefined;
      });
      expect(said).toEqual(lines.map((line) => `carol: ${line}`));
    }
  });

  it('leaves out what cannot be said, says which line that is, and ends with 1', async () => {
    const { port, alice } = await room();
    const input = Buffer.from('one\n\xff\xfe\ntwo\n\x07\nthree\n', 'latin1');
    const args = ['send', '--name', 'carol', '--join', at(port)];
    const { status, stderr } = run(args, input);
    expect(status).toBe(1);
    expect(stderr).toBe(
      'groupchat: line 2 was left out: it is not UTF-8\ngroupchat: line 4 was left out: a line has no control characters and nothing that turns the text around\n',
    );
    await alice.shows(/^carol: three$/u);
    expect(alice.screen.filter((line) => line.startsWith('carol: '))).toEqual([
      'carol: one',
      'carol: two',
      'carol: three',
    ]);
  });

  it('writes to one person, and nobody else', async () => {
    const { port, alice, bob } = await room();
    const carol = send(port, '--to', 'bob', '-');
    carol.type('psst', ...Array.from({ length: 300 }, (_, index) => `secret ${index}`));
    carol.finish();
    expect(await carol.ended).toBe(0);
    await bob.shows(/^\* carol to you: secret 299$/u);
    expect(alice.screen.join()).not.toMatch(/psst|secret/u);
  });

  it('ends with 4 where nobody is called so', async () => {
    const { port, alice } = await room();
    const carol = send(port, '--to', 'bbo', 'psst');
    expect(await carol.ended).toBe(4);
    expect(carol.complaints).toEqual([
      expect.stringMatching(/^groupchat: nobody here is known as bbo: groupchat who says who is here$/u),
    ]);
    await alice.shows(/^\* carol left$/u);
  });

  it('ends with 3 when it has not arrived in time', async () => {
    const { port, alice, bob } = await room('--silence', '60000');
    bob.signal('SIGSTOP');
    const all = send(port, '--wait', 'all', '--timeout', '3', 'hello');
    expect(await all.ended).toBe(3);
    expect(all.complaints).toEqual(['groupchat: the room has it, but not everybody in 3 seconds: bob lacks it']);
    await alice.shows(/^carol: hello$/u);
    bob.signal('SIGCONT');
    const slow = send(port, '--timeout', '2');
    slow.type('one');
    expect(await slow.ended).toBe(3);
    expect(slow.complaints).toEqual(['groupchat: the input did not come to its end in 2 seconds']);
  });

  it('ends with 3 when the person it is for is not there', async () => {
    const { port, alice, bob } = await room();
    bob.finish();
    await alice.shows(/^\* bob left$/u);
    const carol = send(port, '--timeout', '2', '--to', 'bob', 'psst');
    expect(await carol.ended).toBe(3);
    expect(carol.complaints).toEqual(['groupchat: 1 private message was not received in 2 seconds: bob is not here']);
  });

  it('ends with 3 when it is ended before that', async () => {
    const { port } = await room();
    const carol = send(port, '-');
    carol.type('one');
    const { alice } = { alice: chat('dave', await freePort(), '--join', at(port)) };
    await alice.shows(/^carol: one$/u);
    carol.signal('SIGTERM');
    expect(await carol.ended).toBe(3);
    expect(carol.complaints).toEqual(['groupchat: the input did not come to its end before this was ended']);
  });

  it('founds no room', async () => {
    const nobody = at(await freePort());
    for (const more of [[], ['--join', nobody]]) {
      const { status, stdout, stderr } = run(['send', '--name', 'carol', ...more, 'hello']);
      expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
      expect(stderr).toMatch(/^groupchat: nobody could be reached: .*\n$/u);
    }
  });

  it('gives up on a room that does not answer', async () => {
    const { port, alice } = await room();
    alice.signal('SIGSTOP');
    const carol = send(port, '--timeout', '0.5', 'hello');
    expect(await carol.ended).toBe(5);
    expect(carol.complaints).toEqual(['groupchat: no room was reached in 0.5 seconds']);
  });

  it('goes where the room is that the same person has open, and takes no private message from there', async () => {
    const { alice, bob } = await room();
    const again = new Actor('again', [cli, 'send', '--name', 'alice', 'from a script']);
    expect(await again.ended).toBe(0);
    expect(again.complaints).toEqual(['groupchat: the name alice is taken in this room: this is said as alice2']);
    await bob.shows(/^alice2: from a script$/u);
    bob.type('/msg alice psst');
    await alice.shows(/^\* bob to you: psst$/u);
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['--wiat', 'all', 'x'], /unknown option '--wiat' \(Did you mean --wait\?\)/u],
    ['a wrong wait', ['--wait', 'al', 'x'], /'al' is invalid: it takes sequenced or all$/mu],
    ['no time', ['--timeout', '0', 'x'], /a number of seconds above 0, at most 86400/u],
    ['a text of nothing', ['  '], /nothing|empty/u],
    ['no name', ['hello'], /a name is needed/u],
  ])('%s is wrong usage', (_, args, words) => {
    const name = args[0] === 'hello' ? [] : ['--name', 'carol'];
    const { status, stdout, stderr } = run(['send', ...name, ...args]);
    expect(stdout).toBe('');
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^groupchat: .*\n$/u);
    expect(status).toBe(args[0] === '  ' ? 1 : 2);
  });
});

function run(args: readonly string[], input: string | Buffer = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8', input });
  return { status, stdout, stderr };
}
