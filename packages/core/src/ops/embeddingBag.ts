// Sums, means or maxima of the embeddings in each bag, composed: rows of the table, then a scatter of rows into bags.
// torch.nn.functional.embedding_bag

import { arange } from "../create.ts";
import { scope } from "../scope.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  choiceArgument,
  fail,
  optionalTensor,
  optionsArgument,
  rankedTensor,
  shapedTensor,
} from "./arguments.ts";
import { mul, sub } from "./binary.ts";
import { gt, ne } from "./compare.ts";
import { searchsorted } from "./counting.ts";
import { embedding, paddingRow } from "./embedding.ts";
import { filled } from "./fill.ts";
import { indexSelect } from "./gather.ts";
import { nonzero } from "./masks.ts";
import { checkRange, indexArgument, slicePicks } from "./picks.ts";
import { type Reduction, reducedInto } from "./scatterFold.ts";
import { sum } from "./sum.ts";
import { expand, narrow, reshape, select } from "./views.ts";

export interface EmbeddingBagOptions {
  /** "sum", "mean" (the default) or "max". */
  readonly mode?: "sum" | "mean" | "max";
  /** A factor for each id, of its shape; for "sum". */
  readonly perSampleWeights?: Tensor | null;
  /** The last offset is the end of the last bag instead of the start of one more. */
  readonly includeLastOffset?: boolean;
  /** An id that counts for nothing. */
  readonly paddingIdx?: number | null;
}

interface Bags {
  /** How many there are. */
  readonly count: number;
  readonly ids: Tensor;
  /** The bag of each id. */
  readonly bag: Tensor;
}

const reductions: Record<string, Reduction> = { sum: "sum", mean: "mean", max: "amax" };

/** Bags of a list of ids from where each starts. */
function bagsOf(ids: Tensor, offsets: Tensor, includeLast: boolean): Bags {
  const wrong = (why: string): never => {
    fail("argument", `embeddingBag: offsets ${formatShape(offsets.shape)} must ${why}`);
  };
  rankedTensor("embeddingBag", "offsets", offsets, 1);
  const given = offsets.numel;
  if (includeLast && given === 0) wrong("hold at least the end");
  checkRange("embeddingBag", "offset", offsets, ids.numel + 1, false);
  if (given > 0 && select(offsets, 0, 0).item() !== 0) wrong("begin with 0");
  const steps = Math.max(given - 1, 0);
  const falls = gt(narrow(offsets, 0, 0, steps), narrow(offsets, 0, given - steps, steps));
  if (sum(falls).item() > 0) wrong("not decrease");
  const count = includeLast ? given - 1 : given;
  const end = includeLast ? select(offsets, 0, count).item() : count === 0 ? 0 : ids.numel;
  const starts = narrow(offsets, 0, 0, count);
  const bag = sub(searchsorted(starts, arange(0, end, 1, { dtype: "i32" }), { right: true }), 1);
  return { count, ids: narrow(ids, 0, 0, end), bag };
}

function rowsAsBags(ids: Tensor): Bags {
  const [count, size] = ids.shape;
  const bag = reshape(expand(reshape(arange(0, count, 1, { dtype: "i32" }), [count, 1]), [count, size]), [
    ids.numel,
  ]);
  return { count, ids: reshape(ids, [ids.numel]), bag };
}

/**
 * One row per bag of ids, i32: the rows of a matrix (B, n), or stretches of a list (n) that start at `offsets` (B). Empty
 * bags give 0. weight (V, C) → (B, C). torch.nn.functional.embedding_bag
 */
export function embeddingBag(
  ids: Tensor,
  weight: Tensor,
  offsets: Tensor | null = null,
  options: EmbeddingBagOptions = {},
): Tensor {
  indexArgument("embeddingBag", "ids", ids);

  if (optionalTensor("embeddingBag", "offsets", offsets) !== null)
    indexArgument("embeddingBag", "offsets", offsets);
  const {
    mode = "mean",
    perSampleWeights,
    includeLastOffset,
    paddingIdx,
  } = optionsArgument("embeddingBag", options);
  const factors = optionalTensor("embeddingBag", "perSampleWeights", perSampleWeights);
  choiceArgument("embeddingBag", "mode", mode, factors === null ? ["sum", "mean", "max"] : ["sum"]);
  if (factors !== null) shapedTensor("embeddingBag", "perSampleWeights", factors, ids.shape);
  rankedTensor("embeddingBag", "ids", ids, offsets === null ? 2 : 1);
  rankedTensor("embeddingBag", "weight", weight, 2);
  return scope(() => {
    const bags = offsets === null ? rowsAsBags(ids) : bagsOf(ids, offsets, includeLastOffset === true);
    let part = bags;
    let scale = factors === null ? null : narrow(reshape(factors, [ids.numel]), 0, 0, bags.ids.numel);
    const padding = paddingRow("embeddingBag", paddingIdx, weight.shape[0]);
    if (padding >= 0) {
      const places = select(nonzero(ne(bags.ids, padding)), 1, 0);
      const kept = (x: Tensor): Tensor => indexSelect(x, 0, places);
      part = { count: bags.count, ids: kept(bags.ids), bag: kept(bags.bag) };
      scale = scale === null ? null : kept(scale);
    }
    const rows = embedding(part.ids, weight);
    const scaled = scale === null ? rows : mul(rows, reshape(scale, [scale.numel, 1]));
    const nothing = filled([bags.count, weight.shape[1]], 0);
    return reducedInto(reductions[mode], nothing, scaled, part.bag, slicePicks(nothing, part.bag, 0), false);
  });
}
