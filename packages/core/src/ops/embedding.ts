// Rows of a table by index: y[i] = weight[ids[i]]. torch.nn.functional.embedding
// dweight[v] = sum of dy[i] over all i with ids[i] = v
import { type F32Ptr, SaccadeError } from "@saccade/kernels";
import { contiguous } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { formatShape } from "../shape.ts";
import { empty, f32, i32, type Tensor } from "../tensor.ts";
import { numberArgument, optionsArgument, tensorArgument } from "./arguments.ts";
import { contiguous as contiguousTensor } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import { requireLayout } from "./gemm.ts";

/** Units of kernels that work on blocks of 16 columns. */
const columnBlocks = (columns: number): number => Math.ceil(columns / 16);

interface Attrs {
  /** The row without a gradient; −1 for none. */
  readonly padding: number;
}

const embeddingOp = defineOp<readonly [Tensor, Tensor], Attrs>({
  name: "embedding",
  forward([ids, weight], _attrs, call) {
    const C = weight.shape[1];
    const y = empty([...ids.shape, C]);
    const index = contiguousTensor(ids);
    call.save(index);
    if (y.numel === 0) return y;
    const running = engine();
    if (weight.panel !== null) {
      requireLayout(weight.panel, true);
      const packed = weight.storage.ptr as F32Ptr;
      running.run("embedding_packed_f32", ids.numel, 0, f32(y), packed, i32(index), ids.numel, C);
      return y;
    }
    const table = weight.strides[1] === 1 || C === 1 ? weight : contiguousTensor(weight);
    running.run(
      "embedding_f32",
      ids.numel,
      0,
      f32(y),
      f32(table),
      i32(index),
      ids.numel,
      C,
      table.strides[0],
    );
    return y;
  },
  backward(dy, [index], { padding }, into) {
    const target = into.target(1, contiguous);
    if (target === null) return;
    const { tensor: dTable, acc } = target;
    if (acc === 0) fillElements(dTable, 0);
    const C = dTable.shape[1];
    if (dy.numel === 0) return;
    engine().run(
      "embedding_backward_f32",
      columnBlocks(C),
      0,
      f32(dTable),
      f32(dy),
      i32(index),
      index.numel,
      C,
      C,
      padding,
    );
  },
});

/**
 * Rows of `weight` (V, C) at `ids` (…), i32 → (…, C). The row `paddingIdx`, negative from the end, has no gradient.
 * torch.nn.functional.embedding
 */
export function embedding(ids: Tensor, weight: Tensor, options: { paddingIdx?: number | null } = {}): Tensor {
  const { paddingIdx } = optionsArgument("embedding", options);
  tensorArgument("embedding", "ids", ids);
  tensorArgument("embedding", "weight", weight);
  if (weight.rank !== 2 || weight.dtype !== "f32") {
    throw new SaccadeError("shape", `embedding: weight must be (V, C) of f32, got ${weight}`);
  }
  if (ids.dtype !== "i32") {
    throw new SaccadeError("dtype", `embedding: ids must be i32, got ${ids.dtype}; cast with to("i32")`);
  }
  checkIndices("embedding", "id", ids, weight.shape[0]);
  return apply(embeddingOp, [ids, weight], { padding: paddingRow("embedding", paddingIdx, weight.shape[0]) });
}

/** The row that paddingIdx names, −1 without one. @internal */
export function paddingRow(op: string, paddingIdx: number | null | undefined, rows: number): number {
  if (paddingIdx === undefined || paddingIdx === null) return -1;
  const at = numberArgument(op, "paddingIdx", paddingIdx);
  const row = at < 0 ? at + rows : at;
  if (Number.isInteger(row) && row >= 0 && row < rows) return row;
  throw new SaccadeError("argument", `${op}: paddingIdx ${at} is outside ${-rows}…${rows - 1}`);
}

/** An error that names the first index outside [0, limit) and its place. @internal */
export function checkIndices(op: string, what: string, index: Tensor, limit: number): void {
  if (index.numel === 0) return;
  const dense = contiguousTensor(index);
  const bad = engine().kernels.index_check_i32(i32(dense), dense.numel, limit);
  const value = bad < 0 ? 0 : dense.toTypedArray()[bad];
  if (dense !== index) dense.dispose();
  if (bad < 0) return;
  throw new SaccadeError(
    "index",
    `${op}: ${what} ${value} at ${formatPlace(bad, index.shape)} is outside 0…${limit - 1}`,
  );
}

/** Multi-axis position of a row-major one: "[3, 17]". */
export function formatPlace(flat: number, shape: readonly number[]): string {
  const place: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place.unshift(rest % shape[axis]);
    rest = Math.floor(rest / shape[axis]);
  }
  return formatShape(place).replace("(", "[").replace(")", "]");
}
