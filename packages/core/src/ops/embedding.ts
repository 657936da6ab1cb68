// Rows of a table by index: y[i] = weight[ids[i]]. torch.nn.functional.embedding
// dweight[v] = sum of dy[i] over all i with ids[i] = v

import type { BytePtr, F32Ptr } from "@saccade/kernels";
import { contiguous } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { empty, f32, i32, panelsPtr, type Tensor, weightFormats } from "../tensor.ts";
import { floatTensor, optionsArgument, placeArgument, rankedTensor } from "./arguments.ts";
import { contiguous as contiguousTensor } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import { requireLayout } from "./gemm.ts";
import { checkRange, indexArgument } from "./picks.ts";

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
      const { format, group } = weight.panel;
      const packed = panelsPtr(weight);
      const rows = [i32(index), ids.numel, C] as const;
      if (format === "f32")
        running.run("embedding_packed_f32", ids.numel, 0, f32(y), packed as F32Ptr, ...rows);
      else {
        const how = [weightFormats[format], group] as const;
        running.run("embedding_quantized_f32", ids.numel, 0, f32(y), packed as BytePtr, ...rows, ...how);
      }
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
  bytes: ([ids], _attrs, y) => 4 * (ids.numel + 2 * y.numel),
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

  rankedTensor("embedding", "weight", floatTensor("embedding", "weight", weight), 2);
  checkRange("embedding", "id", indexArgument("embedding", "ids", ids), weight.shape[0], false);
  return apply(embeddingOp, [ids, weight], { padding: paddingRow("embedding", paddingIdx, weight.shape[0]) });
}

/** The row that paddingIdx names, −1 without one. @internal */
export function paddingRow(op: string, paddingIdx: number | null | undefined, rows: number): number {
  if (paddingIdx === undefined || paddingIdx === null) return -1;
  return placeArgument(op, "paddingIdx", paddingIdx, rows, "argument");
}
