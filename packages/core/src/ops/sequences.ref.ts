// References of sequences.ts.
import type { DType } from "../dtype.ts";
import {
  bools,
  build,
  defineRef,
  exact,
  integers,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  values,
} from "../reference.ts";

interface Spaced {
  readonly start: number;
  readonly end: number;
  readonly steps: number;
  readonly dtype?: DType;
}

interface Logarithmic extends Spaced {
  readonly base?: number;
}

const types = "{'f32': floating, 'i32': torch.int32, 'bool': torch.bool, None: floating}[dtype]";

/** Integers are counted between whole ends. */
function spaced(attrs: Spaced): number[] {
  const { steps, dtype } = attrs;
  const [start, end] = [attrs.start, attrs.end].map((x) => (dtype === "i32" ? Math.trunc(x) : x));
  const step = (end - start) / (steps - 1);
  return Array.from({ length: steps }, (_, i) => {
    if (steps === 1) return start;
    return i < steps / 2 ? start + step * i : end - step * (steps - 1 - i);
  });
}

function vector(list: readonly number[], dtype: DType = "f32"): RefTensor {
  const data = Float64Array.from(list, (value) => (dtype === "i32" ? Math.trunc(value) : value));
  return { dtype, shape: [list.length], data };
}

const spacedSample = (start: number, end: number, steps: number, dtype?: DType): Sample<Spaced> => ({
  inputs: [],
  attrs: { start, end, steps, dtype },
});

const logSample = (start: number, end: number, steps: number, base?: number): Sample<Logarithmic> => ({
  inputs: [],
  attrs: { start, end, steps, base, dtype: undefined },
});

interface Eye {
  readonly n: number;
  readonly m?: number;
  readonly dtype?: DType;
}

interface Triangle {
  readonly rows: number;
  readonly columns: number;
  readonly offset: number;
}

const triangles = (["trilIndices", "triuIndices"] as const).map((op) =>
  defineRef<Triangle>({
    op,
    inputs: [],
    torch: `torch.${op === "trilIndices" ? "tril" : "triu"}_indices(rows, columns, offset, dtype=torch.int32)`,
    differentiable: false,
    tolerance: exact,
    forward(_, { rows, columns, offset }) {
      const places: [number, number][] = [];
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++)
          if (op === "trilIndices" ? j - i <= offset : j - i >= offset) places.push([i, j]);
      const data = Float64Array.from([...places.map(([i]) => i), ...places.map(([, j]) => j)]);
      return { dtype: "i32", shape: [2, places.length], data };
    },
    call: (_, { rows, columns, offset }, saccade) => saccade[op](rows, columns, offset),
    samples: [
      ...[-9, -1, 0, 1, 9].map((offset) => ({ inputs: [], attrs: { rows: 4, columns: 5, offset } })),
      { inputs: [], attrs: { rows: 3, columns: 0, offset: 0 } },
      { inputs: [], attrs: { rows: 0, columns: 3, offset: 0 } },
      { inputs: [], attrs: { rows: 5, columns: 3, offset: -2 } },
    ],
  }),
);

interface Grid {
  readonly indexing?: "ij" | "xy";
}

function meshgrid(inputs: readonly RefTensor[], indexing: "ij" | "xy" = "ij"): RefTensor[] {
  const swap = indexing === "xy" && inputs.length > 1;
  const place = (i: number): number => (swap && i < 2 ? 1 - i : i);
  const shape = inputs.map((_, axis) => inputs[place(axis)].data.length);
  return inputs.map((x, i) => build(shape, (index) => x.data[index[place(i)]], x.dtype));
}

export const refs: readonly OpRef[] = [
  defineRef<Spaced>({
    op: "linspace",
    inputs: [],
    torch: `torch.linspace(start, end, steps, dtype=${types})`,
    differentiable: false,
    tolerance: { ulp: 0.5 },
    forward: (_, attrs) => vector(spaced(attrs), attrs.dtype),
    call: (_, { start, end, steps, dtype }, { linspace }) => linspace(start, end, steps, { dtype }),
    samples: [
      ...[0, 1, 2, 3, 17, 100].map((steps) => spacedSample(-1.5, 4, steps)),
      spacedSample(3, 3, 5),
      spacedSample(5, -2, 8),
      spacedSample(0, 1e6, 33),
      spacedSample(0, 7, 5, "i32"),
      spacedSample(-3, 4, 4, "i32"),
      spacedSample(4.3, -3.9, 50, "i32"),
    ],
  }),
  defineRef<{ steps: number }>({
    op: "linspace",
    inputs: ["start", "end"],
    torch: "torch.linspace(start, end, steps, dtype=floating)",
    differentiable: false,
    tolerance: { ulp: 0.5 },
    forward: ([start, end], { steps }) => vector(spaced({ start: start.data[0], end: end.data[0], steps })),
    call: ([start, end], { steps }, saccade) => saccade.linspace(start, end, steps),
    samples: [{ inputs: [normal([]), values([3], [], "i32")], attrs: { steps: 5 } }],
  }),
  defineRef<Logarithmic>({
    op: "logspace",
    inputs: [],
    torch: `torch.logspace(start, end, steps, base=10.0 if base is None else base, dtype=${types})`,
    differentiable: false,
    tolerance: { ulp: 0.51 },
    forward: (_, attrs) => vector(spaced(attrs).map((e) => (attrs.base ?? 10) ** e)),
    call: (_, { start, end, steps, base }, { logspace }) => logspace(start, end, steps, { base }),
    samples: [
      ...[0, 1, 2, 5, 17].map((steps) => logSample(-2, 3, steps)),
      logSample(0, 8, 9, 2),
      logSample(3, -1, 6, 0.5),
    ],
  }),
  defineRef<Eye>({
    op: "eye",
    inputs: [],
    torch: `torch.eye(n, n if m is None else m, dtype=${types})`,
    differentiable: false,
    tolerance: exact,
    forward: (_, { n, m = n, dtype }) => build([n, m], ([i, j]) => Number(i === j), dtype),
    call: (_, { n, m, dtype }, { eye }) => eye(n, m, { dtype }),
    samples: [
      ...[0, 1, 3, 17].map((n) => ({ inputs: [], attrs: { n, m: undefined, dtype: undefined } })),
      { inputs: [], attrs: { n: 3, m: 5, dtype: undefined } },
      { inputs: [], attrs: { n: 5, m: 3, dtype: "i32" } },
      { inputs: [], attrs: { n: 2, m: 0, dtype: undefined } },
      { inputs: [], attrs: { n: 2, m: 3, dtype: "bool" } },
    ],
  }),
  ...triangles,
  defineRef<Grid>({
    op: "meshgrid",
    inputs: ["a", "b", "c"],
    torch: "torch.meshgrid(*inputs, indexing=indexing or 'ij')",
    differentiable: true,
    tolerance: exact,
    forward: (inputs, { indexing }) => meshgrid(inputs, indexing),
    call: (inputs, { indexing }, { meshgrid: grid }) => grid(inputs, { indexing }),
    samples: [
      ...([undefined, "ij", "xy"] as const).flatMap((indexing) => [
        { inputs: [normal([3])], attrs: { indexing } },
        { inputs: [normal([3]), normal([5])], attrs: { indexing } },
        { inputs: [normal([3]), normal([4]), normal([5])], attrs: { indexing } },
        { inputs: [normal([3]), normal([])], attrs: { indexing } },
      ]),
      { inputs: [normal([3]), normal([0])], attrs: { indexing: "xy" } },
      { inputs: [integers([3], 0, 9), integers([2], 0, 9)], attrs: { indexing: "ij" } },
    ],
  }),
  defineRef<Record<never, never>>({
    op: "cartesianProd",
    inputs: ["a", "b", "c"],
    torch: "torch.cartesian_prod(*inputs)",
    differentiable: true,
    tolerance: exact,
    forward(inputs) {
      if (inputs.length === 1) return inputs[0];
      const columns = meshgrid(inputs);
      const rows = columns[0].data.length;
      return build([rows, inputs.length], ([i, j]) => columns[j].data[i], inputs[0].dtype);
    },
    call: (inputs, _, { cartesianProd }) => cartesianProd(inputs),
    samples: [
      { inputs: [normal([3])], attrs: {} },
      { inputs: [normal([3]), normal([5])], attrs: {} },
      { inputs: [normal([2]), normal([3]), normal([4])], attrs: {} },
      { inputs: [normal([3]), normal([0])], attrs: {} },
      { inputs: [integers([3], 0, 9), integers([2], 0, 9)], attrs: {} },
      { inputs: [bools([2]), bools([2])], attrs: {} },
    ],
  }),
];
