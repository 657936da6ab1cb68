// Products of vectors and matrices by name: checks of the ranks, and matmul. torch.mm, bmm, mv, dot, outer, addmm, addmv,
// baddbmm, tensordot, kron, linalg.cross, nn.functional.bilinear
import { scope } from "../scope.ts";
import { axesBut, broadcastShapes, normalizeAxis, numel, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  axisArgument,
  checkBroadcast,
  integerArgument,
  listArgument,
  numberArgument,
  optionalTensor,
  optionsArgument,
  rankedTensor,
  refuse,
  tensorArgument,
} from "./arguments.ts";
import { add, mul, sub } from "./binary.ts";
import { stack } from "./cat.ts";
import { matmul } from "./matmul.ts";
import { expand, permute, reshape, select, unsqueeze } from "./views.ts";

/** Both operands, of the ranks an op is for. */
function checkRanks(op: string, a: Tensor, b: Tensor, rankA: number, rankB: number): void {
  rankedTensor(op, "input", a, rankA);
  rankedTensor(op, "other", b, rankB);
}

/** Matrix product (M, K) · (K, N) → (M, N). torch.mm */
export function mm(a: Tensor, b: Tensor): Tensor {
  checkRanks("mm", a, b, 2, 2);
  return matmul(a, b);
}

/** Matrix products of a batch (B, M, K) · (B, K, N) → (B, M, N). torch.bmm */
export function bmm(a: Tensor, b: Tensor): Tensor {
  checkRanks("bmm", a, b, 3, 3);
  if (a.shape[0] === b.shape[0]) return matmul(a, b);
  return refuse("bmm", "other", `a batch of ${a.shape[0]} (matmul broadcasts)`, b, "shape");
}

/** Matrix times vector (M, K) · (K) → (M). torch.mv */
export function mv(a: Tensor, x: Tensor): Tensor {
  checkRanks("mv", a, x, 2, 1);
  return matmul(a, x);
}

/** Inner product of two vectors (N) · (N) → (). torch.dot */
export function dot(a: Tensor, b: Tensor): Tensor {
  checkRanks("dot", a, b, 1, 1);
  return matmul(a, b);
}

/** All products of two vectors (M), (N) → (M, N). torch.outer */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkRanks("outer", a, b, 1, 1);
  return scope(() => mul(unsqueeze(a, 1), b));
}

export interface ScaleOptions {
  /** Factor of the input, which is not looked at when it is 0; 1 unless given. */
  readonly beta?: number;
  /** Factor of the product; 1 unless given. */
  readonly alpha?: number;
}

/** beta · input + alpha · a b, the input broadcast to the product. */
function scaledSum(op: string, input: Tensor, options: ScaleOptions, product: () => Tensor): Tensor {
  tensorArgument(op, "input", input);
  const { alpha = 1, beta = 1 } = optionsArgument(op, options);
  numberArgument(op, "alpha", alpha);
  numberArgument(op, "beta", beta);
  return scope(() => {
    const y = product();
    checkBroadcast(op, "input", input, y.shape);
    const integers = input.dtype !== "f32" && y.dtype !== "f32";
    const times = (x: Tensor, factor: number): Tensor => {
      const whole = integers ? Math.trunc(factor) : factor;
      return whole === 1 ? x : mul(x, whole);
    };
    return beta === 0 ? times(y, alpha) : add(times(input, beta), times(y, alpha));
  });
}

/** beta · input + alpha · a b for matrices; the input broadcasts. torch.addmm */
export function addmm(input: Tensor, a: Tensor, b: Tensor, options: ScaleOptions = {}): Tensor {
  return scaledSum("addmm", input, options, () => mm(a, b));
}

/** beta · input + alpha · a x for a matrix and a vector. torch.addmv */
export function addmv(input: Tensor, a: Tensor, x: Tensor, options: ScaleOptions = {}): Tensor {
  return scaledSum("addmv", input, options, () => mv(a, x));
}

/** beta · input + alpha · a b for batches of matrices. torch.baddbmm */
export function baddbmm(input: Tensor, a: Tensor, b: Tensor, options: ScaleOptions = {}): Tensor {
  return scaledSum("baddbmm", input, options, () => bmm(a, b));
}

/**
 * y[…, o] = Σ_ij x1[…, i] weight[o, i, j] x2[…, j] + bias[o]: (…, I), (…, J), (O, I, J) → (…, O).
 * torch.nn.functional.bilinear
 */
export function bilinear(x1: Tensor, x2: Tensor, weight: Tensor, bias?: Tensor | null): Tensor {
  for (const [name, x] of Object.entries({ input1: x1, input2: x2, weight }))
    tensorArgument("bilinear", name, x);
  const shift = optionalTensor("bilinear", "bias", bias);
  const [O, I, J] = weight.shape;
  const lead = x1.shape.slice(0, -1);
  const fits =
    weight.rank === 3 &&
    sameShape(x1.shape, [...lead, I]) &&
    sameShape(x2.shape, [...lead, J]) &&
    (shift === null || sameShape(shift.shape, [O]));
  if (!fits || x1.rank === 0) {
    const given = [x1, x2, weight, shift].filter((x) => x !== null);
    refuse("bilinear", "the inputs", "(…, I), (…, J), weight (O, I, J) and bias (O)", given, "shape");
  }
  return scope(() => {
    const rows = numel(lead);
    const table = reshape(permute(weight, [1, 0, 2]), [I, O * J]); //        (I, O·J)
    const left = reshape(matmul(reshape(x1, [rows, I]), table), [rows, O, J]); // Σ_i
    const y = reshape(matmul(left, reshape(x2, [rows, J, 1])), [...lead, O]); //  Σ_j
    return shift === null ? y : add(y, shift);
  });
}

/**
 * Sums over products along pairs of axes: the last `dims` of a with the first of b, or the axes dims[0] of a with dims[1]
 * of b. The result has the other axes of a, then those of b. torch.tensordot
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  dims: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  tensorArgument("tensordot", "input", a);
  tensorArgument("tensordot", "other", b);
  const [fromA, fromB] = contractedAxes(a, b, dims);
  return scope(() => {
    const [keptA, keptB] = [axesBut(a.rank, fromA), axesBut(b.rank, fromB)];
    const sizes = (x: Tensor, axes: readonly number[]): number[] => axes.map((axis) => x.shape[axis]);
    const shared = sizes(a, fromA).map((size, i) => (size === 1 ? b.shape[fromB[i]] : size));
    const K = numel(shared);
    const left = expand(permute(a, [...keptA, ...fromA]), [...sizes(a, keptA), ...shared]);
    const right = expand(permute(b, [...fromB, ...keptB]), [...shared, ...sizes(b, keptB)]);
    const product = matmul(
      reshape(left, [numel(sizes(a, keptA)), K]),
      reshape(right, [K, numel(sizes(b, keptB))]),
    );
    return reshape(product, [...sizes(a, keptA), ...sizes(b, keptB)]);
  });
}

function contractedAxes(a: Tensor, b: Tensor, dims: unknown): [number[], number[]] {
  if (typeof dims === "number") {
    integerArgument("tensordot", "dims", dims, 0, Math.min(a.rank, b.rank));
    const count = axesBut(dims);
    return checkedAxes(
      a,
      b,
      count.map((i) => a.rank - dims + i),
      count,
    );
  }
  const lists = listArgument("tensordot", "dims", dims) as readonly unknown[];
  if (lists.length !== 2) refuse("tensordot", "dims", "a number or two arrays", dims);
  const [fromA, fromB] = [a, b].map((x, i) =>
    listArgument("tensordot", `dims[${i}]`, lists[i]).map((dim) => axisArgument("tensordot", x, dim)),
  );
  return checkedAxes(a, b, fromA, fromB);
}

function checkedAxes(a: Tensor, b: Tensor, fromA: number[], fromB: number[]): [number[], number[]] {
  const distinct = [fromA, fromB].every((axes) => new Set(axes).size === axes.length);
  const fit = fromA.every((axis, i) => {
    const [m, n] = [a.shape[axis], b.shape[fromB[i]]];
    return m !== undefined && (m === n || m === 1 || n === 1);
  });
  if (fromA.length === fromB.length && distinct && fit) return [fromA, fromB];
  return refuse("tensordot", `axes [${fromA}] and [${fromB}]`, "pairs of one size", [a, b], "shape");
}

/** Kronecker product: every element of a times the whole of b, block by block. torch.kron */
export function kron(a: Tensor, b: Tensor): Tensor {
  tensorArgument("kron", "input", a);
  tensorArgument("kron", "other", b);
  return scope(() => {
    const rank = Math.max(a.rank, b.rank);
    const sizes = (x: Tensor): number[] => [...new Array<number>(rank - x.rank).fill(1), ...x.shape];
    const [m, n] = [sizes(a), sizes(b)];
    const product = mul(
      reshape(
        a,
        m.flatMap((size) => [size, 1]),
      ),
      reshape(
        b,
        n.flatMap((size) => [1, size]),
      ),
    );
    return reshape(
      product,
      m.map((size, axis) => size * n[axis]),
    );
  });
}

/** Vector products along an axis of size 3, the last one unless said otherwise. torch.linalg.cross */
export function cross(a: Tensor, b: Tensor, dim = -1): Tensor {
  tensorArgument("cross", "input", a);
  tensorArgument("cross", "other", b);
  const shape = broadcastShapes("cross", a.shape, b.shape);
  const axis = normalizeAxis("cross", dim, shape.length);
  if (a.rank !== b.rank || a.shape[axis] !== 3 || b.shape[axis] !== 3) {
    refuse("cross", `axis ${dim}`, "of size 3 in both", [a, b], "shape");
  }
  return scope(() => {
    const part = (x: Tensor, i: number): Tensor => select(x, axis, i % 3);
    const component = (i: number): Tensor =>
      sub(mul(part(a, i + 1), part(b, i + 2)), mul(part(a, i + 2), part(b, i + 1)));
    return stack([0, 1, 2].map(component), axis);
  });
}
