// y = (x - mean) / sqrt(var + eps) * weight + bias over the last axes (biased variance). Layer Normalization,
// arXiv 1607.06450; torch.nn.functional.layer_norm
// With n = (x - mean) rstd and g = dy weight:  dx = rstd (g - mean(g) - n mean(g n)),  dweight = sum dy n,  dbias = sum dy
import { contiguous } from "../autograd/backward.ts";
import { engine } from "../engine.ts";
import { apply, defineOp } from "../op.ts";
import { scope } from "../scope.ts";
import { formatShape, numel, type Shape, sameShape } from "../shape.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import {
  floatTensor,
  listArgument,
  numberArgument,
  optionalTensor,
  refuse,
  shapedTensor,
} from "./arguments.ts";
import { contiguous as contiguousTensor } from "./contiguous.ts";
import { type Rows, rowsOf, withRows } from "./rows.ts";
import { reshape } from "./views.ts";

interface Attrs {
  readonly eps: number;
  /** Whether the mean is subtracted; if not, this is rmsNorm. */
  readonly centred: boolean;
}

/** x (…, N), weight (N) or null, bias (N) or null. */
const layerNormOp = defineOp<readonly [Tensor, Tensor | null, Tensor | null], Attrs>({
  name: "layerNorm",
  forward([x, weight, bias], { eps, centred }, call) {
    const y = empty(x.shape);
    const { source, rows } = withRows(x);
    const { D0, D1, N } = rows;
    const mean = call.recording ? empty([D0 * D1]) : null;
    const rstd = call.recording ? empty([D0 * D1]) : null;
    call.save(source, weight, mean, rstd);
    if (y.numel === 0) return y;
    const [s0, s1] = rows.strides;
    const outputs = [f32(y), f32(mean), f32(rstd)] as const;
    const inputs = [f32(source), f32(weight), f32(bias)] as const;
    engine().run("layernorm_f32", D0 * D1, 0, ...outputs, ...inputs, D0, D1, N, s0, s1, eps, Number(centred));
    return y;
  },
  backward(dy, [x, weight, mean, rstd], { centred }, into) {
    if (dy.numel === 0) {
      for (const i of [0, 1, 2]) into.zero(i);
      return;
    }
    const statistics = [f32(mean), f32(rstd)] as const;
    const target = into.target(0, (view) => rowsOf(x, view) !== null);
    if (target !== null) {
      const { tensor: dx, acc } = target;
      const { D0, D1, N, strides } = rowsOf(x, dx) as Rows;
      const [s0, s1, dx0, dx1] = strides;
      const pointers = [f32(dx), f32(dy), f32(x), f32(weight), ...statistics] as const;
      const geometry = [D0, D1, N, s0, s1, dx0, dx1, Number(centred)] as const;
      engine().run("layernorm_backward_f32", D0 * D1, 0, ...pointers, ...geometry, acc);
    }
    const dWeight = into.target(1, contiguous);
    const dBias = into.target(2, contiguous);
    if (dWeight === null && dBias === null) return;
    const { D0, D1, N, strides } = rowsOf(x) as Rows;
    const [s0, s1] = strides;
    const outputs = [f32(dWeight?.tensor ?? null), f32(dBias?.tensor ?? null)] as const;
    const pointers = [...outputs, f32(dy), f32(x), ...statistics] as const;
    const acc = [dWeight?.acc ?? 0, dBias?.acc ?? 0] as const;
    engine().run(
      "layernorm_backward_params_f32",
      Math.ceil(N / 16),
      0,
      ...pointers,
      D0,
      D1,
      N,
      s0,
      s1,
      ...acc,
    );
  },
  flops: 8,
});

/** Normalises over the last axes, whose sizes are `normalizedShape`. torch.nn.functional.layer_norm */
export function layerNorm(
  x: Tensor,
  normalizedShape: Shape,
  weight: Tensor | null = null,
  bias: Tensor | null = null,
  eps = 1e-5,
): Tensor {
  return normaliseRows("layerNorm", x, normalizedShape, { weight, bias }, eps, true);
}

/** layerNorm, or without centring rmsNorm, under the name `op`. @internal */
export function normaliseRows(
  op: string,
  x: Tensor,
  normalizedShape: Shape,
  { weight, bias }: { readonly weight: Tensor | null; readonly bias: Tensor | null },
  eps: number,
  centred: boolean,
): Tensor {
  floatTensor(op, "input", x);
  listArgument(op, "normalizedShape", normalizedShape);
  const attrs = { eps: numberArgument(op, "eps", eps), centred };
  const tail = x.shape.slice(Math.max(x.rank - normalizedShape.length, 0));
  if (normalizedShape.length === 0 || !sameShape(tail, normalizedShape)) {
    refuse(op, "normalizedShape", `the last axes of ${formatShape(x.shape)}`, normalizedShape, "shape");
  }
  for (const [name, p] of Object.entries({ weight, bias })) {
    if (optionalTensor(op, name, p) !== null)
      shapedTensor(op, name, floatTensor(op, name, p), normalizedShape);
  }
  const N = numel(normalizedShape);
  if (normalizedShape.length === 1) return apply(layerNormOp, [x, dense(weight), dense(bias)], attrs);
  return scope(() => {
    const rows = reshape(x, [...x.shape.slice(0, x.rank - normalizedShape.length), N]);
    const flat = (p: Tensor | null): Tensor | null => (p === null ? null : reshape(p, [N]));
    return reshape(apply(layerNormOp, [rows, flat(weight), flat(bias)], attrs), x.shape);
  });
}

/** Weights are read as one dense row. */
function dense(p: Tensor | null): Tensor | null {
  return p === null ? null : contiguousTensor(p);
}
