// Elements where a mask is true: their places are listed block by block, then gathered or scattered by position.
// torch.nonzero, masked_select, masked_scatter
import { engine } from "../engine.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, sameShape } from "../shape.ts";
import { empty, i32, type Tensor, u8 } from "../tensor.ts";
import { optionsArgument, refuse, tensorArgument } from "./arguments.ts";
import { to } from "./cast.ts";
import { contiguous } from "./contiguous.ts";
import { cumsum } from "./cumsum.ts";
import { flatPicks, picked } from "./gather.ts";
import { sameType } from "./picks.ts";
import { scattered } from "./scatterFold.ts";
import { expand, narrow, reshape, select } from "./views.ts";

/** Elements per unit of the mask kernels. */
const BLOCK = 4096;

/** Row-major positions of the elements that are not 0, ascending. */
function listTrue(x: Tensor): Tensor {
  return scope(() => {
    const mask = contiguous(to(x, "bool"));
    const n = mask.numel;
    const blocks = Math.ceil(n / BLOCK);
    if (blocks === 0) return empty([0], "i32");
    const counts = empty([blocks], "i32");
    engine().run("mask_count_i32", blocks, 0, i32(counts), u8(mask), n);
    const ends = cumsum(counts, 0);
    const list = empty([select(ends, 0, -1).item()], "i32");
    engine().run("mask_list_i32", blocks, 0, i32(list), u8(mask), i32(ends), n);
    return list;
  });
}

/**
 * Coordinates of the elements that are not 0, in row-major order: i32 (n, rank), or with `asTuple` one (n) per axis.
 * torch.nonzero
 */
export function nonzero(x: Tensor, options: { readonly asTuple: true }): Tensor[];
export function nonzero(x: Tensor): Tensor;
export function nonzero(x: Tensor, options: { readonly asTuple?: boolean } = {}): Tensor | Tensor[] {
  tensorArgument("nonzero", "input", x);
  const { asTuple = false } = optionsArgument("nonzero", options);
  return scope(() => {
    // Of a 0-d tensor the tuple has one list, the matrix no column.
    const shape = asTuple && x.rank === 0 ? [1] : x.shape;
    const list = listTrue(x);
    const n = list.numel;
    const places = empty(asTuple ? [shape.length, n] : [n, shape.length], "i32");
    const step = asTuple ? 1 : shape.length;
    let divisor = 1;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const column = select(places, asTuple ? 0 : 1, axis);
      engine().run("unravel_i32", n, 0, i32(column), step, i32(list), divisor, shape[axis]);
      divisor *= shape[axis];
    }
    return asTuple ? shape.map((_, axis) => select(places, 0, axis)) : places;
  });
}

/** The elements of x where `mask` is true, both broadcast: (n), in row-major order. torch.masked_select */
export function maskedSelect(x: Tensor, mask: Tensor): Tensor {
  tensorArgument("maskedSelect", "input", x);
  tensorArgument("maskedSelect", "mask", mask);
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  return scope(() => {
    const list = listTrue(expand(mask, shape));
    const whole = contiguous(sameShape(x.shape, shape) ? x : expand(x, shape));
    return picked(reshape(whole, [whole.numel]), list, flatPicks(list));
  });
}

/** x with the elements of `source`, in order, where `mask` is true; x and mask broadcast. torch.masked_scatter */
export function maskedScatter(x: Tensor, mask: Tensor, source: Tensor): Tensor {
  tensorArgument("maskedScatter", "input", x);
  tensorArgument("maskedScatter", "mask", mask);
  sameType("maskedScatter", x, "source", tensorArgument("maskedScatter", "source", source));
  const shape = broadcastShapes("maskedScatter", x.shape, mask.shape);
  return scope(() => {
    const list = listTrue(expand(mask, shape));
    if (list.numel > source.numel) {
      const wanted = `of ${list.numel} elements or more, as often as the mask is true`;
      refuse("maskedScatter", "source", wanted, source, "shape");
    }
    const whole = sameShape(x.shape, shape) ? x : expand(x, shape);
    const flat = reshape(whole, [whole.numel]);
    const part = narrow(reshape(source, [source.numel]), 0, 0, list.numel);
    return reshape(scattered(flat, part, list, flatPicks(list), false), shape);
  });
}
