// References of rotaryEmbedding.ts.
import {
  build,
  defineRef,
  integers,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
  values,
} from "../reference.ts";
import type { RotaryScaling } from "./rotaryFrequencies.ts";

interface TableAttrs {
  readonly length: number | null;
  readonly dim: number | null;
  readonly base: number;
  readonly offset: number;
  readonly scaling: RotaryScaling | null;
}

interface Attrs extends TableAttrs {
  readonly interleaved: boolean;
  /** Makes the table first. */
  readonly apart: boolean;
}

/** Frequencies of a sequence of `length` positions, and the factor of the table. */
function frequencies(attrs: TableAttrs, dim: number, length: number): { f: number[]; factor: number } {
  const { base, scaling } = attrs;
  const plain = (b: number): number[] => Array.from({ length: dim / 2 }, (_, i) => b ** ((-2 * i) / dim));
  if (scaling === null) return { f: plain(base), factor: 1 };
  const { factor } = scaling;
  if (scaling.type === "linear") return { f: plain(base).map((f) => f / factor), factor: 1 };
  const trained = scaling.originalMaxPositionEmbeddings;
  if (scaling.type === "dynamic") {
    const seen = Math.max(length, trained);
    return { f: plain(base * ((factor * seen) / trained - factor + 1) ** (dim / (dim - 2))), factor: 1 };
  }
  if (scaling.type === "llama3") {
    const { lowFreqFactor: low, highFreqFactor: high } = scaling;
    const smooth = (f: number): number => ((trained * f) / (2 * Math.PI) - low) / (high - low);
    const f = plain(base).map((x) => {
      const kept = Math.min(Math.max(smooth(x), 0), 1);
      return ((1 - kept) * x) / factor + kept * x;
    });
    return { f, factor: 1 };
  }
  const feature = (turns: number): number =>
    (dim * Math.log(trained / (turns * 2 * Math.PI))) / (2 * Math.log(base));
  const low = Math.max(Math.floor(feature(scaling.betaFast ?? 32)), 0);
  const high = Math.min(Math.ceil(feature(scaling.betaSlow ?? 1)), dim - 1);
  const f = plain(base).map((x, i) => {
    const far = Math.min(Math.max((i - low) / Math.max(high - low, 0.001), 0), 1);
    return (x / factor) * far + x * (1 - far);
  });
  return { f, factor: scaling.attentionFactor ?? 0.1 * Math.log(factor) + 1 };
}

/** Angle of each position and pair: (…, dim / 2), and the factor. */
function angles(positions: RefTensor, dim: number, attrs: TableAttrs): { angle: RefTensor; factor: number } {
  const { f, factor } = frequencies(attrs, dim, Math.max(-1, ...positions.data) + 1);
  const angle = build([...positions.shape, dim / 2], (index) => {
    return read(positions, index.slice(0, -1)) * f[index[index.length - 1]];
  });
  return { angle, factor };
}

function table(positions: RefTensor, dim: number, attrs: TableAttrs): RefTensor {
  const { angle, factor } = angles(positions, dim, attrs);
  const half = dim / 2;
  return build([...positions.shape, dim], (index) => {
    const [lead, i] = [index.slice(0, -1), index[index.length - 1]];
    return (
      factor * (i < half ? Math.cos(read(angle, [...lead, i])) : Math.sin(read(angle, [...lead, i - half])))
    );
  });
}

function consecutive(n: number, offset: number): RefTensor {
  return { dtype: "i32", shape: [n], data: Float64Array.from({ length: n }, (_, i) => offset + i) };
}

/** x with its pairs turned: f of the pair's (other element, cosine, signed sine) for each element. */
function turned(
  [x, given]: readonly RefTensor[],
  attrs: Attrs,
  f: (x: number, other: number, cos: number, sin: number) => number,
): RefTensor {
  const dim = attrs.dim ?? x.shape[x.shape.length - 1];
  const positions = given ?? consecutive(x.shape[x.shape.length - 2], attrs.offset);
  const { angle, factor } = angles(positions, dim, attrs);
  const half = dim / 2;
  return build(x.shape, (index) => {
    const i = index[index.length - 1];
    const value = read(x, index);
    if (i >= dim) return f(value, 0, 1, 0);
    const first = attrs.interleaved ? i % 2 === 0 : i < half;
    const away = attrs.interleaved ? 1 : half;
    const pair = attrs.interleaved ? Math.floor(i / 2) : i % half;
    const other = read(x, [...index.slice(0, -1), first ? i + away : i - away]);
    const lead = index.slice(0, positions.shape.length - 1);
    const a = read(angle, [...lead, index[index.length - 2], pair]);
    return f(value, other, factor * Math.cos(a), (first ? -factor : factor) * Math.sin(a));
  });
}

// -- PyTorch --------------------------------------------------------------------------------------------------------

const inverse = (base: string): string => `(${base}) ** (-torch.arange(0, dim, 2).to(floating) / dim)`;
const s = (field: string): string => `scaling["${field}"]`;
const trained = s("originalMaxPositionEmbeddings");
const extent = `(max(int(p.max()) + 1, ${trained}) if p.numel() else 1)`;
const turns = (beta: string): string =>
  `dim * torch.log(torch.tensor(${trained} / (${beta} * 2 * torch.pi))) / (2 * torch.log(torch.tensor(base)))`;

/** Frequencies for positions p: transformers' modeling_rope_utils.py. */
const torchFrequencies = {
  plain: inverse("base"),
  linear: `${inverse("base")} / ${s("factor")}`,
  dynamic: inverse(
    `base * (${s("factor")} * ${extent} / ${trained} - ${s("factor")} + 1) ** (dim / (dim - 2))`,
  ),
  llama3:
    `(lambda f, k: f / ${s("factor")} * (1 - k) + f * k)(*(lambda f: (f, ((${trained} * f / (2 * torch.pi) - ` +
    `${s("lowFreqFactor")}) / (${s("highFreqFactor")} - ${s("lowFreqFactor")})).clamp(0, 1)))(${inverse("base")}))`,
  yarn:
    `(lambda f, r: f / ${s("factor")} * r + f * (1 - r))(${inverse("base")}, (lambda low, high: ` +
    "((torch.arange(dim // 2) - low) / (high - low).clamp(min=0.001)).clamp(0, 1))(" +
    `(${turns('scaling.get("betaFast", 32)')}).floor().clamp(min=0), ` +
    `(${turns('scaling.get("betaSlow", 1)')}).ceil().clamp(max=dim - 1)))`,
} as const;

const torchFactor = `(scaling.get("attentionFactor") or 0.1 * torch.log(torch.tensor(${s("factor")})) + 1)`;

const torchTable = (type: keyof typeof torchFrequencies): string =>
  `(lambda t: torch.cat([torch.cos(t), torch.sin(t)], -1)${type === "yarn" ? ` * ${torchFactor}` : ""})(` +
  `(lambda p: p[..., None].to(floating) * ${torchFrequencies[type]})(` +
  "torch.arange(length) + offset if positions is None else positions))";

/** transformers' apply_rotary_pos_emb of Llama, and that of GPT-J for pairs of neighbours. */
const torchRotary =
  "(lambda d, p: (lambda t, r: (lambda a, b, c, s: torch.cat([torch.stack([a * c - b * s, b * c + a * s], " +
  "-1).flatten(-2) if interleaved else torch.cat([a * c - b * s, b * c + a * s], -1), x[..., d:]], -1))(" +
  "*((r[..., 0::2], r[..., 1::2]) if interleaved else (r[..., :d // 2], r[..., d // 2:])), " +
  "torch.cos(t), torch.sin(t)))((lambda t: t.reshape(t.shape[:-2] + (1,) * (x.dim() - t.dim()) + t.shape[-2:]))(" +
  "p[..., None].to(floating) * base ** (-torch.arange(0, d, 2).to(floating) / d)), x[..., :d]))(" +
  "x.shape[-1] if dim is None else dim, torch.arange(x.shape[-2]) + offset if positions is None else positions)";

// -- samples --------------------------------------------------------------------------------------------------------

const none: Attrs = {
  length: null,
  dim: null,
  base: 10000,
  offset: 0,
  scaling: null,
  interleaved: false,
  apart: false,
};

const llama3: RotaryScaling = {
  type: "llama3",
  factor: 8,
  lowFreqFactor: 1,
  highFreqFactor: 4,
  originalMaxPositionEmbeddings: 64,
};
const yarn: RotaryScaling = { type: "yarn", factor: 4, originalMaxPositionEmbeddings: 64 };

function sample(
  shape: readonly number[],
  attrs: Partial<Attrs> = {},
  positions: Maker | null = null,
  note?: string,
): Sample<Attrs> {
  return { inputs: [normal(shape), positions], attrs: { ...none, ...attrs }, note };
}

const both = (make: (interleaved: boolean) => Sample<Attrs>): Sample<Attrs>[] => [false, true].map(make);

function tableSample(
  attrs: Partial<TableAttrs>,
  positions: Maker | null = null,
  note?: string,
): Sample<TableAttrs> {
  const { interleaved: _i, apart: _a, ...rest } = none;
  return { inputs: [positions], attrs: { ...rest, dim: 16, ...attrs }, note };
}

const dynamic: RotaryScaling = { type: "dynamic", factor: 2, originalMaxPositionEmbeddings: 32 };

/** Tables of one way to scale, or of none. */
function tables(type: keyof typeof torchFrequencies, samples: readonly Sample<TableAttrs>[]): OpRef {
  return defineRef<TableAttrs>({
    op: "rotaryTable",
    inputs: ["positions"],
    torch: torchTable(type),
    differentiable: false,
    tolerance: { units: 1.02 },
    forward: ([positions], attrs) =>
      table(positions ?? consecutive(attrs.length ?? 0, attrs.offset), attrs.dim ?? 0, attrs),
    call: ([positions], { length, dim, base, offset, scaling }, { rotaryTable }) =>
      rotaryTable(positions ?? (length as number), { dim: dim as number, base, offset, scaling }),
    samples,
    large: type === "plain" ? tableSample({ length: 1024, dim: 64 }) : undefined,
  });
}

export const refs: readonly OpRef[] = [
  tables("plain", [
    ...SIZES.map((length) => tableSample({ length })),
    ...[0, 2, 4, 6, 10, 34, 128].map((dim) => tableSample({ length: 5, dim })),
    tableSample({ length: 0 }),
    tableSample({ length: 4, offset: 100000, base: 500000 }),
    tableSample({}, integers([3, 5], 0, 1000)),
    tableSample({}, values([7, 0, 3], [3], "i32")),
    tableSample({}, values([5], [], "i32"), "one position"),
    tableSample({}, integers([0], 0, 1), "none"),
  ]),
  tables("linear", [tableSample({ length: 10, scaling: { type: "linear", factor: 4 } }, null, "linear")]),
  tables("dynamic", [
    tableSample({ length: 20, scaling: dynamic }, null, "dynamic, short"),
    tableSample({ length: 80, scaling: dynamic }, null, "dynamic, long"),
    tableSample({ scaling: dynamic }, values([3, 99], [2], "i32"), "dynamic"),
  ]),
  tables("llama3", [tableSample({ length: 10, scaling: llama3 }, null, "llama3")]),
  tables("yarn", [
    tableSample({ length: 10, scaling: yarn }, null, "yarn"),
    tableSample(
      { length: 10, scaling: { ...yarn, betaFast: 8, betaSlow: 2, attentionFactor: 1.25 } },
      null,
      "yarn, all fields",
    ),
  ]),
  defineRef<Attrs>({
    op: "rotaryEmbedding",
    inputs: ["x", "positions"],
    torch: torchRotary,
    differentiable: true,
    tolerance: {
      units: 4,
      of: (inputs, attrs) => turned(inputs, attrs, (x, other, c, s) => Math.abs(x * c) + Math.abs(other * s)),
    },
    forward: (inputs, attrs) => turned(inputs, attrs, (x, other, c, s) => x * c + other * s),
    call: ([x, positions], { dim, apart, base, offset, scaling, interleaved }, { rotaryTable }) => {
      if (!apart)
        return x.rotaryEmbedding({ positions, dim: dim ?? undefined, base, offset, scaling, interleaved });
      const options = { dim: dim ?? x.size(-1), base, offset, scaling };
      return x.rotaryEmbedding({ table: rotaryTable(positions ?? x.size(-2), options), interleaved });
    },
    samples: [
      ...both((interleaved) => sample([2, 3, 5, 16], { interleaved })).flatMap((s) => [
        s,
        { ...s, attrs: { ...s.attrs, apart: true } },
      ]),
      ...[2, 4, 6, 8, 10, 30, 34, 66].flatMap((D) => both((interleaved) => sample([3, D], { interleaved }))),
      ...[0, 2, 6, 10].flatMap((dim) => both((interleaved) => sample([2, 4, 13], { dim, interleaved }))),
      sample([2, 17, 8], { offset: 1000 }),
      sample([2, 3, 1, 8], { offset: 7, base: 500000 }),
      ...both((interleaved) => sample([2, 3, 4, 8], { interleaved }, integers([2, 4], 0, 50))),
      sample([2, 3, 4, 8], {}, integers([1, 4], 0, 50)),
      sample([2, 3, 4, 8], {}, integers([2, 3, 4], 0, 50)),
      sample([2, 3, 4, 8], { apart: true, dim: 4 }, integers([2, 4], 0, 50)),
      sample([2, 4, 8], {}, values([3, 0, 9, 2], [4], "i32")),
      ...[llama3, yarn].map((scaling) => ({
        ...sample([2, 5, 16], { scaling }, null, scaling.type),
        torch: false,
      })),
      sample([2, 0, 8]),
      sample([0, 3, 8]),
      sample([3, 0]),
      { inputs: [integers([2, 3, 4], -3, 4), null], attrs: none },
    ],
    large: sample([4, 8, 256, 64]),
  }),
];
