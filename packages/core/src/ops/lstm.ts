// i, f, o = sigmoid and g = tanh of W_ih x + b_ih + W_hh h + b_hh, c' = f c + i g, h' = o tanh(c'). Hochreiter & Schmidhuber,
// "Long short-term memory", 1997, with the forget gate of Gers et al., 2000. torch.nn.LSTM
// Options: h' = W_hr (o tanh(c')), Sak et al., arXiv 1402.1128 (PyTorch's proj_size), and peepholes, Gers & Schmidhuber, 2000:
// i and f see the old c, o the new one, each through a weight per unit (ONNX LSTM, P).

import type { F32Ptr } from "@saccade/kernels";
import { engine } from "../engine.ts";
import { scope } from "../scope.ts";
import { empty, f32, Tensor } from "../tensor.ts";
import { refuse } from "./arguments.ts";
import { add, mul } from "./binary.ts";
import { cat } from "./cat.ts";
import { gemm } from "./gemm.ts";
import { type RecurrentOptions, recurrent, recurrentStep } from "./recurrent.ts";
import {
  at,
  type BackwardPass,
  type BackwardSteps,
  defineLayer,
  type Pass,
  part,
  projectInputs,
  type Rows,
  repeatedMatrix,
  rowsOf,
  type Step,
  sumOfBiases,
} from "./recurrentLayer.ts";
import { sum } from "./sum.ts";
import { narrow } from "./views.ts";

/** Where rows of what is kept hold, behind the gates [i f g o], the old c, the old h and the h before its projection. */
function columns({ H, P }: { readonly H: number; readonly P: number }) {
  return { cells: 4 * H, before: 5 * H, raw: 5 * H + P, width: 5 * H + P };
}

/** n rows of P columns moved from one buffer to another. */
function copyRows(to: Rows, from: Rows, n: number, P: number): void {
  const layout = engine().layout([n, P], [to.step, 1], [from.step, 1]);
  engine().run("copy_b4", n * P, 0, to.ptr as never, from.ptr as never, layout);
}

const from = (rows: Rows, row: number, column = 0): Rows => ({ ...rows, ptr: at(rows, row, column) });

function forward(pass: Pass): { step: Step; kept: Tensor } {
  const { N, H, P, output, recording, weights } = pass;
  const { cells, before, raw, width } = columns(pass);
  const [h, c] = [rowsOf(pass.h), pass.c];
  const projection = weights.hr === null ? null : repeatedMatrix(weights.hr, true, pass);
  const kept = empty([N, recording ? width + (projection === null ? 0 : H) : 4 * H]);
  const gates = rowsOf(kept);
  projectInputs(pass, gates, sumOfBiases(pass));
  const hidden = repeatedMatrix(weights.hh, true, pass);
  const scratch = projection === null || recording ? null : rowsOf(empty([pass.h.shape[0], H]));
  const none = { ptr: f32(null), step: 0 };
  const run = (row: number, n: number, to: Rows, y: Rows, old: F32Ptr): void => {
    const states = [f32(c), to.ptr, y.ptr, recording ? at(gates, row, cells) : none.ptr, old] as const;
    const pointers = [at(gates, row), ...states, f32(weights.peephole)] as const;
    engine().run("lstm_cell_f32", n * H, 0, ...pointers, H, gates.step, to.step, y.step);
  };
  return {
    kept,
    step(row, n) {
      gemm(part(gates, row, n, 4 * H), part(h, 0, n, P), hidden, { acc: 1 });
      const old = from(gates, row, before);
      if (projection === null) {
        run(row, n, h, from(output, row), recording ? old.ptr : none.ptr);
        return;
      }
      if (recording) copyRows(old, h, n, P);
      const unprojected = scratch ?? from(gates, row, raw);
      run(row, n, unprojected, none, none.ptr);
      gemm(part(h, 0, n, P), part(unprojected, 0, n, H), projection, {});
      copyRows(from(output, row), h, n, P);
    },
  };
}

function backward(pass: BackwardPass): BackwardSteps {
  const { N, H, P, dOutput, kept, weights } = pass;
  const { cells, before, raw } = columns(pass);
  const saved = rowsOf(kept);
  const dGates = empty([N, 4 * H]);
  const gates = rowsOf(dGates);
  const hidden = repeatedMatrix(weights.hh, false, pass);
  const all = part(gates, 0, N, 4 * H);
  const dh = rowsOf(pass.h);
  const projection = weights.hr === null ? null : backProjection(pass, weights.hr);
  return {
    inputGates: all,
    hiddenGates: all,
    hidden: [{ begin: 0, left: all, right: part(saved, 0, N, P, before) }],
    projection: projection && { begin: 0, left: projection.sums, right: part(saved, 0, N, H, raw) },
    peephole: weights.peephole && (() => peepholeGradient(dGates, kept, H)),
    step(row, n) {
      const dRaw = projection?.step(row, n) ?? dh;
      const dy = projection === null ? at(dOutput, row) : f32(null);
      const states = [f32(pass.c), dRaw.ptr, dy, at(saved, row), at(saved, row, cells)] as const;
      const pointers = [at(gates, row), ...states, f32(weights.peephole)] as const;
      engine().run("lstm_cell_backward_f32", n * H, 0, ...pointers, H, saved.step, dOutput.step);
      gemm(part(dh, 0, n, P), part(gates, row, n, 4 * H), hidden, {});
    },
  };
}

/** Gradients of the projected h, which the weight's own gradient wants of all steps, and of what was projected. */
function backProjection(pass: BackwardPass, hr: Tensor) {
  const { N, H, P, dOutput } = pass;
  const sums = rowsOf(empty([N, P]));
  const raw = rowsOf(empty([pass.h.shape[0], H]));
  const weight = repeatedMatrix(hr, false, pass);
  return {
    sums: part(sums, 0, N, P),
    step(row: number, n: number): Rows {
      const running = engine();
      const layout = running.layout([n, P], [P, 1], [P, 1], [dOutput.step, 1]);
      running.run("add_f32", n * P, 0, at(sums, row), f32(pass.h), at(dOutput, row), layout, 0);
      gemm(part(raw, 0, n, H), part(sums, row, n, P), weight, {});
      return raw;
    },
  };
}

/** Sums over all steps of di c, df c of the old c and do c' of the new. */
function peepholeGradient(dGates: Tensor, kept: Tensor, H: number): Tensor {
  const block = (x: Tensor, i: number): Tensor => narrow(x, 1, i * H, H);
  const [input, forget, candidate, , old] = [0, 1, 2, 3, 4].map((i) => block(kept, i));
  const cell = add(mul(forget, old), mul(input, candidate));
  const seen: readonly (readonly [number, Tensor])[] = [
    [0, old],
    [1, old],
    [3, cell],
  ];
  return cat(seen.map(([gate, c]) => sum(mul(block(dGates, gate), c), 0)));
}

const layer = defineLayer({ name: "lstm", gates: 4, hasCellState: true, forward, backward });

/** The hidden and the cell state. */
export type LstmState = readonly [Tensor, Tensor];

function statesOf(op: string, hx: LstmState | null): readonly (Tensor | null)[] {
  if (hx === null || hx === undefined) return [null, null];
  if (Array.isArray(hx) && hx.length === 2 && hx.every((state) => state instanceof Tensor)) return hx;
  return refuse(op, "hx", "[h, c] or null", hx);
}

/**
 * Layers of long short-term memory over sequences x (B, T, I), or (T, I). hx is [h0, c0], (layers · directions, B, P) and
 * (layers · directions, B, H), or null for zeros. Weights per layer and direction, gates in the order i, f, g, o:
 * w_ih (4H, inputs), w_hh (4H, P), then as far as wanted, but all layers alike: b_ih and b_hh (4H); w_hr (P, H), a
 * projection of h (else P = H); peepholes (3H) to i, f, o. Gives output (B, T, directions · P) and the last states hn, cn.
 * torch.nn.LSTM, torch.lstm
 */
export function lstm(
  x: Tensor,
  hx: LstmState | null,
  weights: readonly Tensor[],
  options: RecurrentOptions = {},
): { output: Tensor; hn: Tensor; cn: Tensor } {
  return scope(() => {
    const { output, hn, cn } = recurrent(
      { op: "lstm", layer, x, states: statesOf("lstm", hx) },
      weights,
      options,
    );
    return { output, hn, cn: cn as Tensor };
  });
}

/**
 * One step of `lstm`: x (B, I) or (I), the state hx = [h, c] of (B, H) or (H), null for zeros; peephole (3H).
 * torch.nn.LSTMCell, torch.lstm_cell
 */
export function lstmCell(
  x: Tensor,
  hx: LstmState | null,
  wIh: Tensor,
  wHh: Tensor,
  bIh: Tensor | null = null,
  bHh: Tensor | null = null,
  peephole: Tensor | null = null,
): { hn: Tensor; cn: Tensor } {
  return scope(() => {
    const weights = [wIh, wHh, bIh, bHh, null, peephole];
    const { hn, cn } = recurrentStep({ op: "lstmCell", layer, x, states: statesOf("lstmCell", hx) }, weights);
    return { hn, cn: cn as Tensor };
  });
}
