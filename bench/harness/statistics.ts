// The middle and the spread of a few numbers.

/** The median and the quartiles. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Quartiles by linear interpolation; `values` must not be empty. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  return { low: at(sorted, 0.25), median: at(sorted, 0.5), high: at(sorted, 0.75) };
}

/**
 * How many times as much, repetition by repetition. What slows a whole repetition down, a
 * busy neighbour for instance, slows both sides and falls out.
 */
export function ratios(values: readonly number[], against: readonly number[]): Spread {
  return spread(values.map((value, index) => value / (against[index] ?? Number.NaN)));
}

function at(sorted: readonly number[], part: number): number {
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}
