/** A crew's own process (crew.ts). */
import { join } from 'node:path';
import { Peer } from '../../src/index.ts';
import type { Order } from '../crew.ts';

interface Hand {
  readonly peer: Peer;
  readonly texts: Set<string>;
}

const hands: Hand[] = [];
let doubled = 0;
let look = (): void => {};

async function enter({ kind: _kind, advertise, ...options }: Extract<Order, { kind: 'enter' }>): Promise<number> {
  const peer = new Peer({ ...options, advertise: [advertise] });
  const texts = new Set<string>();
  peer.on('line', ({ line }) => {
    if (texts.has(line.text)) doubled++;
    texts.add(line.text);
    look();
  });
  hands.push({ peer, texts });
  await peer.start();
  return hands.length;
}

function say(tag: string, lines: number): number {
  for (let line = 0; line < lines; line++) hands[line % hands.length]?.peer.send(`${tag} ${line}`);
  return lines;
}

function awaited(lines: number): Promise<number> {
  return new Promise((resolve) => {
    look = () => {
      if (hands.every(({ texts }) => texts.size >= lines)) resolve(lines);
    };
    look();
  });
}

async function exported(folder: string): Promise<number> {
  for (const { peer } of hands) await peer.export(join(folder, `${peer.name}.jsonl`));
  return hands.length;
}

function obey(order: Order): number | Promise<number> {
  switch (order.kind) {
    case 'enter':
      return enter(order);
    case 'say':
      return say(order.tag, order.lines);
    case 'await':
      return awaited(order.lines);
    case 'export':
      return exported(order.folder);
    case 'doubled':
      return doubled;
  }
}

process.on('disconnect', () => process.exit());
process.on('message', (order: Order) => {
  void Promise.resolve(obey(order)).then((answer) => process.send?.(answer));
});
