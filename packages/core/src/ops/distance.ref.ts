// References of distance.ts.
import {
  alongAxis,
  broadcast,
  build,
  defineRef,
  elementwise,
  integers,
  normal,
  type OpRef,
  type RefTensor,
  read,
  reduce,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";

function norm(line: Iterable<number>, p: number): number {
  const sizes = [...line].map(Math.abs);
  if (p === Infinity) return sizes.reduce((top, size) => Math.max(top, size), 0);
  if (p === -Infinity) return sizes.reduce((low, size) => Math.min(low, size), Infinity);
  if (p === 0) return sizes.filter((size) => size !== 0).length;
  return sizes.reduce((sum, size) => sum + size ** p, 0) ** (1 / p);
}

interface Normalize {
  readonly p?: number;
  readonly dim?: number;
  readonly eps?: number;
}

interface Cosine {
  readonly dim?: number;
  readonly eps?: number;
}

interface Pairwise {
  readonly p?: number;
  readonly eps?: number;
  readonly keepdim?: boolean;
}

function spread(x: RefTensor, shape: readonly number[]): RefTensor {
  return build(shape, (index) => read(x, index));
}

function cosine([a, b]: readonly RefTensor[], { dim = 1, eps = 1e-8 }: Cosine): RefTensor {
  const shape = broadcast(a.shape, b.shape);
  const unit = (x: RefTensor): RefTensor =>
    alongAxis(spread(x, shape), dim, (line) => {
      const size = Math.max(norm(line, 2), eps);
      return line.map((value) => value / size);
    });
  const product = elementwise([unit(a), unit(b)], (x, y) => x * y);
  return reduce(product, { dim }, (line) => line.reduce((sum, value) => sum + value, 0));
}

const pair = <A>(a: readonly number[], b: readonly number[], attrs: A, note?: string): Sample<A> => ({
  inputs: [normal(a), normal(b)],
  attrs,
  note,
});

const plainNorm: Normalize = { p: undefined, dim: undefined, eps: undefined };
const plainCosine: Cosine = { dim: undefined, eps: undefined };
const plainPair: Pairwise = { p: undefined, eps: undefined, keepdim: undefined };

export const refs: readonly OpRef[] = [
  defineRef<Normalize>({
    op: "normalize",
    inputs: ["x"],
    torch:
      "F.normalize(x.to(floating), 2.0 if p is None else p, 1 if dim is None else dim, 1e-12 if eps is None else eps)",
    differentiable: true,
    tolerance: { units: 16 },
    forward: ([x], { p = 2, dim = 1, eps = 1e-12 }) => ({
      ...alongAxis(x, dim, (line) => {
        const size = Math.max(norm(line, p), eps);
        return line.map((value) => value / size);
      }),
      dtype: "f32",
    }),
    call: ([x], attrs) => x.normalize(attrs),
    samples: [
      ...SIZES.map((n) => ({ inputs: [normal([3, n])], attrs: plainNorm })),
      ...[0, 1, 2, -1].map((dim) => ({ inputs: [normal([3, 4, 5])], attrs: { ...plainNorm, dim } })),
      ...[1, 3, 4, 1.5, 0.5, 2.5, Infinity, 0].map((p) => ({
        inputs: [normal([3, 7], 1, 3)],
        attrs: { ...plainNorm, p },
      })),
      { inputs: [normal([3, 7])], attrs: { ...plainNorm, eps: 100 }, note: "eps beyond the norm" },
      { inputs: [values(new Array(6).fill(0), [2, 3])], attrs: plainNorm, note: "zeros", smooth: false },
      {
        inputs: [values([0, 3, 4, 0, -0, 1], [2, 3])],
        attrs: { ...plainNorm, p: 1 },
        note: "zeros",
        smooth: false,
      },
      {
        inputs: [values([0, 3, 4, 0, 0, 1], [2, 3])],
        attrs: { ...plainNorm, p: 3 },
        note: "zeros",
        smooth: false,
      },
      { inputs: [normal([5])], attrs: { ...plainNorm, dim: 0 } },
      { inputs: [normal([], 1, 2)], attrs: { ...plainNorm, dim: 0, p: 3 } },
      { inputs: [normal([3, 7], 100)], attrs: plainNorm, note: "×100" },
      { inputs: [normal([0, 3])], attrs: plainNorm },
      { inputs: [integers([3, 5], -9, 9)], attrs: plainNorm },
    ],
    large: { inputs: [normal([2048, 512])], attrs: plainNorm },
  }),
  defineRef<Cosine>({
    op: "cosineSimilarity",
    inputs: ["a", "b"],
    torch: "F.cosine_similarity(a, b, 1 if dim is None else dim, 1e-8 if eps is None else eps)",
    differentiable: true,
    tolerance: { units: 16, of: () => ({ dtype: "f32", shape: [], data: Float64Array.of(1) }) },
    forward: cosine,
    call: ([a, b], attrs) => a.cosineSimilarity(b, attrs),
    samples: [
      ...SIZES.map((n) => pair([3, n], [3, n], plainCosine)),
      ...[0, 1, -1, -3].map((dim) => pair([3, 4, 5], [3, 4, 5], { ...plainCosine, dim })),
      pair([3, 1, 5], [4, 5], { ...plainCosine, dim: -1 }),
      pair([5], [3, 5], { ...plainCosine, dim: -1 }),
      pair([5], [5], { ...plainCosine, dim: 0 }),
      pair([], [], { ...plainCosine, dim: 0 }),
      { ...pair([3, 4], [3, 4], { ...plainCosine, eps: 50 }, "eps beyond the norms"), smooth: false },
      {
        inputs: [values(new Array(6).fill(0), [2, 3]), normal([2, 3])],
        attrs: plainCosine,
        note: "zeros",
        smooth: false,
      },
      { inputs: [normal([3, 7], 100), normal([3, 7])], attrs: plainCosine, note: "×100" },
      pair([0, 3], [0, 3], plainCosine),
    ],
    large: pair([2048, 512], [2048, 512], plainCosine),
  }),
  defineRef<Pairwise>({
    op: "pairwiseDistance",
    inputs: ["a", "b"],
    torch:
      "F.pairwise_distance(a, b, 2.0 if p is None else p, 1e-6 if eps is None else eps, keepdim or False)",
    differentiable: true,
    tolerance: { units: 24 },
    forward([a, b], { p = 2, eps = 1e-6, keepdim }) {
      const difference = elementwise([a, b], (x, y) => x - y + eps);
      return reduce(difference, { dim: -1, keepdim }, (line) => norm(line, p));
    },
    call: ([a, b], attrs) => a.pairwiseDistance(b, attrs),
    samples: [
      ...SIZES.map((n) => pair([3, n], [3, n], plainPair)),
      ...[1, 3, 1.5, Infinity, 0.5].map((p) => pair([3, 7], [3, 7], { ...plainPair, p })),
      pair([3, 7], [3, 7], { ...plainPair, p: 0 }),
      pair([3, 7], [3, 7], { ...plainPair, keepdim: true }),
      pair([3, 7], [3, 7], { ...plainPair, eps: 0.5 }),
      pair([5], [3, 5], plainPair),
      pair([2, 1, 5], [3, 5], plainPair),
      pair([5], [5], plainPair),
      pair([0, 3], [0, 3], plainPair),
    ],
    large: pair([2048, 512], [2048, 512], plainPair),
  }),
  defineRef<{ p?: number }>({
    op: "cdist",
    inputs: ["a", "b"],
    torch: "torch.cdist(a, b, 2.0 if p is None else p, compute_mode='donot_use_mm_for_euclid_dist')",
    differentiable: true,
    tolerance: { units: 24 },
    forward([a, b], { p = 2 }) {
      const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
      const [M] = a.shape.slice(-1);
      return build([...batch, a.shape[a.shape.length - 2], b.shape[b.shape.length - 2]], (index) => {
        const [i, j] = index.slice(-2);
        const lead = index.slice(0, -2);
        return norm(
          Array.from({ length: M }, (_, k) => read(a, [...lead, i, k]) - read(b, [...lead, j, k])),
          p,
        );
      });
    },
    call: ([a, b], attrs) => a.cdist(b, attrs),
    samples: [
      ...SIZES.map((n) => pair([3, n], [4, n], { p: undefined })),
      ...[1, 3, 1.5, Infinity].map((p) => pair([3, 6], [4, 6], { p })),
      pair([3, 7], [4, 7], { p: 0 }),
      pair([2, 3, 4], [2, 5, 4], { p: undefined }),
      pair([3, 4], [2, 5, 4], { p: undefined }),
      pair([0, 3], [4, 3], { p: undefined }),
    ],
    large: pair([256, 64], [256, 64], { p: undefined }),
  }),
];
