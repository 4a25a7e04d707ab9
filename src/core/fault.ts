/**
 * Faults: what is found to be wrong with an export (proof.ts), and of what it is told.
 *
 * Faults of one kind that follow each other are one. Above the most that are told, the others are counted.
 */
import type { Line } from './cover.ts';
import { limits } from './limits.ts';
import type { PeerId } from './view.ts';
import type { Witnesses } from './witness.ts';

/** What can be wrong. */
export type FaultKind =
  | 'record' // a line of the file is no record, or not one that may stand there: `why`
  | 'changed' // what stands there is not what was signed: a line was edited, or its signature forged
  | 'moved' // it stands elsewhere than its number says
  | 'doubled' // it is there more than once
  | 'missing' // numbers of an author, or entries of the room, are not there
  | 'unproven' // what it was signed together with is missing or damaged
  | 'attributed' // it stands in the name of somebody (`name`) and was said by somebody else (`other`)
  | 'name' // a line is shown under another name (`other`) than its author's
  | 'hidden' // it is said to be an act that was left out, and was signed together with lines
  | 'unsigned' // its author's signature does not cover it, and never will
  | 'open' // the last lines of an author: not signed yet when the file was written
  | 'stranger' // nobody says whose lines these are
  | 'id' // a person's id is not that of its keys
  | 'vouch' // the name was not signed with the person's key
  | 'keys' // two keys under one name; `other`: the name as it was before
  | 'unread'; // the file is not read on from there: `why`

export interface Fault {
  readonly kind: FaultKind;
  /** The first and the last line of the file that it is about; what is missing would stand behind `place`. */
  readonly place: number;
  readonly until: number;
  /** Whose lines it is about. */
  readonly id?: PeerId;
  readonly name?: string;
  /** That one's numbers, or seqs of the room where there is no author. */
  readonly from?: number;
  readonly to?: number;
  readonly other?: string;
  readonly why?: string;
}

/** A line of the file, and where it stands. */
export interface Heard {
  readonly author: PeerId;
  readonly line: Line;
  readonly place: number;
  readonly shown: boolean;
}

/** Those of one export. Owned by its reader and changed in place. */
export class Faults {
  readonly #witnesses: Witnesses;
  #all: Fault[] = [];
  #more = 0;

  constructor(witnesses: Witnesses) {
    this.#witnesses = witnesses;
  }

  /** How many were too many. */
  get more(): number {
    return this.#more;
  }

  /** In the order of the file. */
  inOrder(): Fault[] {
    return this.#all.toSorted((a, b) => a.place - b.place);
  }

  /** However much else there is to tell. */
  unread(place: number, why: string): void {
    this.#all.push({ kind: 'unread', place, until: place, why });
  }

  /** It has turned out to be another fault, or none. */
  withdraw(kind: FaultKind, place: number): void {
    this.#all = this.#all.filter((fault) => fault.kind !== kind || fault.place !== place);
  }

  add(fault: Fault): void {
    const last = this.#all.at(-1);
    const goesOn =
      last?.kind === fault.kind && last.id === fault.id && last.other === fault.other && last.to !== undefined;
    if (goesOn && fault.from === last.to + 1 && fault.place >= last.until) {
      this.#all.push({ ...(this.#all.pop() as Fault), until: fault.until, to: fault.to as number });
    } else if (this.#all.length < limits.exportFaultsMax) this.#all.push(fault);
    else this.#more++;
  }

  /** About one number of somebody. */
  addOf(kind: FaultKind, id: PeerId, place: number, n: number, more: Pick<Fault, 'name' | 'other'> = {}): void {
    this.add({ kind, place, until: place, id, name: this.#witnesses.called(id), from: n, to: n, ...more });
  }

  /** Lines of one author, in the order of their numbers. Whoever's keys are false has been told of. */
  reject(kind: 'changed' | 'unproven' | 'unsigned' | 'open', lines: readonly Heard[]): void {
    const shown = lines.filter((heard) => heard.shown);
    const [first, last] = [shown[0] ?? lines[0], shown.at(-1) ?? lines.at(-1)];
    if (first === undefined || last === undefined) return;
    const { author: id } = first;
    const person = this.#witnesses.get(id);
    if (person?.real !== true) return;
    // A seal says nothing that could be believed.
    if (shown.length === 0 && kind !== 'changed') return;
    const [place, until] = [Math.min(first.place, last.place), Math.max(first.place, last.place)];
    this.add({ kind, place, until, id, name: person.name, from: first.line.n, to: last.line.n });
  }
}
