// Changing the element type: f32 ↔ i32 ↔ bool. To i32 truncates toward zero (saturating; NaN gives 0); to bool is x != 0.
import { SaccadeError } from "@saccade/kernels";
import { type DType, isDType } from "../dtype.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { empty, f32, i32, type Tensor, u8 } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";

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
    if (y.numel === 0) return y;
    const running = engine();
    const kernel = `cast_${abiName[x.dtype]}_${abiName[dtype]}` as CastKernel;
    const source = x.dtype === "f32" ? f32(x) : x.dtype === "i32" ? i32(x) : u8(x);
    const layout = running.layout(x.shape, y.strides, x.strides);
    running.run(kernel, x.numel, 0, y.storage.ptr as never, source as never, layout);
    return y;
  },
});

/** The tensor with another element type; itself if it has that type. torch.Tensor.to(dtype) */
export function to(x: Tensor, dtype: DType): Tensor {
  tensorArgument("to", "input", x);
  if (!isDType(dtype))
    throw new SaccadeError("dtype", `to: ${String(dtype)} is no element type; f32, i32 and bool are`);
  return x.dtype === dtype ? x : apply(castOp, [x], { dtype });
}
