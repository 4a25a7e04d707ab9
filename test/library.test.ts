/** docs/library.md is right. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { Actor, at, chat, freePort } from './plays/stage.ts';

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');
const page = read('docs/library.md');
const all = (text: string, pattern: RegExp): string[] => Array.from(text.matchAll(pattern), ([, found = '']) => found);
/** What stands in the first column of the tables under a heading. */
const rowsOf = (title: string): string[] => {
  const [, after = ''] = page.split(`## ${title}\n`);
  const rows = all(after.split('\n## ')[0] ?? '', /^\| (.*?) \|/gmu).filter((row) => row.includes('`'));
  return rows.flatMap((row) => all(row, /`(\w[\w-]*)/gu));
};

it('lists every option', () => {
  const [, body = ''] = /^export interface PeerOptions \{\n([^]*?)^\}/mu.exec(read('src/options.ts')) ?? [];
  const options = all(body, /^ {2}readonly (\w+)/gmu);
  expect(options).toContain('dataDir');
  expect(rowsOf('Options').toSorted()).toEqual(options.toSorted());
});

it('lists every event', () => {
  const [, union = ''] = read('src/core/step.ts').split('export type Event =\n');
  const events = all(union.split('\nexport ')[0] ?? '', /^ {2}(?:\| \{ | {4})readonly kind: '([\w-]+)'/gmu);
  expect(events).toContain('healed');
  expect(rowsOf('Events').toSorted()).toEqual(events.toSorted());
});

it('lists all that a peer can be asked, and told', () => {
  const source = read('src/peer.ts');
  const [, body = ''] = source.split('export class Peer ');
  const members = all(body, /^ {2}(?:get |async )?(\w+)(?=\()/gmu).filter((name) => name !== 'constructor');
  const told = ['start', 'send', 'flushed', 'leave'];
  expect([...rowsOf('What it can be asked, and told'), ...told].toSorted()).toEqual([...new Set(members)].toSorted());
  for (const name of told) expect(page).toContain(`\`${name}(`);
});

it('has a bot that runs as it stands there', async () => {
  const [code = ''] = all(page, /```js\n([^]*?)```/gu);
  const port = await freePort();
  const alice = chat('alice', port);
  await alice.shows(/^\* you started the room/u);
  const clock = new Actor('clock', ['--input-type=module', '--eval', code.replace('10.0.0.5:6000', at(port))]);
  await alice.shows(/^\* clock joined/u);
  alice.type('!time');
  await alice.shows(/^clock: \d\d:\d\d:\d\d /u);
  alice.signal('SIGKILL');
  await clock.shows(/^clock coordinates now$/u);
  clock.signal('SIGINT');
  expect(await clock.ended).toBe(0);
});
