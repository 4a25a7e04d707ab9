/** Whether every screen shows every line exactly once, and all in one order. */

export interface Verdict {
  /** Lines that a screen lacks, over all screens. */
  readonly lost: number;
  /** Lines that a screen shows again, or that do not belong there. */
  readonly doubled: number;
  /** Screens that show the lines in another order than the first does. */
  readonly disordered: number;
}

/** @param expected the texts that each screen must show, in any order */
export function judge(screens: readonly (readonly string[])[], expected: readonly string[]): Verdict {
  let lost = 0;
  let doubled = 0;
  let disordered = 0;
  const order = (screen: readonly string[] = []): string => [...new Set(screen)].join('\n');
  for (const screen of screens) {
    const shown = expected.filter((text) => screen.includes(text)).length;
    lost += expected.length - shown;
    doubled += screen.length - shown;
    if (order(screen) !== order(screens[0])) disordered++;
  }
  return { lost, doubled, disordered };
}

export function isSound({ lost, doubled, disordered }: Verdict): boolean {
  return lost + doubled + disordered === 0;
}
