// Normalises groups of neighbouring channels of each image. Group Normalization, arXiv 1803.08494;
// torch.nn.functional.group_norm
import { scope } from "../scope.ts";
import { detach, type Tensor } from "../tensor.ts";
import { integerArgument, numberArgument, refuse } from "./arguments.ts";
import { channelNorm, channelVectors, momentsOf, planesOf } from "./channelNorm.ts";
import { contiguous } from "./contiguous.ts";

/** Normalises (N, C, …) over each of `numGroups` groups of C / numGroups channels. torch.nn.functional.group_norm */
export function groupNorm(
  x: Tensor,
  numGroups: number,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
): Tensor {
  const op = "groupNorm";
  const { N, C, S } = planesOf(op, x);
  if (C % integerArgument(op, "numGroups", numGroups, 1) !== 0)
    refuse(op, "numGroups", `a divisor of the ${C} channels`, numGroups);
  const affine = channelVectors(op, C, { weight, bias });
  numberArgument(op, "eps", eps);
  const share = C / numGroups;
  // PyTorch refuses one value per group in a batch of one only.
  if (N * share * S === 1) {
    refuse(op, "input", "of more than one value per group", x, "shape");
  }
  return scope(() => {
    const source = contiguous(x);
    const groups = { N, C, S, share: Math.max(share, 1), count: N * numGroups };
    const fresh = x.numel === 0 ? { mean: source, rstd: source } : momentsOf(detach(source), groups, eps);
    return channelNorm(source, groups, fresh, affine, true);
  });
}
