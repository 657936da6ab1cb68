// Running one case on the engine: its inputs in any place in memory, forward, and backward from the case's cotangents.
import type { TypedArray } from "../../src/dtype.ts";
import * as saccade from "../../src/index.ts";
import type { RefTensor } from "../../src/reference.ts";
import { type Case, isLeaf } from "./cases.ts";

type Tensor = saccade.Tensor;

/** The tensor an op is given, and the leaf it shows, which may be larger. */
interface Placed {
  readonly leaf: Tensor;
  readonly input: Tensor;
}

/** Puts values into memory in its own way. */
export type Placement = (values: RefTensor, requiresGrad: boolean) => Placed;

export interface Result {
  readonly shapes: readonly (readonly number[])[];
  readonly dtypes: readonly string[];
  readonly outputs: readonly TypedArray[];
  /** One per input, as the op saw it; null where none flowed. */
  readonly gradients: readonly (TypedArray | null)[];
}

function upload({ data, shape, dtype }: RefTensor, requiresGrad: boolean): Tensor {
  return saccade.tensor(data, { shape, dtype, requiresGrad });
}

export const dense: Placement = (values, requiresGrad) => {
  const leaf = upload(values, requiresGrad);
  return { leaf, input: leaf };
};

/** Moves element `index` to `place(index)` of a tensor of `shape`; what lies between must not be read. */
function spread(
  values: RefTensor,
  shape: readonly number[],
  place: (index: number[]) => number[],
): RefTensor {
  const filler = { f32: Number.NaN, i32: 77777, bool: 1 }[values.dtype];
  const data = new Float64Array(shape.reduce((n, size) => n * size, 1)).fill(filler);
  for (let flat = 0; flat < values.data.length; flat++) {
    let rest = flat;
    const index = values.shape.map(() => 0);
    for (let axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = rest % values.shape[axis];
      rest = Math.floor(rest / values.shape[axis]);
    }
    data[place(index).reduce((at, i, axis) => at * shape[axis] + i, 0)] = values.data[flat];
  }
  return { ...values, shape, data };
}

/** Axes in reverse order in memory, as a transposed matrix has them. */
export const turned: Placement = (values, requiresGrad) => {
  const shape = [...values.shape].reverse();
  const leaf = upload(
    spread(values, shape, (index) => [...index].reverse()),
    requiresGrad,
  );
  return { leaf, input: leaf.permute(shape.map((_, axis) => shape.length - 1 - axis)) };
};

/** Every second element of a larger tensor, from the second on, with gaps between the rows as well. */
export const gapped: Placement = (values, requiresGrad) => {
  const last = values.shape.length - 1;
  if (last < 0) {
    const leaf = upload(
      spread(values, [3], () => [1]),
      requiresGrad,
    );
    return { leaf, input: leaf.select(0, 1) };
  }
  const shape = values.shape.map((size, axis) => (axis === last ? 2 * size + 1 : size + 1));
  const place = (index: number[]): number[] => index.map((i, axis) => (axis === last ? 2 * i + 1 : i + 1));
  const leaf = upload(spread(values, shape, place), requiresGrad);
  let input = leaf.slice(last, 1, shape[last], 2);
  for (let axis = 0; axis < last; axis++) input = input.narrow(axis, 1, values.shape[axis]);
  return { leaf, input };
};

/** Dense rows within longer ones, as the parts of a fused projection are. */
export const rowsApart: Placement = (values, requiresGrad) => {
  const last = values.shape.length - 1;
  if (last < 0) return dense(values, requiresGrad);
  const shape = values.shape.map((size, axis) => (axis === last ? size + 3 : size));
  const place = (index: number[]): number[] => index.map((i, axis) => (axis === last ? i + 2 : i));
  const leaf = upload(spread(values, shape, place), requiresGrad);
  return { leaf, input: leaf.narrow(last, 2, values.shape[last]) };
};

export interface RunOptions {
  /** Where each input lies; dense unless said otherwise. */
  readonly placements?: readonly (Placement | undefined)[];
  /** Which inputs require a gradient: all unless said otherwise, none for an empty list. */
  readonly wanted?: readonly number[];
  /** How often to go forward and backward; every second time through a loss of one element. */
  readonly passes?: number;
}

/** What the op computes, with its gradients. Throws when it changed an input. */
export function run(c: Case, { placements = [], wanted, passes = 1 }: RunOptions = {}): Result {
  return saccade.scope(() => {
    const differentiable = c.cotangents.some((cotangent) => cotangent !== null);
    const placed = c.inputs.map((values, i): Placed | null => {
      const requiresGrad = differentiable && isLeaf(c.ref, c.inputs, i) && wanted?.includes(i) !== false;
      return values === null ? null : (placements[i] ?? dense)(values, requiresGrad);
    });
    const inputs = placed.map((place) => place?.input ?? null);
    const before = inputs.map((x) => x?.toTypedArray());
    let outputs: Tensor[] = [];
    for (let pass = 0; pass < passes; pass++) {
      outputs = [c.ref.call(inputs as Tensor[], c.sample.attrs, saccade)].flat();
      walk(c, outputs, pass);
    }
    requireUnchanged(inputs, before);
    return {
      shapes: outputs.map((y) => y.shape),
      dtypes: outputs.map((y) => y.dtype),
      outputs: outputs.map((y) => y.toTypedArray()),
      gradients: placed.map((place, i) => gradientOf(place, i)),
    };
  });
}

/** Backward from every output at once: a fused op is walked a single time, whatever it returns. */
function walk(c: Case, outputs: readonly Tensor[], pass: number): void {
  const sources = outputs.flatMap((y, i) => {
    const cotangent = c.cotangents[i];
    return cotangent === null || !y.requiresGrad ? [] : [{ y, weights: upload(cotangent, false) }];
  });
  if (sources.length === 0) return;
  if (sources.length === 1 && pass % 2 === 0) sources[0].y.backward(sources[0].weights);
  else
    sources
      .map(({ y, weights }) => y.mul(weights).sum())
      .reduce((loss, part) => loss.add(part))
      .backward();
}

/** The gradient of what the op saw; that of the leaf around it must be zero. */
function gradientOf(placed: Placed | null, i: number): TypedArray | null {
  const gradient = placed?.input.grad?.toTypedArray() ?? null;
  if (placed === null || gradient === null) return null;
  const nonZero = (values: TypedArray): number => Array.from(values).filter((x) => x !== 0).length;
  const whole = (placed.leaf.grad as Tensor).toTypedArray();
  if (nonZero(whole) !== nonZero(gradient))
    throw new Error(`input ${i}: elements around the view have a gradient`);
  return gradient;
}

function requireUnchanged(
  inputs: readonly (Tensor | null)[],
  before: readonly (TypedArray | undefined)[],
): void {
  for (const [i, x] of inputs.entries()) {
    const after = x?.toTypedArray();
    if (after?.some((value, at) => !Object.is(value, before[i]?.[at])))
      throw new Error(`input ${i} was changed`);
  }
}
