// References of relativePositions.ts.
import {
  absolute,
  build,
  defineRef,
  type Maker,
  normal,
  type OpRef,
  type RefTensor,
  read,
  type Sample,
} from "../reference.ts";
import { productUnits } from "./matmul.ref.ts";

interface Attrs {
  readonly past: number;
}

/** Row of the table for key s and query t. */
function rowOf(table: RefTensor, t: number, s: number, past: number): number {
  const k = (table.shape[table.shape.length - 2] - 1) / 2;
  return Math.min(Math.max(s - t - past, -k), k) + k;
}

/** q_t · table[distance] for S keys. */
export function relativeScores(q: RefTensor, table: RefTensor, S: number, past: number): RefTensor {
  const D = q.shape[q.shape.length - 1];
  return build([...q.shape.slice(0, -1), S], (index) => {
    const [t, s] = index.slice(-2);
    const lead = index.slice(0, -2);
    let sum = 0;
    for (let d = 0; d < D; d++)
      sum += read(q, [...lead, t, d]) * read(table, [...lead, rowOf(table, t, s, past), d]);
    return sum;
  });
}

/** Σ_s weights[t, s] · table[distance]. */
export function relativeValues(weights: RefTensor, table: RefTensor, past: number): RefTensor {
  const S = weights.shape[weights.shape.length - 1];
  const D = table.shape[table.shape.length - 1];
  return build([...weights.shape.slice(0, -1), D], (index) => {
    const [t, d] = index.slice(-2);
    const lead = index.slice(0, -2);
    let sum = 0;
    for (let s = 0; s < S; s++)
      sum += read(weights, [...lead, t, s]) * read(table, [...lead, rowOf(table, t, s, past), d]);
    return sum;
  });
}

/** PyTorch's (…, T, S, D) of the table's vectors for every pair of positions. */
export function pairs(table: string, T: string, S: string): string {
  const k = `(${table}.shape[-2] // 2)`;
  return `${table}[..., (torch.arange(${S}) - torch.arange(${T})[:, None] - past).clamp(-${k}, ${k}) + ${k}, :]`;
}

interface ScoreAttrs extends Attrs {
  readonly keyLength: number;
}

function scores(q: readonly number[], table: readonly number[], keyLength: number, past = 0) {
  return { inputs: [normal(q), normal(table)], attrs: { past, keyLength } } satisfies Sample<ScoreAttrs>;
}

function sums(weights: readonly number[], table: readonly number[], past = 0, scale = 1): Sample<Attrs> {
  const inputs: Maker[] = [normal(weights, scale), normal(table)];
  return { inputs, attrs: { past } };
}

export const refs: readonly OpRef[] = [
  defineRef<ScoreAttrs>({
    op: "relativeScores",
    inputs: ["q", "table"],
    torch: `torch.einsum("...td,...tsd->...ts", q, ${pairs("table", "q.shape[-2]", "keyLength")})`,
    differentiable: true,
    tolerance: {
      units: ([q]) => productUnits(q.shape[q.shape.length - 1]),
      of: ([q, table], { keyLength, past }) => relativeScores(absolute(q), absolute(table), keyLength, past),
    },
    forward: ([q, table], { keyLength, past }) => relativeScores(q, table, keyLength, past),
    call: ([q, table], { keyLength, past }) => q.relativeScores(table, keyLength, { past }),
    samples: [
      ...[1, 3, 4, 5, 16, 17, 33].map((S) => scores([2, S, 5], [9, 5], S)),
      ...[0, 1, 2, 16, 40].map((k) => scores([2, 2, 6, 3], [2 * k + 1, 3], 7)),
      scores([2, 3, 5, 4], [3, 7, 4], 5),
      scores([2, 3, 5, 4], [1, 7, 4], 9),
      scores([1, 2, 1, 4], [7, 4], 20, 19),
      scores([2, 3, 4], [5, 4], 40, 20),
      scores([3, 4], [5, 4], 3, 30),
      scores([9, 4], [5, 4], 3),
      scores([0, 4], [5, 4], 3),
      scores([2, 3, 4], [5, 4], 0),
      scores([2, 3, 0], [5, 0], 4),
    ],
    large: scores([4, 8, 256, 64], [65, 64], 256),
  }),
  defineRef<Attrs>({
    op: "relativeValues",
    inputs: ["weights", "table"],
    torch: `torch.einsum("...ts,...tsd->...td", weights, ${pairs("table", "weights.shape[-2]", "weights.shape[-1]")})`,
    differentiable: true,
    tolerance: {
      units: ([weights]) => productUnits(weights.shape[weights.shape.length - 1]),
      of: ([weights, table], { past }) => relativeValues(absolute(weights), absolute(table), past),
    },
    forward: ([weights, table], { past }) => relativeValues(weights, table, past),
    call: ([weights, table], { past }) => weights.relativeValues(table, { past }),
    samples: [
      ...[1, 3, 4, 5, 16, 17, 33].map((S) => sums([2, S, S], [9, 5])),
      ...[0, 1, 2, 16, 40].map((k) => sums([2, 2, 6, 7], [2 * k + 1, 3])),
      sums([2, 3, 5, 4], [3, 7, 4]),
      sums([2, 3, 5, 9], [1, 7, 4]),
      sums([1, 2, 1, 20], [7, 4], 19),
      sums([2, 3, 40], [5, 4], 20),
      sums([3, 300], [5, 4], 150, 10),
      sums([3, 3], [5, 4], 30),
      sums([0, 3], [5, 4]),
      sums([3, 0], [5, 4]),
      sums([3, 4], [5, 0]),
    ],
    large: sums([4, 8, 256, 256], [65, 64]),
  }),
];
