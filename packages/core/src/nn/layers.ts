// Layers with parameters of their own. torch.nn.Linear, Bilinear, Embedding, EmbeddingBag, LayerNorm
import { noGrad } from "../autograd/tape.ts";
import { embedding, paddingRow } from "../ops/embedding.ts";
import { embeddingBag } from "../ops/embeddingBag.ts";
import { layerNorm } from "../ops/layerNorm.ts";
import { linear } from "../ops/linear.ts";
import { bilinear } from "../ops/products.ts";
import { select } from "../ops/views.ts";
import { scope } from "../scope.ts";
import type { Shape } from "../shape.ts";
import { empty, type Tensor } from "../tensor.ts";
import { kaimingUniform_, normal_, ones_, uniform_, zeros_ } from "./init.ts";
import { Module, type Packable, Parameter } from "./module.ts";
import { axis, count, flag, notNegative, type Rules, settings, shape, size } from "./options.ts";

/** An uninitialised parameter; what is never initialised, because weights are loaded next, takes no memory before. */
export function parameter(...shape: number[]): Parameter {
  return new Parameter(empty(shape, "f32", undefined, true));
}

interface Features {
  readonly inFeatures: number;
  readonly outFeatures: number;
}

interface BilinearFeatures {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
}

/** y = x Wᵀ + b with weight (outFeatures, inFeatures); uniform in ±1/sqrt(inFeatures) at first. torch.nn.Linear */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, options: { bias?: boolean } = {}) {
    super();
    const { bias } = settings<Features & typeof options>(
      this.constructor.name,
      { inFeatures, outFeatures },
      options,
      { inFeatures: [count], outFeatures: [count], bias: [flag, true] },
    );
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = parameter(outFeatures, inFeatures);
    this.bias = bias ? parameter(outFeatures) : null;
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

/** Σ_ij x1[i] weight[o, i, j] x2[j] + bias[o]; uniform in ±1/sqrt(in1Features) at first. torch.nn.Bilinear */
export class Bilinear extends Module {
  readonly in1Features: number;
  readonly in2Features: number;
  readonly outFeatures: number;
  weight: Parameter;
  bias: Parameter | null;

  constructor(
    in1Features: number,
    in2Features: number,
    outFeatures: number,
    options: { bias?: boolean } = {},
  ) {
    super();
    const { bias } = settings<BilinearFeatures & typeof options>(
      this.constructor.name,
      { in1Features, in2Features, outFeatures },
      options,
      { in1Features: [size], in2Features: [count], outFeatures: [count], bias: [flag, true] },
    );
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = parameter(outFeatures, in1Features, in2Features);
    this.bias = bias ? parameter(outFeatures) : null;
    const bound = 1 / Math.sqrt(in1Features);
    for (const made of [this.weight, this.bias]) if (made !== null) uniform_(made, -bound, bound);
  }

  /** x1 (…, in1Features), x2 (…, in2Features) → (…, outFeatures) */
  forward(x1: Tensor, x2: Tensor): Tensor {
    return bilinear(x1, x2, this.weight, this.bias);
  }
}

export interface EmbeddingLayerOptions {
  /** A row that is zero at first and has no gradient; negative from the end. */
  readonly paddingIdx?: number | null;
}

export interface EmbeddingBagLayerOptions extends EmbeddingLayerOptions {
  readonly mode?: "sum" | "mean" | "max";
  /** The last offset is the end of the last bag. */
  readonly includeLastOffset?: boolean;
}

/** A table of rows; normal at first. */
abstract class Table extends Module {
  declare readonly numEmbeddings: number;
  declare readonly embeddingDim: number;
  readonly paddingIdx: number | null;
  weight: Parameter;

  constructor(
    sizes: { numEmbeddings: number; embeddingDim: number },
    options: EmbeddingLayerOptions,
    more: object = {},
  ) {
    super();
    const layer = this.constructor.name;
    const rules: Rules<typeof sizes & EmbeddingLayerOptions> = {
      numEmbeddings: [count],
      embeddingDim: [count],
      paddingIdx: [axis, null],
      ...more,
    };
    const { paddingIdx, ...fields } = settings(layer, sizes, options, rules);
    const row = paddingRow(layer, paddingIdx, sizes.numEmbeddings);
    Object.assign(this, fields);
    this.paddingIdx = row < 0 ? null : row;
    this.weight = parameter(sizes.numEmbeddings, sizes.embeddingDim);
    normal_(this.weight);
    if (row < 0) return;
    noGrad(() =>
      scope(() => {
        zeros_(select(this.weight, 0, row));
      }),
    );
  }
}

/** Rows of a table by i32 index; normal at first. torch.nn.Embedding */
export class Embedding extends Table {
  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingLayerOptions = {}) {
    super({ numEmbeddings, embeddingDim }, options);
  }

  /** ids (…) → (…, embeddingDim) */
  forward(ids: Tensor): Tensor {
    return embedding(ids, this.weight, { paddingIdx: this.paddingIdx });
  }
}

/** Sums, means or maxima of the rows in each bag of indices. torch.nn.EmbeddingBag */
export class EmbeddingBag extends Table {
  declare readonly mode: "sum" | "mean" | "max";
  declare readonly includeLastOffset: boolean;

  constructor(numEmbeddings: number, embeddingDim: number, options: EmbeddingBagLayerOptions = {}) {
    super({ numEmbeddings, embeddingDim }, options, {
      mode: [["sum", "mean", "max"], "mean"],
      includeLastOffset: [flag, false],
    });
  }

  /** ids (B, n), or a list of them with the `offsets` (B) at which bags start → (B, embeddingDim) */
  forward(ids: Tensor, offsets: Tensor | null = null, perSampleWeights: Tensor | null = null): Tensor {
    const { mode, includeLastOffset, paddingIdx } = this;
    return embeddingBag(ids, this.weight, offsets, { mode, includeLastOffset, paddingIdx, perSampleWeights });
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
    const given = settings<{ normalizedShape: Shape } & typeof options>(
      this.constructor.name,
      { normalizedShape },
      options,
      {
        normalizedShape: [shape],
        eps: [notNegative, 1e-5],
        elementwiseAffine: [flag, true],
        bias: [flag, true],
      },
    );
    const { elementwiseAffine, bias } = given;
    this.normalizedShape = given.normalizedShape;
    this.eps = given.eps;
    this.weight = elementwiseAffine ? parameter(...this.normalizedShape) : null;
    this.bias = elementwiseAffine && bias ? parameter(...this.normalizedShape) : null;
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  forward(x: Tensor): Tensor {
    return layerNorm(x, this.normalizedShape, this.weight, this.bias, this.eps);
  }
}

/** Its input, whatever it was built with. torch.nn.Identity */
export class Identity extends Module {
  constructor(..._ignored: readonly unknown[]) {
    super();
  }

  forward<T>(x: T): T {
    return x;
  }
}
