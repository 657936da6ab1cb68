// Changing the element type: f32 ↔ i32 ↔ bool. To i32 truncates toward zero (saturating; NaN gives 0); to bool is x != 0.

import type { DType } from "../dtype.ts";
import { apply, defineOp } from "../op.ts";
import { empty, type Tensor } from "../tensor.ts";
import { dtypeArgument, tensorArgument } from "./arguments.ts";
import { elementwise } from "./elementwise.ts";

const abiName: Record<DType, "f32" | "i32" | "u8"> = { f32: "f32", i32: "i32", bool: "u8" };
type CastKernel =
  | "cast_i32_f32"
  | "cast_u8_f32"
  | "cast_u8_i32"
  | "cast_f32_i32"
  | "cast_f32_u8"
  | "cast_i32_u8";

const castOp = defineOp<readonly [Tensor], { dtype: DType }>({
  name: "to",
  forward([x], { dtype }) {
    const y = empty(x.shape, dtype);
    elementwise(`cast_${abiName[x.dtype]}_${abiName[dtype]}` as CastKernel, y, [x]);
    return y;
  },
});

/** The tensor with another element type; itself if it has that type. torch.Tensor.to(dtype) */
export function to(x: Tensor, dtype: DType): Tensor {
  tensorArgument("to", "input", x);
  dtypeArgument("to", dtype);
  return x.dtype === dtype ? x : apply(castOp, [x], { dtype });
}
