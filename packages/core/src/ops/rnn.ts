// h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu of it. Elman, "Finding structure in time", 1990. torch.nn.RNN
import { engine } from "../engine.ts";
import { scope } from "../scope.ts";
import { empty, f32, type Tensor } from "../tensor.ts";
import { choiceArgument, optionsArgument } from "./arguments.ts";
import { gemm } from "./gemm.ts";
import { type RecurrentOptions, recurrent, recurrentStep } from "./recurrent.ts";
import {
  at,
  type Cell,
  defineLayer,
  part,
  projectInputs,
  repeatedMatrix,
  rowsOf,
  sumOfBiases,
} from "./recurrentLayer.ts";

/** The output itself is what backward needs, so the gates are computed there; kept: the state before each step. */
const cell: Cell = {
  name: "rnn",
  gates: 1,
  hasCellState: false,
  forward(pass) {
    const { output, recording, N, H, h, variant } = pass;
    projectInputs(pass, output, sumOfBiases(pass));
    const hidden = repeatedMatrix(pass.weights.hh, true, pass);
    const kept = empty([recording ? N : 0, H]);
    const before = rowsOf(kept);
    return {
      kept,
      step(row, n) {
        gemm(part(output, row, n, H), part(rowsOf(h), 0, n, H), hidden, { acc: 1 });
        const states = [at(output, row), f32(h), recording ? at(before, row) : f32(null)] as const;
        engine().run("rnn_cell_f32", n * H, 0, ...states, H, output.step, H, Number(variant));
      },
    };
  },
  backward(pass) {
    const { kept, output, dOutput, N, H, h: dh, variant } = pass;
    const gates = rowsOf(empty([N, H]));
    const hidden = repeatedMatrix(pass.weights.hh, false, pass);
    const all = part(gates, 0, N, H);
    return {
      inputGates: all,
      hiddenGates: all,
      hidden: [{ begin: 0, left: all, right: part(rowsOf(kept), 0, N, H) }],
      step(row, n) {
        const pointers = [at(gates, row), f32(dh), at(dOutput, row), at(output, row)] as const;
        const steps = [dOutput.step, output.step] as const;
        engine().run("rnn_cell_backward_f32", n * H, 0, ...pointers, H, ...steps, Number(variant));
        gemm(part(rowsOf(dh), 0, n, H), part(gates, row, n, H), hidden, {});
      },
    };
  },
};

const layer = defineLayer(cell);

export interface RnnOptions extends RecurrentOptions {
  readonly nonlinearity?: "tanh" | "relu";
}

function isRelu(op: string, nonlinearity: unknown): boolean {
  return choiceArgument(op, "nonlinearity", nonlinearity, ["tanh", "relu"]) === "relu";
}

/**
 * Layers of tanh or relu units over sequences x (B, T, I), or (T, I). h0 (layers · directions, B, H) or null for zeros;
 * weights per layer and direction: w_ih (H, inputs), w_hh (H, H), b_ih and b_hh (H), or no biases at all. Gives output
 * (B, T, directions · H) and hn (layers · directions, B, H). torch.nn.RNN, torch.rnn_tanh, torch.rnn_relu
 */
export function rnn(
  x: Tensor,
  h0: Tensor | null,
  weights: readonly Tensor[],
  options: RnnOptions = {},
): { output: Tensor; hn: Tensor } {
  const { nonlinearity = "tanh" } = optionsArgument("rnn", options);
  const variant = isRelu("rnn", nonlinearity);
  return scope(() => {
    const { output, hn } = recurrent({ op: "rnn", layer, x, states: [h0], variant }, weights, options);
    return { output, hn };
  });
}

/**
 * One step of `rnn`: x (B, I) or (I), the state hx (B, H) or (H), null for zeros → the next state.
 * torch.nn.RNNCell, torch.rnn_tanh_cell, torch.rnn_relu_cell
 */
export function rnnCell(
  x: Tensor,
  hx: Tensor | null,
  wIh: Tensor,
  wHh: Tensor,
  bIh: Tensor | null = null,
  bHh: Tensor | null = null,
  options: { nonlinearity?: "tanh" | "relu" } = {},
): Tensor {
  const { nonlinearity = "tanh" } = optionsArgument("rnnCell", options);
  const variant = isRelu("rnnCell", nonlinearity);
  return scope(
    () =>
      recurrentStep({ op: "rnnCell", layer, x, states: [hx], variant }, [wIh, wHh, bIh, bHh, null, null]).hn,
  );
}
