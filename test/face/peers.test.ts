/** What /peers and /add answer. */
import { describe, expect, it } from 'vitest';
import type { KnownPlace } from '../../src/core/places.ts';
import { addLine, peersLines, type Surroundings } from '../../src/face/peers.ts';
import { somebody } from '../core/solo.ts';

const alice = somebody('alice00000', 'alice', 1);
const peer = (places: readonly KnownPlace[], id = 'alice00000'): Surroundings => ({
  id,
  coordinator: alice,
  peers: () => Promise.resolve(places),
  add: () => Promise.resolve(places[0] as KnownPlace),
});

describe('/peers', () => {
  it('shows each place, whence it is known, and whether it can be reached', async () => {
    const places: KnownPlace[] = [
      { addresses: ['10.0.0.5:6000', '[::1]:6000'], whence: 'member', name: 'al\u001bice', fault: undefined },
      { addresses: ['10.0.0.6:6000'], whence: 'lost', name: 'bob', fault: 'does not answer' },
      { addresses: ['10.0.0.7:6000'], whence: 'beacon', fault: undefined },
      { addresses: ['127.0.0.1:6001'], whence: 'added', fault: 'refuses: nobody listens there' },
      { addresses: ['10.0.0.8:6000'], whence: 'kept', fault: 'has another key' },
    ];
    expect(await peersLines(peer(places))).toEqual([
      '5 other places known, 2 reachable:',
      '  10.0.0.5:6000  [::1]:6000  (alice, member)  reachable',
      '  10.0.0.6:6000  (bob, was here)  does not answer',
      '  10.0.0.7:6000  (heard on this network)  reachable',
      '  127.0.0.1:6001  (added, on this machine)  refuses: nobody listens there',
      '  10.0.0.8:6000  (given before)  has another key',
    ]);
  });

  it('says what to do when none is known', async () => {
    expect(await peersLines(peer([]))).toEqual([expect.stringContaining('/add host:port')]);
  });
});

describe('/add', () => {
  const there = ['10.0.0.7:6000'];
  it.each<[string | undefined, string, string]>([
    [undefined, 'alice00000', '10.0.0.7:6000 answers, and is tried from now on'],
    ['does not answer', 'alice00000', '10.0.0.7:6000 does not answer; it is tried again and again, for a day'],
    [
      undefined,
      'bob0000000',
      '10.0.0.7:6000 answers; alice coordinates, so type /add there, too, if a part of this room is missing',
    ],
  ])('%s, for %s', async (fault, id, line) => {
    expect(await addLine(peer([{ addresses: there, whence: 'added', fault }], id), there[0] as string)).toBe(line);
  });
});
