// References of positions.ts.
import {
  build,
  defineRef,
  normal,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
  SIZES,
} from "../reference.ts";

interface SinusoidalAttrs {
  readonly length: number;
  readonly dim: number;
  readonly base: number;
  readonly offset: number;
  readonly interleaved: boolean;
}

function sinusoidal({ length, dim, base, offset, interleaved }: SinusoidalAttrs): RefTensor {
  const sines = Math.ceil(dim / 2);
  return build([length, dim], ([p, column]) => {
    const isSine = interleaved ? column % 2 === 0 : column < sines;
    const i = interleaved ? Math.floor(column / 2) : column % sines;
    const angle = (p + offset) / base ** ((2 * i) / dim);
    return isSine ? Math.sin(angle) : Math.cos(angle);
  });
}

const plain = { base: 10000, offset: 0, interleaved: true };

interface BiasAttrs {
  readonly T: number;
  readonly S: number;
  readonly bidirectional: boolean;
  readonly numBuckets: number | null;
  readonly maxDistance: number;
  readonly past: number;
}

/** Bucket of a distance key − query. */
function bucket(d: number, n: number, { bidirectional, maxDistance }: BiasAttrs): number {
  const half = bidirectional ? Math.floor(n / 2) : n;
  const far = bidirectional ? Math.abs(d) : Math.max(0, -d);
  const small = Math.floor(half / 2);
  const { fround, log } = Math;
  const grown = (): number =>
    small +
    Math.floor(
      fround(fround(fround(log(fround(far / small))) / fround(log(maxDistance / small))) * (half - small)),
    );
  return (bidirectional && d > 0 ? half : 0) + (far < small ? far : Math.min(grown(), half - 1));
}

function bias(table: RefTensor, attrs: BiasAttrs): RefTensor {
  const { T, S, past, numBuckets } = attrs;
  return build([table.shape[1], T, S], ([h, t, s]) =>
    read(table, [bucket(s - t - past, numBuckets ?? table.shape[0], attrs), h]),
  );
}

/** transformers' T5Attention._relative_position_bucket; its logarithm is taken in float32 whatever the type. */
const torchBias =
  "(lambda r, n, b: (lambda h, f: table[(r > 0).long() * (h if b else 0) + torch.where(f < h // 2, f, (h // 2 + (torch.log(f.float() / (h // 2)) / " +
  "torch.log(torch.tensor(maxDistance / (h // 2), dtype=torch.float64)).item() * (h - h // 2)).long()).clamp(max=h - 1))])(" +
  "n // 2 if b else n, r.abs() if b else (-r).clamp(min=0)))(torch.arange(S) - torch.arange(T)[:, None] - past, " +
  "numBuckets or table.shape[0], bidirectional).permute(2, 0, 1)";

function biased(
  table: readonly number[],
  T: number,
  S: number,
  attrs: Partial<BiasAttrs> = {},
): Sample<BiasAttrs> {
  const defaults = { bidirectional: true, numBuckets: null, maxDistance: 128, past: 0 };
  return { inputs: [normal(table)], attrs: { T, S, ...defaults, ...attrs } };
}

export const refs: readonly OpRef[] = [
  defineRef<SinusoidalAttrs>({
    op: "sinusoidalPositions",
    inputs: [],
    torch:
      "(lambda a: torch.stack([torch.sin(a), torch.cos(a)], -1).flatten(-2)[:, :dim] if interleaved " +
      "else torch.cat([torch.sin(a), torch.cos(a)[:, :dim // 2]], -1))(" +
      "(torch.arange(length) + offset)[:, None].to(floating) * base ** (-torch.arange(0, dim, 2).to(floating) / dim))",
    differentiable: false,
    tolerance: { units: 1.02 },
    forward: (_, attrs) => sinusoidal(attrs),
    call: (_, { length, dim, ...options }, { sinusoidalPositions }) =>
      sinusoidalPositions(length, dim, options),
    samples: [
      ...SIZES.map((dim) => ({ attrs: { ...plain, length: 5, dim }, inputs: [] })),
      ...[2, 7, 16].map((dim) => ({ attrs: { ...plain, length: 6, dim, interleaved: false }, inputs: [] })),
      { attrs: { ...plain, length: 3, dim: 10, offset: 5000, base: 100 }, inputs: [] },
      { attrs: { ...plain, length: 0, dim: 4 }, inputs: [] },
      { attrs: { ...plain, length: 4, dim: 0 }, inputs: [] },
    ],
    large: { attrs: { ...plain, length: 512, dim: 256 }, inputs: [] },
  }),
  defineRef<{ readonly numHeads: number }>({
    op: "alibiSlopes",
    inputs: [],
    torch:
      "(lambda n: torch.tensor([2.0 ** (-8 * (i + 1) / n) for i in range(n)] + " +
      "[2.0 ** (-4 * (2 * i + 1) / n) for i in range(numHeads - n)]))(2 ** (max(numHeads, 1).bit_length() - 1) if numHeads else 0)",
    differentiable: false,
    tolerance: { ulp: 0.5001 },
    forward: (_, { numHeads }) => {
      const whole = 2 ** Math.floor(Math.log2(Math.max(numHeads, 1)));
      const slope = ([h]: readonly number[]): number =>
        h < whole ? 2 ** ((-8 * (h + 1)) / whole) : 2 ** ((-4 * (2 * (h - whole) + 1)) / whole);
      return build([numHeads], slope);
    },
    call: (_, { numHeads }, { alibiSlopes }) => alibiSlopes(numHeads),
    samples: [0, 1, 2, 3, 8, 12, 16, 17].map((numHeads) => ({ inputs: [], attrs: { numHeads } })),
  }),
  defineRef<BiasAttrs>({
    op: "relativePositionBias",
    inputs: ["table"],
    torch: torchBias,
    differentiable: true,
    tolerance: { ulp: 0 },
    forward: ([table], attrs) => bias(table, attrs),
    call: ([table], { T, S, numBuckets, ...options }, { relativePositionBias }) =>
      relativePositionBias(T, S, table, { ...options, numBuckets: numBuckets ?? undefined }),
    samples: [
      ...SIZES.map((n) => biased([8, 3], n, n, { maxDistance: 20 })),
      ...SIZES.filter((n) => n > 4).map((n) =>
        biased([8, 3], n, n, { bidirectional: false, maxDistance: 20 }),
      ),
      biased([32, 2], 2, 300, { past: 150 }),
      biased([32, 2], 2, 150, { past: 150, bidirectional: false }),
      biased([32, 4], 1, 40, { past: 39, bidirectional: false }),
      biased([32, 1], 3, 200, { past: 197 }),
      biased([10, 2], 7, 5, { numBuckets: 7, maxDistance: 6 }),
      biased([4, 2], 5, 5, { maxDistance: 2 }),
      biased([32, 2], 0, 5),
      biased([32, 2], 5, 0),
      biased([32, 0], 5, 4),
    ],
    large: biased([32, 8], 512, 512),
  }),
];
