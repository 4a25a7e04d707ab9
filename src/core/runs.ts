/**
 * Runs: which of some numbers that should rise one by one are missing, stand elsewhere, or come twice.
 *
 * Numbers that follow each other make a run; one that does not follow begins another. At the end the runs that rise and
 * hold most are taken for the true order. What is not among them stands where it does not belong: it was moved if it
 * fills a gap, and comes twice if it does not. So who moved one line is not told that all the others were moved.
 *
 * Owned by its reader and changed in place.
 */

export interface Run {
  readonly from: number;
  to: number;
  /** Where its first and its last number stand. */
  readonly place: number;
  until: number;
}

export interface Gap {
  readonly from: number;
  readonly to: number;
  /** The places between which they should stand. */
  readonly after: number;
  readonly before: number;
}

export interface Stray extends Run {
  /** The place behind which it belongs, its own where that is not known. */
  readonly home: number;
}

export interface Order {
  readonly gaps: readonly Gap[];
  readonly moved: readonly Stray[];
  readonly doubled: readonly Stray[];
}

export class Runs {
  readonly #runs: Run[] = [];
  /** Numbers that the run in which they came has already. */
  readonly #again: Run[] = [];

  /** What follows is expected to go on behind `last`. */
  begin(last: number): void {
    this.#runs.push({ from: last + 1, to: last, place: 0, until: 0 });
  }

  /** @returns whether the number follows the one before, comes again, or leaps */
  add(n: number, place: number): 'next' | 'again' | 'leap' {
    const last = this.#runs.at(-1);
    if (last !== undefined && n === last.to + 1) {
      last.to = n;
      last.until = place;
      return 'next';
    }
    const one: Run = { from: n, to: n, place, until: place };
    if (last !== undefined && n >= last.from && n <= last.to) {
      const again = this.#again.at(-1);
      if (again !== undefined && again.to + 1 === n) Object.assign(again, { to: n, until: place });
      else this.#again.push(one);
      return 'again';
    }
    this.#runs.push(one);
    return last === undefined ? 'next' : 'leap';
  }

  /** What stands at that place is none of these numbers: it was found to be another's. */
  forget(n: number, place: number): void {
    for (const list of [this.#runs, this.#again]) {
      const at = list.findIndex((run) => run.from <= n && run.to >= n && run.place <= place && run.until >= place);
      const run = list[at];
      if (run === undefined) continue;
      const parts = [
        { ...run, to: n - 1, until: Math.max(run.place, place - 1) },
        { ...run, from: n + 1, place: Math.min(run.until, place + 1) },
      ];
      list.splice(at, 1, ...parts.filter(({ from, to }) => to >= from));
    }
  }

  /**
   * @param last the number that all should end with, if that is known
   * @param elsewhere numbers that were found in another's name, and are not missing
   */
  end(last?: number, elsewhere: ReadonlySet<number> = new Set()): Order {
    const main = heaviest(this.#runs);
    const chosen = new Set(main);
    const strays = [...this.#again, ...this.#runs.filter((run) => !chosen.has(run) && run.to >= run.from)];
    const moved: Stray[] = [];
    const doubled: Stray[] = [];
    for (const run of strays) {
      const home = main.find(({ to }) => to === run.from - 1)?.until ?? run.place;
      const known = main.some(({ from, to }) => run.from <= to && run.to >= from);
      (known ? doubled : moved).push({ ...run, home });
    }
    const gaps: Gap[] = [];
    const ends = last === undefined ? [] : [{ from: last + 1, to: last, place: Infinity, until: Infinity }];
    [...main, ...ends].forEach((run, at, all) => {
      const before = all[at - 1];
      if (before === undefined) return;
      for (const { from, to } of without(before.to + 1, run.from - 1, moved, elsewhere))
        gaps.push({ from, to, after: before.until, before: run.place });
    });
    return { gaps, moved, doubled };
  }
}

/** The runs that rise one after the other and hold most numbers together. */
function heaviest(runs: readonly Run[]): Run[] {
  const best: { weight: number; before: number }[] = [];
  let top = -1;
  runs.forEach((run, at) => {
    let [weight, before] = [0, -1];
    for (let other = 0; other < at; other++) {
      const known = best[other] as { weight: number };
      if ((runs[other] as Run).to < run.from && (before === -1 || known.weight > weight))
        [weight, before] = [known.weight, other];
    }
    best.push({ weight: weight + run.to - run.from + 1, before });
    if (top === -1 || (best[at] as { weight: number }).weight > (best[top] as { weight: number }).weight) top = at;
  });
  const chosen: Run[] = [];
  for (; top !== -1; top = (best[top] as { before: number }).before) chosen.unshift(runs[top] as Run);
  return chosen;
}

/** The parts of `from` to `to` that nothing of `moved` fills. */
function without(
  from: number,
  to: number,
  moved: readonly Stray[],
  elsewhere: ReadonlySet<number>,
): { from: number; to: number }[] {
  const holes = [...moved, ...Array.from(elsewhere, (n) => ({ from: n, to: n }))]
    .filter((one) => one.to >= from && one.from <= to)
    .toSorted((a, b) => a.from - b.from);
  const parts: { from: number; to: number }[] = [];
  let next = from;
  for (const hole of holes) {
    if (hole.from > next) parts.push({ from: next, to: hole.from - 1 });
    next = Math.max(next, hole.to + 1);
  }
  if (next <= to) parts.push({ from: next, to });
  return parts;
}
