// Layers with parameters of their own. torch.nn.Linear, Embedding, LayerNorm, Dropout
import { dropout } from "../ops/dropout.ts";
import { embedding } from "../ops/embedding.ts";
import { layerNorm } from "../ops/layerNorm.ts";
import { linear } from "../ops/linear.ts";
import type { Shape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { kaimingUniform_, normal_, ones_, uniform_, zeros_ } from "./init.ts";
import { Module, type Packable, Parameter } from "./module.ts";

/** An uninitialised parameter. */
export function parameter(...shape: number[]): Parameter {
  return new Parameter(empty(shape));
}

/** y = x Wᵀ + b with weight (outFeatures, inFeatures); uniform in ±1/sqrt(inFeatures) at first. torch.nn.Linear */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: { bias?: boolean } = {}) {
    super();
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = parameter(outFeatures, inFeatures);
    this.bias = options.bias === false ? null : parameter(outFeatures);
    kaimingUniform_(this.weight, Math.sqrt(5));
    const bound = inFeatures > 0 ? 1 / Math.sqrt(inFeatures) : 0;
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  /** x (…, inFeatures) → (…, outFeatures) */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias);
  }

  override packable(): Packable {
    return { weight: this.weight, transposed: true };
  }
}

/** Rows of a table by i32 index; normal at first. torch.nn.Embedding */
export class Embedding extends Module {
  readonly numEmbeddings: number;
  readonly embeddingDim: number;
  weight: Parameter;

  constructor(numEmbeddings: number, embeddingDim: number) {
    super();
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.weight = parameter(numEmbeddings, embeddingDim);
    normal_(this.weight);
  }

  /** ids (…) → (…, embeddingDim) */
  forward(ids: Tensor): Tensor {
    return embedding(ids, this.weight);
  }
}

/** Normalises over the last axes. torch.nn.LayerNorm, arXiv 1607.06450 */
export class LayerNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(
    normalizedShape: number | Shape,
    options: { eps?: number; elementwiseAffine?: boolean; bias?: boolean } = {},
  ) {
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.weight = elementwiseAffine ? parameter(...this.normalizedShape) : null;
    this.bias = elementwiseAffine && bias ? parameter(...this.normalizedShape) : null;
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, this.eps);
  }
}

/** Zeroes elements with probability p while training. torch.nn.Dropout */
export class Dropout extends Module {
  readonly p: number;

  constructor(p = 0.5) {
    super();
    this.p = p;
  }

  forward(x: Tensor): Tensor {
    return dropout(x, this.p, this.training);
  }
}
