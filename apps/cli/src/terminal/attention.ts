// Attention drawn with characters. Strength is in the shade of the character first (it reads without colour,
// in a log or on paper) and in its colour as well where there is one. Weights are compared within a row,
// since each row is a distribution of its own: the strongest of a row is drawn full.
import { type Colors, paint } from "./colors.ts";

/** weights[query][key], each row a distribution over the keys. */
export type AttentionMap = readonly (readonly number[])[];

const SHADES = " ·░▒▓█";
/** The 256-colour palette, one colour for each shade, weak to strong; seen on dark and on light ground. */
const HEAT = [60, 61, 97, 133, 169, 208];
const LABEL_WIDTH = 12;

/** Columns that a square map of these labels takes. */
export function mapWidth(labels: readonly string[]): number {
  return marginOf(labels.map(visible)) + 2 + 2 * labels.length;
}

/**
 * A square map: one line per query with its label on the left, two columns per key, and the keys' labels
 * written downwards on top. A causal map is a triangle; what a query cannot see stays empty.
 */
export function drawMap(map: AttentionMap, labels: readonly string[], colors: Colors): string[] {
  const names = labels.map(visible);
  const margin = marginOf(names);
  const top = Array.from({ length: margin }, (_, line) => {
    const cells = names.map((name) => `${[...name.padStart(margin)][line]} `).join("");
    return `${" ".repeat(margin + 2)}${cells}`.trimEnd();
  });
  const rows = map.map((row, query) => {
    const seen = row.slice(0, query + 1);
    const shades = shadesOf(seen, colors, (shade) => shade.repeat(2));
    return `${(names[query] ?? "").padStart(margin)}  ${shades.join("")}`;
  });
  return [...top.map((line) => colors.dim(line)), ...rows];
}

/**
 * The text itself, and under each of its lines how strongly each token is looked at; lines are broken at
 * spaces to fit `width` columns.
 */
export function drawText(
  tokens: readonly string[],
  weights: readonly number[],
  width: number,
  colors: Colors,
): string[] {
  const cells = tokens.map((token) => token.replace(/\n/g, "⏎"));
  const shades = shadesOf(weights, colors, (shade, i) => shade.repeat([...(cells[i] ?? "")].length));
  return breakLines(cells, width).flatMap(([begin, end]) => {
    const [text, under] = [cells, shades].map((line) => line.slice(begin, end).join(""));
    return [text ?? "", under ?? ""];
  });
}

/** The scale under a drawing. */
export function legend(colors: Colors): string {
  const scale = [...SHADES].map((shade, i) => paint(colors, HEAT[i] ?? 0, shade.repeat(2))).join("");
  return `${colors.dim("ignored")}${scale} ${colors.dim("looked at most")}`;
}

/** Each weight of a row as a painted shade, relative to the row's greatest. */
function shadesOf(
  row: readonly number[],
  colors: Colors,
  widen: (shade: string, i: number) => string,
): string[] {
  const most = Math.max(...row);
  return row.map((weight, i) => {
    const level = most > 0 ? Math.round((weight / most) * (SHADES.length - 1)) : 0;
    return level === 0 ? widen(" ", i) : paint(colors, HEAT[level] ?? 0, widen(SHADES[level] ?? " ", i));
  });
}

/** [begin, end) of the cells of each line, no wider than `width` where a space allows it. */
function breakLines(cells: readonly string[], width: number): [number, number][] {
  const lines: [number, number][] = [];
  let begin = 0;
  let space = 0;
  let column = 0;
  for (const [i, cell] of cells.entries()) {
    if (/^\s/.test(cell)) space = i;
    column += [...cell].length;
    if (column <= width || space <= begin) continue;
    lines.push([begin, space]);
    begin = space;
    column = cells.slice(begin, i + 1).join("").length;
  }
  return [...lines, [begin, cells.length]];
}

function marginOf(names: readonly string[]): number {
  return Math.max(0, ...names.map((name) => [...name].length));
}

/** A label that can be seen, and is not too long. */
function visible(label: string): string {
  const text = label
    .replace(/^\s(?=\S)/, "")
    .replace(/\n/g, "⏎")
    .replace(/ /g, "␣");
  const characters = [...text];
  return characters.length > LABEL_WIDTH ? `${characters.slice(0, LABEL_WIDTH - 1).join("")}…` : text;
}
