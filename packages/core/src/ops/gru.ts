// r, z = sigmoid(W_ih x + b_ih + W_hh h + b_hh) of their rows, n = tanh(W_in x + b_in + r (W_hn h + b_hn)),
// h' = (1 - z) n + z h. Cho et al., arXiv 1406.1078, with the reset after the matrix product as cuDNN and PyTorch have it;
// resetAfter: false is the paper's n = tanh(W_in x + b_in + W_hn (r h) + b_hn) (ONNX linear_before_reset=0). torch.nn.GRU
import { engine } from "../engine.ts";
import { scope } from "../scope.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { flagArgument, optionsArgument } from "./arguments.ts";
import { gemm } from "./gemm.ts";
import { type RecurrentOptions, recurrent, recurrentStep } from "./recurrent.ts";
import {
  at,
  type BackwardPass,
  type BackwardSteps,
  type Cell,
  defineLayer,
  type Pass,
  part,
  projectInputs,
  repeatedMatrix,
  rowsOf,
  type Step,
  sumOfBiases,
} from "./recurrentLayer.ts";
import { narrow } from "./views.ts";

/** Rows of what is kept: [r z n, then the candidate's part of h or r h, then h], H each. */
const [CANDIDATE, PART, BEFORE, WIDTH] = [2, 3, 4, 5];

type Forward = { readonly step: Step; readonly kept: Tensor };

/** The rows of W_hh of r and z, and those of n. */
function splitWeight({ H, weights: { hh } }: Pass): [Tensor, Tensor] {
  return [narrow(hh, 0, 0, 2 * H), narrow(hh, 0, 2 * H, H)];
}

/** One product with h gives all three gates their part; its bias is inside the reset. */
function forwardAfter(pass: Pass): Forward {
  const { N, H, h, output, recording, weights } = pass;
  const kept = empty([N, (recording ? WIDTH : PART) * H]);
  const gates = rowsOf(kept);
  projectInputs(pass, gates, weights.biasIh);
  const hidden = repeatedMatrix(weights.hh, true, pass);
  const product = rowsOf(empty([h.shape[0], 3 * H]));
  return {
    kept,
    step(row, n) {
      gemm(part(product, 0, n, 3 * H), part(rowsOf(h), 0, n, H), hidden, { bias: weights.biasHh });
      const before = recording ? at(gates, row, BEFORE * H) : f32(null);
      const pointers = [at(gates, row), product.ptr, f32(h), at(output, row), before] as const;
      engine().run("gru_cell_f32", n * H, 0, ...pointers, H, gates.step, output.step);
    },
  };
}

/** The product of the candidate waits for the reset gate. */
function forwardBefore(pass: Pass): Forward {
  const { N, H, h, output, recording } = pass;
  const kept = empty([N, (recording ? WIDTH : BEFORE) * H]);
  const gates = rowsOf(kept);
  projectInputs(pass, gates, sumOfBiases(pass));
  const [first, second] = splitWeight(pass).map((w) => repeatedMatrix(w, true, pass));
  return {
    kept,
    step(row, n) {
      gemm(part(gates, row, n, 2 * H), part(rowsOf(h), 0, n, H), first, { acc: 1 });
      engine().run("gru_reset_f32", n * H, 0, at(gates, row), f32(h), H, gates.step);
      const reset = part(gates, row, n, H, PART * H);
      gemm(part(gates, row, n, H, CANDIDATE * H), reset, second, { acc: 1 });
      const before = recording ? at(gates, row, BEFORE * H) : f32(null);
      const pointers = [at(gates, row), f32(null), f32(h), at(output, row), before] as const;
      engine().run("gru_cell_f32", n * H, 0, ...pointers, H, gates.step, output.step);
    },
  };
}

function backwardAfter(pass: BackwardPass): BackwardSteps {
  const { N, H, h: dh, dOutput, kept } = pass;
  const saved = rowsOf(kept);
  const gates = rowsOf(empty([N, 6 * H]));
  const hidden = repeatedMatrix(pass.weights.hh, false, pass);
  const hiddenGates = part(gates, 0, N, 3 * H, 3 * H);
  return {
    inputGates: part(gates, 0, N, 3 * H),
    hiddenGates,
    hidden: [{ begin: 0, left: hiddenGates, right: part(saved, 0, N, H, BEFORE * H) }],
    step(row, n) {
      const states = [at(saved, row), at(saved, row, BEFORE * H)] as const;
      const pointers = [at(gates, row), f32(dh), at(dOutput, row), ...states] as const;
      engine().run("gru_cell_backward_f32", n * H, 0, ...pointers, H, saved.step, dOutput.step, 1);
      gemm(part(rowsOf(dh), 0, n, H), part(gates, row, n, 3 * H, 3 * H), hidden, { acc: 1 });
    },
  };
}

function backwardBefore(pass: BackwardPass): BackwardSteps {
  const { N, H, h: dh, dOutput, kept } = pass;
  const saved = rowsOf(kept);
  const gates = rowsOf(empty([N, 3 * H]));
  const [first, second] = splitWeight(pass).map((w) => repeatedMatrix(w, false, pass));
  const dReset = rowsOf(empty([dh.shape[0], H]));
  const all = part(gates, 0, N, 3 * H);
  const resets = part(saved, 0, N, H, PART * H);
  return {
    inputGates: all,
    hiddenGates: all,
    hidden: [
      { begin: 0, left: part(gates, 0, N, 2 * H), right: part(saved, 0, N, H, BEFORE * H) },
      { begin: 2 * H, left: part(gates, 0, N, H, CANDIDATE * H), right: resets },
    ],
    step(row, n) {
      const states = [at(saved, row), at(saved, row, BEFORE * H)] as const;
      const pointers = [at(gates, row), f32(dh), at(dOutput, row), ...states] as const;
      engine().run("gru_cell_backward_f32", n * H, 0, ...pointers, H, saved.step, dOutput.step, 0);
      gemm(part(dReset, 0, n, H), part(gates, row, n, H, CANDIDATE * H), second, {});
      const reset = [at(gates, row), f32(dh), dReset.ptr, ...states] as const;
      engine().run("gru_reset_backward_f32", n * H, 0, ...reset, H, saved.step);
      gemm(part(rowsOf(dh), 0, n, H), part(gates, row, n, 2 * H), first, { acc: 1 });
    },
  };
}

const cell: Cell = {
  name: "gru",
  gates: 3,
  hasCellState: false,
  forward: (pass) => (pass.variant ? forwardBefore(pass) : forwardAfter(pass)),
  backward: (pass) => (pass.variant ? backwardBefore(pass) : backwardAfter(pass)),
};
const layer = defineLayer(cell);

export interface GruOptions extends RecurrentOptions {
  /** The reset gate acts on the product with the state (PyTorch, cuDNN) rather than on the state before it. */
  readonly resetAfter?: boolean;
}

function resetsBefore(op: string, { resetAfter = true }: { readonly resetAfter?: boolean }): boolean {
  return !flagArgument(op, "resetAfter", resetAfter);
}

/**
 * Layers of gated units over sequences x (B, T, I), or (T, I). h0 (layers · directions, B, H) or null for zeros; weights
 * per layer and direction, gates in the order r, z, n: w_ih (3H, inputs), w_hh (3H, H), b_ih and b_hh (3H), or no biases
 * at all. Gives output (B, T, directions · H) and hn (layers · directions, B, H). torch.nn.GRU, torch.gru
 */
export function gru(
  x: Tensor,
  h0: Tensor | null,
  weights: readonly Tensor[],
  options: GruOptions = {},
): { output: Tensor; hn: Tensor } {
  const variant = resetsBefore("gru", optionsArgument("gru", options));
  return scope(() => {
    const { output, hn } = recurrent({ op: "gru", layer, x, states: [h0], variant }, weights, options);
    return { output, hn };
  });
}

/**
 * One step of `gru`: x (B, I) or (I), the state hx (B, H) or (H), null for zeros → the next state.
 * torch.nn.GRUCell, torch.gru_cell
 */
export function gruCell(
  x: Tensor,
  hx: Tensor | null,
  wIh: Tensor,
  wHh: Tensor,
  bIh: Tensor | null = null,
  bHh: Tensor | null = null,
  options: { resetAfter?: boolean } = {},
): Tensor {
  const variant = resetsBefore("gruCell", optionsArgument("gruCell", options));
  return scope(
    () =>
      recurrentStep({ op: "gruCell", layer, x, states: [hx], variant }, [wIh, wHh, bIh, bHh, null, null]).hn,
  );
}
