// Each element of an axis several times in a row. torch.repeat_interleave
// One count for all is an expand of an axis put behind; counts of their own have a kernel, as no strides describe them.

import { contiguous as isDense } from "../autograd/backward.ts";
import { bytesOf } from "../dtype.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { checkShape, normalizeAxis, numel, resized } from "../shape.ts";
import { bytePtr, empty, f32, i32, Tensor } from "../tensor.ts";
import { integerArgument, refuse, tensorArgument } from "./arguments.ts";
import { contiguous } from "./contiguous.ts";
import { cumsum } from "./cumsum.ts";
import { checkRange, vectorArgument } from "./picks.ts";
import { ownMemory } from "./repeat.ts";
import { expand, flatten, reshape, select, unsqueeze } from "./views.ts";

interface Attrs {
  readonly axis: number;
  /** Size of the axis in the result. */
  readonly total: number;
}

/** x, and the running sums of how often each element of the axis stands in the result. */
const repeatInterleaveOp = defineOp<readonly [Tensor, Tensor], Attrs>({
  name: "repeatInterleave",
  forward([x, ends], { axis, total }, call) {
    call.save(ends);
    const y = empty(checkShape("repeatInterleave", resized(x.shape, axis, total)), x.dtype);
    if (y.numel === 0) return y;
    const source = contiguous(x);

    const inner = numel(x.shape.slice(axis + 1));
    const rows = y.numel / inner;
    const bytes = inner * bytesOf[x.dtype];
    engine().run("repeat_rows", rows, 0, bytePtr(y), bytePtr(source), i32(ends), x.shape[axis], total, bytes);
    return y;
  },
  backward(dy, [ends], { axis, total }, into) {
    const target = into.target(0, isDense);
    if (target === null || target.tensor.numel === 0) return;
    const { tensor: dx, acc } = target;
    const inner = numel(dx.shape.slice(axis + 1));
    engine().run(
      "repeat_rows_backward_f32",
      dx.numel / inner,
      0,
      f32(dx),
      f32(dy),
      i32(ends),
      dx.shape[axis],
      total,
      inner,
      acc,
    );
  },
});

/**
 * Each element of an axis `repeats` times in a row, or repeats[i] times the i-th one (i32 counts, as many as the axis has
 * elements, or one); without `dim` of the flattened tensor. torch.repeat_interleave
 */
export function repeatInterleave(x: Tensor, repeats: number | Tensor, dim?: number): Tensor {
  tensorArgument("repeatInterleave", "input", x);
  return scope(() => {
    const source = dim === undefined ? flatten(x) : x.rank === 0 ? reshape(x, [1]) : x;
    const axis = normalizeAxis("repeatInterleave", dim ?? 0, source.rank);
    if (repeats instanceof Tensor) return byCounts(source, repeats, axis);
    return evenly(source, integerArgument("repeatInterleave", "repeats", repeats, 0), axis);
  });
}

function evenly(x: Tensor, repeats: number, axis: number): Tensor {
  const { shape } = x;
  const [before, behind] = [shape.slice(0, axis + 1), shape.slice(axis + 1)];
  const apart = expand(unsqueeze(x, axis + 1), [...before, repeats, ...behind]);
  return ownMemory(reshape(apart, [...shape.slice(0, axis), shape[axis] * repeats, ...behind]), x);
}

function byCounts(x: Tensor, repeats: Tensor, axis: number): Tensor {
  const n = x.shape[axis];
  vectorArgument("repeatInterleave", repeats, "repeats");
  if (repeats.numel !== n && repeats.numel !== 1)
    refuse("repeatInterleave", "repeats", `of ${n} elements or 1`, repeats, "shape");
  checkRange("repeatInterleave", "count", repeats, 2 ** 31 - 1, false);
  if (repeats.numel === 1 && n !== 1) return evenly(x, repeats.item(), axis);
  const ends = cumsum(contiguous(reshape(repeats, [n])), 0);
  // Beyond 2^31 the first sum too large has wrapped to a negative number.
  checkRange("repeatInterleave", "the sum of counts", ends, 2 ** 31 - 1, false);
  const total = n === 0 ? 0 : select(ends, 0, n - 1).item();
  return apply(repeatInterleaveOp, [x, ends], { axis, total });
}
