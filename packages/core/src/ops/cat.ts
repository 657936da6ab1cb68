// Joining tensors along an axis. torch.cat, torch.stack. Each gradient is the part of dy that its tensor became.

import { store } from "../autograd/backward.ts";
import { promote } from "../dtype.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { formatShape, normalizeAxis, resized, sameShape, without } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { realAxis, refuse, shapedTensor, tensorsArgument } from "./arguments.ts";
import { atleast1d, atleast2d, atleast3d } from "./axes.ts";
import { to } from "./cast.ts";
import { copyElements } from "./contiguous.ts";
import { narrow, unsqueeze } from "./views.ts";

interface Attrs {
  readonly axis: number;
  readonly sizes: readonly number[];
}

const catOp = defineOp<readonly Tensor[], Attrs>({
  name: "cat",
  forward(inputs, { axis, sizes }) {
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const y = empty(resized(inputs[0].shape, axis, total), inputs[0].dtype);
    let begin = 0;
    for (const [i, x] of inputs.entries()) {
      copyElements(narrow(y, axis, begin, sizes[i]), x);
      begin += sizes[i];
    }
    return y;
  },
  backward(dy, _saved, { axis, sizes }, into) {
    let begin = 0;
    for (const [i, size] of sizes.entries()) {
      const target = into.target(i);
      if (target !== null) store(target, narrow(dy, axis, begin, size));
      begin += size;
    }
  },
});

/** Joins tensors along an existing axis; their other axes agree. Tensors (0) may stand among others of any rank. */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  tensorsArgument("cat", tensors);
  const isNothing = ({ rank, numel }: Tensor): boolean => rank === 1 && numel === 0;
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  const first = tensors.find((x) => !isNothing(x)) ?? tensors[0];
  const parts = first.rank === 1 ? tensors : tensors.filter((x) => !isNothing(x));
  const axis = realAxis("cat", first, dim);
  for (const [i, x] of tensors.entries()) {
    if (!parts.includes(x)) continue;
    if (x.rank !== first.rank || !sameShape(without(x.shape, axis), without(first.shape, axis)))
      refuse("cat", `tensor ${i}`, `${formatShape(first.shape)} but for axis ${dim}`, x, "shape");
  }
  return scope(() =>
    apply(
      catOp,
      parts.map((x) => to(x, dtype)),
      { axis, sizes: parts.map((x) => x.shape[axis]) },
    ),
  );
}

/** Joins tensors of one shape along a new axis. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  const [first] = tensorsArgument("stack", tensors);
  const axis = normalizeAxis("stack", dim, first.rank + 1);
  for (const [i, x] of tensors.entries()) shapedTensor("stack", `tensor ${i}`, x, first.shape);
  return scope(() =>
    cat(
      tensors.map((x) => unsqueeze(x, axis)),
      axis,
    ),
  );
}

/** Joins tensors along their second axis; vectors and numbers along the first. torch.hstack */
export function hstack(tensors: readonly Tensor[]): Tensor {
  tensorsArgument("hstack", tensors);
  return scope(() => {
    const joined = tensors.map(atleast1d);
    return cat(joined, joined[0].rank === 1 ? 0 : 1);
  });
}

/** Joins tensors of at least two axes along the first; vectors are rows. torch.vstack */
export function vstack(tensors: readonly Tensor[]): Tensor {
  tensorsArgument("vstack", tensors);
  return scope(() => cat(tensors.map(atleast2d)));
}

/** Joins tensors of at least three axes along the third. torch.dstack */
export function dstack(tensors: readonly Tensor[]): Tensor {
  tensorsArgument("dstack", tensors);
  return scope(() => cat(tensors.map(atleast3d), 2));
}
