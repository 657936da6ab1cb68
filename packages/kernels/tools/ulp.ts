// npm run ulp: the accuracy of the transcendental kernels, measured. Exits 1 if a ceiling is missed.
//   --quick       a coarse stride, seconds instead of minutes
//   --markdown    also writes docs/accuracy.md
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { measure, type Row } from "./accuracy.ts";

const number = (value: number): string => (Number.isFinite(value) ? value.toFixed(3) : String(value));

function table(rows: readonly Row[], separator: string): string[] {
  const header = ["function", "build", "worst", "unit", "at x", "ceiling", "pass"];
  const cells = rows.map((row) => [
    row.name,
    row.variant,
    number(row.worst),
    row.unit,
    String(row.at),
    String(row.ceiling),
    row.pass ? "yes" : "NO",
  ]);
  const widths = header.map((title, i) => Math.max(title.length, ...cells.map((cell) => cell[i].length)));
  const line = (cell: readonly string[]) =>
    cell
      .map((text, i) => text.padEnd(widths[i]))
      .join(separator)
      .trimEnd();
  return [line(header), widths.map((width) => "-".repeat(width)).join(separator), ...cells.map(line)];
}

function markdown(rows: readonly Row[]): string {
  const body = table(rows, " | ").map((line) => `| ${line} |`);
  return [
    "# Accuracy of the elementwise kernels",
    "",
    "Written by `npm run ulp -- --markdown`. Each function, in each build, against float64 over every 101st",
    "of all 2^32 bit patterns of f32, and over every pattern where results are subnormal or a formula",
    "switches. An ULP is the spacing of f32 numbers at the exact result. The gelus, whose two terms may",
    "cancel, are measured in units of 2^-24 max(|x|, 1) too. Infinities, NaN, the sign of zero are exact.",
    "",
    ...body,
    "",
  ].join("\n");
}

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, markdown: { type: "boolean", default: false } },
});
if (values.quick && values.markdown) {
  console.error("ulp: --markdown needs the full run; leave --quick away");
  process.exit(2);
}
const start = performance.now();
const rows = measure(values.quick ? { stride: 65521, closeStride: 257 } : { stride: 101, closeStride: 1 });
console.log(table(rows, "  ").join("\n"));
console.log(`${Math.round((performance.now() - start) / 1000)} s`);
if (values.markdown) {
  const path = fileURLToPath(new URL("../../../docs/accuracy.md", import.meta.url));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, markdown(rows));
}
if (rows.some((row) => !row.pass)) process.exitCode = 1;
