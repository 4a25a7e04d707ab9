/** What a person sees who starts again: the room is there, and what was said meanwhile; what was not sent goes out. */
import { describe, it } from 'vitest';
import { perform } from './play.ts';

const plays = {
  'a member is killed, and comes back': `
    alice founds
    bob joins alice
    carol joins alice
    all say hello
    carol has kept it
    carol is killed
    alice and bob see carol is gone (process ended)
    alice and bob say while you were away
    carol starts again
    alice and bob see carol joined
    carol sees …away …, 2 messages
    the room is alice, bob, carol
    all say together again`,

  'the coordinator is killed, and comes back as a member': `
    alice founds
    bob joins alice
    carol joins alice
    all say hello
    alice has kept it
    alice is killed & bob and carol say at that very moment
    bob sees alice is gone (process ended); you coordinate
    alice starts again
    bob and carol see alice joined
    the room is bob, carol, alice
    all say together again`,

  'everybody is stopped, and one after the other comes back': `
    alice founds
    bob joins alice
    carol joins alice
    all say hello
    alice, bob and carol have kept it
    alice is killed & bob is killed & carol is killed
    bob starts again
    bob says is anybody there?
    carol starts again
    bob sees carol joined
    alice starts again
    bob and carol see alice joined
    the room is bob, carol, alice
    all say together again`,

  'everybody is stopped, and all come back at once': `
    alice founds
    bob joins alice
    carol joins alice
    all say hello
    alice, bob and carol have kept it
    alice is killed & bob is killed & carol is killed
    alice starts again & bob starts again & carol starts again
    all say together again`,

  'one comes back under the name of a room by joining it': `
    alice founds
    bob joins alice
    all say hello
    bob has kept it
    bob leaves
    alice says come back
    bob starts again joining alice
    alice sees bob joined
    all say together again`,
} as const;

describe('a restart', () => {
  it.each(Object.entries(plays))('%s', (_, play) => perform(play));
});
