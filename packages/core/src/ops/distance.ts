// Lengths, distances and angles of vectors. torch.nn.functional.normalize, cosine_similarity, pairwise_distance, torch.cdist
import { SaccadeError } from "@saccade/kernels";
import { scope } from "../scope.ts";
import { broadcastShapes, formatShape, normalizeAxis } from "../shape.ts";
import { detach, type Tensor } from "../tensor.ts";
import { finiteArgument, numberArgument, optionsArgument, tensorArgument } from "./arguments.ts";
import { add, div, maximum, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { sum } from "./sum.ts";
import { vectorNorm } from "./vectorNorm.ts";
import { expand, squeeze, unsqueeze } from "./views.ts";

function exponent(op: string, p: unknown, least = -Infinity): number {
  const number = numberArgument(op, "p", p);
  if (number >= least) return number;
  throw new SaccadeError("argument", `${op}: the exponent p must be a number >= ${least}, got ${number}`);
}

export interface NormalizeOptions {
  /** Exponent of the norm, 2 unless given. */
  readonly p?: number;
  readonly dim?: number;
  readonly eps?: number;
}

/** x / max(‖x‖_p, eps) along `dim` (1 unless given). torch.nn.functional.normalize */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  tensorArgument("normalize", "input", x);
  const { p = 2, dim = 1, eps = 1e-12 } = optionsArgument("normalize", options);
  const axis = axisOf("normalize", dim, x);
  exponent("normalize", p);
  finiteArgument("normalize", "eps", eps);
  return scope(() => {
    const numbers = to(x, "f32");
    return div(numbers, maximum(vectorNorm(numbers, p, axis), eps));
  });
}

function axisOf(op: string, dim: number, { rank }: Pick<Tensor, "rank">): number {
  const axis = normalizeAxis(op, dim, rank);
  if (rank > 0) return axis;
  throw new SaccadeError("shape", `${op}: a 0-d tensor has no axis of vectors`);
}

/** Two tensors as f32 in the shape they broadcast to. */
function together(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const shape = broadcastShapes(op, a.shape, b.shape);
  return [expand(to(a, "f32"), shape), expand(to(b, "f32"), shape)];
}

function checkPair(op: string, a: Tensor, b: Tensor): void {
  tensorArgument(op, "x1", a);
  tensorArgument(op, "x2", b);
}

/**
 * x1 · x2 / (max(‖x1‖, eps) max(‖x2‖, eps)) along `dim`; the two broadcast. The gradient takes the norms as if eps were
 * not there. torch.nn.functional.cosine_similarity
 */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor,
  options: { readonly dim?: number; readonly eps?: number } = {},
): Tensor {
  checkPair("cosineSimilarity", x1, x2);
  const { dim = 1, eps = 1e-8 } = optionsArgument("cosineSimilarity", options);
  finiteArgument("cosineSimilarity", "eps", eps);
  const axis = axisOf("cosineSimilarity", dim, {
    rank: broadcastShapes("cosineSimilarity", x1.shape, x2.shape).length,
  });
  const unit = (x: Tensor): Tensor => {
    const norm = vectorNorm(x, 2, axis);
    const missing = sub(maximum(detach(norm), eps), detach(norm));
    return div(x, add(norm, missing));
  };
  return scope(() => {
    const [a, b] = together("cosineSimilarity", x1, x2);
    return sum(mul(unit(a), unit(b)), axis);
  });
}

/**
 * ‖x1 − x2 + eps‖_p along the last axis; the two broadcast. torch.nn.functional.pairwise_distance
 */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor,
  options: { readonly p?: number; readonly eps?: number; readonly keepdim?: boolean } = {},
): Tensor {
  checkPair("pairwiseDistance", x1, x2);
  const { p = 2, eps = 1e-6, keepdim = false } = optionsArgument("pairwiseDistance", options);
  exponent("pairwiseDistance", p);
  finiteArgument("pairwiseDistance", "eps", eps);
  return scope(() => {
    const difference = add(sub(to(x1, "f32"), to(x2, "f32")), eps);
    const axis = axisOf("pairwiseDistance", -1, difference);
    const norm = vectorNorm(difference, p, axis);
    return keepdim ? norm : squeeze(norm, axis);
  });
}

/** ‖x1[…, i, :] − x2[…, j, :]‖_p of all pairs of rows: (…, P, M), (…, R, M) → (…, P, R). torch.cdist */
export function cdist(x1: Tensor, x2: Tensor, options: { readonly p?: number } = {}): Tensor {
  checkPair("cdist", x1, x2);
  const { p = 2 } = optionsArgument("cdist", options);
  exponent("cdist", p, 0);
  if (x1.rank < 2 || x2.rank < 2 || x1.size(-1) !== x2.size(-1)) {
    throw new SaccadeError(
      "shape",
      `cdist: wants (…, P, M) and (…, R, M), got ${formatShape(x1.shape)} and ${formatShape(x2.shape)}`,
    );
  }
  return scope(() => {
    const difference = sub(unsqueeze(to(x1, "f32"), -2), unsqueeze(to(x2, "f32"), -3));
    return squeeze(vectorNorm(difference, p, difference.rank - 1), -1);
  });
}
