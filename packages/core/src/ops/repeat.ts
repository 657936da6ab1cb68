// Showing or copying elements again and again. torch.broadcast_to, broadcast_tensors, Tensor.repeat, tile
// repeat and tile are an expand of axes put in between, and one copy.
import { scope } from "../scope.ts";
import { broadcastShapes, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { integerArgument, listOrNumber, refuse, tensorArgument } from "./arguments.ts";
import { clone } from "./contiguous.ts";
import { expand, reshape } from "./views.ts";

/** The tensor repeated along axes of size 1 and new leading ones. torch.broadcast_to */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  return expand(x, shape);
}

/** The tensors in the shape they broadcast to. torch.broadcast_tensors */
export function broadcastTensors(...tensors: readonly (Tensor | readonly Tensor[])[]): Tensor[] {
  const list = tensors.flat() as Tensor[];
  const shape = list
    .map((x, i) => tensorArgument("broadcastTensors", `tensor ${i}`, x).shape)
    .reduce((a, b) => broadcastShapes("broadcastTensors", a, b), []);
  return list.map((x) => expand(x, shape));
}

/** `y`, or a copy where it still shows the memory of `x`, as an expansion of one element does. @internal */
export function ownMemory(y: Tensor, x: Tensor): Tensor {
  return y.storage === x.storage ? clone(y) : y;
}

function copies(op: string, x: Tensor, repeats: readonly number[]): Tensor {
  for (const n of repeats) integerArgument(op, "repeats", n, 0);
  const sizes = [...repeats.slice(x.rank).fill(1), ...x.shape];
  const pairs = (first: readonly number[]): number[] => sizes.flatMap((size, axis) => [first[axis], size]);
  return scope(() => {
    const apart = reshape(x, pairs(sizes.map(() => 1)));
    const y = reshape(
      expand(apart, pairs(repeats)),
      sizes.map((size, axis) => size * repeats[axis]),
    );
    return ownMemory(y, x);
  });
}

/** The tensor repeats[i] times along axis i; more numbers than axes add axes in front. torch.Tensor.repeat */
export function repeat(x: Tensor, repeats: number | readonly number[]): Tensor {
  tensorArgument("repeat", "input", x);
  const list = listOrNumber("repeat", "repeats", repeats);
  if (list.length < x.rank)
    refuse("repeat", "repeats", `${x.rank} numbers or more (tile takes fewer)`, list, "shape");
  return copies("repeat", x, list);
}

/** As repeat, with 1 for leading axes that no number is given for. torch.tile */
export function tile(x: Tensor, dims: number | readonly number[]): Tensor {
  tensorArgument("tile", "input", x);
  const list = listOrNumber("tile", "dims", dims);
  const missing = Math.max(x.rank - list.length, 0);
  return copies("tile", x, [...new Array<number>(missing).fill(1), ...list]);
}
