// A curve in one line of text, after Edward Tufte's sparklines: "▇▆▄▃▂▂▁▁".

const LEVELS = "▁▂▃▄▅▆▇█";

/**
 * Draws `values` in at most `width` characters, each the mean of its share, between the least and the
 * greatest.
 */
export function sparkline(values: readonly number[], width: number): string {
  const columns = Math.min(width, values.length);
  const means = Array.from({ length: columns }, (_, column) => {
    const begin = Math.floor((column * values.length) / columns);
    const end = Math.floor(((column + 1) * values.length) / columns);
    return values.slice(begin, end).reduce((sum, value) => sum + value, 0) / (end - begin);
  });
  const [low, high] = [Math.min(...means), Math.max(...means)];
  return means.map((mean) => LEVELS[level(mean, low, high)]).join("");
}

function level(value: number, low: number, high: number): number {
  if (!Number.isFinite(value)) return LEVELS.length - 1;
  return high > low ? Math.round(((value - low) / (high - low)) * (LEVELS.length - 1)) : 0;
}
