/**
 * What is real: the bytes of a small room that has seen everything. Three peers found it, join it, talk, lose their
 * coordinator, part and meet again, carry each other, restart, and leave; what they say and keep is written down here.
 */
import { Decoder, encodeFrame } from '../../src/core/frame.ts';
import { step } from '../../src/core/machine.ts';
import { clientSays, serverSays } from '../../src/core/message.ts';
import { createState } from '../../src/core/setup.ts';
import type { Effect } from '../../src/core/step.ts';
import type { Host } from '../sim/host.ts';
import { World, type Core } from '../sim/world.ts';

/** A file of a journal: whole pieces, as they were kept. */
export interface Kept {
  readonly room: string;
  readonly pieces: Uint8Array[];
}

export interface Recording {
  /** Every frame that is unlike those before it, as it travels. */
  readonly frames: readonly Uint8Array[];
  /** The files of each peer's journal, in order. */
  readonly journals: readonly (readonly Kept[])[];
}

/** At most so many frames of one kind are kept: the room pings all the time. */
const alikeMax = 12;
const signature = 'x'.repeat(86);

/** Words that the room below has no need for, and lines of every mark. */
function rare(): Uint8Array[] {
  const offer = (body: string): Uint8Array => encodeFrame('cccccccccc', 'CHAT', body);
  const key = 'k'.repeat(43);
  return [
    serverSays.electing(20),
    serverSays.fetch(3),
    serverSays.coordinator(['10.0.0.1:6000', '[fd00::1]:6000', 'bob.lan:6000']),
    serverSays.refused({ code: 'name-taken', message: 'the name bob is taken; bob2 is free', free: 'bob2' }),
    serverSays.refused({ code: 'stay', message: 'stays', coordinates: ['aaaaaaaaaa', 'bbbbbbbbbb'], common: 7 }),
    serverSays.refused({ code: 'other-room', message: 'another', room: 'aaaaaaaaaa' }),
    clientSays.through('cccccccccc'),
    clientSays.pong('cccccccccc', 5, 4),
    offer(`1 1000 - 1.${signature} signed`),
    offer(`2 1000 s 2.${signature} `),
    offer(`3 1000 m 3.${signature} an act`),
    offer('4 1000 zq - marks of another day'),
    encodeFrame('cccccccccc', 'CHAT', `1 9 4 1000 a:bob:${key}:${key} 2.${signature} said apart`),
    encodeFrame('', 'SYSTEM', `said:5 1000 - 5.${signature} kept`),
  ];
}

export function record(): Recording {
  const frames: Uint8Array[] = [];
  const seen = new Map<string, number>();
  const journals = new Map<string, Kept[]>();
  const note = (frame: Uint8Array): void => {
    const kind = Buffer.from(frame.subarray(10, 40)).toString('latin1').replaceAll(/\d+/g, '');
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    if (count <= alikeMax) frames.push(frame);
  };
  const write = (name: string, effect: Effect): void => {
    if (effect.kind === 'send') {
      const decoder = new Decoder();
      decoder.push(effect.bytes);
      for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
        note(encodeFrame(frame.sender, frame.type, frame.body));
      }
      return;
    }
    const files = journals.get(name) ?? [];
    journals.set(name, files);
    if (effect.kind === 'roll') files.push({ room: effect.room, pieces: [effect.bytes] });
    else if (effect.kind === 'keep') files.at(-1)?.pieces.push(effect.bytes);
  };
  const core: Core = {
    createState,
    step: (state, input, now) => {
      const effects = step(state, input, now);
      for (const effect of effects) write(state.self.name, effect);
      return effects;
    },
  };
  const world = new World(core, 11, { latency: [0.2, 0.3], pieces: 1, window: 1e6 });
  const pass = (ms: number): void => world.runUntil(world.now + ms);
  const say = (host: Host, ...texts: readonly string[]): void => {
    for (const text of texts) world.say(host, text);
    pass(300);
  };
  const ann = world.start('ann', []);
  say(ann, 'hello?');
  const bob = world.start('bob', [ann.address]);
  pass(50);
  const cat = world.start('cat', [bob.address]);
  pass(50);
  const dan = world.start('dan', [cat.address], { addressed: false });
  pass(50);
  say(bob, 'hi all', 'ünïcödé \u{1f468}\u200d\u{1f469}', 'a third');
  say(dan, 'no server here');
  for (const [one, other] of [
    [ann, bob],
    [ann, dan],
    [cat, bob],
    [cat, dan],
  ] as const) {
    world.cut(one, other);
    world.cut(other, one);
  }
  say(bob, 'said apart');
  pass(3000);
  say(ann, 'said apart, too');
  world.healAll();
  pass(8000);
  world.kill(ann);
  say(cat, 'still here?');
  pass(3000);
  world.again(ann);
  pass(3000);
  say(ann, 'back');
  world.feed(cat, { kind: 'leave' });
  pass(1000);
  world.feed(bob, { kind: 'leave' });
  pass(2000);
  return { frames: [...frames, ...rare()], journals: [...journals.values()].filter((files) => files.length > 0) };
}
