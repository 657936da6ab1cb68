// Normalisation layers beside LayerNorm, with PyTorch's parameters and running statistics. torch.nn.RMSNorm, BatchNorm2d,
// GroupNorm, InstanceNorm2d, LocalResponseNorm; papers stand with the functions in ops.
import { noGrad } from "../autograd/tape.ts";
import { full } from "../create.ts";
import { refuse, tensorArgument } from "../ops/arguments.ts";
import { batchNorm, instanceNorm } from "../ops/batchNorm.ts";
import { add } from "../ops/binary.ts";
import { groupNorm } from "../ops/groupNorm.ts";
import { copy_, fill_ } from "../ops/inplace.ts";
import { localResponseNorm } from "../ops/localResponseNorm.ts";
import { rmsNorm } from "../ops/rmsNorm.ts";
import { squeeze, unsqueeze } from "../ops/views.ts";
import { scope } from "../scope.ts";
import type { Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { defineLayer } from "./defineLayer.ts";
import { ones_, zeros_ } from "./init.ts";
import { parameter } from "./layers.ts";
import { Module, type Parameter } from "./module.ts";
import { count, flag, notNegative, type Rules, real, realOrNull, settings, shape, size } from "./options.ts";

/** A scale of ones. */
function scaleOf(...sizes: readonly number[]): Parameter {
  const made = parameter(...sizes);
  ones_(made);
  return made;
}

/** A shift of zeros. */
function shiftOf(...sizes: readonly number[]): Parameter {
  const made = parameter(...sizes);
  zeros_(made);
  return made;
}

export interface ChannelNormOptions {
  readonly eps?: number;
  /** How much of the new statistics goes into the running ones. */
  readonly momentum?: number | null;
  /** Whether there is a learned scale and shift per channel. */
  readonly affine?: boolean;
  readonly trackRunningStats?: boolean;
  /** False leaves out the shift of an affine layer. */
  readonly bias?: boolean;
}

/** Statistics per channel, and their running means under the names they have in checkpoints. */
abstract class ChannelNorm extends Module {
  declare readonly numFeatures: number;
  declare readonly eps: number;
  declare readonly momentum: number | null;
  declare readonly affine: boolean;
  declare readonly trackRunningStats: boolean;
  weight: Parameter | null;
  bias: Parameter | null;
  running_mean: Tensor | null = null;
  running_var: Tensor | null = null;
  num_batches_tracked: Tensor | null = null;

  constructor(numFeatures: number, options: ChannelNormOptions, byDefault: boolean) {
    super();
    const rules: Rules<ChannelNormOptions & { numFeatures: number }> = {
      numFeatures: [count],
      eps: [notNegative, 1e-5],
      momentum: [realOrNull, 0.1],
      affine: [flag, byDefault],
      trackRunningStats: [flag, byDefault],
      bias: [flag, true],
    };
    const { bias, ...given } = settings(this.constructor.name, { numFeatures }, options, rules);
    Object.assign(this, given);
    this.weight = this.affine ? scaleOf(numFeatures) : null;
    this.bias = this.affine && bias ? shiftOf(numFeatures) : null;
    if (!this.trackRunningStats) return;
    this.registerBuffer("running_mean", full([numFeatures], 0));
    this.registerBuffer("running_var", full([numFeatures], 1));
    this.registerBuffer("num_batches_tracked", full([], 0, { dtype: "i32" }));
  }

  /** Numbers of axes that an input may have. */
  protected abstract get ranks(): readonly number[];

  get runningMean(): Tensor | null {
    return this.running_mean;
  }

  get runningVar(): Tensor | null {
    return this.running_var;
  }

  get numBatchesTracked(): Tensor | null {
    return this.num_batches_tracked;
  }

  /** Starts the running statistics again. */
  resetRunningStats(): void {
    for (const [buffer, value] of [
      [this.running_mean, 0],
      [this.running_var, 1],
      [this.num_batches_tracked, 0],
    ] as const)
      if (buffer !== null) fill_(buffer, value);
  }

  protected check(x: Tensor): void {
    const layer = this.constructor.name;
    if (this.ranks.includes(tensorArgument(layer, "input", x).rank)) return;
    refuse(layer, "input", `of ${this.ranks.join(" or ")} axes`, x, "shape");
  }
}

abstract class BatchNorm extends ChannelNorm {
  /** Without running statistics, those of the batch are taken in evaluation as well; momentum null: of all batches alike. */
  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(numFeatures, options, true);
  }

  /** x (N, C, …) → the same shape */
  forward(x: Tensor): Tensor {
    this.check(x);
    const { running_mean, running_var, weight, bias, eps } = this;
    const training = this.training || running_mean === null;
    if (!this.training || running_mean === null)
      return batchNorm(x, running_mean, running_var, { weight, bias, eps, training });
    const seen = this.num_batches_tracked;
    const momentum = this.momentum ?? (seen === null ? 0 : 1 / (seen.item() + 1));
    const y = batchNorm(x, running_mean, running_var, { weight, bias, eps, training, momentum });
    if (seen !== null) noGrad(() => scope(() => copy_(seen, add(seen, 1))));
    return y;
  }
}

/** Of (N, C) or (N, C, L). */
export class BatchNorm1d extends BatchNorm {
  protected get ranks(): readonly number[] {
    return [2, 3];
  }
}

/** Of (N, C, H, W). */
export class BatchNorm2d extends BatchNorm {
  protected get ranks(): readonly number[] {
    return [4];
  }
}

/** Of (N, C, D, H, W). */
export class BatchNorm3d extends BatchNorm {
  protected get ranks(): readonly number[] {
    return [5];
  }
}

abstract class InstanceNorm extends ChannelNorm {
  /** Neither a scale nor running statistics unless asked for. */
  constructor(numFeatures: number, options: ChannelNormOptions = {}) {
    super(numFeatures, options, false);
  }

  /** x (N, C, …) or (C, …) → the same shape */
  forward(x: Tensor): Tensor {
    this.check(x);
    const { running_mean: runningMean, running_var: runningVar, weight, bias, eps, ranks } = this;
    const useInputStats = this.training || runningMean === null;
    const momentum = this.momentum ?? 0;
    const options = { weight, bias, eps, runningMean, runningVar, useInputStats, momentum };
    if (x.rank === ranks[1]) return instanceNorm(x, options);
    return scope(() => squeeze(instanceNorm(unsqueeze(x, 0), options), 0));
  }
}

/** Of (N, C, L) or (C, L). */
export class InstanceNorm1d extends InstanceNorm {
  protected get ranks(): readonly number[] {
    return [2, 3];
  }
}

/** Of (N, C, H, W) or (C, H, W). */
export class InstanceNorm2d extends InstanceNorm {
  protected get ranks(): readonly number[] {
    return [3, 4];
  }
}

/** Of (N, C, D, H, W) or (C, D, H, W). */
export class InstanceNorm3d extends InstanceNorm {
  protected get ranks(): readonly number[] {
    return [4, 5];
  }
}

/** Normalises groups of numChannels / numGroups channels of (N, C, …). */
export class GroupNorm extends Module {
  readonly numGroups: number;
  readonly numChannels: number;
  readonly eps: number;
  weight: Parameter | null;
  bias: Parameter | null;

  /** `bias: false` leaves out the shift of an affine layer. */
  constructor(
    numGroups: number,
    numChannels: number,
    options: { eps?: number; affine?: boolean; bias?: boolean } = {},
  ) {
    super();
    const layer = this.constructor.name;
    const { eps, affine, bias } = settings<{ numGroups: number; numChannels: number } & typeof options>(
      layer,
      { numGroups, numChannels },
      options,
      {
        numGroups: [size],
        numChannels: [size],
        eps: [notNegative, 1e-5],
        affine: [flag, true],
        bias: [flag, true],
      },
    );
    if (numChannels % numGroups !== 0) {
      refuse(layer, "numGroups", `a divisor of numChannels ${numChannels}`, numGroups);
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.weight = affine ? scaleOf(numChannels) : null;
    this.bias = affine && bias ? shiftOf(numChannels) : null;
  }

  forward(x: Tensor): Tensor {
    return groupNorm(x, this.numGroups, this.weight, this.bias, this.eps);
  }
}

/** Divides by the root mean square over the last axes; eps null is the distance from 1 to the next f32. */
export class RMSNorm extends Module {
  readonly normalizedShape: Shape;
  readonly eps: number | null;
  weight: Parameter | null;

  constructor(
    normalizedShape: number | Shape,
    options: { eps?: number | null; elementwiseAffine?: boolean } = {},
  ) {
    super();
    const given = settings<{ normalizedShape: Shape } & typeof options>(
      this.constructor.name,
      { normalizedShape },
      options,
      { normalizedShape: [shape], eps: [notNegative, null], elementwiseAffine: [flag, true] },
    );
    this.normalizedShape = given.normalizedShape;
    this.eps = given.eps;
    this.weight = given.elementwiseAffine ? scaleOf(...given.normalizedShape) : null;
  }

  forward(x: Tensor): Tensor {
    return rmsNorm(x, this.normalizedShape, this.weight, this.eps);
  }
}

interface LocalResponseSettings {
  readonly alpha?: number;
  readonly beta?: number;
  readonly k?: number;
}

/** Divides (N, C, …) by what `size` channels around each one hold. */
export class LocalResponseNorm extends defineLayer<
  LocalResponseSettings & { size: number },
  [size: number, options?: LocalResponseSettings]
>(
  (x, m) => localResponseNorm(x, m.size, m),
  { size: [size], alpha: [real, 1e-4], beta: [real, 0.75], k: [real, 1] },
  { positional: 1 },
) {}
