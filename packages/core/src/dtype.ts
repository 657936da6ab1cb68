// Element types of tensors: f32, i32 and bool (one byte, 0 or 1). Promotion is PyTorch's: bool < i32 < f32.

export type DType = "f32" | "i32" | "bool";
export type TypedArray = Float32Array | Int32Array | Uint8Array;

export const bytesOf: Record<DType, number> = { f32: 4, i32: 4, bool: 1 };

const rank: Record<DType, number> = { bool: 0, i32: 1, f32: 2 };

/** The type in which an operation on `a` and `b` is computed (torch.promote_types). */
export function promote(a: DType, b: DType): DType {
  return rank[a] >= rank[b] ? a : b;
}

export function isDType(value: unknown): value is DType {
  return value === "f32" || value === "i32" || value === "bool";
}
