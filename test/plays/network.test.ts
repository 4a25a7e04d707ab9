/** What a person sees when the network is to blame: a faulty proxy stands in front of some peers. */
import { describe, it } from 'vitest';
import { knowsDiallers } from './dialler.ts';
import { perform } from './play.ts';

const plays = {
  'every byte comes alone': `
    alice founds behind a proxy that drips
    bob joins alice behind a proxy that drips
    carol joins bob behind a proxy that drips
    all say hello
    alice leaves & bob and carol say at that very moment: ✓ é 語
    dave joins carol
    all say and on it goes
    the room is bob, carol, dave`,

  'the links of the coordinator are reset': `
    alice founds behind a proxy
    bob joins alice
    carol joins alice
    all say hello
    alice's network is cut & all say at that very moment
    bob and carol see the link was mended; alice coordinates
    the room is alice, bob, carol
    all say and on it goes`,

  'the coordinator is killed, and what stands before it still accepts': `
    alice founds behind a proxy
    bob joins alice
    carol joins alice
    all say hello
    alice is killed & all say at that very moment
    bob sees alice is gone (…); you coordinate
    the room is bob, carol
    all say and on it goes`,

  'the network of the coordinator falls silent, and comes back': `
    alice founds behind a proxy
    bob joins alice
    carol joins alice
    all say hello
    alice's network falls silent & bob and carol say at that very moment
    bob sees alice is gone (not answering); you coordinate
    carol sees …; bob coordinates
    all say and on it goes
    bob and carol see alice joined
    alice's network is back
    the room is bob, carol, alice
    all say together again`,

  'the coordinator is cut off, and gets back': `
    alice founds behind a proxy
    bob joins alice behind a proxy
    carol joins alice behind a proxy
    all say hello
    alice is cut off & all say at that very moment
    bob sees alice is gone (not answering); you coordinate
    alice sees bob is gone (not answering)
    alice sees carol is gone (not answering)
    all say while apart
    alice is back
    bob and carol see alice joined
    the room is bob, carol, alice
    all say together again`,

  'the room is cut in two, and healed': `
    alice founds behind a proxy
    bob joins alice behind a proxy
    carol joins alice behind a proxy
    dave joins alice behind a proxy
    erin joins alice behind a proxy
    all say hello
    alice and bob are cut off & all say at that very moment
    carol sees …alice …are gone; you coordinate
    alice sees erin is gone (…)
    all say while apart
    alice and bob are back
    carol, dave and erin see alice joined
    carol, dave and erin see bob joined
    all say together again
    frank joins bob`,
} as const;

describe('a faulty network', () => {
  for (const [name, play] of Object.entries(plays)) {
    it.skipIf(play.includes('cut off') && !knowsDiallers)(name, () => perform(play));
  }
});
