/** The terminal face in tmux, which is a real terminal: the narrowest and a wide one. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { at, chat, dist, freePort } from '../plays/stage.ts';

const found = spawnSync('tmux', ['-V']).status === 0;
let servers = 0;

class Tmux {
  readonly #server = `groupchat-${process.pid}-${servers++}`;
  readonly #env: NodeJS.ProcessEnv;

  constructor(columns: number, program: readonly string[]) {
    // Its own server, with nobody's settings; what runs in it has this environment.
    const { TMUX: _, CI: __, ...env } = process.env;
    this.#env = { ...env, LC_ALL: 'C.UTF-8', TZ: 'UTC' };
    onTestFinished(() => void this.run('kill-server'));
    const size = ['-x', String(columns), '-y', '24'];
    this.run('-f', '/dev/null', 'new-session', '-d', ...size, program.map((word) => `'${word}'`).join(' '));
  }

  run(...args: readonly string[]): string {
    return spawnSync('tmux', ['-u', '-L', this.#server, ...args], { encoding: 'utf8', env: this.#env }).stdout;
  }

  /** What is seen, and what has scrolled up. */
  get rows(): string[] {
    return this.run('capture-pane', '-p', '-S', '-').trimEnd().split('\n');
  }

  until(wanted: (rows: string[]) => boolean): Promise<void> {
    return expect.poll(() => wanted(this.rows) || this.rows.join('\n'), { timeout: 60_000 }).toBe(true);
  }
}

describe.skipIf(!found).each([20, 200])('in tmux, %d columns', (columns) => {
  it('the typed line survives what arrives, a resize and a paste', async () => {
    const port = await freePort();
    const alice = chat('alice', port);
    await alice.shows(/^\* you started the room$/u);
    const listen = at(await freePort());
    const program = [process.execPath, `${dist}/cli.js`, '--name', 'bob', '--listen', listen, '--join', at(port)];
    const tmux = new Tmux(columns, program);
    await tmux.until((rows) => rows.at(-1) === 'bob›');
    tmux.run('send-keys', '-l', 'what I');
    await tmux.until((rows) => rows.at(-1) === 'bob› what I');
    for (let line = 1; line <= 30; line++) alice.type(`line ${line} 世界 👍🏽 and some more words`);
    await tmux.until((rows) => rows.some((row) => row.includes('line 30')) && rows.at(-1) === 'bob› what I');
    // Each row that begins at the left edge begins with a time, as a line does; and each line is there once.
    const said = tmux.rows.slice(
      tmux.rows.findIndex((row) => /line 1\b/u.test(row)),
      -1,
    );
    for (const row of said) expect(row).toMatch(/^(?:\d\d:\d\d alice| {2})/u);
    expect(said.filter((row) => /line \d+/u.test(row))).toHaveLength(30);
    tmux.run('resize-window', '-x', String(columns + 10));
    tmux.run('set-buffer', ' am\n  typing\n');
    tmux.run('paste-buffer', '-p');
    await tmux.until((rows) => rows.join('').endsWith('bob› what I am↵  typing'));
    tmux.run('send-keys', '-l', '!');
    await tmux.until((rows) => rows.join('').endsWith('bob› what I am↵  typing!'));
    tmux.run('send-keys', 'Enter');
    await alice.shows(/^bob: what I am↵ {2}typing!$/u);
    await tmux.until((rows) => rows.at(-1) === 'bob›');
    tmux.run('send-keys', 'C-c');
    await alice.shows(/^\* bob left$/u);
  });
});
