/** Many measurements as a few numbers. Pure. Percentiles are values that were measured (nearest rank), never between two. */
export interface Summary {
  readonly n: number
  readonly p50: number
  readonly p99: number
  readonly min: number
  readonly max: number
}

/** Throws on none: a percentile of nothing would be an invented number. */
export function summaryOf(values: readonly number[]): Summary {
  if (values.length === 0) throw new Error('expected at least one measurement, got none')
  if (values.some((value) => !Number.isFinite(value))) throw new Error('expected finite measurements, got another')
  const sorted = Float64Array.from(values).sort()
  return {
    n: sorted.length,
    p50: nearestRank(sorted, 0.5),
    p99: nearestRank(sorted, 0.99),
    min: nearestRank(sorted, 0),
    max: nearestRank(sorted, 1),
  }
}

/** The smallest value that at least this share of all is not above. */
function nearestRank(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
}

/**
 * Parts that were measured one after the other in the same round, as if they had been one thing. Its p99 is below the
 * sum of the parts' p99s, because not every part is slow in the same round: the stricter floor of the two.
 */
export function sumByRound(...parts: readonly (readonly number[])[]): number[] {
  const [first = []] = parts
  if (parts.some((part) => part.length !== first.length)) throw new Error('expected as many rounds of every part')
  return first.map((_, round) => parts.reduce((sum, part) => sum + (part[round] ?? Number.NaN), 0))
}
