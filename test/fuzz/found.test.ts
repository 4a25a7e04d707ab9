/** What the fuzzer has found, each with the input that showed it. */
import { describe, expect, it } from 'vitest';
import { parseAddress } from '../../src/core/address.ts';
import { completions } from '../../src/core/command.ts';
import { entryFrame, type Entry } from '../../src/core/entry.ts';
import { encodeFrame } from '../../src/core/frame.ts';
import { idOf, vouchFor } from '../../src/core/identity.ts';
import { replay } from '../../src/core/journal.ts';
import { limits } from '../../src/core/limits.ts';
import { emptySnapshot, Log } from '../../src/core/log.ts';
import { step } from '../../src/core/machine.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import { createState } from '../../src/core/setup.ts';
import { clean } from '../../src/face/screen.ts';
import { toyCrypto } from '../core/toy.ts';
import { Stage } from './core.ts';
import { named } from './fuzz.ts';

const room = 'aaaaaaaaaa';

describe('a line that was held', () => {
  it('with a number that nobody can have reached ends no process that coordinates', () => {
    const crypto = toyCrypto(7);
    const id = idOf(crypto, crypto.key, crypto.box);
    const member = {
      id,
      name: 'ann',
      addresses: ['10.0.0.1:6000'],
      joined: 1,
      key: crypto.key,
      box: crypto.box,
      vouch: vouchFor(crypto, 'ann'),
    };
    const reign: Entry = { kind: 'peers', epoch: 1, seq: 1, time: 0, count: 1, members: [member], lost: [] };
    const far: Entry = {
      kind: 'chat',
      epoch: 1,
      seq: 9,
      author: 'xxxxxxxxxx',
      n: 2 ** 32,
      time: 0,
      apart: true,
      text: 'far',
    };
    const { sender, type, body } = entryFrame(reign);
    const pieces = [
      encodeFrame('', 'SYSTEM', `journal:${JSON.stringify({ version: 2, room, id, name: 'ann', join: [] })}`),
      serverSays.snapshot(emptySnapshot, crypto),
      clientSays.held('', entryFrame(far)),
      encodeFrame(sender, type, body),
    ];
    const restored = replay([{ number: 1, pieces }], room, new Log(10));
    expect(restored?.held).toMatchObject([{ n: 2 ** 32 }]);
    const options = { pingMs: 250, silenceMs: 1000, backoffMs: 50, history: 10, keep: 10 };
    const recalled = restored && { room: restored, aliveAt: 1 };
    const state = createState({
      name: 'ann',
      addresses: ['10.0.0.1:6000'],
      options,
      seed: [1],
      crypto: toyCrypto(8),
      keeps: true,
      restored: recalled,
    });
    step(state, { kind: 'start', join: [], alone: true }, { ms: 1, wall: 1 });
    for (let ms = 1; ms < 2000; ms = Math.max(ms, state.due)) step(state, { kind: 'alarm' }, { ms, wall: ms });
    expect(state.phase.kind).toBe('coordinating');
    expect(state.log.authors.get('xxxxxxxxxx')).toBeUndefined();
  });
});

describe('a regroup', () => {
  it('ends once, though a call ends in the same moment that it waits for', () => {
    const script =
      'BgACBwAoMTkzYXYxcTAzbVNZU1RFTSAgICAxMCAgICAgICAgcG9uZwA6NCAwMA4CAAACAwCuICAgICAgICAgIFNZU1RFTSAgICAxNDQgICAgICAgd2VsY29tZTp7InJvb20iOiJoOTNjc2hnZ3A0Iiwia2VlcCI6NCwibGFzdCI6MCwicHJvb2YiOiJzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3NzcyJ9CwEABH7NwQ4EBQAEM7xuTgujwoEv';
    expect(() => named('core').check(Buffer.from(script, 'base64'))).not.toThrow();
  });
});

describe('one who is carried, and cannot be dialled', () => {
  it('stays where it is when its probe comes through to a room that names nobody', () => {
    const script =
      'CAIAAADEICAgICAgICAgIFNZU1RFTSAgICA2OCAgICAgICAgb3V0cHV0OnsiZXBvY2giOjEsInNlcSI6NSwidGltZSI6MCwibGVmdCI6IjE5M2F2MXEwM20iLCJ3aHkiOiJsZWZ0In0gICAgICAgICAgU1lTVEVNICAgIDY4ICAgICAgICBvdXRwdXQ6eyJlcG9jaCI6MSwic2VxIjo2LCJ0aW1lIjowLCJsZWZ0IjoiMW1vemxsMzFyZyIsIndoeSI6ImxlZnQifQABACcgICAgICAgICAgU1lTVEVNICAgIDkgICAgICAgICBjb25uZWN0ZWQ=';
    expect(() => named('core').check(Buffer.from(script, 'base64'))).not.toThrow();
  });
});

describe('somebody who is started anew again and again', () => {
  it('fills no memory', () => {
    const stage = new Stage();
    stage.feed({ kind: 'start', join: [] });
    stage.pass(0);
    const first = toyCrypto(1000);
    for (let time = 0; time < limits.membersMax + 10; time++) {
      const crypto = toyCrypto(1000 + time, first.key);
      const { key, box } = crypto;
      const id = idOf(crypto, key, box);
      const member = { id, name: 'bob', addresses: ['10.0.0.2:6000'], key, box, vouch: vouchFor(crypto, 'bob') };
      const link = stage.accept();
      stage.admit(link, { crypto, id, member });
      stage.end('closed', link);
      // It is called, and its port refuses.
      for (const one of stage.links.filter((dialled) => dialled < 0)) stage.end('failed', one);
    }
    const { phase, log } = stage.state;
    expect(log.view.count).toBe(limits.membersMax + 11);
    expect(phase.kind === 'coordinating' && phase.former.size).toBe(limits.membersMax);
  });
});

describe('what a person sees and types', () => {
  it('is clean after one cleaning', () => {
    const text = 'ب\u0300\u0301\u0302\u0303\u0304\u0305\u0610\u200cب';
    expect(clean(text)).toBe('ب\u0300\u0301\u0302\u0303\u0304\u0305ب');
    expect(clean(clean(text))).toBe(clean(text));
  });

  it('is completed in no more time than reading it takes', () => {
    // Where each letter was looked at once for each before it, this took half an hour.
    expect(completions(`${'a'.repeat(1_000_000)} b`, ['bob'])).toEqual(['bob ']);
  });

  it('is no address when it could not be written again', () => {
    expect(parseAddress('[fe01%en0]:1')).toBeUndefined();
    expect(parseAddress('[fe80::1%en0]:1')).toEqual({ host: 'fe80::1%en0', port: 1 });
  });
});
