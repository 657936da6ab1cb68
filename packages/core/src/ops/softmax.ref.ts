// References of softmax.ts.
import {
  absolute,
  alongAxis,
  defineRef,
  elementwise,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";

interface Attrs {
  readonly dim: number;
}

/** exp(x − max) / Σ of a line; NaN where every entry is −Infinity. */
export function softmaxLine(line: Float64Array): Float64Array {
  const top = Math.max(...line);
  const powers = line.map((x) => Math.exp(x - top));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

function logSoftmaxLine(line: Float64Array): Float64Array {
  const top = Math.max(...line);
  const total = line.reduce((sum, x) => sum + Math.exp(x - top), 0);
  return line.map((x) => x - top - Math.log(total));
}

/** A row of −Infinity, a row with one finite entry, and one with none masked. */
const masks = values([-Infinity, -Infinity, -Infinity, 1, -Infinity, -Infinity, 0.5, -2, 1], [3, 3]);
const specials = values([1, Number.NaN, 2, Infinity, 1, 2, 1, 2, 3], [3, 3]);

const samples: Sample<Attrs>[] = [
  ...SIZES.map((n) => ({ inputs: [normal([3, n], 2)], attrs: { dim: -1 } })),
  { inputs: [normal([2, 257], 2)], attrs: { dim: 1 } },
  ...[0, 1, 2, -2, -3].map((dim) => ({ inputs: [normal([3, 4, 17], 2)], attrs: { dim } })),
  { inputs: [normal([2, 3, 4, 5], 2)], attrs: { dim: -1 } },
  { inputs: [normal([2, 3, 4, 5], 2)], attrs: { dim: 1 } },
  { inputs: [normal([17], 2)], attrs: { dim: 0 } },
  { inputs: [normal([])], attrs: { dim: 0 } },
  { inputs: [normal([0, 3])], attrs: { dim: 1 }, note: "empty" },
  { inputs: [normal([2, 0])], attrs: { dim: 1 }, note: "empty" },
  { inputs: [normal([2, 0, 3])], attrs: { dim: 0 }, note: "empty" },
  { inputs: [normal([5, 33], 100)], attrs: { dim: 1 }, note: "×100" },
  { inputs: [sprinkled(normal([5, 17], 2), -Infinity, 3)], attrs: { dim: 1 }, note: "-Infinity" },
  { inputs: [masks], attrs: { dim: 1 }, note: "masked rows", smooth: false },
  { inputs: [specials], attrs: { dim: 1 }, note: "NaN, Infinity", smooth: false },
];

const units = ([x]: readonly RefTensor[], { dim }: Attrs): number => {
  const size = x.shape[dim < 0 ? dim + x.shape.length : dim] ?? 1;
  return 2 * (2 + Math.log2(Math.max(size, 1)));
};

interface AttentionAttrs {
  readonly scale: number;
  readonly causal: boolean;
  readonly past: number;
}

/**
 * softmax(scale · scores) of rows (…, T, S), of which row t keeps its first past + t + 1 entries if causal; zeros where
 * all of them are −Infinity.
 */
export function attentionSoftmax(scores: RefTensor, { scale, causal, past }: AttentionAttrs): RefTensor {
  const T = scores.shape[scores.shape.length - 2];
  let row = 0;
  return alongAxis(scores, -1, (line) => {
    const seen = causal ? past + (row++ % T) + 1 : line.length;
    const scaled = line.slice(0, seen).map((x) => scale * x);
    const weights = scaled.every((x) => x === -Infinity) ? scaled.map(() => 0) : softmaxLine(scaled);
    return Float64Array.from(line, (_, i) => weights[i] ?? 0);
  });
}

const masking =
  "x.masked_fill(torch.ones(x.shape[-2:]).tril(past).logical_not() if causal else torch.tensor(False), float('-inf'))";

const attention = (x: Maker, attrs: Partial<AttentionAttrs>, note?: string): Sample<AttentionAttrs> => ({
  inputs: [x],
  attrs: { scale: 1, causal: false, past: 0, ...attrs },
  note,
});

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "softmax",
    large: { inputs: [normal([1024, 1024])], attrs: { dim: -1 } },
    inputs: ["x"],
    torch: "torch.softmax(x, dim)",
    differentiable: true,
    tolerance: { units },
    forward: ([x], { dim }) => ({ ...alongAxis(x, dim, softmaxLine), dtype: "f32" }),
    call: ([x], { dim }) => x.softmax(dim),
    samples,
  }),
  defineRef<Attrs>({
    op: "softmin",
    inputs: ["x"],
    torch: "F.softmin(x, dim)",
    differentiable: true,
    tolerance: { units },
    forward: ([x], { dim }) => alongAxis(x, dim, (line) => softmaxLine(line.map((value) => -value))),
    call: ([x], { dim }) => x.softmin(dim),
    samples: [
      ...[1, 5, 17, 33].map((n) => ({ inputs: [normal([3, n], 2)], attrs: { dim: -1 } })),
      { inputs: [normal([3, 4, 17], 2)], attrs: { dim: 1 } },
      { inputs: [normal([])], attrs: { dim: 0 } },
      { inputs: [normal([0, 3])], attrs: { dim: 1 }, note: "empty" },
      { inputs: [specials], attrs: { dim: 1 }, note: "NaN, Infinity", smooth: false },
    ],
    large: { inputs: [normal([1024, 1024])], attrs: { dim: -1 } },
  }),
  defineRef<Attrs>({
    op: "logSoftmax",
    large: { inputs: [normal([1024, 1024])], attrs: { dim: -1 } },
    inputs: ["x"],
    torch: "torch.log_softmax(x, dim)",
    differentiable: true,
    tolerance: {
      units,
      of: ([x]) => ({
        ...x,
        shape: [],
        data: Float64Array.of(Math.max(1, ...absolute(x).data.filter(Number.isFinite)) * 2),
      }),
    },
    forward: ([x], { dim }) => ({ ...alongAxis(x, dim, logSoftmaxLine), dtype: "f32" }),
    call: ([x], { dim }) => x.logSoftmax(dim),
    samples,
  }),
  defineRef<AttentionAttrs>({
    op: "attentionSoftmax",
    large: attention(normal([8, 256, 256]), { scale: 0.125, causal: true }),
    inputs: ["x"],
    torch: `torch.softmax(${masking} * scale, -1).masked_fill((x * scale == float('-inf')).all(-1, keepdim=True), 0)`,
    differentiable: true,
    tolerance: {
      units: ([x]) => 2 * (2 + Math.log2(x.shape[x.shape.length - 1])),
      of: ([x], { scale }) =>
        elementwise([absolute(x)], (value) => 1 + (Number.isFinite(value) ? value * scale : 0)),
    },
    forward: ([x], attrs) => attentionSoftmax(x, attrs),
    call: ([x], attrs) => x.attentionSoftmax(attrs),
    samples: [
      ...SIZES.filter((n) => n < 30).map((n) => attention(normal([2, n, n]), { scale: 0.5, causal: true })),
      ...[31, 33, 65].map((n) => attention(normal([3, n]), { scale: 0.5, causal: true, past: n - 3 })),
      ...[1, 4, 15].map((past) =>
        attention(normal([2, 3, 2, past + 2]), { scale: 0.25, causal: true, past }),
      ),
      attention(normal([2, 2, 1, 9]), { causal: true, past: 8 }, "one query"),
      attention(normal([2, 3, 7]), { causal: true }, "more keys than queries"),
      attention(normal([2, 3, 4, 17]), { scale: 0.125 }),
      attention(normal([5, 17]), { scale: 2 }),
      attention(normal([5, 5], 100), { scale: 0.125, causal: true }, "×100"),
      attention(sprinkled(normal([4, 5]), -Infinity, 4), { scale: 0.5 }, "-Infinity"),
      { ...attention(masks, { scale: 2 }, "a query that sees nothing"), smooth: false, torch: false },
    ],
  }),
];
