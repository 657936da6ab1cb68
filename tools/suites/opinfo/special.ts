// Calls whose arguments change their form on the way, and what we do on purpose otherwise.

import { Tensor } from "@saccade/core";
import { Skip } from "./call.ts";
import type { SampleRecord } from "./samples.ts";

type Callable = (...args: unknown[]) => unknown;

interface Special {
  readonly signature: string;
  /** Ours, where it is not PyTorch's. */
  readonly name?: string;
  call(plain: Callable, ...args: unknown[]): unknown;
}

interface Spread {
  readonly correction?: number;
  readonly unbiased?: boolean;
  readonly keepdim?: boolean;
}

/** var and its like, whose old form says unbiased=False for correction=0. */
function spread(): Special {
  return {
    signature: "input, dim, {unbiased, keepdim, correction}",
    call: (plain, input, dim, options = {}) => {
      const { unbiased, ...rest } = options as Spread;
      if (typeof dim === "boolean") return plain(input, undefined, { correction: dim ? 1 : 0 });
      return plain(input, dim, unbiased === undefined ? rest : { correction: unbiased ? 1 : 0, ...rest });
    },
  };
}

function cast(dtype: string): Special {
  return { signature: "input", name: "to", call: (plain, input) => plain(input, dtype) };
}

function upsampled(mode: string): Special {
  const exact = mode === "bilinear" ? { alignCorners: true } : {};
  return {
    signature: "input, {size, scale_factor}",
    name: "interpolate",
    call: (plain, input, options) => plain(input, { ...(options as object), mode, ...exact }),
  };
}

export const special: ReadonlyMap<string, Special> = new Map<string, Special>([
  ["var", spread()],
  ["std", spread()],
  ["var_mean", spread()],
  ["std_mean", spread()],
  [
    "einsum",
    { signature: "operands, equation", call: (plain, operands, equation) => plain(equation, operands) },
  ],
  [
    "nn.functional.ctc_loss",
    {
      signature: "log_probs, targets, input_lengths, target_lengths, {blank, reduction, zero_infinity}",
      // (T, N, C) there, (N, T, C) here
      call: (plain, logProbs, ...rest) => plain(timeSecond(logProbs), ...rest),
    },
  ],
  ["bool", cast("bool")],
  ["int", cast("i32")],
  ["long", cast("i32")],
  ["float", cast("f32")],
  ["nn.functional.upsample_nearest", upsampled("nearest")],
  ["nn.functional.upsample_bilinear", upsampled("bilinear")],
  [
    "unique",
    {
      signature: "input, sorted, return_inverse, return_counts, dim",
      call: (plain, input, sorted, inverse, counts, dim) => {
        if (sorted === false) throw new Skip("an order of its own");
        const found = plain(input, { dim: dim ?? null }) as {
          values: Tensor;
          inverse: Tensor;
          counts: Tensor;
        };
        return [found.values, ...(inverse ? [found.inverse] : []), ...(counts ? [found.counts] : [])];
      },
    },
  ],
  ["__getitem__", { signature: "input, indices", name: "index", call: (plain, x, at) => plain(x, at) }],
]);

const timeSecond = (x: unknown): unknown => (x instanceof Tensor && x.rank === 3 ? x.transpose(0, 1) : x);

/** Layers whose arguments change their form on the way. */
export const forwards: ReadonlyMap<string, (args: unknown[]) => unknown[]> = new Map([
  ["nn.CTCLoss", ([logProbs, ...rest]: unknown[]) => [timeSecond(logProbs), ...rest]],
]);

/** Ops that may give the place of any of several equal elements. */
export const tied: readonly string[] = ["sort", "argsort", "topk", "kthvalue", "mode", "median", "nanmedian"];

interface Skipped {
  readonly op: RegExp;
  readonly why: string;
  when(named: Readonly<Record<string, unknown>>, sample: SampleRecord): boolean;
}

const integers = (sample: SampleRecord): boolean => sample.dtype === "int64" || sample.dtype === "int32";

/** What is none of ours on purpose; README.md says why. */
export const skipped: readonly Skipped[] = [
  {
    op: /conv|\.linear$|bilinear|avg_pool|local_response/,
    why: "integers where f32 is meant",
    when: (_, sample) => integers(sample),
  },
  {
    op: /\.(selu|relu6|hardtanh|elu|celu|softshrink|hardshrink)$/,
    why: "gradients at NaN, where PyTorch's vector and scalar loops differ",
    when: (_, { kind, tensors }) =>
      kind === "reference" && tensors.some(({ shape }) => shape.length === 2 && shape[0] === 128),
  },
  {
    op: /^index_copy$/,
    why: "gradients of elements that a later one of the same place replaces",
    when: (_, { kind, tensors }) =>
      kind === "reference" && String(tensors.map(({ shape }) => shape)) === "5,5,5,5,5",
  },
  {
    op: /^(add|sub)$/,
    why: "alpha of bools",
    when: ({ alpha }, { dtype }) => alpha === 0 && dtype === "bool",
  },
  {
    op: /^nn.functional.batch_norm$/,
    why: "an input without axis of channels",
    when: (_, { tensors }) => tensors[0].shape.length < 2,
  },
  {
    op: /^where$/,
    why: "0.0 and 0 are one number",
    when: (_, { args, dtype }) =>
      dtype !== "float32" && args.some((x) => typeof x === "object" && x !== null && "float" in x),
  },
  { op: /dropout$/, why: "random", when: ({ p, training }) => p !== 0 && training !== false },
  {
    op: /^(int|long)$/,
    why: "numbers beyond i32, which saturate here",
    when: ({ input }) =>
      input instanceof Tensor && input.toTypedArray().some((x) => !(Math.abs(x) < 2 ** 31)),
  },
  {
    op: /^arange$/,
    why: "fractions as int64; i32 counts as int32 does there",
    when: (named) =>
      Object.values(named).includes("i32") && [named.start, named.end].some((x) => !Number.isInteger(x)),
  },
  { op: /^arange$/, why: "bools as ends", when: ({ start }) => typeof start === "boolean" },
  {
    op: /^atleast/,
    why: "several tensors at once",
    when: ({ input }) => Array.isArray(input),
  },
  { op: /attention/, why: "random", when: ({ dropout_p }) => typeof dropout_p === "number" && dropout_p > 0 },
  {
    op: /^(mul|div|true_divide|floor_divide|add|sub)$/,
    why: "two numbers, no tensor",
    when: (named) => !Object.values(named).some((x) => x instanceof Tensor),
  },
  {
    op: /^(linalg\.)?norm$/,
    why: "matrix norms",
    when: ({ p, ord, dim }, { tensors }) =>
      [p, ord].includes("nuc") ||
      (ord !== undefined &&
        ord !== "fro" &&
        (Array.isArray(dim) ? dim.length : tensors[0].shape.length) === 2),
  },
];

/** Errors of PyTorch's that are none of ours: op or "" for any, what the message says, and why. */
export const extensions: readonly (readonly [op: string, message: RegExp, reason: string])[] = [
  ["", /^$/, "a number for an operand"],
  ["masked_scatter", /only supports boolean masks/, "a mask of numbers is true where they are not 0"],
  ["", /invalid combination of arguments - got \\\(int, int, float/, "a whole number is one, 1.0 too"],
];
