// softmax(x)_i = exp(s x_i - max) / sum_j exp(s x_j - max) over one axis, with the scale s and the causal mask of
// attention built in. torch.softmax, torch.log_softmax
// dx = s y (dy - sum(dy y))
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import {
  axisArgument,
  floatTensor,
  integerArgument,
  numberArgument,
  optionsArgument,
  rankedTensor,
} from "./arguments.ts";
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

/** The rows of one operand as kernels take them. */
const geometryOf = ({ D0, D1, N, strides: [s0, s1] }: Rows) => [D0, D1, N, s0, s1] as const;

/** Softmax, or its logarithm when there are no attributes: dx = dy - exp(y) sum(dy). */
const rowOp = (name: string) =>
  defineOp<readonly [Tensor], Attrs | null>({
    name,
    forward([x], attrs, call) {
      const y = empty(x.shape);
      call.save(y);
      if (y.numel === 0) return y;
      const { source, rows } = withRows(x, attrs === null || attrs.causal < 0 ? rowsOf : causalRowsOf);
      const all = [f32(y), f32(source), ...geometryOf(rows)] as const;
      const units = rows.D0 * rows.D1;
      if (attrs === null) engine().run("log_softmax_f32", units, 0, ...all);
      else engine().run("softmax_f32", units, 0, ...all, attrs.scale, attrs.causal);
      return y;
    },
    backward(dy, [y], attrs, into) {
      const target = into.target(0, (view) => rowsOf(view) !== null);
      if (target === null || y.numel === 0) return;
      const { tensor: dx, acc } = target;
      const rows = rowsOf(dx) as Rows;
      const all = [f32(dx), f32(dy), f32(y), ...geometryOf(rows)] as const;
      const units = rows.D0 * rows.D1;
      if (attrs === null) engine().run("log_softmax_backward_f32", units, 0, ...all, acc);
      else engine().run("softmax_backward_f32", units, 0, ...all, attrs.scale, acc);
    },
    flops: 5,
  });
const [softmaxOp, logSoftmaxOp] = ["softmax", "logSoftmax"].map(rowOp);

/** Runs a last-axis op along `dim`: other axes trade places with the last one. */
function along(op: string, x: Tensor, dim: number, body: (x: Tensor) => Tensor): Tensor {
  const axis = axisArgument(op, floatTensor(op, "input", x), dim);
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
  return along("logSoftmax", x, dim, (input) => apply(logSoftmaxOp, [input], null));
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
  rankedTensor("attentionSoftmax", "scores", scores, 2, Infinity);
  numberArgument("attentionSoftmax", "scale", scale);
  integerArgument("attentionSoftmax", "past", past, 0, 2 ** 31 - 1);
  return withFloat("attentionSoftmax", scores, (x) =>
    apply(softmaxOp, [x], { scale, causal: causal ? past : ATTENTION }),
  );
}
