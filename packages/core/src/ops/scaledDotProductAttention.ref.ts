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
  read,
  type Sample,
  SIZES,
  sprinkled,
  values,
} from "../reference.ts";
import { matmul, productUnits } from "./matmul.ref.ts";
import { pairs, relativeScores, relativeValues } from "./relativePositions.ref.ts";
import { attentionSoftmax } from "./softmax.ref.ts";

interface WeightAttrs {
  readonly isCausal: boolean;
  readonly past: number;
  /** null: 1 / sqrt(D) */
  readonly scale: number | null;
  readonly softCap: number | null;
}

interface Attrs extends WeightAttrs {
  readonly enableGqa: boolean;
}

function transposed(x: RefTensor): RefTensor {
  const [rows, columns] = x.shape.slice(-2);
  return build([...x.shape.slice(0, -2), columns, rows], (index) =>
    read(x, [...index.slice(0, -2), index[index.length - 1], index[index.length - 2]]),
  );
}

/** x with each of its heads as often as it takes to have those of `q`. */
function repeated(x: RefTensor, q: RefTensor): RefTensor {
  const [G, H] = [x, q].map(({ shape }) => shape[shape.length - 3] ?? 1);
  if (G === H || G <= 1 || H <= 1) return x;
  return build([...x.shape.slice(0, -3), H, ...x.shape.slice(-2)], (index) => {
    const at = index.slice();
    at[at.length - 3] = Math.floor(at[at.length - 3] / (H / G));
    return read(x, at);
  });
}

/** q kᵀ, plus that of relative positions. */
function scoresOf(q: RefTensor, k: RefTensor, table: RefTensor | null, past: number): RefTensor {
  const scores = matmul(q, transposed(repeated(k, q)));
  if (!table) return scores;
  const relative = relativeScores(q, table, k.shape[k.shape.length - 2], past);
  return elementwise([scores, relative], (x, y) => x + y);
}

/** softmax(cap(scale · scores) + bias + mask) of scores (…, T, S). */
function weightsOf(
  [scores, mask, bias]: readonly (RefTensor | null)[],
  { isCausal, past, scale, softCap }: WeightAttrs,
): RefTensor {
  const cap = (x: number): number => (softCap === null ? x : softCap * Math.tanh(x / softCap));
  let masked = elementwise([scores as RefTensor], (x) => cap(x * (scale ?? 1)));
  if (bias) masked = elementwise([masked, bias], (x, b) => x + b);
  if (mask)
    masked = elementwise([masked, mask], (x, m) => (mask.dtype === "f32" ? x + m : m === 0 ? -Infinity : x));
  return attentionSoftmax(masked, { scale: 1, causal: isCausal, past });
}

function attended(weights: RefTensor, v: RefTensor, table: RefTensor | null, past: number): RefTensor {
  const output = matmul(weights, repeated(v, weights));
  if (!table) return output;
  return elementwise([output, relativeValues(weights, table, past)], (x, y) => x + y);
}

function attention(
  [q, k, v, mask, bias, keyTable, valueTable]: readonly RefTensor[],
  attrs: Attrs,
): [RefTensor, RefTensor] {
  const scale = attrs.scale ?? 1 / Math.sqrt(q.shape[q.shape.length - 1] || 1);
  const scores = scoresOf(q, k, keyTable ?? null, attrs.past);
  const weights = weightsOf([scores, mask, bias], { ...attrs, scale });
  return [attended(weights, v, valueTable ?? null, attrs.past), weights];
}

// -- PyTorch -----------------------------------------------------------------------------------------------------

const causal = (T: string, S: string): string => `torch.ones(${T}, ${S}).tril(past).bool()`;

/** softmax of scaled scores by their masks. */
const torchWeights =
  "(lambda x, c: torch.softmax(x if c is None else x.masked_fill(~c, float('-inf')), -1))(" +
  "(lambda x: x if mask is None else x + mask if mask.is_floating_point() else x.masked_fill(~mask, float('-inf')))(" +
  "(lambda x: x if bias is None else x + bias)((lambda x: x if softCap is None else torch.tanh(x / softCap) * softCap)(" +
  `scores * scale))), ${causal("scores.shape[-2]", "scores.shape[-1]")} if isCausal else None)`;

const heads = (x: string, q: string): string =>
  `${x}.repeat_interleave(max(${q}.shape[-3] // ${x}.shape[-3], 1) if ${q}.dim() > 2 and ${x}.shape[-3] > 1 else 1, ` +
  `-3 if ${q}.dim() > 2 else 0)`;

const torchScores =
  `torch.matmul(q, ${heads("k", "q")}.mT) + (0 if keyTable is None else ` +
  `torch.einsum("...td,...tsd->...ts", q, ${pairs("keyTable", "q.shape[-2]", "k.shape[-2]")}))`;

const torchAttend =
  `torch.matmul(weights, ${heads("v", "weights")}) + (0 if valueTable is None else ` +
  `torch.einsum("...ts,...tsd->...td", weights, ${pairs("valueTable", "weights.shape[-2]", "weights.shape[-1]")}))`;

// -- samples -----------------------------------------------------------------------------------------------------

/** At least one key stays for each query. */
const openMask = (shape: readonly number[]): Maker => sprinkled(bools(shape), 1, shape[shape.length - 1]);

/** Leaves key 0, which every query of a causal attention sees. */
const causalMask = values([1, 0, 1, 1, 1, 1, 0, 1, 1, 0, 0, 1], [3, 4], "bool");

const none: Attrs = { isCausal: false, past: 0, scale: null, softCap: null, enableGqa: false };

interface Dims {
  readonly B?: number;
  readonly H?: number;
  readonly G?: number;
  readonly T: number;
  readonly S?: number;
  readonly D: number;
  readonly Dv?: number;
}

function sample(dims: Dims, attrs: Partial<Attrs> = {}, ...rest: (Maker | null)[]): Sample<Attrs> {
  const { B = 2, H = 2, G = H, T, S = T, D, Dv = D } = dims;
  return {
    inputs: [
      normal([B, H, T, D]),
      normal([B, G, S, D]),
      normal([B, G, S, Dv]),
      rest[0] ?? null,
      ...rest.slice(1),
    ],
    attrs: { ...none, ...attrs },
  };
}

const noted = <A>(given: Sample<A>, note: string): Sample<A> => ({ ...given, note });

const qkv = (scale = 1): Maker[] => [
  normal([2, 2, 3, 5], scale),
  normal([2, 2, 4, 5], scale),
  normal([2, 2, 4, 5]),
];

/** The same dims with every further argument there is. */
function extended(
  dims: Dims,
  attrs: Partial<Attrs>,
  rest: Partial<Record<"mask" | "bias" | "keys" | "values", Maker>>,
) {
  return sample(dims, attrs, rest.mask ?? null, rest.bias ?? null, rest.keys ?? null, rest.values ?? null);
}

const scoreBound = ([q, k, v]: readonly RefTensor[], scale: number | null): RefTensor => {
  const factor = scale ?? 1 / Math.sqrt(q.shape[q.shape.length - 1] || 1);
  const score =
    Math.max(0, ...matmul(absolute(q), transposed(absolute(repeated(k, q)))).data) * Math.abs(factor);
  return { dtype: "f32", shape: [], data: Float64Array.of((1 + score) * Math.max(1, ...absolute(v).data)) };
};

const attentionUnits = ([q, k]: readonly RefTensor[]): number =>
  productUnits(q.shape[q.shape.length - 1]) + productUnits(k.shape[k.shape.length - 2]);

const dims = { T: 3, S: 4, D: 5 };
const keyTable = normal([5, 5]);

export const refs: readonly OpRef[] = [
  defineRef<Attrs>({
    op: "scaledDotProductAttention",
    inputs: ["q", "k", "v", "mask"],
    torch:
      "(lambda m, c: F.scaled_dot_product_attention(q, k, v, scale=scale, enable_gqa=enableGqa, attn_mask=m if c is None " +
      "else c if m is None else m & c if m.dtype == torch.bool else m.masked_fill(~c, float('-inf'))))" +
      `(mask, ${causal("q.shape[-2]", "k.shape[-2]")} if isCausal else None)`,
    differentiable: true,
    // Masks that want a gradient are composed; a single query that wants none has a kernel of its own.
    choosesKernels: true,
    tolerance: { units: attentionUnits, of: (inputs, { scale }) => scoreBound(inputs, scale) },
    forward: (inputs, attrs) => attention(inputs, attrs)[0],
    call: ([q, k, v, mask], { isCausal, past, scale, enableGqa }) =>
      q.scaledDotProductAttention(k, v, {
        mask,
        isCausal,
        past,
        scale: scale ?? undefined,
        enableGqa,
      }) as never,
    samples: [
      ...SIZES.slice(0, -1).map((T) => sample({ B: 1, T, D: 4 }, { isCausal: true })),
      ...[1, 3, 8, 16, 17].map((D) => sample({ T: 3, S: 5, D })),
      sample({ T: 2, S: 9, D: 5 }, { isCausal: true, past: 7 }),
      sample({ T: 1, S: 9, D: 8 }, { isCausal: true, past: 8 }),
      sample({ T: 3, S: 5, D: 4 }, { isCausal: true }),
      sample({ T: 5, S: 3, D: 4 }, { isCausal: true }),
      sample({ T: 4, S: 3, D: 5, Dv: 7 }),
      sample({ T: 4, D: 5 }, { scale: 0.5 }),
      sample({ T: 4, D: 5 }, { scale: -0.5 }),
      noted(sample({ T: 4, D: 5 }, { scale: -0.5 }, openMask([4, 4])), "bool mask"),
      sample({ T: 4, D: 5 }, { scale: 0 }),
      sample({ B: 1, H: 1, T: 4, D: 5 }, { isCausal: true }),
      ...[1, 2, 3].map((G) => sample({ H: 6, G, T: 3, S: 4, D: 5 }, { enableGqa: true })),
      sample({ H: 4, G: 2, T: 3, S: 5, D: 8 }, { enableGqa: true, isCausal: true, past: 2 }),
      noted(sample({ H: 4, G: 2, ...dims }, { enableGqa: true }, openMask([2, 4, 3, 4])), "a mask per head"),
      {
        inputs: [normal([6, 3, 5]), normal([2, 4, 5]), normal([3, 4, 5]), null],
        attrs: { ...none, enableGqa: true },
      },
      sample({ H: 2, G: 1, ...dims }),
      { inputs: [normal([1, 2, 3, 5]), normal([2, 2, 4, 5]), normal([2, 1, 4, 5]), null], attrs: none },
      { inputs: [normal([4, 5]), normal([6, 5]), normal([6, 3]), null], attrs: none },
      { inputs: [normal([3, 4, 5]), normal([3, 6, 5]), normal([3, 6, 5]), null], attrs: none },
      {
        inputs: [normal([2, 1, 2, 3, 5]), normal([2, 1, 2, 4, 5]), normal([2, 1, 2, 4, 5]), null],
        attrs: none,
      },
      { inputs: [...qkv(), openMask([3, 4])], attrs: none, note: "bool mask" },
      { inputs: [...qkv(), openMask([2, 1, 1, 4])], attrs: none, note: "key mask" },
      { inputs: [...qkv(), normal([2, 2, 3, 4])], attrs: none, note: "added mask" },
      { inputs: [...qkv(), normal([2, 1, 1, 4])], attrs: none, note: "added mask" },
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
      {
        inputs: [
          ...qkv(),
          values([0, 0.5, 1, -1, ...new Array(4).fill(-Infinity), 2, 0, -Infinity, 1], [3, 4]),
        ],
        attrs: none,
        note: "a masked row, added",
      },
      sample({ T: 0, S: 3, D: 4 }),
      sample({ T: 3, S: 0, D: 4 }),
      sample({ T: 3, S: 2, D: 0, Dv: 4 }),
      sample({ T: 3, S: 2, D: 4, Dv: 0 }),
      sample({ B: 0, T: 3, S: 2, D: 4 }),
    ],
    large: sample({ B: 4, H: 8, T: 128, D: 64 }, { isCausal: true }),
  }),
  // What PyTorch's function does not have; and the weights.
  defineRef<Attrs>({
    op: "scaledDotProductAttention",
    inputs: ["q", "k", "v", "mask", "bias", "keyTable", "valueTable"],
    torch:
      `(lambda scores: (lambda weights: [${torchAttend}, weights])(eval(${JSON.stringify(torchWeights)}, ` +
      "{**globals(), 'scores': scores, 'scale': q.shape[-1] ** -0.5 if scale is None else scale})))(" +
      `${torchScores})`,
    differentiable: true,
    tolerance: { units: attentionUnits, of: (inputs, { scale }) => scoreBound(inputs, scale) },
    forward: (inputs, attrs) => attention(inputs, attrs),
    call: (
      [q, k, v, mask, bias, relativeKeys, relativeValues],
      { scale, ...attrs },
      { scaledDotProductAttention },
    ) => {
      const options = {
        ...attrs,
        mask,
        bias,
        relativeKeys,
        relativeValues,
        scale,
        needWeights: true,
      } as const;
      const { output, weights } = scaledDotProductAttention(q, k, v, options);
      return [output, weights];
    },
    samples: [
      extended(dims, { isCausal: true, past: 1 }, {}),
      noted(extended(dims, {}, { bias: normal([2, 3, 4]) }), "bias"),
      noted(extended(dims, {}, { bias: normal([2, 1, 4]) }), "bias"),
      noted(extended(dims, {}, { bias: normal([4]), mask: openMask([3, 4]) }), "bias and mask"),
      noted(
        extended(dims, { isCausal: true, past: 1 }, { bias: normal([2, 2, 3, 4]), mask: normal([3, 4]) }),
        "both added",
      ),
      extended(dims, { softCap: 2 }, {}),
      extended(
        { H: 4, G: 2, ...dims },
        { softCap: 0.5, isCausal: true, past: 1, scale: 2, enableGqa: true },
        {},
      ),
      noted(extended(dims, { softCap: 1.5 }, { bias: normal([3, 4]), mask: causalMask }), "all three"),
      noted(extended(dims, {}, { keys: keyTable }), "relative keys"),
      noted(extended(dims, {}, { values: keyTable }), "relative values"),
      noted(extended({ T: 9, D: 5 }, { isCausal: true }, { keys: keyTable, values: keyTable }), "relative"),
      noted(
        extended(
          { H: 4, G: 2, ...dims },
          { past: 1, enableGqa: true },
          { keys: normal([4, 3, 5]), values: keyTable },
        ),
        "relative, grouped",
      ),
      noted(
        extended({ ...dims, Dv: 7 }, {}, { keys: normal([3, 5]), values: normal([2, 9, 7]) }),
        "relative",
      ),
    ],
  }),
  defineRef<Pick<Attrs, "past">>({
    op: "attentionScores",
    inputs: ["q", "k", "keyTable"],
    torch: torchScores,
    differentiable: true,
    tolerance: {
      units: ([q]) => 1 + productUnits(q.shape[q.shape.length - 1]),
      of: ([q, k, table], { past }) => scoresOf(absolute(q), absolute(k), table && absolute(table), past),
    },
    forward: ([q, k, table], { past }) => scoresOf(q, k, table, past),
    call: ([q, k, relativeKeys], { past }) => q.attentionScores(k, { relativeKeys, past }),
    samples: [
      { inputs: [normal([2, 4, 3, 5]), normal([2, 2, 7, 5]), null], attrs: { past: 0 } },
      { inputs: [normal([2, 4, 3, 5]), normal([2, 4, 7, 5]), keyTable], attrs: { past: 4 } },
      { inputs: [normal([4, 5]), normal([7, 5]), null], attrs: { past: 0 } },
    ],
  }),
  defineRef<WeightAttrs>({
    op: "attentionWeights",
    inputs: ["scores", "mask", "bias"],
    torch: torchWeights,
    differentiable: true,
    tolerance: {
      units: ([scores]) => 2 * (2 + Math.log2(scores.shape[scores.shape.length - 1])),
      of: ([x], { scale }) => elementwise([absolute(x)], (value) => 2 + value * (scale ?? 1)),
    },
    forward: (inputs, attrs) => weightsOf(inputs, attrs),
    call: ([scores, mask, bias], { isCausal, past, scale, softCap }) =>
      scores.attentionWeights({ mask, bias, isCausal, past, scale: scale as number, softCap }),
    samples: [
      { inputs: [normal([2, 3, 17]), null, null], attrs: { ...none, scale: 0.5 } },
      { inputs: [normal([2, 2, 5, 5]), null, null], attrs: { ...none, isCausal: true, scale: 0.5 } },
      {
        inputs: [normal([2, 2, 3, 4]), causalMask, null],
        attrs: { ...none, isCausal: true, past: 1, scale: 0.5 },
        note: "bool mask",
      },
      {
        inputs: [normal([2, 2, 3, 4]), openMask([2, 1, 1, 4]), null],
        attrs: { ...none, scale: 2 },
        note: "key mask",
      },
      {
        inputs: [normal([2, 2, 3, 4]), normal([3, 4]), null],
        attrs: { ...none, scale: 0.125 },
        note: "added mask",
      },
      {
        inputs: [normal([2, 2, 3, 4], 4), openMask([3, 4]), normal([4])],
        attrs: { ...none, scale: 0.5, softCap: 3 },
        note: "all",
      },
    ].map(({ attrs: { enableGqa: _, ...attrs }, ...rest }) => ({ ...rest, attrs })),
  }),
  defineRef<Pick<Attrs, "past">>({
    op: "attend",
    inputs: ["weights", "v", "valueTable"],
    torch: torchAttend,
    differentiable: true,
    tolerance: {
      units: ([weights]) => 1 + productUnits(weights.shape[weights.shape.length - 1]),
      of: ([weights, v, table], { past }) =>
        attended(absolute(weights), absolute(v), table && absolute(table), past),
    },
    forward: ([weights, v, table], { past }) => attended(weights, v, table, past),
    call: ([weights, v, relativeValues], { past }) => weights.attend(v, { relativeValues, past }),
    samples: [
      { inputs: [normal([2, 3, 4, 5]), normal([2, 3, 5, 7]), null], attrs: { past: 0 } },
      { inputs: [normal([1, 2, 1, 9]), normal([1, 2, 9, 8]), null], attrs: { past: 0 } },
      { inputs: [normal([2, 1, 4, 5]), normal([2, 3, 5, 7]), null], attrs: { past: 0 } },
      { inputs: [normal([2, 3, 4, 5]), normal([2, 1, 5, 7]), null], attrs: { past: 0 } },
      { inputs: [normal([2, 4, 3, 5]), normal([2, 2, 5, 7]), null], attrs: { past: 0 } },
      { inputs: [normal([2, 4, 3, 5]), normal([2, 2, 5, 7]), normal([5, 7])], attrs: { past: 2 } },
      { inputs: [normal([4, 5]), normal([5, 3]), null], attrs: { past: 0 } },
    ],
  }),
];
