// Lengths, distances and angles of vectors. torch.nn.functional.normalize, cosine_similarity, pairwise_distance, torch.cdist

import { scope } from "../scope.ts";
import { broadcastShapes } from "../shape.ts";
import { detach, type Tensor } from "../tensor.ts";
import {
  axisArgument,
  finiteArgument,
  optionsArgument,
  rangeArgument,
  realAxis,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { add, div, maximum, mul, sub } from "./binary.ts";
import { to } from "./cast.ts";
import { norm } from "./norm.ts";
import { sum } from "./sum.ts";
import { expand, reshape, unsqueeze } from "./views.ts";

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
  const axis = axisArgument("normalize", x, dim);
  rangeArgument("normalize", "p", p, -Infinity);
  finiteArgument("normalize", "eps", eps);
  return scope(() => {
    const numbers = vectorOf(to(x, "f32"));
    return reshape(div(numbers, maximum(norm(numbers, p, axis, true), eps)), x.shape);
  });
}

/** A 0-d tensor as what it is here, a vector of one element. */
const vectorOf = (x: Tensor): Tensor => (x.rank === 0 ? reshape(x, [1]) : x);

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
  const axis = axisArgument("cosineSimilarity", x1.rank < x2.rank ? x2 : x1, dim);
  const unit = (x: Tensor): Tensor => {
    const length = norm(x, 2, axis, true);
    const missing = sub(maximum(detach(length), eps), detach(length));
    return div(x, add(length, missing));
  };
  return scope(() => {
    const [a, b] = together("cosineSimilarity", x1, x2).map(vectorOf);
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
  rangeArgument("pairwiseDistance", "p", p, -Infinity);
  finiteArgument("pairwiseDistance", "eps", eps);
  return scope(() => {
    const difference = add(sub(to(x1, "f32"), to(x2, "f32")), eps);
    return norm(difference, p, realAxis("pairwiseDistance", difference, -1), Boolean(keepdim));
  });
}

/** ‖x1[…, i, :] − x2[…, j, :]‖_p of all pairs of rows: (…, P, M), (…, R, M) → (…, P, R). torch.cdist */
export function cdist(x1: Tensor, x2: Tensor, options: { readonly p?: number } = {}): Tensor {
  checkPair("cdist", x1, x2);
  const { p = 2 } = optionsArgument("cdist", options);
  rangeArgument("cdist", "p", p, 0);
  if (x1.rank < 2 || x2.rank < 2 || x1.size(-1) !== x2.size(-1)) {
    refuse("cdist", "x1 and x2", "(…, P, M) and (…, R, M)", [x1, x2], "shape");
  }
  return scope(() => {
    const difference = sub(unsqueeze(to(x1, "f32"), -2), unsqueeze(to(x2, "f32"), -3));
    return norm(difference, p, -1);
  });
}
