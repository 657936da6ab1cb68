// The different slices of a tensor along one axis, in lexicographic order: sorted by their elements from the last to the
// first with sorts that keep the order of equals, then compared with their neighbours. torch.unique(dim=…)

import { SaccadeError } from "@saccade/kernels";
import { arange } from "../create.ts";
import { scope } from "../scope.ts";
import { formatShape, normalizeAxis } from "../shape.ts";
import { detach, type Tensor } from "../tensor.ts";
import { movedim } from "./axes.ts";
import { sub } from "./binary.ts";
import { cat } from "./cat.ts";
import { ne } from "./compare.ts";
import { contiguous } from "./contiguous.ts";
import { bincount } from "./counting.ts";
import { cumsum } from "./cumsum.ts";
import { indexSelect } from "./gather.ts";
import { onesLike, zerosLike } from "./like.ts";
import { nonzero } from "./masks.ts";
import { put } from "./scatter.ts";
import { argsort, type Unique } from "./sort.ts";
import { any } from "./sum.ts";
import { narrow, reshape, select } from "./views.ts";

/** Places of the rows of (n, m) in lexicographic order. */
function lexicographic(rows: Tensor): Tensor {
  const [n, m] = rows.shape;
  let places = arange(0, n);
  for (let column = m - 1; column >= 0; column--) {
    const values = indexSelect(select(rows, 1, column), 0, places);
    places = indexSelect(places, 0, argsort(values));
  }
  return places;
}

/** values: the different slices; inverse (n): which of them each slice is; counts. @internal */
export function uniqueSlices(x: Tensor, dim: number): Unique {
  const axis = normalizeAxis("unique", dim, x.rank);
  const n = x.shape[axis] ?? 1;
  if (x.rank === 0 || (x.numel === 0 && n > 0)) {
    throw new SaccadeError(
      "shape",
      `unique: ${formatShape(x.shape)} has no slices with elements along ${dim}`,
    );
  }
  return scope(() => {
    const front = movedim(detach(x), axis, 0);
    if (n === 0) {
      const none = arange(0, 0);
      return { values: contiguous(x), inverse: none, counts: zerosLike(none) };
    }
    const rows = reshape(front, [n, x.numel / n]);
    const places = lexicographic(rows);
    const sorted = indexSelect(rows, 0, places);
    const differ = any(ne(narrow(sorted, 0, 1, n - 1), narrow(sorted, 0, 0, n - 1)), 1);
    const heads = cat([onesLike(narrow(places, 0, 0, 1), { dtype: "bool" }), differ]);
    const group = sub(cumsum(heads, 0), 1);
    const first = indexSelect(places, 0, reshape(nonzero(heads), [-1]));
    return {
      values: contiguous(movedim(indexSelect(front, 0, first), 0, axis)),
      inverse: put(zerosLike(places), places, group),
      counts: bincount(group),
    };
  });
}
