// Elements as files hold them, and their way into and out of tensors: little-endian, any of safetensors' types.
import { SaccadeError } from "@saccade/kernels";
import { bytesOf, type DType } from "../dtype.ts";
import { engine } from "../engine.ts";
import type { Tensor } from "../tensor.ts";

/** Bytes per element of the types a file may hold. */
export const fileTypes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type FileType = keyof typeof fileTypes;

export function isFileType(value: unknown): value is FileType {
  return typeof value === "string" && Object.hasOwn(fileTypes, value);
}

/** The tensor type that holds a file's type. */
export function tensorType(dtype: FileType): DType {
  if (dtype === "BOOL") return "bool";
  return dtype.startsWith("F") || dtype === "BF16" ? "f32" : "i32";
}

/** The tensor's memory from element `begin`; dense tensors only. */
function elements(x: Tensor, begin: number, end: number): Float32Array | Int32Array | Uint8Array {
  const { heap } = engine();
  const ptr = x.storage.ptr + (x.offset + begin) * bytesOf[x.dtype];
  if (x.dtype === "f32") return heap.f32(ptr, end - begin);
  return x.dtype === "i32" ? heap.i32(ptr, end - begin) : heap.u8(ptr, end - begin);
}

/** Writes file bytes into a dense tensor from element `begin` on. `what` names the tensor in errors. */
export function decode(x: Tensor, begin: number, bytes: Uint8Array, dtype: FileType, what: string): void {
  const count = bytes.length / fileTypes[dtype];
  const out = elements(x, begin, begin + count);
  if (dtype === "F32" || dtype === "I32") {
    new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(bytes);
    return;
  }
  const read = readers[dtype];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < count; i++) out[i] = read(view, i);
  if (dtype === "I64" || dtype === "BOOL" || dtype === "F64") checkRange(view, count, dtype, begin, what);
}

const readers: Record<Exclude<FileType, "F32" | "I32">, (view: DataView, i: number) => number> = {
  F64: (view, i) => view.getFloat64(8 * i, true),
  F16: (view, i) => halfToNumber(view.getUint16(2 * i, true)),
  BF16: (view, i) => bfloatToNumber(view.getUint16(2 * i, true)),
  I64: (view, i) => view.getInt32(8 * i, true),
  I16: (view, i) => view.getInt16(2 * i, true),
  I8: (view, i) => view.getInt8(i),
  U8: (view, i) => view.getUint8(i),
  BOOL: (view, i) => view.getUint8(i),
};

function checkRange(
  view: DataView,
  count: number,
  dtype: "I64" | "BOOL" | "F64",
  begin: number,
  what: string,
): void {
  const fits = {
    I64: (i: number) => view.getInt32(8 * i + 4, true) === view.getInt32(8 * i, true) >> 31,
    BOOL: (i: number) => view.getUint8(i) <= 1,
    F64: (i: number) =>
      Number.isFinite(Math.fround(view.getFloat64(8 * i, true))) ===
      Number.isFinite(view.getFloat64(8 * i, true)),
  }[dtype];
  for (let i = 0; i < count; i++) {
    if (fits(i)) continue;
    const target = { I64: "i32", BOOL: "bool", F64: "f32" }[dtype];
    throw new SaccadeError("file", `${what}: element ${begin + i} of type ${dtype} does not fit ${target}`);
  }
}

const scratch = new DataView(new ArrayBuffer(4));

/** IEEE binary16 → number, exactly. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return (sign * fraction) / 16777216; // 2^24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  scratch.setUint32(0, ((bits & 0x8000) << 16) | ((exponent + 112) << 23) | (fraction << 13));
  return scratch.getFloat32(0);
}

export function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16);
  return scratch.getFloat32(0);
}

/** Elements [begin, end) of a dense tensor as file bytes. A copy. `what` names the tensor in errors. */
export function encode(x: Tensor, begin: number, end: number, dtype: FileType, what: string): Uint8Array {
  const values = elements(x, begin, end);
  if (dtype === "F32" || dtype === "I32" || dtype === "BOOL") {
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength).slice();
  }
  const bytes = new Uint8Array(values.length * fileTypes[dtype]);
  const view = new DataView(bytes.buffer);
  const write = writers[dtype];
  const [low, high] = integerRanges[dtype] ?? [-Infinity, Infinity];
  const most = dtype === "F16" ? 65520 : dtype === "BF16" ? 2 ** 128 - 2 ** 119 : Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low || values[i] > high || (Math.abs(values[i]) >= most && Number.isFinite(values[i]))) {
      throw new SaccadeError(
        "file",
        `${what}: element ${begin + i} is ${values[i]}, which does not fit ${dtype}`,
      );
    }
    write(view, i, values[i]);
  }
  return bytes;
}

/** Integers that are narrower in the file than in a tensor. */
const integerRanges: Partial<Record<FileType, readonly [number, number]>> = {
  I16: [-32768, 32767],
  I8: [-128, 127],
  U8: [0, 255],
};

const writers: Record<
  Exclude<FileType, "F32" | "I32" | "BOOL">,
  (view: DataView, i: number, value: number) => void
> = {
  F64: (view, i, value) => view.setFloat64(8 * i, value, true),
  F16: (view, i, value) => view.setUint16(2 * i, numberToHalf(value), true),
  BF16: (view, i, value) => view.setUint16(2 * i, numberToBfloat(value), true),
  I64: (view, i, value) => view.setBigInt64(8 * i, BigInt(value), true),
  I16: (view, i, value) => view.setInt16(2 * i, value, true),
  I8: (view, i, value) => view.setInt8(i, value),
  U8: (view, i, value) => view.setUint8(i, value),
};

/** Rounds the low `drop` bits of a magnitude away, to nearest, ties to even. */
function roundBits(magnitude: number, drop: number): number {
  const half = 1 << (drop - 1);
  const kept = magnitude >>> drop;
  const rest = magnitude & (2 * half - 1);
  return rest > half || (rest === half && kept % 2 === 1) ? kept + 1 : kept;
}

/** f32 → IEEE binary16, to nearest even. */
export function numberToHalf(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00; // 65520 and above round to Infinity
  if (magnitude >= 0x38800000) return sign | (roundBits(magnitude, 13) - (112 << 10));
  // Below 2^-14 halves are multiples of 2^-24.
  return sign | roundToEven(Math.abs(value) * 16777216);
}

function roundToEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

export function numberToBfloat(value: number): number {
  scratch.setFloat32(0, value);
  const bits = scratch.getUint32(0);
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  const sign = (bits >>> 16) & 0x8000;
  return sign | roundBits(bits & 0x7fffffff, 16);
}
