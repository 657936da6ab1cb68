// Layers that tell positions: the sinusoids of "Attention Is All You Need" added to embeddings, and rotary embeddings
// (arXiv 2104.09864) whose table is made once. Learned positions are an Embedding.
import { optionsArgument, refuse } from "../ops/arguments.ts";
import { add } from "../ops/binary.ts";
import { dropout } from "../ops/dropout.ts";
import { sinusoidalPositions } from "../ops/positions.ts";
import { type RotaryTableOptions, rotaryEmbedding, rotaryTable } from "../ops/rotaryEmbedding.ts";
import { narrow, unsqueeze } from "../ops/views.ts";
import { persistent } from "../scope.ts";
import { Tensor } from "../tensor.ts";
import { Module } from "./module.ts";
import { requireProbability, requireSizes } from "./options.ts";

/** dropout(x + sinusoids): the PositionalEncoding of PyTorch's tutorials. Its table is no part of the state. */
export class PositionalEncoding extends Module {
  readonly dropout: number;
  readonly batchFirst: boolean;
  declare pe: Tensor;

  constructor(dModel: number, options: { dropout?: number; maxLen?: number; batchFirst?: boolean } = {}) {
    super();
    const {
      dropout = 0.1,
      maxLen = 5000,
      batchFirst = true,
    } = optionsArgument("PositionalEncoding", options);
    requireSizes("PositionalEncoding", { dModel, maxLen });
    requireProbability("PositionalEncoding", "dropout", dropout);
    this.dropout = dropout;
    this.batchFirst = batchFirst;
    const table = persistent(() => sinusoidalPositions(maxLen, dModel));
    this.registerBuffer("pe", table, { persistent: false });
  }

  /** x (B, T, E), (T, E), or (T, B, E) unless batchFirst; `offset` is the position of the first. */
  forward(x: Tensor, options: { offset?: number } = {}): Tensor {
    const { offset = 0 } = optionsArgument("PositionalEncoding", options);
    const [maxLen, E] = this.pe.shape;
    const sequence = x instanceof Tensor && x.rank === 3 && !this.batchFirst ? 0 : 1;
    const T = x instanceof Tensor && x.rank >= 2 ? x.size(x.rank === 2 ? 0 : sequence) : 0;
    const fits = x instanceof Tensor && (x.rank === 2 || x.rank === 3) && x.size(-1) === E;
    if (!fits || !Number.isInteger(offset) || offset < 0 || offset + T > maxLen) {
      const wanted = `(B, T, ${E}) with positions below maxLen ${maxLen}, from offset ${String(offset)} on`;
      refuse("PositionalEncoding", "input", wanted, x, "shape");
    }
    const positions = narrow(this.pe, 0, offset, T); //                           (T, E)
    const placed = x.rank === 3 && !this.batchFirst ? unsqueeze(positions, 1) : positions;
    return dropout(add(x, placed), this.dropout, this.training);
  }
}

export interface RotaryLayerOptions extends Omit<RotaryTableOptions, "dim" | "offset"> {
  readonly interleaved?: boolean;
  /** Positions the first table is made for; it grows when more are asked for. */
  readonly maxPositions?: number;
}

/** rotaryEmbedding with a table that is kept. transformers' LlamaRotaryEmbedding, with apply_rotary_pos_emb */
export class RotaryEmbedding extends Module {
  readonly dim: number;
  readonly options: RotaryLayerOptions;
  /** Cosines and sines of the positions seen so far, see rotaryTable. */
  declare table: Tensor | null;

  constructor(dim: number, options: RotaryLayerOptions = {}) {
    super();
    requireSizes("RotaryEmbedding", {
      dim,
      maxPositions: optionsArgument("RotaryEmbedding", options).maxPositions ?? 1,
    });
    this.dim = dim;
    this.options = options;
    this.table = null;
    // Says what is wrong with the options now.
    rotaryTable(0, { ...options, dim }).dispose();
  }

  /** x (…, T, D) at positions offset …, or at `positions`, an i32 tensor as rotaryEmbedding takes it. */
  forward(x: Tensor, at: { offset?: number; positions?: Tensor | null } = {}): Tensor {
    const { positions = null, offset = 0 } = optionsArgument("RotaryEmbedding", at);
    const { interleaved, base, scaling } = this.options;
    const table = { dim: this.dim, base, scaling };
    const rank = x instanceof Tensor ? x.rank : 0;
    // The dynamic scaling has a table for each length.
    if (
      positions !== null ||
      rank < 2 ||
      scaling?.type === "dynamic" ||
      !Number.isInteger(offset) ||
      offset < 0
    )
      return rotaryEmbedding(x, { ...table, positions, offset, interleaved });
    const rows = narrow(this.#tableOf(offset + x.size(-2)), 0, offset, x.size(-2));
    return rotaryEmbedding(x, { table: rows, interleaved });
  }

  #tableOf(length: number): Tensor {
    const known = this.table;
    if (known !== null && known.size(0) >= length) return known;
    const { base, scaling, maxPositions = 512 } = this.options;
    const grown = Math.max(length, known === null ? maxPositions : Math.min(2 * known.size(0), 2 ** 20));
    const table = persistent(() => rotaryTable(grown, { dim: this.dim, base, scaling }));
    known?.dispose("a longer table took its place");
    this.registerBuffer("table", table, { persistent: false });
    return table;
  }
}
