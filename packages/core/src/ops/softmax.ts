// softmax(x)_i = exp(s x_i - max) / sum_j exp(s x_j - max) over one axis, with the scale s and the causal mask of
// attention built in. torch.softmax, torch.log_softmax
// dx = s y (dy - sum(dy y))
import { SaccadeError } from "@saccade/kernels";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { formatShape, normalizeAxis } from "../shape.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { floatTensor, numberArgument, optionsArgument, tensorArgument } from "./arguments.ts";
import { causalRowsOf, type Rows, rowsOf, withRows } from "./rows.ts";
import { withFloat } from "./scalar.ts";
import { neg } from "./unary.ts";
import { reshape, transpose } from "./views.ts";

interface Attrs {
  readonly scale: number;
  /** Row t of the last but one axis sees the first `causal + t + 1` entries; or one of the constants below. */
  readonly causal: number;
}

/** Whole rows; one of all −Infinity gives NaN, as torch.softmax has it. */
const WHOLE = -1;
/** Whole rows; one of all −Infinity gives zeros, as PyTorch's attention has it (and so do causal ones). */
const ATTENTION = -2;

const softmaxOp = defineOp<readonly [Tensor], Attrs>({
  name: "softmax",
  forward([x], { scale, causal }, call) {
    const y = empty(x.shape);
    call.save(y);
    if (y.numel === 0) return y;
    const { source, rows } = withRows(x, causal < 0 ? rowsOf : causalRowsOf);
    const { D0, D1, N, strides } = rows;
    const [s0, s1] = strides;
    engine().run("softmax_f32", D0 * D1, 0, f32(y), f32(source), D0, D1, N, s0, s1, scale, causal);
    return y;
  },
  backward(dy, [y], { scale }, into) {
    const target = into.target(0, (view) => rowsOf(view) !== null);
    if (target === null || y.numel === 0) return;
    const { tensor: dx, acc } = target;
    const { D0, D1, N, strides } = rowsOf(dx) as Rows;
    const [s0, s1] = strides;
    engine().run("softmax_backward_f32", D0 * D1, 0, f32(dx), f32(dy), f32(y), D0, D1, N, s0, s1, scale, acc);
  },
  flops: ([x]) => 5 * x.numel,
});

const logSoftmaxOp = defineOp<readonly [Tensor]>({
  name: "logSoftmax",
  forward([x], _attrs, call) {
    const y = empty(x.shape);
    call.save(y);
    if (y.numel === 0) return y;
    const { source, rows } = withRows(x);
    const { D0, D1, N, strides } = rows;
    const [s0, s1] = strides;
    engine().run("log_softmax_f32", D0 * D1, 0, f32(y), f32(source), D0, D1, N, s0, s1);
    return y;
  },
  // dx = dy - exp(y) sum(dy)
  backward(dy, [y], _attrs, into) {
    const target = into.target(0, (view) => rowsOf(view) !== null);
    if (target === null || y.numel === 0) return;
    const { tensor: dx, acc } = target;
    const { D0, D1, N, strides } = rowsOf(dx) as Rows;
    const [s0, s1] = strides;
    engine().run("log_softmax_backward_f32", D0 * D1, 0, f32(dx), f32(dy), f32(y), D0, D1, N, s0, s1, acc);
  },
  flops: ([x]) => 5 * x.numel,
});

/** Runs a last-axis op along `dim`: other axes trade places with the last one. */
function along(op: string, x: Tensor, dim: number, body: (x: Tensor) => Tensor): Tensor {
  floatTensor(op, "input", x);
  const axis = normalizeAxis(op, dim, x.rank);
  return scope(() => {
    if (x.rank === 0) return reshape(body(reshape(x, [1])), []);
    if (axis === x.rank - 1) return body(x);
    return transpose(body(transpose(x, axis, -1)), axis, -1);
  });
}

/** Softmax over `dim`. torch.softmax */
export function softmax(x: Tensor, dim: number): Tensor {
  return along("softmax", x, dim, (input) => apply(softmaxOp, [input], { scale: 1, causal: WHOLE }));
}

/** Softmax of −x over `dim`. torch.nn.functional.softmin */
export function softmin(x: Tensor, dim: number): Tensor {
  floatTensor("softmin", "input", x);
  return scope(() => softmax(neg(x), dim));
}

/** log(softmax(x)) over `dim`, without the loss of digits. torch.log_softmax */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  return along("logSoftmax", x, dim, (input) => apply(logSoftmaxOp, [input], undefined));
}

/**
 * Attention weights from scores (…, T, S): softmax(scale · scores), where query t sees keys 0 … past + t if causal. A
 * query whose scores are all −Infinity has weights of 0.
 */
export function attentionSoftmax(
  scores: Tensor,
  options: { scale?: number; causal?: boolean; past?: number } = {},
): Tensor {
  const { scale = 1, causal = false, past = 0 } = optionsArgument("attentionSoftmax", options);
  tensorArgument("attentionSoftmax", "scores", scores);
  numberArgument("attentionSoftmax", "scale", scale);
  if (scores.rank < 2) {
    throw new SaccadeError(
      "shape",
      `attentionSoftmax: scores need two axes or more, got ${formatShape(scores.shape)}`,
    );
  }
  if (!Number.isInteger(past) || past < 0 || past > 2 ** 31 - 1) {
    throw new SaccadeError(
      "argument",
      `attentionSoftmax: past is ${past}, it must be an integer in 0…2^31 - 1`,
    );
  }
  return withFloat("attentionSoftmax", scores, (x) =>
    apply(softmaxOp, [x], { scale, causal: causal ? past : ATTENTION }),
  );
}
