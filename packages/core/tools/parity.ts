// `npm run parity`: every case of every op in both kernel builds against its float64 reference and PyTorch's fixtures,
// and all that must not matter to the result. Prints errors in units of 2^-24 of each tensor's largest magnitude.
//   npm run parity [-- --filter text] [-- --markdown], which writes docs/ops.md
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { init, terminate } from "../src/index.ts";
import { type Case, loadCases } from "../test/parity/cases.ts";
import { largest, UNIT } from "../test/parity/compare.ts";
import { fixtureOf } from "../test/parity/fixtures.ts";
import { type Errors, judge } from "../test/parity/judge.ts";
import { environmentOf, opsPage } from "./ops-table.ts";

const { values: options } = parseArgs({
  options: { filter: { type: "string", default: "" }, markdown: { type: "boolean", default: false } },
});
const variants = ["simd", "relaxed"] as const;
type Variant = (typeof variants)[number];

const all = await loadCases();
const cases = all.filter(({ name }) => name.includes(options.filter));
const errors = new Map<string, Errors>();
const failures: string[] = [];
for (const variant of variants) {
  await init({ variant, development: true });
  for (const c of cases) {
    try {
      errors.set(`${variant} ${c.name}`, judge(c));
    } catch (error) {
      failures.push(`${variant}: ${c.name}: ${(error as Error).message}`);
    }
  }
  terminate();
}

/** The largest of a figure over an op's cases. */
function worst(op: readonly Case[], variant: Variant, figure: keyof Errors): number {
  return Math.max(0, ...op.map((c) => errors.get(`${variant} ${c.name}`)?.[figure] ?? 0));
}

/** How far PyTorch's own float32 strays, outputs and gradients. */
function torchItself(op: readonly Case[]): [number, number] {
  const top = [0, 0];
  for (const c of op) {
    const fixture = fixtureOf(c);
    for (const [i, list] of [fixture?.outputs ?? [], fixture?.gradients ?? []].entries()) {
      for (const part of list) {
        const scale = part === null ? 0 : largest(part.values);
        if (part !== null && scale > 0) top[i] = Math.max(top[i], part.deviation / (UNIT * scale));
      }
    }
  }
  return [top[0], top[1]];
}

const header = [
  "op",
  "cases",
  "reference",
  "relaxed",
  "PyTorch",
  "relaxed",
  "(itself)",
  "gradient",
  "relaxed",
  "(itself)",
];
const figure = (value: number): string => (value === 0 ? "0" : value.toPrecision(2));
const rows = [...new Set(cases.map(({ ref }) => ref.op))].map((name) => {
  const op = cases.filter(({ ref }) => ref.op === name);
  const [forward, backward] = torchItself(op);
  const both = (key: keyof Errors): string[] => variants.map((variant) => figure(worst(op, variant, key)));
  const figures = [
    ...both("reference"),
    ...both("torch"),
    figure(forward),
    ...both("gradient"),
    figure(backward),
  ];
  return [name, String(op.length), ...figures];
});
const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i].length)));
const line = (row: readonly string[]): string =>
  row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
console.log(
  "Largest errors in units of 2^-24 of the tensor's magnitude; each pair of columns is simd, relaxed.\n",
);
console.log([line(header), ...rows.map(line)].join("\n"));
for (const failure of failures) console.log(`FAILED ${failure}`);
const judged = cases.filter(({ sample }) => sample.torch !== false).length;
console.log(
  `\n${cases.length} cases of ${rows.length} ops in 2 builds, ${judged} of them judged by PyTorch: ${failures.length} failed`,
);

if (options.markdown && failures.length === 0) {
  await init({ variant: "relaxed", development: false });
  const commit = execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
  const page = opsPage(
    all,
    (name) => {
      const [, , simd, relaxed, , , own, gradientSimd, gradientRelaxed] = rows.find(
        ([op]) => op === name,
      ) as string[];
      return { forward: [simd, relaxed], torch: own, gradient: [gradientSimd, gradientRelaxed] };
    },
    environmentOf(commit),
  );
  writeFileSync(fileURLToPath(new URL("../../../docs/ops.md", import.meta.url)), page);
  terminate();
}
process.exitCode = failures.length > 0 ? 1 : 0;
