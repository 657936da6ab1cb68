// Writing one value to every element of a tensor, dense or strided. Not recorded; see inplace.ts for the public form.
import type { BytePtr } from "@saccade/kernels";
import { engine } from "../engine.ts";
import { f32, i32, type Tensor, u8 } from "../tensor.ts";

const bits = new DataView(new ArrayBuffer(4));

export function fillElements(x: Tensor, value: number | boolean): void {
  const running = engine();
  const units = x.numel;
  if (units === 0) return;
  const layout = running.layout(x.shape, x.strides);
  const number = Number(value);
  if (x.dtype === "bool") {
    running.run("fill_b1", units, 0, u8(x) as number as BytePtr, layout, number === 0 ? 0 : 1);
    return;
  }
  if (x.dtype === "f32") bits.setFloat32(0, number);
  else bits.setInt32(0, number);
  const ptr = x.dtype === "f32" ? f32(x) : i32(x);
  running.run("fill_b4", units, 0, ptr as number as BytePtr, layout, bits.getInt32(0));
}
