// Whether one call of ours gives what PyTorch gives: values, types, shapes, gradients, inputs as they were.
import { mul, sum, type Tensor, Tensor as TensorClass, tensor } from "@saccade/core";
import { dtypeOf, Skip } from "./call.ts";
import type { CallRecord, Numbers, OutputRecord, SampleRecord } from "./samples.ts";

/** The tensors of a result in PyTorch's order: one, a list, or an object's fields. */
export function resultsOf(result: unknown): Tensor[] {
  if (result instanceof TensorClass) return [result];
  if (Array.isArray(result)) return result.flatMap(resultsOf);
  if (typeof result === "boolean") return [tensor([result], { shape: [] })];
  if (typeof result === "number") return [tensor([result], { shape: [] })];
  if (typeof result === "object" && result !== null) return Object.values(result).flatMap(resultsOf);
  return [];
}

/** How far PyTorch's float32 is off, and the largest element. */
function deviation(exact: Float64Array, single: Float64Array): { d: number; scale: number } {
  let [d, scale] = [0, 0];
  for (let i = 0; i < exact.length; i++) {
    if (!Number.isFinite(exact[i]) || !Number.isFinite(single[i])) continue;
    d = Math.max(d, Math.abs(exact[i] - single[i]));
    scale = Math.max(scale, Math.abs(exact[i]));
  }
  return { d, scale };
}

/** 8 times what PyTorch's own float32 is off, and 1e-6 of the largest element. */
export function compare(
  what: string,
  ours: ArrayLike<number>,
  exact: Float64Array,
  single: Float64Array,
  least = 0,
): string | null {
  const { d, scale } = deviation(exact, single);
  const allowed = 8 * Math.max(d, least * scale) + 1e-6 * scale;
  for (let i = 0; i < exact.length; i++) {
    const y = ours[i];
    if (Object.is(y, exact[i]) || y === single[i] || (Number.isNaN(y) && Number.isNaN(single[i]))) continue;
    if (Math.abs(y - exact[i]) <= allowed) continue;
    return `${what}[${i}] is ${y}, PyTorch's ${exact[i]} (f32 ${single[i]}, allowed ${allowed.toPrecision(3)})`;
  }
  return null;
}

function judgeOutput(y: Tensor, record: OutputRecord, numbers: Numbers, what: string): string | null {
  const { shape, dtype } = record;
  if (y.shape.length !== shape.length || y.shape.some((size, i) => size !== shape[i]))
    return `${what} is [${y.shape}], PyTorch's [${shape}]`;
  const wanted = dtypeOf(dtype);
  if (y.dtype !== wanted) return `${what} is ${y.dtype}, PyTorch's ${dtype}`;
  const [exact, single] = [numbers.at(record.exact, shape), numbers.at(record.single, shape)];
  if (wanted === "i32" && exact.some((x) => Math.abs(x) > 2 ** 31)) throw new Skip("int64 beyond int32");
  return compare(what, y.toTypedArray(), exact, single);
}

/** The first difference of values, or null. */
export function judgeOutputs(
  results: readonly Tensor[],
  sample: SampleRecord,
  numbers: Numbers,
): string | null {
  const { outputs } = sample;
  if (results.length !== outputs.length) return `${results.length} results, PyTorch's ${outputs.length}`;
  for (const [i, y] of results.entries()) {
    const problem = judgeOutput(y, outputs[i], numbers, results.length > 1 ? `y${i}` : "y");
    if (problem !== null) return problem;
  }
  return null;
}

/** The first difference of gradients of sum(y · cotangent) of `leaves`, or null. */
export function judgeGradients(
  results: readonly Tensor[],
  leaves: readonly Tensor[],
  sample: SampleRecord,
  numbers: Numbers,
): string | null {
  if (sample.gradients.length === 0) return null;
  const parts = results.flatMap((y, i) => {
    const { cotangent, shape } = sample.outputs[i];
    if (cotangent === null || !y.requiresGrad) return [];
    return [sum(mul(y, tensor(numbers.at(cotangent, shape), { shape })))];
  });
  if (parts.length === 0) return "no result has a gradient";
  for (const part of parts) part.backward(undefined, { retainGraph: true });
  const pairs = leaves.map((leaf, i): [Float64Array, Float64Array] => {
    const { exact, single } = sample.gradients[i];
    return [numbers.at(exact, leaf.shape), numbers.at(single, leaf.shape)];
  });
  // A layer is many operations: the error of its worst gradient says what any of them may be off.
  const worst = pairs.map((pair) => deviation(...pair)).map(({ d, scale }) => d / Math.max(scale, 1e-30));
  const least = sample.kind === "module" ? Math.max(...worst) : 0;
  for (const [i, leaf] of leaves.entries()) {
    const found = leaf.grad?.toTypedArray() ?? new Float32Array(leaf.numel);
    const problem = compare(`gradient ${i}`, found, ...pairs[i], least);
    if (problem !== null) return problem;
  }
  return null;
}

/** The first input that the call changed, or null; those that PyTorch changes, too, must be as it leaves them. */
export function judgeInputs(tensors: readonly Tensor[], call: CallRecord, numbers: Numbers): string | null {
  for (const [i, { at, after, shape }] of call.tensors.entries()) {
    const { exact, single } = after ?? { exact: at, single: at };
    const [wanted, low] = [numbers.at(exact, shape), numbers.at(single, shape)];
    const now = tensors[i].toTypedArray();
    const changed = now.findIndex((x, j) => !Object.is(x, low[j]));
    if (changed < 0) continue;
    const problem =
      after === undefined ? `is ${now[changed]} at ${changed}` : compare("it", now, wanted, low);
    if (problem !== null) return `input ${i} was changed: ${problem}`;
  }
  return null;
}

/** True when places differ from PyTorch's only among equal elements. */
export function sameElements(
  results: readonly Tensor[],
  sample: SampleRecord,
  numbers: Numbers,
  input: Tensor,
  dim: number,
): boolean {
  const found = results.at(-1) as Tensor;
  const { shape, exact } = sample.outputs[results.length - 1];
  if (found.dtype !== "i32" || String(found.shape) !== String(shape)) return false;
  const axis = dim < 0 ? dim + input.rank : dim;
  const at = (index: Tensor): Tensor =>
    input.detach().takeAlongDim(index.rank < input.rank ? index.unsqueeze(axis) : index, axis);
  const theirs = tensor(numbers.at(exact, shape), { shape, dtype: "i32" });
  const [a, b] = [at(found).toTypedArray(), at(theirs).toTypedArray()];
  return a.every((x, i) => Object.is(x, b[i]) || x === b[i]);
}
