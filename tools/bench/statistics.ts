// The few figures that many times become, and the order in which the times are taken.

/** The value below which the share `q` of all values lies, between neighbours in proportion. */
export function quantile(values: readonly number[], q: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Distance between the quartiles as a share of the median: half of all rounds lay in so wide a band. */
export function spread(values: readonly number[]): number {
  return (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
}

export function geometricMean(values: readonly number[]): number {
  if (values.length === 0) return Number.NaN;
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}

/**
 * Who is timed in which order in a round: everybody starts as often as everybody else, and every other round runs
 * backwards, so that nobody always follows the same neighbour.
 */
export function orderOf<T>(contestants: readonly T[], round: number): T[] {
  const n = contestants.length;
  const order = contestants.map((_, i) => contestants[(i + Math.floor(round / 2)) % n]);
  return round % 2 === 0 ? order : order.reverse();
}
