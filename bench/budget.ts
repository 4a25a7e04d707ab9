/** What a measurement is allowed to take, and whether it has kept to it. */
import type { Summary } from './stats.ts';

/** Limits, ms. */
export type Budget = Partial<Omit<Summary, 'least'>>;

/** A cell of a table: `median 60, p99 150: kept`. */
export function budgetCell(budget: Budget, summary: Summary, broken: boolean): string {
  const limits = Object.entries(budget) as [keyof Budget, number][];
  if (limits.length === 0) return 'none';
  const kept = !broken && limits.every(([key, limit]) => summary[key] <= limit);
  return `${limits.map(([key, limit]) => `${key} ${limit}`).join(', ')}: ${kept ? 'kept' : '**missed**'}`;
}

/** A count that should be 0. */
export function flawCell(flaws: number): string {
  return flaws === 0 ? '0' : `**${flaws}**`;
}
