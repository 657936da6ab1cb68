// New tensors in the shape of others. torch.zeros_like, ones_like, full_like
import { type CreateOptions, full } from "../create.ts";
import type { Tensor } from "../tensor.ts";
import { optionsArgument, tensorArgument } from "./arguments.ts";

function like(op: string, x: Tensor, value: number | boolean, options: CreateOptions): Tensor {
  const { shape, dtype } = tensorArgument(op, "input", x);
  return full(shape, value, { ...optionsArgument(op, options), dtype: options.dtype ?? dtype });
}

/** Zeros in the shape and type of x. torch.zeros_like */
export function zerosLike(x: Tensor, options: CreateOptions = {}): Tensor {
  return like("zerosLike", x, 0, options);
}

/** Ones in the shape and type of x. torch.ones_like */
export function onesLike(x: Tensor, options: CreateOptions = {}): Tensor {
  return like("onesLike", x, 1, options);
}

/** `value` everywhere, in the shape and type of x. torch.full_like */
export function fullLike(x: Tensor, value: number | boolean, options: CreateOptions = {}): Tensor {
  return like("fullLike", x, value, options);
}
