// Making tensors from values. torch.tensor, zeros, ones, full, arange

import type { DType, TypedArray } from "./dtype.ts";
import { dtypeArgument, fail, optionsArgument, refuse, valueArgument } from "./ops/arguments.ts";
import { writeElements } from "./ops/contiguous.ts";
import { fillElements } from "./ops/fill.ts";
import { checkShape, formatShape, MAX_AXES, numel, type Shape } from "./shape.ts";
import { shown } from "./show.ts";
import { empty, type NestedArray, type Tensor } from "./tensor.ts";

export interface CreateOptions {
  readonly dtype?: DType;
  readonly requiresGrad?: boolean;
}

export interface TensorOptions extends CreateOptions {
  /** Shape of a flat array; nested arrays say their own. */
  readonly shape?: Shape;
}

type Data = NestedArray | ArrayLike<number>;

/**
 * A tensor from nested arrays, or from a flat (typed) array and a shape. Numbers become f32, booleans bool, Int32Array
 * i32, unless `dtype` says otherwise. The values are copied.
 */
export function tensor(data: Data, options: TensorOptions = {}): Tensor {
  optionsArgument("tensor", options);
  const { shape: natural, flat, dtype } = isView(data) ? typed(data) : nested(data as NestedArray);
  const shape = options.shape === undefined ? natural : checkShape("tensor", options.shape);
  if (numel(shape) !== flat.length) {
    refuse("tensor", "shape", `of ${flat.length} elements, as many as there are values`, shape, "shape");
  }
  const type = options.dtype ?? dtype;
  if (type === "i32" && dtype !== "i32")
    for (let i = 0; i < flat.length; i++) valueArgument("tensor", "an element", flat[i], type);
  const x = allocate("tensor", shape, type, options);
  writeElements(x, type === "bool" ? Uint8Array.from(flat, (value) => Number(value !== 0)) : flat);
  return x;
}

interface Values {
  readonly shape: Shape;
  readonly flat: ArrayLike<number>;
  /** The type they have if nobody asks for another. */
  readonly dtype: DType;
}

function isView(data: unknown): data is ArrayBufferView {
  return ArrayBuffer.isView(data);
}

function typed(data: ArrayBufferView): Values {
  if (data instanceof DataView || data instanceof BigInt64Array || data instanceof BigUint64Array) {
    const { name } = data.constructor;
    fail("argument", `tensor: a ${name} holds no numbers of a tensor's type; convert it first`);
  }
  const flat = data as TypedArray;
  return { shape: [flat.length], flat, dtype: data instanceof Int32Array ? "i32" : "f32" };
}

function nested(data: NestedArray): Values {
  const shape: number[] = [];
  for (let level = data; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > MAX_AXES) {
      fail("shape", `tensor: the array is nested too deep; a tensor has at most ${MAX_AXES} axes`);
    }
  }
  const flat: number[] = [];
  let booleans = 0;
  const visit = (level: NestedArray, axis: number): void => {
    if (axis === shape.length) {
      if (typeof level !== "number" && typeof level !== "boolean") {
        refuse("tensor", "an element", "a number or boolean", level);
      }
      if (typeof level === "boolean") booleans++;
      flat.push(Number(level));
      return;
    }
    if (!Array.isArray(level) || level.length !== shape[axis]) {
      fail("shape", `tensor: rows of unequal length; the first ones give ${formatShape(shape)}`);
    }
    for (const item of level) visit(item, axis + 1);
  };
  visit(data, 0);
  return { shape, flat, dtype: booleans > 0 && booleans === flat.length ? "bool" : "f32" };
}

/** Memory for a new tensor, after all that can be wrong with what is asked for. */
function allocate(op: string, shape: unknown, dtype: DType, { requiresGrad }: CreateOptions): Tensor {
  dtypeArgument(op, dtype);
  if (requiresGrad && dtype !== "f32") refuse(op, "dtype", "f32 for a gradient", dtype, "dtype");
  const x = empty(checkShape(op, shape), dtype);
  return requiresGrad ? x.requiresGrad_() : x;
}

/** Every element `value`. torch.full */
export function full(shape: Shape, value: number | boolean, options: CreateOptions = {}): Tensor {
  return filled("full", shape, value, options);
}

/** Every element 0. torch.zeros */
export function zeros(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled("zeros", shape, 0, options);
}

/** Every element 1. torch.ones */
export function ones(shape: Shape, options: CreateOptions = {}): Tensor {
  return filled("ones", shape, 1, options);
}

function filled(op: string, shape: Shape, value: number | boolean, options: CreateOptions): Tensor {
  optionsArgument(op, options);
  const dtype = options.dtype ?? (typeof value === "boolean" ? "bool" : "f32");
  valueArgument(op, "value", value, dtype);
  const x = allocate(op, shape, dtype, options);
  fillElements(x, value);
  return x;
}

/**
 * start, start + step, … below end (above it for a negative step); i32 unless told otherwise or a number is fractional.
 * As i32 the start and the step lose their fractions, but not their count. torch.arange
 */
export function arange(start: number, end?: number, step = 1, options: CreateOptions = {}): Tensor {
  optionsArgument("arange", options);
  const range = end === undefined ? [0, start, step] : [start, end, step];
  const [first, below, by] = range;
  const finite = range.every(Number.isFinite) && by !== 0;
  const n = finite ? Math.ceil((below - first) / by) : Number.NaN;
  const away = finite && (below - first) / by < 0;
  if (!Number.isFinite(n) || away) {
    const [a, b, c] = range.map(shown);
    const why = away ? "leads away from the end" : "is no finite sequence";
    fail("argument", `arange: from ${a} below ${b} by ${c} ${why}`);
  }
  const dtype = options.dtype ?? (range.every(Number.isInteger) ? "i32" : "f32");
  const [from, stride] = dtype === "i32" ? [Math.trunc(first), Math.trunc(by)] : [first, by];
  if (dtype === "i32" && n > 0)
    for (const value of [from, from + (n - 1) * stride]) valueArgument("arange", "an element", value, dtype);
  const x = allocate("arange", [n], dtype, options);
  const values = new Float64Array(n);
  for (let i = 0; i < n; i++) values[i] = from + i * stride;
  writeElements(x, dtype === "bool" ? Uint8Array.from(values, (value) => Number(value !== 0)) : values);
  return x;
}
