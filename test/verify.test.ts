/** groupchat verify: what it answers, and how it ends. Real processes. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Author, Gathering } from './core/gathering.ts';
import { chat, dist, freePort } from './plays/stage.ts';

const folder = mkdtempSync(join(tmpdir(), 'groupchat-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function verify(args: readonly string[], input: string | Buffer = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`${dist}/cli.js`, 'verify', ...args], {
    encoding: 'utf8',
    input,
  });
  return { status, stdout, stderr };
}

const ann = new Author('ann');
const gathering = new Gathering();
gathering.enter(ann);
const text = `${gathering
  .say(ann, ann.burst(['one', 'two']))
  .export()
  .join('\n')}\n`;
const file = join(folder, 'room.jsonl');
writeFileSync(file, text);

describe('groupchat verify', () => {
  it('says who said how much, and that nothing is wrong', () => {
    const { status, stdout, stderr } = verify([file]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(
      /^room abcdefghij, entries 1 to 3: 2 lines, all of them proven\n {2}ann {2}(\w{4} ){8} 2 lines, all proven\nnothing is wrong\n/u,
    );
  });

  it('proves what a peer has exported', async () => {
    const alice = chat('alice', await freePort());
    await alice.shows(/you started the room/u);
    const exported = join(folder, 'alice.jsonl');
    alice.type('hello');
    await alice.shows(/^alice: hello$/u);
    alice.type(`/export --signed ${exported}`);
    await alice.shows(/^\* 1 line was written to .*: groupchat verify checks it$/u);
    alice.finish();
    expect(await alice.ended).toBe(0);
    const { status, stdout } = verify([exported]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^ {2}alice {2}(\w{4} ){8} 1 line, all proven$/mu);
  });

  it('reads its input, and tells each fault in a line', () => {
    const { status, stdout } = verify(['-'], text.replace('two', 'three'));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^lines 4 to 5: changed or forged: .*ann.*$/mu);
  });

  it('says it as one JSON object', () => {
    const { status, stdout } = verify(['--json', '-'], text);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, room: 'abcdefghij', lines: 2, signed: 2, faults: [] });
    expect(JSON.parse(verify(['-', '--json'], 'junk\n').stdout)).toMatchObject({
      ok: false,
      faults: [{ kind: 'unread', place: 1 }],
    });
  });

  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['binary junk', Buffer.from([0, 255, 10, 254, 10])],
    ['depth', `${'['.repeat(100_000)}\n`],
    ['a transcript of the other kind', '{"kind":"line","epoch":1,"seq":2,"time":3}\n'],
  ])('of %s says one line and ends with 1', (_, input) => {
    const { status, stdout, stderr } = verify(['-'], input);
    expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
    expect(stdout).toMatch(/^line 1: the rest was not read: .*\n$/u);
  });

  it.each<[string, string[], RegExp]>([
    ['no file', [], /missing required argument 'file'/u],
    ['two files', [file, file], /too many arguments/u],
    ['an unknown option', ['--jsno', file], /unknown option '--jsno'/u],
    ['a file that is not there', [join(folder, 'nothing')], /there is no such file/u],
    ['a folder', [folder], /neither a file nor a pipe/u],
    ...(process.platform === 'win32'
      ? []
      : [['a device', ['/dev/zero'], /neither a file nor a pipe/u] as [string, string[], RegExp]]),
  ])('%s is wrong usage', (_, args, words) => {
    const { status, stdout, stderr } = verify(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(words);
    expect(stderr).toMatch(/^groupchat: .*\n$/u);
  });

  it.runIf(process.platform !== 'win32')('of an input without end is at an end with its first line', () => {
    const zero = openSync('/dev/zero', 'r');
    const { status, stdout } = spawnSync(process.execPath, [`${dist}/cli.js`, 'verify', '-'], {
      encoding: 'utf8',
      stdio: [zero, 'pipe', 'pipe'],
    });
    closeSync(zero);
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: 'line 1: the rest was not read: it has more than 131072 bytes\n',
    });
  });
});
