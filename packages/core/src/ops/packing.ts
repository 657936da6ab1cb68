// A weight's two layouts: rows, and 8-column panels in the order the matrix product reads them. There is one copy at a
// time: packing and unpacking exchange the memory under a tensor.

import { persistent } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { refuse } from "./arguments.ts";
import { unpackRows } from "./contiguous.ts";
import { packWeight } from "./gemm.ts";

export function packInPlace(weight: Tensor, transposed: boolean): void {
  if (weight.rank !== 2 || weight.dtype !== "f32" || !weight.isContiguous || weight.offset !== 0) {
    refuse("pack", "weight", "a dense f32 matrix that is no part of another tensor", weight, "shape");
  }
  const { packed, panel } = packWeight(weight, transposed);
  packed.storage.retain();
  weight.replaceStorage(packed.storage, panel);
  packed.dispose();
}

export function unpackInPlace(weight: Tensor): void {
  if (weight.panel === null) return;
  const rows = persistent(() => unpackRows(weight));
  rows.storage.retain();
  weight.replaceStorage(rows.storage, null);
  rows.dispose();
}
