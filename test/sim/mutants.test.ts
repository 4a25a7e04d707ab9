/**
 * Broken on purpose: each checker is shown to fail against a core with the one rule removed that it guards.
 * A mutant is a copy of src/core in which a piece of text, found exactly once, is replaced.
 */
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { play } from './scenario.ts';
import type { Core } from './world.ts';

interface Mutant {
  /** The rule that is taken out. */
  readonly rule: string;
  /** How a complaint of the checker that guards it begins. */
  readonly checker: string;
  readonly edits: readonly (readonly [file: string, find: string, replace: string])[];
}

const mutants: readonly Mutant[] = [
  {
    rule: 'what has no echo is offered again on a new link',
    checker: 'lost',
    edits: [['delivery.ts', 'this.#pendingSent = 0;\n    return again;', 'return again;']],
  },
  {
    rule: 'what a rebase cuts off is offered again',
    checker: 'lost',
    edits: [['room.ts', 'delivery.hold(lines.map(', 'void (lines.map(']],
  },
  {
    rule: 'a double is not sequenced, and not shown',
    checker: 'doubled',
    edits: [
      ['coordinator.ts', 'if (n === expected) sequence', 'if (n <= expected) sequence'],
      ['log.ts', 'if (entry.n <= before) outOfOrder(', 'if (entry.n < 0) outOfOrder('],
      ['delivery.ts', 'const show = n > (this.#shown.get(author) ?? 0);', 'const show = true;'],
    ],
  },
  {
    rule: "an author's lines are sequenced in the order of their numbers",
    checker: 'out of order',
    edits: [
      ['coordinator.ts', 'body } of own) {', 'body } of own.toReversed()) {'],
      ['log.ts', 'if (entry.n <= before) outOfOrder(', 'if (entry.n < 0) outOfOrder('],
      ['delivery.ts', 'const show = n > (this.#shown.get(author) ?? 0);', 'const show = true;'],
    ],
  },
  {
    rule: 'the longest log is the room',
    checker: 'disorder',
    edits: [['regroup.ts', 'if (best === undefined || ms >= regrouping.fetchedBy) return', 'if (true) return']],
  },
  {
    rule: 'a place is given once',
    checker: 'disagreement',
    edits: [
      ['coordinator.ts', 'send(state, link, slice.bytes);', 'send(state, link, garble(slice.bytes, peer));'],
      [
        'coordinator.ts',
        '// --- Relaying ---',
        `function garble(bytes: Uint8Array, peer: string): Uint8Array {
          const copy = bytes.slice();
          // One member is told another author for the line.
          if (peer < '8' && copy[10] === 0x43) copy[0] = copy[0] === 0x30 ? 0x31 : 0x30;
          return copy;
        }`,
      ],
    ],
  },
  {
    rule: 'an act counts if its author was allowed to',
    checker: 'unlawful',
    edits: [['rules.ts', 'if (!may(rules, act.key, ruling) || !isTrue', 'if (!isTrue']],
  },
  {
    rule: 'who leaves the room is not away',
    checker: 'noted',
    edits: [
      [
        'log.ts',
        "if (entry.kind === 'left' || entry.kind === 'peers') return notesIn",
        "if (entry.kind === 'peers') return notesIn",
      ],
    ],
  },
  {
    rule: 'of notes the last holds',
    checker: 'noted',
    edits: [
      [
        'notes.ts',
        'return bounded([...others, act]);',
        'return others.length < notes.length ? notes : bounded([...others, act]);',
      ],
    ],
  },
  {
    rule: 'whoever hands over stays',
    checker: 'deserted',
    edits: [['coordinator.ts', 'stays && to !== undefined ?', '!stays && to !== undefined ?']],
  },
  {
    rule: 'no two get one name',
    checker: 'namesakes',
    edits: [
      ['naming.ts', "if (free !== name) return { code: 'name-taken'", "if (name === '') return { code: 'name-taken'"],
    ],
  },
  {
    rule: 'a name is asked for again on a new link',
    checker: 'nameless',
    edits: [['naming.ts', 'if (wish.link === link.id) return;', 'if (wish.link !== null) return;']],
  },
  {
    rule: 'what stands beyond the common position is dropped',
    checker: 'un',
    edits: [
      ['member.ts', 'if (welcome.keep > 0) rebase(state, welcome.keep);', ''],
      ['log.ts', 'if (entry.seq !== this.last + 1) outOfOrder(', 'if (entry.seq < 0) outOfOrder('],
    ],
  },
  {
    rule: 'the lost are called until they are found',
    checker: 'unhealed',
    edits: [['healing.ts', 'if (ms < lost.callAt) continue;', 'lost.callAt = Infinity;\n    if (ms > 0) continue;']],
  },
  {
    rule: 'the earliest-joined is elected',
    checker: 'usurper',
    edits: [
      [
        'seeking.ts',
        'const elected = coordinatorOf(state.log.view, seeking.dead);',
        'const elected = state.log.view.members.findLast(({ id }) => !seeking.dead.has(id));',
      ],
      ['regroup.ts', '(member.joined > joined || member.addresses.length === 0)', 'true'],
    ],
  },
  {
    rule: 'a link that is gone is forgotten',
    checker: 'hoarding',
    edits: [['machine.ts', "case 'closed':\n      state.links.delete(link.id);", "case 'closed':"]],
  },
  {
    rule: 'a process has an id of its own',
    checker: 'lost',
    edits: [['identity.ts', "statement('id', key, box)", "statement('id', key)"]],
  },
  {
    rule: 'a pong says what is held, and no more',
    checker: 'offended',
    edits: [['member.ts', 'state.log.last, asked)', 'state.log.last + 1, asked)']],
  },
  {
    rule: 'a private message is shown once',
    checker: 'gossip',
    edits: [['letters.ts', 'this.#shown.set(`${shown.key} ${text(shown)}`, shown);', '']],
  },
  {
    rule: 'a private message is sent again',
    checker: 'whispered',
    edits: [
      ['letters.ts', 'mail.at = ms + Math.min(', 'mail.at = Infinity * Math.min('],
      ['letters.ts', 'if (to === undefined || to === key) Object', 'if (mail.sent === 0) Object'],
    ],
  },
  {
    rule: 'a private message is taken when none before it is missing',
    checker: 'gossip',
    edits: [['letters.ts', '|| (after !== undefined && !this.has(key, after))', '']],
  },
  {
    rule: 'a burst ends with a seal',
    checker: 'slandered',
    edits: [['delivery.ts', 'const waits = this.#open === null', 'const waits = true || this.#open === null']],
  },
  {
    rule: 'a signature covers all that has gone out since the one before',
    checker: 'slandered',
    edits: [['delivery.ts', "base: this.#open?.hash ?? ''", "base: ''"]],
  },
  {
    rule: 'nobody is silent before the time is up',
    checker: 'accused',
    edits: [['liveness.ts', 'return heard + silenceMs;', 'return heard + silenceMs / 10;']],
  },
];

const root = join(import.meta.dirname, '.mutants');

async function build({ edits }: Mutant, name: string): Promise<Core> {
  const folder = join(root, name);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(import.meta.dirname, '../../src/core'), folder, { recursive: true });
  for (const [file, find, replace] of edits) {
    const text = await readFile(join(folder, file), 'utf8');
    expect(text.split(find), `${file} holds the rule once`).toHaveLength(2);
    await writeFile(
      join(folder, file),
      text.replace(find, () => replace),
    );
  }
  const { createState } = (await import(join(folder, 'setup.ts'))) as Pick<Core, 'createState'>;
  const { step } = (await import(join(folder, 'machine.ts'))) as Pick<Core, 'step'>;
  return { createState, step };
}

describe('a core without the rule', () => {
  afterAll(() => rm(root, { recursive: true, force: true }));

  it.each(mutants.map((mutant, index) => [mutant.rule, mutant, `m${index}`] as const))(
    '%s',
    async (_, mutant, name) => {
      const core = await build(mutant, name);
      const found = (): string | undefined => {
        for (let seed = 1; seed <= 3000; seed++) {
          const faults = complaints(core, seed);
          const fault = faults.find((one) => one.startsWith(mutant.checker));
          if (fault !== undefined) return fault;
        }
        return undefined;
      };
      expect(found()).toBeDefined();
    },
  );
});

/** A broken core may also stumble over its own asserts: that is noticed, but proves no checker. */
function complaints(core: Core, seed: number): readonly string[] {
  try {
    return play(core, seed).faults;
  } catch {
    return [];
  }
}
