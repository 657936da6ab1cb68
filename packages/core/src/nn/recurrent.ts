// Recurrent layers and their cells, with parameters under PyTorch's names: weight_ih_l0, weight_hh_l0_reverse, …
// torch.nn.RNN, GRU, LSTM, RNNCell, GRUCell, LSTMCell. Peepholes, which PyTorch lacks, are weight_peephole_l0, ….
import { integerArgument, optionsArgument, rangeArgument } from "../ops/arguments.ts";
import { gru, gruCell } from "../ops/gru.ts";
import { type LstmState, lstm, lstmCell } from "../ops/lstm.ts";
import { rnn, rnnCell } from "../ops/rnn.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { uniform_ } from "./init.ts";
import { parameter } from "./layers.ts";
import { Module, type Parameter } from "./module.ts";

export interface RecurrentLayerOptions {
  readonly numLayers?: number;
  readonly bias?: boolean;
  /** Input and output are (B, T, …); false for (T, B, …). */
  readonly batchFirst?: boolean;
  /** Probability of zeroing outputs between layers, while training. */
  readonly dropout?: number;
  readonly bidirectional?: boolean;
}

export interface ForwardOptions {
  /** Steps of each sequence; what lies behind them has no effect. */
  readonly lengths?: Tensor | readonly number[] | null;
}

/** What the parameters of one direction, or of a cell, are made of. */
interface Form {
  readonly gates: number;
  readonly hidden: number;
  readonly bias: boolean;
  readonly projSize?: number;
  readonly peephole?: boolean;
}

/** Names and shapes in the order the ops take them. */
function* parametersOf(
  { gates, hidden, bias, projSize = 0, peephole }: Form,
  inputs: number,
): Generator<[string, Shape]> {
  const rows = gates * hidden;
  yield ["weight_ih", [rows, inputs]];
  yield ["weight_hh", [rows, projSize || hidden]];
  if (bias) {
    yield ["bias_ih", [rows]];
    yield ["bias_hh", [rows]];
  }
  if (projSize > 0) yield ["weight_hr", [projSize, hidden]];
  if (peephole) yield ["weight_peephole", [3 * hidden]];
}

/** A module whose parameters are found by the names made for them; uniform in ±1/sqrt(hiddenSize) at first. */
abstract class Recurrent extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;

  constructor(inputSize: number, hiddenSize: number, bias: boolean) {
    super();
    this.inputSize = integerArgument(this.constructor.name, "inputSize", inputSize, 0);
    this.hiddenSize = integerArgument(this.constructor.name, "hiddenSize", hiddenSize, 1);
    this.bias = bias;
  }

  /** Makes one direction's parameters under names that end in `suffix`. */
  protected make(form: Form, inputs: number, suffix: string): void {
    const fields = this as unknown as Record<string, Parameter>;
    const bound = 1 / Math.sqrt(form.hidden);
    for (const [name, shape] of parametersOf(form, inputs)) {
      const made = parameter(...shape);
      uniform_(made, -bound, bound);
      fields[name + suffix] = made;
    }
  }

  /** A parameter, or null where this module has none of the name. */
  protected named(name: string): Parameter | null {
    return (this as unknown as Record<string, Parameter | undefined>)[name] ?? null;
  }
}

abstract class RecurrentLayers extends Recurrent {
  readonly numLayers: number;
  readonly batchFirst: boolean;
  readonly dropout: number;
  readonly bidirectional: boolean;

  constructor(
    inputSize: number,
    hiddenSize: number,
    gates: number,
    options: RecurrentLayerOptions & { projSize?: number; peephole?: boolean },
  ) {
    const {
      numLayers = 1,
      bias = true,
      batchFirst = true,
      dropout = 0,
      bidirectional = false,
    } = optionsArgument(new.target.name, options);
    super(inputSize, hiddenSize, bias);
    const layer = this.constructor.name;
    this.numLayers = integerArgument(layer, "numLayers", numLayers, 1);
    this.batchFirst = batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    rangeArgument(layer, "dropout", dropout, 0, 1);
    const projSize = integerArgument(layer, "projSize", options.projSize ?? 0, 0, hiddenSize - 1);
    const form = { gates, hidden: hiddenSize, bias, projSize, peephole: options.peephole };
    const above = (bidirectional ? 2 : 1) * (projSize || hiddenSize);
    for (const [suffix, layer] of this.#suffixes()) this.make(form, layer === 0 ? inputSize : above, suffix);
  }

  *#suffixes(): Generator<[string, number]> {
    for (let layer = 0; layer < this.numLayers; layer++) {
      yield [`_l${layer}`, layer];
      if (this.bidirectional) yield [`_l${layer}_reverse`, layer];
    }
  }

  /** All parameters in PyTorch's flat order. */
  flatWeights(): Parameter[] {
    const kinds = ["weight_ih", "weight_hh", "bias_ih", "bias_hh", "weight_hr", "weight_peephole"];
    const all = [...this.#suffixes()].flatMap(([suffix]) => kinds.map((kind) => this.named(kind + suffix)));
    return all.filter((weight) => weight !== null);
  }

  protected settings(options: ForwardOptions) {
    const { lengths } = optionsArgument(this.constructor.name, options);
    const { numLayers, bidirectional, batchFirst, dropout, training } = this;
    return { numLayers, bidirectional, batchFirst, dropout, training, lengths };
  }
}

/** Layers of tanh or relu units. torch.nn.RNN */
export class RNN extends RecurrentLayers {
  readonly nonlinearity: "tanh" | "relu";

  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentLayerOptions & { nonlinearity?: "tanh" | "relu" } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  /** x (B, T, I) or (T, I), h0 (layers · directions, B, H) → output (B, T, directions · H), hn as h0. */
  forward(x: Tensor, h0: Tensor | null = null, options: ForwardOptions = {}): { output: Tensor; hn: Tensor } {
    const { nonlinearity } = this;
    return rnn(x, h0, this.flatWeights(), { ...this.settings(options), nonlinearity });
  }
}

/** Layers of gated recurrent units, gates r, z, n. torch.nn.GRU */
export class GRU extends RecurrentLayers {
  readonly resetAfter: boolean;

  /** `resetAfter: false` is the paper's GRU: the reset gate acts before the matrix product (ONNX linear_before_reset=0). */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentLayerOptions & { resetAfter?: boolean } = {},
  ) {
    super(inputSize, hiddenSize, 3, options);
    this.resetAfter = options.resetAfter ?? true;
  }

  /** x (B, T, I) or (T, I), h0 (layers · directions, B, H) → output (B, T, directions · H), hn as h0. */
  forward(x: Tensor, h0: Tensor | null = null, options: ForwardOptions = {}): { output: Tensor; hn: Tensor } {
    const { resetAfter } = this;
    return gru(x, h0, this.flatWeights(), { ...this.settings(options), resetAfter });
  }
}

/** Layers of long short-term memory, gates i, f, g, o. torch.nn.LSTM */
export class LSTM extends RecurrentLayers {
  readonly projSize: number;
  readonly peephole: boolean;

  /** `projSize` P > 0 projects h to P. `peephole` lets gates see the cell state: weights (3H), to i, f, o. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentLayerOptions & { projSize?: number; peephole?: boolean } = {},
  ) {
    super(inputSize, hiddenSize, 4, options);
    this.projSize = options.projSize ?? 0;
    this.peephole = options.peephole ?? false;
  }

  /** x (B, T, I) or (T, I), hx = [h0, c0], (layers · directions, B, P or H) → output (B, T, directions · P), hn, cn. */
  forward(
    x: Tensor,
    hx: LstmState | null = null,
    options: ForwardOptions = {},
  ): { output: Tensor; hn: Tensor; cn: Tensor } {
    return lstm(x, hx, this.flatWeights(), this.settings(options));
  }
}

export interface CellOptions {
  readonly bias?: boolean;
}

abstract class RecurrentCell extends Recurrent {
  constructor(
    inputSize: number,
    hiddenSize: number,
    gates: number,
    options: CellOptions & { peephole?: boolean },
  ) {
    const { bias = true, peephole = false } = optionsArgument(new.target.name, options);
    super(inputSize, hiddenSize, bias);
    this.make({ gates, hidden: hiddenSize, bias, peephole }, inputSize, "");
  }

  protected weights(): [Parameter, Parameter, Parameter | null, Parameter | null] {
    const [ih, hh] = [this.named("weight_ih"), this.named("weight_hh")] as [Parameter, Parameter];
    return [ih, hh, this.named("bias_ih"), this.named("bias_hh")];
  }
}

/** One step of an RNN. torch.nn.RNNCell */
export class RNNCell extends RecurrentCell {
  readonly nonlinearity: "tanh" | "relu";

  constructor(
    inputSize: number,
    hiddenSize: number,
    options: CellOptions & { nonlinearity?: "tanh" | "relu" } = {},
  ) {
    super(inputSize, hiddenSize, 1, options);
    this.nonlinearity = options.nonlinearity ?? "tanh";
  }

  /** x (B, I) or (I), hx (B, H) or (H) → the next state. */
  forward(x: Tensor, hx: Tensor | null = null): Tensor {
    return rnnCell(x, hx, ...this.weights(), { nonlinearity: this.nonlinearity });
  }
}

/** One step of a GRU. torch.nn.GRUCell */
export class GRUCell extends RecurrentCell {
  readonly resetAfter: boolean;

  constructor(inputSize: number, hiddenSize: number, options: CellOptions & { resetAfter?: boolean } = {}) {
    super(inputSize, hiddenSize, 3, options);
    this.resetAfter = options.resetAfter ?? true;
  }

  /** x (B, I) or (I), hx (B, H) or (H) → the next state. */
  forward(x: Tensor, hx: Tensor | null = null): Tensor {
    return gruCell(x, hx, ...this.weights(), { resetAfter: this.resetAfter });
  }
}

/** One step of an LSTM. torch.nn.LSTMCell */
export class LSTMCell extends RecurrentCell {
  readonly peephole: boolean;

  constructor(inputSize: number, hiddenSize: number, options: CellOptions & { peephole?: boolean } = {}) {
    super(inputSize, hiddenSize, 4, options);
    this.peephole = options.peephole ?? false;
  }

  /** x (B, I) or (I), hx = [h, c] of (B, H) or (H) → the next states. */
  forward(x: Tensor, hx: LstmState | null = null): { hn: Tensor; cn: Tensor } {
    return lstmCell(x, hx, ...this.weights(), this.named("weight_peephole"));
  }
}
