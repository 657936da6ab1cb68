// Matrix products with NumPy's broadcasting. torch.matmul
// dA = dC Bᵀ,  dB = Aᵀ dC, summed over batch axes along which an operand was repeated.
import type { GradientSink } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { broadcastShapes, broadcastStrides, formatShape, numel, type Shape, sameShape } from "../shape.ts";
import { empty, i32, type Tensor } from "../tensor.ts";
import { rankedTensor, refuse, tensorArgument } from "./arguments.ts";
import { contiguous } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import {
  batchedGemm,
  fold,
  foldsDense,
  gemm,
  isDenseMatrix,
  transposedMatrix,
  weightMatrix,
} from "./gemm.ts";
import { withOperands } from "./scalar.ts";
import { reshape, squeeze, transpose, unsqueeze } from "./views.ts";

interface Attrs {
  /** Strides of the result when it is not to be row-major; attention asks for (B, T, H, D) memory under (B, H, T, D). */
  readonly strides: Shape | null;
}

/** True when B is one matrix for all rows of A. */
const shared = (a: Tensor, b: Tensor): boolean => b.rank === 2 && a.rank >= 2;

/** a (…, M, K), b (…, K, N) → (…, M, N) */
const matmulOp = defineOp<readonly [Tensor, Tensor], Attrs>({
  name: "matmul",
  forward([a, b], { strides }, call) {
    const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    const shape = [...batch, a.size(-2), b.size(-1)];
    const y = strides === null ? empty(shape) : empty(shape, "f32", strides);
    call.save(a, b);
    if (a.size(-1) === 0) fillElements(y, 0);
    else if (shared(a, b) && foldsDense(y)) {
      gemm(fold(y), fold(a), weightMatrix(b, false), {});
    } else batchedGemm(y, a, b, 0);
    return y;
  },
  backward(dy, [a, b], _attrs, into) {
    if (shared(a, b)) return backwardShared(dy, a, b, into);
    contribute(into, 0, a.shape, dy, transpose(b, -2, -1));
    contribute(into, 1, b.shape, transpose(a, -2, -1), dy);
  },
  flops: ([a], _attrs, y) => 2 * y.numel * a.size(-1),
});

/** Integers as they are, wrapping at 32 bits; no gradient flows through them. */
const matmulIntegers = defineOp<readonly [Tensor, Tensor]>({
  name: "matmul",
  forward([a, b]) {
    const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2));
    const [K, N] = b.shape.slice(-2);
    const rows = [...batch, a.size(-2)];
    const y = empty([...rows, N], "i32");
    if (y.numel === 0) return y;
    const right = b.strides.at(-1) === 1 || N === 1 ? b : contiguous(b);
    const [forA, forB] = [a, right].map((x) =>
      broadcastStrides(x.shape.slice(0, -2), x.strides.slice(0, -2), batch),
    );
    const layout = engine().layout(
      rows,
      y.strides.slice(0, -1),
      [...forA, a.strides[a.rank - 2]],
      [...forB, 0],
    );
    const steps = [a.strides[a.rank - 1], right.strides[right.rank - 2]] as const;
    engine().run("matmul_i32", numel(rows), 0, i32(y), i32(a), i32(right), layout, N, K, ...steps);
    return y;
  },
  flops: ([a], _attrs, y) => 2 * y.numel * a.size(-1),
});

function backwardShared(dy: Tensor, a: Tensor, b: Tensor, into: GradientSink): void {
  const dC = fold(dy);
  const da = into.target(0, foldsDense);
  if (da !== null) gemm(fold(da.tensor), dC, transposedMatrix(weightMatrix(b, false)), { acc: da.acc });
  const db = into.target(1, foldsDense);
  if (db !== null) gemm(fold(db.tensor), transposedMatrix(fold(a)), dC, { acc: db.acc });
}

/** Writes the product left · right as the gradient of input `i`, which has `shape` before broadcasting. */
function contribute(into: GradientSink, i: number, shape: Shape, left: Tensor, right: Tensor): void {
  if (!into.wants(i)) return;
  const batch = broadcastShapes("matmul", left.shape.slice(0, -2), right.shape.slice(0, -2));
  const full = [...batch, left.size(-2), right.size(-1)];
  if (sameShape(full, shape)) {
    const target = into.target(i, isDenseMatrix);
    if (target !== null) batchedGemm(target.tensor, left, right, target.acc);
    return;
  }
  const whole = empty(full);
  batchedGemm(whole, left, right, 0);
  into.give(i, whole);
}

function product(a: Tensor, b: Tensor): Tensor {
  return a.dtype === "i32"
    ? apply(matmulIntegers, [a, b], undefined)
    : apply(matmulOp, [a, b], { strides: null });
}

/**
 * Matrix product of the last two axes, others broadcast; vectors count as a row on the left, a column on the right.
 * Integers give integers. torch.matmul
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  tensorArgument("matmul", "input", a);
  tensorArgument("matmul", "other", b);
  return withOperands("matmul", a, b, "i32", (x, y) => {
    checkShapes(x, y);
    if (x.rank > 1 && y.rank > 1) return product(x, y);
    return scope(() => {
      const left = x.rank === 1 ? unsqueeze(x, 0) : x;
      const right = y.rank === 1 ? unsqueeze(y, 1) : y;
      const matrix = product(left, right);
      if (x.rank === 1 && y.rank === 1) return reshape(matrix, []);
      return squeeze(matrix, x.rank === 1 ? -2 : -1);
    });
  });
}

/** matmul whose result lies in memory with the given dense strides. @internal */
export function matmulStrided(a: Tensor, b: Tensor, strides: Shape): Tensor {
  checkShapes(a, b);
  return apply(matmulOp, [a, b], { strides });
}

function checkShapes(a: Tensor, b: Tensor): void {
  for (const [i, x] of [a, b].entries()) rankedTensor("matmul", ["input", "other"][i], x, 1, Infinity);
  const K = b.rank === 1 ? b.shape[0] : b.size(-2);
  if (a.size(-1) !== K) refuse("matmul", "input", `(…, ${K}) for other ${formatShape(b.shape)}`, a, "shape");
}
