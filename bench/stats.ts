/** Order statistics. */

export interface Summary {
  readonly least: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** The smallest sample that is not below the given share of them (the nearest rank). */
function nearestRank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

/** All are NaN when there are no samples. With fewer than 100, the 99th percentile is the maximum. */
export function summarize(samples: Iterable<number>): Summary {
  const sorted = Float64Array.from(samples).toSorted();
  return {
    least: nearestRank(sorted, 0),
    median: nearestRank(sorted, 0.5),
    p99: nearestRank(sorted, 0.99),
    max: nearestRank(sorted, 1),
  };
}
