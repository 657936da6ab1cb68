// Tables without lines, columns two blanks apart.
import Table from "cli-table3";

const SIDES = ["top", "bottom", "left", "mid", "right"];
const CORNERS = ["mid", "left", "right"].flatMap((end) => SIDES.map((side) => `${side}-${end}`));
const BLANK = Object.fromEntries([...SIDES, ...CORNERS].map((name) => [name, ""]));

/** Lines of `rows`; columns beyond those in `align` stand left. */
export function plainTable(
  rows: readonly (readonly string[])[],
  align: readonly ("left" | "right")[] = [],
): string {
  const table = new Table({
    chars: { ...BLANK, middle: "  " },
    style: { "padding-left": 0, "padding-right": 0, head: [], border: [] },
    colAligns: [...align],
  });
  for (const row of rows) table.push([...row]);
  return table.toString().replace(/ +$/gm, "");
}
