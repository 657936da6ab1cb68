// The tape: one entry per recorded op, holding data only — the op, its inputs, what it saved, its attributes — so that
// it can be printed, measured and freed entry by entry.
import { SaccadeError } from "@saccade/kernels";
import type { DType } from "../dtype.ts";
import type { FusedOp } from "../op.ts";
import { refusePromise } from "../scope.ts";
import { formatShape, type Geometry } from "../shape.ts";
import type { Storage } from "../storage.ts";
import { type Panel, Tensor } from "../tensor.ts";
import type { Coverage } from "./gradient.ts";
import type { Variable } from "./variable.ts";

/** An input as its op saw it: which variable, and through which view. */
export interface TapeInput {
  readonly variable: Variable;
  readonly view: Geometry;
  readonly coverage: Coverage;
}

/** A tensor that backward needs, and the version it had. */
interface Saved extends Geometry {
  readonly storage: Storage;
  readonly version: number;
  readonly dtype: DType;
  readonly panel: Panel | null;
}

export interface TapeEntry {
  /** Grows with each entry, so that sorting by it is a topological order. */
  readonly id: number;
  // biome-ignore lint/suspicious/noExplicitAny: the tape does not know the types of an op's inputs and attributes
  readonly op: FusedOp<any, any>;
  readonly inputs: readonly (TapeInput | null)[];
  readonly attrs: unknown;
  /** What the forward took, if it was profiled. */
  readonly flops: number;
  saved: readonly (Saved | null)[] | null;
}

let nextId = 0;
let recording = true;

export function isRecording(): boolean {
  return recording;
}

/** Runs `body` without recording: nothing inside gets a place on the tape. */
export function noGrad<T>(body: () => T): T {
  const before = recording;
  recording = false;
  try {
    const value = body();
    refusePromise("noGrad", value);
    return value;
  } finally {
    recording = before;
  }
}

export function makeEntry(
  // biome-ignore lint/suspicious/noExplicitAny: see TapeEntry.op
  op: FusedOp<any, any>,
  inputs: readonly (Tensor | null)[],
  attrs: unknown,
  saved: readonly (Tensor | null)[],
  flops: number,
): TapeEntry {
  return {
    id: nextId++,
    op,
    attrs,
    flops,
    inputs: inputs.map((x) => {
      if (!x?.variable) return null;
      x.variable.retain();
      const { shape, strides, offset } = x;
      return { variable: x.variable, view: { shape, strides, offset }, coverage: x.coverage };
    }),
    saved: saved.map((x) => {
      if (x === null) return null;
      const { storage, shape, strides, offset, dtype, panel } = x;
      storage.retain();
      return { storage, version: storage.version, shape, strides, offset, dtype, panel };
    }),
  };
}

/** The saved tensors, in order, for one backward call; an error when one was written to since. */
export function savedTensors(entry: TapeEntry): (Tensor | null)[] {
  if (entry.saved === null) {
    throw new SaccadeError(
      "autograd",
      `backward: ${entry.op.name} was walked before and has freed what it saved; call the first backward with { retainGraph: true }`,
    );
  }
  return entry.saved.map((saved, i) => {
    if (saved === null) return null;
    if (saved.panel !== null) {
      throw new SaccadeError(
        "autograd",
        `backward: ${entry.op.name} ran with a packed weight ${formatShape(saved.shape)}, which has no gradients; ` +
          "call train() or unpack() on the module before the forward",
      );
    }
    if (saved.storage.version !== saved.version) {
      throw new SaccadeError(
        "autograd",
        `backward: ${entry.op.name} saved tensor ${i} ${formatShape(saved.shape)} at version ${saved.version}, ` +
          `but an in-place operation has made it version ${saved.storage.version}; use the op that makes a new tensor`,
      );
    }
    saved.storage.retain();
    return new Tensor(saved);
  });
}

export function freeSaved(entry: TapeEntry): void {
  for (const saved of entry.saved ?? []) saved?.storage.release();
  entry.saved = null;
}

/** Frees what an entry saved and returns the variables it referred to, which the caller releases. */
export function freeEntry(entry: TapeEntry): Variable[] {
  freeSaved(entry);
  return entry.inputs.flatMap((input) => (input === null ? [] : [input.variable]));
}
