// Joining tensors along an axis. torch.cat, torch.stack. Each gradient is the part of dy that its tensor became.
import { SaccadeError } from "@saccade/kernels";
import { store } from "../autograd/backward.ts";
import { promote } from "../dtype.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { formatShape, normalizeAxis, sameShape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
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
    const y = empty(
      inputs[0].shape.map((size, i) => (i === axis ? total : size)),
      inputs[0].dtype,
    );
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
  checkList("cat", tensors);
  const isNothing = ({ rank, numel }: Tensor): boolean => rank === 1 && numel === 0;
  const dtype = tensors.map((x) => x.dtype).reduce(promote);
  const first = tensors.find((x) => !isNothing(x)) ?? tensors[0];
  const parts = first.rank === 1 ? tensors : tensors.filter((x) => !isNothing(x));
  const axis = normalizeAxis("cat", dim, first.rank);
  if (first.rank === 0)
    throw new SaccadeError("shape", "cat: 0-d tensors have no axis to join along; use stack");
  const others = (x: Tensor): number[] => x.shape.filter((_, i) => i !== axis);
  for (const [i, x] of tensors.entries()) {
    if (!parts.includes(x)) continue;
    if (x.rank !== first.rank || !sameShape(others(x), others(first))) {
      throw new SaccadeError(
        "shape",
        `cat: tensor ${i} ${formatShape(x.shape)} differs from ${formatShape(first.shape)} in more than axis ${dim}`,
      );
    }
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
  checkList("stack", tensors);
  const axis = normalizeAxis("stack", dim, tensors[0].rank + 1);
  for (const [i, x] of tensors.entries()) {
    if (!sameShape(x.shape, tensors[0].shape)) {
      throw new SaccadeError(
        "shape",
        `stack: tensor ${i} ${formatShape(x.shape)} has another shape than ${formatShape(tensors[0].shape)}`,
      );
    }
  }
  return scope(() =>
    cat(
      tensors.map((x) => unsqueeze(x, axis)),
      axis,
    ),
  );
}

function checkList(op: string, tensors: readonly Tensor[]): void {
  if (!Array.isArray(tensors) || tensors.length === 0) {
    throw new SaccadeError("argument", `${op}: wants an array of at least one tensor`);
  }
  for (const [i, x] of tensors.entries()) tensorArgument(op, `tensor ${i}`, x);
}

/** Joins tensors along their second axis; vectors and numbers along the first. torch.hstack */
export function hstack(tensors: readonly Tensor[]): Tensor {
  checkList("hstack", tensors);
  return scope(() => {
    const joined = tensors.map(atleast1d);
    return cat(joined, joined[0].rank === 1 ? 0 : 1);
  });
}

/** Joins tensors of at least two axes along the first; vectors are rows. torch.vstack */
export function vstack(tensors: readonly Tensor[]): Tensor {
  checkList("vstack", tensors);
  return scope(() => cat(tensors.map(atleast2d)));
}

/** Joins tensors of at least three axes along the third. torch.dstack */
export function dstack(tensors: readonly Tensor[]): Tensor {
  checkList("dstack", tensors);
  return scope(() => cat(tensors.map(atleast3d), 2));
}
