// The Transformer of "Attention Is All You Need" (arXiv 1706.03762): encoder and decoder layers, stacks of them, and both
// together. torch.nn.TransformerEncoderLayer and its kin: parameter names, defaults (but batchFirst) and masks, whose bool
// true means IGNORE. B batch, T target, S source, E width.
import { arange, zeros } from "../create.ts";
import { optionsArgument, refuse } from "../ops/arguments.ts";
import { add } from "../ops/binary.ts";
import { gt } from "../ops/compare.ts";
import { gelu, relu } from "../ops/unary.ts";
import { unsqueeze } from "../ops/views.ts";
import { where } from "../ops/where.ts";
import { scope } from "../scope.ts";
import type { Tensor } from "../tensor.ts";
import { MultiheadAttention } from "./attention.ts";
import { ModuleList } from "./containers.ts";
import { Dropout } from "./dropouts.ts";
import { skip, xavierUniform_ } from "./init.ts";
import { LayerNorm, Linear } from "./layers.ts";
import { Module } from "./module.ts";
import { requireProbability, requireSizes } from "./options.ts";

export interface TransformerLayerOptions {
  readonly dimFeedforward?: number;
  readonly dropout?: number;
  readonly activation?: "relu" | "gelu" | ((x: Tensor) => Tensor);
  readonly layerNormEps?: number;
  /** Inputs are (B, T, E), the default here; else (T, B, E), PyTorch's default. */
  readonly batchFirst?: boolean;
  /** Norms come before attention and perceptron instead of behind the sum. */
  readonly normFirst?: boolean;
  readonly bias?: boolean;
}

const activations = { relu, gelu: (x: Tensor) => gelu(x) };

/** What both kinds of layers have: a perceptron, norms, dropouts. */
abstract class TransformerLayer extends Module {
  readonly dModel: number;
  readonly nhead: number;
  readonly options: TransformerLayerOptions;
  readonly activation: (x: Tensor) => Tensor;
  readonly normFirst: boolean;
  declare linear1: Linear;
  declare dropout: Dropout;
  declare linear2: Linear;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions) {
    super();
    const { activation = "relu", normFirst = false } = optionsArgument(this.constructor.name, options);
    checkOptions(this.constructor.name, dModel, nhead, options);
    this.dModel = dModel;
    this.nhead = nhead;
    this.options = options;
    this.activation = typeof activation === "string" ? activations[activation] : activation;
    this.normFirst = normFirst;
  }

  protected attention(): MultiheadAttention {
    const { dropout = 0.1, bias = true, batchFirst = true } = this.options;
    return new MultiheadAttention(this.dModel, this.nhead, { dropout, bias, batchFirst });
  }

  protected makePerceptron(): void {
    const { dimFeedforward = 2048, bias = true } = this.options;
    this.linear1 = new Linear(this.dModel, dimFeedforward, { bias });
    this.dropout = this.makeDropout();
    this.linear2 = new Linear(dimFeedforward, this.dModel, { bias });
  }

  protected makeNorm(): LayerNorm {
    const { layerNormEps: eps = 1e-5, bias = true } = this.options;
    return new LayerNorm(this.dModel, { eps, bias });
  }

  protected makeDropout(): Dropout {
    return new Dropout(this.options.dropout ?? 0.1);
  }

  /** linear2(dropout(activation(linear1 x))) */
  protected perceptron(x: Tensor): Tensor {
    const hidden = this.activation(this.linear1.forward(x)); //                   (B, T, dimFeedforward)
    return this.linear2.forward(this.dropout.forward(hidden)); //                 (B, T, E)
  }

  /** x + dropout(body(x)), with the norm inside or around. */
  protected residual(x: Tensor, norm: LayerNorm, drop: Dropout, body: (x: Tensor) => Tensor): Tensor {
    if (this.normFirst) return add(x, drop.forward(body(norm.forward(x))));
    return norm.forward(add(x, drop.forward(body(x))));
  }

  /** A layer of its own, of the same class, with the same options and values. */
  copy(): this {
    const Layer = this.constructor as LayerClass<this>;
    const copy = skip(() => new Layer(this.dModel, this.nhead, this.options));
    copy.loadStateDict(this.stateDict());
    copy.train(this.training);
    return copy;
  }
}

type LayerClass<L> = new (dModel: number, nhead: number, options: TransformerLayerOptions) => L;

export interface EncoderLayerInputs {
  /** (S, S) or (B·H, S, S) */
  readonly srcMask?: Tensor | null;
  /** (B, S) */
  readonly srcKeyPaddingMask?: Tensor | null;
  /** Position t sees 0 … t, beside whatever the mask says. */
  readonly isCausal?: boolean;
}

/** Self-attention and a perceptron. torch.nn.TransformerEncoderLayer */
export class TransformerEncoderLayer extends TransformerLayer {
  self_attn: MultiheadAttention;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options);
    this.self_attn = this.attention();
    this.makePerceptron();
    this.norm1 = this.makeNorm();
    this.norm2 = this.makeNorm();
    this.dropout1 = this.makeDropout();
    this.dropout2 = this.makeDropout();
  }

  /** src (B, S, E) → (B, S, E) */
  forward(src: Tensor, inputs: EncoderLayerInputs = {}): Tensor {
    const {
      srcMask: attnMask,
      srcKeyPaddingMask: keyPaddingMask,
      isCausal,
    } = optionsArgument(this.constructor.name, inputs);
    const masks = { attnMask, keyPaddingMask, isCausal, needWeights: false };
    const x = this.residual(
      src,
      this.norm1,
      this.dropout1,
      (y) => this.self_attn.forward(y, y, y, masks).output,
    );
    return this.residual(x, this.norm2, this.dropout2, (y) => this.perceptron(y));
  }
}

export interface DecoderInputs {
  /** (T, T) or (B·H, T, T); (T, S) or (B·H, T, S) for the memory */
  readonly tgtMask?: Tensor | null;
  readonly memoryMask?: Tensor | null;
  /** (B, T), (B, S) */
  readonly tgtKeyPaddingMask?: Tensor | null;
  readonly memoryKeyPaddingMask?: Tensor | null;
  /** Position t sees 0 … t, beside whatever the mask says. */
  readonly tgtIsCausal?: boolean;
  readonly memoryIsCausal?: boolean;
}

/** Self-attention, attention to the encoder's output, and a perceptron. torch.nn.TransformerDecoderLayer */
export class TransformerDecoderLayer extends TransformerLayer {
  self_attn: MultiheadAttention;
  multihead_attn: MultiheadAttention;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;

  constructor(dModel: number, nhead: number, options: TransformerLayerOptions = {}) {
    super(dModel, nhead, options);
    this.self_attn = this.attention();
    this.multihead_attn = this.attention();
    this.makePerceptron();
    this.norm1 = this.makeNorm();
    this.norm2 = this.makeNorm();
    this.norm3 = this.makeNorm();
    this.dropout1 = this.makeDropout();
    this.dropout2 = this.makeDropout();
    this.dropout3 = this.makeDropout();
  }

  /** tgt (B, T, E), memory (B, S, E) → (B, T, E) */
  forward(tgt: Tensor, memory: Tensor, inputs: DecoderInputs = {}): Tensor {
    optionsArgument(this.constructor.name, inputs);
    const own = {
      attnMask: inputs.tgtMask,
      keyPaddingMask: inputs.tgtKeyPaddingMask,
      isCausal: inputs.tgtIsCausal,
      needWeights: false,
    };
    const cross = {
      attnMask: inputs.memoryMask,
      keyPaddingMask: inputs.memoryKeyPaddingMask,
      isCausal: inputs.memoryIsCausal,
      needWeights: false,
    };
    let x = this.residual(tgt, this.norm1, this.dropout1, (y) => this.self_attn.forward(y, y, y, own).output);
    x = this.residual(
      x,
      this.norm2,
      this.dropout2,
      (y) => this.multihead_attn.forward(y, memory, memory, cross).output,
    );
    return this.residual(x, this.norm3, this.dropout3, (y) => this.perceptron(y));
  }
}

/** A layer that a stack can repeat. */
export interface Repeatable extends Module {
  copy(): Repeatable;
}

/** The layer itself, which the stack takes over, and copies of it. */
function repeated<L extends Repeatable>(stack: string, layer: L, numLayers: number): ModuleList<L> {
  requireSizes(stack, { numLayers });
  if (!(layer instanceof Module) || typeof layer.copy !== "function") {
    refuse(stack, "layer", "a Module with a method copy", layer);
  }
  const copies = Array.from({ length: numLayers - 1 }, () => layer.copy() as L);
  return new ModuleList([layer, ...copies]);
}

export interface EncoderInputs {
  readonly mask?: Tensor | null;
  readonly srcKeyPaddingMask?: Tensor | null;
  readonly isCausal?: boolean;
}

/**
 * `numLayers` layers that begin with the same values; the given one is the first of them. torch.nn.TransformerEncoder
 */
export class TransformerEncoder extends Module {
  layers: ModuleList;
  norm: Module | null;

  constructor(encoderLayer: Repeatable, numLayers: number, options: { norm?: Module | null } = {}) {
    super();
    this.layers = repeated("TransformerEncoder", encoderLayer, numLayers);
    this.norm = optionsArgument(this.constructor.name, options).norm ?? null;
  }

  /** src (B, S, E) → (B, S, E) */
  forward(src: Tensor, inputs: EncoderInputs = {}): Tensor {
    const { mask: srcMask, srcKeyPaddingMask, isCausal } = optionsArgument(this.constructor.name, inputs);
    let x = src;
    for (const layer of this.layers) x = layer.forward(x, { srcMask, srcKeyPaddingMask, isCausal }) as Tensor;
    return this.norm === null ? x : (this.norm.forward(x) as Tensor);
  }
}

/**
 * `numLayers` layers that begin with the same values; the given one is the first of them. torch.nn.TransformerDecoder
 */
export class TransformerDecoder extends Module {
  layers: ModuleList;
  norm: Module | null;

  constructor(decoderLayer: Repeatable, numLayers: number, options: { norm?: Module | null } = {}) {
    super();
    this.layers = repeated("TransformerDecoder", decoderLayer, numLayers);
    this.norm = optionsArgument(this.constructor.name, options).norm ?? null;
  }

  /** tgt (B, T, E), memory (B, S, E) → (B, T, E) */
  forward(tgt: Tensor, memory: Tensor, inputs: DecoderInputs = {}): Tensor {
    let x = tgt;
    for (const layer of this.layers) x = layer.forward(x, memory, inputs) as Tensor;
    return this.norm === null ? x : (this.norm.forward(x) as Tensor);
  }
}

export interface TransformerOptions extends TransformerLayerOptions {
  readonly numEncoderLayers?: number;
  readonly numDecoderLayers?: number;
  /** Used as they are in place of the stacks. */
  readonly customEncoder?: Module | null;
  readonly customDecoder?: Module | null;
}

export interface TransformerInputs extends DecoderInputs {
  readonly srcMask?: Tensor | null;
  readonly srcKeyPaddingMask?: Tensor | null;
  readonly srcIsCausal?: boolean;
}

/** Encoder and decoder, each with a norm at its end; matrices uniform by Glorot's rule. torch.nn.Transformer */
export class Transformer extends Module {
  readonly dModel: number;
  readonly nhead: number;
  encoder: Module;
  decoder: Module;

  constructor(dModel = 512, nhead = 8, options: TransformerOptions = {}) {
    super();
    const {
      numEncoderLayers = 6,
      numDecoderLayers = 6,
      customEncoder,
      customDecoder,
      ...layer
    } = optionsArgument("Transformer", options);
    checkOptions("Transformer", dModel, nhead, layer);
    requireSizes("Transformer", { numEncoderLayers, numDecoderLayers });
    const norm = (): LayerNorm =>
      new LayerNorm(dModel, { eps: layer.layerNormEps ?? 1e-5, bias: layer.bias ?? true });
    this.dModel = dModel;
    this.nhead = nhead;
    this.encoder =
      customEncoder ??
      new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), numEncoderLayers, {
        norm: norm(),
      });
    this.decoder =
      customDecoder ??
      new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), numDecoderLayers, {
        norm: norm(),
      });
    for (const parameter of this.parameters()) if (parameter.rank > 1) xavierUniform_(parameter);
  }

  /** (size, size) f32: −Infinity above the diagonal, 0 elsewhere, to add to scores. */
  static generateSquareSubsequentMask(size: number): Tensor {
    return generateSquareSubsequentMask(size);
  }

  /** src (B, S, E), tgt (B, T, E) → (B, T, E) */
  forward(src: Tensor, tgt: Tensor, inputs: TransformerInputs = {}): Tensor {
    const {
      srcMask: mask,
      srcKeyPaddingMask,
      srcIsCausal: isCausal,
      ...rest
    } = optionsArgument(this.constructor.name, inputs);
    const memory = this.encoder.forward(src, { mask, srcKeyPaddingMask, isCausal }) as Tensor;
    return this.decoder.forward(tgt, memory, rest) as Tensor;
  }
}

/** (size, size) f32: −Infinity above the diagonal, 0 elsewhere, to add to scores. */
export function generateSquareSubsequentMask(size: number): Tensor {
  requireSizes("generateSquareSubsequentMask", { size });
  return scope(() => {
    const positions = arange(size);
    return where(gt(positions, unsqueeze(positions, 1)), -Infinity, zeros([]));
  });
}

function checkOptions(
  layer: string,
  dModel: unknown,
  nhead: unknown,
  options: TransformerLayerOptions,
): void {
  const { dimFeedforward = 2048, dropout = 0.1, activation = "relu" } = options;
  requireSizes(layer, { dModel, nhead, dimFeedforward });
  requireProbability(layer, "dropout", dropout);
  if ((dModel as number) % (nhead as number) !== 0) {
    refuse(layer, "dModel", `a multiple of nhead ${nhead}`, dModel);
  }
  if (typeof activation !== "function" && !Object.hasOwn(activations, activation)) {
    refuse(layer, "activation", '"relu", "gelu" or a function', activation);
  }
}
