// Tensor: a geometry (shape, strides, offset) over a shared Storage, and its place on the tape. Every op is a method too;
// those are attached in ops/index.ts from the table of ops.
import { type BytePtr, type F32Ptr, type I32Ptr, SaccadeError, type U8Ptr } from "@saccade/kernels";
import { backward } from "./autograd/backward.ts";
import { type Coverage, covering } from "./autograd/gradient.ts";
import { isRecording } from "./autograd/tape.ts";
import { Variable } from "./autograd/variable.ts";
import { bytesOf, type DType, type TypedArray } from "./dtype.ts";
import type { OpMethods } from "./methods.ts";
import { readElements } from "./ops/contiguous.ts";
import { adopt, type Scope } from "./scope.ts";
import {
  denseStrides,
  formatShape,
  type Geometry,
  isContiguous,
  isDense,
  numel,
  type Shape,
} from "./shape.ts";
import { Storage } from "./storage.ts";

export type NestedArray = number | boolean | readonly NestedArray[];

/** What the numbers of a packed weight are kept in, with the numbers kernels know them by; all but f32 are rounded. */
export const weightFormats = { f32: 0, f16: 1, bf16: 2, int8: 3, int4: 4 } as const;
export type WeightFormat = keyof typeof weightFormats;

/** How a weight matrix lies in 8-column panels: logically (K, N), or (N, K) when `transposed`. */
export interface Panel {
  readonly K: number;
  readonly N: number;
  readonly transposed: boolean;
  readonly format: WeightFormat;
  /** Neighbouring steps of k that share a scale, for int8 and int4. */
  readonly group: number;
}

export interface TensorParts extends Geometry {
  readonly storage: Storage;
  readonly dtype: DType;
  readonly variable?: Variable | null;
  readonly coverage?: Coverage;
  readonly panel?: Panel | null;
}

// methods.ts defines every op as a method.
export interface Tensor extends OpMethods {}

// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: its methods are defined in methods.ts
export class Tensor implements Geometry {
  readonly shape: Shape;
  readonly dtype: DType;
  readonly strides: Shape;
  readonly offset: number;
  /** The part of its variable's elements that this view shows. @internal */
  readonly coverage: Coverage;
  /** @internal */
  scope: Scope | null = null;
  #storage: Storage;
  #panel: Panel | null;
  #variable: Variable | null = null;
  #disposed: string | null = null;

  /** @internal Takes over one reference to `storage`. */
  constructor(parts: TensorParts) {
    this.#storage = parts.storage;
    this.shape = parts.shape;
    this.strides = parts.strides;
    this.offset = parts.offset;
    this.dtype = parts.dtype;
    this.coverage = parts.coverage ?? covering;
    this.#panel = parts.panel ?? null;
    if (parts.variable) this.#attach(parts.variable);
    this.#storage.engine.liveTensors++;
    adopt(this);
    if (this.#storage.engine.info.development) watchForLeak(this);
  }

  get rank(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get numel(): number {
    return numel(this.shape);
  }

  /** Size of one axis, which may be negative. */
  size(dim: number): number {
    const size = this.shape.at(dim);
    if (size !== undefined) return size;
    throw new SaccadeError("shape", `size: dim ${dim} is outside the axes of ${formatShape(this.shape)}`);
  }

  get isContiguous(): boolean {
    return this.#panel === null && isContiguous(this.shape, this.strides);
  }

  /** @internal The shared memory; an error when this tensor was disposed. */
  get storage(): Storage {
    if (this.#disposed !== null) {
      throw new SaccadeError(
        "disposed",
        `a tensor ${formatShape(this.shape)} is used after it was disposed (${this.#disposed}); ` +
          "keep it with `scope.keep(t)`, by returning it from the scope, or make it in `persistent(() => …)`",
      );
    }
    return this.#storage;
  }

  get isDisposed(): boolean {
    return this.#disposed !== null;
  }

  /** Non-null while a weight is packed; only linear, matmul, embedding and convolutions read it then. */
  get panel(): Panel | null {
    return this.#panel;
  }

  // -- the tape ------------------------------------------------------------------------------------------------

  /** @internal What the tape knows this tensor's values as; null when no gradient flows to it. */
  get variable(): Variable | null {
    return this.#variable;
  }

  get requiresGrad(): boolean {
    return this.#variable !== null;
  }

  /** Marks a tensor the tape did not make as one whose gradient is wanted, or no longer. Returns itself. */
  requiresGrad_(wanted = true): this {
    if (this.#variable?.node) {
      throw new SaccadeError(
        "autograd",
        "requiresGrad_: only leaves can change it; use detach() for a result of an op",
      );
    }
    if (wanted === this.requiresGrad) return this;
    if (!wanted) {
      this.#detachVariable();
      return this;
    }
    if (this.dtype !== "f32") {
      throw new SaccadeError(
        "dtype",
        `requiresGrad_: only f32 tensors have gradients, this one is ${this.dtype}`,
      );
    }
    if (!isDense(this.shape, this.strides)) {
      throw new SaccadeError(
        "autograd",
        "requiresGrad_: this view skips or repeats elements; call contiguous() first",
      );
    }
    this.#attach(new Variable({ shape: this.shape, strides: this.strides, offset: this.offset }, null));
    return this;
  }

  /** The gradient that `backward` left here, or null. It belongs to this tensor. */
  get grad(): Tensor | null {
    const variable = this.#variable;
    return variable === null || variable.node !== null ? null : (variable.gradient?.view(this) ?? null);
  }

  /** Forgets the gradient and frees it (PyTorch's set_to_none). */
  zeroGrad(): void {
    this.#variable?.dropGradient();
  }

  /**
   * Walks the tape from this tensor to its leaves and adds to their `grad`. Saved tensors are freed on the way unless
   * `retainGraph`. `gradient` defaults to 1 and is needed when this is not a single element.
   */
  backward(gradient?: Tensor, options: { retainGraph?: boolean; createGraph?: boolean } = {}): void {
    backward(this, gradient, options);
  }

  // -- reading -------------------------------------------------------------------------------------------------

  /** A copy of the elements in row-major order: Float32Array, Int32Array, or Uint8Array for bool. */
  toTypedArray(): TypedArray {
    return readElements(this);
  }

  /** Nested arrays of numbers (booleans for bool); a plain value for a 0-d tensor. */
  toArray(): NestedArray {
    const flat = this.toTypedArray();
    const value = (i: number): number | boolean => (this.dtype === "bool" ? flat[i] !== 0 : flat[i]);
    let next = 0;
    const nest = (axis: number): NestedArray =>
      axis === this.rank ? value(next++) : Array.from({ length: this.shape[axis] }, () => nest(axis + 1));
    return nest(0);
  }

  /** The value of a tensor with one element. */
  item(): number {
    if (this.numel !== 1) {
      throw new SaccadeError(
        "shape",
        `item: the tensor ${formatShape(this.shape)} has ${this.numel} elements, not one`,
      );
    }
    return this.toTypedArray()[0];
  }

  toString(): string {
    const gradient = this.requiresGrad ? ", requiresGrad" : "";
    return `Tensor(${formatShape(this.shape)}, ${this.dtype}${gradient})`;
  }

  // -- lifetime ------------------------------------------------------------------------------------------------

  /** Gives the memory back as soon as no view and no tape entry needs it. A second call does nothing. */
  dispose(by = "dispose()"): void {
    if (this.#disposed !== null) return;
    this.#disposed = by;
    this.scope?.forget(this);
    this.#detachVariable();
    this.#storage.engine.liveTensors--;
    this.#storage.release();
    leaks?.unregister(this);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** @internal Puts other memory under this tensor: how weights are packed and unpacked in place. */
  replaceStorage(storage: Storage, panel: Panel | null): void {
    this.storage.release();
    this.#storage = storage;
    this.#panel = panel;
  }

  /** @internal Gives the result of an op its place on the tape. */
  recordAs(variable: Variable): this {
    this.#attach(variable);
    return this;
  }

  #attach(variable: Variable): void {
    this.#variable = variable;
    variable.retain();
  }

  #detachVariable(): void {
    this.#variable?.release();
    this.#variable = null;
  }
}

/** Uninitialised memory for a tensor; with `strides`, a dense block in another order of axes; see Storage for `later`. */
export function empty(
  shape: Shape,
  dtype: DType = "f32",
  strides: Shape = denseStrides(shape),
  later = false,
): Tensor {
  return new Tensor({
    storage: new Storage(numel(shape) * bytesOf[dtype], later),
    shape,
    strides,
    offset: 0,
    dtype,
  });
}

/** Another tensor over the same elements, in `geometry`; the tape sees through it while it records. @internal */
export function viewOf(x: Tensor, geometry: Geometry, coverage: Coverage): Tensor {
  requireRows(x);
  const storage = x.storage;
  storage.retain();
  return new Tensor({
    storage,
    ...geometry,
    dtype: x.dtype,
    variable: isRecording() ? x.variable : null,
    coverage,
  });
}

/** The same elements without a place on the tape. */
export function detach(x: Tensor): Tensor {
  const { storage, shape, strides, offset, dtype, panel } = x;
  storage.retain();
  return new Tensor({ storage, shape, strides, offset, dtype, panel });
}

// -- addresses for kernels: each checks the type, and that the weight is not packed ----------------------------

function address(x: Tensor, dtype: DType): number {
  if (x.dtype !== dtype)
    throw new SaccadeError("internal", `a kernel wanted ${dtype} and was given ${x.dtype}`);
  requireRows(x);
  return x.storage.ptr + x.offset * bytesOf[dtype];
}

export function f32(x: Tensor | null): F32Ptr {
  return (x === null ? 0 : address(x, "f32")) as F32Ptr;
}

export function i32(x: Tensor | null): I32Ptr {
  return (x === null ? 0 : address(x, "i32")) as I32Ptr;
}

export function u8(x: Tensor | null): U8Ptr {
  return (x === null ? 0 : address(x, "bool")) as U8Ptr;
}

/** The address of its first element, whatever its type. @internal */
export function bytePtr(x: Tensor): BytePtr {
  return address(x, x.dtype) as BytePtr;
}

/** Where the panels of a packed weight, or of its rows from packedRows, begin. @internal */
export function panelsPtr({ storage, offset }: Tensor): number {
  return storage.ptr + 4 * offset;
}

function requireRows(x: Tensor): void {
  if (x.panel !== null) {
    throw new SaccadeError(
      "unsupported",
      `this weight ${formatShape(x.shape)} is packed for the matrix product; only linear, matmul, embedding and convolutions take it. ` +
        "Call model.unpack() (or model.train()) first",
    );
  }
}

// -- leak reports ----------------------------------------------------------------------------------------------

let leaks: FinalizationRegistry<{ shape: Shape; stack: string; engine: Storage["engine"] }> | null = null;
let reportLeak = (message: string): void => console.warn(message);

/** Where a development build reports tensors that were garbage-collected without being disposed. */
export function onLeak(report: (message: string) => void): void {
  reportLeak = report;
}

function watchForLeak(x: Tensor): void {
  leaks ??= new FinalizationRegistry(({ shape, stack, engine }) => {
    if (engine.alive)
      reportLeak(`saccade: a tensor ${formatShape(shape)} was never disposed; it was made at\n${stack}`);
  });
  const stack = new Error().stack ?? "";
  leaks.register(x, { shape: x.shape, stack, engine: x.storage.engine }, x);
}
