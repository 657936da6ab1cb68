// One kernel over the elements of a result: how all elementwise ops run, forward and backward.
import type { ParallelKernel } from "@saccade/kernels";
import type { GradientSink } from "../autograd/backward.ts";
import { engine, type KernelArguments } from "../engine.ts";
import { broadcastStrides } from "../shape.ts";
import { bytePtr, type Tensor } from "../tensor.ts";

/**
 * Runs a kernel that is called as (out, inputs …, layout, parameters …); the inputs broadcast to `out`. Tables vouch for its
 * arguments.
 */
export function elementwise<K extends ParallelKernel>(
  kernel: K,
  out: Tensor,
  inputs: readonly Tensor[],
  ...parameters: readonly number[]
): void {
  if (out.numel === 0) return;
  const running = engine();
  const strides = inputs.map((x) => broadcastStrides(x.shape, x.strides, out.shape));
  const layout = running.layout(out.shape, out.strides, ...strides);
  const args: readonly number[] = [...[out, ...inputs].map(bytePtr), layout, ...parameters];
  running.run(kernel, out.numel, 0, ...(args as unknown as KernelArguments<K>));
}

/** The gradient of input 0 by a kernel that is called as (dx, inputs …, layout, parameters …, acc). */
export function elementwiseGradient(
  into: GradientSink,
  kernel: ParallelKernel,
  inputs: readonly Tensor[],
  ...parameters: readonly number[]
): void {
  const target = into.target(0);
  if (target !== null) elementwise(kernel, target.tensor, inputs, ...parameters, target.acc);
}
