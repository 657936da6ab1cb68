// Writing one value to every element of a tensor, dense or strided. Not recorded; see inplace.ts for the public form.

import type { DType } from "../dtype.ts";
import type { Shape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { elementwise } from "./elementwise.ts";

const bits = new DataView(new ArrayBuffer(4));

export function fillElements(x: Tensor, value: number | boolean): void {
  const number = Number(value);
  if (x.dtype === "f32") bits.setFloat32(0, number);
  else bits.setInt32(0, number);
  if (x.dtype === "bool") elementwise("fill_b1", x, [], number === 0 ? 0 : 1);
  else elementwise("fill_b4", x, [], bits.getInt32(0));
}

/** A tensor of one value. @internal */
export function filled(shape: Shape, value: number, dtype: DType = "f32"): Tensor {
  const y = empty(shape, dtype);
  fillElements(y, value);
  return y;
}
