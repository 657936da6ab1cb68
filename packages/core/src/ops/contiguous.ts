// Moving elements without computing: contiguous() makes a strided tensor dense, copyElements writes one tensor into
// another, readElements brings them to JavaScript.

import type { BytePtr, F32Ptr } from "@saccade/kernels";
import { bytesOf, type DType, type TypedArray } from "../dtype.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { denseStrides, numel, type Shape, sameShape } from "../shape.ts";
import { empty, f32, type Panel, panelsPtr, type Tensor, weightFormats } from "../tensor.ts";
import { tensorArgument } from "./arguments.ts";
import { elementwise } from "./elementwise.ts";

/** Writes `source`, broadcast to its shape, into `target`; both have one type. */
export function copyElements(target: Tensor, source: Tensor): void {
  elementwise(target.dtype === "bool" ? "copy_b1" : "copy_b4", target, [source]);
}

/** A copy with memory of its own that the tape does not know. @internal */
export function copyOf(x: Tensor): Tensor {
  const y = empty(x.shape, x.dtype);
  copyElements(y, x);
  return y;
}

const copyOp = defineOp<readonly [Tensor]>({
  name: "copy",
  forward: ([x]) => copyOf(x),
  backward(dy, _saved, _attrs, into) {
    into.give(0, dy);
  },
});

/** The same values with dense rows; the tensor itself if they are dense already (as a new handle). torch.contiguous */
export function contiguous(x: Tensor): Tensor {
  tensorArgument("contiguous", "input", x);
  // Without elements any strides count as dense; kernels' geometry wants the usual ones even then.
  const regular = x.numel > 0 || sameShape(x.strides, denseStrides(x.shape));
  return x.isContiguous && regular ? x : clone(x);
}

/** A copy with memory of its own, row-major. torch.clone */
export function clone(x: Tensor): Tensor {
  tensorArgument("clone", "input", x);
  return apply(copyOp, [x], undefined);
}

/** A weight in rows, of its panels if it is packed. @internal */
export const weightRows = (weight: Tensor): Tensor =>
  weight.panel === null ? contiguous(weight) : unpackRows(weight);

/** Rows of a weight that is packed into 8-column panels, back in order. @internal */
export function unpackRows(x: Tensor): Tensor {
  const y = empty(x.shape);
  const { K, N, transposed, format, group } = x.panel as Panel;
  const [rowStride, columnStride] = transposed ? [1, K] : [N, 1];
  const sizes = [K, N, rowStride, columnStride] as const;
  const running = engine();
  const packed = panelsPtr(x);
  if (format === "f32") {
    running.run("matmul_unpack_f32", Math.ceil(N / 8), 0, f32(y), packed as F32Ptr, ...sizes);
    return y;
  }
  const how = [weightFormats[format], group] as const;
  const work = running.kernels.quantize_work(K, ...how) >>> 0;
  running.run("dequantize_f32", Math.ceil(N / 8), work, f32(y), packed as BytePtr, ...sizes, ...how);
  return y;
}

function view(ptr: number, dtype: DType, shape: Shape): TypedArray {
  const { heap } = engine();
  const n = numel(shape);
  if (dtype === "f32") return heap.f32(ptr, n);
  return dtype === "i32" ? heap.i32(ptr, n) : heap.u8(ptr, n);
}

/** A copy of the elements in row-major order. @internal */
export function readElements(x: Tensor): TypedArray {
  return scope(() => {
    const dense = x.panel !== null ? unpackRows(x) : x.isContiguous ? x : copyOf(x);
    return view(dense.storage.ptr + dense.offset * bytesOf[x.dtype], x.dtype, x.shape).slice();
  });
}

/** Copies the elements of a typed array into a dense tensor. @internal */
export function fromHost(values: ArrayLike<number>, dtype: DType = "f32"): Tensor {
  const x = empty([values.length], dtype);
  writeElements(x, values);
  return x;
}

export function writeElements(x: Tensor, values: ArrayLike<number>): void {
  view(x.storage.ptr + x.offset * bytesOf[x.dtype], x.dtype, x.shape).set(values);
}
