/** What a person sees when somebody goes, over real sockets: the table of protocol.md, section 1. */
import { describe, it } from 'vitest';
import { perform } from './play.ts';

const plays = {
  'the coordinator is killed': `
    alice founds
    bob joins alice
    carol joins alice
    dave joins alice
    all say hello
    alice is killed & all say at that very moment
    bob sees alice is gone (process ended); you coordinate (healed in …, nothing lost
    carol and dave see alice is gone (process ended); bob coordinates (healed in …, nothing lost
    the room is bob, carol, dave
    all say and on it goes`,

  'the coordinator and its successor are killed together': `
    alice founds
    bob joins alice
    carol joins alice
    dave joins alice
    erin joins alice
    all say hello
    alice and bob are killed & all say at that very moment
    carol sees alice (process ended) and bob (process ended) are gone; you coordinate
    dave and erin see alice (process ended) and bob (process ended) are gone; carol coordinates
    the room is carol, dave, erin
    all say and on it goes`,

  'each coordinator in turn is killed': `
    alice founds
    bob joins alice
    carol joins bob
    dave joins carol
    alice is killed & all say one
    bob is killed & all say two
    carol is killed & all say three
    dave sees carol is gone (process ended); you coordinate
    the room is dave
    erin joins dave
    all say four`,

  'the coordinator hangs, and wakes': `
    alice founds
    bob joins alice
    carol joins alice
    all say hello
    alice hangs & all say at that very moment & alice says from a dream
    bob sees alice is gone (not answering); you coordinate
    carol sees alice is gone (not answering); bob coordinates
    all say meanwhile
    alice wakes
    bob and carol see alice joined
    the room is bob, carol, alice
    all say together again`,

  'the coordinator is killed, and its successor hangs': `
    alice founds
    bob joins alice
    carol joins alice
    dave joins alice
    all say hello
    alice is killed & bob hangs & all say at that very moment & bob says from a dream
    carol sees alice (process ended) and bob (not answering) are gone; you coordinate
    dave sees alice (process ended) and bob (not answering) are gone; carol coordinates
    bob wakes
    carol and dave see bob joined
    the room is carol, dave, bob
    all say together again`,

  'a member hangs, and wakes': `
    alice founds
    bob joins alice
    carol joins alice
    all say hello
    bob hangs & all say at that very moment & bob says from a dream
    alice and carol see bob is gone (not answering)
    all say meanwhile
    bob wakes
    the room is alice, carol, bob
    all say together again`,

  'the coordinator leaves': `
    alice founds
    bob joins alice
    carol joins alice
    all say hello
    alice leaves & bob and carol say at that very moment
    bob sees alice left and handed over; you coordinate now
    carol sees alice left and handed over; bob coordinates now
    the room is bob, carol
    all say and on it goes`,

  'the coordinator says its last words and leaves': `
    alice founds
    bob joins alice
    carol joins alice
    alice says goodbye & alice is done & bob and carol say at that very moment
    the room is bob, carol`,

  'a member is killed, another one leaves': `
    alice founds
    bob joins alice
    carol joins alice
    dave joins alice
    carol is killed & all say at that very moment
    all see carol is gone (process ended)
    dave says goodbye & dave is done
    alice and bob see dave left
    the room is alice, bob
    all say and on it goes`,

  'joins and leaves during a failover': `
    alice founds
    bob joins alice
    carol joins alice
    dave joins alice
    alice is killed & all say at that very moment & erin joins bob & frank joins carol & dave is done
    all say and on it goes`,
} as const;

describe('failover', () => {
  it.each(Object.entries(plays))('%s', (_, play) => perform(play));
});
