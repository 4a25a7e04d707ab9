/** Whatever comes over a link, the parsers know what to do with it. */
import { emptySnapshot } from '../../src/core/log.ts';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { entryFrame } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { clientSays, parseClient, parseServer, serverSays } from '../../src/core/message.ts';
import { personOf } from '../../src/core/view.ts';
import * as arbitrary from './arbitrary.ts';
import { authOf, snapshot, welcome } from './solo.ts';
import { ann, bob, codeOf, frameOf, framesIn, line, reign } from './table.ts';

const id = 'kyhfm2bvz0';
const view = { epoch: 2, count: 4, members: [ann, bob] };
const authors = new Map([['ann', 3]]);
const ranges = new Map([['ann', { from: 2, base: 'b'.repeat(43), lines: [] }]]);
const cover = { from: 1, signature: 's'.repeat(86) };

const real = [
  serverSays.coordinator(['10.0.0.1:6000', '[::1]:6000']),
  serverSays.electing(20),
  serverSays.challenge('c'.repeat(22)),
  welcome({ room: 't5qh03mg7n', keep: 5, last: 6 }),
  serverSays.refused({ code: 'name-taken', message: 'taken', free: 'bob2' }),
  snapshot({ ...emptySnapshot, seq: 7, view, authors, ranges, lineage: [{ epoch: 1, coordinator: 'ann', first: 1 }] }),
  clientSays.auth(id, authOf(id, { room: 't5qh03mg7n', coordinates: ['ann'] })),
  clientSays.pong(id, 41),
  clientSays.held(id, entryFrame(line('ann', 1, 1, { apart: true, by: personOf(ann), cover }))),
  clientSays.held(id, entryFrame(reign(1, 1, [ann, bob]))),
  encodeFrame('', 'SYSTEM', entryFrame(reign(1, 1, [ann, bob])).body),
  encodeFrame('ann', 'CHAT', entryFrame(line('ann', 1, 1)).body),
  encodeFrame('ann', 'CHAT', entryFrame(line('ann', 1, 1, { what: 'seal', cover, text: '' })).body),
].flatMap((bytes) => framesIn(bytes).map(({ body }) => body));

it('is parsed, or is a breach: there is no other exception', () => {
  let parsed = 0;
  fc.assert(
    fc.property(arbitrary.nearly(real), fc.constantFrom('', id), fc.boolean(), (body, sender, chat) => {
      const frame = frameOf(sender, chat ? 'CHAT' : 'SYSTEM', body);
      // codeOf lets every exception through that is no ProtocolError.
      if (codeOf(() => parseServer(frame)) === undefined) parsed++;
      if (codeOf(() => parseClient(frame)) === undefined) parsed++;
    }),
    { numRuns: 4000 },
  );
  expect(parsed).toBeGreaterThan(40); // what is drawn is near enough to the real thing
});
