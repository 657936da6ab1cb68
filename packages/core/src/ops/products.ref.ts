// References of products.ts, as sums over labels (einsum.ref.ts).
import {
  absolute,
  broadcast,
  build,
  defineRef,
  elementwise,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
} from "../reference.ts";
import { contraction } from "./einsum.ref.ts";
import { productUnits } from "./matmul.ref.ts";
import { resolve } from "./views.ref.ts";

type None = Record<never, never>;
type Shapes = readonly (readonly number[])[];

const none = (inputs: readonly Maker[]): Sample<None> => ({ inputs, attrs: {} });
const normals = (...shapes: Shapes): Sample<None> => none(shapes.map((shape) => normal(shape)));
const whole = (...shapes: Shapes): Sample<None> => none(shapes.map((shape) => integers(shape, -9, 9)));

/** Ops that are one equation. */
const equations = {
  mm: {
    terms: ["ik", "kj"],
    output: "ij",
    shapes: (n: number) => [
      [3, n],
      [n, 5],
    ],
  },
  bmm: {
    terms: ["bik", "bkj"],
    output: "bij",
    shapes: (n: number) => [
      [2, 3, n],
      [2, n, 5],
    ],
  },
  mv: { terms: ["ik", "k"], output: "i", shapes: (n: number) => [[3, n], [n]] },
  dot: { terms: ["k", "k"], output: "", shapes: (n: number) => [[n], [n]] },
  outer: { terms: ["i", "j"], output: "ij", shapes: (n: number) => [[3], [n]] },
} as const;

type Name = keyof typeof equations;

const simple = (Object.keys(equations) as Name[]).map((op) => {
  const { terms, output, shapes } = equations[op];
  const value = (inputs: readonly RefTensor[]): RefTensor =>
    contraction(
      terms.map((term) => [...term]),
      [...output],
      inputs,
    );
  return defineRef<None>({
    op,
    inputs: ["a", "b"],
    torch: `torch.${op}(a, b)`,
    differentiable: true,
    tolerance: {
      units: ([a]) => productUnits(a.shape[a.shape.length - 1]),
      of: (inputs) => value(inputs.map(absolute)),
    },
    forward: value,
    call: ([a, b]) => a[op](b),
    samples: [
      ...SIZES.map((n) => normals(...shapes(n))),
      normals(...shapes(0)),
      whole(...shapes(17)),
      whole(...shapes(0)),
    ],
    large: normals(...shapes(4096)),
  });
});

interface Scales {
  readonly beta?: number;
  readonly alpha?: number;
}

const adding = (["addmm", "addmv", "baddbmm"] as const).map((op) => {
  const { terms, output, shapes } = equations[op === "addmm" ? "mm" : op === "addmv" ? "mv" : "bmm"];
  const full = op === "addmm" ? [3, 5] : op === "addmv" ? [3] : [2, 3, 5];
  const value = ([input, a, b]: readonly RefTensor[], { beta = 1, alpha = 1 }: Scales): RefTensor => {
    const product = contraction(
      terms.map((term) => [...term]),
      [...output],
      [a, b],
    );
    const sum = (x: number, y: number): number => (beta === 0 ? 0 : beta * x) + alpha * y;
    return elementwise([input, product], sum, product.dtype);
  };
  const sample = (n: number, input: readonly number[], attrs: Scales, note?: string): Sample<Scales> => ({
    inputs: [normal(input), ...shapes(n).map((shape) => normal(shape))],
    attrs: { beta: attrs.beta, alpha: attrs.alpha },
    note,
  });
  const last = full[full.length - 1];
  return defineRef<Scales>({
    op,
    inputs: ["input", "a", "b"],
    torch: `torch.${op}(input, a, b, beta=1 if beta is None else beta, alpha=1 if alpha is None else alpha)`,
    differentiable: true,
    tolerance: {
      units: ([, a]) => productUnits(a.shape[a.shape.length - 1]) + 3,
      of: (inputs, { beta = 1, alpha = 1 }) =>
        value(inputs.map(absolute), { beta: Math.abs(beta), alpha: Math.abs(alpha) }),
    },
    forward: value,
    call: ([input, a, b], { beta, alpha }) => input[op](a, b, { beta, alpha }),
    samples: [
      ...SIZES.map((n) => sample(n, full, {})),
      sample(4, [last], {}, "broadcast"),
      sample(4, [], {}, "a number"),
      sample(0, full, {}),
      sample(4, full, { beta: 0.5, alpha: -2 }),
      sample(4, full, { beta: 0 }),
      sample(4, full, { alpha: 0 }),
      sample(4, [last], { beta: -1.5, alpha: 0.25 }),
      {
        inputs: [
          (random) => ({ ...normal(full)(random), data: normal(full)(random).data.fill(NaN) }),
          ...shapes(4).map((shape) => normal(shape)),
        ],
        attrs: { beta: 0, alpha: undefined },
        note: "an input of NaN does not count",
        smooth: false,
      },
      {
        inputs: [integers(full, -9, 9), ...shapes(4).map((shape) => integers(shape, -9, 9))],
        attrs: { beta: 2, alpha: -3 },
      },
    ],
    large: sample(4096, full, {}),
  });
});

interface Dims {
  readonly dims: number | readonly [readonly number[], readonly number[]];
}

function tensordot([a, b]: readonly RefTensor[], { dims }: Dims): RefTensor {
  const rank = a.shape.length;
  const [fromA, fromB] =
    typeof dims === "number"
      ? [Array.from({ length: dims }, (_, i) => rank - dims + i), Array.from({ length: dims }, (_, i) => i)]
      : [dims[0].map((d) => resolve(d, rank)), dims[1].map((d) => resolve(d, b.shape.length))];
  const labelsA = a.shape.map((_, axis) => (fromA.includes(axis) ? `k${fromA.indexOf(axis)}` : `a${axis}`));
  const labelsB = b.shape.map((_, axis) => (fromB.includes(axis) ? `k${fromB.indexOf(axis)}` : `b${axis}`));
  const output = [...labelsA, ...labelsB].filter((label) => !label.startsWith("k"));
  return contraction([labelsA, labelsB], output, [a, b]);
}

const dots = (a: readonly number[], b: readonly number[], dims: Dims["dims"]): Sample<Dims> => ({
  inputs: [normal(a), normal(b)],
  attrs: { dims },
});

function kron([a, b]: readonly RefTensor[]): RefTensor {
  const rank = Math.max(a.shape.length, b.shape.length);
  const front = (x: RefTensor): RefTensor => ({
    ...x,
    shape: [...new Array<number>(rank - x.shape.length).fill(1), ...x.shape],
  });
  const [m, n] = [front(a), front(b)];
  return build(
    m.shape.map((size, axis) => size * n.shape[axis]),
    (index) =>
      read(
        m,
        index.map((i, axis) => Math.floor(i / n.shape[axis])),
      ) *
      read(
        n,
        index.map((i, axis) => i % n.shape[axis]),
      ),
    a.dtype === "f32" || b.dtype === "f32" ? "f32" : "i32",
  );
}

function cross([a, b]: readonly RefTensor[], dim: number, sign: number): RefTensor {
  const shape = broadcast(a.shape, b.shape);
  const axis = resolve(dim, shape.length);
  return build(
    shape,
    (index) => {
      const at = (x: RefTensor, by: number): number =>
        read(
          x,
          index.map((i, d) => (d === axis ? (i + by) % 3 : i)),
        );
      return at(a, 1) * at(b, 2) + sign * at(a, 2) * at(b, 1);
    },
    a.dtype,
  );
}

function bilinear([x1, x2, weight, bias]: readonly RefTensor[]): RefTensor {
  const lead = x1.shape.slice(0, -1).map((_, axis) => `b${axis}`);
  const y = contraction(
    [
      [...lead, "i"],
      [...lead, "j"],
      ["o", "i", "j"],
    ],
    [...lead, "o"],
    [x1, x2, weight],
  );
  return bias === null ? y : elementwise([y, bias], (a, b) => a + b);
}

const bilinears: readonly Sample<None>[] = [
  normals([3, 4], [3, 5], [7, 4, 5], [7]),
  normals([2, 3, 4], [2, 3, 5], [2, 4, 5], [2]),
  normals([4], [5], [3, 4, 5], [3]),
  normals([17, 15], [17, 16], [3, 15, 16], [3]),
  normals([0, 4], [0, 5], [3, 4, 5], [3]),
  normals([3, 1], [3, 1], [1, 1, 1], [1]),
  { inputs: [normal([3, 4]), normal([3, 5]), normal([7, 4, 5]), null], attrs: {}, note: "no bias" },
];

export const refs: readonly OpRef[] = [
  ...simple,
  ...adding,
  defineRef<None>({
    op: "bilinear",
    inputs: ["x1", "x2", "weight", "bias"],
    torch: "F.bilinear(x1, x2, weight, bias)",
    differentiable: true,
    tolerance: { units: 24, of: (inputs) => bilinear(inputs.map((x) => x && absolute(x))) },
    forward: bilinear,
    call: ([x1, x2, weight, bias]) => x1.bilinear(x2, weight, bias),
    samples: bilinears,
    large: normals([256, 64], [256, 64], [32, 64, 64], [32]),
  }),
  defineRef<Dims>({
    op: "tensordot",
    inputs: ["a", "b"],
    torch: "torch.tensordot(a, b, dims)",
    differentiable: true,
    tolerance: { units: 16, of: (inputs, attrs) => tensordot(inputs.map(absolute), attrs) },
    forward: tensordot,
    call: ([a, b], { dims }) => a.tensordot(b, dims),
    samples: [
      dots([3, 4, 5], [4, 5, 2], 2),
      dots([3, 5], [5, 2], 1),
      dots([3, 2], [4], 0),
      dots([3, 5], [3, 5], 2),
      dots([], [3], 0),
      dots(
        [3, 4, 5],
        [4, 3, 2],
        [
          [1, 0],
          [0, 1],
        ],
      ),
      dots(
        [3, 4, 5],
        [5, 2, 3],
        [
          [0, -1],
          [-1, 0],
        ],
      ),
      dots([3, 4], [2, 3], [[0], [1]]),
      dots([3, 4], [1, 5], [[0], [0]]),
      dots([1, 4], [3, 5], [[0], [0]]),
      dots([3, 0], [0, 5], 1),
      { inputs: [integers([3, 4], -9, 9), integers([4, 2], -9, 9)], attrs: { dims: 1 } },
    ],
    large: dots([32, 16, 64], [16, 64, 128], 2),
  }),
  defineRef<None>({
    op: "kron",
    inputs: ["a", "b"],
    torch: "torch.kron(a, b)",
    differentiable: true,
    tolerance: { ulp: 0.5 },
    forward: kron,
    call: ([a, b]) => a.kron(b),
    samples: [
      normals([3], [5]),
      normals([2, 3], [4, 5]),
      // PyTorch's kron refuses some strides where the ranks differ.
      { ...normals([2, 3], [4]), torch: false },
      { ...normals([3], [2, 2, 2]), torch: false },
      normals([], [2, 3]),
      normals([2, 0], [3, 3]),
      whole([2, 3], [3, 2]),
    ],
    large: normals([32, 32], [32, 32]),
  }),
  defineRef<{ dim: number }>({
    op: "cross",
    inputs: ["a", "b"],
    torch: "torch.linalg.cross(a, b, dim=dim)",
    differentiable: true,
    tolerance: { units: 2, of: (inputs, { dim }) => cross(inputs.map(absolute), dim, 1) },
    forward: (inputs, { dim }) => cross(inputs, dim, -1),
    call: ([a, b], { dim }) => a.cross(b, dim),
    samples: [
      { inputs: [normal([3]), normal([3])], attrs: { dim: -1 } },
      { inputs: [normal([17, 3]), normal([17, 3])], attrs: { dim: 1 } },
      { inputs: [normal([3, 17]), normal([3, 17])], attrs: { dim: 0 } },
      { inputs: [normal([4, 3, 5]), normal([1, 3, 5])], attrs: { dim: -2 } },
      { inputs: [normal([0, 3]), normal([0, 3])], attrs: { dim: -1 } },
      { inputs: [integers([5, 3], -9, 9), integers([5, 3], -9, 9)], attrs: { dim: -1 } },
    ],
    large: { inputs: [normal([100000, 3]), normal([100000, 3])], attrs: { dim: -1 } },
  }),
];
