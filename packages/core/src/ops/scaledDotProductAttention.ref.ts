// References of scaledDotProductAttention.ts: the formula in float64.
import {
  absolute,
  bools,
  build,
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
import { matmul, productUnits } from "./matmul.ref.ts";
import { attentionSoftmax } from "./softmax.ref.ts";

interface Attrs {
  readonly isCausal: boolean;
  readonly past: number;
  /** null: 1 / sqrt(D) */
  readonly scale: number | null;
}

function transposed(x: RefTensor): RefTensor {
  const [rows, columns] = x.shape.slice(-2);
  return build([...x.shape.slice(0, -2), columns, rows], (index) => {
    const [c, r] = index.slice(-2);
    const block = index.slice(0, -2).reduce((at, i, axis) => at * x.shape[axis] + i, 0);
    return x.data[(block * rows + r) * columns + c];
  });
}

/** softmax(scale · scores + mask) of scores (…, T, S). */
function weightsOf([scores, mask]: readonly RefTensor[], { isCausal, past, scale }: Attrs): RefTensor {
  const scaled = elementwise([scores], (x) => x * (scale ?? 1));
  const masked = !mask
    ? scaled
    : elementwise([scaled, mask], (x, m) => (mask.dtype === "f32" ? x + m : m === 0 ? -Infinity : x));
  return attentionSoftmax(masked, { scale: 1, causal: isCausal, past });
}

function attention([q, k, v, mask]: readonly RefTensor[], attrs: Attrs): RefTensor {
  const scale = attrs.scale ?? 1 / Math.sqrt(q.shape[q.shape.length - 1]);
  return matmul(weightsOf([matmul(q, transposed(k)), mask], { ...attrs, scale }), v);
}

/** At least one key stays for each query. */
const openMask = (shape: readonly number[]): Maker => sprinkled(bools(shape), 1, shape[shape.length - 1]);

/** Leaves key 0, which every query of a causal attention sees. */
const causalMask = values([1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1], [3, 4], "bool");

const none: Attrs = { isCausal: false, past: 0, scale: null };

function sample(
  dims: { B?: number; H?: number; T: number; S?: number; D: number; Dv?: number },
  attrs: Partial<Attrs> = {},
): Sample<Attrs> {
  const { B = 2, H = 2, T, S = T, D, Dv = D } = dims;
  return {
    inputs: [normal([B, H, T, D]), normal([B, H, S, D]), normal([B, H, S, Dv]), null],
    attrs: { ...none, ...attrs },
  };
}

const qkv = (scale = 1): Maker[] => [
  normal([2, 2, 3, 5], scale),
  normal([2, 2, 4, 5], scale),
  normal([2, 2, 4, 5]),
];

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "scaledDotProductAttention",
    inputs: ["q", "k", "v", "mask"],
    torch:
      "(lambda m, c: F.scaled_dot_product_attention(q, k, v, scale=scale, attn_mask=m if c is None else c if m is None " +
      "else m & c if m.dtype == torch.bool else m.masked_fill(~c, float('-inf'))))" +
      "(mask, torch.ones(q.shape[-2], k.shape[-2]).tril(past).bool() if isCausal else None)",
    differentiable: true,
    tolerance: {
      units: ([q, k]) =>
        productUnits(q.shape[q.shape.length - 1]) + productUnits(k.shape[k.shape.length - 2]),
      of([q, k, v], { scale }) {
        const factor = scale ?? 1 / Math.sqrt(q.shape[q.shape.length - 1]);
        const score = Math.max(0, ...matmul(absolute(q), transposed(absolute(k))).data) * factor;
        return {
          dtype: "f32",
          shape: [],
          data: Float64Array.of((1 + score) * Math.max(0, ...absolute(v).data)),
        };
      },
    },
    forward: (inputs, attrs) => attention(inputs, attrs),
    call: ([q, k, v, mask], { isCausal, past, scale }) =>
      q.scaledDotProductAttention(k, v, { mask, isCausal, past, scale: scale ?? undefined }),
    samples: [
      ...SIZES.slice(0, -1).map((T) => sample({ B: 1, T, D: 4 }, { isCausal: true })),
      ...[1, 3, 8, 16, 17].map((D) => sample({ T: 3, S: 5, D })),
      sample({ T: 2, S: 9, D: 5 }, { isCausal: true, past: 7 }),
      sample({ T: 1, S: 9, D: 8 }, { isCausal: true, past: 8 }),
      sample({ T: 4, S: 3, D: 5, Dv: 7 }),
      sample({ T: 4, D: 5 }, { scale: 0.5 }),
      sample({ B: 1, H: 1, T: 4, D: 5 }, { isCausal: true }),
      { inputs: [normal([4, 5]), normal([6, 5]), normal([6, 3]), null], attrs: none },
      { inputs: [normal([3, 4, 5]), normal([3, 6, 5]), normal([3, 6, 5]), null], attrs: none },
      { inputs: [...qkv(), openMask([3, 4])], attrs: none, note: "bool mask" },
      { inputs: [...qkv(), openMask([2, 1, 1, 4])], attrs: none, note: "key mask" },
      { inputs: [...qkv(), normal([2, 2, 3, 4])], attrs: none, note: "added mask" },
      {
        inputs: [...qkv(), sprinkled(normal([3, 4]), -Infinity, 3)],
        attrs: none,
        note: "added mask, -Infinity",
      },
      { inputs: [...qkv(), causalMask], attrs: { ...none, isCausal: true, past: 1 }, note: "bool mask" },
      { inputs: [...qkv(), normal([3, 4])], attrs: { ...none, isCausal: true, past: 1 }, note: "added mask" },
      { inputs: [...qkv(10), null], attrs: none, note: "×10" },
      {
        inputs: [...qkv(), values([1, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1], [3, 4], "bool")],
        attrs: none,
        note: "a masked row",
      },
    ],
  }),
  defineRef<Attrs>({
    op: "attentionWeights",
    inputs: ["scores", "mask"],
    torch:
      "(lambda x, c: torch.softmax(x if c is None else x.masked_fill(~c, float('-inf')), -1))(" +
      "scores * scale if mask is None else scores * scale + mask if mask.is_floating_point() " +
      "else (scores * scale).masked_fill(~mask, float('-inf')), " +
      "torch.ones(scores.shape[-2:]).tril(past).bool() if isCausal else None)",
    differentiable: true,
    tolerance: {
      units: ([scores]) => 2 * (2 + Math.log2(scores.shape[scores.shape.length - 1])),
      of: ([x], { scale }) => elementwise([absolute(x)], (value) => 1 + value * (scale ?? 1)),
    },
    forward: (inputs, attrs) => weightsOf(inputs, attrs),
    call: ([scores, mask], { isCausal, past, scale }) =>
      scores.attentionWeights({ mask, isCausal, past, scale: scale as number }),
    samples: [
      { inputs: [normal([2, 3, 17]), null], attrs: { ...none, scale: 0.5 } },
      { inputs: [normal([2, 2, 5, 5]), null], attrs: { isCausal: true, past: 0, scale: 0.5 } },
      {
        inputs: [normal([2, 2, 3, 4]), causalMask],
        attrs: { isCausal: true, past: 1, scale: 0.5 },
        note: "bool mask",
      },
      {
        inputs: [normal([2, 2, 3, 4]), openMask([2, 1, 1, 4])],
        attrs: { ...none, scale: 2 },
        note: "key mask",
      },
      {
        inputs: [normal([2, 2, 3, 4]), normal([3, 4])],
        attrs: { ...none, scale: 0.125 },
        note: "added mask",
      },
    ],
  }),
  defineRef<Record<never, never>>({
    op: "attend",
    inputs: ["weights", "v"],
    torch: "torch.matmul(weights, v)",
    differentiable: true,
    tolerance: {
      units: ([weights]) => productUnits(weights.shape[weights.shape.length - 1]),
      of: ([weights, v]) => matmul(absolute(weights), absolute(v)),
    },
    forward: ([weights, v]) => matmul(weights, v),
    call: ([weights, v]) => weights.attend(v),
    samples: [
      { inputs: [normal([2, 3, 4, 5]), normal([2, 3, 5, 7])], attrs: {} },
      { inputs: [normal([1, 2, 1, 9]), normal([1, 2, 9, 8])], attrs: {} },
      { inputs: [normal([2, 1, 4, 5]), normal([2, 3, 5, 7])], attrs: {} },
      { inputs: [normal([2, 3, 4, 5]), normal([2, 1, 5, 7])], attrs: {} },
      { inputs: [normal([4, 5]), normal([5, 3])], attrs: {} },
    ],
  }),
];
