// y = activation(x Wᵀ + b), the layer of all models, in one kernel: bias and activation are applied while the product is
// in registers. W is (out, in) as torch.nn.Linear has it, or (in, out) as GPT-2's Conv1D. torch.nn.functional.linear
// dx = dy W,  dW = dyᵀ x,  db = sum of dy over rows
import { contiguous as denseView } from "../autograd/backward.ts";
import { isRecording } from "../autograd/tape.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { formatShape } from "../shape.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import {
  choiceArgument,
  floatTensor,
  optionalTensor,
  optionsArgument,
  rankedTensor,
  refuse,
  shapedTensor,
  tensorArgument,
} from "./arguments.ts";
import { contiguous } from "./contiguous.ts";
import { fillElements } from "./fill.ts";
import {
  type Activation,
  activations,
  fold,
  foldsDense,
  gemm,
  type Matrix,
  transposedMatrix,
  weightMatrix,
} from "./gemm.ts";
import { withFloat } from "./scalar.ts";
import { gelu, relu, sigmoid, silu, tanh } from "./unary.ts";

interface Attrs {
  readonly transposed: boolean;
  readonly activation: Activation;
}

/** x (…, K), weight (N, K) or transposed (K, N), bias (N) or null → (…, N) */
const linearOp = defineOp<readonly [Tensor, Tensor, Tensor | null], Attrs>({
  name: "linear",
  forward([x, weight, bias], { transposed, activation }, call) {
    const B = weightMatrix(weight, !transposed);
    const y = empty([...x.shape.slice(0, -1), B.cols]);
    call.save(x, weight);
    gemm(fold(y), fold(x), B, { bias: bias === null ? null : contiguous(bias), activation });
    return y;
  },
  backward(dy, [x, weight], { transposed }, into) {
    const dY = fold(dy);
    const dx = into.target(0, foldsDense);
    if (dx !== null)
      gemm(fold(dx.tensor), dY, transposedMatrix(weightMatrix(weight, !transposed)), { acc: dx.acc });
    const dW = into.target(1, foldsDense);
    if (dW !== null) {
      const [left, right] = transposed ? [fold(x), dY] : [dY, fold(x)];
      gemm(fold(dW.tensor), transposedMatrix(left), right, { acc: dW.acc });
    }
    const db = into.target(2, denseView);
    if (db !== null) sumRows(db.tensor, dY, db.acc);
  },
  flops: ([x], _attrs, y) => 2 * y.numel * x.size(-1),
});

/** The sum of all rows: the gradient of a bias. @internal */
export function sumRows(out: Tensor, rows: Matrix, acc: 0 | 1): void {
  if (rows.rows === 0) {
    if (acc === 0) fillElements(out, 0);
    return;
  }
  const running = engine();
  const kept = running.layout([rows.cols], [1], [rows.cs]);
  const reduced = running.layout([rows.rows], [rows.rs]);
  running.run("sum_f32", rows.cols, 0, f32(out), rows.ptr, kept, reduced, acc);
}

export interface LinearOptions {
  /** The weight is (in, out), as in GPT-2's Conv1D. */
  readonly transposed?: boolean;
  /** Applied to the result, inside the kernel when no gradient is recorded. */
  readonly activation?: LinearActivation;
}

/** Those that `activations` in gemm.ts does not name are ops of their own always. */
const activationOps = {
  none: (x: Tensor) => x,
  relu,
  gelu: (x: Tensor) => gelu(x),
  gelu_tanh: (x: Tensor) => gelu(x, { approximate: "tanh" }),
  silu,
  tanh,
  sigmoid,
};

export type LinearActivation = keyof typeof activationOps;

/** x Wᵀ + bias over the last axis, optionally with an activation. */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
  options: LinearOptions = {},
): Tensor {
  const { transposed = false, activation = "none" } = optionsArgument("linear", options);
  tensorArgument("linear", "input", x);
  rankedTensor("linear", "weight", floatTensor("linear", "weight", weight), 2);
  checkShapes(x, weight, bias, transposed);
  choiceArgument("linear", "activation", activation, Object.keys(activationOps));
  return withFloat("linear", x, (input) => {
    const gradients = isRecording() && [input, weight, bias].some((p) => p?.requiresGrad);
    // Backward needs the value before the activation, so it is an op of its own while recording.
    const fused = !gradients && activation in activations;
    if (fused)
      return apply(linearOp, [input, weight, bias], { transposed, activation: activation as Activation });
    const y = apply(linearOp, [input, weight, bias], { transposed, activation: "none" });
    const activated = activationOps[activation](y);
    if (activated !== y) y.dispose();
    return activated;
  });
}

function checkShapes(x: Tensor, weight: Tensor, bias: Tensor | null, transposed: boolean): void {
  const [out, inner] = transposed ? [weight.shape[1], weight.shape[0]] : weight.shape;
  if (x.shape.at(-1) !== inner)
    refuse("linear", "input", `(…, ${inner}) for the weight ${formatShape(weight.shape)}`, x, "shape");
  if (optionalTensor("linear", "bias", bias) !== null) shapedTensor("linear", "bias", bias, [out], "f32");
}
