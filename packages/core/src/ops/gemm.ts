// Matrix products over views, in the three forms the kernels have: one row (matvec), one matrix B shared by all rows
// (packed GEMM), and a batch of small products. Operands may have any strides; results need dense rows or columns.

import type { BytePtr, F32Ptr } from "@saccade/kernels";
import { engine } from "../engine.ts";
import { refusePromise } from "../scope.ts";
import { broadcastStrides, collapse, type Geometry, numel, type Shape } from "../shape.ts";
import {
  bytePtr,
  empty,
  f32,
  type Panel,
  panelsPtr,
  type Tensor,
  viewOf,
  type WeightFormat,
  weightFormats,
} from "../tensor.ts";
import { fail } from "./arguments.ts";
import { contiguous } from "./contiguous.ts";

/** Element (i, j) lies at ptr + 4 (i · rs + j · cs) bytes. */
export interface Matrix {
  readonly ptr: F32Ptr;
  readonly rows: number;
  readonly cols: number;
  readonly rs: number;
  readonly cs: number;
  /** Set when the matrix lies packed in 8-column panels; rs and cs mean nothing then. */
  readonly packed?: Pick<Panel, "format" | "group"> | null;
  /** Set on packed f32 that every step reads: products of one row go to and fro, and find some of it in the cache. */
  readonly turn?: { backwards: boolean };
}

export const activations = { none: 0, relu: 1, gelu: 2, gelu_tanh: 3, silu: 4 } as const;
export type Activation = keyof typeof activations;

export interface Epilogue {
  readonly bias?: Tensor | null;
  readonly activation?: Activation;
  readonly acc?: 0 | 1;
}

const offset = (ptr: F32Ptr, elements: number): F32Ptr => (ptr + 4 * elements) as F32Ptr;

/** A tensor's leading axes folded into the rows of one matrix, or null when their strides do not fold. */
export function foldRows(x: Tensor): Matrix | null {
  const folded = foldGeometry(x);
  return folded === null ? null : { ptr: f32(x), ...folded };
}

function foldGeometry({ shape, strides }: Pick<Geometry, "shape" | "strides">): Omit<Matrix, "ptr"> | null {
  const last = shape.length - 1;
  if (shape.slice(0, last).includes(0)) return { rows: 0, cols: shape[last], rs: shape[last], cs: 1 };
  const { sizes, strides: lead } = collapse(shape.slice(0, last), [strides.slice(0, last)]);
  if (sizes.length > 1) return null;
  return { rows: sizes[0] ?? 1, cols: shape[last], rs: lead[0][0] ?? shape[last], cs: strides[last] };
}

/** As foldRows, of a dense copy if it must be. */
export function fold(x: Tensor): Matrix {
  return foldRows(x) ?? (foldRows(contiguous(x)) as Matrix);
}

/** Views a folded product can be written to. */
export function foldsDense(view: Geometry): boolean {
  const folded = foldGeometry(view);
  return folded !== null && (folded.cs === 1 || folded.cols === 1);
}

/** The sizes of a weight as a matrix: those of the windows of a convolution are its columns. */
export const matrixSizes = ([rows, ...rest]: Shape): [number, number] => [rows, numel(rest)];

/** A weight (K, N) or, transposed, (N, K), as the matrix B of shape (K, N), packed or not. */
export function weightMatrix(weight: Tensor, transposed: boolean): Matrix {
  const panel: Panel | null = weight.panel;
  const [a, b] = matrixSizes(weight.shape);
  const [rows, cols] = transposed ? [b, a] : [a, b];
  if (panel !== null) requireLayout(panel, transposed);
  if (panel !== null) return { ptr: panelsPtr(weight) as F32Ptr, rows, cols, rs: 0, cs: 0, packed: panel };
  const [outer, inner] = [weight.strides[0], weight.strides.at(-1) as number];
  const [rs, cs] = transposed ? [inner, outer] : [outer, inner];
  return { ptr: f32(weight), rows, cols, rs, cs };
}

/** Panels serve the product they were packed for, not the one with the transpose. @internal */
export function requireLayout(panel: Panel, transposed: boolean): void {
  if (panel.transposed === transposed) return;
  const [packed, read] = panel.transposed ? ["(N, K)", "(K, N)"] : ["(K, N)", "(N, K)"];
  fail("dtype", `a weight packed as ${packed} is read as ${read} here; call unpack() on its module first`);
}

export function transposedMatrix(m: Matrix): Matrix {
  return { ptr: m.ptr, rows: m.cols, cols: m.rows, rs: m.cs, cs: m.rs };
}

/** C (+)= activation(A B + bias). C has dense rows; without an epilogue dense columns will do, too. */
export function gemm(
  C: Matrix,
  A: Matrix,
  B: Matrix,
  { bias = null, activation = "none", acc = 0 }: Epilogue,
): void {
  const [M, N, K] = [A.rows, B.cols, A.cols];
  if (M === 0 || N === 0) return;
  if (C.cs !== 1 && N > 1) {
    gemm(transposedMatrix(C), transposedMatrix(B), transposedMatrix(A), { acc });
    return;
  }
  const act = activations[activation];
  const running = engine();
  if (M === 1) {
    matvec(C, A, B, f32(bias), act, acc);
    return;
  }
  if (B.packed && B.packed.format !== "f32") {
    const work = running.kernels.matmul_quantized_work(M, N, K) >>> 0;
    const operands = [C.ptr, A.ptr, bytesAt(B), f32(bias), M, N, K, C.rs, A.rs, A.cs, act, acc] as const;
    const units = running.kernels.matmul_units_f32(M, N, K);
    running.run("matmul_quantized_f32", units, work, ...operands, ...formatOf(B.packed));
    return;
  }
  const scratch = B.packed ? null : pack(B);
  const packed = scratch === null ? B.ptr : f32(scratch);
  const units = running.kernels.matmul_units_f32(M, N, K);
  const work = running.kernels.matmul_work_f32(M, N, K);
  running.run(
    "matmul_f32",
    units,
    work,
    C.ptr,
    A.ptr,
    packed,
    f32(bias),
    M,
    N,
    K,
    C.rs,
    A.rs,
    A.cs,
    act,
    acc,
  );
  scratch?.dispose();
}

function matvec(C: Matrix, A: Matrix, B: Matrix, bias: F32Ptr, act: number, acc: 0 | 1): void {
  const running = engine();
  const [N, K] = [B.cols, B.rows];
  const x = A.cs === 1 || K <= 1 ? null : gatherRow(A);
  const row = x === null ? A.ptr : f32(x);
  if (B.packed && B.packed.format !== "f32") {
    matvecQuantized([C.ptr, row, bytesAt(B), bias], N, K, B.packed, act, acc);
  } else if (B.packed) {
    const units = running.kernels.matvec_packed_units_f32(N);
    const backwards = B.turn?.backwards ?? false;
    running.run("matvec_packed_f32", units, 0, C.ptr, row, B.ptr, bias, N, K, act, acc, Number(backwards));
    if (B.turn) B.turn.backwards = !backwards;
  } else {
    const units = running.kernels.matvec_units_f32(N);
    running.run("matvec_f32", units, 0, C.ptr, row, B.ptr, bias, N, K, B.rs, B.cs, act, acc);
  }
  x?.dispose();
}

function gatherRow(A: Matrix): Tensor {
  const y = empty([A.cols]);
  const running = engine();
  running.run("copy_b4", A.cols, 0, f32(y) as never, A.ptr as never, running.layout([A.cols], [1], [A.cs]));
  return y;
}

/** B in 8-column panels, in memory of its own. */
function pack(B: Matrix): Tensor {
  const running = engine();
  const y = empty([packedElements(B.rows, B.cols)]);
  running.run("matmul_pack_f32", Math.ceil(B.cols / 8), 0, f32(y), B.ptr, B.rows, B.cols, B.rs, B.cs);
  return y;
}

export function packedElements(K: number, N: number): number {
  return Math.ceil(N / 8) * 8 * K;
}

/** Packs the matrix a weight is, for `replaceStorage`. */
export function packWeight(
  weight: Tensor,
  transposed: boolean,
  format: WeightFormat = "f32",
  group = 32,
): { packed: Tensor; panel: Panel } {
  const B = weightMatrix(weight, transposed);
  const panel = { K: B.rows, N: B.cols, transposed, format, group };
  return { packed: format === "f32" ? pack(B) : quantize(B, panel), panel };
}

// -- weights of few bits -----------------------------------------------------------------------------------------

let roundingRows = false;

/**
 * Runs `body` with products of one row and int8 or int4 weights by bytes: the row is rounded, too, which is several times
 * as fast. Elsewhere the weights are widened and the products are those of the rounded weights.
 */
export function withFastProducts<T>(body: () => T): T {
  const before = roundingRows;
  roundingRows = true;
  try {
    const value = body();
    refusePromise("withFastProducts", value);
    return value;
  } finally {
    roundingRows = before;
  }
}

type Format = Pick<Panel, "format" | "group">;

const bytesAt = ({ ptr }: Matrix): BytePtr => ptr as number as BytePtr;
const formatOf = ({ format, group }: Format): readonly [number, number] => [weightFormats[format], group];

/** Bytes of a packed weight. */
export function bytesOfPanels(panel: Panel): number {
  const { K, N } = panel;
  if (panel.format === "f32") return 4 * packedElements(K, N);
  return engine().kernels.quantized_bytes(K, N, ...formatOf(panel)) >>> 0;
}

function quantize(B: Matrix, panel: Panel): Tensor {
  const { kernels } = engine();
  const [format, group] = formatOf(panel);
  const y = empty([bytesOfPanels(panel) / 4]);
  const work = kernels.quantize_work(B.rows, format, group) >>> 0;
  const sizes = [B.rows, B.cols, B.rs, B.cs, format, group] as const;
  engine().run("quantize_f32", Math.ceil(B.cols / 8), work, bytePtr(y), B.ptr, ...sizes);
  return y;
}

function matvecQuantized(
  [y, x, B, bias]: readonly [F32Ptr, F32Ptr, BytePtr, F32Ptr],
  N: number,
  K: number,
  panel: Format,
  act: number,
  acc: 0 | 1,
): void {
  const running = engine();
  const [format, group] = formatOf(panel);
  const fast = roundingRows && format >= weightFormats.int8;
  const bytes = fast ? empty([running.kernels.quantized_row_bytes(K, group) / 4]) : null;
  if (bytes !== null)
    running.run("quantize_row_f32", Math.ceil(K / group), 0, bytePtr(bytes), x, K, format, group);
  const work = running.kernels.matvec_quantized_work(K, format, Number(fast));
  const row = bytes === null ? (x as number as BytePtr) : bytePtr(bytes);
  const units = running.kernels.matvec_packed_units_f32(N);
  running.run(
    "matvec_quantized_f32",
    units,
    work,
    y,
    row,
    B,
    bias,
    N,
    K,
    act,
    acc,
    format,
    group,
    Number(fast),
  );
  bytes?.dispose();
}

type Form = Pick<Geometry, "shape" | "strides">;

export const hasDenseRows = ({ shape, strides }: Form): boolean => strides.at(-1) === 1 || shape.at(-1) === 1;

/** Views a batch of products can be written to: dense rows or dense columns in each matrix. */
export function isDenseMatrix({ shape, strides }: Form): boolean {
  return hasDenseRows({ shape, strides }) || strides.at(-2) === 1 || shape.at(-2) === 1;
}

/** A tensor's matrices seen transposed; off the tape. */
function flipped(x: Tensor): Tensor {
  const swap = ([...values]: readonly number[]): number[] => [
    ...values.slice(0, -2),
    ...values.slice(-2).reverse(),
  ];
  return viewOf(x, { shape: swap(x.shape), strides: swap(x.strides), offset: x.offset }, x.coverage);
}

/** c (+)= a b for each item of a batch; a and b broadcast to the batch axes of c. */
export function batchedGemm(c: Tensor, a: Tensor, b: Tensor, acc: 0 | 1): void {
  if (c.numel === 0) return;
  if (!hasDenseRows(c)) {
    batchedGemm(flipped(c), flipped(b), flipped(a), acc);
    return;
  }
  const batch = c.shape.slice(0, -2);
  const strides = [c, a, b].map((x) => broadcastStrides(x.shape.slice(0, -2), x.strides.slice(0, -2), batch));
  const folded = collapse(batch, strides);
  const outer = folded.sizes.length - 2;
  const pointers = [f32(c), f32(a), f32(b)];
  const inner = [0, 1, 2].map((i) => [0, 0, ...folded.strides[i]].slice(-2));
  const [D0, D1] = [1, 1, ...folded.sizes].slice(-2);
  for (const steps of offsets(folded.sizes.slice(0, Math.max(outer, 0)), folded.strides)) {
    const [pc, pa, pb] = pointers.map((ptr, i) => offset(ptr, steps[i]));
    oneBatch({ c, a, b }, [pc, pa, pb], D0, D1, inner, acc);
  }
}

type Trio<T> = readonly [T, T, T];

function oneBatch(
  { c, a, b }: { c: Tensor; a: Tensor; b: Tensor },
  [pc, pa, pb]: Trio<F32Ptr>,
  D0: number,
  D1: number,
  [sc, sa, sb]: number[][],
  acc: 0 | 1,
): void {
  const running = engine();
  const [M, N, K] = [c.size(-2), c.size(-1), a.size(-1)];
  const [ldc, rsA, csA] = [c.strides.at(-2), a.strides.at(-2), a.strides.at(-1)] as number[];
  const [rsB, csB] = b.strides.slice(-2);
  const units = running.kernels.matmul_batched_units_f32(D0 * D1, M, N, K);
  const work = running.kernels.matmul_batched_work_f32(M, N, K);
  const shapeC = [sc[0], sc[1], ldc] as const;
  const shapeA = [sa[0], sa[1], rsA, csA] as const;
  const shapeB = [sb[0], sb[1], rsB, csB] as const;
  running.run(
    "matmul_batched_f32",
    units,
    work,
    pc,
    pa,
    pb,
    D0,
    D1,
    M,
    N,
    K,
    ...shapeC,
    ...shapeA,
    ...shapeB,
    1,
    acc,
  );
}

/** Element offsets of each operand for every index of the outermost axes, which the kernel does not loop over. */
function* offsets(sizes: Shape, strides: readonly Shape[]): Generator<number[]> {
  if (sizes.length === 0) {
    yield strides.map(() => 0);
    return;
  }
  const [size, ...rest] = sizes;
  for (let i = 0; i < size; i++) {
    for (const inner of offsets(
      rest,
      strides.map((s) => s.slice(1)),
    )) {
      yield inner.map((step, operand) => step + i * strides[operand][0]);
    }
  }
}
