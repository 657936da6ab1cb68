// In-place writes: only without recording, on leaves and buffers. All of them bump the storage's version, so that
// backward refuses a saved tensor that was changed.

import { isRecording } from "../autograd/tape.ts";
import { scope } from "../scope.ts";
import { sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  checkBroadcast,
  fail,
  floatTensor,
  numberArgument,
  tensorArgument,
  typedTensor,
} from "./arguments.ts";
import { copyElements, copyOf } from "./contiguous.ts";
import { elementwise } from "./elementwise.ts";
import { fillElements } from "./fill.ts";
import { scalarLike } from "./scalar.ts";

type InPlaceKernel = "add_f32" | "mul_f32";

/** target += source, for gradients: no checks, no version. @internal */
export function addInto(target: Tensor, source: Tensor): void {
  combine("add_f32", target, source);
}

function combine(kernel: InPlaceKernel, target: Tensor, source: Tensor): void {
  elementwise(kernel, target, [target, source], 0);
}

/** The one door to a write in place. */
function writable(op: string, target: Tensor, source: Tensor | null = null): void {
  if (target.shape.some((size, axis) => size > 1 && target.strides[axis] === 0)) {
    fail("argument", `${op}: the target ${target} shows one element in many places; clone it first`);
  }
  if (isRecording() && (target.requiresGrad || source?.requiresGrad)) {
    const which = target.requiresGrad
      ? "a tensor that requires a gradient is changed"
      : "what requires a gradient is written";
    fail("autograd", `${op}: ${which} in place only in noGrad(…), as no gradient flows through it`);
  }
  target.storage.version++;
}

function checkSource(op: string, target: Tensor, source: Tensor): void {
  const { shape, dtype } = tensorArgument(op, "input", target);
  checkBroadcast(op, "other", tensorArgument(op, "other", source), shape);
  typedTensor(op, "other", source, dtype);
}

/** The source, or a copy where it shows memory of the target in another order, which would change while it is read. */
function apart(target: Tensor, source: Tensor): Tensor {
  const { shape, strides, offset, storage } = source;
  const same =
    offset === target.offset && sameShape(shape, target.shape) && sameShape(strides, target.strides);
  if (storage !== target.storage || same) return source;
  return copyOf(source);
}

/** Writes `source`, broadcast, into `target`. torch.Tensor.copy_ */
export function copy_(target: Tensor, source: Tensor): Tensor {
  checkSource("copy_", target, source);
  writable("copy_", target, source);
  scope(() => copyElements(target, apart(target, source)));
  return target;
}

function arithmetic(op: string, kernel: InPlaceKernel, target: Tensor, other: Tensor | number): Tensor {
  floatTensor(op, "input", target);
  scope(() => {
    const source = typeof other === "number" ? scalarLike(target, other) : other;
    checkSource(op, target, source);
    writable(op, target, source);
    combine(kernel, target, apart(target, source));
  });
  return target;
}

/** target += other. torch.Tensor.add_ */
export function add_(target: Tensor, other: Tensor | number): Tensor {
  return arithmetic("add_", "add_f32", target, other);
}

/** target *= other. torch.Tensor.mul_ */
export function mul_(target: Tensor, other: Tensor | number): Tensor {
  return arithmetic("mul_", "mul_f32", target, other);
}

/** Sets every element to `value`. torch.Tensor.fill_ */
export function fill_(target: Tensor, value: number): Tensor {
  tensorArgument("fill_", "input", target);
  numberArgument("fill_", "value", value);
  writable("fill_", target);
  fillElements(target, value);
  return target;
}

/** Sets every element to 0. torch.Tensor.zero_ */
export function zero_(target: Tensor): Tensor {
  return fill_(target, 0);
}
