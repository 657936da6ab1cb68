// References of functions.ts. JavaScript's Math is within an ULP of f64.
import { defineRef, elementwise, normal, type OpRef, type Sample, uniform } from "../reference.ts";
import { erfc, unarySamples } from "./unary.ref.ts";

interface Row {
  readonly f: (x: number) => number;
  readonly domain?: readonly [number, number];
}

const table = {
  expm1: { f: Math.expm1 },
  exp2: { f: (x) => 2 ** x },
  log1p: { f: Math.log1p, domain: [-0.9, 8] },
  log2: { f: Math.log2, domain: [0.05, 8] },
  log10: { f: Math.log10, domain: [0.05, 8] },
  tan: { f: Math.tan, domain: [-1.2, 1.2] },
  asin: { f: Math.asin, domain: [-0.9, 0.9] },
  acos: { f: Math.acos, domain: [-0.9, 0.9] },
  atan: { f: Math.atan },
  sinh: { f: Math.sinh },
  cosh: { f: Math.cosh },
  asinh: { f: Math.asinh },
  acosh: { f: Math.acosh, domain: [1.2, 9] },
  atanh: { f: Math.atanh, domain: [-0.9, 0.9] },
  erfc: { f: erfc, domain: [-3, 3] },
} as const satisfies Record<string, Row>;

/** Around its zero a function loses nothing: as small as f32 goes. */
const small: Sample<object> = { inputs: [normal([33], 1e-6)], attrs: {}, note: "near 0" };
const nearZero = new Set(["expm1", "log1p", "tan", "asin", "atan", "sinh", "asinh", "atanh"]);

type Name = keyof typeof table;

/** The ×100 samples of unarySamples leave these domains, where both sides have NaN; of tan they come near poles. */
function samples(name: Name, { domain }: Row): Sample<object>[] {
  const all = unarySamples<object>({}, { domain });
  const kept = name === "tan" ? all.filter(({ note }) => note !== "×100") : all;
  return nearZero.has(name) ? [...kept, small] : kept;
}

export const refs: readonly OpRef[] = (Object.keys(table) as Name[]).map((name) => {
  const row: Row = table[name];
  const [low, high] = row.domain ?? [-6, 6];
  return defineRef<object>({
    op: name,
    inputs: ["x"],
    torch: `torch.${name}(x)`,
    differentiable: true,
    tolerance: { ulp: 1 },
    forward: ([x]) => elementwise([x], row.f),
    call: ([x]) => x[name](),
    samples: samples(name, row),
    large: { inputs: [uniform([256, 1024], low, high)], attrs: {} },
  });
});
